"""Known devices and what is asked of new ones: offered, ticked, filled in, opened."""

from __future__ import annotations

import msgspec
import pytest
from device_states import DIALOG_STATES, KNOWN, PORTS, go
from on_page import primary, texts
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QToolButton
from test_page_layout import cut, overlaps

from lablive.live.known_devices import FILE_NAME, known_devices, remember
from ui.connect_dialog import ConnectDialog
from ui.network_dialog import NetworkDialog
from ui.signs import StatusLamp


def added(scene):
    return [
        params["spec"]
        for method, params in scene.lab.host.asked
        if method == "add_source"
    ]


def dialog_of(scene, found=PORTS):
    scene.lab.host.found = found
    scene.page.connect_devices()
    scene.tick()
    (dialog,) = scene.window.findChildren(ConnectDialog)
    return dialog


def row_of(dialog, title):
    return next(row for row in dialog.rows() if row.offer.title == title)


def look(scene):
    scene.model.devices.known._asked_s = float("-inf")
    scene.tick()


# ------------------------------------------------------------------- at the next start
def test_a_known_device_that_is_there_is_the_next_step(scene_of):
    scene = scene_of("known")
    assert primary(scene) == ["Connect 1 known device"]
    assert "pelvis · USB2.0-Serial" in texts(scene.page.notice)
    scene.page.action_bar.known_button.click()
    (spec,) = added(scene)
    assert spec["options"] == KNOWN[0].options  # by its serial number, as last time
    assert spec["record_raw"]


def test_a_known_device_in_another_socket_is_the_same(scene_of):
    scene = scene_of("known")
    moved = [{**PORTS["serial"][0], "path": "/dev/ttyUSB9"}]
    scene.lab.host.found = {**PORTS, "serial": moved}
    look(scene)
    (offer,) = scene.model.devices.known.there
    assert offer.spec.options["port"] == "1A86:7523:77"
    scene.lab.host.found = {**PORTS, "serial": []}
    look(scene)
    assert primary(scene) == ["Connect devices"]


def test_without_known_devices_nobody_searches(scene_of):
    scene = scene_of()
    scene.tick(5)
    assert "discover" not in [method for method, _ in scene.lab.host.asked]


def test_while_something_is_recorded_nobody_searches(scene_of):
    scene = scene_of("insoles")
    remember(scene.model.library, KNOWN)
    scene.model.devices.known._known = None
    go(scene)
    scene.model.record(scene.model.library / "trial-01.xdf")
    scene.tick()
    asked = len(scene.lab.host.asked)
    scene.model.devices.known._asked_s = float("-inf")
    scene.window.devices._shown_s = float("-inf")
    scene.tick()
    later = [method for method, _ in scene.lab.host.asked[asked:]]
    assert "status" in later
    assert "discover" not in later


def test_what_is_connected_by_the_dialog_is_known_afterwards(scene_of, tmp_path):
    scene = scene_of()
    dialog = dialog_of(scene)
    row_of(dialog, "ORPHE CORE-L").place.setCurrentIndex(1)
    dialog.connect_button.click()
    kept = {it.key for it in known_devices(scene.model.library)}
    assert kept == {"port 1A86:7523:77", "port C0:11:22:33:44:55"}


def test_a_damaged_list_of_known_devices_is_told_and_everything_else_works(scene_of):
    scene = scene_of()
    (scene.model.library / FILE_NAME).write_text("{")
    dialog = dialog_of(scene)
    dialog.connect_button.click()
    assert "devices.json cannot be read" in texts(scene.page.notice)
    assert len(added(scene)) == 1


def test_the_page_lists_what_is_away_and_forgets_it_when_asked(scene_of):
    scene = scene_of("known_devices")
    card = scene.window.devices.known
    assert "1 device ready to connect, 1 not found" in texts(card)
    lamps = [lamp.word() for lamp in card.findChildren(StatusLamp)]
    assert lamps == ["ready", "by address", "not found"]
    forget = next(
        button
        for button in card.findChildren(QToolButton)
        if button.accessibleName() == "Forget Insole receiver (/dev/ttyACM7)"
    )
    forget.click()
    QApplication.processEvents()
    assert "Insole receiver" not in texts(card)
    assert len(known_devices(scene.model.library)) == 2


def test_the_page_is_silent_when_everything_known_is_connected(scene_of):
    scene = scene_of("insoles")
    go(scene)
    assert not scene.window.devices.known.isVisible()


# ------------------------------------------------------------------------- the dialog
def test_the_dialog_fills_in_what_was_chosen_last_time(scene_of):
    scene = scene_of("known_dialog")
    (dialog,) = scene.window.findChildren(ConnectDialog)
    scene.tick()
    row = row_of(dialog, "USB2.0-Serial")
    assert "used last on" in texts(row, hidden=True)
    assert (row.tick.isChecked(), row.raw.isChecked()) == (True, True)
    assert row.place.currentText() == "pelvis"
    assert row.spec().options == KNOWN[0].options
    trigno = row_of(dialog, "Delsys Trigno (192.168.0.5)")
    assert not trigno.tick.isChecked()  # nobody can tell whether it is there
    trigno.tick.setChecked(True)
    assert trigno.spec() == KNOWN[2]
    assert "Known here, not found now: Insole receiver" in texts(dialog)
    dialog.reject()


