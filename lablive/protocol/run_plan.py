"""The run as blocks, one after the other; what comes every so often is put in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.protocol.template import BlockKind, BlockRule


class Placed(NamedTuple):
    """A block on the time line of the run, minutes from its begin."""

    block: BlockRule
    begin_min: float
    end_min: float


def expanded(blocks: Sequence[BlockRule]) -> tuple[BlockRule, ...]:
    """Return the blocks as they are run.

    A run of 30 minutes that is interrupted every 10 is three runs with two pauses
    between; the last run may be shorter. Where both kinds of pause alternate, the
    corrective one comes first, through the whole session.
    """
    found: list[BlockRule] = []
    pauses = 0
    for block in blocks:
        if block.every_min is None:
            found.append(block)
            continue
        whole = msgspec.structs.replace(
            block, every_min=None, interruption="corrective", pause_min=2.0
        )
        left = block.minutes
        while left > 0:
            lasts = min(block.every_min, left)
            found.append(msgspec.structs.replace(whole, minutes=lasts))
            left -= lasts
            if left > 0:
                found.append(_pause(block, pauses))
                pauses += 1
    return tuple(found)


def timeline(blocks: Sequence[BlockRule]) -> Iterator[Placed]:
    """Yield the blocks as they are run, each with its minutes."""
    begin_min = 0.0
    for block in expanded(blocks):
        yield Placed(block, begin_min, begin_min + block.minutes)
        begin_min += block.minutes


def _pause(run: BlockRule, number: int) -> BlockRule:
    kind: BlockKind = "rest"
    if run.interruption == "corrective":
        kind = "corrective"
    elif run.interruption == "in turn":
        kind = "rest" if number % 2 else "corrective"
    return type(run)(kind, run.pause_min)
