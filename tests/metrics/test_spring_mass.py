"""Sine-wave model of running and hopping: the checks of the metric reference, 3.3."""

from __future__ import annotations

import numpy as np
import pytest
from sample_cases import belt, sample, stride

from lablive.metrics.belt import BeltSpeed
from lablive.metrics.registry import METRICS
from lablive.metrics.spring_mass import spring
from lablive.names import STANDARD_GRAVITY as G


def test_the_check_of_the_reference():
    model = spring(0.25, 0.12)
    assert model.peak_bw == pytest.approx(2.3248, abs=1e-4)
    assert model.drop_m == pytest.approx(0.0678, abs=1e-4)
    assert model.rise_m == pytest.approx(0.0854, abs=1e-4)
    assert model.vertical_n_per_m(70.0) == pytest.approx(23553, abs=10)
    leg = model.leg_n_per_m(70.0, 0.25, 3.0, 0.53 * 1.75)
    assert leg == pytest.approx(10860, abs=1)
    assert np.isnan(model.leg_n_per_m(70.0, 0.25, 9.0, 0.9))


def test_the_same_force_integrated_twice():
    t = np.linspace(0, 0.25, 100001)
    peak_n = spring(0.25, 0.12).peak_bw * 70 * G
    acceleration = peak_n * np.sin(np.pi * t / 0.25) / 70 - G
    velocity = np.concatenate(([0], np.cumsum(np.diff(t) * acceleration[1:])))
    velocity -= velocity[len(t) // 2]
    height = np.concatenate(([0], np.cumsum(np.diff(t) * velocity[1:])))
    assert -height[len(t) // 2] == pytest.approx(spring(0.25, 0.12).drop_m, abs=1e-5)
    assert 2 * peak_n * 0.25 / np.pi == pytest.approx(70 * G * 0.37, abs=1e-6)


def test_hopping_stiffness_is_dalleau():
    tc, tf = 0.2, 0.3
    dalleau = 70 * np.pi * (tf + tc) / (tc**2 * ((tf + tc) / np.pi - tc / 4))
    assert dalleau == pytest.approx(25183.4, abs=0.1)
    assert spring(tc, tf).vertical_n_per_m(70.0) == pytest.approx(dalleau, abs=0.1)


def steps(count, first_s=0.0, **changed):
    """Return strides of both feet that follow each other by 0.37 s."""
    made = [
        stride(("left", "right")[n % 2], first_s + 0.37 * n, **changed)
        for n in range(count)
    ]
    return {side: [s for s in made if s.side == side] for side in ("left", "right")}


def summarised(metric_id, strides, **more):
    about = {"belt": belt(3.0), "mass_kg": 70.0, "leg_length_m": 0.9275}
    return sample(strides, **(about | more)).summarise(METRICS[metric_id])


def test_ten_steps_in_a_row_make_a_value():
    for metric_id, expected in (
        ("fmax_model_bw", 2.3248),
        ("dy_model_cm", 6.776),
        ("kvert_kn_m", 23.553),
        ("kleg_kn_m", 10.860),
        ("vert_osc_cm", 8.541),
    ):
        found = summarised(metric_id, steps(20))
        assert found.both.median == pytest.approx(expected, rel=1e-3)
        assert (found.both.n, found.both.n_total) == (20, 20)


def test_nine_steps_or_a_hole_make_none():
    nine = summarised("fmax_model_bw", steps(9))
    assert (nine.both.n, nine.note) == (0, "needs 10 running steps in a row")
    first, later = steps(9), steps(9, first_s=30.0)
    apart = {side: first[side] + later[side] for side in first}
    assert summarised("fmax_model_bw", apart).both.n == 0


def test_what_the_model_lacks_is_told():
    for metric_id, more, why in (
        ("kvert_kn_m", {"mass_kg": np.nan}, "needs the body mass"),
        ("kleg_kn_m", {"belt": BeltSpeed(None, streams=False)}, "needs belt speed"),
        ("kleg_kn_m", {"leg_length_m": np.nan}, "needs leg length or body height"),
        ("fmax_model_bw", {}, "no flight in walking"),
    ):
        gait = "walk" if why.startswith("no flight") else "run"
        found = summarised(metric_id, steps(20, gait=gait), **more)
        assert (found.both.n, found.note) == (0, why)


def test_a_pelvis_imu_is_never_replaced_by_the_model():
    found = summarised("vert_osc_cm", steps(20), signals=frozenset(["pelvis"]))
    assert found.both.n == 0
    assert "model" in summarised("vert_osc_cm", steps(20)).note


def test_a_slope_has_no_spring():
    slope = BeltSpeed(None, streams=True)
    slope.feed(np.array([0.0, 5.0]), np.array([4.0, 0.3]))
    found = summarised("kvert_kn_m", steps(10), incline=slope)
    assert (found.both.n, found.note) == (
        0,
        "the belt was not level: the model holds for level runs",
    )
    assert summarised("vert_osc_cm", steps(10), incline=slope).note == found.note
    later = summarised("kvert_kn_m", steps(30), incline=slope)
    assert later.both.n == 10  # the ten that begin on the level
    assert later.both.median == pytest.approx(23.553, rel=1e-3)
