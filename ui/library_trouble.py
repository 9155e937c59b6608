"""A library that does not open: why, and the ways back to one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy

from ui.actions import ActionButton
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.errors import LibraryError
    from lablive.library.backup import Backup
    from ui.register import Register

WORDS: Final = {
    "missing": "database gone",
    "damaged": "database damaged",
    "foreign": "another program's file",
    "newer": "newer version",
}
# what a backup or the session folders can mend
MENDED: Final = ("missing", "damaged")
KEPT: Final = "What is there now is put aside in the same folder, never deleted."


class LibraryTrouble(Card):
    """One message and the buttons that mend it."""

    def __init__(self, register: Register) -> None:
        super().__init__("The library of people does not open")
        self._register = register
        self._backup: Backup | None = None
        self._chip = VerdictChip()
        self._text = label("")
        self._text.setWordWrap(True)
        self._kept = label(KEPT, "muted")
        self._kept.setWordWrap(True)
        self.again_button = ActionButton("library_again", register.try_again)
        self.restore_button = ActionButton("restore", self._restore)
        self.anew_button = ActionButton("anew", register.begin_anew)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for button in (self.restore_button, self.anew_button, self.again_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addWidget(self._chip)
        self.body.addWidget(self._text)
        self.body.addWidget(self._kept)
        self.body.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_fault(self, fault: LibraryError) -> None:
        """Show why it does not open."""
        self._chip.set_verdict("poor", WORDS.get(fault.kind, "not usable"))
        self._text.setText(str(fault))
        mended = fault.kind in MENDED
        self._kept.setVisible(mended)
        self.anew_button.setVisible(mended)
        self.restore_button.hide()
        self.again_button.set_kind("secondary" if mended else "primary")
        if mended:
            self._register.backups(self._offer)

    def _offer(self, backups: list[Backup]) -> None:
        self._backup = backups[0] if backups else None
        if self._backup is not None:
            words = f"Bring back the backup of {self._backup.made}"
            self.restore_button.set_text(words)
            self.restore_button.set_kind("primary")
        self.restore_button.setVisible(self._backup is not None)

    def _restore(self) -> None:
        if self._backup is not None:
            self._register.restore(self._backup.path)
