"""Corrective blocks: before and after, the mean effect, its decay, rest as control."""

from __future__ import annotations

import numpy as np
import pytest
from protocol_cases import join, run, series

from lablive.protocol.baseline import Median
from lablive.protocol.blocks import Block, BlockChange, Decay, block_changes
from lablive.protocol.effect import block_effect, hedges_j, more_than_rest
from lablive.protocol.mdc import Mdc

MDC = Mdc("deg", 0.5, 0.5)
DELTAS = (-0.8, -0.7, -0.9, -0.7)


def changed(deltas, kind="corrective", decays=()):
    """Return blocks with given effects."""
    median = Median("deg", 0.0, 5.0, 80)
    lost = [*decays, *[Decay(why="not looked at")] * (len(deltas) - len(decays))]
    return [
        BlockChange(
            Block(600.0 * row, 600.0 * row + 90.0, kind),
            "deg",
            median,
            median,
            delta=delta,
            decay=decay,
        )
        for row, (delta, decay) in enumerate(zip(deltas, lost, strict=True))
    ]


def session(after, *, sd=0.5, **about):
    """Return ten minutes, 90 s of block, and a run with given values after it."""
    return join(
        run(10, 8.0, sd=sd, metric_id="trunk_lean_deg", unit="deg"),
        run(10, after, start_s=690.0, sd=sd, metric_id="trunk_lean_deg", unit="deg",
            seed=1, **about),
    )  # fmt: skip


BLOCK = Block(600.0, 690.0)


def test_mean_effect_of_the_reference():
    found = block_effect(changed(DELTAS), MDC)
    assert found.mean == pytest.approx(-0.775)
    assert (found.low, found.high) == pytest.approx((-0.93, -0.62), abs=0.005)
    assert found.dz == pytest.approx(-8.09, abs=0.01)
    assert found.hedges_j == pytest.approx(0.727, abs=0.001)
    assert (found.verdict, found.n, found.unit) == ("real", 4, "deg")
    assert hedges_j(20) > 0.95


def test_fewer_than_four_blocks_stand_alone():
    found = block_effect(changed(DELTAS[:3]), MDC)
    assert [one.delta for one in found.changes] == list(DELTAS[:3])
    assert np.isnan([found.mean, found.low, found.high, found.dz]).all()
    assert found.why == "needs 4 corrective blocks for a mean, there are 3"
    assert (found.verdict, found.colour, found.n) == ("unknown", None, 3)


def test_an_effect_is_real_only_beyond_error_and_chance():
    small = block_effect(changed(DELTAS), Mdc("deg", 0.8, 0.8))
    assert small.verdict == "not shown"
    assert "within the minimal detectable change of 0.8 deg" in small.why
    unsteady = block_effect(changed((-3.0, 1.0, -2.0, 0.9)), MDC)
    assert abs(unsteady.mean) > 0.5
    assert unsteady.verdict == "not shown"
    assert "holds 0" in unsteady.why
    unknown = block_effect(changed(DELTAS), Mdc("deg", why="no baseline"))
    assert (unknown.verdict, unknown.why) == ("unknown", "no baseline")
    assert unknown.mean == pytest.approx(-0.775)


def test_equal_deltas_have_no_standardised_effect():
    found = block_effect(changed((-1.0,) * 4), MDC)
    assert np.isnan(found.dz)
    assert found.verdict == "real"


def test_colour_follows_the_good_direction():
    def colour(deltas, direction):
        return block_effect(changed(deltas), MDC, direction=direction).colour

    assert colour(DELTAS, "lower is better") == "good"
    assert colour(DELTAS, "higher is better") == "poor"
    assert colour((-0.1, 0.1, 0.2, -0.1), "lower is better") == "caution"
    assert colour(DELTAS, "information") is None
    assert colour(DELTAS, "in a band") is None


def test_before_and_after_are_taken_where_the_reference_says():
    t_s = np.arange(0.0, 1200.0, 0.75)
    t_s = t_s[(t_s < 600.0) | (t_s >= 690.0)]
    values = np.where((t_s >= 540) & (t_s < 600), 8.0, 99.0)
    values = np.where((t_s >= 720) & (t_s < 780), 6.0, values)
    (found,) = block_changes(series(t_s, values, unit="deg"), [BLOCK], MDC)
    assert (found.before.value, found.after.value, found.delta) == (8.0, 6.0, -2.0)
    assert (found.before.n, found.after.n, found.why) == (80, 80, "")


