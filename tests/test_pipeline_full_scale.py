"""Soles at the end of their range: named, and what hangs on the load is not shown."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import bits, run, simulated

from lablive.gait.full_scale import FullScale, Top, top_of
from lablive.metrics.registry import METRICS
from lablive.protocol.session import session_statistics

LEFT, RIGHT = "left_sole", "right_sole"
LOAD = ("peak_force_bw", "stance_impulse_bw_s", "strike_index_pct", "medial_load_pct")


def rows_of(lab, name):
    return next(info.id for info in lab.streams if info.name == name)


def clipped(share, names=(LEFT,), seconds=25.0, steps=None):
    """Return a runner whose soles end at a share of the highest value there is."""
    lab = simulated(seconds, standing_s=3.0)
    for name in names:
        t_s, x = lab.rows[rows_of(lab, name)]
        top = np.float32(np.nanmax(x) * share)
        lab.rows[rows_of(lab, name)] = (t_s, np.minimum(x, top))
    return lab


@pytest.fixture(scope="module")
def one_sole():
    return run(clipped(0.8))[0]


def test_a_sole_within_its_range_is_not_named():
    for share in (1.0, 2.0):
        pipeline = run(clipped(share))[0]
        assert pipeline.findings() == ()
        assert pipeline.results.sample().withheld.full_scale == {}


def test_a_sole_at_its_end_is_named(one_sole):
    (found,) = one_sole.findings()
    assert found.name == "full scale"
    assert found.text.startswith("The left insole reaches the end of its range, ")


@pytest.mark.parametrize("metric_id", LOAD)
def test_what_hangs_on_the_load_is_not_shown_for_that_foot(one_sole, metric_id):
    value = one_sole.results.sample().summarise(METRICS[metric_id])
    assert not value.left
    assert value.right.n > 10
    assert "strides the sole is at the end of its range" in value.note


def test_times_and_the_other_foot_stay(one_sole):
    whole = run(clipped(1.0))[0].results.sample()
    sample = one_sole.results.sample()
    for metric_id in ("contact_time_ms", "cadence_spm"):
        value = sample.summarise(METRICS[metric_id])
        expected = whole.summarise(METRICS[metric_id])
        assert value.left.median == pytest.approx(expected.left.median, abs=3.0)
        assert value.note == expected.note
    peak = METRICS["peak_force_bw"]
    right, expected = (it.summarise(peak).right.median for it in (sample, whole))
    assert right == pytest.approx(expected, rel=1e-3)  # not scaled up for the left one


def test_asymmetries_and_the_gain_are_not_measured(one_sole):
    sample = one_sole.results.sample()
    for metric_id in ("peak_force_si_pct", "impulse_si_pct", "insole_gain_ratio"):
        value = sample.summarise(METRICS[metric_id])
        assert not value.both.n, metric_id
        assert value.note != "not measured"


def test_session_statistics_do_not_show_it_either(one_sole):
    found = session_statistics(one_sole.results.sample(), ())
    assert found.metrics["peak_force_bw"].left == ()
    assert found.metrics["peak_force_bw"].right
    assert found.metrics["contact_time_ms"].left


def test_any_cut_withholds_the_same(one_sole):
    lab = clipped(0.8)
    expected = run(lab)
    for seed in range(3):
        pipeline, handed = run(lab, seed)
        assert bits(handed[-5:]) == bits(expected[1][-5:])
        assert pipeline.findings() == expected[0].findings()
        assert (
            pipeline.results.sample().withheld == expected[0].results.sample().withheld
        )


@pytest.mark.parametrize("cells", [2, 16])
def test_cells_that_drop_out_under_load_are_the_end_of_a_range_too(cells):
    lab = clipped(1.0)
    t_s, x = lab.rows[rows_of(lab, RIGHT)]
    x = x.copy()
    highest = np.argsort(x.max(axis=0))[-cells:]
    some = x[:, highest]
    some[some > 0.8 * x.max()] = np.nan  # as soles do that mark saturated cells
    x[:, highest] = some
    lab.rows[rows_of(lab, RIGHT)] = (t_s, x)
    pipeline = run(lab)[0]
    (found,) = (it for it in pipeline.findings() if it.name == "full scale")
    assert found.text.startswith("The right insole loses cells under load")
    value = pipeline.results.sample().summarise(METRICS["peak_force_bw"])
    assert not value.right
    assert bool(value.left) == (cells == 2)  # else no force is left to step on


def test_a_top_is_flat_when_it_stays():
    swing = np.zeros((5, 2))
    stance = np.array([[1.0, 2], [3, 9], [4, 9], [5, 9], [2, 1]])
    assert top_of(stance, swing, 200.0) == Top(9.0, flat=True)
    assert top_of(stance[:3], swing, 200.0) == Top(9.0, flat=False)
    assert top_of(stance[:3], swing, 50.0) == Top(9.0, flat=True)
    assert top_of(np.full((3, 2), np.nan), swing, 200.0) is None
    broken = stance.copy()
    broken[:, 0] = np.nan
    assert top_of(broken, np.full((5, 2), [np.nan, 0.0]), 200.0).value == 9.0


def test_a_top_that_does_not_come_again_is_a_load():
    coarse = np.random.default_rng(1)
    for steps in (3.0, 10.0):
        sole = FullScale()
        for value in np.round(coarse.normal(200.0, steps, 3000)):
            sole.feed(Top(value, flat=True))
        assert np.isnan(sole.level)
    sole = FullScale()
    for value in np.minimum(np.round(coarse.normal(200.0, 10.0, 100)), 205.0):
        sole.feed(Top(value, flat=value == 205.0))
    assert sole.level == 205.0
    sole.feed(Top(230.0, flat=False))
    assert np.isnan(sole.level)
