"""Recordings that start and stop by themselves, in the window."""

from __future__ import annotations

import pytest
from fake_host import FIRST_ROW_S
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from lablive.protocol.auto_run import AutoRule
from ui.auto_dialog import AutoDialog
from ui.session_model import State

BOTH = AutoRule(start="movement", stop_after_reps=30, stop_when_still=True)


@pytest.fixture
def scene(gates_of):
    """A weighed runner stands at the run gate; the lab clock is that of the data."""
    made = gates_of()
    made.connect()
    made.skip_gates()
    made.window.auto.clock = lambda: FIRST_ROW_S + made.lab.told_s
    made.tick()
    return made


def markers(scene):
    return [p for m, p in scene.lab.host.asked if m == "marker"]


def started(scene):
    return [p for m, p in scene.lab.host.asked if m == "start_recording"]


def until(scene, condition, at_most_s=20.0):
    """Play until something holds; return the data time."""
    end_s = scene.lab.told_s + at_most_s
    while not condition():
        assert scene.lab.told_s < end_s
        scene.play(scene.lab.told_s + 0.25)
    return scene.lab.told_s


def test_nothing_starts_by_itself_unless_it_was_chosen(scene):
    scene.order("run")
    scene.play(scene.lab.told_s + 8.0)
    assert started(scene) == []
    assert not scene.window.auto_line.isVisible()


def test_movement_starts_and_reps_stop(scene):
    auto, line = scene.window.auto, scene.window.auto_line
    auto.choose(BOTH)
    scene.tick()
    assert "starts by itself when movement begins" in line.words.full_text()
    counted = []
    auto.counted.connect(counted.append)
    moved_s = FIRST_ROW_S + scene.lab.told_s
    scene.order("run")
    until(scene, lambda: auto.run.state == "starting")
    assert "starts in 3 s: movement" in line.words.full_text()
    until(scene, lambda: scene.model.state is State.RECORDING)
    (asked,) = started(scene)
    began_s = auto.run.began_s
    assert moved_s < began_s < moved_s + 2.0
    now_s = FIRST_ROW_S + scene.lab.told_s
    assert now_s - asked["before_s"] <= began_s - 1.5  # the file begins before it
    (mark,) = markers(scene)
    assert (mark["kind"], mark["text"]) == ("auto", "start: movement")
    assert mark["t_s"] == began_s
    until(scene, lambda: auto.run.state == "running")
    assert "of 30 reps" in line.words.full_text()
    until(scene, lambda: auto.run.state == "stopping")
    assert "stops in" in line.words.full_text()
    assert scene.lab.host.recording is not None  # not before the count-down is over
    until(scene, lambda: scene.lab.host.recording is None)
    assert [it["text"] for it in markers(scene)][-1] == "stop: 30 reps"
    assert counted == [3, 2, 1, 3, 2, 1]


def test_a_stop_is_cancelled_by_a_key(scene, qtbot):
    scene.window.auto.choose(AutoRule(stop_after_reps=4))
    scene.run_and_record(4)
    until(scene, lambda: scene.window.auto.run.state == "stopping")
    scene.window.activateWindow()
    qtbot.waitUntil(scene.window.isActiveWindow)
    qtest.keyClick(scene.window.windowHandle(), Qt.Key.Key_G)
    assert not scene.window.auto_line.isVisible()
    scene.play(scene.lab.told_s + 8.0)
    assert scene.model.state is State.RECORDING
    assert markers(scene)[-1]["text"] == "stop by itself cancelled (4 reps)"


def test_a_recording_that_was_joined_is_never_stopped(scene):
    auto = scene.window.auto
    auto.choose(AutoRule(stop_after_reps=1))
    auto._before = State.IDLE  # this window has not begun it
    scene.run_and_record(6)
    scene.play(scene.lab.told_s + 6.0)
    assert scene.model.state is State.RECORDING


def test_leaving_the_run_gate_starts_nothing(scene):
    auto = scene.window.auto
    auto.choose(AutoRule(start="movement"))
    scene.tick()
    assert auto.run.state == "waiting"
    scene.gates.open("zero")
    scene.tick()
    assert auto.run.state == "off"
    scene.gates.open("run")
    scene.tick()
    assert auto.run.state == "waiting"
    scene.model.practise()
    scene.tick()
    assert auto.run.state == "off"


def test_a_protocol_brings_its_rule(scene):
    folder = scene.model.library / "protocols"
    folder.mkdir()
    (folder / "hops.toml").write_text(
        'schema = 1\nname = "Hops"\n[[gate]]\nkind = "connect"\n[[gate]]\n'
        'kind = "run"\n[auto]\nstart = "movement"\nstop_after_min = 2\n'
    )
    scene.gates.choose("hops")
    scene.tick()
    assert scene.window.auto.rule.stop_after_min == 2.0
    assert scene.window.auto.run.state == "waiting"


def test_the_dialog_shows_and_takes_a_rule(scene):
    scene.window.auto.choose(AutoRule(stop_after_min=1.5))
    scene.page.action_bar.auto_button.click()
    (dialog,) = scene.window.findChildren(AutoDialog)
    assert dialog.minutes.value() == 1.5
    assert dialog.reps.text() == "no"
    dialog.start.setCurrentIndex(1)
    dialog.reps.setValue(12)
    dialog.minutes.setValue(0)
    dialog.still.setChecked(True)
    dialog.use_button.click()
    wanted = AutoRule(start="movement", stop_after_reps=12, stop_when_still=True)
    assert scene.window.auto.rule == wanted


def test_a_count_down_is_called_out_where_the_session_is(scene):
    def said():
        asked = scene.lab.host.asked
        return [p["cue"]["voice"] for m, p in asked if m == "play"]

    scene.window.auto.counted.emit(3)
    assert said() == []
    scene.window.feedback.call_out()
    scene.window.auto.counted.emit(2)
    assert said()[-1] == "2"
    scene.window.feedback.call_out()
