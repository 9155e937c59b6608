"""How a plain table is written: separator, header, units, first row of numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive import names
from lablive.importing.cells import is_missing, is_number
from lablive.importing.imported import unreadable
from lablive.importing.lines import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_COMMENT: Final = ("#", "%", "//")
_SEPARATORS: Final = ("\t", ";", ",")
_HEADER_LINES: Final = 3
# units besides those of the vocabulary that stand in tables
_UNITS: Final = frozenset(names.UNITS) | {
    "s", "sec", "secs", "seconds", "ms", "us", "ns", "hz", "deg", "rad", "°", "°/s",
    "dps", "degc", "°c", "hpa", "bar", "nm", "nmm", "nm/kg", "n*m", "mm/s^2", "m/s²",
    "mm/s²", "m/s2", "a.u.", "v", "ma", "a", "dbm", "minutes", "min", "counts", "lsb",
    "psi", "n/kg", "w", "w/kg", "frames", "frame", "%bw",
}  # fmt: skip
_KNOWN_UNITS: Final = frozenset(unit.lower() for unit in _UNITS)
_UNIT = re.compile(
    r"^(?P<label>.*?)\s*(?:\[(?P<square>[^\[\]]*)\]|\((?P<round>[^()]*)\))$"
)
_RATE = re.compile(
    r"(?:sampl\w*|update|frame|scan\w*|capture|acquisition)?[ _-]*"
    r"(?:rate|frequency|freq)\b[^0-9]*([0-9]+(?:\.[0-9]*)?)",
    re.IGNORECASE,
)


class TableLayout(NamedTuple):
    """How the rows of a table are cut, and what its columns are called.

    Attributes
    ----------
    separator
        Character between cells; None = white space.
    decimal_comma
        Numbers are written 1,5.
    ends_open
        Every line ends with a separator behind the last cell.
    labels, units
        One per column; units as the file writes them, "" where it does not.
    first_line
        Number of the first row of numbers.
    rate_hz
        Rate the file's comments tell, 0 without one.
    """

    separator: str | None
    decimal_comma: bool
    ends_open: bool
    labels: tuple[str, ...]
    units: tuple[str, ...]
    first_line: int
    rate_hz: float

    def cells(self, text: str) -> list[str]:
        """Cut one line into cells."""
        cells = _cut(text, self.separator)
        if self.ends_open and cells and not cells[-1].strip():
            cells = cells[:-1]
        if self.decimal_comma:
            cells = [cell.replace(",", ".") for cell in cells]
        return cells


def layout_of(path: Path, head: Sequence[tuple[int, str]]) -> TableLayout:
    """Find out how a table is written from its first lines.

    Parameters
    ----------
    path
        The file, for messages.
    head
        Its first lines that are not blank, with their numbers.

    Raises
    ------
    RecordingError
        There is no row of numbers among them.
    """
    comments = [text for _, text in head if text.lstrip().startswith(_COMMENT)]
    body = [line for line in head if not line[1].lstrip().startswith(_COMMENT)]
    tail = [text for _, text in body[-5:]]
    separator = _separator([text for _, text in body])
    ends_open = (
        separator is not None
        and bool(tail)
        and all(text.rstrip(" ").endswith(separator) for text in tail)
    )
    rough = TableLayout(separator, False, ends_open, (), (), 0, 0.0)
    rows = [(number, rough.cells(text)) for number, text in body]
    comma = separator in ("\t", ";", None) and _has_decimal_comma(rows)
    rough = rough._replace(decimal_comma=comma)
    rows = [(number, rough.cells(text)) for number, text in body]
    widths = Counter(len(row[1]) for row in rows if _is_row(row[1]))
    width = max(widths, key=widths.__getitem__, default=0)
    first = next(
        (k for k, row in enumerate(rows) if len(row[1]) == width and _is_row(row[1])),
        None,
    )
    if first is None:
        todo = (
            "Check that it is a table of numbers, one line per sample, columns"
            " separated by comma, semicolon, tab or blank."
        )
        raise unreadable(path, "no rows of numbers were found", todo=todo)
    header = [cells for _, cells in _header(rows[:first], width)]
    if not header:
        header = _commented_header(comments, rough, width)
    labels, units = _labels(header, width)
    told = [text for _, text in body[: max(0, first - len(header))]]
    rate_hz = _told_rate([*comments, *told])
    return rough._replace(
        labels=labels, units=units, first_line=rows[first][0], rate_hz=rate_hz
    )


def _cut(text: str, separator: str | None) -> list[str]:
    if separator is None:
        return text.split()
    if '"' in text:
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True))
    return text.split(separator)


def _separator(lines: Sequence[str]) -> str | None:
    """Return what most lines have between their cells; None = white space."""
    last = [text.split() for text in lines[-5:]]
    if all(len(cells) > 1 and all(map(_is_comma_number, cells)) for cells in last):
        return None  # 0,5 1,5
    counts = {mark: sum(mark in text for text in lines) for mark in _SEPARATORS}
    return next((mark for mark in _SEPARATORS if 2 * counts[mark] > len(lines)), None)


def _is_comma_number(cell: str) -> bool:
    return not cell.endswith(",") and is_number(cell.replace(",", "."))


def _has_decimal_comma(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Tell whether cells are numbers only when their comma is a point."""
    width = len(rows[-1][1]) if rows else 0
    cells = [cell for _, row in rows if len(row) == width for cell in row]
    if any("." in cell and is_number(cell) for cell in cells):
        return False  # then 1,234 is a thousand or a mistake: told, not guessed
    return any("," in cell and is_number(cell.replace(",", ".")) for cell in cells)


