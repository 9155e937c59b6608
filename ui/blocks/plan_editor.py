"""The plan of a run as a table: every mistake told while it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from lablive.errors import ConfigError
from lablive.protocol.plan_draft import KEYS, PlanDraft
from lablive.protocol.run_plan import expanded
from ui.blocks.plan_line import PlanLine
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label, set_role

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.protocol.template import Template

_HEADS: Final = (
    "block", "minutes", "belt, m/s", "steps/min", "focus on", "drill",
    "pause every, min", "pauses are", "pause, min",
)  # fmt: skip
_ABOUT: Final = (
    "block: warm-up, run, baseline, corrective, rest, cadence, focus or cool-down. "
    "pauses are: corrective, rest or in turn. Nothing typed = left out."
)


class PlanEditor(QDialog):
    """Changes the blocks of a protocol, or of a copy of it.

    Parameters
    ----------
    template, name
        To begin with, and its file.
    own
        Folder of the lab's own protocols.
    """

    def __init__(
        self, template: Template, name: str, own: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._own = own
        self._before = name if (own / f"{name}.toml").is_file() else ""
        self.draft = PlanDraft(template)
        self.saved = ""
        self.setWindowTitle(say("Plan of the run"))
        self.resize(1000, 560)
        self.file = QLineEdit(name if self._before else f"{name}_own")
        self.file.setAccessibleName(say("Name of the file"))
        self.title = QLineEdit(self.draft.title)
        self.title.setAccessibleName(say("Name of the protocol"))
        self.line = PlanLine()
        self.table = QTableWidget(0, len(KEYS))
        self.table.setAccessibleName(say("Blocks of the run"))
        self.table.setHorizontalHeaderLabels(list(_HEADS))
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.setTabKeyNavigation(False)
        self._told = QPlainTextEdit()
        self._told.setReadOnly(True)
        self._told.setMaximumHeight(110)
        self._told.setAccessibleName(say("Mistakes"))
        self._verdict = label("", "strong")
        self._lay_out()
        self.file.textChanged.connect(self._look)
        self.title.textChanged.connect(self._take_title)
        self.table.cellChanged.connect(self._take)
        self._show()
        self._look()

    @property
    def mistakes(self) -> str:
        """What is wrong as it stands, "" = nothing."""
        return self._told.toPlainText()

    def _take_title(self, text: str) -> None:
        self.draft.title = text
        self._look()

    def _take(self, row: int, column: int) -> None:
        item = self.table.item(row, column)
        self.draft.set(row, KEYS[column], item.text() if item is not None else "")
        self._look()

    def _show(self) -> None:
        """Show the blocks as they stand."""
        self.table.blockSignals(True)
        self.table.setRowCount(len(self.draft.blocks))
        for row, block in enumerate(self.draft.blocks):
            for column, key in enumerate(KEYS):
                held = block.get(key)
                text = f"{held:g}" if isinstance(held, float | int) else str(held or "")
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.blockSignals(False)

    def _change(self, places: int) -> None:
        """Add (0) a block below the current one, or move that."""
        row = self.table.currentRow()
        if places == 0:
            self.draft.add(row + 1 if row >= 0 else len(self.draft.blocks))
        elif row >= 0:
            self.draft.move(row, places)
        self._show()
        last = self.table.rowCount() - 1
        self.table.setCurrentCell(min(max(row + (places or 1), 0), last), 0)
        self._look()

    def _remove(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < len(self.draft.blocks):
            self.draft.remove(row)
            self._show()
            self._look()

    def _look(self) -> None:
        """Say what is wrong as it stands; draw the plan when nothing is."""
        try:
            made = self.draft.template(self.file.text().strip())
        except ConfigError as error:
            self._tell(str(error))
            return
        self._tell("")
        self.line.show_plan(expanded(made.blocks))

    def _tell(self, mistakes: str) -> None:
        self._told.setPlainText(mistakes)
        self._told.setVisible(bool(mistakes))
        self.save.setEnabled(not mistakes)
        self._verdict.setText(
            say("It has mistakes." if mistakes else "It can be saved.")
        )
        set_role(self._verdict, "poor" if mistakes else "good")

    def _save(self) -> None:
        name = self.file.text().strip()
        try:
            self.draft.save(name, self._own, replace=name == self._before)
        except ConfigError as error:
            self._tell(str(error))
            return
        self.saved = name
        self.accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(say("File"), self.file)
        form.addRow(say("Name"), self.title)
        self.save = KeyButton("Save", "Ctrl+S", "primary", shortcut=True)
        self.save.clicked.connect(self._save)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for words, key, do in (
            ("Add block", "Alt+A", lambda: self._change(0)),
            ("Remove", "Alt+R", self._remove),
            ("Up", "Alt+U", lambda: self._change(-1)),
            ("Down", "Alt+D", lambda: self._change(1)),
        ):
            button = KeyButton(words, key, shortcut=True)
            button.clicked.connect(do)
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._verdict)
        for button in (self.save, close):
            button.setAutoDefault(False)
            row.addWidget(button)
        about = label(_ABOUT, "muted")
        about.setWordWrap(True)
        box = QVBoxLayout(self)
        margin = 4 * STEP_PX
        box.setContentsMargins(margin, margin, margin, margin)
        box.setSpacing(3 * STEP_PX)
        box.addLayout(form)
        box.addWidget(self.line)
        box.addWidget(self.table, 1)
        box.addWidget(about)
        box.addWidget(self._told)
        box.addLayout(row)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
