"""Metrics made from other metrics: symmetry index and variability (reference 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

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
        signals=of.signals,
        made_of=(of.id,),
        formula=f"200 (R - L) / (R + L) of the medians of {of.id}",
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
        made_of=(of.id,),
        formula=f"100 SD / mean of {of.id}, linear trend taken off",
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


def difference_of(of: Metric, metric_id: str, label: str, **about: Any) -> Metric:
    """Return right minus left of a metric that has no true zero (reference 0.6, 2).

    Parameters
    ----------
    of
        An angle or level per stride.
    metric_id, label, **about
        Of the new metric.
    """

    def difference(sample: Sample) -> Found:
        left, right = (sample.stat(of, side) for side in SIDES)
        value = right.median - left.median
        n, n_total = min(left.n, right.n), min(left.n_total, right.n_total)
        return Found({"both": Stat(value, value, NAN, n, n_total)})

    told: dict[str, Any] = {
        "id": metric_id,
        "label": label,
        "unit": of.unit,
        "skill": of.skill,
        "sensors": of.sensors,
        "direction": "lower is better",
        "grade": "D",
        "citation": of.citation,
        "needs": ("two feet", "one kind of sensor", *of.needs),
        "signals": of.signals,
        "made_of": (of.id,),
        "formula": f"median {of.id} of the right foot less that of the left",
        "of_sample": difference,
    }
    return Metric(**(told | about))


def share_of(part: Metric, metric_id: str, label: str, **about: Any) -> Metric:
    """Return the percentage of strides whose ``part`` is 1 instead of 0.

    Parameters
    ----------
    part
        A metric of one stride that is 0 or 1.
    metric_id, label, **about
        Of the new metric.
    """

    def share(sample: Sample) -> Found:
        stats: dict[StatKey, Stat] = {}
        for key in (*sample.sides, "both"):
            values = sample.values(part, key)
            if len(values):
                percent = 100.0 * float(np.mean(values))
                n_total = sample.expected(key)
                stats[key] = Stat(percent, percent, NAN, len(values), n_total)
        return Found(stats)

    told: dict[str, Any] = {
        "id": metric_id,
        "label": label,
        "unit": "%",
        "skill": part.skill,
        "sensors": part.sensors,
        "direction": part.direction,
        "grade": part.grade,
        "citation": part.citation,
        "needs": part.needs,
        "signals": part.signals,
        "made_of": (part.id,),
        "formula": f"share of the strides; 1 = {part.formula}",
        "of_sample": share,
    }
    return Metric(**(told | about))
