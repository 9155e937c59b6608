"""A person to be typed or changed: fields with their units, each fault at its field."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lablive import journal
from lablive.errors import LabLiveError, LibraryError
from lablive.library.person_check import PLACES, problems
from ui.icon import icon
from ui.language import say
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.library.records import InvolvedSide, Person
    from lablive.library.store import Library
    from ui.register import Register

SIDES: Final[tuple[tuple[InvolvedSide, str], ...]] = (
    ("", "none"), ("left", "left"), ("right", "right"), ("both", "both"),
)  # fmt: skip
_CM_FROM: Final = 3.0  # nobody is 3 m tall
# places that most runners have a sensor at come first
_GROUPS: Final = (("insole_", "Insoles"), ("imu_", "Movement"), ("emg_", "Muscles"))
MOST_SIGNS: Final = 60
NO_NUMBER: Final = "This is no number: digits, with a decimal comma or point."


class PersonForm(QDialog):
    """New or changed; stays open until the library has stored it.

    Parameters
    ----------
    register
        The library.
    person
        To be changed, or new with its code.
    then
        Called with the person as stored.
    """

    def __init__(
        self,
        register: Register,
        person: Person,
        then: Callable[[Person], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._register, self._person, self._then = register, person, then
        self._ended = False
        self._twin_ok = False
        title = f"Change {person.code}" if person.id else "New person"
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(640)
        self.code = _field("Code, no name", person.code)
        self.birth_year = _field("Birth year", _shown(person.birth_year))
        self.family_name = _field("Family name", person.family_name)
        self.given_name = _field("Given name", person.given_name)
        self.mass = _field("Body mass in kg", _shown(person.mass_kg))
        self.height_ = _field("Height in cm", _cm(person.height_m))
        self.leg = _field("Leg length in cm", _cm(person.leg_length_m))
        self.side = QComboBox()
        self.side.addItems([words for _, words in SIDES])
        self.side.setCurrentIndex([key for key, _ in SIDES].index(person.involved_side))
        self.side.setAccessibleName(say("Involved side"))
        self.places = PlacesButton(person.affected_sensors)
        self.notes = QPlainTextEdit(person.notes)
        self.notes.setAccessibleName(say("Notes"))
        self.notes.setTabChangesFocus(True)
        self.notes.setMinimumHeight(72)
        self.notes.installEventFilter(self)
        self._faults: dict[str, QLabel] = {}
        self._said = label("", "poor")
        self._said.setWordWrap(True)
        self._said.hide()
        self.save_button = KeyButton("Save", "Enter", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self._save)
        self.twin_button = KeyButton("Save all the same")
        self.twin_button.clicked.connect(self._save_twin)
        self.twin_button.hide()
        self._lay_out(title)
        self.finished.connect(self._end)
        (self.family_name if not person.id else self.code).setFocus()

    def person(self) -> tuple[Person, dict[str, str]]:
        """Return what was typed, and what of it is wrong: field -> sentence."""
        wrong: dict[str, str] = {}
        mass_kg = _number(self.mass, "mass_kg", wrong)
        height = _number(self.height_, "height_m", wrong)
        leg = _number(self.leg, "leg_length_m", wrong)
        year = _number(self.birth_year, "birth_year", wrong)
        before = self._person
        mass_on = before.mass_on
        if mass_kg is None:
            mass_on = ""
        elif mass_kg != before.mass_kg:
            mass_on = f"{datetime.now().astimezone():%Y-%m-%d}"
        typed = msgspec.structs.replace(
            before,
            code=self.code.text().strip(),
            given_name=self.given_name.text().strip(),
            family_name=self.family_name.text().strip(),
            birth_year=None if year is None else int(year),
            mass_kg=mass_kg,
            mass_on=mass_on,
            height_m=_metres(height),
            leg_length_m=_metres(leg),
            involved_side=SIDES[self.side.currentIndex()][0],
            affected_sensors=self.places.chosen,
            notes=self.notes.toPlainText().strip(),
        )
        if year is not None and year != int(year):
            wrong["birth_year"] = NO_NUMBER
        return typed, {**problems(typed), **wrong}

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter saves from within the notes, where Enter is a new line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._save()
                return True
        return super().eventFilter(watched, event)

    # -- inside -------------------------------------------------------------------

    def _save(self) -> None:
        typed, wrong = self.person()
        for field, words in self._faults.items():
            words.setText(wrong.get(field, ""))
            words.setVisible(field in wrong)
        if wrong:
            self._say("")
            return
        self.save_button.setEnabled(False)
        twin_ok = self._twin_ok
        self._register.ask(
            lambda library: _saved(library, typed, twin_ok=twin_ok),
            self._stored,
            self._refused,
        )

    def _save_twin(self) -> None:
        self._twin_ok = True
        self._save()

    def _stored(self, person: Person) -> None:
        if not self._ended:
            self.accept()
        self._then(person)

    def _refused(self, error: LabLiveError) -> None:
        if self._ended:
            return
        self.save_button.setEnabled(True)
        twin = isinstance(error, LibraryError) and error.kind == "twin"
        self.twin_button.setVisible(twin)
        self._twin_ok = False
        self._say(str(error))

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    def _end(self) -> None:
        self._ended = True  # an answer may still be on its way

    def _lay_out(self, title: str) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4 * STEP_PX)
        grid.setVerticalSpacing(2 * STEP_PX)
        cells = (
            ("code", "Code", self.code, "in file names: say nothing of the person"),
            ("birth_year", "Birth year", self.birth_year, ""),
            ("family_name", "Family name", self.family_name, ""),
            ("given_name", "Given name", self.given_name, ""),
            ("mass_kg", "Body mass", self.mass, "kg, with clothes and shoes"),
            ("height_m", "Height", self.height_, "cm"),
            ("leg_length_m", "Leg length", self.leg, "cm, trochanter to floor"),
            ("involved_side", "Involved side", self.side, ""),
        )
        for number, (field, words, widget, hint) in enumerate(cells):
            line, column = divmod(number, 2)
            cell = self._cell(field, words, widget, hint)
            grid.addLayout(cell, line, column, Qt.AlignmentFlag.AlignTop)
        line = len(cells) // 2
        places = self._cell(
            "affected_sensors", "Sensors that tell less on this person", self.places,
            "prosthesis, bandage, scar: worth knowing when numbers are read",
        )  # fmt: skip
        grid.addLayout(places, line, 0, 1, 2)
        notes = self._cell("notes", "Notes", self.notes, "")
        grid.addLayout(notes, line + 1, 0, 1, 2)
        for column in (0, 1):
            grid.setColumnStretch(column, 1)
        close = KeyButton("Cancel", "Esc")
        close.clicked.connect(self.reject)
        for button in (close, self.twin_button):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addStretch(1)
        for button in (close, self.twin_button, self.save_button):
            buttons.addWidget(button)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 3 * STEP_PX, 0)
        column.addLayout(grid)
        column.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(label(title, "heading"))
        box.addWidget(scrolling(column), 1)
        box.addWidget(self._said)
        box.addLayout(buttons)
        self.resize(720, 680)

    def _cell(self, field: str, words: str, widget: QWidget, hint: str) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(2 * STEP_PX)
        head.addWidget(label(words, "strong"))
        head.addWidget(ElidedLabel(hint, "note"), 1)
        fault = self._faults[field] = label("", "alarm")
        fault.setWordWrap(True)
        fault.hide()
        cell = QVBoxLayout()
        cell.setSpacing(STEP_PX)
        cell.addLayout(head)
        cell.addWidget(widget)
        cell.addWidget(fault)
        return cell


class PlacesButton(QToolButton):
    """Places of sensors to choose from; the button says which are chosen."""

    def __init__(self, chosen: tuple[str, ...]) -> None:
        super().__init__()
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(icon("down"))
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._actions: dict[str, QAction] = {}
        menu = QMenu(self)
        for head, words in _GROUPS:
            group = menu.addMenu(words)
            for place, name in PLACES.items():
                if place.startswith(head):
                    action = group.addAction(name)
                    action.setCheckable(True)
                    action.setChecked(place in chosen)
                    action.toggled.connect(self._name)
                    self._actions[place] = action
        self.setMenu(menu)
        self._name()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The chosen places."""
        return tuple(p for p, action in self._actions.items() if action.isChecked())

    def choose(self, place: str) -> None:
        """Choose a place, or no longer."""
        self._actions[place].toggle()

    def _name(self) -> None:
        words = ", ".join(PLACES[place] for place in self.chosen) or "none"
        shown = words if len(words) <= MOST_SIGNS else f"{words[: MOST_SIGNS - 1]}…"
        self.setText(shown)
        self.setToolTip(words if shown != words else "")
        self.setAccessibleName(say(f"Sensors that tell less: {words}"))


def _saved(library: Library, person: Person, *, twin_ok: bool) -> Person:
    """Store a person and note that it was done; in the library's thread."""
    stored = library.save(person, twin_ok=twin_ok)
    what = "person changed" if person.id else "person added"
    journal.note(library.home, what, code=stored.code)
    return stored


def _field(name: str, text: str) -> QLineEdit:
    made = QLineEdit(text)
    made.setAccessibleName(name)
    return made


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _cm(length_m: float | None) -> str:
    return "" if length_m is None else f"{length_m * 100:.4g}"


def _metres(length: float | None) -> float | None:
    """Return a length in m of one typed in cm; or in m, which cannot be cm."""
    if length is None or length <= _CM_FROM:
        return length
    return round(length / 100, 4)


def _number(field: QLineEdit, key: str, wrong: dict[str, str]) -> float | None:
    text = field.text().strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        wrong[key] = NO_NUMBER
        return None
