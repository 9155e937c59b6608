"""The people: found while typing, new, changed, imported; whose session is next."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import LabLiveError
from lablive.library.records import Person
from ui.actions import Action, ActionButton
from ui.language import say
from ui.library_trouble import LibraryTrouble
from ui.notice_board import NoticeBoard
from ui.numbers import counted
from ui.people_import import PeopleImport
from ui.people_list import PeopleList
from ui.person_form import PersonForm
from ui.person_panel import PersonPanel
from ui.session_form import SessionForm
from ui.session_model import State
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.library.records import PersonLine, SessionEntry
    from lablive.library.store import Library
    from ui.filing import Filing
    from ui.register import Register
    from ui.session_list import Line
    from ui.session_model import SessionModel

LIST, PANEL = 36, 64  # shares of the width
PAGE_ROWS: Final = 8  # Page up and Page down
_STEPS: Final = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: PAGE_ROWS,
    Qt.Key.Key_PageUp: -PAGE_ROWS,
}
NOBODY: Final = "Nobody is in the library yet."
HOW: Final = (
    "A person has a code that says nothing of them. The name stays in the library of "
    "this computer; files, reports and every other page carry the code only. Bring "
    "people of another program along with Import (CSV)."
)
NOT_FOUND: Final = "Nobody of this name, code or birth year."


class PeoplePage(QWidget):
    """List and search on the left, the chosen person on the right.

    Parameters
    ----------
    model
        The session.
    register
        The library.
    filing
        Takes the person of the session.

    Signals
    -------
    session_wanted
        Go to the session page.
    """

    session_wanted = Signal()

    def __init__(self, model: SessionModel, register: Register, filing: Filing) -> None:
        super().__init__()
        self._model, self._register, self._filing = model, register, filing
        self._person: Person | None = None
        self._asked = 0
        self._shown_text: str | None = None  # the search whose people are listed
        self._wanted = model.code  # who is to be selected in the next answer
        self._start_found = False  # Enter was pressed before the answer came
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.notice = NoticeBoard()
        self.search = QLineEdit()
        self.search.setPlaceholderText(say("Name, code or birth year"))
        self.search.setAccessibleName(say("Search people"))
        self.search.textChanged.connect(self.look)
        self.search.returnPressed.connect(self._start)
        self.search.installEventFilter(self)
        self.card = Card("People", "…")
        self.list = PeopleList()
        self.list.chosen.connect(self._choose)
        self.list.activated.connect(lambda _: self._start())
        self.more = label("", "muted")
        self.more.hide()
        self.new_button = ActionButton("new_person", self.add)
        self.import_button = ActionButton("import_people", self.choose_table)
        Action("person_after", partial(self.list.step, 1), self)
        Action("person_before", partial(self.list.step, -1), self)
        self.panel = PersonPanel()
        self.panel.start_wanted.connect(self._start)
        self.panel.edit_wanted.connect(self.edit)
        self.panel.trial_wanted.connect(self._open_trial)
        self.panel.details_wanted.connect(self._show_details)
        self.trouble = LibraryTrouble(register)
        self.empty = label("", "muted")
        self._lay_out()
        register.opened.connect(self._be_open)
        register.closed.connect(self._show_fault)
        filing.filed.connect(self._refresh)
        model.trouble.connect(self._tell)
        model.news.connect(self.notice.news)
        model.person_changed.connect(self._show_person)
        model.state_changed.connect(self._show_person)
        register.open()
        self._show_fault()
        self.look()

    # -- what the operator does ---------------------------------------------------

    def look(self) -> None:
        """Show whom the search finds; an older answer is dropped."""
        if self._register.fault is not None:
            return
        self._asked += 1
        asked, text = self._asked, self.search.text()

        def found(answer: tuple[list[PersonLine], int]) -> None:
            if asked == self._asked:
                self._show_lines(*answer, text)

        self._register.ask(lambda library: library.people(text), found)

    def add(self) -> None:
        """Open the form of a new person, a free code in it."""

        def show(code: str) -> None:
            self._show_form(Person(code))

        self._register.ask(lambda library: library.free_code(), show)

    def edit(self) -> None:
        """Open the form of the chosen person."""
        if self._person is not None:
            self._show_form(self._person)

    def choose_table(self) -> None:
        """Let the operator pick a table of people."""
        path, _ = QFileDialog.getOpenFileName(
            self, "Import people", "", "Tables (*.csv *.txt *.tsv);;All files (*)"
        )
        if path:
            self.import_people(Path(path))

    def import_people(self, path: Path) -> PeopleImport:
        """Open the import of a table."""
        dialog = PeopleImport(self._register, path, self)

        def done() -> None:
            if dialog.stored:
                people = counted(len(dialog.stored), "person").replace(
                    "persons", "people"
                )
                self._model.news.emit("imported", f"{people} added.")
                self.look()

        dialog.finished.connect(done)
        dialog.open()
        return dialog

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while one types; Esc empties the search."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            steps = _STEPS.get(Qt.Key(event.key()))
            if steps is not None:
                self.list.step(steps)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Be ready to type; while recording the keys of the recording stay."""
        super().showEvent(event)
        if self._model.state is not State.RECORDING:
            self.search.setFocus()
            self.search.selectAll()
        self.look()

    # -- answers ------------------------------------------------------------------

    def _be_open(self) -> None:
        self.trouble.hide()
        self._columns.show()
        self.look()

    def _tell(self, trouble: str) -> None:
        fault = self._register.fault
        if fault is None or trouble != str(fault):  # that is told with its remedy
            self.notice.trouble(trouble)

    def _show_fault(self) -> None:
        fault = self._register.fault
        self.trouble.setVisible(fault is not None)
        self._columns.setVisible(fault is None)
        if fault is not None:
            self.trouble.show_fault(fault)

    def _show_lines(self, lines: list[PersonLine], total: int, text: str) -> None:
        people = f"{total} of this search" if text.strip() else str(total)
        self.card.set_subtitle(people if total else "none")
        self.more.setText(say(f"and {total - len(lines)} more: type on"))
        self.more.setVisible(total > len(lines))
        self.empty.setText(NOT_FOUND if text.strip() else "")
        self.empty.setVisible(not lines)
        self._first.setVisible(not total and not text.strip())
        self.list.setVisible(bool(lines))
        self.new_button.set_kind("secondary" if total or text else "primary")
        held = self._person.code if self._person is not None else ""
        typed = text != self._shown_text
        wanted, self._wanted = self._wanted or ("" if typed else held), ""
        self._shown_text = text
        self.list.show_lines(lines, wanted)
        if self._start_found:
            self._start_found = False
            if total == 1:  # else who is meant must be seen first
                self._start()

    def _choose(self, line: PersonLine | None) -> None:
        self._person = line.person if line is not None else None
        self.panel.setVisible(line is not None)
        self._blank.setVisible(line is None)
        if line is None:
            return
        self._show_person()
        self._ask_sessions(line.person.code)

    def _ask_sessions(self, code: str) -> None:
        def told(sessions: list[SessionEntry]) -> None:
            if self._person is not None and self._person.code == code:
                self.panel.show_sessions(sessions)

        def question(library: Library) -> list[SessionEntry]:
            return library.sessions(code)

        self._register.ask(question, told)

    def _refresh(self, code: str) -> None:
        """Show what has changed of a person, when it can be seen."""
        if self.isVisible():
            self.look()

    def _show_person(self) -> None:
        if self._person is not None:
            current = self._model.code == self._person.code
            free = self._filing.possible or current
            self.panel.show_person(self._person, current=current, free=free)
        writable = not self._register.read_only
        self.panel.set_writable(writable=writable)
        for button in (self.new_button, self.import_button):
            button.setEnabled(writable)

    def _start(self) -> None:
        if self.search.text() != self._shown_text:
            self._start_found = True  # never the one who was listed before
            return
        if self._person is None:
            return
        if self._model.code != self._person.code or self._filing.person is None:
            try:
                self._filing.take(self._person)
            except LabLiveError as error:
                self._model.trouble.emit(str(error))
                return
        self.session_wanted.emit()

    def _open_trial(self, line: Line) -> None:
        if line.trial is not None:
            path = self._model.library / line.session.folder / line.trial.file
            self._model.open_trial(path)
            if self._model.replay is not None:
                self.session_wanted.emit()

    def _show_details(self, line: Line) -> None:
        code = line.session.code

        def stored() -> None:
            self._ask_sessions(code)

        SessionForm(self._register, line.session, stored, self).open()

    def _show_form(self, person: Person) -> None:
        def stored(changed: Person) -> None:
            self._person, self._wanted = changed, changed.code
            if changed.code.casefold() == self._model.code.casefold():
                self._filing.change(changed)
            self.search.clear()
            self.look()

        PersonForm(self._register, person, stored, self).open()

    # -- layout -------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addWidget(self.new_button)
        buttons.addWidget(self.import_button)
        buttons.addStretch(1)
        self.card.body.addWidget(self.search)
        self.card.body.addWidget(self.empty, 1)
        self.card.body.addWidget(self.list, 1)
        self.card.body.addWidget(self.more)
        self.card.body.addLayout(buttons)
        self._first = _first_steps()
        self._first.hide()
        self._blank = Card()
        self._blank.body.addWidget(self._first)
        self._blank.hide()
        self._columns = QWidget()
        columns = QHBoxLayout(self._columns)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(3 * STEP_PX)
        columns.addWidget(self.card, LIST)
        columns.addWidget(self.panel, PANEL)
        columns.addWidget(self._blank, PANEL)
        box = QVBoxLayout(self)
        box.setContentsMargins(4 * STEP_PX, 3 * STEP_PX, 4 * STEP_PX, 3 * STEP_PX)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(self.notice)
        box.addWidget(self.trouble)
        box.addWidget(self._columns, 1)
        box.addStretch(0)


def _first_steps() -> QWidget:
    made = QWidget()
    box = QVBoxLayout(made)
    box.addStretch(2)
    for words in (label(NOBODY, "heading"), label(HOW, "muted")):
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(words)
    box.addStretch(3)
    return made
