"""The person who is chosen: who, which body, what to know, and their sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lablive.library.person_check import PLACES
from ui import theme
from ui.actions import Action, ActionButton
from ui.language import say
from ui.numbers import MISSING, counted, day_text
from ui.people_list import NO_NAME
from ui.scrolling import scrolling
from ui.session_list import SessionList
from ui.tokens import BODY_PX, STEP_PX
from ui.widgets import Card, ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from lablive.library.records import Person, SessionEntry
    from ui.session_list import Line

NOTE_LINES: Final = 3  # more are scrolled, so that nothing moves from one to another
NO_SESSIONS: Final = (
    "No session yet. Start one: what is recorded is listed here, with how each file "
    "was counted."
)
_FACTS: Final = (
    "Born", "Body mass", "Height", "Leg length", "Involved side", "Sensors",
)  # fmt: skip


class PersonPanel(QWidget):
    """Two cards: the person, the sessions.

    Signals
    -------
    start_wanted, edit_wanted
        What the buttons of the person ask for.
    trial_wanted, details_wanted
        Session and trial that are to be opened; session that is to be described.
    """

    start_wanted = Signal()
    edit_wanted = Signal()
    trial_wanted = Signal(object)
    details_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._person: Person | None = None
        self._writable = True
        self.name = ElidedLabel("", "title")
        self.code = label("", "muted")
        self.here = label("", "good")
        self._facts = {name: ElidedLabel() for name in _FACTS}
        self.notes = label("")
        self.notes.setWordWrap(True)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.notes.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.start_button = KeyButton("Start session", "Enter", "primary")
        self.start_button.clicked.connect(self.start_wanted)
        # Enter belongs to the search and the lists; this key counts everywhere
        Action("start_session", self.start_wanted.emit, self.start_button)
        self.edit_button = ActionButton("edit_person", self.edit_wanted.emit)
        self.open_button = ActionButton("open_session", self._want_trial)
        self.details_button = ActionButton("session_details", self._want_details)
        self.sessions = SessionList()
        self.sessions.chosen.connect(self._follow_line)
        self.sessions.activated.connect(lambda _: self._want_trial())
        self.empty = label(NO_SESSIONS, "muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.history = Card("Sessions", "none")
        self._lay_out()

    def show_person(self, person: Person, *, current: bool, free: bool) -> None:
        """Show a person; ``current``: of the running session; ``free``: may change."""
        self._person = person
        self.name.set_text(person.name or NO_NAME)
        self.code.setText(person.code)
        self.here.setText(say("in this session" if current else ""))
        day = f" ({day_text(person.mass_on)})" if person.mass_on else ""
        places = ", ".join(
            PLACES.get(place, place) for place in person.affected_sensors
        )
        told = {
            "Born": str(person.birth_year or MISSING),
            "Body mass": f"{person.mass_kg:g} kg{day}" if person.mass_kg else MISSING,
            "Height": f"{person.height_m * 100:.4g} cm" if person.height_m else MISSING,
            "Leg length": (
                f"{person.leg_length_m * 100:.4g} cm"
                if person.leg_length_m
                else MISSING
            ),
            "Involved side": person.involved_side or "none",
            "Sensors": f"less trusted: {places}" if places else "all trusted",
        }
        for name, words in told.items():
            self._facts[name].set_text(words)
        self.notes.setText(person.notes or say("No notes."))
        self.notes.setEnabled(bool(person.notes))
        self.start_button.setEnabled(free)
        self.start_button.setToolTip(
            say("" if free else "A recording or replay is running")
        )
        self.start_button.set_text("Go to session" if current else "Start session")

    def changeEvent(self, event: QEvent) -> None:
        """Give the notes their lines at any text size."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit_notes()

    def _fit_notes(self) -> None:
        line_px = QFontMetrics(theme.font(BODY_PX)).lineSpacing()
        self._notes_area.setFixedHeight(NOTE_LINES * line_px + STEP_PX)

    def set_writable(self, *, writable: bool) -> None:
        """Offer changes or not (a library that can only be read)."""
        self._writable = writable
        self.edit_button.setEnabled(writable)
        self._follow_line(self.sessions.current_line())

    def show_sessions(self, sessions: list[SessionEntry]) -> None:
        """Show the sessions of the person."""
        self.sessions.show_sessions(sessions)
        trials = sum(len(session.trials) for session in sessions)
        words = (
            f"{len(sessions)} with {counted(trials, 'trial')}" if sessions else "none"
        )
        self.history.set_subtitle(words)
        self.empty.setVisible(not sessions)
        self.sessions.setVisible(bool(sessions))

    def _follow_line(self, line: Line | None) -> None:
        any_session = self.sessions.lines.rowCount() > 0
        self.open_button.setEnabled(_to_open(line) is not None)
        self.details_button.setEnabled(line is not None and self._writable)
        for button in (self.open_button, self.details_button):
            button.setVisible(any_session)

    def _want_trial(self) -> None:
        wanted = _to_open(self.sessions.current_line())
        if wanted is not None:
            self.trial_wanted.emit(wanted)

    def _want_details(self) -> None:
        line = self.sessions.current_line()
        if line is not None:
            self.details_wanted.emit(line)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(3 * STEP_PX)
        head.addWidget(self.name, 1)
        head.addWidget(self.here)
        head.addWidget(self.edit_button)
        head.addWidget(self.start_button)
        facts = QGridLayout()
        facts.setHorizontalSpacing(6 * STEP_PX)
        facts.setVerticalSpacing(0)
        facts.setRowMinimumHeight(2, 2 * STEP_PX)  # between the two lines of facts
        for number, (name, value) in enumerate(self._facts.items()):
            line, column = divmod(number, 3)
            facts.addWidget(_head(name), 3 * line, column)
            facts.addWidget(value, 3 * line + 1, column)
        for column in range(3):
            facts.setColumnStretch(column, 1)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.addWidget(self.notes)
        card = Card()
        card.body.addLayout(head)
        card.body.addWidget(self.code)
        card.body.addSpacing(STEP_PX)
        card.body.addLayout(facts)
        card.body.addSpacing(STEP_PX)
        self._notes_area = scrolling(words)
        card.body.addWidget(self._notes_area)
        card.setAccessibleName(say("Person"))
        card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.history.head.addWidget(self.details_button)
        self.history.head.addWidget(self.open_button)
        self.history.body.addWidget(self.empty)
        self.history.body.addWidget(self.sessions, 1)
        self.history.body.addStretch(0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(card)
        box.addWidget(self.history, 1)
        self._fit_notes()


def _to_open(line: Line | None) -> Line | None:
    """Return the trial that a press opens: of a session its last one that is there."""
    if line is None:
        return None
    trials = line.session.trials if line.trial is None else (line.trial,)
    there = [trial for trial in trials if trial.state != "missing"]
    return line._replace(trial=there[-1]) if there else None


def _head(text: str) -> QLabel:
    return label(text, "note")
