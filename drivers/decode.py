"""Captured bytes to rows.

As a program: ``python -m drivers.decode --profile P --in FILE --json OUT``. The file
holds bytes, hexadecimal text (one line = one read or datagram), or what the host kept
of a device (``raw_bytes.py``), which needs no profile.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from drivers.base import READ_S
from drivers.offline import framer_of, profile_of
from drivers.profile import Stream
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.raw_bytes import is_raw, read_raw
from lablive.errors import ConfigError, LabLiveError
from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.base import StreamTally
    from drivers.profile import Profile

_HEX_SUFFIXES: Final = (".txt", ".hex")
_SEPARATORS: Final = re.compile(r"0[xX]|\\x|[\s,:;-]+")
_COMMENT: Final = re.compile(r"#.*")
_BITS_PER_BYTE: Final = 10  # 8N1
_READ_BYTES: Final = 64
_UNKNOWN_BPS: Final = 921600
_SCHEMA: Final = 1


class Piece(NamedTuple):
    """One read or datagram; a profile = the wire was opened, and this is sent on it."""

    arrival_s: float
    data: bytes
    profile: Profile | None = None


class _Result:
    """Rows, gaps and counts of every stream, put together over all openings."""

    def __init__(self) -> None:
        self.streams: dict[str, dict[str, Any]] = {}
        self.wire: dict[str, int] = dict.fromkeys(
            ("frames", "checksum_errors", "skipped_bytes", "unknown_types",
             "short_frames", "bad_lines", "overflows", "late", "incomplete_rows"), 0
        )  # fmt: skip
        self.hint = ""
        self._parts: dict[str, list[Chunk]] = {}

    def add(self, out: Iterable[Chunk | Gap], decoder: ProfileDecoder) -> None:
        """Take rows and gaps."""
        for item in out:
            info = decoder.tallies[item.stream].info
            if isinstance(item, Chunk):
                self._parts.setdefault(info.name, []).append(item)
                continue
            told = msgspec.to_builtins(item)
            del told["stream"]
            told["after_row"] += self._stream(decoder.tallies[item.stream])["base"]
            self.streams[info.name]["gaps"].append(told)

    def close(self, decoder: ProfileDecoder) -> None:
        """Take the counts of a decoder whose bytes are at an end."""
        total = decoder.startup.plus(decoder.stats)
        told = msgspec.to_builtins(total)
        told |= {"late": decoder.late, "incomplete_rows": decoder.incomplete_rows}
        for key in self.wire:
            self.wire[key] += told[key]
        self.hint = decoder.hint or self.hint
        for tally in decoder.tallies:
            stream = self._stream(tally)
            stream["lost"] += tally.lost
            stream["lost_is_exact"] &= tally.lost_is_exact
            stream["duplicates"] += tally.duplicates
            stream["rows"] += tally.rows
            stream["base"] = stream["rows"]

    def _stream(self, tally: StreamTally) -> dict[str, Any]:
        info = tally.info
        return self.streams.setdefault(
            info.name,
            {
                "name": info.name,
                "type": info.type,
                "rate_hz": info.rate_hz,
                "channels": msgspec.to_builtins(info.channels),
                "loss_is_seen": info.counter_bits > 0,
                "rows": 0,
                "lost": 0,
                "lost_is_exact": True,
                "duplicates": 0,
                "gaps": [],
                "base": 0,
            },
        )

    def plain(self) -> list[dict[str, Any]]:
        """Return the streams with their rows; missing values are null."""
        for name, stream in self.streams.items():
            del stream["base"]
            parts = self._parts.get(name, [])
            counters = [part.counter for part in parts if part.counter is not None]
            stream["t_s"] = _list([part.t_s for part in parts])
            stream["counter"] = _list(counters)
            stream["x"] = _list([part.x for part in parts])
        return list(self.streams.values())


def decode(
    pieces: Iterable[Piece], name: str, *, live: bool
) -> tuple[list[dict[str, Any]], dict[str, int], str]:
    """Decode reads in their order.

    Parameters
    ----------
    pieces
        Reads; the first one carries a profile.
    name
        The driver or profile: some drivers find frames in their own way.
    live
        The bytes begin in mid-frame, as on a wire just opened.

    Returns
    -------
    tuple
        Streams as plain data, counts of the wire, why lines were refused.
    """
    result = _Result()
    decoder: ProfileDecoder | None = None
    last_s = 0.0
    for piece in pieces:
        if piece.profile is not None:
            if decoder is not None:
                result.add(decoder.finish(last_s), decoder)
                result.close(decoder)
            profile = piece.profile
            framer = framer_of(name, profile, live=live)
            decoder = ProfileDecoder(
                profile, stream_infos(profile), live=live, framer=framer
            )
        elif decoder is not None:
            if live and piece.arrival_s - last_s > READ_S:
                result.add(decoder.idle(piece.arrival_s), decoder)
            result.add(decoder.feed([piece.data], piece.arrival_s), decoder)
        last_s = piece.arrival_s
    if decoder is not None:
        result.add(decoder.finish(last_s), decoder)
        result.close(decoder)
    return result.plain(), result.wire, result.hint


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
            if file.suffix.lower() == ".txt" and _is_plain(data):
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


def decode_file(
    file: Path,
    profile_name: str = "",
    rate_hz: float = 0.0,
    *,
    by_message: bool = False,
) -> dict[str, Any]:
    """Decode a capture.

    Parameters
    ----------
    file
        Bytes, hexadecimal text, or raw bytes kept by the host.
    profile_name
        A profile or driver; "" = what the host's file says.
    rate_hz
        Rows per second where the bytes do not tell; 0 = as the profile says.
    by_message
        A stream of every field per message, instead of the profile's streams.

    Returns
    -------
    dict
        As docs/devices.md describes.

    Raises
    ------
    ConfigError
        The file cannot be read, or no profile is named, or it is wrong.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror or error}).",
            todo="Check its path.",
        ) from error
    captured = is_raw(data)
    if captured:
        header, records = read_raw(data, str(file))
        spec = header.source
        own = str(spec.options.get("profile", "")) if spec.driver == "profile" else ""
        name = profile_name or own or spec.driver
        kept = [Piece(*record) for record in records]
        given = (
            profile_of(name, [piece.data for piece in kept], rate_hz)
            if profile_name
            else None
        )
        pieces: Iterable[Piece] = (
            piece._replace(profile=given) if piece.profile and given else piece
            for piece in kept
        )
    elif not profile_name:
        raise ConfigError(
            f"{file} does not say which device its bytes are of.",
            todo="Name it: --profile witmotion_wt901, or the path of a TOML file.",
        )
    else:
        name, reads = profile_name, read_pieces(file, data)
        profile = profile_of(name, reads, rate_hz)
        if profile.framing.is_text and not _is_plain(b"".join(reads)):
            reads = [data]  # numbers that happen to be pairs of digits
        pieces = as_arrived(profile, reads)
    if by_message:
        pieces = (
            piece._replace(profile=_every_field(piece.profile))
            if piece.profile
            else piece
            for piece in pieces
        )
    streams, wire, hint = decode(pieces, name, live=captured)
    return {
        "schema": _SCHEMA,
        "file": str(file),
        "profile": name,
        "times": "lab clock" if captured else "from the first byte, without pauses",
        "wire": wire | {"hint": hint},
        "streams": streams,
    }


