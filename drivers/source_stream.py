"""A stream of a wire, with its ring: it lives across reconnects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np

from drivers.recent import Recent
from lablive.errors import DeviceError
from lablive.messages import Chunk, Gap, StreamStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lablive.live.ring import RingWriter
    from lablive.messages import Floats, Marker, StreamInfo

STALL_S = 0.5  # no sample for this long = stalled (drivers reference, section 0.3)
STALL_PERIODS = 5.0  # ... or this many sample periods for slow devices
SMALLEST_STEP_S = 1e-9
_NOTHING: Final = StreamStatus(stream=0, state="recovering")


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

    def marker(self, marker: Marker) -> None:
        """Take what a reader of the recording must know."""
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
    earlier: StreamStatus = _NOTHING  # losses counted at earlier openings
    battery: int = -1  # channel that carries the device's charge, -1 = none
    battery_pct: float = -1.0
    recent: Recent = field(default_factory=Recent)

    @property
    def stall_after_s(self) -> float:
        """Silence that means trouble; infinite for irregular streams."""
        rate_hz = self.info.rate_hz
        return max(STALL_S, STALL_PERIODS / rate_hz) if rate_hz > 0 else float("inf")

    def silence(self, now_s: float, why: str) -> Gap:
        """Return the mark of a silence that lasts until ``now_s``."""
        since_s = self.last_t_s if self.rows else self.opened_s
        return Gap(
            stream=self.info.id,
            after_row=self.rows,
            t_s=since_s,
            duration_s=now_s - since_s,
            rows_lost=None,
            kind="stall",
            why=why or "no sample",
        )

    def see_charge(self, charge_pct: float) -> None:
        """Note the device's charge; a missing value leaves the one before."""
        if 0.0 <= charge_pct <= 100.0:
            self.battery_pct = charge_pct

    def keep_count(self, last: StreamStatus) -> None:
        """Keep the losses an opening ends with; after it nobody counts exactly."""
        kept = together(last, self.earlier)
        exact = kept.lost_is_exact and not self.rows
        self.earlier = msgspec.structs.replace(kept, lost_is_exact=exact)


def together(earlier: StreamStatus, now: StreamStatus) -> StreamStatus:
    """Return ``now`` and the losses of earlier openings: each driver begins at zero."""
    return msgspec.structs.replace(
        now,
        lost=earlier.lost + now.lost,
        lost_is_exact=earlier.lost_is_exact and now.lost_is_exact,
        duplicates=earlier.duplicates + now.duplicates,
        checksum_errors=earlier.checksum_errors + now.checksum_errors,
        skipped_bytes=earlier.skipped_bytes + now.skipped_bytes,
        gaps=earlier.gaps + now.gaps,
    )


def battery_channel(info: StreamInfo) -> int:
    """Return the channel with the device's charge in percent, -1 = there is none."""
    for number, channel in enumerate(info.channels):
        if channel.unit == "%" and "battery" in channel.label.lower():
            return number
    return -1


def too_silent(
    source: str, silent_s: float, told: Iterable[StreamStatus]
) -> DeviceError:
    """Return why a wire is closed and opened again."""
    faults = [status.last_fault for status in told]
    return DeviceError(
        "timeout",
        next(filter(None, faults), "")
        or f"{source} has sent nothing for {silent_s:.0f} s.",
        still="Other devices and the recording go on.",
        todo="Check power and cable; it comes back by itself.",
    )


def after(last_t_s: float, t_s: Floats) -> Floats:
    """Return times strictly after ``last_t_s``: a re-opened wire may fit earlier."""
    floor = last_t_s + SMALLEST_STEP_S * np.arange(1, len(t_s) + 1)
    return np.maximum(t_s, floor)


def numbered(chunk: Chunk, stream: int, first_row: int, t_s: Floats) -> Chunk:
    """Return a chunk under other numbers; dataclasses.replace takes twice as long."""
    return Chunk(stream, first_row, t_s, chunk.x, chunk.counter, chunk.arrival_s)
