"""The live page's blocks in real windows: shown, hidden, enlarged, moved and kept."""

from __future__ import annotations

import math

import pytest
from fake_host import INSOLES
from live_states import lab
from on_page import texts
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication

from ui.live.layout import layout_path, load_layout
from ui.live.skills import every

WHOLE = ("feet", "skills", "force", "sound", "drop", "emg", "tiles", "posture")


def at_run(scene_of, names=INSOLES):
    """Return a scene past its gates."""
    scene = scene_of(names=names)
    scene.lab.connect()
    scene.tick()
    scene.skip_gates()
    scene.tick()
    return scene


def head(board, block):
    return board._cards[block].head_words[0]


def test_blocks_follow_their_sensors_and_a_person_comes_first(scene_of):
    scene = at_run(scene_of)
    board = scene.page.board
    assert board.shown == ("feet", "skills", "streams", "force", "tiles")
    board.choose("emg", shown=True)
    assert "emg" in board.shown
    assert "needs an EMG amplifier" in board.block("emg").needs
    assert board.block("emg")._chart.placeholder == "needs an EMG amplifier"
    board.choose("posture", shown=True)
    assert "needs IMUs" in board.block("posture").list.rows[0].title
    board.choose("force", shown=False)
    assert board.shown == ("feet", "skills", "streams", "emg", "tiles", "posture")
    wanted = board.wanted(0.0)
    assert "impact_peak_bw" not in wanted.tiles  # nobody sees it
    scene.play(1.0)
    assert scene.page.force._newest_s == {}


def test_a_whole_lab_shows_its_blocks_and_leaves_the_streams_to_the_top_line(scene_of):
    scene = at_run(scene_of, names=None)
    assert scene.page.board.shown == WHOLE


def test_a_gate_shows_the_feet_alone(scene_of):
    scene = scene_of(names=INSOLES)
    scene.lab.connect()
    scene.tick()
    assert scene.page.board.shown == ("feet",)
    scene.page.board.choose("feet", shown=False)
    assert scene.page.board.shown == ("feet",)  # the gate needs the picture
    scene.skip_gates()
    scene.tick()
    assert scene.page.board.shown == ("skills", "streams", "force", "tiles")


def test_a_block_is_enlarged_and_put_back(scene_of, qtbot):
    scene = at_run(scene_of)
    with qtbot.waitActive(scene.window):
        scene.window.activateWindow()
    board = scene.page.board
    before = board.shown
    qtest.mouseDClick(head(board, "force"), Qt.MouseButton.LeftButton)
    assert (board.enlarged, board.shown) == ("force", ("force",))
    QApplication.processEvents()
    assert scene.page.force.width() > 0.9 * board.width()
    qtest.keyClick(scene.window.windowHandle(), Qt.Key.Key_Escape)
    assert (board.enlarged, board.shown) == ("", before)
    for block in before:
        qtest.keyClick(scene.window.windowHandle(), Qt.Key.Key_D)
        assert board.enlarged == block
    qtest.keyClick(scene.window.windowHandle(), Qt.Key.Key_D)
    assert (board.enlarged, board.shown) == ("", before)
    button = board._heads["tiles"].enlarge_button
    button.click()
    assert board.shown == ("tiles",)
    assert button.accessibleName() == "Put Now back (Esc)"
    board.choose("tiles", shown=False)
    assert board.enlarged == ""


def test_a_block_is_dragged_by_its_head(scene_of):
    scene = at_run(scene_of)
    board = scene.page.board
    handle, target = head(board, "tiles"), scene.page.force
    begin = QPoint(4, 4)
    end = target.mapTo(board, QPoint(40, target.height() - 20))
    end = handle.mapFrom(board, end)
    qtest.mousePress(handle, Qt.MouseButton.LeftButton, pos=begin)
    qtest.mouseMove(handle, begin + QPoint(40, 40))
    qtest.mouseMove(handle, end)
    assert board._mark.isVisible()
    qtest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=end)
    assert not board._mark.isVisible()
    names = [[it.block for it in column.slots] for column in board.arrangement.columns]
    assert names[1][:2] == ["force", "tiles"]
    assert scene.page.tiles.isVisible()


def test_every_protocol_keeps_its_own_layout(scene_of):
    scene = at_run(scene_of)
    board, gates = scene.page.board, scene.model.gates
    usual = board.arrangement
    (move,) = [it for it in board.block_menu("skills").actions() if "up" in it.text()]
    move.trigger()
    (hide,) = [it for it in board.view_menu().actions() if it.text() == "Streams"]
    hide.trigger()
    assert board.shown == ("skills", "feet", "force", "tiles")
    scene.page.tiles.flip()
    path = layout_path(scene.model.library, gates.template_name)
    stored = load_layout(path, usual)
    assert stored == board.arrangement
    assert (stored.chosen, len(stored.curves)) == ({"streams": False}, 6)
    gates.choose("insoles")
    assert board.arrangement == usual
    assert scene.page.tiles.curves == ()
    gates.choose("demo")
    assert board.arrangement == stored
    assert set(scene.page.tiles.curves) == set(stored.curves)
    other = scene_of(names=INSOLES).page.board  # a new library has the usual one
    assert other.arrangement == usual
    (back,) = [it for it in board.view_menu().actions() if "Usual" in it.text()]
    back.trigger()
    assert load_layout(path, usual) == usual


