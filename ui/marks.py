"""Small painted signs: verdicts, lamps and side marks, the same on every page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.names import Side
    from ui.tokens import Tokens

Sign = Literal["good", "caution", "poor", "info", "empty", "busy", "record"]


def paint_side(painter: QPainter, side: Side, box: QRectF, tokens: Tokens) -> None:
    """Paint a side's mark: left a disc, right a square."""
    painter.setPen(Qt.PenStyle.NoPen)
    if side == "left":
        painter.setBrush(QColor(tokens.left))
        painter.drawEllipse(box)
    else:
        painter.setBrush(QColor(tokens.right))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 1, 1)


def paint_sign(painter: QPainter, sign: Sign, box: QRectF, tokens: Tokens) -> None:
    """Paint a sign: disc with tick, triangle, octagon with cross, ring with i.

    ``empty`` is a dashed ring (off, unknown), ``busy`` a half-filled one, ``record``
    a full disc.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width() / 16, box.height() / 16)
    colour = sign_colour(sign, tokens)
    _PAINTERS[sign](painter, QColor(colour), QColor(tokens.card))
    painter.restore()


def sign_colour(sign: Sign, tokens: Tokens) -> str:
    """Return the colour of a sign."""
    return {
        "good": tokens.good,
        "caution": tokens.caution,
        "poor": tokens.poor,
        "busy": tokens.accent,
        "record": tokens.poor,
    }.get(sign, tokens.muted)


def _stroke(colour: QColor, width: float = 1.8) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _disc(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(1, 1, 14, 14))
    painter.setPen(_stroke(paper))
    tick = [QPointF(4.9, 8.3), QPointF(7.1, 10.5), QPointF(11.2, 5.9)]
    painter.drawPolyline(QPolygonF(tick))


def _triangle(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(_stroke(colour, 2))
    painter.setBrush(colour)
    corners = [QPointF(8, 2.2), QPointF(14.6, 13.6), QPointF(1.4, 13.6)]
    painter.drawPolygon(QPolygonF(corners))
    painter.setPen(_stroke(paper))
    painter.drawLine(QPointF(8, 6.2), QPointF(8, 9.4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paper)
    painter.drawEllipse(QPointF(8, 12), 1, 1)


def _octagon(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    near, far, low, high = 5.0, 11.0, 0.8, 15.2
    corners = [
        QPointF(near, low), QPointF(far, low), QPointF(high, near), QPointF(high, far),
        QPointF(far, high), QPointF(near, high), QPointF(low, far), QPointF(low, near),
    ]  # fmt: skip
    painter.drawPolygon(QPolygonF(corners))
    painter.setPen(_stroke(paper))
    painter.drawLine(QPointF(5.7, 5.7), QPointF(10.3, 10.3))
    painter.drawLine(QPointF(10.3, 5.7), QPointF(5.7, 10.3))


def _letter_i(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(_stroke(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(1.5, 1.5, 13, 13))
    painter.drawLine(QPointF(8, 7.6), QPointF(8, 11.2))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(8, 5), 1, 1)


def _empty(painter: QPainter, colour: QColor, paper: QColor) -> None:
    pen = QPen(QBrush(colour), 1.5)
    pen.setDashPattern([2.0, 1.7])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(1.75, 1.75, 12.5, 12.5))


def _half(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(_stroke(colour, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QRectF(1.75, 1.75, 12.5, 12.5))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPie(QRectF(4, 4, 8, 8), 90 * 16, -180 * 16)


def _full(painter: QPainter, colour: QColor, paper: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QRectF(2.5, 2.5, 11, 11))


_PAINTERS: Final[dict[Sign, Callable[[QPainter, QColor, QColor], None]]] = {
    "good": _disc,
    "caution": _triangle,
    "poor": _octagon,
    "info": _letter_i,
    "empty": _empty,
    "busy": _half,
    "record": _full,
}
