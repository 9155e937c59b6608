"""A line of facts: grey name, strong value, a sign where there is a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.marks import paint_sign, sign_colour
from ui.tokens import NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.live.reading import Reading
    from ui.tokens import Verdict

LEAST_CARD_PX: Final = 150  # of a card with a chart and a line of facts
_SIGN_PX: Final = 12.0
_BETWEEN_PX: Final = 18.0


class Fact(NamedTuple):
    """A name, a value and a verdict; ``info`` has no sign."""

    name: str
    value: str
    verdict: Verdict = "info"
    word: str = ""


def fact(name: str, reading: Reading) -> Fact:
    """Return what a reading says in one line."""
    if not reading.is_measured:
        return Fact(name, "—", "unknown")
    tight = reading.unit in ("°",)
    unit = reading.unit if tight else f" {reading.unit}"
    word = "" if reading.lamp in ("info", "unknown") else reading.word
    return Fact(name, f"{reading.sides}{unit}".rstrip(), reading.lamp, word)


class FactLine(QWidget):
    """Facts from left to right; those that do not fit wait for a larger window."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._facts: tuple[Fact, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show facts; equal ones are not painted again."""
        fresh = tuple(facts)
        if fresh == self._facts:
            return
        self._facts = fresh
        said = "; ".join(" ".join(p for p in (it.name, it.value, it.word) if p)
                         for it in fresh)  # fmt: skip
        self.setAccessibleDescription(said)
        self.setToolTip(said.replace("; ", "\n"))
        self.update()

    def sizeHint(self) -> QSize:
        """Return one line of note text."""
        return QSize(200, theme.scaled(NOTE_PX) + 9)

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the facts."""
        tokens = theme.tokens()
        plain, strong = theme.font(NOTE_PX), theme.font(NOTE_PX, QFont.Weight.DemiBold)
        wide = QFontMetricsF(plain).horizontalAdvance
        wide_strong = QFontMetricsF(strong).horizontalAdvance
        left, high = 8.0, float(self.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            for it in self._facts:
                signed = it.verdict != "info"
                name, word = say(it.name), say(it.word)
                need = wide(name) + 6 + wide_strong(it.value)
                need += (_SIGN_PX + 10 + wide_strong(word)) if signed else 0
                if left + need > self.width():
                    break
                painter.setFont(plain)
                painter.setPen(QColor(tokens.muted))
                painter.drawText(QRectF(left, 0, need, high), middle, name)
                at = left + wide(name) + 6
                painter.setFont(strong)
                painter.setPen(QColor(tokens.ink))
                painter.drawText(QRectF(at, 0, need, high), middle, it.value)
                if signed:
                    at += wide_strong(it.value) + 6
                    top = (high - _SIGN_PX) / 2
                    sign = "empty" if it.verdict == "unknown" else it.verdict
                    box = QRectF(at, top, _SIGN_PX, _SIGN_PX)
                    paint_sign(painter, sign, box, tokens)
                    painter.setPen(QColor(sign_colour(sign, tokens)))
                    words = QRectF(at + _SIGN_PX + 4, 0, need, high)
                    painter.drawText(words, middle, word)
                left += need + _BETWEEN_PX
