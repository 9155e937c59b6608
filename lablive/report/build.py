"""Report data of a trial: the analysis of its file and the curves of its strides."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive import __version__
from lablive.metrics.belt import one_speed
from lablive.metrics.registry import METRICS
from lablive.names import HeaderKey
from lablive.recording.verify import stream_reports
from lablive.report.data import (
    Fact,
    FileHash,
    GapLine,
    MeanCurve,
    MetricLine,
    ReportData,
    Sole,
    Stat,
    StreamLine,
)
from lablive.report.figures import mean_curve
from lablive.report.numbers import clock, number
from lablive.report.printed import METRICS as PRINTED
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lablive.analysis import Analysed, Analysis
    from lablive.messages import Floats
    from lablive.metrics.metric import Stat as MetricStat
    from lablive.metrics.metric import StatKey
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import MetricValue, Sample
    from lablive.recording.replay import Trial

_CURVE_SIDES: Final[tuple[StatKey, ...]] = ("left", "right", "both")
# a runner has no double support, a walker no flight: the other one is enough
_EITHER: Final = ("flight_time_ms", "double_support_pct")
_CONTESTED_NOTE: Final = "contested in the literature"


def report_data(trial: Trial, analysed: Analysed) -> ReportData:
    """Return what a report says about an analysed trial.

    Parameters
    ----------
    trial
        The open trial.
    analysed
        Its analysis; every number of the report is one of it.
    """
    analysis, sample = analysed.analysis, analysed.pipeline.results.sample()
    quality = analysis.metrics["event_quality_pct"].stat("both")
    person = trial.header.get(HeaderKey.CODE, "") or trial.path.stem
    started = _started(trial.header.get(HeaderKey.STARTED, ""))
    force, gait_line = _force(sample), _gait_line(sample)
    return ReportData(
        person=person,
        title=", ".join(
            part for part in (f"LabLive session report {person}", started) if part
        ),
        facts=tuple(_facts(trial, analysed, sample, started)),
        streams=tuple(_streams(trial)),
        gaps=tuple(_gaps(trial, analysis)),
        strides_used=quality.n,
        strides_total=quality.n_total,
        metrics=tuple(_lines(analysis, _force_from(sample))),
        files=tuple(_hash(file.path) for file in trial.files),
        software=_software(trial.header.get(HeaderKey.SOFTWARE, "")),
        left_out=_left_out(sample, quality.n_total - quality.n),
        damaged=len(trial.damage),
        part_of=trial.continuation.note,
        remarks=tuple(_remarks(analysed, trial.continuation.note)),
        force_from=_force_from(sample),
        force=force,
        force_missing=_missing(sample, "peak_force_bw"),
        gait_line=gait_line,
        gait_line_missing=_missing(sample, "cop_path"),
        sole=_sole(analysed),
        notes=trial.header.get(HeaderKey.NOTE, ""),
        session=analysis.session,
        t0_s=trial.t0_s,
    )


# ------------------------------------------------------------------- head and data
def _started(text: str) -> str:
    """Return the wall clock of the start to the minute, as the lab read it."""
    try:
        return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return text


def _hash(path: Path) -> FileHash:
    with path.open("rb") as file:
        return FileHash(path.name, hashlib.file_digest(file, "sha256").hexdigest())


def _software(recorded_with: str) -> str:
    own = f"LabLive {__version__}"
    if recorded_with in ("", own):
        return own
    return f"{own}, recorded with {recorded_with}"


def _facts(
    trial: Trial, analysed: Analysed, sample: Sample, started: str
) -> Iterator[Fact]:
    yield Fact("Date", started)
    yield Fact("Protocol", trial.header.get(HeaderKey.PROTOCOL, ""))
    yield Fact("Belt speed", _speed(sample))
    yield Fact("Duration", clock(analysed.analysis.duration_s))
    mass_kg = analysed.prepared.binding.montage.subject.mass_kg
    if mass_kg is not None:
        yield Fact("Body mass", f"{number(mass_kg, 1)} kg")


def _speed(sample: Sample) -> str:
    """Return the belt speed of the strides used, or its range when it changed."""
    strides = [record.stride for record in sample.valid("both")]
    speeds = np.array([sample.belt.at(stride.middle_s) for stride in strides])
    speeds = speeds[np.isfinite(speeds)]
    if not len(speeds):
        return ""
    low, high = np.percentile(speeds, (5.0, 95.0)).tolist()  # not the first steps
    if one_speed(low, high):
        return f"{number(float(np.median(speeds)), 2)} m/s"
    return f"{number(low, 2)} to {number(high, 2)} m/s"


def _streams(trial: Trial) -> Iterator[StreamLine]:
    infos = {info.id: info for info in trial.streams}
    for told in stream_reports(trial):
        counts = infos[told.id].counter_bits > 0 or told.lost > 0
        yield StreamLine(
            told.name,
            told.type,
            told.rate_hz,
            told.rows,
            told.lost if counts else None,
            told.gaps,
            at_least=not told.lost_is_exact,
        )


def _gaps(trial: Trial, analysis: Analysis) -> Iterator[GapLine]:
    for gap, told in zip(trial.losses, analysis.gaps, strict=True):
        at_s = told.t_s - trial.t0_s
        yield GapLine(told.stream, at_s, told.duration_s, told.rows_lost, gap.why)


def _left_out(sample: Sample, n: int) -> dict[str, int]:
    """Count the strides not used by their first reason; they add up to ``n``."""
    found: Counter[str] = Counter()
    for records in sample.records.values():
        for record in records:
            if not record.stride.valid and record.stride.expected:
                found[record.stride.reasons[0]] += record.stride.expected
    if n > found.total():
        found["not seen"] += n - found.total()
    return dict(found)


def _remarks(analysed: Analysed, told: str) -> Iterator[str]:
    for note in analysed.analysis.notes:
        if note != told:  # beside the data quality already
            yield f"{_capital(note).rstrip('.')}."
    late = analysed.pipeline.late_rows
    if late:
        yield f"{late} rows came after a stall had ended without them; not used."


# ----------------------------------------------------------------------- the table
def _lines(analysis: Analysis, force_from: str) -> Iterator[MetricLine]:
    lines = {key: _line(key, analysis, force_from) for key in PRINTED}
    measured = any(not lines[key].missing for key in _EITHER)
    for key, line in lines.items():
        if not (key in _EITHER and line.missing and measured):
            yield line


def _line(key: str, analysis: Analysis, force_from: str) -> MetricLine:
    value, metric = analysis.metrics[key], METRICS[key]
    left, right, both = (_stat(value.stat(side)) for side in _CURVE_SIDES)
    missing = left is right is both is None
    return MetricLine(
        id=key,
        label=_capital(metric.label.replace("in-shoe", force_from)),
        unit=metric.unit,
        left=left,
        right=right,
        both=both,
        asymmetry_pct=_asymmetry_pct(key, analysis),
        grade=metric.grade,
        contested=metric.contested,
        note="" if missing else _note(value),
        missing=value.note if missing else "",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stat(stat: MetricStat) -> Stat | None:
    if not stat.n:
        return None
    sd = stat.sd if np.isfinite(stat.sd) else None
    return Stat(stat.median, sd, stat.n, stat.n_total)


def _note(value: MetricValue) -> str:
    """Return a metric's note without what the report says in its own words."""
    parts = (part for part in value.note.split("; ") if part != _CONTESTED_NOTE)
    return "; ".join(part for part in parts if part)


