"""A trial made ready for its pipeline: which montage, which calibration.

Live replay and analysis prepare a trial the same way, so that they show the same
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.alignment_file import notes_beside
from lablive.calibrating.calibrate import Outcome, work_out
from lablive.calibrating.phases import Phase
from lablive.calibrating.rows import About, Lab
from lablive.calibrating.verdict import NOTHING
from lablive.editing.corrections import Corrections
from lablive.editing.edit import words
from lablive.editing.edit_file import read_edits
from lablive.editing.exchange import exchanged_binding, exchanged_calibrations
from lablive.errors import CalibrationError, ConfigError, RecordingError
from lablive.gait.force_lane import mid_swing_s
from lablive.messages import Chunk
from lablive.names import HeaderKey
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import Binding, bind
from lablive.signals.body_weight import Stretch, calibrate
from lablive.signals.calibrations import Calibrations, parse_calibrations
from lablive.signals.insole import feet
from lablive.signals.montage import Montage, parse_montage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lablive.editing.edit import Edit, Pair
    from lablive.messages import StreamInfo
    from lablive.names import Side
    from lablive.recording.replay import Trial
    from lablive.signals.calibration import Calibration
    from lablive.signals.insole import Foot

_ZERO_FROM_S: Final = 300.0  # after standing, the swings of this long show the zero


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What a trial is read with.

    Attributes
    ----------
    streams, binding
        Streams of the trial, and which channel measures what.
    calibrations
        What was calibrated; without the insoles forces are as the sensors say.
    notes
        What a reader must know, one sentence each.
    edits
        Corrections by a person that hold; pairs of sensors are exchanged already.
    """

    streams: tuple[StreamInfo, ...]
    binding: Binding
    calibrations: Calibrations
    notes: tuple[str, ...]
    edits: tuple[Edit, ...] = ()

    def pipeline(self) -> Pipeline:
        """Return a fresh pipeline for the trial's chunks."""
        settings = PipelineSettings(corrections=Corrections(self.edits))
        return Pipeline(self.binding, self.streams, self.calibrations, settings)


def prepare(
    trial: Trial, montage: Montage | None, calibrations: Calibrations | None = None
) -> Prepared:
    """Find montage, calibration and edits of a trial.

    Parameters
    ----------
    trial
        The trial.
    montage
        Which channel measures what; None = the trial's own, else the streams' labels.
    calibrations
        In place of the trial's own; None = those.

    Raises
    ------
    ConfigError
        The montage does not fit the streams, or the calibrations given were made with
        other insoles.
    """
    binding = binding_of(trial, montage)
    notes: list[str] = []
    if calibrations is None:
        calibrations, notes = _calibrations(trial, binding)
    else:
        feet(binding, calibrations.insole)  # made with the channels of this montage?
        notes.append("analysed with another calibration than it was recorded with")
    if trial.continuation.note:
        notes.insert(0, trial.continuation.note)
    notes = [*binding.replaced, *notes, *notes_beside(trial)]
    found = read_edits(trial)
    edits = found.holding
    notes += [found.problem] if found.problem else []
    notes += [_sentence(words(edit, trial.t0_s)) for edit in edits]
    pairs: set[Pair] = {edit.pair for edit in edits if edit.pair is not None}
    if pairs:
        binding = exchanged_binding(binding, pairs)
        calibrations = exchanged_calibrations(calibrations, pairs)
    return Prepared(tuple(trial.streams), binding, calibrations, tuple(notes), edits)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def binding_of(trial: Trial, montage: Montage | None) -> Binding:
    """Return which channel of a trial measures what.

    Raises
    ------
    ConfigError
        The montage does not fit the streams.
    """
    # a room's montage names devices that were not connected that day; one that is
    # given for this very trial must fit
    used = montage or _own_montage(trial)
    return bind(used, trial.streams, strict=montage is not None)


def _own_montage(trial: Trial) -> Montage:
    text = trial.header.get(HeaderKey.MONTAGE)
    if text:
        return parse_montage(text, "the trial's own montage")
    return auto_montage(trial.streams)


