"""A trial worked out anew with other thresholds, calibration or montage: dated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QWidget,
)

from lablive.errors import LabLiveError
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label
from ui.worker_dialog import WorkerDialog

if TYPE_CHECKING:
    from lablive.recalculation import Recalculated

PROGRAM: Final = "lablive.recalculation"
# option, words, files, key of its button
FIELDS: Final = (
    ("--bands", "Thresholds", "Thresholds (*.toml)", "Ctrl+1"),
    ("--calibration", "Calibration", "Calibration (*.json)", "Ctrl+2"),
    ("--montage", "Montage", "Montage (*.toml)", "Ctrl+3"),
)


class RecalculateDialog(WorkerDialog):
    """What is to be other than in the trial, why, and the results there are.

    Parameters
    ----------
    trial
        The trial; it is not changed, nor is an earlier result.
    """

    def __init__(self, trial: Path, parent: QWidget | None = None) -> None:
        super().__init__(f"Recalculate {trial.name}", "Recalculate", parent)
        self._trial = trial
        self.files: dict[str, QLineEdit] = {}
        fields = QGridLayout()
        fields.setHorizontalSpacing(3 * STEP_PX)
        fields.setVerticalSpacing(2 * STEP_PX)
        for row, (option, words, kinds, key) in enumerate(FIELDS):
            field = self.files[option] = QLineEdit()
            field.setAccessibleName(words)
            field.setPlaceholderText(say("as in the trial"))
            button = KeyButton("Choose …", key, shortcut=True)
            button.setAccessibleName(say(f"Choose {words.lower()}, key {key}"))
            button.clicked.connect(
                lambda _, at=field, these=kinds: self._choose(at, these)
            )
            line = QHBoxLayout()
            line.addWidget(field, 1)
            line.addWidget(button)
            fields.addWidget(label(words, "muted"), row, 0)
            fields.addLayout(line, row, 1)
        self.reason = QLineEdit()
        self.reason.setAccessibleName(say("Reason"))
        self.reason.setPlaceholderText(say("Why; kept with the result"))
        fields.addWidget(label("Reason", "muted"), len(FIELDS), 0)
        fields.addWidget(self.reason, len(FIELDS), 1)
        self.list = QListWidget()
        self.list.setAccessibleName(say("Results beside this trial"))
        self.list.setWordWrap(True)
        fields.addWidget(label("Results", "muted"), len(FIELDS) + 1, 0)
        fields.addWidget(self.list, len(FIELDS) + 1, 1)
        fields.setColumnStretch(1, 1)
        self.lay_out(fields)
        self._show()

    def arguments(self) -> list[str] | None:
        """Return what the recalculation is told."""
        words = [PROGRAM, str(self._trial), "--reason", self.reason.text()]
        for option, field in self.files.items():
            words += [option, field.text()] if field.text().strip() else []
        return words

    def finish(self, text: str) -> None:
        """Say what came out otherwise than by the program's own thresholds."""
        from lablive.recalculation import read_result

        self._show()
        path = Path(json.loads(text.strip().splitlines()[-1])["result"])
        try:
            self.told.setText(told(path.name, read_result(path)))
        except LabLiveError as error:
            self.told.setText(str(error))

    def _choose(self, field: QLineEdit, kinds: str) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose", str(self._trial.parent), kinds
        )
        if path:
            field.setText(path)

    def _show(self) -> None:
        """List the results, newest first."""
        from lablive.recalculation import read_result, results_beside

        self.list.clear()
        for path in reversed(results_beside(self._trial)):
            try:
                found = read_result(path)
            except LabLiveError as error:
                self.list.addItem(str(error))
                continue
            made = found.made_at[:16].replace("T", " ")
            self.list.addItem(f"{made}  {found.reason or say('no reason given')}")
        if not self.list.count():
            self.list.addItem(say("none yet"))


def told(name: str, found: Recalculated) -> str:
    """Return which medians have another colour by these thresholds, and the place."""
    others = [
        f"{it.metric}, {it.side}: {it.value:.4g} {it.unit} is "
        f"{it.verdict or 'not judged'} (usually {it.usual or 'not judged'})"
        for it in found.verdicts
        if it.verdict != it.usual
    ]
    changed = "\n".join(others) or "No verdict differs from the usual thresholds."
    return f"{changed}\n{name} is beside the trial, which was not changed."
