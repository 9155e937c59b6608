"""Captured bytes as reads: files of bytes, and hexadecimal text as people write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drivers.profile import Profile

_HEX_SUFFIXES: Final = (".txt", ".hex")
_SEPARATORS: Final = re.compile(r"0[xX]|\\x|[\s,:;-]+")
_COMMENT: Final = re.compile(r"#.*")
_BITS_PER_BYTE: Final = 10  # 8N1
_READ_BYTES: Final = 64
_UNKNOWN_BPS: Final = 921600


class Piece(NamedTuple):
    """One read or datagram; a profile = the wire was opened, and this is sent on it."""

    arrival_s: float
    data: bytes
    profile: Profile | None = None


def read_pieces(file: Path, data: bytes) -> list[bytes]:
    """Return the reads of a file of bytes or of hexadecimal text.

    Raises
    ------
    ConfigError
        A file that can only be hexadecimal is not.
    """
    text = data.decode("utf-8", "replace")
    if file.suffix.lower() not in _HEX_SUFFIXES:
        return [data]
    found: list[bytes] = []
    for number, line in enumerate(text.splitlines(), start=1):
        parts = [part for part in _SEPARATORS.split(_COMMENT.sub("", line)) if part]
        try:
            found.append(b"".join([bytes.fromhex(part) for part in parts]))
        except ValueError as error:
            if file.suffix.lower() == ".txt" and is_plain(data):
                return [data]  # the lines of a device that sends text
            raise ConfigError(
                f"{file}, line {number}: no hexadecimal bytes.",
                todo='Write pairs of digits, "55 51 00", and comments behind "#".',
            ) from error
    return [piece for piece in found if piece]


def as_arrived(profile: Profile, reads: list[bytes]) -> Iterator[Piece]:
    """Yield reads as if they had come over the profile's wire without a pause."""
    yield Piece(0.0, b"", profile)
    framing = profile.framing
    now_s = 0.0
    bps = profile.transport.baud or _UNKNOWN_BPS
    rates = [message.rate_hz for message in profile.messages if message.rate_hz > 0]
    for read in reads:
        if framing.mode == "datagram":
            size = framing.size if len(read) % (framing.size or 1) == 0 else 0
            for at in range(0, len(read), size or len(read)):
                now_s += 1.0 / max(rates) if rates else 0.0
                yield Piece(now_s, read[at : at + (size or len(read))])
            continue
        for at in range(0, len(read), _READ_BYTES):
            part = read[at : at + _READ_BYTES]
            now_s += len(part) * _BITS_PER_BYTE / bps
            yield Piece(now_s, part)


def is_plain(data: bytes) -> bool:
    """Tell whether bytes are lines of printable text."""
    return all(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in data)
