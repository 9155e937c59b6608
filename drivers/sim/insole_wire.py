"""Insole samples as A5 5A frames.

Frame (drivers reference 4.9): ``A5 5A``, u16 frame number, u16 type, u16 payload
length, payload, CRC-16/MODBUS high byte first; little-endian otherwise. Payload of a
sample frame: u64 device time of the first sample in ms, u16 sample count, samples.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from drivers.checksums import CHECKSUMS

if TYPE_CHECKING:
    from lablive.messages import Floats

FORCE_FRAME: Final = 0x0101
PRESSURE_FRAME: Final = 0x0201


_CRC: Final = CHECKSUMS["CRC-16/MODBUS"].compute


def sample_frame(number: int, time_ms: int, counts: Floats, kind: int) -> bytes:
    """Return one frame of samples; ``counts`` has shape (samples, channels)."""
    payload = struct.pack("<QH", time_ms, len(counts)) + counts.astype("<u2").tobytes()
    head = struct.pack("<2sHHH", b"\xa5\x5a", number & 0xFFFF, kind, len(payload))
    return head + payload + struct.pack(">H", _CRC(head + payload))
