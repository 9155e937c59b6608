"""Curves of single steps: left solid with a disc, right dashed with a square."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

if TYPE_CHECKING:
    from lablive.gait.contacts import ContactSide
    from lablive.steps import Steps
    from ui.tokens import Tokens

_DASH: Final = (3.0, 2.5)
LAST: Final = 20  # steps of both feet


def ink_of(side: ContactSide, tokens: Tokens) -> QColor:
    """Return the colour of a side's marks."""
    return QColor({"left": tokens.left, "right": tokens.right}.get(side, tokens.ink))


def paint_step(
    painter: QPainter, side: ContactSide, at: QPointF, size: float, tokens: Tokens
) -> None:
    """Paint one step: left a disc, right a square, unknown a diamond."""
    half = size / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ink_of(side, tokens))
    box = QRectF(at.x() - half, at.y() - half, size, size)
    if side == "left":
        painter.drawEllipse(box)
    elif side == "right":
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    else:
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(at.x(), box.top()),
                    QPointF(box.right(), at.y()),
                    QPointF(at.x(), box.bottom()),
                    QPointF(box.left(), at.y()),
                ]
            )
        )


def spark_range(steps: Steps, least: float) -> tuple[float, float]:
    """Return what a curve spans, ``least`` or more: so noise stays flat."""
    shown = steps.values[-LAST:]
    low, high = min(shown), max(shown)
    more = max(0.0, least - (high - low)) / 2
    return low - more, high + more


def paint_spark(
    painter: QPainter, box: QRectF, steps: Steps, tokens: Tokens, least: float
) -> None:
    """Paint the last steps of a metric, each side a line, the newest at the right.

    ``least``: the smallest range that fills the height, in the metric's unit.
    """
    if not steps.values:
        return
    shown = list(zip(steps.sides, steps.values, strict=True))[-LAST:]
    low, high = spark_range(steps, least)
    inner = box.adjusted(3, 3, -3, -3)
    across = inner.width() / max(1, LAST - 1)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for side in ("left", "right", "unknown"):
        points = [
            QPointF(
                inner.right() - across * (len(shown) - 1 - number),
                inner.bottom() - inner.height() * (value - low) / (high - low),
            )
            for number, (whose, value) in enumerate(shown)
            if whose == side
        ]
        if not points:
            continue
        pen = QPen(ink_of(side, tokens), 1.5)
        if side == "right":
            pen.setDashPattern(_DASH)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        paint_step(painter, side, points[-1], 5.0, tokens)
