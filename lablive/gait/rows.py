"""The newest rows of one signal, found again by time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats, Values

_LEAST_ROWS: Final = 1024


class RowHistory:
    """Rows in time order; old ones are given up by :meth:`trim`.

    Parameters
    ----------
    by_channel
        Keep the rows of each channel side by side, for work on single channels.
    """

    def __init__(self, *, by_channel: bool = False) -> None:
        self._by_channel = by_channel
        self._t = np.empty(0)
        self._x: Values = np.empty((0, 0))
        self._first = self._end = 0

    def append(self, t_s: Floats, *parts: Values) -> None:
        """Add rows, shapes (rows,) and (rows, channels): channels side by side."""
        end = self._end + len(t_s)
        if end > len(self._t):
            channels = sum(part.shape[1] for part in parts)
            self._make_room(len(t_s), channels, parts[0].dtype)
            end = self._end + len(t_s)
        self._t[self._end : end] = t_s
        first = 0
        for part in parts:
            last = first + part.shape[1]
            self._x[self._end : end, first:last] = part
            first = last
        self._end = end

    def between(self, t0_s: float, t1_s: float) -> tuple[Floats, Values]:
        """Return the rows with ``t0_s <= t <= t1_s``; valid until the next append."""
        t = self._t[self._first : self._end]
        first = self._first + int(t.searchsorted(t0_s))
        end = self._first + int(t.searchsorted(t1_s, side="right"))
        return self._t[first:end], self._x[first:end]

    def floats(self, t0_s: float, t1_s: float) -> tuple[Floats, Floats]:
        """Return what :meth:`between` does, of rows that are float64."""
        t, x = self.between(t0_s, t1_s)
        return t, np.asarray(x, np.float64)

    def trim(self, before_s: float) -> None:
        """Give up rows older than ``before_s``."""
        t = self._t[self._first : self._end]
        self._first += int(t.searchsorted(before_s))

    def _make_room(self, rows: int, channels: int, dtype: np.dtype[Any]) -> None:
        kept = slice(self._first, self._end)
        used = self._end - self._first
        size = max(_LEAST_ROWS, 2 * (used + rows))
        order = "F" if self._by_channel else "C"
        t = np.empty(size)
        x = np.empty((size, channels), dtype, order=order)
        t[:used] = self._t[kept]
        if used:
            x[:used] = self._x[kept]
        self._t, self._x, self._first, self._end = t, x, 0, used
