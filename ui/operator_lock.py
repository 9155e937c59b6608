"""The window, locked: no person, no trial; recording and the runner's window go on.

It locks where the clinic has operators (:mod:`lablive.library.operators`): at the
start, after idle minutes, and when asked. A PIN opens it and says who is at work.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QMainWindow,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from lablive import journal
from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.library import cipher, operators
from lablive.library.operators import Operator, Operators
from ui.actions import Action
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TRIES: Final = 5
WAIT_S: Final = 30.0
LOOK_MS: Final = 1000
FIELD_PX: Final = 280
LIBRARY_FILE: Final = "library.sqlite3"
_TOUCHES: Final = frozenset(
    {
        QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove,
        QEvent.Type.Wheel, QEvent.Type.TouchBegin, QEvent.Type.TabletPress,
    }
)  # fmt: skip


class OperatorLock(QWidget):
    """Covers a window while it is locked.

    Parameters
    ----------
    window
        To be covered.
    content
        Everything in it that is to be hidden.
    home
        The library folder.
    recording
        What to say of a running recording; "" = none.

    Signals
    -------
    changed
        It was locked or unlocked.
    trouble
        What could not be done.
    """

    changed = Signal()
    trouble = Signal(str)

    def __init__(
        self,
        window: QMainWindow,
        content: QWidget,
        home: Path,
        recording: Callable[[], str],
    ) -> None:
        super().__init__(window)
        self._window, self._content = window, content
        self._home, self._recording = home, recording
        self.operator: Operator | None = None
        self._touched_s = now_s()
        self._wrong, self._wait_until_s = 0, 0.0
        self._broken = ""
        self._dialogs: list[QDialog] = []
        self._actions: list[Action] = []
        self.setAutoFillBackground(True)
        self.said = label("", "muted")
        self.running = label("", "strong")
        self.pin = QLineEdit()
        self.pin.setEchoMode(QLineEdit.EchoMode.Password)
        self.pin.setPlaceholderText(say("PIN"))
        self.pin.setAccessibleName(say("PIN"))
        self.pin.setMaximumWidth(FIELD_PX)
        self.pin.returnPressed.connect(self.try_pin)
        self.button = KeyButton("Unlock", "Enter", "primary")
        self.button.clicked.connect(self.try_pin)
        self._lay_out()
        self.hide()
        window.installEventFilter(self)
        self._pointer = QCursor.pos()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        self._timer.start(LOOK_MS)
        self.lock()  # a new start is no way in

    @property
    def locked(self) -> bool:
        """Whether it covers the window."""
        return not self.isHidden()

    def may_administrate(self) -> bool:
        """Tell whether who is at work may delete persons and set the passphrase."""
        held = self._operators()
        if held is None or self.locked:
            return False
        return not held.wanted or (
            self.operator is not None and self.operator.role == "admin"
        )

    def lock(self) -> None:
        """Cover the window, where there are operators."""
        held = self._operators()
        if self.locked or (held is not None and not held.wanted):
            return
        self._hide_dialogs()
        self._content.hide()  # what belongs to it is not possible any more
        self._actions = [
            it
            for it in self._window.findChildren(Action)
            if it.owner is self._window and it.isEnabled()
        ]
        for action in self._actions:
            action.setEnabled(False)
        if self.operator is not None:
            self._note("locked", operator=self.operator.name)
        self.operator = None
        os.environ.pop(journal.OPERATOR, None)
        self.said.setText(self._broken)
        self._cover()
        self.show()
        self.raise_()
        self.pin.setFocus()
        self.tick()
        self.changed.emit()

    def try_pin(self) -> None:
        """Open the window when the PIN is somebody's."""
        typed = self.pin.text()
        self.pin.clear()
        left_s = self._wait_until_s - now_s()
        if not typed or left_s > 0:
            return
        held = self._operators()
        found = held.with_pin(typed) if held is not None else None
        found = found or self._by_passphrase(typed)
        if found is not None:
            self._unlock(found)
            return
        self._wrong += 1
        self._note("unlock refused")
        self.said.setText(say("This PIN is nobody's here."))
        if self._wrong >= TRIES:
            self._wrong, self._wait_until_s = 0, now_s() + WAIT_S
            self.tick()

    def tick(self) -> None:
        """Lock after the idle minutes; say what is being recorded."""
        self._look_around()
        if self.locked:
            self.running.setText(self._recording())
            left_s = self._wait_until_s - now_s()
            self.pin.setEnabled(left_s <= 0)
            if left_s > 0:
                self.said.setText(say(f"Too many wrong PINs: wait {left_s:.0f} s."))
            elif self._wait_until_s:
                self._wait_until_s = 0.0
                self.said.setText("")
                self.pin.setFocus()
            return
        held = self._operators()
        idle_min = held.idle_min if held is not None else operators.IDLE_MIN
        if now_s() - self._touched_s >= idle_min * 60:
            self.lock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that somebody is here; stay as large as the window."""
        if event.type() in _TOUCHES:
            self._touched_s = now_s()
        elif watched is self._window and event.type() == QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    # -- inside -------------------------------------------------------------------

    def _look_around(self) -> None:
        """Watch keys and pointer of every window; hide a dialog that opens meanwhile.

        The windows' handles see few events; the application would see every one.
        """
        for window in QGuiApplication.topLevelWindows():
            window.installEventFilter(self)  # once, however often it is said
        if (pointer := QCursor.pos()) != self._pointer:
            self._pointer, self._touched_s = pointer, now_s()
        if self.locked:
            self._hide_dialogs()

    def _hide_dialogs(self) -> None:
        for it in QApplication.topLevelWidgets():
            asks = isinstance(it, QMessageBox)  # whether the window may be closed
            if isinstance(it, QDialog) and it.isVisible() and not asks:
                self._dialogs.append(it)
                it.hide()

    def _unlock(self, who: Operator) -> None:
        self.operator = who
        os.environ[journal.OPERATOR] = who.name
        self._wrong, self._touched_s = 0, now_s()
        self._note("unlocked", operator=who.name)
        self.hide()
        for action in self._actions:
            action.setEnabled(True)
        self._content.show()
        self._content.setFocus()
        for dialog in self._dialogs:
            dialog.show()
        self._actions, self._dialogs = [], []
        self.changed.emit()

    def _by_passphrase(self, typed: str) -> Operator | None:
        """Return an admin of whom only the library's passphrase is known."""
        path = self._home / LIBRARY_FILE
        if len(typed) < cipher.SHORTEST or not cipher.is_locked(path):
            return None
        try:
            cipher.unlock(path, typed)
        except LabLiveError:
            return None
        return Operator("passphrase", "admin", "", "")

    def _operators(self) -> Operators | None:
        """Return who works here; None: the file cannot be read, nobody is let in."""
        self._broken = ""
        try:
            return operators.load(self._home)
        except LabLiveError as error:
            self._broken = str(error)
            return None

    def _note(self, what: journal.What, **about: str) -> None:
        try:
            journal.note(self._home, what, **about)
        except LabLiveError as error:
            self.trouble.emit(str(error))

    def _cover(self) -> None:
        self.setGeometry(self._window.rect())

    def _lay_out(self) -> None:
        title = label("LabLive is locked", "heading")
        column = QVBoxLayout(self)
        column.setSpacing(3 * STEP_PX)
        column.addStretch(2)
        for it in (title, self.running, self.pin, self.button, self.said):
            column.addWidget(it, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
