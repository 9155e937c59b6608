"""The page of a drill: the big card, the ladder, left against right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.drills.cue_sight import runner_cue
from ui.drills.drill_card import DrillCard
from ui.drills.ladder_card import LadderCard, SidesCard
from ui.tokens import STEP_PX

if TYPE_CHECKING:
    from ui.drills.drill_control import DrillControl
    from ui.feedback_control import FeedbackControl

CARD, BESIDE = 68, 32  # shares of the width


class DrillPage(QWidget):
    """Shown in the place of the board while a drill is done.

    Parameters
    ----------
    control
        What is shown.
    feedback
        Owns the runner's window.
    """

    def __init__(self, control: DrillControl, feedback: FeedbackControl) -> None:
        super().__init__()
        self.control, self._feedback = control, feedback
        self.card = DrillCard(control)
        self.ladder = LadderCard(control)
        self.sides = SidesCard(control)
        beside = QVBoxLayout()
        beside.setSpacing(3 * STEP_PX)
        beside.addWidget(self.ladder, 3)
        beside.addWidget(self.sides, 2)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3 * STEP_PX)
        row.addWidget(self.card, CARD)
        row.addLayout(beside, BESIDE)

    def tick(self) -> None:
        """Go on with the set, also while something else is on screen."""
        self.control.tick()
        runner = self._feedback.window
        if runner is not None and runner.isVisible():
            runner.show_drill(runner_cue(self.control))
        if self.isVisible():
            self.card.tick()
