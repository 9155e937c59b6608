"""The choice of the session's protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from lablive.errors import ConfigError
from lablive.protocol.template import load_template, template_names
from ui.actions import Action, described
from ui.keymap import key_text
from ui.language import say

if TYPE_CHECKING:
    from ui.gates_model import GatesModel


class ProtocolChoice(QComboBox):
    """Names of the protocols; choosing one changes the path at once.

    Parameters
    ----------
    gates
        Whose protocol is chosen.
    """

    def __init__(self, gates: GatesModel) -> None:
        super().__init__()
        self._gates = gates
        key = key_text("protocol")
        self.setAccessibleName(say(f"Protocol, key {key}" if key else "Protocol"))
        self.setToolTip(described("protocol"))
        Action("protocol", self.showPopup, self)
        self.follow()
        self.activated.connect(self._choose)

    def follow(self) -> None:
        """List the protocols there are, the chosen one on top."""
        names = template_names(self._gates.own_templates)
        if names != tuple(self.itemData(at) for at in range(self.count())):
            self.clear()
            for name in names:
                self.addItem(say(self._title(name)), name)
        self.setCurrentIndex(self.findData(self._gates.template_name))

    def _title(self, name: str) -> str:
        try:
            return load_template(name, self._gates.own_templates).name
        except ConfigError:  # told in full when it is chosen
            return f"{name} (has mistakes)"

    def _choose(self, at: int) -> None:
        self._gates.choose(self.itemData(at))
        self.follow()
