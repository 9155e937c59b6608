"""What can be done with the trial on screen besides looking: one menu of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QToolButton

from ui.actions import Action
from ui.keymap import key_text
from ui.language import say

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from ui.session_model import SessionModel


class TrialTools(QToolButton):
    """A menu of the trial: correct, compare, export, recalculate, roles.

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
        self.setText(say("Trial …"))
        self.setAccessibleName(say("What can be done with this trial"))
        self.setProperty("kind", "quiet")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        for name, do in {
            "edits": self.edit,
            "compare": self.compare_wanted.emit,
            "export": self.export,
            "recalculate": self.recalculate,
            "roles": self.give_roles,
        }.items():
            menu.addAction(Action(name, do, owner))
        self.setMenu(menu)
        self._told: Path | None = None
        model.rebuilt.connect(self._look)

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

    def give_roles(self) -> None:
        """Open what its channels measure."""
        from ui.roles_dialog import RolesDialog

        replay = self._model.replay
        if replay is not None:
            RolesDialog(self._model, replay.trial, self.window()).open()

    def _look(self) -> None:
        """Say once of a recording of another program where roles are given."""
        replay = self._model.replay
        if replay is None or replay.path == self._told:
            return
        self._told = replay.path
        if replay.given_montage is None and not replay.trial.files[0].own:
            self._model.news.emit(
                "other program",
                f"{replay.path.name} is of another program: what its channels measure "
                "is told by their names, as far as they are known. Trial …, Roles "
                f"({key_text('roles')}) shows and corrects it.",
            )
