"""The sidecar of a trial: where every chunk lies, and its checksum.

``trial-01.xdf.idx`` is written as the trial grows and can be deleted: a scan of the
trial finds the chunks again, only without checksums. Records have a fixed size and a
checksum of their own; a torn or damaged record is dropped and that range is scanned.
Behind the record of a file or stream header lies a copy of that header.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.recording import xdf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Records = NDArray[np.void]

RECORD: Final = np.dtype(
    [
        ("offset", "<u8"), ("first_row", "<i8"), ("t0_s", "<f8"), ("t1_s", "<f8"),
        ("length", "<u4"), ("rows", "<u4"), ("stream", "<u4"), ("crc", "<u4"),
        ("tag", "<u2"), ("flags", "<u2"), ("check", "<u4"),
    ]
)  # fmt: skip
HAS_CRC: Final = 1  # the checksum was taken from memory when the chunk was written
COPY_FOLLOWS: Final = 2  # the chunk's own bytes follow the record
AFTER_DAMAGE: Final = 4  # found behind unreadable bytes
NO_STREAM: Final = 0xFFFFFFFF

_MAGIC: Final = b"LABLIVE INDEX 1\n".ljust(RECORD.itemsize, b"\0")
_WORDS: Final = RECORD.itemsize // 8
# odd constants: a change of any single bit changes the sum
_FACTORS: Final = [
    0x9E3779B97F4A7C15 * (2 * k + 1) % (1 << 64) | 1 for k in range(1, 8)
]
_LOW: Final = np.uint64(0xFFFFFFFF)
_HALF: Final = np.uint64(32)


def sidecar(path: Path) -> Path:
    """Return the sidecar's place for a trial file."""
    return path.with_name(f"{path.name}.idx")


def _checksums(records: Records) -> NDArray[np.uint32]:
    """Return the checksum every record should carry."""
    words = records.view("<u8").reshape(len(records), _WORDS)
    total = np.full(len(records), _FACTORS[-1], np.uint64)
    for column in range(_WORDS - 1):
        total += words[:, column] * np.uint64(_FACTORS[column])
    total += (words[:, -1] & _LOW) * np.uint64(_FACTORS[_WORDS - 1])
    total ^= total >> _HALF
    total *= np.uint64(_FACTORS[0])
    return (total >> _HALF).astype(np.uint32)


def sealed(rows: Iterable[tuple[float, ...]]) -> Records:
    """Return records (fields of RECORD but the last) with their checksums."""
    records = np.array([(*row, 0) for row in rows], RECORD)
    records["check"] = _checksums(records)
    return records


class Sidecar(NamedTuple):
    """What could be read of a sidecar.

    ``records`` are in file order, ``headers`` maps a header chunk's place in the
    trial to its copy, ``dropped`` counts unreadable records.
    """

    records: Records
    headers: dict[int, bytes]
    dropped: int


def opening() -> bytes:
    """Return the first bytes of a sidecar."""
    return _MAGIC


def padded(data: xdf.Buffer) -> bytes:
    """Fill a header's copy up to whole records."""
    return bytes(data) + bytes(-len(data) % RECORD.itemsize)


def read_sidecar(path: Path) -> Sidecar | None:
    """Read a sidecar; None when there is none or nothing of it is readable."""
    try:
        data = np.fromfile(path, np.uint8)
    except OSError:
        return None
    whole = len(data) // RECORD.itemsize * RECORD.itemsize
    if whole <= len(_MAGIC) or data[: len(_MAGIC)].tobytes() != _MAGIC:
        return None
    records = data[len(_MAGIC) : whole].view(RECORD)
    good = _checksums(records) == records["check"]
    headers, is_copy = _copies(records, good)
    good &= ~is_copy
    dropped = len(records) - int(good.sum()) - int(is_copy.sum())
    kept = records if good.all() else records[good]
    if not (kept["offset"][1:] >= kept["offset"][:-1] + kept["length"][:-1]).all():
        return None  # not an account of one growing file
    return Sidecar(kept, headers, dropped) if len(kept) else None


def _copies(
    records: Records, good: NDArray[np.bool_]
) -> tuple[dict[int, bytes], NDArray[np.bool_]]:
    """Return the header copies and which records are their bytes."""
    headers: dict[int, bytes] = {}
    is_copy = np.zeros(len(records), bool)
    for place in np.flatnonzero(good & (records["flags"] & COPY_FOLLOWS != 0)):
        if is_copy[place]:
            continue
        record = records[place]
        length = int(record["length"])
        slots = -(-length // RECORD.itemsize)
        is_copy[place + 1 : place + 1 + slots] = True
        copy = records[place + 1 : place + 1 + slots].tobytes()[:length]
        if len(copy) == length and zlib.crc32(copy) == record["crc"]:
            headers[int(record["offset"])] = copy
    return headers, is_copy


def uncovered(records: Records, size: int) -> list[tuple[int, int]]:
    """Return the byte ranges of the trial that no record describes."""
    ends = np.concatenate([[len(xdf.MAGIC)], records["offset"] + records["length"]])
    starts = np.concatenate([records["offset"], [size]])
    holes = np.flatnonzero(starts > ends)
    return [(int(ends[k]), int(starts[k])) for k in holes]
