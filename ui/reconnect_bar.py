"""A device is away: try again, pick another, or go on without it.

It holds up nothing and takes no key from the page that is not its own, and it closes
by itself when the data return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.actions import ActionButton
from ui.marks import paint_sign
from ui.numbers import elapsed_text
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel

STILL: Final = " Other devices and the recording go on. "

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from ui.missing import Missing


class ReconnectBar(QFrame):
    """One line below the top line, for one device at a time.

    Signals
    -------
    retry_wanted, another_wanted, without_wanted
        What was pressed, with the name of the device.
    """

    retry_wanted = Signal(str)
    another_wanted = Signal(str)
    without_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "alert")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.source = ""
        self._head = ElidedLabel("", "strong")
        self._text = ElidedLabel("", "muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._head)
        words.addWidget(self._text)
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 2 * STEP_PX, 4 * STEP_PX, 2 * STEP_PX)
        box.setSpacing(2 * STEP_PX)
        box.addWidget(_Sign())
        box.addSpacing(STEP_PX)
        box.addLayout(words, 1)
        self.buttons = [
            self._button("retry_missing", self.retry_wanted),
            self._button("another", self.another_wanted),
            self._button("go_without", self.without_wanted),
        ]
        for button in self.buttons:
            box.addWidget(button)
        self.hide()

    def show_missing(self, waiting: tuple[Missing, ...]) -> None:
        """Show the first that waits for a decision; hide when there is none."""
        if not waiting:
            self.source = ""
            self.hide()
            return
        first, more = waiting[0], len(waiting) - 1
        self.source = first.source
        since = f"no data for {elapsed_text(first.away_s)}"
        said = since if first.away_s >= 0 else "cannot be opened"
        others = f" · and {more} more" if more else ""
        self._head.set_text(f"{first.source} · {said}{others}")
        # one line: what happened and what to do; the Devices page has every word
        self._text.set_text(first.text.replace(STILL, " "))
        self.setAccessibleName(f"{first.source}: {first.text}")
        self.show()

    def _button(self, name: str, wanted: SignalInstance) -> ActionButton:
        made = ActionButton(name, lambda: wanted.emit(self.source))
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # Space stays the marker
        return made


class _Sign(QWidget):
    """A triangle: something needs a look."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(22, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_sign(painter, "caution", QRectF(self.rect()), theme.tokens())
