"""Flight by named methods on curves whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.errors import ConfigError
from lablive.metrics.flight import FLIGHT_METHODS, flight

RATE_HZ = 1000.0
T = np.arange(0.0, 3.0, 1 / RATE_HZ)


def jump(off_s=1.0, on_s=1.45, weight_n=700.0):
    """Return a push-off, a flight and a landing that rise and fall in 50 ms."""
    force = np.full_like(T, weight_n)
    force[off_s - 0.05 < T] *= np.clip((off_s - T[off_s - 0.05 < T]) / 0.05, 0, 1)
    landing = np.clip((T - on_s) / 0.05, 0, 1)
    return force + weight_n * landing * (
        1 + 2 * np.exp(-(((T - on_s - 0.06) / 0.03) ** 2))
    )


def test_the_unfiltered_flight_is_the_time_without_force():
    found = flight(T, jump(), RATE_HZ)
    assert found.off_s == pytest.approx(1.0, abs=0.003)
    assert found.on_s == pytest.approx(1.45, abs=0.003)


def test_a_method_has_its_own_number():
    plain, smooth = (
        flight(T, jump(), RATE_HZ, name).lasted_s for name in FLIGHT_METHODS
    )
    assert plain == pytest.approx(0.45, abs=0.003)
    assert abs(smooth - plain) > 0.003
    assert smooth == pytest.approx(plain, abs=0.03)


def test_without_a_whole_flight_there_is_none():
    standing = np.full_like(T, 700.0)
    assert np.isnan(flight(T, standing, RATE_HZ).lasted_s)
    assert np.isnan(flight(T, np.zeros_like(T), RATE_HZ).lasted_s)  # never landed
    short = jump(1.0, 1.05)
    assert np.isnan(flight(T, short, RATE_HZ).lasted_s)


def test_the_longest_of_two_flights_counts_and_missing_rows_are_no_flight():
    force = np.minimum(jump(0.5, 0.7), jump(1.5, 2.0))
    force[200:400] = np.nan
    assert flight(T, force, RATE_HZ).lasted_s == pytest.approx(0.5, abs=0.003)


def test_rows_too_slow_for_a_low_pass_are_refused():
    with pytest.raises(ConfigError, match="lowpass"):
        flight(T[::20], jump()[::20], 50.0, "jumpmetrics")
