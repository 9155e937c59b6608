"""The run as blocks: what comes every so often, pause, skip, and what is marked."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.protocol.block_run import PAUSE_KIND, BlockRun
from lablive.protocol.phases import marker_of, parts_of
from lablive.protocol.run_plan import expanded, timeline
from lablive.protocol.template import BlockRule, load_template, parse_template

MIN = 60.0
HEAD = """
schema = 1
name = "mine"
[[gate]]
kind = "connect"
[[gate]]
kind = "run"
"""


def told(rule):
    with pytest.raises(ConfigError) as caught:
        parse_template(HEAD + "[[block]]\n" + rule, "mine.toml")
    return str(caught.value)


def kinds(blocks):
    return [(it.kind, it.minutes) for it in blocks]


def test_a_run_is_interrupted_every_so_many_minutes():
    run = BlockRule("run", 25, every_min=10, pause_min=1.5)
    assert kinds(expanded([run])) == [
        ("run", 10), ("corrective", 1.5), ("run", 10), ("corrective", 1.5), ("run", 5)
    ]  # fmt: skip


def test_exercises_and_rest_alone_in_turn_through_the_whole_session():
    run = BlockRule("run", 20, every_min=10, interruption="in turn", speed_mps=3.0)
    found = expanded([BlockRule("warm-up", 5), run, run])
    assert [it.kind for it in found] == [
        "warm-up", "run", "corrective", "run", "run", "rest", "run"
    ]  # fmt: skip
    assert {it.speed_mps for it in found if it.kind == "run"} == {3.0}


def test_the_shipped_protocol_has_blocks_of_both_kinds():
    placed = list(timeline(load_template("intermittent").blocks))
    assert [it.block.kind for it in placed].count("corrective") == 2
    assert [it.block.kind for it in placed].count("rest") == 2
    assert placed[-1].block.kind == "cool-down"
    assert placed[-1].end_min == 6 + 5 + 50 + 4 * 2 + 5


def test_a_focus_is_marked_with_its_metric():
    run = BlockRun([BlockRule("focus", 1, metric="footfall_rel_db")])
    marks = [*run.move_on(10.0), *run.move_on(70.0)]
    assert [it.text for it in marks] == [
        "focus footfall_rel_db begin", "focus footfall_rel_db end"
    ]  # fmt: skip
    (part,), problems = parts_of(marks)
    assert problems == ()
    assert (part.kind, part.metric, part.target_spm) == (
        "focus",
        "footfall_rel_db",
        None,
    )
    assert "footfall" in BlockRule("focus", 1, metric="footfall_rel_db").words


def test_a_focus_on_nothing_is_told():
    _, problems = parts_of([marker_of("focus", "begin", 1.0, metric="softness")])
    assert "say the metric" in problems[0]


def test_a_pause_stops_the_clock_of_the_block():
    run = BlockRun([BlockRule("baseline", 5), BlockRule("run", 5)])
    assert run.pause(0.0) == ()  # nothing runs
    run.move_on(10.0)
    assert [it.text for it in run.pause(70.0)] == ["pause begin"]
    assert run.paused
    assert run.left_s(200.0) == 4 * MIN
    (back,) = run.pause(100.0)
    assert (back.text, back.kind) == ("pause end", PAUSE_KIND)
    assert run.left_s(100.0) == 4 * MIN
    run.pause(130.0)
    assert [it.text for it in run.move_on(140.0)] == ["pause end", "baseline end"]
    assert not run.paused


def test_a_block_can_be_left_out():
    run = BlockRun([BlockRule("run", 20, every_min=10)])
    run.move_on(0.0)
    assert run.skip_next()
    assert run.following.kind == "run"
    run.move_on(600.0)
    assert not run.skip_next()


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('kind = "focus"\nminutes = 1', "needs the metric the runner has in mind"),
        ('kind = "focus"\nminutes = 1\nmetric = "x"', "needs the metric"),
        ('kind = "run"\nminutes = 9\nmetric = "cadence_spm"', "metric means nothing"),
        ('kind = "rest"\nminutes = 9\nevery_min = 3', "every_min means nothing"),
        ('kind = "run"\nminutes = 9\nevery_min = 9', "less than minutes"),
        ('kind = "run"\nminutes = 9\ninterruption = "rest"', "say every_min"),
        ('kind = "run"\nminutes = 9\nspeed_mps = 90', "90 m/s is no belt speed"),
        ('kind = "run"\nminutes = 9\nevery_min = 3\npause_min = 0', "pause_min = 0"),
        ('kind = "run"\nminutes = 9\ndrill = "march"', "drill means nothing"),
    ],
)
def test_contradictions_are_refused(rule, said):
    assert said in told(rule)
