"""Sway and hold of made-up stands."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.metrics.balance import hold_time_s, sway_cop_mm_s

T = np.arange(0.0, 30.0, 0.01)
SOLE = {"length_mm": 260.0, "width_mm": 90.0}


def circle(radius_mm=5.0, period_s=2.0):
    phase = 2 * np.pi * T / period_s
    xy = radius_mm * np.column_stack([np.cos(phase), np.sin(phase)])
    return xy / (SOLE["width_mm"], SOLE["length_mm"])


def test_sway_is_the_path_over_time():
    expected = 2 * np.pi * 5.0 / 2.0
    assert sway_cop_mm_s(T, circle(), **SOLE) == pytest.approx(expected, rel=1e-3)
    still = np.full((len(T), 2), 0.3)
    assert sway_cop_mm_s(T, still, **SOLE) == 0.0


def test_a_hole_is_not_bridged():
    xy = circle()
    xy[500:600] = np.nan
    expected = 2 * np.pi * 5.0 / 2.0
    assert sway_cop_mm_s(T, xy, **SOLE) == pytest.approx(expected, rel=1e-3)
    xy[500:900] = np.nan
    assert np.isnan(sway_cop_mm_s(T, xy, **SOLE))
    assert np.isnan(sway_cop_mm_s(T[:1], xy[:1], **SOLE))


def test_a_hold_ends_when_it_is_let_go():
    held = (T < 12.5).astype(float)
    assert hold_time_s(T, held, 2.0, 29.99) == pytest.approx(10.5, abs=0.011)
    assert hold_time_s(T, np.ones_like(T), 2.0, 20.0) == pytest.approx(18.0)
    assert hold_time_s(T, 1.0 - held, 2.0, 20.0) == pytest.approx(0.0, abs=0.011)


def test_what_nobody_saw_is_not_held():
    held = np.ones_like(T)
    held[900:] = np.nan
    assert hold_time_s(T, held, 2.0, 20.0) == pytest.approx(7.0, abs=0.011)
    hole = (T < 5.0) | (T > 8.0)
    found = hold_time_s(T[hole], np.ones(hole.sum()), 2.0, 20.0)
    assert found == pytest.approx(3.0, abs=0.011)
    assert np.isnan(hold_time_s(T[T > 3.0], held[T > 3.0], 2.0, 20.0))
    assert hold_time_s(T, np.ones_like(T), 2.0, 40.0) == pytest.approx(27.99)
