"""Rules of the ``[framing]`` table of a device profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.checksums import CHECKSUMS
from drivers.wire_types import WIRE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.profile import Framing
    from lablive.config import Problem

_LARGEST: Final = 65536
_SLIP_BYTES: Final = ("end", "esc", "esc_end", "esc_esc")
# keys that have a meaning in each mode; the others would be silently ignored
_MEANING: Final = {
    "sync": {"sync", "size", "length", "type", "tail", "checksum"},
    "slip": {"size", "type", "tail", "checksum", *_SLIP_BYTES},
    "cobs": {"size", "type", "tail", "checksum"},
    "line": {"nmea", "delimiter"},
    "datagram": {"size", "type", "tail", "checksum", "nmea", "delimiter"},
}
_DEFAULTS: Final = {"end": "c0", "esc": "db", "esc_end": "dc", "esc_esc": "dd"}


def hex_problem(text: str) -> str:
    """Return what is wrong with hexadecimal bytes, empty when nothing is."""
    try:
        return "" if bytes.fromhex(text) else "no byte is given"
    except ValueError:
        return f'"{text}" is no hexadecimal text; write "A5 5A"'


def framing_problems(framing: Framing) -> Iterator[Problem]:
    """Yield everything wrong with the framing table."""
    for key in ("sync", "size", "length", "type", "tail", "checksum", "nmea",
                "delimiter", *_SLIP_BYTES):  # fmt: skip
        value = getattr(framing, key)
        given = value != _DEFAULTS[key] if key in _DEFAULTS else bool(value)
        if given and key not in _MEANING[framing.mode]:
            what = f'framing.{key} has no meaning in mode "{framing.mode}"'
            yield ("framing", key), what
    if not 1 <= framing.max_frame <= _LARGEST:
        yield ("framing", "max_frame"), f"framing.max_frame must be 1 to {_LARGEST}"
    if framing.mode == "sync":
        yield from _sync_problems(framing)
    if framing.mode == "slip":
        yield from _slip_problems(framing)
    if framing.mode == "line" and not framing.delimiter:
        what = 'framing.delimiter is missing: "," or "whitespace"'
        yield ("framing", "mode"), what
    if framing.tail and not 0 <= framing.tail[0] <= framing.tail[1] <= 255:
        yield ("framing", "tail"), "framing.tail = [first, last] byte, 0 to 255"
    yield from _type_problems(framing)
    yield from _length_problems(framing)
    yield from _checksum_problems(framing)


def _sync_problems(framing: Framing) -> Iterator[Problem]:
    problem = hex_problem(framing.sync)
    if problem:
        yield ("framing", "sync"), f"framing.sync: {problem}"
    elif len(bytes.fromhex(framing.sync)) > 4:
        yield ("framing", "sync"), "framing.sync: 1 to 4 bytes"
    if bool(framing.size) == (framing.length is not None):
        yield ("framing", "mode"), "give either framing.size or framing.length"


def _slip_problems(framing: Framing) -> Iterator[Problem]:
    seen: list[bytes] = []
    for key in _SLIP_BYTES:
        text = getattr(framing, key)
        problem = hex_problem(text)
        if problem or len(bytes.fromhex(text)) != 1:
            yield ("framing", key), f"framing.{key}: one byte in hexadecimal"
        else:
            seen.append(bytes.fromhex(text))
    if len(seen) == len(_SLIP_BYTES) and seen[0] == seen[1]:
        yield ("framing", "esc"), "framing.end and framing.esc must differ"


def _type_problems(framing: Framing) -> Iterator[Problem]:
    kind = framing.type
    if kind is None:
        return
    yield from _integer_problems("type", kind.at, kind.type, framing)
    if kind.allow and kind.allow[0] > kind.allow[1]:
        what = "framing.type.allow = [first, last]: first is above last"
        yield ("framing", "type"), what


def _length_problems(framing: Framing) -> Iterator[Problem]:
    length = framing.length
    if length is None:
        return
    yield from _integer_problems("length", length.at, length.type, framing)
    if length.escape:
        escape = length.escape
        yield from _integer_problems("length.escape", escape.at, escape.type, framing)


def _integer_problems(
    name: str, at: int, kind: str, framing: Framing
) -> Iterator[Problem]:
    key = ("framing", name.partition(".")[0])
    wire = WIRE_TYPES.get(kind)
    if wire is None or not wire.integer:
        yield key, f'framing.{name}: type "{kind}" is no whole-number type'
        return
    sync = len(framing.sync.replace(" ", "")) // 2
    if at < sync:
        yield key, f"framing.{name}: overlaps the sync bytes"
    if framing.size and at + wire.size > framing.size:
        yield key, f"framing.{name}: lies outside the frame of {framing.size} bytes"


def _checksum_problems(framing: Framing) -> Iterator[Problem]:
    checksum = framing.checksum
    if checksum is None:
        return
    size = framing.size or framing.max_frame
    width = CHECKSUMS[checksum.algo].width
    at = checksum.at + size if checksum.at < 0 else checksum.at
    covered = range(size)[checksum.start : checksum.to]
    key = ("framing", "checksum")
    if not 0 <= at <= size - width:
        what = f"framing.checksum: {width} bytes at {checksum.at} lie outside the frame"
        yield key, what
    if not covered:
        yield key, "framing.checksum: covers no byte; from and to are a slice"
    elif covered.start < at + width and covered.stop > at:
        yield key, "framing.checksum: covers itself; end it before its own bytes"
