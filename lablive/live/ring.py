"""The newest rows of one stream in a memory-mapped file: one writer, any readers.

Every row is stored twice, ``capacity`` rows apart, so that any window is one
contiguous view. The writer announces how far it is about to write, writes, then
publishes; a reader that looks at ``announce`` after it has used a row knows whether
that row was being overwritten. Nobody waits for anybody, nothing is locked.

Processors of the x86 family load and store in the order that this needs. On others
(ARM) every step passes a lock, whose release and acquire order memory; that way
follows the ARM memory model, but has not been run on such a machine yet.
"""

from __future__ import annotations

import platform
import threading
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from lablive.errors import LinkError
from lablive.live.ring_file import (
    ANNOUNCE,
    DTYPES,
    GAP_ANNOUNCE,
    GAP_BYTES,
    GAP_PUBLISH,
    GAP_SLOTS,
    PUBLISH,
    TIME,
    counters,
    create,
    open_for_reading,
    pack_gap,
    unpack_gap,
)
from lablive.messages import Chunk

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.messages import Floats, Gap, StreamInfo, Values  # noqa: TC004

_ORDERED: Final = platform.machine().lower() in {"x86_64", "amd64", "i686", "i386"}


def _fence() -> None:
    """Order memory: nothing passes a release that is followed by an acquire."""
    lock = threading.Lock()
    lock.acquire()
    lock.release()
    lock.acquire()


class RingWindow(msgspec.Struct, frozen=True, eq=False):
    """Consecutive rows of a stream.

    The arrays are read-only views into the ring: right when handed out, they change
    when the writer comes round. Use them and then ask :meth:`still_valid`, or keep
    a :meth:`copy`.

    Attributes
    ----------
    first_row
        Number of the first row.
    t_s
        Times in s, shape (rows,).
    x
        Values, shape (rows, channels).
    missed
        Rows between the cursor asked for and ``first_row``: overwritten unread.
    """

    first_row: int
    t_s: Floats
    x: Values
    missed: int
    _head: memoryview[int] | None  # None: the arrays are copies
    _capacity: int

    def __len__(self) -> int:
        return len(self.t_s)

    @property
    def next_row(self) -> int:
        """Cursor for the next read."""
        return self.first_row + len(self.t_s)

    def still_valid(self) -> bool:
        """Tell whether no row has been overwritten until now."""
        return self._head is None or self._oldest(self._head) <= self.first_row

    def copy(self) -> RingWindow:
        """Return own arrays; rows overwritten meanwhile are cut and ``missed``."""
        if self._head is None:
            return self
        t_s, x = self.t_s.copy(), self.x.copy()
        torn = min(max(self._oldest(self._head) - self.first_row, 0), len(t_s))
        first, missed = self.first_row + torn, self.missed + torn
        return RingWindow(first, t_s[torn:], x[torn:], missed, None, self._capacity)

    def _oldest(self, head: memoryview[int]) -> int:
        """Return the oldest row that the writer has not begun to overwrite."""
        if not _ORDERED:
            _fence()
        return head[ANNOUNCE] - self._capacity


