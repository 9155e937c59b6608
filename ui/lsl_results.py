"""A box to tick: let other programs join contacts, strides and metrics by LSL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QCheckBox

from lablive.live.sharing import SharingWish
from ui.actions import dress
from ui.keymap import key_text

if TYPE_CHECKING:
    from ui.session_model import SessionModel

WORDS: Final = "Publish contacts, strides and metrics on LSL"
WHY: Final = (
    "For LabRecorder, MATLAB and other programs. Every computer in this network that "
    "looks for LSL streams sees them; names and codes of people are not in them."
)


class ResultsOnLsl(QCheckBox):
    """Says whether results are published, and asks for it.

    Parameters
    ----------
    model
        Its live session publishes.
    """

    def __init__(self, model: SessionModel) -> None:
        super().__init__(f"{WORDS}  ·  {key_text('publish_results')}")
        self._model = model
        dress(self, "publish_results")
        self.setToolTip(WHY)
        self.clicked.connect(self._want)

    def refresh(self, *, anything: bool) -> None:
        """Show what is wanted; without ``anything`` connected there is no question."""
        wanted = self._model.live.publishing.wish.results
        self.setVisible(anything or wanted)
        if self.isChecked() is not wanted:
            self.setChecked(wanted)

    def _want(self, on: bool) -> None:
        publishing = self._model.live.publishing
        publishing.want(SharingWish(results=on, devices=publishing.wish.devices))
