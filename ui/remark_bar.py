"""The line that takes a note, pain or effort: its time is the press of its key."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import ConfigError
from lablive.protocol.pain import HIGHEST
from lablive.protocol.quick_texts import load_quick_texts
from lablive.protocol.remarks import edit_of, remarks_of
from ui.language import say
from ui.numbers import elapsed_text
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.protocol.remarks import Remark, RemarkKind
    from ui.session_model import SessionModel

TEN: Final = "X"  # the key of 10, as the Romans wrote it
_ASKED: Final[dict[RemarkKind, str]] = {
    "pain": "Pain, 0 = none, 10 = the worst there is",
    "effort": "Effort (Borg), 0 = none at all, 10 = the most there is",
}
_QUICK_LETTERS: Final = 16  # of a text on its button
_COLUMNS: Final = 4  # of quick texts: a row of them all would widen the window


class RemarkBar(QFrame):
    """Hidden until something is noted; the runner's page stays in sight.

    Parameters
    ----------
    model
        Writes what is noted into the trial.

    Signals
    -------
    closed
        The keys go back to the page.
    """

    closed = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._at_s = 0.0
        self._changed: Remark | None = None  # what is being named
        self.setProperty("surface", "bar")
        self._head = label("", "strong")
        self.field = QLineEdit()
        self.field.setAccessibleName(say("Text of the note"))
        self.field.returnPressed.connect(self._keep)
        self._enter = keep = KeyButton("Keep", "Enter", "primary")
        keep.clicked.connect(self._keep)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.close_bar)
        for button in (keep, close):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.quick: list[KeyButton] = []
        self._quick = QGridLayout()
        self._quick.setSpacing(2 * STEP_PX)
        self._quick.setContentsMargins(0, 0, 0, 0)
        self._note = QWidget()
        self._note.setLayout(self._quick)
        self.scale = Scale()
        top = QHBoxLayout()
        top.setSpacing(3 * STEP_PX)
        top.addWidget(self._head)
        top.addWidget(self.field, 1)
        top.addWidget(keep)
        top.addWidget(close)
        box = QVBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 2 * STEP_PX, 5 * STEP_PX, 2 * STEP_PX)
        box.setSpacing(2 * STEP_PX)
        box.addLayout(top)
        box.addWidget(self._note)
        box.addWidget(self.scale)
        for button, value in zip(self.scale.buttons, range(HIGHEST + 1), strict=True):
            button.clicked.connect(partial(self._keep_value, value))
        self._kind: RemarkKind = "note"
        model.ending.connect(self._end)
        self.hide()

    # -- what the operator does ---------------------------------------------------

    def mark(self, at_s: float) -> None:
        """Store a marker; it can be named later."""
        self._store("marker", "marker", at_s)

    def note(self, at_s: float) -> None:
        """Take a note of the moment that the key went down."""
        self._changed = None
        self._show_note(f"Note at {self._clock(at_s)}", "", at_s)

    def name_last(self) -> None:
        """Say what the last remark is, or something else; its time stays."""
        last = self.last
        if last is None:
            self._model.trouble.emit("There is nothing to name: set a marker first.")
            return
        self._changed = last
        text = "" if last.text == last.kind else last.text
        head = f"{last.words} at {self._clock(last.t_s)}: what is it?"
        self._show_note(head, text, last.t_s)

    def ask(self, kind: RemarkKind, at_s: float) -> None:
        """Take a number from 0 to 10 of the moment that the key went down."""
        self._kind, self._at_s = kind, at_s
        self._head.setText(f"{_ASKED[kind]} · {self._clock(at_s)}")
        self._show_parts(note=False)
        self.scale.setFocus()

    def close_bar(self) -> None:
        """Note nothing."""
        self._changed = None
        self.field.clear()
        self.hide()
        self.closed.emit()

    @property
    def last(self) -> Remark | None:
        """The newest remark of the trial that is recorded."""
        running = self._model.live.recording
        found = remarks_of(running.marks)[0] if running is not None else ()
        return found[-1] if found else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes; a digit is a number of the scale."""
        value = _digit(event) if self.scale.isVisible() else None
        if value is not None:
            self._keep_value(value)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------

    def _show_note(self, head: str, text: str, at_s: float) -> None:
        self._at_s = at_s
        self._head.setText(head)
        self._offer(self._texts())
        self._show_parts(note=True)
        self.field.setText(text)
        self.field.selectAll()
        self.field.setFocus()

    def _show_parts(self, *, note: bool) -> None:
        """Show the field of a note, or the scale."""
        for part in (self._note, self.field, self._enter):
            part.setVisible(note)
        self.scale.setVisible(not note)
        self.show()

    def _texts(self) -> Sequence[str]:
        try:
            return load_quick_texts(self._model.library)
        except ConfigError as error:
            self._model.trouble.emit(str(error))
            return load_quick_texts()

    def _offer(self, texts: Sequence[str]) -> None:
        for button in self.quick:
            self._quick.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.quick = []
        for number, text in enumerate(texts, start=1):
            button = KeyButton(text[:_QUICK_LETTERS], f"Alt+{number}", shortcut=True)
            button.setToolTip(text)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(partial(self._keep_text, text))
            self._quick.addWidget(button, *divmod(number - 1, _COLUMNS))
            self.quick.append(button)

    def _keep(self) -> None:
        self._keep_text(self.field.text().strip())

    def _keep_text(self, text: str) -> None:
        changed, at_s = self._changed, self._at_s
        self.close_bar()
        if not text:
            return
        if changed is None:
            self._store("note", text, at_s)
        elif text != changed.text:
            edit = edit_of(changed, text)
            self._store(edit.kind, edit.text, edit.t_s)

    def _keep_value(self, value: int) -> None:
        kind, at_s = self._kind, self._at_s
        self.close_bar()
        self._store(kind, str(value), at_s)

    def _store(self, kind: str, text: str, at_s: float) -> None:
        """Write it into the trial and say so."""
        self._model.marker(text, kind, at_s)
        last = self.last
        if last is not None:
            self._model.news.emit("noted", f"{self._clock(last.t_s)} {last.words}")

    def _end(self) -> None:
        """Keep what was typed: after the end of the trial nothing can be stored."""
        if self.isVisible() and self._note.isVisible():
            self._keep()
        elif self.isVisible():
            self.close_bar()

    def _clock(self, t_s: float) -> str:
        running = self._model.live.recording
        return elapsed_text(t_s - running.started_s) if running is not None else ""


class Scale(QWidget):
    """Eleven numbers; while it has the focus their keys are its own."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(say("0 to 10"))
        self.buttons: list[KeyButton] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2 * STEP_PX)
        for value in range(HIGHEST + 1):
            key = str(value) if value < HIGHEST else TEN
            button = KeyButton(str(value), key if value == HIGHEST else "")
            button.setAccessibleName(say(f"{value}, key {key}"))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button, 1)
            self.buttons.append(button)

    def event(self, event: QEvent) -> bool:
        """Take digits before any action does that has the same key."""
        if event.type() == QEvent.Type.ShortcutOverride:
            mine = isinstance(event, QKeyEvent) and (
                _digit(event) is not None or event.key() == Qt.Key.Key_Escape
            )
            if mine:
                event.accept()
                return True
        return super().event(event)


def _digit(event: QKeyEvent) -> int | None:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if held not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        return None
    if event.key() == Qt.Key.Key_X:
        return HIGHEST
    text = event.text()
    return int(text) if text.isascii() and text.isdigit() else None
