"""Lines of numbers: comma or space separated text, NMEA sentences, text datagrams."""

from __future__ import annotations

import re
from functools import reduce
from math import inf, nan
from operator import xor
from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.frame_rules import Counted, Frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.profile import Message, Profile

LONGEST_LINE: Final = 65536
# what devices write for "no value"; loadsol "-" for a lost radio packet
_MISSING: Final = frozenset(("", "-", "--", "na", "n/a", "none", "null"))
_DECIMAL_COMMA: Final = re.compile(r"^[+-]?\d+,\d+$")


class _LineRule(NamedTuple):
    """One message as text: place in the profile, first word, width, columns read."""

    place: int
    prefix: str
    columns: int
    used: tuple[int, ...]


class LineFramer(Counted):
    """Text lines, each checked to be one message of the profile.

    Parameters
    ----------
    profile
        Framing mode ``line``, or ``datagram`` with a delimiter.
    whole
        The bytes begin with a whole line (a file): keep the first one.
    """

    def __init__(self, profile: Profile, *, whole: bool) -> None:
        super().__init__()
        framing = profile.framing
        self._nmea = framing.nmea
        self._datagram = framing.mode == "datagram"
        spaces = framing.delimiter == "whitespace"
        self._delimiter = None if spaces else framing.delimiter
        self._messages = [
            _LineRule(place, message.prefix.lstrip("$"), message.columns, used)
            for place, message in enumerate(profile.messages)
            for used in (used_columns(message),)
        ]
        # a checksum or a datagram proves a line whole; otherwise the first is cut
        self._skip_first = not (whole or framing.nmea or self._datagram)
        self._buffer = bytearray()
        self.hint = ""

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the good lines in them."""
        del now_s
        if self._datagram:
            lines = [line for piece in pieces for line in piece.split(b"\n")]
        else:
            lines = self._cut(b"".join(pieces))
        found: list[Frame] = []
        for line in lines:
            frame = self._judge(bytes(line.rstrip(b"\r\n")))
            if frame is not None:
                self.count_good()
                found.append(frame)
        return found

    def idle(self, now_s: float) -> list[Frame]:
        """Keep a partial line: the next line end settles it."""
        del now_s
        return []

    def _cut(self, data: bytes) -> list[bytearray]:
        self._buffer += data
        *lines, rest = self._buffer.split(b"\n")
        if len(rest) > LONGEST_LINE:
            self.stats.overflows += 1
            self.stats.skipped_bytes += len(rest)
            rest.clear()
            self._skip_first = True
        self._buffer = rest
        if lines and self._skip_first:
            self._skip_first = False
            del lines[0]
        return lines

    def _judge(self, line: bytes) -> Frame | None:
        if not line.strip():
            return None
        body = self._sentence(line) if self._nmea else line
        if body is None:
            self.stats.checksum_errors += 1
            self.stats.skipped_bytes += len(line)
            return None
        self.stats.odd_lines += not body.isascii()
        text = body.decode("ascii", "replace")
        columns = text.split(self._delimiter)
        for rule in self._messages:
            if rule.prefix and columns[0].lstrip("$") != rule.prefix:
                continue
            width = len(columns)
            least = rule.used[-1] + 1 if rule.used else 1
            wrong = width != rule.columns if rule.columns else width < least
            if wrong:
                wanted = rule.columns or least
                commas = self._delimiter == "," and wanted < width <= 2 * wanted
                hint = " (numbers with a decimal comma?)" if commas else ""
                return self._bad(line, f"{width} columns instead of {wanted}{hint}")
            told = [columns[at] for at in rule.used]
            numbers = _numbers(told)
            if numbers is None:
                return self._bad(line, _why_no_number(told))
            return Frame(rule.place, body, numbers)
        self.stats.unknown_types += 1
        return None

    def _bad(self, line: bytes, why: str) -> None:
        self.stats.bad_lines += 1
        self.stats.skipped_bytes += len(line)
        self.hint = why

    def _sentence(self, line: bytes) -> bytes | None:
        """Return an NMEA sentence without ``$`` and checksum, None when it is wrong."""
        start = line.find(b"$")
        body, star, told = line[start + 1 :].rstrip().rpartition(b"*")
        try:
            good = start >= 0 and star and int(told, 16) == reduce(xor, body, 0)
        except ValueError:
            return None
        return body if good and len(told) == 2 else None


def used_columns(message: Message) -> tuple[int, ...]:
    """Return the columns that fields of a message read: ``Frame.numbers`` in order."""
    used = {
        column
        for field in message.fields
        if field.col is not None
        for column in range(field.col, field.col + field.count)
    }
    return tuple(sorted(used))


def _numbers(columns: list[str]) -> tuple[float, ...] | None:
    """Return the values, NaN for missing ones; None when one is no number."""
    try:
        values = tuple([float(text) for text in columns])
    except ValueError:
        try:
            values = tuple([_value(text) for text in columns])
        except ValueError:
            return None
    if any("_" in text for text in columns):  # Python reads 1_0 as 10
        return None
    if inf in values or -inf in values:
        return tuple(nan if abs(value) == inf else value for value in values)
    return values


def _value(text: str) -> float:
    return nan if text.strip().lower() in _MISSING else float(text)


def _why_no_number(columns: list[str]) -> str:
    for text in columns:
        if _DECIMAL_COMMA.match(text.strip()):
            return f'"{text}" has a decimal comma: set the device to a decimal point'
        try:
            _value(text)
        except ValueError:
            return f'"{text[:20]}" is no number'
    return "a number has an underscore"
