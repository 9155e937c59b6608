"""The session page as a clinician meets it, in a real window on a fake lab."""

from __future__ import annotations

import msgspec
import pytest
from fake_host import INSOLES
from on_page import primary, texts
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QMessageBox, QToolButton

from ui import theme
from ui.session_model import State
from ui.simulated_lab import SimulatedLab
from ui.widgets import KeyButton


def activate(qtbot, scene):
    """Give the window the keyboard."""
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)


def words(scene):
    return scene.page.top.gates.words()


# -- first start ------------------------------------------------------------------


def test_an_empty_page_says_what_to_do_first(scene_of):
    scene = scene_of()
    assert scene.model.state is State.IDLE
    assert primary(scene) == ["Connect devices"]
    said = texts(scene.page.start)
    assert all(step in said for step in ("Connect", "Gates", "Run", "Review"))
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


# -- the path ---------------------------------------------------------------------


def test_the_path_goes_from_connect_over_zero_and_weigh_to_run(scene_of):
    scene = scene_of(names=INSOLES)
    assert words(scene)[:3] == ["Connect", "Zero", "Weigh"]
    scene.lab.connect()
    scene.tick()
    assert words(scene) == ["Connect", "Zero", "Weigh", "Run", "Review"]
    assert primary(scene) == ["Begin zero"]
    scene.page.top.set_mass(70.0)
    scene.play(0.5)
    scene.page.action_bar.next_button.click()
    scene.play(3.0)
    assert "it counts now" in texts(scene.page.gate)
    assert primary(scene) == []
    scene.play(5.5)
    assert primary(scene) == ["Begin weigh"]
    scene.play(6.5)
    scene.page.action_bar.next_button.click()
    scene.play(15.0)
    assert scene.model.live.calibration is not None
    assert primary(scene) == ["Record"]
    assert "weighed 70 kg" in words(scene)
    assert "body weights" in scene.page.force._subtitle.full_text()


def test_weighing_without_a_body_mass_asks_for_it(scene_of, qtbot):
    scene = scene_of(names=INSOLES)
    activate(qtbot, scene)
    scene.lab.connect()
    scene.tick()
    scene.page.action_bar.skip_button.click()
    assert "Zero skipped" in texts(scene.page.notice)
    scene.page.action_bar.next_button.click()
    assert "body mass is missing" in texts(scene.page.notice)
    assert QApplication.focusWidget() is scene.page.top._mass
    assert scene.model.gates.doing is None


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
    assert theme.tokens().name == "contrast"
    assert scene.window.grab().toImage() not in (light, dark)
    scene.window.change_theme()
    assert scene.window.grab().toImage() == light


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
