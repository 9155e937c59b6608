"""novel pedar: the ASCII export (.asc) of 99 pressure cells per insole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.importing.cells import Numbers
from lablive.importing.imported import Imported, ImportedStream, unreadable, wall_clock
from lablive.importing.lines import numbered, plain
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import SIDES, Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.importing.imported import Options, Progress

CELLS: Final = 99
_COLUMNS = re.compile(r"\s*time\s*\[secs?\]\s", re.IGNORECASE)
_UNIT = re.compile(r"pressure values in\s+(\S+)", re.IGNORECASE)
_RATE = re.compile(r"scanning rate\s*\[Hz\]:?\s*(\d+(?:\.\d*)?)", re.IGNORECASE)
_DATE = re.compile(r"date/time\s+(\d\d)\.(\d\d)\.(\d\d)\s+(\d\d)[.:](\d\d)")
_SIDE = re.compile(r"(left|right) insole\s*:", re.IGNORECASE)
_RATE_OFF: Final = 0.01


class _Header(NamedTuple):
    unit: str
    rate_hz: float
    started: str
    sides: tuple[Side, ...]


def is_pedar(head: str) -> bool:
    """Tell whether text begins like a pedar export."""
    lines = head.splitlines()[:40]
    return any(_COLUMNS.match(line) for line in lines) and any(
        _UNIT.search(line) for line in lines
    )


def read_pedar(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a pedar export: cells 1 to 99 of the left insole, then of the right.

    Raises
    ------
    RecordingError
        The number of columns fits no insole, or a cell is no number; names the line.
    """
    del options
    lines = numbered(path, progress)
    header = _header(path, lines)
    channels = tuple(
        ChannelInfo(f"insole_{side}.pressure.{cell:02d}", header.unit, "Pressure")
        for side in header.sides
        for cell in range(1, CELLS + 1)
    )
    numbers = Numbers(path, ["time", *(channel.label for channel in channels)])
    for line, text in lines:
        numbers.add(line, text.split())
    if not len(numbers):
        raise unreadable(path, "there is no row behind the header")
    table = numbers.table()
    timing = numbers.timing(table[:, 0])
    notes = list(timing.notes)
    off = abs(timing.rate_hz / header.rate_hz - 1) if header.rate_hz else 0.0
    if off > _RATE_OFF:
        notes.append(
            f"The header says {header.rate_hz:g} Hz, the times {timing.rate_hz:g} Hz;"
            " the times count."
        )
    info = StreamInfo(
        id=0,
        name="pedar",
        type="Pressure",
        rate_hz=timing.rate_hz,
        channels=channels,
        source_id=path.name,
        device="novel pedar",
        sample_format="double64",
    )
    stream = ImportedStream(info, timing, table[:, 1:])
    return Imported("pedar", (stream,), started=header.started, notes=tuple(notes))


def _header(path: Path, lines: Iterator[tuple[int, str]]) -> _Header:
    unit, rate_hz, started = "kPa", 0.0, ""
    masks: list[Side] = []
    columns = at_line = 0
    for line, text in lines:
        if _COLUMNS.match(text):
            columns, at_line = len(text.split()) - 1, line
            break
        if found := _UNIT.search(text):
            unit = plain(found[1])
        if found := _RATE.search(text):
            rate_hz = float(found[1])
        if found := _DATE.search(text):
            day, month, year, hour, minute = map(int, found.groups())
            started = wall_clock(2000 + year, month, day, hour, minute)
        if found := _SIDE.match(text.strip()):
            masks.append("left" if found[1].lower() == "left" else "right")
    if columns == CELLS * len(SIDES):
        return _Header(unit, rate_hz, started, SIDES)
    if columns == CELLS and len(masks) == 1:
        return _Header(unit, rate_hz, started, (masks[0],))
    raise unreadable(
        path,
        f"{columns} cells, expected {CELLS} for one insole or {2 * CELLS} for both",
        line=at_line,
        todo="Export the pressures of all cells, not of masks.",
    )
