"""The axis a foot pitches about, found from its steps.

For a sensor whose mounting nobody described and nothing calibrated: the times of
contact are then right, no angle can be taken from it. For all others: whether the
mounting is the one described, and whether it still is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats

_MOVING_RAD_S: Final = np.radians(100.0)  # [design] a foot in swing turns faster
_FIRST_TRY_S: Final = 4.0  # [design] of moving rows: about five strides
_NEXT_TRY_S: Final = 2.0
_LAST_TRY_S: Final = 20.0
_PAUSE_S: Final = 2.0  # [design] steps with a longer pause between are two bouts
_LOWPASS_HZ: Final = 5.0  # the swing, without the blow of the contact
_LEAST_SHARE: Final = 0.6  # [design] of the rotation, about one axis
_LEAST_SKEW: Final = 0.5  # [design]
_STILL_S: Final = 1.0  # rows before the first movement that are kept


class PitchAxisFinder:
    """Collects the rows of a bout of steps until they tell the axis.

    Parameters
    ----------
    rate_hz
        Rows per second.

    Attributes
    ----------
    t_s, gyro
        Rows of this bout, shapes (rows,) and (rows, 3).
    failed
        Whether 20 s of movement did not tell.
    tried
        Whether steps were looked at that did not tell; later ones may.
    taken
        How many of the rows fed last were needed to know the axis.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._still_rows = int(_STILL_S * rate_hz)
        self._pause_rows = int(_PAUSE_S * rate_hz)
        self.failed = self.tried = False
        self.taken = 0
        self.forget()

    def feed(self, t_s: Floats, gyro: Floats) -> Floats | None:
        """Take rows; return the unit vector of toe-up rotation once it is known."""
        self.t_s = np.concatenate((self.t_s, t_s))
        self.gyro = np.concatenate((self.gyro, gyro))
        self._end += len(t_s)
        moving = np.flatnonzero(np.linalg.norm(gyro, axis=1) > _MOVING_RAD_S)
        for row in (moving + self._end - len(t_s)).tolist():
            self._pause(row)
            self._last = row
            self._moving += 1
            if self._moving >= self._try_rows:
                axis = self._find(self.gyro[: row + 1 - self._first])
                if axis is not None:
                    self.taken = row + 1 - (self._end - len(t_s))
                    return axis
                self.tried = True
                self._try_rows += _NEXT_TRY_S * self._rate_hz
                if self._try_rows > _LAST_TRY_S * self._rate_hz:
                    self.failed = True
                    self.forget()
                    return None
        self._pause(self._end)
        return None

    def forget(self) -> None:
        """Drop the rows and begin anew."""
        self.t_s, self.gyro = np.empty(0), np.empty((0, 3))
        self._first = self._end = 0  # number of the first row kept, and behind the last
        self._last: int | None = None  # the last row that moved
        self._moving = 0
        self._try_rows = _FIRST_TRY_S * self._rate_hz

    def _pause(self, row: int) -> None:
        """Drop the rows of a bout that ended before this row, and of the rest."""
        if self._last is not None and row - self._last > self._pause_rows:
            self._last, self._moving = None, 0
            self._try_rows = _FIRST_TRY_S * self._rate_hz
        drop = row - self._still_rows - self._first
        if self._last is None and drop > 0:
            self.t_s, self.gyro = self.t_s[drop:], self.gyro[drop:]
            self._first += drop

    def _find(self, gyro: Floats) -> Floats | None:
        """Return the main axis of rotation, signed by how a swing begins and ends.

        A swing begins at once, out of the push-off that turns the toes down, and
        runs out into a foot at rest: the pitch rate rises more steeply than it falls.
        """
        from scipy.signal import butter, sosfiltfilt

        sos = butter(2, _LOWPASS_HZ, fs=self._rate_hz, output="sos")
        smooth = sosfiltfilt(sos, gyro, axis=0)
        power, axes = np.linalg.eigh(smooth.T @ smooth)
        change = np.diff(smooth @ axes[:, -1])
        skew = float(np.mean(change**3) / np.mean(change**2) ** 1.5)
        if power[-1] < _LEAST_SHARE * power.sum() or abs(skew) < _LEAST_SKEW:
            return None
        return axes[:, -1] * np.sign(skew)
