"""People from a table: which column is what, what would happen, then the press."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lablive import journal
from lablive.library.people_csv import dry_run, guess, read_table
from ui.language import say
from ui.numbers import counted
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label, set_role

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.errors import LabLiveError
    from lablive.library.people_csv import DryRun, Table
    from lablive.library.records import Person
    from lablive.library.store import Library
    from ui.register import Register

LEAVE_OUT: Final = "leave out"
FIELDS: Final[dict[str, str]] = {
    "code": "code", "family_name": "family name", "given_name": "given name",
    "name": "whole name", "birth_year": "birth year or date", "mass_kg": "body mass",
    "height_m": "height", "leg_length_m": "leg length",
    "involved_side": "involved side", "notes": "notes",
}  # fmt: skip
MOST_TOLD: Final = 200
SAMPLES: Final = 3


class PeopleImport(QDialog):
    """Columns of a file and a dry run; nothing is stored before Import is pressed.

    Parameters
    ----------
    register
        The library.
    path
        The table.
    """

    def __init__(
        self, register: Register, path: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._register = register
        self._ended = False
        self._asked = 0
        self._table: Table | None = None
        self.run: DryRun | None = None
        self.stored: list[Person] = []
        self.columns: list[QComboBox] = []
        self.setWindowTitle(say("Import people"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(720, 520)
        self.summary = label(f"Reading {path.name} …", "strong")
        self.summary.setWordWrap(True)
        self._notes = label("", "concern")
        self._notes.setWordWrap(True)
        self._notes.hide()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4 * STEP_PX)
        self._grid.setVerticalSpacing(STEP_PX)
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(0, 0, 2 * STEP_PX, 0)
        self._lines.addStretch(1)
        self.import_button = KeyButton("Import", "Enter", "primary")
        self.import_button.setDefault(True)
        self.import_button.setEnabled(False)
        self.import_button.clicked.connect(self._store)
        self._lay_out(path)
        self.finished.connect(self._end)
        register.ask(lambda _: read_table(path), self._show_table, self._refused)

    def mapping(self) -> dict[str, int]:
        """Return which field is in which column."""
        keys = list(FIELDS)
        found: dict[str, int] = {}
        for column, choice in enumerate(self.columns):
            if choice.currentIndex() > 0:
                found[keys[choice.currentIndex() - 1]] = column
        return found

    # -- inside -------------------------------------------------------------------

    def _show_table(self, table: Table) -> None:
        if self._ended:
            return
        self._table = table
        self._notes.setText("\n".join(table.notes))
        self._notes.setVisible(bool(table.notes))
        known = {column: field for field, column in guess(table.head).items()}
        for number, text in enumerate(("Column of the file", "holds", "for example")):
            self._grid.addWidget(label(text, "note"), 0, number)
        for column, head in enumerate(table.head):
            choice = QComboBox()
            choice.addItems([LEAVE_OUT, *FIELDS.values()])
            choice.setCurrentText(FIELDS.get(known.get(column, ""), LEAVE_OUT))
            choice.setAccessibleName(say(f"Column {head} holds"))
            choice.currentIndexChanged.connect(self._try)
            self.columns.append(choice)
            cells = (row[column] for _, row in table.rows if column < len(row))
            shown = ", ".join([cell for cell in cells if cell][:SAMPLES])
            self._grid.addWidget(
                ElidedLabel(head or f"column {column + 1}"), column + 1, 0
            )
            self._grid.addWidget(choice, column + 1, 1)
            self._grid.addWidget(ElidedLabel(shown, "muted"), column + 1, 2)
        self._try()

    def _try(self) -> None:
        """Try the import with the columns as they are chosen."""
        table, mapping = self._table, self.mapping()
        self.run = None
        self.import_button.setEnabled(False)
        if table is None:
            return
        self._asked += 1
        asked = self._asked

        def tried(run: DryRun) -> None:
            if asked == self._asked and not self._ended:
                self._show_run(run)

        def question(library: Library) -> DryRun:
            return dry_run(table, mapping, library.everyone())

        self._register.ask(question, tried, self._refused)

    def _show_run(self, run: DryRun) -> None:
        self.run = run
        people, left_out = len(run.people), run.left_out
        words = f"{_several(people)} would be added"
        if left_out:
            words += f", {counted(len(left_out), 'line')} left out"
        self.summary.setText(say(f"{words}. Nothing is stored yet."))
        set_role(self.summary, "caution" if left_out else "strong")
        self.import_button.setEnabled(people > 0)
        self.import_button.set_text(
            f"Import {_several(people)}" if people else "Import"
        )
        told = [(f"line {it.line}", " ".join(it.problems), True) for it in left_out]
        told += [
            (f"line {it.line}", " ".join(it.notes), False)
            for it in run.lines
            if it.notes and it.person is not None
        ]
        self._tell(told)

    def _tell(self, told: list[tuple[str, str, bool]]) -> None:
        while self._lines.count() > 1:
            item = self._lines.takeAt(0)
            held = item.widget() if item is not None else None
            if held is not None:
                held.hide()
                held.deleteLater()
        for number, (where, why, bad) in enumerate(told[:MOST_TOLD]):
            words = label(f"{where}: {why}", "poor" if bad else "muted")
            words.setWordWrap(True)
            self._lines.insertWidget(number, words)
        more = len(told) - MOST_TOLD
        if more > 0:
            self._lines.insertWidget(MOST_TOLD, label(f"and {more} more", "muted"))

    def _store(self) -> None:
        if self.run is None or not self.run.people:
            return
        people = self.run.people
        self.import_button.setEnabled(False)
        self._register.ask(partial(_added, people), self._done, self._refused)

    def _done(self, stored: list[Person]) -> None:
        self.stored = stored
        if not self._ended:
            self.accept()

    def _refused(self, error: LabLiveError) -> None:
        if not self._ended:
            self.summary.setText(str(error))
            set_role(self.summary, "poor")

    def _end(self) -> None:
        self._ended = True  # an answer may still be on its way

    def _lay_out(self, path: Path) -> None:
        for column, share in enumerate((3, 2, 4)):
            self._grid.setColumnStretch(column, share)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 3 * STEP_PX, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        close = KeyButton("Cancel", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.import_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label(f"People of {path.name}", "heading"))
        box.addWidget(self._notes)
        box.addWidget(scrolling(column), 5)
        box.addWidget(self.summary)
        box.addWidget(scrolling(self._lines), 2)
        box.addLayout(buttons)
        self.resize(800, 680)


def _added(people: list[Person], library: Library) -> list[Person]:
    """Store people and note how many; in the library's thread."""
    stored = library.add_people(people)
    journal.note(library.home, "people imported", people=len(stored))
    return stored


def _several(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
