"""One calibration as a file: whose, when, on which devices, and what it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from lablive.calibrating.calibrate import PART_PHASES, Outcome, Part, work_out
from lablive.calibrating.phases import Phase, phases_of
from lablive.calibrating.plan import streams_for
from lablive.calibrating.rows import About, Lab
from lablive.calibrating.verdict import PhaseVerdict, worked
from lablive.errors import CalibrationError, RecordingError
from lablive.names import HeaderKey
from lablive.signals.calibrations import (
    Calibrations,
    calibrations_json,
    parse_calibrations,
)
from lablive.structs import from_json, from_plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.messages import StreamInfo
    from lablive.recording.replay import Trial
    from lablive.signals.binding import Binding

SCHEMA: Final = 1


class CalibrationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A calibration as it is stored; never changed afterwards.

    Attributes
    ----------
    made_at, person, mounting, microphone
        As in :class:`lablive.calibrating.rows.About`.
    trial
        Name of the file it was made from, empty when made live without one.
    devices
        Part -> the streams it was made with.
    verdicts
        What became of each phase.
    problems
        Markers that were no phase.
    calibrations
        What pipelines use.
    """

    made_at: str
    person: str
    mounting: str
    microphone: str
    devices: dict[Part, tuple[str, ...]]
    verdicts: tuple[PhaseVerdict, ...]
    calibrations: Calibrations
    trial: str = ""
    problems: tuple[str, ...] = ()

    @property
    def worked(self) -> bool:
        """Whether any phase was good for anything."""
        return worked(self.verdicts)


def about_trial(
    trial: Trial,
    binding: Binding,
    *,
    mass_kg: float | None = None,
    mounting: str = "",
    microphone: str = "",
) -> About:
    """Return whose calibration a trial is, by its header; arguments come first.

    Sensors of a trial without a named mounting are taken as put on that day.
    """
    started = trial.header.get(HeaderKey.STARTED, "")
    return About(
        made_at=started,
        person=trial.header.get(HeaderKey.CODE, ""),
        mounting=mounting or started[:10],
        microphone=microphone or "belt",
        mass_kg=mass_kg or binding.montage.subject.mass_kg or _weighed_kg(trial),
    )


def _weighed_kg(trial: Trial) -> float | None:
    """Return the body mass that the trial's own calibration was made with."""
    text = trial.header.get(HeaderKey.CALIBRATION)
    if not text:
        return None
    try:
        insole = parse_calibrations(text).insole
    except RecordingError:
        return None
    return insole.mass_kg if insole else None


def calibrate_trial(trial: Trial, binding: Binding, about: About) -> CalibrationRecord:
    """Work out the calibration phases that a trial's markers note.

    Without any, the standing window of the montage is a quiet stand.

    Parameters
    ----------
    trial, binding
        The trial, and which channel measures what.
    about
        Person, mounting, body mass, microphone, date.

    Raises
    ------
    CalibrationError
        The trial notes no phase.
    """
    phases, problems = phases_of(trial.markers)
    standing = binding.montage.calibration.standing_s
    if not phases and standing is not None:
        t0_s, t1_s = (trial.t0_s + at_s for at_s in standing)
        phases = (Phase("stand", t0_s, t1_s),)
    if not phases:
        raise CalibrationError(
            "\n  ".join([f"{trial.path.name} notes no calibration phase.", *problems]),
            still="It can be analysed without a calibration.",
            todo='Mark phases while recording ("stand begin", "stand end", kind '
            '"calibration"), or give standing_s in the montage.',
            problems=problems,
        )
    lab = Lab({info.id: info for info in trial.streams}, binding, trial)
    outcome = work_out(lab, phases, about)
    return record_of(
        lab, outcome, phases, about, trial=trial.path.name, problems=problems
    )


def record_of(
    lab: Lab,
    outcome: Outcome,
    phases: Sequence[Phase],
    about: About,
    *,
    trial: str = "",
    problems: tuple[str, ...] = (),
) -> CalibrationRecord:
    """Return what is stored of a calibration."""
    devices: dict[Part, tuple[str, ...]] = {}
    for part in PART_PHASES:
        streams = streams_for(lab, [part])
        if streams:
            devices[part] = tuple(
                sorted(device_words(lab.streams[stream]) for stream in streams)
            )
    return CalibrationRecord(
        made_at=about.made_at,
        person=about.person,
        mounting=about.mounting,
        microphone=about.microphone,
        devices=devices,
        verdicts=outcome.verdicts(phases),
        calibrations=outcome.calibrations,
        trial=trial,
        problems=problems,
    )


def device_words(info: StreamInfo) -> str:
    """Return what tells a stream's device from another's."""
    return f"{info.name} ({info.source_id or info.device})"


def record_json(record: CalibrationRecord) -> bytes:
    """Return the text of a calibration file."""
    parts = msgspec.to_builtins(record)
    inner = msgspec.Raw(calibrations_json(record.calibrations).encode())
    whole = {"schema": SCHEMA, **parts, "calibrations": inner}
    return msgspec.json.format(msgspec.json.encode(whole), indent=1)


def parse_record(text: bytes, name: str) -> CalibrationRecord:
    """Read a calibration file.

    Raises
    ------
    CalibrationError
        It is none, or a newer LabLive wrote it.
    """
    try:
        parts = from_json(text, dict[str, object])
        schema = parts.pop("schema", None)
        if schema != SCHEMA:
            problem = f"it is of schema {schema}, this LabLive knows {SCHEMA}"
        else:
            inner = msgspec.json.encode(parts.pop("calibrations", None)).decode()
            found = from_plain({**parts, "calibrations": {}}, CalibrationRecord)
            return msgspec.structs.replace(
                found, calibrations=parse_calibrations(inner)
            )
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeError) as error:
        problem = str(error)
    except RecordingError as error:
        problem = error.what
    raise CalibrationError(
        f"{name} is no calibration: {problem}.",
        still="No trial is affected.",
        todo='Name a file that "lablive calibrate" wrote.',
    )


def load_record(path: Path) -> CalibrationRecord:
    """Read a calibration file from disk.

    Raises
    ------
    CalibrationError
        It is not there, cannot be read, or is no calibration.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CalibrationError(
            f"{path} cannot be read ({error.strerror}).",
            todo='Name a file that "lablive calibrate" wrote.',
        ) from error
    return parse_record(text, path.name)