def _every_field(profile: Profile) -> Profile:
    streams = tuple(
        Stream(
            name=message.name,
            message=message.name,
            fields=tuple(field.name for field in message.fields),
        )
        for message in profile.messages
        if message.fields
    )
    return msgspec.structs.replace(profile, streams=streams)


def _is_plain(data: bytes) -> bool:
    return all(byte in b"\t\r\n" or 0x20 <= byte < 0x7F for byte in data)


def _list(parts: list[Any]) -> list[Any]:
    """Return arrays one behind the other as lists, NaN as None."""
    if not parts:
        return []
    whole = np.concatenate(parts)
    if whole.dtype == np.float32:  # the shortest number that is this float32
        return [[None if v != v else float(str(v)) for v in row] for row in whole]
    if whole.ndim == 1:
        return whole.tolist()
    return [[None if v != v else v for v in row] for row in whole.tolist()]


def main(arguments: list[str] | None = None) -> int:
    """Decode; exit code 0, 1 when no row was found, 2 for a message instead."""
    parser = argparse.ArgumentParser(
        prog="python -m drivers.decode", description="Captured bytes to rows."
    )
    parser.add_argument("--profile", default="", help="profile, its file, or driver")
    parser.add_argument("--in", dest="file", type=Path, required=True)
    parser.add_argument("--json", dest="out", default="-", help="- for the screen")
    parser.add_argument("--messages", action="store_true", help="every field")
    parser.add_argument("--rate", type=float, default=0.0, help="rows per second")
    options = parser.parse_args(arguments)
    try:
        found = decode_file(
            options.file, options.profile, options.rate, by_message=options.messages
        )
        text = msgspec.json.format(msgspec.json.encode(found), indent=1).decode() + "\n"
        if options.out == "-":
            sys.stdout.write(text)
        else:
            _write(Path(options.out), text)
            sys.stderr.write(_summary(found))
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0 if any(stream["rows"] for stream in found["streams"]) else 1


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written ({error.strerror}).",
            todo="Choose another place for the result.",
        ) from error


def _summary(found: dict[str, Any]) -> str:
    lines = [
        f"{stream['name']}: {stream['rows']} rows, "
        + (
            f"{'' if stream['lost_is_exact'] else 'about '}{stream['lost']} lost"
            if stream["loss_is_seen"]
            else "loss cannot be seen on this device"
        )
        for stream in found["streams"]
    ]
    wire = found["wire"]
    lines.append(
        f"{wire['frames']} frames, {wire['checksum_errors']} wrong checksums, "
        f"{wire['bad_lines']} lines refused, {wire['skipped_bytes']} bytes skipped"
    )
    if wire["hint"]:
        lines.append(f"Refused because: {wire['hint']}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
