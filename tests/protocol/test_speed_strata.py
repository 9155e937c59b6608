"""Strides at different belt speeds, or from different sensors, are not compared."""

from __future__ import annotations

from itertools import chain

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from protocol_cases import join, run, series

from lablive.protocol.speed import not_comparable, strata


def test_a_speed_that_comes_back_joins_its_group():
    whole = join(
        run(3, speed_mps=3.0),
        run(2, start_s=180, speed_mps=3.5),
        run(4, start_s=300, speed_mps=3.05),
    )
    slow, fast = strata(whole)
    assert slow.n == 560
    assert set(slow.speed_mps) == {3.0, 3.05}
    assert set(fast.speed_mps) == {3.5}


def test_a_ramp_does_not_split_the_plateau():
    ramp = series(np.arange(30.0), 1.0, speed_mps=np.linspace(0.5, 2.98, 30))
    plateau = run(2, start_s=60, speed_mps=3.0)
    first = strata(join(ramp, plateau))[0]
    assert np.count_nonzero(first.speed_mps == 3.0) == plateau.n
    assert not_comparable(first) == ""


def test_a_difference_of_exactly_a_tenth_is_one_speed():
    assert len(strata(series([1.0, 2.0], 1.0, speed_mps=[3.0, 3.1]))) == 1
    assert len(strata(series([1.0, 2.0], 1.0, speed_mps=[3.0, 3.11]))) == 2


def test_each_sensor_and_the_unknown_speed_stand_alone():
    made = series(
        [1, 2, 3, 4, 5],
        1.0,
        speed_mps=[3, 3, 3, np.nan, np.nan],
        sources=["insole", "insole", "foot_imu", "insole", "insole"],
    )
    groups = [(g.n, str(g.sources[0]), g.speed_mps[0]) for g in strata(made)]
    assert groups[2] == (1, "foot_imu", 3.0)
    assert [name for _, name, _ in groups[:2]] == ["insole", "insole"]
    assert [n for n, _, _ in groups] == [2, 2, 1]


def test_why_strides_are_not_compared():
    slow, fast = run(1, speed_mps=2.9), run(1, speed_mps=3.3)
    assert not_comparable(slow, slow) == ""
    assert "2.90 to 3.30 m/s" in not_comparable(slow, fast)
    other = run(1, speed_mps=2.9, sources="foot_imu")
    assert "foot_imu and insole" in not_comparable(slow, other)
    assert not_comparable(run(1, speed_mps=np.nan)) == "needs the belt speed"
    assert not_comparable(series([], [])) == ""
    assert strata(series([], [])) == ()


@given(
    speeds=st.lists(st.floats(0, 6) | st.just(np.nan), min_size=1, max_size=60),
    order=st.randoms(use_true_random=False),
)
def test_groups_hold_every_stride_once_whatever_the_order(speeds, order):
    rows = list(enumerate(speeds))
    order.shuffle(rows)
    mixed = series([t for t, _ in rows], 1.0, speed_mps=[speed for _, speed in rows])
    straight = series(np.arange(len(speeds)), 1.0, speed_mps=speeds)
    found = [group.t_s.tolist() for group in strata(mixed)]
    assert found == [group.t_s.tolist() for group in strata(straight)]
    assert sorted(chain(*found)) == list(range(len(speeds)))
    for group in strata(mixed):
        known = group.speed_mps[~np.isnan(group.speed_mps)]
        assert known.size in (0, group.n)
        assert not known.size or np.ptp(known) <= 0.1 + 1e-8
