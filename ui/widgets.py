"""Small parts of every page: labels, card, button with key cap, notice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.language import say
from ui.signs import VerdictChip
from ui.tokens import BODY_PX, CONTROL_PX, NOTE_PX, STEP_PX

if TYPE_CHECKING:
    from ui.tokens import Verdict

ButtonKind = Literal["primary", "secondary", "danger"]
LabelRole = Literal[
    "", "note", "muted", "strong", "heading", "title", "value",
    "good", "caution", "poor", "alarm", "concern",
]  # fmt: skip

_CAP_SPACE_PX: Final = 12
_EDGE_PX: Final = (32, 32, 16)  # beside the words, by what a button has given up
Given = Literal[0, 1, 2]  # nothing, its key cap, its key cap and half its edges


def label(text: str, role: LabelRole = "") -> QLabel:
    """Return a plain-text label in a style of the type scale."""
    made = QLabel(say(text))
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def set_role(widget: QWidget, role: LabelRole) -> None:
    """Change the style of a label."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class ElidedLabel(QLabel):
    """One line that is cut with "…" when too long; the whole is in its tooltip."""

    def __init__(
        self, text: str = "", role: LabelRole = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show a text, in the language of the screen."""
        text = say(text)
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.updateGeometry()
            self._cut()

    def full_text(self) -> str:
        """Return the text before it was cut."""
        return self._text

    def sizeHint(self) -> QSize:
        """Return room for the whole text."""
        whole = self.fontMetrics().horizontalAdvance(self._text) + 2
        return QSize(whole, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for little more than the ellipsis."""
        return QSize(min(24, self.sizeHint().width()), super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut to the new width."""
        super().resizeEvent(event)
        self._cut()

    def changeEvent(self, event: QEvent) -> None:
        """Cut again when the font changed."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._cut()

    def _cut(self) -> None:
        right = Qt.TextElideMode.ElideRight
        cut = self.fontMetrics().elidedText(self._text, right, self.width())
        if cut != self.text():
            self.setText(cut)
        self.setToolTip(self._text if cut != self._text else "")


class Card(QFrame):
    """A framed part of a page with a title; put content into ``body``."""

    def __init__(
        self, title: str = "", subtitle: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._title = ElidedLabel(title, "strong")
        self._subtitle = ElidedLabel(subtitle, "muted")
        self.head = QHBoxLayout()
        self.head.setSpacing(3 * STEP_PX)
        self.head.addWidget(self._title)
        self.head.addWidget(self._subtitle, 1)
        self.body = QVBoxLayout()
        self.body.setSpacing(2 * STEP_PX)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 12)
        box.setSpacing(2 * STEP_PX)
        if title or subtitle:
            box.addLayout(self.head)
        box.addLayout(self.body, 1)
        self.setAccessibleName(say(title))

    @property
    def head_words(self) -> tuple[QWidget, QWidget]:
        """Title and grey words: together they are as wide as the card."""
        return self._title, self._subtitle

    def set_title(self, text: str) -> None:
        """Replace the title."""
        self._title.set_text(text)
        self.setAccessibleName(say(text))

    def set_subtitle(self, text: str) -> None:
        """Replace the grey words beside the title."""
        self._subtitle.set_text(text)


class KeyButton(QPushButton):
    """A button with its key printed on it.

    Parameters
    ----------
    text
        What it does.
    key
        The key cap ("Space", "hold Esc"); "" for none.
    kind
        ``primary`` is the one next step of a page, ``danger`` ends something.
    shortcut
        True presses the button with that key.
    """

    def __init__(
        self,
        text: str,
        key: str = "",
        kind: ButtonKind = "secondary",
        *,
        shortcut: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(say(text), parent)
        self._key = key
        self._given: Given = 0
        self.setProperty("kind", kind)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if shortcut:
            self.setShortcut(QKeySequence(key))
        self._name()

    @property
    def key(self) -> str:
        """What its key cap says, "" = none."""
        return self._key

    def set_text(self, text: str) -> None:
        """Change what the button says."""
        text = say(text)
        if text == self.text():
            return
        shortcut = self.shortcut()
        self.setText(text)
        self.setShortcut(shortcut)  # Qt takes it away with the old text
        self._name()
        self.updateGeometry()

    def set_kind(self, kind: ButtonKind) -> None:
        """Change the kind (the next step moved on)."""
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)

    def give(self, given: Given) -> None:
        """Take less room: without the key cap, then with half the edges."""
        if given != self._given:
            self._given = given
            self.updateGeometry()
            self.update()

    def width_at(self, given: Given) -> int:
        """Return the room it takes when it has given up so much, px."""
        words = QFontMetrics(self._font()).horizontalAdvance(self.text())
        has_cap = self._key and not given
        cap = self._cap_width() + _CAP_SPACE_PX if has_cap else 0
        return words + cap + _EDGE_PX[given]

    def sizeHint(self) -> QSize:
        """Return room for text and key cap."""
        tall = max(CONTROL_PX, theme.scaled(BODY_PX) + 24)
        return QSize(self.width_at(self._given), tall)

    def minimumSizeHint(self) -> QSize:
        """Return the same: words on buttons are never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Let the style draw the ground, then write text and key cap."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        ground = QStyle.ControlElement.CE_PushButton
        with QPainter(self) as painter:
            self.style().drawControl(ground, option, painter, self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ink = QColor(self._ink())
            words = QFontMetrics(self._font()).horizontalAdvance(self.text())
            cap = self._cap_width() if self._key and not self._given else 0
            whole = words + (cap + _CAP_SPACE_PX if cap else 0)
            left = (self.width() - whole) / 2
            middle = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            painter.setFont(self._font())
            painter.setPen(ink)
            painter.drawText(
                QRectF(left, 0, words + 2, self.height()), int(middle), self.text()
            )
            if cap:
                tall = theme.scaled(NOTE_PX) + 8
                box = QRectF(
                    left + words + _CAP_SPACE_PX, (self.height() - tall) / 2, cap, tall
                )
                painter.setPen(QPen(self._rim(), 1))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
                painter.setPen(ink)
                painter.setFont(theme.font(NOTE_PX, QFont.Weight.Medium))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._key)

    def _ink(self) -> str:
        found = theme.tokens()
        if not self.isEnabled():
            return found.muted
        inks = {"primary": found.on_accent, "danger": found.on_poor}
        return inks.get(str(self.property("kind")), found.ink)

    def _rim(self) -> QColor:
        rim = QColor(self._ink())
        rim.setAlphaF(0.45)
        return rim

    def _cap_width(self) -> int:
        font = theme.font(NOTE_PX, QFont.Weight.Medium)
        return max(22, QFontMetrics(font).horizontalAdvance(self._key) + 12)

    def _font(self) -> QFont:
        return theme.font(BODY_PX, QFont.Weight.DemiBold)

    def _name(self) -> None:
        key = say(f"{self.text()}, key {self._key}") if self._key else self.text()
        self.setAccessibleName(key)


class Notice(QFrame):
    """One clear message on the page: what happened, what still works, what to do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "card")
        self._chip = VerdictChip()
        self._text = label("")
        self._text.setWordWrap(True)
        self.choices = QHBoxLayout()
        self.choices.setSpacing(2 * STEP_PX)
        words = QVBoxLayout()
        words.setSpacing(STEP_PX)
        words.addWidget(self._chip)
        words.addWidget(self._text)
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 10, 14, 12)
        box.setSpacing(4 * STEP_PX)
        box.addLayout(words, 1)
        box.addLayout(self.choices)

    def show_message(self, verdict: Verdict, word: str, text: str) -> None:
        """Show a message; ``word`` names its kind ("device missing")."""
        self._chip.set_verdict(verdict, word)
        text, word = say(text), say(word)
        self._text.setText(text)
        self.setProperty("tone", verdict)
        self.style().unpolish(self)
        self.style().polish(self)
        self.setAccessibleName(f"{word}: {text}")
        self.show()
