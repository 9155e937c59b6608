"""The axis a foot or shank pitches about, found from its first steps.

Only for a sensor whose mounting nobody described and nothing calibrated. The times of
contact are then right; no angle can be taken from such a sensor.
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
_LOWPASS_HZ: Final = 5.0  # the swing, without the blow of the contact
_LEAST_SHARE: Final = 0.6  # [design] of the rotation, about one axis
_LEAST_SKEW: Final = 0.5  # [design]
_STILL_S: Final = 1.0  # rows before the first movement that are kept


class PitchAxisFinder:
    """Collects the rows of the first steps until they tell the axis.

    Parameters
    ----------
    rate_hz
        Rows per second.

    Attributes
    ----------
    t_s, gyro
        Rows seen so far that may hold steps, shapes (rows,) and (rows, 3).
    failed
        Whether 20 s of movement did not tell.
    share
        Part of the rotation that is about the axis, once it is found.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._try_rows = _FIRST_TRY_S * rate_hz
        self.t_s = np.empty(0)
        self.gyro = np.empty((0, 3))
        self.failed = False
        self.share = 0.0

    def feed(self, t_s: Floats, gyro: Floats) -> Floats | None:
        """Take rows; return the unit vector of toe-up rotation once it is known."""
        self.t_s = np.concatenate((self.t_s, t_s))
        self.gyro = np.concatenate((self.gyro, gyro))
        moving = np.cumsum(np.linalg.norm(self.gyro, axis=1) > _MOVING_RAD_S)
        still = int(moving.searchsorted(1)) - int(_STILL_S * self._rate_hz)
        if still > 0:
            self.t_s, self.gyro = self.t_s[still:], self.gyro[still:]
            moving = moving[still:]
        while len(moving) and moving[-1] >= self._try_rows:
            end = int(moving.searchsorted(self._try_rows)) + 1
            axis = self._find(self.gyro[:end])
            if axis is not None:
                return axis
            self._try_rows += _NEXT_TRY_S * self._rate_hz
            if self._try_rows > _LAST_TRY_S * self._rate_hz:
                self.failed = True
                self.forget()
                break
        return None

    def forget(self) -> None:
        """Drop the rows."""
        self.t_s, self.gyro = np.empty(0), np.empty((0, 3))

    def _find(self, gyro: Floats) -> Floats | None:
        """Return the main axis of rotation, signed by how a swing begins and ends.

        A swing begins at once, out of the push-off that turns the toes down, and
        runs out into a foot at rest: the pitch rate rises more steeply than it falls.
        """
        from scipy.signal import butter, sosfiltfilt

        sos = butter(2, _LOWPASS_HZ, fs=self._rate_hz, output="sos")
        smooth = sosfiltfilt(sos, gyro, axis=0)
        power, axes = np.linalg.eigh(smooth.T @ smooth)
        self.share = float(power[-1] / power.sum())
        change = np.diff(smooth @ axes[:, -1])
        skew = float(np.mean(change**3) / np.mean(change**2) ** 1.5)
        if self.share < _LEAST_SHARE or abs(skew) < _LEAST_SKEW:
            return None
        return axes[:, -1] * np.sign(skew)
