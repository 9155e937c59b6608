"""What to do first: the steps of a session, and a runner for those without devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout

from ui.actions import ActionButton
from ui.protocol_choice import ProtocolChoice
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.gates_model import GatesModel

STEPS: Final = (
    (
        "Connect",
        "Plug in the receiver, or start the device's LSL program. "
        "Connect devices lists what is there.",
    ),
    (
        "Gates",
        "One instruction at a time: zero, weigh, neutral stand, muscles, belt noise. "
        "Only what the devices need; each can be skipped.",
    ),
    ("Run", "Practice without storing, or Record, run, Stop."),
    (
        "Review",
        "The file is counted again and the first numbers are shown; then replay, PDF "
        "or the next person.",
    ),
)


class StartCard(Card):
    """Shown until something is connected.

    Parameters
    ----------
    simulate
        Starts the simulated runner.
    gates
        Whose protocol can be chosen.
    """

    def __init__(self, simulate: Callable[[], None], gates: GatesModel) -> None:
        super().__init__("Start here", "four steps to the first numbers")
        grid = QGridLayout()
        grid.setHorizontalSpacing(4 * STEP_PX)
        grid.setVerticalSpacing(5 * STEP_PX)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for line, (title, text) in enumerate(STEPS):
            words = label(text, "muted")
            words.setWordWrap(True)
            grid.addWidget(label(str(line + 1), "title"), line, 0, top)
            grid.addWidget(label(title, "heading"), line, 1, top)
            grid.addWidget(words, line, 2, top)
        self.protocol = ProtocolChoice(gates)
        gates.changed.connect(self.protocol.follow)
        self._about = label(gates.template.about, "muted")
        self._about.setWordWrap(True)
        gates.changed.connect(lambda: self._about.setText(gates.template.about))
        choice = QHBoxLayout()
        choice.setSpacing(4 * STEP_PX)
        choice.addWidget(label("Protocol", "strong"))
        choice.addWidget(self.protocol)
        choice.addWidget(self._about, 1)
        hint = label("No devices at hand? A simulated runner uses the same wires.")
        hint.setWordWrap(True)
        self.simulate_button = ActionButton("simulate", simulate)
        row = QHBoxLayout()
        row.setSpacing(4 * STEP_PX)
        row.addWidget(self.simulate_button)
        row.addWidget(hint, 1)
        self.body.addStretch(1)
        self.body.addLayout(grid)
        self.body.addSpacing(6 * STEP_PX)
        self.body.addLayout(choice)
        self.body.addSpacing(6 * STEP_PX)
        self.body.addLayout(row)
        self.body.addStretch(2)
