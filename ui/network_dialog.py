"""A device that no search finds: its kind, its address, and where it is worn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from lablive.messages import SourceSpec
from ui.device_questions import AnswerForm, name_with, questions_in
from ui.language import say
from ui.tokens import STEP_PX
from ui.widgets import KeyButton, label

if TYPE_CHECKING:
    from collections.abc import Mapping

TITLE: Final = "A device by its address"
WHERE: Final = (
    "For devices that send over the network. 127.0.0.1 is this computer; start the "
    "vendor's program there first."
)


class Kind(NamedTuple):
    """A kind of device; see ``drivers/questions.py``."""

    title: str
    driver: str
    profile: str = ""


class NetworkDialog(QDialog):
    """Say what it is, where it is, and what its sensors are.

    Parameters
    ----------
    found
        The host's answer to ``discover``.
    """

    def __init__(self, found: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setMinimumWidth(620)
        self._kinds = [Kind(**it) for it in found.get("network", ())]
        self._questions = questions_in(found)
        self.kind = QComboBox()
        self.kind.addItems([it.title for it in self._kinds])
        self.kind.setAccessibleName(say("Kind of device"))
        self.kind.currentIndexChanged.connect(lambda _: self._ask())
        words = label(WHERE, "muted")
        words.setWordWrap(True)
        self.connect_button = KeyButton("Connect", "Enter", "primary")
        self.connect_button.setDefault(True)
        self.connect_button.clicked.connect(self.accept)
        close = KeyButton("Cancel", "Esc")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.connect_button)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(20, 16, 20, 16)
        self._box.setSpacing(3 * STEP_PX)
        self._box.addWidget(label(TITLE, "heading"))
        self._box.addWidget(words)
        self._box.addWidget(self.kind)
        self.form = AnswerForm((), {}, self._follow)
        self._box.addWidget(self.form)
        self._box.addStretch(1)
        self._box.addLayout(buttons)
        self._ask()

    def spec(self) -> SourceSpec:
        """Return what to open."""
        kind, answers = self._kind(), self.form.answers()
        options = answers | ({"profile": kind.profile} if kind.profile else {})
        where = answers.get("host") or f"port {answers.get('port', '')}"
        name = name_with(answers, f"{kind.title} ({where})")
        return SourceSpec(name, kind.driver, options)

    def _kind(self) -> Kind:
        return self._kinds[self.kind.currentIndex()]

    def _ask(self) -> None:
        asked = self._questions.get(self._kind().title, ()) if self._kinds else ()
        fresh = AnswerForm(asked, {}, self._follow)
        self._box.replaceWidget(self.form, fresh)
        self.form.hide()
        self.form.deleteLater()
        self.form = fresh
        self._follow()
        self.adjustSize()

    def _follow(self) -> None:
        self.connect_button.setEnabled(bool(self._kinds) and self.form.is_complete)
