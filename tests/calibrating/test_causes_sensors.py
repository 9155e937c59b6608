"""Why a movement sensor does not count, named; the other sensors still do."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from calibration_lab import case, inside, sensor, told

from lablive.calibrating.phases import Phase
from lablive.names import SIDES


def shaken(phase, dps):
    """Return a change that shakes the gyroscope in a phase."""

    def change(t_s, x):
        x[inside(t_s, phase), 3] += (
            np.radians(dps) * np.sqrt(2) * np.sin(6.0 * t_s[inside(t_s, phase)])
        )
        return x

    return change


def test_a_thigh_that_moved_is_named_and_the_others_count():
    lab = case()
    moved = lab.changed(sensor("thigh_left"), shaken(lab.phase("stand"), 3.1))
    found = moved.outcome("segments")
    stand = next(v for v in found.verdicts(lab.phases) if v.phase == "stand")
    assert stand.light == "amber"
    assert stand.problems == (
        "The left thigh moved during the stand: gyro SD 3.1 deg/s, at most 1. Stand "
        "still, look ahead, repeat.",
    )
    sites = {own.site for own in found.calibrations.segments.sites}
    assert "thigh_left" not in sites
    assert len(sites) == 8


def test_upside_down_by_the_axes_of_the_montage():
    lab = replace(case(), axes=("imu_trunk", "imu_head"))
    stand = lab.verdicts("segments")["stand", ""]
    assert "sensor" in told(stand)
    assert "by the axes of the montage" in told(stand)

    def turned(t_s, x):
        x[:] = 0.0
        x[:, 2] = -9.81
        return x

    down = lab.changed(sensor("trunk"), turned)
    found = down.outcome("segments")
    stand = next(v for v in found.verdicts(lab.phases) if v.phase == "stand")
    assert "The trunk sensor is upside down, by the axes of the montage." in told(stand)
    assert found.calibrations.segments.of("trunk") is None


@pytest.mark.parametrize("part", ["thigh", "shank", "foot"])
@pytest.mark.parametrize("soles", [True, False])
def test_left_and_right_sensors_mixed_up(part, soles):
    lab = case()
    left, right = (sensor(f"{part}_{side}") for side in SIDES)
    rows = {**lab.rows, left: lab.rows[right], right: lab.rows[left]}
    lab = replace(lab, rows=rows)
    if not soles:
        lab = lab.without("left_sole", "right_sole")
    found = lab.outcome("segments")
    steps = next(v for v in found.verdicts(lab.phases) if v.phase == "steps")
    assert f"The left and right {part} sensors are swapped" in steps.problems[0]
    assert len(steps.problems) == 1
    calibrated = {own.site for own in found.calibrations.segments.sites}
    assert not {f"{part}_left", f"{part}_right"} & calibrated
    assert len(calibrated) == 7


def test_two_pairs_that_disagree_are_both_named_without_soles():
    lab = case().without(
        "left_sole", "right_sole", sensor("foot_left"), sensor("foot_right")
    )
    left, right = sensor("thigh_left"), sensor("thigh_right")
    rows = {**lab.rows, left: lab.rows[right], right: lab.rows[left]}
    steps = replace(lab, rows=rows).verdicts("segments")["steps", ""]
    assert "thigh sensors are swapped (or the shank sensors are)" in told(steps)
    assert "shank sensors are swapped (or the thigh sensors are)" in told(steps)


def test_a_clipped_sensor_has_no_angles():
    lab = case()

    def clip(t_s, x):
        turned = x[:, 3:] * 2.5
        x[:, 3:] = np.clip(turned, -np.radians(125), np.radians(125))
        return x

    found = lab.changed(sensor("shank_right"), clip).outcome("segments")
    steps = next(v for v in found.verdicts(lab.phases) if v.phase == "steps")
    assert (
        "Steps, right shank: the sensor reached the end of its gyroscope's range"
        in (told(steps))
    )
    own = found.calibrations.segments.of("shank_right")
    assert own.axes_from == "vertical"
    assert not own.has_angles


def test_bows_that_hardly_happened_leave_no_angles():
    lab = case()
    bows = lab.phase("bows")

    def still(t_s, x):
        x[inside(t_s, bows), 3:] *= 0.02
        return x

    found = lab.changed(sensor("trunk"), still).outcome("segments")
    verdict = next(v for v in found.verdicts(lab.phases) if v.phase == "bows")
    assert verdict.light == "amber"
    assert "Bows, trunk: hardly moved" in told(verdict)
    assert found.calibrations.segments.of("trunk").axes_from == "vertical"
    assert found.calibrations.segments.of("pelvis").axes_from == "functional"


def test_a_failed_movement_is_not_made_good_by_the_montage():
    lab = replace(case(), axes=("imu_trunk",))
    bows = lab.phase("bows")

    def backwards(t_s, x):
        x[:] = 0.0
        x[:, 2] = 9.81
        x[inside(t_s, bows), 4] = -np.radians(40) * np.sin(
            2 * np.pi * (t_s[inside(t_s, bows)] - bows.t0_s) / 2
        )
        return x

    found = lab.changed(sensor("trunk"), backwards).outcome("segments")
    verdict = next(v for v in found.verdicts(lab.phases) if v.phase == "bows")
    assert "Bows, trunk" in told(verdict) or "trunk sensor faces backwards" in told(
        verdict
    )
    assert found.calibrations.segments.of("trunk").axes_from == "vertical"


def test_a_slipped_sensor_is_seen_in_the_second_stand():
    lab = case()
    again = lab.phase("stand_again")
    a = np.radians(6.0)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])

    def slip(t_s, x):
        rows = inside(t_s, again)
        for axis in (turn, turn[[1, 2, 0]][:, [1, 2, 0]]):
            x[rows, :3] = x[rows, :3] @ axis
        return x

    verdict = lab.changed(sensor("trunk"), slip).verdicts("segments")["stand_again", ""]
    assert verdict.light == "amber"
    assert "The trunk sensor slipped" in told(verdict)


def test_a_pelvis_that_was_not_held():
    lab = case()
    forward = lab.phase("pelvis_forward")
    found = lab.changed(sensor("pelvis"), shaken(forward, 8.0)).outcome("segments")
    verdict = next(v for v in found.verdicts(lab.phases) if v.phase == "pelvis_forward")
    assert verdict.light == "red"
    assert "The pelvis was not held: gyro SD 8.1 deg/s" in told(verdict)
    assert found.calibrations.segments.pelvic_range is None


def test_forward_and_back_taken_for_each_other():
    lab = case()
    swap = {"pelvis_forward": "pelvis_back", "pelvis_back": "pelvis_forward"}
    phases = tuple(
        msgspec.structs.replace(p, kind=swap.get(p.kind, p.kind)) for p in lab.phases
    )
    verdicts = replace(lab, phases=phases).verdicts("segments")
    assert "-10.0 deg forward and 12.0 deg back" in told(verdicts["pelvis_forward", ""])


def test_the_last_try_counts_even_when_it_failed():
    lab = case()
    good = lab.phase("stand")
    bad = Phase("stand", lab.phase("bows").t0_s, lab.phase("bows").t1_s)
    found = replace(lab, phases=(good, bad)).outcome("segments")
    assert found.calibrations.segments.of("trunk") is None  # straps may have moved
