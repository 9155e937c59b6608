"""The plan of a run: typed in a table, wrong blocks named, taken at once when saved."""

from __future__ import annotations

import pytest
from fake_host import INSOLES
from page_states import Scene
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813

from lablive.protocol.plan_draft import KEYS
from lablive.protocol.template import load_template
from ui.blocks.plan_editor import PlanEditor


@pytest.fixture
def editor(themed, tmp_path, nothing_left, qtbot):
    scene = Scene(tmp_path, INSOLES)
    scene.window.show()
    scene.window.activateWindow()
    qtbot.waitUntil(scene.window.isActiveWindow)
    scene.lab.connect()
    scene.tick()
    scene.model.gates.choose("intermittent")
    keys = Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier
    qtest.keyClick(scene.window.focusWidget() or scene.window, *keys)
    (made,) = scene.window.findChildren(PlanEditor)
    made.scene = scene
    yield made
    scene.close()


def write(editor, row, key, text):
    editor.table.item(row, KEYS.index(key)).setText(text)


def test_a_plan_of_the_lab_is_taken_at_once(editor, qtbot):
    gates, own = editor.scene.model.gates, editor._own
    write(editor, 2, "every_min", "12,5")
    editor.title.setText("Every 12")
    assert editor.mistakes == ""
    editor.save.click()
    assert gates.template_name == "intermittent_own"
    assert gates.template.blocks[2].every_min == 12.5
    assert load_template("intermittent_own", own).name == "Every 12"
    assert gates.template.gates == load_template("intermittent").gates


def test_what_is_wrong_is_named_by_its_block(editor):
    write(editor, 0, "minutes", "soon")
    write(editor, 1, "metric", "footfall_rel_db")
    assert "block 1: minutes: 'soon' is no number" in editor.mistakes
    assert 'block 2: metric means nothing in a block "baseline"' in editor.mistakes
    assert not editor.save.isEnabled()
    write(editor, 0, "minutes", "6")
    write(editor, 1, "metric", "")
    assert editor.save.isEnabled()
    count = len(editor.draft.blocks)
    editor.table.setCurrentCell(0, 0)
    editor._change(0)
    assert len(editor.draft.blocks) == count + 1
    assert editor.draft.blocks[1] == {"kind": "run", "minutes": 5.0}
    editor._change(1)
    assert editor.draft.blocks[2]["kind"] == "run"
    editor._remove()
    assert len(editor.draft.blocks) == count
    editor.reject()
