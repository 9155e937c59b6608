"""Find the chunks of a trial without an index, also behind damage.

Chunks are followed one by one; where the chain breaks, the next place is sought at
which a chunk of a known kind starts and every one of its bytes makes sense.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lablive.recording import header, index, xdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.recording.header import StreamHeader
    from lablive.recording.index import Records
    from lablive.recording.pages import Pages

_WINDOW_BYTES = 1 << 20
_ZEROS = bytes(_WINDOW_BYTES)
_OVERLAP_BYTES = 32  # longer than any pattern
_MAX_TEXT_BYTES = 16 << 20


class Scan(NamedTuple):
    """Chunks found and the byte ranges (offset, length) in which there are none."""

    records: Records
    holes: list[tuple[int, int]]


class _Found(NamedTuple):
    length: int
    tag: int
    stream: int = -1
    rows: int = 0
    t0_s: float = math.nan
    t1_s: float = math.nan


def scan(pages: Pages, start: int, end: int, streams: dict[int, StreamHeader]) -> Scan:
    """Find the chunks between two places.

    Parameters
    ----------
    pages
        The file.
    start, end
        The first byte looked at and the one behind the last.
    streams
        Streams known so far; those whose headers are found are added.

    Returns
    -------
    Scan
        Records without checksums; ``first_row`` counts from 0 within this scan.
    """
    rows: dict[int, int] = {}
    behind_hole: set[int] = set()
    found: list[tuple[float, ...]] = []
    holes: list[tuple[int, int]] = []
    at = start
    while at < end:
        here = _examine(pages, at, end, streams, strict=False)
        if here is None:
            place = _resync(pages, at + 1, end, streams)
            holes.append((at, place - at))
            behind_hole = set(rows)
            at = place
            continue
        flags = 0
        if here.stream in behind_hole and here.tag == xdf.SAMPLES:
            behind_hole.discard(here.stream)
            flags = index.AFTER_DAMAGE
        stream = here.stream if here.stream >= 0 else index.NO_STREAM
        first_row = rows.get(stream, 0)
        rows[stream] = first_row + here.rows
        found.append(
            (
                at, first_row, here.t0_s, here.t1_s, here.length, here.rows, stream,
                0, here.tag, flags,
            )
        )  # fmt: skip
        at += here.length
    return Scan(index.unsealed(found), holes)


def _examine(
    pages: Pages,
    at: int,
    end: int,
    streams: dict[int, StreamHeader],
    *,
    strict: bool,
) -> _Found | None:
    """Return the chunk that starts at ``at``; None when none plausibly does."""
    data = pages.read(at, min(xdf.HEAD_BYTES, end - at))
    head = xdf.read_head(data)
    if head is None or at + head.size > end or head.size >= 1 << 32:
        return None
    if head.tag == xdf.SAMPLES:
        return _examine_samples(pages, at, head, data, streams, strict=strict)
    if head.size > _MAX_TEXT_BYTES:
        return None
    data = pages.read(at, head.size)
    if len(data) != head.size or not _is_sound(at, head, data, streams):
        return None
    if head.tag == xdf.CLOCK_OFFSET:
        offset = xdf.decode_offset(data)
        t_s = offset[0] if offset else math.nan
        return _Found(head.size, head.tag, head.stream, 0, t_s, t_s)
    return _Found(head.size, head.tag, head.stream)


def _is_sound(
    at: int, head: xdf.Head, data: xdf.Buffer, streams: dict[int, StreamHeader]
) -> bool:
    """Tell whether a chunk other than samples makes sense; note stream headers."""
    if head.tag == xdf.FILE_HEADER:
        return at == len(xdf.MAGIC) and header.parse_file_header(data) is not None
    if head.tag == xdf.BOUNDARY:
        return data[head.content :] == xdf.BOUNDARY_UUID
    if head.tag == xdf.STREAM_HEADER:
        stream = header.parse_stream_header(data)
        if stream is not None:
            streams.setdefault(head.stream, stream)
        return stream is not None
    if head.stream not in streams:
        return False
    if head.tag == xdf.CLOCK_OFFSET:
        offset = xdf.decode_offset(data)
        return offset is not None and all(map(math.isfinite, offset))
    return header.parse_xml(bytes(data[head.content :])) is not None


def _examine_samples(
    pages: Pages,
    at: int,
    head: xdf.Head,
    first_bytes: xdf.Buffer,
    streams: dict[int, StreamHeader],
    *,
    strict: bool,
) -> _Found | None:
    stream = streams.get(head.stream)
    count = xdf.sample_count(first_bytes, head)
    if stream is None or count is None or count >= 1 << 32:
        return None
    rows = stream.layout
    if rows is None:
        return _examine_texts(pages, at, head, stream)
    # sizes first: a false lead must not make us read megabytes
    width = rows.row.itemsize
    payload = head.size - head.content
    if not count * (width - 8) < payload <= count * width + 9:
        return None
    if not count:
        return None if strict else _Found(head.size, head.tag, head.stream)
    data = pages.read(at, head.size)
    if len(data) != head.size:
        return None
    edge = None if strict else xdf.edges(data, head, rows)
    if edge is not None and _ordered(edge[1], edge[2]):
        return _Found(head.size, head.tag, head.stream, *edge)
    decoded = xdf.decode_samples(data, rows)
    if decoded is None or not len(decoded[0]):
        return None
    t_s = decoded[0]
    if (stream.own or strict) and not is_plausible(t_s, own=stream.own):
        return None
    return _Found(
        head.size, head.tag, head.stream, count, float(t_s[0]), float(t_s[-1])
    )


def _ordered(t0_s: float, t1_s: float) -> bool:
    return math.isfinite(t0_s) and math.isfinite(t1_s) and t0_s <= t1_s


def is_plausible(t_s: np.ndarray, *, own: bool) -> bool:
    """Tell whether time stamps can be true: LabLive's own always increase."""
    if own:
        return bool(np.isfinite(t_s).all() and (np.diff(t_s) > 0).all())
    return bool(np.isfinite(t_s).any())


