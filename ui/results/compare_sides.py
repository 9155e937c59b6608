"""Which two stretches are compared: trials, sessions, or ranges of a trial."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
)

from lablive.errors import ConfigError
from ui.actions import ActionButton
from ui.language import say
from ui.numbers import day_text
from ui.tokens import STEP_PX
from ui.widgets import label

if TYPE_CHECKING:
    from lablive.library.records import SessionEntry

_DAY_S = 86_400.0
NOTHING = "nothing: the left foot against the right one"


class SideField:
    """One side: a trial or session, and a range of it; 0 to 0 is all.

    Parameters
    ----------
    name
        "Then" or "Now".
    choose
        The id of the action that picks a file.
    """

    def __init__(self, name: str, choose: str) -> None:
        self.name = name
        self.trial = QComboBox()
        self.trial.setEditable(True)
        self.trial.setAccessibleName(say(f"{name}: trial or session"))
        self.trial.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.trial.setMinimumContentsLength(24)
        self.choose_button = ActionButton(choose, self.choose)
        self.begin_s, self.end_s = QDoubleSpinBox(), QDoubleSpinBox()
        for field, words in ((self.begin_s, "from"), (self.end_s, "until")):
            field.setRange(0.0, _DAY_S)
            field.setDecimals(1)
            field.setSuffix(" s")
            field.lineEdit().setTextMargins(2 * STEP_PX, 0, 0, 0)
            field.setAccessibleName(say(f"{name}: {words}, seconds of the trial"))
        self.end_s.setSpecialValueText("the end")

    def offer(self, sessions: list[SessionEntry], library: Path) -> None:
        """List the trials and sessions of a person; what was chosen stays."""
        held = self.path
        self.trial.clear()
        for session in sessions:
            folder = library / session.folder
            day = day_text(session.date)
            for trial in session.trials:
                self.trial.addItem(f"{day}  {trial.file}", str(folder / trial.file))
            if len(session.trials) > 1:
                self.trial.addItem(say(f"{day}  whole session"), str(folder))
        self.set_path(held)

    def set_path(self, path: str) -> None:
        """Choose a trial or session."""
        at = self.trial.findData(path)
        self.trial.setCurrentIndex(at)
        if at < 0:
            self.trial.setEditText(path)

    def set_range(self, range_s: tuple[float, float] | None) -> None:
        """Choose a range, None = all."""
        begin_s, end_s = range_s or (0.0, 0.0)
        self.begin_s.setValue(begin_s)
        self.end_s.setValue(end_s)

    @property
    def path(self) -> str:
        """What is chosen; "" = nothing."""
        at = self.trial.currentIndex()
        if at >= 0 and self.trial.itemText(at) == self.trial.currentText():
            return str(self.trial.itemData(at))
        return self.trial.currentText().strip()

    def choose(self) -> None:
        """Let the operator pick a trial file."""
        path, _ = QFileDialog.getOpenFileName(
            self.trial, self.name, str(Path(self.path or ".").parent), "Trials (*.xdf)"
        )
        if path:
            self.set_path(path)
            self.set_range(None)

    def words(self, letter: str) -> list[str]:
        """Return the range as the worker is told.

        Raises
        ------
        ConfigError
            The range ends before it begins.
        """
        begin_s, end_s = self.begin_s.value(), self.end_s.value()
        if end_s and end_s <= begin_s:
            raise ConfigError(
                f"{self.name} ends before it begins.",
                still="Nothing was compared.",
                todo="Correct from and until; 0 is the whole trial.",
            )
        told = [f"--from-{letter}", f"{begin_s:g}"] if begin_s else []
        return [*told, f"--until-{letter}", f"{end_s:g}"] if end_s else told


def sides_form(fields: tuple[SideField, ...]) -> QGridLayout:
    """Lay the sides out below one another."""
    form = QGridLayout()
    form.setHorizontalSpacing(3 * STEP_PX)
    form.setVerticalSpacing(2 * STEP_PX)
    for row, field in enumerate(fields):
        form.addWidget(label(field.name, "strong"), row, 0)
        form.addWidget(field.trial, row, 1)
        form.addWidget(field.choose_button, row, 2)
        form.addWidget(label("from", "muted"), row, 3)
        form.addWidget(field.begin_s, row, 4)
        form.addWidget(label("until", "muted"), row, 5)
        form.addWidget(field.end_s, row, 6)
    form.setColumnStretch(1, 1)
    edit = fields[-1].trial.lineEdit()
    if edit is not None:
        edit.setPlaceholderText(NOTHING)
    return form
