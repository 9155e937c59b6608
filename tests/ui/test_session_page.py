"""The session page as a clinician meets it, in a real window on a fake lab."""

from __future__ import annotations

import msgspec
import pytest
from fake_host import INSOLES
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QToolButton
from shiboken6 import isValid

from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.montage import parse_montage
from ui import theme
from ui.connect_dialog import ConnectDialog
from ui.session_model import State
from ui.simulated_lab import SimulatedLab
from ui.widgets import KeyButton


def texts(widget):
    """Return everything that is written in labels."""
    labels = widget.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def activate(qtbot, scene):
    """Give the window the keyboard."""
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)


def primary(scene):
    """Return the words of the filled buttons: there must be one."""
    return [
        button.text()
        for button in scene.page.action_bar.findChildren(KeyButton)
        if button.isVisible() and button.property("kind") == "primary"
    ]


def words(scene):
    return scene.page.top.gates.words()


# -- first start ------------------------------------------------------------------


def test_an_empty_page_says_what_to_do_first(scene_of):
    scene = scene_of()
    assert scene.model.state is State.IDLE
    assert primary(scene) == ["Connect devices"]
    said = texts(scene.page.start)
    assert all(step in said for step in ("Connect", "Zero", "Weigh", "Run"))
    assert not scene.page.force.isVisible()
    assert "waiting for the left insole" in (
        scene.page.feet._view.accessibleDescription()
    )


def test_focus_is_not_on_a_button_that_space_would_press(scene_of, qtbot):
    scene = scene_of()
    activate(qtbot, scene)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert not isinstance(focus, QToolButton | KeyButton | QLineEdit)
    before = theme.tokens().name
    qtbot.keyClick(focus, Qt.Key.Key_Space)
    assert theme.tokens().name == before


def test_simulated_runner_button_starts_it_once(scene_of, monkeypatch, qtbot):
    started = []
    monkeypatch.setattr(SimulatedLab, "start", lambda _self, wires: started.append(1))
    scene = scene_of()
    scene.page.start.simulate_button.click()
    assert started == [1]
    assert "simulated runner is starting" in texts(scene.page.notice)


# -- the connect dialog -----------------------------------------------------------


def dialog_of(scene):
    scene.page.action_bar.connect_button.click()
    scene.tick()
    (dialog,) = scene.window.findChildren(ConnectDialog)
    return dialog


LSL = {
    "name": "Sole", "type": "Pressure", "channels": 16, "rate_hz": 100.0,
    "source_id": "s1", "hostname": "lab", "usable": True,
}  # fmt: skip
PORT = {
    "path": "/dev/ttyACM0", "identity": "0483:5740:35", "description": "Receiver",
    "profiles": ["sim_insoles"], "problem": "",
}  # fmt: skip


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


# -- the path ---------------------------------------------------------------------


def test_the_path_goes_from_connect_over_zero_and_weigh_to_run(scene_of):
    scene = scene_of(names=INSOLES)
    assert words(scene) == ["Connect", "Zero", "Weigh", "Run"]
    scene.lab.connect()
    scene.tick()
    assert primary(scene) == ["Zero"]
    scene.page.top.set_mass(70.0)
    scene.play(0.5)
    scene.model.zero()
    scene.play(1.5)
    assert "zero: 50%" in scene.page.notice.accessibleName()
    scene.play(3.5)
    assert primary(scene) == ["Weigh"]
    assert "press Weigh" in texts(scene.page.notice)
    scene.play(4.5)
    scene.model.weigh()
    scene.play(11.5)
    assert scene.model.live.calibration is not None
    assert primary(scene) == ["Record"]
    assert "weighed 70 kg" in words(scene)
    assert "body weights" in scene.page.force._subtitle.full_text()


