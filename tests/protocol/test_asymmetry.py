"""Left against right in a run and in a drill."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_cases import run, series

from lablive.protocol.asymmetry import asymmetry, limb_symmetry, symmetry_angle_pct


def feet(left, right, **about):
    about = {"sd": 0.0} | about
    return run(1, left, key="left", **about), run(1, right, key="right", **about)


def test_checks_of_the_reference():
    found = asymmetry(*feet(250.0, 240.0))
    assert found.value == pytest.approx(-4.0816, abs=1e-4)
    assert found.angle_pct == pytest.approx(-1.2990, abs=1e-4)
    assert (found.larger, found.unit, found.why) == ("left", "%", "")
    assert (found.n_left, found.n_right) == (80, 80)


def test_angles_are_subtracted():
    left, right = feet(-0.5, 1.0, metric_id="pelvic_drop_deg", unit="deg")
    found = asymmetry(left, right)
    assert (found.value, found.unit, found.larger) == (1.5, "deg", "right")
    assert np.isnan(found.angle_pct)
    assert "askew" in found.note


def test_equal_feet():
    assert asymmetry(*feet(250.0, 250.0)).larger == "equal"


@given(left=st.floats(1, 1e4), right=st.floats(1, 1e4))
def test_swapped_feet_change_the_sign(left, right):
    one, other = asymmetry(*feet(left, right)), asymmetry(*feet(right, left))
    assert one.value == pytest.approx(-other.value)
    assert one.angle_pct == pytest.approx(-other.angle_pct)
    assert symmetry_angle_pct(left, left) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        (run(1), run(0.2), "right: needs 20 valid strides, there are 16"),
        (run(1), series([], []), "right: needs 20 valid strides, there are 0"),
        (run(1), run(1, sources="foot_imu"), "foot_imu and insole"),
        (run(1), run(1, speed_mps=3.5), "3.00 to 3.50 m/s"),
        (run(1), run(1, -1.0), "needs positive values"),
    ],
)
def test_feet_that_are_not_compared(left, right, why):
    found = asymmetry(left, right)
    assert why in found.why
    assert np.isnan(found.value)
    assert found.larger == "unknown"


def test_limb_symmetry():
    left, right = [20.0, 22.0, 21.0], [25.0, np.nan, 23.0]
    assert limb_symmetry(left, right, "left").value == pytest.approx(87.5)
    assert limb_symmetry(left, right, "right").value == pytest.approx(100 * 24 / 21)
    neither = limb_symmetry(left, right)
    assert neither.value == limb_symmetry(right, left).value == pytest.approx(87.5)
    assert (neither.n_left, neither.n_right, neither.involved) == (3, 2, None)


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        ([], [1.0], "needs repetitions of both sides"),
        ([1.0], [np.nan], "needs repetitions of both sides"),
        ([0.0, 0.0], [1.0], "needs scores above zero"),
    ],
)
def test_no_limb_symmetry(left, right, why):
    found = limb_symmetry(left, right)
    assert found.why == why
    assert np.isnan(found.value)
