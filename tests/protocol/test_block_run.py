"""Blocks of a run: what is marked, how much is left; nothing moves on by itself."""

from __future__ import annotations

from lablive.protocol.block_run import BlockRun
from lablive.protocol.phases import parts_of
from lablive.protocol.template import BlockRule, load_template


def test_blocks_are_marked_as_a_session_reads_them():
    run = BlockRun(
        [
            BlockRule("warm-up", 6),
            BlockRule("baseline", 5),
            BlockRule("corrective", 2),
            BlockRule("cadence", 1, 172.0),
        ]
    )
    assert (run.now, run.following.kind) == (None, "warm-up")
    marks = []
    for at_s in (0.0, 360.0, 700.0, 820.0):
        marks += run.move_on(at_s)
    assert run.now.kind == "cadence"
    assert run.following is None
    marks += run.move_on(900.0)
    assert run.now is None
    assert run.move_on(901.0) == ()
    parts, problems = parts_of(marks)
    assert problems == ()
    assert [(p.kind, p.t0_s, p.t1_s, p.target_spm) for p in parts] == [
        ("baseline", 360.0, 700.0, None),
        ("corrective", 700.0, 820.0, None),
        ("cadence", 820.0, 900.0, 172.0),
    ]


def test_a_run_that_is_stopped_ends_its_block():
    run = BlockRun(load_template("whole_lab").blocks)
    run.move_on(0.0)
    run.move_on(10.0)
    assert run.left_s(70.0) == 240.0
    assert run.left_s(400.0) == -90.0
    (mark,) = run.end(75.0)
    assert (mark.text, mark.kind, mark.t_s) == ("baseline end", "block", 75.0)
    assert BlockRun(()).move_on(0.0) == ()
