"""Metrics step by step: what the curves and dots of the screen are drawn from.

Pure functions of a sample of strides, so that live view and replay draw the same.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.contacts import ContactSide
from lablive.metrics.footfall import footfall_sel_db, footfall_sel_dba, over_noise_db
from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.metrics.metric import Metric
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.summary import Sample

LAST: Final = 40  # strides per side
UNCALIBRATED: Final = "dB rel"


class Steps(msgspec.Struct, frozen=True):
    """One metric, one number per step, in time order.

    Attributes
    ----------
    unit
        Of ``values``.
    t_s
        Initial contact of each step, lab clock.
    sides
        Whose; ``unknown`` where the feet cannot be told apart.
    values
        No NaN: a step that was not measured is left out.
    """

    unit: str
    t_s: tuple[float, ...] = ()
    sides: tuple[ContactSide, ...] = ()
    values: tuple[float, ...] = ()


class StepSound(msgspec.Struct, frozen=True):
    """How loud each footfall was.

    Attributes
    ----------
    level
        Exposure level, dB(A), or dB re full scale without a calibration.
    relative
        The same less the baseline of its foot, dB; steps without one are left out.
    baseline_db
        Side -> baseline of the newest step that has one.
    noise_db
        Level that the noise alone would have in the same time, median; NaN = not
        known.
    """

    level: Steps
    relative: Steps
    baseline_db: dict[ContactSide, float] = {}
    noise_db: float = NAN


def steps_of(sample: Sample, metric: Metric) -> Steps:
    """Return a stride metric step by step; nothing for one of many strides."""
    if metric.of_stride is None:
        return Steps(metric.unit)
    records = sample.valid("both")
    values = np.array(sample.measured(metric, "both"), dtype=float)
    if metric.per_weight:
        values = values / sample.weight.value
    return _in_order(sample, metric.unit, records, values.tolist())


def sound_of(sample: Sample) -> StepSound:
    """Return how loud each footfall was, against baseline and noise."""
    records = sample.valid("both")
    levels = sample.measured(footfall_sel_db, "both")
    over = sample.measured(over_noise_db, "both")
    known = [(level, db) for level, db in zip(levels, over, strict=True)]
    noise = [level - db for level, db in known if math.isfinite(level - db)]
    bases = [_baseline(sample, record) for record in records]
    calibrated = any(footfall_sel_dba.id in record.values for record in records)
    baseline_db: dict[ContactSide, float] = {
        record.stride.side: base
        for record, base in zip(records, bases, strict=True)
        if math.isfinite(base)
    }
    return StepSound(
        _in_order(
            sample,
            footfall_sel_dba.unit if calibrated else UNCALIBRATED,
            records,
            levels,
        ),
        _in_order(
            sample,
            "dB",
            records,
            [level - base for level, base in zip(levels, bases, strict=True)],
        ),
        baseline_db,
        float(np.median(noise)) if noise else NAN,
    )


def _baseline(sample: Sample, record: StrideRecord) -> float:
    side = record.stride.side
    if side == "unknown":
        return NAN
    known = sample.baseline.get(footfall_sel_db.id, {}).get(side, ())
    if not known:
        return NAN
    speed_mps = sample.belt.at(record.stride.middle_s)
    fits = (it.value for it in known if it.holds_for(record.stride, speed_mps))
    return next(fits, NAN)


def _in_order(
    sample: Sample, unit: str, records: list[StrideRecord], values: list[float]
) -> Steps:
    exchanged = bool(sample.withheld.sides)
    found: list[tuple[float, ContactSide, float]] = sorted(
        (record.stride.ic_s, "unknown" if exchanged else record.stride.side, value)
        for record, value in zip(records, values, strict=True)
        if math.isfinite(value)
    )
    return Steps(
        unit,
        tuple(t_s for t_s, _, _ in found),
        tuple(side for _, side, _ in found),
        tuple(value for _, _, value in found),
    )
