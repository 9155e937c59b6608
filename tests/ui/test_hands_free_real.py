"""From launch to the saved trial with two keys, over real wires; a start by itself."""

from __future__ import annotations

import os

import pytest
from own_lab import simulating
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from lablive.clock import now_s
from lablive.preparation import prepare
from lablive.protocol.auto_run import AutoRule
from lablive.recording.replay import Trial
from ui.session_model import State
from ui.two_keys import DEBOUNCE_S

FIRST, SECOND = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp
WAIT_MS = 60_000


@pytest.fixture
def window(themed, tmp_path, nothing_left, until, qtbot, monkeypatch):
    """Open the app with a host of its own; the simulated lab has insoles alone."""
    wires = [
        "drivers.sim.wires", "--id", f"two-{os.getpid()}", "--streams", "insoles",
        "--wait", "30", "--hold",
    ]  # fmt: skip
    with simulating(wires, tmp_path, qtbot, until, monkeypatch) as made:
        yield made


@pytest.fixture
def keys(window, qtbot):
    """Press the two keys as a foot does, and nothing else."""
    return Keys(window, qtbot)


class Keys:
    """Counts its presses; a long one lasts until what it is for has happened."""

    def __init__(self, window, qtbot):
        self.window, self.qtbot, self.presses = window, qtbot, 0

    def wait(self, condition, what):
        try:
            self.qtbot.waitUntil(lambda: bool(condition()), timeout=WAIT_MS)
        except AssertionError:
            line = self.window.two_keys_line.words.full_text()
            pytest.fail(f"waited in vain for {what}; the line says: {line}")

    def rest(self):
        """Let a moment pass: what comes at once is a bounce."""
        self.presses += 1
        last_s = self.window.two_keys._last_s
        self.wait(lambda: now_s() - last_s > DEBOUNCE_S, "the foot to rest")

    def short(self, key=FIRST):
        self.rest()
        qtest.keyClick(self.window.windowHandle(), key)

    def long(self, key, condition, what):
        self.rest()
        qtest.keyPress(self.window.windowHandle(), key)
        self.wait(condition, what)
        qtest.keyRelease(self.window.windowHandle(), key)


def test_from_launch_to_the_saved_trial_with_two_keys(window, keys):
    model, gates = window.model, window.model.gates
    keys.long(SECOND, lambda: model.simulated._starting, "the simulated runner")
    keys.wait(lambda: len(model.live.feed.streams) == 2, "both insoles")
    keys.wait(lambda: gates.now.gate.kind == "zero", "the first gate")
    while gates.now.gate.kind != "run":
        kind = gates.now.gate.kind
        keys.short()
        keys.wait(lambda: gates.doing is None, f"the end of {kind}")
        view = gates.view(kind)
        assert view.light == "green", view.causes
    assert model.live.calibration is not None
    keys.long(FIRST, lambda: model.state is State.RECORDING, "Recording")
    cadence = window.page.tiles.tiles["cadence_spm"]
    keys.wait(lambda: cadence.value_shown() != "—", "a cadence")
    keys.short()  # a marker
    path = model.live.recording.path
    keys.long(FIRST, lambda: model.last_verify is not None, "the count from disk")
    assert model.last_verify.ok, model.last_verify.findings
    trial = Trial(path)
    assert [mark.kind for mark in trial.markers] == ["marker"]
    trial.close()
    assert gates.now.gate.kind == "review"
    keys.short()  # save and next
    assert window.places.here == "People"
    assert keys.presses == 7


def test_a_recording_that_starts_by_itself_has_its_first_step(window, keys):
    """The file begins before the movement; live results are those of the file."""
    model = window.model
    keys.long(SECOND, lambda: model.simulated._starting, "the simulated runner")
    keys.wait(lambda: len(model.live.feed.streams) == 2, "both insoles")
    while model.gates.now.gate.kind != "run":
        model.gates.skip()
    window.auto.choose(AutoRule(start="movement", stop_after_reps=24))
    keys.wait(lambda: window.auto.run.state == "waiting", "the wait for movement")
    model.simulated.run()
    keys.wait(lambda: model.state is State.RECORDING, "the start by itself")
    path, began_s = model.live.recording.path, window.auto.run.began_s
    keys.wait(lambda: model.last_verify is not None, "the stop by itself")
    assert model.last_verify.ok, model.last_verify.findings
    trial = Trial(path)
    assert began_s - 3.0 <= trial.t0_s <= began_s - 1.0
    told = [(mark.kind, mark.text) for mark in trial.markers]
    assert told == [("auto", "start: movement"), ("auto", "stop: 24 reps")]
    assert trial.markers[0].t_s == began_s
    again = prepare(trial, None).pipeline()
    for item in trial.chunks():
        again.feed(item)
    again.finish()
    landed = [it for it in again.contacts if it.kind == "ic"]
    assert landed[0].t_s <= began_s
    assert len(landed) >= 24
    assert model.live.finished.contacts == again.contacts
    trial.close()
