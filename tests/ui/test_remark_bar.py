"""Notes, pain and effort in the window: one key, the time of its press, in the file."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from lablive.clock import now_s
from lablive.editing.edit_file import Edits
from lablive.messages import Marker
from lablive.protocol.remarks import remarks_of
from ui.session_model import State
from ui.time_line import TimeLine


@pytest.fixture
def scene(scene_of, qtbot):
    """A recording runs; the window has the keys."""
    made = scene_of("recording")
    made.window.activateWindow()
    qtbot.waitUntil(made.window.isActiveWindow)
    return made


def press(scene, key, modifier=Qt.KeyboardModifier.NoModifier):
    """Press a key; return the lab clock before and after."""
    before_s = now_s()
    qtest.keyClick(scene.window.windowHandle(), key, modifier)
    return before_s, now_s()


def stored(scene):
    """Return what the host was asked to write, as it stands in the file."""
    return [Marker(**p) for m, p in scene.lab.host.asked if m == "marker"]


def test_a_marker_is_stored_at_once_and_named_later(scene):
    before_s, after_s = press(scene, Qt.Key.Key_M)
    (mark,) = stored(scene)
    assert (mark.kind, mark.text) == ("marker", "marker")
    assert before_s <= mark.t_s <= after_s
    press(scene, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    bar = scene.page.remarks
    assert bar.isVisible()
    qtest.keyClicks(bar.field, "stumbled")
    qtest.keyClick(bar.field, Qt.Key.Key_Return)
    assert not bar.isVisible()
    edit = stored(scene)[1]
    assert edit == Marker(mark.t_s, "stumbled", "edit")
    (remark,), _ = remarks_of(stored(scene))
    assert (remark.words, remark.first_text) == ("marker: stumbled", "marker")


def test_a_note_has_the_time_of_its_key_not_of_its_end(scene):
    before_s, after_s = press(scene, Qt.Key.Key_T)
    bar = scene.page.remarks
    assert bar.field.hasFocus()
    qtest.keyClicks(bar.field, "Sm 3 left")  # keys of actions are letters here
    assert stored(scene) == []
    assert scene.model.state is State.RECORDING
    qtest.keyClick(bar.field, Qt.Key.Key_Return)
    (note,) = stored(scene)
    assert (note.kind, note.text) == ("note", "Sm 3 left")
    assert before_s <= note.t_s <= after_s
    assert scene.page.hasFocus()


@pytest.mark.parametrize(
    ("key", "kind"), [(Qt.Key.Key_P, "pain"), (Qt.Key.Key_O, "effort")]
)
@pytest.mark.parametrize(
    ("digit", "value"),
    [(Qt.Key.Key_0, 0), (Qt.Key.Key_3, 3), (Qt.Key.Key_X, 10)],
)
def test_pain_and_effort_are_one_key_and_a_digit(scene, key, kind, digit, value):
    before_s, after_s = press(scene, key)
    press(scene, digit)
    (mark,) = stored(scene)
    assert (mark.kind, mark.text) == (kind, str(value))
    assert before_s <= mark.t_s <= after_s
    assert not scene.page.remarks.isVisible()


def test_digits_are_pains_also_while_a_device_is_away(scene):
    scene.window.reconnect.show()
    press(scene, Qt.Key.Key_P)
    press(scene, Qt.Key.Key_2)
    assert [(it.kind, it.text) for it in stored(scene)] == [("pain", "2")]


def test_a_number_is_pressed_and_a_pain_is_mended(scene):
    press(scene, Qt.Key.Key_P)
    scene.page.remarks.scale.buttons[7].click()
    scene.page.remarks.name_last()
    assert scene.page.remarks.field.text() == "7"
    qtest.keyClick(scene.page.remarks.field, Qt.Key.Key_6)
    qtest.keyClick(scene.page.remarks.field, Qt.Key.Key_Return)
    (remark,), _ = remarks_of(stored(scene))
    assert (remark.value, remark.first_text) == (6, "7")


@pytest.mark.parametrize("key", [Qt.Key.Key_T, Qt.Key.Key_P])
def test_esc_notes_nothing_and_other_keys_still_do_what_they_do(scene, key):
    press(scene, key)
    press(scene, Qt.Key.Key_Escape)
    assert stored(scene) == []
    assert not scene.page.remarks.isVisible()
    press(scene, Qt.Key.Key_P)
    press(scene, Qt.Key.Key_S)  # stop
    assert scene.lab.host.recording is None
    assert not scene.page.remarks.isVisible()


def test_a_quick_text_is_one_key(scene):
    press(scene, Qt.Key.Key_T)
    button = scene.page.remarks.quick[1]
    assert button.key == "Alt+2"
    button.click()
    assert [it.text for it in stored(scene)] == ["speed changed"]


def test_a_note_that_is_typed_is_kept_when_the_trial_is_stopped(scene):
    press(scene, Qt.Key.Key_T)
    qtest.keyClicks(scene.page.remarks.field, "half a wo")
    scene.page.action_bar.stop_button.click()
    asked = [method for method, _ in scene.lab.host.asked]
    assert [it.text for it in stored(scene)] == ["half a wo"]
    assert asked.index("marker") < asked.index("stop_recording")


def test_wrong_quick_texts_are_told_and_the_shipped_ones_stay(scene):
    (scene.model.library / "notes.toml").write_text("schema = 3\ntexts = []\n")
    press(scene, Qt.Key.Key_T)
    assert "schema 3" in scene.page.notice._text.text()
    assert len(scene.page.remarks.quick) == 8


def test_nothing_to_name_is_said(scene):
    press(scene, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert "set a marker first" in scene.page.notice._text.text()
    assert not scene.page.remarks.isVisible()


def test_remarks_are_possible_on_every_page_of_a_recording(scene):
    scene.window.places.go("Devices")
    press(scene, Qt.Key.Key_P)
    press(scene, Qt.Key.Key_4)
    assert [(it.kind, it.text) for it in stored(scene)] == [("pain", "4")]


def test_the_time_line_says_what_is_under_the_pointer(themed, shown):
    markers = [
        Marker(110.0, "marker"), Marker(110.0, "stumbled", "edit"),
        Marker(120.0, "3", "pain"), Marker(150.0, "baseline begin", "block"),
    ]  # fmt: skip
    trial = SimpleNamespace(
        markers=markers, losses=[], t0_s=100.0, t1_s=200.0, duration_s=100.0
    )
    replay = SimpleNamespace(
        trial=trial, edits=Edits(), overview=None, overview_of=lambda *_: None,
        range_s=None,
    )  # fmt: skip
    line = shown(TimeLine(), 1000, 36)
    line.show_trial(replay)
    assert line.marks_near(100) == ["0:10 marker: stumbled"]
    assert line.marks_near(203) == ["0:20 pain 3"]
    assert line.marks_near(500) == ["0:50 block: baseline begin"]
    assert line.marks_near(800) == []
    assert line._values == [(120.0, "3")]
    assert not line.grab().isNull()
