"""Footfall sound from the level stream: peak, exposure level, noise.

Metric reference, section 5. Everything works on rows of ``mic_belt.level`` (A-, C- and
Z-weighted mean squares of one millisecond each, ``t_s`` = begin of the millisecond).
A footfall is heard at its initial contact plus the latency of the microphone.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np

from lablive.errors import CalibrationError
from lablive.signals.emg import sliding_sum
from lablive.signals.level_meter import LEVEL_RATE_HZ, WEIGHTINGS, Weighting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats

REFERENCE_PA2: Final = 4e-10  # (20 uPa)^2; also for FS, where only differences count
BEFORE_S, AFTER_S = 0.020, 0.130  # of a footfall, around the time it is heard
GAP_S: Final = (-0.100, -0.020)  # before a footfall: nothing but the belt
NOT_MEASURABLE_DB, CORRECTED_DB = 3.0, 10.0  # over the noise
SAME_SPEED_MPS: Final = 0.1 + 1e-9  # metric reference 0.2

_ROW_S: Final = 1 / LEVEL_RATE_HZ
_PEAK_ROWS: Final = 10  # of a peak: 10 ms
_MISSING_S: Final = 0.005  # [design] a longer hole may hide most of a footfall
_FLOOR_GAPS, _FEWEST_GAPS = 20, 5  # [design]
_BELT_S: Final = 18  # of the 20 s that are asked for
_WHOLE_SECOND: Final = 0.9  # of its rows
_STEADY_DB: Final = 3.0  # [design] spread of a belt's seconds

Quality = Literal[
    "clear",  # 10 dB or more over the noise
    "noise subtracted",  # 3 to 10 dB
    "not measurable",  # below 3 dB
    "noise not known",
    "missing data",
]


class Footfall(NamedTuple):
    """Sound of one footfall; NaN = not measured, and ``quality`` says why.

    Attributes
    ----------
    sel_db
        Sound exposure level, the noise subtracted when it is known.
    peak_db
        Highest 10 ms level.
    over_noise_db
        Exposure level with the noise in it over that of the noise alone.
    quality
        How far it can be trusted.
    """

    sel_db: float
    peak_db: float
    over_noise_db: float
    quality: Quality


def level_unit(weighting: Weighting, unit: str) -> str:
    """Return the unit of a level: ``dB(A)``, or ``dB rel`` without a calibration.

    ``unit`` is the unit of the level rows: ``Pa^2`` when calibrated.
    """
    return f"dB({weighting})" if unit == "Pa^2" else "dB rel"


def weighted(level: Floats, weighting: Weighting) -> Floats:
    """Return one weighting of level rows (rows, 3), shape (rows,)."""
    return level[:, WEIGHTINGS.index(weighting)]


def decibel(mean_square: float) -> float:
    """Return a level in dB re 20 uPa; NaN when there is no energy."""
    if not mean_square > 0:
        return float("nan")
    return 10 * math.log10(mean_square / REFERENCE_PA2)


def footfall(
    t_s: Floats, energy: Floats, heard_s: float, noise: float = float("nan")
) -> Footfall:
    """Measure one footfall (metric reference, 5.1).

    Parameters
    ----------
    t_s, energy
        Rows of one weighting, shape (rows,), covering -20 to +130 ms.
    heard_s
        Initial contact plus latency.
    noise
        Mean square of the noise in the same unit, NaN = not known.
    """
    (found,) = _footfalls(t_s, energy[:, None], heard_s, [noise])
    return found


def footfalls(
    t_s: Floats, level: Floats, heard_s: float, noise: Floats
) -> tuple[Footfall, Footfall, Footfall]:
    """Do :func:`footfall` for A, C and Z; ``level`` (rows, 3), ``noise`` (3,)."""
    a, c, z = _footfalls(t_s, level, heard_s, noise.tolist())
    return a, c, z


def _footfalls(
    t_s: Floats, level: Floats, heard_s: float, noise: list[float]
) -> list[Footfall]:
    exposures: list[float] = []
    tops: list[float] = []
    for columns, share in _parts(t_s, level, heard_s - BEFORE_S, heard_s + AFTER_S):
        if share is None:
            exposures += [math.nan] * len(columns)
            tops += [math.nan] * len(columns)
            continue
        exposures += (_sums(columns, share) * _ROW_S).tolist()
        tops += np.maximum.reduce(sliding_sum(columns.T, _PEAK_ROWS), axis=0).tolist()
    return [_measured(*it) for it in zip(exposures, tops, noise, strict=True)]


def _measured(exposure: float, top: float, noise: float) -> Footfall:
    nan = float("nan")
    if math.isnan(exposure):
        return Footfall(nan, nan, nan, "missing data")
    peak_db = decibel(top / _PEAK_ROWS)
    sel_db = decibel(exposure)
    if not noise > 0:
        return Footfall(sel_db, peak_db, nan, "noise not known")
    noise_exposure = noise * (BEFORE_S + AFTER_S)
    over_db = sel_db - decibel(noise_exposure)
    if over_db < NOT_MEASURABLE_DB:
        return Footfall(nan, nan, over_db, "not measurable")
    corrected_db = decibel(exposure - noise_exposure)
    quality: Quality = "clear" if over_db >= CORRECTED_DB else "noise subtracted"
    return Footfall(corrected_db, peak_db, over_db, quality)


def _parts(
    t_s: Floats, level: Floats, first_s: float, end_s: float
) -> list[tuple[Floats, Floats | None]]:
    """Return the rows that touch a time, columns first, and how much of each does.

    Shares are None when more than 5 ms are missing, and spread over a shorter hole.
    """
    around = slice(
        int(t_s.searchsorted(first_s - _ROW_S, side="right")),
        int(t_s.searchsorted(end_s)),
    )
    t, columns = t_s[around], level[around].T
    if math.isfinite(np.add.reduce(columns, axis=None)):  # as nearly always
        return [(columns, _shares(t, first_s, end_s))]
    return [
        (rows[None, there], _shares(t[there], first_s, end_s))
        for rows, there in zip(columns, np.isfinite(columns), strict=True)
    ]


def _sums(columns: Floats, share: Floats) -> Floats:
    """Return the sum of each column's shares, whatever columns it comes with."""
    return np.add.reduce(np.multiply(columns, share, order="C"), axis=1)


