"""Flight time of a real countermovement jump on force plates (docs/decisions/0013)."""

from __future__ import annotations

import numpy as np
import pytest
from imu_gaits import times

from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.metrics.flight import flight
from lablive.validation.jump import PUBLISHED_S, RATE_HZ


@pytest.fixture
def force_n(real_data):
    """Total vertical force of both plates, N, at 2000 Hz."""
    path = real_data / "jump_force_jumpmetrics/cmj_example.txt"
    table = np.loadtxt(path, delimiter=",")
    return table[:, 2] + table[:, 8]


def flight_s(force_n, rate_hz, weight_n):
    """Return the flight between the last two contacts."""
    kind = ContactSettings(rate_hz=rate_hz, weight_n=weight_n, feet=2)
    detector = ContactDetector(kind, "unknown", "treadmill")
    events = detector.feed(np.arange(len(force_n)) / rate_hz, force_n)
    landed_s = times(events, "ic")
    assert len(landed_s) == 2  # onto the plate, and out of the jump
    left_s = times(events, "to")
    return landed_s[1] - left_s[left_s < landed_s[1]][-1]


@pytest.mark.parametrize("every", [1, 2, 10, 20])
@pytest.mark.parametrize("weight_n", [723.0, None])
def test_flight_of_a_jump(force_n, every, weight_n):
    t_s = np.arange(len(force_n)) / RATE_HZ
    wanted_s = flight(t_s, force_n, RATE_HZ).lasted_s
    assert wanted_s == pytest.approx(0.528, abs=0.001)
    found_s = flight_s(force_n[::every], RATE_HZ / every, weight_n)
    off_ms = max(5.0, 750.0 * every / RATE_HZ)  # at 100 Hz a row is 10 ms
    assert 1e3 * found_s == pytest.approx(1e3 * wanted_s, abs=off_ms)


@pytest.mark.parametrize("every", [1, 2, 4, 10])
def test_the_published_method_gives_the_published_figure(force_n, every):
    """It takes |F| < 10 N for flight, in a force whose filter rings to -14 N."""
    t_s = np.arange(len(force_n)) / RATE_HZ
    found = flight(t_s[::every], force_n[::every], RATE_HZ / every, "jumpmetrics")
    off_s = 6e-4 if every == 1 else every / RATE_HZ
    assert found.lasted_s == pytest.approx(PUBLISHED_S, abs=off_s)
