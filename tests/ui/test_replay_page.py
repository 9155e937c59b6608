"""A trial on the same page: cursor, play, jumps, the same picture at every visit."""

from __future__ import annotations

import random
import shutil

import msgspec
import numpy as np
import pytest
from fake_host import INSOLES, Lab
from on_page import texts as written
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest as qtest  # noqa: N813
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from lablive.messages import Chunk, Gap, Marker
from lablive.names import HeaderKey
from lablive.recording.recorder import Recorder
from ui.actions import actions_in
from ui.session_model import State

T0_S = 500.0
LENGTH_S = 16.0
HOLE_S = (9.0, 10.2)  # the left sole sends nothing
MARKS_S = (4.0, 11.0)
BLOCK_S = 0.25


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    """A recorded run of 16 s with a hole and two markers."""
    return record(tmp_path_factory, {"left_sole": HOLE_S})


def record(tmp_path_factory, silent_s):
    """Record a run in which some streams send nothing for a while."""
    lab = Lab(tmp_path_factory.mktemp("rings"), INSOLES, "standing_s=1,ramp_s=0")
    path = tmp_path_factory.mktemp("trials") / "trial-01.xdf"
    recorder = Recorder(path, lab.infos, {HeaderKey.CODE.value: "LB-0001"}, None)
    rows = dict.fromkeys(INSOLES, 0)
    for begin_s in np.arange(0.0, LENGTH_S, BLOCK_S):
        for info in lab.infos:
            t_s, x = lab.runner.window(info.name, begin_s, begin_s + BLOCK_S)
            if info.name in silent_s:
                from_s, to_s = silent_s[info.name]
                kept = (t_s < from_s) | (t_s >= to_s)
                if begin_s == from_s:
                    lost = round((to_s - from_s) * info.rate_hz)
                    recorder.gap(Gap(info.id, rows[info.name], T0_S + from_s,
                                     to_s - from_s, lost, "lost"))  # fmt: skip
                t_s, x = t_s[kept], x[kept]
            if len(t_s):
                chunk = Chunk(info.id, rows[info.name], T0_S + t_s, x.astype("float32"))
                recorder.append(chunk)
                rows[info.name] += len(t_s)
    for number, t_s in enumerate(MARKS_S):
        recorder.marker(Marker(T0_S + t_s, f"mark {number}"))
    recorder.close()
    return path


@pytest.fixture
def replayed(scene_of, trial):
    """Open the trial in a window without live devices; all results are there."""
    scene = scene_of(size=(1366, 768))
    scene.model.open_trial(trial)
    replay = scene.model.replay
    while replay.done < 1.0:
        scene.tick(1)
    scene.tick(2)
    return scene


def at(scene, t_s):
    """Put the cursor at a time of the trial and draw."""
    replay = scene.model.replay
    replay.seek(replay.trial.t0_s + t_s)
    for _ in range(4):  # wrapped words settle over several rounds of layout
        scene.tick(1)
        QApplication.processEvents()
    return scene


def now_s(scene):
    replay = scene.model.replay
    return replay.cursor_s - replay.trial.t0_s


def picture(scene):
    """Return the pixels of strip, soles and tiles as bytes."""
    found = []
    for card in (scene.page.force, scene.page.feet, scene.page.tiles):
        image = card.grab().toImage()
        found.append(bytes(image.constBits()))
    return found


def tool(scene, name):
    (found,) = [
        button
        for button in scene.page.replay_bar.findChildren(QToolButton)
        if button.accessibleName().startswith(name)
    ]
    return found


def test_a_trial_opens_on_the_same_page(replayed):
    page = replayed.page
    assert replayed.model.state is State.REVIEW
    assert page.replay_bar.isVisible()
    assert not page.start.isVisible()
    assert page.top._elapsed.word() == "trial-01.xdf"
    assert page.top._streams.text() == "2 streams"
    assert page.top._gaps.text() == "1 gap"
    assert page.streams._subtitle.full_text() == "2 in this trial · 240 lost"
    assert page.top.gates.words()[-1] == "Replay"
    shown = [b.text() for b in page.action_bar.findChildren(type(
        page.action_bar.report_button)) if b.isVisible()]  # fmt: skip
    assert shown == ["Make PDF", "Report …", "Open trial", "Back to live"]


