"""Pixels of scrolling curves: a circular picture fed one screen column at a time.

Only new or changed columns are painted; the picture never moves in memory. A curve is
inked from its lowest to its highest sample in every column, so no peak is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ui.strip_dash import Dashes, dashes, inked_rows
from ui.strip_envelope import NOTHING, Envelope
from ui.strip_scale import OVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ui.strip_envelope import Flags, Floats, Ints, Values

    Pixels = NDArray[np.uint32]

SUB: Final = 16  # vertical steps per pixel of the edge smoothing
_SLACK: Final = 1.5  # columns kept, of those shown: data may run ahead of the view


@dataclass(frozen=True, slots=True)
class Lane:
    """Where one curve lives: rows of the picture, value range, ink.

    Attributes
    ----------
    top, rows
        First row and number of rows.
    low, high
        Values drawn on the last and on the first row; up to 1 % of the range beyond
        them is drawn beyond them.
    colour
        Ink as 0xRRGGBB.
    dash
        Inked and free length along the line in px; (0, 0) is a solid line.
    """

    top: float
    rows: float
    low: float
    high: float
    colour: int
    dash: tuple[int, int] = (0, 0)

    def row_of(self, value: float) -> float:
        """Return the row (px from the top, fractional) of a value."""
        return self.top + (self.high - value) / (self.high - self.low) * self.rows


class StripRaster:
    """A picture of ``width`` x ``height`` device px showing ``window_s`` seconds.

    Parameters
    ----------
    width, height
        Size in device px.
    window_s
        Time across the whole width.
    lanes
        One per curve; curves of one lane are laid over each other in order.
    background
        Colour of every row, 0xRRGGBB, shape (height,): ground, grid lines, bands.
    line_px
        Thickness of the lines in device px.
    pen_columns
        Columns a steep line is wide: 1 on a plain screen, more on a dense one.
    """

    def __init__(
        self,
        width: int,
        height: int,
        window_s: float,
        lanes: Sequence[Lane],
        background: Pixels,
        line_px: float = 1.5,
        pen_columns: int = 1,
    ) -> None:
        self.width, self.height = width, height
        self.column_s = window_s / width
        self.lanes = tuple(lanes)
        self.pixels: Pixels = np.zeros((height, width), np.uint32)
        self._bytes = self.pixels.view(np.uint8).reshape(height * width, 4)
        self._background = np.asarray(background, np.uint32) | np.uint32(0xFF000000)
        self._half = max(SUB // 2, round(line_px * SUB / 2))
        self._pen = pen_columns
        self._groups: dict[int, Envelope] = {}
        self._layers = _layers(self.lanes, 2 * self._half / SUB + 1)
        colours = np.array([lane.colour | 0xFF000000 for lane in lanes], "<u4")
        self._inks = colours.view(np.uint8).reshape(-1, 4).astype(np.int16)
        self._lane_top = np.array([lane.top for lane in lanes])
        self._lane_low = np.array([lane.low for lane in lanes])
        self._lane_high = np.array([lane.high for lane in lanes])
        rows = np.array([lane.rows for lane in lanes])
        self._lane_scale = rows / (self._lane_high - self._lane_low)
        self._on = np.array([lane.dash[0] for lane in lanes], np.int64)
        self._period = np.array([sum(lane.dash) for lane in lanes], np.int64)
        self._along = np.zeros((width, len(lanes)), np.int64)  # after each column
        self._end: int | None = None
        self._dirty = NOTHING

    @property
    def first_column(self) -> int:
        """The leftmost column shown, counted in column widths from time 0."""
        return (self._end if self._end is not None else 0) - self.width + 1

    def add_group(self, first: int, curves: int, max_step_s: float) -> None:
        """Declare that ``curves`` curves from number ``first`` share one time base."""
        columns = int(self.width * _SLACK)
        self._groups[first] = Envelope(curves, columns, self.column_s, max_step_s)

    def append(self, first: int, t_s: Floats, y: Values) -> None:
        """Take in rows (rows, curves) of the group that starts at curve ``first``."""
        self._dirty = min(self._dirty, self._groups[first].append(t_s, y))

    def extent(self, curve: int) -> tuple[float, float]:
        """Return (lowest, highest) value of a curve in the window; NaN when empty."""
        low, high, _ = self._spans(
            self.first_column, self.first_column + self.width - 1
        )
        low, high = low[:, curve], high[:, curve]
        some = np.isfinite(low)
        if not some.any():
            return np.nan, np.nan
        return float(low[some].min()), float(high[some].max())

    def show(self, end_s: float) -> bool:
        """Bring the picture up to the column of ``end_s``; True when it changed."""
        end = int(np.floor(end_s / self.column_s))
        before, self._end = self._end, end
        first = self.first_column
        if before is None or end < before or end - before >= self.width:
            start = first
        else:
            # one column back: whether a peak stands there depends on what follows
            start = max(first, min(before + 1, self._dirty - 1))
        self._dirty = NOTHING if self._dirty <= end else self._dirty
        if start > end:
            return False
        self._paint(start, end)
        return True

    def halves(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Return (source x, width, target x) of the older and the newer part."""
        split = (self._end + 1 if self._end is not None else 0) % self.width
        older = self.width - split
        return (split, older, 0), (0, split, older)

    def _spans(self, first: int, last: int) -> tuple[Floats, Floats, Flags]:
        """Return low, high and joined of every curve, shape (columns, curves)."""
        shape = last - first + 1, len(self.lanes)
        low, high = np.full(shape, np.nan), np.full(shape, np.nan)
        joined = np.zeros(shape, bool)
        for at, group in self._groups.items():
            part = slice(at, at + group.curves)
            low[:, part], high[:, part], joined[:, part] = group.spans(first, last)
        return low, high, joined

    def _paint(self, first: int, last: int) -> None:
        """Paint the columns ``first`` to ``last`` afresh."""
        back = self._pen - 1
        columns = np.arange(first - back, last + 1)
        slots = columns % self.width
        self.pixels[:, slots[back:]] = self._background[:, None]
        # joins look one column back, peaks one to both sides
        low, high, joined = self._spans(first - back - 2, last + 1)
        top, bottom = self._edges(low, high, joined)
        inked = np.isfinite(low[1:])
        state = self._dash_state(first - back, slots, top, bottom, inked)
        top, bottom, inked = top[1:-1], bottom[1:-1], inked[1:-1]
        joined = joined[2:-1]
        for layer in self._layers:
            for shift in range(back, -1, -1):  # a wide pen trails to the right
                drawn = inked[back - shift : len(columns) - shift, layer]
                if shift:
                    drawn = drawn & joined[back - shift + 1 :][: len(drawn), layer]
                column, which = np.nonzero(drawn)
                curve, source = layer[which], column + back - shift
                if len(column):
                    self._ink(
                        slots[column + back],
                        top[source, curve],
                        bottom[source, curve],
                        self._inks[curve],
                        None if state is None else state.at(source, curve),
                    )

    def _dash_state(
        self, first: int, slots: Ints, top: Ints, bottom: Ints, inked: Flags
    ) -> Dashes | None:
        """Return the dashes of the columns at ``slots``; None when all are solid."""
        if not self._period.any():
            return None
        # a picture painted from its left edge on starts a new dash there
        carried = self._along[(first - 1) % self.width]
        before = carried if first > self.first_column else np.zeros_like(carried)
        rows = top // SUB, (bottom - 1) // SUB
        state, after = dashes(
            self._on, self._period, *rows, inked, before, 2 * self._half // SUB
        )
        self._along[slots] = after
        return state

    def _edges(self, low: Floats, high: Floats, joined: Flags) -> tuple[Ints, Ints]:
        """Return upper and lower edge (1/SUB px) of all columns but the first.

        A column whose line comes in from the one before reaches to that one's extent.
        """
        here, before = slice(1, None), slice(None, -1)
        low_in = np.where(joined[here], np.fmin(low[here], high[before]), low[here])
        high_in = np.where(joined[here], np.fmax(high[here], low[before]), high[here])
        limit = self.height * SUB
        top = np.clip(self._row(high_in) - self._half, 0, limit - 1)
        bottom = np.clip(self._row(low_in) + self._half, 1, limit)
        return top, bottom

    def _row(self, values: Floats) -> Ints:
        """Return rows in 1/SUB px; a value far out of range lies on its lane's edge."""
        over = OVER * (self._lane_high - self._lane_low)
        inside = np.clip(values, self._lane_low - over, self._lane_high + over)
        row = self._lane_top + (self._lane_high - inside) * self._lane_scale
        return np.rint(np.nan_to_num(row) * SUB).astype(np.int64)

    def _ink(
        self,
        slots: Ints,
        top: Ints,
        bottom: Ints,
        inks: NDArray[np.int16],
        state: Dashes | None,
    ) -> None:
        """Ink one vertical span per entry, edges smoothed, over what is there."""
        first = top // SUB
        count = (bottom - 1) // SUB - first + 1
        span = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
        if state is not None:
            on = inked_rows(state, span, nth, count)
            span, nth = span[on], nth[on]
        row = first[span] + nth
        cover = np.minimum((row + 1) * SUB, bottom[span])
        cover -= np.maximum(row * SUB, top[span])
        at = row * self.width + slots[span]
        under = self._bytes[at].astype(np.int16)
        step = (inks[span] - under) * cover.astype(np.int16)[:, None]
        self._bytes[at] = (under + (step + SUB // 2) // SUB).astype(np.uint8)


def _layers(lanes: Sequence[Lane], thick_px: float) -> list[Ints]:
    """Group curves so that no two of one layer share a row: inked in one go."""
    layers: list[list[int]] = []
    for number, lane in enumerate(lanes):
        for layer in layers:
            if all(_apart_px(lane, lanes[other]) >= thick_px for other in layer):
                layer.append(number)
                break
        else:
            layers.append([number])
    return [np.array(layer) for layer in layers]


def _apart_px(one: Lane, other: Lane) -> float:
    return max(one.top - other.top - other.rows, other.top - one.top - one.rows)
