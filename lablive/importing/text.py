"""Plain tables (CSV, TSV, columns of numbers), one line per sample."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.importing.cells import Numbers, is_missing, is_number
from lablive.importing.clock_text import TextClock, is_clock
from lablive.importing.imported import Imported, ImportedStream, unreadable
from lablive.importing.lines import numbered
from lablive.importing.table_layout import layout_of
from lablive.importing.table_time import Axis, find_time, is_time, time_axis
from lablive.importing.timing import even
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import Options, Progress
    from lablive.importing.table_layout import TableLayout
    from lablive.messages import Floats

_HEAD_LINES: Final = 60


class _Table(NamedTuple):
    """Columns of numbers, and what was left out."""

    columns: list[ChannelInfo]
    numbers: Numbers
    notes: list[str]


def read_table(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a table of numbers, one stream named as the file.

    Parameters
    ----------
    path
        The file.
    options
        Time column, its unit, or the rate, when the table does not say them.
    progress
        Told the share read.

    Raises
    ------
    RecordingError
        The file holds no such table, or a cell is no number; names line and column.
    ConfigError
        The time axis is not known without ``options``.
    """
    head = list(islice(numbered(path, progress), _HEAD_LINES))
    layout = layout_of(path, head)
    if options.parts > 1 and not options.row:
        raise ConfigError("--parts divides the line of --row.", todo="Give --row too.")
    if options.row:
        return _one_row(path, layout, options, progress)
    columns, numbers, notes = _read(path, layout, progress)
    told_hz = layout.rate_hz
    place = find_time(path, columns, options, told_hz, len(numbers))
    time = None if place is None else columns[place]
    axis = time_axis(path, numbers, time, place, options, told_hz)
    kept = [k for k in range(len(columns)) if k != place]
    if not kept:
        raise unreadable(path, "there is no column of numbers besides the time")
    x = numbers.table()
    return _imported(
        path,
        [columns[k] for k in kept],
        axis,
        x if place is None else x[:, kept],
        [*notes, *axis.timing.notes],
    )


def _imported(
    path: Path,
    channels: Sequence[ChannelInfo],
    axis: Axis,
    x: Floats,
    notes: Sequence[str] = (),
) -> Imported:
    info = StreamInfo(
        id=0,
        name=path.stem,
        type="Table",
        rate_hz=axis.timing.rate_hz,
        channels=tuple(channels),
        source_id=path.name,
        sample_format="double64",
    )
    started = ""
    if axis.epoch_s is not None:
        started = datetime.fromtimestamp(axis.epoch_s, UTC).isoformat()
    stream = ImportedStream(info, axis.timing, x)
    return Imported("table", (stream,), (), started, axis.epoch_s, notes=tuple(notes))


def _read(path: Path, layout: TableLayout, progress: Progress) -> _Table:
    clock, place = TextClock(), -1
    lines = _data_lines(path, layout, progress)
    first = next(lines)
    words = [k for k, cell in enumerate(first[1]) if not _is_value(cell)]
    clocks = [k for k in words if is_time(layout.labels[k]) and is_clock(first[1][k])]
    if clocks:
        place = clocks[0]
        words.remove(place)
        lines = _clocked(chain([first], lines), clock, place)
        first = next(lines)
    kept = [k for k in range(len(first[1])) if k not in words]
    labels = [layout.labels[k] for k in kept]
    notes = [f'Column "{layout.labels[k]}" holds words and is left out.' for k in words]
    numbers = Numbers(path, labels)
    width = len(first[1])
    waiting = first
    for line in lines:
        _add(path, numbers, waiting, kept, width)
        waiting = line
    if 0 < len(waiting[1]) < width and len(numbers):  # the writer stopped in a line
        notes.append(
            f"Line {waiting[0]}, the last one, is cut off ({len(waiting[1])} of {width}"
            " columns) and is left out."
        )
    else:
        _add(path, numbers, waiting, kept, width)
    if clock.day is not None:
        notes.append(f"Time 0 is midnight of {clock.day}, on a clock of unknown zone.")
    columns = [
        ChannelInfo(layout.labels[k], "s" if k == place else layout.units[k])
        for k in kept
    ]
    return _Table(columns, numbers, notes)


def _data_lines(
    path: Path, layout: TableLayout, progress: Progress
) -> Iterator[tuple[int, list[str]]]:
    for number, text in numbered(path, progress):
        if number >= layout.first_line:
            yield number, layout.cells(text)


def _clocked(
    lines: Iterator[tuple[int, list[str]]], clock: TextClock, place: int
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows with the text of one column as seconds."""
    for number, cells in lines:
        if place < len(cells):
            cells[place] = repr(clock.seconds(cells[place]))
        yield number, cells


def _is_value(cell: str) -> bool:
    return is_missing(cell) or is_number(cell)


def _add(
    path: Path,
    numbers: Numbers,
    line: tuple[int, list[str]],
    kept: Sequence[int],
    width: int,
) -> None:
    number, cells = line
    if len(cells) != width:
        what = f"{len(cells)} columns, expected {width}"
        raise unreadable(path, what, line=number, todo="Mend or remove that line.")
    numbers.add(number, cells if len(kept) == width else [cells[k] for k in kept])


def _one_row(
    path: Path, layout: TableLayout, options: Options, progress: Progress
) -> Imported:
    """Read one line as a series, for files with one trial per line."""
    if not options.rate_hz:
        raise ConfigError(
            f"{path.name}: --row takes a line as one series and needs its rate.",
            todo="Give --rate with the samples per second.",
        )
    rows = list(islice(_data_lines(path, layout, progress), options.row))
    if len(rows) < options.row:
        raise ConfigError(
            f"{path.name}: there is no row {options.row}.",
            todo=f"It has {len(rows)} lines of numbers.",
        )
    number, cells = rows[-1]
    numbers = Numbers(path, [f"value {k + 1}" for k in range(len(cells))])
    numbers.add(number, cells)
    if len(cells) % options.parts:
        raise ConfigError(
            f"{path.name}, line {number}: {len(cells)} numbers are no {options.parts}"
            " series of one length.",
            todo="Correct --parts.",
        )
    series = np.ascontiguousarray(numbers.table().reshape(options.parts, -1).T)
    axis = Axis(even(len(series), options.rate_hz))
    names = [f"row {options.row}"]
    if options.parts > 1:
        names = [f"{names[0]} part {part + 1}" for part in range(options.parts)]
    return _imported(path, [ChannelInfo(name) for name in names], axis, series)
