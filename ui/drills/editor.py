"""A lab's own drills: a form over the file, every mistake told while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lablive.drills.draft import Draft
from lablive.drills.plan import CueKind, Legs, Movement
from lablive.drills.quantities import QUANTITIES
from lablive.errors import ConfigError
from lablive.metrics.registry import METRICS
from ui.language import say
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label, set_role

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.drills.plan import Drill

_NUMBERS: Final = (
    ("reps", "Repetitions of a set, 0 = as many as come"),
    ("needed", "of which must pass"),
    ("back_below", "Fewer advise a step back"),
    ("order", "Step of the ladder, 0 = none"),
)
_SECONDS: Final = (
    ("seconds", "Length of a set, s"),
    ("window_s", "After the landing, s"),
    ("stick_s", "Stand still for, s (jumps)"),
    ("hold_s", "Hold for, s (holds)"),
    ("least_deg", "Thigh comes forward at least, ° (bends)"),
    ("box_m", "Box, m (jumps)"),
)
_LISTS: Final = (("equipment", "With"), ("exclusions", "Ask first, not with"))
_USUAL: Final = {"window_s": 0.5, "least_deg": 20.0}
_COLUMNS: Final = (
    "value", "unit", "pass from", "to", "good from", "to", "caution from", "to",
)  # fmt: skip
_SPANS: Final = ("pass", "good", "caution")
_INF: Final = float("inf")


class DrillEditor(QDialog):
    """Changes a drill, or a copy of it, among the lab's own.

    Parameters
    ----------
    drill
        To begin with.
    own
        Folder of the lab's own drills.
    is_own
        Whether the drill is the lab's own: saving changes it. Else a copy is made.

    Attributes
    ----------
    saved
        Id of what was saved, "" = nothing.
    """

    def __init__(
        self, drill: Drill, own: Path, parent: QWidget | None = None, *, is_own: bool
    ) -> None:
        super().__init__(parent)
        self._own, self._before = own, drill.id if is_own else ""
        self.draft = Draft(drill)
        self.saved = ""
        self.setWindowTitle(say("Change drill" if is_own else "Drill of the lab's own"))
        self.resize(1000, 640)
        self.drill_id = QLineEdit(drill.id if is_own else f"{drill.id}_own")
        self.drill_id.setAccessibleName(say("Id of the drill: the name of its file"))
        self.drill_id.textChanged.connect(self._look)
        self._form = QFormLayout()
        self._form.setSpacing(2 * STEP_PX)
        self._form.addRow(say("Id"), self.drill_id)
        self._add_fields()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setAccessibleName(say("Values and their limits"))
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().hide()
        self.table.setTabKeyNavigation(False)
        self.table.cellChanged.connect(self._take_cell)
        self.offered = QComboBox()
        self.offered.setAccessibleName(say("Value to add"))
        self._told = QPlainTextEdit()
        self._told.setReadOnly(True)
        self._told.setAccessibleName(say("Mistakes"))
        self._told.setMaximumHeight(120)
        self._verdict = label("", "strong")
        self.add = KeyButton("Add value", "Alt+A", shortcut=True)
        self.add.clicked.connect(self._add_score)
        self.remove = KeyButton("Remove value", "Alt+R", shortcut=True)
        self.remove.clicked.connect(self._remove_score)
        self.save = KeyButton("Save", "Ctrl+S", "primary", shortcut=True)
        self.save.clicked.connect(self._save)
        self.close_button = KeyButton("Close", "Esc")
        self.close_button.clicked.connect(self.reject)
        for button in (self.add, self.remove, self.save, self.close_button):
            button.setAutoDefault(False)
        self._lay_out()
        self._show_scores()
        self._offer_metrics()
        self._look()

    @property
    def mistakes(self) -> str:
        """What is wrong as it stands, "" = nothing."""
        return self._told.toPlainText()

    # -- fields -------------------------------------------------------------------

    def _add_fields(self) -> None:
        for key, words in (("title", "Title"), ("instruction", "Instruction"),
                           ("go", "Called out")):  # fmt: skip
            self._line(words, "text", "en", key)
        self._choice("Movement", get_args(Movement), "movement")
        self._choice("Legs", get_args(Legs), "legs")
        for key, words in _NUMBERS:
            self._whole(words, key)
        for key, words in _SECONDS:
            self._number(words, key)
        self._choice("Cue", get_args(CueKind), "cue", "kind")
        self._number("Count-down, s", "cue", "lead_s", usual=3.0)
        self._number("From cue to cue, s", "cue", "every_s")
        self._number("Metronome, beats/min", "cue", "beats_per_min")
        self._line("Next on the ladder (id)", "next")
        self._line("Where", "surface")
        for key, words in _LISTS:
            self._line(f"{words}, with commas", key, listed=True)
        off_belt = QCheckBox(say("Never on a moving belt"))
        off_belt.setChecked(bool(self.draft.get("off_belt")))
        off_belt.toggled.connect(lambda on: self._set(on, "off_belt"))
        self._form.addRow("", off_belt)

    def _line(self, words: str, *at: str, listed: bool = False) -> None:
        held: Any = self.draft.get(*at) or ""
        field = QLineEdit(", ".join(held) if listed else str(held))

        def take(text: str) -> None:
            parts = [part.strip() for part in text.split(",") if part.strip()]
            self._set(parts if listed else text, *at)

        field.textChanged.connect(take)
        self._row(words, field)

    def _choice(self, words: str, values: tuple[str, ...], *at: str) -> None:
        field = QComboBox()
        field.addItems(list(values))
        field.setCurrentText(str(self.draft.get(*at) or values[0]))
        field.currentTextChanged.connect(lambda text: self._set(text, *at))
        if at == ("movement",):
            field.currentTextChanged.connect(self._offer_metrics)
        self._row(words, field)

    def _whole(self, words: str, *at: str) -> None:
        field = QSpinBox()
        field.setRange(0, 200)
        field.setValue(int(self.draft.get(*at) or 0))
        field.valueChanged.connect(lambda value: self._set(value, *at))
        self._row(words, field)

    def _number(self, words: str, *at: str, usual: float = 0.0) -> None:
        field = QDoubleSpinBox()
        field.setRange(0.0, 3600.0)
        field.setDecimals(2)
        held = self.draft.get(*at)
        field.setValue(float(_USUAL.get(at[-1], usual) if held is None else held))
        field.valueChanged.connect(lambda value: self._set(value, *at))
        self._row(words, field)

    def _row(self, words: str, field: QWidget) -> None:
        field.setAccessibleName(words)
        self._form.addRow(words, field)

    def _set(self, value: Any, *at: str) -> None:
        self.draft.set(value, *at)
        self._look()

    # -- scores -------------------------------------------------------------------

    def _offer_metrics(self) -> None:
        """Offer what this movement can be scored by."""
        self.offered.clear()
        if self.draft.get("movement") == "run":
            for metric in METRICS.values():
                self.offered.addItem(f"{metric.label}, {metric.unit}", metric.id)
            return
        for name, quantity in QUANTITIES.items():
            self.offered.addItem(f"{quantity.label}, {quantity.unit}", name)

    def _show_scores(self) -> None:
        self.table.blockSignals(True)
        self.table.setRowCount(len(self.draft.scores))
        for row, score in enumerate(self.draft.scores):
            name = str(score["metric"])
            known = QUANTITIES.get(name)
            shown = [known.label if known else name, str(score["unit"])]
            for span in _SPANS:
                low, high = score.get(span) or (-_INF, _INF)
                shown += [
                    "" if abs(edge) == _INF else f"{edge:g}" for edge in (low, high)
                ]
            for column, text in enumerate(shown):
                item = QTableWidgetItem(text)
                if column < 2:
                    item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)
        self.table.blockSignals(False)

    def _take_cell(self, row: int, column: int) -> None:
        if column < 2:
            return
        span = (column - 2) // 2
        texts = [self._cell(row, 2 + 2 * span + edge) for edge in (0, 1)]
        try:
            low, high = (float(text) if text else None for text in texts)
        except ValueError:
            self._tell(
                f"{' '.join(texts).strip()!r} is no number: 3 or 0.5, or nothing."
            )
            return
        self.draft.set_span(row, _SPANS[span], low, high)
        self._look()

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        return item.text().strip().replace(",", ".") if item is not None else ""

    def _add_score(self) -> None:
        self.draft.add_score(str(self.offered.currentData()))
        self._show_scores()
        self._look()

    def _remove_score(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self.draft.scores):
            self.draft.remove_score(row)
            self._show_scores()
            self._look()

    # -- whole --------------------------------------------------------------------

    def _look(self) -> None:
        """Say what is wrong as it stands."""
        try:
            self.draft.drill(self.drill_id.text().strip())
        except ConfigError as error:
            self._tell(self.draft.in_words(str(error)))
        else:
            self._tell("")

    def _tell(self, mistakes: str) -> None:
        self._told.setPlainText(mistakes)
        self._told.setVisible(bool(mistakes))
        self.save.setEnabled(not mistakes)
        self._verdict.setText(
            say("It has mistakes." if mistakes else "It can be saved.")
        )
        set_role(self._verdict, "poor" if mistakes else "good")

    def _save(self) -> None:
        name = self.drill_id.text().strip()
        try:
            self.draft.save(name, self._own, replace=name == self._before)
        except ConfigError as error:
            self._tell(str(error))
            return
        self.saved = name
        self.accept()

    def _lay_out(self) -> None:
        fields = QVBoxLayout()
        fields.addLayout(self._form)
        fields.addStretch(1)
        scores = QVBoxLayout()
        scores.setSpacing(2 * STEP_PX)
        scores.addWidget(label("Values and their limits", "heading"))
        scores.addWidget(
            label("Nothing typed = no limit; without any: shown only.", "muted")
        )
        scores.addWidget(self.table, 1)
        more = QHBoxLayout()
        more.setSpacing(2 * STEP_PX)
        more.addWidget(self.offered, 1)
        more.addWidget(self.add)
        more.addWidget(self.remove)
        scores.addLayout(more)
        both = QHBoxLayout()
        both.setSpacing(4 * STEP_PX)
        both.addWidget(scrolling(fields), 2)
        both.addLayout(scores, 3)
        below = QHBoxLayout()
        below.setSpacing(2 * STEP_PX)
        below.addWidget(self._verdict, 1)
        below.addWidget(self.save)
        below.addWidget(self.close_button)
        box = QVBoxLayout(self)
        margin = 4 * STEP_PX
        box.setContentsMargins(margin, margin, margin, margin)
        box.setSpacing(3 * STEP_PX)
        box.addLayout(both, 1)
        box.addWidget(self._told)
        box.addLayout(below)
