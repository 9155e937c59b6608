"""What people noted in a trial: pain, effort, notes, drills, calibration, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from lablive.protocol.remarks import remarks_of
from lablive.report.data import DrillSet, Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.analysis import Analysis
    from lablive.messages import Marker
    from lablive.report.data import ReportData
    from lablive.signals.calibrations import Calibrations

_STOP: Final = 4  # pain, 0 to 10


def entries_of(markers: Iterable[Marker], t0_s: float) -> tuple[Entry, ...]:
    """Return pain, effort and notes of a trial as they stand now, in order of time.

    Parameters
    ----------
    markers
        Of the trial, in the order of the file.
    t0_s
        Start of the trial.
    """
    remarks, _ = remarks_of(markers)
    return tuple(
        Entry(
            it.t_s - t0_s,
            it.kind,
            it.text,
            None if it.value is None else float(it.value),
        )
        for it in remarks
        if it.kind != "marker" and it.text
    )


def hurt(report: ReportData) -> bool:
    """Tell whether a pain of 4 or more was noted: the limit at which to stop."""
    return any(it.kind == "pain" and (it.value or 0) >= _STOP for it in report.entries)


def drill_sets(analysis: Analysis) -> tuple[DrillSet, ...]:
    """Return the sets of drills of an analysis, in order of time; empty without any."""
    return tuple(
        DrillSet(
            title=it.title,
            passed=it.passed,
            scored=it.passed + it.failed,
            total=it.passed + it.failed + it.not_scored,
            verdict=it.verdict,
            why="; ".join(it.reasons),
            side=it.leg if it.leg in ("left", "right") else "",
        )
        for it in analysis.drills
    )


def calibration_lines(calibrations: Calibrations | None) -> Iterator[str]:
    """Yield a sentence for each part that is calibrated."""
    if not calibrations:
        yield "Nothing was calibrated."
        return
    insole = calibrations.insole
    if insole is not None:
        weighed = ", ".join(
            f"{side} gain {foot.gain:.3g} ({foot.gain_from}), "
            f"zero from {foot.zero_from}"
            for side in ("left", "right")
            if (foot := insole.of(side)) is not None
        )
        yield f"Insoles{_made(insole)}: {weighed}."
    segments = calibrations.segments
    if segments is not None:
        kinds: dict[str, list[str]] = {}
        for own in segments.sites:
            kinds.setdefault(own.axes_from, []).append(own.site.replace("_", " "))
        told = "; ".join(f"{kind}: {', '.join(it)}" for kind, it in kinds.items())
        yield f"IMUs{_made(segments)}: {told}."
        span = segments.pelvic_range
        if span is not None:
            low, high = span.neutral_deg
            yield f"Pelvic neutral zone {low:.0f} to {high:.0f} degrees from standing."
    for reference in calibrations.emg.references:
        muscle = reference.electrode.role.removeprefix("emg_").replace("_", " ")
        yield f"EMG {muscle}: {reference.method}, n {reference.n}{_made(reference)}."
    noise = calibrations.belt_noise
    if noise:
        yield f"Belt noise: {len(noise)} record{'s' if len(noise) > 1 else ''}."
    latency = calibrations.sound_latency
    if latency is not None:
        late_s = getattr(latency, "latency_s", math.nan)
        if math.isfinite(late_s):
            yield f"Microphone: {1000 * late_s:.0f} ms late."


def _made(part: Any) -> str:
    at = str(getattr(part, "made_at", ""))[:16].replace("T", " ")
    return f", {at}" if at else ""
