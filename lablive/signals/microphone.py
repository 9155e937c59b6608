"""A microphone before it is believed: its gain, and whether it levels sound out.

Metric reference 5.2, drivers reference 4.11. A gain belongs to one input of one
machine with its level control as it stood: it is dated, and never overwritten.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.errors import CalibrationError, RecordingError
from lablive.structs import from_json
from lablive.whole_file import replace_json

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.messages import Floats

FILE_NAME: Final = "microphones.json"
LEAST_CLAP_DB: Final = 4.0  # two equal claps at 1 m and 3 m: 9.5 dB in free air
CLICK_STEP_DB: Final = 6.0
CLICK_TOLERANCE_DB: Final = 0.5
_APART_S: Final = 0.3  # of two claps
_WINDOW_S: Final = 0.02  # a clap or a click is over after this
_OVER_NOISE_DB: Final = 15.0

Kind = Literal["claps", "clicks"]


class MicrophoneGain(msgspec.Struct, frozen=True):
    """Sound pressure per full scale of one input, measured at ``made_at``."""

    device: str
    pa_per_fs: float
    made_at: str


class LevelCheck(msgspec.Struct, frozen=True):
    """What two sounds of known difference came out as; ``why`` is empty when good."""

    kind: Kind
    difference_db: float
    ok: bool
    why: str = ""


def check_claps(t_s: Floats, energy: Floats) -> LevelCheck:
    """Judge two equal claps, the first at 1 m, the second at 3 m.

    Parameters
    ----------
    t_s
        Times of level rows, shape (rows,).
    energy
        Mean squares of one weighting, shape (rows,); NaN = missing.

    Raises
    ------
    CalibrationError
        There are not two clear claps.
    """
    peaks = _two_loudest(t_s, energy)
    difference_db = 10 * float(np.log10(peaks[0] / peaks[1]))
    ok = difference_db >= LEAST_CLAP_DB
    why = (
        ""
        if ok
        else (
            f"The clap at 3 m is only {difference_db:.1f} dB softer than the one at 1 m"
            f" ({LEAST_CLAP_DB:g} dB or more are expected): the system evens loudness "
            "out. Turn off automatic gain, noise suppression and sound enhancements."
        )
    )
    return LevelCheck("claps", difference_db, ok, why)


def check_clicks(t_s: Floats, energy: Floats, at_s: Floats) -> LevelCheck:
    """Judge clicks played alternately at full level and 6 dB below.

    Parameters
    ----------
    t_s, energy
        Level rows as for :func:`check_claps`.
    at_s
        Times of the clicks as heard, shape (clicks,), the loud one first.

    Raises
    ------
    CalibrationError
        The clicks are not heard.
    """
    heard = np.array([_sum(t_s, energy, at) for at in at_s])
    loud, soft = heard[0::2], heard[1::2]
    floor = float(np.nanmedian(energy)) * _rows(t_s)
    if not len(soft) or not np.isfinite(heard).all():
        raise _not_heard("the clicks are not all in the recording")
    if soft.min() < floor * 10 ** (_OVER_NOISE_DB / 10):
        raise _not_heard("the clicks do not stand out of the noise of the room")
    difference_db = float(np.median(10 * np.log10(loud[: len(soft)] / soft)))
    ok = abs(difference_db - CLICK_STEP_DB) <= CLICK_TOLERANCE_DB
    why = (
        ""
        if ok
        else (
            f"Two clicks {CLICK_STEP_DB:g} dB apart were heard {difference_db:.1f} dB "
            "apart: the input is overdriven or evens loudness out. Turn off automatic "
            "gain and sound enhancements, and lower its level."
        )
    )
    return LevelCheck("clicks", difference_db, ok, why)


def find_clicks(t_s: Floats, energy: Floats, every_s: float, count: int) -> Floats:
    """Return when evenly spaced clicks were heard, shape (count,), in seconds.

    The loudest alignment wins: how late loudspeaker and microphone are is not known.

    Raises
    ------
    CalibrationError
        There are too few rows.
    """
    step = round(every_s / float(np.median(np.diff(t_s)))) if len(t_s) > 1 else 0
    x = np.where(np.isfinite(energy), energy, 0.0)
    starts = len(x) - step * (count - 1)
    if not step or starts < 1:
        raise _not_heard("the recording is too short")
    total = sum(x[number * step : number * step + starts] for number in range(count))
    best = int(np.argmax(total))
    margin = round(_WINDOW_S / 4 * step / every_s)
    return t_s[np.maximum(best - margin + step * np.arange(count), 0)]


def _two_loudest(t_s: Floats, energy: Floats) -> tuple[float, float]:
    """Return the energy of the two loudest sounds, in the order they came."""
    x = np.where(np.isfinite(energy), energy, 0.0)
    if len(x) < 2 or not x.any():
        raise _not_heard("no sound came")
    first = int(np.argmax(x))
    away = np.where(np.abs(t_s - t_s[first]) < _APART_S, 0.0, x)
    second = int(np.argmax(away))
    floor = float(np.median(x))
    if away[second] < floor * 10 ** (_OVER_NOISE_DB / 10) or not away[second]:
        raise _not_heard("two clear claps were not heard")
    begins = sorted((float(t_s[first]), float(t_s[second])))
    before, after = (_sum(t_s, x, at - _WINDOW_S / 4) for at in begins)
    return before, after


def _rows(t_s: Floats) -> float:
    return _WINDOW_S / float(np.median(np.diff(t_s)))


def _sum(t_s: Floats, energy: Floats, at_s: float) -> float:
    first, end = np.searchsorted(t_s, (at_s, at_s + _WINDOW_S))
    return float(energy[first:end].sum()) if end > first else float("nan")


def _not_heard(why: str) -> CalibrationError:
    return CalibrationError(
        f"The check of the microphone tells nothing: {why}.",
        still="Levels are shown as before.",
        todo="Repeat it in a quiet room, with a pause between the sounds.",
    )


# ------------------------------------------------------------------------- the gains
def stored_gains(library: Path) -> tuple[MicrophoneGain, ...]:
    """Return every gain ever measured, oldest first; a damaged file is an error.

    Raises
    ------
    RecordingError
        The file cannot be read.
    """
    path = library / FILE_NAME
    if not path.exists():
        return ()
    try:
        return from_json(path.read_bytes(), tuple[MicrophoneGain, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise RecordingError(
            f"{path} cannot be read ({error}).",
            still="Sound is measured as dB rel.",
            todo="Move that file away and calibrate the microphone again.",
        ) from error


def newest_gain(library: Path, device: str) -> MicrophoneGain | None:
    """Return the newest gain of an input, None when it was never calibrated."""
    found = [gain for gain in stored_gains(library) if gain.device == device]
    return found[-1] if found else None


def keep_gain(library: Path, gain: MicrophoneGain) -> Path:
    """Add a gain to those of this machine; the file is whole or as it was.

    Raises
    ------
    RecordingError
        It cannot be read or written.
    """
    path = library / FILE_NAME
    known = (*stored_gains(library), gain)
    try:
        library.mkdir(parents=True, exist_ok=True)
        replace_json(path, known)
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be written ({error.strerror or error}).",
            still="Sound is measured as dB rel.",
            todo="Allow yourself to write there, or set LABLIVE_HOME elsewhere.",
        ) from error
    return path
