"""Round ticks, and ranges that grow at once and shrink late."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.strip_scale import (
    SteadyRange,
    nice_step,
    steady_ranges,
    tick_text,
    ticks,
)

VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@given(VALUES, st.floats(1e-6, 1e6), st.integers(1, 12))
def test_ticks_lie_within_and_are_few(low, span, most):
    high = low + span
    if not high > low:
        return
    found = ticks(low, high, most)
    slack = 1e-6 * max(abs(low), abs(high), span)
    assert len(found) <= most + 1
    assert all(low - slack <= value <= high + slack for value in found)
    assert found == sorted(found)


@pytest.mark.parametrize(
    ("span", "most", "step"), [(2, 4, 0.5), (10, 5, 2), (1, 4, 0.25), (900, 4, 250)]
)
def test_steps_are_round(span, most, step):
    assert nice_step(span, most) == pytest.approx(step)


@pytest.mark.parametrize("span", [0.0, -1.0, math.nan, math.inf])
def test_step_of_nothing_is_one(span):
    assert nice_step(span, 4) == 1.0


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (-2.0, 1.0, "−2"), (2.5, 2.5, "2.5"), (0.25, 0.25, "0.25"), (-0.0, 0.5, "0.0"),
        (1000.0, 250.0, "1000"), (-0.04, 0.1, "0.0"),
    ],
)  # fmt: skip
def test_tick_text(value, step, text):
    assert tick_text(value, step) == text


def test_range_grows_at_once_in_round_steps():
    held = SteadyRange(0, 2)
    assert held.see(0, 2.3, 0.0)
    assert (held.low, held.high) == (0, 3)
    assert not held.see(0, 2.9, 1.0)
    assert held.see(-0.2, 2.9, 1.1)
    assert held.low == -0.25
    assert held.high == 3
    assert held.see(-1.2, 2.9, 1.2)
    assert held.low == -1.5


def test_range_shrinks_only_after_patience():
    held = SteadyRange(0, 2, patience_s=10)
    held.see(0, 9, 0.0)
    high = held.high
    assert not held.see(0, 1, 1.0)
    assert not held.see(0, 1, 10.9)
    assert held.high == high
    assert held.see(0, 1, 11.0)
    assert (held.low, held.high) == (0, 2)


def test_one_large_value_renews_the_patience():
    held = SteadyRange(0, 2, patience_s=10)
    held.see(0, 9, 0.0)
    held.see(0, 1, 1.0)
    held.see(0, 8, 9.0)
    assert not held.see(0, 1, 12.0)
    assert held.high >= 9


def test_symmetric_range_stays_symmetric():
    held = SteadyRange(-1, 1)
    held.see(-0.2, 3.3, 0.0)
    assert held.low == -held.high
    assert held.high >= 3.3


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30))
def test_range_always_holds_what_it_has_just_seen(pairs):
    held = SteadyRange(0, 1)
    for number, (one, other) in enumerate(pairs):
        low, high = sorted((one, other))
        held.see(low, high, number * 0.1)
        slack = 0.011 * (held.high - held.low)  # drawn beyond the range
        assert held.low <= low + slack
        assert held.high >= high - slack


def test_noise_just_below_zero_moves_nothing():
    held = SteadyRange(0, 1000)
    assert not held.see(-4.0, 900.0, 0.0)
    assert held.see(-4.0, 1200.0, 0.1)
    assert (held.low, held.high) == (0, 1500)


def test_missing_extent_changes_nothing():
    held = SteadyRange(0, 2)
    assert not held.see(math.nan, math.nan, 0.0)
    assert (held.low, held.high) == (0, 2)


@pytest.mark.parametrize("pair", [(1, 1), (2, 1), (math.nan, 1), (0, math.inf)])
def test_impossible_range_is_refused(pair):
    with pytest.raises(ValueError, match="y-range"):
        SteadyRange(*pair)


def test_one_pair_serves_all_axes_without_tying_them():
    first, second = steady_ranges((0, 2), 2)
    first.see(0, 50, 0.0)
    assert second.high == 2
    with pytest.raises(ValueError, match="3 pairs expected"):
        steady_ranges([(0, 1), (0, 1)], 3)