def _examine_texts(
    pages: Pages, at: int, head: xdf.Head, stream: StreamHeader
) -> _Found | None:
    if head.size > _MAX_TEXT_BYTES:
        return None
    data = pages.read(at, head.size)
    decoded = xdf.decode_texts(data, len(stream.info.channels))
    if decoded is None or not decoded[0]:
        return None
    t_s = decoded[0]
    return _Found(head.size, head.tag, head.stream, len(t_s), t_s[0], t_s[-1])


def _resync(pages: Pages, at: int, end: int, streams: dict[int, StreamHeader]) -> int:
    """Return where the next sound chunk starts, ``end`` when there is none."""
    for place in _candidates(pages, at, end, list(streams)):
        if _examine(pages, place, end, streams, strict=True) is not None:
            return place
    return end


def _candidates(pages: Pages, at: int, end: int, streams: list[int]) -> Iterator[int]:
    """Yield places at which the first bytes of a chunk stand."""
    ids = b"|".join(re.escape(stream.to_bytes(4, "little")) for stream in streams)
    length = rb"(?:\x01.|\x04.{4}|\x08.{8})"
    kinds = [
        re.escape(xdf.boundary()),
        length + rb"\x02\x00.{4}<",
        *([length + rb"[\x03\x04\x06]\x00(?:" + ids + rb")"] if streams else []),
    ]
    pattern = re.compile(rb"(?=" + b"|".join(kinds) + rb")", re.DOTALL)
    while at < end:
        window = bytes(pages.read(at, min(_WINDOW_BYTES, end - at)))
        # what a power cut leaves: gigabytes of nothing, passed a hundred times faster
        if window != _ZEROS[: len(window)]:
            for match in pattern.finditer(window):
                yield at + match.start()
        at += max(len(window), _WINDOW_BYTES) - _OVERLAP_BYTES
        if at + _OVERLAP_BYTES >= end:
            return
