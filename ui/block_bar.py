"""The blocks of the run in a row: which is on, how much of it is left, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from lablive.clock import now_s
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
    """

    def __init__(self, gates: GatesModel) -> None:
        super().__init__()
        self._gates = gates
        self._now = label("", "heading")
        self._left = label("", "strong")
        self._following = ElidedLabel("", "muted")
        row = QHBoxLayout()
        row.setSpacing(4 * STEP_PX)
        row.addWidget(self._now)
        row.addWidget(self._left)
        row.addWidget(self._following, 1)
        self.body.addLayout(row)
        self.hide()

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
        if blocks is None:
            self._show("Blocks", "", " · ".join(block.words for block in planned))
            return
        at, following = blocks.now, blocks.following
        if at is None:
            self._show("All blocks are over", "", "Stop when you like.")
            return
        left_s = blocks.left_s(now_s())
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
