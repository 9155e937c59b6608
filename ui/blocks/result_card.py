"""Before and after a block on the screen at once, against what can be detected."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ui.actions import ActionButton
from ui.numbers import value_text
from ui.scrolling import scrolling
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, ElidedLabel, label

if TYPE_CHECKING:
    from lablive.protocol.block_card import BlockCard, CardRow, Together
    from ui.blocks.block_control import BlockControl
    from ui.tokens import Verdict

_COLUMNS: Final = ("", "before", "after", "change", "detectable", "")
_VERDICTS: Final[dict[str, Verdict]] = {
    "better": "good", "worse": "poor", "changed": "info", "no change": "info",
    "unknown": "unknown",
}  # fmt: skip
_FIGURES: Final = 3
NO_BASELINE: Final = (
    "What can be detected is not known: run a baseline block before the first pause."
)
_SIDES: Final = {"both": "", "left": "L ", "right": "R "}


class ResultCard(Card):
    """Shows the card of a :class:`BlockControl` while there is one.

    Parameters
    ----------
    control
        Whose card it is.
    """

    def __init__(self, control: BlockControl) -> None:
        super().__init__("Before and after", " ")
        self._control = control
        self._shown: BlockCard | None = None
        self._cells: list[QWidget] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(4 * STEP_PX)
        self._grid.setVerticalSpacing(STEP_PX)
        self._grid.setColumnStretch(0, 1)
        self._together = label("", "muted")
        self._together.setWordWrap(True)
        self.close_button = ActionButton("close_result", control.close_card)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * STEP_PX)
        column.addLayout(self._grid)
        column.addWidget(self._together)
        column.addStretch(1)
        self.body.addWidget(scrolling(column), 1)
        below = QHBoxLayout()
        below.addStretch(1)
        below.addWidget(self.close_button)
        self.body.addLayout(below)
        control.changed.connect(self.follow)
        self.hide()

    @property
    def rows(self) -> tuple[CardRow, ...]:
        """What is shown."""
        return self._shown.rows if self._shown is not None else ()

    def follow(self) -> None:
        """Show the newest card; nothing while there is none."""
        card = self._control.card
        self.setVisible(card is not None)
        if card is None or card is self._shown:
            return
        self._shown = card
        self.set_title(f"Before and after block {card.number}")
        self.set_subtitle(
            "exercises" if card.kind == "corrective" else "rest alone, as a control"
        )
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for column, word in enumerate(_COLUMNS):
            self._put(label(word, "note"), 0, column)
        for number, row in enumerate(card.rows, 1):
            self._show_row(number, row)
        lacks = dict.fromkeys(row.why for row in card.rows if row.why)
        told = [f"Not compared: {why}." for why in lacks]
        if not lacks and not any(math.isfinite(row.mdc) for row in card.rows):
            told.append(NO_BASELINE)
        told += map(_said, card.together)
        self._together.setText("\n".join(told))
        self._together.setVisible(bool(told))

    def _show_row(self, number: int, row: CardRow) -> None:
        name = ElidedLabel(f"{_SIDES[row.side]}{row.label}", "muted")
        self._put(name, number, 0)
        unit = "" if row.unit == "1" else f" {row.unit}"
        digits = _digits(row.before, row.after)
        self._put(label(f"{value_text(row.before, digits)}"), number, 1)
        self._put(label(f"{value_text(row.after, digits)}{unit}", "strong"), number, 2)
        delta = label(value_text(row.delta, digits, signed=True), "strong")
        self._put(delta, number, 3)
        known = math.isfinite(row.mdc)
        least = f"± {value_text(row.mdc, digits)}" if known else "not known"
        self._put(label(least, "muted"), number, 4)
        chip = VerdictChip()
        chip.set_verdict(_VERDICTS[row.told], row.told)
        self._put(chip, number, 5)
        decay = row.decay_min
        lasted = f"half of it gone after {decay:.1f} min" if decay == decay else ""
        strides = f"{row.n_before} and {row.n_after} strides"
        tip = ". ".join(it for it in (row.why, lasted or row.why_decay, strides) if it)
        for cell in (name, chip):
            cell.setToolTip(tip)

    def _put(self, cell: QWidget, row: int, column: int) -> None:
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if 0 < column < len(_COLUMNS) - 1:
            self._grid.addWidget(cell, row, column, right)
        else:
            self._grid.addWidget(cell, row, column)
        self._cells.append(cell)


def _digits(*values: float) -> int:
    """Return decimals for three figures of the larger value."""
    sizes = [abs(it) for it in values if math.isfinite(it) and it]
    if not sizes:
        return 1
    return min(max(_FIGURES - 1 - math.floor(math.log10(max(sizes))), 0), 3)


def _said(it: Together) -> str:
    """Return the mean effect of all blocks of a kind, with its interval."""
    effect = it.effect
    digits = _digits(effect.mean, effect.low, effect.high)
    mean = value_text(effect.mean, digits, signed=True)
    low, high = (
        value_text(end, digits, signed=True) for end in (effect.low, effect.high)
    )
    more = f"; more than rest: {it.more_than_rest}" if it.more_than_rest else ""
    told = (
        f"{it.metric}: {effect.n} blocks, mean {mean} {effect.unit} ({low} to {high})"
    )
    return f"{told}, {effect.verdict}{more}"
