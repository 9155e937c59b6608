"""Read a trial's sidecar without keeping it: its records, a page at a time.

An hour has half a million records. Opening looks at each once and keeps who owns it and
which times a page spans; a window reads the pages it needs again. Memory never used
before is what a first opening pays most for.
"""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.recording import index, xdf
from lablive.recording.companions import MAX_STREAMS
from lablive.recording.index import MAGIC, NO_STREAM, RECORD, Records, checksums

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from lablive.recording.pages import Pages

    Table = NDArray[np.void]

_PAGE: Final = 8192  # records; the many passes over a page stay in the cache
_KEPT: Final = 6  # pages in memory
_PROBES: Final = 1024  # chunks of which one must be as the sidecar says
_FLIPPED: Final = 16  # bits; headers of two recordings differ in many more (their ids)


class Sidecar:
    """What could be read of a sidecar.

    Attributes
    ----------
    headers
        Copies of header chunks by their place in the trial.
    dropped
        Unreadable records.
    owner
        Stream of every record with rows, :data:`~lablive.recording.index.NO_STREAM` for
        others, shape (records,).
    footers
        Streams that have a footer.
    heads
        Where the headers stand among the records.
    is_plain
        True when the chunks follow one another without a hole, each with a checksum.
    end
        Behind the last chunk, bytes.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._close = weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, Table] = OrderedDict()
        self._slots = os.fstat(self._file.fileno()).st_size // RECORD.itemsize - 1
        self._last: tuple[float, float, NDArray[np.intp]] | None = None
        self.headers: dict[int, bytes] = {}
        self.dropped = 0
        self.footers: set[int] = set()
        self.heads: NDArray[np.intp] = np.empty(0, np.intp)
        self.is_plain = True
        self.end = len(xdf.MAGIC)
        self.owner: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._first: NDArray[np.int64] = np.zeros(1, np.int64)
        self._t0_s: NDArray[np.float64] = np.empty(0)
        self._t1_s: NDArray[np.float64] = np.empty(0)

    def __len__(self) -> int:
        return int(self._first[-1])

    def look(self) -> bool:
        """Read all of it once; False when nothing is readable or it makes no sense."""
        if self._slots <= 0 or self._bytes(0, len(MAGIC)) != MAGIC:
            return False
        owner = np.empty(self._slots, np.uint32)
        first, spans, heads = [0], [], []
        copied: list[tuple[int, int, int, int]] = []  # slot, offset, length, checksum
        for number, table in self._pages():
            good = checksums(table) == table["check"]
            has_copy = good & (table["flags"] & index.COPY_FOLLOWS != 0)
            for k in np.flatnonzero(has_copy).tolist() if has_copy.any() else ():
                place = table[["offset", "length", "crc"]][k].tolist()
                copied.append((number * _PAGE + k + 1, *place))
            table = table if good.all() else table[good]
            behind = first[-1] + len(table)
            first.append(behind)
            if not len(table):
                spans.append((np.inf, -np.inf))
                continue
            if not self._follows(table):
                return False
            tag = table["tag"]
            has_rows = (tag == xdf.SAMPLES) & (table["rows"] > 0)
            streams = table["stream"]
            owner[first[-2] : behind] = np.where(has_rows, streams, NO_STREAM)
            heads.append(np.flatnonzero(tag <= xdf.STREAM_HEADER) + first[-2])
            self.footers.update(streams[tag == xdf.STREAM_FOOTER].tolist())
            spans.append(_span(table, has_rows))
        if not first[-1]:
            return False
        self.owner = owner[: first[-1]]
        self.heads = np.concatenate(heads)
        self._first = np.array(first)
        self._t0_s, self._t1_s = np.array(spans).T
        slots = self._take_copies(copied)
        self.dropped = self._slots - len(self) - slots
        return True

    def _follows(self, table: Table) -> bool:
        """Take note of where chunks end; False when they overlap."""
        offset = table["offset"].astype(np.int64)
        ends = offset + table["length"]
        if offset[0] < self.end or (offset[1:] < ends[:-1]).any():
            return False  # not an account of one growing file
        self.is_plain &= bool(
            offset[0] == self.end
            and (offset[1:] == ends[:-1]).all()
            and (table["flags"] & index.HAS_CRC).all()
        )
        self.end = int(ends[-1])
        return True

    def _take_copies(self, copied: list[tuple[int, int, int, int]]) -> int:
        """Read the copies of headers; return the slots they fill."""
        slots = 0
        for slot, offset, length, crc in copied:
            copy = self._bytes(slot + 1, length)
            slots += -(-len(copy) // RECORD.itemsize)
            if len(copy) == length and zlib.crc32(copy) == crc:
                self.headers[offset] = copy
        return slots

    def describes(self, pages: Pages) -> bool:
        """Tell whether this belongs to a file: same header, or a chunk the same.

        More doubt would cost a badly damaged file its checksums.
        """
        copy = self.headers.get(len(xdf.MAGIC))
        if copy and _is_nearly(pages.read(len(xdf.MAGIC), len(copy)), copy):
            return True
        # the header is damaged, or this is the index of another file
        records = self.everything()
        has_rows = (records.tag == xdf.SAMPLES) & (records.stream < MAX_STREAMS)
        is_inside = records.offset + records.length <= pages.size
        inside = np.flatnonzero(is_inside & has_rows)
        probes = inside[:: -(-len(inside) // _PROBES) or 1]
        return any(
            zlib.crc32(pages.read(offset, length)) == crc
            for offset, length, crc in places(self.pick(probes))
        )

    # ------------------------------------------------------------------ read

    def everything(self) -> Records:
        """Return all records, each property as one column."""
        records = Records.empty(len(self))
        for number, table in self._pages():
            begin = int(self._first[number])
            records.fill(begin, self._readable(number, table))
        return records

    def row_counts(self) -> NDArray[np.uint32]:
        """Return the rows of every record, shape (records,)."""
        counts = np.zeros(len(self), np.uint32)
        for number, table in self._pages():
            begin, end = self._first[number : number + 2]
            counts[begin:end] = self._readable(number, table)["rows"]
        return counts

    def pick(self, places: NDArray[np.integer]) -> Table:
        """Return some records as stored, by ascending places."""
        if not len(places):
            return np.empty(0, RECORD)
        pages = np.searchsorted(self._first, places[[0, -1]], side="right") - 1
        if pages[0] == pages[1]:
            return self._page(int(pages[0]))[places - self._first[pages[0]]]
        page = np.searchsorted(self._first, places, side="right") - 1
        return np.concatenate(
            [
                self._page(number)[places[page == number] - self._first[number]]
                for number in np.unique(page).tolist()
            ]
        )

    def within(self, t0_s: float, t1_s: float) -> NDArray[np.intp]:
        """Return where the records of all streams lie that touch ``t0_s <= t < t1_s``.

        Ascending; records without rows may be among them.
        """
        if self._last is not None and self._last[:2] == (t0_s, t1_s):
            return self._last[2]  # the streams of a trial are asked one by one
        found = [np.empty(0, np.intp)]
        pages = np.flatnonzero((self._t1_s >= t0_s) & (self._t0_s < t1_s))
        for number in pages.tolist():
            table = self._page(number)
            inside = (table["t1_s"] >= t0_s) & (table["t0_s"] < t1_s)
            found.append(np.flatnonzero(inside) + int(self._first[number]))
        places = np.concatenate(found)
        self._last = t0_s, t1_s, places
        return places

    def _page(self, number: int) -> Table:
        with self._lock:
            table = self._kept.get(number)
            if table is not None:
                self._kept.move_to_end(number)
                return table
        table = self._readable(number, self._stored(number, np.empty(_PAGE, RECORD)))
        with self._lock:
            self._kept[number] = table
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return table

    def _readable(self, number: int, table: Table) -> Table:
        """Return the records of a page as they were when it was looked at.

        When the sidecar changed or its disk fails: records that describe no bytes, so
        that their chunks count as damaged.
        """
        good = checksums(table) == table["check"]
        table = table if good.all() else table[good]
        begin, end = self._first[number : number + 2]
        if len(table) == end - begin:
            return table
        lost = np.zeros(end - begin, RECORD)
        lost["flags"], lost["crc"], lost["stream"] = index.HAS_CRC, 1, NO_STREAM
        lost["t0_s"], lost["t1_s"] = self._t0_s[number], self._t1_s[number]
        return lost

    def _pages(self) -> Iterator[tuple[int, Table]]:
        """Yield every page as stored: views of memory used again and again."""
        room = np.empty(_PAGE, RECORD)
        for number in range(-(-self._slots // _PAGE)):
            yield number, self._stored(number, room)

    def _stored(self, number: int, room: Table) -> Table:
        """Read the slots of a page; fewer when the file is shorter by now."""
        start = number * _PAGE
        room = room[: self._slots - start]
        data, taken = room.view(np.uint8).data, 0
        with self._lock, contextlib.suppress(OSError):
            self._file.seek((start + 1) * RECORD.itemsize)  # the first slot is MAGIC
            while taken < len(data) and (more := self._file.readinto(data[taken:])):
                taken += more
        return room[: taken // RECORD.itemsize]

    def _bytes(self, slot: int, length: int) -> bytes:
        with self._lock, contextlib.suppress(OSError):
            self._file.seek(slot * RECORD.itemsize)
            return self._file.read(length)
        return b""

    def close(self) -> None:
        """Close the file."""
        self._close()


def open_sidecar(path: Path) -> Sidecar | None:
    """Return the sidecar at ``path``; None when there is none or it tells nothing."""
    try:
        sidecar = Sidecar(path)
    except OSError:
        return None
    if sidecar.look():
        return sidecar
    sidecar.close()
    return None


def _span(table: Table, has_rows: NDArray[np.bool_]) -> tuple[float, float]:
    return (
        float(np.min(table["t0_s"], where=has_rows, initial=np.inf)),
        float(np.max(table["t1_s"], where=has_rows, initial=-np.inf)),
    )


def places(table: NDArray[np.void]) -> Iterator[tuple[int, int, int]]:
    """Yield (offset, length, checksum) of records as stored."""
    columns = ("offset", "length", "crc")
    return zip(*(table[name].tolist() for name in columns), strict=True)


def _is_nearly(data: xdf.Buffer, copy: bytes) -> bool:
    """Tell whether bytes are those of a copy but for a few flipped bits."""
    if len(data) != len(copy):
        return False
    changed = np.frombuffer(data, np.uint8) ^ np.frombuffer(copy, np.uint8)
    return int(np.bitwise_count(changed).sum()) <= _FLIPPED
