"""Report data of a trial: the analysis of its file and the curves of its strides."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from lablive import __version__
from lablive.editing.edit import words
from lablive.metrics.belt import one_speed
from lablive.names import HeaderKey
from lablive.recording.verify import stream_reports
from lablive.report import curves
from lablive.report.data import (
    Fact,
    FileHash,
    GapLine,
    ReportData,
    StreamLine,
)
from lablive.report.lines import metric_lines
from lablive.report.noted import calibration_lines, drill_sets, entries_of
from lablive.report.numbers import clock, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.analysis import Analysed, Analysis
    from lablive.metrics.summary import Sample
    from lablive.recording.replay import Trial


def report_data(
    trial: Trial, analysed: Analysed, pelvis: curves.PelvisWatch | None = None
) -> ReportData:
    """Return what a report says about an analysed trial, in no language yet.

    Parameters
    ----------
    trial
        The open trial.
    analysed
        Its analysis; every number of the report is one of it.
    pelvis
        What the analysis showed of the pelvis; None = its curve is not drawn.
    """
    analysis, sample = analysed.analysis, analysed.pipeline.results.sample()
    quality = analysis.metrics["event_quality_pct"].stat("both")
    person = trial.header.get(HeaderKey.CODE, "") or trial.path.stem
    started = _started(trial.header.get(HeaderKey.STARTED, ""))
    force_from = _force_from(sample)
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
        metrics=tuple(metric_lines(analysis, sample, force_from)),
        files=tuple(_hash(file.path) for file in trial.files),
        software=_software(trial.header.get(HeaderKey.SOFTWARE, "")),
        left_out=_left_out(sample, quality.n_total - quality.n),
        damaged=len(trial.damage),
        part_of=trial.continuation.note,
        remarks=tuple(_remarks(analysed, trial.continuation.note)),
        force_from=force_from,
        force=curves.force_curves(sample),
        force_missing=curves.why_missing(sample, "peak_force_bw"),
        gait_line=curves.gait_lines(sample),
        gait_line_missing=curves.why_missing(sample, "cop_path"),
        sole=curves.sole(analysed),
        soles=curves.peak_pressures(trial, analysed, sample),
        pelvis=pelvis.curves(sample) if pelvis else {},
        traces=curves.traces(sample, trial.t0_s),
        notes=trial.header.get(HeaderKey.NOTE, ""),
        entries=entries_of(trial.markers, trial.t0_s),
        drills=drill_sets(analysis),
        calibration=tuple(calibration_lines(analysed.prepared.calibrations)),
        edits=tuple(f"{words(it, trial.t0_s)}." for it in analysis.edits),
        focus=analysis.focus,
        session=analysis.session,
        t0_s=trial.t0_s,
        duration_s=analysis.duration_s,
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
        info = infos[told.id]
        counts = info.counter_bits > 0 or told.lost > 0
        yield StreamLine(
            told.name,
            told.type,
            told.rate_hz,
            told.rows,
            told.lost if counts else None,
            told.gaps,
            at_least=not told.lost_is_exact,
            device=", ".join(it for it in (info.device, info.source_id) if it),
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
            yield f"{note[:1].upper()}{note[1:].rstrip('.')}."
    late = analysed.pipeline.late_rows
    if late:
        yield f"{late} rows came after a stall had ended without them; not used."


def _force_from(sample: Sample) -> str:
    sources = {record.stride.source for record in sample.valid("both")}
    return "treadmill" if sources == {"treadmill"} else "in-shoe"
