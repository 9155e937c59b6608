"""Captured bytes to rows.

As a program: ``python -m drivers.decode --profile P --in FILE --json OUT``. The file
holds bytes, hexadecimal text (one line = one read or datagram), or what the host kept
of a device (``raw_bytes.py``), which needs no profile.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from drivers.base import READ_S
from drivers.capture import Piece, as_arrived, is_plain, read_pieces
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

_SCHEMA: Final = 1


class _Result:
    """Rows, gaps and counts of every stream, put together over all openings."""

    def __init__(self) -> None:
        self.streams: dict[str, dict[str, Any]] = {}
        self.wire: dict[str, int] = dict.fromkeys(
            ("frames", "checksum_errors", "skipped_bytes", "unknown_types",
             "short_frames", "bad_lines", "odd_lines", "overflows", "late",
             "incomplete_rows"), 0
        )  # fmt: skip
        self.hint = ""
        self.seen_by: dict[str, str] = {}
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
                "loss_seen_by": self.seen_by.get(info.name, "silence"),
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
    pieces: Iterable[Piece],
    name: str,
    *,
    live: bool,
    known: ProfileDecoder | None = None,
) -> tuple[_Result, ProfileDecoder | None]:
    """Decode reads in their order.

    Parameters
    ----------
    pieces
        Reads; the first one carries a profile.
    name
        The driver or profile: some drivers find frames in their own way.
    live
        The bytes came over a wire just opened, at the times told.
    known
        A decoder that has seen these bytes: what it learned of the device's pace.

    Returns
    -------
    tuple
        What was found, and the last decoder.
    """
    result = _Result()
    decoder: ProfileDecoder | None = None
    last_s = 0.0
    for piece, data in _reads(pieces, live=live):
        if piece.profile is not None:
            if decoder is not None:
                result.add(decoder.finish(last_s), decoder)
                result.close(decoder)
            profile = piece.profile
            result.seen_by |= _seen_by(profile)
            framer = framer_of(name, profile, live=live)
            decoder = ProfileDecoder(
                profile, stream_infos(profile), live=live, framer=framer
            )
            if not live:
                decoder.without_arrivals(known)
        elif decoder is not None:
            if live and piece.arrival_s - last_s > READ_S:
                result.add(decoder.idle(piece.arrival_s), decoder)
            result.add(decoder.feed(data, piece.arrival_s), decoder)
        last_s = piece.arrival_s
    if decoder is not None:
        result.add(decoder.finish(last_s), decoder)
        result.close(decoder)
    return result, decoder


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
        another = profile_name not in ("", own, spec.driver)
        given = (
            profile_of(name, [piece.data for piece in kept], rate_hz)
            if another
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
        name, lines = profile_name, read_pieces(file, data)
        profile = profile_of(name, lines, rate_hz)
        if profile.framing.is_text and not is_plain(b"".join(lines)):
            lines = [data]  # numbers that happen to be pairs of digits
        pieces = as_arrived(profile, lines)
    if by_message:
        pieces = (
            piece._replace(profile=_every_field(piece.profile))
            if piece.profile
            else piece
            for piece in pieces
        )
    reads = list(pieces)
    result, known = decode(reads, name, live=captured)
    if not captured:  # the pace of the device is learned first, or early losses hide
        result, _ = decode(reads, name, live=False, known=known)
    return {
        "schema": _SCHEMA,
        "file": str(file),
        "profile": name,
        "times": "lab clock" if captured else "device, from 0 s",
        "wire": result.wire | {"hint": result.hint},
        "streams": result.plain(),
    }


def _reads(
    pieces: Iterable[Piece], *, live: bool
) -> Iterator[tuple[Piece, list[bytes]]]:
    """Yield each read with its pieces: datagrams of one read came at one time."""
    last: Piece | None = None
    data: list[bytes] = []
    for piece in pieces:
        if last is not None:
            same = live and piece.arrival_s == last.arrival_s
            if not same or piece.profile is not None or last.profile is not None:
                yield last, data
                data = []
        last = piece
        data.append(piece.data)
    if last is not None:
        yield last, data


def _seen_by(profile: Profile) -> dict[str, str]:
    """Return what tells the losses of each stream: counter, clock or silence."""
    told: dict[str, str] = {}
    for stream in profile.streams:
        lead = profile.message(stream.message)
        counter, clock = profile.counter, profile.clock
        if lead and counter and counter.bits and lead.find(counter.field):
            told[stream.name] = "counter"
        elif lead and clock and lead.find(clock.field):
            told[stream.name] = "clock"
    return told


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


def _loss_line(stream: dict[str, Any]) -> str:
    told = f"{stream['name']}: {stream['rows']} rows, "
    if stream["loss_seen_by"] == "silence":
        return told + "loss cannot be counted on this device"
    about = "" if stream["lost_is_exact"] else "about "
    return f"{told}{about}{stream['lost']} lost, seen by its {stream['loss_seen_by']}"


def _summary(found: dict[str, Any]) -> str:
    lines = [_loss_line(stream) for stream in found["streams"]]
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
