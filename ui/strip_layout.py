"""Where curves, grid, bands and labels of a strip chart go, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ui.strip_item import AxisText, BandText
from ui.strip_raster import Lane
from ui.strip_scale import Band, nice_step, tick_text, ticks
from ui.tokens import blend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.strip_raster import Pixels
    from ui.tokens import Tokens

_PAD_PX: Final = 7.0
_MARKS_PX: Final = 18.0
_TICK_EVERY_PX: Final = 34.0
_MOST_TICKS: Final = 6
_TWO_LINES_PX: Final = 38.0
_DASH_PX: Final = (6, 4)
_BAND_TINT: Final = 0.10


@dataclass(frozen=True, slots=True)
class CurveStyle:
    """How one curve is drawn and named.

    Attributes
    ----------
    label
        Its name, side included ("Left", "Gluteus maximus R").
    color
        A colour token (``left``, ``right``, ``ink``, ``accent``) or ``#RRGGBB``.
    dashed
        Right-side curves that share a plot with left-side ones.
    unit
        Unit of the values.
    rate_hz
        Nominal rate; rows further apart than 2.5 periods are not joined. 0: rows
        further apart than 0.1 s.
    over
        Number of the curve whose lane it is drawn into, over that curve.
    """

    label: str
    color: str
    dashed: bool = False
    unit: str = ""
    rate_hz: float = 0.0
    over: int | None = None

    @property
    def max_step_s(self) -> float:
        """Longest step between two rows that is still drawn as one line."""
        return 2.5 / self.rate_hz if self.rate_hz > 0 else 0.1

    def ink(self, tokens: Tokens) -> str:
        """Return the colour in a theme, as ``#RRGGBB``."""
        return self.color if self.color[:1] == "#" else getattr(tokens, self.color)

    def text_ink(self, tokens: Tokens) -> str:
        """Return the colour for text, with a text's contrast."""
        return getattr(tokens, f"{self.color}_text", self.ink(tokens))


class StripLayout(NamedTuple):
    """A chart in pixels: lanes and ground in device px, texts in logical px."""

    lanes: tuple[Lane, ...]
    background: Pixels
    axis: tuple[AxisText, ...]
    band_texts: tuple[BandText, ...]
    baseline_px: float


def lay_out(
    curves: Sequence[CurveStyle],
    ranges: Sequence[tuple[float, float]],
    tokens: Tokens,
    *,
    height: int,
    ratio: float,
    stacked: bool,
    bands: Sequence[Band] = (),
    marks: bool = False,
) -> StripLayout:
    """Place curves with value ``ranges`` on ``height`` device px.

    Parameters
    ----------
    curves, ranges
        Styles and (low, high), one per curve.
    tokens
        The theme.
    height, ratio
        Device px, and device px per logical px.
    stacked
        One lane per curve below each other, or all curves on one axis.
    bands
        Tinted ranges (on one axis only).
    marks
        Keep room for contact marks.
    """
    foot = (_MARKS_PX if marks else _PAD_PX) * ratio
    usable = max(height - foot, 8.0)
    boxes = _boxes(lane_numbers(curves), usable, _PAD_PX * ratio, stacked)
    lanes = tuple(
        Lane(top, rows, low, high, _number(style.ink(tokens)), _dash(style, ratio))
        for style, (low, high), (top, rows) in zip(curves, ranges, boxes, strict=True)
    )
    background = np.full(height, _number(tokens.card), np.uint32)
    texts: list[BandText] = []
    for band in () if stacked else bands:
        texts += _tint(background, band, lanes[0], tokens, ratio)
    grid = _grid_values(lanes, ratio, stacked)
    thick = max(1, round(ratio))
    for lane, value in grid:
        row = int(lane.row_of(value))
        background[row : row + thick] = _number(tokens.line)
    axis = (
        _lane_labels(curves, lanes, tokens, ratio)
        if stacked
        else _tick_labels(lanes[0], [value for _, value in grid], ratio)
    )
    baseline = max(lane.row_of(min(max(0.0, lane.low), lane.high)) for lane in lanes)
    return StripLayout(lanes, background, axis, tuple(texts), baseline / ratio + 1)


def lane_numbers(curves: Sequence[CurveStyle]) -> list[int]:
    """Return in which lane each curve of a stacked chart is drawn."""
    lanes: list[int] = []
    for style in curves:
        new = max(lanes, default=-1) + 1
        lanes.append(new if style.over is None else lanes[style.over])
    return lanes


def _boxes(
    lanes: Sequence[int], usable: float, pad: float, stacked: bool
) -> list[tuple[float, float]]:
    if not stacked:
        return [(pad, max(usable - pad, 4.0))] * len(lanes)
    each = usable / (max(lanes) + 1)
    inner = min(pad / 2, each * 0.1)
    return [(lane * each + inner, max(each - 2 * inner, 1.0)) for lane in lanes]


def _dash(style: CurveStyle, ratio: float) -> tuple[int, int]:
    if not style.dashed:
        return 0, 0
    return round(_DASH_PX[0] * ratio), round(_DASH_PX[1] * ratio)


def _tint(
    background: Pixels, band: Band, lane: Lane, tokens: Tokens, ratio: float
) -> list[BandText]:
    low, high = max(band.low, lane.low), min(band.high, lane.high)
    if low >= high:
        return []
    top, bottom = lane.row_of(high), lane.row_of(low)
    colour = tokens.verdict(band.verdict)
    background[round(top) : round(bottom) + 1] = _number(
        blend(colour, tokens.card, _BAND_TINT)
    )
    return [BandText(top / ratio, bottom / ratio, band.label, colour)]


def _grid_values(
    lanes: Sequence[Lane], ratio: float, stacked: bool
) -> list[tuple[Lane, float]]:
    if stacked:
        return [(lane, min(max(0.0, lane.low), lane.high)) for lane in lanes]
    lane = lanes[0]
    most = min(max(2, int(lane.rows / ratio / _TICK_EVERY_PX)), _MOST_TICKS)
    return [(lane, value) for value in ticks(lane.low, lane.high, most)]


def _tick_labels(
    lane: Lane, values: Sequence[float], ratio: float
) -> tuple[AxisText, ...]:
    step = values[1] - values[0] if len(values) > 1 else 1.0
    return tuple(
        AxisText(lane.row_of(value) / ratio, tick_text(value, step)) for value in values
    )


def _lane_labels(
    curves: Sequence[CurveStyle], lanes: Sequence[Lane], tokens: Tokens, ratio: float
) -> tuple[AxisText, ...]:
    """Name every lane, with its range when there is room for a second line."""
    texts: list[AxisText] = []
    for style, lane in zip(curves, lanes, strict=True):
        if style.over is not None:
            continue
        middle = (lane.top + lane.rows / 2) / ratio
        two = lane.rows / ratio >= _TWO_LINES_PX
        up = 8 if two else 0
        texts.append(
            AxisText(middle - up, style.label, style.text_ink(tokens), strong=True)
        )
        if two:
            texts.append(AxisText(middle + 8, _range_text(lane, style.unit)))
    return tuple(texts)


def _range_text(lane: Lane, unit: str) -> str:
    step = nice_step(lane.high - lane.low, 4)
    low, high = tick_text(lane.low, step), tick_text(lane.high, step)
    return f"±{high} {unit}" if lane.low == -lane.high else f"{low} to {high} {unit}"


def _number(colour: str) -> int:
    return int(colour.removeprefix("#"), 16)
