"""Baselines that were marked, and change against them: the same live and in a report.

Nobody's first minutes are taken for a baseline (metric reference 0.3 asks for six
minutes of getting used to the belt first): without a marked one there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.metrics.against import CadenceTarget, OwnBaseline
from lablive.metrics.belt import SAME_SPEED_MPS, one_speed
from lablive.metrics.metric import StatKey
from lablive.metrics.registry import HELD_AGAINST
from lablive.metrics.weight import Weight
from lablive.protocol.baseline import (
    MINUTE_S,
    Baseline,
    Change,
    baseline,
    change,
)
from lablive.protocol.mdc import Mdc
from lablive.protocol.phases import Part, of_kind
from lablive.protocol.series import Series, series_of
from lablive.protocol.speed import not_comparable, strata

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.metrics.metric import Metric
    from lablive.metrics.summary import Sample

Baselines = Mapping[str, Mapping[StatKey, tuple[Baseline, ...]]]
NONE_MARKED: Final = "no baseline was marked"
_AT_OTHER_SPEED: Final = (
    "the baseline was run at another speed or seen by another sensor"
)


class OwnBaselines:
    """Baselines of marked parts, each metric's worked out when it is first asked for.

    Forces are in sensor units. Where several parts were run at one speed the last one
    counts; one that could not be made says why.

    Parameters
    ----------
    sample
        Strides of the parts at least.
    parts
        What was marked.
    """

    def __init__(self, sample: Sample, parts: Sequence[Part]) -> None:
        self._sample = replace(sample, weight=Weight(1.0), memo=dict[object, object]())
        self._marked = of_kind(parts, "baseline")[::-1]
        self._known: dict[str, Mapping[StatKey, tuple[Baseline, ...]]] = {}

    def knows(self, metric: Metric) -> bool:
        """Tell whether a metric's were worked out already."""
        return metric.id in self._known

    def of(self, metric: Metric) -> Mapping[StatKey, tuple[Baseline, ...]]:
        """Return side -> baselines of a metric that every stride has for itself."""
        if metric.id not in self._known:
            keys: tuple[StatKey, ...] = (*self._sample.sides, "both")
            self._known[metric.id] = {
                key: _of_parts(series_of(self._sample, metric, key), self._marked)
                for key in keys
            }
        return self._known[metric.id]

    def weighed(
        self, metric: Metric, weight: Weight
    ) -> Mapping[StatKey, tuple[Baseline, ...]]:
        """Return what :meth:`of` does, forces in body weights."""
        sides = self.of(metric)
        if not metric.per_weight:
            return sides
        return {
            key: tuple(_divided(base, weight.value) for base in bases)
            for key, bases in sides.items()
        }


def baselines(
    sample: Sample, parts: Sequence[Part], metrics: Iterable[Metric]
) -> Baselines:
    """Return :class:`OwnBaselines` of metrics, none at all without a marked part."""
    if not of_kind(parts, "baseline"):
        return {}
    own = OwnBaselines(sample, parts)
    return {it.id: own.of(it) for it in metrics if it.of_stride is not None}


def weighed(known: Baselines, weight: Weight, metrics: Iterable[Metric]) -> Baselines:
    """Return baselines with forces in body weights instead of sensor units."""
    forces = {metric.id for metric in metrics if metric.per_weight}
    return {
        metric_id: {
            key: tuple(_divided(base, weight.value) for base in bases)
            for key, bases in sides.items()
        }
        if metric_id in forces
        else sides
        for metric_id, sides in known.items()
    }


