"""An IMU in strides: the right rows, the right axes, and why there are none."""

from __future__ import annotations

import numpy as np
import pytest
from lane_cases import fed, looked, source, stride

from drivers.sim.runner import Runner, RunnerSettings
from lablive.lanes.segments import SegmentLane
from lablive.metrics.metric import reach_s
from lablive.signals.angles import forward_lean_deg
from lablive.signals.segment_calibration import SiteCalibration

RATE_HZ = 200.0
TURNED = ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
ACC = source("imu_pelvis.acc", (0, 1, 2), "m/s^2")
GYRO = source("imu_pelvis.gyro", (3, 4, 5), "rad/s")


@pytest.fixture(scope="module")
def rows():
    t_s, x = Runner(RunnerSettings(standing_s=3.0)).window("Sim pelvis IMU", 0.0, 20.0)
    return t_s, x.astype(np.float32)


def lane(acc=ACC, gyro=GYRO, rate_hz=RATE_HZ, own=None, aligned=True):
    return SegmentLane("pelvis", acc, gyro, rate_hz, own, aligned=aligned)


def calibrated(axes_from="functional", matrix=TURNED, bias=(0.1, 0.0, 0.0)):
    return SiteCalibration("pelvis", axes_from, matrix, bias, RATE_HZ)


def test_rows_reach_around_the_stride(rows):
    one = stride(15.0)
    found = looked(fed(lane(), *rows), one).segments["pelvis"]
    around_s = reach_s(one.stride_s)
    assert one.ic_s - around_s <= found.t_s[0] < one.ic_s - around_s + 0.006
    assert one.next_ic_s + around_s - 0.006 < found.t_s[-1] <= one.next_ic_s + around_s
    assert found.rotation.shape == (len(found.t_s), 3, 3)
    assert found.settled
    assert found.rate_hz == RATE_HZ
    assert np.ptp(forward_lean_deg(found.rotation)) > 2.0


def test_values_are_turned_into_the_segment_and_the_bias_is_gone(rows):
    t_s, x = rows
    bias = (0.05, -0.02, 0.01)
    x = x + np.array([0, 0, 0, *bias], np.float32)
    plain = looked(fed(lane(), *rows), stride(15.0)).segments["pelvis"]
    own = calibrated(bias=bias)
    found = looked(fed(lane(own=own), t_s, x), stride(15.0)).segments["pelvis"]
    for name in ("rate_rps", "acc_mps2"):
        there, here = getattr(plain, name), getattr(found, name)
        turned = np.column_stack((-there[:, 1], there[:, 0], there[:, 2]))
        np.testing.assert_allclose(here, turned, atol=1e-5)
    # the segment's axes in the world: forward is what was -left
    np.testing.assert_allclose(
        found.rotation[:, :, 0], -plain.rotation[:, :, 1], atol=1e-4
    )


@pytest.mark.parametrize(
    ("own", "aligned", "angles", "zeroed", "note"),
    [
        (calibrated(), False, True, True, ""),
        (calibrated("montage"), True, True, True, "axes as the montage says"),
        (calibrated("vertical"), False, False, True, ""),
        (None, True, True, False, "is not calibrated"),
        (None, False, False, False, "is not calibrated"),
    ],
)
def test_it_says_what_the_axes_are_worth(rows, own, aligned, angles, zeroed, note):
    found = looked(fed(lane(own=own, aligned=aligned), *rows), stride(15.0))
    pelvis = found.segments["pelvis"]
    assert (pelvis.has_angles, pelvis.zeroed) == (angles, zeroed)
    assert note in pelvis.note
    assert bool(note) == bool(pelvis.note)


@pytest.mark.parametrize("rows_per_chunk", [1, 7, 100_000])
def test_any_cut_gives_the_same_bits(rows, rows_per_chunk):
    whole = looked(fed(lane(), *rows), stride(15.0)).segments["pelvis"]
    cut = lane()
    for at_s in (8.0, 11.0):  # work in between
        end = int(rows[0].searchsorted(at_s))
        first = int(rows[0].searchsorted(at_s - 3.0)) if at_s > 8.0 else 0
        fed(cut, rows[0][first:end], rows[1][first:end], rows_per_chunk)
        looked(cut, stride(at_s - 2.0))
    fed(cut, rows[0][end:], rows[1][end:], rows_per_chunk)
    found = looked(cut, stride(15.0)).segments["pelvis"]
    for name in ("t_s", "rotation", "rate_rps", "acc_mps2"):
        assert np.array_equal(getattr(found, name), getattr(whole, name)), name


