"""Lock and Privacy in the window: wired here, so that the window has one line more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.actions import Action
from ui.earlier import NOBODY
from ui.numbers import elapsed_text
from ui.operator_lock import OperatorLock
from ui.session_model import State

if TYPE_CHECKING:
    from ui.app import MainWindow


class Privacy(QObject):
    """The lock of a window and its Privacy dialog."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._model = window, window.model
        self._actions = (
            Action("privacy", self.show, window),
            Action("lock", self.lock_now, window),
        )
        self.lock = OperatorLock(
            window, window.places, window.model.library, self._recording
        )
        self.lock.trouble.connect(window.model.trouble)

    def lock_now(self) -> None:
        """Lock the window, or say how that becomes possible."""
        self.lock.lock()
        if not self.lock.locked:
            self._model.news.emit(
                "lock",
                "There are no operators, so nothing locks: lablive library operator "
                "--name NAME --role admin adds the first.",
            )

    def show(self) -> None:
        """Open the Privacy dialog."""
        from ui.privacy_dialog import PrivacyDialog

        PrivacyDialog(
            self._window.register,
            self._window,
            admin=self.lock.may_administrate(),
            recorded=self._recorded,
            deleted=self._go_on_without,
        ).open()

    def _go_on_without(self, code: str) -> None:
        """Let nobody's session go on under the code of a person who is no more."""
        filing = self._window.filing
        if self._model.code.casefold() == code.casefold() and filing.possible:
            self._model.change_person(NOBODY)
        filing.filed.emit(code)

    def _recorded(self) -> str:
        recording = self._model.state in (State.RECORDING, State.STOPPING)
        return self._model.code if recording else ""

    def _recording(self) -> str:
        report = self._model.live.report
        running = report.recording if report is not None else None
        if running is None:
            return ""
        return f"Recording goes on: {elapsed_text(running.elapsed_s)}"
