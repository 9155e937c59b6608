"""The bytes of a device as they came, kept beside the trial when asked for.

A file ``<trial>-<source>.raw`` is one line of JSON about the source, then records:
arrival on the lab clock (f64, s), kind (one letter) and length (u32), little-endian,
then that many bytes. Kind ``O``: the wire was opened; the bytes are the profile as
JSON. Kind ``B``: one read, or one datagram. ``python -m drivers.decode`` reads it.
"""

from __future__ import annotations

import logging
import re
import struct
import threading
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from drivers.profile import Profile
from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.messages import SourceSpec
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import FileIO
    from pathlib import Path

log = logging.getLogger(__name__)

SUFFIX: Final = ".raw"
_EVERY_S: Final = 0.1
_CLOSE_S: Final = 2.0
_MOST_BYTES: Final = 64 << 20  # held for a disk that stands still
_RECORD: Final = struct.Struct("<dcI")
_UNSAFE: Final = re.compile(r"[^\w.-]+")


class RawHeader(msgspec.Struct, frozen=True, kw_only=True):
    """First line of a file: what was opened, and with which version of the format."""

    lablive_raw: Literal[1]
    source: SourceSpec


class RawRecord(NamedTuple):
    """One record: arrival, and bytes or the profile of a wire just opened."""

    arrival_s: float
    data: bytes
    profile: Profile | None = None


class RawTap:
    """Keep the bytes of one source while a recording runs.

    The driver's thread only appends; a thread of the tap's own writes ten times a
    second. When the trial's folder fails, the file goes on in the spill folder; when
    that fails, too, this file ends, never the recording.

    Parameters
    ----------
    spec
        The source, for the header of the file.

    Attributes
    ----------
    fault
        Why bytes are missing in the file; "" = none are.
    moved
        Where bytes go since the trial's folder failed, and why; "" = it has not.
    path
        The newest file of the running or last recording; None = there was none.
    """

    def __init__(self, spec: SourceSpec) -> None:
        self._spec = spec
        self._lock = threading.Lock()
        self._opened = b""  # the newest record of kind O
        self._waiting: list[bytes] = []
        self._held = 0
        self._stop: threading.Event | None = None
        self._thread: threading.Thread | None = None
        self.fault = self.moved = ""
        self.path: Path | None = None

    def opened(self, profile: Profile) -> None:
        """Note that the wire was opened and what its bytes are."""
        told = msgspec.json.encode(profile)
        self._opened = _RECORD.pack(now_s(), b"O", len(told)) + told
        self._keep((self._opened,))

    def took(self, pieces: Iterable[bytes], arrival_s: float) -> None:
        """Keep what was read at ``arrival_s``."""
        if self._stop is not None:
            self._keep(
                [_RECORD.pack(arrival_s, b"B", len(p)) + bytes(p) for p in pieces]
            )

    def begin(self, trial: Path, spill: Path | None = None) -> None:
        """Write everything that comes from now on beside ``trial``, or in ``spill``."""
        self.end()
        places = _places(trial, _UNSAFE.sub("_", self._spec.id), spill)
        self.path = places[0]
        stop = threading.Event()
        with self._lock:
            self.fault = self.moved = ""
            opened, self._waiting, self._held = self._opened, [], 0
            self._stop = stop
        self._thread = threading.Thread(
            target=self._write,
            args=(places, opened, stop),
            name="raw bytes",
            daemon=True,
        )
        self._thread.start()

    def stop(self) -> None:
        """Take no more bytes; :meth:`end` waits until those here are written."""
        with self._lock:
            stop, self._stop = self._stop, None
        if stop is not None:
            stop.set()

    def end(self) -> None:
        """Write what is waiting and close the file."""
        self.stop()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(_CLOSE_S)

    def _keep(self, records: Iterable[bytes]) -> None:
        with self._lock:
            if self._stop is None or self.fault:
                return
            for record in records:
                self._waiting.append(record)
                self._held += len(record)
            if self._held > _MOST_BYTES:
                self._fail("the disk does not keep up")

    def _write(self, places: list[Path], opened: bytes, stop: threading.Event) -> None:
        """Write into the first of ``places`` that takes it, then into the next.

        ``opened`` is the record of the opening before what comes.
        """
        line = msgspec.json.encode(RawHeader(lablive_raw=1, source=self._spec)) + b"\n"
        waiting: list[bytes] = []
        why = ""
        for place in places:
            try:
                with place.open("xb", buffering=0) as file:
                    if why:
                        self.moved = f"Raw bytes go on in {place} ({why})."
                        log.warning("source %s: %s", self._spec.id, self.moved)
                    self.path = place
                    _write_all(file, [line + opened])
                    ended = False
                    while not ended:
                        ended = stop.wait(_EVERY_S)
                        with self._lock:
                            waiting += self._waiting
                            self._waiting, self._held = [], 0
                        newest = [r for r in waiting if _kind(r) == b"O"][-1:]
                        _write_all(file, waiting)
                        opened = (newest or [opened])[0]
            except OSError as error:
                why = error.strerror or str(error)
            else:
                return
        with self._lock:
            self._fail(why)

    def _fail(self, why: str) -> None:
        self.fault = f"Raw bytes are not kept ({why}); the recording itself goes on."
        self._waiting, self._held = [], 0
        log.warning("source %s: %s", self._spec.id, self.fault)


def _places(trial: Path, source: str, spill: Path | None) -> list[Path]:
    """Return where a source's file may be, the best place first."""
    name = f"{trial.stem}-{source}"
    found = [trial.with_name(name + SUFFIX)]
    if spill is not None:
        found += [spill / f"{name}{end}{SUFFIX}" for end in ("", "-part2")]
    return found


def _kind(record: bytes) -> bytes:
    return record[8:9]


def _write_all(file: FileIO, records: list[bytes]) -> None:
    """Write records and take them off the list; what failed stays in it."""
    left = memoryview(b"".join(records))
    size = len(left)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError:
        done = size - len(left)
        while records and done >= len(records[0]):
            done -= len(records.pop(0))
        raise
    records.clear()


def is_raw(data: bytes) -> bool:
    """Tell whether bytes are a file of this kind."""
    return data.startswith(b'{"lablive_raw":')


def read_raw(data: bytes, name: str) -> tuple[RawHeader, Iterator[RawRecord]]:
    """Read a file; a record cut short at its end is left out.

    Raises
    ------
    ConfigError
        The first line, or the profile of an opening, is not readable.
    """
    line, newline, _ = data.partition(b"\n")
    try:
        header = from_json(line, RawHeader)
    except msgspec.DecodeError as error:
        raise _damaged(name, str(error)) from error
    return header, _records(data, len(line) + len(newline), name)


def _records(data: bytes, at: int, name: str) -> Iterator[RawRecord]:
    while at + _RECORD.size <= len(data):
        arrival_s, kind, size = _RECORD.unpack_from(data, at)
        start = at + _RECORD.size
        at = start + size
        if at > len(data):
            return
        body = data[start:at]
        if kind == b"B":
            yield RawRecord(arrival_s, body)
        elif kind == b"O":
            try:
                yield RawRecord(arrival_s, b"", from_json(body, Profile))
            except msgspec.DecodeError as error:
                raise _damaged(name, str(error)) from error
        else:
            raise _damaged(name, f"byte {start - _RECORD.size} begins no record")


def _damaged(name: str, why: str) -> ConfigError:
    return ConfigError(
        f"{name} is no whole file of raw bytes ({why}).",
        todo="Copy it again from the computer that recorded it.",
    )
