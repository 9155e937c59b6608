"""Trial after trial with host and window: memory, threads and files must not grow.

What is accelerated: an eight-hour day has some 48 trials, one every ten minutes; here
one follows the other. What a single long trial needs grows with its strides by design
and is not measured here.
"""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lablive.recording.verify import verify
from tests.promises.lab import Program
from tests.torture.kills import bench
from tests.torture.outcome import Job, Seen
from tests.torture.wires import threads_and_files

DAY_TRIALS, DAY_H = 48, 8.0
MOST_MB_PER_H = 1.0
WARM = 0.4  # of the trials: caches fill, allocators settle
FEWEST = 40  # trials from which a slope means something
TRIAL_S = (2.0, 5.0)
WAIT_S = 60.0


class Size(NamedTuple):
    """Of one process, between two trials."""

    rss_mb: float
    threads: int
    files: int


def size(pid: int) -> Size:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return Size(int(line.split()[1]) / 1024, *threads_and_files(pid))
    raise AssertionError(f"process {pid} has ended")


def run(job: Job) -> Seen:
    """Press Record and Stop in the window, again and again."""
    seen = Seen()
    pause = threading.Event()
    sizes: dict[str, list[Size]] = {"host": [], "window": []}
    with bench(job.folder) as lab:
        pid, link = lab.host()
        app = Program(["tests.torture.window", str(job.folder / "library")])
        pids = {"host": pid, "window": app.pid}
        try:
            app.wait_for("connected", WAIT_S)
            for case in job.cases:
                chance = random.Random(f"{job.seed}:{case}")
                app.tell("record")
                app.wait_for("recording", WAIT_S)
                pause.wait(chance.uniform(*TRIAL_S))
                app.tell("enough")
                path = Path(app.wait_for("connected", WAIT_S)["path"])
                told = verify(path)
                seen.expect(told.ok, case, str(told.findings[:2]))
                seen.counts["rows recorded"] += sum(s.rows for s in told.streams)
                pause.wait(1.0)  # the window verifies and counts its trial
                for name, number in pids.items():
                    sizes[name].append(size(number))
                seen.done += 1
        finally:
            app.kill()
            link.close()
    for name, found in sizes.items():
        _judge(name, found, seen)
    return seen


def _judge(name: str, found: list[Size], seen: Seen) -> None:
    warm = found[round(WARM * len(found)) :]
    rss_mb = np.array([one.rss_mb for one in warm])
    threads, files = ([one[k] for one in warm] for k in (1, 2))
    seen.notes.append(
        f"{name}: {found[0].rss_mb:.0f} MB after the first trial,"
        f" {found[-1].rss_mb:.0f} MB after the last; threads"
        f" {min(threads)} to {max(threads)}, files {min(files)} to {max(files)}"
    )
    if len(found) < FEWEST:
        return
    half = len(warm) // 2
    for what, counts in (("threads", threads), ("files", files)):
        grows = min(counts[half:]) > max(counts[:half])
        seen.expect(not grows, name, f"{what} grow: {counts}")
    per_trial = float(np.polyfit(np.arange(len(rss_mb)), rss_mb, 1)[0])
    per_h = per_trial * DAY_TRIALS / DAY_H
    seen.notes.append(
        f"{name}: {1024 * per_trial:+.0f} kB per trial, which is {per_h:+.2f} MB/h in a"
        f" day of {DAY_TRIALS} trials (last {len(warm)} of {len(found)} trials)"
    )
    seen.expect(per_h < MOST_MB_PER_H, name, f"grows by {per_h:.2f} MB/h")
