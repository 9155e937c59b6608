"""Results: compare two stretches, or a metric of a person over the sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.actions import ActionButton
from ui.earlier import NOBODY
from ui.notice_board import NoticeBoard
from ui.results.compare_view import CompareView
from ui.results.history_view import HistoryView
from ui.tokens import STEP_PX
from ui.widgets import label

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from lablive.library.records import SessionEntry
    from lablive.library.store import Library
    from ui.filing import Filing
    from ui.register import Register
    from ui.session_model import SessionModel

COMPARE, HISTORY = 0, 1
_NOBODY: Final = "nobody chosen: choose a person on the People page (Ctrl+1)"


class ResultsPage(QWidget):
    """Two views of the person of the session.

    Parameters
    ----------
    model
        Whose person and trial.
    register
        The library.
    filing
        Tells when a trial was counted.
    """

    def __init__(self, model: SessionModel, register: Register, filing: Filing) -> None:
        super().__init__()
        self._model, self._register = model, register
        self._asked = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.notice = NoticeBoard()
        self.compare = CompareView(model.start_worker)
        self.history = HistoryView(register)
        self.history.told.connect(self._tell)
        self.whom = label("", "muted")
        self.compare_button = ActionButton(
            "view_compare", lambda: self.show_view(COMPARE)
        )
        self.history_button = ActionButton(
            "view_history", lambda: self.show_view(HISTORY)
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.compare)
        self._stack.addWidget(self.history)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        row.addWidget(self.compare_button)
        row.addWidget(self.history_button)
        row.addWidget(self.whom, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(4 * STEP_PX, 3 * STEP_PX, 4 * STEP_PX, 3 * STEP_PX)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(self.notice)
        box.addLayout(row)
        box.addWidget(self._stack, 1)
        model.trouble.connect(self.notice.trouble)
        model.person_changed.connect(self.look)
        filing.filed.connect(self._refresh)
        self.show_view(HISTORY)

    def show_view(self, number: int) -> None:
        """Show the comparison (0) or the history (1)."""
        self._stack.setCurrentIndex(number)
        for at, button in enumerate((self.compare_button, self.history_button)):
            button.setEnabled(at != number)

    def take_trial(self) -> None:
        """Compare the trial on screen, or its range."""
        self.show_view(COMPARE)
        if self._model.replay is not None:
            self.compare.take(self._model.replay)

    def look(self) -> None:
        """Ask for the sessions of the person."""
        code = self._model.code
        nobody = code == NOBODY
        self.whom.setText(_NOBODY if nobody else code)
        self._asked += 1
        asked = self._asked

        def found(library: Library) -> list[SessionEntry]:
            return library.sessions(code)

        def tell(sessions: list[SessionEntry]) -> None:
            if asked == self._asked:
                self.compare.offer(sessions, self._model.library)
                self.history.show_person(code, sessions)

        self._register.ask(found, tell)

    def showEvent(self, event: QShowEvent) -> None:
        """Look for what has come since."""
        super().showEvent(event)
        self.look()

    def _refresh(self, code: str) -> None:
        del code
        if self.isVisible():
            self.look()

    def _tell(self, word: str, text: str) -> None:
        if word == "trouble":
            self.notice.trouble(text)
        else:
            self.notice.news(word, text)
