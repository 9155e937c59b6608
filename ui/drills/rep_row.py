"""The repetitions of a set in a row: done, failed and why, still to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
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
from ui.tokens import HEADING_PX, NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.drills.sight import RepSight
    from ui.tokens import Tokens

_RING_PX: Final = 42
_LEAST_PX, _MOST_PX = 52, 92  # from one to the next
_NOTE_LINES: Final = 2
_WORDS: Final = {
    "passed": "valid",
    "failed": "failed",
    "not scored": "not scored",
    "not counted": "not counted",
    "": "to come",
}


class RepRow(QWidget):
    """Rings with a tick, a cross, a question or their number, and why below.

    As many as there is room for: the newest, and those to come.
    """

    def __init__(self) -> None:
        super().__init__()
        self._reps: tuple[RepSight, ...] = ()
        self._selected: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("Repetitions"))

    @property
    def reps(self) -> tuple[RepSight, ...]:
        """What is shown."""
        return self._reps

    def show_reps(self, reps: Sequence[RepSight], selected: int | None) -> None:
        """Show repetitions; ``selected``: the number that is corrected."""
        fresh = tuple(reps)
        if (fresh, selected) == (self._reps, self._selected):
            return
        self._reps, self._selected = fresh, selected
        told = [f"{it.number} {_WORDS[it.state]} {it.note}".strip() for it in fresh]
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the rings and two lines below."""
        lines = _NOTE_LINES * (theme.scaled(NOTE_PX) + 4)
        return QSize(_LEAST_PX, _RING_PX + 10 + lines)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Say all of a reason under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            found = self._shown()
            at = int(event.pos().x() // self._step(len(found))) if found else 0
            it = found[at] if at < len(found) else None
            tip = f"{it.number}: {_WORDS[it.state]}. {it.note}" if it else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rings there is room for."""
        tokens = theme.tokens()
        found = self._shown()
        step = self._step(len(found))
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for place, it in enumerate(found):
                box = QRectF(place * step + 2, 2, _RING_PX - 4, _RING_PX - 4)
                self._paint_ring(painter, box, it, tokens)
                self._paint_note(painter, box, it, step, tokens)

    def _shown(self) -> tuple[RepSight, ...]:
        room = max(int(self.width() // _LEAST_PX), 1)
        if len(self._reps) <= room:
            return self._reps
        done = sum(bool(it.state) for it in self._reps)
        end = max(min(done + 1, len(self._reps)), room)
        return self._reps[end - room : end]

    def _step(self, count: int) -> float:
        return min(max(self.width() / max(count, 1), _LEAST_PX), _MOST_PX)

    def _paint_ring(
        self, painter: QPainter, box: QRectF, it: RepSight, tokens: Tokens
    ) -> None:
        colours = {"passed": tokens.good, "failed": tokens.poor,
                   "not scored": tokens.muted, "not counted": tokens.muted}  # fmt: skip
        colour = QColor(colours.get(it.state, tokens.line))
        if it.number == self._selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_tint))
            painter.drawEllipse(box.adjusted(-2, -2, 2, 2))
        pen = QPen(colour, 2.0)
        if it.state in ("not scored", "not counted"):
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box)
        middle = box.center()
        stroke = QPen(colour, 2.6)
        stroke.setCapStyle(Qt.PenCapStyle.RoundCap)
        stroke.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(stroke)
        if it.state == "passed":
            tick = [(-5.0, 0.5), (-1.5, 4.0), (5.5, -4.0)]
            painter.drawPolyline(QPolygonF([middle + QPointF(x, y) for x, y in tick]))
        elif it.state == "failed":
            for way in (1, -1):
                arm = QPointF(4.5, 4.5 * way)
                painter.drawLine(middle - arm, middle + arm)
        else:
            text = "?" if it.state == "not scored" else str(it.number)
            painter.setPen(QColor(tokens.muted))
            painter.setFont(theme.font(HEADING_PX, QFont.Weight.DemiBold))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
        if it.by_hand:
            painter.setPen(QColor(tokens.muted))
            painter.setFont(theme.font(NOTE_PX))
            painter.drawText(box.topRight() + QPointF(-2, 6), say("hand"))

    def _paint_note(
        self, painter: QPainter, box: QRectF, it: RepSight, step: float, tokens: Tokens
    ) -> None:
        if not it.note or it.state == "passed":
            return
        font = theme.font(NOTE_PX)
        painter.setFont(font)
        painter.setPen(QColor(tokens.muted))
        wide = step - 6
        place = QRectF(box.left() - 2, box.bottom() + 6, wide,
                       self.height() - box.bottom() - 6)  # fmt: skip
        lines = _lines(it.note, QFontMetricsF(font), wide)
        painter.drawText(
            place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
            "\n".join(lines),
        )  # fmt: skip


def _lines(text: str, metrics: QFontMetricsF, wide: float) -> list[str]:
    """Break a reason into two short lines, the last one cut."""
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if found[-1] and metrics.horizontalAdvance(longer) > wide:
            if len(found) == _NOTE_LINES:
                found[-1] = longer  # cut below
                break
            found.append(word)
        else:
            found[-1] = longer
    right = Qt.TextElideMode.ElideRight
    return [metrics.elidedText(line, right, wide) for line in found]
