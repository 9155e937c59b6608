"""Dashes measured along the line, so that steep flanks are dashed like flat parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from ui.strip_envelope import Flags, Ints

_PROMINENT_PX: Final = 2


class Dashes(NamedTuple):
    """Dash state of spans; every array has the shape (columns, curves).

    Attributes
    ----------
    on, period
        Inked length and repeat length in px; period 0 is a solid line.
    along, length
        Length of the line in px before the column, and in it.
    rising
        The line goes upwards in this column.
    peak, trough
        A tip stands here: its pixels stay inked, so that no peak falls in a gap.
    """

    on: Ints
    period: Ints
    along: Ints
    length: Ints
    rising: Flags
    peak: Flags
    trough: Flags

    def at(self, column: Ints, curve: Ints) -> Dashes:
        """Return the state of single spans, every array of shape (spans,)."""
        return Dashes(
            self.on[curve],
            self.period[curve],
            self.along[column, curve],
            self.length[column, curve],
            self.rising[column, curve],
            self.peak[column, curve],
            self.trough[column, curve],
        )


def dashes(
    on: Ints,
    period: Ints,
    first: Ints,
    last: Ints,
    inked: Flags,
    before: Ints,
    thick_px: int = 1,
) -> tuple[Dashes, Ints]:
    """Return the dashes of columns and the line length after each of them.

    Parameters
    ----------
    on, period
        Dash of every curve, shape (curves,).
    first, last
        First and last inked row, shape (columns + 2, curves): one column more on
        each side.
    inked
        Where there is a line at all, same shape.
    before
        Line length (modulo period) before the first column, shape (curves,).
    thick_px
        Thickness of the line, which is no length.
    """
    middle = slice(1, -1)
    length = np.maximum(np.where(inked, last - first - thick_px, 0)[middle], 0) + 1
    after = before + np.cumsum(length, axis=0)
    far = np.int64(1 << 30)
    top = np.where(inked, first, far)
    low = np.where(inked, last, -far)
    here, left, right = top[middle], top[:-2], top[2:]
    peak = (here <= left) & (here <= right)
    peak &= np.maximum(left, right) - here >= _PROMINENT_PX
    here, left, right = low[middle], low[:-2], low[2:]
    trough = (here >= left) & (here >= right)
    trough &= here - np.minimum(left, right) >= _PROMINENT_PX
    centre = first + last
    rising = centre[middle] < centre[:-2]
    wrapped = np.where(period > 0, after % np.maximum(period, 1), 0)
    return Dashes(on, period, after - length, length, rising, peak, trough), wrapped


def inked_rows(spans: Dashes, span: Ints, nth: Ints, count: Ints) -> Flags:
    """Tell which pixels of dashed spans are inked.

    Parameters
    ----------
    spans
        State of every span, arrays of shape (spans,).
    span, nth
        For every pixel its span and its place in it from the top.
    count
        Pixels of every span.
    """
    from_end = count[span] - 1 - nth
    period = np.maximum(spans.period, 1)[span]
    length = spans.length[span]
    climbed = np.where(spans.rising[span], from_end, nth)
    climbed = np.clip(climbed - (count[span] - length) // 2, 0, length - 1)
    on = (spans.along[span] + climbed) % period < spans.on[span]
    gap = (spans.period - spans.on)[span] + (count[span] - length)
    on |= spans.peak[span] & (nth < gap)
    on |= spans.trough[span] & (from_end < gap)
    return on | (spans.period == 0)[span]