class RingWriter:
    """Create a ring file and write the rows of one stream into it.

    Parameters
    ----------
    path
        A file that does not exist yet (readers may still hold an older one). It is
        left behind by :meth:`close`, and readable after a crash.
    info
        The stream; kept in the header.
    seconds
        Span that the ring holds: at least 3 x the longest window ever drawn. A
        stream without a rate keeps 4096 rows.

    Raises
    ------
    LinkError
        The file exists, there is no room for it, or the rate is absurd.

    Notes
    -----
    Not locked: rows and gaps come from one thread (or under one lock), in order.
    """

    def __init__(self, path: Path, info: StreamInfo, seconds: float = 60.0) -> None:
        ring, at = create(path, info, seconds)
        self._ring: Any = ring  # its stub does not know that arrays are buffers
        self._head = counters(ring)
        self._name, self._channels = info.name, len(info.channels)
        self._dtype = DTYPES[info.sample_format]
        self._capacity, self._gaps_at = at.capacity, at.gaps
        self._t_at, self._t_span = at.t, at.capacity * TIME.itemsize
        self._row_bytes = self._channels * self._dtype.itemsize
        self._x_at, self._x_span = at.x, at.capacity * self._row_bytes
        self._rows = self._gaps = 0

    def write(self, chunk: Chunk) -> None:
        """Store the rows of a chunk; never waits.

        Raises
        ------
        LinkError
            Rows skipped or repeated, or values of another shape.
        """
        t_s, x, first = chunk.t_s, chunk.x, self._rows
        rows = len(t_s)
        if (
            chunk.first_row != first
            or len(x) != rows
            or x.dtype is not self._dtype
            or t_s.dtype is not TIME
        ):
            return self.write(self._checked(chunk))
        start = first % self._capacity
        if start + rows > self._capacity:
            return self._write_pieces(chunk, self._capacity - start)
        end = first + rows
        self._head[ANNOUNCE] = end
        if not _ORDERED:
            _fence()
        try:  # slices of the map, not arrays over it: a third of the cost per call
            ring = self._ring
            one = self._t_at + 8 * start
            two = one + self._t_span
            size = 8 * rows
            ring[one : one + size] = t_s
            ring[two : two + size] = t_s
            one = self._x_at + self._row_bytes * start
            two = one + self._x_span
            size = self._row_bytes * rows
            ring[one : one + size] = x
            ring[two : two + size] = x
        except (ValueError, IndexError):  # not contiguous, other number of bytes
            return self.write(self._checked(chunk))
        if not _ORDERED:
            _fence()
        self._head[PUBLISH] = self._rows = end
        return None

    def gap(self, gap: Gap) -> None:
        """Store a gap, before any later row; of ``why`` 208 bytes are kept."""
        record = pack_gap(gap)
        place = self._gaps_at + self._gaps % GAP_SLOTS * GAP_BYTES
        self._head[GAP_ANNOUNCE] = self._gaps + 1
        _fence()
        self._ring[place : place + GAP_BYTES] = record
        _fence()
        self._gaps += 1
        self._head[GAP_PUBLISH] = self._gaps

    def close(self) -> None:
        """Let go of the file, which stays; may be called twice."""
        self._head.release()
        self._ring.close()

    def _write_pieces(self, chunk: Chunk, room: int) -> None:
        """Write a chunk that passes the end of the ring in pieces that do not."""
        rows = len(chunk)
        for start, stop in pairwise([0, *range(room, rows, self._capacity), rows]):
            t_s, x = chunk.t_s[start:stop], chunk.x[start:stop]
            self.write(Chunk(chunk.stream, chunk.first_row + start, t_s, x))

    def _checked(self, chunk: Chunk) -> Chunk:
        """Return the chunk as the ring stores it, or say what is wrong with it."""
        wanted = (len(chunk), self._channels)
        if chunk.first_row != self._rows:
            wrong = f"row {chunk.first_row} came where row {self._rows} was due"
        elif chunk.x.shape != wanted:
            wrong = f"values of shape {chunk.x.shape} came where {wanted} was due"
        else:
            x: Any = chunk.x.astype(self._dtype, order="C")
            t_s = chunk.t_s.astype(TIME, order="C")
            return Chunk(chunk.stream, chunk.first_row, t_s, x)
        raise LinkError(
            f"Stream {self._name!r}: {wrong}.",
            still="What was received is still recorded.",
            todo="This is a fault of the driver; please report it.",
        )


