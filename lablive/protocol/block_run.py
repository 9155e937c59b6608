"""The blocks of a run, one after the other: what is marked when, how much is left.

The operator moves on; nothing does by itself. Baseline, corrective, rest and cadence
blocks are marked in the trial (:mod:`lablive.protocol.phases`), warm-up and plain
running are the time between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.protocol.phases import WORDS, marker_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Marker
    from lablive.protocol.phases import PartKind
    from lablive.protocol.template import BlockRule

_MINUTE_S: Final = 60.0
_MARKED: Final[dict[str, PartKind]] = {kind: kind for kind in WORDS}


class BlockRun:
    """Blocks of one recording.

    Parameters
    ----------
    blocks
        In the order of the session.

    Attributes
    ----------
    number
        Of the block under way, from 0; as many as there are blocks: all are over.
    """

    def __init__(self, blocks: Sequence[BlockRule]) -> None:
        self.blocks = tuple(blocks)
        self.number = -1
        self._begun_s = 0.0

    @property
    def now(self) -> BlockRule | None:
        """The block under way."""
        under_way = 0 <= self.number < len(self.blocks)
        return self.blocks[self.number] if under_way else None

    @property
    def following(self) -> BlockRule | None:
        """The block after it."""
        after = self.number + 1
        return self.blocks[after] if after < len(self.blocks) else None

    def left_s(self, t_s: float) -> float:
        """Return how long the block under way still lasts; below 0: so much over."""
        if self.now is None:
            return 0.0
        return self._begun_s + _MINUTE_S * self.now.minutes - t_s

    def move_on(self, t_s: float) -> tuple[Marker, ...]:
        """End the block under way, begin the next; return what is marked.

        ``t_s`` is on the lab clock.
        """
        if self.number >= len(self.blocks):
            return ()
        marks = list(self.end(t_s))
        self.number += 1
        self._begun_s = t_s
        marks += _marks(self.now, "begin", t_s)
        return tuple(marks)

    def end(self, t_s: float) -> tuple[Marker, ...]:
        """Return the mark that ends the block under way: the run is over."""
        return _marks(self.now, "end", t_s)


def _marks(block: BlockRule | None, edge: str, t_s: float) -> tuple[Marker, ...]:
    kind = _MARKED.get(block.kind) if block is not None else None
    if block is None or kind is None:
        return ()
    at = "begin" if edge == "begin" else "end"
    return (marker_of(kind, at, t_s, block.cadence_spm),)
