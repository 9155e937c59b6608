"""Signs with their word: verdicts, lamps, the recording clock. Never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.marks import paint_sign, sign_colour
from ui.numbers import elapsed_text
from ui.tokens import BODY_PX, NOTE_PX

if TYPE_CHECKING:
    from typing import Literal

    from lablive.messages import DriverState
    from ui.marks import Sign
    from ui.tokens import Verdict

_LAMPS: Final[dict[str, tuple[Sign, str]]] = {
    "closed": ("empty", "closed"),
    "opening": ("busy", "opening"),
    "settling": ("busy", "settling"),
    "streaming": ("good", "live"),
    "stalled": ("caution", "no data"),
    "recovering": ("busy", "retrying"),
    "failed": ("poor", "failed"),
    "unknown": ("empty", "unknown"),
}
_SIGN_PX: Final = 16


def lamp_of(state: DriverState | Literal["unknown"]) -> tuple[Sign, str]:
    """Return shape and word of a state."""
    return _LAMPS[state]


class SignLabel(QWidget):
    """A shape with a word in its colour: never colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign: Sign = "empty"
        self._word = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def word(self) -> str:
        """Return the word shown."""
        return self._word

    def sign(self) -> Sign:
        """Return the shape shown."""
        return self._sign

    def sizeHint(self) -> QSize:
        """Return room for shape and word."""
        metrics = QFontMetrics(self._font())
        words = metrics.horizontalAdvance(self._word)
        space = 6 if self._word else 0
        return QSize(_SIGN_PX + space + words + 2, max(_SIGN_PX, metrics.height()) + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the same: a verdict is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw shape and word."""
        found = theme.tokens()
        height = self.height()
        with QPainter(self) as painter:
            box = QRectF(0, (height - _SIGN_PX) / 2, _SIGN_PX, _SIGN_PX)
            paint_sign(painter, self._sign, box, found)
            painter.setFont(self._font())
            painter.setPen(QColor(self._ink()))
            rest = QRectF(_SIGN_PX + 6, 0, self.width() - _SIGN_PX - 6, height)
            painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._word)

    def _show(self, sign: Sign, word: str) -> None:
        word = say(word)
        if (sign, word) != (self._sign, self._word):
            self._sign, self._word = sign, word
            self.setAccessibleName(word)
            self.updateGeometry()
            self.update()

    def _ink(self) -> str:
        return sign_colour(self._sign, theme.tokens())

    def _font(self) -> QFont:
        return theme.font(NOTE_PX + 1, QFont.Weight.DemiBold)


class VerdictChip(SignLabel):
    """A verdict: shape and word."""

    def set_verdict(self, verdict: Verdict, word: str = "") -> None:
        """Show a verdict, in its own word or another ("close")."""
        sign: Sign = "empty" if verdict == "unknown" else verdict
        self._show(sign, word or verdict)


class StatusLamp(SignLabel):
    """The state of a device or stream: shape and word; off when unknown.

    Without ``words`` only the shape is drawn, for a place that writes the word itself.
    """

    def __init__(self, parent: QWidget | None = None, *, words: bool = True) -> None:
        super().__init__(parent)
        self._words = words
        self._said = ""
        self.set_state("unknown")

    def word(self) -> str:
        """Return the word of the state, drawn or not."""
        return self._said

    def set_state(
        self, state: DriverState | Literal["unknown"], word: str = ""
    ) -> None:
        """Show a state, in its own word or another."""
        sign, usual = lamp_of(state)
        self._said = word or usual
        self._show(sign, self._said if self._words else "")
        self.setAccessibleName(self._said)


class ElapsedLabel(SignLabel):
    """Recording time that stops when the data stop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_idle()

    def set_idle(self) -> None:
        """Show that nothing is being recorded."""
        self._show("empty", "not recording")

    def set_practice(self, elapsed_s: float) -> None:
        """Show how long somebody runs without being recorded."""
        self._show("info", f"practice {elapsed_text(elapsed_s)}, not stored")

    def set_replay(self, name: str) -> None:
        """Show that a recorded trial is looked at."""
        self._show("info", name)

    def set_elapsed(self, elapsed_s: float, *, stalled: bool = False) -> None:
        """Show recorded time; ``stalled`` says that no data come in."""
        time = elapsed_text(elapsed_s)
        if stalled:
            self._show("caution", f"{time} · no data coming in")
        else:
            self._show("record", time)

    def _ink(self) -> str:
        found = theme.tokens()
        return found.ink if self._sign == "record" else super()._ink()

    def _font(self) -> QFont:
        return theme.font(BODY_PX, QFont.Weight.Bold)