def test_any_order_of_visits_shows_the_same_picture(replayed):
    rng = random.Random(7)
    places = [rng.uniform(0.0, LENGTH_S) for _ in range(20)]
    places += [HOLE_S[0] + 0.5, 0.0, LENGTH_S]
    first = [picture(at(replayed, t_s)) for t_s in places]
    again = list(enumerate(places))
    rng.shuffle(again)
    for number, t_s in again:
        for card, before, now in zip(
            ("strip", "soles", "tiles"), first[number],
            picture(at(replayed, t_s)), strict=True,
        ):  # fmt: skip
            assert now == before, f"{card} at {t_s:.3f} s"


def test_held_peaks_are_those_of_the_whole_trial(replayed):
    view = replayed.page.feet._view
    view.set_peak_hold(True)
    held = []
    for t_s in (2.0, 14.0, 5.5):
        at(replayed, t_s)
        held.append((view._feet["left"].peak, view._canvas.full))
        assert (view._feet["left"].now <= view._feet["left"].peak).all()
    assert all(np.array_equal(peak, held[0][0]) for peak, _ in held)
    assert {full for _, full in held} == {held[0][1]}


def test_a_hole_in_the_recording_shows_no_old_picture(replayed):
    at(replayed, HOLE_S[0] + 0.6)
    view = replayed.page.feet._view
    assert view.accessibleDescription() == "left: no sample here; right: live"
    assert view._feet["left"].now is None
    at(replayed, HOLE_S[1] + 0.5)
    assert view.accessibleDescription() == "left: live; right: live"


def test_the_tiles_follow_the_cursor(replayed):
    tile = replayed.page.tiles.tiles["cadence_spm"]
    at(replayed, 0.5)
    assert tile.value_shown() == "—"
    at(replayed, 8.0)
    assert tile.value_shown() == "162"
    assert "steps used" in tile.accessibleDescription()


def test_scrubbing_on_the_time_line_moves_the_cursor(replayed, qtbot):
    line = replayed.page.replay_bar.time_line
    spot = QPoint(round(line.width() * 0.75), line.height() // 2)
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=spot)
    assert now_s(replayed) == pytest.approx(0.75 * LENGTH_S, abs=0.1)


def test_play_pause_speed_and_the_end(replayed):
    replay = replayed.model.replay
    at(replayed, 1.0)
    tool(replayed, "Play").click()
    assert replay.playing
    replayed.model.poll(0.5)
    assert now_s(replayed) == pytest.approx(1.5)
    tool(replayed, "Faster").click()
    assert "2x" in [w.text() for w in replayed.page.replay_bar.findChildren(QLabel)]
    replayed.model.poll(0.5)
    assert now_s(replayed) == pytest.approx(2.5)
    tool(replayed, "Play").click()
    replayed.model.poll(0.5)
    assert now_s(replayed) == pytest.approx(2.5)
    tool(replayed, "Play").click()
    replayed.model.poll(100.0)
    assert now_s(replayed) == pytest.approx(replay.trial.duration_s)
    assert not replay.playing


def test_jumps_and_markers(replayed):
    at(replayed, 6.0)
    tool(replayed, "5 s back").click()
    assert now_s(replayed) == pytest.approx(1.0)
    tool(replayed, "5 s back").click()
    assert now_s(replayed) == 0.0
    seen = []
    for _ in range(3):
        tool(replayed, "Next marker").click()
        seen.append(now_s(replayed))
    assert seen == pytest.approx([*MARKS_S, MARKS_S[1]], abs=1e-6)
    tool(replayed, "Marker before").click()
    assert now_s(replayed) == pytest.approx(MARKS_S[0], abs=1e-6)


def test_a_range_is_played_again_and_again(replayed):
    replay = replayed.model.replay
    at(replayed, 3.0)
    tool(replayed, "Range from here").click()
    at(replayed, 5.0)
    tool(replayed, "Range to here").click()
    tool(replayed, "Loop").click()
    tool(replayed, "Play").click()
    begun_s = replay.trial.t0_s
    assert replay.range_s == pytest.approx((begun_s + 3.0, begun_s + 5.0))
    assert now_s(replayed) == pytest.approx(3.0)
    replayed.model.poll(1.5)
    replayed.model.poll(1.0)
    assert now_s(replayed) == pytest.approx(3.5)
    assert replay.playing
    replayed.tick()
    assert "range 3.0 to 5.0 s" in replayed.page.replay_bar._range.full_text()


