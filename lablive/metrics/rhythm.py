"""Rhythm against a target, and whether the sensors agree on time (reference 1.4, 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.sync_check import STEPS, SyncCheck
from lablive.metrics.against import against_baseline
from lablive.metrics.impact import tibia_delay_ms
from lablive.metrics.metric import NAN, Found, Metric, Stat, sample_metric
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.temporal import cadence_spm

if TYPE_CHECKING:
    from lablive.metrics.summary import Sample

_WINDOW_S: Final = 10.0
_FEWEST_IN_WINDOW: Final = 5  # strides of both feet
_TOLERANCE: Final = 0.02


@sample_metric(
    label="cadence against the own baseline",
    unit="%",
    skill="temporal",
    sensors=("insole", "treadmill"),
    direction="in a band",
    grade="B",
    contested=True,
    citation="2; S40, S41",
    formula="100 (cadence / median cadence of the baseline minute - 1)",
)
def cadence_vs_baseline_pct(sample: Sample) -> Found:
    """Return how much faster than in the baseline minute the steps come."""
    cadence, base = against_baseline(sample, cadence_spm, "both").T
    return Found({"both": sample.stat_of(100.0 * (cadence / base - 1.0), "both")})


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
    strides = [record.stride for record in sample.valid("both")]
    at_s = np.array([stride.ic_s for stride in strides])
    cadence = np.array([120.0 / stride.stride_s for stride in strides])
    inside: list[bool] = []
    used = 0
    for target in sample.cadence_targets:
        window = np.floor((at_s - target.t0_s) / _WINDOW_S)
        asked = (at_s >= target.t0_s) & (at_s < target.t1_s)
        for number in np.unique(window[asked]):
            own = cadence[asked & (window == number)]
            if len(own) >= _FEWEST_IN_WINDOW:
                off_spm = abs(float(np.median(own)) - target.spm)
                inside.append(off_spm <= _TOLERANCE * target.spm)
                used += len(own)
    if not inside:
        raise NotMeasuredError("no 10 s of running while a cadence was asked for")
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
    formula="largest change, within 5 min, of the median delay over 20 steps of the "
    "tibial peak after contact",
)
def sync_error_ms(sample: Sample) -> Found:
    """Return how far the clocks of insole and shank IMU moved apart, the worse side."""
    worst_ms: list[float] = []
    used = 0
    for side in sample.sides:
        check = SyncCheck(side)
        for record in sample.valid(side):
            lag_ms = record.values.get(tibia_delay_ms.id)
            if lag_ms is not None:
                check.feed(record.stride.ic_s, lag_ms)
        if check.blocks > 1:
            worst_ms.append(abs(check.worst_ms))
            used += STEPS * check.blocks
    if not worst_ms:
        return Found()
    drift_ms, n_total = max(worst_ms), sample.expected("both")
    return Found({"both": Stat(drift_ms, drift_ms, NAN, used, n_total)})


METRICS: Final[tuple[Metric, ...]] = (
    cadence_vs_baseline_pct,
    cadence_adherence_pct,
    sync_error_ms,
)
