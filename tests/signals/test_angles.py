"""Angles: the reference's formulas and signs, heading without drift, accelerations."""

from __future__ import annotations

import numpy as np
import pytest
from imu_cases import orient, pose, rms, simulated, truth, turn

from lablive.signals.angles import (
    forward_lean_deg,
    heading_deg,
    hip_flexion_deg,
    in_axes,
    knee_flexion_deg,
    leg_angle_deg,
    level_acceleration_mps2,
    long_axis_heading_deg,
    obliquity_deg,
    pelvic_drop_deg,
    rotation,
    segment_rotation,
    stride_rotation_deg,
    toe_out_deg,
    twist_deg,
    vertical_acceleration_mps2,
    vertical_rate_dps,
)

STRIDE_S = 0.74
POSTURE = turn("z", 30.0) @ turn("x", 5.0) @ turn("y", 12.0)


def test_reference_posture():
    """Rz30 Rx5 Ry12 of the metric reference, 0.9."""
    assert forward_lean_deg(POSTURE) == pytest.approx([12.0])
    assert obliquity_deg(POSTURE) == pytest.approx([5.0])
    assert heading_deg(POSTURE) == pytest.approx([30.0])
    # the formula printed there reads the forward axis, which a lean turns
    assert long_axis_heading_deg(POSTURE) == pytest.approx([31.06], abs=0.005)


@pytest.mark.parametrize("zero_deg", [-40.0, 25.0, 80.0])
def test_heading_and_obliquity_do_not_depend_on_the_zero_of_lean(zero_deg):
    turned = POSTURE @ turn("y", zero_deg)
    assert heading_deg(turned) == pytest.approx([30.0])
    assert obliquity_deg(turned) == pytest.approx([5.0])
    assert forward_lean_deg(turned) == pytest.approx([12.0 + zero_deg])


def test_a_leg_swung_beyond_the_horizontal_keeps_its_heading():
    swung = pose(np.array([100.0]), np.array([0.0]), np.array([8.0]))
    assert forward_lean_deg(swung) == pytest.approx([100.0])
    assert heading_deg(swung) == pytest.approx([8.0])


def test_rotation_is_the_quaternion():
    half = np.radians(30.0) / 2
    r = rotation(np.array([[np.cos(half), 0, 0, np.sin(half)], [1, 0, 0, 0]]))
    assert r == pytest.approx(np.concatenate([turn("z", 30.0), turn("z", 0.0)]))


def test_segment_rotation_takes_the_mounting_off():
    rng = np.random.default_rng(5)
    quat = rng.standard_normal((20, 4))
    quat /= np.linalg.norm(quat, axis=1)[:, None]
    mounting = (turn("x", 70.0) @ turn("z", -20.0))[0]
    expected = rotation(quat) @ mounting.T
    assert segment_rotation(quat, mounting) == pytest.approx(expected)
    pieces = [segment_rotation(quat[a : a + 3], mounting) for a in range(0, 20, 3)]
    np.testing.assert_array_equal(
        np.concatenate(pieces), segment_rotation(quat, mounting)
    )


def test_signs():
    lifted = pose(np.array([-25.0]), np.zeros(1), np.zeros(1))
    thigh = leg_angle_deg(forward_lean_deg(lifted))
    assert thigh == pytest.approx([25.0])  # knee ahead of the hip
    assert knee_flexion_deg(thigh, thigh - 15.0) == pytest.approx([15.0])
    assert hip_flexion_deg(thigh, np.array([2.0])) == pytest.approx([27.0])
    left_up = np.array([5.0])
    assert pelvic_drop_deg(left_up, "left") == pytest.approx([5.0])
    assert pelvic_drop_deg(left_up, "right") == pytest.approx([-5.0])


def test_toe_out_of_both_feet_from_their_own_paths():
    path_deg = 176.0  # the filter's own frame, across its seam
    assert toe_out_deg(np.array([-176.0]), path_deg, "left") == pytest.approx([8.0])
    assert toe_out_deg(np.array([168.0]), path_deg, "right") == pytest.approx([8.0])
    assert toe_out_deg(np.array([172.0]), path_deg, "left") == pytest.approx([-4.0])


def drifting(t_s):
    """Metric reference 0.10: 12 deg of rotation, 8 deg/min drift, 40 s wander."""
    swing = 6 * np.sin(2 * np.pi * t_s / STRIDE_S)
    return swing + 3 + 8 * t_s / 60 + 1.5 * np.sin(2 * np.pi * t_s / 40)


@pytest.mark.parametrize("start_deg", [0.0, 175.0])
def test_rotation_range_without_the_drift(start_deg):
    t_s = np.arange(0, 60, 0.01)
    heading = (drifting(t_s) + start_deg + 180) % 360 - 180
    ranges = [
        np.ptp(stride_rotation_deg(t_s, heading, ic_s, ic_s + STRIDE_S)[1])
        for ic_s in np.arange(2 * STRIDE_S, 55, STRIDE_S)
    ]
    assert np.mean(ranges) == pytest.approx(12.0, abs=0.1)
    assert np.max(np.abs(np.array(ranges) - 12.0)) < 0.2


