"""Every write, fsync and read of a session fails once, and once for good."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest import mock

from lablive.errors import RecordingError
from lablive.recording.index import sidecar
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.recording.trial_cases import (
    STREAMS,
    Truth,
    feed,
    missing_rows,
    play,
    truth,
    write_trial,
)
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lablive.recording.part import Write

TICKS = 32
NEVER_S = 1e6  # the threads sleep: each write and fsync is ours, in order
HOW = ("ENOSPC", "EIO", "EROFS", "short")


class Fault(NamedTuple):
    """The n-th call of one kind fails; from then on all of them when for good."""

    call: str
    number: int
    how: str
    for_good: bool


class Disk:
    """Stands before the trial's own folder; the spill folder stays well."""

    def __init__(self, fault: Fault, folder: Path) -> None:
        self.calls = 0
        self._fault = fault
        self._folder = folder

    def fails(self, fd: int) -> bool:
        self.calls += 1
        if self.calls < self._fault.number:
            return False
        if self.calls == self._fault.number:
            return True
        return self._fault.for_good and self._is_here(fd)

    def _is_here(self, fd: int) -> bool:
        mine = os.fstat(fd)
        files = self._folder.glob("trial*")
        return any(os.path.samestat(mine, file.stat()) for file in files)

    def write(self, fd: int, data: bytes) -> int:
        if not self.fails(fd):
            return os.write(fd, data)
        if self._fault.how == "short":
            return os.write(fd, data[: len(data) // 2])
        raise trouble(self._fault.how)

    def fsync(self, fd: int, real: Callable[[int], None] = os.fsync) -> None:
        if self.fails(fd):
            raise trouble(self._fault.how)
        real(fd)


def trouble(how: str) -> OSError:
    number = getattr(errno, "EIO" if how == "short" else how)
    return OSError(number, os.strerror(number))


def record(folder: Path, fault: Fault, known: Truth) -> tuple[Recorder, int, str]:
    """Record a session with a fault; return the recorder, its calls, what it told."""
    disk = Disk(fault, folder)
    path, spill = folder / "trial-01.xdf", folder / "spill"
    if fault.call == "write":
        recorder, told = step_by_step(path, spill, known, disk.write)
    else:
        with mock.patch("os.fsync", disk.fsync):
            recorder, told = step_by_step(path, spill, known)
    return recorder, disk.calls, told


def step_by_step(
    path: Path, spill: Path, known: Truth, write: Write = os.write
) -> tuple[Recorder, str]:
    """Record a session, each write and fsync in its turn; return what it told, too."""
    recorder = Recorder(
        path, STREAMS, {"a": "b"}, spill,
        block_s=NEVER_S, fsync_s=NEVER_S, write=write,
    )  # fmt: skip
    for tick in range(TICKS):
        feed(recorder, known, tick)
        if tick % 4 == 3:
            recorder._write()
            recorder._sync()
    told = recorder.status().fault
    recorder.close()
    return recorder, told or recorder.status().fault


def run_disk(job: Job) -> Seen:
    """Let each write and each fsync of a session fail, in every way."""
    seen = Seen()
    known = truth(TICKS)
    job.folder.mkdir(exist_ok=True)
    for call in ("write", "fsync"):
        with _fresh(job.folder / "whole") as folder:
            calls = record(folder, Fault(call, 0, "EIO", False), known)[1]
        for number in range(1, min(calls, job.count) + 1):
            for how in HOW if call == "write" else ("EIO",):
                for for_good in (False, True):
                    fault = Fault(call, number, how, for_good)
                    with _fresh(job.folder / "session") as folder:
                        _one(folder, fault, known, seen)
        seen.counts[f"{call}s of the session"] = calls
    return seen


def _one(folder: Path, fault: Fault, known: Truth, seen: Seen) -> None:
    seen.done += 1
    seen.counts[f"{fault.call} failed: {fault.how}"] += 1
    try:
        recorder, _, told = record(folder, fault, known)
        parts = [Path(part) for part in recorder.status().parts]
        trial = Trial(parts[0], parts[1:])
        missing = missing_rows(play(trial, known), known)
        trial.close()
        seen.expect(missing == 0, fault, f"{missing} rows lost")
        report = verify(parts[0], parts[1:])
        seen.expect(report.damage == [], fault, f"damage: {report.damage[:2]}")
        if len(parts) > 1:
            seen.counts["gone on in the spill folder"] += 1
            seen.expect(bool(told), fault, "another folder, and not told")
    except RecordingError as error:
        first = fault.call == "write" and fault.number <= 3
        seen.expect(first, fault, f"refused: {error}")
        seen.expect(not list(folder.glob("*.xdf")), fault, "a file left behind")
        seen.counts["refused at Record, nothing left behind"] += 1
    except AssertionError as error:
        seen.break_(fault, f"a wrong value: {str(error).split()[:12]}")
    except Exception as error:  # noqa: BLE001  the subject of this torture
        seen.break_(fault, f"raised {error!r}")


@contextmanager
def _fresh(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class BadReads:
    """The n-th read of a file fails, is short, or all of them from the n-th on."""

    def __init__(self, number: int, how: str, for_good: bool) -> None:
        self.calls = 0
        self._number, self._how, self._for_good = number, how, for_good

    def _now(self) -> bool:
        self.calls += 1
        is_later = self._for_good and self.calls > self._number > 0
        return self.calls == self._number or is_later

    def read(self, fd: int, length: int, real=os.read) -> bytes:
        if not self._now():
            return real(fd, length)
        if self._how == "short":
            return real(fd, length // 2)
        raise trouble("EIO")

    def opened(self, path: Path, *args, real=Path.open, **kwargs):
        """Files that Python reads itself (index, checksums of the whole file)."""
        file = real(path, *args, **kwargs)
        return _File(file, self) if "b" in str((*args, *kwargs.values())) else file


class _File:
    """A file whose reads may fail."""

    def __init__(self, file, reads: BadReads) -> None:
        self._file, self._reads = file, reads

    def __getattr__(self, name: str):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self._file.close()

    def read(self, *length: int) -> bytes:
        most = length[0] if length else 1 << 30
        return self._reads.read(-1, most, lambda _, n: self._file.read(n))

    def readinto(self, room) -> int:
        data = self._reads.read(-1, len(room), lambda _, n: self._file.read(n))
        room[: len(data)] = data
        return len(data)


def run_reads(job: Job) -> Seen:
    """Let each read of opening, verifying and playing fail."""
    seen = Seen()
    job.folder.mkdir(exist_ok=True)
    path = job.folder / "trial-01.xdf"
    known = write_trial(path, TICKS)
    for with_index in (True, False):
        if not with_index:
            sidecar(path).unlink()
        calls = BadReads(0, "", False)
        with mock.patch("lablive.recording.pages.PAGE_BYTES", 4096):
            _read_all(path, known, calls)
            for number in range(1, min(calls.calls, job.count) + 1):
                for how in ("EIO", "short"):
                    for for_good in (False, True):
                        _one_read(path, known, (number, how, for_good), seen)
        what = "with" if with_index else "without"
        seen.counts[f"reads {what} index"] = calls.calls
    return seen


def _read_all(path: Path, known: Truth, reads: BadReads) -> tuple[int, bool]:
    """Return missing rows and whether anything was told."""
    with (
        mock.patch("os.read", reads.read),
        mock.patch.object(Path, "open", lambda p, *a, **k: reads.opened(p, *a, **k)),
    ):
        report = verify(path)
        trial = Trial(path)
        try:
            missing = missing_rows(play(trial, known), known)
            told = bool(trial.damage) or not trial.files[0].is_closed()
            return missing, told or not report.ok
        finally:
            trial.close()


def _one_read(path: Path, known: Truth, fault: tuple, seen: Seen) -> None:
    seen.done += 1
    try:
        missing, told = _read_all(path, known, BadReads(*fault))
        seen.expect(not missing or told, fault, f"{missing} rows missing, not told")
        seen.counts["read, what is missing told"] += 1
    except RecordingError as error:
        seen.counts["refused with one message"] += 1
        is_told = fault[1] == "short" or "disk" in str(error)
        seen.expect(is_told, fault, f"the disk is not blamed: {error}")
    except AssertionError as error:
        seen.break_(fault, f"a wrong value: {str(error).split()[:12]}")
    except Exception as error:  # noqa: BLE001  the subject of this torture
        seen.break_(fault, f"raised {error!r}")
