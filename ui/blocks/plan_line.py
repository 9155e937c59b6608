"""The blocks of a run on a time line, with a line where the run is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.language import say
from ui.tokens import NOTE_PX, blend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.protocol.template import BlockRule
    from ui.tokens import Tokens

_BAR_PX: Final = 20
_TIP_PX: Final = 6
_LEAST_PX: Final = 6.0  # of a short block beside long ones
# how strong the accent is in a kind; blocks for exercises and focus stand out
_STRENGTH: Final = {
    "corrective": 0.85, "focus": 0.65, "cadence": 0.5, "baseline": 0.32, "rest": 0.0,
}  # fmt: skip
_PLAIN: Final = 0.14


class PlanLine(QWidget):
    """Paints blocks as long as they last; what is over is quiet."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: tuple[BlockRule, ...] = ()
        self._number, self._share = -1, 0.0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("Plan of the run"))

    @property
    def place(self) -> tuple[int, float]:
        """Block under way, -1 = none, and which share of it is over."""
        return self._number, self._share

    def show_plan(
        self, blocks: Sequence[BlockRule], number: int = -1, share: float = 0.0
    ) -> None:
        """Show blocks as they are run, and where the run is."""
        fresh = (tuple(blocks), number, round(min(max(share, 0.0), 1.0), 3))
        if fresh != (self._blocks, self._number, self._share):
            self._blocks, self._number, self._share = fresh
            self.setAccessibleDescription("; ".join(it.words for it in blocks))
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for the bar and the mark above it."""
        return QSize(200, _BAR_PX + _TIP_PX + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Say which block is under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for at, (left, right) in enumerate(self._places()):
                if left <= event.pos().x() < right:
                    QToolTip.showText(event.globalPos(), self._blocks[at].words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the blocks and the line of now."""
        tokens = theme.tokens()
        places = self._places()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(theme.font(NOTE_PX))
            for at, (left, right) in enumerate(places):
                box = QRectF(left, _TIP_PX, right - left - 2, _BAR_PX)
                self._paint(painter, box, at, tokens)
            if 0 <= self._number < len(places):
                left, right = places[self._number]
                x = left + self._share * (right - left - 2)
                painter.setPen(QPen(QColor(tokens.ink), 2))
                painter.drawLine(QPointF(x, _TIP_PX), QPointF(x, _TIP_PX + _BAR_PX))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(tokens.ink))
                tip = [QPointF(x, _TIP_PX + 1), QPointF(x - 5, 0), QPointF(x + 5, 0)]
                painter.drawPolygon(QPolygonF(tip))

    def _paint(self, painter: QPainter, box: QRectF, at: int, tokens: Tokens) -> None:
        block = self._blocks[at]
        share = _STRENGTH.get(block.kind, _PLAIN)
        over = at < self._number
        if over:
            share *= 0.5
        ground = blend(tokens.accent, tokens.card, share)
        rest = block.kind == "rest"
        painter.setPen(QPen(QColor(tokens.mark), 1) if rest else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        strong = share > 0.6
        ink = tokens.on_accent if strong else tokens.muted if over else tokens.ink
        painter.setPen(QColor(ink))
        metrics = QFontMetricsF(painter.font())
        for text in (f"{block.kind} {block.minutes:g} min", block.kind):
            if metrics.horizontalAdvance(text) <= box.width() - 8:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                return

    def _places(self) -> list[tuple[float, float]]:
        """Return left and right of each block."""
        if not self._blocks:
            return []
        whole = sum(it.minutes for it in self._blocks)
        spare = max(self.width() - _LEAST_PX * len(self._blocks), 0.0)
        found: list[tuple[float, float]] = []
        left = 0.0
        for it in self._blocks:
            right = left + _LEAST_PX + spare * it.minutes / whole
            found.append((left, right))
            left = right
        return found
