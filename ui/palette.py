"""The palette: type a few letters of what you want, Enter does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.action_table import ACTIONS
from ui.actions import actions_in
from ui.keymap import key_text
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.actions import Action

_ROWS_PX: Final = 380
_OWN: Final = ("palette", "first_key", "second_key", "start_key", "marker_key")
_STEPS: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class Entry(NamedTuple):
    """One line of the palette; ``why_not``: "" = possible now."""

    name: str
    title: str
    about: str
    key: str
    why_not: str

    @property
    def text(self) -> str:
        """The line as it is read."""
        key = f"  [{self.key}]" if self.key else ""
        why = "  " + say(f"(not now: {self.why_not})") if self.why_not else ""
        return f"{self.title}{key}  ·  {self.about}{why}"


def entries(there: dict[str, Action], why: str) -> list[Entry]:
    """Return every action, those that are possible first.

    Parameters
    ----------
    there
        Actions of the window by id.
    why
        What goes on now.
    """
    found: list[Entry] = []
    for name, spec in ACTIONS.items():
        if name in _OWN:
            continue
        action = there.get(name)
        now = action is not None and action.is_possible
        title = action.text() if action is not None and now else say(spec.title)
        needs = say(spec.needs or "possible elsewhere")
        reason = "" if now else f"{needs}; {say(why)}"
        found.append(Entry(name, title, say(spec.about), key_text(name), reason))
    return sorted(found, key=lambda entry: bool(entry.why_not))


def fits(entry: Entry, typed: str) -> bool:
    """Tell whether every word that was typed is in an entry's words or is its key."""
    said = f"{entry.title} {ACTIONS[entry.name].title} {entry.about}".casefold()
    return all(
        word in said or word == entry.key.casefold()
        for word in typed.casefold().split()
    )


def rank(entry: Entry, typed: str) -> tuple[int, bool]:
    """Return where an entry stands: its title before what it does, possible first."""
    title, typed = entry.title.casefold(), typed.casefold().strip()
    place = 0 if title.startswith(typed) else 1 if typed in title else 2
    return place, bool(entry.why_not)


class Palette(QDialog):
    """Lists the actions of a window.

    Parameters
    ----------
    window
        Whose actions they are.
    why
        Says what goes on now, for what is not possible.
    """

    def __init__(self, window: QWidget, why: Callable[[], str]) -> None:
        super().__init__(window)
        self.setWindowTitle(say("Do …"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(720)
        self._actions = actions_in(window)
        self._entries = entries(self._actions, why())
        self.field = QLineEdit()
        self.field.setPlaceholderText(say("What do you want to do?"))
        self.field.setAccessibleName(say("Find an action"))
        self.field.textChanged.connect(self._show)
        self.field.installEventFilter(self)
        self.rows = QListWidget()
        self.rows.setAccessibleName(say("Actions"))
        self.rows.setMinimumHeight(_ROWS_PX)
        self.rows.setWordWrap(True)
        self.rows.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.rows.itemClicked.connect(lambda _: self.do())
        self._told = label("", "muted")
        self._told.setWordWrap(True)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(self.field)
        box.addWidget(self.rows, 1)
        box.addWidget(self._told)
        self._show("")

    @property
    def chosen(self) -> Entry | None:
        """The line that Enter does."""
        row = self.rows.currentRow()
        if row < 0:
            return None
        return self._entries[self.rows.item(row).data(Qt.ItemDataRole.UserRole)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while one types; Enter does the chosen line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _STEPS and self.rows.count():
                at = self.rows.currentRow() + _STEPS[key]
                self.rows.setCurrentRow(min(max(at, 0), self.rows.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.do()
                return True
        return super().eventFilter(watched, event)

    def do(self) -> None:
        """Do the chosen line, or say why it is not possible."""
        entry = self.chosen
        if entry is None:
            return
        if entry.why_not:
            self._told.setText(say(f"{entry.title}: not now. {entry.why_not}."))
            return
        self.accept()
        self._actions[entry.name].act()

    def _show(self, typed: str) -> None:
        self.rows.clear()
        found = [at for at, entry in enumerate(self._entries) if fits(entry, typed)]
        for at in sorted(found, key=lambda at: rank(self._entries[at], typed)):
            entry = self._entries[at]
            item = QListWidgetItem(entry.text)
            item.setData(Qt.ItemDataRole.UserRole, at)
            if entry.why_not:
                item.setForeground(self.palette().placeholderText())
            self.rows.addItem(item)
        self.rows.setCurrentRow(0)
        shown = self.rows.count()
        self._told.setText(say("" if shown else "Nothing of that name."))
