"""How far the clocks of a trial's devices are apart, kept beside the trial.

The trial itself is never changed, nor are its results: the offsets are shown, so that
whoever compares devices knows of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.errors import RecordingError
from lablive.names import site_words
from lablive.structs import from_json
from lablive.whole_file import replace_json

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.replay import Trial

SCHEMA: Final = 1
ENDING: Final = ".alignment.json"
IN_THE_OFFSETS: Final = (
    "In these offsets is the way of the shock, too: through the body some milliseconds "
    "from the foot to the pelvis, through the air 3 ms per metre."
)


class SensorOffset(msgspec.Struct, frozen=True):
    """How late one sensor is against the reference; NaN (null) when not known.

    Attributes
    ----------
    sensor, stream
        Role and stream name.
    impulses
        How many it saw.
    n
        On how many of them the offset stands.
    offset_ms, residual_ms, error_ms
        Its times minus those of the reference, standard deviation of single
        impulses, standard error.
    via
        Sensor that saw impulses of both, where they share too few; else "".
    note
        What a reader must know, or why there is no offset.
    """

    sensor: str
    stream: str
    impulses: int
    n: int = 0
    offset_ms: float = float("nan")
    residual_ms: float = float("nan")
    error_ms: float = float("nan")
    via: str = ""
    note: str = ""


class Alignment(msgspec.Struct, frozen=True):
    """What ``lablive align`` found in a trial.

    ``t0_s``: first time of the trial it was made of; ``where``: what was looked at.
    """

    schema: int
    file: str
    t0_s: float
    where: str
    reference: str
    sensors: tuple[SensorOffset, ...]

    @property
    def known(self) -> bool:
        """Whether any offset was found."""
        return any(
            it.sensor != self.reference and not np.isnan(it.offset_ms)
            for it in self.sensors
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The findings as sentences."""
        told = [
            f"{words(it.sensor)} {_late(it.offset_ms)} "
            f"(residual {it.residual_ms:.1f} ms, n {it.n})"
            for it in self.sensors
            if not np.isnan(it.offset_ms) and it.sensor != self.reference
        ]
        if not told:
            return ()
        first = f"clocks against the {words(self.reference)}, by {self.where}: "
        return (f"{first}{'; '.join(told)}. {IN_THE_OFFSETS}",)


def words(role: str) -> str:
    """Return a sensor as a person says it.

    >>> words("imu_shank_left.acc")
    'left shank IMU'
    """
    site = role.partition(".")[0]
    if site == "mic_belt":
        return "microphone"
    if site == "treadmill":
        return "treadmill's force plate"
    kind, _, place = site.partition("_")
    own = f" {role.partition('.')[2]}" if role.endswith(".acc") else ""
    return (
        f"{site_words(place)} IMU"
        if kind == "imu"
        else f"{site_words(f'insole_{place}')}{own}"
    )


def alignment_path(trial: Path) -> Path:
    """Return where the alignment of a trial lies."""
    return trial.with_name(trial.stem + ENDING)


def save(alignment: Alignment, trial: Path) -> Path:
    """Write it beside the trial, in place of an earlier one; whole or not at all.

    Raises
    ------
    RecordingError
        It cannot be written.
    """
    path = alignment_path(trial)
    try:
        replace_json(path, alignment)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be written ({error.strerror or error}).",
            still="The trial is as it was.",
            todo="Write the result elsewhere with --json.",
        ) from error
    return path


def notes_beside(trial: Trial) -> tuple[str, ...]:
    """Return what was found by an earlier alignment of this very trial."""
    path = alignment_path(trial.path)
    if not path.is_file():
        return ()
    try:
        found = from_json(path.read_bytes(), Alignment)
    except (OSError, msgspec.MsgspecError) as error:
        return (f"{path.name} cannot be read ({error}): run lablive align again.",)
    if found.file != trial.path.name or found.t0_s != trial.t0_s:
        return (f"{path.name} is of another recording: run lablive align again.",)
    return found.notes


def _late(offset_ms: float) -> str:
    if abs(offset_ms) < 0.05:
        return "as early"
    return f"{abs(offset_ms):.1f} ms {'later' if offset_ms > 0 else 'earlier'}"
