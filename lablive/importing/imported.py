"""What a foreign file turned out to hold, before it becomes a trial."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from lablive.errors import RecordingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.importing.timing import Timing
    from lablive.messages import Floats, Ints, Marker, StreamInfo
    from lablive.signals.montage import Montage

    Progress = Callable[[float], None]  # told the share read, 0 to 1

TimeUnit = Literal["s", "ms", "us", "ns"]
TIME_UNITS: Final[dict[str, float]] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


class Options(NamedTuple):
    """What only the operator can know of a table that does not say it.

    Attributes
    ----------
    rate_hz
        Rate of a table without a time column (0 = not given).
    time_column
        Label, or number from 0, of the time column ("" = by its label).
    time_unit
        Unit of the time column ("" = as it says).
    row
        Take this line of numbers, from 1, as one series (0 = columns are series).
    parts
        Such a line holds this many series of one length, one behind the other.
    """

    rate_hz: float = 0.0
    time_column: str = ""
    time_unit: str = ""
    row: int = 0
    parts: int = 1


NO_OPTIONS: Final = Options()


@dataclass(frozen=True, slots=True, eq=False)
class ImportedStream:
    """One stream: description, times and values as the file has them.

    Attributes
    ----------
    info
        Names, units, measured rate; its id is given when the trial is written.
    timing
        Time of every row in s, rate and losses.
    x
        Values, shape (rows, channels); missing ones are NaN.
    counter
        Device counter of every row, unwrapped; None without one.
    """

    info: StreamInfo
    timing: Timing
    x: Floats
    counter: Ints | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """Everything a file holds.

    Attributes
    ----------
    kind
        What the file is, in a word.
    streams, markers
        Rows, and events on the same clock.
    started
        Wall clock at time 0, ISO 8601, without a zone when the file names none; ""
        when it is not known.
    epoch_s
        Unix time of time 0 when every row carries one; None otherwise.
    montage
        Which channel measures what, when the format itself says so.
    notes
        What a reader must know, one sentence each.
    """

    kind: str
    streams: tuple[ImportedStream, ...]
    markers: tuple[Marker, ...] = ()
    started: str = ""
    epoch_s: float | None = None
    montage: Montage | None = None
    notes: tuple[str, ...] = ()


def wall_clock(*parts: float) -> str:
    """Return year, month, day, hour, minute ... as ISO 8601 without a zone.

    "" when they are no date.

    >>> wall_clock(2014, 11, 13, 13, 42)
    '2014-11-13T13:42:00'
    """
    try:
        year, month, day, hour, minute, second = [*map(int, parts), 0, 0, 0][:6]
        return datetime(year, month, day, hour, minute, second).isoformat()
    except (ValueError, OverflowError):
        return ""


def unreadable(
    path: Path, what: str, *, line: int = 0, todo: str = ""
) -> RecordingError:
    """Return the error for a file that cannot be imported; names file and line."""
    place = f"{path.name}, line {line}" if line else path.name
    return RecordingError(
        f"{place}: {what}.", still="The file was not changed, no trial written.",
        todo=todo,
    )  # fmt: skip