def _shares(t: Floats, first_s: float, end_s: float) -> Floats | None:
    """Return how much of each row lies in a time; None when too much is missing."""
    share = (np.minimum(t + _ROW_S, end_s) - np.maximum(t, first_s)) / _ROW_S
    share = np.minimum(np.maximum(share, 0.0), 1.0)
    wanted = (end_s - first_s) / _ROW_S
    there = float(np.add.reduce(share))
    if wanted - there > _MISSING_S / _ROW_S:
        return None
    return share * (wanted / there)


def gap_energy(t_s: Floats, level: Floats, heard_s: float) -> Floats:
    """Return the mean squares between two footfalls, shape (3,): A, C, Z.

    From 100 to 20 ms before a footfall is heard, when only the belt sounds; NaN with
    more than 5 ms missing. ``level`` has shape (rows, 3).
    """
    found: list[float] = []
    for columns, share in _parts(t_s, level, heard_s + GAP_S[0], heard_s + GAP_S[1]):
        if share is None:
            found += [math.nan] * len(columns)
        else:
            found += (_sums(columns, share) / np.add.reduce(share)).tolist()
    return np.array(found)


class NoiseFloor:
    """Running median of the newest 20 gaps between footfalls, both feet."""

    def __init__(self) -> None:
        self._gaps: deque[list[float]] = deque(maxlen=_FLOOR_GAPS)

    def feed(self, gap: Floats) -> None:
        """Take the energy of the next gap, shape (3,); NaN does not count."""
        if math.isfinite(np.add.reduce(gap)):
            self._gaps.append(gap.tolist())

    def energy(self, belt: BeltNoise | None = None) -> Floats:
        """Return the noise, shape (3,), NaN when it is not known.

        Until five gaps were heard it is that of the empty belt.
        """
        if len(self._gaps) >= _FEWEST_GAPS:
            gaps, half = np.sort(np.array(self._gaps), axis=0), len(self._gaps) // 2
            return 0.5 * (gaps[half] + gaps[-half - 1])
        if belt is not None:
            return np.array(belt.energy)
        return np.full(len(WEIGHTINGS), np.nan)


