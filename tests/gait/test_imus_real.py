"""Detectors on IMUs of real walkers and runners, at other rates and settings.

Through the whole chain, with figures: tests/validation, docs/validation.md.
"""

from __future__ import annotations

import csv
from itertools import pairwise

import numpy as np
import pytest
from imu_gaits import feed, score, times
from scipy.signal import butter, sosfiltfilt

from lablive.gait.foot_imu import FootImuDetector, FootImuSettings
from lablive.gait.imu_lanes import Sway
from lablive.gait.sacral_imu import SacralDetector, SacralSettings
from lablive.validation.lower_back import read_walks
from lablive.validation.running import EDGE_S, force_contacts, read_runs

# of the lower-back sensor's axes: x up, y right, z forward
UP_RIGHT_FORWARD = np.array([[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])


def detect_runs(real_data, every=1):
    acc, force, _ = read_runs(real_data)
    rate_hz = 500.0 / every
    for trial in range(len(acc)):
        x = acc[trial]
        if every > 1:
            sos = butter(4, 0.4 * rate_hz, fs=500.0, output="sos")
            x = sosfiltfilt(sos, x, axis=0)[::every]
        t = np.arange(len(x)) / rate_hz
        yield (
            feed(SacralDetector(SacralSettings(rate_hz=rate_hz)), t, x),
            force_contacts(force[trial]),
        )


@pytest.mark.parametrize(("every", "median_ms", "most_ms"), [(5, 10, 40), (10, 15, 40)])
def test_running_contacts_of_the_sacrum(real_data, every, median_ms, most_ms):
    errors, missed, extra = [], 0, 0
    for events, contacts in detect_runs(real_data, every):
        found = score(times(events, "ic"), contacts[:, 0], 0.1, (EDGE_S, 4.96 - EDGE_S))
        errors.append(found[0])
        missed, extra = missed + found[1], extra + found[2]
    errors_ms = 1e3 * np.concatenate(errors)
    assert (missed, extra) == (0, 0)
    assert len(errors_ms) >= 235
    assert abs(np.median(errors_ms)) <= median_ms
    assert np.percentile(np.abs(errors_ms), 95) <= most_ms


def test_a_step_pushes_the_body_away_from_its_foot(real_data):
    """The sign sides are voted by, step by step, without any filter for regularity."""
    right = []
    for walk in read_walks(real_data):
        left_ms2 = -walk.acc_ms2[:, 1]  # the sensor's y points to the right
        for wanted, sides in walk.bouts["INDIP"]:
            known = np.isfinite(wanted)
            wanted, sides = wanted[known], sides[known]
            edges = np.round(wanted * 100).astype(int)
            means = [left_ms2[a:b].mean() for a, b in pairwise(edges)]
            for k in range(1, len(means)):
                if sides[k] != sides[k - 1]:
                    right.append((means[k] < means[k - 1]) == (sides[k] == "Left"))
    assert len(right) >= 60
    assert np.mean(right) >= 0.95


@pytest.mark.parametrize(("least_steps", "told"), [(20, 0), (4, 15)])
def test_sides_of_the_lower_back(real_data, least_steps, told):
    """No bout is long enough for 20 votes; with 4, whatever is told is right."""
    right = wrong = 0
    for walk in read_walks(real_data):
        acc, gyro = walk.acc_ms2, walk.gyro_rps
        t = np.arange(len(acc)) / 100.0
        sway = Sway(100.0, UP_RIGHT_FORWARD).feed(t, acc, gyro)
        kind = SacralSettings(rate_hz=100.0, least_steps=least_steps)
        events = feed(SacralDetector(kind), t, acc, sway)
        sides = {e.t_s: e.side for e in events if e.kind == "ic"}
        for wanted, feet in walk.bouts["INDIP"]:
            for at, foot in zip(wanted, feet, strict=True):
                near_s = min(sides, key=lambda t_s: abs(t_s - at))
                if abs(near_s - at) < 0.15 and sides[near_s] != "unknown":
                    right += sides[near_s] == foot.lower()
                    wrong += sides[near_s] != foot.lower()
    assert (right >= told, wrong) == (True, 0)


def foot_rows(path):
    """Return gyro per side, rad/s, of a table with two header rows."""
    with path.open() as file:
        rows = list(csv.reader(file))
    heads = list(zip(rows[0], rows[1], strict=True))
    table = np.array([[float(cell) for cell in row] for row in rows[2:]])
    return {
        side: np.radians(
            table[:, [heads.index((f"{side}_sensor", f"gyr_{c}")) for c in "xyz"]]
        )
        for side in ("left", "right")
    }


@pytest.mark.parametrize(("way", "strides"), [("up", (17, 18)), ("down", (18, 18))])
def test_feet_on_stairs_alternate(real_data, way, strides):
    path = real_data / f"foot_imu_mocap_gaitmap/imu_sample_healthy_stair_{way}.csv"
    found = {}
    for side, gyro in foot_rows(path).items():
        t = np.arange(len(gyro)) / 204.8
        detector = FootImuDetector(FootImuSettings(rate_hz=204.8), side)
        found[side] = times(feed(detector, t, gyro), "ic")
    assert (len(found["left"]), len(found["right"])) == strides
    steps = sorted([(at, side) for side, ics in found.items() for at in ics])
    assert all(a[1] != b[1] for a, b in pairwise(steps))


@pytest.mark.parametrize(("name", "strides"), [("short_walk", 15), ("long_walk", 36)])
def test_a_foot_with_irregular_time_stamps(real_data, name, strides):
    path = real_data / f"foot_imu_xio_gait_tracking/{name}.csv"
    table = np.genfromtxt(path, skip_header=1, delimiter=",")
    detector = FootImuDetector(FootImuSettings(rate_hz=400.0), "left")
    events = feed(detector, table[:, 0], np.radians(table[:, 1:4]))
    assert [event.kind for event in events] == ["ic", "to"] * strides
