"""What is written and drawn over the insole picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPen,
    QPolygonF,
)

from ui import theme
from ui.language import say
from ui.marks import paint_side
from ui.tokens import BODY_PX, NOTE_PX

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lablive.names import Side
    from ui.tokens import Tokens

_DOT_PX: Final = 13.0
_CROSS_PX: Final = 2.5
_NAME_MARK_PX: Final = 9.0
_CENTRE: Final = Qt.AlignmentFlag.AlignCenter
_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter


def gait_line(
    points: NDArray[np.float64], tokens: Tokens, ratio: float
) -> tuple[QImage, QPointF]:
    """Draw the centre of pressure's path of the last contact on clear ground.

    Parameters
    ----------
    points
        Path in logical px, shape (points, 2).
    tokens
        The theme.
    ratio
        Device px per logical px.

    Returns
    -------
    image, corner
        The picture and where its upper left corner belongs.
    """
    line = QPolygonF([QPointF(float(x), float(y)) for x, y in points])
    box = line.boundingRect().adjusted(-4, -4, 4, 4).toAlignedRect()
    kind = QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(
        math.ceil(box.width() * ratio), math.ceil(box.height() * ratio), kind
    )
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    if line.size() > 1:
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-box.topLeft())
            for colour, width in ((tokens.card, 4.0), (tokens.ink, 1.8)):  # halo, line
                pen = QPen(QColor(colour), width)
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawPolyline(line)
    return image, QPointF(box.topLeft())


def paint_missing(
    painter: QPainter, centres: NDArray[np.float64], tokens: Tokens
) -> None:
    """Cross out cells without a value; centres in px, shape (cells, 2)."""
    painter.setPen(QPen(QColor(tokens.muted), 1.2))
    for x, y in centres:
        for slope in (-1, 1):
            start = QPointF(float(x) - _CROSS_PX, float(y) - slope * _CROSS_PX)
            end = QPointF(float(x) + _CROSS_PX, float(y) + slope * _CROSS_PX)
            painter.drawLine(start, end)


def paint_cop(painter: QPainter, side: Side, at: QPointF, tokens: Tokens) -> None:
    """Draw the centre of pressure: the side's mark with a rim."""
    half = _DOT_PX / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(tokens.card))
    rim = QRectF(at.x() - half - 2, at.y() - half - 2, _DOT_PX + 4, _DOT_PX + 4)
    if side == "left":
        painter.drawEllipse(rim)
    else:
        painter.drawRoundedRect(rim, 3, 3)
    paint_side(painter, side, rim.adjusted(2, 2, -2, -2), tokens)


def paint_name(
    painter: QPainter, side: Side, centre_x: float, toe_y: float, tokens: Tokens
) -> None:
    """Write the side's name with its mark, centred above its foot's toes."""
    font = theme.font(BODY_PX, QFont.Weight.DemiBold)
    text = say(side.capitalize())
    wide = QFontMetricsF(font).horizontalAdvance(text)
    left = centre_x - (wide + _NAME_MARK_PX + 6) / 2
    tall = theme.scaled(BODY_PX) + 8.0
    top = max(0.0, toe_y - tall - 4)
    middle = top + (tall - _NAME_MARK_PX) / 2
    mark = QRectF(left, middle, _NAME_MARK_PX, _NAME_MARK_PX)
    paint_side(painter, side, mark, tokens)
    painter.setFont(font)
    painter.setPen(QColor(tokens.left_text if side == "left" else tokens.right_text))
    painter.drawText(QRectF(mark.right() + 6, top, wide + 2, tall), _MIDDLE, text)


def paint_notice(
    painter: QPainter, text: str, centre: QPointF, width: float, tokens: Tokens
) -> None:
    """Write why a foot is not live, on a small card in its middle."""
    font, text = theme.font(NOTE_PX + 1, QFont.Weight.Medium), say(text)
    flags = int(_CENTRE | Qt.TextFlag.TextWordWrap)
    most = QRectF(0, 0, max(width - 20, 60), 400)
    box = QFontMetricsF(font).boundingRect(most, flags, text)
    box.moveCenter(centre)
    card = box.adjusted(-10, -8, 10, 8)
    painter.setPen(QPen(QColor(tokens.mark), 1))
    painter.setBrush(QColor(tokens.card))
    painter.drawRoundedRect(card, 6, 6)
    painter.setFont(font)
    painter.setPen(QColor(tokens.ink))
    painter.drawText(box.adjusted(-2, 0, 2, 0), flags, text)