def base_of(bases: Sequence[Baseline], series: Series) -> Baseline:
    """Return the baseline that strides of one sensor and speed belong to.

    Parameters
    ----------
    bases
        Of the same metric and side.
    series
        One of :func:`~.speed.strata`.

    Returns
    -------
    Baseline
        The first that fits; else one that says why there is none.
    """
    speed_mps = float(np.median(series.speed_mps)) if series.n else float("nan")
    for base in bases:
        alike = base.source in series.sources[:1] and base.gait in series.gaits[:1]
        if not base.why and alike and one_speed(base.low_mps, base.high_mps, speed_mps):
            return base
    why = _AT_OTHER_SPEED if any(not base.why for base in bases) else ""
    why = why or next((base.why for base in bases), NONE_MARKED)
    mdc = Mdc(series.unit, why=why)
    return Baseline(series.metric_id, series.unit, series.key, mdc, why=why)


def change_before(base: Baseline, series: Series, end_s: float) -> Change:
    """Return the change of the minute before a time.

    Parameters
    ----------
    base
        Baseline of the same metric and side.
    series
        Strides that ended in that minute at least; those of the baseline itself, of
        another sensor or speed do not count.
    end_s
        End of the minute.
    """
    now = series.between(max(end_s - MINUTE_S, base.end_s), end_s)
    return change(base, comparable(base, now))


def comparable(base: Baseline, series: Series) -> Series:
    """Return the strides as fast as the baseline, of its sensor and gait."""
    if base.why:
        return series
    fast = np.fmax(series.speed_mps, base.high_mps)
    slow = np.fmin(series.speed_mps, base.low_mps)
    near = np.isfinite(series.speed_mps) & (fast - slow <= SAME_SPEED_MPS)
    alike = (series.sources == base.source) & (series.gaits == base.gait)
    near = series.only(near & alike)
    # each fits the baseline, yet the slowest and the fastest may not fit each other
    return strata(near)[0] if near.n and not_comparable(near) else near


def held_against(
    sample: Sample, parts: Sequence[Part], known: OwnBaselines | None
) -> Sample:
    """Return a sample that knows the baselines and the cadence that was asked for."""
    own: dict[str, dict[StatKey, tuple[OwnBaseline, ...]]] = {}
    why: dict[str, str] = {"": NONE_MARKED}
    for metric in HELD_AGAINST:
        sides = {} if known is None else known.of(metric)
        own[metric.id] = {
            key: tuple(_own(base) for base in bases if not base.why)
            for key, bases in sides.items()
        }
        whys = [base.why for bases in sides.values() for base in bases if base.why]
        if whys:
            why[metric.id] = f"the baseline {whys[0]}"
    asked = of_kind(parts, "cadence")
    targets = [
        CadenceTarget(part.t0_s, part.t1_s, part.target_spm)
        for part in asked
        if part.target_spm is not None
    ]
    return replace(sample, baseline=own, why_no_baseline=why, cadence_targets=targets)


def _of_parts(series: Series, marked: Sequence[Part]) -> tuple[Baseline, ...]:
    """Return the baselines of one side, the newest part first."""
    found: list[Baseline] = []
    refused: list[Baseline] = []
    for part in marked:
        within = series.between(part.t0_s, part.t1_s)
        for group in strata(within) or (within,):
            base = msgspec.structs.replace(
                baseline(group), start_s=part.t0_s, end_s=part.t1_s
            )
            if base.why:
                refused.append(base)
            elif not any(_same_speed(base, known) for known in found):
                found.append(base)
    return tuple(found or refused[:1])


def _same_speed(one: Baseline, other: Baseline) -> bool:
    speeds = (one.low_mps, one.high_mps, other.low_mps, other.high_mps)
    alike = (one.source, one.gait) == (other.source, other.gait)
    return alike and one_speed(*speeds)


def _own(base: Baseline) -> OwnBaseline:
    speeds = base.low_mps, base.high_mps
    return OwnBaseline(base.value, base.end_s, base.source, *speeds, base.gait)


def _divided(base: Baseline, weight: float) -> Baseline:
    mdc = base.mdc
    return msgspec.structs.replace(
        base,
        value=base.value / weight,
        mdc=msgspec.structs.replace(
            mdc,
            value=mdc.value / weight,
            threshold=mdc.threshold / weight,
            sem=mdc.sem / weight,
        ),
    )