def _asymmetry_pct(key: str, analysis: Analysis) -> float | None:
    style = PRINTED[key]
    if style.asymmetry:
        stat = analysis.metrics[style.asymmetry].stat("both")
        return stat.median if stat.n else None
    of_session = analysis.session.metrics.get(key)
    if not style.larger or of_session is None or not of_session.asymmetry:
        return None
    found = of_session.asymmetry[0]
    return found.value if found.unit == "%" else None


# ---------------------------------------------------------------------- the curves
def _force(sample: Sample) -> dict[StatKey, MeanCurve]:
    """Return the force curves in body weights."""
    weight = sample.weight.value
    if not np.isfinite(weight):
        return {}
    return _curves(
        sample,
        "peak_force_bw",
        lambda record: (
            None
            if record.force_curve is None
            else record.force_curve.astype(float) / weight
        ),
    )


def _force_from(sample: Sample) -> str:
    sources = {record.stride.source for record in sample.valid("both")}
    return "treadmill" if sources == {"treadmill"} else "in-shoe"


def _gait_line(sample: Sample) -> dict[StatKey, MeanCurve]:
    return _curves(
        sample,
        "cop_ml_excursion_pct",
        lambda record: (
            None if record.gait_line is None else record.gait_line.astype(float)
        ),
    )


def _curves(
    sample: Sample, like: str, curve_of: Callable[[StrideRecord], Floats | None]
) -> dict[StatKey, MeanCurve]:
    """Average the curves of each foot; of both where no foot can be told.

    Parameters
    ----------
    sample, curve_of
        Strides, and the curve of one.
    like
        Metric of the same rows: where it is withheld, so is the curve.
    """
    keys: tuple[StatKey, ...] = sample.sides or ("both",)
    found: dict[StatKey, MeanCurve] = {}
    for key in keys:
        shown = np.isfinite(sample.measured(METRICS[like], key))
        records = zip(sample.valid(key), shown, strict=True)
        curves = [curve_of(record) for record, show in records if show]
        known = [curve for curve in curves if curve is not None]
        mean = mean_curve(known, sample.expected(key))
        if mean is not None:
            found[key] = mean
    return found


def _missing(sample: Sample, metric: str) -> str:
    """Return why there is no curve of what a metric measures."""
    lacks = sample.lacks(METRICS[metric])
    return "needs two valid strides" if lacks == "not measured" else lacks


def _sole(analysed: Analysed) -> Sole | None:
    layouts = (foot.layout for foot in feet(analysed.prepared.binding).values())
    layout = next((layout for layout in layouts if layout is not None), None)
    if layout is None:
        return None
    return Sole(
        title=layout.title,
        width_per_length=layout.width_mm / layout.length_mm,
        cells=tuple((cell.x, cell.y) for cell in layout.cells),
        outline=layout.outline,
    )
