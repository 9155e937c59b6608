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

SUB: Final = 16  # steps per pixel of the edge smoothing
_FULL: Final = SUB * SUB
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
        Thickness of the lines in device px, across flat and across steep parts.
    """

    def __init__(
        self,
        width: int,
        height: int,
        window_s: float,
        lanes: Sequence[Lane],
        background: Pixels,
        line_px: float = 1.5,
    ) -> None:
        self.width, self.height = width, height
        self.column_s = window_s / width
        self.lanes = tuple(lanes)
        self.pixels: Pixels = np.zeros((height, width), np.uint32)
        self._bytes = self.pixels.view(np.uint8).reshape(height * width, 4)
        self._background = np.asarray(background, np.uint32) | np.uint32(0xFF000000)
        self._half = max(SUB // 2, round(line_px * SUB / 2))
        self._pen = _pen(line_px)
        self._groups: dict[int, Envelope] = {}
        self._layers = _layers(self.lanes, 2 * self._half / SUB + 1)
        self._inks = [_row_inks(self.lanes, layer, height) for layer in self._layers]
        self._lane_top = np.array([lane.top for lane in lanes])
        self._lane_low = np.array([lane.low for lane in lanes])
        self._lane_high = np.array([lane.high for lane in lanes])
        rows = np.array([lane.rows for lane in lanes])
        self._lane_scale = rows / (self._lane_high - self._lane_low)
        self._on = np.array([lane.dash[0] for lane in lanes], np.int64)
        self._period = np.array([sum(lane.dash) for lane in lanes], np.int64)
        # length of the line after each column; more columns than shown, for the pen
        self._along = np.zeros((2 * width, len(lanes)), np.int64)
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
        anew = before is None or end < before or end - before >= self.width
        # a new column changes the one before: a peak may end there, the pen is wide
        changed = self._dirty - len(self._pen)
        fresh = first if before is None or anew else before + 1
        start = max(first, min(fresh, changed))
        self._dirty = NOTHING if self._dirty <= end else self._dirty
        if start > end:
            return False
        self._paint(start, end, anew=anew)
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

    def _paint(self, first: int, last: int, *, anew: bool) -> None:
        """Paint the columns ``first`` to ``last`` afresh."""
        reach = len(self._pen) - 1  # the pen inks neighbours, so look that much farther
        wide = np.arange(first - reach, last + reach + 1)
        slots = np.arange(first, last + 1) % self.width
        self.pixels[:, slots] = self._background[:, None]
        # joins look one column back, peaks one to both sides
        low, high, joined = self._spans(int(wide[0]) - 2, int(wide[-1]) + 1)
        top, bottom = self._edges(low, high, joined)
        inked = np.isfinite(low[1:])
        state = self._dash_state(wide, top, bottom, inked, anew=anew)
        top, bottom, inked = top[1:-1], bottom[1:-1], inked[1:-1]
        for layer, inks in zip(self._layers, self._inks, strict=True):
            column, which = np.nonzero(inked[:, layer])
            if len(column):
                curve = layer[which]
                edges = top[column, curve], bottom[column, curve]
                dash = None if state is None else state.at(column, curve)
                self._ink(column, *edges, dash, slots, inks)

    def _dash_state(
        self, columns: Ints, top: Ints, bottom: Ints, inked: Flags, *, anew: bool
    ) -> Dashes | None:
        """Return the dashes of columns; None when all curves are solid."""
        if not self._period.any():
            return None
        size = len(self._along)
        carried = self._along[(columns[0] - 1) % size]
        before = np.zeros_like(carried) if anew else carried
        rows = top // SUB, (bottom - 1) // SUB
        state, after = dashes(
            self._on, self._period, *rows, inked, before, 2 * self._half // SUB
        )
        self._along[columns % size] = after
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
        column: Ints,
        top: Ints,
        bottom: Ints,
        dash: Dashes | None,
        slots: Ints,
        inks: NDArray[np.int32],
    ) -> None:
        """Ink vertical spans over what is there, all edges smoothed.

        Parameters
        ----------
        column
            Column of every span, counted from the pen's reach before the first slot.
        top, bottom
            Edges of every span in 1/SUB px.
        dash
            Dashes of the spans.
        slots
            Picture columns to paint.
        inks
            Ink of every row, shape (height, 4).
        """
        start = top // SUB
        count = (bottom - 1) // SUB - start + 1
        span = np.repeat(np.arange(len(count)), count)
        nth = np.arange(len(span)) - np.repeat(np.cumsum(count) - count, count)
        if dash is not None:
            on = inked_rows(dash, span, nth, count)
            span, nth = span[on], nth[on]
        row = start[span] + nth
        cover = np.minimum((row + 1) * SUB, bottom[span])
        cover -= np.maximum(row * SUB, top[span])
        reach = len(self._pen) - 1
        covers = np.zeros(self.height * len(slots), np.int32)
        for shift in range(-reach, reach + 1):
            place = column[span] + (shift - reach)
            here = (place >= 0) & (place < len(slots))
            at = row[here] * len(slots) + place[here]
            covers[at] = np.maximum(covers[at], cover[here] * self._pen[abs(shift)])
        at = np.flatnonzero(covers)
        row, place = np.divmod(at, len(slots))
        target = row * self.width + slots[place]
        under = self._bytes[target].astype(np.int32)
        step = (inks[row] - under) * covers[at, None]
        self._bytes[target] = (under + (step + _FULL // 2) // _FULL).astype(np.uint8)


def _pen(line_px: float) -> tuple[int, ...]:
    """Return how strongly a line inks its own column and those beside it, in 1/SUB."""
    reach = max(1, int(np.ceil(line_px / 2 + 0.5)))
    shares = np.clip(line_px / 2 + 0.5 - np.arange(1, reach), 0, 1)
    return SUB, *(int(share) for share in np.rint(shares * SUB))


def _row_inks(lanes: Sequence[Lane], layer: Ints, height: int) -> NDArray[np.int32]:
    """Return the ink of every row in a layer: that of the nearest lane."""
    rows = np.arange(height) + 0.5
    tops = np.array([lanes[number].top for number in layer])
    ends = tops + [lanes[number].rows for number in layer]
    away = np.maximum(tops - rows[:, None], rows[:, None] - ends)
    colours = np.array([lanes[number].colour for number in layer], np.uint32)
    words = (colours | np.uint32(0xFF000000))[away.argmin(axis=1)]
    return words.view(np.uint8).reshape(height, 4).astype(np.int32)


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
