"""The whole board of the five skills: a painted table, only what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.language import say
from ui.live.skills import COLUMNS
from ui.marks import paint_sign, sign_colour
from ui.tokens import BODY_PX, NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.live.skills import Line
    from ui.marks import Sign
    from ui.tokens import Tokens

# shares of the width, as COLUMNS
_SHARES: Final = (30, 8, 8, 8, 9, 12, 10, 11, 12, 16)
_NUMBERS: Final = (1, 2, 3)
_VERDICT: Final = 5
_SIGN_PX: Final = 14.0
LEAST_PX: Final = 720  # below it the short board is read better


class SkillTable(QWidget):
    """Lines of the board under their column names."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[Line, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("Five skills, every metric"))

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show lines; equal ones are not painted again."""
        fresh = tuple(lines)
        if fresh == self._lines:
            return
        same = len(fresh) == len(self._lines)
        self._lines = fresh
        if not same:
            self.updateGeometry()
        told = (" ".join(it.cells) for it in fresh)
        self.setAccessibleDescription("; ".join(told))
        self.update()

    def line_px(self) -> int:
        """Return the height of a line."""
        return theme.scaled(BODY_PX) + 11

    def sizeHint(self) -> QSize:
        """Return room for every line and the column names."""
        return QSize(LEAST_PX, (len(self._lines) + 1) * self.line_px())

    def minimumSizeHint(self) -> QSize:
        """Return the same height; the width is the block's."""
        return QSize(200, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say all there is of the line under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = event.pos().y() // self.line_px() - 1
            inside = 0 <= number < len(self._lines)
            reading = self._lines[number].reading if inside else None
            tip = reading.tip if reading is not None else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines that are seen."""
        tokens, high = theme.tokens(), self.line_px()
        seen = event.rect()
        with QPainter(self) as painter:
            painter.setFont(theme.font(NOTE_PX))
            painter.setPen(QColor(tokens.muted))
            for at, word in enumerate(COLUMNS):
                _write(painter, self._cell(at, 0), word, right=at in _NUMBERS)
            for number, line in enumerate(self._lines, 1):
                top = number * high
                if top + high < seen.top() or top > seen.bottom():
                    continue
                painter.fillRect(QRectF(0, top, self.width(), 1), QColor(tokens.line))
                self._paint_line(painter, number, line, tokens)

    def _cell(self, column: int, number: int, columns: int = 1) -> QRectF:
        whole, high = sum(_SHARES), self.line_px()
        left = self.width() * sum(_SHARES[:column]) / whole
        wide = self.width() * sum(_SHARES[column : column + columns]) / whole
        return QRectF(left, number * high, wide - 10, high)

    def _paint_line(
        self, painter: QPainter, number: int, line: Line, tokens: Tokens
    ) -> None:
        strong = theme.font(BODY_PX, QFont.Weight.DemiBold)
        plain = theme.font(BODY_PX)
        if line.reading is None:
            painter.setFont(strong)
            painter.setPen(QColor(tokens.ink))
            _write(painter, self._cell(0, number, len(COLUMNS)), line.head)
            return
        cells, it = line.cells, line.reading
        quiet = not it.is_measured or bool(it.old)
        painter.setFont(plain)
        painter.setPen(QColor(tokens.muted if quiet else tokens.ink))
        _write(painter, self._cell(0, number), cells[0])
        if not it.is_measured:
            painter.setFont(theme.font(NOTE_PX))
            _write(painter, self._cell(1, number, len(COLUMNS) - 1), f"— {cells[1]}")
            return
        for at, text in enumerate(cells):
            if at == 0 or not text:
                continue
            painter.setFont(strong if at in _NUMBERS else theme.font(NOTE_PX))
            number_ink = tokens.ink if at in _NUMBERS and not quiet else tokens.muted
            painter.setPen(QColor(number_ink))
            box = self._cell(at, number)
            if at == _VERDICT:
                sign: Sign = "empty" if it.lamp == "unknown" else it.lamp
                top = box.center().y() - _SIGN_PX / 2
                place = QRectF(box.left() + 6, top, _SIGN_PX, _SIGN_PX)
                paint_sign(painter, sign, place, tokens)
                painter.setPen(QColor(sign_colour(sign, tokens)))
                box.setLeft(box.left() + _SIGN_PX + 12)
            _write(painter, box, text, right=at in _NUMBERS)


def _write(painter: QPainter, box: QRectF, text: str, *, right: bool = False) -> None:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    metrics, text = QFontMetricsF(painter.font()), say(text)
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, cut)
