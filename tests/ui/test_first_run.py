"""The first page: three ways in, the sample recording, what is wrong here."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from on_page import texts

from ui import system_checks
from ui.connect_dialog import ConnectDialog
from ui.session_model import State
from ui.system_checks import Check, bluetooth, serial_rights, sound_untouched
from ui.worker import Worker


@pytest.fixture
def workers(monkeypatch):
    """Workers that start nothing; the test says what they said."""
    begun = []
    monkeypatch.setattr(Worker, "start", lambda self: begun.append(self))
    return begun


@pytest.fixture
def linux(monkeypatch):
    monkeypatch.setattr(system_checks, "sys", SimpleNamespace(platform="linux"))


def test_three_ways_in(scene_of, workers):
    scene = scene_of()
    card = scene.page.start
    assert card.isVisible()
    words = [b.text() for b in (card.simulate_button, card.connect_button)]
    assert words == ["Try with a simulated runner", "Connect my devices"]
    card.connect_button.click()
    dialog = scene.page.findChild(ConnectDialog)
    assert dialog is not None
    dialog.reject()


def test_the_sample_is_made_once_then_opened(scene_of, workers, monkeypatch):
    scene = scene_of()
    opened = []
    monkeypatch.setattr(scene.model, "open_trial", opened.append)
    told = []
    scene.model.news.connect(lambda word, _: told.append(word))
    scene.page.start.sample_button.click()
    scene.page.start.sample_button.click()
    (worker,) = workers
    assert told == ["one moment"]
    worker.done.emit("")
    path = scene.page.sample.path
    assert opened == [path]
    path.parent.mkdir()
    path.write_bytes(b"XDF:")
    scene.page.start.sample_button.click()
    assert opened == [path, path]
    assert len(workers) == 1


def test_a_sample_that_cannot_be_made_is_told_and_may_be_tried_again(scene_of, workers):
    scene = scene_of()
    told = []
    scene.model.trouble.connect(told.append)
    scene.page.start.sample_button.click()
    workers[0].failed.emit("The disk is full.")
    assert told == ["The disk is full."]
    scene.page.start.sample_button.click()
    assert len(workers) == 2


def test_a_sample_does_not_push_a_connected_device_aside(
    gates_of, workers, monkeypatch
):
    scene = gates_of()
    opened = []
    monkeypatch.setattr(scene.model, "open_trial", opened.append)
    scene.page.start.sample_button.click()
    scene.connect()
    scene.tick()
    assert scene.model.state is State.CONNECTED
    workers[0].done.emit("")
    assert opened == []


def test_what_is_wrong_stands_with_its_fix_faults_first(scene_of, workers, qapp):
    scene = scene_of()
    check = scene.page.start.check
    check.button.click()
    check.button.click()
    (worker,) = workers
    assert check.told.text() == "One moment …"
    found = [
        {"name": "Disk", "verdict": "note", "found": "3 GB free", "todo": "Free some."},
        {"name": "Bluetooth", "verdict": "note", "found": "no adapter"},
        {"name": "Python", "verdict": "ok", "found": "3.11"},
        {"name": "/dev/ttyUSB0", "verdict": "fault", "found": "You may not open it."},
    ]
    worker.done.emit(json.dumps(found))
    qapp.processEvents()
    assert [one.name for one in check.findings][:2] == ["/dev/ttyUSB0", "Disk"]
    shown = texts(check)
    assert "You may not open it." in shown
    assert "3 GB free. Free some." in shown
    assert "no adapter" not in shown


def test_a_computer_without_findings_is_ready(scene_of, workers):
    check = scene_of().page.start.check
    check.show_checks((Check("Python", "ok", "3.11"),))
    assert check.told.text() == "This computer is ready."


def test_a_check_that_fails_is_told(scene_of, workers):
    check = scene_of().page.start.check
    check.begin()
    workers[0].failed.emit("It crashed.")
    assert check.told.text() == "It could not be looked at: It crashed."
    check.begin()
    assert len(workers) == 2


@pytest.mark.parametrize(
    ("groups", "verdict"), [({"dialout"}, "ok"), ({"users"}, "note")]
)
def test_serial_rights(groups, verdict, linux, monkeypatch, tmp_path):
    monkeypatch.setattr(system_checks.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(system_checks, "_RULE_FOLDERS", (tmp_path,))
    (check,) = serial_rights(lambda: groups)
    assert check.verdict == verdict
    assert ("usermod" in check.todo) == (verdict == "note")
    (tmp_path / system_checks.RULES).write_text("")
    (check,) = serial_rights(lambda: groups)
    assert check.verdict == "ok"


@pytest.mark.parametrize(
    ("told", "verdicts"),
    [
        ({"get-default-source": "alsa_input.usb-mic", "list modules": ""}, ["ok"]),
        ({"get-default-source": "echo-cancel-source", "list modules": ""}, ["note"]),
        ({"get-default-source": "m", "list modules": "7 module-echo-cancel"}, ["note"]),
        ({"get-default-source": "", "list modules": ""}, []),
    ],
)
def test_what_changes_the_sound(told, verdicts, linux):
    assert [check.verdict for check in sound_untouched(told.get)] == verdicts


def test_sound_changes_elsewhere_are_not_claimed_to_be_seen(monkeypatch):
    monkeypatch.setattr(system_checks, "sys", SimpleNamespace(platform="win32"))
    (check,) = sound_untouched()
    assert (check.verdict, check.found) == ("note", "not to be seen from here")
    assert "enhancements" in check.todo


def test_bluetooth_that_is_missing_or_switched_off(tmp_path, linux):
    radios, switches = tmp_path / "bluetooth", tmp_path / "rfkill"
    (none,) = bluetooth(radios, switches)
    assert (none.verdict, none.found) == ("note", "no adapter")
    (radios / "hci0").mkdir(parents=True)
    switch = switches / "rfkill0"
    switch.mkdir(parents=True)
    for name, value in (("type", "bluetooth"), ("hard", "0"), ("soft", "1")):
        (switch / name).write_text(f"{value}\n")
    (off,) = bluetooth(radios, switches)
    assert (off.found, off.todo) == ("switched off", "Type: rfkill unblock bluetooth")
    (switch / "soft").write_text("0\n")
    (on,) = bluetooth(radios, switches)
    assert on.verdict == "ok"
