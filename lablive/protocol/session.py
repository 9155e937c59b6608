"""Session statistics of a trial: baseline, change, drift and blocks of every metric.

The one place that ``lablive analyze`` and the report ask (metric reference 9).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.protocol.asymmetry import Asymmetry, asymmetry
from lablive.protocol.baseline import FEWEST_STRIDES, Baseline, Change
from lablive.protocol.blocks import Block, BlockKind, block_changes
from lablive.protocol.drift import Drift, drift
from lablive.protocol.effect import (
    BlockEffect,
    MoreThanRest,
    block_effect,
    more_than_rest,
)
from lablive.protocol.marked import base_of, baselines, change_before, weighed
from lablive.protocol.phases import Part, PartKind, parts_of
from lablive.protocol.series import Series, series_of
from lablive.protocol.speed import not_comparable, strata

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.messages import Marker
    from lablive.metrics.metric import Metric, StatKey
    from lablive.metrics.summary import Sample

_BLOCKS: Final[dict[PartKind, BlockKind]] = {
    "corrective": "corrective",
    "rest": "rest only",
}


class AtSpeed(msgspec.Struct, frozen=True, omit_defaults=True):
    """One metric of one side at one belt speed, from one kind of sensor, in one gait.

    Attributes
    ----------
    source, low_mps, high_mps
        Sensor, lowest and highest belt speed; NaN = not known.
    median, n
        Over all valid strides of the session at this speed, baseline included.
    baseline, change
        Where the person started, and the last minute at this speed against it.
    drift
        Over the longest run that no block interrupts.
    corrective, rest_only, more_than_rest
        What the blocks did; left out without blocks of that kind.
    gait
        ``run`` or ``walk``.
    """

    source: str
    low_mps: float
    high_mps: float
    median: float
    n: int
    baseline: Baseline
    change: Change
    drift: Drift
    corrective: BlockEffect | None = None
    rest_only: BlockEffect | None = None
    more_than_rest: MoreThanRest | None = None
    gait: str = ""


class MetricSession(msgspec.Struct, frozen=True, omit_defaults=True):
    """One metric over a session: per side a value for each speed, most strides first.

    A side or speed with fewer than 20 valid strides is left out. ``asymmetry``: right
    against left of each speed that both feet have.
    """

    unit: str
    left: tuple[AtSpeed, ...] = ()
    right: tuple[AtSpeed, ...] = ()
    both: tuple[AtSpeed, ...] = ()
    asymmetry: tuple[Asymmetry, ...] = ()

    def at_speeds(self, key: StatKey) -> tuple[AtSpeed, ...]:
        """Return the values of one side."""
        return {"left": self.left, "right": self.right, "both": self.both}[key]


class SessionStatistics(msgspec.Struct, frozen=True):
    """What a whole session shows.

    Attributes
    ----------
    parts
        What was marked, in order of begin.
    problems
        Markers that could not be used, one sentence each.
    metrics
        Metric id -> its values; metrics of single strides only.
    """

    parts: tuple[Part, ...] = ()
    problems: tuple[str, ...] = ()
    metrics: dict[str, MetricSession] = {}


def session_statistics(
    sample: Sample,
    markers: Iterable[Marker],
    metrics: Iterable[Metric] = tuple(METRICS.values()),
) -> SessionStatistics:
    """Return the statistics of a session.

    Parameters
    ----------
    sample
        All strides.
    markers
        Of the trial; those of kind ``block`` count.
    metrics
        Which; those without a value for every stride are passed over.
    """
    metrics = [metric for metric in metrics if metric.of_stride is not None]
    parts, problems = parts_of(markers)
    known = weighed(baselines(sample, parts, metrics), sample.weight, metrics)
    blocks = _blocks(sample, parts)
    found: dict[str, MetricSession] = {}
    keys: tuple[StatKey, ...] = (*sample.sides, "both")
    for metric in metrics:
        sides: dict[StatKey, tuple[AtSpeed, ...]] = {}
        groups: dict[StatKey, list[Series]] = {}
        for key in keys:
            bases = known.get(metric.id, {}).get(key, ())
            series = series_of(sample, metric, key)
            groups[key] = [it for it in strata(series) if it.n >= FEWEST_STRIDES]
            sides[key] = tuple(
                _at_speed(it, base_of(bases, it), blocks) for it in groups[key]
            )
        if any(sides.values()):
            feet = (groups.get(side, []) for side in SIDES)
            uneven = tuple(_asymmetries(*feet))
            found[metric.id] = MetricSession(metric.unit, **sides, asymmetry=uneven)
    return SessionStatistics(parts, problems, found)


def _asymmetries(
    left: Sequence[Series], right: Sequence[Series]
) -> Iterator[Asymmetry]:
    """Yield right against left for strides of one sensor, gait and speed."""
    for own in left:
        other = next((it for it in right if not not_comparable(own, it)), None)
        if other is not None:
            found = asymmetry(own, other)
            if not found.why:
                yield found


def _at_speed(series: Series, base: Baseline, blocks: Sequence[Block]) -> AtSpeed:
    mdc = base.mdc
    end_s = float(np.nextafter(series.t_s[-1], np.inf))
    effects: dict[BlockKind, BlockEffect] = {}
    if blocks:
        changes = block_changes(series, blocks, mdc)
        kinds: dict[BlockKind, None] = dict.fromkeys(block.kind for block in blocks)
        for kind in kinds:
            effects[kind] = block_effect(
                changes, mdc, kind=kind, direction=series.direction
            )
    corrective, rest = effects.get("corrective"), effects.get("rest only")
    return AtSpeed(
        source=str(series.sources[0]),
        gait=str(series.gaits[0]),
        low_mps=float(series.speed_mps.min()),
        high_mps=float(series.speed_mps.max()),
        median=float(np.median(series.values)),
        n=series.n,
        baseline=base,
        change=change_before(base, series, end_s),
        drift=drift(_longest_run(series, blocks), mdc),
        corrective=corrective,
        rest_only=rest,
        more_than_rest=more_than_rest(corrective, rest, mdc)
        if corrective and rest
        else None,
    )


def _longest_run(series: Series, blocks: Sequence[Block]) -> Series:
    """Return the strides between two blocks that are most: a block ends a drift."""
    edges = [-np.inf, *(block.start_s for block in blocks), np.inf]
    runs = (series.between(*pair) for pair in pairwise(edges))
    return max(runs, key=lambda run: run.n)


def _blocks(sample: Sample, parts: Iterable[Part]) -> list[Block]:
    """Return the pauses; running begins again with the first stride after the end.

    Nobody is back on a running belt at the moment in which the operator marks the end.
    """
    begins_s = np.sort([record.stride.ic_s for record in sample.valid("both")])
    found: list[Block] = []
    for part in parts:
        kind = _BLOCKS.get(part.kind)
        if kind is not None:
            row = int(np.searchsorted(begins_s, part.t1_s))
            restart_s = float(begins_s[row]) if row < len(begins_s) else part.t1_s
            found.append(Block(part.t0_s, restart_s, kind))
    return found
