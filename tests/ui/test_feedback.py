"""Feedback in the real window: chosen, shown to the runner, played, ended."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ui.feedback_dialog import NONE, FeedbackDialog


@pytest.fixture
def scene(scene_of, monkeypatch):
    made = scene_of("all")
    live = made.model.live  # its rows are not of today
    monkeypatch.setattr("ui.feedback_control.now_s", lambda: live.pipeline.newest_s)
    return made


@pytest.fixture
def dialog(scene, qtbot):
    made = FeedbackDialog(scene.window.feedback, scene.window)
    qtbot.addWidget(made)
    made.show()
    return made


def choose(dialog, metric_id, side="both"):
    dialog.shown.setCurrentIndex(dialog.shown.findData(metric_id))
    dialog.side.setCurrentIndex(dialog.side.findData(side))


def asked(scene, method):
    return [params for name, params in scene.lab.host.asked if name == method]


def test_the_runner_reads_and_hears_what_was_chosen(scene, dialog, qtbot):
    control = scene.window.feedback
    choose(dialog, "contact_time_ms")
    assert "of the last minute" in dialog.baseline.text()
    dialog.low.setValue(200.0)
    dialog.high.setValue(230.0)
    dialog.sound.setCurrentIndex(dialog.sound.findData("noise"))
    qtbot.mouseClick(dialog.begin_button, Qt.MouseButton.LeftButton)
    control.show_window()
    scene.play(scene.lab.told_s + 2.0)
    hint = control.hint
    assert hint is not None
    assert hint.cue == "Quick feet"
    assert "Quick feet" in control.window.accessibleDescription()
    noise = asked(scene, "backdrop")[-1]["wanted"]["noise"]
    assert noise == pytest.approx(hint.sound.noise, abs=0.02)
    assert noise > 0
    dialog._look()
    assert "Quick feet" in dialog.state.text()
    assert "Loudspeaker" in dialog.state.text()
    qtbot.mouseClick(dialog.end_button, Qt.MouseButton.LeftButton)
    scene.tick()
    assert control.choice is None
    assert scene.lab.host.asked[-1][0] in ("status", "sound_off")
    assert asked(scene, "sound_off")
    assert not dialog.end_button.isEnabled()


def test_a_target_the_wrong_way_round_cannot_begin(dialog):
    choose(dialog, "trunk_lean_deg")
    dialog.low.setValue(15.0)
    assert dialog.choice() is None
    dialog._look()
    assert not dialog.begin_button.isEnabled()
    dialog.high.setValue(20.0)
    assert dialog.choice() is not None


def test_the_metronome_alone(scene, dialog):
    dialog.shown.setCurrentIndex(dialog.shown.findText(NONE))
    assert dialog.choice() is None
    dialog.pace.beats.setValue(170)
    scene.window.feedback.begin(dialog.choice())
    scene.tick()
    assert asked(scene, "backdrop")[-1]["wanted"]["beats_per_min"] == 170.0
    assert scene.window.feedback.hint is None


def test_the_metronome_at_five_percent_over_the_own_step_rate(scene, dialog):
    control = scene.window.feedback
    own_spm = control.measured("cadence_spm").both.median
    dialog.pace.choice.setCurrentIndex(1)
    assert dialog.pace.beats_per_min == round(1.05 * own_spm)
    control.begin(dialog.choice())
    control.show_window()
    scene.play(scene.lab.told_s + 1.5)
    assert control.pace.steps_per_min == pytest.approx(own_spm, abs=1.0)
    assert control.pace.on_it_pct == 0.0
    dialog._look()
    assert "0 % of the last strides on it" in dialog.state.text()
    dialog.pace.beats.setValue(100)  # typed over it
    assert dialog.pace.choice.currentText() == "Beats as typed"


def test_it_ends_by_itself_and_fades_from_run_to_run(scene, dialog):
    control = scene.window.feedback
    choose(dialog, "contact_time_ms")
    dialog.times.share.setCurrentIndex(dialog.times.share.count() - 1)
    dialog.times.run.setValue(6)
    assert dialog.times.part == 0.5
    assert not dialog.times.retention.isEnabled()
    dialog.times.minutes.setValue(3)
    dialog.times.retention.setChecked(True)
    choice = dialog.choice()
    assert (choice.share, choice.minutes, choice.retention) == (0.5, 3.0, True)
    control.begin(choice)
    scene.tick()
    assert control.choice is not None
    control._began_s -= 181.0
    scene.tick()
    assert control.choice is None


def test_calling_out_is_one_click_and_goes_on_without_feedback(scene, dialog, qtbot):
    control = scene.window.feedback
    assert not control.calls
    qtbot.mouseClick(dialog.voice_button, Qt.MouseButton.LeftButton)
    assert control.calls
    assert asked(scene, "sound_on")
    choose(dialog, "contact_time_ms")
    control.begin(dialog.choice())
    control.end()
    assert not asked(scene, "sound_off")
    qtbot.mouseClick(dialog.voice_button, Qt.MouseButton.LeftButton)
    assert asked(scene, "sound_off")
    assert not control.calls


def test_what_is_not_measured_says_why(scene, dialog):
    choose(dialog, "footfall_rel_db")
    why = scene.window.feedback.measured("footfall_rel_db", 3).note
    assert why
    assert dialog.baseline.text() == f"Not measured now: {why}."


def test_recording_the_choice_and_a_baseline_are_in_the_trial(scene, dialog, qtbot):
    control = scene.window.feedback
    assert not dialog.mark_button.isEnabled()  # a baseline belongs to a trial
    scene.model.record()
    scene.tick()
    dialog._look()
    qtbot.mouseClick(dialog.mark_button, Qt.MouseButton.LeftButton)
    assert "End baseline" in dialog.mark_button.text()
    choose(dialog, "contact_time_ms", "left")
    dialog.low.setValue(200.0)
    dialog.high.setValue(230.0)
    control.begin(dialog.choice())
    qtbot.mouseClick(dialog.mark_button, Qt.MouseButton.LeftButton)
    control.end()
    told = [(it["text"], it["kind"]) for it in asked(scene, "marker")]
    assert told == [
        ("baseline begin", "block"),
        (
            "begin: contact_time_ms left; 200 to 230; sound off, 100 % of the time",
            "feedback",
        ),
        ("baseline end", "block"),
        ("end", "feedback"),
    ]


def test_f11_opens_and_closes_the_runners_window(scene, qtbot):
    control = scene.window.feedback
    control.show_window()
    assert control.window.isVisible()
    control.window.show_nothing()
    control.show_window()
    assert not control.window.isVisible()


def test_it_closes_with_the_app_and_is_silent(scene):
    control = scene.window.feedback
    control.show_window()
    scene.window.close()
    assert not control.window.isVisible()
    assert QApplication.instance() is not None


def test_every_field_has_a_name_and_nothing_is_cut(dialog, qtbot):
    qtbot.waitExposed(dialog)
    for field in (
        dialog.shown, dialog.side, dialog.low, dialog.high, dialog.sound,
        dialog.times, dialog.times.share, dialog.times.minutes, dialog.language,
        dialog.pace, dialog.pace.choice, dialog.pace.beats,
    ):  # fmt: skip
        assert field.accessibleName()
        assert field.width() >= field.minimumSizeHint().width()
    dialog.times.share.setCurrentIndex(dialog.times.share.count() - 1)
    qtbot.wait(1)
    assert dialog.times.retention.width() >= dialog.times.retention.sizeHint().width()
    assert dialog.times.share.width() >= dialog.times.share.sizeHint().width()
    assert dialog.height() <= 700
