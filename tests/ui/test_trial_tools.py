"""Corrections, exports and recalculations from the window; the trial never changes."""

from __future__ import annotations

import shutil

import pytest
from test_replay_page import LENGTH_S, T0_S, at, record

from lablive.editing.edit_file import read_edits
from lablive.recalculation import results_beside
from lablive.recording import xdf
from lablive.recording.replay import Trial
from lablive.signals.montage import load_montage
from ui.actions import actions_in
from ui.edits_dialog import EditsDialog
from ui.export_dialog import ExportDialog
from ui.recalculate_dialog import RecalculateDialog
from ui.roles_dialog import LEFT_OUT, RolesDialog

FOREIGN = (
    "<info><name>Amp</name><type>EEG</type><channel_count>2</channel_count>"
    "<nominal_srate>100</nominal_srate><channel_format>int16</channel_format>"
    "<created_at>0</created_at><desc/><uid>u</uid></info>"
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recorded run without holes."""
    return record(tmp_path_factory, {})


@pytest.fixture
def scene(scene_of, recorded, tmp_path):
    """The trial, copied to a folder of its own, on screen and worked out."""
    for part in recorded.parent.iterdir():
        shutil.copy(part, tmp_path)
    scene = scene_of(size=(1366, 768))
    scene.model.open_trial(tmp_path / recorded.name)
    finished(scene)
    return scene


def finished(scene):
    while scene.model.replay.done < 1.0:
        scene.tick(1)
    scene.tick(2)


def opened(scene, name, kind):
    """Open a dialog by its action."""
    scene.tick()
    actions_in(scene.window)[name].act()
    (made,) = scene.window.findChildren(kind)
    return made


def valid(scene):
    return [it for it in scene.model.replay.pipeline.strides if it.stride.valid]


def test_strides_of_a_range_are_left_out_and_come_back(scene):
    before, size = len(valid(scene)), scene.model.replay.path.stat().st_size
    replay = scene.model.replay
    replay.set_range(T0_S + 6.0, T0_S + 9.0)
    at(scene, 7.0)
    dialog = opened(scene, "edits", EditsDialog)
    dialog.make()
    assert "needs a reason" in dialog.told.text()
    dialog.reason.setText("tripped")
    dialog.make()
    finished(scene)
    assert scene.model.replay is not replay
    assert scene.model.replay.range_s == (T0_S + 6.0, T0_S + 9.0)
    assert scene.model.replay.cursor_s == pytest.approx(replay.cursor_s)
    assert "tripped" in dialog.list.item(0).text()
    left = valid(scene)
    assert 0 < len(left) < before
    assert not [it for it in left if T0_S + 6.5 < it.stride.ic_s < T0_S + 8.5]
    assert scene.page.replay_bar.time_line._out[0].words == "left out"
    dialog.take_back()
    finished(scene)
    assert len(valid(scene)) == before
    assert dialog.list.item(0).text().endswith("taken back")
    assert scene.model.replay.path.stat().st_size == size
    dialog.reject()


def test_a_contact_moves_to_the_cursor_and_again(scene):
    replay = scene.model.replay
    found = [it for it in replay.pipeline.contacts if it.kind == "ic"][6]
    dialog = opened(scene, "edits", EditsDialog)
    dialog.what.setCurrentIndex(4)
    dialog.foot.setCurrentIndex(dialog.foot.findData(found.side))
    for by_s in (0.015, 0.03):
        scene.model.replay.seek(found.t_s + by_s)
        dialog.reason.setText("seen on the video")
        dialog.make()
        finished(scene)
        times = [it.t_s for it in scene.model.replay.pipeline.contacts]
        assert min(abs(t - found.t_s - by_s) for t in times) < 1e-6
    edits = read_edits(scene.model.replay.trial)
    (held,) = edits.holding
    assert held.from_s == pytest.approx(found.t_s)
    dialog.reject()


def test_a_range_is_asked_for_in_words(scene):
    dialog = opened(scene, "edits", EditsDialog)
    dialog.reason.setText("why")
    dialog.make()
    assert dialog.told.text().startswith("There is no range.")
    assert read_edits(scene.model.replay.trial).made == ()
    dialog.reject()


def test_the_range_is_exported(scene, qtbot):
    replay = scene.model.replay
    replay.set_range(T0_S + 2.0, T0_S + 5.0)
    dialog = opened(scene, "export", ExportDialog)
    dialog.form.setCurrentIndex(dialog.form.findData("xdf"))
    place = dialog.place.text()
    dialog.go()
    assert dialog.stop_button.isEnabled()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=60_000)
    assert f"{place} is written" in dialog.told.text()
    made = Trial(place)
    assert made.duration_s == pytest.approx(3.0, abs=0.02)
    made.close()
    assert dialog.place.text() != place  # nothing is ever written over
    dialog.reject()


def test_an_export_that_is_stopped_leaves_nothing(scene):
    folder = scene.model.replay.path.parent
    before = sorted(it.name for it in folder.iterdir())
    dialog = opened(scene, "export", ExportDialog)
    dialog.go()
    dialog.cancel()
    assert not dialog.is_busy
    assert sorted(it.name for it in folder.iterdir()) == before
    assert dialog.told.text().startswith("Stopped.")
    dialog.reject()


def test_a_recalculation_is_a_dated_result(scene, qtbot):
    path = scene.model.replay.path
    dialog = opened(scene, "recalculate", RecalculateDialog)
    dialog.reason.setText("second look")
    dialog.go()
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=60_000)
    assert len(results_beside(path)) == 1
    assert "No verdict differs" in dialog.told.text()
    assert dialog.list.item(0).text().endswith("second look")
    dialog.reject()
    assert scene.model.replay.trial.duration_s == pytest.approx(LENGTH_S, abs=0.1)


def test_roles_are_proposed_corrected_used_and_kept(scene, tmp_path):
    dialog = opened(scene, "roles", RolesDialog)
    groups = dialog.mapping.groups
    number = next(n for n, it in enumerate(groups) if it.role == "insole_left.pressure")
    dialog._field(number, 2).setCurrentText(LEFT_OUT)
    assert dialog.mapping.groups[number].why == "left out by a person"
    dialog.save(tmp_path / "room.toml")
    kept = load_montage(tmp_path / "room.toml")
    roles = {it.role for rule in kept.streams for it in rule.channels}
    assert "insole_right.pressure" in roles
    assert "insole_left.pressure" not in roles
    dialog.save(tmp_path / "room.toml")
    assert "never overwritten" in dialog.told.text()
    dialog.use()
    finished(scene)
    assert "insole_left.pressure" not in scene.model.replay.binding.sources


def test_a_role_given_twice_stands_in_the_way(scene):
    dialog = opened(scene, "roles", RolesDialog)
    groups = dialog.mapping.groups
    number = next(n for n, it in enumerate(groups) if it.role == "insole_left.pressure")
    dialog._field(number, 2).setCurrentText("insole_right.pressure")
    assert "insole_right.pressure is given twice." in dialog.told.text()
    assert not dialog.use_button.isEnabled()
    dialog.reject()


def test_a_recording_of_another_program_says_where_roles_are_given(scene, tmp_path):
    told = []
    scene.model.news.connect(lambda word, text: told.append((word, text)))
    parts = (
        xdf.chunk(xdf.FILE_HEADER, b"<info><version>1.0</version></info>"),
        xdf.text_chunk(xdf.STREAM_HEADER, 5, FOREIGN),
    )
    path = tmp_path / "amp.xdf"
    path.write_bytes(b"XDF:" + b"".join(parts))
    for _ in range(2):
        scene.model.open_trial(path)
    words = [text for word, text in told if word == "other program"]
    assert len(words) == 1
    assert "Shift+O" in words[0]
