"""Rows, gaps and markers from many threads, kept until the writer takes them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from lablive.errors import RecordingError
from lablive.messages import Gap, Marker, StreamInfo, to_json
from lablive.recording import companions, xdf
from lablive.recording.part import Block

if TYPE_CHECKING:
    from lablive.messages import Chunk

_CLOCK_S = 1.0  # clock streams are written once a second


class _Stream:
    """Rows of one stream on their way from a driver to the disk."""

    def __init__(self, info: StreamInfo, layout: xdf.Layout) -> None:
        self.info = info
        self.layout = layout
        self.row_bytes = layout.row.itemsize
        self.pending: list[Chunk] = []
        self.next_row = -1
        self.is_broken = False  # the pending rows are not consecutive
        self.rows = 0
        self.dropped = 0
        self.last: Chunk | None = None
        self.lost: list[Chunk] = []  # first and last chunk of the present overflow
        self.lost_rows = 0
        self.clock: list[tuple[float, ...]] = []
        self.clock_rows = 0
        self.clock_due_s = -float("inf")

    def drop(self, chunk: Chunk) -> None:
        self.dropped += len(chunk)
        self.lost_rows += len(chunk)
        self.lost = [*self.lost[:1], chunk]

    def overflow(self, behind: Chunk | None = None) -> Gap:
        """Return the Gap of the rows dropped since the last call."""
        first, last = self.lost[0], self.lost[-1]
        t0_s = float(first.t_s[0] if self.last is None else self.last.t_s[-1])
        t1_s = float(last.t_s[-1] if behind is None else behind.t_s[0])
        gap = Gap(
            self.info.id, first.first_row, t0_s, t1_s - t0_s,
            self.lost_rows, "overflow", "no disk took the rows and memory was full",
        )  # fmt: skip
        self.lost, self.lost_rows = [], 0
        return gap

    def clock_block(self, now_s: float, *, last: bool) -> Block | None:
        """Return the clock rows when a second has passed."""
        if not self.clock or (now_s < self.clock_due_s and not last):
            return None
        self.clock_due_s = now_s + _CLOCK_S
        rows, self.clock = self.clock, []
        block = companions.clock_block(self.info.id, rows, self.clock_rows)
        self.clock_rows += len(rows)
        return block


class Intake:
    """Buffer what drivers deliver; never waits for the disk.

    Parameters
    ----------
    memory_bytes
        Rows beyond this are dropped, counted, and told by a recorded Gap.
    """

    def __init__(self, memory_bytes: int) -> None:
        self.held_bytes = 0
        self.gaps = 0  # the marks of one lasting silence are one
        self._silences: set[tuple[int, int]] = set()
        self._memory_bytes = memory_bytes
        self._lock = threading.Lock()
        self._streams: dict[int, _Stream] = {}
        self._texts: dict[int, list[tuple[float, str]]] = {
            companions.GAPS: [],
            companions.MARKERS: [],
        }
        self._text_rows = dict.fromkeys(self._texts, 0)
        self._headers = [companions.text_header(stream) for stream in self._texts]
        self._closed = False

    def add_stream(self, info: StreamInfo) -> None:
        """Add a stream; the same one twice changes nothing.

        Raises
        ------
        RecordingError
            When the id is taken or the stream cannot be written as XDF.
        """
        layout = xdf.layout(len(info.channels), info.sample_format)
        if layout is None or not 0 <= info.id < companions.MAX_STREAMS:
            raise RecordingError(
                f"Stream {info.name!r} (id {info.id}, {len(info.channels)} channels)"
                " cannot be recorded.",
                todo=f"Ids run from 0 to {companions.MAX_STREAMS - 1}, and a stream"
                " has a channel.",
            )
        blocks = [companions.header_block(info), companions.clock_header(info)]
        with self._lock:
            known = self._streams.get(info.id)
            if known is not None and known.info != info:
                raise RecordingError(
                    f"Stream id {info.id} is {known.info.name!r} already;"
                    f" {info.name!r} was not added.",
                    still="The recording goes on without it.",
                )
            if known is None:
                self._streams[info.id] = _Stream(info, layout)
                self._headers += blocks

    def append(self, chunk: Chunk) -> None:
        """Take rows; raise RecordingError when they fit no stream."""
        stream = self._streams.get(chunk.stream)
        rows, x = len(chunk.t_s), chunk.x
        if (
            stream is None
            or x.shape != (rows, stream.layout.channels)
            or x.dtype.kind != "f"
            or chunk.t_s.ndim != 1
        ):
            raise _refused(chunk, stream)
        if not rows:
            return
        size = rows * stream.row_bytes
        with self._lock:
            if self._closed:
                raise RecordingError(
                    f"{rows} rows of {stream.info.name!r} came after the recording"
                    " was closed."
                )
            stream.rows += rows
            if self.held_bytes + size > self._memory_bytes:
                stream.drop(chunk)
                return
            if stream.lost:
                self._add_text(companions.GAPS, stream.overflow(chunk))
            self.held_bytes += size
            if chunk.first_row != stream.next_row and stream.pending:
                stream.is_broken = True
            stream.next_row = chunk.first_row + rows
            stream.pending.append(chunk)
            stream.last = chunk

    def gap(self, gap: Gap) -> None:
        """Take a loss."""
        with self._lock:
            self._add_text(companions.GAPS, gap)

    def marker(self, marker: Marker) -> None:
        """Take an operator event."""
        with self._lock:
            self._add_text(companions.MARKERS, marker)

    def _add_text(self, stream: int, message: Gap | Marker) -> None:
        if isinstance(message, Gap):
            silence = (message.stream, message.after_row)
            if message.kind != "stall" or silence not in self._silences:
                self.gaps += 1
            if message.kind == "stall":
                self._silences.add(silence)
        self._texts[stream].append((message.t_s, to_json(message)))

    def close(self) -> None:
        """Accept no more rows."""
        with self._lock:
            self._closed = True

    def take(self, now_s: float, *, last: bool = False) -> list[Block]:
        """Return everything buffered as chunks for the file, new headers first.

        A stream whose rows cannot be encoded now (no memory) keeps them for the next
        call. ``last`` also returns what usually waits for a full second.
        """
        taken: list[tuple[_Stream, list[Chunk], bool]] = []
        with self._lock:
            blocks, self._headers = self._headers, []
            for stream in self._streams.values():
                taken.append((stream, stream.pending, stream.is_broken))
                stream.pending, stream.is_broken = [], False
                if last and stream.lost:
                    self._add_text(companions.GAPS, stream.overflow())
        for stream, chunks, is_broken in taken:
            runs = _runs(chunks, is_broken=is_broken)
            try:
                encoded = [_encode(stream, run) for run in runs]
            except MemoryError:
                with self._lock:
                    stream.pending[:0] = chunks
                    stream.is_broken = True
                continue
            for run in runs:
                stream.clock += companions.clock_rows(run)
            clock = stream.clock_block(now_s, last=last)
            # first the clock: it tells a scan the number of the first row
            blocks += encoded if clock is None else [clock, *encoded]
        return [*blocks, *self._take_texts()]

    def _take_texts(self) -> list[Block]:
        blocks: list[Block] = []
        with self._lock:
            for stream, rows in self._texts.items():
                if rows:
                    first_row = self._text_rows[stream]
                    blocks.append(companions.text_block(stream, rows, first_row))
                    self._text_rows[stream] += len(rows)
                    self._texts[stream] = []
        return blocks

    def release(self, blocks: list[Block]) -> None:
        """Give the memory of written blocks back."""
        with self._lock:
            for block in blocks:
                stream = self._streams.get(block.stream)
                if stream is not None:
                    self.held_bytes -= block.rows * stream.row_bytes

    def counts(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return rows received, and rows dropped where there are any, by stream."""
        with self._lock:
            streams = list(self._streams.items())
        received = {key: stream.rows for key, stream in streams}
        return received, {key: s.dropped for key, s in streams if s.dropped}

    def expected_bytes_per_s(self) -> float:
        """Return what the streams will write by their nominal rates."""
        with self._lock:
            streams = list(self._streams.values())
        return sum(s.info.rate_hz * s.row_bytes for s in streams)