def test_a_hole_in_the_stride_is_told_and_one_beside_it_is_not(rows):
    t_s, x = rows
    inside = (t_s > 15.2) & (t_s < 15.23)
    found = looked(fed(lane(), t_s[~inside], x[~inside]), stride(15.0))
    assert found.lacks == {"pelvis": "pelvis IMU rows are missing in this stride"}
    nan = np.where(inside[:, None], np.float32(np.nan), x)
    assert looked(fed(lane(), t_s, nan), stride(15.0)).lacks == found.lacks
    beside = (t_s > 16.0) & (t_s < 16.03)
    found = looked(fed(lane(), t_s[~beside], x[~beside]), stride(15.0))
    assert "pelvis" in found.segments


def test_a_stride_without_rows_is_told(rows):
    found = looked(fed(lane(), *rows), stride(40.0))
    assert found.lacks == {"pelvis": "no pelvis IMU rows in this stride"}
    assert looked(lane(), stride(1.0)).lacks == found.lacks


@pytest.mark.parametrize("held_s", [0.2, 9.0])
def test_a_sensor_that_repeats_its_row_measures_nothing(rows, held_s):
    t_s, x = rows
    held = (t_s > 15.1) & (t_s < 15.1 + held_s)
    stuck = np.where(held[:, None], x[held][0], x)
    found = looked(fed(lane(), t_s, stuck), stride(15.0))
    assert found.lacks == {
        "pelvis": "the pelvis IMU repeats one row: it measures nothing"
    }
    nothing = looked(fed(lane(), t_s, np.zeros_like(x)), stride(15.0))
    assert nothing.lacks == found.lacks


def test_a_row_or_a_channel_that_repeats_is_no_standstill(rows):
    t_s, x = rows
    twice = x.copy()
    twice[1::2] = twice[::2]  # a driver that sends every row twice
    twice[:, 5] = 0.0
    assert "pelvis" in looked(fed(lane(), t_s, twice), stride(15.0)).segments


@pytest.mark.parametrize("own", [None, calibrated(matrix=np.eye(3).tolist())])
def test_a_sensor_upside_down_gives_no_angles(rows, own):
    t_s, x = rows
    turned = x * np.array([-1, 1, -1, -1, 1, -1], np.float32)
    found = looked(fed(lane(own=own), t_s, turned), stride(15.0))
    assert found.lacks["pelvis"].startswith(
        "the pelvis IMU is upside down, by the axes"
    )
    # nobody said how it lies: then it is not upside down
    found = looked(fed(lane(aligned=False), t_s, turned), stride(15.0))
    assert "pelvis" in found.segments


def test_a_forearm_may_point_up(rows):
    t_s, x = rows
    turned = x * np.array([-1, 1, -1, -1, 1, -1], np.float32)
    forearm = SegmentLane("forearm_left", ACC, GYRO, RATE_HZ, None, aligned=True)
    assert "forearm_left" in looked(fed(forearm, t_s, turned), stride(15.0)).segments


def test_unsettled_rows_say_so(rows):
    t_s, x = rows
    pause = (t_s > 13.0) & (t_s < 13.7)  # the filter begins anew
    found = looked(fed(lane(), t_s[~pause], x[~pause]), stride(15.0))
    assert not found.segments["pelvis"].settled


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"gyro": None}, "no gyroscope: contacts, but no angles"),
        ({"acc": None}, "no accelerometer"),
        ({"gyro": source("imu_pelvis.gyro", (0, 1, 2), "rad/s", 7)}, "two streams"),
        ({"rate_hz": 25.0}, "30 to 1000 rows per second"),
    ],
)
def test_a_sensor_that_gives_no_angles_says_why(settings, why):
    blind = lane(**settings)
    assert why in looked(blind, stride(1.0)).lacks["pelvis"]
    assert blind.ready(stride(1e6))  # nobody waits for it


def test_a_rate_nobody_named_is_measured(rows):
    for per_chunk in (3, 100_000):
        irregular = fed(lane(rate_hz=0.0), *rows, per_chunk)
        early = looked(irregular, stride(0.05, stride_s=0.4))
        assert "not known yet" in early.lacks["pelvis"]
        found = looked(irregular, stride(15.0)).segments["pelvis"]
        assert found.rate_hz == pytest.approx(RATE_HZ, abs=0.5)


def test_it_is_ready_when_rows_or_a_stall_have_passed_the_reach(rows):
    t_s, x = rows
    one = stride(15.0)
    until_s = one.next_ic_s + reach_s(one.stride_s)
    waiting = fed(lane(), t_s[t_s < until_s], x[t_s < until_s])
    assert not waiting.ready(one)
    waiting.advance(until_s)
    assert waiting.ready(one)


def test_a_slow_sensor_is_noted(rows):
    t_s, x = rows
    found = looked(fed(lane(rate_hz=50.0), t_s[::4], x[::4]), stride(15.0))
    assert "running needs 100" in found.segments["pelvis"].note


def test_old_rows_are_given_up(rows):
    kept = fed(lane(), *rows)
    looked(kept, stride(15.0))
    kept.trim(12.0)
    assert looked(kept, stride(5.0)).lacks
    assert looked(kept, stride(15.0)).segments
