"""What is wrong with this computer, and the fix: the doctor in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from lablive.structs import from_json
from ui.actions import ActionButton
from ui.language import say
from ui.system_checks import Check
from ui.tokens import STEP_PX
from ui.widgets import label, set_role
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QSize

SMALLEST_PX: Final = (1366, 768)
MOST_LINES: Final = 4
# notes that every computer without such devices has: told by lablive doctor only
_ONLY_IF_FAULT: Final = ("Bluetooth", "Sound inputs", "Display")


class ComputerCheck(QWidget):
    """One line that says how this computer is, and a line for each finding.

    Parameters
    ----------
    start
        Starts a program that ends with the window at the latest.
    """

    def __init__(self, start: Callable[[Worker], None]) -> None:
        super().__init__()
        self._start = start
        self.button = ActionButton("check", self.begin)
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.findings: list[Check] = []
        self._worker: Worker | None = None
        self._lines = QGridLayout()
        self._lines.setHorizontalSpacing(3 * STEP_PX)
        self._lines.setVerticalSpacing(STEP_PX)
        self._lines.setColumnStretch(1, 1)
        row = QHBoxLayout()
        row.setSpacing(4 * STEP_PX)
        row.addWidget(self.button)
        row.addWidget(self.told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * STEP_PX)
        column.addLayout(row)
        column.addLayout(self._lines)
        self._say("Ports, rights, sound, disk, display: what is wrong, and the fix.")

    def begin(self) -> None:
        """Look, in a program of its own; nothing waits for it."""
        if self._worker is not None:
            return
        self._say("One moment …")
        worker = self._worker = Worker(
            ["ui.start", "doctor", "--json"], self, finding=True
        )
        worker.done.connect(self._take)
        worker.failed.connect(self._failed)
        self._start(worker)

    def show_checks(self, checks: tuple[Check, ...]) -> None:
        """Show what is to be done; faults first."""
        wanted = [
            check
            for check in checks
            if check.verdict == "fault"
            or (check.verdict == "note" and check.name not in _ONLY_IF_FAULT)
        ]
        self.findings = sorted(wanted, key=lambda check: check.verdict != "fault")
        while self._lines.count():
            item = self._lines.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for line, check in enumerate(self.findings[:MOST_LINES]):
            name = label(check.name, "strong")
            words = label(" ".join(filter(None, (_sentence(check.found), check.todo))))
            words.setWordWrap(True)
            set_role(words, "strong" if check.verdict == "fault" else "")
            self._lines.addWidget(name, line, 0)
            self._lines.addWidget(words, line, 1)
        more = len(self.findings) - MOST_LINES
        if not self.findings:
            self._say("This computer is ready.")
        elif more > 0:
            self._say(f"{more} more are told by: lablive doctor")
        else:
            self._say("")

    def _take(self, text: str) -> None:
        self._worker = None
        checks = from_json(text, tuple[Check, ...])
        self.show_checks((*checks, *_screen(self.screen().size())))

    def _failed(self, said: str) -> None:
        self._worker = None
        self._say(f"It could not be looked at: {said}")

    def _say(self, text: str) -> None:
        self.told.setText(say(text))


def _screen(size: QSize) -> list[Check]:
    """Return a finding when the screen is smaller than the window needs."""
    if size.width() >= SMALLEST_PX[0] and size.height() >= SMALLEST_PX[1]:
        return []
    told = f"{size.width()} x {size.height()} points"
    wanted = f"{SMALLEST_PX[0]} x {SMALLEST_PX[1]}"
    todo = f"Choose {wanted} or more, or make the text smaller (Ctrl+-)."
    return [Check("Screen", "note", told, todo)]


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
