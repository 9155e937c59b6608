"""Cost of the live rings at full lab load, and torn windows under attack.

Run ``python benchmarks/bench_ring.py``. Prints CPU per second of lab load beside two
copy floors and the np.roll way, in one run. Then a writer process that never rests
attacks one ring, while windows of up to 99.9 % of it are taken: views, checked after
use, and copies. Exit 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from lablive.live.ring import RingReader, RingWriter
from lablive.messages import ChannelInfo, Chunk, StreamInfo

# name, channels, rate Hz: 12 streams pushed every 10 ms
LOAD = [("insole_left", 16, 200), ("insole_right", 16, 200)]
LOAD += [(f"imu_{site}", 9, 200) for site in range(8)]
LOAD += [("emg", 8, 2000), ("audio", 2, 48000)]
PUSHES_HZ, READS_HZ, WINDOW_S, RING_S = 100, 60, 10, 30


def stream(name: str, channels: int, rate_hz: float) -> StreamInfo:
    labels = tuple(ChannelInfo(f"c{index}") for index in range(channels))
    return StreamInfo(0, name, "test", rate_hz, labels)


class Floor:
    """No ring at all: one slice write of the values, one view."""

    def __init__(self, folder: Path, name: str, channels: int, rate_hz: int) -> None:
        self.x = np.zeros((RING_S * rate_hz, channels), np.float32)
        self.window = WINDOW_S * rate_hz

    def push(self, chunk: Chunk) -> None:
        x = chunk.x
        self.x[: len(x)] = x

    def read(self) -> object:
        return self.x[-self.window :]


class FloorWithTimes(Floor):
    """The same, with the times that every row of ours carries."""

    def __init__(self, folder: Path, name: str, channels: int, rate_hz: int) -> None:
        super().__init__(folder, name, channels, rate_hz)
        self.t_s = np.zeros(RING_S * rate_hz)

    def push(self, chunk: Chunk) -> None:
        x, t_s = chunk.x, chunk.t_s
        self.x[: len(x)] = x
        self.t_s[: len(t_s)] = t_s

    def read(self) -> object:
        return self.x[-self.window :], self.t_s[-self.window :]


class Roll(FloorWithTimes):
    """Shift everything per chunk, copy on read (what stream classes around do)."""

    def push(self, chunk: Chunk) -> None:
        rows = len(chunk)
        self.x = np.roll(self.x, -rows, axis=0)
        self.t_s = np.roll(self.t_s, -rows, axis=0)
        self.x[-rows:], self.t_s[-rows:] = chunk.x, chunk.t_s

    def read(self) -> object:
        return self.x[-self.window :].T.copy(), self.t_s[-self.window :].copy()


class Ours:
    """Writer and reader of one mapped file; every window is checked after use."""

    def __init__(self, folder: Path, name: str, channels: int, rate_hz: int) -> None:
        path = folder / f"{name}.ring"
        self.writer = RingWriter(path, stream(name, channels, rate_hz), RING_S)
        self.reader = RingReader(path)
        self.window = WINDOW_S * rate_hz
        self.row = 0

    def push(self, chunk: Chunk) -> None:
        self.writer.write(chunk)

    def read(self) -> object:
        window = self.reader.latest(self.window)
        return window.still_valid()


def measure(way: type[Floor] | type[Ours], seconds: float) -> tuple[float, float]:
    """Return CPU ms per second of lab load: pushes, reads."""
    with tempfile.TemporaryDirectory() as folder:
        rings = [way(Path(folder), *one) for one in LOAD]
        chunks = [_full(channels, rate) for _, channels, rate in LOAD]
        for ring, chunk in zip(rings, chunks, strict=True):
            ring.push(chunk)  # every page is touched
        chunks = [_next(chunk, len(chunk) // RING_S // PUSHES_HZ) for chunk in chunks]
        push = read = due = 0.0
        for tick in range(int(seconds * PUSHES_HZ)):
            start = time.perf_counter()
            for ring, chunk in zip(rings, chunks, strict=True):
                ring.push(chunk)
            end = time.perf_counter()
            push += end - start
            if tick >= due:
                due += PUSHES_HZ / READS_HZ
                for ring in rings:
                    ring.read()
                read += time.perf_counter() - end
            chunks = [_next(chunk, len(chunk)) for chunk in chunks]
        for ring in rings:
            if isinstance(ring, Ours):
                ring.writer.close()
    return push / seconds * 1e3, read / seconds * 1e3


def _full(channels: int, rate: int) -> Chunk:
    rows = RING_S * rate
    x = np.random.default_rng(0).standard_normal((rows, channels), np.float32)
    return Chunk(0, 0, np.arange(rows) / rate, x)


def _next(chunk: Chunk, rows: int) -> Chunk:
    """Return the chunk that a driver would hand over next, fresh like there."""
    first = chunk.first_row + len(chunk)
    return Chunk(0, first, chunk.t_s[:rows].copy(), chunk.x[:rows].copy())


def load(seconds: float) -> bool:
    ways = {
        "floor, values": (Floor, seconds),
        "floor, values + times": (FloorWithTimes, seconds),
    }
    ways |= {"LabLive ring": (Ours, seconds), "np.roll": (Roll, 0.5)}
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(5):  # in turn, so that a noisy machine is noisy for all
        for name, (way, span) in ways.items():
            figures[name].append(measure(way, span))
    total = {}
    print(f"{len(LOAD)} streams, CPU ms per second of lab load (median of 5)")
    for name, runs in figures.items():
        push, read = (statistics.median(column) for column in zip(*runs, strict=True))
        total[name] = push + read
        print(f"{name:24} push {push:8.3f}  read {read:8.3f}  sum {push + read:8.3f}")
    ours = total["LabLive ring"]
    values, both = ours / total["floor, values"], ours / total["floor, values + times"]
    roll = total["np.roll"] / ours
    print(f"ring / floor of values         {values:6.2f}  (goal <= 3)")
    print(f"ring / floor of values + times {both:6.2f}")
    print(f"np.roll / ring                 {roll:6.0f}  (goal >= 100)")
    return values <= 3 and roll >= 100


ATTACK = stream("attack", 8, 1000)
ATTACK_S, ATTACK_ROWS = 20, 20
SHARES = 0.999, 0.999, 0.98, 0.9  # of the ring, in turn


def attack(path: Path) -> None:
    """Write flat out, every value its row number, until the pipe is closed."""
    writer = RingWriter(path, ATTACK, ATTACK_S)
    offsets = np.arange(ATTACK_ROWS)
    print("ready", flush=True)
    row = 0
    while True:
        rows = row + offsets
        x = np.repeat(rows[:, None] % 2**24, 8, axis=1).astype(np.float32)
        writer.write(Chunk(0, row, rows.astype(float), x))
        row += ATTACK_ROWS


def right(first: int, t_s: np.ndarray, x: np.ndarray) -> bool:
    rows = np.arange(first, first + len(t_s))
    wanted = (rows % 2**24).astype(np.float32)
    ends = x[:, 0], x[:, -1]
    return bool((t_s == rows).all() and all((end == wanted).all() for end in ends))


def torn(reads: int) -> bool:
    """Return whether no torn window was accepted, of views and of copies."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "attack.ring"
        command = [sys.executable, __file__, "--attack", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            reader = RingReader(path)
            while reader.rows < reader.capacity:
                pass
            kinds = "views", "torn", "refused", "accepted", "torn but accepted"
            seen = dict.fromkeys(kinds, 0)
            copies = cut = wrong = 0
            start = time.perf_counter()
            for number in range(reads):
                ask = int(SHARES[number // 2 % 4] * reader.capacity)
                window = reader.latest(ask)
                if number % 2:
                    kept = window.copy()
                    copies += 1
                    cut += len(kept) < len(window)
                    wrong += not right(kept.first_row, kept.t_s, kept.x)
                    continue
                good = right(window.first_row, window.t_s, window.x)
                valid = window.still_valid()
                seen["views"] += 1
                seen["torn"] += not good
                seen["refused"] += not valid
                seen["accepted"] += valid
                seen["torn but accepted"] += valid and not good
            span = time.perf_counter() - start
            rate = reader.rows / ATTACK_ROWS / span
            writer.kill()
    print(f"attack: {rate:.0f} pushes/s, ring of {reader.capacity} rows")
    print("views:  " + ", ".join(f"{count} {name}" for name, count in seen.items()))
    print(f"copies: {copies}, cut {cut}, wrong {wrong}")
    fair = seen["torn"] > 0 and seen["accepted"] > 0 and cut > 0  # a real attack
    return fair and seen["torn but accepted"] == 0 and wrong == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of lab load")
    parser.add_argument("--reads", type=int, default=100_000, help="under attack")
    parser.add_argument("--attack", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        attack(options.attack)
    good = load(options.seconds)
    return 0 if torn(options.reads) and good else 1


if __name__ == "__main__":
    sys.exit(main())
