"""Every key on one page, by the place where it counts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from ui.action_table import PAGES, SPECS, WORDS
from ui.keymap import FILE, keys_of
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYWHERE = "Everywhere"
_NATIVE = QKeySequence.SequenceFormat.NativeText


def key_lines() -> Iterator[tuple[str, str, str, str]]:
    """Yield place, keys, title and what it does of every action that has a key."""
    for spec in SPECS:
        keys = [QKeySequence(key).toString(_NATIVE) for key in keys_of(spec.id)]
        if keys:
            everywhere = set(PAGES) <= set(spec.where)
            place = EVERYWHERE if everywhere else WORDS[spec.where[0]]
            yield say(place), say(" or ").join(keys), say(spec.title), say(spec.about)


class KeyList(QDialog):
    """A page to read; Esc closes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(say("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 620)
        self.text = QTextBrowser()
        self.text.setAccessibleName(say("Keys"))
        self.text.setHtml(_html())
        close = KeyButton("Close", "Esc")
        close.clicked.connect(self.reject)
        how = label(f"Other keys: write {FILE} in the lab's folder (user guide).")
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(3 * STEP_PX)
        box.addWidget(self.text, 1)
        box.addWidget(how)
        box.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)


def _html() -> str:
    groups: dict[str, list[str]] = {say(EVERYWHERE): []}
    for place, keys, title, about in key_lines():
        cells = f"<td><b>{escape(keys)}</b></td><td>{escape(title)}</td>"
        cells += f"<td>{escape(about)}</td>"
        groups.setdefault(place, []).append(f"<tr>{cells}</tr>")
    return "".join(
        f"<h3>{escape(place)}</h3><table cellpadding=4>{''.join(rows)}</table>"
        for place, rows in groups.items()
    )
