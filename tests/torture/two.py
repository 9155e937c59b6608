"""Two hosts record one stream set, and get into each other's way."""

from __future__ import annotations

import os
import random
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.live.link import LinkClient
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from tests.promises.lab import Program, assert_whole, numbers, wait_for
from tests.torture.kills import report
from tests.torture.nursery import Nursery
from tests.torture.outcome import Job, Seen

if TYPE_CHECKING:
    from pathlib import Path

HOSTS = ("one", "two")
NAME = "numbered-two"


def run(job: Job) -> Seen:
    """Record with both, each begun and ended at random; the files must agree."""
    seen = Seen()
    nursery = Nursery()
    device = Program(["tests.promises.numbered", "--lsl", f"{NAME}-{os.getpid()}"])
    try:
        links = [_host(nursery, job.folder / name, device) for name in HOSTS]
        for case in job.cases:
            chance = random.Random(f"{job.seed}:{case}")
            _both(job.folder, case, chance, links, seen)
            seen.done += 1
        for link in links:
            link.close()
    finally:
        nursery.close()
        device.stop()
    return seen


def _host(nursery: Nursery, folder: Path, device: Program) -> LinkClient:
    folder.mkdir(mode=0o700)
    nursery.start("host", folder)
    found: list[LinkClient] = []

    def there() -> bool:
        with suppress(LabLiveError):
            found.append(LinkClient.connect(folder))
        return bool(found)

    wait_for(there, "the host")
    for spec in device.specs():
        told = {"id": spec.id, "driver": spec.driver, "options": spec.options}
        found[0].call("add_source", timeout_s=20, spec=told, wait_s=10.0)
    wait_for(
        lambda: any(s.rows for it in report(found[0]).sources for s in it.status),
        "the stream",
    )
    return found[0]


def _both(
    folder: Path, case: int, chance: random.Random, links: list[LinkClient], seen: Seen
) -> None:
    pause = threading.Event()
    paths = [folder / f"{name}-{case:03d}.xdf" for name in HOSTS]
    for link, path in zip(links, paths, strict=True):
        link.call("start_recording", timeout_s=10, path=str(path), header={})
        pause.wait(chance.uniform(0, 0.2))
    # a third one over the running file, and a second one beside it
    for path in (paths[0], folder / "other.xdf"):
        try:
            links[1].call("start_recording", timeout_s=10, path=str(path), header={})
            seen.break_(case, f"a second recording was begun: {path.name}")
        except LabLiveError:
            seen.counts["second recordings refused with one message"] += 1
    until_s = now_s() + chance.uniform(0.3, 1.0)
    wait_for(lambda: now_s() > until_s, "the time")
    for link in links:
        link.call("stop_recording", timeout_s=20)
    trials = [Trial(path) for path in paths]
    found = [numbers(trial, NAME) for trial in trials]  # fails on a wrong value
    for path, rows in zip(paths, found, strict=True):
        assert_whole(rows)
        told = verify(path)
        seen.expect(told.ok, case, f"{path.name}: {told.findings[:2]}")
    shared = np.intersect1d(*found)
    seen.expect(len(shared) > 0, case, "no row in both")
    seen.counts["rows that both have, none wrong"] += len(shared)
    for trial in trials:
        trial.close()
