"""The microphone's checks on screen: what they ask for, and what came of them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from device_states import go, source
from on_page import texts
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid
from test_page_layout import cut, overlaps

from ui import microphone_dialog, theme
from ui.microphone_dialog import STEPS, MicrophoneDialog

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"


@pytest.fixture
def dialog_of(scene_of, monkeypatch):
    """Open the checks of a connected microphone from the Devices page."""
    monkeypatch.setattr(microphone_dialog, "MODULE", "tests.ui.fake_microphone")
    monkeypatch.chdir(Path(__file__).resolve().parents[2])  # where it is found
    made = []

    def build(device="Yeti"):
        scene = scene_of()
        report = source("Microphone", "microphone", {"device": device}, rates=(1000.0,))
        scene.lab.host._sources["Microphone"] = report
        scene.tick()
        go(scene)
        scene.window.devices.panel.microphone_button.click()
        (dialog,) = scene.window.findChildren(MicrophoneDialog)
        made.append(dialog)
        return scene, dialog

    yield build
    for dialog in made:
        if isValid(dialog):
            dialog.reject()


def asked(scene, method):
    return [params for name, params in scene.lab.host.asked if name == method]


def run(dialog, number, qtbot):
    card = dialog.cards[number]
    card.button.click()
    qtbot.waitUntil(lambda: card.chip.word() in ("good", "look"), timeout=20_000)
    qtbot.waitUntil(lambda: dialog._worker is None, timeout=20_000)
    return card


def test_it_is_lent_while_the_checks_are_open_and_connected_again_after(dialog_of):
    scene, dialog = dialog_of()
    assert asked(scene, "remove_source") == [{"id": "Microphone"}]
    assert asked(scene, "add_source") == []
    dialog.reject()
    (again,) = asked(scene, "add_source")
    assert again["spec"]["options"] == {"device": "Yeti"}


def test_each_check_says_what_came_of_it(dialog_of, qtbot):
    _, dialog = dialog_of()
    claps = run(dialog, 0, qtbot)
    assert claps.chip.sign() == "good"
    assert "9.2 dB apart" in texts(claps)
    assert "−43.2" in texts(dialog)
    assert "dB(A)" in texts(dialog)
    clicks = run(dialog, 1, qtbot)
    assert clicks.chip.sign() == "caution"
    assert "evens loudness out" in texts(clicks)
    gain = run(dialog, 2, qtbot)
    assert "0.8431 Pa per full scale" in texts(gain)
    assert "dB SPL" in texts(gain)
    assert claps.chip.sign() == "good"  # the first result stays
    assert all(card.button.isEnabled() for card in dialog.cards)


def test_a_microphone_that_went_away_is_told_in_its_own_words(dialog_of, qtbot):
    _, dialog = dialog_of("gone")
    card = run(dialog, 0, qtbot)
    assert "The microphone is gone." in texts(card)
    assert "ALSA" not in texts(card)
    assert card.chip.sign() == "caution"


def test_one_check_at_a_time(dialog_of, qtbot):
    _, dialog = dialog_of()
    dialog.cards[0].button.click()
    assert not any(card.button.isEnabled() for card in dialog.cards)
    dialog._start(STEPS[1])  # by its key
    assert dialog._running is dialog.cards[0]
    qtbot.waitUntil(lambda: dialog._worker is None, timeout=20_000)


def test_closing_ends_a_check_that_runs(dialog_of, qtbot, monkeypatch):
    monkeypatch.setattr(microphone_dialog, "MODULE", "http.server")  # never ends
    scene, dialog = dialog_of()
    monkeypatch.setattr(dialog, "_spec", source("m", "microphone", {}).spec)
    dialog._start(STEPS[0])
    worker = dialog._worker
    dialog.reject()
    assert worker._process.state() is worker._process.ProcessState.NotRunning
    assert len(asked(scene, "add_source")) == 1


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_it_fits(dialog_of, themed, qtbot, colours):
    theme.apply_theme(themed, colours)
    _, dialog = dialog_of()
    run(dialog, 0, qtbot)
    run(dialog, 1, qtbot)
    QApplication.processEvents()
    ARTIFACTS.mkdir(exist_ok=True)
    dialog.grab().save(str(ARTIFACTS / f"dialog-microphone-{colours}.png"))
    assert overlaps(dialog) == []
    assert cut(dialog) == []


def test_the_command_is_the_one_of_the_command_line():
    from drivers.microphone import SECONDS

    assert {step.task: step.seconds for step in STEPS} == SECONDS
    assert sys.modules["drivers.microphone"].__name__ == microphone_dialog.MODULE
