"""Frozen structs that travel between drivers, disk, pipeline and screen.

All times are seconds of the one lab clock (:func:`lablive.clock.now_s`), which is
also the time stamp written into the trial file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Values = NDArray[np.float32 | np.float64]
    Ints = NDArray[np.int64]

SampleFormat = Literal["float32", "double64"]
GapKind = Literal["lost", "stall", "reset", "overflow"]
DriverState = Literal[
    "closed", "opening", "settling", "streaming", "stalled", "recovering", "failed"
]


class ChannelInfo(msgspec.Struct, frozen=True):
    """One channel: label, unit as the device sends it, kind of quantity."""

    label: str
    unit: str = ""
    kind: str = ""


class StreamInfo(msgspec.Struct, frozen=True):
    """What a stream is before its first sample.

    ``id`` is unique within one host session and is the XDF stream id.
    ``rate_hz`` 0 means irregular. ``counter_bits`` 0 means that loss on the way
    cannot be seen on this device.
    """

    id: int
    name: str
    type: str
    rate_hz: float
    channels: tuple[ChannelInfo, ...]
    source_id: str = ""
    hostname: str = ""
    device: str = ""
    sample_format: SampleFormat = "float32"
    counter_bits: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        """Channel labels in order."""
        return tuple(channel.label for channel in self.channels)


class Chunk(msgspec.Struct, frozen=True, eq=False):
    """Consecutive rows of one stream.

    Attributes
    ----------
    stream
        Stream id.
    first_row
        Number of the first row; received rows are counted without holes.
    t_s
        Time of every row, shape (rows,), strictly increasing within a stream.
    x
        Values, shape (rows, channels), in the stream's own units.
    counter
        Unwrapped device counter of every row, shape (rows,), or None.
    arrival_s
        When the bytes reached this machine, one number for the whole chunk.
    """

    stream: int
    first_row: int
    t_s: Floats
    x: Values
    counter: Ints | None = None
    arrival_s: float = 0.0

    def __len__(self) -> int:
        return len(self.t_s)


class Gap(msgspec.Struct, frozen=True):
    """Loss is data: rows that did not arrive, or a stream that stopped.

    ``after_row`` rows of the stream had been received when the gap was noticed.
    ``t_s`` is the time of the last row before it. A ``stall`` releases whatever
    waits for the stream up to ``t_s + duration_s``: rows that come later with an
    older time stay on disk but no longer change a result, so that replay takes the
    same decision as live did. ``rows_lost`` None means "unknown".
    """

    stream: int
    after_row: int
    t_s: float
    duration_s: float
    rows_lost: int | None
    kind: GapKind
    why: str = ""


class StreamStatus(msgspec.Struct, frozen=True):
    """Health of one stream, as shown in the stream list (drivers reference 3.5)."""

    stream: int
    state: DriverState
    rows: int = 0
    rate_hz: float = 0.0
    effective_rate_hz: float = 0.0
    lost: int = 0
    lost_is_exact: bool = True
    duplicates: int = 0
    checksum_errors: int = 0
    skipped_bytes: int = 0
    gaps: int = 0
    ppm: float = 0.0
    jitter_p95_ms: float = 0.0
    last_sample_age_s: float = -1.0  # -1: no sample yet
    reconnects: int = 0
    last_fault: str = ""
    battery_pct: float = -1.0  # -1: the device does not tell
    clock_offset_s: float = 0.0  # added to time stamps of another computer's clock


class SourceSpec(msgspec.Struct, frozen=True):
    """Ask the host to open a device.

    ``driver`` is ``profile`` (options ``profile``, ``port``), ``lsl`` (options
    ``name``, ``type``, ``source_id``, ``hostname``), or another name known to
    :mod:`drivers.host`. ``id`` names the source for the user. ``record_raw``: its bytes
    are kept beside each trial, so that they can be looked at later.
    """

    id: str
    driver: str
    options: dict[str, str | float | bool] = {}
    record_raw: bool = False


class Marker(msgspec.Struct, frozen=True):
    """An operator event on the lab clock; ``kind`` is machine-readable."""

    t_s: float
    text: str
    kind: str = "marker"


def to_json(message: Any) -> str:
    """Return a struct or plain data as compact JSON text."""
    return msgspec.json.encode(message).decode()
