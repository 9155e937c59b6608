"""Lines of the metric tables: values, verdicts, change, time in zone of an analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.bands import load_bands
from lablive.metrics.belt import LEVEL_PCT, one_speed
from lablive.metrics.metric import NAN
from lablive.metrics.registry import METRICS
from lablive.report.data import MetricLine, Shift, Stat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.analysis import Analysis
    from lablive.metrics.bands import Band, Bands, Verdict
    from lablive.metrics.metric import Metric, StatKey
    from lablive.metrics.metric import Stat as MetricStat
    from lablive.metrics.summary import MetricValue, Sample
    from lablive.protocol.session import AtSpeed

KEYS: Final[tuple[StatKey, ...]] = ("left", "right", "both")
# metric -> its symmetry index
_SYMMETRY: Final = {
    "contact_time_ms": "contact_time_si_pct", "step_time_ms": "step_time_si_pct",
    "peak_force_bw": "peak_force_si_pct", "stance_impulse_bw_s": "impulse_si_pct",
}  # fmt: skip
_CONTESTED_NOTE: Final = "contested in the literature"


def metric_lines(
    analysis: Analysis, sample: Sample, force_from: str
) -> Iterator[MetricLine]:
    """Yield a line for every metric, in the order of the metric reference.

    Parameters
    ----------
    analysis
        Every number is one of it.
    sample
        The strides behind it: belt speed and slope, which the bands depend on.
    force_from
        In words, where force was measured.
    """
    bands = load_bands()
    speeds_mps = band_speeds(sample)
    for metric in METRICS.values():
        value = analysis.metrics[metric.id]
        left, right, both = (_stat(value.stat(key)) for key in KEYS)
        missing = left is right is both is None
        label = metric.label.replace("in-shoe", force_from)
        yield MetricLine(
            id=metric.id,
            label=label[:1].upper() + label[1:],
            unit=metric.unit,
            left=left,
            right=right,
            both=both,
            asymmetry_pct=_asymmetry_pct(metric.id, analysis),
            grade=metric.grade,
            contested=metric.contested,
            note="" if missing else _note(value),
            missing=(value.note or "not measured") if missing else "",
            skill=metric.skill,
            direction=metric.direction,
            info=bands.band[metric.id].info,
            band_grade=bands.band[metric.id].grade,
            good=good_span(bands.band[metric.id], speeds_mps),
            verdicts=_verdicts(metric, analysis, bands, speeds_mps),
            shifts=dict(_shifts(metric.id, analysis)),
            zones=analysis.zones.get(metric.id, {}),
        )


def band_speeds(sample: Sample) -> tuple[float, ...]:
    """Return the belt speeds at which a verdict must hold: one, or slow and fast.

    NaN = not known, or a slope: bands were found on the level.
    """
    strides = [record.stride for record in sample.valid("both")]
    if any(abs(sample.incline.at(it.middle_s)) > LEVEL_PCT for it in strides):
        return (NAN,)
    speeds = np.array([sample.belt.at(it.middle_s) for it in strides])
    speeds = speeds[np.isfinite(speeds)]
    if not len(speeds):
        return (NAN,)
    low, high = np.percentile(speeds, (5.0, 95.0)).tolist()  # not the first steps
    if one_speed(low, high):
        return (float(np.median(speeds)),)
    return (low, high)


def good_span(band: Band, speeds_mps: tuple[float, ...]) -> tuple[float, float] | None:
    """Return what is good at these speeds; None without a band, or where they differ.

    A band of the size, whatever the sign, is one around 0.
    """
    if band.info or band.good is None:
        return None
    up = 0.0
    if band.faster is not None:
        above, per = band.faster.above_mps, band.faster.per_mps
        moved = {per * (it - above) if it > above else 0.0 for it in speeds_mps}
        if len(moved) > 1:
            return None
        up = moved.pop()
    low, high = band.good
    return (-high - up, high + up) if band.absolute else (low + up, high + up)


def _verdicts(
    metric: Metric, analysis: Analysis, bands: Bands, speeds_mps: tuple[float, ...]
) -> dict[StatKey, Verdict]:
    """Return the verdict of each side; none where two speeds would differ."""
    band = bands.band[metric.id]
    beside = analysis.metrics[band.poor_with.metric] if band.poor_with else None
    found: dict[StatKey, Verdict] = {}
    for key in KEYS:
        median = analysis.metrics[metric.id].stat(key).median
        other = beside.stat(key).median if beside else NAN
        told: list[Verdict | None]
        told = [bands.judge(metric.id, median, it, other) for it in speeds_mps]
        verdict = told[0]
        if verdict is not None and told.count(verdict) == len(told):
            found[key] = verdict
    return found


def _shifts(metric_id: str, analysis: Analysis) -> Iterator[tuple[StatKey, Shift]]:
    of_session = analysis.session.metrics.get(metric_id)
    if of_session is None:
        return
    for key in KEYS:
        at = at_baseline(of_session.at_speeds(key))
        if at is None or at.change.delta != at.change.delta:
            continue
        change, mdc = at.change, at.baseline.mdc
        threshold = NAN if mdc.why else mdc.threshold
        yield key, Shift(change.delta, threshold, change.verdict == "change", change.n)


def at_baseline(speeds: tuple[AtSpeed, ...]) -> AtSpeed | None:
    """Return the speed that has a baseline, else that of most strides."""
    known = (it for it in speeds if not it.baseline.why)
    return next(known, speeds[0] if speeds else None)


def _stat(stat: MetricStat) -> Stat | None:
    if not stat.n:
        return None
    sd = stat.sd if np.isfinite(stat.sd) else None
    return Stat(stat.median, sd, stat.n, stat.n_total)


def _note(value: MetricValue) -> str:
    """Return a metric's note without what the report says in its own words."""
    parts = (part for part in value.note.split("; ") if part != _CONTESTED_NOTE)
    return "; ".join(part for part in parts if part)


def _asymmetry_pct(metric_id: str, analysis: Analysis) -> float | None:
    index = _SYMMETRY.get(metric_id)
    if index:
        stat = analysis.metrics[index].stat("both")
        return stat.median if stat.n else None
    of_session = analysis.session.metrics.get(metric_id)
    if of_session is None or not of_session.asymmetry:
        return None
    found = of_session.asymmetry[0]
    return found.value if found.unit == "%" else None
