"""The connect dialog: what is found, what is ticked, what the screen says of it."""

from __future__ import annotations

from on_page import texts
from PySide6.QtWidgets import QApplication, QCheckBox
from shiboken6 import isValid

from lablive.messages import ChannelInfo, StreamInfo
from ui.connect_dialog import ConnectDialog
from ui.session_model import State
from ui.streams_card import _speech
from ui.widgets import KeyButton

LSL = {
    "name": "Sole", "type": "Pressure", "channels": 16, "rate_hz": 100.0,
    "source_id": "s1", "hostname": "lab", "usable": True,
}  # fmt: skip
PORT = {
    "path": "/dev/ttyACM0", "identity": "0483:5740:35", "description": "Receiver",
    "profiles": ["sim_insoles"], "problem": "",
}  # fmt: skip
MICROPHONE = {
    "name": "Yeti Stereo Microphone", "rate_hz": 48000.0, "channels": 2,
    "is_default": True, "problem": "",
}  # fmt: skip
HEADSET = MICROPHONE | {
    "name": "Jabra Hands-Free",
    "problem": '"Jabra Hands-Free" is a Bluetooth headset: it hears no more than 8 kHz,'
    " is a fifth of a second late and evens loudness out. Use a microphone with a"
    " cable.",
}
SOLE = {
    "address": "C0:11:22:33:44:55", "name": "ORPHE CORE-L", "rssi_dbm": -52,
    "profiles": ["orphe_56"],
}  # fmt: skip
WATCH = SOLE | {"address": "C0:11:22:33:44:66", "name": "Watch", "profiles": []}
FOUND = {
    "serial": [], "lsl": [], "profiles": [], "problems": [],
    "microphones": [MICROPHONE, HEADSET],
    "bluetooth": [SOLE, WATCH],
    "bluetooth_profiles": ["orphe_56", "ftms"],
}  # fmt: skip


def dialog_of(scene):
    scene.page.action_bar.connect_button.click()
    scene.tick()
    (dialog,) = scene.window.findChildren(ConnectDialog)
    return dialog


def test_connect_lists_what_is_found_and_opens_what_is_ticked(scene_of):
    scene = scene_of()
    scene.lab.host.found = {
        "serial": [PORT], "lsl": [LSL], "profiles": ["sim_insoles"], "problems": [],
    }  # fmt: skip
    dialog = dialog_of(scene)
    assert [row.offer.title for row in dialog.rows()] == ["Receiver", "Sole"]
    assert dialog.connect_button.text() == "Connect 2 devices"
    dialog.rows()[1].tick.setChecked(False)
    assert dialog.connect_button.text() == "Connect 1 device"
    dialog.connect_button.click()
    asked = [params["spec"] for method, params in scene.lab.host.asked
             if method == "add_source"]  # fmt: skip
    assert [spec["options"] for spec in asked] == [
        {"port": "0483:5740:35", "profile": "sim_insoles"}
    ]


def test_nothing_found_says_so_and_offers_the_simulated_runner(scene_of):
    scene = scene_of()
    dialog = dialog_of(scene)
    assert "Nothing found yet" in texts(dialog)
    assert not dialog.connect_button.isEnabled()
    dialog.reject()


def test_what_vanished_is_not_offered_any_more(scene_of):
    scene = scene_of()
    scene.lab.host.found = {"serial": [], "lsl": [LSL], "profiles": []}
    dialog = dialog_of(scene)
    assert len(dialog.rows()) == 1
    scene.lab.host.found = {"serial": [], "lsl": [], "profiles": []}
    dialog._search()
    scene.tick()
    assert dialog.rows() == []
    dialog.reject()


def test_an_answer_after_the_dialog_was_closed_does_no_harm(scene_of):
    scene = scene_of()
    dialog = dialog_of(scene)
    scene.model.live.discover(dialog._show)
    dialog.reject()
    QApplication.processEvents()
    assert not isValid(dialog)
    scene.tick()
    assert not scene.page.notice.isVisible()


def test_a_connected_device_can_be_let_go(scene_of):
    scene = scene_of("insoles")
    dialog = dialog_of(scene)
    assert "connected" in texts(dialog)
    (button,) = [b for b in dialog.findChildren(KeyButton) if b.text() == "Disconnect"]
    button.click()
    assert ("remove_source", {"id": "insoles"}) in scene.lab.host.asked
    dialog.reject()
    scene.tick()
    assert scene.model.state is State.IDLE
    assert scene.page.start.isVisible()


def test_a_microphone_is_opened_with_raw_audio_only_when_both_are_ticked(scene_of):
    scene = scene_of()
    scene.lab.host.found = FOUND
    dialog = dialog_of(scene)
    yeti, headset, *_ = dialog.rows()
    assert yeti.spec() is None  # nobody is heard unasked
    assert not headset.tick.isEnabled()
    assert "Bluetooth headset" in texts(dialog, hidden=True)
    yeti.tick.setChecked(True)
    assert yeti.spec().options == {"device": "Yeti Stereo Microphone"}
    (switch,) = [box for box in yeti.findChildren(QCheckBox) if "speech" in box.text()]
    switch.setChecked(True)
    assert yeti.spec().options["record_raw_audio"] is True
    assert yeti.spec().driver == "microphone"
    dialog.reject()


def test_bluetooth_is_searched_only_when_asked(scene_of):
    scene = scene_of()
    scene.lab.host.found = FOUND | {"bluetooth": []}
    dialog = dialog_of(scene)
    assert scene.lab.host.bluetooth_asked is False
    scene.lab.host.found = FOUND | {"bluetooth_looking": True}
    dialog.radio_button.click()
    assert scene.lab.host.bluetooth_asked is True
    scene.tick()
    assert not dialog.radio_button.isEnabled()
    scene.lab.host.found = FOUND
    dialog._search()
    scene.tick()
    assert dialog.radio_button.isEnabled()
    sole, watch = dialog.rows()[2:]
    assert sole.spec() is None
    sole.tick.setChecked(True)
    assert sole.spec().options == {"port": SOLE["address"], "profile": "orphe_56"}
    watch.tick.setChecked(True)
    assert watch.spec() is None  # what it is must be chosen
    dialog.reject()


def test_why_there_is_no_bluetooth_is_said(scene_of):
    scene = scene_of()
    scene.lab.host.found = FOUND | {"bluetooth_problem": "Bluetooth is switched off."}
    dialog = dialog_of(scene)
    assert "Bluetooth is switched off." in texts(dialog, hidden=True)
    dialog.reject()


def test_the_stream_list_says_when_the_sound_itself_is_stored():
    def info(label):
        return StreamInfo(1, "Mic", "Audio", 1000.0, (ChannelInfo(label),))

    assert _speech([info("mic_belt.level.A")]) == ""
    assert "speech can be heard" in _speech([info("mic_belt.audio")])


def test_raw_bytes_are_kept_only_when_ticked(scene_of):
    scene = scene_of()
    scene.lab.host.found = FOUND
    dialog = dialog_of(scene)
    sole = dialog.rows()[2]
    sole.tick.setChecked(True)
    assert sole.spec().record_raw is False
    sole.raw.setChecked(True)
    assert sole.spec().record_raw is True
    assert dialog.rows()[0].raw is None  # a microphone has no bytes of a wire
    dialog.reject()
