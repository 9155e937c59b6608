"""What the session page says when something is wrong: once, in full, and it stays."""

from __future__ import annotations

import msgspec
import pytest
from fake_host import INSOLES
from on_page import primary, texts
from PySide6.QtWidgets import QToolButton

from lablive.messages import ChannelInfo, StreamInfo
from lablive.signals.montage import parse_montage
from ui.session_model import State


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
    bar = scene.window.reconnect
    assert "You may not open /dev/ttyUSB0" in texts(bar)
    assert "You may not open" not in texts(scene.page.notice)
    assert "sudo usermod" in texts(scene.page.streams)
    held = scene.lab.host._sources
    name = next(iter(held.keys() - {"insoles"}))
    held[name] = msgspec.structs.replace(held[name], state="streaming", message="")
    scene.tick()
    assert not bar.isVisible()
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

    def broken(*_):
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
