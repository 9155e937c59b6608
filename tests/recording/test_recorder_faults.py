"""Disks that fill up, break, hang, forget or disappear: nothing lost unreported."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from trial_cases import (
    EMG,
    INSOLE,
    STREAMS,
    T0_S,
    TICK_S,
    all_rows,
    feed,
    flush,
    missing_rows,
    play,
    truth,
)

from lablive.errors import RecordingError
from lablive.messages import Gap
from lablive.recording import joining
from lablive.recording.intake import Intake
from lablive.recording.part import Part
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.recording.writer import TrialWriter

TICKS = 32


class Disk:
    """A stand-in for os.write that fails at the n-th write, once or for good.

    When it fails for good, every file of ``folder`` fails from then on.
    """

    def __init__(self, fail_at: int, how: str = "", folder: Path | None = None) -> None:
        self.fail_at = fail_at
        self.how = how
        self.folder = folder
        self.writes = 0

    def __call__(self, fd: int, data) -> int:
        self.writes += 1
        fails = self.writes == self.fail_at
        if self.folder is not None and self.writes > self.fail_at:
            mine = os.fstat(fd)
            files = self.folder.glob("trial*")
            fails = any(os.path.samestat(mine, file.stat()) for file in files)
        if not fails:
            return os.write(fd, data)
        if self.how == "short":
            return os.write(fd, data[: len(data) // 2])
        raise OSError(getattr(errno, self.how), os.strerror(getattr(errno, self.how)))


def record(folder: Path, disk: Disk) -> tuple[TrialWriter, Intake]:
    """Record a short session block by block, without threads."""
    known = truth(TICKS)
    intake = Intake(1 << 20)
    for info in STREAMS:
        intake.add_stream(info)
    writer = TrialWriter(folder / "trial-01.xdf", {}, folder / "spill", disk)
    for tick in range(TICKS):
        feed(intake, known, tick)
        if tick % 4 == 3:
            now_s = T0_S + tick * TICK_S
            flush(intake, writer, now_s)
            if tick == 11:
                writer.synced(writer.sequence)
    end_s = T0_S + TICKS * TICK_S
    flush(intake, writer, end_s, last=True)
    intake.release(writer.finish(end_s))
    for part in (writer.part, *writer.retired):
        part.close()
    return writer, intake


def writes_of_a_session(tmp_path: Path) -> int:
    disk = Disk(0)
    folder = tmp_path / "count"
    folder.mkdir()
    record(folder, disk)
    return disk.writes


@pytest.mark.parametrize("for_good", [False, True])
@pytest.mark.parametrize("how", ["ENOSPC", "EIO", "short"])
def test_whichever_write_fails_every_row_is_kept_and_it_is_told(
    tmp_path, how, for_good
):
    known = truth(TICKS)
    count = writes_of_a_session(tmp_path)
    assert count > 50
    spilled = 0
    for fail_at in range(1, count + 1):
        folder = tmp_path / str(fail_at)
        folder.mkdir()
        disk = Disk(fail_at, how, folder if for_good else None)
        try:
            writer, intake = record(folder, disk)
        except OSError:
            assert fail_at <= 3, "only the very first writes may refuse the trial"
            assert not list(folder.glob("*.xdf"))
            continue
        assert intake.held_bytes == 0
        assert writer.waiting() == []
        trial = Trial(writer.parts[0], writer.parts[1:])
        assert missing_rows(play(trial, known), known) == 0
        assert [len(t) for t in known.t_s.values()] == [
            trial.rows(info.id) for info in STREAMS
        ]
        assert writer.acknowledged[EMG.id] == len(known.t_s[EMG.id])
        if writer.parts[-1].parent.name == "spill":
            spilled += 1
            assert "trial-01.xdf: cannot be written" in writer.fault
            assert str(writer.parts[-1]) in writer.fault
        else:  # only the index was hit: once and written again, or at the very end
            assert writer.fault == ""
            assert not for_good or fail_at > count - 2
        trial.close()
    assert spilled > count // 2


def run(recorder: Recorder, ticks: range, known=None) -> None:
    known = known or truth(max(ticks) + 1)
    for tick in ticks:
        feed(recorder, known, tick)


def acknowledged(recorder: Recorder, ticks: int):
    expected = {info.id: round(ticks * TICK_S * info.rate_hz) for info in STREAMS}
    return lambda: recorder.status().acknowledged == expected


@pytest.mark.parametrize("fail_at", [*range(4, 40, 3)])
def test_a_running_recorder_never_lets_append_fail(tmp_path, until, fail_at):
    known = truth(TICKS)
    disk = Disk(fail_at, "ENOSPC", tmp_path)
    recorder = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {}, tmp_path / "spill",
        block_s=0.001, write=disk,
    )  # fmt: skip
    for tick in range(TICKS):
        feed(recorder, known, tick)
        until(acknowledged(recorder, tick + 1), "the disk")
    status = recorder.status()
    recorder.close()
    assert "No space left on device" in status.fault
    assert Path(status.parts[-1]).parent.name == "spill"
    paths = [Path(part) for part in status.parts]
    trial = Trial(paths[0], paths[1:])
    assert missing_rows(play(trial, known), known) == 0
    assert [m.kind for m in trial.markers if m.kind == "fault"] == ["fault"]


def test_a_removed_folder_is_told_and_all_of_the_trial_is_saved(tmp_path, until):
    known = truth(TICKS)
    folder = tmp_path / "stick"
    folder.mkdir()
    recorder = Recorder(
        folder / "trial-01.xdf", STREAMS, {}, tmp_path / "spill", block_s=0.002
    )
    run(recorder, range(12), known)
    until(acknowledged(recorder, 12), "rows on the stick")
    shutil.rmtree(folder)
    until(lambda: recorder.status().fault, "the fault", at_most_s=1.0)
    assert "was removed while recording" in recorder.status().fault
    run(recorder, range(12, TICKS), known)
    path = recorder.close()
    assert path == tmp_path / "spill" / "trial-01.xdf"
    trial = Trial(path)
    assert trial.damage == []
    assert missing_rows(play(trial, known), known) == 0


def test_a_removed_file_that_nobody_takes_is_saved_when_space_returns(tmp_path, until):
    known = truth(TICKS)
    folder, spill = tmp_path / "stick", tmp_path / "spill"
    folder.mkdir()
    spill.write_text("a file where the spill folder should be")
    recorder = Recorder(folder / "trial-01.xdf", STREAMS, {}, spill, block_s=0.002)
    run(recorder, range(12), known)
    until(acknowledged(recorder, 12), "rows on the stick")
    shutil.rmtree(folder)
    until(lambda: "kept in memory" in recorder.status().fault, "the fault")
    run(recorder, range(12, TICKS), known)
    spill.unlink()
    recorder.close()
    paths = [Path(part) for part in recorder.status().parts]
    assert all(path.exists() for path in paths)
    trial = Trial(paths[0], paths[1:])
    assert missing_rows(play(trial, known), known) == 0


def test_a_disk_that_forgets_costs_nothing(tmp_path, until, monkeypatch):
    """A failed fsync may mean that accepted rows are gone: they are written again."""
    known = truth(TICKS)
    real = Part.sync
    broken = threading.Event()

    def sync(part: Part) -> None:
        if broken.is_set() and part.path.parent == tmp_path:
            raise OSError(errno.EIO, "Input/output error")
        real(part)

    monkeypatch.setattr(Part, "sync", sync)
    recorder = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {}, tmp_path / "spill",
        block_s=0.002, fsync_s=0.05,
    )  # fmt: skip
    run(recorder, range(8), known)
    until(acknowledged(recorder, 8), "the first rows")
    age_s = recorder.status().last_fsync_age_s
    until(lambda: recorder.status().last_fsync_age_s < age_s, "an fsync")
    broken.set()
    run(recorder, range(8, TICKS), known)
    until(lambda: "fsync: Input/output error" in recorder.status().fault, "the fault")
    recorder.close()
    spilled = Trial(tmp_path / "spill" / "trial-01-part2.xdf")
    assert spilled.rows(EMG.id) >= 20 * (TICKS - 8)
    joined = Trial(tmp_path / "trial-01.xdf", [spilled.path])
    assert missing_rows(play(joined, known), known) == 0
    assert joined.rows(EMG.id) == len(known.t_s[EMG.id])
    # without being told where: the spill folder is looked into, other recordings'
    # parts in it do not count
    monkeypatch.setattr(joining, "spill_folder", lambda: tmp_path / "spill")
    (tmp_path / "spill" / "trial-01-part3.xdf").write_bytes(b"XDF:nonsense")
    found = Trial(tmp_path / "trial-01.xdf")
    assert found.rows(EMG.id) == len(known.t_s[EMG.id])
    assert not any("part" in damage.what for damage in found.damage)


def test_a_hanging_disk_blocks_no_driver_and_is_told(tmp_path, until):
    known = truth(TICKS)
    hang, go_on = threading.Event(), threading.Event()

    def write(fd: int, data) -> int:
        if hang.is_set():
            go_on.wait(30.0)
        return os.write(fd, data)

    recorder = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {}, None, block_s=0.002, write=write
    )
    hang.set()
    run(recorder, range(TICKS), known)  # returns although nothing is written
    until(lambda: "has not answered" in recorder.status().fault, "the fault")
    assert recorder.status().acknowledged == {INSOLE.id: 0, EMG.id: 0}
    go_on.set()
    trial = Trial(recorder.close())
    assert missing_rows(play(trial, known), known) == 0
    assert recorder.status().fault == ""


def test_rows_that_no_memory_holds_are_counted_and_recorded_as_a_gap(tmp_path, until):
    known = truth(TICKS)
    full = threading.Event()

    def write(fd: int, data) -> int:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    recorder = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {}, None,
        block_s=0.002, memory_bytes=4000, write=write,
    )  # fmt: skip
    run(recorder, range(4), known)
    until(acknowledged(recorder, 4), "the first rows")
    full.set()
    run(recorder, range(4, 20), known)
    status = recorder.status()
    assert "rows are lost" in status.fault
    until(lambda: "kept in memory" in recorder.status().fault, "the fault")
    assert status.waiting_bytes <= 4000
    full.clear()
    for tick in range(20, TICKS):
        until(lambda: recorder.status().waiting_bytes == 0, "room")
        run(recorder, range(tick, tick + 1), known)
    recorder.close()
    trial = Trial(tmp_path / "trial-01.xdf")
    played = play(trial, known)
    dropped = recorder.status().dropped
    assert sum(dropped.values()) == missing_rows(played, known) > 0
    for stream, rows in dropped.items():
        told = [g for g in played.gaps if g.stream == stream and g.kind == "overflow"]
        assert [gap.rows_lost for gap in told] == [rows]
        mine = all_rows(known)[stream]
        gone = np.setdiff1d(mine, played.rows[stream])
        assert told[0].after_row == gone[0]
        last = known.t_s[stream][gone[0] - mine[0] - 1]
        behind = known.t_s[stream][gone[-1] - mine[0] + 1]
        assert told[0].t_s == last
        assert told[0].duration_s == pytest.approx(behind - last)
    report = verify(tmp_path / "trial-01.xdf")
    assert not report.ok
    assert {s.id: s.lost for s in report.streams if s.id in dropped} == {
        stream: rows + 2 * (stream == INSOLE.id) for stream, rows in dropped.items()
    }


def test_rows_that_found_no_disk_at_all_are_told_by_close(tmp_path):
    known = truth(TICKS)
    full = threading.Event()

    def write(fd: int, data) -> int:
        if full.is_set():
            raise OSError(errno.ENOSPC, "No space left on device")
        return os.write(fd, data)

    recorder = Recorder(
        tmp_path / "trial-01.xdf", STREAMS, {}, tmp_path / "spill",
        block_s=30.0, write=write,
    )  # fmt: skip
    full.set()
    run(recorder, range(TICKS), known)
    rows = sum(len(t) for t in known.t_s.values())
    with pytest.raises(RecordingError, match="rows could not be written") as told:
        recorder.close()
    assert int(str(told.value).split(": ")[1].split()[0]) >= rows
    assert Trial(tmp_path / "trial-01.xdf").rows(EMG.id) == 0


def test_parts_beside_each_other_are_joined(tmp_path):
    known = truth(TICKS)
    writer, _ = record(tmp_path, Disk(40, "EIO", tmp_path))
    part = writer.parts[1]
    for file in (part, part.with_name(f"{part.name}.idx")):
        shutil.move(file, tmp_path / file.name)
    trial = Trial(tmp_path / "trial-01.xdf")
    assert missing_rows(play(trial, known), known) == 0
    assert len(trial.files) == 2
    only = Trial(tmp_path / part.name)
    assert 0 < only.rows(EMG.id) < len(known.t_s[EMG.id])


def test_a_damaged_copy_in_the_second_part_is_taken_from_the_first(tmp_path):
    known = truth(TICKS)
    writer, _ = record(tmp_path, Disk(44, "EIO", tmp_path))
    first, second = (Trial(path, []) for path in writer.parts)
    file = second.files[0]
    repeated = file.places(EMG.id)[0]
    assert first.end_row(EMG.id) > int(file.records.first_row[repeated])
    offset = int(file.records.offset[repeated])
    data = bytearray(writer.parts[1].read_bytes())
    data[offset + 100] ^= 1
    writer.parts[1].write_bytes(data)
    joined = Trial(writer.parts[0], writer.parts[1:])
    assert missing_rows(play(joined, known), known) == 0
    assert joined.damage == []


def test_a_part_of_another_recording_is_left_out(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        record(tmp_path / name, Disk(0))
    stranger = tmp_path / "b" / "trial-01.xdf"
    trial = Trial(tmp_path / "a" / "trial-01.xdf", [stranger, tmp_path / "none.xdf"])
    assert len(trial.files) == 1
    assert [d.file for d in trial.damage] == ["trial-01.xdf", "none.xdf"]
    assert not any(isinstance(i, Gap) and i.rows_lost == 99 for i in trial.chunks())
