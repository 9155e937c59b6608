"""Pictures of a comparison: mean curves with their spread, gait lines, soles.

Then is grey and dotted. Left is orange and solid, right blue and dashed.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.heat import heat_table, levels
from ui.insole_shape import FootPlace, FootShape
from ui.language import say
from ui.strip_scale import nice_step, tick_text, ticks
from ui.tokens import NOTE_PX, blend

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.comparing.comparison import CurvePair, GaitLines, MapPair
    from lablive.comparing.curves import MeanCurve
    from lablive.comparing.maps import CellMap

Shown = Literal["Mean", "Max", "Difference"]
SHOWN: Final[tuple[Shown, ...]] = ("Mean", "Max", "Difference")
_AXIS_PX, _HEAD_PX = 44, 20
_TRIFLE: Final = 0.1  # of the largest mean
_MIDDLE: Final = int(Qt.AlignmentFlag.AlignCenter)


_Where = tuple[tuple[float, ...], QRectF, "Callable[[float], float]"]


class _Pen(NamedTuple):
    """How a curve is drawn, and its name."""

    words: str
    colour: str
    style: Qt.PenStyle


def pens_of(side: str) -> tuple[_Pen, _Pen]:
    """Return the pens of a pair: then and now of a foot, or the two feet."""
    found = theme.tokens()
    solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
    left, right = (
        _Pen("left", found.left, solid),
        _Pen("right", found.right, dashed),
    )
    if side == "left and right":
        return left, right
    now = {"left": left, "right": right}.get(side, _Pen("", found.ink, solid))
    then = _Pen("then", found.muted, Qt.PenStyle.DotLine)
    return then, now._replace(words="now")


class _Picture(QWidget):
    """A picture with room to grow."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(420, 190)

    def minimumSizeHint(self) -> QSize:
        """Return the least."""
        return QSize(240, 120)

    def say(self, painter: QPainter, text: str) -> None:
        """Say why there is nothing."""
        painter.setPen(QColor(theme.tokens().muted))
        painter.drawText(self.rect(), _MIDDLE, text)

    def panels(self, count: int) -> list[QRectF]:
        """Return boxes beside each other."""
        wide = self.width() / max(count, 1)
        return [QRectF(k * wide, 0, wide, self.height()) for k in range(count)]


class CurveChart(_Picture):
    """Mean and standard deviation over the stride: a panel a foot."""

    def __init__(self) -> None:
        super().__init__("Mean curves with their standard deviation")
        self._pairs: tuple[CurvePair, ...] = ()

    def show_curves(self, pairs: Sequence[CurvePair]) -> None:
        """Show one curve of every side."""
        self._pairs = tuple(pairs)
        told = [f"{it.label} {it.side}: {it.a.n} and {it.b.n} strides" for it in pairs]
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every panel to one scale."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(NOTE_PX))
            low, high = _extent(self._pairs)
            if not low < high:
                self.say(painter, "no curve on both sides")
                return
            boxes = self.panels(len(self._pairs))
            for pair, box in zip(self._pairs, boxes, strict=True):
                _panel(painter, pair, box, (low, high))


class GaitChart(_Picture):
    """Mean path of the pressure in stance, from the heel (below) to the toes."""

    def __init__(self) -> None:
        super().__init__("Gait lines")
        self._lines: tuple[GaitLines, ...] = ()

    def show_lines(self, lines: Sequence[GaitLines]) -> None:
        """Show the lines of every side."""
        self._lines = tuple(lines)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw then and now over one another."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(NOTE_PX))
            if not self._lines:
                self.say(painter, "no gait line: it needs soles with cells")
                return
            for line, box in zip(
                self._lines, self.panels(len(self._lines)), strict=True
            ):
                _foot_lines(painter, line, box)