def test_the_sizes_of_columns_are_kept_when_a_handle_is_let_go(scene_of):
    scene = at_run(scene_of)
    board = scene.page.board
    handle = board._outer.handle(1)
    place = handle.rect().center()
    qtest.mousePress(handle, Qt.MouseButton.LeftButton, pos=place)
    qtest.mouseMove(handle, place + QPoint(120, 0))
    qtest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=place)
    wide = board._outer.sizes()
    path = layout_path(scene.model.library, "demo")
    stored = load_layout(path, board._usual)
    assert stored.columns[0].share > 30
    scene.window.resize(1600, 900)
    QApplication.processEvents()
    share = board._outer.sizes()[0] / sum(board._outer.sizes())
    assert share == pytest.approx(wide[0] / sum(wide), abs=0.02)


def test_a_damaged_layout_is_one_message_and_the_usual_page(scene_of):
    scene = scene_of(names=INSOLES)
    usual = scene.page.board.arrangement
    path = layout_path(scene.model.library, "insoles")
    path.parent.mkdir(exist_ok=True)
    path.write_text('{"columns": [')
    told = []
    scene.page.board.trouble.connect(told.append)
    scene.model.gates.choose("insoles")
    assert scene.page.board.arrangement == usual
    assert len(told) == 1
    assert "insoles.json" in told[0]
    assert "insoles.json" in texts(scene.page.notice)
    scene.page.board.choose("skills", shown=False)
    assert not load_layout(path, usual).chosen["skills"]


def test_a_library_that_cannot_be_written_is_told_once(scene_of):
    scene = at_run(scene_of)
    told = []
    scene.page.board.trouble.connect(told.append)
    (scene.model.library / "screens").write_text("")
    for shown in (False, True):
        scene.page.board.choose("skills", shown=shown)
    assert len(told) == 1
    assert "recording goes on" in told[0]


def test_a_tile_is_turned_over_by_click_and_key(scene_of):
    scene = scene_of("insoles")
    tiles = scene.page.tiles
    tile = tiles.tiles["contact_time_ms"]
    high = tile.height()
    qtest.mouseClick(tile, Qt.MouseButton.LeftButton)
    scene.tick()
    assert tile.shows_curve
    assert tile._curve._steps.unit == "ms"
    assert len(tile._curve._steps.values) > 15
    assert tile._name.full_text() == "Contact time · 247 ms"
    QApplication.processEvents()
    assert tile.height() == pytest.approx(high, abs=12)
    tile.setFocus()
    qtest.keyClick(tile, Qt.Key.Key_Return)
    assert not tile.shows_curve
    assert tile._value.isVisible()
    assert tile._name.full_text() == "Contact time"
    tiles.tiles["contact_time_si_pct"].show_face(curve=True)
    scene.tick()
    assert tiles.tiles["contact_time_si_pct"]._curve._steps.values == ()


def test_the_blocks_say_what_the_snapshot_says(scene_of):
    scene = scene_of()
    lab(scene)
    page, pipeline = scene.page, scene.model.live.pipeline
    page.board.enlarge("skills")
    QApplication.processEvents()
    scene.tick()
    at_s = pipeline.watermark_s
    wanted = page.board.wanted(at_s + 10.0)
    assert set(wanted.tiles) == {*every(), "cadence_spm"}
    shown = pipeline.snapshot(at_s, wanted)
    block = page.board.block("skills")
    assert block.is_whole
    for line in block.table.lines:
        it = line.reading
        if it is None:
            continue
        stat = shown.tiles[it.metric].value
        for side in ("left", "right", "both"):
            number = getattr(it, side)
            assert (number is None) == (not math.isfinite(stat.stat(side).median))
            if number is not None:
                assert number == stat.stat(side).median
        assert (it.used, it.total) == (stat.both.n, stat.both.n_total)
        verdicts = shown.tiles[it.metric].verdicts.values()
        assert it.verdict in (verdicts or {"info"})
        if not it.is_measured:
            assert it.why == stat.note or it.metric == "cop_path"
    page.board.enlarge("")
    QApplication.processEvents()
    scene.tick()
    shown = pipeline.snapshot(pipeline.watermark_s, page.board.wanted(at_s))
    sound = page.board.block("sound").chart.picture
    assert sound.steps == shown.sound.relative
    assert sound.style == "bars"
    assert (
        page.board.block("sound")._subtitle.full_text()
        == "dB · own baseline L 72.0 · R 73.5 · belt noise 54 dB(A)"
    )
    drop = page.board.block("drop")
    assert drop.chart.picture.steps == shown.steps["pelvic_drop_deg"]
    assert drop.chip.word() == "caution L"
    rows = {row.title: row for row in page.board.block("posture").list.rows}
    assert rows["Trunk lean, forward"].value == "L 7.8 · R 7.8°"
    assert rows["Trunk lean, forward"].word == "good"
    assert page.board.block("emg").channels == ("Gmax L", "Gmax R")
    (line, _) = page.board.block("emg")._facts.values()
    assert next(it.name for it in line.facts) == "Gmax drive phase"
    assert all(it.value != "—" for it in line.facts)
