"""A metric in words: the worse side, the target, the evidence, how old it is."""

from __future__ import annotations

import math

import pytest

from lablive.metrics.metric import Stat
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import MetricValue
from lablive.protocol.baseline import Change
from lablive.snapshot import Snapshot, Tile
from ui.live.reading import bands, grade_text, read, target_text
from ui.live.skills import every, leads, lines, summary


def value(left, right, unit="°", n=10):
    """Return a metric of both sides."""
    stats = (Stat(it, it, 0.1, n, n + 1) for it in (left, right, 0.5 * (left + right)))
    return MetricValue(unit, *stats)


def snapshot(**tiles):
    return Snapshot(20.0, tiles=tiles, last_stride_s={"left": 19.5, "right": 19.9})


DROP = Tile(
    "contralateral pelvic drop",
    value(4.1, 6.24),
    {"left": "good", "right": "caution", "both": "caution"},
)


def test_the_worse_side_is_named():
    it = read("pelvic_drop_deg", snapshot(pelvic_drop_deg=DROP), 20.0)
    assert (it.sides, it.lamp, it.word) == ("L 4.1 · R 6.2", "caution", "caution R")
    assert (it.target, it.grade, it.steps) == ("≤ 5°", "grade B", "10 of 11 steps used")


def test_old_numbers_keep_no_verdict():
    it = read("pelvic_drop_deg", snapshot(pelvic_drop_deg=DROP), 25.0)
    assert (it.lamp, it.old) == ("unknown", "no step measured for 5 s")
    assert it.sides == "L 4.1 · R 6.2"


def test_what_is_missing_says_why_and_lights_nothing():
    lacks = MetricValue("°", both=Stat(n_total=20), note="needs a pelvis IMU")
    it = read("pelvic_drop_deg", snapshot(pelvic_drop_deg=Tile("", lacks)), 20.0)
    assert (it.is_measured, it.lamp, it.why) == (False, "unknown", "needs a pelvis IMU")
    assert read("pelvic_drop_deg", Snapshot(0.0), 0.0).why == "no steps yet"


def test_a_change_is_told_with_what_is_known_of_its_error():
    change = Change("pelvic_drop_deg", "°", "both", delta=1.4, verdict="change")
    now = Snapshot(
        20.0,
        tiles={"pelvic_drop_deg": DROP},
        changes={"pelvic_drop_deg": {"both": change}},
    )
    assert read("pelvic_drop_deg", now, 20.0).change == "+1.4 since baseline"


@pytest.mark.parametrize("metric_id", list(METRICS))
def test_every_metric_has_its_target_and_its_evidence(metric_id):
    band = bands().band[metric_id]
    target = target_text(band, METRICS[metric_id].unit)
    assert bool(target) == (not band.info)
    assert "inf" not in target
    assert (grade_text(band.grade) == "lab default") == (band.grade == "D")


def test_the_board_has_every_metric_of_the_five_skills_once():
    told = [it.reading.metric for it in lines(Snapshot(0.0), 0.0) if it.reading]
    assert sorted(told) == sorted(every())
    assert {METRICS[it].skill for it in told} == {
        "sagittal", "spine", "landing", "reach", "drive",
    }  # fmt: skip
    assert set(leads()) <= set(told)


def test_a_skill_is_led_by_the_first_of_its_metrics_that_is_measured():
    lacks = MetricValue("°", both=Stat(n_total=20), note="needs a pelvis IMU")
    lean = Tile("side lean", value(1.0, 2.0), {"left": "good", "right": "good"})
    rows = list(
        summary(
            snapshot(pelvic_drop_deg=Tile("", lacks), trunk_side_lean_deg=lean), 20.0
        )
    )
    assert [row.lead for row in rows] == ["1", "2", "3", "4", "5"]
    assert (rows[0].value, rows[0].word) == ("L 1.0 · R 2.0°", "good")
    assert rows[0].note.startswith("side lean to the stance leg")
    assert (rows[1].value, rows[1].is_grey) == ("—", True)


def test_measured_metrics_stand_before_those_that_are_not():
    found = list(lines(snapshot(pelvic_drop_diff_deg=DROP), 20.0))
    assert found[0].cells == ("1  Sagittal motion",)
    assert found[1].reading.metric == "pelvic_drop_diff_deg"
    assert found[2].cells == ("Contralateral pelvic drop", "no steps yet")


def test_not_a_number_is_not_measured():
    nan = Tile("", MetricValue("°", both=Stat(math.nan, math.nan, math.nan, 3, 3)))
    assert not read("pelvic_drop_deg", snapshot(pelvic_drop_deg=nan), 20.0).is_measured