class MapChart(_Picture):
    """What the cells of the soles carried: mean, highest value, or the difference."""

    def __init__(self) -> None:
        super().__init__("Insole maps")
        self._maps: tuple[MapPair, ...] = ()
        self._shown: Shown = "Mean"

    def show_maps(self, maps: Sequence[MapPair], shown: Shown) -> None:
        """Show one kind of map of both sides of a comparison."""
        self._maps, self._shown = tuple(maps), shown
        self.setAccessibleDescription(shown)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the soles: then beside now, or one difference a foot."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(NOTE_PX))
            found = self._soles()
            if not found:
                self.say(painter, "no map: it needs soles with the same cells")
                return
            full = max(float(np.nanmax(np.abs(values))) for *_, values in found)
            if self._shown == "Difference":  # a trifle must not look like a change
                full = max(full, _TRIFLE * max(_largest(it) for it in self._maps))
            full = full if full > 0 and math.isfinite(full) else 1.0
            for (words, side, cells, values), box in zip(
                found, self.panels(len(found)), strict=True
            ):
                _sole(painter, (words, side), (cells, values), box, (self._shown, full))

    def _soles(self) -> list[tuple[str, str, CellMap, np.ndarray]]:
        found: list[tuple[str, str, CellMap, np.ndarray]] = []
        for pair in self._maps:
            feet = pair.side == "left and right"
            if self._shown == "Difference":
                if pair.difference:
                    side = "left" if feet else pair.side
                    words = "right less left" if feet else f"{pair.side}, now less then"
                    found.append((words, side, pair.a, np.array(pair.difference)))
                continue
            for cells, when in ((pair.a, "then"), (pair.b, "now")):
                if not cells.n:
                    continue
                side = pair.side
                if feet:
                    side = "left" if cells is pair.a else "right"
                words = side if feet else f"{side}, {when}"
                values = cells.mean if self._shown == "Mean" else cells.highest
                found.append((f"{words} (n {cells.n})", side, cells, np.array(values)))
        return found


def _largest(pair: MapPair) -> float:
    """Return the largest mean of a cell, then or now."""
    values = [abs(it) for it in (*pair.a.mean, *pair.b.mean) if math.isfinite(it)]
    return max(values, default=0.0)


def _extent(pairs: Sequence[CurvePair]) -> tuple[float, float]:
    ends: list[float] = []
    for pair in pairs:
        for curve in (pair.a, pair.b):
            mean, sd = np.array(curve.mean), np.array(curve.sd)
            if len(mean):
                sd = np.where(np.isfinite(sd), sd, 0.0) if len(sd) else 0.0
                known = [*(mean - sd).tolist(), *(mean + sd).tolist()]
                ends += [it for it in known if math.isfinite(it)]
    if not ends:
        return 0.0, 0.0
    low, high = min(ends), max(ends)
    return (low, high) if low < high else (low - 1.0, high + 1.0)


def _panel(
    painter: QPainter, pair: CurvePair, box: QRectF, ends: tuple[float, float]
) -> None:
    found = theme.tokens()
    low, high = ends
    inner = box.adjusted(_AXIS_PX, _HEAD_PX, -12, -18)
    metrics = QFontMetrics(painter.font())

    def y_of(value: float) -> float:
        return inner.bottom() - (value - low) / (high - low) * inner.height()

    step = nice_step(high - low, 4)
    for value in ticks(low, high, 4):
        y = y_of(value)
        painter.setPen(QPen(QColor(found.line), 1))
        painter.drawLine(QLineF(inner.left(), y, inner.right(), y))
        painter.setPen(QColor(found.muted))
        at = QRectF(box.left(), y - 8, _AXIS_PX - 6, 16)
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(at, right, tick_text(value, step))
    first, last = pair.at_pct[0], pair.at_pct[-1]
    painter.setPen(QColor(found.muted))
    unit = f"{first:g} to {last:g} % of the {pair.over} · {pair.unit}"
    painter.drawText(QRectF(inner.left(), inner.bottom(), inner.width(), 18),
                     _MIDDLE, unit)  # fmt: skip
    x = inner.left()
    for curve, pen in zip((pair.a, pair.b), pens_of(pair.side), strict=True):
        _curve(painter, curve, pen, (pair.at_pct, inner, y_of))
        words = f"{pen.words} (n {curve.n})"
        painter.setPen(QPen(QColor(pen.colour), 2, pen.style))
        painter.drawLine(QLineF(x, 10, x + 18, 10))
        painter.setPen(QColor(found.ink))
        painter.drawText(QPointF(x + 22, 14), words)
        x += 34 + metrics.horizontalAdvance(words)
    if pair.side not in ("left and right",):
        painter.drawText(QPointF(x, 14), pair.side)


