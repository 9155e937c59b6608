"""Flight time of a real countermovement jump on force plates (docs/decisions/0013)."""

from __future__ import annotations

import numpy as np
import pytest
from imu_gaits import times
from scipy.signal import butter, filtfilt

from lablive.gait.contacts import ContactDetector, ContactSettings

RATE_HZ = 2000.0
UPSTREAM = {"flight_s": 0.5095, "peak_n": 1927.8546002650082, "hz": 26.64}


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
    landed = np.flatnonzero(force_n > 2000.0)[0]
    left = landed - np.flatnonzero(force_n[:landed][::-1] >= 10.0)
    off_s = (left[left < landed - 200][0] + 1) / RATE_HZ
    on_s = (np.flatnonzero(force_n[:landed] < 20.0)[-1] + 1) / RATE_HZ
    assert on_s - off_s == pytest.approx(0.528, abs=0.001)
    found_s = flight_s(force_n[::every], RATE_HZ / every, weight_n)
    off_ms = max(5.0, 700.0 * every / RATE_HZ)  # at 100 Hz a row is 10 ms
    assert 1e3 * found_s == pytest.approx(1e3 * (on_s - off_s), abs=off_ms)


def test_why_upstream_says_less(force_n):
    """It takes |F| < 10 N for flight, in a force whose filter rings to -14 N."""
    b, a = butter(4, UPSTREAM["hz"] / (RATE_HZ / 2))
    smooth = filtfilt(b, a, force_n)
    landed = int(smooth.argmax())
    crouch = smooth[: landed - 400]
    assert crouch.max() == pytest.approx(UPSTREAM["peak_n"], abs=1e-3)  # same trial
    pushed = int(crouch.argmax())
    quiet = np.abs(smooth[pushed:landed]) < 10.0
    # the first run of 0.25 s, as it looks for flight
    runs = np.flatnonzero(np.diff(quiet.astype(int), prepend=0, append=0))
    long = [(i, j) for i, j in runs.reshape(-1, 2) if j - i >= 0.25 * RATE_HZ]
    on = int(np.flatnonzero(smooth[pushed:landed] < 20.0)[-1]) + 1
    assert (on - long[0][0]) / RATE_HZ == pytest.approx(UPSTREAM["flight_s"], abs=6e-4)
