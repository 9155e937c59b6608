"""A 400 Hz IMU on a real wire: what its thread in the host costs, wake-ups included.

Run ``python benchmarks/bench_wire.py``. A program of its own plays the device on a
pseudo-terminal; driver, numbering and ring are those of the host. Prints the share of
a core over windows of one second: the least, and the middle one. Unlike
``bench_decoder`` the thread sleeps between reads and pays for cold caches, so the
figure depends on what else the machine does. Exit 1 when the least misses the goal.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

from bench_decoder import IMU, imu

from drivers.profile import Profile
from drivers.profile_check import profile_problems
from drivers.profile_driver import ProfileDriver
from drivers.source import Source
from lablive.config import parse_toml
from lablive.messages import SourceSpec

GOAL_PERCENT = 1.0
RATE_HZ = 400.0
WINDOWS = 8
HAND_OVER_MS = (1.0, 16.0)  # a low-latency line, and the default of USB bridges


def play(device: int, every_s: float) -> None:
    """Write frames at their rate for ever, handed over every ``every_s``."""
    begin_s, sent = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - begin_s) * RATE_HZ)
        data = b"".join(imu(n) for n in range(sent, due))
        if data:
            os.write(device, data)
            sent = due
        time.sleep(every_s)


def shares(every_ms: float) -> tuple[list[float], float]:
    """Return percents of a core, one per second, and the rows per second."""
    device, line = os.openpty()
    tty.setraw(line)
    profile = parse_toml(IMU, Profile, "imu", profile_problems)
    numbers = iter(range(1, 100))
    command = [sys.executable, __file__, str(device), str(every_ms / 1e3)]
    with tempfile.TemporaryDirectory() as folder:
        source = Source(
            SourceSpec("imu", "profile"),
            lambda _: ProfileDriver(profile, os.ttyname(line)),
            lambda: next(numbers),
            Path(folder),
        )
        player = subprocess.Popen(command, pass_fds=(device,))
        try:
            source.start()
            source.wait_ready(5.0)
            time.sleep(1.5)
            found: list[float] = []
            rows = source.report().status[0].rows
            first_s = time.perf_counter()
            for _ in range(WINDOWS):
                cpu_s, wall_s = time.process_time(), time.perf_counter()
                time.sleep(1.0)
                used_s = time.process_time() - cpu_s
                found.append(100.0 * used_s / (time.perf_counter() - wall_s))
            rows = source.report().status[0].rows - rows
            return found, rows / (time.perf_counter() - first_s)
        finally:
            player.kill()
            player.wait()
            source.stop()
            os.close(device)
            os.close(line)


def main() -> int:
    missed = False
    for every_ms in HAND_OVER_MS:
        found, rate_hz = shares(every_ms)
        middle = statistics.median(found)
        print(f"handed over every {every_ms:g} ms: {min(found):.2f} to", end=" ")
        print(f"{middle:.2f} % of a core (least, middle), {rate_hz:.0f} rows/s")
        missed |= min(found) > GOAL_PERCENT
    return 1 if missed else 0


if __name__ == "__main__":
    if len(sys.argv) == 3:
        play(int(sys.argv[1]), float(sys.argv[2]))
    sys.exit(main())
