"""The editor of drills: mistakes as they are typed, a copy that is there at once."""

from __future__ import annotations

import pytest
from drill_states import DrillScene
from on_page import keys_twice
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QLineEdit, QSpinBox

from ui.drills.editor import DrillEditor


def field(editor, kind, words):
    return next(it for it in editor.findChildren(kind) if it.accessibleName() == words)


@pytest.fixture
def editor(themed, tmp_path, nothing_left, qtbot):
    scene = DrillScene(tmp_path, "hop_two", "both")
    scene.window.show()
    scene.window.activateWindow()
    qtbot.waitUntil(scene.window.isActiveWindow)
    scene.ready()
    focus = scene.window.focusWidget() or scene.window
    qtest.keyClick(focus, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    (made,) = scene.window.findChildren(DrillEditor)
    made.scene = scene
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    scene.close()


def test_a_copy_with_another_title_is_on_the_card_and_the_ladder(editor, qtbot):
    scene = editor.scene
    field(editor, QLineEdit, "Title").setText("Soft hops")
    assert editor.mistakes == ""
    keys = Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier
    qtest.keyClick(editor.focusWidget() or editor, *keys)
    qtbot.waitUntil(lambda: scene.control.chosen == "hop_two_own")
    scene.tick()
    assert scene.page.drills.card._title.text() == "Soft hops"
    assert "Soft hops" in [it.title for it in scene.page.drills.ladder.view.rungs]
    assert keys_twice(scene.window) == []


def test_mistakes_are_told_while_they_are_typed(editor):
    field(editor, QSpinBox, "of which must pass").setValue(50)
    assert "needed" in editor.mistakes
    assert "line" not in editor.mistakes  # there is no file to look at yet
    assert not editor.save.isEnabled()
    field(editor, QSpinBox, "of which must pass").setValue(8)
    assert editor.save.isEnabled()
    editor.table.item(0, 2).setText("abc")
    assert "no number" in editor.mistakes
    editor.table.item(0, 2).setText("")
    editor.offered.setCurrentIndex(editor.offered.findData("pelvic_drop_deg"))
    editor.add.click()
    row = len(editor.draft.scores) - 1
    editor.table.item(row, 3).setText("10")
    assert editor.draft.scores[row]["pass"] == [float("-inf"), 10.0]
    editor.reject()
    assert editor.scene.control.chosen == "hop_two"