def _calibrations(trial: Trial, binding: Binding) -> tuple[Calibrations, list[str]]:
    """Return the trial's own calibrations, else what the montage's standing gives."""
    text = trial.header.get(HeaderKey.CALIBRATION)
    standing = binding.montage.calibration.standing_s
    try:
        if text:
            own = parse_calibrations(text)
            feet(binding, own.insole)  # made with the channels of this montage?
            return own, []
        if standing is not None:
            return _from_standing(trial, binding, standing)
    except (CalibrationError, ConfigError, RecordingError) as error:
        return Calibrations(), [str(error)]
    return Calibrations(), list(_uncalibrated(binding))


def _uncalibrated(binding: Binding) -> Iterator[str]:
    """Yield what it means that nothing was calibrated, for the sensors there are."""
    if feet(binding) or binding.source("treadmill.force_z"):
        yield "not calibrated: forces as the sensors say"
    elif any(role.startswith("imu_") for role in binding.sources):
        yield "not calibrated: the IMUs' angles have no zero from quiet standing"


def _from_standing(
    trial: Trial, binding: Binding, standing_s: tuple[float, float]
) -> tuple[Calibrations, list[str]]:
    """Return what a quiet stand of both feet gives, and what it could not."""
    notes: list[str] = []
    insole = None
    try:
        insole = _weighed(trial, binding, standing_s)
    except CalibrationError as error:
        notes.append(str(error))
    start_s, end_s = (trial.t0_s + at_s for at_s in standing_s)
    stand = Phase("stand", start_s, end_s)
    found = work_out(
        Lab({info.id: info for info in trial.streams}, binding, trial),
        [stand],
        About(
            made_at=trial.header.get(HeaderKey.STARTED, ""),
            person=trial.header.get(HeaderKey.CODE, ""),
        ),
        before=Outcome(Calibrations(insole=insole), {}),
        parts=("segments", "emg"),
    )
    (verdict,) = found.verdicts([stand])
    notes += [text for text in verdict.problems if text != NOTHING]
    return found.calibrations, notes


def _weighed(
    trial: Trial, binding: Binding, standing_s: tuple[float, float]
) -> Calibration | None:
    soles = feet(binding)
    if not soles:
        return None
    start_s, end_s = (trial.t0_s + at_s for at_s in standing_s)
    return calibrate(
        soles,
        {side: _stretch(trial, foot, start_s, end_s) for side, foot in soles.items()},
        mass_kg=binding.montage.subject.mass_kg,
        made_at=trial.header.get(HeaderKey.STARTED, ""),
        person=trial.header.get(HeaderKey.CODE, ""),
        unloaded=_swings(trial, binding, soles, end_s),
    )


def _swings(
    trial: Trial, binding: Binding, soles: Mapping[Side, Foot], after_s: float
) -> dict[Side, Stretch]:
    """Return the middle of the swings after standing: each foot in the air."""
    pipeline = Pipeline(binding, trial.streams, None, PipelineSettings())
    for stream in sorted(pipeline.wanted):
        t_s, x = trial.window(stream, after_s, after_s + _ZERO_FROM_S)
        pipeline.feed(Chunk(stream, 0, t_s, x))
    pipeline.finish()
    found: dict[Side, Stretch] = {}
    for side, foot in soles.items():
        rows = _stretch(trial, foot, after_s, after_s + _ZERO_FROM_S)
        spans = [
            mid_swing_s(record.stride.to_s, record.stride.next_ic_s)
            for record in pipeline.strides
            if record.stride.side == side and record.stride.to_s is not None
        ]
        inside = np.zeros(len(rows.t_s), dtype=bool)
        for begin_s, end_s in spans:
            first, end = np.searchsorted(rows.t_s, (begin_s, end_s))
            inside[first:end] = True
        if inside.any():
            found[side] = Stretch(rows.t_s[inside], rows.x[inside])
    return found


def _stretch(trial: Trial, foot: Foot, t0_s: float, t1_s: float) -> Stretch:
    return Stretch(*trial.window(foot.force.stream, t0_s, t1_s))