def test_rotation_needs_half_a_stride_on_both_sides():
    t_s = np.arange(0, 3, 0.01)
    heading = drifting(t_s)
    for ic_s, there in ((0.2, 0), (0.4, 74), (1.8, 74), (1.95, 0), (5.0, 0)):
        inside, turned = stride_rotation_deg(t_s, heading, ic_s, ic_s + STRIDE_S)
        assert len(inside) == len(turned) == there
    holed = heading.copy()
    holed[120] = np.nan
    assert not len(stride_rotation_deg(t_s, holed, 1.0, 1.74)[0])


def test_ref1_rotation_of_pelvis_and_trunk():
    for site, range_deg in (("pelvis", 12.0), ("trunk", 24.0)):
        rows = simulated(site, 0.0, 40.0)
        heading = heading_deg(rotation(orient(rows, 200.0).quat))
        for ic_s in (20.72, 35.52):
            _, turned = stride_rotation_deg(rows.t_s, heading, ic_s, ic_s + STRIDE_S)
            assert np.ptp(turned) == pytest.approx(range_deg, abs=0.2)


def test_twist_of_trunk_against_pelvis():
    """Both turn at stride frequency, in counter phase: 12 + 24 degrees."""
    rates = {}
    for site in ("pelvis", "trunk"):
        rows = simulated(site, 0.0, 30.0)
        found = orient(rows, 200.0)
        rates[site] = rows.t_s, vertical_rate_dps(found.quat, rows.gyro)
    t_s, trunk = rates["trunk"]
    stride = (t_s >= 25.0) & (t_s < 25.74)
    other_t_s = rates["pelvis"][0] + 0.0013  # never sampled together
    pelvis = np.interp(other_t_s, *rates["pelvis"])
    twist = twist_deg(t_s[stride], trunk[stride], other_t_s, pelvis)
    assert np.ptp(twist) == pytest.approx(36.0, abs=0.7)
    assert twist[0] == 0.0
    gone = twist_deg(t_s[stride], trunk[stride], other_t_s[:10], pelvis[:10])
    assert np.isnan(gone[1:]).all()


def test_vertical_acceleration_of_a_tilted_sensor():
    rows = simulated("pelvis", 0.0, 30.0, mounting=turn("x", 130.0)[0])
    found = orient(rows, 200.0)
    up = vertical_acceleration_mps2(found.quat, rows.acc)
    assert rms(up[rows.t_s < 9.0]) < 0.1
    late = rows.t_s > 20.0
    flight = (
        late & ((rows.t_s - 10.0) % 0.37 > 0.28) & ((rows.t_s - 10.0) % 0.37 < 0.34)
    )
    assert up[flight] == pytest.approx(-9.80665, abs=0.2)
    peak = np.pi / 2 * 0.37 / 0.25 * 9.80665 - 9.80665
    assert up[late].max() == pytest.approx(peak, abs=0.3)


def test_sway_of_the_head_is_read_from_level_axes():
    rows = simulated("head", 0.0, 30.0)
    found = orient(rows, 200.0)
    moved = level_acceleration_mps2(rotation(found.quat), rows.acc)
    late = rows.t_s > 20.0
    phase = 2 * np.pi * (rows.t_s[late] - 10.0) / STRIDE_S
    size = 2 * np.abs(np.mean(moved[late, 1] * np.exp(1j * phase)))
    assert size == pytest.approx(0.5, abs=0.05)
    lean, obliquity, heading = truth("head", rows.t_s)
    assert not np.any([lean, obliquity, heading])
    np.testing.assert_allclose(
        moved[:, 2], vertical_acceleration_mps2(found.quat, rows.acc), atol=1e-9
    )


def test_rows_turn_by_themselves_and_as_a_matrix_product_does():
    rng = np.random.default_rng(4)
    quat = rng.normal(size=(500, 4))
    quat /= np.linalg.norm(quat, axis=1)[:, None]
    vectors = rng.normal(size=(2, 3, 500))
    axes = POSTURE.reshape(3, 3)
    whole, turned = segment_rotation(quat, axes), in_axes(vectors, axes)
    assert np.allclose(whole, rotation(quat) @ axes.T, atol=1e-12)
    assert np.allclose(turned, axes @ vectors, atol=1e-12)
    for first, end in ((0, 1), (1, 8), (8, 41), (41, 500)):
        rows = slice(first, end)
        part = segment_rotation(quat[rows], axes)
        assert part.tobytes() == whole[rows].tobytes()
        parts = in_axes(np.ascontiguousarray(vectors[:, :, rows]), axes)
        assert parts.tobytes() == turned[:, :, rows].tobytes()