def test_steps_and_strides_are_those_of_the_contacts(replayed):
    replay = replayed.model.replay
    begun_s = replay.trial.t0_s
    contacts = [it for it in replay.pipeline.contacts if it.kind == "ic"]
    at(replayed, contacts[4].t_s - begun_s + 0.01)
    actions = actions_in(replayed.window)
    actions["step_after"].act()
    assert now_s(replayed) == pytest.approx(contacts[5].t_s - begun_s)
    actions["stride_after"].act()
    same = [it for it in contacts[6:] if it.side == contacts[5].side]
    assert now_s(replayed) == pytest.approx(same[0].t_s - begun_s)
    actions["stride_before"].act()
    actions["step_before"].act()
    assert now_s(replayed) == pytest.approx(contacts[4].t_s - begun_s)
    actions["frame_after"].act()
    row_s = 1 / replay.scene.rate_hz("left")
    assert now_s(replayed) == pytest.approx(contacts[4].t_s - begun_s + row_s)


def test_the_time_line_zooms_about_the_cursor_and_turns_its_page(replayed):
    line = replayed.page.replay_bar.time_line
    at(replayed, 4.0)
    actions = actions_in(replayed.window)
    actions["zoom_in"].act()
    assert line.view.span_s == pytest.approx(LENGTH_S / 2, abs=0.01)
    assert line.time_at(line.place_of(T0_S + 4.0)) == pytest.approx(T0_S + 4.0)
    at(replayed, 12.0)
    assert line.view.begin_s <= replayed.model.replay.cursor_s <= line.view.end_s
    actions["zoom_whole"].act()
    assert line.is_whole


def test_a_drag_with_shift_chooses_the_range(replayed):
    line = replayed.page.replay_bar.time_line
    before_s = now_s(at(replayed, 2.0))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtest.mousePress(line, Qt.MouseButton.LeftButton, shift, QPoint(100, 30))
    qtest.mouseMove(line, QPoint(300, 30))
    assert replayed.model.replay.range_s == pytest.approx(
        (line.time_at(100), line.time_at(300))
    )
    assert now_s(replayed) == before_s


def test_back_to_live(replayed):
    replayed.page.action_bar.live_button.click()
    replayed.tick()
    assert replayed.model.replay is None
    assert replayed.model.state is State.IDLE
    assert not replayed.page.replay_bar.isVisible()
    assert replayed.page.start.isVisible()


def test_no_curve_of_a_trial_stays_beside_streams_without_force(scene_of, trial):
    scene = scene_of(names=("Sim EMG",))
    scene.lab.connect()
    scene.tick()
    scene.model.open_trial(trial)
    scene.tick()
    chart = scene.page.force._chart
    assert chart.raster(400, 200, 1.0) is not None
    scene.model.close_trial()
    scene.tick()
    chart = scene.page.force._chart
    assert chart.raster(400, 200, 1.0) is None
    assert chart.placeholder == "no force in these streams"


def test_the_live_view_goes_on_behind_a_trial(scene_of, trial):
    scene = scene_of("insoles")
    scene.model.open_trial(trial)
    scene.play(scene.lab.told_s + 2.0)
    scene.page.action_bar.live_button.click()
    scene.play(scene.lab.told_s + 1.0)
    assert scene.model.state is State.CONNECTED
    assert scene.page.streams._subtitle.full_text() == "2 of 2 streaming"
    assert scene.page.feet._view.accessibleDescription() == "left: live; right: live"


def test_the_pdf_is_offered_when_it_is_ready(replayed, tmp_path, qtbot):
    pdf = tmp_path / "out.pdf"
    with qtbot.waitSignal(replayed.model.report_made, timeout=60_000):
        replayed.model.print_report(pdf)
    assert pdf.read_bytes().startswith(b"%PDF")
    assert str(pdf) in replayed.page.notice.accessibleName()


