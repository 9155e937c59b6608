"""One line that says what starts or stops by itself, with a way out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QHBoxLayout

from lablive.clock import now_s
from ui.actions import ActionButton
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel

if TYPE_CHECKING:
    from ui.auto_control import AutoControl

EVERY_S: Final = 0.2


class AutoLine(QFrame):
    """Shown while something is waited for or counted down.

    Parameters
    ----------
    auto
        What it tells and cancels.
    """

    def __init__(self, auto: AutoControl) -> None:
        super().__init__()
        self._auto = auto
        self.setProperty("surface", "bar")
        self.words = ElidedLabel("", "strong")
        self.by_hand = ActionButton("auto_cancel", auto.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(5 * STEP_PX, STEP_PX, 5 * STEP_PX, STEP_PX)
        row.addWidget(self.words, 1)
        row.addWidget(self.by_hand)
        self._looked_s = float("-inf")
        auto.changed.connect(self.follow)
        self.hide()

    def tick(self) -> None:
        """Follow a count-down."""
        at_s = now_s()
        if self._auto.is_waiting and at_s - self._looked_s >= EVERY_S:
            self._looked_s = at_s
            self.follow()

    def follow(self) -> None:
        """Say what there is to say."""
        words = self._auto.words()
        self.words.set_text(words)
        self.setVisible(bool(words))
