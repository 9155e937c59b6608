"""The Devices page: what it says of each device, and what its buttons ask for."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from device_states import DEVICE_STATES, GONE, add, go, many, source
from on_page import keys_twice, texts
from page_states import LONG, connected
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from test_page_layout import SIZES, cut, cut_sideways, outside, overlaps

from lablive.live.sharing import EVERY_DEVICE, SharingWish
from ui import theme
from ui.connect_dialog import ConnectDialog
from ui.device_health import lines
from ui.device_list import COLUMNS
from ui.session_model import State
from ui.widgets import KeyButton

ARTIFACTS = Path(__file__).resolve().parents[2] / "artifacts"


def page_of(scene):
    scene.window.devices._shown_s = float("-inf")
    scene.window.devices.refresh()
    return scene.window.devices


def asked(scene, *methods):
    return [params for method, params in scene.lab.host.asked if method in methods]


def press(scene, qtbot, key, until=lambda: True):
    """Press a key and wait for what it does: a click comes 0.1 s after its key."""
    scene.window.activateWindow()
    qtbot.waitUntil(scene.window.isActiveWindow, timeout=10_000)
    qtbot.keyClick(scene.window, key)
    qtbot.waitUntil(lambda: bool(until()), timeout=10_000)


def figures(page, source):
    """Return the figures of a device by the heads of their columns."""
    row = page.list.lines.row_of(source)
    return {
        column.head: page.list.lines.index(row, number).data()
        for number, column in enumerate(COLUMNS)
    }


@pytest.mark.parametrize(
    ("name", "size"),
    [*((name, SIZES[0]) for name in sorted(DEVICE_STATES)), ("devices_full", SIZES[1])],
)
def test_every_state_fits(scene_of, themed, name, size):
    window = scene_of(name, size=size).window
    ARTIFACTS.mkdir(exist_ok=True)
    for colours in ("light", "dark"):
        theme.apply_theme(themed, colours)
        QApplication.processEvents()
        image = window.grab()
        image.save(str(ARTIFACTS / f"page-{name}-{colours}-{size[0]}.png"))
        assert (image.width(), image.height()) == size
        assert overlaps(window) == []
        assert cut(window) == []
        assert outside(window) == []
        assert cut_sideways(window) == []
    assert keys_twice(window) == []


@pytest.mark.parametrize("name", ["stalled", "failed"])
def test_the_question_takes_no_key_of_the_session(scene_of, name):
    window = scene_of(name).window
    assert window.reconnect.isVisible()
    assert keys_twice(window) == []


@pytest.mark.parametrize("text_size", ["large", "larger"])
def test_larger_text_leaves_out_columns_but_never_the_name(scene_of, themed, text_size):
    scene = scene_of("devices_troubled", size=(1366, 768))
    theme.apply_theme(themed, "light", text_size)
    QApplication.processEvents()
    listed = scene.window.devices.list
    wide = [listed.columnWidth(at) for at in range(len(COLUMNS))]
    assert wide[0] >= theme.scaled(190)
    assert sum(wide) <= listed.viewport().width()
    kept = {it.head for at, it in enumerate(COLUMNS) if not listed.isColumnHidden(at)}
    assert {"State", "Nominal", "Measured", "Lost", "Last row"} <= kept
    assert "Jitter" not in kept
    assert overlaps(scene.window) == []
    assert cut_sideways(scene.window) == []


def test_the_figures_of_a_device_are_those_of_its_status(scene_of):
    page = scene_of("devices_troubled").window.devices
    assert figures(page, "IMU pelvis") == {
        "Device": "IMU pelvis", "State": "live", "Nominal": "200 Hz",
        "Measured": "104 Hz", "Distinct": "52", "Lost": "0", "Last row": "8 ms",
        "Battery": "12 %", "Drift": "−12 ppm", "Jitter": "1.3 ms",
    }  # fmt: skip
    lost = figures(page, LONG)
    assert (lost["State"], lost["Lost"]) == ("retrying", "about 1240")
    assert (lost["Measured"], lost["Last row"]) == ("—", "7.4 s")
    assert figures(page, "CP2102N USB to UART")["State"] == "failed"


def test_the_panel_tells_what_is_wrong_and_what_was(scene_of):
    scene = scene_of("devices_troubled")
    page = page_of(scene)
    assert GONE in texts(page.panel)
    assert "What is wrong" in texts(page.panel)
    page.list.choose("IMU pelvis")
    assert "Last fault, 6:52 ago" in texts(page.panel)
    assert "2 times" in texts(page.panel)  # came back
    assert "12 %" in texts(page.panel)
    page.list.choose("Insole receiver")
    assert "6 rows, counted exactly" in texts(page.panel)
    page.list.choose("Sim EMG")
    assert "It is silent" in texts(page.panel)


def test_the_list_says_what_is_wrong_with_a_device_that_sends(scene_of):
    zeros = "The microphone sends nothing but zeros: it is muted. Check it."
    options = {"device": "Yeti"}
    silent = source("Microphone", "microphone", options, last_fault=zeros)
    report = scene_of("devices_troubled").window.model.live.report
    (line,) = lines(msgspec.structs.replace(report, sources=(silent,)))
    assert (line.state, line.detail) == ("streaming", zeros.split(". ")[0])
    was = msgspec.structs.replace(silent, fault=zeros, fault_age_s=60.0)
    (line,) = lines(msgspec.structs.replace(report, sources=(was,)))
    assert line.detail == "microphone · Yeti"  # what is over stands in the panel


def test_the_chosen_device_stays_chosen_when_another_comes_or_goes(scene_of):
    scene = scene_of("devices_troubled")
    page = page_of(scene)
    page.list.choose("Sim EMG")
    add(scene, [source("New one", "lsl", {})])
    scene.lab.host._sources.pop("Insole receiver")
    scene.tick()
    assert page_of(scene).list.chosen_source == "Sim EMG"
    assert page.list.currentIndex().data() == "Sim EMG"
    scene.lab.host._sources.pop("Sim EMG")
    scene.tick()
    assert page_of(scene).list.chosen_source == LONG  # the first that is left


def test_disconnect_lets_go_of_the_chosen_device(scene_of, qtbot):
    scene = scene_of("devices_troubled")
    page_of(scene).list.choose("Treadmill")
    press(scene, qtbot, Qt.Key.Key_X, lambda: asked(scene, "remove_source"))
    assert asked(scene, "remove_source") == [{"id": "Treadmill"}]
    scene.tick()
    page_of(scene)
    assert scene.window.devices.list.lines.row_of("Treadmill") == -1


def test_raw_bytes_open_the_device_again_and_only_without_a_recording(scene_of):
    scene = scene_of("devices_troubled")
    page = page_of(scene)
    page.list.choose("IMU pelvis")
    page.panel.raw.click()
    (spec,) = [params["spec"] for params in asked(scene, "add_source")]
    assert asked(scene, "remove_source") == [{"id": "IMU pelvis"}]
    assert (spec["id"], spec["record_raw"]) == ("IMU pelvis", True)
    page.list.choose("Sim EMG")
    assert not page.panel.raw.isVisible()  # LSL has no bytes of ours
    busy = scene_of("devices_recording")
    add(busy, many()[2:3])
    busy.tick()
    page_of(busy).list.choose("IMU pelvis")
    assert not busy.window.devices.panel.raw.isEnabled()
    assert "no recording" in texts(busy.window.devices.panel)


def test_which_of_several_streams_is_meant_is_asked_here(scene_of):
    scene = scene_of("devices_several_fit")
    panel = page_of(scene).panel
    buttons = panel.findChildren(KeyButton)
    wanted = next(it for it in buttons if it.text() == "EMG · emg-2")
    wanted.click()
    (answer,) = asked(scene, "choose")
    assert answer["id"] == "EMG"
    assert answer["chosen"]["source_id"] == "emg-2"
    page_of(scene).list.choose("insoles")
    assert not any("emg-2" in it.text() for it in panel.findChildren(KeyButton)
                   if it.isVisible())  # fmt: skip


def test_one_device_is_published_on_lsl_and_no_other(scene_of):
    scene = scene_of("devices_troubled")
    page = page_of(scene)
    page.list.choose("Sim EMG")
    assert not page.panel.publish.isVisible()  # it is on LSL already
    page.list.choose("IMU pelvis")
    page.panel.publish.click()
    (wish,) = asked(scene, "share")
    assert (wish["devices"], wish["results"]) == (["IMU pelvis"], [])
    page._show_chosen()
    assert page.panel.publish.isChecked()
    page.list.choose("Insole receiver")
    assert not page.panel.publish.isChecked()
    scene.model.live.publishing.want(SharingWish(devices=(EVERY_DEVICE,)))
    page._show_chosen()
    assert page.panel.publish.isChecked()
    page.panel.publish.click()  # all but this one, and no LSL stream twice
    left = asked(scene, "share")[-1]["devices"]
    assert "IMU pelvis" in left
    assert not {"Insole receiver", "Sim EMG"} & set(left)


def test_a_recording_is_marked_and_stopped_from_here(scene_of, qtbot):
    scene = scene_of("devices_recording")
    press(scene, qtbot, Qt.Key.Key_Space)
    assert [params["text"] for params in asked(scene, "marker")] == ["marker"]
    press(scene, qtbot, Qt.Key.Key_S, lambda: asked(scene, "stop_recording"))
    assert scene.model.state is State.STOPPING


def test_elsewhere_no_key_starts_anything(scene_of, qtbot):
    scene = scene_of("devices_full")
    for key in (Qt.Key.Key_R, Qt.Key.Key_Z, Qt.Key.Key_P):
        press(scene, qtbot, key)
    assert scene.model.state is State.CONNECTED
    assert not scene.page.action_bar.isVisible()
    scene.window.places.go("Session")
    assert scene.page.action_bar.isVisible()


def test_the_list_is_read_twice_a_second_and_only_when_it_is_seen(scene_of):
    scene = scene_of("devices_troubled")
    page = page_of(scene)
    shown = page._shown
    scene.tick(5)  # each brings a new report
    assert page._shown is shown
    page._shown_s = float("-inf")
    scene.tick(1)
    assert page._shown is not shown
    scene.window.places.go("Session")
    shown, page._shown_s = page._shown, float("-inf")
    scene.tick(3)
    assert page._shown is shown


def test_connect_is_at_hand_without_a_device(scene_of, qtbot):
    scene = scene_of("devices_none")
    assert "No device is connected" in texts(scene.window.devices)
    press(scene, qtbot, Qt.Key.Key_C, lambda: scene.window.findChildren(ConnectDialog))
    (dialog,) = scene.window.findChildren(ConnectDialog)
    dialog.reject()


# ------------------------------------------------------------------ a device is away
def lose(scene, name="IMU pelvis", **changes):
    held = scene.lab.host._sources[name]
    status = tuple(
        msgspec.structs.replace(it, state="recovering", last_sample_age_s=0.7)
        for it in held.status
    )
    wanted = {"state": "recovering", "message": GONE, "status": status} | changes
    scene.lab.host._sources[name] = msgspec.structs.replace(held, **wanted)
    scene.tick()


def regain(scene, name="IMU pelvis"):
    add(scene, [it for it in many() if it.spec.id == name])
    scene.tick()


@pytest.fixture
def lab(scene_of):
    """A session with one IMU beside the insoles; nothing is wrong."""
    scene = scene_of(names=())
    connected(scene)
    add(scene, many()[2:3])
    scene.tick()
    return scene


def test_the_question_closes_itself_when_the_data_return(lab):
    bar = lab.window.reconnect
    lab.page.notice.clear()
    assert not bar.isVisible()
    lose(lab)
    assert bar.isVisible()
    assert "IMU pelvis · no data for 0:00" in texts(bar)
    assert bar._text.full_text().endswith("Plug it in; it comes back by itself, in "
                                          "another socket, too.")  # fmt: skip
    assert "go on" not in bar._text.full_text()
    assert not bar.isModal()
    regain(lab)
    assert not bar.isVisible()
    assert "IMU pelvis sends again" in texts(lab.page.notice)


def test_try_again_asks_the_host_to_open_it_now(lab, qtbot):
    lose(lab)
    press(lab, qtbot, Qt.Key.Key_1, lambda: asked(lab, "add_source"))
    (spec,) = [params["spec"] for params in asked(lab, "add_source")]
    assert spec["id"] == "IMU pelvis"
    assert lab.window.reconnect.isVisible()  # until it is back


def test_go_on_without_asks_again_only_after_it_was_back(lab, qtbot):
    lose(lab)
    press(lab, qtbot, Qt.Key.Key_3, lambda: not lab.window.reconnect.isVisible())
    lab.tick()
    assert not lab.window.reconnect.isVisible()
    assert asked(lab, "remove_source") == []  # it may come back by itself
    regain(lab)
    lose(lab)
    assert lab.window.reconnect.isVisible()


def test_without_a_device_that_never_came_it_is_let_go(lab):
    lab.lab.host.fail("Receiver", "You may not open /dev/ttyUSB0.")
    lab.tick()
    assert "Receiver · cannot be opened" in texts(lab.window.reconnect)
    lab.window.reconnect.buttons[2].click()
    assert asked(lab, "remove_source") == [{"id": "Receiver"}]


def test_another_takes_its_place(lab, qtbot):
    lab.lab.host.found = {
        "serial": [], "profiles": [], "problems": [],
        "lsl": [{
            "name": "Spare IMU", "type": "IMU", "channels": 6, "rate_hz": 100.0,
            "source_id": "spare", "hostname": "lab", "usable": True,
        }],
    }  # fmt: skip
    lose(lab)
    press(lab, qtbot, Qt.Key.Key_2, lambda: lab.window.findChildren(ConnectDialog))
    (dialog,) = lab.window.findChildren(ConnectDialog)
    assert "Instead of IMU pelvis" in texts(dialog)
    lab.tick()
    dialog.connect_button.click()
    assert asked(lab, "remove_source") == [{"id": "IMU pelvis"}]
    (spec,) = [params["spec"] for params in asked(lab, "add_source")]
    assert spec["options"] == {"source_id": "spare"}
    lab.tick()
    assert not lab.window.reconnect.isVisible()


def test_several_are_asked_about_one_after_the_other(lab):
    add(lab, many()[:1])
    lab.tick()
    lose(lab)
    lose(lab, "Insole receiver")
    assert "and 1 more" in texts(lab.window.reconnect)
    first = lab.window.reconnect.source
    lab.window.reconnect.buttons[2].click()
    assert lab.window.reconnect.source not in ("", first)


def test_a_battery_that_will_not_last_is_told_once(lab):
    notice = lab.page.notice
    told = "IMU pelvis: its battery is at 12 %"
    assert told in texts(notice)
    notice.clear()
    lab.tick(3)
    assert not notice.isVisible()

    def charge(percent):
        (status,) = many()[2].status
        fresh = msgspec.structs.replace(status, battery_pct=percent)
        lose(lab, state="streaming", message="", status=(fresh,))

    charge(-1.0)  # away for a moment: that is no new battery
    charge(11.0)
    assert not notice.isVisible()
    charge(98.0)
    charge(19.0)
    assert "at 19 %" in texts(notice)


def test_a_short_silence_is_no_question(lab):
    def silent(for_s):
        status = tuple(
            msgspec.structs.replace(it, state="stalled", last_sample_age_s=for_s)
            for it in many()[2].status
        )
        lose(lab, state="streaming", message="", status=status)

    silent(0.8)
    assert not lab.window.reconnect.isVisible()
    silent(2.1)
    assert "IMU pelvis · no data for 0:02" in texts(lab.window.reconnect)


def test_a_host_that_is_started_again_is_no_loss_of_devices(lab):
    lose(lab, message="The recording program is being started again.")
    bar = lab.window.reconnect
    assert bar.source == ""
    assert "The recording program has ended" in texts(bar)
    assert not any(button.isVisible() for button in bar.buttons)


def test_a_trial_is_looked_at_in_peace(lab, trial):
    lose(lab)
    lab.model.open_trial(trial)
    lab.tick()
    assert not lab.window.reconnect.isVisible()
    lab.model.close_trial()
    lab.tick()
    assert lab.window.reconnect.isVisible()


def test_states_are_told_apart_by_shape_and_word_too():
    from ui.signs import lamp_of

    states = ("streaming", "stalled", "recovering", "failed", "closed")
    assert len({lamp_of(state)[0] for state in states}) == len(states)
    assert len({lamp_of(state)[1] for state in states}) == len(states)


def test_going_there_and_back_keeps_the_session(scene_of, qtbot):
    scene = scene_of("insoles")
    go(scene)
    assert scene.window.places.here == "Devices"
    scene.window.places.go("Session")
    assert scene.page.isVisible()
    assert not scene.window.devices.isVisible()
