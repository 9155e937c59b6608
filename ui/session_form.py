"""What is said of a session: shoes, pain, notes; no name among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from lablive.library.session_plan import SCHEMA, SessionPlan
from lablive.protocol.pain import HIGHEST
from ui.language import say
from ui.numbers import day_text
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.errors import LabLiveError
    from lablive.library.records import SessionEntry
    from lablive.library.store import Library
    from ui.register import Register

NOT_ASKED: Final = "not asked"
TOLD: Final = "This is kept in the session's folder: no names here."


class SessionForm(QDialog):
    """Words of one session; stored in its folder and in the library.

    Parameters
    ----------
    register
        The library.
    session
        The session.
    then
        Called when it is stored.
    """

    def __init__(
        self,
        register: Register,
        session: SessionEntry,
        then: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._register, self._session, self._then = register, session, then
        self._ended = False
        title = f"{session.code}, {day_text(session.date)}"
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self.shoes = QLineEdit(session.shoes)
        self.shoes.setAccessibleName(say("Shoes"))
        self.pain = QComboBox()
        self.pain.addItems([NOT_ASKED, *(str(n) for n in range(HIGHEST + 1))])
        self.pain.setCurrentIndex(
            0 if session.pain_nrs is None else session.pain_nrs + 1
        )
        self.pain.setAccessibleName(say("Pain before the run, 0 to 10"))
        self.notes = QPlainTextEdit(session.notes)
        self.notes.setTabChangesFocus(True)
        self.notes.setAccessibleName(say("Notes of the session"))
        self._said = label("", "poor")
        self._said.setWordWrap(True)
        self._said.hide()
        self.save_button = KeyButton("Save", "Enter", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self._save)
        self._lay_out(title)
        self.finished.connect(self._end)
        self.shoes.setFocus()

    def _save(self) -> None:
        folder = self._session.folder
        chosen = self.pain.currentIndex()
        session = self._session
        blank = SessionPlan(SCHEMA, session.code, session.date)
        typed = {
            "shoes": self.shoes.text().strip(),
            "pain_nrs": chosen - 1 if chosen else None,
            "notes": self.notes.toPlainText().strip(),
        }

        def store(library: Library) -> None:
            before = library.plan(folder) if library.has_plan(folder) else blank
            library.change_session(folder, msgspec.structs.replace(before, **typed))

        self.save_button.setEnabled(False)
        self._register.ask(store, self._stored, self._refused)

    def _stored(self, _: None) -> None:
        if not self._ended:
            self.accept()
        self._then()

    def _refused(self, error: LabLiveError) -> None:
        if not self._ended:
            self.save_button.setEnabled(True)
            self._said.setText(str(error))
            self._said.show()

    def _end(self) -> None:
        self._ended = True  # an answer may still be on its way

    def _lay_out(self, title: str) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(2 * STEP_PX)
        form.setHorizontalSpacing(4 * STEP_PX)
        form.addRow(label("Shoes", "strong"), self.shoes)
        form.addRow(label("Pain, 0 to 10", "strong"), self.pain)
        form.addRow(label("Notes", "strong"), self.notes)
        close = KeyButton("Cancel", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.save_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label(title, "heading"))
        box.addWidget(label(TOLD, "note"))
        box.addLayout(form, 1)
        box.addWidget(self._said)
        box.addLayout(buttons)
