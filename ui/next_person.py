"""Save and next: who comes after a run; the trial itself is on disk already."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from lablive.errors import ConfigError
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from ui.session_model import SessionModel


def code_after(code: str) -> str:
    """Return the next code: its last number plus one, as wide as it was.

    >>> code_after("LB-0009")
    'LB-0010'
    """
    found = re.fullmatch(r"(.*?)(\d+)(\D*)", code)
    if found is None:
        return f"{code}-2"
    before, number, behind = found.groups()
    return f"{before}{int(number) + 1:0{len(number)}d}{behind}"


class NextPerson(QDialog):
    """Name the next person by code; nothing of this one is carried over.

    Parameters
    ----------
    model
        Whose person changes.
    """

    def __init__(self, model: SessionModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Next person")
        self.setMinimumWidth(420)
        self.code = QLineEdit(code_after(model.code))
        self.code.setAccessibleName("Code of the next person, no name")
        self._problem = label("", "poor")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.next_button = KeyButton("Next person", "Enter", "primary")
        self.next_button.setDefault(True)
        self.next_button.clicked.connect(self._take)
        close = KeyButton("Close", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.next_button)
        about = label(
            f"{model.code} is stored. Body mass and calibrations begin anew; devices "
            "stay connected.",
            "muted",
        )
        about.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label("Who is next?", "heading"))
        box.addWidget(about)
        box.addWidget(self.code)
        box.addWidget(self._problem)
        box.addLayout(buttons)
        self.code.selectAll()

    def _take(self) -> None:
        try:
            self._model.next_person(self.code.text().strip())
        except ConfigError as error:
            self._problem.setText(str(error))
            self._problem.show()
            return
        self.accept()
