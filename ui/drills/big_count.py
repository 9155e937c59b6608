"""Valid repetitions in big digits, what is missing, and the count-down to the cue."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.tokens import HEADING_PX, RUNNER_PX, TITLE_PX

_DIGITS_PX = round(0.7 * RUNNER_PX)
_TALL_PX = 92
_SHARE, _MOST = 0.15, 3.0  # of the card's height; at most so many times as large


class Count(NamedTuple):
    """What is shown: ``5`` ``of 7 valid``, two lines beside it, the count-down.

    ``cue`` is what the runner is told now, ``cue_note`` what that is.
    """

    number: str
    of: str
    above: str = ""
    below: str = ""
    cue: str = ""
    cue_note: str = ""


class BigCount(QWidget):
    """Paints a :class:`Count`; readable from the other side of the belt."""

    def __init__(self) -> None:
        super().__init__()
        self._count = Count("", "")
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("Valid repetitions"))

    @property
    def count(self) -> Count:
        """What is shown."""
        return self._count

    def show_count(self, count: Count) -> None:
        """Show it; the same is not painted again."""
        if count != self._count:
            self._count = count
            self.setAccessibleDescription(" ".join(part for part in count if part))
            self.update()

    def fit(self, card_px: int) -> None:
        """Be as large as a card has room for: a screen far away is read from afar."""
        scale = min(max(_SHARE * card_px / _TALL_PX, 1.0), _MOST)
        if abs(scale - self._scale) > 0.01:
            self._scale = scale
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for the digits."""
        return QSize(420, round(self._scale * _TALL_PX))

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(300, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint digits on one base line, the count-down at the right."""
        tokens, it = theme.tokens(), self._count
        grown = self._scale
        base = self.height() - 16.0 * grown
        bold = QFont.Weight.Bold
        large, small = round(TITLE_PX * 1.3 * grown), round(HEADING_PX * grown)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
            x = _say(painter, 0.0, base, it.number, _font(_DIGITS_PX * grown),
                     tokens.ink)  # fmt: skip
            of = theme.font(large, bold)
            x = _say(painter, x + 12, base, it.of, of, tokens.muted) + 36
            plain, strong = theme.font(small), theme.font(small, bold)
            _say(painter, x, base - theme.scaled(small) - 12 * grown, it.above, plain,
                 tokens.muted)  # fmt: skip
            _say(painter, x, base, it.below, strong, tokens.ink)
            if not it.cue:
                return
            box = QRectF(0, 0, self.width() - 4, base + 10)
            digits = _font(_DIGITS_PX * grown)
            if QFontMetricsF(digits).horizontalAdvance(it.cue) > self.width() * 0.4:
                digits = theme.font(large, bold)
            painter.setFont(digits)
            painter.setPen(QColor(tokens.accent))
            right = Qt.AlignmentFlag.AlignRight
            painter.drawText(box, right | Qt.AlignmentFlag.AlignBottom, it.cue)
            wide = QFontMetricsF(digits).horizontalAdvance(it.cue)
            box.setRight(box.right() - wide - 14)
            box.setBottom(base + 4)
            painter.setFont(theme.font(small))
            painter.setPen(QColor(tokens.muted))
            painter.drawText(box, right | Qt.AlignmentFlag.AlignBottom, it.cue_note)


def _font(px: float) -> QFont:
    made = theme.font(round(px), QFont.Weight.Bold)
    made.setPixelSize(round(px))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def _say(
    painter: QPainter, x: float, base: float, text: str, font: QFont, colour: str
) -> float:
    """Write a text on the base line; return where it ends."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(int(x), int(base), text)
    return x + QFontMetricsF(font).horizontalAdvance(text)
