"""Orientation of the lab's nine IMUs: ``python benchmarks/bench_orientation.py``.

200 Hz each, in chunks of 33 ms as live ticks bring them and of a second as a file does;
then the angles of a whole file.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from drivers.sim.runner import Runner
from lablive.signals.angles import forward_lean_deg, obliquity_deg, segment_rotation
from lablive.signals.orientation import Orientation, OrientationSettings

IMUS, RATE_HZ, SECONDS = 9, 200, 120
LIVE_ROWS, FILE_ROWS = 7, 200
GOALS = {"live_pct_of_a_core": 1.0, "file_s_per_hour": 6.0}


def spent_s(t_s: np.ndarray, x: np.ndarray, per_chunk: int) -> float:
    """Return the seconds one IMU takes."""
    stage = Orientation(OrientationSettings(rate_hz=RATE_HZ))
    begin = time.perf_counter()
    quats = []
    for first in range(0, len(t_s), per_chunk):
        part = slice(first, first + per_chunk)
        rows = x[part].astype(np.float64)
        quats.append(stage.feed(t_s[part], rows[:, :3], rows[:, 3:]).quat)
    if per_chunk == FILE_ROWS:
        r = segment_rotation(np.concatenate(quats), np.eye(3))
        forward_lean_deg(r), obliquity_deg(r)
    return time.perf_counter() - begin


def main() -> int:
    t_s, x = Runner().window("Sim thigh left IMU", 0.0, SECONDS)
    x = x.astype(np.float32)
    share = {rows: spent_s(t_s, x, rows) / SECONDS for rows in (LIVE_ROWS, FILE_ROWS)}
    found = {
        "live_pct_of_a_core": 100 * IMUS * share[LIVE_ROWS],
        "file_s_per_hour": 3600 * IMUS * share[FILE_ROWS],
    }
    for what, value in found.items():
        print(
            f"{what}: {value:.2f} (goal {GOALS[what]:g}), {IMUS} IMUs of {RATE_HZ} Hz"
        )
    return int(any(found[what] > goal for what, goal in GOALS.items()))


if __name__ == "__main__":
    sys.exit(main())
