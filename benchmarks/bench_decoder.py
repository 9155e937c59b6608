"""Bytes -> rows: what decoding costs, frame by frame as a live device sends them.

Run ``python benchmarks/bench_decoder.py``. Every frame is a read of its own: framing,
checksum, counter, clock fit and conversion to rows, as in the host, without the wire.
Prints microseconds per read and the share of a core at the given rate. Exit 1 when a
400 Hz IMU needs more than 1 % of a core. A thread that sleeps between the reads pays
about three times as much for its cold caches, and the operating system's wake-up.
"""

from __future__ import annotations

import binascii
import struct
import sys
import time

from drivers.profile import Profile
from drivers.profile_check import profile_problems
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.profile_files import load_profile
from lablive.config import parse_toml

READS = 20_000
GOAL_PERCENT = 1.0

IMU = """
[device]
name = "IMU with counter and CRC"
kind = "imu"
[transport]
type = "serial"
baud = 921600
[framing]
mode = "sync"
sync = "AA 55"
size = 54
checksum = { algo = "CRC-16/XMODEM", from = 0, to = -2, at = -2 }
[counter]
field = "n"
bits = 16
[[message]]
name = "m"
rate_hz = 400.0
field = [
  { name = "n", at = 2, type = "u16le" },
  { name = "acc", at = 4, type = "f32le", count = 3, unit = "m/s^2" },
  { name = "gyro", at = 16, type = "f32le", count = 3, unit = "rad/s" },
  { name = "mag", at = 28, type = "f32le", count = 3, unit = "uT" },
]
[[stream]]
name = "imu"
message = "m"
fields = ["acc", "gyro", "mag"]
"""


def imu(n: int) -> bytes:
    body = struct.pack("<2sH9f12x", b"\xaa\x55", n & 0xFFFF, *([n * 0.1] * 9))
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "big")


def insole(n: int) -> bytes:
    from drivers.checksums import CHECKSUMS

    payload = struct.pack("<QH32H", 5 * n, 1, *([n % 4000] * 32))
    body = b"\xa5\x5a" + struct.pack("<3H", n & 0xFFFF, 0x0101, len(payload)) + payload
    return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")


def text(n: int) -> bytes:
    return f"{20 * n},{n},{','.join(['512'] * 32)},0\r\n".encode()


def cost_us(profile: Profile, frames: list[bytes], rate_hz: float) -> float:
    """Return microseconds per read, the best of three rounds."""
    best = float("inf")
    for _ in range(3):
        decoder = ProfileDecoder(profile, stream_infos(profile), live=False)
        begin = time.perf_counter()
        for number, frame in enumerate(frames):
            decoder.feed([frame], number / rate_hz)
        best = min(best, time.perf_counter() - begin)
        lost = sum(tally.lost for tally in decoder.tallies)
        rows = decoder.tallies[0].rows
        if lost or rows != len(frames):
            sys.exit(f"{profile.device.name}: {rows} rows, {lost} lost")
    return best / len(frames) * 1e6


def main() -> int:
    numbers = range(READS)
    cases = [
        (parse_toml(IMU, Profile, "imu", profile_problems), imu, 400.0),
        (load_profile("insole_a55a"), insole, 200.0),
        (load_profile("insole_csv"), text, 50.0),
    ]
    missed = False
    for profile, frame, rate_hz in cases:
        us = cost_us(profile, [frame(n) for n in numbers], rate_hz)
        percent = us * rate_hz * 1e-4
        print(f"{profile.device.name:28s} {us:6.1f} us per read", end="")
        print(f"  {percent:5.2f} % of a core at {rate_hz:g} Hz")
        missed |= frame is imu and percent > GOAL_PERCENT
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
