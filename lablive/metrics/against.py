"""What strides are held against: the person's own baseline, a cadence asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lablive.metrics.belt import one_speed
from lablive.metrics.shared import NotMeasuredError

if TYPE_CHECKING:
    from lablive.gait.strides import Stride
    from lablive.messages import Floats
    from lablive.metrics.metric import Metric, StatKey
    from lablive.metrics.summary import Sample


class OwnBaseline(msgspec.Struct, frozen=True):
    """Median of a person's baseline, and which strides may be held against it.

    Attributes
    ----------
    value
        In the metric's unit.
    end_s
        End of the baseline; only strides that begin later count.
    source
        Sensor the contacts come from.
    low_mps, high_mps
        Belt speed in the baseline, lowest and highest.
    gait
        ``run`` or ``walk``; "" = not known.
    """

    value: float
    end_s: float
    source: str
    low_mps: float
    high_mps: float
    gait: str = ""

    def holds_for(self, stride: Stride, speed_mps: float) -> bool:
        """Tell whether a stride is later, of the same sensor and gait, and as fast."""
        return (
            stride.ic_s >= self.end_s
            and stride.source == self.source
            and self.gait in ("", stride.gait)
            and one_speed(self.low_mps, self.high_mps, speed_mps)
        )


class CadenceTarget(msgspec.Struct, frozen=True):
    """A cadence in steps per minute that was asked for from one time to another."""

    t0_s: float
    t1_s: float
    spm: float


def against_baseline(sample: Sample, metric: Metric, key: StatKey) -> Floats:
    """Return values of strides and the baseline of each, shape (strides, 2).

    Parameters
    ----------
    sample
        Strides and the person's baselines.
    metric
        One that every stride has for itself, without body weight or belt in it.
    key
        Which side, or both.

    Raises
    ------
    NotMeasuredError
        There is no baseline of this side.
    """
    known = sample.baseline.get(metric.id, {}).get(key, ())
    if not known:
        why = sample.why_no_baseline
        raise NotMeasuredError(why.get(metric.id) or why.get("", "no baseline"))
    found: list[tuple[float, float]] = []
    for record in sample.valid(key):
        value, stride = record.values.get(metric.id), record.stride
        if value is None:
            continue
        speed_mps = sample.belt.at(stride.middle_s)
        fits = (base for base in known if base.holds_for(stride, speed_mps))
        base = next(fits, None)
        if base is not None:
            found.append((value, base.value))
    return np.array(found, dtype=float).reshape(-1, 2)
