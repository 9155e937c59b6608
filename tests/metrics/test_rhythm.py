"""Cadence against baseline and target, and clocks that drift apart."""

from __future__ import annotations

import numpy as np
import pytest
from sample_cases import belt, own, sample, stride

from lablive.metrics.against import CadenceTarget
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import Sample
from lablive.metrics.weight import Weight


def summarised(metric_id, strides, **more):
    return sample(strides, **more).summarise(METRICS[metric_id])


def test_cadence_against_the_baseline_minute():
    strides = {"left": [stride(stride_s=0.70)] * 3}
    base = {"cadence_spm": {"both": [own(120 / 0.74)]}}
    known = {"belt": belt(3.05), "baseline": base}
    found = summarised("cadence_vs_baseline_pct", strides, **known)
    assert found.both.median == pytest.approx(100 * (0.74 / 0.70 - 1))
    without = summarised("cadence_vs_baseline_pct", strides)
    assert (without.both.n, without.note) == (0, "no baseline was marked")
    known["why_no_baseline"] = {"": "x", "cadence_spm": "needs the belt speed"}
    known["baseline"] = {}
    found = summarised("cadence_vs_baseline_pct", strides, **known)
    assert found.note == "needs the belt speed"


@pytest.mark.parametrize(
    ("changed", "n"),
    [
        ({}, 3),
        ({"end_s": 0.7}, 2),  # strides of the baseline itself do not count
        ({"low_mps": 3.11, "high_mps": 3.11}, 0),
        ({"source": "foot_imu"}, 0),
    ],
)
def test_only_later_strides_of_the_same_sensor_and_speed_count(changed, n):
    strides = {"left": [stride(ic_s=at_s) for at_s in (0.0, 0.74, 1.48)]}
    base = {"cadence_spm": {"both": [own(160.0, **changed)]}}
    known = {"belt": belt(3.0), "baseline": base}
    assert summarised("cadence_vs_baseline_pct", strides, **known).both.n == n


def test_time_in_the_cadence_band_counts_windows():
    # 10 s at the target, 10 s 3 % too slow, 10 s at 1.9 % above
    strides, at_s = [], 0.0
    for period in (0.70, 0.70 * 1.03, 0.70 / 1.019):
        end_s = at_s + 10.0
        while at_s < end_s - 1e-9:
            strides.append(stride(ic_s=at_s, stride_s=period))
            at_s += period
        at_s = end_s
    asked = [CadenceTarget(0.0, 30.0, 120 / 0.70)]
    found = summarised(
        "cadence_adherence_pct", {"left": strides}, cadence_targets=asked
    )
    assert found.both.median == pytest.approx(100 * 2 / 3)
    asked = [CadenceTarget(0.0, 20.0, 120 / 0.70)]
    found = summarised(
        "cadence_adherence_pct", {"left": strides}, cadence_targets=asked
    )
    assert found.both.median == pytest.approx(50.0)
    asked = [CadenceTarget(50.0, 60.0, 120 / 0.70)]
    found = summarised(
        "cadence_adherence_pct", {"left": strides}, cadence_targets=asked
    )
    assert "while a cadence was asked for" in found.note
    assert summarised("cadence_adherence_pct", {"left": strides}).note == (
        "needs a cadence target"
    )


def delayed(delays_ms):
    records = [
        StrideRecord(stride(ic_s=0.74 * n), {"tibia_delay_ms": delay})
        for n, delay in enumerate(delays_ms)
    ]
    made = sample({})
    return Sample(
        {"left": records}, Weight(), made.belt, signals=frozenset(["shank_left"])
    )


@pytest.mark.parametrize("drift_ms_per_min", [0.0, 3.0, -4.0])
def test_clocks_that_drift_apart(drift_ms_per_min):
    noise = np.random.default_rng(3).normal(0, 1.0, 800)
    delays = 22.0 + noise + drift_ms_per_min * 0.74 * np.arange(800) / 60
    found = delayed(delays).summarise(METRICS["sync_error_ms"])
    assert found.both.median == pytest.approx(5 * abs(drift_ms_per_min), abs=2.0)


def test_a_short_run_is_not_blown_up():
    delays = [22.0] * 20 + [23.0] * 20
    found = delayed(delays).summarise(METRICS["sync_error_ms"])
    assert found.both.median == pytest.approx(1.0)
    assert delayed(delays[:39]).summarise(METRICS["sync_error_ms"]).both.n == 0
