"""The gates so far, one below the other: what became of each, and what it gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.gate_path import VERDICTS
from ui.language import say
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, label, set_role

if TYPE_CHECKING:
    from lablive.protocol.gate_path import GateView
    from ui.gates_model import GatesModel

MOST_TOLD: Final = 3
_STATES: Final = {
    "skipped": "skipped",
    "ahead": "not yet",
    "now": "now",
    "done": "done",
}
_LIGHTS: Final = {"green": "good", "amber": "caution", "red": "does not count"}


class PathCard(Card):
    """Stands where the numbers of the run will be, while gates are passed.

    Parameters
    ----------
    gates
        What is shown.
    """

    def __init__(self, gates: GatesModel) -> None:
        super().__init__("Gates", "what they gave")
        self._gates = gates
        self._rows: list[_Row] = []
        self.body.addStretch(1)
        gates.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the path after something has changed."""
        path = self._gates.path
        while len(self._rows) > len(path):
            row = self._rows.pop()
            row.hide()
            row.deleteLater()
        while len(self._rows) < len(path):
            self._rows.append(_Row())
            self.body.insertWidget(len(self._rows) - 1, self._rows[-1])
        for row, view in zip(self._rows, path, strict=True):
            row.show_gate(view)


class _Row(QWidget):
    """One gate: its name, its verdict as shape and word, what it gave."""

    def __init__(self) -> None:
        super().__init__()
        self._name = label("")
        self._chip = VerdictChip()
        self._told = label("", "note")
        self._told.setWordWrap(True)
        line = QHBoxLayout()
        line.addWidget(self._name)
        line.addStretch(1)
        line.addWidget(self._chip)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, STEP_PX)
        box.setSpacing(0)
        box.addLayout(line)
        box.addWidget(self._told)

    def show_gate(self, view: GateView) -> None:
        """Show where a gate stands."""
        self._name.setText(say(view.gate.word))
        set_role(self._name, "strong" if view.state == "now" else "")
        light = view.light if view.gate.kind != "run" else None
        if view.gate.kind == "run" and view.state == "done":
            self._chip.set_verdict("good", "done")
        elif view.state == "skipped" or light is None:
            self._chip.set_verdict("unknown", _STATES[view.state])
        else:
            self._chip.set_verdict(VERDICTS[light], _LIGHTS[light])
        told = [] if view.state == "skipped" else list(view.told)
        words = " · ".join(told[:MOST_TOLD])
        more = len(told) - MOST_TOLD
        self._told.setText(say(f"{words} · and {more} more" if more > 0 else words))
        self._told.setToolTip("\n".join(told) if more > 0 else "")
        self._told.setVisible(bool(words))
