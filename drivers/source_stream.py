"""A stream of a wire, with its ring: it lives across reconnects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.ring import RingWriter
    from lablive.messages import Chunk, Floats, Gap, StreamInfo

STALL_S = 0.5  # no sample for this long = stalled (drivers reference, section 0.3)
STALL_PERIODS = 5.0  # ... or this many sample periods for slow devices
SMALLEST_STEP_S = 1e-9


class Sink(Protocol):
    """Whoever stores rows; the recorder, when there is one."""

    def append(self, chunk: Chunk) -> None:
        """Take rows."""
        ...

    def gap(self, gap: Gap) -> None:
        """Take a loss."""
        ...

    def add_stream(self, info: StreamInfo) -> None:
        """Take a stream that appeared while recording."""
        ...


@dataclass
class Stream:
    """A stream with its ring; lives across reconnects of the wire."""

    info: StreamInfo
    ring: RingWriter | None  # None: no room for it; recorded all the same
    ring_path: Path
    rows: int = 0
    last_t_s: float = float("-inf")
    opened_s: float = 0.0
    last_seen_s: float = 0.0
    next_stall_s: float = float("inf")
    stalled: bool = False
    stalls: int = 0
    record_from: int = -1  # first row of this recording, -1 while not recorded
    driver_base: int = 0  # rows before the present opening of the wire

    @property
    def stall_after_s(self) -> float:
        """Silence that means trouble; infinite for irregular streams."""
        rate_hz = self.info.rate_hz
        return max(STALL_S, STALL_PERIODS / rate_hz) if rate_hz > 0 else float("inf")


def after(last_t_s: float, t_s: Floats) -> Floats:
    """Return times strictly after ``last_t_s``: a re-opened wire may fit earlier."""
    floor = last_t_s + SMALLEST_STEP_S * np.arange(1, len(t_s) + 1)
    return np.maximum(t_s, floor)
