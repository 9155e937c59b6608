"""Recorded chunks put together to longer ones: fewer calls, the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


PIECE_S: Final = 40.0  # far fewer calls than a second; strides are measured together


def in_pieces(
    items: Iterable[Chunk | Gap], piece_s: float = PIECE_S
) -> Iterator[Chunk | Gap]:
    """Join the chunks of each stream until one of them lasts ``piece_s``.

    Parameters
    ----------
    items
        Chunks and gaps in file order.
    piece_s
        How long a joined chunk lasts, at least.

    Yields
    ------
    item : every gap before the rows that come after it; rows of a stream in order,
        never joined over rows that are missing
    """
    waiting: dict[int, list[Chunk]] = {}
    for item in items:
        if isinstance(item, Gap):
            yield item
            continue
        if not len(item):
            continue
        own = waiting.setdefault(item.stream, [])
        if own and own[-1].first_row + len(own[-1]) != item.first_row:
            yield _joined(own)
            own.clear()
        own.append(item)
        if item.t_s[-1] - own[0].t_s[0] >= piece_s:
            for chunks in waiting.values():
                if chunks:
                    yield _joined(chunks)
                    chunks.clear()
    for chunks in waiting.values():
        if chunks:
            yield _joined(chunks)


def _joined(chunks: list[Chunk]) -> Chunk:
    if len(chunks) == 1:
        return chunks[0]
    first = chunks[0]
    return Chunk(
        stream=first.stream,
        first_row=first.first_row,
        t_s=np.concatenate([chunk.t_s for chunk in chunks]),
        x=np.concatenate([chunk.x for chunk in chunks]),
        arrival_s=chunks[-1].arrival_s,
    )
