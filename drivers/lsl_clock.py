"""The LSL clock against the lab clock; on most systems they read the same counter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.clock import now_s

if TYPE_CHECKING:
    from types import ModuleType

SAME_CLOCK_S: Final = 1e-3  # a smaller difference is the noise of measuring it
_PROBES: Final = 5


def lab_minus_lsl_s(lsl: ModuleType) -> float:
    """Return what turns a time of the LSL clock into lab time, in seconds."""
    best_s, offset_s = float("inf"), 0.0
    for _ in range(_PROBES):
        before_s = now_s()
        lsl_s = lsl.local_clock()
        after_s = now_s()
        if after_s - before_s < best_s:
            best_s = after_s - before_s
            offset_s = (before_s + after_s) / 2 - lsl_s
    return 0.0 if abs(offset_s) < SAME_CLOCK_S else offset_s
