"""Presenter remotes and foot pedals: they are keyboards, and a press is a marker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)

from lablive.clock import now_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

DEBOUNCE_S: Final = 0.15  # pedals bounce
# Logitech R400 and R800, most foot pedals; what they print stands in the marker
KEYS: Final = {
    Qt.Key.Key_PageDown: "clicker next",
    Qt.Key.Key_PageUp: "clicker back",
    Qt.Key.Key_F5: "clicker start",
    Qt.Key.Key_Period: "clicker stop",
}
_EVEN_WHILE_TYPING: Final = (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)
_TEXT: Final = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)


class Clicker(QObject):
    """Listen to every window of the app.

    Parameters
    ----------
    wanted
        Whether presses count now; else the keys are what they always were.
    act
        Takes the text of a press.
    parent
        Lives as long as it.
    """

    def __init__(
        self, wanted: Callable[[], bool], act: Callable[[str], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._wanted = wanted
        self._act = act
        self._pressed_s = float("-inf")
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a press before any widget does; True = taken."""
        del watched
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        key = Qt.Key(event.key())
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key not in KEYS or held != Qt.KeyboardModifier.NoModifier:
            return False
        if key not in _EVEN_WHILE_TYPING and _is_text(QApplication.focusWidget()):
            return False
        if not self._wanted():
            return False
        now = now_s()
        if not event.isAutoRepeat() and now - self._pressed_s > DEBOUNCE_S:
            self._pressed_s = now
            self._act(KEYS[key])
        return True


def _is_text(widget: QWidget | None) -> bool:
    return isinstance(widget, _TEXT)
