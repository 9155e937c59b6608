"""A simulated BITalino: one-byte commands, live mode, frames of 3 to 8 bytes."""

from __future__ import annotations

from typing import Final

from drivers.bitalino import crc4

_SIZES: Final = (0, 3, 4, 6, 7, 8, 8)
VERSION: Final = b"BITalino_v5.2\n"


def analogue(number: int, channel: int) -> int:
    """Return the counts of input ``channel`` (1 to 6) in row ``number``."""
    return (number * 7 + channel * 100) % 1024


def frame(number: int, values: list[int], digital: int = 0) -> bytes:
    """Return a frame; ``values`` of the inputs on, the last two of six with 6 bits."""
    b = bytearray(_SIZES[len(values)])
    v = values + [0] * (6 - len(values))
    b[-1] = (number & 0x0F) << 4
    b[-2] = (digital & 0x0F) << 4 | v[0] >> 6
    b[-3] = (v[0] & 0x3F) << 2 | (v[1] >> 8 if len(values) > 1 else 0)
    if len(values) > 1:
        b[-4] = v[1] & 0xFF
    if len(values) > 2:
        b[-5] = v[2] >> 2
        b[-6] = (v[2] & 3) << 6 | v[3] >> 4
    if len(values) > 3:
        b[-7] = (v[3] & 0x0F) << 4 | v[4] >> 2
    if len(values) > 4:
        b[-8] = (v[4] & 3) << 6 | v[5]
    b[-1] |= crc4(bytes(b))
    return bytes(b)


class BitalinoDevice:
    """A BITalino; ``commands`` are all bytes it was sent."""

    def __init__(self) -> None:
        self.baud = 115200
        self.rate_hz = 0.0
        self.commands = b""
        self._set_hz = 1000.0
        self._channels: list[int] = []

    def answer(self, data: bytes) -> bytes:
        """Answer commands."""
        said = b""
        self.commands += data
        for byte in data:
            if byte == 0x07:
                said += VERSION
            elif byte in (0x00, 0xFF):
                self.rate_hz = 0.0
            elif byte & 0x03 == 0x03:
                self._set_hz = (1.0, 10.0, 100.0, 1000.0)[byte >> 6]
            elif byte & 0x03 == 0x01:
                self._channels = [c for c in range(1, 7) if byte >> (1 + c) & 1]
                self.rate_hz = self._set_hz
        return said

    def frame(self, number: int) -> bytes:
        """Return the frame of row ``number``."""
        values = [
            analogue(number, channel) >> (4 if place > 3 else 0)
            for place, channel in enumerate(self._channels)
        ]
        return frame(number, values)
