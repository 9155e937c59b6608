"""Orientation of one IMU from accelerometer and gyroscope: VQF, without magnetometer.

VQF 6D (Laidig and Seel 2023; metric reference 0.10) with its default settings, except
that a gyroscope whose bias a stand has shown is not estimated anew in movement
(docs/decisions/0019). A
treadmill is steel with a motor in it, so no magnetometer is used and the heading
drifts. The gyroscope is integrated by the trapezoidal rule over the time that really
passed, which a lost row, an odd rate or a slow sensor needs.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np
from vqf import VQF

from lablive.errors import ConfigError
from lablive.signals.row_steps import LONG, RowSteps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats

TAU_ACC_S: Final = 3.0  # VQF's default: how slowly gravity corrects the gyroscope
RESET_AFTER_S: Final = 0.5  # of missing rows (metric reference 6)
SETTLING_S: Final = 10.0  # after a start or reset (metric reference 6)
RATES_HZ: Final = (30.0, 1000.0)
_SETTLED_DEG: Final = 1.0  # inclination error that still counts as settled
_RECENT_S: Final = 1.0
_SPAN_ROWS: Final = 50
_MANY: Final = 256  # rows


class OrientationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the orientation of one IMU is found.

    Attributes
    ----------
    rate_hz
        Rows per second: the stream's own, or :func:`measured_rate_hz`.
    gyro_bias_rps
        Taken off the gyroscope, in sensor axes: what it showed while it was still. None
        = never seen still: estimated in movement, too.

    Raises
    ------
    ConfigError
        No orientation can be had at this rate.
    """

    rate_hz: float
    gyro_bias_rps: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        low, high = RATES_HZ
        if not low <= self.rate_hz <= high:
            raise ConfigError(
                f"Angles need an IMU of {low:g} to {high:g} rows per second; this one "
                f"sends {self.rate_hz:g}.",
                still="It is recorded.",
                todo="Set the IMU to 200 rows per second.",
            )


class OrientationRows(NamedTuple):
    """Orientation of some rows.

    Attributes
    ----------
    quat
        Sensor to world, ``w x y z``, shape (rows, 4); world z is up, its heading is
        arbitrary and drifts. NaN where a row is missing.
    settled
        False while the inclination may be wrong by more than 1 degree: 10 s after a
        start or a reset, and for some seconds after a gap in fast movement,
        shape (rows,).
    """

    quat: Floats
    settled: NDArray[np.bool_]


