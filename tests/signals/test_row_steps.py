"""How long rows lasted: lost rows at once, late stamps never."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lablive.signals.row_steps import RowSteps


def test_even_rows_are_returned_as_they_are():
    t_s = 5.0 + np.arange(100) / 104.0  # a device that is faster than it says
    steps = RowSteps(100.0).feed(t_s)
    assert steps[0] == 0.01
    np.testing.assert_array_equal(steps[1:], np.diff(t_s))


def test_a_lost_row_makes_a_long_step():
    t_s = np.delete(np.arange(100) / 100.0, [40, 41])
    steps = RowSteps(100.0).feed(t_s)
    assert steps[40] == pytest.approx(0.03)
    assert np.delete(steps, 40) == pytest.approx(0.01)


def test_rows_stamped_on_arrival_are_evenly_spaced():
    arrived_s = np.repeat(np.arange(1, 301) * 0.03, 3)  # three rows in a packet
    steps = RowSteps(100.0).feed(arrived_s)
    later = steps[600:]
    assert later == pytest.approx(0.01, rel=0.03)
    assert steps[1:].sum() == pytest.approx(arrived_s[-1] - arrived_s[0], abs=0.03)


def test_a_pause_in_jitter_is_seen_at_once():
    arrived_s = np.repeat(np.arange(1, 301) * 0.03, 3)
    arrived_s[600:] += 0.4
    steps = RowSteps(100.0).feed(arrived_s)
    assert steps[600] == pytest.approx(0.4 + 0.03 - 0.11 + 0.01, abs=2e-3)


def test_a_few_late_stamps_are_no_jitter():
    t_s = np.arange(400) / 100.0
    t_s[[50, 150, 250]] += 0.006
    steps = RowSteps(100.0).feed(t_s)
    np.testing.assert_array_equal(steps[1:], np.diff(t_s))


@given(st.lists(st.integers(0, 400), max_size=6), st.integers(0, 4))
def test_pieces_equal_the_whole(cuts, seed):
    rng = np.random.default_rng(seed)
    t_s = np.sort(np.arange(400) / 100.0 + rng.random(400) * 0.005 * seed)
    whole = RowSteps(100.0).feed(t_s)
    stage = RowSteps(100.0)
    edges = sorted({0, 400, *cuts})
    pieces = [stage.feed(t_s[a:b]) for a, b in zip([0, *edges], edges, strict=False)]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
