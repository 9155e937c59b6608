"""Names and locks: the library's passphrase, the journal, a person deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from lablive import journal
from lablive.library import cipher
from lablive.private import open_to_others
from ui.language import say
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import Card, KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.errors import LabLiveError
    from lablive.journal import Verdict
    from lablive.library.forgetting import Belongings, Forgotten
    from lablive.library.passphrase import Changed
    from lablive.library.store import Library
    from ui.register import Register

LIBRARY_FILE: Final = "library.sqlite3"
SIZE_PX: Final = (760, 700)
LINES: Final = 9
SURE: Final = "Press again: anybody can read the names then"
ADMIN: Final = "Only an admin changes the passphrase and deletes persons."


class PrivacyDialog(QDialog):
    """Everything a clinic decides about names, on one page.

    Parameters
    ----------
    register
        The library.
    admin
        Whether who is at work may change the passphrase and delete.
    recorded
        Code of the person who is being recorded; "" = nobody.
    code
        Of the person to begin with.
    deleted
        Called with the code of a person who is no more.
    """

    def __init__(
        self,
        register: Register,
        parent: QWidget,
        *,
        admin: bool,
        recorded: Callable[[], str] = lambda: "",
        code: str = "",
        deleted: Callable[[str], None] = lambda code: None,
    ) -> None:
        super().__init__(parent)
        self._register, self._recorded, self._deleted = register, recorded, deleted
        self._found: Belongings | None = None
        self._ended = self._sure = False
        self.setWindowTitle(say("Privacy"))
        self.state = _words("")
        self.new, self.again = _hidden("New passphrase"), _hidden("Once more")
        self.remember = QCheckBox(say("Keep it in this computer's keyring"))
        self.set_button = KeyButton("Set passphrase")
        self.set_button.clicked.connect(self._set)
        self.remove_button = KeyButton("Remove passphrase")
        self.remove_button.clicked.connect(self._remove)
        self.passphrase_told = _words("")
        self.journal_told = _words("…")
        self.code = QLineEdit(code)
        self.code.setPlaceholderText(say("Code, for example LB-0042"))
        self.code.setAccessibleName(say("Code of the person to delete"))
        self.code.textChanged.connect(self._unlook)
        self.look_button = KeyButton("Show what there is")
        self.look_button.clicked.connect(self._look)
        self.listed = QPlainTextEdit()
        self.listed.setReadOnly(True)
        self.listed.setAccessibleName(say("What there is of this person"))
        self.listed.setMaximumHeight(LINES * self.listed.fontMetrics().lineSpacing())
        self.typed = QLineEdit()
        self.typed.setAccessibleName(say("The code again"))
        self.typed.textChanged.connect(self._arm)
        self.delete_button = KeyButton("Delete for ever", "", "danger")
        self.delete_button.clicked.connect(self._delete)
        self.delete_told = _words("")
        self._lay_out(admin=admin)
        for card in (self.names, self.person):
            card.setEnabled(admin)
        self.finished.connect(self._end)
        self._show_state()
        self._show_journal()
        self._unlook()

    # -- passphrase ---------------------------------------------------------------

    def _set(self) -> None:
        if self.new.text() != self.again.text():
            self.passphrase_told.setText(
                say("The two are not the same: type both again.")
            )
            return
        if not self.new.text():
            self.passphrase_told.setText(say("Type the new passphrase twice."))
            return
        self._change(self.new.text())

    def _remove(self) -> None:
        if self._sure:
            self._change("")
        else:
            self._sure = True
            self.remove_button.set_text(SURE)

    def _change(self, words: str) -> None:
        for button in (self.set_button, self.remove_button):
            button.setEnabled(False)
        self.passphrase_told.setText("…")

        def done(changed: Changed) -> None:
            how = "locked" if words else "readable without a passphrase"
            told = f"{changed.files} files (library and backups) are {how} now."
            left = [f"Not changed: {text}" for text in changed.left]
            self._told_passphrase("\n".join([told, *left]))

        self._register.change_passphrase(
            words,
            done,
            lambda error: self._told_passphrase(str(error)),
            remember=bool(words) and self.remember.isChecked(),
        )

    def _told_passphrase(self, text: str) -> None:
        if self._ended:
            return
        for field in (self.new, self.again):
            field.clear()
        self.passphrase_told.setText(text)
        self.set_button.setEnabled(True)
        self._show_state()
        self._show_journal()

    def _show_state(self) -> None:
        locked = cipher.is_locked(self._register.home / LIBRARY_FILE)
        self.remove_button.setEnabled(locked)
        self._sure = False
        self.remove_button.set_text("Remove passphrase")
        self.set_button.set_text("Change passphrase" if locked else "Set passphrase")
        told = (
            "The names are locked by a passphrase."
            if locked
            else "Whoever has the files of this computer can read the names."
        )
        if open_to_others(self._register.home):
            told += f" Other users can look into {self._register.home}."
        self.state.setText(f"{told} {cipher.FORGOTTEN}")

    # -- journal ------------------------------------------------------------------

    def _show_journal(self) -> None:
        home = self._register.home

        def told(found: Verdict) -> None:
            if self._ended:
                return
            words = f"{found.lines} lines: exports, reports, edits, deletions. "
            if found.problems:
                words += "Something is wrong: " + "; ".join(found.problems)
            else:
                words += "No line was changed, moved or taken out."
            self.journal_told.setText(words)

        def failed(error: LabLiveError) -> None:
            if not self._ended:
                self.journal_told.setText(str(error))

        self._register.ask(lambda _: journal.verify(home), told, failed)

    # -- a person deleted ---------------------------------------------------------

    def _unlook(self) -> None:
        self._found = None
        self.listed.clear()
        for it in (self.listed, self.typed, self.delete_button):
            it.hide()
        self.delete_told.setText("")

    def _look(self) -> None:
        code = self.code.text().strip()

        def question(library: Library) -> Belongings:
            from lablive.library.forgetting import belongings

            return belongings(library, code)

        def found(there: Belongings) -> None:
            if self._ended or code != self.code.text().strip():
                return
            self._found = there
            lines = [str(path) for path in (*there.folders, *there.files)]
            lines += [f"{it.path} (if unchanged)" for it in there.handed_on]
            lines += [f"{path} (written anew without)" for path in there.copies]
            self.listed.setPlainText("\n".join(["the person in the library", *lines]))
            self.typed.setPlaceholderText(say(f"Type {there.code} to delete for ever"))
            self.typed.clear()
            for it in (self.listed, self.typed, self.delete_button):
                it.show()
            self._arm()

        self._register.ask(question, found, self._told_delete)

    def _arm(self) -> None:
        found = self._found
        self.delete_button.setEnabled(
            found is not None and self.typed.text() == found.code
        )

    def _delete(self) -> None:
        found = self._found
        if found is None or self.typed.text() != found.code:
            return
        code = found.code
        if self._recorded().casefold() == code.casefold():
            self.delete_told.setText(say(f"{code} is being recorded: stop it first."))
            return
        self.delete_button.setEnabled(False)

        def question(library: Library) -> Forgotten:
            from lablive.library.forgetting import forget

            return forget(library, code)

        def done(gone: Forgotten) -> None:
            self._deleted(code)
            if self._ended:
                return
            self._unlook()
            told = f"{code} is deleted: {gone.sessions} sessions, {gone.trials} trials."
            self.delete_told.setText("\n".join([told, *gone.left]))
            self._show_journal()

        self._register.ask(question, done, self._told_delete)

    def _told_delete(self, error: LabLiveError) -> None:
        if not self._ended:
            self.delete_told.setText(str(error))
            self._arm()

    # -- layout -------------------------------------------------------------------

    def _end(self) -> None:
        self._ended = True

    def _lay_out(self, *, admin: bool) -> None:
        self.names, self.person = Card("Names"), Card("Delete a person")
        chain = Card("Journal")
        chain.body.addWidget(self.journal_told)
        for it in (self.state, self.new, self.again, self.remember):
            self.names.body.addWidget(it)
        self.names.body.addLayout(_row(self.set_button, self.remove_button))
        self.names.body.addWidget(self.passphrase_told)
        self.person.body.addLayout(_row(self.code, self.look_button))
        for it in (self.listed, self.typed):
            self.person.body.addWidget(it)
        self.person.body.addLayout(_row(self.delete_button))
        self.person.body.addWidget(self.delete_told)
        column = QVBoxLayout()
        column.setSpacing(3 * STEP_PX)
        if not admin:
            column.addWidget(_words(ADMIN))
        for card in (self.names, chain, self.person):
            column.addWidget(card)
        column.addStretch(1)
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        box = QVBoxLayout(self)
        box.addWidget(scrolling(column), 1)
        box.addLayout(_row(close))
        self.resize(*SIZE_PX)


def _row(*widgets: QWidget) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(2 * STEP_PX)
    for it in widgets:
        made.addWidget(it)
    made.addStretch(1)
    return made


def _words(text: str) -> QLabel:
    made = label(text, "muted")
    made.setWordWrap(True)
    return made


def _hidden(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setPlaceholderText(name)
    made.setAccessibleName(name)
    return made
