"""Two keys, pedals and remotes: short, long, bounces, and a whole session."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication

from lablive.clock import now_s
from lablive.protocol.auto_run import AutoRule
from ui import two_keys
from ui.connect_dialog import ConnectDialog
from ui.session_model import State

FIRST, SECOND = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp
START, MARK = Qt.Key.Key_F5, Qt.Key.Key_Period


class Pedal:
    """Presses keys in a window; time between presses passes when the test says so."""

    def __init__(self, scene, hands):
        self.scene, self.hands = scene, hands
        self.keys = scene.window.two_keys

    def down(self, key=FIRST):
        qtest.keyPress(self.window, key)

    def up(self, key=FIRST):
        qtest.keyRelease(self.window, key)

    @property
    def window(self):
        shown = QApplication.activeModalWidget() or self.scene.window
        return shown.windowHandle()

    def short(self, key=FIRST, later_s=1.0):
        self.hands[0] += later_s
        self.down(key)
        self.up(key)
        self.scene.tick()

    def long(self, key=FIRST):
        self.hands[0] += 1.0
        self.down(key)
        assert self.keys._hold.isActive()
        assert self.keys._hold.interval() == two_keys.LONG_MS
        self.keys._hold.stop()
        self.keys._hold.timeout.emit()
        self.up(key)
        self.scene.tick()

    def held_repeat(self, key):
        """What a keyboard sends while a key is held down."""
        widget = QApplication.focusWidget() or self.scene.window
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            modifiers = Qt.KeyboardModifier.NoModifier
            QApplication.sendEvent(widget, QKeyEvent(kind, key, modifiers, "", True))

    def markers(self):
        return [p for m, p in self.scene.lab.host.asked if m == "marker"]

    def line(self):
        self.scene.window._show_two_keys(now=True)
        return self.scene.window.two_keys_line.words.full_text()


@pytest.fixture
def pedal_of(scene_of, gates_of, qtbot, monkeypatch):
    """Return a pedal of a window in a state, and its own clock."""
    hands = [now_s()]
    monkeypatch.setattr(two_keys, "now_s", lambda: hands[0])

    def build(name, make=scene_of, **how):
        scene = make(name, **how)
        scene.window.activateWindow()
        qtbot.waitUntil(scene.window.isActiveWindow)
        return Pedal(scene, hands)

    return build


def test_a_short_press_is_a_marker_at_the_time_of_key_down(pedal_of):
    pedal = pedal_of("recording")
    pedal.hands[0] += 5.0
    at_s = pedal.hands[0]
    pedal.down()
    assert pedal.markers() == []  # it may become a long one
    pedal.hands[0] += 0.4
    pedal.up()
    assert [it["t_s"] for it in pedal.markers()] == [at_s]
    assert "PgDown: Marker, hold: Stop" in pedal.line()


def test_a_pedal_that_bounces_is_one_press(pedal_of):
    pedal = pedal_of("recording")
    for later_s in (1.0, 0.05, 0.08, 0.14, 0.2):
        pedal.short(later_s=later_s)
    assert len(pedal.markers()) == 2


def test_a_key_held_down_is_one_long_press(pedal_of):
    pedal = pedal_of("recording")
    pedal.hands[0] += 1.0
    pedal.down()
    for _ in range(5):
        pedal.hands[0] += 1.0
        pedal.held_repeat(FIRST)
    pedal.keys._hold.timeout.emit()
    pedal.up()
    assert pedal.markers() == []
    assert pedal.scene.lab.host.recording is None  # stopped


@pytest.mark.parametrize("key", [SECOND, MARK])
def test_the_other_keys_of_a_remote_are_markers_while_recording(pedal_of, key):
    pedal = pedal_of("recording")
    pedal.short(key)
    assert len(pedal.markers()) == 1


def test_the_start_key_stops_at_its_second_press(pedal_of):
    pedal = pedal_of("recording")
    pedal.short(START)
    assert pedal.scene.model.state is State.RECORDING
    assert "Press again" in pedal.scene.page.notice._text.text()
    pedal.short(START, later_s=10.0)  # too late: asked anew
    assert pedal.scene.lab.host.recording is not None
    pedal.short(START)
    assert pedal.scene.lab.host.recording is None


def test_typing_in_a_field_is_typing_but_pages_are_presses(pedal_of):
    pedal = pedal_of("recording")
    field = pedal.scene.page.remarks.field
    pedal.scene.page.remarks.note(1.0)
    qtest.keyClick(pedal.window, MARK)
    assert field.text() == "."
    pedal.short()
    assert [it["kind"] for it in pedal.markers()] == ["marker"]


def test_keys_are_their_own_elsewhere_until_they_are_turned_on(pedal_of):
    pedal = pedal_of("connected")
    pedal.scene.window.places.go("People")
    pedal.short()
    assert not pedal.keys.is_on
    qtest.keyClick(pedal.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert pedal.keys.is_on
    assert "Next person" in pedal.line()
    assert pedal.scene.window.two_keys_line.isVisible()
    pedal.long(SECOND)
    assert pedal.scene.window.places.here == "Session"
    qtest.keyClick(pedal.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    assert not pedal.scene.window.two_keys_line.isVisible()


def test_a_modifier_makes_another_key(pedal_of):
    pedal = pedal_of("recording")
    qtest.keyClick(pedal.window, FIRST, Qt.KeyboardModifier.ControlModifier)
    assert pedal.markers() == []


def test_only_a_count_down_is_cancelled_by_a_press(pedal_of):
    pedal = pedal_of("recording")
    auto = pedal.scene.window.auto
    pedal.keys.turn(on=True)
    auto.choose(AutoRule(stop_after_reps=9000))
    assert auto.run.state == "running"
    assert "PgUp: Marker" in pedal.line()
    auto.run.state = "stopping"
    assert "PgUp: Go on by hand" in pedal.line()
    pedal.short(SECOND)
    assert auto.run.state == "off"


def test_a_press_ends_when_its_window_goes(pedal_of):
    pedal = pedal_of("recording")
    pedal.hands[0] += 1.0
    pedal.down()
    QApplication.instance().focusWindowChanged.emit(None)
    assert not pedal.keys._hold.isActive()
    assert len(pedal.markers()) == 1
    pedal.up()
    assert len(pedal.markers()) == 1


def test_two_keys_go_through_a_dialog(pedal_of):
    pedal = pedal_of("empty")
    pedal.short()  # Connect devices
    (dialog,) = pedal.scene.window.findChildren(ConnectDialog)
    seen = set()
    for _ in range(8):
        pedal.short(SECOND)
        seen.add(dialog.focusWidget().text())
    assert "Close" in seen
    assert len(seen) > 2
    pedal.long(SECOND)
    assert QApplication.activeModalWidget() is None
    assert pedal.scene.window.places.here == "Session"


def test_replay_is_gone_through_with_the_same_keys(pedal_of):
    pedal = pedal_of("all")
    pedal.keys.turn(on=True)
    pedal.scene.page.replay_bar.show()  # as with a trial on screen
    found = two_keys.choices(pedal.scene.window)
    assert found["first short"].words == "Next marker"
    assert found["second short"].words == "Marker before"
    pedal.scene.page.replay_bar.hide()
    assert two_keys.choices(pedal.scene.window)["first short"].words == "Record"


def test_a_whole_session_with_two_keys(pedal_of, gates_of):
    """Gates, run, markers, stop, save and next: short and long presses only."""
    from gate_states import GateScene

    def plain(_name, **_how):
        return gates_of()

    pedal = pedal_of("", make=plain)
    scene = pedal.scene
    assert isinstance(scene, GateScene)
    scene.connect()
    gates, kinds = scene.gates, []
    while gates.now.gate.kind != "run":
        kinds.append(gates.now.gate.kind)
        words = scene.page.action_bar.next_button.text()
        assert f"PgDown: {words}" in pedal.line() or not pedal.keys.is_on
        pedal.short()
        scene.through()
    assert kinds[:2] == ["zero", "weigh"]
    assert scene.model.live.calibration is not None
    pedal.long()  # record
    assert scene.model.state is State.RECORDING
    scene.order("run")
    scene.play(scene.lab.told_s + 9.0)
    at_s = pedal.hands[0] + 1.0
    pedal.short()  # marker
    assert [it["t_s"] for it in pedal.markers()] == [at_s]
    path = scene.model.live.recording.path
    scene.model._work = lambda *_, **__: None  # the file is made up here
    path.write_bytes(b"XDF:")
    pedal.long()  # stop
    for _ in range(8):
        scene.tick()
    assert scene.model.live.recording is None
    assert gates.now.gate.kind == "review"
    assert "Save and next" in pedal.line()
    pedal.short()  # who is next
    assert scene.window.places.here == "People"
    pedal.long(SECOND)  # the same person again
    assert scene.window.places.here == "Session"
    pedal.short(SECOND)
    assert gates.now.gate.kind == "run"