class RingReader:
    """Read a ring file, from any process, while it is being written.

    To take every row and every gap in the right order use :meth:`poll`. One reader
    belongs to one thread.

    Attributes
    ----------
    info
        The stream.
    capacity
        Rows that the ring holds.

    Raises
    ------
    LinkError
        The file is missing, foreign, cut or of another version.
    """

    def __init__(self, path: Path) -> None:
        self._ring, at, self.info = open_for_reading(path)
        self.capacity = at.capacity
        self._head = counters(self._ring)
        self._gaps_at = at.gaps
        span, width = 2 * at.capacity, len(self.info.channels)
        kind = DTYPES[self.info.sample_format]
        self._t: Floats = np.ndarray((span,), TIME, self._ring, at.t)
        self._x: Values = np.ndarray((span, width), kind, self._ring, at.x)

    @property
    def rows(self) -> int:
        """Rows written so far."""
        return self._head[PUBLISH]

    def read(self, since_row: int) -> RingWindow:
        """Return every row from ``since_row`` on that is still in the ring.

        Raises
        ------
        LinkError
            The stream has not had ``since_row`` rows yet.
        """
        end, oldest = self._span()
        if not 0 <= since_row <= end:
            raise self._foreign_cursor(since_row, end, "rows")
        if oldest <= since_row:
            return self._window(since_row, end, 0)
        first = min(oldest, end)  # end: a chunk as long as the ring is coming in
        return self._window(first, end, first - since_row)

    def latest(self, rows: int) -> RingWindow:
        """Return the newest ``rows`` rows, fewer when there are not so many."""
        end, oldest = self._span()
        first = end - rows
        if first < 0 or first < oldest:
            first = min(max(oldest, 0), end)
        return self._window(first, end, 0)

    def _span(self) -> tuple[int, int]:
        """Return the row after the newest, and the oldest not being overwritten."""
        end = self._head[PUBLISH]
        if not _ORDERED:
            _fence()
        return end, self._head[ANNOUNCE] - self.capacity

    def gaps(self, since: int) -> tuple[list[Gap], int]:
        """Return the gaps from number ``since`` on, and the next number to ask for.

        The ring keeps the newest 1024: ``next - since - len(gaps)`` were overwritten.

        Raises
        ------
        LinkError
            The stream has not had ``since`` gaps yet.
        """
        end = self._head[GAP_PUBLISH]
        if since == end:
            return [], end
        if not 0 <= since < end:
            raise self._foreign_cursor(since, end, "gaps")
        _fence()
        first = max(since, end - GAP_SLOTS)
        slots = [number % GAP_SLOTS for number in range(first, end)]
        places = [self._gaps_at + slot * GAP_BYTES for slot in slots]
        records = [self._ring[place : place + GAP_BYTES] for place in places]
        _fence()
        torn = max(self._head[GAP_ANNOUNCE] - GAP_SLOTS - first, 0)
        return [unpack_gap(record) for record in records[torn:]], end

    def poll(self, since_row: int, since_gap: int) -> tuple[RingWindow, list[Gap], int]:
        """Return copies of all new rows, the gaps that belong to them, the next gap.

        Rows are read first, gaps after: a gap is stored before any later row, so no
        row after a gap is ever returned without that gap. Gaps that lie after the
        last row returned wait for the next poll. Ask next for ``window.next_row``.
        """
        window = self.read(since_row).copy()
        gaps, next_gap = self.gaps(since_gap)
        for index, gap in enumerate(gaps):
            if gap.after_row > window.next_row:
                return window, gaps[:index], next_gap - len(gaps) + index
        return window, gaps, next_gap

    def _window(self, first: int, end: int, missed: int) -> RingWindow:
        start = first % self.capacity
        stop = start + end - first
        t_s, x = self._t[start:stop], self._x[start:stop]
        return RingWindow(first, t_s, x, missed, self._head, self.capacity)

    def _foreign_cursor(self, since: int, end: int, what: str) -> LinkError:
        return LinkError(
            f"Stream {self.info.name!r} has {end} {what}; {since} was asked for.",
            still="The recording is not affected.",
            todo="The stream was restarted: read it from its beginning.",
        )
