"""Timing metrics of hand-made strides: formulas and the checks of the reference."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_cases import belt, sample, stride

from lablive.metrics.derived import symmetry_index_pct, variation_pct
from lablive.metrics.metric import StrideData
from lablive.metrics.registry import METRICS, measure


def value(metric_id, made, **more):
    return METRICS[metric_id].of_stride(StrideData(made, **more))


def test_running_stride():
    made = stride(ic_s=10.0, contact_s=0.25, stride_s=0.74)
    assert value("cadence_spm", made) == pytest.approx(162.162, abs=1e-3)
    assert value("stride_time_ms", made) == pytest.approx(740)
    assert value("step_time_ms", made) == pytest.approx(370)
    assert value("contact_time_ms", made) == pytest.approx(250)
    assert value("flight_time_ms", made) == pytest.approx(120)
    assert value("swing_time_ms", made) == pytest.approx(490)
    assert value("duty_factor_pct", made) == pytest.approx(33.784, abs=1e-3)
    assert value("step_length_m", made, speed_mps=3.0) == pytest.approx(1.110)
    assert value("stride_length_m", made, speed_mps=3.0) == pytest.approx(2.220)
    leg = value("step_length_leg", made, speed_mps=3.0, leg_length_m=0.9275)
    assert leg == pytest.approx(1.19677, abs=1e-5)
    assert np.isnan(value("double_support_pct", made))


def test_walking_stride():
    made = stride(contact_s=0.66, stride_s=1.1, gait="walk")
    assert value("double_support_pct", made) == pytest.approx(20.0)
    assert np.isnan(value("flight_time_ms", made))


def test_double_support_without_the_step_before():
    made = stride(contact_s=0.66, stride_s=1.1, gait="walk")
    made = msgspec.structs.replace(made, opposite_to_s=made.opposite_ic_s + 0.5)
    assert value("double_support_pct", made) == pytest.approx(10.0)


def test_what_was_not_seen_is_not_measured():
    made = stride(to_s=None, opposite_ic_s=None)
    found = measure(StrideData(made))
    for metric_id in ("contact_time_ms", "step_time_ms", "peak_force_bw"):
        assert metric_id not in found
    assert "step_length_m" not in found  # waits for the belt


def test_symmetry_index():
    assert symmetry_index_pct(250, 240) == pytest.approx(-4.0816, abs=1e-4)
    assert np.isnan(symmetry_index_pct(0.0, 0.0))
    assert np.isnan(symmetry_index_pct(np.nan, 1.0))


@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(0.1, 10))
def test_symmetry_index_turns_its_sign_and_knows_no_unit(left, right, factor):
    index = symmetry_index_pct(left, right)
    assert index == pytest.approx(-symmetry_index_pct(right, left))
    assert index == pytest.approx(symmetry_index_pct(factor * left, factor * right))
    assert (index > 0) == (right > left)


def test_variation_leaves_a_trend_out():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 10, 2000)
    assert variation_pct(700 + noise) == pytest.approx(100 * 10 / 700, rel=0.05)
    trend = 700 + noise + np.linspace(-50, 50, 2000)
    assert variation_pct(trend) == pytest.approx(variation_pct(700 + noise), rel=0.01)


def test_variation_needs_fifty_strides():
    for n, there in ((49, False), (50, True)):
        made = sample({side: [stride(side=side)] * n for side in ("left", "right")})
        found = made.summarise(METRICS["stride_time_cv_pct"])
        assert (found.stat("left").n == n) == there
        assert (found.note == "needs 50 valid strides per side") != there


def test_gait_mode_and_quality_count():
    strides = [stride()] * 8 + [stride(valid=False), stride(valid=False, expected=2)]
    made = sample({"left": strides, "right": [stride(side="right")] * 10})
    quality = made.summarise(METRICS["event_quality_pct"])
    assert quality.stat("left").median == pytest.approx(100 * 8 / 11)
    assert (quality.both.n, quality.both.n_total) == (18, 21)
    assert made.summarise(METRICS["gait_mode"]).both.median == 2.0
    contact = made.summarise(METRICS["contact_time_ms"])
    assert (contact.stat("left").n, contact.stat("left").n_total) == (8, 11)


def test_strides_a_dead_sensor_owes_count_as_missed():
    made = sample({"left": [stride()] * 20}, missed={"left": 20})
    quality = made.summarise(METRICS["event_quality_pct"])
    assert quality.stat("left").median == 50.0
    assert "85 %" in made.summarise(METRICS["contact_time_ms"]).note


@pytest.mark.parametrize(
    ("metric_id", "strides", "more", "why"),
    [
        ("step_length_m", {"left": 3, "right": 3}, {}, "needs belt speed"),
        ("step_length_m", {"left": 3}, {}, "needs both feet"),
        ("step_length_leg", {"left": 3, "right": 3}, {"belt": belt(3.0)},
         "needs leg length or body height"),
        ("peak_force_bw", {"left": 3, "right": 3}, {},
         "needs the body mass, or 20 valid strides to weigh the runner"),
        ("contact_time_si_pct", {"unknown": 8}, {},
         "needs left and right from the same kind of sensor"),
        ("strike_index_pct", {"left": 3, "right": 3}, {},
         "the insoles send neither pressure cells nor zones"),
        ("contact_time_ms", {}, {}, "no valid stride"),
    ],
)  # fmt: skip
def test_missing_says_why(metric_id, strides, more, why):
    made = sample({s: [stride(side=s)] * n for s, n in strides.items()}, **more)
    found = made.summarise(METRICS[metric_id])
    assert (found.both.n, found.note) == (0, why)


def test_belt_speed_is_held_until_the_next():
    treadmill = belt(None)
    assert np.isnan(treadmill.at(5.0))
    treadmill.feed(np.array([1.0, 2.0, 3.0]), np.array([2.5, np.nan, 3.0]))
    assert [treadmill.at(t) for t in (1.0, 2.9, 3.0, 99.0)] == [2.5, 2.5, 3.0, 3.0]
    assert np.isnan(treadmill.at(0.9))
    assert belt(3.0).at(-1.0) == 3.0


@pytest.mark.parametrize("more_left", [0, 1, 3])
def test_both_sides_of_a_limp_weigh_the_same(more_left):
    made = sample(
        {
            "left": [stride(contact_s=0.250)] * (20 + more_left),
            "right": [stride("right", contact_s=0.220)] * 20,
        }
    )
    found = made.summarise(METRICS["contact_time_ms"])
    assert found.both.median == pytest.approx(235.0)
    assert found.both.n == 40 + more_left
