"""What stands wrong, one line, the gravest first; of a device that is away what to do.

It holds up nothing, covers nothing, takes no key from the page that is not its own, and
closes by itself when the cause is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.actions import ActionButton
from ui.marks import paint_sign
from ui.tokens import STEP_PX
from ui.troubles import HOST
from ui.widgets import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import SignalInstance

    from ui.marks import Sign
    from ui.troubles import Trouble


class ReconnectBar(QFrame):
    """One line below the top line, for one trouble at a time.

    Signals
    -------
    retry_wanted, another_wanted, without_wanted
        What was pressed, with the name of the device.
    noted
        A trouble that is no device's was seen.
    """

    retry_wanted = Signal(str)
    another_wanted = Signal(str)
    without_wanted = Signal(str)
    noted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "alert")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.source = ""
        self._shown: Trouble | None = None
        self._sign = _Sign()
        self._head = ElidedLabel("", "strong")
        self._text = ElidedLabel("", "muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._head)
        words.addWidget(self._text)
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 2 * STEP_PX, 4 * STEP_PX, 2 * STEP_PX)
        box.setSpacing(2 * STEP_PX)
        box.addWidget(self._sign)
        box.addSpacing(STEP_PX)
        box.addLayout(words, 1)
        self.buttons = [
            self._button("retry_missing", self.retry_wanted),
            self._button("another", self.another_wanted),
            self._button("go_without", self.without_wanted),
        ]
        self.noted_button = ActionButton("noted", self._note)
        self.noted_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for button in (*self.buttons, self.noted_button):
            box.addWidget(button)
        self.hide()

    def show_troubles(self, troubles: Sequence[Trouble]) -> None:
        """Show the first, and how many more there are; hide when there is none."""
        self._shown = troubles[0] if troubles else None
        self.source = self._shown.source if self._shown else ""
        if self._shown is None:
            self.hide()
            return
        more = len(troubles) - 1
        others = f" · and {more} more" if more else ""
        self._head.set_text(f"{self._shown.head}{others}")
        self._text.set_text(self._shown.text)
        self._sign.set_sign("poor" if self._shown.rank <= HOST else "caution")
        for button in self.buttons:
            button.setVisible(bool(self.source))
        self.noted_button.setVisible(not self.source)
        self.setAccessibleName(f"{self._shown.head}: {self._shown.text}")
        self.show()

    def _note(self) -> None:
        if self._shown is not None:
            self.noted.emit(self._shown)

    def _button(self, name: str, wanted: SignalInstance) -> ActionButton:
        made = ActionButton(name, lambda: wanted.emit(self.source))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Space stays the marker
        return made


class _Sign(QWidget):
    """A triangle: something needs a look; an octagon or the like: now."""

    def __init__(self) -> None:
        super().__init__()
        self._sign: Sign = "caution"
        self.setFixedSize(self.sizeHint())

    def set_sign(self, sign: Sign) -> None:
        if sign != self._sign:
            self._sign = sign
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(22, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_sign(painter, self._sign, QRectF(self.rect()), theme.tokens())
