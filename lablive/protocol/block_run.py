"""The blocks of a run, one after the other: what is marked when, how much is left.

The operator moves on; nothing does by itself. Baseline, corrective, rest and cadence
blocks are marked in the trial (:mod:`lablive.protocol.phases`), warm-up and plain
running are the time between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.messages import Marker
from lablive.protocol.phases import WORDS, marker_of
from lablive.protocol.run_plan import expanded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.protocol.phases import PartKind
    from lablive.protocol.template import BlockRule

PAUSE_KIND: Final = "pause"
_MINUTE_S: Final = 60.0
_MARKED: Final[dict[str, PartKind]] = {kind: kind for kind in WORDS}


class BlockRun:
    """Blocks of one recording.

    Parameters
    ----------
    blocks
        In the order of the session; what interrupts a run every so often is put in.

    Attributes
    ----------
    number
        Of the block under way, from 0; as many as there are blocks: all are over.
    """

    def __init__(self, blocks: Sequence[BlockRule]) -> None:
        self.blocks = expanded(blocks)
        self.number = -1
        self._begun_s = 0.0
        self._paused_s: float | None = None

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
        now_s = t_s if self._paused_s is None else self._paused_s
        return self._begun_s + _MINUTE_S * self.now.minutes - now_s

    @property
    def paused(self) -> bool:
        """Whether the clock of the block stands still."""
        return self._paused_s is not None

    def pause(self, t_s: float) -> tuple[Marker, ...]:
        """Stop the clock of the block, or let it run on; return what is marked."""
        if self.now is None:
            return ()
        if self._paused_s is None:
            self._paused_s = t_s
            return (Marker(t_s, "pause begin", PAUSE_KIND),)
        self._begun_s += t_s - self._paused_s
        self._paused_s = None
        return (Marker(t_s, "pause end", PAUSE_KIND),)

    def skip_next(self) -> bool:
        """Leave the following block out; tell whether there was one."""
        after = self.number + 1
        if after >= len(self.blocks):
            return False
        self.blocks = (*self.blocks[:after], *self.blocks[after + 1 :])
        return True

    def move_on(self, t_s: float) -> tuple[Marker, ...]:
        """End the block under way, begin the next; return what is marked.

        ``t_s`` is on the lab clock.
        """
        if self.number >= len(self.blocks):
            return ()
        marks = list(self.pause(t_s)) if self.paused else []
        marks += self.end(t_s)
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
    return (marker_of(kind, at, t_s, block.cadence_spm, block.metric),)
