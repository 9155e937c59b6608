"""The settings of a report as a form: look, texts, sections in their order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lablive.feedback.offers import load_offers
from lablive.metrics.registry import METRICS
from lablive.report.settings import (
    SECTIONS,
    TITLES,
    ReportSettings,
    every_section,
)
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from lablive.report.settings import Section

_CHOICES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "language": ("Language", {"en": "English", "de": "Deutsch"}),
    "paper": ("Paper", {"a4": "A4", "letter": "Letter"}),
    "units": ("Lengths", {"metric": "metres, centimetres", "imperial": "feet, inches"}),
    "who": ("Person", {"code": "by code", "name": "by name"}),
}
_TEXTS: Final = {
    "clinic": "Clinic",
    "heading": "Text under the head",
    "closing": "Text over the signature",
}
_FILES: Final = {
    "logo": ("Logo", "Images (*.svg *.png *.jpg *.jpeg)"),
    "template": ("Own template", "Typst templates (*.typ)"),
}


class ReportForm(QWidget):
    """Everything that can be chosen about a report.

    Signals
    -------
    changed
        Something was chosen anew.

    Parameters
    ----------
    settings
        To begin with.
    """

    changed = Signal()

    def __init__(self, settings: ReportSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first = settings
        self.choices = {key: QComboBox() for key in _CHOICES}
        self.texts = {key: QLineEdit() for key in (*_TEXTS, *_FILES)}
        self.sections = QListWidget()
        self.focus = QComboBox()
        self.focus_runs = QSpinBox()
        self.table = QCheckBox(say("Numbers as CSV beside the PDF"))
        self.up_button = KeyButton("Up", "Alt+Up", shortcut=True)
        self.down_button = KeyButton("Down", "Alt+Down", shortcut=True)
        self._fill(settings)
        self._lay_out()
        for box in (*self.choices.values(), self.focus):
            box.currentIndexChanged.connect(self.changed)
        for line in self.texts.values():
            line.textChanged.connect(self.changed)
        self.sections.itemChanged.connect(self.changed)
        self.sections.model().rowsMoved.connect(self.changed)
        self.focus_runs.valueChanged.connect(self.changed)
        self.table.toggled.connect(self.changed)
        self.up_button.clicked.connect(lambda: self._move(-1))
        self.down_button.clicked.connect(lambda: self._move(1))

    @property
    def settings(self) -> ReportSettings:
        """What is chosen now; no section at all counts as the data quality alone."""
        plain: dict[str, Any] = {
            key: box.currentData() for key, box in self.choices.items()
        }
        plain |= {key: line.text().strip() for key, line in self.texts.items()}
        on: list[Section] = [
            item.data(Qt.ItemDataRole.UserRole)
            for item in self._items()
            if item.checkState() is Qt.CheckState.Checked
        ]
        return msgspec.structs.replace(
            self._first,
            sections=tuple(on) or ("quality",),
            focus=self.focus.currentData(),
            focus_runs=self.focus_runs.value(),
            table=self.table.isChecked(),
            **plain,
        )

    def set_section(self, section: Section, *, on: bool) -> None:
        """Switch a section on or off."""
        state = Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        for item in self._items():
            if item.data(Qt.ItemDataRole.UserRole) == section:
                item.setCheckState(state)

    def _items(self) -> list[QListWidgetItem]:
        return [self.sections.item(row) for row in range(self.sections.count())]

    def _move(self, by: int) -> None:
        """Move the section that is chosen up or down."""
        row = self.sections.currentRow()
        to = row + by
        if row < 0 or not 0 <= to < self.sections.count():
            return
        item = self.sections.takeItem(row)
        self.sections.insertItem(to, item)
        self.sections.setCurrentRow(to)
        self.changed.emit()

    def _fill(self, settings: ReportSettings) -> None:
        for key, (_, words) in _CHOICES.items():
            for value, text in words.items():
                self.choices[key].addItem(text, value)
            at = self.choices[key].findData(getattr(settings, key))
            self.choices[key].setCurrentIndex(max(at, 0))
        for key, line in self.texts.items():
            line.setText(getattr(settings, key))
        for section in every_section(settings):
            item = QListWidgetItem(TITLES[section])
            item.setData(Qt.ItemDataRole.UserRole, section)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(
                Qt.CheckState.Checked
                if section in settings.sections
                else Qt.CheckState.Unchecked
            )
            self.sections.addItem(item)
        self.sections.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        row_px = max(self.sections.sizeHintForRow(0), 24)
        self.sections.setMinimumHeight(row_px * len(SECTIONS) + 2 * STEP_PX)
        self.focus.addItem(say("what its band calls for"), "")
        for metric_id in load_offers().metric:
            self.focus.addItem(METRICS[metric_id].label, metric_id)
        self.focus.setCurrentIndex(max(self.focus.findData(settings.focus), 0))
        self.focus_runs.setRange(-1, 99)
        self.focus_runs.setSpecialValueText("not recorded")
        self.focus_runs.setValue(settings.focus_runs)
        self.table.setChecked(settings.table)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        for key, (title, _) in _CHOICES.items():
            _row(form, title, self.choices[key])
        for key, title in _TEXTS.items():
            _row(form, title, self.texts[key])
        for key, (title, kinds) in _FILES.items():
            beside = QHBoxLayout()
            choose = KeyButton("Choose …", "")
            choose.setAccessibleName(say(f"Choose {title.lower()}"))
            choose.clicked.connect(
                lambda _=False, key=key, kinds=kinds: self._choose(key, kinds)
            )
            beside.addWidget(self.texts[key], 1)
            beside.addWidget(choose)
            self.texts[key].setAccessibleName(title)
            form.addRow(title, beside)
        _row(form, "Work on next", self.focus)
        _row(form, "Focus runs completed", self.focus_runs)
        box = QVBoxLayout(self)
        box.setSpacing(2 * STEP_PX)
        box.addWidget(label("Sections, in their order", "strong"))
        self.sections.setAccessibleName(say("Sections of the report"))
        box.addWidget(self.sections)
        moves = QHBoxLayout()
        moves.addWidget(self.up_button)
        moves.addWidget(self.down_button)
        moves.addStretch(1)
        box.addLayout(moves)
        box.addLayout(form)
        box.addWidget(self.table)

    def _choose(self, key: str, kinds: str) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, _FILES[key][0], str(Path(self.texts[key].text()).parent), kinds
        )
        if name:
            self.texts[key].setText(name)


def _row(form: QFormLayout, title: str, field: QWidget) -> None:
    field.setAccessibleName(title)
    form.addRow(title, field)