def test_weighing_without_a_body_mass_asks_for_it(scene_of, qtbot):
    scene = scene_of(names=INSOLES)
    activate(qtbot, scene)
    scene.lab.connect()
    scene.tick()
    scene.page.action_bar.weigh_button.click()
    assert "body mass is missing" in texts(scene.page.notice)
    assert QApplication.focusWidget() is scene.page.top._mass
    assert scene.model.weighing is None


def test_another_person_takes_over_neither_mass_nor_calibration(scene_of):
    scene = scene_of("insoles")
    scene.page.top._code.setText("LB-0002")
    scene.page.top._code.editingFinished.emit()
    scene.tick()
    assert scene.model.mass_kg is None
    assert scene.model.live.calibration is None
    assert words(scene)[2] == "Weigh"
    scene.page.top._code.setText("Jane Doe")
    scene.page.top._code.editingFinished.emit()
    assert scene.model.code == scene.page.top._code.text() == "LB-0002"
    assert "Use 1 to 40 letters" in texts(scene.page.notice)


def test_a_corrected_mass_counts_at_once(scene_of):
    scene = scene_of("insoles")
    before = scene.model.live.calibration.left.gain
    scene.page.top._mass.setText("77")
    scene.page.top._mass.editingFinished.emit()
    assert "weighed 77 kg" in words(scene)
    after = scene.model.live.calibration.left.gain
    assert after == pytest.approx(before * 1.1)


@pytest.mark.parametrize("typed", ["70,5", "70.5", "70.5."])
def test_a_mass_may_be_typed_with_comma_or_point(scene_of, qtbot, typed):
    scene = scene_of(names=INSOLES)
    qtbot.keyClicks(scene.page.top._mass, typed)
    qtbot.keyClick(scene.page.top._mass, Qt.Key.Key_Return)
    assert scene.model.mass_kg == 70.5
    assert scene.page.top._mass.text() == "70.5"


def test_a_mass_nobody_has_is_told_and_not_taken(scene_of, qtbot):
    scene = scene_of(names=INSOLES)
    scene.page.top.set_mass(70.0)
    for typed in ("7", "700", "0"):
        scene.page.top._mass.clear()
        qtbot.keyClicks(scene.page.top._mass, typed)
        qtbot.keyClick(scene.page.top._mass, Qt.Key.Key_Return)
        assert f"{typed} kg is not plausible" in texts(scene.page.notice)
        assert scene.model.mass_kg == 70.0
        assert scene.page.top._mass.text() == "70"


# -- live -------------------------------------------------------------------------


def test_both_feet_are_seen_with_side_unit_and_scale(scene_of):
    scene = scene_of("insoles")
    view = scene.page.feet._view
    assert view.accessibleDescription() == "left: live; right: live"
    assert scene.page.feet.loaded("left")
    assert not scene.page.feet.loaded("right")
    assert scene.page.feet._subtitle.full_text() == "kPa"
    cadence = scene.page.tiles.tiles["cadence_spm"]
    assert cadence.value_shown() == "162"
    assert "L 162 · R 162" in cadence.accessibleDescription()


def test_fourteen_streams_need_no_scrolling(scene_of):
    scene = scene_of("all")
    scene.page.notice.clear()
    QApplication.processEvents()
    assert scene.page.streams._subtitle.full_text() == "14 of 14 streaming"
    assert scene.page.streams._area.verticalScrollBar().maximum() == 0
    assert scene.page.tiles.findChildren(QLabel)


def test_recording_shows_time_size_streams_and_gaps(scene_of):
    scene = scene_of("recording")
    assert scene.model.state is State.RECORDING
    top = scene.page.top
    said = [
        top._elapsed.word(),
        top._size.text(),
        top._streams.text(),
        top._gaps.text(),
    ]
    assert said == ["12:34", "214 MB", "14/14 streams", "0 gaps"]
    held = scene.lab.host.recording
    scene.lab.host.recording = msgspec.structs.replace(
        held, elapsed_s=755.2, bytes=held.bytes + 1_000_000
    )
    scene.tick()
    assert (top._elapsed.word(), top._size.text()) == ("12:35", "215 MB")
    assert primary(scene) == ["Marker"]
    assert not top._mass.isEnabled()


