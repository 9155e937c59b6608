"""A metric over the sessions: bands behind, the detectable change about the first."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.numbers import day_text
from ui.strip_scale import nice_step, tick_text, ticks
from ui.tokens import NOTE_PX, blend

if TYPE_CHECKING:
    from lablive.library.progress import Line, Point
    from lablive.metrics.bands import Band, Span

_AXIS_PX, _FOOT_PX, _TOP_PX, _EDGE_PX = 56, 24, 16, 60
_DOT_PX: Final = 5.0


class HistoryChart(QWidget):
    """Sessions that may be compared, in order of their days."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(say("The metric over the sessions"))
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setMinimumHeight(180)
        self._line: Line | None = None
        self._band: Band | None = None
        self._unit, self._side = "", "both"

    def show_line(
        self, line: Line | None, band: Band | None, unit: str, side: str
    ) -> None:
        """Show a line; ``band`` None: no limits are known, or the speed is not."""
        self._line, self._band, self._unit, self._side = line, band, unit, side
        told = (
            [f"{it.date}: {it.value:.4g} {unit}" for it in line.points] if line else []
        )
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(600, 260)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bands, detectable change, sessions."""
        found = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(NOTE_PX))
            line = self._line
            if line is None or not line.points:
                painter.setPen(QColor(found.muted))
                painter.drawText(
                    self.rect(), int(Qt.AlignmentFlag.AlignCenter),
                    say("nothing was measured yet"),
                )  # fmt: skip
                return
            box = QRectF(self.rect()).adjusted(
                _AXIS_PX, _TOP_PX, -_EDGE_PX, -theme.scaled(_FOOT_PX)
            )
            ends = self._extent(line)
            self._draw_ground(painter, box, ends)
            self._draw_change(painter, box, ends, line)
            self._draw_points(painter, box, ends, line.points)

    def _extent(self, line: Line) -> tuple[float, float]:
        values = [it.value for it in line.points]
        change = line.mdc.threshold
        if math.isfinite(change):
            values += [values[0] - change, values[0] + change]
        low, high = min(values), max(values)
        room = (high - low) * 0.15 or max(abs(high) * 0.1, 1.0)
        return low - room, high + room

    def _draw_ground(
        self, painter: QPainter, box: QRectF, ends: tuple[float, float]
    ) -> None:
        found = theme.tokens()
        painter.fillRect(box, QColor(found.ground))
        band = self._band
        if band is not None and not band.absolute:
            for span, hue, words in (
                (band.caution, found.caution, "caution"),
                (band.good, found.good, "good"),
            ):
                if span is not None:
                    self._draw_band(painter, box, ends, (span, hue, words))
        low, high = ends
        step = nice_step(high - low, 5)
        for value in ticks(low, high, 5):
            y = _y(value, box, ends)
            painter.setPen(QPen(QColor(found.line), 1))
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            painter.setPen(QColor(found.muted))
            at = QRectF(0, y - 8, _AXIS_PX - 6, 16)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(at, int(right), tick_text(value, step))
        painter.drawText(QPointF(4, 11), self._unit)

    def _draw_band(
        self,
        painter: QPainter,
        box: QRectF,
        ends: tuple[float, float],
        named: tuple[Span, str, str],
    ) -> None:
        found = theme.tokens()
        (low, high), hue, words = named
        top = max(_y(min(high, ends[1]), box, ends), box.top())
        bottom = min(_y(max(low, ends[0]), box, ends), box.bottom())
        if bottom <= top:
            return
        area = QRectF(box.left(), top, box.width(), bottom - top)
        painter.fillRect(area, QColor(blend(hue, found.ground, 0.16)))
        painter.setPen(QColor(found.ink))
        painter.drawText(QPointF(box.right() + 6, (top + bottom) / 2 + 4), words)

    def _draw_change(
        self, painter: QPainter, box: QRectF, ends: tuple[float, float], line: Line
    ) -> None:
        """Draw between which values nothing has changed for sure."""
        change = line.mdc.threshold
        if not math.isfinite(change):
            return
        found = theme.tokens()
        painter.setPen(QPen(QColor(found.muted), 1, Qt.PenStyle.DashLine))
        first = line.points[0].value
        for value in (first - change, first + change):
            y = _y(value, box, ends)
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
        painter.drawText(
            QPointF(box.left() + 4, _y(first + change, box, ends) - 3),
            say("beyond the dashed lines: a change"),
        )

    def _draw_points(
        self,
        painter: QPainter,
        box: QRectF,
        ends: tuple[float, float],
        points: tuple[Point, ...],
    ) -> None:
        found = theme.tokens()
        colour = {"left": found.left, "right": found.right}.get(self._side, found.ink)
        style = Qt.PenStyle.DashLine if self._side == "right" else Qt.PenStyle.SolidLine
        step = box.width() / max(len(points), 1)
        places = [
            QPointF(box.left() + (k + 0.5) * step, _y(it.value, box, ends))
            for k, it in enumerate(points)
        ]
        painter.setPen(QPen(QColor(colour), 2, style))
        painter.drawPolyline(places)
        every = max(1, math.ceil(90 / step))
        for number, (point, place) in enumerate(zip(points, places, strict=True)):
            painter.setPen(QPen(QColor(colour), 2))
            sure = point.changed in ("change", "first")
            painter.setBrush(QColor(colour if sure else found.card))
            painter.drawEllipse(place, _DOT_PX, _DOT_PX)
            if number % every == 0:
                painter.setPen(QColor(found.muted))
                at = QRectF(place.x() - 60, box.bottom() + 4, 120, 16)
                painter.drawText(
                    at, int(Qt.AlignmentFlag.AlignHCenter), day_text(point.date)
                )


def _y(value: float, box: QRectF, ends: tuple[float, float]) -> float:
    low, high = ends
    return box.bottom() - (value - low) / (high - low) * box.height()
