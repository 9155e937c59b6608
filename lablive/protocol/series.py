"""Values of one metric, stride by stride: what session statistics are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.metric import NAN, StrideData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from lablive.messages import Floats
    from lablive.metrics.metric import Direction, Metric, StatKey
    from lablive.metrics.summary import Sample

# quantities whose zero is a convention: no ratio, no percentage (reference 2)
_OFFSET_UNITS: Final = ("deg", "°", "dB", "dB(A)", "pts", "% length", "% width")
_OFFSET_IDS: Final = (
    "_si_pct",
    "_balance_pct",
    "_share_pct",
    "_delta_pct",
    "_peak_time_pct",
    "_onset_ms",
)


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One metric of the valid strides of one side, or of both, in time order.

    Attributes
    ----------
    metric_id, unit, direction, key
        What is measured, where better lies, of which side.
    t_s, values, speed_mps
        End of the stride, its value, belt speed (NaN = not known), shape (strides,).
    sources, gaits
        Sensor that found the contacts, and ``run`` or ``walk``, shape (strides,).
    """

    metric_id: str
    unit: str
    direction: Direction
    key: StatKey
    t_s: Floats
    values: Floats
    speed_mps: Floats
    sources: NDArray[np.str_]
    gaits: NDArray[np.str_]

    @property
    def n(self) -> int:
        """How many strides have a value."""
        return len(self.t_s)

    def between(self, start_s: float, end_s: float) -> Series:
        """Return the strides that ended at ``start_s <= t < end_s``."""
        return self.only((self.t_s >= start_s) & (self.t_s < end_s))

    def only(self, keep: NDArray[np.bool_]) -> Series:
        """Return the strides of a mask, shape (strides,)."""
        return Series(
            metric_id=self.metric_id,
            unit=self.unit,
            direction=self.direction,
            key=self.key,
            t_s=self.t_s[keep],
            values=self.values[keep],
            speed_mps=self.speed_mps[keep],
            sources=self.sources[keep],
            gaits=self.gaits[keep],
        )


def make_series(
    metric_id: str,
    unit: str,
    t_s: ArrayLike,
    values: ArrayLike,
    speed_mps: ArrayLike,
    *,
    sources: ArrayLike,
    gaits: ArrayLike = "run",
    key: StatKey = "both",
    direction: Direction = "information",
) -> Series:
    """Return a series in time order; a stride without a number is left out.

    Parameters
    ----------
    metric_id, unit, key, direction
        As in :class:`Series`.
    t_s, values
        Shape (strides,), any order.
    speed_mps, sources, gaits
        Shape (strides,), or one for all.
    """
    columns = np.broadcast_arrays(
        np.asarray(t_s, dtype=float),
        np.asarray(values, dtype=float),
        np.asarray(speed_mps, dtype=float),
        np.asarray(sources, dtype=np.str_),
        np.asarray(gaits, dtype=np.str_),
    )
    order = np.lexsort((columns[1], columns[0]))
    t, value, *rest = (np.array(column[order]) for column in columns)
    whole = Series(metric_id, unit, direction, key, t, value, *rest)
    return whole.only(np.isfinite(t) & np.isfinite(value))


def series_of(sample: Sample, metric: Metric, key: StatKey) -> Series:
    """Return a stride metric of every valid stride of a sample, in the metric's unit.

    Parameters
    ----------
    sample
        Strides, body weight and belt speed.
    metric
        One that every stride has for itself.
    key
        Which side, or both.
    """
    records = sample.valid(key)
    known = sample.memo.get(("columns", key))
    if known is None:
        strides = [record.stride for record in records]
        known = (
            np.array([stride.next_ic_s for stride in strides]),
            np.array([sample.belt.at(stride.middle_s) for stride in strides]),
            np.array([stride.source for stride in strides], dtype=np.str_),
            np.array([stride.gait for stride in strides], dtype=np.str_),
        )
        sample.memo["columns", key] = known
    t_s, speeds, sources, gaits = known
    if metric.on_belt:
        values = _on_belt(sample, metric, key, speeds.tolist())
    else:
        values = sample.measured(metric, key)
    found = np.array(values, dtype=float)
    return make_series(
        metric.id,
        metric.unit,
        t_s,
        found / sample.weight.value if metric.per_weight else found,
        speeds,
        sources=sources,
        gaits=gaits,
        key=key,
        direction=metric.direction,
    )


def on_ratio_scale(metric_id: str, unit: str) -> bool:
    """Tell whether a metric has a true zero, so that ratios of it mean something."""
    return unit not in _OFFSET_UNITS and not metric_id.endswith(_OFFSET_IDS)


def _on_belt(
    sample: Sample, metric: Metric, key: StatKey, speeds_mps: list[float]
) -> list[float]:
    """Return the values of strides that need the belt speed."""
    strides = sample.memo.get(("on belt", key))
    if strides is None:  # several metrics ask for the same
        leg_length_m = sample.leg_length_m
        pairs = zip(sample.valid(key), speeds_mps, strict=True)
        strides = [
            StrideData(it.stride, speed_mps=speed, leg_length_m=leg_length_m)
            for it, speed in pairs
        ]
        sample.memo["on belt", key] = strides
    of_stride = metric.of_stride
    return [of_stride(it) if of_stride else NAN for it in strides]
