"""The blocks of the run: which is on, how much of it is left, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from lablive.protocol.run_plan import expanded
from ui.actions import ActionButton
from ui.blocks.plan_line import PlanLine
from ui.numbers import elapsed_text
from ui.tokens import STEP_PX
from ui.widgets import Card, ElidedLabel, label

if TYPE_CHECKING:
    from ui.gates_model import GatesModel


class BlockBar(Card):
    """Shown while the protocol has blocks; the operator moves on with N.

    Parameters
    ----------
    gates
        Whose blocks they are.

    Signals
    -------
    pause_wanted, skip_wanted
        Stop the clock of the block or let it run on; leave the next one out.
    """

    pause_wanted = Signal()
    skip_wanted = Signal()

    def __init__(self, gates: GatesModel) -> None:
        super().__init__()
        self._gates = gates
        self._now = label("", "heading")
        self._left = label("", "strong")
        self._following = ElidedLabel("", "muted")
        self._told = label("", "concern")
        self.line = PlanLine()
        self.pause_button = ActionButton("block_pause", self.pause_wanted.emit)
        self.skip_button = ActionButton("block_skip", self.skip_wanted.emit)
        row = QHBoxLayout()
        row.setSpacing(4 * STEP_PX)
        row.addWidget(self._now)
        row.addWidget(self._left)
        row.addWidget(self._told)
        row.addWidget(self._following, 1)
        words = QVBoxLayout()
        words.setSpacing(STEP_PX)
        words.addLayout(row)
        words.addWidget(self.line)
        whole = QHBoxLayout()
        whole.setSpacing(2 * STEP_PX)
        whole.addLayout(words, 1)
        whole.addWidget(self.pause_button)
        whole.addWidget(self.skip_button)
        self.body.addLayout(whole)
        self.hide()

    def tell(self, text: str) -> None:
        """Say what a block needs: a belt speed, a drill, a pause that goes on."""
        if self._told.text() != text:
            self._told.setText(text)
            self._told.setVisible(bool(text))

    @property
    def is_due(self) -> bool:
        """Whether there is a block, or one to come."""
        return bool(self._gates.template.blocks)

    def tick(self) -> None:
        """Show the block of now and the time that is left of it."""
        if not self.isVisible():
            return
        blocks = self._gates.blocks
        planned = self._gates.template.blocks
        running = blocks is not None and blocks.now is not None
        self.pause_button.setVisible(running)
        self.skip_button.setVisible(
            running and blocks is not None and blocks.following is not None
        )
        if blocks is None:
            self.line.show_plan(expanded(planned))
            self._show("Blocks", "", " · ".join(block.words for block in planned))
            return
        at, following = blocks.now, blocks.following
        left_s = blocks.left_s(self._gates.clock())
        share = 1.0 - left_s / (60.0 * at.minutes) if at is not None else 1.0
        self.line.show_plan(blocks.blocks, blocks.number, share)
        if at is None:
            self._show("All blocks are over", "", "Stop when you like.")
            return
        self.pause_button.set_text("Go on" if blocks.paused else "Pause")
        told = f"{elapsed_text(abs(left_s))} {'left' if left_s >= 0 else 'over'}"
        then = f"then {following.words}: N" if following else "the last one: N ends it"
        number = f"Block {blocks.number + 1} of {len(blocks.blocks)}"
        self._show(f"{number}: {at.words}", told, then)

    def _show(self, at: str, left: str, following: str) -> None:
        for words, text in ((self._now, at), (self._left, left)):
            if words.text() != text:
                words.setText(text)
        self._following.set_text(following)
        self.setAccessibleName(f"{at} {left}")
