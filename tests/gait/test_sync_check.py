"""The agreement of two clocks."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.gait.sync_check import SyncCheck


def steps(minutes, drift_ms_per_min=0.0, lag_ms=20.0):
    rng = np.random.default_rng(1)
    check = SyncCheck("left insole and left shank IMU")
    for ic_s in np.arange(0.0, 60.0 * minutes, 0.74):
        check.feed(ic_s, lag_ms + drift_ms_per_min * ic_s / 60.0 + rng.normal(0, 3.0))
    return check


def test_a_constant_lag_is_no_drift():
    check = steps(12)
    assert check.lag_ms == pytest.approx(20.0, abs=3.0)
    assert abs(check.drift_ms) < 4.0
    assert check.findings() == ()


def test_a_drifting_clock_is_named():
    check = steps(12, drift_ms_per_min=3.0)
    assert check.drift_ms == pytest.approx(15.0, abs=4.0)
    (finding,) = check.findings()
    assert finding.name == "clocks drift"
    assert "left insole and left shank IMU" in finding.text


def test_a_slow_drift_over_an_hour_is_judged_by_five_minutes():
    assert steps(60, drift_ms_per_min=0.5).findings() == ()


def test_nothing_is_said_before_twenty_steps():
    check = SyncCheck("x")
    for k in range(19):
        check.feed(float(k), 500.0)
    assert np.isnan(check.lag_ms)
    assert np.isnan(check.drift_ms)
    assert check.findings() == ()


def test_a_drift_that_ended_is_still_told():
    check = SyncCheck("x")
    for k in range(2000):
        check.feed(0.74 * k, 20.0 + min(0.05 * k, 15.0))
    assert check.drift_ms == pytest.approx(0.0, abs=0.1)
    assert check.worst_ms == pytest.approx(14.5, abs=0.6)
    assert len(check.findings()) == 1
