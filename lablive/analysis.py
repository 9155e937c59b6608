"""A whole trial at once: events, strides and metrics, as ``lablive analyze`` writes.

The rows go through the same pipeline as in live view; times stay those of the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.drills.marks import SetPlan
from lablive.drills.told import ToldDrill, ToldSet, told_drill, told_sets
from lablive.editing.edit import Edit
from lablive.feedback.offers import load_offers
from lablive.gait.contacts import ContactSide, ContactSource
from lablive.gait.strides import Gait, Reason
from lablive.metrics.bands import load_bands
from lablive.metrics.metric import StatKey
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import MetricValue
from lablive.metrics.zones import Zone, time_in_zones
from lablive.preparation import Prepared, prepare
from lablive.protocol.block_card import BlockCard, block_cards
from lablive.protocol.focus import FocusRecord
from lablive.protocol.focus_run import focus_records
from lablive.protocol.remarks import Remark, pain_entries, remarks_of
from lablive.protocol.session import SessionStatistics, session_statistics
from lablive.recording.pieces import in_pieces
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lablive.drills.told import WantedDrill
    from lablive.metrics.metric import StrideData
    from lablive.metrics.summary import Sample
    from lablive.pipeline import Pipeline
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage

SCHEMA: Final = 1
_FEWEST_APART: Final = 10  # strides; the first steps on a belt are fewer
_OF_OTHER_GAIT: Final = {  # what is told in words, and its decimals
    "cadence_spm": 0, "contact_time_ms": 0, "double_support_pct": 0,
    "flight_time_ms": 0, "step_length_m": 2, "peak_force_bw": 2,
}  # fmt: skip


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


class OtherGait(msgspec.Struct, frozen=True):
    """Medians of the gait that was less than half of a trial."""

    gait: Gait
    strides: int
    metrics: dict[str, MetricValue]


class Analysis(msgspec.Struct, frozen=True):
    """Everything ``lablive analyze`` writes; times on the file's own clock.

    ``drill``: the one that was asked for, else the first; ``drills``: every set.
    ``other_gait``: metrics of the walking strides of a runner, or the other way round;
    all else is of the gait that was most. ``notes``: what a reader of the numbers must
    know, one sentence each. ``session``: baseline, change, drift and blocks
    (docs/session.md). ``zones``: time in each part of the band, of those that have one.
    ``edits``: corrections by a person that hold.
    ``remarks``: markers, notes, pain and effort. ``focus``: focus runs; ``blocks``:
    before and after each pause of the run.
    """

    schema: int
    file: str
    duration_s: float
    streams: tuple[StreamSummary, ...]
    gaps: tuple[GapSummary, ...]
    events: tuple[Event, ...]
    strides: tuple[StrideSummary, ...]
    metrics: dict[str, MetricValue]
    drill: ToldDrill | None = None
    drills: tuple[ToldSet, ...] = ()
    notes: tuple[str, ...] = ()
    session: SessionStatistics = SessionStatistics()
    other_gait: OtherGait | None = None
    zones: dict[str, dict[StatKey, Zone]] = {}
    edits: tuple[Edit, ...] = ()
    remarks: tuple[Remark, ...] = ()
    focus: tuple[FocusRecord, ...] = ()
    blocks: tuple[BlockCard, ...] = ()


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
    drill: WantedDrill | None = None,
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
    drill
        What to look for in a trial without a marked set of it; None = what was marked.

    Raises
    ------
    RecordingError, ConfigError
        The file is no trial, the montage does not fit it, or the calibrations given
        were made with other insoles.
    """
    return analyze_trial(trial, montage, calibrations, drill).analysis


def analyze_trial(
    trial: Trial | Path,
    montage: Montage | None = None,
    calibrations: Calibrations | None = None,
    drill: WantedDrill | None = None,
    watch: Callable[[StrideData], None] | None = None,
) -> Analysed:
    """Do :func:`analyze` and keep the pipeline, for what is drawn from strides.

    ``watch`` is shown every valid stride with its rows, for curves.
    """
    if not isinstance(trial, Path):
        return _analyse(trial, montage, calibrations, drill, watch)
    opened = Trial(trial)
    try:
        return _analyse(opened, montage, calibrations, drill, watch)
    finally:
        opened.close()


def analysis_json(analysis: Analysis) -> bytes:
    """Return the analysis as JSON, NaN as null."""
    return msgspec.json.format(msgspec.json.encode(analysis), indent=1)


def _analyse(
    trial: Trial,
    montage: Montage | None,
    calibrations: Calibrations | None,
    wanted: WantedDrill | None,
    watch: Callable[[StrideData], None] | None,
) -> Analysed:
    prepared = prepare(trial, montage, calibrations)
    remarks, wrong_remarks = remarks_of(trial.markers)
    pipeline = prepared.pipeline()
    if watch is not None:
        pipeline.watch(watch)
    for marker in trial.markers:
        pipeline.mark(marker)
    if wanted is not None and not pipeline.drills.has(wanted.drill.id):
        pipeline.drills.begin_whole(SetPlan(wanted.drill), wanted.leg, trial.t0_s)
    for item in in_pieces(trial.chunks(sorted(pipeline.wanted))):
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample()
    metrics = {metric.id: sample.summarise(metric) for metric in METRICS.values()}
    whole = pipeline.results.all_gaits()
    session = session_statistics(whole, trial.markers)
    other = _other_gait(pipeline, sample)
    sets = pipeline.drills.sets()
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
        drill=told_drill(sets, wanted.drill if wanted else None),
        drills=told_sets(sets),
        notes=(
            *prepared.notes,
            *(found.text for found in pipeline.findings()),
            *session.problems,
            *wrong_remarks,
            *pipeline.drills.problems,
            *_gaits_told(other, len(sample.valid("both"))),
        ),
        session=session,
        other_gait=other,
        zones=_zones(sample),
        edits=prepared.edits,
        focus=focus_records(
            whole, trial.markers, session, load_offers(), pain_entries(remarks)
        ),
        blocks=block_cards(session),
        remarks=remarks,
    )
    return Analysed(analysis, prepared, pipeline)


def _zones(sample: Sample) -> dict[str, dict[StatKey, Zone]]:
    bands = load_bands()
    found = {it.id: time_in_zones(sample, it, bands) for it in METRICS.values()}
    return {metric_id: zones for metric_id, zones in found.items() if zones}


def _other_gait(pipeline: Pipeline, sample: Sample) -> OtherGait | None:
    for gait, strides in sample.apart.items():
        if strides >= _FEWEST_APART:
            apart = pipeline.results.sample(gait=gait)
            metrics = {it.id: apart.summarise(it) for it in METRICS.values()}
            return OtherGait(gait, strides, metrics)
    return None


def _gaits_told(other: OtherGait | None, strides: int) -> Iterator[str]:
    if other is None:
        return
    most, less = "running", "walking"
    if other.gait == "run":
        most, less = less, most
    told: list[str] = []
    for metric_id, digits in _OF_OTHER_GAIT.items():
        stat = other.metrics[metric_id].stat("both")
        if stat.n:
            metric = METRICS[metric_id]
            told.append(f"{metric.label} {stat.median:.{digits}f} {metric.unit}")
    yield (
        f"{most} and {less} in one trial: all numbers are of the {strides} {most} "
        f"strides; the {other.strides} {less} ones: "
        f"{', '.join(told) or 'nothing was measured'}"
    )


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
