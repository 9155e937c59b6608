"""Recorder at full lab load: CPU per second of data, beside a raw binary writer.

``python benchmarks/bench_recorder.py [--seconds 5] [--rounds 3]``. Both get the same
10 ms chunks of 12 streams (2 insoles, 8 IMUs, EMG, 2 x 48 kHz sound), write 80 ms
blocks and fsync once a second. First as fast as it goes: the CPU the work costs, for
which the target stands. Then in real time with all threads, where every wake-up finds
cold caches. Rounds alternate, the median counts; kernel time is included.
Exit 1 when the goal is missed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from lablive.clock import now_s
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording.intake import Intake
from lablive.recording.recorder import Recorder
from lablive.recording.writer import TrialWriter

LOAD = [("insole_left", 16, 200), ("insole_right", 16, 200)]
LOAD += [(f"imu_{k}", 9, 200) for k in range(8)]
LOAD += [("emg", 8, 2000), ("sound", 2, 48000)]
TICK_S, BLOCK_S = 0.01, 0.08
TARGET_PERCENT = 0.3


def streams() -> list[StreamInfo]:
    return [
        StreamInfo(k, name, name, rate, tuple(ChannelInfo(f"c{c}") for c in range(n)))
        for k, (name, n, rate) in enumerate(LOAD)
    ]


def chunks_of(tick: int, values: list[np.ndarray], t0_s: float) -> list[Chunk]:
    made = []
    for k, x in enumerate(values):
        rate, first = LOAD[k][2], tick * len(x)
        t_s = t0_s + (first + np.arange(len(x))) / rate
        made.append(Chunk(k, first, t_s, x, None, t0_s + tick * TICK_S))
    return made


class RawFiles:
    """The peer: two binary files per stream, no format, no index, no checks."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        flags = os.O_CREAT | os.O_WRONLY
        self._fds = [
            (os.open(folder / f"{k}.x", flags), os.open(folder / f"{k}.t", flags))
            for k in range(len(LOAD))
        ]
        self._pending: list[list[Chunk]] = [[] for _ in LOAD]
        self._stop = threading.Event()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for period_s, work in ((BLOCK_S, self.write), (1.0, self.sync)):
            thread = threading.Thread(target=self._every, args=(period_s, work))
            thread.start()
            self.threads.append(thread)

    def append(self, chunk: Chunk) -> None:
        self._pending[chunk.stream].append(chunk)

    def _every(self, period_s: float, work) -> None:
        while not self._stop.wait(period_s):
            work()

    def write(self, now: float = 0.0) -> None:
        for k, (x_fd, t_fd) in enumerate(self._fds):
            taken, self._pending[k] = self._pending[k], []
            if taken:
                os.write(x_fd, np.concatenate([c.x for c in taken]).data)
                os.write(t_fd, np.concatenate([c.t_s for c in taken]).data)

    def sync(self) -> None:
        for pair in self._fds:
            for fd in pair:
                os.fsync(fd)

    def close(self) -> None:
        self._stop.set()
        for thread in self.threads:
            thread.join()
        self.write()
        for pair in self._fds:
            for fd in pair:
                os.close(fd)


class Stages:
    """What the recorder's threads do, called in turn."""

    def __init__(self, path: Path) -> None:
        self._intake = Intake(1 << 28)
        for info in streams():
            self._intake.add_stream(info)
        self._writer = TrialWriter(path, {}, None)
        self.append = self._intake.append

    def write(self, now: float) -> None:
        self._intake.release(self._writer.drain(self._intake.take(now), now))

    def sync(self) -> None:
        self._writer.part.sync()
        self._writer.synced(self._writer.sequence)

    def close(self) -> None:
        self._writer.finish(1e9)
        self._writer.part.close()


def make_ticks(seconds: float, t0_s: float) -> list[list[Chunk]]:
    rng = np.random.default_rng(0)
    values = [
        rng.standard_normal((max(1, int(rate * TICK_S)), n)).astype(np.float32)
        for _, n, rate in LOAD
    ]
    return [chunks_of(tick, values, t0_s) for tick in range(int(seconds / TICK_S))]


def work_of(sink: RawFiles | Stages, seconds: float) -> float:
    """Return CPU seconds per second of data, as fast as it goes."""
    ticks = make_ticks(seconds, 0.0)
    cpu = time.process_time()
    for tick, chunks in enumerate(ticks, 1):
        for chunk in chunks:
            sink.append(chunk)
        if tick % round(BLOCK_S / TICK_S) == 0:
            sink.write(tick * TICK_S)
        if tick % round(1.0 / TICK_S) == 0:
            sink.sync()
    cpu = time.process_time() - cpu
    sink.close()
    return 100 * cpu / seconds


def live(sink: RawFiles | Recorder, threads, seconds: float) -> float:
    """Return CPU seconds per second of data, in real time with all threads."""
    t0_s = now_s() + 1.0
    ticks = make_ticks(seconds, t0_s)
    time.sleep(max(0.0, t0_s - now_s()))
    clocks = [time.pthread_getcpuclockid(thread.ident) for thread in threads]
    cpu = -sum(time.clock_gettime(clock) for clock in clocks)
    for tick, chunks in enumerate(ticks):
        cpu -= time.thread_time()
        for chunk in chunks:
            sink.append(chunk)
        cpu += time.thread_time()
        time.sleep(max(0.0, t0_s + (tick + 1) * TICK_S - now_s()))
    cpu += sum(time.clock_gettime(clock) for clock in clocks)
    sink.close()
    return 100 * cpu / seconds


def one_round(place: Path, seconds: float) -> tuple[float, float, float, float]:
    raw = work_of(RawFiles(place / "raw"), seconds)
    ours = work_of(Stages(place / "a.xdf"), seconds)
    files = RawFiles(place / "raw_live")
    files.start()
    raw_live = live(files, files.threads, seconds)
    recorder = Recorder(place / "b.xdf", streams(), {}, None, block_s=BLOCK_S)
    threads = [recorder._write_thread, recorder._sync_thread]
    return raw, ours, raw_live, live(recorder, threads, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rounds = []
    for turn in range(asked.rounds):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(one_round(Path(folder), asked.seconds))
        told = "  ".join(f"{value:6.3f}" for value in rounds[-1])
        print(f"round {turn + 1}, % of a core: raw, recorder, live raw, live: {told}")
    raw, ours, raw_live, ours_live = map(statistics.median, zip(*rounds, strict=True))
    verdict = "ok" if ours <= TARGET_PERCENT else "OVER"
    print(f"work      {ours:.3f} % of a core, {ours / raw:.2f} x raw binary files")
    print(f"real time {ours_live:.3f} % of a core, {ours_live / raw_live:.2f} x raw")
    print(f"target    <= {TARGET_PERCENT} % of a core for the work: {verdict}")
    sys.exit(0 if ours <= TARGET_PERCENT else 1)


if __name__ == "__main__":
    main()
