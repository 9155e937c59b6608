"""A whole trial at once: events, strides and metrics, as ``lablive analyze`` writes.

The rows go through the same pipeline as in live view; times stay those of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.errors import CalibrationError, ConfigError, RecordingError
from lablive.gait.contacts import ContactSide, ContactSource
from lablive.gait.strides import Reason
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import MetricValue
from lablive.names import STANDARD_GRAVITY, HeaderKey
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.recording.replay import Trial
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.calibration import (
    Calibration,
    Stretch,
    calibrate,
    lowest_rows,
    parse_calibration,
)
from lablive.signals.insole import feet
from lablive.signals.montage import Montage, parse_montage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.names import Side
    from lablive.signals.binding import Binding
    from lablive.signals.insole import Foot

SCHEMA: Final = 1
_ZERO_FROM_S: Final = 300.0  # after standing, the swing of this long shows the zero
_UNLOADED_BW: Final = 0.15  # an empty shoe reads less


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
    """One stride, and why it does not count."""

    side: ContactSide
    ic_s: float
    to_s: float | None
    next_ic_s: float
    valid: bool
    reasons: tuple[Reason, ...]


class Analysis(msgspec.Struct, frozen=True):
    """Everything ``lablive analyze`` writes; times on the file's own clock."""

    schema: int
    file: str
    duration_s: float
    streams: tuple[StreamSummary, ...]
    gaps: tuple[GapSummary, ...]
    events: tuple[Event, ...]
    strides: tuple[StrideSummary, ...]
    metrics: dict[str, MetricValue]
    drill: None = None


@dataclass(frozen=True, slots=True, eq=False)
class Analysed:
    """A trial after its pipeline: for the report, which draws curves as well.

    Attributes
    ----------
    analysis
        The numbers.
    pipeline
        Finished pipeline with contacts, strides and their curves.
    binding
        Which channel measured what.
    notes
        What a reader must know, one sentence each.
    """

    analysis: Analysis
    pipeline: Pipeline
    binding: Binding
    notes: tuple[str, ...]


def analyze(trial: Trial | Path, montage: Montage | None = None) -> Analysis:
    """Compute events, strides and metrics of a trial.

    Parameters
    ----------
    trial
        An open trial or its file.
    montage
        Which channel measures what; None = the trial's own, else the streams' labels.

    Raises
    ------
    RecordingError, ConfigError
        The file is no trial, or the montage does not fit it.
    """
    return analyze_trial(trial, montage).analysis


def analyze_trial(trial: Trial | Path, montage: Montage | None = None) -> Analysed:
    """Do :func:`analyze` and keep the pipeline, for what is drawn from strides."""
    if not isinstance(trial, Path):
        return _analyse(trial, montage)
    opened = Trial(trial)
    try:
        return _analyse(opened, montage)
    finally:
        opened.close()


def analysis_json(analysis: Analysis) -> bytes:
    """Return the analysis as JSON, NaN as null."""
    return msgspec.json.format(msgspec.json.encode(analysis), indent=1)


def _analyse(trial: Trial, montage: Montage | None) -> Analysed:
    used = montage or _own_montage(trial)
    # a room's montage names devices that were not connected that day; one that is
    # given for this very trial must fit
    binding = bind(used, trial.streams, strict=montage is not None)
    calibration, notes = _calibration(trial, binding)
    pipeline = Pipeline(binding, trial.streams, calibration, PipelineSettings())
    for item in trial.chunks(sorted(pipeline.wanted)):
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample()
    metrics = {metric.id: sample.summarise(metric) for metric in METRICS.values()}
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
        strides=tuple(
            StrideSummary(s.side, s.ic_s, s.to_s, s.next_ic_s, s.valid, s.reasons)
            for s in (record.stride for record in pipeline.strides)
        ),
        metrics=metrics,
    )
    return Analysed(analysis, pipeline, binding, tuple(notes))


def _own_montage(trial: Trial) -> Montage:
    text = trial.header.get(HeaderKey.MONTAGE)
    if text:
        return parse_montage(text, "the trial's own montage")
    return auto_montage(trial.streams)


def _streams(trial: Trial) -> Iterator[StreamSummary]:
    for info in trial.streams:
        lost = sum(gap.rows_lost or 0 for gap in trial.gaps if gap.stream == info.id)
        rows = trial.rows(info.id)
        yield StreamSummary(info.name, info.type, info.rate_hz, rows, lost)


def _gaps(trial: Trial) -> Iterator[GapSummary]:
    names = {info.id: info.name for info in trial.streams}
    for gap in trial.gaps:
        name = names.get(gap.stream, str(gap.stream))
        yield GapSummary(name, gap.t_s, gap.duration_s, gap.rows_lost)


# ------------------------------------------------------------------------ calibration
def _calibration(
    trial: Trial, binding: Binding
) -> tuple[Calibration | None, list[str]]:
    """Return the trial's own calibration, else one from the montage's standing."""
    text = trial.header.get(HeaderKey.CALIBRATION)
    standing = binding.montage.calibration.standing_s
    try:
        if text:
            own = parse_calibration(text)
            feet(binding, own)  # made with the channels of this montage?
            return own, []
        if standing is not None:
            return _from_standing(trial, binding, standing), []
    except (CalibrationError, ConfigError, RecordingError) as error:
        return None, [str(error)]
    return None, ["not calibrated: forces as the sensors say"]


def _from_standing(
    trial: Trial, binding: Binding, standing_s: tuple[float, float]
) -> Calibration | None:
    soles = feet(binding)
    if not soles:
        return None
    start_s, end_s = (trial.t0_s + at_s for at_s in standing_s)
    mass_kg = binding.montage.subject.mass_kg
    swing: dict[Side, Stretch] = {}
    for side, foot in soles.items():
        later = _stretch(trial, foot, end_s, end_s + _ZERO_FROM_S)
        lowest = lowest_rows(foot, later)
        if len(lowest.t_s) and (foot.part_unit != "N" or _empty(foot, lowest, mass_kg)):
            swing[side] = lowest
    return calibrate(
        soles,
        {side: _stretch(trial, foot, start_s, end_s) for side, foot in soles.items()},
        mass_kg=mass_kg,
        made_at=trial.header.get(HeaderKey.STARTED, ""),
        person=trial.header.get(HeaderKey.CODE, ""),
        unloaded=swing,
    )


def _stretch(trial: Trial, foot: Foot, t0_s: float, t1_s: float) -> Stretch:
    return Stretch(*trial.window(foot.force.stream, t0_s, t1_s))


def _empty(foot: Foot, lowest: Stretch, mass_kg: float | None) -> bool:
    """Tell whether the lowest forces can be an empty shoe (newtons)."""
    force_n = foot.raw(lowest.x).sum(axis=1)
    limit_n = _UNLOADED_BW * (mass_kg or 0.0) * STANDARD_GRAVITY
    return bool(force_n.mean() <= limit_n)
