"""The shock at the shin and the agreement of two clocks."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.gait.tibia_imu import AFTER_CONTACT_S, SyncCheck, find_shock

IC_S = 5.0


def shin(fs, phase_s=0.0, g=6.0, noise=0.0):
    """Return t and a half-sine of 20 ms, 12 ms after contact, in m/s^2."""
    t = np.arange(4.0, 6.0, 1.0 / fs) + phase_s
    x = (t - IC_S - 0.012) / 0.020
    pulse = np.where((x >= 0) & (x <= 1), 9.81 * g * np.sin(np.pi * x), 0.0)
    return t, pulse + noise * np.random.default_rng(0).standard_normal(len(t))


def shock(t, x, fs):
    return find_shock(t, x, fs, (IC_S, IC_S + AFTER_CONTACT_S))


@pytest.mark.parametrize(("fs", "off_ms"), [(1000, 0.5), (200, 3.0), (100, 6.0)])
def test_the_reference_pulse_is_found(fs, off_ms):
    for phase_s in np.linspace(0.0, 1.0 / fs, 7, endpoint=False):
        found = shock(*shin(fs, phase_s), fs)
        assert found.t_s == pytest.approx(IC_S + 0.022, abs=1e-3 * off_ms)
        if fs >= 200:
            assert 5.3 <= found.peak_ms2 / 9.81 <= 6.0  # metric reference 3.5


def test_the_pulse_reads_as_the_reference_says():
    assert shock(*shin(1000), 1000).peak_ms2 / 9.81 == pytest.approx(5.65, abs=0.03)


def test_rows_far_away_change_nothing():
    t, x = shin(200, noise=3.0)
    near = (t > 4.85) & (t < 5.2)
    assert shock(t[near], x[near], 200) == shock(t, x, 200)


def test_no_shock_is_none():
    t, x = shin(200)
    assert shock(t, -np.abs(t - IC_S), 200) is None  # falling from the start
    assert shock(t[:100], x[:100], 200) is None  # rows end before
    hole = (t > IC_S) & (t < IC_S + 0.03)
    assert shock(t[~hole], x[~hole], 200) is None
    gone = np.where(hole, np.nan, x)
    assert shock(t, gone, 200) is None
    assert shock(t, np.full(len(t), np.nan), 200) is None


def steps(minutes, drift_ms_per_min=0.0, lag_s=0.020):
    rng = np.random.default_rng(1)
    check = SyncCheck("left insole and left shank IMU")
    for ic_s in np.arange(0.0, 60.0 * minutes, 0.74):
        late_s = lag_s + 1e-3 * (drift_ms_per_min * ic_s / 60.0 + rng.normal(0, 3.0))
        check.feed(ic_s, ic_s + late_s)
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
        check.feed(float(k), k + 0.5)
    assert np.isnan(check.lag_ms)
    assert np.isnan(check.drift_ms)
    assert check.findings() == ()
