"""Walking and running in one trial share no median, in tiles, analysis and session."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import run, simulated
from test_analysis import recorded

from lablive.analysis import analyze
from lablive.metrics.registry import METRICS
from lablive.protocol.session import session_statistics

WALK_S, RUN_S = 20.0, 40.0


@pytest.fixture(scope="module")
def lab():
    """A person who walks for 20 s and then runs for 40, at the same belt speed."""
    made = simulated(RUN_S, standing_s=3.0)
    walks = simulated(WALK_S, standing_s=3.0, contact_left_s=0.45, contact_right_s=0.45)
    for stream, (t_s, x) in made.rows.items():
        walk_t_s, walk_x = walks.rows[stream]
        made.rows[stream] = (
            np.concatenate((walk_t_s, t_s + WALK_S)),
            np.concatenate((walk_x, x)),
        )
    return made


@pytest.fixture(scope="module")
def pipeline(lab):
    return run(lab)[0]


def median(sample, metric_id, key="left"):
    return sample.summarise(METRICS[metric_id]).stat(key).median


def test_the_gait_that_is_most_gives_the_medians(pipeline):
    sample = pipeline.results.sample()
    assert median(sample, "contact_time_ms") == pytest.approx(247.0, abs=3.0)
    contact = sample.summarise(METRICS["contact_time_ms"]).left
    assert contact.sd < 5.0
    assert contact.n == pytest.approx((RUN_S - 3.0) / 0.74, abs=3)
    (apart,) = sample.apart.items()
    assert apart[0] == "walk"
    assert apart[1] == pytest.approx(2 * (WALK_S - 3.0) / 0.74, abs=6)
    note = sample.summarise(METRICS["gait_mode"]).note
    assert note.endswith(f"{apart[1]} strides of walk are apart")


def test_the_other_gait_has_its_own(pipeline):
    walking = pipeline.results.sample(gait="walk")
    assert median(walking, "contact_time_ms") == pytest.approx(440.0, abs=6.0)
    assert walking.summarise(METRICS["double_support_pct"]).both.n > 20
    assert walking.summarise(METRICS["flight_time_ms"]).note == "no flight in walking"


def test_tiles_show_what_most_of_the_last_strides_were(pipeline):
    walks, runs = (
        pipeline.snapshot(t_s).tiles["contact_time_ms"].value.left.median
        for t_s in (WALK_S - 2.0, WALK_S + RUN_S - 2.0)
    )
    assert walks == pytest.approx(440.0, abs=6.0)
    assert runs == pytest.approx(247.0, abs=3.0)
    for t_s in np.arange(WALK_S, WALK_S + 16.0, 1.0):
        value = pipeline.snapshot(float(t_s)).tiles["contact_time_ms"].value
        for side in (value.left, value.right):
            if side:  # never a mean of both gaits
                assert min(abs(side.median - 440.0), abs(side.median - 247.0)) < 8.0


def test_a_session_keeps_gaits_apart_at_one_speed(pipeline):
    found = session_statistics(pipeline.results.all_gaits(), ())
    at = found.metrics["contact_time_ms"].left
    assert [it.gait for it in at] == ["run", "walk"]
    assert [round(it.median, -1) for it in at] == [250.0, 440.0]


def test_the_analysis_tells_both(lab, tmp_path):
    found = analyze(recorded(tmp_path / "trial-01.xdf", lab))
    assert found.other_gait.gait == "walk"
    walking = found.other_gait.metrics["contact_time_ms"].left.median
    assert walking == pytest.approx(440.0, abs=6.0)
    (note,) = (it for it in found.notes if "in one trial" in it)
    assert note.startswith("running and walking in one trial: all numbers are of the ")
    assert "walking ones: cadence 162 steps/min, ground contact time 4" in note


def test_a_runner_alone_is_told_nothing_of_it(tmp_path):
    lab = simulated(12.0, standing_s=3.0)
    found = analyze(recorded(tmp_path / "trial-01.xdf", lab))
    assert found.other_gait is None
    assert not any("in one trial" in it for it in found.notes)
