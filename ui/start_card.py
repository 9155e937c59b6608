"""What to do first: three ways in, the steps of a session, how this computer is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.actions import ActionButton, described
from ui.language import say
from ui.protocol_choice import ProtocolChoice
from ui.tokens import STEP_PX
from ui.widgets import Card, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from ui.computer_check import ComputerCheck
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
    connect, open_trial, sample
        Open the list of devices, a file, the sample recording.
    check
        What is wrong with this computer.
    """

    def __init__(
        self,
        simulate: Callable[[], None],
        gates: GatesModel,
        connect: Callable[[], None],
        open_trial: Callable[[], None],
        sample: Callable[[], None],
        check: ComputerCheck,
    ) -> None:
        super().__init__("Start here", "three ways in, four steps to the first numbers")
        self.simulate_button = ActionButton("simulate", simulate)
        self.simulate_button.set_text("Try with a simulated runner")
        # their actions and keys belong to the buttons below every page
        self.connect_button = KeyButton("Connect my devices")
        self.connect_button.setToolTip(described("connect"))
        self.connect_button.clicked.connect(connect)
        self.open_button = KeyButton("Open a recording")
        self.open_button.setToolTip(described("open"))
        self.open_button.clicked.connect(open_trial)
        self.sample_button = ActionButton("sample", sample)
        self.check = check
        ways = QHBoxLayout()
        ways.setSpacing(5 * STEP_PX)
        connects = "Insoles, IMUs, EMG, microphone, belt."
        simulates = "No devices at hand? It uses the same wires."
        opens = "A trial of yours, or the sample: a simulated minute."
        ways.addLayout(_way(connects, self.connect_button), 1)
        ways.addLayout(_way(simulates, self.simulate_button), 1)
        ways.addLayout(_way(opens, self.open_button, self.sample_button), 1)
        self.protocol = ProtocolChoice(gates)
        gates.changed.connect(self.protocol.follow)
        self._about = label(gates.template.about, "muted")
        self._about.setWordWrap(True)
        gates.changed.connect(lambda: self._about.setText(say(gates.template.about)))
        choice = QHBoxLayout()
        choice.setSpacing(4 * STEP_PX)
        choice.addWidget(label("Protocol", "strong"))
        choice.addWidget(self.protocol)
        choice.addWidget(self._about, 1)
        self.body.addStretch(1)
        self.body.addLayout(ways)
        self.body.addSpacing(6 * STEP_PX)
        self.body.addLayout(_steps())
        self.body.addSpacing(6 * STEP_PX)
        self.body.addLayout(choice)
        self.body.addSpacing(4 * STEP_PX)
        self.body.addWidget(self.check)
        self.body.addStretch(2)


def _way(about: str, *buttons: QWidget) -> QVBoxLayout:
    """Return a way in: its buttons, and what it is for."""
    words = label(about, "muted")
    words.setWordWrap(True)
    column = QVBoxLayout()
    column.setSpacing(2 * STEP_PX)
    row = QHBoxLayout()
    row.setSpacing(2 * STEP_PX)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    column.addLayout(row)
    column.addWidget(words)
    column.addStretch(1)
    return column


def _steps() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(4 * STEP_PX)
    grid.setVerticalSpacing(3 * STEP_PX)
    grid.setColumnStretch(2, 1)
    top = Qt.AlignmentFlag.AlignTop
    for line, (title, text) in enumerate(STEPS):
        words = label(text, "muted")
        words.setWordWrap(True)
        grid.addWidget(label(str(line + 1), "title"), line, 0, top)
        grid.addWidget(label(title, "heading"), line, 1, top)
        grid.addWidget(words, line, 2, top)
    return grid
