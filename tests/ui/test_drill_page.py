"""A drill in the window: cues, repetitions as they land, what the operator presses."""

from __future__ import annotations

import pytest
from drill_states import DrillScene
from on_page import keys_twice, texts
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from drivers.sim.drill_acting import BEGIN_S
from lablive.drills.drill_run import AHEAD_S

SHOWN_S = 0.3  # after the window of a landing: metric reference 8, issue 5
STEP_S = 0.05


@pytest.fixture
def drill_of(themed, tmp_path, nothing_left, qtbot):
    """Make windows at the begin of a simulated set; close them after."""
    made = []

    def build(drill="hop_two", leg="both", mistakes=None):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        scene = DrillScene(folder, drill, leg, mistakes)
        made.append(scene)
        scene.window.resize(1366, 768)
        scene.window.show()
        scene.window.activateWindow()
        qtbot.waitUntil(scene.window.isActiveWindow)
        scene.ready()
        return scene

    yield build
    for scene in made:
        scene.close()


def press(scene, *keys):
    for key in keys:
        focus = scene.window.focusWidget()
        qtest.keyClick(focus or scene.window, key)
        scene.tick(1)


def marks(scene, kind):
    return [it for it in scene.model.live.recording.marks if it.kind == kind]


def states(scene):
    return [it.state for it in scene.page.drills.card.reps.reps]


def test_a_set_by_its_keys_cue_verdicts_pain_effort_advice(drill_of):
    scene = drill_of("hop_one", "left", {3: "other foot touched"})
    scene.control.choose("hop_two")
    press(scene, Qt.Key.Key_Down)  # the next drill of the list, its first leg
    assert (scene.control.chosen, scene.control.leg) == ("hop_one", "left")
    press(scene, Qt.Key.Key_C)
    begun_s = scene.now()
    cue = next(mark for mark in marks(scene, "drill") if mark.text == "go")
    assert cue.t_s == pytest.approx(begun_s + 3.0)
    played = [asked["cue"] for name, asked in scene.lab.host.asked if name == "play"]
    go = next(it for it in played if it["beep"] == "go")
    assert go["at_s"] == cue.t_s  # planned so long ahead that it sounds in time
    assert cue.t_s - begun_s > AHEAD_S
    scene.play(BEGIN_S + 1.5)
    assert scene.page.drills.card.count.count.cue == "2"
    late = []
    while scene.lab.told_s < BEGIN_S + 14.0:
        before = len(scene.control.run.result.reps) if scene.control.run.result else 0
        scene.play(scene.lab.told_s + STEP_S, STEP_S)
        result = scene.control.run.result
        late += [scene.now() - it.rep.done_s for it in result.reps[before:]]
    assert len(late) == len(scene.truth) == 10
    assert max(late) <= SHOWN_S
    assert states(scene).count("failed") == 1
    assert scene.page.drills.card.reps.reps[2].note == "other foot touched"
    assert scene.control.run.state == "over"
    assert scene.page.remarks.isVisible()
    press(scene, Qt.Key.Key_1, Qt.Key.Key_3)  # pain, then effort
    assert [mark.text for mark in marks(scene, "pain")] == ["1"]
    assert [mark.text for mark in marks(scene, "effort")] == ["3"]
    assert not scene.page.remarks.isVisible()
    assert scene.control.run.state == "over"  # nothing goes on by itself
    assert "The operator decides." in texts(scene.page.drills)
    assert keys_twice(scene.window) == []


def test_counted_anyway_taken_out_taken_back_and_done_again(drill_of):
    scene = drill_of()
    press(scene, Qt.Key.Key_C)
    scene.play(BEGIN_S + 8.0)
    count = len(scene.control.run.result.reps)
    press(scene, Qt.Key.Key_X)
    assert scene.control.run.result.reps[-1].state == "failed"
    assert scene.page.drills.card.reps.reps[count - 1].by_hand == "reject"
    press(scene, Qt.Key.Key_X)
    assert scene.control.run.result.reps[-1].by_hand == ""
    press(scene, Qt.Key.Key_Left, Qt.Key.Key_A)
    assert scene.control.run.result.reps[count - 2].by_hand == "accept"
    press(scene, Qt.Key.Key_R)
    assert scene.control.run is None
    assert scene.control.sets[-1].verdict == "redone"
    scene.tick()
    assert scene.page.drills.card.reps.reps[0].state == ""


def test_a_reason_to_stop_waits_for_the_operator(drill_of):
    scene = drill_of()
    press(scene, Qt.Key.Key_C)
    scene.play(BEGIN_S + 6.0)
    press(scene, Qt.Key.Key_P, Qt.Key.Key_5)
    notice = scene.page.drills.card.stop_notice
    assert "Pain 5 of 10" in notice.accessibleName()
    assert scene.control.is_busy
    press(scene, Qt.Key.Key_Y)
    assert not notice.isVisible()
    press(scene, Qt.Key.Key_E)
    assert not scene.control.is_busy


def test_the_end_of_the_trial_ends_the_set_before(drill_of):
    scene = drill_of()
    press(scene, Qt.Key.Key_C)
    scene.play(BEGIN_S + 6.0)
    scene.model.stop()
    last = [mark.text for mark in marks(scene, "drill")][-1]
    assert last == "hop_two both end"
    scene.model._work = lambda *_, **__: None
    scene.tick(8)
    assert scene.model.live.recording is None
    (kept,) = scene.control.sets
    assert kept.scored > 0
    assert scene.control.plan.reference["hop_two both"]  # of the next trial's sets


def test_without_a_recording_no_set_begins(drill_of):
    scene = drill_of()
    scene.model._work = lambda *_, **__: None
    scene.model.stop()
    scene.tick(8)
    scene.model.gates.open("run")
    scene.tick()
    assert scene.page.drills.isVisible()
    scene.control.go()
    assert scene.control.run is None
    assert "Start the recording" in scene.page.notice._text.text()
    assert keys_twice(scene.window) == []


def test_the_runner_sees_count_down_cue_and_count(drill_of):
    scene = drill_of()
    scene.window.feedback.show_window()
    runner = scene.window.feedback.window
    press(scene, Qt.Key.Key_C)
    scene.play(BEGIN_S + 1.2)
    assert runner._drill.big == "2"
    scene.play(BEGIN_S + 3.1, STEP_S)
    assert (runner._drill.big, runner._drill.is_go) == ("Hop", "go")
    scene.play(BEGIN_S + 6.0)
    assert runner._drill.note.endswith("to go")
    assert not runner.grab().isNull()
    press(scene, Qt.Key.Key_E)
    assert runner._drill is None
    runner.close()