def test_a_damaged_trial_opens_and_says_so(scene_of, trial, tmp_path):
    for part in trial.parent.iterdir():  # the index with the checksums, too
        shutil.copy(part, tmp_path)
    broken = tmp_path / trial.name
    data = bytearray(trial.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    broken.write_bytes(data)
    scene = scene_of()
    scene.model.open_trial(broken)
    while scene.model.replay.done < 1.0:
        scene.tick(1)
    assert f"{broken.name} is damaged in" in scene.page.notice.accessibleName()
    assert scene.model.state is State.REVIEW


def test_the_count_of_one_file_is_not_shown_beside_another(scene_of, trial):
    scene = scene_of("losses")
    assert scene.page.verify.isVisible()
    scene.model.open_trial(trial)
    assert not scene.page.verify.isVisible()
    scene.model.close_trial()
    assert scene.page.verify.isVisible()


def test_a_trial_that_goes_on_in_another_file_says_so(scene_of, trial, tmp_path):
    first = tmp_path / "trial-01.xdf"
    shutil.copy(trial, first)
    scene = scene_of(size=(1366, 768))
    news = []
    scene.model.news.connect(lambda kind, text: news.append((kind, text)))

    def told():
        bar = scene.page.replay_bar
        said = [part for part in bar.findChildren(QLabel) if not part.isHidden()]
        return [part.text() for part in said if "recording" in part.text()]

    scene.model.open_trial(first)
    assert told() == []
    lab = Lab(tmp_path, INSOLES, "standing_s=1,ramp_s=0")
    texts = {HeaderKey.CODE.value: "LB-0001", HeaderKey.PART_OF.value: first.name}
    second = tmp_path / "trial-01-continued2.xdf"
    Recorder(second, lab.infos, texts, None).close()
    scene.model.open_trial(first)
    (words,) = told()
    assert words.startswith(f"This recording goes on in {second.name}: ")
    assert any(kind == "note" and words in text for kind, text in news)
    scene.model.open_trial(trial)
    assert told() == []


def test_tiles_are_old_by_the_time_of_the_cursor(scene_of, tmp_path_factory):
    replayed = scene_of()
    silent_s = dict.fromkeys(INSOLES, (9.0, 13.0))
    replayed.model.open_trial(record(tmp_path_factory, silent_s))
    replay = replayed.model.replay
    while replay.done < 1.0:
        replayed.tick(1)
    tile = replayed.page.tiles.tiles["contact_time_si_pct"]
    replayed.page.clock = lambda: T0_S + 1e6  # the trial is long ago
    at(replayed, 8.0)
    assert (tile._chip.word(), tile._value.isEnabled()) == ("info", True)
    at(replayed, 12.0)
    assert (tile._chip.word(), tile._value.isEnabled()) == ("unknown", False)
    assert tile.accessibleDescription().startswith("no step measured for 3 s")
    at(replayed, 8.0)
    assert (tile._chip.word(), tile._value.isEnabled()) == ("info", True)


def test_notices_of_the_live_devices_do_not_stay_on_a_trial(scene_of, trial):
    scene = scene_of("insoles")
    host, source = scene.lab.host, "insoles"
    notice = scene.page.notice
    scene.model.trouble.emit("The microphone is too loud.")
    assert notice.isVisible()
    scene.model.open_trial(trial)
    scene.tick()
    assert "microphone" not in notice.accessibleName()
    shown = notice.accessibleName()
    held = host._sources[source]
    host._sources[source] = msgspec.structs.replace(
        held, state="recovering", message="The insoles were unplugged."
    )
    scene.model.live.troubles.append("The disk was full.")
    scene.tick()
    assert notice.accessibleName() == shown
    assert not scene.window.reconnect.isVisible()
    scene.model.close_trial()
    scene.tick()
    assert "The insoles were unplugged." in written(scene.window.reconnect)
    assert "The disk was full." in notice.accessibleName()


def test_while_a_recording_runs_its_notices_stay(scene_of, trial):
    scene = scene_of("recording")
    scene.model.trouble.emit("The insoles have sent nothing for 3 s.")
    scene.model.open_trial(trial)
    scene.model.live.troubles.append("The disk is nearly full.")
    scene.tick()
    assert "sent nothing for 3 s" in scene.page.notice.accessibleName()
    assert "The disk is nearly full." in scene.page.notice.accessibleName()
