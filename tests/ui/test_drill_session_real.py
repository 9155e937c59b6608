"""A session of a drill, a corrective block and a focus block, by keys, over wires."""

from __future__ import annotations

import os

import pytest
from own_lab import simulating
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from lablive.clock import now_s
from lablive.preparation import prepare
from lablive.recording.replay import Trial
from ui.session_model import State

WAIT_MS = 60_000
BEGIN_S = 14  # of the simulated set
PLAN = """
schema = 1
name = "Drill and focus"

[[gate]]
kind = "connect"

[[gate]]
kind = "run"

[[block]]
kind = "corrective"
minutes = 0.5
drill = "hop_two"

[[block]]
kind = "focus"
metric = "footfall_rel_db"
minutes = 1
"""


@pytest.fixture
def window(themed, tmp_path, nothing_left, until, qtbot, monkeypatch):
    """Open the app with a host of its own; the simulated lab does a set of hops."""
    own = tmp_path / "library" / "protocols"
    own.mkdir(parents=True)
    (own / "a_drill.toml").write_text(PLAN, encoding="utf-8")
    wires = [
        "drivers.sim.wires", "--id", f"drill-{os.getpid()}", "--streams", "insoles",
        "--wait", "30", "--runner", f"drill:hop_two::{BEGIN_S}",
    ]  # fmt: skip
    with simulating(wires, tmp_path, qtbot, until, monkeypatch) as made:
        yield made


def test_a_drill_a_corrective_block_and_a_focus_from_the_keyboard(window, qtbot):
    model, gates = window.model, window.model.gates

    def wait(condition, what):
        try:
            qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)
        except AssertionError:
            pytest.fail(f"waited in vain for {what}")

    def press(key):
        qtest.keyClick(window.focusWidget() or window.windowHandle(), key)

    wait(lambda: model.live.report is not None, "the host")
    press(Qt.Key.Key_T)
    wait(lambda: len(model.live.feed.streams) == 2, "both insoles")
    t0_s = model.simulated._running.wait_for("start", 60.0)["t0_s"]
    wait(window.page.gate.protocol.isVisible, "the protocols")
    press(Qt.Key.Key_Y)
    protocols = window.page.gate.protocol.view()
    wait(protocols.isVisible, "the list of protocols")
    qtest.keyClicks(protocols, "Drill and")
    qtest.keyClick(protocols, Qt.Key.Key_Return)
    assert gates.template.name == "Drill and focus"
    wait(lambda: gates.now.gate.kind == "run", "the run")
    press(Qt.Key.Key_R)
    wait(lambda: model.state is State.RECORDING and gates.blocks, "the recording")
    press(Qt.Key.Key_J)
    control = window.page.drills.control
    wait(lambda: control.chosen == "hop_two", "the drill of the block")
    wait(lambda: now_s() >= t0_s + BEGIN_S, "the jumper")
    press(Qt.Key.Key_C)
    assert control.is_busy
    wait(lambda: not control.is_busy, "the end of the set")
    wait(window.page.remarks.isVisible, "the question for pain")
    press(Qt.Key.Key_1)
    press(Qt.Key.Key_4)
    press(Qt.Key.Key_J)
    assert window.page.board.isVisible()
    press(Qt.Key.Key_N)
    wait(lambda: window.feedback.choice, "the focus")
    assert window.feedback.choice.target.metric_id == "footfall_rel_db"
    press(Qt.Key.Key_N)
    wait(lambda: window.feedback.choice is None, "the end of the focus")
    path = model.live.recording.path
    press(Qt.Key.Key_S)
    wait(lambda: model.last_verify is not None, "the count from disk")
    assert model.last_verify.ok, model.last_verify.findings
    (live,) = control.sets
    told = [it.state for it in live.reps]
    assert told == ["not counted"] * 2 + ["passed"] * 10  # as it was simulated
    trial = Trial(path)
    kinds = [(mark.kind, mark.text) for mark in trial.markers]
    assert ("drill", "hop_two both begin") in kinds
    assert ("block", "corrective end") in kinds
    assert ("block", "focus footfall_rel_db end") in kinds
    assert {("pain", "1"), ("effort", "4")} <= set(kinds)
    assert sum(kind == "rep" for kind, _ in kinds) == len(told)
    again = prepare(trial, None).pipeline()
    for mark in trial.markers:
        again.mark(mark)
    for item in trial.chunks():
        again.feed(item)
    again.finish()
    assert repr(again.drills.sets()) == repr((live,))
    trial.close()
