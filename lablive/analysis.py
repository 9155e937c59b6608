"""A whole trial at once: events, strides and metrics, as ``lablive analyze`` writes.

The rows go through the same pipeline as in live view; times stay those of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.gait.contacts import ContactSide, ContactSource
from lablive.gait.strides import Reason
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import MetricValue
from lablive.preparation import Prepared, prepare
from lablive.protocol.session import SessionStatistics, session_statistics
from lablive.recording.pieces import in_pieces
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.pipeline import Pipeline
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

SCHEMA: Final = 1


class StreamSummary(msgspec.Struct, frozen=True):
    """One stream of the file."""

    name: str
    type: str
    rate_hz: float
    samples: int
    lost: int


class GapSummary(msgspec.Struct, frozen=True):
    """One recorded loss; ``rows_lost`` None means unknown."""

    stream: str
    t_s: float
    duration_s: float
    rows_lost: int | None


class Event(msgspec.Struct, frozen=True):
    """Initial contact or toe-off of one foot."""

    t_s: float
    side: ContactSide
    kind: Literal["ic", "to"]
    source: ContactSource


class StrideSummary(msgspec.Struct, frozen=True):
    """One stride, why it does not count, and what the belt did; NaN = unknown."""

    side: ContactSide
    ic_s: float
    to_s: float | None
    next_ic_s: float
    valid: bool
    reasons: tuple[Reason, ...]
    speed_mps: float
    incline_pct: float


class Analysis(msgspec.Struct, frozen=True):
    """Everything ``lablive analyze`` writes; times on the file's own clock.

    ``notes``: what a reader of the numbers must know, one sentence each. ``session``:
    baseline, change, drift and blocks (docs/session.md).
    """

    schema: int
    file: str
    duration_s: float
    streams: tuple[StreamSummary, ...]
    gaps: tuple[GapSummary, ...]
    events: tuple[Event, ...]
    strides: tuple[StrideSummary, ...]
    metrics: dict[str, MetricValue]
    drill: None = None
    notes: tuple[str, ...] = ()
    session: SessionStatistics = SessionStatistics()


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """A trial after its pipeline: for the report, which draws curves as well.

    Attributes
    ----------
    analysis
        The numbers.
    prepared
        What the trial was read with: binding, calibration, notes.
    pipeline
        Finished pipeline with contacts, strides and their curves.
    """

    analysis: Analysis
    prepared: Prepared
    pipeline: Pipeline


def analyze(
    trial: Trial | Path,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
) -> Analysis:
    """Compute events, strides and metrics of a trial.

    Parameters
    ----------
    trial
        An open trial or its file.
    montage
        Which channel measures what; None = the trial's own, else the streams' labels.
    calibrations
        In place of the trial's own; None = those.

    Raises
    ------
    RecordingError, ConfigError
        The file is no trial, the montage does not fit it, or the calibrations given
        were made with other insoles.
    """
    return analyze_trial(trial, montage, calibrations).analysis


def analyze_trial(
    trial: Trial | Path,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
) -> Analysed:
    """Do :func:`analyze` and keep the pipeline, for what is drawn from strides."""
    if not isinstance(trial, Path):
        return _analyse(trial, montage, calibrations)
    opened = Trial(trial)
    try:
        return _analyse(opened, montage, calibrations)
    finally:
        opened.close()


def analysis_json(analysis: Analysis) -> bytes:
    """Return the analysis as JSON, NaN as null."""
    return msgspec.json.format(msgspec.json.encode(analysis), indent=1)


def _analyse(
    trial: Trial, montage: Montage | None, calibrations: Calibrations | None
) -> Analysed:
    prepared = prepare(trial, montage, calibrations)
    pipeline = prepared.pipeline()
    for marker in trial.markers:
        pipeline.mark(marker)
    for item in in_pieces(trial.chunks(sorted(pipeline.wanted))):
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample()
    metrics = {metric.id: sample.summarise(metric) for metric in METRICS.values()}
    session = session_statistics(sample, trial.markers)
    analysis = Analysis(
        schema=SCHEMA,
        file=trial.path.name,
        duration_s=trial.duration_s,
        streams=tuple(_streams(trial)),
        gaps=tuple(_gaps(trial)),
        events=tuple(
            Event(contact.t_s, contact.side, contact.kind, contact.source)
            for contact in pipeline.contacts
            if contact.kind in ("ic", "to")
        ),
        strides=tuple(_strides(pipeline)),
        metrics=metrics,
        notes=(
            *prepared.notes,
            *(found.text for found in pipeline.findings()),
            *session.problems,
        ),
        session=session,
    )
    return Analysed(analysis, prepared, pipeline)


def _streams(trial: Trial) -> Iterator[StreamSummary]:
    for info in trial.streams:
        lost = sum(gap.rows_lost or 0 for gap in trial.gaps if gap.stream == info.id)
        rows = trial.rows(info.id)
        yield StreamSummary(info.name, info.type, info.rate_hz, rows, lost)


def _strides(pipeline: Pipeline) -> Iterator[StrideSummary]:
    belt, incline = pipeline.results.belt, pipeline.results.incline
    for s in (record.stride for record in pipeline.strides):
        yield StrideSummary(
            s.side,
            s.ic_s,
            s.to_s,
            s.next_ic_s,
            s.valid,
            s.reasons,
            belt.at(s.middle_s),
            incline.at(s.middle_s),
        )


def _gaps(trial: Trial) -> Iterator[GapSummary]:
    names = {info.id: info.name for info in trial.streams}
    for gap in trial.losses:
        name = names.get(gap.stream, str(gap.stream))
        yield GapSummary(name, gap.t_s, gap.duration_s, gap.rows_lost)
