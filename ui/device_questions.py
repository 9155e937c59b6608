"""What is asked of a device before it is opened: place, muscles, address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from lablive.names import IMU_SITES, MUSCLES, SIDES, site_words
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MANY: Final = 4  # questions in one column; more stand in two
_FIELD_PX: Final = 190

Answers = dict[str, str | float | bool]


class Question(NamedTuple):
    """One question; see ``drivers/questions.py``."""

    option: str
    words: str
    answer: str
    usual: str = ""
    required: bool = False


def questions_in(found: Mapping[str, Any]) -> dict[str, tuple[Question, ...]]:
    """Return the questions of each profile, driver and kind, from the host's answer."""
    return {
        name: tuple(Question(**it) for it in asked)
        for name, asked in found.get("questions", {}).items()
    }


def choices(question: Question) -> list[tuple[str, str]]:
    """Return (words, value) of the answers to choose from; the first says "none".

    >>> choices(Question("site", "Foot", "foot"))[1]
    ('left foot', 'left_foot')
    """
    none = (f"{question.words} …", "")
    if question.answer == "foot":
        return [none, *((f"{side} foot", f"{side}_foot") for side in SIDES)]
    if question.answer == "imu_site":
        return [none, *((site_words(site), site) for site in IMU_SITES)]
    if question.answer == "muscle":
        places = [f"{muscle}_{side}" for muscle in MUSCLES for side in SIDES]
        return [none, *((muscle_words(place), place) for place in places)]
    return []


def muscle_words(place: str) -> str:
    """Return a muscle as a person says it.

    >>> muscle_words("gluteus_maximus_left")
    'left gluteus maximus'
    """
    muscle, _, side = place.rpartition("_")
    return f"{side} {muscle.replace('_', ' ')}"


def is_answered(questions: Sequence[Question], answers: Mapping[str, Any]) -> bool:
    """Tell whether everything that must be known is known."""
    return all(answers.get(it.option) for it in questions if it.required)


def name_with(answers: Mapping[str, Any], name: str) -> str:
    """Return what a device is called: where it is worn comes first."""
    site = str(answers.get("site", ""))
    if not site:
        return name
    first, _, rest = site.partition("_")
    words = f"{first} {rest}" if first in SIDES else site_words(site)
    if site.rpartition("_")[0] in MUSCLES:
        words = muscle_words(site)
    return f"{words} · {name}"


def answer_field(
    question: Question, value: str, changed: Callable[[], None]
) -> QComboBox | QLineEdit:
    """Return a field for an answer."""
    made: QComboBox | QLineEdit
    listed = choices(question)
    if listed:
        made = QComboBox()
        for words, data in listed:
            made.addItem(words, data)
        made.setCurrentIndex(max(made.findData(value or question.usual), 0))
        made.currentIndexChanged.connect(lambda _: changed())
    else:
        made = QLineEdit(value or question.usual)
        made.textChanged.connect(lambda _: changed())
    made.setAccessibleName(question.words)
    return made


def answer_of(field: QComboBox | QLineEdit) -> str:
    """Return what was answered, "" = nothing."""
    if isinstance(field, QComboBox):
        return str(field.currentData() or "")
    return field.text().strip()


class AnswerForm(QWidget):
    """A field for each question; many stand in two columns."""

    def __init__(
        self,
        questions: Sequence[Question],
        answers: Mapping[str, Any],
        changed: Callable[[], None],
    ) -> None:
        super().__init__()
        self._questions = questions
        self._fields = {
            it.option: answer_field(it, str(answers.get(it.option, "")), changed)
            for it in questions
        }
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * STEP_PX)
        grid.setVerticalSpacing(2 * STEP_PX)
        plain = [it for it in questions if it.answer == "text"]
        listed = [it for it in questions if it.answer != "text"]
        for line, it in enumerate(plain):
            grid.addWidget(label(it.words), line, 0)
            grid.addWidget(self._fields[it.option], line, 1, 1, 3)
        columns = 2 if len(listed) > _MANY else 1
        lines = -(-len(listed) // columns)
        for number, it in enumerate(listed):
            column, line = divmod(number, lines)
            field = self._fields[it.option]
            field.setMinimumWidth(_FIELD_PX)
            grid.addWidget(label(it.words, "muted"), len(plain) + line, 2 * column)
            grid.addWidget(field, len(plain) + line, 2 * column + 1)
        for column in range(1, 2 * columns, 2):
            grid.setColumnStretch(column, 1)

    def answers(self) -> Answers:
        """Return option and value of everything that was answered."""
        found = {option: answer_of(field) for option, field in self._fields.items()}
        return {option: value for option, value in found.items() if value}

    @property
    def is_complete(self) -> bool:
        """Whether everything required is answered."""
        return is_answered(self._questions, self.answers())


class QuestionDialog(QDialog):
    """All questions of one device."""

    def __init__(
        self,
        title: str,
        questions: Sequence[Question],
        answers: Mapping[str, Any],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.form = AnswerForm(questions, answers, self._follow)
        self.take_button = KeyButton("Done", "Enter", "primary")
        self.take_button.setDefault(True)
        self.take_button.clicked.connect(self.accept)
        close = KeyButton("Cancel", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.take_button)
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(20, 16, 20, 16)
        self.box.setSpacing(3 * STEP_PX)
        self.box.addWidget(label(title, "heading"))
        self.box.addWidget(self.form)
        self.box.addStretch(1)
        self.box.addLayout(buttons)
        self._follow()

    def _follow(self) -> None:
        self.take_button.setEnabled(self.form.is_complete)
