"""Every control has a key or a name; the palette finds, does, and says why not."""

from __future__ import annotations

import pytest
from on_page import keys_twice
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QWidget,
)

from ui.action_table import ACTIONS
from ui.actions import Action, actions_in
from ui.key_list import KeyList
from ui.palette import Palette, entries
from ui.session_model import State
from ui.widgets import KeyButton

CLICKABLE = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox)
SESSION = ["empty", "connected", "all", "recording", "stalled", "failed", "losses"]


def nameless(window):
    """Return controls that can be seen and have no name a screen reader could say."""
    return [
        f"{type(it).__name__} {it.objectName()} {it.toolTip()}"
        for it in window.findChildren(QWidget)
        if isinstance(it, CLICKABLE)
        and it.isVisible()
        and not (it.accessibleName() or inside(it))
    ]


def inside(widget):
    """Tell whether a control is a part of another one, which has the name."""
    parent = widget.parentWidget()
    return isinstance(parent, QComboBox | QAbstractSpinBox | QLineEdit)


def keyless(window):
    """Return buttons with a key on them that no action presses."""
    return [
        it.text()
        for it in window.findChildren(KeyButton)
        if it.isVisible()
        and it.key not in ("", "Enter", "Esc")
        and not (it.actions() or it.shortcut().count())
    ]


def checked(scene, place):
    """Look at one place of a window."""
    scene.window.places.go(place)
    scene.tick()
    assert nameless(scene.window) == []
    assert keyless(scene.window) == []
    assert keys_twice(scene.window) == []


@pytest.mark.parametrize("name", SESSION)
def test_every_control_of_every_page_in_every_state(scene_of, name):
    scene = scene_of(name)
    for place in ("Session", "Devices", "People", "Results"):
        checked(scene, place)


@pytest.mark.parametrize("name", ["offered", "emg_amber", "review", "blocks"])
def test_every_control_at_a_gate(gates_of, name):
    scene = gates_of(name)
    for place in ("Session", "Devices", "People", "Results"):
        checked(scene, place)


@pytest.mark.parametrize("name", ["chosen", "damaged"])
def test_every_control_of_the_people_page(people_of, name):
    checked(people_of(name), "People")


def test_the_look_finds_what_has_no_name(scene_of):
    scene = scene_of("empty")
    bare = QLineEdit(scene.page)
    bare.show()
    KeyButton("Try", "F9", parent=scene.page).show()
    assert len(nameless(scene.window)) == 1
    assert keyless(scene.window) == ["Try"]


DIALOGS = {"feedback", "microphone"}
# what only a PDF has, and keys that are no actions themselves
ELSEWHERE = {"open_made", "first_key", "second_key", "start_key", "marker_key"}


def test_every_action_of_the_table_is_there(scene_of):
    scene = scene_of("connected")
    for place in ("People", "Results", "Devices", "Session"):
        scene.window.places.go(place)
    scene.window.run_parts.turn_drills()
    in_pages = {it.id for it in ACTIONS.values() if not set(it.where) <= DIALOGS}
    assert set(actions_in(scene.window)) == in_pages - ELSEWHERE


def opened(scene, kind):
    """Open a dialog by its key."""
    keys = {Palette: (Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier),
            KeyList: (Qt.Key.Key_Question, Qt.KeyboardModifier.NoModifier)}  # fmt: skip
    qtest.keyClick(scene.window.windowHandle(), *keys[kind])
    (made,) = scene.window.findChildren(kind)
    return made


@pytest.fixture
def ready(scene_of, qtbot):
    """Return a scene in a state, its window active."""

    def build(name):
        scene = scene_of(name)
        scene.window.activateWindow()
        qtbot.waitUntil(scene.window.isActiveWindow)
        return scene

    return build


def test_the_palette_does_what_was_typed(ready):
    scene = ready("all")
    palette = opened(scene, Palette)
    qtest.keyClicks(palette.field, "start trial")
    assert palette.chosen.name == "record"
    assert palette.chosen.key == "R"
    qtest.keyClick(palette.field, Qt.Key.Key_Return)
    assert not palette.isVisible()
    scene.tick()
    assert scene.model.state is State.RECORDING


def test_the_palette_says_why_not(ready):
    scene = ready("empty")
    palette = opened(scene, Palette)
    qtest.keyClicks(palette.field, "record")
    assert "nothing is connected" in palette.chosen.why_not
    qtest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert "Record: not now" in palette._told.text()
    assert scene.model.state is State.IDLE
    palette.reject()


def test_arrows_move_and_nothing_found_is_said(ready):
    palette = opened(ready("all"), Palette)
    first = palette.chosen.name
    qtest.keyClick(palette.field, Qt.Key.Key_Down)
    assert palette.chosen.name != first
    qtest.keyClick(palette.field, Qt.Key.Key_Up)
    qtest.keyClick(palette.field, Qt.Key.Key_Up)
    assert palette.chosen.name == first
    qtest.keyClicks(palette.field, "zzz")
    assert palette.chosen is None
    assert palette._told.text() == "Nothing of that name."
    qtest.keyClick(palette.field, Qt.Key.Key_Return)
    palette.reject()


def test_a_button_that_says_more_is_found_by_what_it_says(gates_of):
    scene = gates_of("offered")
    found = {it.name: it for it in entries(actions_in(scene.window), "")}
    assert found["next"].title == scene.page.action_bar.next_button.text()
    assert found["next"].title.startswith("Begin ")


def test_the_list_of_keys_holds_every_key(ready):
    shown = opened(ready("empty"), KeyList)
    text = shown.text.toPlainText()
    for spec in ACTIONS.values():
        assert spec.about in text, spec.id
    shown.reject()


def test_an_action_is_possible_while_its_owner_is_seen(scene_of):
    scene = scene_of("connected")
    done = []
    owner = KeyButton("Try", "", parent=scene.page)
    action = Action("marker", lambda: done.append(action.at_s), owner)
    action.act(12.5)
    assert done == []
    owner.show()
    action.act(12.5)
    assert done == [12.5]
    assert all(isinstance(it, QDialog) is False for it in owner.children())


def test_wrong_keys_are_told_in_the_window(themed, tmp_path, nothing_left):
    from page_states import Scene

    (tmp_path / "keys.toml").write_text('schema = 1\n[keys]\nnext = "R"\n')
    scene = Scene(tmp_path)
    scene.window.show()
    scene.tick()
    assert 'next and record would share the key "R"' in scene.page.notice._text.text()
    assert scene.page.action_bar.next_button.key == "N"
    scene.close()
