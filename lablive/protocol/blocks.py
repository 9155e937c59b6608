"""What a pause of the run did: before and after, and how long it lasted (reference 9).

A corrective block interrupts the run for exercises, a rest-only block for nothing:
the rest itself may be the cause.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.metrics.metric import NAN
from lablive.protocol.baseline import (
    FEWEST_STRIDES,
    MINUTE_S,
    Median,
    median_of,
    minute_medians,
)
from lablive.protocol.speed import not_comparable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.protocol.mdc import Mdc
    from lablive.protocol.series import Series

BlockKind = Literal["corrective", "rest only"]
SETTLING_S: Final = 30.0  # after the restart, not looked at


class Block(msgspec.Struct, frozen=True):
    """A pause of the run: when running stopped and when it began again."""

    start_s: float
    restart_s: float
    kind: BlockKind = "corrective"


class Decay(msgspec.Struct, frozen=True):
    """How long the effect of a block lasted.

    Attributes
    ----------
    minutes
        From the restart to the middle of the first minute whose median is back within
        half of the effect; NaN when there is none, ``why`` says why.
    lasted
        There was an effect and it was not seen to go: the decay is longer.
    """

    minutes: float = NAN
    lasted: bool = False
    why: str = ""


class BlockChange(msgspec.Struct, frozen=True):
    """One block: the minute before, a minute after, and the way back.

    Attributes
    ----------
    before, after
        Last 60 s before the block; 60 s from 30 s after the restart.
    delta
        After minus before.
    decay
        How long that lasted.
    """

    block: Block
    unit: str
    before: Median
    after: Median
    delta: float = NAN
    why: str = ""
    decay: Decay = Decay()


def block_changes(
    series: Series, blocks: Iterable[Block], mdc: Mdc
) -> tuple[BlockChange, ...]:
    """Return what each block changed, in time order.

    Parameters
    ----------
    series
        One of :func:`~.speed.strata`: before and after are compared at one speed.
    blocks
        Pauses of the run; rest-only ones too, as each ends the others' minutes.
    mdc
        Minimal detectable change; a smaller effect has no way back to be measured.
    """
    ordered = sorted(blocks, key=lambda block: (block.start_s, block.restart_s))
    run_from_s = [-float("inf"), *(block.restart_s for block in ordered)]
    run_to_s = [*(block.start_s for block in ordered[1:]), float("inf")]
    refused = not_comparable(series)
    return tuple(
        _change(series.between(from_s, to_s), block, mdc, refused)
        for block, from_s, to_s in zip(ordered, run_from_s, run_to_s, strict=False)
    )


def _change(run: Series, block: Block, mdc: Mdc, refused: str) -> BlockChange:
    """Return what a block changed; ``run`` ends where the neighbouring blocks are."""
    after_s = block.restart_s + SETTLING_S
    before = median_of(run.between(block.start_s - MINUTE_S, block.start_s))
    after = median_of(run.between(after_s, after_s + MINUTE_S))
    why = refused or _why_no_delta(block, before, after)
    if why:
        decay = Decay(why="no effect is known")
        return BlockChange(block, run.unit, before, after, why=why, decay=decay)
    delta = after.value - before.value
    decay = _decay(run, block, before.value, delta, mdc)
    return BlockChange(block, run.unit, before, after, delta=delta, decay=decay)


def _why_no_delta(block: Block, before: Median, after: Median) -> str:
    if block.restart_s <= block.start_s:
        return "the block ends before it begins"
    for when, median in (("before", before), ("after", after)):
        if median.why:
            return (
                f"needs {FEWEST_STRIDES} valid strides at this speed"
                f" in the minute {when}, there are {median.n}"
            )
    return ""


def _decay(run: Series, block: Block, before: float, delta: float, mdc: Mdc) -> Decay:
    """Return when half of the effect is gone; only an effect can be lost."""
    if mdc.why:
        return Decay(why=mdc.why)
    if abs(delta) <= mdc.threshold:
        return Decay(why="no effect beyond the minimal detectable change to lose")
    from_s = block.restart_s + SETTLING_S
    minutes = minute_medians(run.between(from_s, float("inf")), from_s)
    sign = 1.0 if delta > 0 else -1.0
    for minute in minutes:
        if not minute.why and sign * (minute.value - before) <= 0.5 * abs(delta):
            return Decay(_middle_min(minute, block))
    last_min = _middle_min(minutes[-1], block)
    return Decay(lasted=True, why=f"not back to half within {last_min:.1f} min")


def _middle_min(minute: Median, block: Block) -> float:
    """Return the middle of the whole minute a median is of, minutes since restart."""
    settled_s = minute.t_s - block.restart_s - SETTLING_S
    return settled_s // MINUTE_S + 0.5 + SETTLING_S / MINUTE_S
