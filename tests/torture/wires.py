"""Hosts that stand still as in a suspended computer, and cables pulled in storms."""

from __future__ import annotations

import os
import random
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drivers.sim.pty_wire import PtyWire
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises import numbered
from tests.promises.lab import assert_whole, checked_numbers, numbers, wait_for
from tests.torture.kills import bench, report
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from lablive.live.link import LinkClient
    from tests.torture.kills import Bench

SANE_S = 0.1  # stamps of the numbered rows against their numbers
CABLES = 4
STORM_ROWS = 5


def begin(lab: Bench, link: LinkClient, name: str) -> Path:
    path = lab.trials / name
    asked = {"path": str(path), "header": {}, "spill": str(lab.spill)}
    link.call("start_recording", timeout_s=10, **asked)
    return path


def run_suspend(job: Job) -> Seen:
    """Let the host stand still (SIGSTOP) while it records, for up to three seconds."""
    seen = Seen()
    pause = threading.Event()
    spread_s = [0.0]
    with bench(job.folder) as lab:
        pid, link = lab.host()
        path = begin(lab, link, "trial-01.xdf")
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            pause.wait(chance.uniform(0.1, 0.5))
            stood_s = chance.choice((0.05, 0.2, 0.6, 1.5, 3.0))
            os.kill(pid, signal.SIGSTOP)
            pause.wait(stood_s)
            os.kill(pid, signal.SIGCONT)
            seen.counts[f"stood still for {stood_s:g} s"] += 1
            rows = min_rows(link)
            wait_for(lambda rows=rows: min_rows(link) > rows, "rows afterwards")
            seen.done += 1
        pause.wait(1.0)
        link.call("stop_recording", timeout_s=20)
        link.close()
        trial = Trial(path)
        assert_whole(numbers(trial))
        for info in trial.streams:
            t_s, x = trial.window(info.id, -np.inf, np.inf)
            grows = bool((np.diff(t_s) > 0).all())
            seen.expect(grows, info.name, "stamps go back")
            if info.name == numbered.PTY_STREAM:
                late_s = t_s - checked_numbers(x) / numbered.RATE_HZ
                spread_s.append(float(np.ptp(late_s)))
        seen.expect(max(spread_s) < SANE_S, "stamps", f"{max(spread_s):.3f} s off")
        told = verify(path)
        seen.expect(not told.damage, "file", str(told.damage[:2]))
        seen.expect(told.is_explained, "file", f"not explained: {told.findings[:3]}")
        lost = sum(stream.lost for stream in told.streams)
        seen.counts["rows lost on the wire meanwhile, each told in a gap"] = lost
        seen.notes.append(
            f"stamps of {told.streams[0].rows} rows stay within"
            f" {max(spread_s) * 1e3:.0f} ms of their true course"
        )
        trial.close()
    return seen


def min_rows(link: LinkClient) -> int:
    running = report(link).recording
    return min(running.rows.values()) if running else -1


class Cable:
    """A device with numbered rows whose cable is pulled again and again."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.link = folder / name
        self.sent = 0
        self.wire = PtyWire()
        self._plug()

    def spec(self, profile: Path) -> dict:
        options = {"profile": str(profile), "port": str(self.link)}
        return {"id": self.name, "driver": "profile", "options": options}

    def _plug(self) -> None:
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(self.wire.path)

    def pull(self, chance: random.Random) -> None:
        """Send some rows, the last cut off anywhere, pull, plug in elsewhere."""
        if self.wire.listened:
            data = numbered.frames(self.sent, STORM_ROWS)
            keep = len(data) - chance.randrange(numbered.FRAME_BYTES)
            self.wire.send(data[:keep])
            self.sent += STORM_ROWS
        pulled, self.wire = self.wire, PtyWire()
        self._plug()
        pulled.close()


def run_unplug(job: Job) -> Seen:
    """Pull one of four cables per case, at random, faster than they are opened."""
    seen = Seen()
    pause = threading.Event()
    profile = job.folder / "numbered.toml"
    with bench(job.folder) as lab:
        pid, link = lab.host()
        cables = [Cable(job.folder, f"cable {k}") for k in range(CABLES)]
        for cable in cables:
            link.call("add_source", timeout_s=10, spec=cable.spec(profile), wait_s=5.0)
        settle(link, cables)
        path = begin(lab, link, "trial-01.xdf")
        before = threads_and_files(pid)
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            cable = chance.choice(cables)
            seen.counts["pulled while being used"] += cable.wire.listened
            cable.pull(chance)
            pause.wait(chance.choice((0.0, 0.01, 0.1, 0.3)))
            seen.done += 1
        settle(link, cables)
        after = threads_and_files(pid)
        kept = all(now <= then for now, then in zip(after, before, strict=True))
        seen.expect(kept, "host", f"threads, files {before} -> {after}")
        link.call("stop_recording", timeout_s=20)
        link.close()
        _check_storm(path, seen)
        for cable in cables:
            cable.wire.close()
    return seen


def settle(link: LinkClient, cables: list[Cable]) -> None:
    """Wait until every cable is used, and its rows come."""

    def streams() -> bool:
        for cable in cables:
            if cable.wire.listened:
                cable.wire.send(numbered.frames(cable.sent, STORM_ROWS))
                cable.sent += STORM_ROWS
        names = {cable.name for cable in cables}
        mine = [s for s in report(link).sources if s.spec.id in names]
        return all(s.state == "streaming" and s.status[0].rows for s in mine)

    wait_for(streams, "every cable", at_most_s=60)


def _check_storm(path: Path, seen: Seen) -> None:
    trial = Trial(path)
    for info in trial.streams:
        t_s, x = trial.window(info.id, -np.inf, np.inf)
        seen.expect(bool((np.diff(t_s) > 0).all()), info.name, "stamps go back")
        if x.shape[1] != numbered.CHANNELS:
            continue
        found = checked_numbers(x)  # fails on a wrong value
        steps = np.diff(found)
        seen.expect(bool((steps > 0).all()), info.name, "a row twice")
        missing = int((steps - 1).sum())
        gaps = [gap for gap in trial.gaps if gap.stream == info.id]
        told = sum(gap.rows_lost or 0 for gap in gaps)
        unknown = any(gap.rows_lost is None for gap in gaps)
        seen.expect(
            told == missing or unknown, info.name, f"{missing} missing, {told} told"
        )
        silent = not missing or bool(gaps)
        seen.expect(silent, info.name, f"{missing} rows missing, no gap")
        seen.counts["rows read back, none wrong"] += len(found)
        seen.counts["rows that never arrived, told in gaps"] += missing
    damage = verify(path).damage
    seen.expect(not damage, "file", str(damage[:2]))
    trial.close()


def threads_and_files(pid: int) -> tuple[int, ...]:
    process = Path("/proc") / str(pid)
    return tuple(len(list((process / what).iterdir())) for what in ("task", "fd"))
