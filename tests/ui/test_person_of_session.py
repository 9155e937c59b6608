"""Whose session it is: from the People page to the trial."""

from __future__ import annotations

from pathlib import Path

from on_page import texts
from PySide6.QtCore import Qt

from lablive.library.opening import open_library
from lablive.library.session_plan import load_plan
from lablive.signals.montage import Subject
from ui.session_model import State
from ui.simulated_lab import SimulatedLab

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
DIALOGS = {"form_new", "form_wrong", "form_twin", "import", "details"}


def test_enter_starts_the_session_of_the_chosen_person(people_of, qtbot):
    scene = people_of()
    qtbot.keyClick(scene.people.search, Qt.Key.Key_Return)
    assert scene.window.places.here == "Session"
    assert (scene.model.code, scene.model.mass_kg) == ("LB-0042", 62.5)
    assert scene.model.live.subject == Subject(62.5, 1.68, 0.88)
    assert "62.5 kg, entered 20 Nov 2026" in texts(scene.page.notice)
    scene.window.places.go("People")
    scene.settle()
    assert scene.people.panel.start_button.text() == "Go to session"


def test_the_measures_of_the_person_reach_the_pipeline_and_the_trial(people_of):
    scene = people_of()
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    assert scene.model.live.montage.subject == Subject(62.5, 1.68, 0.88)
    scene.model.record()
    (_, asked) = next(it for it in scene.lab.host.asked if it[0] == "start_recording")
    assert "height_m = 1.68" in asked["header"]["montage"]
    assert asked["header"]["code"] == "LB-0042"


def test_a_code_typed_in_the_top_line_brings_its_person(people_of):
    scene = people_of()
    scene.window.places.go("Session")
    scene.page.top._code.setText("LB-0041")
    scene.page.top._code.editingFinished.emit()
    scene.settle()
    assert scene.model.mass_kg == 81.0
    assert scene.window.filing.person.family_name == "O'Neil"
    scene.page.top._mass.setText("80,5")
    scene.page.top._mass.editingFinished.emit()
    scene.settle()
    stored = open_library(scene.model.library)
    assert stored.person("LB-0041").mass_kg == 80.5
    stored.close()


def test_a_code_typed_in_another_case_is_the_same_person(people_of):
    scene = people_of()
    scene.model.change_person("lb-0041")
    scene.settle()
    assert scene.model.code == "LB-0041"
    assert scene.page.top._code.text() == "LB-0041"
    assert scene.model.mass_kg == 81.0


def test_the_mass_of_the_simulated_runner_is_nobodys(people_of, monkeypatch):
    scene = people_of()
    scene.people._start()
    monkeypatch.setattr(SimulatedLab, "sources", ("a simulated insole",))
    scene.model.set_mass(70.0)
    scene.settle()
    stored = open_library(scene.model.library)
    assert stored.person("LB-0042").mass_kg == 62.5
    stored.close()


def test_a_recording_is_filed_under_its_person_with_configs(people_of):
    scene = people_of()
    scene.people._start()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    assert scene.model.state is State.RECORDING
    scene.settle()
    folder = scene.model.live.recording.path.parent
    plan = load_plan(folder)
    assert (plan.code, plan.subject) == ("LB-0042", Subject(62.5, 1.68, 0.88))
    assert plan.involved_side == "left"
    (configs,) = plan.configs.values()
    assert [name.split("-")[0] for name in configs][:2] == ["metrics", "montage"]
    assert all((folder / "configs" / name).is_file() for name in configs)
    assert plan.protocol == scene.model.gates.template_name
    assert any(name.startswith(f"protocol-{plan.protocol}-") for name in configs)
    scene.window.places.go("People")
    scene.settle()
    line = scene.people.panel.sessions.lines.line(0)
    assert (line.session.folder, line.state) == (f"sessions/{folder.name}", "no trial")


def test_while_recording_keys_stay_with_the_recording(people_of, qtbot):
    scene = people_of("recording")
    scene.window.places.go("Session")
    scene.window.places.go("People")
    assert not scene.people.search.hasFocus()
    assert not scene.people.panel.start_button.isEnabled()
    code = scene.model.code
    scene.people._start()
    assert scene.model.code == code
    assert "the person stays" in texts(scene.people.notice)


def test_a_window_opened_during_a_recording_goes_on_with_its_person(people_of):
    scene = people_of()
    scene.lab.connect()
    scene.tick()
    folder = scene.model.library / "sessions" / "2026-11-21_LB-0041"
    folder.mkdir(parents=True)
    scene.model.record(folder / "trial-01.xdf")
    scene.tick()
    scene.settle()
    assert scene.model.code == "LB-0041"
    assert scene.window.filing.person.family_name == "O'Neil"


def test_nobody_chosen_is_filed_as_guest(people_of):
    scene = people_of()
    scene.lab.connect()
    scene.tick()
    scene.model.record()
    scene.tick()
    scene.settle()
    assert scene.model.live.recording.path.parent.name.endswith("_guest")
    stored = open_library(scene.model.library)
    assert [entry.code for entry in stored.sessions("guest")] == ["guest"]
    stored.close()
