"""A session with two keys: pedals and presenter remotes are keyboards.

A short press does the next step or sets a marker, a long one starts or stops; what
exactly stands on the screen (:mod:`ui.two_keys_line`). Presses are stamped when the key
goes down, on the lab clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTextEdit,
)

from lablive.clock import now_s
from ui.actions import actions_in
from ui.keymap import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.app import MainWindow

DEBOUNCE_S: Final = 0.15  # pedals bounce
LONG_MS: Final = 800
AGAIN_S: Final = 3.0  # a second press of the start key within this stops
KEYS: Final = ("first_key", "second_key", "start_key", "marker_key")
_TEXT: Final = (QLineEdit, QTextEdit, QPlainTextEdit, QAbstractSpinBox, QComboBox)
# what a press does: the first of these actions that is possible
_WANTED: Final[dict[str, tuple[str, ...]]] = {
    "first short": ("drill_go", "marker", "marker_after", "person_after", "next",
                    "record", "connect_known", "connect"),
    "first long": ("stop", "live", "start_session", "record"),
    "second short": ("auto_cancel", "block", "marker", "marker_before",
                     "person_before", "again", "use_earlier", "skip", "practise"),
    "second long": ("play", "skip", "simulate"),
}  # fmt: skip
PRESSES: Final = tuple(_WANTED)


class Choice(NamedTuple):
    """What a press does now; ``act`` takes the time when the key went down."""

    words: str
    act: Callable[[float], None]


def choices(window: MainWindow) -> dict[str, Choice]:
    """Return what each press of :data:`PRESSES` does now; absent = nothing."""
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, QDialog):
        return _in_dialog(dialog)
    there = {name: it for name, it in actions_in(window).items() if it.is_possible}
    if window.auto.run.state not in ("starting", "stopping"):
        there.pop("auto_cancel", None)  # a rule that waits is no press's matter
    home = there.get("session") if window.places.here != "Session" else None
    found: dict[str, Choice] = {}
    for press, names in _WANTED.items():
        action = next((there[name] for name in names if name in there), home)
        if action is not None:
            found[press] = Choice(action.text(), action.act)
    return found


def _in_dialog(dialog: QDialog) -> dict[str, Choice]:
    """Return how two keys go through a dialog: on, press, accept, close."""
    found = {
        "second short": Choice("Next", lambda _: _step(dialog)),
        "second long": Choice("Close", lambda _: dialog.reject()),
    }
    buttons = [it for it in dialog.findChildren(QPushButton) if it.isVisible()]
    usual = next((it for it in buttons if it.isDefault() and it.isEnabled()), None)
    if usual is not None:
        usual_choice = Choice(usual.text(), lambda _: usual.click())
        found["first short"] = found["first long"] = usual_choice
    focus = dialog.focusWidget()
    if isinstance(focus, QAbstractButton) and focus.isEnabled():
        words = focus.text() or focus.accessibleName()
        found["first short"] = Choice(words, lambda _: focus.click())
    return found


def _step(dialog: QDialog) -> None:
    """Give the focus to the next control of a dialog."""
    at: QWidget = dialog.focusWidget() or dialog
    after = at.nextInFocusChain()
    while after is not None and after is not at:
        usable = after.isVisible() and after.isEnabled()
        tab = bool(after.focusPolicy() & Qt.FocusPolicy.TabFocus)
        frame = isinstance(after, QScrollArea)  # what is in it has a turn of its own
        if usable and tab and not frame and dialog.isAncestorOf(after):
            after.setFocus(Qt.FocusReason.TabFocusReason)
            return
        after = after.nextInFocusChain()


class TwoKeys(QObject):
    """Listens to every window of the app.

    Parameters
    ----------
    window
        Whose actions are done.

    Attributes
    ----------
    is_on
        What the keys do is shown, and they count everywhere; else while something is
        recorded, and on the session page, where the first press turns it on.
    """

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.is_on = False
        self._keys = {
            QKeySequence(key).toString(): name for name in KEYS for key in keys_of(name)
        }
        self._down: str | None = None  # the key that is held
        self._down_s = self._last_s = self._asked_s = float("-inf")
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.timeout.connect(self._held)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.installEventFilter(self)
            app.focusWindowChanged.connect(self._let_go)

    def turn(self, *, on: bool) -> None:
        """Show what the keys do and let them count everywhere, or no longer."""
        self.is_on = on
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take presses of the keys before any widget does; True = taken."""
        del watched
        if not isinstance(event, QKeyEvent):
            return False
        kind = event.type()
        name = self._keys.get(QKeySequence(event.keyCombination()).toString())
        if name is None and event.modifiers() & Qt.KeyboardModifier.KeypadModifier:
            name = self._keys.get(QKeySequence(event.key()).toString())
        if name is None:
            return False
        if kind == QEvent.Type.KeyRelease:
            return self._release(name, again=event.isAutoRepeat())
        if not self._counts(name, event):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()  # ours, not an action's of the same key
            return True
        if kind != QEvent.Type.KeyPress:
            return False
        if not event.isAutoRepeat():
            self._press(name, now_s())
        return True

    # -- presses ------------------------------------------------------------------

    def _counts(self, name: str, event: QKeyEvent) -> bool:
        """Tell whether a key is one of the two now; else it is what it always was."""
        types = event.text().isprintable() and event.text() != ""
        if types and isinstance(QApplication.focusWidget(), _TEXT):
            return False
        recording = self._window.model.live.recording is not None
        if name == "marker_key":
            return recording
        if self.is_on or recording:
            return True
        here = self._window.places.here == "Session"
        busy = self._window.model.replay is not None or _modal() is not None
        return here and not busy

    def _press(self, name: str, at_s: float) -> None:
        bounced = at_s - self._last_s <= DEBOUNCE_S
        self._last_s = at_s
        if bounced or self._down is not None:
            return
        if not self.is_on:
            self.turn(on=True)
        if name == "marker_key":
            self._do("first short", at_s)
        elif name == "start_key":
            self._start(at_s)
        else:
            self._down, self._down_s = name, at_s
            self._hold.start(LONG_MS)

    def _release(self, name: str, *, again: bool) -> bool:
        if self._down != name:
            return False
        if not again:
            self._last_s = now_s()
            self._let_go()
        return True

    def _let_go(self) -> None:
        """End a press before it was long: it was a short one."""
        name, self._down = self._down, None
        if name is not None and self._hold.isActive():
            self._hold.stop()
            self._do(f"{name.removesuffix('_key')} short", self._down_s)

    def _held(self) -> None:
        """Act as soon as a press is long, so that the hand may leave the key."""
        if self._down is not None:
            self._do(f"{self._down.removesuffix('_key')} long", self._down_s)

    def _start(self, at_s: float) -> None:
        """Start; stop at the second press within seconds: remotes cannot be held."""
        model = self._window.model
        if model.live.recording is not None and at_s - self._asked_s > AGAIN_S:
            self._asked_s = at_s
            model.news.emit("note", f"Press again within {AGAIN_S:.0f} s to stop.")
            return
        self._asked_s = float("-inf")
        self._do("first long", at_s)

    def _do(self, press: str, at_s: float) -> None:
        choice = choices(self._window).get(press)
        if choice is not None:
            choice.act(at_s)
        self.changed.emit()


def _modal() -> QWidget | None:
    return QApplication.activeModalWidget()
