"""Rows of text cells as numbers; a cell that is none is told with its place."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.imported import unreadable
from lablive.importing.lines import plain
from lablive.importing.timing import TimeError, Timing, measured

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.messages import Floats

MISSING: Final = frozenset({"", "-", "--", "na", "n/a", "nan", "null", "none"})


def is_missing(cell: str) -> bool:
    """Tell whether a cell stands for "no measurement"."""
    return cell.strip().lower() in MISSING


def is_number(cell: str) -> bool:
    """Tell whether a cell is a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # Python's own way of writing 1_000


class Numbers:
    """Rows of one table, collected line by line without a copy.

    Parameters
    ----------
    path
        The file, for messages.
    labels
        One name per column, for messages.
    """

    def __init__(self, path: Path, labels: Sequence[str]) -> None:
        self._path = path
        self._labels = tuple(labels)
        self._values = array("d")
        self._lines = array("q")

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, line: int, cells: Sequence[str]) -> None:
        """Take one row; missing cells become NaN.

        Raises
        ------
        RecordingError
            A cell is no number, or there are too few or too many; names line, column.
        """
        if len(cells) != len(self._labels):
            what = f"{len(cells)} columns, expected {len(self._labels)}"
            todo = "Mend or remove that line."
            raise unreadable(self._path, what, line=line, todo=todo)
        try:
            if "_" in "".join(cells):  # Python would read 1_000 as a number
                raise ValueError
            row = list(map(float, cells))
        except ValueError:
            row = [self._number(line, *cell) for cell in enumerate(cells)]
        self._values.extend(row)
        self._lines.append(line)

    def _number(self, line: int, column: int, cell: str) -> float:
        if is_missing(cell):
            return np.nan
        try:
            if "_" in cell:
                raise ValueError
            return float(cell)
        except ValueError:
            what = f'column "{self._labels[column]}": "{plain(cell)}" is no number'
            todo = "Mend that value, or leave it empty if it was not measured."
            raise unreadable(self._path, what, line=line, todo=todo) from None

    def line_of(self, row: int) -> int:
        """Return the line a row stood on."""
        return self._lines[row]

    def timing(self, t_s: Floats, told: str = "") -> Timing:
        """Measure the times of these rows, shape (rows,), in seconds.

        Parameters
        ----------
        t_s
            One per row.
        told
            What stands before a complaint, for example the column's name.

        Raises
        ------
        RecordingError
            They are no time axis; names the line.
        """
        try:
            return measured(t_s)
        except TimeError as error:
            todo = "Split the file there, or mend its times."
            line = self._lines[error.row]
            raise unreadable(
                self._path, f"{told}{error}", line=line, todo=todo
            ) from error

    def table(self) -> Floats:
        """Return everything, shape (rows, columns)."""
        values = np.frombuffer(self._values) if self._values else np.empty(0)
        return values.reshape(len(self._lines), len(self._labels))
