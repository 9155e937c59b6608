"""Tekscan F-Scan: the ASCII movie export (.asf, .csv), one insole a file.

A header of ``KEY value`` lines, then each frame as a block of comma-separated rows.
``B`` stands where the cut insole has no sensel. There is no layout of the sensels on a
foot in the file, so the roles need the load, which is pressure times area, summed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.importing.cells import Numbers
from lablive.importing.imported import Imported, unreadable
from lablive.importing.lines import numbered, plain
from lablive.importing.sensels import (
    foot_stream,
    length_cm,
    load_n,
    pressure_stream,
    pressure_unit,
)
from lablive.importing.timing import even
from lablive.messages import ChannelInfo
from lablive.signals.montage import SCHEMA, ChannelRule, Match, Montage, StreamRule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.importing.imported import Options, Progress
    from lablive.names import Side

KIND: Final = "f-scan"
_FRAME = re.compile(r"Frame\s+(\d+)", re.IGNORECASE)
_SIDE_IN_NAME = re.compile(r".*[^A-Za-z](left|right)|.*(L|R)$", re.IGNORECASE)
_NO_SENSEL: Final = "b"


class _Header(NamedTuple):
    rows: int
    columns: int
    step_s: float
    unit: str
    area_cm2: float
    side: Side | None


def is_fscan(head: str) -> bool:
    """Tell whether text begins like an F-Scan export."""
    return "SECONDS_PER_FRAME" in head and "ROW_SPACING" in head


def read_fscan(path: Path, options: Options, progress: Progress) -> Imported:
    """Read an F-Scan movie: pressure of every sensel, and their load in N.

    Raises
    ------
    RecordingError
        The header is incomplete, a frame is cut off or a cell is no number.
    """
    del options
    lines = numbered(path, progress)
    header, first = _header(path, lines)
    numbers, frames = _frames(path, header, first, lines)
    values = numbers.table().reshape(len(frames), header.rows, header.columns)
    timing = _timing(path, frames, header.step_s)
    streams = [pressure_stream(path, KIND, header.side, timing, values, header.unit)]
    load = load_n(streams[0].x, header.unit, header.area_cm2)
    notes: list[str] = []
    montage = None
    if load is None:
        notes.append(
            f"Pressures in {header.unit} give no force: export calibrated values."
        )
    else:
        channels = (ChannelInfo("load", "N", "Force"),)
        stream = foot_stream(path, KIND, header.side, "Load", timing, channels, load)
        streams.append(stream)
        notes.append(
            "The load was computed on import: pressure times sensel area"
            f" ({header.area_cm2:.4g} cm²), summed."
        )
        montage = _montage(stream.info.name, header.side)
    if header.side is None:
        notes.append("Neither header nor file name (…L, …R) tells which foot it is.")
    return Imported(KIND, tuple(streams), montage=montage, notes=tuple(notes))


def _montage(name: str, side: Side | None) -> Montage | None:
    if side is None:
        return None
    rule = ChannelRule(role=f"insole_{side}.force", unit="N", label="load")
    return Montage(SCHEMA, (StreamRule(Match(name=name), (rule,)),), name=KIND)


def _header(
    path: Path, lines: Iterator[tuple[int, str]]
) -> tuple[_Header, tuple[int, str]]:
    """Return the header, and the line of the first frame."""
    told: dict[str, str] = {}
    for line, text in lines:
        if _FRAME.match(text):
            return _parsed(path, told), (line, text)
        key, _, value = text.replace(",", " ").partition(" ")
        told[key.upper()] = plain(value)
    raise unreadable(path, "there is no frame behind the header")


def _parsed(path: Path, told: dict[str, str]) -> _Header:
    def number(key: str) -> float:
        found = re.match(r"\d+(?:\.\d*)?", told.get(key, ""))
        if found is None or float(found[0]) <= 0:
            raise unreadable(path, f"the header has no {key}")
        return float(found[0])

    row_cm, column_cm = (
        length_cm(told.get(key, "")) for key in ("ROW_SPACING", "COL_SPACING")
    )
    return _Header(
        rows=int(number("ROWS")),
        columns=int(number("COLS")),
        step_s=number("SECONDS_PER_FRAME"),
        unit=pressure_unit(told.get("UNITS", "")),
        area_cm2=row_cm * column_cm,
        side=_side(path, told),
    )


def _side(path: Path, told: dict[str, str]) -> Side | None:
    for key, value in told.items():
        if "FOOT" in key or "SIDE" in key:
            for side in ("left", "right"):
                if side in value.lower():
                    return side
    found = _SIDE_IN_NAME.fullmatch(path.stem)
    if found is None:
        return None
    return "left" if (found[1] or found[2]).lower().startswith("l") else "right"


def _frames(
    path: Path,
    header: _Header,
    first: tuple[int, str],
    lines: Iterator[tuple[int, str]],
) -> tuple[Numbers, list[int]]:
    """Return all rows of sensels, and the number of every frame."""
    numbers = Numbers(path, [f"c{k + 1:02d}" for k in range(header.columns)])
    frames: list[int] = []
    line, text = first
    while found := _FRAME.match(text):
        frames.append(int(found[1]))
        for _ in range(header.rows):
            line, text = next(lines, (line, ""))
            cells = text.rstrip(", ").split(",")
            if _FRAME.match(text) or not text:
                what = f"frame {frames[-1]} has less than {header.rows} rows"
                raise unreadable(path, what, line=line)
            numbers.add(line, [_cell(cell) for cell in cells])
        line, text = next((item for item in lines if _FRAME.match(item[1])), (line, ""))
    return numbers, frames


def _cell(cell: str) -> str:
    return "" if cell.strip().lower() == _NO_SENSEL else cell


def _timing(path: Path, frames: list[int], step_s: float):
    steps = np.diff(frames)
    if (steps != 1).any():
        wrong = frames[int(np.argmax(steps != 1)) + 1]
        raise unreadable(path, f"frame {wrong} does not follow the one before")
    return even(len(frames), round(1.0 / step_s, 6), frames[0] - 1)
