"""The numbers of the run just recorded, each with its sides and its count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.numbers import used_text, value_text
from ui.tokens import STEP_PX
from ui.widgets import ElidedLabel, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.protocol.headline import Headline

NOTHING: Final = "No steps were found in this run."
_DECIMALS_BELOW: Final = 10.0


class HeadlineView(QWidget):
    """A table of medians over the whole run."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Headline, ...] | None = None
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4 * STEP_PX)
        self._grid.setVerticalSpacing(3 * STEP_PX)
        self._grid.setColumnStretch(3, 1)

    def show_run(self, found: Sequence[Headline]) -> None:
        """Show a run; () = nothing was measured."""
        if self._shown == tuple(found):
            return
        self._shown = tuple(found)
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for row, it in enumerate(found):
            self._grid.addWidget(label(it.label), row, 0)
            value = label(_value(it.both), "strong")
            value.setAccessibleName(f"{it.label} {_value(it.both)} {it.unit}")
            self._grid.addWidget(value, row, 1, right)
            self._grid.addWidget(label(it.unit, "note"), row, 2)
            self._grid.addWidget(ElidedLabel(_beside(it), "note"), row, 3)
        if not found:
            self._grid.addWidget(label(NOTHING, "muted"), 0, 0)


def _value(value: float) -> str:
    return value_text(value, 1 if abs(value) < _DECIMALS_BELOW else 0)


def _beside(it: Headline) -> str:
    if not it.n:
        return it.why
    sides = [
        f"{letter} {_value(value)}"
        for letter, value in (("L", it.left), ("R", it.right))
        if value == value
    ]
    return " · ".join([*sides, used_text(it.n, it.n_total, "strides")])
