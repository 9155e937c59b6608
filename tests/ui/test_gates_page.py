"""The gates in a real window on a fake lab whose runner does what is asked for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fake_host import INSOLES
from gate_states import EMG, GATE_STATES, LAB, click_filled, now, shown
from on_page import primary, texts
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from test_page_layout import cut, cut_sideways, outside, overlaps

from ui import theme
from ui.session_model import State
from ui.widgets import KeyButton

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"
MOST_CLICKS = 12


def test_from_launch_to_the_first_result_by_the_filled_button_alone(
    gates_of, monkeypatch
):
    scene = gates_of(names=LAB)
    # the simulated runner of this window is the fake lab: it sits, its mass is known
    monkeypatch.setattr(scene.model, "simulate", lambda: scene.connect())
    clicks = ["Simulated runner"]
    scene.page.start.simulate_button.click()
    while scene.model.state is not State.RECORDING:
        assert len(clicks) < MOST_CLICKS, clicks
        clicks.append(click_filled(scene))
        scene.tick()
        if clicks[-1] == "Record":
            break
        scene.through()
    scene.tick()
    scene.order("run")
    scene.play(scene.lab.told_s + 10.0)
    path = scene.model.live.recording.path
    path.write_bytes(b"XDF:")
    scene.model._work = lambda *_, **__: None
    scene.page.action_bar.stop_button.click()
    clicks.append("Stop")
    for _ in range(8):
        scene.tick()
    assert now(scene) == "review"
    assert re.search(r"162", texts(scene.page.gate.headlines))
    assert "Cadence" in texts(scene.page.gate.headlines)
    assert clicks == [
        "Simulated runner", "Begin zero", "Begin weigh", "Begin neutral", "Begin EMG",
        "Go on", "Begin belt noise", "Record", "Stop",
    ]  # fmt: skip
    assert len(clicks) <= MOST_CLICKS
    # what was calibrated is in the trial, and kept for the person
    (start,) = [p for m, p in scene.lab.host.asked if m == "start_recording"]
    carried = json.loads(start["header"]["calibration"])
    assert carried["insole"]["mass_kg"] == 70.0
    assert carried["emg"]["references"]
    assert carried["belt_noise"][0]["speed_mps"] == pytest.approx(3.0)


def test_the_same_way_by_keys_alone(gates_of, qtbot):
    scene = gates_of(names=(*INSOLES, EMG))
    scene.connect()
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()

    def press(key):
        qtbot.keyClick(scene.window, key)
        qtbot.wait(120)  # a shortcut is a click 0.1 s later
        scene.tick()

    press(Qt.Key.Key_X)
    assert scene.gates.view("zero").state == "skipped"
    qtbot.keyClick(scene.window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert now(scene) == "zero"
    press(Qt.Key.Key_N)
    assert scene.gates.doing is not None
    press(Qt.Key.Key_S)
    assert scene.gates.doing is None
    press(Qt.Key.Key_N)
    scene.through()
    press(Qt.Key.Key_N)
    scene.through()
    assert now(scene) == "emg"
    press(Qt.Key.Key_X)
    press(Qt.Key.Key_E)
    assert scene.gates.practice_s is not None
    press(Qt.Key.Key_S)
    assert scene.gates.practice_s is None
    press(Qt.Key.Key_R)
    assert scene.model.state is State.RECORDING


@pytest.mark.parametrize("name", ["offered", "emg_amber", "review", "blocks"])
def test_every_button_has_a_name_and_a_key_of_its_own(gates_of, name):
    scene = gates_of(name)
    every = scene.page.action_bar.findChildren(KeyButton)
    assert all(it.key and it.accessibleName() for it in every)
    seen = [it.key for it in every if it.isVisible()]
    assert len(seen) > 2
    assert len(set(seen)) == len(seen), seen  # N begins a gate or ends a block
    assert "key Y" in scene.page.gate.protocol.accessibleName()


def test_a_red_gate_says_why_and_what_to_do_in_shape_word_and_place(gates_of):
    scene = gates_of("weigh_red")
    card = scene.page.gate
    assert card._chip.word() == "does not count"
    assert card._chip.sign() == "poor"
    assert "the left foot moved" in texts(card)
    assert "stand still" in texts(card)
    assert primary(scene) == ["Again"]
    assert "Skip" in shown(scene)
    assert "Skip: X. Without weighing" in texts(card)
    assert "Weigh: now" in scene.page.top.gates.accessibleName()
    scene.fault = None
    click_filled(scene)
    scene.through()
    assert now(scene) == "run"


def test_an_insole_lost_in_a_gate_is_seen_before_and_named_after(gates_of):
    scene = gates_of("weigh_lost")
    card = scene.page.gate
    card.tick()
    assert "Left foot —" in card.meters.accessibleName()
    assert "the left insole sent rows in" in texts(card)


def test_an_amber_gate_offers_both_ways(gates_of):
    scene = gates_of("emg_amber")
    assert primary(scene) == ["Go on"]
    assert "Again" in shown(scene)
    assert scene.page.gate._chip.sign() == "caution"
    assert "50 Hz" in texts(scene.page.gate)
    click_filled(scene)
    assert now(scene) == "run"


def test_clipped_contractions_are_told_for_the_muscle(gates_of):
    scene = gates_of("emg_red")
    assert "clipped: lower gain" in texts(scene.page.gate)
    assert primary(scene) == ["Again"]


def test_a_belt_that_stands_is_seen_and_told(gates_of):
    scene = gates_of("noise_red")
    scene.page.gate.tick()
    assert "Belt 0.0 m/s, not yet" in scene.page.gate.meters.accessibleName()
    assert "the belt stood still" in texts(scene.page.gate)


def test_the_meters_move_with_the_rows(gates_of):
    scene = gates_of("zero")
    meters = scene.page.gate.meters
    scene.page.gate.tick()
    assert "Left foot 2" in meters.accessibleName()
    assert "good" in meters.accessibleName()
    scene.order("stand")
    scene.play(scene.lab.told_s + 2.0)
    scene.page.gate.tick()
    assert "Left foot 363 N, not yet" in meters.accessibleName()


def test_the_host_gone_in_the_middle_of_a_step(gates_of):
    scene = gates_of("weigh_running")
    host = scene.lab.host
    host._sources.clear()
    scene.tick()
    assert scene.model.state is State.IDLE
    host._folder = host._folder / "next"  # the next host has rings of its own
    host._folder.mkdir()
    assert now(scene) == "connect"
    assert scene.page.start.isVisible()
    scene.lab.connect()
    scene.tick()
    assert now(scene) == "weigh"
    assert "given up" in texts(scene.page.gate)
    assert scene.gates.is_done("zero")


def test_silence_is_told_and_the_step_given_up(gates_of):
    scene = gates_of("weigh_running")
    scene.gates.clock = lambda: 1e9
    scene.tick()
    assert scene.gates.doing is None
    assert "No device sent anything" in texts(scene.page.gate)


def test_another_person_in_the_middle_of_a_step(gates_of):
    scene = gates_of("weigh_running")
    scene.page.top._code.setText("LB-0099")
    scene.page.top._code.editingFinished.emit()
    scene.tick()
    assert scene.gates.doing is None
    assert now(scene) == "zero"
    assert scene.model.mass_kg is None
    assert "given up" in texts(scene.page.notice)
    assert not (scene.model.library / "people" / "LB-0099").exists()


def test_recording_begun_in_the_middle_of_a_step(gates_of):
    scene = gates_of("weigh_running")
    scene.model.record(scene.model.library / "trial-01.xdf")
    scene.tick()
    assert scene.model.state is State.RECORDING
    assert scene.gates.doing is None
    assert "given up" in texts(scene.page.notice)


def test_a_gate_is_gone_back_to_by_a_press_on_the_path(gates_of, qtbot):
    scene = gates_of("weigh")
    bar = scene.page.top.gates
    at = [gate.name for gate in bar._gates].index("zero")
    box = bar._boxes(bar._level)[at][1]
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert now(scene) == "zero"
    assert primary(scene) == ["Go on"]
    assert "Again" in shown(scene)
    scene.page.action_bar.next_button.click()
    assert now(scene) == "weigh"


def test_sensors_put_on_anew_have_to_be_calibrated_again(gates_of):
    scene = gates_of("weigh")
    click_filled(scene)
    scene.through()
    assert scene.model.live.calibration is not None
    scene.page.action_bar.anew_button.click()
    scene.tick()
    assert scene.model.live.calibration is None
    assert now(scene) == "zero"
    assert scene.model.mass_kg == 70.0


@pytest.mark.parametrize(
    "name",
    ["zero_red", "weigh_running", "neutral_whole", "emg_red", "noise_running",
     "practice", "review", "blocks", "needs", "offered_old"],
)  # fmt: skip
def test_every_kind_of_gate_fits_also_dark_and_with_the_largest_text(
    gates_of, themed, name
):
    assert name in GATE_STATES
    scene = gates_of(name)
    window = scene.window
    ARTIFACTS.mkdir(exist_ok=True)
    for colours, size in (("light", "normal"), ("dark", "larger")):
        theme.apply_theme(themed, colours, size)
        QApplication.processEvents()
        scene.page.gate.tick()
        scene.page.blocks.tick()
        image = window.grab()
        image.save(str(ARTIFACTS / f"gate-{name}-{colours}-{size}.png"))
        assert (image.width(), image.height()) == (1366, 768), size
        assert overlaps(window) == [], size
        assert cut(window) == [], size
        assert outside(window) == [], size
        assert cut_sideways(window) == []


def test_no_key_of_a_gate_is_taken_from_somebody_who_types(gates_of, qtbot):
    scene = gates_of("zero")
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    field = scene.page.top._code
    field.setFocus()
    field.clear()
    qtbot.keyClicks(field, "NAXU")
    assert field.text() == "NAXU"
    assert scene.gates.doing is None
    assert isinstance(QApplication.focusWidget(), QLineEdit)
