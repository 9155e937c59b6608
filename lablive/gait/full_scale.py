"""Where the cells of a sole end: a highest value that stride after stride stands on.

Nobody tells the range of most soles, but no two steps of a person load a foot alike: a
highest value that comes again to the last digit, and stays for several rows, is the end
of the range and not the load (metric reference 1.1: flat tops).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Values

_FLAT_ROWS: Final = 3
_FLAT_ROWS_SLOW: Final = 2
_SLOW_HZ: Final = 75.0
_FEWEST: Final = 5  # [design] strides on the same top
_SHARE: Final = 0.25  # [design] of the strides since the first of them


class Top(NamedTuple):
    """The highest value of a stance, in the unit of its channels.

    ``value`` is infinite when a cell that is measured in the air drops out under load;
    ``flat``: it stays for several rows.
    """

    value: float
    flat: bool


def top_of(stance: Values, swing: Values, rate_hz: float) -> Top | None:
    """Return the top of a stance, None without a row.

    Parameters
    ----------
    stance, swing
        Cells or forces as the sensor sends them, shape (rows, channels), NaN = not
        measured.
    rate_hz
        Rows per second.
    """
    if not len(stance):
        return None
    value = float(np.maximum.reduce(stance, axis=None))
    if np.isnan(value):
        known = np.isfinite(stance)
        whole = known.any(axis=1)
        if not whole.any():
            return None
        in_air = np.isfinite(swing).any(axis=0)
        if (in_air & ~known[whole]).any():
            return Top(np.inf, flat=True)
        value = float(np.fmax.reduce(stance, axis=None))
    at_top = stance == value
    rows = _FLAT_ROWS if rate_hz >= _SLOW_HZ else _FLAT_ROWS_SLOW
    if np.count_nonzero(at_top) < rows:
        return Top(value, flat=False)
    flat = at_top[rows - 1 :].copy()
    for back in range(1, rows):
        flat &= at_top[rows - 1 - back : len(at_top) - back]
    return Top(value, bool(flat.any()))


class FullScale:
    """Learns from the tops of one sole's strides, in time order, where it ends.

    Attributes
    ----------
    level
        The end of the range; NaN while there is none.
    on_it, strides
        How many strides stand on the highest flat top so far, and how many came since
        the first of them.
    """

    def __init__(self) -> None:
        self.level = np.nan
        self.on_it = self.strides = 0
        self._highest = -np.inf
        self._flat = False

    def feed(self, top: Top) -> None:
        """Take the top of the next stride."""
        if top.value > self._highest:
            self._highest, self._flat = top.value, False
            self.on_it = self.strides = 0
        if top.flat and top.value == self._highest:
            self._flat = True
            self.on_it += 1
        self.strides += self._flat
        enough = self.on_it >= _FEWEST and self.on_it >= _SHARE * self.strides
        self.level = self._highest if enough else np.nan
