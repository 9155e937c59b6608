"""How late the microphone hears a footfall: audio buffers and the way of the sound.

Metric reference, section 5.3: the logarithmic level averaged around initial contacts
has one clear peak at the latency, or there is no latency to be had.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.errors import CalibrationError
from lablive.signals.level_meter import LEVEL_RATE_HZ

if TYPE_CHECKING:
    from lablive.messages import Floats

LONGEST_S: Final = 0.300
FEWEST_STEPS: Final = 20
CLEAR: Final = 1.3  # times the second-best lag

_ROW_S: Final = 1 / LEVEL_RATE_HZ
_OF_STEP: Final = 0.9  # of the step time, else the next footfall could be meant
_ONE_SOUND_S: Final = 0.050  # [design] heel and slap of one footfall lie closer
_LEAST_DB: Final = 3.0  # [design] over the median; noise alone reaches 2
_TINY: Final = 1e-30  # a digital zero has no logarithm


class SoundLatency(msgspec.Struct, frozen=True):
    """Latency of a microphone where it stands; dated and never overwritten.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    microphone
        Where it stands, as the operator calls it.
    latency_s
        From initial contact to the peak of its sound.
    steps
        Footfalls it stands on.
    second_share
        Height at the second-best lag, over 50 ms away, as a share of the best.
    """

    made_at: str
    microphone: str
    latency_s: float
    steps: int
    second_share: float


def estimate_latency(
    t_s: Floats, energy: Floats, ic_s: Floats, *, made_at: str, microphone: str
) -> SoundLatency:
    """Find the latency by matching the level with initial contacts.

    Parameters
    ----------
    t_s, energy
        Level rows of one weighting, shape (rows,), about a minute of running.
    ic_s
        Initial contacts of both feet in time order, shape (steps,).
    made_at, microphone
        As in :class:`SoundLatency`.

    Raises
    ------
    CalibrationError
        Fewer than 20 steps with sound, steps too short, no peak, or two.
    """
    if len(ic_s) < 2:
        raise _error(f"{len(ic_s)} steps are too few, {FEWEST_STEPS} are needed")
    step_s = float(np.median(np.diff(ic_s)))
    lags = int(min(LONGEST_S, _OF_STEP * step_s) * LEVEL_RATE_HZ) + 1
    profile_db, steps = _profile(t_s, energy, ic_s, lags)
    if steps < FEWEST_STEPS:
        raise _error(f"{steps} steps with sound are too few, {FEWEST_STEPS} are needed")
    best, best_db, second_db = _two_peaks(profile_db)
    if best_db < _LEAST_DB:
        raise _error(f"no footfall stands out of the noise ({best_db:.1f} dB)")
    if best_db < CLEAR * second_db:
        raise _error(
            f"two lags are alike ({best_db:.1f} and {second_db:.1f} dB): the sound "
            "does not follow the steps, or each step sounds twice"
        )
    return SoundLatency(made_at, microphone, best * _ROW_S, steps, second_db / best_db)


def _profile(
    t_s: Floats, energy: Floats, ic_s: Floats, lags: int
) -> tuple[Floats, int]:
    """Return the mean level over its median at every lag in ms, and the steps used."""
    known = np.isfinite(energy)
    if not known.any():
        return np.zeros(lags), 0
    level_db = 10 * np.log10(np.where(known, np.maximum(energy, _TINY), np.nan))
    above_db = np.maximum(level_db - np.nanmedian(level_db), 0.0)
    first = t_s.searchsorted(ic_s, side="right") - 1
    inside = (first >= 0) & (first + lags <= len(t_s))
    first = first[inside]
    # rows without a hole: the last one is as late as it is many
    whole = t_s[first + lags - 1] - t_s[first] < lags * _ROW_S + 0.5 * _ROW_S
    windows = above_db[first[whole][:, None] + np.arange(lags)]
    windows = windows[np.isfinite(windows).all(axis=1)]
    if not len(windows):
        return np.zeros(lags), 0
    return windows.mean(axis=0), len(windows)


def _two_peaks(profile_db: Floats) -> tuple[int, float, float]:
    """Return place and height of the best peak, and the height at any other lag."""
    best = int(np.argmax(profile_db))
    other = np.abs(np.arange(len(profile_db)) - best) > _ONE_SOUND_S * LEVEL_RATE_HZ
    second_db = float(np.max(profile_db[other])) if other.any() else 0.0
    return best, float(profile_db[best]), second_db


def _error(why: str) -> CalibrationError:
    return CalibrationError(
        f"The latency of the microphone is not known: {why}.",
        still="The level strip works; levels of single footfalls are not given.",
        todo="Run steadily for 20 s with both insoles, nobody talking, microphone near "
        "the belt.",
    )
