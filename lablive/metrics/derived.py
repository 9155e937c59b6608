"""Metrics made from other metrics: symmetry index and variability (reference 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.metric import NAN, Found, Metric, Stat, StatKey
from lablive.names import SIDES

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.summary import Sample

FEWEST_FOR_VARIATION: Final = 50


def symmetry_of(of: Metric, metric_id: str, label: str) -> Metric:
    """Return the symmetry index of a metric, right minus left."""

    def symmetry(sample: Sample) -> Found:
        left, right = (sample.stat(of, side) for side in SIDES)
        index = symmetry_index_pct(left.median, right.median)
        n, n_total = min(left.n, right.n), min(left.n_total, right.n_total)
        return Found({"both": Stat(index, index, NAN, n, n_total)})

    return Metric(
        id=metric_id,
        label=label,
        unit="%",
        skill=of.skill,
        sensors=of.sensors,
        direction="lower is better",
        grade="D",
        citation="2",
        needs=("two feet", "one kind of sensor", *of.needs),
        of_sample=symmetry,
    )


def variation_of(
    of: Metric, metric_id: str, label: str, *, grade: str, citation: str
) -> Metric:
    """Return the coefficient of variation of a metric over 50 strides or more."""

    def variation(sample: Sample) -> Found:
        stats: dict[StatKey, Stat] = {}
        for side in sample.sides:
            values = sample.values(of, side)
            if len(values) >= FEWEST_FOR_VARIATION:
                spread = variation_pct(values)
                n_total = sample.expected(side)
                stats[side] = Stat(spread, spread, NAN, len(values), n_total)
        return Found(stats)

    return Metric(
        id=metric_id,
        label=label,
        unit="%",
        skill=of.skill,
        sensors=of.sensors,
        direction="lower is better",
        grade=grade,
        citation=citation,
        needs=("50 strides",),
        of_sample=variation,
        window=FEWEST_FOR_VARIATION,
    )


def symmetry_index_pct(left: float, right: float) -> float:
    """Return 200 (R - L) / (R + L) in percent; + means the right is larger.

    For positive quantities on a ratio scale only (metric reference 2).

    >>> round(symmetry_index_pct(250.0, 240.0), 3)
    -4.082
    """
    total = right + left
    return 200.0 * (right - left) / total if total > 0 else NAN


def variation_pct(values: Floats) -> float:
    """Return the coefficient of variation in percent, linear trend taken off."""
    at = np.arange(len(values)) - 0.5 * (len(values) - 1)
    slope = float(np.sum(at * values)) / float(np.sum(at * at))
    rest = values - np.mean(values) - slope * at
    sd = float(np.sqrt(np.sum(rest * rest) / (len(values) - 2)))
    return 100.0 * sd / float(np.mean(values))
