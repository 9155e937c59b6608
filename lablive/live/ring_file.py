"""The file behind a ring: where everything lies, how it is made and opened.

Counters (8-byte integers, those that change on cache lines of their own), StreamInfo
as JSON, gap records, times, values; each part begins on a page.
"""

from __future__ import annotations

import math
import mmap
import struct
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import msgspec
import numpy as np

from lablive.errors import LinkError
from lablive.messages import Gap, StreamInfo
from lablive.structs import from_json

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.messages import GapKind

IRREGULAR_ROWS: Final = 4096  # capacity of a stream without a rate
GAP_SLOTS: Final = 1024
MAX_BYTES: Final = 2 << 30  # a stream that asks for more states a wrong rate

TIME: Final = np.dtype(np.float64)
DTYPES: Final = {"float32": np.dtype(np.float32), "double64": TIME}
# index of each counter in the header
ANNOUNCE, PUBLISH, GAP_ANNOUNCE, GAP_PUBLISH = 8, 9, 16, 17
_KIND, _CAPACITY, _JSON_BYTES = 0, 1, 2
_MAGIC: Final = int.from_bytes(b"LL-RING1", "little")
_PAGE: Final = 4096
_COUNTERS: Final = 512  # bytes before the JSON
_ZEROS: Final = bytes(1 << 20)
# stream, after_row, t_s, duration_s, rows_lost (-1: unknown), kind, why (UTF-8)
_GAP: Final = struct.Struct("<qqddq8s208s")
GAP_BYTES: Final = _GAP.size
_ELSE: Final = "Streams that are open already go on."


class Layout(NamedTuple):
    """Where the parts of a ring file begin, in bytes, and how many rows it holds."""

    capacity: int
    gaps: int
    t: int
    x: int
    size: int


def _layout(info: StreamInfo, capacity: int, json_bytes: int) -> Layout:
    def page(position: int) -> int:
        return -(-position // _PAGE) * _PAGE

    gaps = page(_COUNTERS + json_bytes)
    t = page(gaps + GAP_SLOTS * GAP_BYTES)
    x = page(t + 2 * capacity * TIME.itemsize)
    row_bytes = len(info.channels) * DTYPES[info.sample_format].itemsize
    return Layout(capacity, gaps, t, x, page(x + 2 * capacity * row_bytes))


def create(path: Path, info: StreamInfo, seconds: float) -> tuple[mmap.mmap, Layout]:
    """Make and map the ring file of a stream that keeps ``seconds`` of it.

    Raises
    ------
    LinkError
        The file exists, there is no room for it, or the rate is absurd.
    """
    json = msgspec.json.encode(info)
    at = _layout(info, _capacity(info, seconds), len(json))
    if at.size > MAX_BYTES:
        raise _wrong_rate(info)
    ring = _zeros(path, at.size)
    ring[_COUNTERS : _COUNTERS + len(json)] = json
    with counters(ring) as head:
        head[_CAPACITY], head[_JSON_BYTES] = at.capacity, len(json)
        head[_KIND] = _MAGIC  # last: from now on readers accept the file
    return ring, at


def open_for_reading(path: Path) -> tuple[mmap.mmap, Layout, StreamInfo]:
    """Map an existing ring file, after checking that it is one.

    Raises
    ------
    LinkError
        The file is missing, foreign, cut or of another version.
    """
    try:
        with path.open("rb") as file:
            ring = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # ValueError: an empty file
        raise _unreadable(path, str(error)) from error
    if len(ring) < _PAGE:
        raise _unreadable(path, f"only {len(ring)} bytes")
    with counters(ring) as head:
        kind, capacity, json_bytes = head[_KIND], head[_CAPACITY], head[_JSON_BYTES]
    if kind != _MAGIC:
        raise _unreadable(path, "not a ring of this version, or not finished")
    try:
        json = ring[_COUNTERS : _COUNTERS + json_bytes]
        info = from_json(json, StreamInfo)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _unreadable(path, f"damaged header: {error}") from error
    at = _layout(info, capacity, json_bytes)
    if capacity < 1 or at.size != len(ring):
        raise _unreadable(path, f"{len(ring)} bytes where {at.size} are due")
    return ring, at, info


def counters(ring: mmap.mmap) -> memoryview[int]:
    """Return the counters, one processor instruction each to read or set."""
    return memoryview(ring)[:_COUNTERS].cast("q")


def pack_gap(gap: Gap) -> bytes:
    """Return the record of a gap; of ``why`` it keeps 208 bytes."""
    lost = -1 if gap.rows_lost is None else gap.rows_lost
    why = gap.why.encode()[:208].decode(errors="ignore").encode()
    numbers = (gap.stream, gap.after_row, gap.t_s, gap.duration_s, lost)
    return _GAP.pack(*numbers, gap.kind.encode(), why)


def unpack_gap(record: bytes) -> Gap:
    """Return the gap of a record."""
    stream, after_row, t_s, duration_s, lost, kind, why = _GAP.unpack(record)
    return Gap(
        stream=stream,
        after_row=after_row,
        t_s=t_s,
        duration_s=duration_s,
        rows_lost=None if lost < 0 else lost,
        kind=cast("GapKind", kind.rstrip(b"\0").decode()),
        why=why.rstrip(b"\0").decode(),
    )


def _capacity(info: StreamInfo, seconds: float) -> int:
    rows = seconds * info.rate_hz
    if not 0 <= rows < math.inf:
        raise _wrong_rate(info)
    return math.ceil(rows) or IRREGULAR_ROWS


def _zeros(path: Path, size: int) -> mmap.mmap:
    """Make a private file of zeros and map it.

    Every byte is written, because a hole in the file that the disk cannot fill later
    kills the program that touches it (SIGBUS).
    """
    try:
        path.touch(0o600, exist_ok=False)
        with path.open("rb+", buffering=0) as file:
            for start in range(0, size, len(_ZEROS)):
                file.write(_ZEROS[: size - start])
            return mmap.mmap(file.fileno(), size)
    except FileExistsError as error:
        raise LinkError(
            f"{path}: exists already; a ring is never written over.",
            still=_ELSE,
            todo="Close every other LabLive and delete the folder of that file.",
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a short write, then the map
        path.unlink(missing_ok=True)
        raise LinkError(
            f"{path}: no ring of {size / 1e6:.1f} MB can be made: {error}.",
            still=_ELSE,
            todo="Make room on that disk, or set LABLIVE_RUN to a folder elsewhere.",
        ) from error


def _wrong_rate(info: StreamInfo) -> LinkError:
    return LinkError(
        f"Stream {info.name!r} states {info.rate_hz:g} Hz with {len(info.channels)} "
        "channels: no ring can hold that.",
        still=_ELSE,
        todo="Check the rate that the device states.",
    )


def _unreadable(path: Path, why: str) -> LinkError:
    return LinkError(
        f"{path}: cannot be read as a live stream: {why}.",
        still="The recording is not affected.",
        todo="Restart the app; if it stays, restart the recording program (host).",
    )
