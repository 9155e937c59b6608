"""What a good frame is: size, id, last byte, checksum; and what is counted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from drivers.checksums import CHECKSUMS
from drivers.wire_types import WIRE_TYPES

if TYPE_CHECKING:
    from drivers.profile import FrameChecksum, Framing

REJECT: Final = -1
MORE: Final = 0


class Frame(NamedTuple):
    """One good frame: message id (None when frames carry none) and all its bytes.

    A line of text has its numbers instead; its id is the message's place in the
    profile.
    """

    type: int | None
    body: bytes
    numbers: tuple[float, ...] = ()


@dataclass(slots=True)
class FrameStats:
    """What was seen on the wire, each kind of trouble counted apart."""

    frames: int = 0
    checksum_errors: int = 0
    skipped_bytes: int = 0
    unknown_types: int = 0
    short_frames: int = 0
    bad_lines: int = 0
    odd_lines: int = 0  # with bytes that are no ASCII, in whatever column
    overflows: int = 0

    def plus(self, other: FrameStats) -> FrameStats:
        """Return the sums."""
        return FrameStats(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        )


class Counted:
    """Statistics before and after the first good frame.

    Half a frame at opening is no error: ``startup`` counts what came before the
    first good frame, ``stats`` what came since.
    """

    def __init__(self) -> None:
        self.stats = FrameStats()
        self.startup = FrameStats()
        self.began = False

    def count_good(self) -> None:
        """Count a good frame."""
        if not self.began:
            self.began = True
            self.startup, self.stats = self.stats, FrameStats()
        self.stats.frames += 1


class FrameRules:
    """What makes a frame good: size, id, last byte, checksum."""

    def __init__(self, framing: Framing) -> None:
        self.size = framing.size
        self.largest = framing.max_frame
        kind, length = framing.type, framing.length
        self._type_at = kind.at if kind else 0
        self._read_type = WIRE_TYPES[kind.type].read if kind else None
        self._allow = kind.allow if kind else None
        self._length = length
        self._read_length = WIRE_TYPES[length.type].read if length else None
        self._tail = framing.tail
        self._checksum = _CheckedBytes(framing.checksum) if framing.checksum else None
        self.head = len(bytes.fromhex(framing.sync))
        if kind:
            self.head = max(self.head, kind.at + WIRE_TYPES[kind.type].size)
        if length:
            self.head = max(self.head, length.at + WIRE_TYPES[length.type].size)
        self.smallest = max(self.head, self._checksum.width if self._checksum else 0, 1)

    def type_of(self, body: bytes, start: int = 0) -> int | None:
        """Return the message id."""
        read = self._read_type
        return read(body, start + self._type_at) if read else None

    def allowed(self, kind: int | None) -> bool:
        """Tell whether this id can be sent at all."""
        allow = self._allow
        return kind is None or allow is None or allow[0] <= kind <= allow[1]

    def length_of(self, buffer: bytes, start: int) -> int:
        """Return the frame's bytes; 0 = more bytes needed, -1 = cannot be."""
        length, read = self._length, self._read_length
        if length is None or read is None:
            return REJECT
        value = read(buffer, start + length.at)
        size = value + length.add
        escape = length.escape
        if escape and value == escape.value:
            kind = WIRE_TYPES[escape.type]
            if start + escape.at + kind.size > len(buffer):
                return MORE
            size = kind.read(buffer, start + escape.at) + escape.add
        return size if self.smallest <= size <= self.largest else REJECT

    def closes(self, body: bytes) -> bool:
        """Tell whether last byte and checksum are those of a whole frame."""
        if self._tail and not self._tail[0] <= body[-1] <= self._tail[1]:
            return False
        return self._checksum is None or self._checksum.fits(body)

    def judge(self, body: bytes, stats: FrameStats) -> Frame | None:
        """Return the frame when a packet with known ends is good; count when not."""
        exact = not self.size or len(body) == self.size
        if not (exact and self.smallest <= len(body) <= self.largest):
            stats.short_frames += 1
            return None
        kind = self.type_of(body)
        if not self.allowed(kind):
            stats.unknown_types += 1
            return None
        if not self.closes(body):
            stats.checksum_errors += 1
            return None
        return Frame(kind, body)


class _CheckedBytes:
    """A checksum bound to its place in the frame."""

    def __init__(self, rule: FrameChecksum) -> None:
        algorithm = CHECKSUMS[rule.algo]
        self.width = algorithm.width
        self._compute = algorithm.compute
        self._covered = slice(rule.start, rule.to)
        self._at = rule.at
        self._order: Literal["little", "big"] = rule.order

    def fits(self, body: bytes) -> bool:
        at = self._at + len(body) if self._at < 0 else self._at
        told = body[at : at + self.width]
        if at < 0 or len(told) < self.width:
            return False
        found = self._compute(body[self._covered])
        return int.from_bytes(told, self._order) == found