def _curve(painter: QPainter, curve: MeanCurve, pen: _Pen, where: _Where) -> None:
    at_pct, inner, y_of = where
    if not curve.mean:
        return
    share = np.linspace(0, 1, len(at_pct))
    x = inner.left() + share * inner.width()
    mean = np.array(curve.mean)
    sd = np.array(curve.sd) if curve.sd else np.zeros_like(mean)
    seen = np.isfinite(mean)
    sd = np.where(np.isfinite(sd), sd, 0.0)
    if not seen.any():
        return
    band = QPolygonF()
    for place, value in zip(x[seen], (mean + sd)[seen], strict=True):
        band.append(QPointF(place, y_of(value)))
    for place, value in zip(x[seen][::-1], (mean - sd)[seen][::-1], strict=True):
        band.append(QPointF(place, y_of(value)))
    tint = QColor(pen.colour)
    tint.setAlphaF(0.18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    painter.drawPolygon(band)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(pen.colour), 2, pen.style))
    line = [
        QPointF(place, y_of(value))
        for place, value in zip(x[seen], mean[seen], strict=True)
    ]
    painter.drawPolyline(line)


def _foot_lines(painter: QPainter, line: GaitLines, box: QRectF) -> None:
    found = theme.tokens()
    inner = box.adjusted(12, _HEAD_PX, -12, -18)
    wide = min(inner.width(), inner.height() * 0.5)
    middle = inner.center().x()
    painter.setPen(QPen(QColor(found.line), 1))
    painter.drawLine(QLineF(middle, inner.top(), middle, inner.bottom()))
    painter.setPen(QColor(found.muted))
    feet = line.side == "left and right"
    head = QRectF(box.left(), 0, box.width(), _HEAD_PX)
    painter.drawText(head, _MIDDLE, line.side)
    foot = QRectF(box.left(), inner.bottom(), box.width(), 18)
    inwards = "← inner side" if line.side == "right" else "inner side →"
    painter.drawText(foot, _MIDDLE, say(inwards))
    medial = -1.0 if line.side == "right" else 1.0
    if feet:
        medial = 1.0
    for points, pen in zip((line.a, line.b), pens_of(line.side), strict=True):
        painter.setPen(QPen(QColor(pen.colour), 2, pen.style))
        path = [
            QPointF(middle + medial * x * wide, inner.bottom() - y * inner.height())
            for x, y in points
            if math.isfinite(x) and math.isfinite(y)
        ]
        painter.drawPolyline(path)


def _sole(
    painter: QPainter,
    name: tuple[str, str],
    held: tuple[CellMap, np.ndarray],
    box: QRectF,
    scale: tuple[Shown, float],
) -> None:
    from lablive.signals.layouts import load_layout

    (words, side), (cells, values), (shown, full) = name, held, scale
    found = theme.tokens()
    layout = load_layout(cells.layout)
    inner = box.adjusted(4, _HEAD_PX, -4, -20)
    px = min(inner.height() / layout.length_mm, inner.width() / layout.width_mm / 1.2)
    heel_y = inner.bottom()
    place = FootPlace(
        "right" if side == "right" else "left", inner.center().x(), heel_y, px
    )
    shape = FootShape(layout, place)
    painter.setPen(QPen(QColor(found.mark), 1))
    painter.setBrush(QColor(found.ground))
    painter.drawPath(shape.outline)
    painter.save()
    painter.setClipPath(shape.outline)
    for polygon, value in zip(shape.cells, values.tolist(), strict=True):
        painter.setBrush(QColor(_colour(value, shown, full)))
        painter.drawPolygon(polygon)
        if shown == "Difference" and math.isfinite(value):  # never colour alone
            painter.save()
            painter.setPen(QColor(found.ink))
            text = f"{value:+.2g}" if abs(value) < 100 else f"{value:+.0f}"
            cell = polygon.boundingRect()
            metrics = QFontMetrics(painter.font())
            if metrics.horizontalAdvance(text) < cell.width():
                painter.drawText(cell, _MIDDLE, text)
            painter.restore()
    painter.restore()
    painter.setPen(QColor(found.ink))
    painter.drawText(QRectF(box.left(), 0, box.width(), _HEAD_PX), _MIDDLE, words)
    painter.setPen(QColor(found.muted))
    end = f"to {full:.3g} {cells.unit}"
    end = f"± {full:.3g} {cells.unit}" if shown == "Difference" else end
    painter.drawText(
        QRectF(box.left(), inner.bottom() + 2, box.width(), 18), _MIDDLE, end
    )


def _colour(value: float, shown: Shown, full: float) -> str:
    found = theme.tokens()
    if not math.isfinite(value):
        return found.card
    if shown == "Difference":  # more: accent, less: the alarm's hue; both fade to card
        hue = found.accent if value > 0 else found.caution
        return blend(hue, found.card, min(abs(value) / full, 1.0) * 0.8)
    table = heat_table(found.name)
    packed = int(table[int(levels(np.array([value]), full)[0])])
    return f"#{packed & 0xFFFFFF:06X}"
