"""Curves of strides, and what is read from them stride by stride.

Live, strides come one by one, a file brings many at once. The same metrics serve both:
what they read is a number for a stride alone (:mod:`lablive.metrics.lone_axis`), an
array with a number per stride for several (:mod:`lablive.metrics.stack_axis`). Both
do the same arithmetic in the same order, so that a stride's bits never depend on the
strides it comes with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.moments import Moment, Times

# a number for a stride alone, an array of shape (strides,) for several
PerStride = Any
When = Any  # a Moment, or a time per stride


class Rows(Protocol):
    """Rows of every stride, from ``first`` to before ``end``."""

    @property
    def first(self) -> PerStride:
        """The first of them."""
        ...

    @property
    def end(self) -> PerStride:
        """Behind the last of them."""
        ...

    @property
    def count(self) -> PerStride:
        """How many they are."""
        ...

    def largest(self, y: Floats) -> PerStride:
        """Return the largest value of ``y``, shape (rows,); -inf where no row is."""
        ...

    def smallest(self, y: Floats) -> PerStride:
        """Return the smallest value of ``y``, shape (rows,); inf where no row is."""
        ...

    def total(self, y: Floats) -> PerStride:
        """Return the sum of ``y``, shape (..., rows)."""
        ...


class Axis(Protocol):
    """Times of rows, and which of them belong to which stride.

    Attributes
    ----------
    t_s
        Shape (rows,); a stride's own rows increase.
    times
        When the moments of the strides are.
    own
        Each stride's own rows: nothing is read outside of them.
    memo
        What is worked out once.
    """

    t_s: Floats
    times: Times
    own: Any
    memo: dict[Any, Any]

    @property
    def lone(self) -> bool:
        """Whether there is one stride only."""
        ...

    def behind(self, when: When) -> PerStride:
        """Return the row at or behind an instant, never a stride's first."""
        ...

    def read(self, curve: Curve, when: When) -> PerStride:
        """Return a curve at an instant, on the line between two rows."""
        ...

    def rows(self, begin: When, end: When) -> Rows:
        """Return the own rows in a time, its end left out."""
        ...

    def between(self, begin: When, end: When, beyond: int = 0) -> Rows:
        """Return the rows between two instants, and some beyond both ends."""
        ...

    def numbered(self, first: PerStride, end: PerStride) -> Rows:
        """Return rows by their numbers."""
        ...

    def part(self, curve: Curve, begin: Moment, end: Moment) -> Part:
        """Return a curve in a time, both ends interpolated."""
        ...

    def lines(self, rows: Any) -> Any:
        """Return what takes rows out of an array, a stride per line."""
        ...

    def apart(self, rows: Any) -> tuple[Any, Any]:
        """Return what takes rows so that no two strides share any, and their axis.

        Moments outside of these rows cannot be read any more.
        """
        ...

    def ravel(self, lines: Floats) -> Floats:
        """Return lines of all own rows as rows again."""
        ...

    def beside_rows(self, values: PerStride) -> Any:
        """Return a number per stride as one for each of its own rows."""
        ...


class Part(NamedTuple):
    """A curve within a time, shapes (points,), or (strides, points) of several.

    Shorter lines repeat their last point, which changes neither extremes nor integrals.
    """

    t_s: Floats
    y: Floats

    def area(self) -> PerStride:
        """Return the integral by trapezoids."""
        return self.integral()[..., -1]

    def integral(self) -> Floats:
        """Return the integral from the first point to each, by trapezoids."""
        t, y = self
        total = np.zeros(y.shape)
        steps = 0.5 * ((t[..., 1:] - t[..., :-1]) * (y[..., 1:] + y[..., :-1]))
        np.add.accumulate(steps, axis=-1, out=total[..., 1:])
        return total

    def mean(self) -> PerStride:
        """Return the mean over the time."""
        return self.area() / (self.t_s[..., -1] - self.t_s[..., 0])


@dataclass(slots=True, eq=False)
class Curve:
    """Values over time, shape (rows,), around and within every stride.

    Attributes
    ----------
    axis
        Times of the rows.
    y
        The values.
    known
        At moments that are read together; the axis keeps it.
    """

    axis: Axis
    y: Floats
    known: Any = None

    def at(self, when: When) -> PerStride:
        """Return the value at an instant of every stride; NaN beyond its rows."""
        return self.axis.read(self, when)

    def highest(self, begin: When, end: When) -> PerStride:
        """Return the highest value in a time, both ends interpolated."""
        ends = largest(self.at(begin), self.at(end))
        return largest(self.axis.between(begin, end).largest(self.y), ends)

    def lowest(self, begin: When, end: When) -> PerStride:
        """Return the lowest value in a time, both ends interpolated."""
        ends = smallest(self.at(begin), self.at(end))
        return smallest(self.axis.between(begin, end).smallest(self.y), ends)

    def spread(self, begin: When, end: When) -> PerStride:
        """Return the highest less the lowest value in a time."""
        rows, first, last = self.axis.between(begin, end), self.at(begin), self.at(end)
        high = largest(rows.largest(self.y), largest(first, last))
        return high - smallest(rows.smallest(self.y), smallest(first, last))

    def part(self, begin: Moment, end: Moment) -> Part:
        """Return the curve in a time, both ends interpolated."""
        return self.axis.part(self, begin, end)

    def mean(self, begin: Moment, end: Moment) -> PerStride:
        """Return the mean over a time."""
        return self.part(begin, end).mean()

    def integral(self) -> Curve:
        """Return the integral from each stride's first own row on, by trapezoids.

        On an axis whose strides share no row (:meth:`Axis.apart`).
        """
        axis = self.axis
        line = axis.lines(axis.own)
        total = Part(axis.t_s[line], self.y[line]).integral()
        return Curve(axis, axis.ravel(total))

    def __neg__(self) -> Curve:
        """Return the curve with its sign turned."""
        return Curve(self.axis, -self.y)


def ratio(part: PerStride, whole: PerStride) -> PerStride:
    """Return the share of a whole; NaN where there is no whole above zero."""
    if not isinstance(whole, np.ndarray):
        return part / whole if whole > 0 else np.nan
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)


def largest(one: PerStride, other: PerStride) -> PerStride:
    """Return the larger of two; NaN when one is."""
    if isinstance(one, np.ndarray):
        return np.maximum(one, other)
    return one if one >= other or one != one else other


def smallest(one: PerStride, other: PerStride) -> PerStride:
    """Return the smaller of two; NaN when one is."""
    if isinstance(one, np.ndarray):
        return np.minimum(one, other)
    return one if one <= other or one != one else other
