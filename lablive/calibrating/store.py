"""Calibrations of a person in the library: one file each, never changed.

``<library>/people/<code>/calibrations/<date>T<time>.json``. What is offered again is
the newest that fits: same person, same mounting, same devices, not too old.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from lablive.calibrating.calibrate import PART_PHASES, Part
from lablive.calibrating.plan import streams_for
from lablive.calibrating.record import (
    CalibrationRecord,
    device_words,
    load_record,
    record_json,
)
from lablive.errors import CalibrationError, RecordingError
from lablive.recording.folders import check_code
from lablive.signals.calibrations import Calibrations

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.calibrating.rows import About, Lab

# [design] straps, soles and electrodes are put on anew every day; the belt and its
# microphone stay where they are (docs/decisions/0014)
OLDEST: Final[dict[Part, timedelta]] = {
    "insole": timedelta(hours=12),
    "segments": timedelta(hours=12),
    "emg": timedelta(hours=12),
    "sound": timedelta(days=30),
}
_CLOCK_SET_BACK_H: Final = 0.1
PART_FIELDS: Final[dict[Part, tuple[str, ...]]] = {
    "insole": ("insole",),
    "segments": ("segments",),
    "emg": ("emg", "emg_notch_hz"),
    "sound": ("belt_noise", "sound_latency"),
}


class Earlier(NamedTuple):
    """A part of an earlier calibration.

    ``why_not``: why it should not count now, "" when it does. ``usable``: it was made
    with the devices of now, so that nothing but time and putting-on stands against it.
    """

    calibrations: Calibrations
    made_at: str
    why_not: str
    usable: bool


class Offer(NamedTuple):
    """What an earlier calibration can give now.

    Attributes
    ----------
    calibrations
        The newest fitting parts, together.
    made_at
        Part -> when it was made.
    why_not
        Part that is there but does not fit -> why, in words.
    problems
        Files that cannot be read.
    """

    calibrations: Calibrations
    made_at: dict[Part, str]
    why_not: dict[Part, str]
    problems: tuple[str, ...]


def folder_of(library: Path, person: str) -> Path:
    """Return where a person's calibrations lie.

    Raises
    ------
    ConfigError
        The code cannot be part of a file name.
    """
    return library / "people" / check_code(person) / "calibrations"


def save(library: Path, record: CalibrationRecord) -> Path:
    """Write a calibration into a new file of its person; nothing is overwritten.

    Raises
    ------
    RecordingError
        It cannot be written; what was there is as it was.
    """
    folder = folder_of(library, record.person)
    text = record_json(record)
    made = _when(record.made_at) or datetime.now().astimezone()
    stem = made.strftime("%Y-%m-%dT%H%M%S")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = 1
        while True:
            path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.json"
            try:
                write_new(path, text)
            except FileExistsError:
                number += 1
            else:
                return path
    except OSError as error:
        raise RecordingError(
            f"The calibration cannot be kept in {folder} ({error.strerror}).",
            still="It is used in this session.",
            todo="Free space or choose another library folder.",
        ) from error


def write_new(path: Path, text: bytes) -> None:
    """Write a file that is not there yet; FileExistsError when it is."""
    with path.open("xb") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink(missing_ok=True)
            raise


def records(library: Path, person: str) -> tuple[list[CalibrationRecord], list[str]]:
    """Return a person's calibrations, newest first, and what cannot be read."""
    found: list[CalibrationRecord] = []
    problems: list[str] = []
    folder = folder_of(library, person)
    paths = sorted(folder.glob("*.json"), reverse=True) if folder.is_dir() else []
    for path in paths:
        try:
            found.append(load_record(path))
        except CalibrationError as error:
            problems.append(str(error))
    found.sort(key=lambda record: _stamp(record.made_at), reverse=True)
    return found, problems


def offer(library: Path, lab: Lab, about: About, now: datetime) -> Offer:
    """Return the newest parts of earlier calibrations that fit now.

    Parameters
    ----------
    library
        Folder of the library.
    lab
        What is connected.
    about
        Person, mounting and place of the microphone now.
    now
        Wall clock, with zone.
    """
    found, problems = earlier(library, lab, about, now)
    parts: dict[str, Any] = {}
    for part, own in found.items():
        if not own.why_not:
            parts |= {it: getattr(own.calibrations, it) for it in PART_FIELDS[part]}
    return Offer(
        msgspec.structs.replace(Calibrations(), **parts),
        {part: own.made_at for part, own in found.items() if not own.why_not},
        {part: own.why_not for part, own in found.items() if own.why_not},
        problems,
    )


def earlier(
    library: Path, lab: Lab, about: About, now: datetime
) -> tuple[dict[Part, Earlier], tuple[str, ...]]:
    """Return the newest earlier calibration of each part, and unreadable files.

    The newest that fits; where none does, the newest of the same devices with the
    reason why it should not count, else the newest with its reason.
    """
    known, problems = records(library, about.person)
    found: dict[Part, Earlier] = {}
    for part in PART_PHASES:
        here = tuple(
            sorted(device_words(lab.streams[s]) for s in streams_for(lab, [part]))
        )
        for record in _with(part, known) if here else ():
            same = record.devices.get(part) == here and _when(record.made_at)
            why = _misfit(part, record, about, here, now)
            one = Earlier(record.calibrations, record.made_at, why, bool(same))
            if not why:
                found[part] = one
                break
            if part not in found or (one.usable and not found[part].usable):
                found[part] = one
    return found, tuple(problems)


def _with(part: Part, known: list[CalibrationRecord]) -> Iterator[CalibrationRecord]:
    """Yield the records that hold something of a part."""
    nothing = Calibrations()
    for record in known:
        for name in PART_FIELDS[part]:
            if getattr(record.calibrations, name) != getattr(nothing, name):
                yield record
                break


def _misfit(
    part: Part,
    record: CalibrationRecord,
    about: About,
    here: tuple[str, ...],
    now: datetime,
) -> str:
    """Return why a stored part does not count now, empty when it does."""
    when = _when(record.made_at)
    if when is None:
        return "nothing tells when it was made"
    told = when.strftime("%Y-%m-%d %H:%M")
    age_h = (now - when).total_seconds() / 3600
    oldest_h = OLDEST[part].total_seconds() / 3600
    if part == "sound" and record.microphone != about.microphone:
        return f"{told}: the microphone stood at {record.microphone!r}"
    if part != "sound" and record.mounting != about.mounting:
        return f"{told}: sensors were put on anew since"
    if record.devices.get(part) != here:
        return f"{told}: made with other devices"
    if age_h > oldest_h or age_h < -_CLOCK_SET_BACK_H:
        return f"{told}: {age_h:.0f} h old, at most {oldest_h:.0f}"
    return ""


def _when(made_at: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(made_at)
    except ValueError:
        return None
    return when if when.tzinfo else when.astimezone()


def _stamp(made_at: str) -> float:
    when = _when(made_at)
    return when.timestamp() if when else 0.0