class Orientation:
    """Orientation of one IMU, row by row; any cut of the stream gives the same bits.

    A row with a NaN is missing. After missing rows the sensor is taken to have turned
    at the mean of the rates on both sides; after more than 0.5 s the filter begins
    anew.
    """

    def __init__(self, settings: OrientationSettings) -> None:
        self._rate_hz = settings.rate_hz
        self._bias_known = settings.gyro_bias_rps is not None
        self._bias_rps = np.array(settings.gyro_bias_rps or (0.0, 0.0, 0.0))
        self._steps = RowSteps(settings.rate_hz)
        self._filter = self._made()
        self._last_s = -math.inf
        self._settled_s = -math.inf
        self._recent = np.empty((0, 3))  # rates of the last second, the newest last
        self._recent_rows = round(_RECENT_S * settings.rate_hz)

    def feed(self, t_s: Floats, acc: Floats, gyro: Floats) -> OrientationRows:
        """Return the orientation of every row.

        Parameters
        ----------
        t_s
            Times, shape (rows,).
        acc, gyro
            Specific force in m/s^2 and rates in rad/s, shape (rows, 3), sensor axes.
        """
        # one number for all rows is cheaper than looking at each
        if not math.isfinite(_size(acc) + _size(gyro)):
            good = np.isfinite(acc).all(axis=1) & np.isfinite(gyro).all(axis=1)
            quat = np.full((len(t_s), 4), np.nan)
            settled = np.zeros(len(t_s), dtype=bool)
            quat[good], settled[good] = self.feed(t_s[good], acc[good], gyro[good])
            return OrientationRows(quat, settled)
        edges = [0, *self._resets(t_s), len(t_s)]
        pieces: list[OrientationRows] = []
        for number, (first, end) in enumerate(pairwise(edges)):
            if number:
                self._reset(float(t_s[first]))
            if first < end:
                pieces.append(
                    self._turn(t_s[first:end], acc[first:end], gyro[first:end])
                )
        if len(pieces) == 1:
            return pieces[0]
        quats = [np.empty((0, 4)), *(piece.quat for piece in pieces)]
        flags = [np.empty(0, bool), *(piece.settled for piece in pieces)]
        return OrientationRows(np.concatenate(quats), np.concatenate(flags))

    def _resets(self, t_s: Floats) -> list[int]:
        """Return the rows before which the filter begins anew."""
        if not len(t_s):
            return []
        last_s, self._last_s = self._last_s, float(t_s[-1])
        if self._last_s - last_s <= RESET_AFTER_S:
            return []
        silent_s = np.diff(t_s, prepend=last_s)
        return np.flatnonzero(silent_s > RESET_AFTER_S).tolist()

    def _made(self) -> VQF:
        # swinging shanks and feet mislead the estimate: 2 to 3.5 degrees in 5 min of
        # REF-1, against 0.4 for a bias that is 0.1 deg/s off
        return VQF(1.0 / self._rate_hz, motionBiasEstEnabled=not self._bias_known)

    def _reset(self, t_s: float) -> None:
        self._filter = self._made()
        self._steps.restart()
        self._recent = np.empty((0, 3))
        self._settled_s = t_s + SETTLING_S

    def _turn(self, t_s: Floats, acc: Floats, gyro: Floats) -> OrientationRows:
        """Return the orientation of a piece without a reset."""
        steps_s = self._steps.feed(t_s)
        old = self._recent
        if not len(old):
            old = gyro[:1] - self._bias_rps
        recent = np.empty((len(old) + len(gyro), 3))
        recent[: len(old)] = old
        rates = recent[len(old) :]
        _each(np.subtract, gyro, self._bias_rps[None], rates)
        turned = recent[len(old) - 1 : -1] + rates
        share = steps_s * (self._rate_hz / 2)
        _each(np.multiply, turned, share[:, None], turned)
        settled = t_s >= self._settled_s
        for gap in np.flatnonzero(steps_s > LONG / self._rate_hz):
            self._doubt(float(t_s[gap]), float(steps_s[gap]), recent[: len(old) + gap])
            settled[gap:] = t_s[gap:] >= self._settled_s
        self._recent = recent[-self._recent_rows :]
        found = self._filter.updateBatch(turned, np.ascontiguousarray(acc))
        return OrientationRows(found["quat6D"], settled)

    def _doubt(self, t_s: float, gap_s: float, rates: Floats) -> None:
        """Say how long a bridged gap leaves the inclination in doubt.

        A line between the rates on both sides misses about gap^2 / 4 times the
        angular acceleration of the second before; gravity takes the error away with
        the time constant of the filter. With gaps of 15 to 400 ms in REF-1 rows that
        count as settled are wrong by up to 1.5 degrees at pelvis, trunk and thigh, 3.6
        at shank and foot.
        """
        recent = rates[-self._recent_rows :]
        jumps = np.square(np.diff(recent, axis=0)).sum() / max(len(recent) - 1, 1)
        acceleration = math.sqrt(float(jumps)) * self._rate_hz
        missed_deg = math.degrees(gap_s**2 / 4 * acceleration)
        left_deg = _SETTLED_DEG * math.exp((self._settled_s - t_s) / TAU_ACC_S)
        doubt_deg = (left_deg + missed_deg) / _SETTLED_DEG
        self._settled_s = t_s + TAU_ACC_S * math.log(max(doubt_deg, 1e-9))


def _each(work: np.ufunc, x: Floats, by: Floats, out: Floats) -> None:
    """Do ``work(x, by)`` of rows of three, ``by`` of shape (1, 3) or (rows, 1).

    One column after the other when they are many: a loop per row takes far longer.
    """
    if len(x) < _MANY:
        work(x, by, out=out)
        return
    for axis in range(3):
        work(x[:, axis], by[:, min(axis, by.shape[1] - 1)], out=out[:, axis])


def _size(x: Floats) -> float:
    """Return the sum of squares, not finite when one of the values is not."""
    flat = x.reshape(-1)
    # of more than 10,000 values np.dot starts threads, which cost more than they save
    return float(np.einsum("i,i->", flat, flat))


def measured_rate_hz(t_s: Floats) -> float:
    """Return the rows per second of a stream without a nominal rate; 0 = unknown.

    The median over spans of 50 rows, within 5 % also when some rows are lost or four
    share one stamp. ``t_s`` are the times of a second or more, shape (rows,).
    """
    span = min(_SPAN_ROWS, len(t_s) - 1)
    if span < 1:
        return 0.0
    long_s = float(np.median(t_s[span:] - t_s[:-span]))
    return span / long_s if long_s > 0 else 0.0
