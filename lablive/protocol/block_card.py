"""Before and after a block, for a card on the screen at once (metric reference 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS
from lablive.protocol.blocks import SETTLING_S, BlockKind
from lablive.protocol.effect import BlockEffect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.protocol.blocks import BlockChange
    from lablive.protocol.session import AtSpeed, SessionStatistics

Told = Literal["better", "worse", "changed", "no change", "unknown"]
# the cue, one load, cadence, what the article claims (metric reference 9, 13)
USUAL: Final = (
    "footfall_sel_dba", "peak_force_bw", "pelvic_drop_deg", "thigh_extension_peak_deg",
    "contact_time_ms", "stride_time_ms", "gmax_drive_pct",
)  # fmt: skip
_SIGN: Final = {"higher is better": 1.0, "lower is better": -1.0}


class CardRow(msgspec.Struct, frozen=True):
    """One metric of a card.

    Attributes
    ----------
    metric, label, unit, side
        Which.
    before, after, delta
        Minute before the block, minute from 30 s after the restart, their difference.
    mdc
        Minimal detectable change; NaN = not known.
    told
        ``better`` and ``worse`` only beyond it; ``changed`` without a better direction.
    decay_min
        Minutes until half of it was gone; NaN = not yet, ``why_decay``.
    n_before, n_after
        Valid strides.
    why
        Why there is no difference.
    """

    metric: str
    label: str
    unit: str
    side: StatKey
    before: float
    after: float
    delta: float
    mdc: float
    told: Told
    decay_min: float = NAN
    n_before: int = 0
    n_after: int = 0
    why: str = ""
    why_decay: str = ""


class Together(msgspec.Struct, frozen=True):
    """All blocks of a kind so far: mean effect, its interval, against rest alone."""

    metric: str
    side: StatKey
    effect: BlockEffect
    more_than_rest: str = ""


class BlockCard(msgspec.Struct, frozen=True):
    """One block.

    Attributes
    ----------
    number, kind
        From 1 among all blocks.
    start_s, restart_s, ready_s
        Pause, running again, and when the minute after is over.
    rows
        What changed, the usual metrics first.
    together
        Mean effects of the blocks of this kind; empty before there are four.
    """

    number: int
    kind: BlockKind
    start_s: float
    restart_s: float
    ready_s: float
    rows: tuple[CardRow, ...] = ()
    together: tuple[Together, ...] = ()


def block_cards(
    session: SessionStatistics, metrics: Iterable[str] = USUAL
) -> tuple[BlockCard, ...]:
    """Return a card for every block of a session, in time order.

    Parameters
    ----------
    session
        From :func:`~.session.session_statistics`, also of a recording under way.
    metrics
        Which, in the order of the card.
    """
    wanted = [it for it in metrics if it in session.metrics]
    cards: dict[tuple[float, BlockKind], list[CardRow]] = {}
    restarts: dict[tuple[float, BlockKind], float] = {}
    together: dict[BlockKind, list[Together]] = {}
    for metric in wanted:
        for side, found in _sides(session, metric):
            for effect in (found.corrective, found.rest_only):
                if effect is None:
                    continue
                for change in effect.changes:
                    key = change.block.start_s, change.block.kind
                    cards.setdefault(key, []).append(_row(metric, side, change, found))
                    restarts[key] = change.block.restart_s
                if np.isfinite(effect.mean):
                    more = found.more_than_rest
                    said = "" if more is None else more.why or more.verdict
                    told = Together(metric, side, effect, said)
                    together.setdefault(effect.kind, []).append(told)
    return tuple(
        BlockCard(
            number, kind, start_s, restarts[start_s, kind],
            restarts[start_s, kind] + SETTLING_S + 60.0,
            tuple(cards[start_s, kind]), tuple(together.get(kind, ())),
        )
        for number, (start_s, kind) in enumerate(sorted(cards), start=1)
    )  # fmt: skip


def _sides(
    session: SessionStatistics, metric: str
) -> Iterator[tuple[StatKey, AtSpeed]]:
    """Yield the value of both feet together, else of each, at the usual speed."""
    held = session.metrics[metric]
    keys: tuple[StatKey, ...] = ("both",) if held.both else ("left", "right")
    for key in keys:
        speeds = held.at_speeds(key)
        if speeds:
            yield key, speeds[0]


def _row(metric: str, side: StatKey, change: BlockChange, found: AtSpeed) -> CardRow:
    mdc = found.baseline.mdc
    threshold = NAN if mdc.why else mdc.threshold
    return CardRow(
        metric=metric,
        label=METRICS[metric].label,
        unit=change.unit,
        side=side,
        before=change.before.value,
        after=change.after.value,
        delta=change.delta,
        mdc=threshold,
        told=_told(metric, change.delta, threshold),
        decay_min=change.decay.minutes,
        n_before=change.before.n,
        n_after=change.after.n,
        why=change.why,
        why_decay=change.decay.why,
    )


def _told(metric: str, delta: float, threshold: float) -> Told:
    if not np.isfinite(delta) or not np.isfinite(threshold):
        return "unknown"
    if abs(delta) <= threshold:
        return "no change"
    sign = _SIGN.get(METRICS[metric].direction)
    if sign is None:
        return "changed"
    return "better" if sign * delta > 0 else "worse"
