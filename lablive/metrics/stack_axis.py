"""The rows of several strides in one piece: the same few calls of numpy for all.

Rows are worked on one by one, largest and smallest are taken of a stride's own rows,
sums go in the order of its rows: no stride's bits depend on the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lablive.metrics.curve import Curve, Part
from lablive.metrics.moments import Moment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats, Ints
    from lablive.metrics.curve import When
    from lablive.metrics.moments import Times


class StackRows:
    """See :class:`lablive.metrics.curve.Rows`; shapes (strides,)."""

    __slots__ = ("_edges", "_empty", "count", "end", "first")

    def __init__(self, first: Ints, end: Ints) -> None:
        self.first, self.end = first, end
        self.count = np.maximum(end - first, 0)
        self._edges: Ints | None = None
        self._empty: NDArray[np.bool_] | None = None

    def largest(self, y: Floats) -> Floats:
        """Return the largest value of each stride."""
        return self._reduced(np.maximum, y, -np.inf)

    def smallest(self, y: Floats) -> Floats:
        """Return the smallest value of each stride."""
        return self._reduced(np.minimum, y, np.inf)

    def total(self, y: Floats) -> Floats:
        """Return the sum of each stride."""
        return self._reduced(np.add, y, 0.0)

    def _reduced(self, how: np.ufunc, y: Floats, of_nothing: float) -> Floats:
        edges = self._edges
        if edges is None:
            edges = self._edges = self._pairs(y.shape[-1])
        found = how.reduceat(y, edges, axis=-1)[..., ::2]
        return (
            found if self._empty is None else np.where(self._empty, of_nothing, found)
        )

    def _pairs(self, rows: int) -> Ints:
        """Return where rows begin and end, in turn, as ``reduceat`` takes them."""
        edges = np.empty((len(self.first), 2), np.intp)
        edges[:, 0], edges[:, 1] = self.first, self.end
        empty = self.count == 0
        if empty.any():
            self._empty = empty
            np.minimum(edges[:, 0], rows - 1, out=edges[:, 0])
        flat = edges.ravel()
        return flat if flat[-1] < rows else flat[:-1]


class _Places(NamedTuple):
    """Where instants lie: the row behind each, and how far on the way to it."""

    row: Ints
    share: Floats


class _Cells(NamedTuple):
    """A stride per line: which row each point is, and which repeat the end."""

    row: Ints
    t_s: Floats
    beyond: NDArray[np.bool_]


class StackAxis:
    """See :class:`lablive.metrics.curve.Axis`.

    Parameters
    ----------
    t_s
        Shape (rows,), increasing unless made by :meth:`apart`.
    own
        Each stride's own rows.
    times
        When the moments of the strides are.
    """

    lone = False

    def __init__(self, t_s: Floats, own: StackRows, times: Times) -> None:
        self.t_s, self.times = t_s, times
        self.own: Any = own
        self.memo: dict[Any, Any] = {}
        self._places: _Places | None = None  # of all moments that are read often
        self._of: tuple[StackAxis, Ints] | None = None

    def behind(self, when: When) -> Ints:
        """Return the row at or behind an instant."""
        return self._place(when).row

    def read(self, curve: Curve, when: When) -> Floats:
        """Return a curve at an instant."""
        number = self.times.number(when)
        if number is None:
            return _at(curve.y, self._place(when))
        if curve.known is None:
            curve.known = _at(curve.y, self._often())
        return curve.known[number]

    def rows(self, begin: When, end: When) -> StackRows:
        """Return the own rows in a time, its end left out."""
        low, high = self.own.first, self.own.end
        limits = (self.t_s.searchsorted(self.times.of(it)) for it in (begin, end))
        return StackRows(*(np.minimum(np.maximum(it, low), high) for it in limits))

    def between(self, begin: When, end: When, beyond: int = 0) -> StackRows:
        """Return the rows between two instants, and some beyond both ends."""
        key = begin, end, beyond
        known = self.memo.get(key) if isinstance(end, Moment) else None
        if known is None:
            known = StackRows(self.behind(begin) - beyond, self.behind(end) + beyond)
            if isinstance(end, Moment):
                self.memo[key] = known
        return known

    def numbered(self, first: Ints, end: Ints) -> StackRows:
        """Return rows by their numbers."""
        return StackRows(first, end)

    def part(self, curve: Curve, begin: Moment, end: Moment) -> Part:
        """Return a curve in a time, a stride per line."""
        key = "part", begin, end
        cells = self.memo.get(key)
        if cells is None:
            cells = self.memo[key] = self._cells(begin, end)
        row, t, beyond = cells
        y = curve.y[row]
        np.copyto(y, self.read(curve, end)[:, None], where=beyond)
        y[:, 0] = self.read(curve, begin)
        return Part(t, y)

    def lines(self, rows: Any) -> Ints:
        """Return the rows, a stride per line; shorter ones repeat their last row."""
        last = (rows.end - rows.first - 1)[:, None]
        point = np.arange(int(last.max()) + 1)
        return rows.first[:, None] + np.minimum(point, last)

    def apart(self, rows: Any) -> tuple[Ints, StackAxis]:
        """Return which rows to take to have each stride's apart, and their axis."""
        starts = np.add.accumulate(rows.count) - rows.count
        moved = rows.first - starts
        take = np.arange(rows.count.sum())
        take += np.repeat(moved, rows.count)
        own = StackRows(starts, starts + rows.count)
        axis = StackAxis(self.t_s[take], own, self.times)
        axis._of = self, moved
        return take, axis

    def ravel(self, lines: Floats) -> Floats:
        """Return lines of all own rows as rows again."""
        return lines[np.arange(lines.shape[1]) < self.own.count[:, None]]

    def beside_rows(self, values: Floats) -> Floats:
        """Return a number per stride as one for each of its own rows."""
        return np.repeat(values, self.own.count, axis=-1)

    def _often(self) -> _Places:
        if self._places is None:
            if self._of is None:
                self._places = self._found(self.times.table)
            else:
                self._places = self._moved(self._of[0]._often())  # noqa: SLF001
        return self._places

    def _place(self, when: When) -> _Places:
        number = self.times.number(when)
        if number is not None:
            row, share = self._often()
            return _Places(row[number], share[number])
        if self._of is not None:
            return self._moved(self._of[0]._place(when))  # noqa: SLF001
        return self._found(self.times.of(when))

    def _moved(self, places: _Places) -> _Places:
        """Return places of the axis that this one's rows were taken from."""
        assert self._of is not None
        row = places.row - self._of[1]
        inside = (row > self.own.first) & (row < self.own.end)
        if inside.all():
            return _Places(row, places.share)
        row = np.minimum(np.maximum(row, 1), len(self.t_s) - 1)
        return _Places(row, np.where(inside, places.share, np.nan))

    def _found(self, at_s: Floats) -> _Places:
        """Return where times lie, shape (strides,) or (moments, strides)."""
        t, first, end = self.t_s, self.own.first, self.own.end
        row = np.minimum(np.maximum(t.searchsorted(at_s), first + 1), end - 1)
        before_s = t[row - 1]
        share = (at_s - before_s) / (t[row] - before_s)
        inside = (share >= 0.0) & (share <= 1.0)
        return _Places(row, share if inside.all() else np.where(inside, share, np.nan))

    def _cells(self, begin: Moment, end: Moment) -> _Cells:
        rows = self.between(begin, end)
        count = rows.count[:, None]
        point = np.arange(int(count.max()) + 2)
        row = np.minimum(rows.first[:, None] + (point - 1), len(self.t_s) - 1)
        beyond = point > count
        t = self.t_s[row]
        np.copyto(t, self.times.of(end)[:, None], where=beyond)
        t[:, 0] = self.times.of(begin)
        return _Cells(row, t, beyond)


def _at(y: Floats, places: _Places) -> Floats:
    row, share = places
    before = y[row - 1]
    return before + share * (y[row] - before)
