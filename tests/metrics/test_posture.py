"""Signs and refusals of pelvis, trunk and head metrics, on exact rotations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stride_cases import around, bare, sample_of, segment, value, why_not

from lablive.metrics.registry import METRICS, stride_record
from lablive.names import STANDARD_GRAVITY

OMEGA = 2 * np.pi / 0.74
UPWARD = np.array([0.0, 0.0, STANDARD_GRAVITY])


def wave(data, amplitude, times=1, phase=0.0):
    t = around(data.stride)
    since = t - data.stride.ic_s + (0.37 if data.stride.side == "right" else 0.0)
    return t, amplitude * np.sin(times * OMEGA * since + phase)


def with_site(data, site, rows):
    return replace(data, segments={**data.segments, site: rows}, memo={})


def pelvis(side, offset_deg=0.0, **more):
    """Return a pelvis that drops by 5 degrees on the swing side, put on askew."""
    data = bare(side)
    t, obliquity = wave(data, 5.0)
    rows = segment(t, lean=2.0, obliquity=obliquity + offset_deg, **more)
    return with_site(data, "pelvis", rows)


@pytest.mark.parametrize("side", ["left", "right"])
def test_drop_is_positive_on_both_sides(side):
    data = pelvis(side)
    assert value("pelvic_drop_deg", data) == pytest.approx(5.0, abs=0.1)
    assert value("pelvic_drop_exc_deg", data) == pytest.approx(5.0, abs=0.1)
    assert value("pelvis_obliquity_rom_deg", data) == pytest.approx(10.0, abs=0.1)


def test_a_sensor_askew_by_2_degrees_reads_7_and_3():
    left, right = (pelvis(side, 2.0) for side in ("left", "right"))
    assert value("pelvic_drop_deg", left) == pytest.approx(7.0, abs=0.1)
    assert value("pelvic_drop_deg", right) == pytest.approx(3.0, abs=0.1)
    for data in (left, right):
        assert value("pelvic_drop_exc_deg", data) == pytest.approx(5.0, abs=0.1)
    diff = sample_of([left, right]).summarise(METRICS["pelvic_drop_diff_deg"])
    assert diff.both.median == pytest.approx(-4.0, abs=0.1)
    assert "askew" in diff.note


@pytest.mark.parametrize(("side", "lean"), [("left", 4.0), ("right", -4.0)])
def test_side_lean_toward_the_stance_leg(side, lean):
    data = bare(side)
    rows = segment(around(data.stride), obliquity=-lean)  # left side down = to the left
    assert value("trunk_side_lean_deg", with_site(data, "trunk", rows)) == (
        pytest.approx(4.0, abs=1e-6)
    )
    other = segment(around(data.stride), obliquity=lean)
    assert value("trunk_side_lean_deg", with_site(data, "trunk", other)) == (
        pytest.approx(-4.0, abs=1e-6)
    )


def test_leans_and_their_differences():
    data = bare()
    t = around(data.stride)
    for site, lean in (("pelvis", 2.0), ("trunk", 8.0), ("head", 11.0)):
        data = with_site(data, site, segment(t, lean=lean))
    for metric_id, expected in (
        ("pelvic_tilt_rel_deg", 2.0),
        ("pelvic_tilt_to_deg", 2.0),
        ("trunk_lean_deg", 8.0),
        ("spine_flexion_deg", 6.0),  # rounding is positive
        ("head_trunk_pitch_deg", 3.0),  # poking forward is positive
        ("pelvis_tilt_rom_deg", 0.0),
    ):
        assert value(metric_id, data) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("zone", "share"), [((1.0, 3.0), 100.0), ((3.0, 9.0), 0.0), ((-9.0, 2.0), 50.0)]
)
def test_neutral_zone_counts_time(zone, share):
    data = replace(bare(), pelvic_neutral_deg=zone)
    t, swing = wave(data, 0.5, 2)
    data = with_site(data, "pelvis", segment(t, lean=2.0 + swing))
    assert value("pelvic_neutral_pct", data) == pytest.approx(share, abs=2.0)


@pytest.mark.parametrize("drift_dps", [0.0, 8.0 / 60, -0.5])
def test_rotation_range_is_free_of_drift(drift_dps):
    data = bare()
    t, swing = wave(data, 6.0, 1, 0.9)
    wander = 1.5 * np.sin(2 * np.pi * t / 40)
    rows = segment(t, heading=170.0 + swing + drift_dps * t + wander)
    assert value("pelvis_rotation_rom_deg", with_site(data, "pelvis", rows)) == (
        pytest.approx(12.0, abs=0.15)
    )


@pytest.mark.parametrize("bias_dps", [0.0, 2.0])
def test_twist_between_trunk_and_pelvis(bias_dps):
    data = bare()
    for site, amplitude, bias in (("trunk", -12.0, bias_dps), ("pelvis", 6.0, 0.0)):
        t, _ = wave(data, 1.0)
        rate = amplitude * OMEGA * np.cos(OMEGA * (t - data.stride.ic_s)) + bias
        turning = np.zeros((len(t), 3))
        turning[:, 2] = np.radians(rate)
        data = with_site(data, site, segment(t, rate_rps=turning))
    assert value("trunk_pelvis_rom_deg", data) == pytest.approx(36.0, abs=0.2)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("late_deg", [0.0, 90.0, -60.0])
def test_head_sway_and_its_phase(side, late_deg):
    """0.5 m/s^2 at 1.35 Hz is 1.39 cm; phase 0 = head over the stance foot."""
    strides = []
    for number in range(10):
        data = bare(side)
        t = around(data.stride)
        middle_s = data.stride.ic_s + 0.125
        place = np.cos(OMEGA * (t - middle_s) - np.radians(late_deg))
        place = place if side == "left" else -place  # over the right foot: to the right
        rows = segment(t, heading=30.0 * number)
        sideways = rows.rotation[:, :, 1] * (-0.5 * place)[:, None]
        felt = np.einsum("nji,nj->ni", rows.rotation,
                         sideways + UPWARD)  # fmt: skip
        strides.append(with_site(data, "head", replace(rows, acc_mps2=felt)))
    sample = sample_of(strides)
    sway = sample.summarise(METRICS["head_sway_ml_cm"]).stat(side)
    assert sway.median == pytest.approx(200 * 0.5 / OMEGA**2, abs=0.01)
    phase = sample.summarise(METRICS["head_sway_phase_deg"]).stat(side)
    assert phase.median == pytest.approx(late_deg, abs=1.0)
    nine = sample_of(strides[:9]).summarise(METRICS["head_sway_ml_cm"])
    assert nine.both.n == 0


def test_a_thigh_swinging_in_a_tilted_plane():
    data = bare()
    t, rate = wave(data, 5.0)
    turning = np.zeros((len(t), 3))
    for tilt_deg, expected in ((0.0, 100.0), (20.0, 88.3)):
        tilt = np.radians(tilt_deg)
        turning = np.outer(rate, [np.sin(tilt), np.cos(tilt), 0.0])
        rows = segment(t, rate_rps=turning)
        found = value("thigh_sagittal_pct", with_site(data, "thigh_left", rows))
        assert found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("tilt_deg", "expected"), [(0.0, 0.0), (20.0, 36.4)])
def test_arms_that_cross(tilt_deg, expected):
    data = bare()
    t, rate = wave(data, 4.0)
    tilt, trunk = np.radians(tilt_deg), np.zeros((len(t), 3))
    trunk[:, 2] = 0.7 * np.cos(OMEGA * t)  # the trunk turns, the arm with it
    arm = np.outer(rate, [0.0, np.cos(tilt), np.sin(tilt)]) + trunk
    data = with_site(data, "forearm_left", segment(t, rate_rps=arm))
    data = with_site(data, "trunk", segment(t, rate_rps=trunk))
    assert value("arm_cross_pct", data) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("changes", "metric_id", "why"),
    [
        ({"zeroed": False}, "pelvic_drop_deg", "quiet standing as its zero"),
        ({"has_angles": False}, "pelvic_drop_exc_deg", "calibration movements"),
        ({"settled": False}, "pelvis_tilt_rom_deg", "has not settled"),
        ({"rate_hz": 25.0}, "pelvis_obliquity_rom_deg", "sends 25 rows per second"),
    ],
)
def test_a_pelvis_that_cannot_tell_says_why(changes, metric_id, why):
    data = pelvis("left")
    rows = replace(data.segments["pelvis"], **changes)
    data = with_site(data, "pelvis", rows)
    assert why in why_not(metric_id, data)
    found = sample_of([data]).summarise(METRICS[metric_id])
    assert found.both.n == 0
    assert why in found.note


def test_without_zero_ranges_still_count():
    data = pelvis("left", zeroed=False)
    assert value("pelvis_obliquity_rom_deg", data) == pytest.approx(10.0, abs=0.1)
    assert value("pelvic_drop_exc_deg", data) == pytest.approx(5.0, abs=0.1)
    assert "quiet standing" in why_not("spine_flexion_deg", with_site(
        data, "trunk", segment(around(data.stride), lean=8.0)))  # fmt: skip


def test_a_missing_sensor_is_named():
    sample = sample_of([bare()], signals=frozenset())
    for metric_id, why in (
        ("pelvic_drop_deg", "needs a pelvis IMU"),
        ("spine_flexion_deg", "needs a trunk IMU"),
        ("arm_cross_pct", "needs a forearm IMU"),
        ("footfall_sel_dba", "needs the microphone at the belt"),
        ("gmax_drive_pct", "needs EMG of the gluteus maximus"),
        ("foot_ahead_leg", "needs a thigh IMU"),
    ):
        found = sample.summarise(METRICS[metric_id])
        assert (found.both.n, found.note) == (0, why)


def test_nothing_measured_gives_no_value_and_no_error():
    for side in ("left", "right", "unknown"):
        record = stride_record(bare(side))
        assert set(record.values) <= {
            "cadence_spm", "stride_time_ms", "step_time_ms", "contact_time_ms",
            "flight_time_ms", "swing_time_ms", "duty_factor_pct",
        }  # fmt: skip


def test_a_force_plate_cannot_tell_whose_drop_it_is():
    data = replace(pelvis("left"), stride=bare("unknown").stride, memo={})
    assert "not known which foot" in why_not("pelvic_drop_deg", data)
    assert stride_record(data).values["pelvis_tilt_rom_deg"] == pytest.approx(0.0)
