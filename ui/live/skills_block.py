"""The board of the five skills: short beside others, whole where there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from ui.live.block import Block, Pace
from ui.live.row_list import Row, RowList
from ui.live.skill_table import LEAST_PX, SkillTable
from ui.live.skills import TITLES, every, leads, lines, summary
from ui.scrolling import scrolling

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from lablive.live.scene import Scene
    from lablive.snapshot import Snapshot, Wanted

_EVERY_S: Final = 1.0


class SkillsBlock(Block):
    """One row per skill, or every metric of every skill."""

    is_calm = True

    def __init__(self) -> None:
        super().__init__("Five skills", "medians of the last 10 strides")
        self.list = RowList("Five skills")
        self.table = SkillTable()
        self._stack = QStackedWidget()
        for widget in (self.list, self.table):
            column = QVBoxLayout()
            column.setContentsMargins(0, 0, 6, 0)
            column.addWidget(widget)
            column.addStretch(1)
            self._stack.addWidget(scrolling(column))
        self.body.addWidget(self._stack)
        self._pace = Pace(_EVERY_S)

    @property
    def is_whole(self) -> bool:
        """Whether every metric is shown."""
        return self._stack.currentIndex() == 1

    def wanted(self, t_s: float) -> Wanted:
        """Return what stands for the skills, or every metric."""
        from lablive.snapshot import Wanted

        if not self._pace.ask(t_s):
            return Wanted(())
        return Wanted(every() if self.is_whole else leads())

    def set_scene(self, scene: Scene | None, *, there: bool = True) -> None:
        """Begin afresh."""
        self._pace.reset()
        self.table.show_lines(())
        self.list.show_rows(
            [
                Row(title, "—", "no steps yet", lead=str(number), is_grey=True)
                for number, title in enumerate(TITLES.values(), 1)
            ]
        )

    def show_snapshot(self, snapshot: Snapshot, at_s: float) -> None:
        """Show a moment."""
        if not self._pace.is_due:
            return
        if self.is_whole:
            self.table.show_lines(tuple(lines(snapshot, at_s)))
        else:
            self.list.show_rows(tuple(summary(snapshot, at_s)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show every metric when there is room for the columns."""
        super().resizeEvent(event)
        self._stack.setCurrentIndex(int(self.width() >= LEAST_PX))
        self._pace.reset()
