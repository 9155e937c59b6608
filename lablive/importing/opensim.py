"""OpenSim storage (.sto, .mot) and marker files (.trc)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.cells import Numbers
from lablive.importing.imported import Imported, ImportedStream, unreadable
from lablive.importing.lines import numbered, plain
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import Options, Progress

_END: Final = "endheader"
_FORCE = re.compile(r".*force.*_v[xyz]", re.IGNORECASE)  # OpenSim: always in newtons
_TRANSLATION = re.compile(r".*_t[xyz]", re.IGNORECASE)
_ROWS = re.compile(r"(?:nrows\s*=|datarows)\s*(\d+)")
_TRC: Final = "PathFileType"


def is_storage(head: str) -> bool:
    """Tell whether text begins like an OpenSim storage file."""
    return any(line.strip().lower() == _END for line in head.splitlines())


def is_markers(head: str) -> bool:
    """Tell whether text begins like a TRC file."""
    return head.startswith(_TRC)


def read_storage(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a .sto or .mot file: forces, EMG, angles, anything over time.

    A file with ground reaction forces becomes the stream ``opensim forces``, any
    other one is named as the file.

    Raises
    ------
    RecordingError
        There is no time column, or a cell is no number; names line and column.
    """
    del options
    lines = numbered(path, progress)
    degrees, promised = False, 0
    for _, text in lines:
        word = text.strip().lower()
        if found := _ROWS.fullmatch(word):
            promised = int(found[1])
        degrees |= word.replace(" ", "") == "indegrees=yes"
        if word == _END:
            break
    line, text = next(lines, (0, ""))
    labels = [plain(cell) for cell in text.split()]
    if not labels or labels[0].lower() != "time":
        what = "the first column behind endheader is not called time"
        raise unreadable(path, what, line=line)
    numbers = Numbers(path, labels)
    for line, text in lines:
        numbers.add(line, text.split())
    if not len(numbers):
        raise unreadable(path, "there is no row behind the header")
    table = numbers.table()
    timing = numbers.timing(table[:, 0])
    forces = any(_FORCE.fullmatch(label) for label in labels)
    info = StreamInfo(
        id=0,
        name="opensim forces" if forces else path.stem,
        type="Force" if forces else "Table",
        rate_hz=timing.rate_hz,
        channels=tuple(
            ChannelInfo(label, _unit(label, degrees=degrees and not forces))
            for label in labels[1:]
        ),
        source_id=path.name,
        device="OpenSim",
        sample_format="double64",
    )
    stream = ImportedStream(info, timing, table[:, 1:])
    notes = (*timing.notes, *_cut_off(len(numbers), promised))
    return Imported("opensim", (stream,), notes=notes)


def _cut_off(rows: int, promised: int) -> Iterator[str]:
    if rows < promised:
        yield f"The header promises {promised} rows, the file holds {rows}."


def _unit(label: str, *, degrees: bool) -> str:
    if _FORCE.fullmatch(label):
        return "N"
    return "deg" if degrees and not _TRANSLATION.fullmatch(label) else ""


def read_markers(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a .trc file: marker paths, missing ones NaN.

    Raises
    ------
    RecordingError
        The header is incomplete, or a cell is no number; names line and column.
    """
    del options
    lines = numbered(path, progress)
    unit, markers, promised = _trc_header(path, lines)
    labels = [f"{marker}.{axis}" for marker in markers for axis in "xyz"]
    numbers = Numbers(path, ["frame", "time", *labels])
    width = len(labels) + 2
    for line, text in lines:
        cells = text.split("\t")
        cells = cells[:width] if not any(map(str.strip, cells[width:])) else cells
        # a marker that is not seen at the end of a line leaves no tabs behind
        numbers.add(line, [*cells, *[""] * (width - len(cells))])
    if not len(numbers):
        raise unreadable(path, "there is no row behind the header")
    table = numbers.table()
    timing = numbers.timing(table[:, 1])
    info = StreamInfo(
        id=0,
        name="trc markers",
        type="MoCap",
        rate_hz=timing.rate_hz,
        channels=tuple(ChannelInfo(label, unit, "Position") for label in labels),
        source_id=path.name,
        device="TRC",
        sample_format="double64",
    )
    stream = ImportedStream(info, timing, np.ascontiguousarray(table[:, 2:]))
    notes = (*timing.notes, *_cut_off(len(numbers), promised))
    return Imported("trc", (stream,), notes=notes)


def _trc_header(
    path: Path, lines: Iterator[tuple[int, str]]
) -> tuple[str, Sequence[str], int]:
    """Return unit, marker names, number of rows; leave ``lines`` at the first row."""
    head = [next(lines, (0, "")) for _ in range(5)]
    keys, values = (text.split() for _, text in head[1:3])
    line, text = head[3]
    cells = [plain(cell) for cell in text.split("\t")]
    if not text.startswith("Frame#") or "Units" not in keys:
        raise unreadable(path, "the header is not that of a TRC file", line=line)
    told = dict(zip(keys, values, strict=False))
    rows = told.get("NumFrames", "")
    markers = [cell for cell in cells[2:] if cell]
    if not markers or not head[4][1].split()[:1] == ["X1"]:
        raise unreadable(path, "the header names no markers", line=line)
    return plain(told.get("Units", "")), markers, int(rows) if rows.isdecimal() else 0