def test_decay_ends_in_the_first_minute_back_within_half():
    whole = session(lambda t: np.minimum(5.0 + 0.5 * t, 8.0))
    (found,) = block_changes(whole, [BLOCK], MDC)
    assert found.delta == pytest.approx(-2.5, abs=0.2)
    # half is 6.75: the minute from 3.5 to 4.5 min has median 7.0, the one before 6.5
    assert found.decay == Decay(minutes=pytest.approx(4.0))


def test_an_effect_that_stays():
    (found,) = block_changes(session(5.0), [BLOCK], MDC)
    assert found.decay.lasted
    assert found.decay.why == "not back to half within 10.0 min"
    effect = block_effect([found], MDC)
    assert np.isnan(effect.decay_min)
    assert effect.n_decay == 1


def test_no_effect_has_no_decay():
    (found,) = block_changes(session(8.1), [BLOCK], MDC)
    assert "no effect" in found.decay.why
    (unknown,) = block_changes(session(5.0), [BLOCK], Mdc("deg", why="no baseline"))
    assert unknown.decay.why == "no baseline"


def test_decay_of_several_blocks():
    lasting = Decay(lasted=True, why="not back")
    two_of_three = changed(DELTAS[:3], decays=[Decay(2.0), Decay(4.0), lasting])
    assert block_effect(two_of_three, MDC).decay_min == 4.0
    half = changed(DELTAS[:2], decays=[Decay(2.0), lasting])
    assert np.isnan(block_effect(half, MDC).decay_min)
    assert block_effect(half, MDC).n_decay == 2


def test_another_speed_after_the_block_is_not_compared():
    faster = session(5.0, speed_mps=3.3)
    (found,) = block_changes(faster, [BLOCK], MDC)
    assert "3.00 to 3.30 m/s" in found.why
    (slow_only,) = block_changes(faster.only(faster.speed_mps < 3.1), [BLOCK], MDC)
    assert slow_only.why.endswith("in the minute after, there are 0")
    assert np.isnan(slow_only.delta)
    assert block_effect([found, slow_only], MDC).n == 0


def test_blocks_next_to_each_other_and_impossible_ones():
    whole = session(5.0)
    near = [Block(600.0, 690.0), Block(725.0, 800.0), Block(1000.0, 990.0)]
    first, second, wrong = block_changes(whole, reversed(near), MDC)
    assert first.why.endswith("in the minute after, there are 7")
    assert second.before.n == 47  # only what was run since the block before
    assert wrong.why == "the block ends before it begins"
    assert block_changes(whole, [], MDC) == ()


def test_rest_alone_as_control():
    rest = changed((-0.2, 0.0, -0.1, -0.1), "rest only")
    both = [*changed((-1.8, -1.7, -1.9, -1.7)), *rest]
    corrective = block_effect(both, MDC)
    resting = block_effect(both, MDC, kind="rest only")
    assert (corrective.n, resting.n) == (4, 4)
    found = more_than_rest(corrective, resting, MDC)
    assert found.difference == pytest.approx(-1.675)
    assert found.low < found.difference < found.high < 0
    assert (found.verdict, found.n, found.n_rest) == ("real", 4, 4)
    same = more_than_rest(resting, resting, MDC)
    assert same.verdict == "not shown"


def test_the_interval_of_two_kinds_is_welchs():
    from scipy.stats import ttest_ind

    first, second = (-1.8, -1.1, -1.9, -1.7, -2.4), (-0.2, 0.0, -0.1, -0.1)
    found = more_than_rest(
        block_effect(changed(first), MDC), block_effect(changed(second), MDC), MDC
    )
    span = ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((span.low, span.high))


def test_without_control_blocks_rest_may_be_the_cause():
    corrective = block_effect(changed(DELTAS), MDC)
    resting = block_effect([], MDC, kind="rest only")
    found = more_than_rest(corrective, resting, MDC)
    assert "the rest itself may be the cause" in found.why
    assert found.verdict == "unknown"
    flat = block_effect(changed((-1.0,) * 4), MDC)
    assert more_than_rest(flat, flat, MDC).verdict == "not shown"