def test_space_marks_once_at_the_press_even_when_held(scene_of, qtbot):
    scene = scene_of("recording")
    activate(qtbot, scene)

    def marks():
        return [p for method, p in scene.lab.host.asked if method == "marker"]

    window = scene.window.windowHandle()
    qtest.keyPress(window, Qt.Key.Key_Space)
    assert len(marks()) == 1  # not only when the button pops up again
    for _ in range(5):  # a key that is held down
        QApplication.sendEvent(
            window,
            QKeyEvent(
                QKeyEvent.Type.KeyPress, Qt.Key.Key_Space,
                Qt.KeyboardModifier.NoModifier, " ", True,
            ),
        )  # fmt: skip
    qtest.keyRelease(window, Qt.Key.Key_Space)
    button = scene.page.action_bar.marker_button
    qtbot.waitUntil(lambda: not button.isDown())
    assert len(marks()) == 1


def answer_box(button_text, said):
    """Press a button of the message box that comes up."""

    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        said.append(box.text())
        (button,) = [b for b in box.buttons() if b.text() == button_text]
        button.click()

    QTimer.singleShot(0, press)


def test_the_window_is_not_closed_by_accident_while_recording(scene_of):
    scene = scene_of("recording")
    said = []
    answer_box("Go back", said)
    scene.window.close()
    assert said == ["A recording is running."]
    assert scene.window.isVisible()
    answer_box("Close window", said)
    scene.window.close()
    assert not scene.window.isVisible()
    assert ("stop_recording", {}) not in scene.lab.host.asked


def test_light_and_dark_change_everything_and_the_icon(scene_of, qtbot):
    scene = scene_of("insoles")
    light = scene.window.grab().toImage()
    qtbot.mouseClick(scene.page.top._theme, Qt.MouseButton.LeftButton)
    assert theme.tokens().name == "dark"
    dark = scene.window.grab().toImage()
    for at in ((700, 20), (80, 400), (200, 120), (1200, 400)):  # bar, ground, cards
        assert dark.pixelColor(*at).lightness() < 60 < 200
        assert light.pixelColor(*at).lightness() > 200
    scene.window.change_theme()
    assert scene.window.grab().toImage() == light


# -- trouble ----------------------------------------------------------------------


def test_silent_insoles_are_named_counted_and_drawn_without_colour(scene_of):
    scene = scene_of("stalled")
    assert "no data: left_sole, right_sole" in scene.page.streams._subtitle.full_text()
    assert scene.page.top._streams.text() == "12/14 streams"
    assert scene.page.top._gaps.text() == "2 gaps"
    force = scene.page.force  # silent for 3.4 s: the curve has left the right edge
    assert force._end_s == pytest.approx(max(force._newest_s.values()) + 3.4)
    assert force._chart._end_s == force._end_s
    view = scene.page.feet._view
    assert "left: no sample for 3 s" in view.accessibleDescription()
    row = next(iter(scene.page.streams._rows.values()))
    assert "no data" in row.accessibleName()
    assert "at least 1240 lost" in row.accessibleName()


def test_a_device_that_fails_is_told_once_in_full_and_again_when_it_is_back(scene_of):
    scene = scene_of("failed")
    assert texts(scene.page.notice).count("You may not open /dev/ttyUSB0") == 1
    assert "sudo usermod" in texts(scene.page.streams)
    scene.page.notice.clear()
    scene.tick()
    assert not scene.page.notice.isVisible()
    held = scene.lab.host._sources
    name = next(iter(held.keys() - {"insoles"}))
    held[name] = msgspec.structs.replace(held[name], state="streaming", message="")
    scene.tick()
    assert f"{name} sends again" in texts(scene.page.notice)