class BeltNoise(msgspec.Struct, frozen=True):
    """Noise of the empty belt at one speed; dated and never overwritten.

    Attributes
    ----------
    made_at
        Wall-clock time, ISO 8601 with zone.
    microphone
        Where it stands, as the operator calls it.
    speed_mps
        Speed of the belt.
    energy
        Mean squares A, C, Z in ``unit``.
    unit
        ``Pa^2``, or ``FS^2`` without a calibrated microphone.
    """

    made_at: str
    microphone: str
    speed_mps: float
    energy: tuple[float, float, float]
    unit: str


def measure_belt_noise(
    t_s: Floats,
    level: Floats,
    *,
    speed_mps: float,
    made_at: str,
    microphone: str,
    unit: str,
) -> BeltNoise:
    """Measure the empty belt for 20 s (metric reference, 5.1).

    Parameters
    ----------
    t_s, level
        Level rows, shapes (rows,) and (rows, 3), nobody on the belt.
    speed_mps, made_at, microphone, unit
        As in :class:`BeltNoise`.

    Raises
    ------
    CalibrationError
        Too short, or not steady: somebody talked, stepped or changed the speed.
    """
    seconds = _seconds(t_s, level)
    problem = ""
    if len(seconds) < _BELT_S:
        problem = f"{len(seconds)} s of sound are too few, 20 s are needed"
    elif not (seconds > 0).all():
        problem = "the microphone sends nothing but zero"
    else:
        spread_db = float(np.ptp(10 * np.log10(seconds[:, 0])))
        if spread_db > _STEADY_DB:
            problem = f"its level moved by {spread_db:.1f} dB"
    if problem:
        raise CalibrationError(
            f"The belt noise cannot be used: {problem}.",
            still="The noise between footfalls is used.",
            todo="Let the empty belt run at test speed for 20 s, nobody talking.",
        )
    a, c, z = np.median(seconds, axis=0).tolist()
    return BeltNoise(made_at, microphone, speed_mps, (a, c, z), unit)


def _seconds(t_s: Floats, level: Floats) -> Floats:
    """Return the mean energy of every whole second, shape (seconds, 3)."""
    known = np.isfinite(level).all(axis=1)
    t, rows = t_s[known], level[known]
    if not len(t):
        return np.empty((0, len(WEIGHTINGS)))
    second = np.floor(t - t[0] + 0.5 * _ROW_S).astype(np.intp)
    numbers, counts = np.unique(second, return_counts=True)
    whole = numbers[counts >= _WHOLE_SECOND * LEVEL_RATE_HZ]
    if not len(whole):
        return np.empty((0, len(WEIGHTINGS)))
    return np.array([rows[second == number].mean(axis=0) for number in whole])


def belt_noise_at(
    recorded: Sequence[BeltNoise], microphone: str, unit: str, speed_mps: float
) -> BeltNoise | None:
    """Return the newest record of this microphone within 0.1 m/s of a speed."""
    fits = [
        noise
        for noise in recorded
        if (noise.microphone, noise.unit) == (microphone, unit)
        and abs(noise.speed_mps - speed_mps) <= SAME_SPEED_MPS
    ]
    return fits[-1] if fits else None
