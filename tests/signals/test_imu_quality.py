"""Rates too low for a place, and clipped peaks."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.names import IMU_SITES
from lablive.signals.imu_quality import clipped, rate_note

GRAVITY = 9.80665


@pytest.mark.parametrize("site", IMU_SITES)
def test_200_hz_are_enough_everywhere(site):
    assert rate_note(site, 200.0) == ""
    assert "31 rows per second" in rate_note(site, 31.25)


def test_a_leg_needs_more_than_a_trunk():
    assert rate_note("trunk", 98.6) == ""
    assert rate_note("foot_right", 100.0).startswith("The right foot IMU sends 100")


def shocks(rate_hz, peak_g, resolution=0.0, noise_g=0.0, seed=2):
    """Return specific force with a pulse each 0.74 s."""
    t_s = np.arange(0, 4, 1 / rate_hz)
    pulse = np.where(t_s % 0.74 < 0.03, np.sin(np.pi * (t_s % 0.74) / 0.03), 0.0)
    stance = np.where(t_s % 0.37 < 0.25, 2.3 * np.sin(np.pi * (t_s % 0.37) / 0.25), 0.0)
    x = GRAVITY * np.column_stack([0.3 * pulse, 0 * t_s, stance + (peak_g - 2) * pulse])
    x += GRAVITY * noise_g * np.random.default_rng(seed).standard_normal(x.shape)
    return np.round(x / resolution) * resolution if resolution else x


@pytest.mark.parametrize("rate_hz", [100, 200, 1000])
@pytest.mark.parametrize("resolution", [0.0, 0.005, 0.04])
def test_a_clipped_shock_is_seen(rate_hz, resolution):
    limit = 16 * GRAVITY
    whole = shocks(rate_hz, 30.0, resolution)
    cut = np.clip(whole, -limit, limit)
    beyond = np.abs(whole).max(axis=1) > limit
    known = clipped(cut, "acc", limit)
    assert known[beyond].all()
    assert not known[np.abs(whole).max(axis=1) < 0.95 * limit].any()
    if rate_hz > 100:  # three rows in a clipped peak
        guessed = clipped(cut, "acc")
        assert guessed[beyond].mean() > 0.9
        assert not guessed[~beyond].any()


@pytest.mark.parametrize("rate_hz", [100, 200, 1000])
@pytest.mark.parametrize("resolution", [0.0, 0.005, 0.04])
@pytest.mark.parametrize("noise_g", [0.0, 0.003])
def test_a_rounded_peak_is_not_clipped(rate_hz, resolution, noise_g):
    assert not clipped(shocks(rate_hz, 12.0, resolution, noise_g), "acc").any()


def test_downward_clipping_and_missing_rows():
    t_s = np.arange(0, 2, 0.005)
    swing = np.radians(2600) * np.sin(2 * np.pi * 1.35 * t_s)[:, None] * [[0, -1, 0.1]]
    cut = np.maximum(swing, -np.radians(2000))
    cut[10] = np.nan
    found = clipped(cut, "gyro")
    assert found.any()
    assert (cut[found, 1] == -np.radians(2000)).all()


def test_a_still_or_stuck_sensor_is_not_clipped():
    still = np.tile([0.1, 0.0, 9.8], (400, 1))
    assert not clipped(still, "acc").any()
    assert not clipped(still * 4, "acc").any()
    assert not clipped(np.full((5, 3), np.nan), "acc").any()
    assert clipped(np.empty((0, 3)), "acc").shape == (0,)