def test_good_news_never_push_a_trouble_away(scene_of):
    scene = scene_of()
    notice = scene.page.notice
    scene.model.trouble.emit("The first.")
    scene.model.news.emit("fine", "Something good.")
    scene.model.trouble.emit("The second.")
    scene.model.trouble.emit("The second.")
    assert texts(notice).endswith("The first.\nThe second.")
    (close,) = notice.findChildren(QToolButton)
    close.click()
    assert not notice.isVisible()


@pytest.mark.parametrize("content", [b"", b"no recording", b"XDF:" + b"\0" * 40])
def test_a_foreign_file_is_told_and_the_page_stays(scene_of, tmp_path, content):
    path = tmp_path / "strange.xdf"
    path.write_bytes(content)
    scene = scene_of("insoles")
    scene.page.notice.clear()
    scene.model.open_trial(path)
    scene.tick()
    assert "strange.xdf" in texts(scene.page.notice)
    assert "Traceback" not in texts(scene.page.notice)
    assert scene.model.state is State.CONNECTED


def test_a_fault_of_the_view_is_told_and_the_next_tick_comes(scene_of, monkeypatch):
    scene = scene_of("insoles")
    scene.page.notice.clear()

    def broken(_snapshot):
        raise ValueError("broken on purpose")

    monkeypatch.setattr(scene.page.tiles, "show_snapshot", broken)
    before = scene.window.poller.ticks
    scene.tick(2)
    assert scene.window.poller.ticks == before + 2
    assert texts(scene.page.notice).count("broken on purpose") == 1


def test_two_streams_with_one_role_are_told_and_recorded(scene_of):
    scene = scene_of("insoles")
    scene.page.notice.clear()
    twin = msgspec.structs.replace(scene.lab.infos[0], id=77, source_id="twin")
    scene.lab.host.add(twin, "another insole")
    scene.tick()
    assert "Two streams bring the same signal" in texts(scene.page.notice)
    assert "Disconnect one of them" in texts(scene.page.notice)
    assert scene.page.streams._subtitle.full_text().startswith("3 of 3")
    assert scene.model.state is State.CONNECTED


def test_a_device_that_no_montage_knows_is_told_and_recorded(scene_of):
    scene = scene_of()
    info = StreamInfo(5, "Thing", "Misc", 10.0, (ChannelInfo("ch1"),))
    scene.lab.host.add(info, "thing")
    scene.tick()
    assert "Nothing of Thing can be shown" in texts(scene.page.notice)
    assert "lablive --montage" in texts(scene.page.notice)
    assert primary(scene) == ["Record"]


def test_a_montage_that_fits_two_streams_is_told(scene_of):
    montage = parse_montage(
        'schema = 1\n[[stream]]\nmatch = { type = "Pressure" }\n[[stream.channel]]\n'
        'index = "0:16"\nrole = "insole_left.pressure"\nunit = "kPa"\n'
        'layout = "sim_16"\n',
        "room.toml",
    )
    scene = scene_of(names=INSOLES, montage=montage)
    scene.lab.connect()
    scene.tick()
    assert "2 streams fit" in texts(scene.page.notice)
    assert scene.page.streams._subtitle.full_text() == "2 of 2 streaming"


def test_a_plate_under_both_feet_is_named_and_its_contacts_have_no_side(scene_of):
    scene = scene_of("plate")
    assert scene.page.force._subtitle.full_text() == "newtons, treadmill, both feet"
    assert not scene.page.feet.isVisible()
    assert scene.page.tiles.tiles["peak_force_bw"].name == "Peak force, treadmill"
    marks = scene.page.force._chart.marks
    assert {mark.side for mark in marks} == {"unknown"}
    before = scene.page.force.grab().toImage()
    scene.page.force._chart.set_marks([])
    assert scene.page.force.grab().toImage() != before  # they were painted
