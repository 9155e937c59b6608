"""400 Hz IMUs on real wires: what their threads in the host cost, wake-ups included.

Run ``python benchmarks/bench_wire.py``. A program of its own plays the devices on
pseudo-terminals; driver, numbering and ring are those of the host. Prints the share of
a core per IMU over windows of one second: the least, and the middle one, for one IMU
and for the nine of a whole lab. Beside it the floor: a thread that only sleeps and
reads as often. Unlike ``bench_decoder`` threads sleep between reads and pay for cold
caches, so the figure depends on what else the machine does. Exit 1 when the least
misses the goal.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tty
from itertools import product
from pathlib import Path

from bench_decoder import IMU, imu

from drivers.profile import Profile
from drivers.profile_check import profile_problems
from drivers.profile_driver import GATHER_S, ProfileDriver
from drivers.source import Source
from lablive.config import parse_toml
from lablive.messages import SourceSpec

GOAL_PERCENT = 1.0
RATE_HZ = 400.0
WINDOWS = 8
HAND_OVER_MS = (1.0, 16.0)  # a low-latency line, and the default of USB bridges
IMUS = (1, 9)


def play(devices: list[int], every_s: float) -> None:
    """Write frames at their rate for ever, handed over every ``every_s``."""
    frames = [imu(n) for n in range(1 << 16)]
    sent = [0] * len(devices)
    begin_s = time.perf_counter()
    while True:
        for place, device in enumerate(devices):
            # every device at its own moment within a row
            at_s = time.perf_counter() - begin_s - place / len(devices) / RATE_HZ
            due = max(int(at_s * RATE_HZ), 0)
            if due > sent[place]:
                rows = range(sent[place], due)
                os.write(device, b"".join(frames[n % len(frames)] for n in rows))
                sent[place] = due
        time.sleep(every_s)


def shares(imus: int, every_ms: float) -> tuple[list[float], float]:
    """Return percents of a core per IMU, one per second, and an IMU's rows/s."""
    wires = [os.openpty() for _ in range(imus)]
    for _, line in wires:
        tty.setraw(line)
    profile = parse_toml(IMU, Profile, "imu", profile_problems)
    numbers = iter(range(1, 100))
    devices = [device for device, _ in wires]
    command = [sys.executable, __file__, str(every_ms / 1e3), *map(str, devices)]
    with tempfile.TemporaryDirectory() as folder:
        sources = [
            Source(
                SourceSpec(f"imu {place}", "profile"),
                lambda _, line=line: ProfileDriver(profile, os.ttyname(line)),
                lambda: next(numbers),
                Path(folder),
            )
            for place, (_, line) in enumerate(wires)
        ]
        player = subprocess.Popen(command, pass_fds=devices)
        try:
            for source in sources:
                source.start()
                source.wait_ready(5.0)
            time.sleep(2.5)
            rows, first_s = _rows(sources), time.perf_counter()
            found = [_share() / imus for _ in range(WINDOWS)]
            rows = _rows(sources) - rows
            return found, rows / imus / (time.perf_counter() - first_s)
        finally:
            player.kill()
            player.wait()
            for source in sources:
                source.stop()
            for end in (end for wire in wires for end in wire):
                os.close(end)


def floor() -> list[float]:
    """Return percents of a core of a thread that only sleeps and reads."""
    stop = threading.Event()
    readable, writable = os.pipe()

    def run() -> None:
        while not stop.is_set():
            os.write(writable, b"x")
            time.sleep(GATHER_S)
            os.read(readable, 1)

    reader = threading.Thread(target=run)
    reader.start()
    found = [_share() for _ in range(WINDOWS)]
    stop.set()
    reader.join()
    os.close(readable)
    os.close(writable)
    return found


def _rows(sources: list[Source]) -> int:
    return sum(source.report().status[0].rows for source in sources)


def _share() -> float:
    """Return the percent of a core that this program uses for a second."""
    cpu_s, wall_s = time.process_time(), time.perf_counter()
    time.sleep(1.0)
    used_s = time.process_time() - cpu_s
    return 100.0 * used_s / (time.perf_counter() - wall_s)


def main() -> int:
    missed = False
    for imus, every_ms in product(IMUS, HAND_OVER_MS):
        found, rate_hz = shares(imus, every_ms)
        middle = statistics.median(found)
        print(f"{imus} IMU, handed over every {every_ms:g} ms:", end=" ")
        print(f"{min(found):.2f} to {middle:.2f} % of a core each", end=" ")
        print(f"(least, middle), {rate_hz:.0f} rows/s")
        missed |= min(found) > GOAL_PERCENT
    bare = floor()
    print(f"sleeping and reading alone: {min(bare):.2f} to", end=" ")
    print(f"{statistics.median(bare):.2f} %")
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        play([int(text) for text in sys.argv[2:]], float(sys.argv[1]))
    sys.exit(main())
