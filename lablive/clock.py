"""The one monotonic clock of the lab, and device counters fitted to it."""

from __future__ import annotations

import time


def now_s() -> float:
    """Return the lab clock in seconds.

    The same counter in every process of this machine (CLOCK_MONOTONIC, QPC or
    mach time), unaffected by changes of the wall clock.
    """
    return time.perf_counter()
