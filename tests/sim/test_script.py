"""The scripted calibration: what the runner does before running, and its truth."""

import numpy as np
import pytest

from drivers.sim import gait_model, imu_model, script
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS, RunnerSettings, runner_settings
from lablive.calibrating.phases import phases_of
from lablive.errors import ConfigError
from lablive.names import STANDARD_GRAVITY

CALIBRATION = RUNNERS["calibration"]
WEIGHT_N = 70.0 * STANDARD_GRAVITY


def times(kind: str, target: str = "", inset_s: float = 0.0) -> np.ndarray:
    found = next(
        phase
        for phase in script.SCRIPTS["calibration"]
        if (phase.kind, phase.target) == (kind, target)
    )
    return np.arange(found.t0_s + inset_s, found.t1_s - inset_s, 0.005)


def forces_bw(t_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    left = gait_model.vertical_force_n(CALIBRATION, "left", t_s)
    right = gait_model.vertical_force_n(CALIBRATION, "right", t_s)
    return left / WEIGHT_N, right / WEIGHT_N


@pytest.mark.parametrize(
    ("kind", "target", "left", "right"),
    [
        ("zero", "", 0, 0),
        ("stand", "", 0.5, 0.5),
        ("single_leg", "left", 1, 0),
        ("single_leg", "right", 0, 1),
        ("belt_noise", "", 0, 0),
        ("stand_again", "", 0.5, 0.5),
    ],
)
def test_feet_carry_what_the_phase_says(kind, target, left, right):
    found = forces_bw(times(kind, target))
    assert found[0] == pytest.approx(np.full(len(found[0]), left))
    assert found[1] == pytest.approx(np.full(len(found[1]), right))


def test_marching_lifts_each_foot_five_times_and_loses_no_weight():
    t_s = times("steps")
    left, right = forces_bw(t_s)
    assert left + right == pytest.approx(np.ones(len(t_s)))
    for side, force in (("left", left), ("right", right)):
        up = force < 0.01
        assert np.count_nonzero(up[1:] & ~up[:-1]) == 5
        knee = script.leg_deg(CALIBRATION, side, t_s)[0]
        assert force[knee > 30].max() < 0.01


def test_postures_are_held_and_nothing_is_left_of_them():
    ahead = imu_model.lean_obliquity_heading_deg(
        CALIBRATION, "pelvis", times("pelvis_forward")
    )[0]
    back = imu_model.lean_obliquity_heading_deg(
        CALIBRATION, "pelvis", times("pelvis_back")
    )[0]
    assert ahead == pytest.approx(np.full(len(ahead), 22.0))  # it stands at 10
    assert back == pytest.approx(np.zeros(len(back)), abs=1e-9)
    trunk = imu_model.lean_obliquity_heading_deg(CALIBRATION, "trunk", times("bows"))[0]
    assert trunk.max() == pytest.approx(60.0, abs=0.1)
    running = np.arange(CALIBRATION.standing_s, CALIBRATION.standing_s + 20, 0.01)
    for site in imu_model.SITES:
        plain = imu_model.attitude(
            RunnerSettings(standing_s=CALIBRATION.standing_s), site, running
        )
        np.testing.assert_array_equal(
            imu_model.attitude(CALIBRATION, site, running), plain
        )


def test_a_sitting_person_does_not_fall():
    t_s = times("zero")
    rows = imu_model.imu_rows(CALIBRATION, "trunk", t_s, np.zeros((len(t_s), 6)))
    assert np.linalg.norm(rows[:, :3], axis=1) == pytest.approx(STANDARD_GRAVITY)


@pytest.mark.parametrize("site", ["pelvis", "foot_left"])
def test_mounting_turns_every_row(site):
    plain, turned = Runner(RunnerSettings()), Runner(RunnerSettings(mounting_seed=3))
    name = f"Sim {site.replace('_', ' ')} IMU"
    matrix = script.mounting(3, site)
    assert matrix @ matrix.T == pytest.approx(np.eye(3))
    assert np.linalg.det(matrix) == pytest.approx(1.0)
    straight, sensor = (r.window(name, 12.0, 13.0)[1] for r in (plain, turned))
    noise = 6 * np.array([0.03] * 3 + [np.radians(0.05)] * 3)
    back = np.hstack([sensor[:, :3] @ matrix.T, sensor[:, 3:] @ matrix.T])
    assert (np.abs(back - straight) < 2 * noise).all()


def test_sensors_are_mounted_each_in_its_own_way():
    found = [script.mounting(1, site) for site in imu_model.SITES]
    apart = [np.abs(a - b).max() for a in found for b in found if a is not b]
    assert min(apart) > 0.2


def test_phases_are_markers_and_come_back():
    runner = Runner(CALIBRATION)
    marks = [mark for phase in runner.phases for mark in phase.markers]
    found, problems = phases_of(reversed(marks))
    assert found == runner.phases
    assert problems == ()
    assert found[-1].kind == "run"
    assert found[-1].t0_s == CALIBRATION.standing_s + 10.0


def test_belt_and_muscles_of_their_phases():
    runner = Runner(CALIBRATION)
    _, speed = runner.window("Sim treadmill", 109.0, 128.0)
    assert speed == pytest.approx(np.full(speed.shape, 3.0))
    _, speed = runner.window("Sim treadmill", 20.0, 100.0)
    assert not speed.any()
    rest, best = (
        np.std(runner.window("Sim EMG", *span)[1][:, 0])
        for span in ((77.0, 81.0), (83.0, 88.0))
    )
    assert best / rest == pytest.approx(24 / np.hypot(1, 3 / np.sqrt(2)), rel=0.05)


def test_a_script_needs_its_time():
    with pytest.raises(ConfigError, match="must leave time for the script"):
        RunnerSettings(script="calibration", standing_s=20.0)
    with pytest.raises(ConfigError, match="script = dance: must be one of"):
        runner_settings("ref1", "script=dance")
