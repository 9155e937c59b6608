"""Which channel of a recording measures what: proposed, corrected, kept."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import LabLiveError
from lablive.names import UNITS
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from lablive.importing.mapping import Mapping
    from lablive.recording.replay import Trial
    from ui.session_model import SessionModel

HEADS: Final = ("Stream", "Channels", "Measures", "Unit", "Sure", "Why")
LEFT_OUT: Final = "left out"
ROWS_S: Final = 20.0  # enough to see gravity
_ROLE, _UNIT = 2, 3
_SURE: Final = {"named": "✓ named", "likely": "○ likely", "open": "? open"}


class RolesDialog(QDialog):
    """A line for every group of channels; nothing counts before Use or Save.

    Parameters
    ----------
    model
        Shows the trial with these roles.
    trial
        The recording, of any program.
    """

    def __init__(
        self, model: SessionModel, trial: Trial, parent: QWidget | None = None
    ) -> None:
        from lablive.importing.proposing import propose

        super().__init__(parent)
        self._model, self._path = model, trial.path
        self.setWindowTitle(say(f"What measures what in {trial.path.name}"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(1100, 520)
        self.mapping: Mapping = propose(
            trial.streams,
            lambda stream: trial.window(
                stream, trial.span(stream)[0], trial.span(stream)[0] + ROWS_S
            ),
        )
        self.table = QTableWidget(len(self.mapping.groups), len(HEADS))
        self.table.setAccessibleName(say("Channels and what they measure"))
        self.told = label("", "muted")
        self.told.setWordWrap(True)
        self.use_button = KeyButton("Use", "Ctrl+Return", "primary", shortcut=True)
        self.use_button.clicked.connect(self.use)
        self.save_button = KeyButton("Save montage …", "Ctrl+S", shortcut=True)
        self.save_button.clicked.connect(self.choose_place)
        self.close_button = KeyButton("Close", "Esc")
        self.close_button.clicked.connect(self.reject)
        self._fill()
        self._lay_out()
        self._tell()

    def use(self) -> None:
        """Show the recording with these roles."""
        try:
            montage = self.mapping.montage(self._path.stem)
        except LabLiveError as error:
            self.told.setText(str(error))
            return
        self._model.open_trial(self._path, montage)
        self.accept()

    def choose_place(self) -> None:
        """Let the operator say where the montage is to lie."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Save the montage", str(self._path.with_suffix(".toml")),
            "Montage (*.toml)",
        )  # fmt: skip
        if path:
            self.save(Path(path).with_suffix(".toml"))

    def save(self, path: Path) -> None:
        """Keep the roles as a montage, for every recording of these devices."""
        from lablive.importing.mapping import save_montage

        try:
            save_montage(self.mapping.montage(self._path.stem), path)
        except LabLiveError as error:
            self.told.setText(str(error))
        else:
            self.told.setText(say(f"{path} is written: lablive --montage {path.name}."))

    # -- inside -------------------------------------------------------------------

    def _given(self, number: int) -> None:
        """Take what was chosen in a line."""
        role, unit = self._field(number, _ROLE), self._field(number, _UNIT)
        name = "" if role.currentText() == LEFT_OUT else role.currentText()
        self.mapping = self.mapping.given(number, role=name, unit=unit.currentText())
        self._words(number)
        self._tell()

    def _field(self, number: int, column: int) -> QComboBox:
        found = self.table.cellWidget(number, column)
        if not isinstance(found, QComboBox):
            raise TypeError(f"line {number} has no choice in column {column}")
        return found

    def _tell(self) -> None:
        problems = self.mapping.problems()
        self.use_button.setEnabled(not problems)
        self.save_button.setEnabled(not problems)
        self.told.setText(
            say(
                "\n".join(problems)
                or "Look at what is only likely; the recording itself is never changed."
            )
        )

    def _words(self, number: int) -> None:
        group = self.mapping.groups[number]
        for column, text in ((4, _SURE[group.certainty]), (5, group.why)):
            self.table.setItem(number, column, QTableWidgetItem(text))

    def _fill(self) -> None:
        named = {info.id: info.name for info in self.mapping.streams}
        for number, group in enumerate(self.mapping.groups):
            for column, text in enumerate((named[group.stream], group.label)):
                self.table.setItem(number, column, QTableWidgetItem(text))
            roles = dict.fromkeys((LEFT_OUT, *group.choices))
            if group.role:
                roles[group.role] = None
            units = dict.fromkeys(("", group.unit, *UNITS))
            for column, texts, held, what in (
                (_ROLE, roles, group.role or LEFT_OUT, "measures"),
                (_UNIT, units, group.unit, "unit"),
            ):
                field = QComboBox()
                field.addItems(list(texts))
                field.setCurrentText(held)
                field.setAccessibleName(f"{group.label}: {what}")
                field.currentIndexChanged.connect(partial(self._take, number))
                self.table.setCellWidget(number, column, field)
            self._words(number)

    def _take(self, number: int, _: int) -> None:
        self._given(number)

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(list(HEADS))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(
            QHeaderView.ResizeMode.ResizeToContents
        )
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use_button)
        buttons.addWidget(self.save_button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        box = QVBoxLayout(self)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(self.table, 1)
        box.addWidget(self.told)
        box.addLayout(buttons)
