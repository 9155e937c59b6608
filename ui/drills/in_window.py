"""The drills of a window: made with the first wish for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from lablive.clock import now_s
from ui.drills.drill_control import DrillControl
from ui.drills.drill_page import DrillPage

if TYPE_CHECKING:
    from ui.app import MainWindow
    from ui.remark_bar import RemarkBar


def drills_of(window: MainWindow) -> DrillPage:
    """Return the page of the drills, wired to the window."""
    control = DrillControl(window.model, window.register, window.filing)
    asking = AskedAfter(window.page.remarks, control)
    control.ended.connect(asking.begin)
    return DrillPage(control, window.feedback)


class AskedAfter(QObject):
    """Asks for pain, then for effort, after each set.

    Parameters
    ----------
    remarks
        Takes the numbers.
    """

    def __init__(self, remarks: RemarkBar, parent: QObject) -> None:
        super().__init__(parent)
        self._remarks = remarks
        self._waits = False
        remarks.closed.connect(self._then)

    def begin(self, at_s: float) -> None:
        """Ask for pain at the end of a set; not over a note that is being typed."""
        if not self._remarks.isVisible():
            self._waits = True
            self._remarks.ask("pain", at_s)

    def _then(self) -> None:
        if self._waits:
            self._waits = False
            self._remarks.ask("effort", now_s())
