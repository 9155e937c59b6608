"""What can be done with the trial on screen besides looking: one menu of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton

from ui.actions import Action

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.session_model import SessionModel


class TrialTools(QToolButton):
    """A menu of the trial: correct, compare, export, recalculate.

    Parameters
    ----------
    model
        Whose trial it is.
    owner
        Where the keys count: the replay bar.

    Signals
    -------
    edited
        The trial was corrected: its kept numbers are no longer those.
    compare_wanted
        Compare this trial, or its range.
    """

    edited = Signal()
    compare_wanted = Signal()

    def __init__(self, model: SessionModel, owner: QWidget) -> None:
        super().__init__(owner)
        self._model = model
        self.setText("Trial …")
        self.setAccessibleName("What can be done with this trial")
        self.setProperty("kind", "quiet")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for name, do in {
            "edits": self.edit,
            "compare": self.compare_wanted.emit,
            "export": self.export,
            "recalculate": self.recalculate,
        }.items():
            menu.addAction(Action(name, do, owner))
        self.setMenu(menu)

    def edit(self) -> None:
        """Open the corrections of the trial."""
        from ui.edits_dialog import EditsDialog

        made = EditsDialog(self._model, self.window())
        made.edited.connect(self.edited)
        made.show()

    def export(self) -> None:
        """Open the export of the trial or its range."""
        from ui.export_dialog import ExportDialog

        replay = self._model.replay
        if replay is not None:
            ExportDialog(replay, self.window()).open()

    def recalculate(self) -> None:
        """Open the recalculation of the trial."""
        from ui.recalculate_dialog import RecalculateDialog

        replay = self._model.replay
        if replay is not None:
            RecalculateDialog(replay.path, self.window()).open()
