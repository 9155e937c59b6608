"""How much of the running time a metric spent in each part of its band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lablive.metrics.belt import LEVEL_PCT
from lablive.metrics.metric import NAN
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.bands import Band, Bands
    from lablive.metrics.metric import Metric, StatKey
    from lablive.metrics.summary import Sample


class Zone(msgspec.Struct, frozen=True):
    """Share of the time of the judged strides, in percent; they add up to 100.

    ``n`` valid strides could be judged, ``n_total`` strides the time holds.
    """

    good_pct: float
    caution_pct: float
    poor_pct: float
    n: int
    n_total: int


def time_in_zones(sample: Sample, metric: Metric, bands: Bands) -> dict[StatKey, Zone]:
    """Return the time in each part of the band, per side; a side without is left out.

    Each stride is judged at its own belt speed and counts with its own length. A
    stride on a slope, or at a speed the band does not hold for, is not judged.

    Parameters
    ----------
    sample
        Strides of one gait.
    metric
        A metric of single strides; others, and those without a band, have no zones.
    bands
        Good, caution, poor.
    """
    band = bands.band[metric.id]
    if metric.of_stride is None or metric.on_belt or band.info or band.good is None:
        return {}
    keys: tuple[StatKey, ...] = sample.sides or ("both",)
    found: dict[StatKey, Zone] = {}
    for key in keys:
        values = np.array(sample.measured(metric, key), dtype=float)
        if metric.per_weight:
            values = values / sample.weight.value
        speed_mps, length_s = _speeds(sample, key)
        slowest, fastest = bands.speeds_mps
        judged = np.isfinite(values)
        if not band.any_speed:
            judged &= (speed_mps >= slowest) & (speed_mps <= fastest)
        size = np.abs(values) if band.absolute else values
        if band.faster is not None:
            faster = np.fmax(speed_mps - band.faster.above_mps, 0.0)
            size = size - band.faster.per_mps * faster
        good = judged & (size >= band.good[0]) & (size <= band.good[1])
        low, high = band.caution or (np.inf, -np.inf)
        caution = judged & ~good & (size >= low) & (size <= high)
        poor = judged & ~good & ~caution
        if _never_poor(sample, band, key):
            caution, poor = caution | poor, poor & False
        total_s = float(length_s[judged].sum())
        if total_s:
            good_pct, caution_pct, poor_pct = (
                100.0 * float(length_s[part].sum()) / total_s
                for part in (good, caution, poor)
            )
            n, n_total = int(judged.sum()), sample.expected(key)
            found[key] = Zone(good_pct, caution_pct, poor_pct, n, n_total)
    return found


def _never_poor(sample: Sample, band: Band, key: StatKey) -> bool:
    """Tell whether what a band asks for besides is not there (``poor_with``)."""
    if band.poor_with is None:
        return False
    beside = sample.summarise(METRICS[band.poor_with.metric]).stat(key)
    return not beside.median >= band.poor_with.least


def _speeds(sample: Sample, key: StatKey) -> tuple[Floats, Floats]:
    """Return the belt speed of every valid stride, NaN on a slope, and its length."""
    known = sample.memo.get(("speeds", key))
    if known is None:
        strides = [record.stride for record in sample.valid(key)]
        sloped = [abs(sample.incline.at(it.middle_s)) > LEVEL_PCT for it in strides]
        speed_mps = [sample.belt.at(it.middle_s) for it in strides]
        known = sample.memo["speeds", key] = (
            np.where(np.array(sloped, dtype=bool), NAN, np.array(speed_mps)),
            np.array([it.stride_s for it in strides]),
        )
    return known
