"""Protocols, earlier calibrations, practice, review and the next person."""

from __future__ import annotations

import json
from pathlib import Path

from gate_states import click_filled, now
from on_page import primary, texts
from PySide6.QtCore import Qt

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
MOST_CLICKS = 12


def test_choosing_a_protocol_changes_the_path(gates_of):
    scene = gates_of("zero")
    card = scene.page.gate
    names = [card.protocol.itemText(at) for at in range(card.protocol.count())]
    assert {"Quick look", "Insoles only", "Whole lab"} <= set(names)
    card.protocol.activated.emit(names.index("Insoles only"))
    assert scene.gates.template.name == "Insoles only"
    assert "3 s after a count-down of 3 s" in texts(card)
    card.protocol.activated.emit(names.index("Whole lab"))
    assert now(scene) == "connect"
    assert "IMUs, EMG, microphone, belt speed" in texts(card)
    click_on = scene.page.action_bar.next_button
    assert click_on.text() == "Go on without"
    click_on.click()
    assert now(scene) == "zero"


def test_a_protocol_with_mistakes_is_told_in_full_and_the_one_before_stays(gates_of):
    scene = gates_of("zero")
    folder = scene.model.library / "protocols"
    folder.mkdir()
    (folder / "mine.toml").write_text("schema = 1\nname = 'x'\n", encoding="utf-8")
    scene.gates.choose("mine")
    assert "mine.toml" in texts(scene.page.notice)
    assert scene.gates.template.name == "Quick look"
    scene.page.gate.protocol.follow()
    assert "mine (has mistakes)" in [
        scene.page.gate.protocol.itemText(at)
        for at in range(scene.page.gate.protocol.count())
    ]


def kept(scene):
    folder = scene.model.library / "people" / scene.model.code / "calibrations"
    return sorted(folder.glob("*.json"))


def test_each_gate_is_kept_in_a_new_file_of_the_person(gates_of):
    scene = gates_of()
    scene.model.change_person("LB-0007")
    scene.connect()
    scene.reach("run")
    assert len(kept(scene)) == 2
    told = [json.loads(path.read_text()) for path in kept(scene)]
    assert {it["person"] for it in told} == {"LB-0007"}
    phases = [[one["phase"] for one in it["verdicts"]] for it in told]
    assert sorted(phases) == [["zero"], ["zero", "stand"]]
    before = {path: path.read_bytes() for path in kept(scene)}
    scene.gates.open("zero")
    scene.page.action_bar.again_button.click()
    scene.through()
    assert len(kept(scene)) == 3
    assert {path: path.read_bytes() for path in before} == before


def test_nobody_keeps_nothing(gates_of):
    scene = gates_of("weigh")
    assert not (scene.model.library / "people").exists()


def test_an_earlier_calibration_is_offered_with_age_and_what_spoils_it(gates_of):
    scene = gates_of("offered")
    said = texts(scene.page.gate)
    assert "48 min ago. Use it: U." in said
    assert "no longer holds when the soles were taken out" in said
    scene.model.set_mass(None)
    scene.page.action_bar.earlier_button.click()
    scene.tick()
    assert now(scene) == "run"
    assert scene.model.mass_kg == 70.0  # as it was then, since nobody typed one
    scene.model.set_mass(77.0)
    assert scene.model.live.calibration.mass_kg == 77.0
    assert scene.gates.view("weigh").told[0].startswith("Zero and weight of ")
    assert len(kept(scene)) == 2  # using it makes none


def test_yesterdays_is_offered_with_its_doubt_and_stays_amber(gates_of):
    scene = gates_of("offered_old")
    said = texts(scene.page.gate)
    assert "26 h ago. Use it all the same: U." in said
    scene.page.action_bar.earlier_button.click()
    scene.tick()
    assert scene.gates.view("zero").light == "amber"
    assert "put on anew every day" in texts(scene.page.gate)
    assert scene.model.live.calibration is not None
    click_filled(scene)
    click_filled(scene)
    assert now(scene) == "run"


def test_practice_shows_numbers_and_stores_nothing(gates_of):
    scene = gates_of("practice")
    assert "not stored" in scene.page.top._elapsed.word()
    assert scene.page.tiles.tiles["cadence_spm"].value_shown() == "162"
    assert "start_recording" not in [m for m, _ in scene.lab.host.asked]
    assert "Practice" in scene.page.top.gates.words()
    scene.page.action_bar.stop_button.click()
    scene.tick()
    assert scene.page.top._elapsed.word() == "not recording"
    assert now(scene) == "run"


def test_after_the_review_the_same_person_runs_again(gates_of):
    scene = gates_of("review")
    assert primary(scene) == ["Save and next"]
    assert scene.page.verify.isVisible()
    scene.page.action_bar.again_button.click()
    scene.tick()
    assert now(scene) == "run"
    assert scene.model.live.calibration is not None
    assert scene.page.force.isVisible()


def test_save_and_next_opens_the_search_of_people(gates_of, qtbot):
    scene = gates_of("review")
    click_filled(scene)
    assert scene.window.places.here == "People"
    page = scene.window.places.page("People")
    assert scene.window.focusWidget() is page.search
    assert "The trial is stored. Who is next?" in texts(page.notice)
    page.session_wanted.emit()  # the same person again
    assert scene.window.places.here == "Session"
    scene.tick()
    assert now(scene) == "run"


def test_another_person_begins_with_nothing(gates_of):
    scene = gates_of("review")
    scene.model.change_person("LB-0010")
    scene.tick()
    assert now(scene) == "zero"
    assert scene.model.live.calibration is None
    assert scene.model.mass_kg is None


def test_blocks_of_the_protocol_are_moved_on_by_key_and_marked(gates_of, qtbot):
    scene = gates_of("blocks")
    assert "Block 2 of 6: baseline, 5 min" in texts(scene.page.blocks)
    assert "then corrective, 2 min: N" in texts(scene.page.blocks)
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    qtbot.keyClick(scene.window, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: scene.gates.blocks.now.kind == "corrective")
    scene.model.stop()
    marks = [p["text"] for m, p in scene.lab.host.asked if m == "marker"]
    assert marks == [
        "baseline begin", "baseline end", "corrective begin", "corrective end",
    ]  # fmt: skip
    asked = [m for m, _ in scene.lab.host.asked if m in ("marker", "stop_recording")]
    assert asked[-1] == "stop_recording"  # the last mark is still in the file
