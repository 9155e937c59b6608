"""The host between sources and recorder, without wires."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from drivers.host import Host
from lablive.clock import now_s
from lablive.errors import RecordingError
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording import opening
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.live.reports import RecordingEnd

INFO = StreamInfo(0, "left_sole", "Force", 100.0, (ChannelInfo("force", "N"),))
SPEC = {"id": "left", "driver": "scripted", "options": {}}


class Steady:
    """Send a row at each look."""

    reopen_on_silence = True

    def __init__(self) -> None:
        self._rows = 0
        self._pause = threading.Event()

    def open(self) -> tuple[StreamInfo, ...]:
        return (INFO,)

    def read(self) -> list[Chunk]:
        self._pause.wait(0.01)
        self._rows += 1
        t_s = np.array([now_s()], dtype=np.float64)
        return [Chunk(0, self._rows - 1, t_s, np.ones((1, 1), np.float32))]

    def close(self) -> None:
        pass

    def status(self) -> tuple[()]:
        return ()


def running(name: str) -> bool:
    return any(thread.name == name for thread in threading.enumerate())


def test_a_disconnected_device_is_let_go_though_the_disk_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(tmp_path, driver_factory=lambda _: Steady())
    close = Recorder.close

    def failing(recorder: Recorder) -> Path:
        close(recorder)
        raise RecordingError("The disk does not answer.")

    monkeypatch.setattr(Recorder, "close", failing)
    try:
        host.add_source(SPEC, 5.0)
        host.start_recording(str(tmp_path / "trial-01.xdf"), {})
        host.remove_source("left")
        assert running("source left")  # it may come back
        with pytest.raises(RecordingError, match="does not answer"):
            host.stop_recording()
        assert not running("source left")
    finally:
        host.close()


def test_gaps_of_the_file_are_told_also_of_a_device_that_is_gone(
    tmp_path: Path, until: Callable[..., None]
) -> None:
    host = Host(tmp_path, driver_factory=lambda _: Steady())

    def gaps() -> int:
        recording = host.status().recording
        return recording.gaps if recording else -1

    try:
        host.add_source(SPEC, 5.0)
        host.start_recording(str(tmp_path / "trial-01.xdf"), {})
        until(lambda: host.status().recording.rows.get(1), "rows")
        assert gaps() == 0
        host.remove_source("left")
        until(lambda: gaps() == 1, "the silence")
        assert host.status().sources == ()
    finally:
        host.close()


def test_a_disk_that_hangs_at_the_end_holds_up_neither_status_nor_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = Host(tmp_path, driver_factory=lambda _: Steady())
    close, hangs, answers = Recorder.close, threading.Event(), threading.Event()

    def slow(recorder: Recorder) -> Path:
        hangs.set()
        assert answers.wait(30.0)
        return close(recorder)

    monkeypatch.setattr(Recorder, "close", slow)
    ends: list[RecordingEnd] = []
    stop = threading.Thread(target=lambda: ends.append(host.stop_recording()))
    try:
        host.add_source(SPEC, wait_s=5.0)
        path = tmp_path / "trial-01.xdf"
        host.start_recording(str(path), {})
        stop.start()
        assert hangs.wait(5.0)
        running = host.status().recording
        assert running is not None  # until the file is whole, for whoever looks
        assert running.path == str(path)
        with pytest.raises(RecordingError, match="no recording is running"):
            host.marker("too late")
        added = host.add_source(SPEC | {"id": "right"}, wait_s=5.0)
        assert added.streams
        host.remove_source("right")
        answers.set()
        stop.join(30.0)
        assert [end.path for end in ends] == [str(path)]
        assert host.status().recording is None
        host.start_recording(str(tmp_path / "trial-02.xdf"), {})
    finally:
        answers.set()
        host.close()
    assert {info.name for info in Trial(path).streams} == {"left_sole"}
    assert verify(tmp_path / "trial-02.xdf").closed
    with pytest.raises(RecordingError, match="is ending"):
        host.start_recording(str(tmp_path / "trial-03.xdf"), {})


class SlowDisk:
    """A recorder whose file is created when the disk answers."""

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()

    def __call__(self, *given: object) -> Recorder:
        self.asked.set()
        assert self.answers.wait(30.0)
        return Recorder(*given)  # type: ignore[arg-type]


def test_a_disk_that_hangs_at_the_beginning_holds_up_neither_status_nor_devices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    disk = SlowDisk()
    monkeypatch.setattr(opening, "Recorder", disk)
    monkeypatch.setattr(opening, "OPEN_S", 30.0)
    host = Host(tmp_path, driver_factory=lambda _: Steady())
    path = tmp_path / "trial-01.xdf"
    start = threading.Thread(target=lambda: host.start_recording(str(path), {}))
    try:
        host.add_source(SPEC, wait_s=5.0)
        start.start()
        assert disk.asked.wait(5.0)
        assert host.status().recording is None
        host.add_source(SPEC | {"id": "gone"}, wait_s=5.0)
        host.remove_source("gone")
        host.add_source(SPEC | {"id": "right"}, wait_s=5.0)
        disk.answers.set()
        start.join(30.0)
        until(lambda: len(host.status().recording.rows) == 2, "both streams")
        until(lambda: all(host.status().recording.rows.values()), "rows of both")
        host.stop_recording()
    finally:
        disk.answers.set()
        host.close()
    assert len(Trial(path).streams) == 2
    assert verify(path).ok


def test_a_disk_that_does_not_answer_is_one_message_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    disk = SlowDisk()
    monkeypatch.setattr(opening, "Recorder", disk)
    monkeypatch.setattr(opening, "OPEN_S", 0.05)
    host = Host(tmp_path, driver_factory=lambda _: Steady())
    path = tmp_path / "trial-01.xdf"
    try:
        host.add_source(SPEC, wait_s=5.0)
        with pytest.raises(RecordingError, match="has not answered"):
            host.start_recording(str(path), {})
        assert host.status().recording is None
        disk.answers.set()
        until(lambda: not running("opening a trial"), "the late answer")
        assert not list(tmp_path.glob("trial-01*"))
        monkeypatch.setattr(opening, "OPEN_S", 30.0)
        host.start_recording(str(path), {})
        host.stop_recording()
    finally:
        disk.answers.set()
        host.close()
    assert verify(path).closed
