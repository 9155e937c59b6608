"""Rhythm against a target, and whether the sensors agree on time (reference 1.4, 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.impact import tibia_delay_ms
from lablive.metrics.metric import NAN, Found, Metric, Stat, sample_metric
from lablive.metrics.temporal import cadence_spm

if TYPE_CHECKING:
    from lablive.metrics.summary import Sample

_WINDOW_S: Final = 10.0
_FEWEST_IN_WINDOW: Final = 5  # strides of both feet
_TOLERANCE: Final = 0.02
_BLOCK: Final = 20  # steps (metric reference 1.4)
_PER_S: Final = 300.0  # drift is told per 5 min


@sample_metric(
    label="cadence against the own baseline",
    unit="%",
    skill="temporal",
    sensors=("insole", "treadmill"),
    direction="in a band",
    grade="B",
    contested=True,
    citation="2; S40, S41",
    needs=("baseline",),
    formula="100 (cadence / median cadence of the baseline minute - 1)",
)
def cadence_vs_baseline_pct(sample: Sample) -> Found:
    """Return how much faster than in the baseline minute the steps come."""
    base = sample.baseline.get(cadence_spm.id, {}).get("both", NAN)
    values = 100.0 * (sample.values(cadence_spm, "both") / base - 1.0)
    values = values[np.isfinite(values)]
    return Found({"both": sample.stat_of(values, "both")})


@sample_metric(
    label="time in the cadence band",
    unit="%",
    skill="temporal",
    sensors=("insole", "treadmill"),
    direction="higher is better",
    grade="D",
    citation="9",
    needs=("cadence target",),
    formula="share of 10 s windows with a median cadence within 2 % of the target",
)
def cadence_adherence_pct(sample: Sample) -> Found:
    """Return how much of the time the cadence was what was asked for."""
    records = sample.valid("both")
    at_s = np.array([record.stride.ic_s for record in records])
    cadence = np.array([record.values.get(cadence_spm.id, NAN) for record in records])
    target = sample.cadence_target_spm
    if not len(at_s) or np.isnan(target):
        return Found()
    window = np.floor((at_s - at_s.min()) / _WINDOW_S)
    inside: list[bool] = []
    used = 0
    for number in np.unique(window):
        own = cadence[window == number]
        if len(own) >= _FEWEST_IN_WINDOW:
            near = abs(float(np.median(own)) - target) <= _TOLERANCE * target
            inside.append(near)
            used += len(own)
    if not inside:
        return Found()
    share = 100.0 * sum(inside) / len(inside)
    return Found({"both": Stat(share, share, NAN, used, sample.expected("both"))})


@sample_metric(
    label="drift between insole and shank IMU",
    unit="ms",
    skill="temporal",
    sensors=("insole", "shank IMU"),
    direction="lower is better",
    grade="D",
    citation="1.4",
    signals=("shank",),
    made_of=(tibia_delay_ms.id,),
    formula="change of the median delay of the tibial peak after contact, first to "
    "last 20 steps, per 5 min when longer",
)
def sync_error_ms(sample: Sample) -> Found:
    """Return how far the clocks of insole and shank IMU moved apart."""
    records = [r for r in sample.valid("both") if tibia_delay_ms.id in r.values]
    if len(records) < 2 * _BLOCK:
        return Found()
    records.sort(key=lambda record: record.stride.ic_s)
    first, last = records[:_BLOCK], records[-_BLOCK:]
    early, late = (
        float(np.median([record.values[tibia_delay_ms.id] for record in block]))
        for block in (first, last)
    )
    span_s = last[_BLOCK // 2].stride.ic_s - first[_BLOCK // 2].stride.ic_s
    drift_ms = abs(late - early) * min(1.0, _PER_S / span_s)
    n_total = sample.expected("both")
    return Found({"both": Stat(drift_ms, drift_ms, NAN, len(records), n_total)})


METRICS: Final[tuple[Metric, ...]] = (
    cadence_vs_baseline_pct,
    cadence_adherence_pct,
    sync_error_ms,
)
