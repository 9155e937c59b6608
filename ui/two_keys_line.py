"""One line that says what two keys or pedals do now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QHBoxLayout

from lablive.clock import now_s
from ui.keymap import key_text
from ui.tokens import STEP_PX
from ui.two_keys import choices
from ui.widgets import ElidedLabel

if TYPE_CHECKING:
    from ui.app import MainWindow
    from ui.two_keys import TwoKeys

EVERY_S: Final = 0.3
NOTHING: Final = "nothing"


class TwoKeysLine(QFrame):
    """Shown while the two keys are on."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "bar")
        self.words = ElidedLabel("", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(5 * STEP_PX, STEP_PX, 5 * STEP_PX, STEP_PX)
        row.addWidget(self.words, 1)
        self._looked_s = float("-inf")
        self.hide()

    def follow(self, window: MainWindow, keys: TwoKeys, *, now: bool = False) -> None:
        """Say what the keys do, three times a second, or ``now``."""
        if self.isHidden() == keys.is_on:
            self.setVisible(keys.is_on)
        at_s = now_s()
        if not keys.is_on or (at_s - self._looked_s < EVERY_S and not now):
            return
        self._looked_s = at_s
        found = choices(window)
        told: list[str] = []
        for name, word in (("first_key", "first"), ("second_key", "second")):
            short, long = (
                found[press].words
                if (press := f"{word} {length}") in found
                else NOTHING
                for length in ("short", "long")
            )
            told.append(f"{key_text(name) or word}: {short}, hold: {long}")
        self.words.set_text("   ·   ".join(told))
