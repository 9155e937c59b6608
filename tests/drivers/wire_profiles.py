"""Profiles that exist only for tests, and short ways to decode with a profile."""

from __future__ import annotations

import binascii
from typing import TYPE_CHECKING

import numpy as np

from drivers.profile import Profile
from drivers.profile_check import profile_problems
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from lablive.config import parse_toml
from lablive.messages import Chunk, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

CUTS = (1, 3, 7, 37, 64, 1_000_000)

SERIAL = """
[device]
name = "Test device"
kind = "{kind}"
[transport]
type = "serial"
baud = 921600
"""

# a small IMU with everything the decoder looks at: sync, CRC, counter, two fields
IMU = (
    SERIAL.format(kind="imu")
    + """
[framing]
mode = "sync"
sync = "AA 55"
size = 20
checksum = { algo = "CRC-16/XMODEM", from = 0, to = -2, at = -2 }
[counter]
field = "n"
bits = 16
[[message]]
name = "m"
rate_hz = 200.0
field = [
  { name = "n", at = 2, type = "u16le" },
  { name = "acc", at = 4, type = "i16le", count = 3, scale = 0.001, unit = "g" },
  { name = "gyro", at = 10, type = "i16le", count = 3, scale = 0.1, unit = "deg/s" },
]
[[stream]]
name = "imu"
message = "m"
fields = ["acc", "gyro"]
site = "pelvis"
"""
)


def parse(text: str) -> Profile:
    """Return a checked profile."""
    return parse_toml(text, Profile, "test.toml", profile_problems)


def decoder(profile: Profile, *, live: bool = False) -> ProfileDecoder:
    """Return a decoder of all its streams."""
    return ProfileDecoder(profile, stream_infos(profile), live=live)


def cut(data: bytes, size: int) -> list[bytes]:
    """Return the bytes in reads of at most ``size``."""
    return [data[at : at + size] for at in range(0, len(data), size)]


def feed_all(
    found: ProfileDecoder, reads: Iterable[bytes], every_s: float = 1e-4
) -> list[Chunk | Gap]:
    """Feed reads that arrive ``every_s`` apart."""
    out: list[Chunk | Gap] = []
    for number, data in enumerate(reads):
        out += found.feed([data], 100.0 + number * every_s)
    return out


def chunks(out: Iterable[Chunk | Gap], stream: int = 0) -> list[Chunk]:
    """Return the chunks of one stream."""
    return [c for c in out if isinstance(c, Chunk) and c.stream == stream]


def gaps(out: Iterable[Chunk | Gap], stream: int = 0) -> list[Gap]:
    """Return the gaps of one stream."""
    return [g for g in out if isinstance(g, Gap) and g.stream == stream]


def rows(out: Iterable[Chunk | Gap], stream: int = 0) -> np.ndarray:
    """Return all rows of one stream, shape (rows, channels)."""
    found = [chunk.x for chunk in chunks(out, stream)]
    return np.concatenate(found) if found else np.empty((0, 0))


def imu_frame(number: int, value: int = 0) -> bytes:
    """Return a frame of :data:`IMU`; every acc and gyro number is ``value``."""
    body = b"\xaa\x55" + (number & 0xFFFF).to_bytes(2, "little")
    body += value.to_bytes(2, "little", signed=True) * 6 + b"\0\0"
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "big")
