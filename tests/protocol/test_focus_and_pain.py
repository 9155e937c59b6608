"""Focus minutes and pain as entered."""

from __future__ import annotations

import numpy as np
import pytest

from lablive.protocol.focus import (
    focus_in_target_pct,
    focus_minutes_target,
    run_counts,
)
from lablive.protocol.pain import PainEntry, drill_pain_nrs, pain_onset_min

ENDS = np.arange(1.0, 121.0)
LASTED = np.ones(120)


def pain(*entries):
    return [PainEntry(60.0 * minute, nrs) for minute, nrs in entries]


def test_a_minute_more_after_each_completed_run():
    assert [focus_minutes_target(runs) for runs in (0, 1, 28, 29, 200)] == [
        1, 2, 29, 30, 30,
    ]  # fmt: skip


def test_time_in_target_within_the_focus_minutes():
    values = np.where(ENDS <= 84.0, 4.0, 9.0)
    share = focus_in_target_pct(ENDS, LASTED, values, (0.0, 5.0), (60.0, 120.0))
    assert share == pytest.approx(40.0)
    values[60:84] = np.nan
    share = focus_in_target_pct(ENDS, LASTED, values, (0.0, 5.0), (60.0, 120.0))
    assert share == 0.0
    values[60:95] = np.nan
    assert np.isnan(
        focus_in_target_pct(ENDS, LASTED, values, (0.0, 5.0), (60.0, 120.0))
    )


@pytest.mark.parametrize(
    ("share", "before", "after", "counts"),
    [
        (60.0, 1, 1, True),
        (59.9, 1, 1, False),
        (90.0, 1, 2, False),
        (90.0, 1, float("nan"), False),
        (float("nan"), 1, 1, False),
    ],
)
def test_a_run_counts(share, before, after, counts):
    assert run_counts(share, before, after) is counts


@pytest.mark.parametrize(
    ("entries", "value", "verdict"),
    [
        (((0, 1), (5, 2), (9, 1)), 2, "good"),
        (((0, 1), (5, 2)), 2, "caution"),  # rising
        (((0, 3), (5, 2)), 3, "caution"),
        (((0, 0), (5, 4), (9, 0)), 4, "poor"),
    ],
)
def test_pain_of_a_drill(entries, value, verdict):
    found = drill_pain_nrs(pain(*entries))
    assert (found.value, found.verdict, found.n) == (value, verdict, len(entries))


def test_pain_nobody_asked_for_has_no_verdict():
    found = drill_pain_nrs([])
    assert np.isnan(found.value)
    assert found.verdict is None


def test_the_minute_in_which_pain_began():
    start_s = 120.0
    assert pain_onset_min(pain((2, 0), (47, 2), (20, 0)), start_s) == 45.0
    assert np.isnan(pain_onset_min(pain((2, 0), (47, 0)), start_s))
    assert np.isnan(pain_onset_min(pain((2, 1), (47, 3)), start_s))
    assert np.isnan(pain_onset_min([], start_s))


@pytest.mark.parametrize("nrs", [-1, 11])
def test_the_scale_ends_at_ten(nrs):
    with pytest.raises(ValueError, match="0 to 10"):
        PainEntry(0.0, nrs)