def _refused(chunk: Chunk, stream: _Stream | None) -> RecordingError:
    if stream is None:
        what = f"Stream {chunk.stream} is not part of this recording."
    else:
        what = (
            f"{stream.info.name!r}: {chunk.x.shape} values for {len(chunk.t_s)} rows"
            f" of {stream.layout.channels} channels."
        )
    return RecordingError(what, still="The other streams are recorded.")


def _runs(chunks: list[Chunk], *, is_broken: bool) -> list[list[Chunk]]:
    """Return the chunks in runs of consecutive rows."""
    if not is_broken:
        return [chunks] if chunks else []
    starts = [
        place
        for place, chunk in enumerate(chunks)
        if not place
        or chunk.first_row != chunks[place - 1].first_row + len(chunks[place - 1])
    ]
    ends = [*starts[1:], len(chunks)]
    return [chunks[start:end] for start, end in zip(starts, ends, strict=True)]


def _encode(stream: _Stream, chunks: list[Chunk]) -> Block:
    """Return one samples chunk of consecutive rows."""
    first = chunks[0]
    if len(chunks) == 1:
        t_s, x = first.t_s, first.x
    else:
        t_s = np.concatenate([chunk.t_s for chunk in chunks])
        x = np.concatenate([chunk.x for chunk in chunks])
    return Block(
        xdf.SAMPLES, xdf.samples(stream.info.id, t_s, x, stream.layout),
        stream.info.id, len(t_s), first.first_row, t_s.item(0), t_s.item(-1),
    )  # fmt: skip
