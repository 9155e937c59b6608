"""The streams LabLive writes beside the data: clocks, gaps and markers.

Every data stream has a ``Clock`` stream with one row per chunk a driver delivered, so
that a better clock fit can be made later from the raw counters and arrival times.
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
)
CLOCK_LAYOUT: Final = xdf.Layout(
    4,
    np.dtype([("n", "u1"), ("t", "<f8"), ("v", "<f8", (4,))]),
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
    """Return (time, first row, rows, first counter, arrival) of chunks.

    One row per run of consecutive counters, so that the counter of every row can be
    had back; NaN for a device without a counter.
    """
    found: list[tuple[float, ...]] = []
    for chunk in chunks:
        t_s, counter, first = chunk.t_s, chunk.counter, chunk.first_row
        rows = len(t_s)
        start = np.nan if counter is None else counter.item(0)
        if counter is None or counter.item(-1) - start == rows - 1:
            found.append((t_s.item(0), first, rows, start, chunk.arrival_s))
            continue
        jumps = np.flatnonzero(np.diff(counter) != 1) + 1
        starts: list[int] = [0, *jumps.tolist()]
        found += [
            (t_s.item(a), first + a, b - a, counter.item(a), chunk.arrival_s)
            for a, b in zip(starts, [*starts[1:], rows], strict=True)
        ]
    return found


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
