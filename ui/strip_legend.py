"""The line above a strip chart: unit, names of the curves, values at the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.tokens import NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.strip_layout import CurveStyle

_SAMPLE_PX: Final = 22.0
_SPACE_PX: Final = 16.0


class StripLegend(QWidget):
    """Names and values of a chart's curves; the sample lines are as drawn."""

    def __init__(
        self, curves: Sequence[CurveStyle], unit: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._curves, self._unit = tuple(curves), unit
        self._readout = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(", ".join(curve.label for curve in curves))

    def set_readout(self, text: str) -> None:
        """Show values at the cursor, at the right end."""
        if text != self._readout:
            self._readout = text
            self.setAccessibleDescription(text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return one line of note text."""
        return QSize(200, theme.scaled(NOTE_PX) + 9)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write unit, curves and readout; curves give way to the readout."""
        found = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            font = theme.font(NOTE_PX)
            painter.setFont(font)
            metrics = QFontMetricsF(font)
            height = float(self.height())
            right = self.width() - 6.0
            if self._readout:
                painter.setPen(QColor(found.ink))
                box = QRectF(0, 0, right, height)
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, flags, self._readout)
                right -= metrics.horizontalAdvance(self._readout) + _SPACE_PX
            left = 8.0
            if self._unit:
                painter.setPen(QColor(found.muted))
                left += _write(painter, left, height, self._unit) + _SPACE_PX
            strong = theme.font(NOTE_PX, QFont.Weight.DemiBold)
            painter.setFont(strong)
            width_of = QFontMetricsF(strong).horizontalAdvance
            for curve in self._curves:
                if left + _SAMPLE_PX + 6 + width_of(say(curve.label)) > right:
                    break
                pen = QPen(QColor(curve.ink(found)), 2.0)
                if curve.dashed:
                    pen.setDashPattern([3.0, 2.0])
                painter.setPen(pen)
                middle = height / 2
                painter.drawLine(
                    QPointF(left, middle), QPointF(left + _SAMPLE_PX, middle)
                )
                left += _SAMPLE_PX + 6
                painter.setPen(QColor(curve.text_ink(found)))
                left += _write(painter, left, height, curve.label) + _SPACE_PX


def _write(painter: QPainter, left: float, height: float, text: str) -> float:
    """Write text from ``left`` on; return its width."""
    text = say(text)
    width = painter.fontMetrics().horizontalAdvance(text) + 1.0
    box = QRectF(left, 0, width, height)
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
    return width
