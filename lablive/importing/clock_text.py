"""Times written as text: ``2024-05-26T10:11:12.5Z``, ``10:11:12.5``."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

_DAY_S: Final = 86400.0


def is_clock(cell: str) -> bool:
    """Tell whether a cell is a date with time, or a time of the day.

    >>> is_clock(" 12:00:53.329"), is_clock("2024-05-26"), is_clock("left")
    (True, False, False)
    """
    return ":" in cell and _parsed(cell) is not None


class TextClock:
    """Seconds of texts, in the order of their rows.

    With a zone they are Unix time; without one, the time since midnight before the
    first row, so that files of one day stay together.

    Attributes
    ----------
    day
        Date of the first row when it tells one but no zone.
    """

    def __init__(self) -> None:
        self.day: date | None = None
        self._midnights = 0
        self._last_s = 0.0

    def seconds(self, cell: str) -> float:
        """Return one more time; NaN when it is none or of another kind."""
        at = _parsed(cell)
        if at is None:
            return float("nan")
        if isinstance(at, datetime):
            if at.tzinfo is not None:
                return at.timestamp()
            self.day = self.day or at.date()
            return (at - datetime.combine(self.day, time())).total_seconds()
        second = at.hour * 3600 + at.minute * 60 + at.second + at.microsecond * 1e-6
        if second < self._last_s - _DAY_S / 2:
            self._midnights += 1
        self._last_s = second
        return second + _DAY_S * self._midnights


def _parsed(cell: str) -> datetime | time | None:
    for kind in (time, datetime):
        try:
            return kind.fromisoformat(cell.strip())
        except ValueError:
            continue
    return None
