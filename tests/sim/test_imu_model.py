"""The simulated IMUs: angles, rates and specific force belong to one motion."""

import numpy as np
import pytest

from drivers.sim import gait_model as gait
from drivers.sim import imu_model as imu
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS, RunnerSettings

CLEAN = RunnerSettings(standing_s=1.0, ramp_s=1.0)
GRAVITY = 9.80665


def matrix(attitude: imu.Attitude) -> np.ndarray:
    """Compose R = Rz Ry Rx, shape (rows, 3, 3), by plain matrix products."""
    found = []
    for yaw, pitch, roll in zip(*attitude, strict=True):
        cz, sz = np.cos(yaw), np.sin(yaw)
        cy, sy = np.cos(pitch), np.sin(pitch)
        cx, sx = np.cos(roll), np.sin(roll)
        found.append(
            np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
            @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
            @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        )
    return np.array(found)


def clean_rows(site: str, t_s: np.ndarray) -> np.ndarray:
    rows = imu.imu_rows(CLEAN, site, t_s, np.zeros((len(t_s), 6)))
    still = imu.imu_rows(CLEAN, site, np.zeros(1), np.zeros((1, 6)))
    return rows - np.concatenate([np.zeros(3), still[0, 3:]])  # without gyro bias


@pytest.mark.parametrize("site", imu.SITES)
def test_angles_read_back_from_the_matrix(site: str) -> None:
    t_s = np.linspace(0.0, 6.0, 400)
    lean, obliquity, heading = imu.lean_obliquity_heading_deg(CLEAN, site, t_s)
    r = matrix(imu.attitude(CLEAN, site, t_s))
    up = r[:, 2]
    assert np.degrees(np.arctan2(-up[:, 0], up[:, 2])) == pytest.approx(lean, abs=1e-9)
    assert np.degrees(np.arcsin(up[:, 1])) == pytest.approx(obliquity, abs=1e-9)
    turned = np.degrees(np.arctan2(-r[:, 0, 1], r[:, 1, 1]))
    assert turned == pytest.approx(heading, abs=1e-9)


@pytest.mark.parametrize("site", imu.SITES)
def test_rates_integrate_to_the_attitude(site: str) -> None:
    step = 2.5e-4
    edges = np.arange(0.0, 4.0, step)
    rate = clean_rows(site, edges[:-1] + step / 2)[:, 3:]
    r = matrix(imu.attitude(CLEAN, site, edges[[0, -1]]))
    turned = r[0]
    for wx, wy, wz in rate * step:
        skew = np.array([[0, -wz, wy], [wz, 0, -wx], [-wy, wx, 0]])
        turned = turned @ (np.eye(3) + skew + skew @ skew / 2)
    assert turned == pytest.approx(r[1], abs=2e-3)


@pytest.mark.parametrize("site", imu.SITES)
def test_specific_force_turned_to_the_world_is_motion_plus_gravity(site: str) -> None:
    t_s = np.linspace(0.0, 6.0, 500)
    acc = clean_rows(site, t_s)[:, :3]
    world = np.einsum("nij,nj->ni", matrix(imu.attitude(CLEAN, site, t_s)), acc)
    forward, left, up = imu.world_acceleration_mps2(CLEAN, site, t_s)
    expected = np.column_stack([forward, left, up + GRAVITY])
    assert world == pytest.approx(expected, abs=1e-9)


def test_standing_reads_gravity_only() -> None:
    t_s = np.linspace(0.0, 0.9, 50)
    for site in imu.SITES:
        acc = clean_rows(site, t_s)[:, :3]
        assert np.linalg.norm(acc, axis=1) == pytest.approx(GRAVITY)


def test_foot_rests_in_stance_and_travels_one_stride() -> None:
    dt = 1e-4
    t_s = gait.first_contact_s(CLEAN, "left") + 5 * 0.74 + 0.05 + np.arange(0, 0.74, dt)
    forward, left, up = imu.world_acceleration_mps2(CLEAN, "foot_left", t_s)
    for acc, travel in ((forward, 2.22), (left, 0.0), (up, 0.0)):
        speed = np.cumsum(acc) * dt
        assert speed[-1] == pytest.approx(0, abs=2e-3)
        assert np.sum(speed) * dt == pytest.approx(travel, abs=2e-3)


def test_ref1_angles_at_contact_and_toe_off() -> None:
    ic_s = gait.first_contact_s(CLEAN, "right") + 5 * 0.74
    at = np.array([ic_s, ic_s + 0.25])
    assert imu.thigh_deg(CLEAN, "right", at) == pytest.approx([25, -22.618], abs=1e-3)
    assert imu.shank_deg(CLEAN, "right", at) == pytest.approx([10, -40.618], abs=1e-3)
    further = imu.shank_deg(RUNNERS["overstride"], "right", at + 9.0)
    plain = imu.shank_deg(RUNNERS["ref1"], "right", at + 9.0)
    assert further - plain == pytest.approx(8.0)


def test_pitch_rate_dips_at_contact_and_toe_off() -> None:
    ic_s = gait.first_contact_s(CLEAN, "left") + 5 * 0.74
    since = np.arange(-0.2, 0.5, 1e-3)
    up = -clean_rows("foot_left", ic_s + since)[:, 4]
    first, second = since < 0.12, since > 0.12
    assert since[first][np.argmin(up[first])] == pytest.approx(0.0, abs=2e-3)
    assert since[second][np.argmin(up[second])] == pytest.approx(0.25, abs=2e-3)
    assert np.degrees(up.max()) > 150


def test_tibial_shock_is_six_g_after_contact() -> None:
    ic_s = gait.first_contact_s(CLEAN, "left") + 5 * 0.74
    t_s = ic_s + np.arange(0, 0.075, 1e-4)
    axial = clean_rows("shank_left", t_s)[:, 2] / GRAVITY - 1.0
    assert axial.max() == pytest.approx(6.0, abs=0.3)
    assert t_s[axial.argmax()] - ic_s == pytest.approx(0.022, abs=3e-3)


def test_swapped_labels_carry_the_other_leg() -> None:
    plain, swapped = Runner(RUNNERS["ref1"]), Runner(RUNNERS["swapped"])
    left = swapped.window("Sim thigh left IMU", 12.0, 13.0)[1]
    right = plain.window("Sim thigh right IMU", 12.0, 13.0)[1]
    np.testing.assert_array_equal(left, right)
    for name in ("Sim pelvis IMU", "left_sole"):
        np.testing.assert_array_equal(
            swapped.window(name, 12.0, 13.0)[1], plain.window(name, 12.0, 13.0)[1]
        )


def test_periodic_cubic_keeps_nodes_and_never_overshoots() -> None:
    nodes = np.array([0.0, 0.1, 0.25, 0.45, 0.65, 0.74])
    values = np.array([15.0, 42.0, 18.0, 95.0, 20.0, 15.0])
    assert imu.periodic_cubic(nodes[:-1], nodes, values) == pytest.approx(values[:-1])
    fine = imu.periodic_cubic(np.linspace(0.0, 0.7399, 2000), nodes, values)
    assert fine.min() >= 15.0 - 1e-9
    assert fine.max() <= 95.0 + 1e-9
