"""Which column of a table is its time, in which unit, or at which rate it runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.importing.imported import TIME_UNITS, unreadable
from lablive.importing.timing import TimeError, Timing, counted, even, unwrapped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from lablive.importing.cells import Numbers
    from lablive.importing.imported import Options
    from lablive.messages import ChannelInfo, Floats

_EPOCH_S: Final = 5e8  # stamps beyond 1985 are Unix time, not the time since switch-on
_COUNTER_BITS: Final = (8, 16, 32)  # widths at which a column of row numbers wraps
_COARSE: Final = 1.0  # a step of this much without a unit may be s, ms or rows
_TIME = re.compile(
    r"(?:time|time ?stamp|elapsed(?:[ _]time)?|t|zeit|temps|tiempo)"
    r"(?:[ _](?P<unit>s|secs?|seconds|ms|msecs?|milliseconds|us|µs|ns))?",
    re.IGNORECASE,
)
_WORDS: Final = {
    "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "ms": "ms", "msec": "ms", "msecs": "ms", "milliseconds": "ms",
    "us": "us", "µs": "us", "microseconds": "us", "ns": "ns",
}  # fmt: skip


class Axis(NamedTuple):
    """The time of every row, and the Unix time of time 0 when the rows tell it."""

    timing: Timing
    epoch_s: float | None = None


def is_time(label: str) -> bool:
    """Tell whether a column is called time, timestamp or the like."""
    return _TIME.fullmatch(label) is not None


def find_time(
    path: Path,
    columns: Sequence[ChannelInfo],
    options: Options,
    told_hz: float,
    rows: int,
) -> int | None:
    """Return the place of the time column, None when a rate takes its place.

    Raises
    ------
    ConfigError
        The file does not say and ``options`` do not either.
    """
    labels = [column.label for column in columns]
    if options.time_column:
        return _named(path, labels, options.time_column)
    hits = (k for k, label in enumerate(labels) if is_time(label))
    found = next(hits, None)
    if found is None and not (options.rate_hz or told_hz):
        raise ConfigError(
            f"{path.name}: no column says when its rows were measured.",
            todo=_advice(labels, rows),
        )
    return found


def time_axis(
    path: Path,
    numbers: Numbers,
    column: ChannelInfo | None,
    place: int | None,
    options: Options,
    told_hz: float,
) -> Axis:
    """Return the time of every row.

    A rate given by the operator takes the place of a time column; a column given with
    it counts rows, and a jump of it is a loss. A rate told by the file's comments only
    counts without a time column. Unix times become times since the first row.

    Raises
    ------
    RecordingError
        The column is no time axis; names the line.
    ConfigError
        Its unit is not known.
    """
    rows = len(numbers)
    if options.rate_hz and not options.time_column:
        return Axis(even(rows, options.rate_hz))
    if place is None or column is None:
        return Axis(even(rows, told_hz))
    raw = numbers.table()[:, place]
    if options.rate_hz:
        return Axis(_counted(path, numbers, column.label, raw, options.rate_hz))
    scale = _scale(path, column, raw, options.time_unit)
    epoch = float(raw[0]) if raw[0] * scale > _EPOCH_S else 0.0
    timing = numbers.timing((raw - epoch) * scale, f'column "{column.label}": ')
    return Axis(timing, epoch * scale if epoch else None)


def _named(path: Path, labels: Sequence[str], wanted: str) -> int:
    if wanted in labels:
        return labels.index(wanted)
    if wanted.isdecimal() and int(wanted) < len(labels):
        return int(wanted)
    raise ConfigError(
        f'{path.name}: there is no column of numbers "{wanted}".',
        todo=f"There are: {_listing(labels)}.",
    )


def _counted(
    path: Path, numbers: Numbers, label: str, raw: Floats, rate_hz: float
) -> Timing:
    """Return the times of rows that are numbered, also by a counter that wraps."""
    wrong = ~np.isfinite(raw) | (raw != np.round(raw))
    try:
        if wrong.any():
            raise TimeError(int(np.argmax(wrong)), "it numbers no row")
        counter = raw.astype(np.int64)
        bits = next((bits for bits in _COUNTER_BITS if raw.max() == 2**bits - 1), 0)
        return counted(unwrapped(raw, bits) if bits else counter, rate_hz)
    except TimeError as error:
        line = numbers.line_of(error.row)
        todo = "Give --time without --rate when the column is a time."
        raise unreadable(
            path, f'column "{label}": {error}', line=line, todo=todo
        ) from error


def _listing(labels: Sequence[str]) -> str:
    shown = [f'{place} "{label}"' for place, label in enumerate(labels[:12])]
    more = len(labels) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _advice(labels: Sequence[str], rows: int) -> str:
    told = (
        "Give --time with the time column, by label or number, or --rate with the"
        f" rows per second. Columns: {_listing(labels)}."
    )
    if len(labels) > 10 * rows:
        told += (
            f" It has {rows} lines of {len(labels)} numbers: if each line is a series"
            " of its own, --row 1 takes the first one."
        )
    return told


def _scale(path: Path, column: ChannelInfo, raw: Floats, wanted: str) -> float:
    """Return what turns the column into seconds."""
    if wanted:
        if wanted not in TIME_UNITS:
            known = ", ".join(TIME_UNITS)
            raise ConfigError(
                f'The time unit "{wanted}" is not known.', todo=f"Known: {known}."
            )
        return TIME_UNITS[wanted]
    named = _TIME.fullmatch(column.label)
    unit = column.unit or (named["unit"] if named and named["unit"] else "")
    if unit:
        word = _WORDS.get(unit.lower())
        if word is None:
            raise ConfigError(
                f'{path.name}: the time "{column.label}" is in "{unit}".',
                todo=f"Say what that is with --time-unit {'|'.join(TIME_UNITS)}.",
            )
        return TIME_UNITS[word]
    for scale in (1.0, 1e-3, 1e-6, 1e-9):  # Unix time shows its unit by its size
        if _EPOCH_S < raw[0] * scale < 10 * _EPOCH_S:
            return scale
    step = float(np.median(np.abs(np.diff(raw)))) if len(raw) > 1 else 0.0
    if step >= _COARSE:
        raise ConfigError(
            f'{path.name}: the time "{column.label}" goes in steps of {step:g} and says'
            " no unit.",
            todo=f"Give --time-unit {'|'.join(TIME_UNITS)}, or --rate with the rows per"
            " second.",
        )
    return 1.0
