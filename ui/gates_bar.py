"""The gates in a row: a sign for what became of each, the present one underlined.

A gate is pressed to go to it; Alt and the arrow keys do the same. Where there is little
room, gates that are passed lose their words first, then those ahead.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.actions import Action
from ui.language import say
from ui.marks import paint_sign
from ui.tokens import BODY_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.gate_path import Gate

_SIGN_PX: Final = 15
_SPACE_PX: Final = 6
_BETWEEN_PX: Final = 16
_LINE_PX: Final = 3
_SAID: Final = {
    "done": "done",
    "now": "now",
    "ahead": "not yet",
    "skipped": "skipped",
}


# states whose words are written, from much room to little
_WORDS: Final = (
    ("done", "skipped", "now", "ahead"),
    ("now", "ahead"),
    ("now",),
)


class GatesBar(QWidget):
    """Where the session stands on its path; never colour alone.

    Signals
    -------
    wanted
        Kind of the gate to go to.
    """

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._gates: tuple[Gate, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        for name, step in (("gate_before", -1), ("gate_after", 1)):
            Action(name, partial(self._go, step), self)

    def show_gates(self, gates: Sequence[Gate]) -> None:
        """Show a path."""
        told = tuple(gate._replace(word=say(gate.word)) for gate in gates)
        if told != self._gates:
            self._gates = told
            said = ", ".join(f"{gate.word}: {say(_SAID[gate.state])}" for gate in told)
            self.setAccessibleName(said)
            self.updateGeometry()
            self.update()

    def words(self) -> list[str]:
        """Return the names of the gates, from left to right."""
        return [gate.word for gate in self._gates]

    def sizeHint(self) -> QSize:
        """Return room for every word."""
        return QSize(self._whole(0), theme.scaled(BODY_PX) + 20)

    def minimumSizeHint(self) -> QSize:
        """Return room for the present gate's word and the others' signs."""
        return QSize(self._whole(len(_WORDS) - 1), theme.scaled(BODY_PX) + 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the gates."""
        found = theme.tokens()
        level = self._level
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for gate, box in self._boxes(level):
                left, middle = box.left(), self.height() / 2
                has_word = gate.state in _WORDS[level]
                if gate.sign is not None:
                    mark = QRectF(left, middle - _SIGN_PX / 2, _SIGN_PX, _SIGN_PX)
                    paint_sign(painter, gate.sign, mark, found)
                    left += _SIGN_PX + _SPACE_PX
                elif not has_word:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(found.mark))
                    painter.drawEllipse(QRectF(left + 4, middle - 3, 6, 6))
                if has_word:
                    painter.setFont(_font(gate))
                    painter.setPen(QColor(_ink(gate)))
                    words = QRectF(left, 0, box.right() - left, self.height())
                    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, gate.word)
                if gate.state == "now":
                    top = self.height() - _LINE_PX - 1
                    under = QRectF(box.left(), top, box.width(), _LINE_PX)
                    painter.fillRect(under, QColor(found.accent))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the gate that is pressed."""
        for gate, box in self._boxes(self._level):
            if box.contains(event.position()):
                self.wanted.emit(gate.name)

    def event(self, event: QEvent) -> bool:
        """Name the gate under the pointer: its word may not be written."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for gate, box in self._boxes(self._level):
                if box.contains(event.pos().toPointF()):
                    said = f"{gate.word}: {say(_SAID[gate.state])}"
                    QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def _go(self, step: int) -> None:
        at = [gate.state for gate in self._gates].index("now") + step
        if 0 <= at < len(self._gates):
            self.wanted.emit(self._gates[at].name)

    @property
    def _level(self) -> int:
        """How many words are left out: none, those passed, all but the present one."""
        fits = (n for n in range(len(_WORDS)) if self._whole(n) <= self.width())
        return next(fits, len(_WORDS) - 1)

    def _whole(self, level: int) -> int:
        wide = sum(self._width(gate, level) + _BETWEEN_PX for gate in self._gates)
        return max(wide - _BETWEEN_PX, 0)

    def _boxes(self, level: int) -> list[tuple[Gate, QRectF]]:
        found: list[tuple[Gate, QRectF]] = []
        left = 0.0
        for gate in self._gates:
            wide = self._width(gate, level)
            found.append((gate, QRectF(left, 0, wide, self.height())))
            left += wide + _BETWEEN_PX
        return found

    def _width(self, gate: Gate, level: int) -> int:
        if gate.state not in _WORDS[level]:
            return _SIGN_PX
        words = QFontMetrics(_font(gate)).horizontalAdvance(gate.word) + 2
        return words + (_SIGN_PX + _SPACE_PX if gate.sign is not None else 0)


def _ink(gate: Gate) -> str:
    found = theme.tokens()
    if gate.state == "done":
        return found.good if gate.sign == "good" else found.ink
    return found.ink if gate.state == "now" else found.muted


def _font(gate: Gate) -> QFont:
    weights = {"done": QFont.Weight.Medium, "now": QFont.Weight.Bold}
    made = theme.font(BODY_PX, weights.get(gate.state, QFont.Weight.Normal))
    made.setStrikeOut(gate.state == "skipped")
    return made
