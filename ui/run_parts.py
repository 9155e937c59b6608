"""What a run may hold besides running: blocks with their cards, and drills."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.actions import Action
from ui.blocks.block_control import BlockControl

if TYPE_CHECKING:
    from lablive.protocol.template import BlockRule
    from ui.app import MainWindow
    from ui.drills.drill_page import DrillPage


class RunParts(QObject):
    """Blocks and drills of a window; drills are loaded with the first wish for them.

    Parameters
    ----------
    window
        Whose they are.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.blocks = BlockControl(window.model, window.feedback, window.register)
        self.blocks.begun.connect(self._prepare)
        window.page.take_blocks(self.blocks)
        bar = window.page.action_bar
        bar.drills_wanted.connect(self.turn_drills)
        Action("plan", self.edit_plan, bar.record_button)

    def edit_plan(self) -> None:
        """Change the blocks of the protocol; what is saved is taken at once."""
        from ui.blocks.plan_editor import PlanEditor

        gates = self._window.model.gates
        editor = PlanEditor(
            gates.template, gates.template_name, gates.own_templates, self._window
        )
        editor.accepted.connect(lambda: gates.choose(editor.saved))
        editor.open()

    def turn_drills(self) -> None:
        """Show the drills, or the run again."""
        self._drills()
        self._window.page.turn_drills()

    def _drills(self) -> DrillPage:
        page = self._window.page
        if page.drills is None:
            from ui.drills.in_window import drills_of

            page.take_drills(drills_of(self._window))
        assert page.drills is not None
        return page.drills

    def _prepare(self, block: BlockRule) -> None:
        """Choose the drill of a block that has one; the operator opens it (J)."""
        if block.drill:
            self._drills().control.choose(block.drill)
