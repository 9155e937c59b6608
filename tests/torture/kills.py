"""``kill -9`` of the host and of the app at random moments, again and again."""

from __future__ import annotations

import random
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lablive.clock import now_s
from lablive.errors import LabLiveError, RecordingError
from lablive.live.link import LinkClient
from lablive.live.reports import HostReport
from lablive.live.ring import RingReader
from lablive.live.run_folder import is_held
from lablive.recording.damage import TORN_END
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.structs import from_plain
from tests.promises.lab import RUN, Program, assert_whole, numbers, wait_for
from tests.torture.nursery import Nursery
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

ON_DISK_S = 0.1
MOST_S = 1.2  # of a recording before the kill
LOOK_S = 0.002
PHASES = ("recording",) * 8 + ("starting", "stopping")


class Moment(NamedTuple):
    """What the rings had at some time."""

    t_s: float
    rows: dict[int, int]


class Bench:
    """Devices that stay, hosts that come and go."""

    def __init__(self, folder: Path) -> None:
        self.run = folder / "run"
        self.trials = folder / "trials"
        self.spill = folder / "spill"
        for made in (self.run, self.trials):
            made.mkdir(mode=0o700)
        self.nursery = Nursery()
        port = Program(["tests.promises.numbered", "--port", str(folder)])
        options = ["--streams", "insoles", "--set", RUN, "--id", "torture"]
        self.devices = [port, Program(["drivers.sim.wires", *options])]

    def host(self) -> tuple[int, LinkClient]:
        """Start a host with every device sending."""
        pid = self.nursery.start("host", self.run)
        found: list[LinkClient] = []

        def there() -> bool:
            try:
                found.append(LinkClient.connect(self.run))
            except LabLiveError:
                return False
            return True

        wait_for(there, "the host")
        link = found[0]
        for device in self.devices:
            for spec in device.specs():
                told = {"id": spec.id, "driver": spec.driver, "options": spec.options}
                link.call("add_source", timeout_s=10, spec=told, wait_s=5.0)
        wait_for(lambda: all_send(report(link)), "every stream")
        return pid, link

    def gone(self) -> None:
        wait_for(lambda: not is_held(self.run), "the end of the host")

    def close(self) -> None:
        self.nursery.close()
        for device in self.devices:
            device.stop()


@contextmanager
def bench(folder: Path) -> Iterator[Bench]:
    made = Bench(folder)
    try:
        yield made
    finally:
        made.close()


def report(link: LinkClient) -> HostReport:
    return from_plain(link.call("status", timeout_s=10), HostReport, strict=False)


def all_send(told: HostReport) -> bool:
    status = [one for source in told.sources for one in source.status]
    return len(status) >= 3 and all(one.rows for one in status)


def rings(told: HostReport) -> dict[int, RingReader]:
    return {
        info.id: RingReader(Path(ring))
        for source in told.sources
        for info, ring in zip(source.streams, source.rings, strict=True)
    }


def run_host(job: Job) -> Seen:
    """Kill the host once per case; look at the file it left."""
    seen = Seen()
    late_s: list[float] = []
    with bench(job.folder) as lab:
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            try:
                _kill_host(lab, case, chance, seen, late_s)
            except AssertionError as error:
                seen.break_(case, " ".join(str(error).split())[:200])
            except LabLiveError as error:
                seen.break_(case, f"not started: {error}")
            seen.done += 1
    if late_s:
        worst, usual = max(late_s) * 1e3, float(np.median(late_s)) * 1e3
        seen.notes.append(
            f"newest row on disk {usual:.0f} ms older than the newest in memory"
            f" (median), {worst:.0f} ms (worst)"
        )
    return seen


def _kill_host(
    lab: Bench, case: int, chance: random.Random, seen: Seen, late_s: list[float]
) -> None:
    phase = chance.choice(PHASES)
    path = lab.trials / f"trial-{case:04d}.xdf"
    pid, link = lab.host()
    readers = rings(report(link))
    asked = {"path": str(path), "header": {}, "spill": str(lab.spill)}
    pause = threading.Event()
    base: dict[int, int] | None = None
    try:
        if phase == "starting":
            link.post("start_recording", **asked)
            pause.wait(chance.uniform(0, 0.03))
        else:
            base = _started(link, asked)
        seen_rows = _watch(readers, chance.uniform(0, MOST_S), phase)
        if phase == "stopping":
            link.post("stop_recording")
            pause.wait(chance.uniform(0, 0.05))
    finally:
        lab.nursery.kill(pid)
        killed_s = now_s()
        lab.gone()
        link.close()
    seen.counts[f"killed while {phase}"] += 1
    if base is None and not path.exists():
        return  # killed before there was a file
    old = [m for m in seen_rows if m.t_s <= killed_s - ON_DISK_S]
    _check(path, base, old[-1] if old else None, case, seen)
    if base is not None and phase == "recording":
        late_s.append(_late_s(path, readers))
    for file in lab.trials.glob(f"{path.name}*"):
        file.unlink()


