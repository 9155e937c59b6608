"""The gates in a row: done with a check, the present one underlined, the rest grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.marks import paint_sign
from ui.tokens import BODY_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.gate_path import Gate

_SIGN_PX: Final = 15
_SPACE_PX: Final = 6
_BETWEEN_PX: Final = 16
_LINE_PX: Final = 3
_SAID: Final = {"done": "done", "now": "next", "ahead": "not yet"}


class GatesBar(QWidget):
    """Where the session stands on its path; never colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._gates: tuple[Gate, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_gates(self, gates: Sequence[Gate]) -> None:
        """Show a path."""
        if tuple(gates) != self._gates:
            self._gates = tuple(gates)
            said = ", ".join(f"{gate.word}: {_SAID[gate.state]}" for gate in gates)
            self.setAccessibleName(said)
            self.updateGeometry()
            self.update()

    def words(self) -> list[str]:
        """Return what is written, from left to right."""
        return [gate.word for gate in self._gates]

    def sizeHint(self) -> QSize:
        """Return room for every word."""
        wide = sum(self._width(gate) + _BETWEEN_PX for gate in self._gates)
        return QSize(max(wide - _BETWEEN_PX, 0), theme.scaled(BODY_PX) + 20)

    def minimumSizeHint(self) -> QSize:
        """Return the same: no gate is cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the gates."""
        found = theme.tokens()
        left, tall = 0.0, self.height()
        inks = {"done": found.good, "now": found.ink, "ahead": found.muted}
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for gate in self._gates:
                wide = self._width(gate)
                box = QRectF(left, 0, wide, tall)
                if gate.state == "done":
                    sign = QRectF(left, (tall - _SIGN_PX) / 2, _SIGN_PX, _SIGN_PX)
                    paint_sign(painter, "good", sign, found)
                    box.setLeft(left + _SIGN_PX + _SPACE_PX)
                painter.setFont(_font(gate))
                painter.setPen(QColor(inks[gate.state]))
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, gate.word)
                if gate.state == "now":
                    under = QRectF(left, tall - _LINE_PX, wide, _LINE_PX)
                    painter.fillRect(under, QColor(found.accent))
                left += wide + _BETWEEN_PX

    def _width(self, gate: Gate) -> int:
        words = QFontMetrics(_font(gate)).horizontalAdvance(gate.word) + 2
        return words + (_SIGN_PX + _SPACE_PX if gate.state == "done" else 0)


def _font(gate: Gate) -> QFont:
    weights = {"done": QFont.Weight.Medium, "now": QFont.Weight.Bold}
    return theme.font(BODY_PX, weights.get(gate.state, QFont.Weight.Normal))
