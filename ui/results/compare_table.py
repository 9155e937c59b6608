"""The table of a comparison: what changed first, each row with its sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget
from PySide6.QtWidgets import QTableWidgetItem as Cell

from ui.language import say

if TYPE_CHECKING:
    from lablive.comparing.comparison import Comparison
    from lablive.comparing.rows import FeetRow, Row

CHANGES: Final = (
    "Metric", "Side", "Means", "Then", "Now", "Change", "95 % interval", "MDC",
)  # fmt: skip
FEET: Final = ("Metric", "Left", "Right", "Larger", "Index")
NAME_PX: Final = 190
_ORDER: Final = ("change", "no change")


class CompareTable(QTableWidget):
    """Rows of a comparison.

    Signals
    -------
    told
        The sentence of the row that is chosen.
    """

    told = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(say("Table of the comparison"))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self._sentences: list[str] = []
        self.currentCellChanged.connect(self._tell)

    def show_comparison(self, found: Comparison) -> None:
        """Show another comparison."""
        if found.feet:
            rows = [it for it in found.feet if it.left.n or it.right.n]
            self._fill(FEET, [feet_cells(it) for it in rows])
            self._sentences = [it.sentence for it in rows]
        else:
            known = [it for it in found.rows if it.a.n and it.b.n]
            known.sort(key=lambda it: (*_ORDER, it.verdict).index(it.verdict))
            self._fill(CHANGES, [row_cells(it) for it in known])
            self._sentences = [it.sentence for it in known]
        if self._sentences:
            self.setCurrentCell(0, 0)
            self.told.emit(self._sentences[0])

    def _fill(self, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        self._sentences = []
        self.clear()
        self.setColumnCount(len(heads))
        self.setHorizontalHeaderLabels(list(heads))
        self.setRowCount(len(rows))
        for at, texts in enumerate(rows):
            for column, text in enumerate(texts):
                cell = Cell(text)
                if column >= (1 if heads is FEET else 3):
                    cell.setTextAlignment(
                        Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    )
                self.setItem(at, column, cell)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, NAME_PX)
        header.setStretchLastSection(True)

    def _tell(self, row: int) -> None:
        if 0 <= row < len(self._sentences):
            self.told.emit(self._sentences[row])


def row_cells(row: Row) -> tuple[str, ...]:
    """Return a row of the table; a dash where there is no number."""
    interval, median, ends = "—", row.b.median, (row.low, row.high)
    if math.isfinite(row.low) and math.isfinite(row.high):
        low, high = (_number(it, like=median, signed=True) for it in ends)
        interval = f"{low} to {high}"
    means = {"change": f"▲ {row.better or 'change'}", "no change": "= no change"}
    return (
        f"{row.label} [{row.unit}]",
        row.side,
        means.get(row.verdict, "? no statement"),
        f"{_number(row.a.median)} (n {row.a.n})",
        f"{_number(row.b.median)} (n {row.b.n})",
        _number(row.change, like=median, signed=True),
        interval,
        _number(row.mdc, like=median),
    )


def feet_cells(row: FeetRow) -> tuple[str, ...]:
    """Return a row of the feet."""
    return (
        f"{row.label} [{row.unit}]",
        f"{_number(row.left.median)} (n {row.left.n})",
        f"{_number(row.right.median)} (n {row.right.n})",
        row.larger,
        f"{_number(row.index, signed=True)} {row.index_unit}".strip(),
    )


def _number(value: float, *, like: float = math.nan, signed: bool = False) -> str:
    """Return a number with three digits, or with the decimals of another one."""
    if not math.isfinite(value):
        return "—"
    of = abs(like if math.isfinite(like) else value)
    whole = math.floor(math.log10(of)) + 1 if of > 0 else 1
    decimals = min(max(3 - whole, 0), 4)
    text = f"{value:+.{decimals}f}" if signed else f"{value:.{decimals}f}"
    if float(text) == 0.0:
        text = text.lstrip("+-")
    return text.replace("-", "\N{MINUS SIGN}")