def _is_row(cells: Sequence[str]) -> bool:
    """Tell whether a line is data: half of what it says are numbers."""
    said = [cell for cell in cells if not is_missing(cell)]
    numbers = sum(is_number(cell) for cell in said)
    return numbers > 0 and 2 * numbers >= len(said)


def _header(
    before: Sequence[tuple[int, list[str]]], width: int
) -> list[tuple[int, list[str]]]:
    """Return the lines right above the numbers that have as many cells."""
    found: list[tuple[int, list[str]]] = []
    for line in reversed(before):
        if len(line[1]) != width or len(found) == _HEADER_LINES:
            break
        found.insert(0, line)
    return found


def _commented_header(
    comments: Sequence[str], layout: TableLayout, width: int
) -> list[list[str]]:
    """Return the comment that names every column, in quotes or behind a colon."""
    for comment in reversed(comments):
        quoted = re.search('"(.*)"', comment)
        named = re.search(r"labels?\s*:?=?\s*(.*)", comment, re.IGNORECASE)
        whole = comment.strip().lstrip("#%/ ")
        texts = [quoted[1] if quoted else "", named[1] if named else ""]
        for text in (*texts, whole if width > 1 else ""):
            cells = layout.cells(text) if text else []
            if len(cells) == width:
                return [cells]
    return []


def _labels(
    header: list[list[str]], width: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return label and unit of every column; lines of a tall header are joined."""
    unit_rows = [cells for cells in header if _is_unit_row(cells)]
    name_rows = [cells for cells in header if not _is_unit_row(cells)]
    if not name_rows:  # columns may be called A and V
        name_rows, unit_rows = unit_rows[:1], unit_rows[1:]
    labels: list[str] = []
    units: list[str] = []
    for column in range(width):
        parts = [plain(cells[column]).strip("'\"") for cells in name_rows]
        label = ".".join(part for part in parts if part)
        label, unit = split_unit(label)
        if unit_rows:
            unit = plain(unit_rows[-1][column]).strip("[]()") or unit
        labels.append(label or f"column {column}")
        units.append(unit)
    return tuple(labels), tuple(units)


def _is_unit_row(cells: Sequence[str]) -> bool:
    said = [plain(cell) for cell in cells if cell.strip()]
    return bool(said) and all(
        cell.strip("[]()").lower() in _KNOWN_UNITS for cell in said
    )


def split_unit(text: str) -> tuple[str, str]:
    """Return label and unit of a column title.

    >>> split_unit("Accelerometer X (g)")
    ('Accelerometer X', 'g')
    >>> split_unit("Digital Channel 0 (D11)")
    ('Digital Channel 0 (D11)', '')
    """
    found = _UNIT.match(text)
    if found is None:
        return text, ""
    unit = found["square"] if found["square"] is not None else found["round"]
    if found["square"] is None and unit.strip().lower() not in _KNOWN_UNITS:
        return text, ""
    return found["label"].strip(), unit.strip()


def _told_rate(texts: Sequence[str]) -> float:
    """Return the rate that comments tell, 0 when none or several do."""
    found = {float(hit[1]) for text in texts if (hit := _RATE.search(text))}
    return found.pop() if len(found) == 1 else 0.0
