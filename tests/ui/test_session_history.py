"""Recordings of a person: listed, counted, measured, opened again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from lablive.library.opening import open_library
from lablive.library.session_plan import load_plan
from lablive.library.summary import summary_path
from lablive.messages import Chunk
from lablive.recording.recorder import Recorder
from lablive.signals.montage import Subject
from ui.session_form import SessionForm

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
DIALOGS = {"form_new", "form_wrong", "form_twin", "import", "details"}


def recorded(scene):
    """Let a recording of the chosen person begin and end; its file is a real one."""
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    path = scene.model.live.recording.path
    recorder = Recorder(path, scene.lab.infos[:2], {"code": scene.model.code}, None)
    for info in scene.lab.infos[:2]:
        t_s, x = scene.lab.window(info.name, 0.0, 2.0)
        recorder.append(Chunk(info.id, 0, t_s, x.astype("float32")))
    recorder.close()
    return path


def test_a_recording_that_ended_is_listed_counted_and_measured(people_of, qtbot):
    scene = people_of()
    path = recorded(scene)
    scene.model.stop()
    scene.tick(6)
    scene.window.places.go("People")
    qtbot.waitUntil(lambda: summary_path(path).exists(), timeout=60_000)
    panel = scene.people.panel

    def states():
        scene.tick(1)
        scene.settle()
        return [trial.state for trial in panel.sessions.lines.line(0).session.trials]

    qtbot.waitUntil(lambda: states() == ["complete"], timeout=20_000)
    stored = open_library(scene.model.library)
    (entry, *_) = stored.sessions("LB-0042")
    stored.close()
    assert entry.trials[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert entry.trials[0].duration_s > 1.9


def test_trials_nobody_counted_are_counted_when_the_window_opens_again(
    people_of, qtbot
):
    scene = people_of("chosen")
    scene.window.filing.count_rest()

    def left():
        scene.settle()
        lines = scene.people.panel.sessions.lines
        listed = (lines.line(row) for row in range(lines.rowCount()))
        return [line.head for line in listed if line.state == "not counted"]

    assert left() == ["9 Oct 2026", "trial-01.xdf"]
    qtbot.waitUntil(lambda: left() == [], timeout=60_000)


def test_shoes_pain_and_notes_of_a_session_are_kept_in_its_folder(people_of, qtbot):
    scene = people_of("chosen")
    scene.people.panel.details_button.click()
    (details,) = scene.window.findChildren(SessionForm)
    assert details.shoes.text() == "Cloudrun 3"
    details.shoes.setText("barefoot")
    details.pain.setCurrentText("5")
    details.notes.setPlainText("warm, tired")
    details.save_button.click()
    scene.settle()
    assert scene.window.findChildren(SessionForm) == []
    plan = load_plan(scene.model.library / "sessions" / "2026-11-20_LB-0042")
    assert (plan.shoes, plan.pain_nrs, plan.notes) == ("barefoot", 5, "warm, tired")
    assert plan.subject == Subject(62.5)  # what was not asked stays
    assert "shoes: barefoot" in scene.people.panel.sessions.lines.line(0).detail


def test_a_trial_of_the_history_is_opened_by_key(people_of, qtbot):
    scene = people_of("chosen")
    path = recorded(scene)
    scene.model.live.recording = None
    scene.register.ask(lambda library: library.sync())
    scene.window.places.go("People")
    scene.settle()
    sessions = scene.people.panel.sessions
    sessions.setCurrentIndex(sessions.lines.index(1, 0))
    assert scene.people.panel.open_button.isEnabled()
    scene.people.panel.open_button.click()
    assert scene.model.replay.path == path
    assert scene.window.places.here == "Session"
