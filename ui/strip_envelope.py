"""Minimum and maximum of a signal per screen column, kept as samples arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Values = NDArray[np.float32 | np.float64]
    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NOTHING: Final = 1 << 62  # a column later than any other


class Spans(NamedTuple):
    """Consecutive columns; every array has the shape (columns, curves).

    Attributes
    ----------
    low, high
        Extent of the samples in the column; NaN when it has none.
    joined
        The line comes in from the column before.
    """

    low: Floats
    high: Floats
    joined: Flags


class Envelope:
    """Column extents of curves that share one time base, in a ring of columns.

    Column ``c`` holds the samples with ``floor(t_s / column_s) == c``: columns are
    fixed in time, so scrolling never changes what was drawn. A column between two
    samples no further apart than ``max_step_s`` holds the straight line between
    them; across a NaN or a longer step nothing is joined.

    Parameters
    ----------
    curves
        Number of curves.
    columns
        Columns kept.
    column_s
        Width of a column.
    max_step_s
        Longest step between two samples that is still one line.
    """

    def __init__(
        self, curves: int, columns: int, column_s: float, max_step_s: float
    ) -> None:
        self.curves, self.columns, self.column_s = curves, columns, column_s
        self.max_step_s = max_step_s
        self._low = np.full((columns, curves), np.nan)
        self._high = np.full((columns, curves), np.nan)
        self._joined = np.zeros((columns, curves), bool)
        self._head: int | None = None
        self._last_t_s = -np.inf
        self._last_y = np.full(curves, np.nan)

    def append(self, t_s: Floats, y: Values) -> int:
        """Take in rows of ``y`` (rows, curves); return the first column changed."""
        if not len(t_s):
            return NOTHING
        y64 = np.asarray(y, float)
        y64 = np.where(np.isfinite(y64), y64, np.nan)
        column = np.floor(t_s / self.column_s).astype(np.int64)
        starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
        low = np.fmin.reduceat(y64, starts, axis=0)
        high = np.fmax.reduceat(y64, starts, axis=0)
        before_t = np.concatenate(([self._last_t_s], t_s))
        before_y = np.concatenate((self._last_y[None], y64))
        step_s = t_s[starts] - before_t[starts]
        near = (step_s > 0) & (step_s <= self.max_step_s)
        joined = (
            near[:, None] & np.isfinite(before_y[starts]) & np.isfinite(y64[starts])
        )
        first = self._write(column[starts], low, high, joined)
        bridged = self._bridge(column, starts, before_t, before_y, joined)
        if t_s[-1] > self._last_t_s:
            self._last_t_s, self._last_y = float(t_s[-1]), y64[-1]
        return min(first, bridged)

    def spans(self, first: int, last: int) -> Spans:
        """Return the columns ``first`` to ``last``, both included."""
        columns = np.arange(first, last + 1)
        slots = columns % self.columns
        low, high = self._low[slots], self._high[slots]
        joined = self._joined[slots]
        head = self._head
        if head is None or last > head or first <= head - self.columns:
            absent = np.ones(len(columns), bool)
            if head is not None:
                absent = (columns > head) | (columns <= head - self.columns)
            low[absent], high[absent], joined[absent] = np.nan, np.nan, False
        return Spans(low, high, joined)

    def _write(self, columns: Ints, low: Floats, high: Floats, joined: Flags) -> int:
        """Merge columns (increasing) into the ring; return the first one kept."""
        head = self._advance(int(columns[-1]))
        kept = columns > head - self.columns
        if not kept.all():
            columns, low, high = columns[kept], low[kept], high[kept]
            joined = joined[kept]
            if not len(columns):
                return NOTHING
        slots = columns % self.columns
        empty = np.isnan(self._low[slots])
        self._low[slots] = np.fmin(self._low[slots], low)
        self._high[slots] = np.fmax(self._high[slots], high)
        self._joined[slots] = np.where(empty, joined, self._joined[slots])
        return int(columns[0])

    def _bridge(
        self,
        column: Ints,
        starts: Ints,
        before_t: Floats,
        before_y: Floats,
        joined: Flags,
    ) -> int:
        """Fill empty columns under a line between two samples; return the first."""
        if not np.isfinite(before_t[0]):
            came_from = np.concatenate((column[:1], column))[starts]
        else:
            last = int(np.floor(before_t[0] / self.column_s))
            came_from = np.concatenate(([last], column))[starts]
        empty = np.where(joined.any(axis=1), column[starts] - came_from - 1, 0)
        at = np.flatnonzero(empty > 0)
        if not len(at):
            return NOTHING
        count = empty[at]
        which = np.repeat(at, count)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        columns = came_from[which] + 1 + nth
        row = starts[which]
        t0, t1 = before_t[row], before_t[row + 1]
        y0, y1 = before_y[row], before_y[row + 1]
        left = ((columns * self.column_s - t0) / (t1 - t0))[:, None]
        right = (((columns + 1) * self.column_s - t0) / (t1 - t0))[:, None]
        enters, leaves = y0 + (y1 - y0) * left, y0 + (y1 - y0) * right
        low = np.where(joined[which], np.minimum(enters, leaves), np.nan)
        high = np.where(joined[which], np.maximum(enters, leaves), np.nan)
        return self._write(columns, low, high, joined[which])

    def _advance(self, column: int) -> int:
        """Open the ring up to ``column``; return the latest column it holds."""
        if self._head is None:
            self._head = column
        elif column > self._head:
            fresh = np.arange(
                max(self._head + 1, column - self.columns + 1), column + 1
            )
            slots = fresh % self.columns
            self._low[slots] = self._high[slots] = np.nan
            self._joined[slots] = False
            self._head = column
        return self._head
