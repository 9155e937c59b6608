"""Numbers as people read them: true minus signs, units kept apart, "—" for missing."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final

MISSING: Final = "—"
_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_BYTES: Final = ("B", "kB", "MB", "GB", "TB")


def value_text(value: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """Return a number with ``digits`` decimals; missing or not finite is "—"."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def elapsed_text(elapsed_s: float) -> str:
    """Return minutes and seconds, with hours when there are any."""
    total = max(0, int(elapsed_s))
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{seconds:02d}"
    return f"{minutes}:{seconds:02d}"


def size_text(size_bytes: float) -> str:
    """Return a file size with three figures or fewer."""
    value = max(0.0, float(size_bytes))
    for unit in _BYTES[:-1]:
        if value < 999.5:
            digits = 1 if unit not in ("B", "kB") and value < 9.95 else 0
            return f"{value:.{digits}f} {unit}"
        value /= 1000
    return f"{value:.1f} {_BYTES[-1]}"


def age_text(age_s: float) -> str:
    """Return how old the newest sample is; negative is "no data yet"."""
    if age_s < 0:
        return "no data yet"
    if age_s < 1:
        return f"{age_s * 1000:.0f} ms"
    if age_s < 60:
        return f"{age_s:.1f} s"
    return elapsed_text(age_s)


def day_text(stamp: str) -> str:
    """Return the day of an ISO 8601 time ("20 Nov 2026").

    >>> day_text("2026-11-20T09:05:00+01:00")
    '20 Nov 2026'
    """
    day = datetime.fromisoformat(stamp)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def rate_text(rate_hz: float) -> str:
    """Return a rate in Hz; 0 is "irregular"."""
    if rate_hz <= 0:
        return "irregular"
    return f"{rate_hz:.0f} Hz" if rate_hz >= 10 else f"{rate_hz:.1f} Hz"


def counted(number: int, noun: str) -> str:
    """Return a count with its noun, thousands apart ("1 gap", "137 821 rows")."""
    thousands = f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{thousands} {noun}" + ("" if number == 1 else "s")


def used_text(used: int, total: int, what: str = "steps") -> str:
    """Return on how many of all steps a value stands ("412 of 450 steps used")."""
    return f"{used} of {total} {what} used"
