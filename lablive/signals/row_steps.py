"""How long each row of a sensor lasted: lost rows told from stamps that jitter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats

LONG: Final = 1.5  # rows: a longer step has lost at least one row
_BUNCHED: Final = 0.7  # rows: a shorter step makes good for a stamp that was late
_BUNCHES: Final = 5  # so many of them within ...
_MEMORY_S: Final = 10.0  # ... this long: the stamps jitter
_LATEST_S: Final = 0.1  # jitter delays no stamp by more
_SMOOTH_S: Final = 1.0


class RowSteps:
    """Seconds from row to row; any cut of the stream gives the same bits.

    Stamps of a device's own clock are exact: a long step is a row that is missing,
    and is returned as it is. Stamps of the arrival come late in bunches although the
    rows are evenly spaced: then steps are smoothed over a second, so that their sum
    still follows the stamps.

    Parameters
    ----------
    rate_hz
        Rows per second.
    """

    def __init__(self, rate_hz: float) -> None:
        self._row_s = 1.0 / rate_hz
        self._last_s = float("nan")
        self._bunch_s = np.full(_BUNCHES, -np.inf)  # when the last bunched rows came
        keep = float(np.exp(-self._row_s / _SMOOTH_S))
        self._smooth = (1.0 - keep,), (1.0, -keep)
        self._state = np.array([keep * self._row_s])

    def restart(self) -> None:
        """Begin anew: the next row has no row before it."""
        self._last_s = float("nan")

    def feed(self, t_s: Floats) -> Floats:
        """Return the seconds that each row stands for, shape (rows,).

        ``t_s`` are the times of rows that are there, in order; the first row ever
        stands for one row at the nominal rate.
        """
        if not len(t_s):
            return np.empty(0)
        steps_s = np.empty(len(t_s))
        np.subtract(t_s[1:], t_s[:-1], out=steps_s[1:])
        first = math.isnan(self._last_s)
        steps_s[0] = self._row_s if first else t_s[0] - self._last_s
        self._last_s = float(t_s[-1])
        jittering = self._jittering(t_s, steps_s < _BUNCHED * self._row_s)
        if jittering.any():
            steps_s[jittering] = self._smoothed(steps_s[jittering])
        return steps_s

    def _jittering(self, t_s: Floats, bunched: NDArray[np.bool_]) -> NDArray[np.bool_]:
        if not bunched.any() and t_s[0] - self._bunch_s[0] > _MEMORY_S:
            return bunched
        came_s = np.concatenate([self._bunch_s, t_s[bunched]])
        self._bunch_s = came_s[-_BUNCHES:]
        return t_s - came_s[np.cumsum(bunched)] <= _MEMORY_S

    def _smoothed(self, steps_s: Floats) -> Floats:
        from scipy.signal import lfilter

        short_s = np.minimum(steps_s, self._row_s + _LATEST_S)
        even_s, self._state = lfilter(*self._smooth, short_s, zi=self._state)
        return even_s + (steps_s - short_s)
