"""A disk that is really full: a tmpfs of a few kilobytes, or a byte budget."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lablive.errors import RecordingError
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.recording.trial_cases import missing_rows, play, truth
from tests.torture.faults import TICKS, step_by_step, trouble
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE = 4096
MOST_PAGES = 14  # the whole session takes about 12


@contextmanager
def small_disk(folder: Path, pages: int) -> Iterator[bool]:
    """Mount a disk of so many pages; yield whether the system let us."""
    folder.mkdir()
    size = f"size={pages * PAGE}"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    is_real = shutil.which("mount") is not None and (
        subprocess.run(command, capture_output=True, check=False).returncode == 0
    )
    try:
        yield is_real
    finally:
        if is_real:
            subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(folder)


def budget(most: int) -> Callable[[int, bytes], int]:
    """Return a write that has room for some bytes in the first folder."""
    left = [most]

    def write(fd: int, data: bytes) -> int:
        if "/spill/" in str(Path(f"/proc/self/fd/{fd}").readlink()):
            return os.write(fd, data)
        taken = min(left[0], len(data))
        left[0] -= taken
        if not taken:
            raise trouble("ENOSPC")
        return os.write(fd, data[:taken])

    return write


def run(job: Job) -> Seen:
    """Record onto a disk that fills up, once per case."""
    seen = Seen()
    known = truth(TICKS)
    for case in job.cases:
        chance = random.Random(f"{job.seed}:{case}")
        pages = chance.randint(1, MOST_PAGES)
        disk, spill = job.folder / "disk", job.folder / "spill"
        with small_disk(disk, pages) as is_real:
            room = os.write if is_real else budget(chance.randrange(pages * PAGE))
            seen.counts["real disks (tmpfs)" if is_real else "byte budgets"] += 1
            if is_real:  # other people's files
                (disk / "other").write_bytes(bytes(chance.randrange(PAGE)))
            seen.done += 1
            try:
                recorder, told = step_by_step(disk / "trial-01.xdf", spill, known, room)
                parts = [Path(part) for part in recorder.status().parts]
                trial = Trial(parts[0], parts[1:])
                missing = missing_rows(play(trial, known), known)
                trial.close()
                report = verify(parts[0], parts[1:])
                seen.expect(missing == 0, case, f"{missing} rows lost")
                seen.expect(report.damage == [], case, f"{report.damage[:2]}")
                seen.expect(len(parts) == 1 or bool(told), case, "not told")
                seen.counts["gone on in the spill folder"] += len(parts) > 1
            except RecordingError as error:
                seen.counts["refused at Record: no room for the first bytes"] += 1
                seen.expect(pages < 4, case, f"refused: {error}")
            except AssertionError as error:
                seen.break_(case, f"a wrong value: {str(error).split()[:12]}")
            except Exception as error:  # noqa: BLE001  the subject of this torture
                seen.break_(case, f"raised {error!r}")
        shutil.rmtree(spill, ignore_errors=True)
    return seen
