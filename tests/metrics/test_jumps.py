"""Jump formulas: the checks of the metric reference, 8.1."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.metrics.jumps import (
    box_jump,
    drop_flight_s,
    hop_rsi_mps,
    hop_valid_count,
    jump_height_m,
    landing_share_pct,
    landing_sync_ms,
    stabilisation_s,
)

T = np.arange(0, 5.0, 1 / 200)
LANDING = 1 + 1.5 * np.exp(-T / 0.35) * np.cos(2 * np.pi * 3 * T)


def test_the_checks_of_the_reference():
    assert jump_height_m(0.5) == pytest.approx(0.30646, abs=1e-5)
    assert hop_rsi_mps(0.45, 0.20) == pytest.approx(1.24115, abs=1e-4)
    up = box_jump(0.30, 0.45)
    assert up.landing_mps == pytest.approx(1.540, abs=1e-3)
    assert up.apex_m == pytest.approx(0.4209, abs=1e-4)
    assert up.drop_m == pytest.approx(0.12, abs=0.002)
    assert drop_flight_s(0.30) == pytest.approx(0.247, abs=1e-3)
    assert stabilisation_s(T, LANDING) == pytest.approx(1.18, abs=0.01)


def test_a_box_of_no_height_is_level_ground():
    assert box_jump(0.0, 0.5).apex_m == pytest.approx(jump_height_m(0.5))


def test_share_of_the_right_foot():
    assert landing_share_pct(1.0, 3.0) == 75.0
    assert np.isnan(landing_share_pct(0.0, 0.0))


def test_who_never_settles_has_no_time():
    restless = 1 + 0.2 * np.sin(2 * np.pi * T)
    assert np.isnan(stabilisation_s(T, restless))
    assert np.isnan(stabilisation_s(T[:600], LANDING[:600]))  # 3 s are too short
    late = np.where(T < 4.5, 1.2, 1.0)
    assert np.isnan(stabilisation_s(T, late))
    assert stabilisation_s(T, np.ones_like(T)) == 0.0


def test_noise_widens_the_band():
    noise = 0.03 * np.random.default_rng(2).standard_normal(len(T))
    assert np.isnan(stabilisation_s(T, LANDING + noise))
    assert stabilisation_s(T, LANDING + 0.5 * noise, 0.03) < 1.5


def test_the_foot_that_waits_is_in_the_sign():
    assert landing_sync_ms(1.000, 1.018) == pytest.approx(18.0)
    assert landing_sync_ms(1.018, 1.000) == pytest.approx(-18.0)


def test_only_scored_hops_without_fault_count():
    faults = ["late", "", "", "touch-down", *[""] * 8]
    assert hop_valid_count(faults) == (10, 12)
    assert hop_valid_count(faults, slice(2, 12)) == (9, 10)
    assert hop_valid_count(faults, slice(2, 12)).value == 9.0
    assert np.isnan(hop_valid_count([]).value)
