"""Recorder at full lab load: CPU per second of data, beside a raw binary writer.

``python benchmarks/bench_recorder.py [--seconds 20]``. Both see the same 10 ms chunks
of 12 streams (2 insoles, 8 IMUs, EMG, 2 x 48 kHz sound) in real time, write 80 ms
blocks and fsync once a second. CPU is that of the whole process minus that of the
same loop without a recorder.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from lablive.clock import now_s
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording.recorder import Recorder

LOAD = [("insole_left", 16, 200), ("insole_right", 16, 200)]
LOAD += [(f"imu_{k}", 9, 200) for k in range(8)]
LOAD += [("emg", 8, 2000), ("sound", 2, 48000)]
TICK_S = 0.01
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


class Nothing:
    def append(self, chunk: Chunk) -> None:
        pass

    def close(self) -> None:
        pass


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
        self._threads = [
            threading.Thread(target=self._every, args=(0.08, self._write)),
            threading.Thread(target=self._every, args=(1.0, self._sync)),
        ]
        for thread in self._threads:
            thread.start()

    def append(self, chunk: Chunk) -> None:
        self._pending[chunk.stream].append(chunk)

    def _every(self, period_s: float, work) -> None:
        while not self._stop.wait(period_s):
            work()
        work()

    def _write(self) -> None:
        for k, (x_fd, t_fd) in enumerate(self._fds):
            taken, self._pending[k] = self._pending[k], []
            if taken:
                os.write(x_fd, np.concatenate([c.x for c in taken]).data)
                os.write(t_fd, np.concatenate([c.t_s for c in taken]).data)

    def _sync(self) -> None:
        for pair in self._fds:
            for fd in pair:
                os.fsync(fd)

    def close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        for pair in self._fds:
            for fd in pair:
                os.close(fd)


def cpu_of(sink, seconds: float) -> float:
    """Return CPU seconds per second of data, fed in real time."""
    rng = np.random.default_rng(0)
    values = [
        rng.standard_normal((max(1, int(rate * TICK_S)), n)).astype(np.float32)
        for _, n, rate in LOAD
    ]
    t0_s = now_s() + 1.0
    ticks = [chunks_of(tick, values, t0_s) for tick in range(int(seconds / TICK_S))]
    time.sleep(max(0.0, t0_s - now_s()))
    cpu = time.process_time()
    for tick, chunks in enumerate(ticks):
        for chunk in chunks:
            sink.append(chunk)
        time.sleep(max(0.0, t0_s + (tick + 1) * TICK_S - now_s()))
    sink.close()
    return (time.process_time() - cpu) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    seconds = parser.parse_args().seconds
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        floor = cpu_of(Nothing(), seconds)
        raw = cpu_of(RawFiles(place / "raw"), seconds) - floor
        recorder = Recorder(place / "trial-01.xdf", streams(), {}, None)
        ours = cpu_of(recorder, seconds) - floor
    percent = ours * 100
    verdict = "ok" if percent <= TARGET_PERCENT else "over"
    print(f"feeding loop alone  {floor * 100:6.3f} % of a core (taken off below)")
    print(f"raw binary files    {raw * 100:6.3f} % of a core")
    print(f"recorder            {percent:6.3f} % of a core, {ours / raw:.2f} x raw")
    print(f"target <= {TARGET_PERCENT} % of a core: {verdict}")


if __name__ == "__main__":
    main()
