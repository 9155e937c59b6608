"""The last seconds of a stream, so that a recording may begin before its start.

A movement is known only some steps after it began. Rows are kept as the driver gave
them, with device counter and arrival, and a recording stores them as if it had run.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from drivers.source_stream import Sink, Stream

KEPT_S: Final = 20.0


class Recent:
    """Rows and losses of one stream in the order they came, 20 s of them."""

    def __init__(self) -> None:
        self._kept: deque[Chunk | Gap] = deque()

    def rows(self, chunk: Chunk) -> None:
        """Keep rows, numbered as the stream's; forget what is too old."""
        kept = self._kept
        kept.append(chunk)
        oldest_s = chunk.t_s.item(-1) - KEPT_S
        while _end_s(kept[0]) < oldest_s:
            kept.popleft()

    def gap(self, gap: Gap) -> None:
        """Keep a loss, or one more mark of the same silence in place of the last."""
        last = self._kept[-1] if self._kept else None
        again = isinstance(last, Gap) and last.kind == gap.kind == "stall"
        if again and isinstance(last, Gap) and last.after_row == gap.after_row:
            self._kept.pop()
        self._kept.append(gap)

    def since(self, t_s: float) -> list[Chunk | Gap]:
        """Return what came from the first rows that end after ``t_s`` on."""
        kept = list(self._kept)
        begin = (
            n for n, it in enumerate(kept) if isinstance(it, Chunk) and _end_s(it) > t_s
        )
        return kept[next(begin, len(kept)) :]


def store_since(stream: Stream, sink: Sink, since_s: float) -> int:
    """Store the newest rows of a stream; return the number of the first one.

    Parameters
    ----------
    stream
        Its rows to come are stored by the caller.
    sink
        Takes them, numbered from 0.
    since_s
        Lab clock; inf = nothing of the past.
    """
    found = stream.recent.since(since_s)
    begun = found[0] if found else None
    first = begun.first_row if isinstance(begun, Chunk) else stream.rows
    for it in found:
        if isinstance(it, Chunk):
            sink.append(msgspec.structs.replace(it, first_row=it.first_row - first))
        else:
            sink.gap(msgspec.structs.replace(it, after_row=it.after_row - first))
    return first


def _end_s(message: Chunk | Gap) -> float:
    if isinstance(message, Gap):
        return message.t_s + message.duration_s
    return message.t_s.item(-1)