def test_a_sole_by_radio_is_opened_only_with_its_foot(scene_of):
    scene = scene_of()
    dialog = dialog_of(scene)
    row = row_of(dialog, "ORPHE CORE-L")
    row.tick.setChecked(True)
    assert row.spec() is None
    row.place.setCurrentIndex(row.place.findText("right foot"))
    assert row.tick.isChecked()
    assert row.spec().options == {
        "port": "C0:11:22:33:44:55", "profile": "orphe_56", "site": "right_foot",
    }  # fmt: skip
    assert row.spec().id.startswith("right foot · ORPHE CORE-L")
    dialog.reject()


def test_the_profile_that_fits_comes_first_and_is_named(scene_of):
    scene = scene_of()
    dialog = dialog_of(scene)
    row = row_of(dialog, "MTi-630 AHRS")
    assert "fits: xbus, xbus_setup" in texts(row, hidden=True)
    (profile,) = row.findChildren(QComboBox)
    listed = [profile.itemText(at) for at in range(profile.count())]
    assert listed[1:3] == ["xbus", "xbus_setup"]
    profile.setCurrentText("bitalino")  # another has other questions
    assert row.place.text() == "Muscles …"
    profile.setCurrentText("xbus")
    assert row.place is None
    dialog.reject()


def test_muscles_of_several_inputs_are_asked_for_in_a_dialog(scene_of, monkeypatch):
    from ui.device_questions import QuestionDialog

    scene = scene_of()
    dialog = dialog_of(scene)
    row = row_of(dialog, "USB2.0-Serial")
    row.findChildren(QComboBox)[0].setCurrentText("bitalino")

    def answered(asked):
        field = asked.form._fields["a2"]
        field.setCurrentIndex(field.findText("left gluteus medius"))
        asked.grab()
        assert overlaps(asked) == []
        return True

    monkeypatch.setattr(QuestionDialog, "exec", answered)
    row.place.click()
    assert row.spec().options["a2"] == "gluteus_medius_left"
    dialog.reject()


def test_a_device_by_its_address(scene_of, monkeypatch):
    scene = scene_of()
    dialog = dialog_of(scene)

    def answered(asked):
        assert asked.spec().options == {"host": "127.0.0.1"}
        asked.form._fields["host"].setText("")
        assert not asked.connect_button.isEnabled()
        asked.form._fields["host"].setText("192.168.0.5")
        field = asked.form._fields["sensor_3"]
        field.setCurrentIndex(field.findText("right gluteus maximus"))
        return True

    monkeypatch.setattr(NetworkDialog, "exec", answered)
    dialog.address_button.click()
    (spec,) = added(scene)
    assert (spec["driver"], spec["options"]) == (
        "trigno", {"host": "192.168.0.5", "sensor_3": "gluteus_maximus_right"},
    )  # fmt: skip
    assert (
        known_devices(scene.model.library)[0].spec.id == "Delsys Trigno (192.168.0.5)"
    )


def test_each_kind_has_its_own_questions(themed, shown):
    dialog = shown(NetworkDialog(PORTS), 700, 560)
    assert "Sensor 16" in texts(dialog)
    assert cut(dialog) == []
    assert overlaps(dialog) == []
    dialog.kind.setCurrentText("x-io x-IMU3 by Wi-Fi")
    site = dialog.form._fields["site"]
    site.setCurrentIndex(site.findText("left shank"))
    QApplication.processEvents()
    assert "Sensor 16" not in texts(dialog)
    spec = dialog.spec()
    assert (spec.driver, spec.options) == (
        "ximu3", {"host": "192.168.1.1", "site": "shank_left"},
    )  # fmt: skip
    assert spec.id == "left shank · x-io x-IMU3 by Wi-Fi (192.168.1.1)"


@pytest.mark.parametrize("name", sorted(DIALOG_STATES))
def test_the_dialog_fits(scene_of, name):
    scene = scene_of(name)
    scene.tick()
    (dialog,) = scene.window.findChildren(ConnectDialog)
    QApplication.processEvents()
    dialog.grab()
    assert overlaps(dialog) == []
    assert cut(dialog) == []
    dialog.done(QDialog.DialogCode.Rejected)


def test_a_device_of_before_is_not_offered_while_it_is_open(scene_of):
    scene = scene_of()
    remember(scene.model.library, [KNOWN[2]])
    scene.lab.host.fail(KNOWN[2].id, "It does not answer.")
    held = scene.lab.host._sources[KNOWN[2].id]
    scene.lab.host._sources[KNOWN[2].id] = msgspec.structs.replace(held, spec=KNOWN[2])
    scene.tick()
    dialog = dialog_of(scene)
    assert KNOWN[2].id not in [row.offer.title for row in dialog.rows()]
    dialog.reject()
