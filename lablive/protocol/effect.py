"""Effect of several blocks, and whether rest alone does the same (reference 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.bands import Verdict
from lablive.metrics.metric import NAN, Direction
from lablive.protocol.blocks import BlockChange, BlockKind
from lablive.protocol.mdc import Mdc, Shown, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST_BLOCKS: Final = 4
Effect = Literal["real", "not shown", "unknown"]
_EFFECTS: Final[dict[Shown, Effect]] = {
    "yes": "real",
    "no": "not shown",
    "unknown": "unknown",
}
_SIGNS: Final[dict[Direction, float]] = {
    "higher is better": 1.0,
    "lower is better": -1.0,
}


class BlockEffect(msgspec.Struct, frozen=True):
    """Mean effect of the blocks of one kind.

    Attributes
    ----------
    changes
        Every block with its own delta; all there is with fewer than four.
    mean, low, high
        Mean delta and its 95 % interval (Student's t over blocks).
    dz, hedges_j
        Mean / SD of the deltas, inflated by few blocks; times ``hedges_j`` it is not.
    threshold
        Minimal detectable change.
    verdict
        ``real`` only when the mean is beyond it and the interval excludes 0; ``why``
        says why not.
    colour
        None without a better direction.
    decay_min, n_decay
        Median of the blocks that had an effect, and how many those are; NaN when
        half of them were not seen to lose it.
    n
        Blocks with a delta.
    """

    kind: BlockKind
    unit: str
    changes: tuple[BlockChange, ...] = ()
    mean: float = NAN
    low: float = NAN
    high: float = NAN
    dz: float = NAN
    hedges_j: float = NAN
    threshold: float = NAN
    verdict: Effect = "unknown"
    colour: Verdict | None = None
    decay_min: float = NAN
    n_decay: int = 0
    n: int = 0
    why: str = ""


class MoreThanRest(msgspec.Struct, frozen=True):
    """Corrective blocks against rest-only blocks of the same session.

    Attributes
    ----------
    difference, low, high
        Mean delta of corrective minus rest-only blocks; 95 % interval (Welch's t).
    verdict
        ``real``: the exercises did more than the rest; ``why`` says why not.
    n, n_rest
        Blocks of either kind.
    """

    unit: str
    difference: float = NAN
    low: float = NAN
    high: float = NAN
    verdict: Effect = "unknown"
    n: int = 0
    n_rest: int = 0
    why: str = ""


def block_effect(
    changes: Iterable[BlockChange],
    mdc: Mdc,
    *,
    kind: BlockKind = "corrective",
    direction: Direction = "information",
) -> BlockEffect:
    """Return the mean effect of the blocks of one kind.

    Parameters
    ----------
    changes
        From :func:`~.blocks.block_changes`, of both kinds.
    mdc
        Minimal detectable change of the person's baseline.
    kind
        Which blocks.
    direction
        Where better lies, for the colour.
    """
    own = tuple(found for found in changes if found.block.kind == kind)
    deltas = [found.delta for found in own if not found.why]
    n = len(deltas)
    decay_min, n_decay = _decay(own)
    empty = BlockEffect(kind, mdc.unit, own, n=n, decay_min=decay_min, n_decay=n_decay)
    if n < FEWEST_BLOCKS:
        why = f"needs {FEWEST_BLOCKS} {kind} blocks for a mean, there are {n}"
        return msgspec.structs.replace(empty, why=why)
    mean, sd = float(np.mean(deltas)), float(np.std(deltas, ddof=1))
    half = _t975(n - 1) * sd / n**0.5
    shown, why = judge(mean, mean - half, mean + half, mdc)
    return msgspec.structs.replace(
        empty,
        mean=mean,
        low=mean - half,
        high=mean + half,
        dz=mean / sd if sd else NAN,
        hedges_j=hedges_j(n),
        threshold=mdc.threshold,
        verdict=_EFFECTS[shown],
        colour=_colour(shown, mean, direction),
        why=why,
    )


def more_than_rest(
    corrective: BlockEffect, rest: BlockEffect, mdc: Mdc
) -> MoreThanRest:
    """Return whether corrective blocks did more than resting.

    Parameters
    ----------
    corrective, rest
        Effects of both kinds in one session.
    mdc
        Minimal detectable change.
    """
    found = MoreThanRest(mdc.unit, n=corrective.n, n_rest=rest.n)
    if corrective.n < FEWEST_BLOCKS or rest.n < FEWEST_BLOCKS:
        why = (
            f"needs {FEWEST_BLOCKS} corrective and {FEWEST_BLOCKS} rest-only blocks,"
            f" there are {corrective.n} and {rest.n}: the rest itself may be the cause"
        )
        return msgspec.structs.replace(found, why=why)
    difference = corrective.mean - rest.mean
    half = welch_half(_deltas(corrective), _deltas(rest))
    low, high = difference - half, difference + half
    shown, why = judge(difference, low, high, mdc)
    return msgspec.structs.replace(
        found,
        difference=difference,
        low=low,
        high=high,
        verdict=_EFFECTS[shown],
        why=why,
    )


def hedges_j(n: int) -> float:
    """Return the small-sample correction of a standardised effect of n differences.

    >>> round(hedges_j(4), 3)
    0.727
    """
    return 1.0 - 3.0 / (4.0 * (n - 1) - 1.0)


def _t975(freedom: float) -> float:
    """Return the 97.5 % point of Student's t."""
    from scipy.special import stdtrit  # not before the first paint

    return float(stdtrit(freedom, 0.975))


def welch_half(first: Sequence[float], second: Sequence[float]) -> float:
    """Return half the 95 % interval of a difference of means, variances unequal.

    Parameters
    ----------
    first, second
        Two values at least of either; values that do not follow each other like
        strides do: medians of minutes, changes of blocks.
    """
    parts = [
        (float(np.var(deltas, ddof=1)) / len(deltas), len(deltas) - 1)
        for deltas in (first, second)
    ]
    total = sum(part for part, _ in parts)
    if not total:
        return 0.0
    freedom = total**2 / sum(part**2 / free for part, free in parts)
    return _t975(freedom) * total**0.5


def _deltas(effect: BlockEffect) -> list[float]:
    return [found.delta for found in effect.changes if not found.why]


def _decay(changes: Sequence[BlockChange]) -> tuple[float, int]:
    """Return the median decay of the blocks that had an effect; unseen is longer."""
    decays = [found.decay for found in changes]
    seen = [decay.minutes for decay in decays if not np.isnan(decay.minutes)]
    lasting = sum(decay.lasted for decay in decays)
    n = len(seen) + lasting
    median = float(np.median([*seen, *[np.inf] * lasting])) if n else NAN
    return (median if np.isfinite(median) else NAN), n


def _colour(shown: Shown, mean: float, direction: Direction) -> Verdict | None:
    """Return the colour of reference 10: an effect in the good or wrong direction."""
    if direction not in _SIGNS or shown == "unknown":
        return None
    if shown == "no":
        return "caution"
    return "good" if mean * _SIGNS[direction] > 0 else "poor"