def _started(link: LinkClient, asked: dict) -> dict[int, int]:
    answer = link.call("start_recording", timeout_s=10, **asked)
    return {int(key): rows for key, rows in answer["first_rows"].items()}


def _watch(readers: dict[int, RingReader], seconds: float, phase: str) -> list[Moment]:
    """Look at the rings for a while."""
    moments: list[Moment] = []
    pause = threading.Event()
    end_s = now_s() + (0.0 if phase == "starting" else seconds)
    while now_s() < end_s:
        rows = {key: reader.rows for key, reader in readers.items()}
        moments.append(Moment(now_s(), rows))
        pause.wait(LOOK_S)
    return moments


def _check(
    path: Path, base: dict[int, int] | None, old: Moment | None, case: int, seen: Seen
) -> None:
    try:
        trial = Trial(path)
    except RecordingError as error:
        # killed while the first bytes were written: nothing was answered yet
        seen.expect(base is None, case, f"does not open: {error}")
        return
    try:
        for info in trial.streams:
            if base is None or old is None or info.id not in base:
                continue
            due = old.rows[info.id] - base[info.id]
            here = trial.end_row(info.id)
            seen.expect(
                here >= due, case, f"{info.name}: {due} rows 0.1 s before, {here} kept"
            )
        if any(info.name.startswith("numbered") for info in trial.streams):
            found = numbers(trial)  # fails on a wrong value
            if len(found):
                assert_whole(found)
            seen.counts["numbered rows read back, none wrong or missing"] += len(found)
        told = verify(path)
        strange = [d for d in told.damage if d.what != TORN_END]
        seen.expect(not strange, case, f"damage: {strange[:2]}")
        closed = any("not closed" in text for text in told.findings)
        seen.expect(told.closed or closed, case, "nothing told of the end")
        seen.counts["file not closed, and told"] += not told.closed
        seen.counts["last write torn, and told"] += bool(told.damage)
    finally:
        trial.close()


def _late_s(path: Path, readers: dict[int, RingReader]) -> float:
    """Return by how much the file ends before the rings do."""
    trial = Trial(path)
    late = [0.0]
    for info in trial.streams:
        newest = readers[info.id].latest(1).t_s
        t_s, _ = trial.window(info.id, -np.inf, np.inf)
        if len(newest) and len(t_s):
            late.append(float(newest[-1] - t_s[-1]))
    trial.close()
    return max(late)


def run_app(job: Job) -> Seen:
    """Kill the app once per case while the host records."""
    seen = Seen()
    pause = threading.Event()
    with bench(job.folder) as lab:
        pid, link = lab.host()
        path = lab.trials / "trial-01.xdf"
        asked = {"path": str(path), "header": {}, "spill": str(lab.spill)}
        _started(link, asked)
        before = 0
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            app = lab.nursery.start("app", lab.run)
            if chance.random() < 0.3:
                seen.counts["killed while joining"] += 1
            else:
                began_s = now_s()
                while lab.nursery.line() != "joined":
                    pass
                took_s = now_s() - began_s
                seen.counts["killed after rows had come"] += 1
                seen.counts["joined after more than 2 s"] += took_s > 2.0
            pause.wait(chance.uniform(0, 0.1))
            lab.nursery.kill(app)
            told = report(link).recording
            seen.expect(told is not None, case, "the recording has ended")
            rows = min(told.rows.values()) if told else 0
            seen.expect(rows >= before, case, "the recording stands still")
            before = rows
            seen.done += 1
        link.call("stop_recording", timeout_s=20)
        link.close()
        lab.nursery.kill(pid)
        lab.gone()
        told = verify(path)
        seen.expect(told.ok, "the whole trial", str(told.findings))
        trial = Trial(path)
        found = numbers(trial)
        assert_whole(found)
        seen.counts["numbered rows in one recording, none missing"] = len(found)
        seen.notes.append(f"one recording of {trial.duration_s:.0f} s")
        trial.close()
    return seen
