"""The thread that owns a wire: numbering, reconnect, silence, recording."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

import numpy as np
import pytest

from drivers import source as source_module
from drivers.source import Source
from lablive.clock import now_s
from lablive.errors import DeviceError, RecordingError
from lablive.live.ring import RingReader
from lablive.messages import (
    ChannelInfo,
    Chunk,
    Gap,
    SourceSpec,
    StreamInfo,
    StreamStatus,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

INFO = StreamInfo(0, "left_sole", "Force", 100.0, (ChannelInfo("force", "N"),))
SPEC = SourceSpec("left", "scripted")


class ScriptedDriver:
    """Give what the test puts into its queue: rows, gaps, or an error to raise."""

    reopen_on_silence = True

    def __init__(self, script: queue.Queue[object]) -> None:
        self.script = script
        self.rows = 0
        self.closed = 0

    def open(self) -> tuple[StreamInfo, ...]:
        return (INFO,)

    def read(self) -> list[Chunk | Gap]:
        try:
            said = self.script.get(timeout=0.01)
        except queue.Empty:
            return []
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Gap):
            return [said]
        values = np.asarray(said, np.float32).reshape(-1, 1)
        t_s = now_s() + np.arange(len(values)) * 1e-6
        chunk = Chunk(0, self.rows, t_s, values)
        self.rows += len(values)
        return [chunk]

    def close(self) -> None:
        self.closed += 1

    def status(self) -> tuple:
        return ()


class Sink:
    """Keep what a recorder would be given."""

    def __init__(self) -> None:
        self.chunks: list[Chunk] = []
        self.gaps: list[Gap] = []
        self.added: list[StreamInfo] = []

    def append(self, chunk: Chunk) -> None:
        if chunk.stream not in [info.id for info in self.added]:
            raise RecordingError(f"Stream {chunk.stream} is not part of this recording")
        self.chunks.append(chunk)

    def gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def add_stream(self, info: StreamInfo) -> None:
        self.added.append(info)


@pytest.fixture
def script() -> queue.Queue[object]:
    return queue.Queue()


@pytest.fixture
def source(
    tmp_path: Path, script: queue.Queue[object], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Source]:
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    ids = iter(range(1, 100))
    made = Source(SPEC, lambda _: ScriptedDriver(script), lambda: next(ids), tmp_path)
    made.start()
    assert made.wait_ready(5)
    yield made
    made.stop()


def _ring(source: Source) -> RingReader:
    from pathlib import Path

    return RingReader(Path(source.report().rings[0]))


def test_rows_reach_ring_and_recorder_with_their_own_numbers(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    script.put([1, 2, 3])
    ring = _ring(source)
    until(lambda: ring.rows == 3, "three rows")
    sink = Sink()
    assert source.record_into(sink) == {1: 3}
    script.put([4, 5])
    until(lambda: sink.chunks, "a recorded chunk")
    assert source.record_into(None) == {1: 5}
    script.put([6])
    until(lambda: ring.rows == 6, "six rows")
    assert [c.first_row for c in sink.chunks] == [0]
    assert sink.chunks[0].x.ravel().tolist() == [4, 5]
    assert ring.latest(6).x.ravel().tolist() == [1, 2, 3, 4, 5, 6]


def test_a_pulled_cable_comes_back_as_the_same_stream(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    script.put([1, 2])
    ring = _ring(source)
    until(lambda: ring.rows == 2, "two rows")
    script.put(DeviceError("unplugged", "The left sole was unplugged."))
    script.put([3])
    until(lambda: ring.rows == 3, "a row after the reconnect")
    report = source.report()
    assert [info.id for info in report.streams] == [1]
    assert report.status[0].reconnects == 1
    assert report.state == "streaming"
    assert np.all(np.diff(ring.latest(3).t_s) > 0)


class AbsentDriver(ScriptedDriver):
    """A device that opens once and is not there any more at the next tries."""

    def open(self) -> tuple[StreamInfo, ...]:
        if self.script.qsize() == 0:
            raise DeviceError("missing", "There is no port.", todo="Check its name.")
        return super().open()


def test_a_pulled_cable_is_told_until_it_is_back(
    tmp_path: Path,
    script: queue.Queue[object],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    tries = 0

    def make(_spec: SourceSpec) -> AbsentDriver:
        nonlocal tries
        tries += 1
        return AbsentDriver(script)

    gone = DeviceError("unplugged", "The left sole is gone.", todo="Plug it in again.")
    script.put([1])
    script.put(gone)
    source = Source(SPEC, make, lambda: 1, tmp_path)
    source.start()
    until(lambda: tries > 3, "some tries")
    told = source.report()
    assert (told.state, told.message, told.fault) == ("recovering", *[str(gone)] * 2)
    script.put([2])  # it is back
    until(lambda: source.report().status[0].rows == 2, "a row after the reconnect")
    assert source.report().message == ""
    script.put(DeviceError("timeout", "It is silent."))
    until(lambda: "no port" in source.report().message, "what is missing now")
    source.stop()


def test_losses_keep_their_place_in_ring_and_recording(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    sink = Sink()
    script.put([1, 2])
    ring = _ring(source)
    until(lambda: ring.rows == 2, "two rows")
    source.record_into(sink)
    script.put([3])
    until(lambda: ring.rows == 3, "the third row")
    script.put(Gap(0, 3, 0.0, 0.02, 2, "lost", "counter"))
    until(lambda: sink.gaps, "the gap")
    assert sink.gaps[0].after_row == 1  # of the recording
    assert ring.gaps(0)[0][0].after_row == 3  # of the host


def test_silence_is_marked_once_per_second_and_shown(
    source: Source,
    script: queue.Queue[object],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_module, "STALL_REPEAT_S", 0.05)
    sink = Sink()
    source.record_into(sink)
    script.put([1])
    until(lambda: len(sink.gaps) >= 3, "three stall marks")
    assert {gap.kind for gap in sink.gaps} == {"stall"}
    assert {gap.after_row for gap in sink.gaps} == {1}
    lasted = [gap.duration_s for gap in sink.gaps]
    assert lasted == sorted(lasted)
    assert source.report().status[0].state in ("stalled", "recovering")
    assert source.report().status[0].gaps == 1


def test_a_broken_driver_is_told_and_tried_again(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    script.put(ZeroDivisionError("bug"))
    until(lambda: "ZeroDivisionError" in source.report().message, "the message")
    script.put([1])
    until(lambda: source.report().state == "streaming", "streaming again")


def test_stop_closes_the_driver_and_may_be_called_twice(source: Source) -> None:
    source.stop()
    source.stop()
    assert not source._thread.is_alive()


def test_a_stream_that_never_sends_is_marked_since_it_was_opened(
    source: Source, until: Callable[..., None]
) -> None:
    opened_s = now_s()
    ring = _ring(source)
    until(lambda: ring.gaps(0)[0], "a stall mark")
    mark = ring.gaps(0)[0][0]
    assert mark.after_row == 0
    assert mark.t_s == pytest.approx(opened_s, abs=1.0)
    status = source.report().status[0]
    assert status.gaps == 0
    assert status.last_sample_age_s == -1.0


class LossyDriver(ScriptedDriver):
    """Lose two rows before each row; count from zero, as every new driver does."""

    def status(self) -> tuple[StreamStatus, ...]:
        lost = 2 * self.rows
        return (StreamStatus(0, "streaming", lost=lost, gaps=self.rows),)


def test_what_was_lost_stays_counted_when_the_wire_is_opened_again(
    tmp_path: Path,
    script: queue.Queue[object],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    source = Source(SPEC, lambda _: LossyDriver(script), lambda: 1, tmp_path)
    source.start()
    assert source.wait_ready(5)

    def rows() -> int:
        return source.report().status[0].rows

    script.put([1])
    until(lambda: rows() == 1, "a row")
    told = source.report().status[0]
    assert (told.lost, told.lost_is_exact, told.gaps) == (2, True, 1)
    script.put(DeviceError("unplugged", "The left sole was unplugged."))
    script.put([2])
    until(lambda: rows() == 2, "a row after the reconnect")
    told = source.report().status[0]
    # one gap each, and the time away, of which nobody knows the rows
    assert (told.lost, told.lost_is_exact, told.gaps) == (4, False, 3)
    source.stop()
    told = source.report().status[0]
    assert (told.lost, told.lost_is_exact, told.gaps) == (4, False, 3)


class BadDriver(ScriptedDriver):
    """Fail where nothing may fail."""

    def close(self) -> None:
        raise OSError("close")

    def status(self) -> tuple[StreamStatus, ...]:
        raise OSError("status")


def test_a_driver_that_cannot_close_or_tell_is_opened_again(
    tmp_path: Path,
    script: queue.Queue[object],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_module, "BACK_OFF_S", (0.01,))
    source = Source(SPEC, lambda _: BadDriver(script), lambda: 1, tmp_path)
    source.start()
    assert source.wait_ready(5)
    script.put(DeviceError("unplugged", "The left sole was unplugged."))
    script.put([1])
    until(lambda: source.report().status[0].rows == 1, "a row after the reconnect")
    source.stop()


def test_a_device_that_came_while_the_recorder_was_made_is_recorded(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    sink = Sink()  # knows no stream, as a recorder made a moment before
    source.record_into(sink)
    script.put([1, 2])
    until(lambda: sink.chunks, "a recorded chunk")
    assert [info.id for info in sink.added] == [1]
    assert sink.chunks[0].x.ravel().tolist() == [1, 2]


class EagerDriver(ScriptedDriver):
    """A device that is looked for more often."""

    look_again_s = 0.02


def test_a_device_may_be_looked_for_more_often(
    tmp_path: Path,
    script: queue.Queue[object],
    until: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_module, "BACK_OFF_S", (60.0,))
    source = Source(SPEC, lambda _: EagerDriver(script), lambda: 1, tmp_path)
    source.start()
    script.put(DeviceError("unplugged", "The microphone is gone."))
    script.put([1])
    until(lambda: source.report().status[0].rows == 1, "a row after the reconnect")
    source.stop()


def test_a_recording_begins_with_the_last_seconds(
    source: Source, script: queue.Queue[object], until: Callable[..., None]
) -> None:
    """Rows and losses before the start are stored, numbered from 0; none is twice."""
    for value in range(6):
        script.put([value])
    script.put(Gap(0, 6, now_s(), 0.1, 3, "lost", "on the way"))
    script.put([7])
    ring = _ring(source)
    until(lambda: ring.rows == 7, "seven rows")
    whole = ring.latest(10)
    sink = Sink()
    since_s = float(whole.t_s[2]) - 1e-7
    assert source.record_into(sink, since_s) == {1: 2}
    script.put([8, 9])
    until(lambda: len(sink.chunks) == 6, "the rows to come")
    stored = np.concatenate([chunk.x[:, 0] for chunk in sink.chunks])
    assert stored.tolist() == [2, 3, 4, 5, 7, 8, 9]
    assert [chunk.first_row for chunk in sink.chunks] == [0, 1, 2, 3, 4, 5]
    assert [gap.after_row for gap in sink.gaps] == [4]
    times = np.concatenate([chunk.t_s for chunk in sink.chunks])
    assert times.tolist() == ring.latest(7).t_s.tolist()
