"""A library that does not open: why, and the ways back to one that does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSizePolicy

from ui.actions import ActionButton
from ui.language import say
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.errors import LabLiveError, LibraryError
    from lablive.library.backup import Backup
    from ui.register import Register

TITLE: Final = "The library of people does not open"
NAMES_LOCKED: Final = "The names are locked"
PASSPHRASE_PX: Final = 420
WORDS: Final = {
    "missing": "database gone",
    "damaged": "database damaged",
    "foreign": "another program's file",
    "newer": "newer version",
}
LOCKED: Final = ("locked", "passphrase")
# what a backup or the session folders can mend
MENDED: Final = ("missing", "damaged")
KEPT: Final = "What is there now is put aside in the same folder, never deleted."
FORGOTTEN: Final = (
    "Forgotten? Nobody can open the names without it. A new library from the session "
    "folders has the codes and all numbers; the locked one is put aside, never deleted."
)


class LibraryTrouble(Card):
    """One message and the buttons that mend it."""

    def __init__(self, register: Register) -> None:
        super().__init__(TITLE)
        self._register = register
        self._backup: Backup | None = None
        self._chip = VerdictChip()
        self._text = label("")
        self._text.setWordWrap(True)
        self._kept = label(KEPT, "muted")
        self._kept.setWordWrap(True)
        self.passphrase = QLineEdit()
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase.setPlaceholderText(say("Passphrase of the library"))
        self.passphrase.setAccessibleName(say("Passphrase of the library"))
        self.passphrase.setMaximumWidth(PASSPHRASE_PX)
        self.passphrase.returnPressed.connect(self._unlock)
        self.remember = QCheckBox(say("Keep it in this computer's keyring"))
        self.unlock_button = ActionButton("unlock_names", self._unlock, "primary")
        self.again_button = ActionButton("library_again", register.try_again)
        self.restore_button = ActionButton("restore", self._restore)
        self.anew_button = ActionButton("anew", register.begin_anew)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for button in (
            self.unlock_button, self.restore_button, self.anew_button,
            self.again_button,
        ):  # fmt: skip
            row.addWidget(button)
        row.addStretch(1)
        self.body.addWidget(self._chip)
        self.body.addWidget(self._text)
        self.body.addWidget(self.passphrase)
        self.body.addWidget(self.remember)
        self.body.addWidget(self._kept)
        self.body.addLayout(row)
        register.opened.connect(self._be_open)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_fault(self, fault: LibraryError) -> None:
        """Show why it does not open."""
        locked = fault.kind in LOCKED
        self.set_title(NAMES_LOCKED if locked else TITLE)
        self._chip.setVisible(not locked)
        self._chip.set_verdict("poor", WORDS.get(fault.kind, "not usable"))
        self._text.setText(str(fault))
        mended = fault.kind in MENDED
        for it in (self.passphrase, self.remember, self.unlock_button):
            it.setVisible(locked)
        self.unlock_button.setEnabled(True)
        self._kept.setText(FORGOTTEN if locked else KEPT)
        self._kept.setVisible(mended or locked)
        self.anew_button.setVisible(mended or locked)
        self.again_button.setVisible(not locked)
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

    def _unlock(self) -> None:
        words = self.passphrase.text()
        if words:
            self.unlock_button.setEnabled(False)
            self._register.unlock(
                words, self._refused, remember=self.remember.isChecked()
            )

    def _refused(self, error: LabLiveError) -> None:
        self.unlock_button.setEnabled(True)
        self._text.setText(str(error))
        self.passphrase.selectAll()
        self.passphrase.setFocus()

    def _be_open(self) -> None:
        self.passphrase.clear()  # nobody reads it from here
        self.unlock_button.setEnabled(True)

    def _restore(self) -> None:
        if self._backup is not None:
            self._register.restore(self._backup.path)
