"""The rows of one stride alone, as strides come live: plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lablive.metrics.curve import Curve, Part
from lablive.metrics.moments import Moment

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.curve import When
    from lablive.metrics.moments import Times


class LoneRows:
    """See :class:`lablive.metrics.curve.Rows`."""

    __slots__ = ("count", "end", "first")

    def __init__(self, first: int, end: int) -> None:
        self.first, self.end = first, end
        self.count = max(end - first, 0)

    def largest(self, y: Floats) -> Any:
        """Return the largest value."""
        if not self.count:
            return -np.inf
        return np.maximum.reduce(y[self.first : self.end])

    def smallest(self, y: Floats) -> Any:
        """Return the smallest value."""
        if not self.count:
            return np.inf
        return np.minimum.reduce(y[self.first : self.end])

    def total(self, y: Floats) -> Any:
        """Return the sum; in the same order as that of several strides."""
        if not self.count:
            return np.zeros(y.shape[:-1])[()]
        return np.add.reduceat(y[..., self.first : self.end], (0,), axis=-1)[..., 0]


class LoneAxis:
    """See :class:`lablive.metrics.curve.Axis`."""

    lone = True

    def __init__(
        self, t_s: Floats, times: Times, of: LoneAxis | None = None, moved: int = 0
    ) -> None:
        self.t_s, self.times = t_s, times
        self.own: Any = LoneRows(0, len(t_s))
        self.memo: dict[Any, Any] = {}
        self._places: dict[Moment, tuple[int, float]] = {}
        self._of, self._moved = of, moved

    def behind(self, when: When) -> int:
        """Return the row at or behind an instant."""
        return self._place(when)[0]

    def read(self, curve: Curve, when: When) -> float:
        """Return a curve at an instant."""
        row, share = self._place(when)
        before = float(curve.y[row - 1])
        return before + share * (float(curve.y[row]) - before)

    def rows(self, begin: When, end: When) -> LoneRows:
        """Return the own rows in a time, its end left out."""
        ends_s = self.times.of(begin), self.times.of(end)
        return LoneRows(*self.t_s.searchsorted(ends_s).tolist())

    def between(self, begin: When, end: When, beyond: int = 0) -> LoneRows:
        """Return the rows between two instants, and some beyond both ends."""
        return LoneRows(self._place(begin)[0] - beyond, self._place(end)[0] + beyond)

    def numbered(self, first: int, end: int) -> LoneRows:
        """Return rows by their numbers."""
        return LoneRows(int(first), int(end))

    def part(self, curve: Curve, begin: Moment, end: Moment) -> Part:
        """Return a curve in a time."""
        first, stop = self._place(begin)[0], self._place(end)[0]
        stop = max(first, stop)
        y = np.empty(stop - first + 2)
        y[1:-1] = curve.y[first:stop]
        y[0], y[-1] = self.read(curve, begin), self.read(curve, end)
        t = self.memo.get((begin, end))
        if t is None:
            t = self.memo[begin, end] = np.empty(len(y))
            t[1:-1] = self.t_s[first:stop]
            t[0], t[-1] = self.times.of(begin), self.times.of(end)
        return Part(t, y)

    def lines(self, rows: Any) -> slice:
        """Return what takes rows out of an array."""
        return slice(rows.first, rows.end)

    def apart(self, rows: Any) -> tuple[slice, LoneAxis]:
        """Return what takes rows, and their axis."""
        take = slice(rows.first, rows.end)
        return take, LoneAxis(self.t_s[take], self.times, self, rows.first)

    def ravel(self, lines: Floats) -> Floats:
        """Return lines of all own rows as rows again."""
        return lines

    def beside_rows(self, values: Any) -> Any:
        """Return a number as it is, an array of them with room for the rows."""
        return values[..., None] if isinstance(values, np.ndarray) else values

    def _place(self, when: When) -> tuple[int, float]:
        """Return the row behind an instant, and how far on the way to it that lies."""
        if not isinstance(when, Moment):
            return self._found(when)
        known = self._places.get(when)
        if known is None:
            known = self._places[when] = self._found(when)
        return known

    def _found(self, when: When) -> tuple[int, float]:
        if self._of is not None:
            row, share = self._of._place(when)  # noqa: SLF001 of its own kind
            row -= self._moved
            if 0 < row < len(self.t_s):
                return row, share
            return 1, np.nan
        t, at_s = self.t_s, self.times.of(when)
        row = min(max(int(t.searchsorted(at_s)), 1), len(t) - 1)
        before_s = float(t[row - 1])
        share = (at_s - before_s) / (float(t[row]) - before_s)
        return row, share if 0.0 <= share <= 1.0 else np.nan
