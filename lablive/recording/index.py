"""The sidecar of a trial: where every chunk lies, and its checksum.

``trial-01.xdf.idx`` is written as the trial grows and can be deleted: a scan of the
trial finds the chunks again, only without checksums. Records have a fixed size and a
checksum of their own; a torn or damaged record is dropped and that range is scanned.
Behind the record of a file or stream header lies a copy of that header.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np

from lablive.recording import xdf

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

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

MAGIC: Final = b"LABLIVE INDEX 1\n".ljust(RECORD.itemsize, b"\0")
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


@dataclass(slots=True)
class Records:
    """Chunks of a trial in file order, one contiguous column per property.

    ``rows``, ``first_row`` and the times of first and last row are those of sample
    chunks; ``stream`` is :data:`NO_STREAM` for chunks of none; ``crc`` counts only with
    the flag :data:`HAS_CRC`.
    """

    offset: NDArray[np.int64]
    first_row: NDArray[np.int64]
    t0_s: NDArray[np.float64]
    t1_s: NDArray[np.float64]
    length: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    stream: NDArray[np.uint32]
    crc: NDArray[np.uint32]
    tag: NDArray[np.uint16]
    flags: NDArray[np.uint16]

    def __len__(self) -> int:
        return len(self.offset)

    @classmethod
    def empty(cls, count: int) -> Self:
        """Return room for ``count`` records."""
        # one piece of memory: large ones come in large pages, which cost less
        room, end = np.empty(count * _COLUMN_BYTES, np.uint8), 0
        columns: list[Any] = []
        for dtype in _COLUMNS:  # the widest first: each stays aligned
            start, end = end, end + count * np.dtype(dtype).itemsize
            columns.append(room[start:end].view(dtype))
        return cls(*columns)

    @classmethod
    def together(cls, pieces: list[Self]) -> Self:
        """Return several pieces as one, in file order."""
        order = np.argsort(np.concatenate([p.offset for p in pieces]), kind="stable")
        return cls(
            *(
                np.concatenate([getattr(piece, field.name) for piece in pieces])[order]
                for field in fields(cls)
            )
        )

    def pick(self, which: NDArray[Any] | slice) -> Self:
        """Return some of the records, by mask or by places."""
        cls = type(self)
        return cls(*(getattr(self, field.name)[which] for field in fields(cls)))

    def fill(self, start: int, table: NDArray[np.void]) -> None:
        """Copy records as stored into the columns."""
        for field in fields(type(self)):
            column = getattr(self, field.name)
            column[start : start + len(table)] = table[field.name]


_COLUMNS: Final = (
    np.int64, np.int64, np.float64, np.float64, np.uint32, np.uint32,
    np.uint32, np.uint32, np.uint16, np.uint16,
)  # fmt: skip
_COLUMN_BYTES: Final = sum(np.dtype(dtype).itemsize for dtype in _COLUMNS)


def checksums(records: NDArray[np.void]) -> NDArray[np.uint32]:
    """Return the checksum that every record should carry, shape (records,)."""
    words = records.view("<u8").reshape(len(records), _WORDS)
    total = np.full(len(records), _FACTORS[-1], np.uint64)
    for column in range(_WORDS - 1):
        total += words[:, column] * np.uint64(_FACTORS[column])
    total += (words[:, -1] & _LOW) * np.uint64(_FACTORS[_WORDS - 1])
    total ^= total >> _HALF
    total *= np.uint64(_FACTORS[0])
    return (total >> _HALF).astype(np.uint32)


def sealed(rows: Iterable[tuple[float, ...]]) -> NDArray[np.void]:
    """Return records (fields of RECORD but the last) with their checksums."""
    table = np.array([(*row, 0) for row in rows], RECORD)
    table["check"] = checksums(table)
    return table


def unsealed(rows: list[tuple[float, ...]]) -> Records:
    """Return records (fields of RECORD but the last) for use in memory."""
    records = Records.empty(len(rows))
    records.fill(0, np.array([(*row, 0) for row in rows], RECORD))
    return records


def opening() -> bytes:
    """Return the first bytes of a sidecar."""
    return MAGIC


def padded(data: xdf.Buffer) -> bytes:
    """Fill a header's copy up to whole records."""
    return bytes(data) + bytes(-len(data) % RECORD.itemsize)


def uncovered(records: Records, size: int) -> list[tuple[int, int]]:
    """Return the byte ranges of the trial that no record describes."""
    ends = records.offset + records.length
    holes = np.flatnonzero(records.offset[1:] > ends[:-1])
    found = [(int(ends[k]), int(records.offset[k + 1])) for k in holes]
    first = int(records.offset[0]) if len(records) else size
    last = int(ends[-1]) if len(records) else size
    edges = [(len(xdf.MAGIC), first), *found, (last, size)]
    return [(start, end) for start, end in edges if start < end]
