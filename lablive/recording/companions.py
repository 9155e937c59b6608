"""The streams LabLive writes beside the data: clocks, gaps and markers.

Every data stream has a ``Clock`` stream with one row per block written: its rows can be
numbered without an index, and a better clock fit can be made later from raw counters
and arrivals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.messages import ChannelInfo, StreamInfo
from lablive.recording import header, xdf
from lablive.recording.part import Block

if TYPE_CHECKING:
    from lablive.messages import Chunk, Floats

MAX_STREAMS: Final = 1_000_000  # data streams have smaller ids
GAPS: Final = 2_000_001
MARKERS: Final = 2_000_002

_TEXT_NAMES: Final = {GAPS: "LabLive gaps", MARKERS: "LabLive markers"}
_CLOCK_CHANNELS: Final = (
    ChannelInfo("first_row", "1"),
    ChannelInfo("rows", "1"),
    ChannelInfo("first_counter", "1"),
    ChannelInfo("arrival_s", "s"),
    ChannelInfo("arrived_row", "1"),
)
CLOCK_COLUMNS: Final = 1 + len(_CLOCK_CHANNELS)  # the time stands first
CLOCK_LAYOUT: Final = xdf.Layout(
    5,
    np.dtype([("n", "u1"), ("t", "<f8"), ("v", "<f8", (5,))]),
    np.dtype("f8"),
)


def clock_id(stream: int) -> int:
    """Return the id of a data stream's clock stream."""
    return MAX_STREAMS + stream


def header_block(info: StreamInfo, sample_format: str = "") -> Block:
    """Return a stream's header chunk."""
    data = header.stream_header(info, sample_format)
    return Block(xdf.STREAM_HEADER, data, info.id)


def clock_header(info: StreamInfo) -> Block:
    """Return the header chunk of a data stream's clock stream."""
    return header_block(
        StreamInfo(
            id=clock_id(info.id),
            name=f"{info.name} clock",
            type="Clock",
            rate_hz=0.0,
            channels=_CLOCK_CHANNELS,
            source_id=f"{info.source_id}-clock" if info.source_id else "",
            device=info.device,
            sample_format="double64",
        )
    )


def text_header(stream: int) -> Block:
    """Return the header chunk of the gap or marker stream."""
    name = _TEXT_NAMES[stream]
    channels = (ChannelInfo("json"),)
    info = StreamInfo(stream, name, "Markers", 0.0, channels)
    return header_block(info, xdf.STRING)


def clock_rows(chunks: list[Chunk]) -> list[tuple[float, ...]]:
    """Return the clock rows of chunks whose rows are consecutive.

    Usually one: time and number of the first row, rows, first counter (NaN for a device
    without one), and of the chunk that came with the least delay, the one a fit to
    arrivals stands on, its arrival and the number of its last row. When the counter
    jumps, one per run of consecutive counters, so that every counter can be had back.
    """
    if not _counts_on(chunks):
        return [row for chunk in chunks for row in _counter_runs(chunk)]
    first, last = chunks[0], chunks[-1]
    delays_s = [chunk.arrival_s - chunk.t_s.item(-1) for chunk in chunks]
    quickest = chunks[delays_s.index(min(delays_s))]
    return [
        (
            first.t_s.item(0),
            first.first_row,
            last.first_row + len(last.t_s) - first.first_row,
            np.nan if first.counter is None else first.counter.item(0),
            quickest.arrival_s,
            quickest.first_row + len(quickest.t_s) - 1,
        )
    ]


def _counts_on(chunks: list[Chunk]) -> bool:
    """Tell whether the counter, if there is one, grows by one with every row."""
    counters = [chunk.counter for chunk in chunks if chunk.counter is not None]
    if len(counters) < len(chunks):
        return not counters
    shift = counters[0].item(0) - chunks[0].first_row
    for chunk, counter in zip(chunks, counters, strict=True):
        due = shift + chunk.first_row
        if counter.item(0) != due or counter.item(-1) != due + len(counter) - 1:
            return False
    return True


def _counter_runs(chunk: Chunk) -> list[tuple[float, ...]]:
    """Return a clock row per run of consecutive counters of one chunk."""
    t_s, counter, first = chunk.t_s, chunk.counter, chunk.first_row
    rows = len(t_s)
    jumps: list[int] = []
    if counter is not None:
        jumps = (np.flatnonzero(np.diff(counter) != 1) + 1).tolist()
    return [
        (
            t_s.item(a), first + a, b - a,
            np.nan if counter is None else counter.item(a),
            chunk.arrival_s, first + rows - 1,
        )
        for a, b in zip([0, *jumps], [*jumps, rows], strict=True)
    ]  # fmt: skip


def clock_block(stream: int, rows: list[tuple[float, ...]], first_row: int) -> Block:
    """Return the samples chunk of a clock stream."""
    table = np.array(rows)
    t_s: Floats = table[:, 0]
    data = xdf.samples(clock_id(stream), t_s, table[:, 1:], CLOCK_LAYOUT)
    return Block(
        xdf.SAMPLES, data, clock_id(stream), len(rows), first_row,
        float(t_s[0]), float(t_s[-1]),
    )  # fmt: skip


def text_block(stream: int, rows: list[tuple[float, str]], first_row: int) -> Block:
    """Return the samples chunk of the gap or marker stream."""
    t_s = [t for t, _ in rows]
    data = xdf.text_samples(stream, t_s, [text for _, text in rows])
    return Block(xdf.SAMPLES, data, stream, len(rows), first_row, t_s[0], t_s[-1])
