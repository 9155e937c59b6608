"""Frames of every format, by number: what a device sends when nothing is lost."""

from __future__ import annotations

import binascii
import struct
from typing import TYPE_CHECKING, NamedTuple

from wire_profiles import IMU, SERIAL, parse

from drivers.bitalino import BitalinoFramer, bitalino_profile
from drivers.checksums import CHECKSUMS
from drivers.profile import Device
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.profile_files import load_profile
from drivers.row_port import Quantity, row_profile
from drivers.sim.bitalino_device import frame as bitalino_frame
from drivers.witmotion_frames import ACC, GYRO, TIME, Settings, WitFramer, wit_profile
from drivers.xbus_frames import COUNTER, FINE_TIME, XbusFramer, xbus_profile
from drivers.xbus_frames import message as xbus_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.framing import Framer
    from drivers.profile import Profile

_ACC, _GYRO = 0x4020, 0x8020
REST = """
[counter]
field = "n"
bits = 16
[[message]]
name = "m"
rate_hz = 100.0
field = [{ name = "n", at = 0, type = "u16le" },
  { name = "v", at = 2, type = "u16le", count = 4 }]
[[stream]]
name = "s"
message = "m"
fields = ["v"]
"""
CHECKED = (
    'checksum = { algo = "CRC-16/MODBUS", from = 0, to = -2, at = -2 }\nsize = 12\n'
)


class Sender(NamedTuple):
    """A device: its profile, a frame by number, and a framer of its own or none."""

    profile: Profile
    frame: Callable[[int], bytes]
    rate_hz: float  # frames per second
    rows: int = 1  # per frame
    framer: Callable[[], Framer] | None = None

    def decoder(self, *, live: bool = True) -> ProfileDecoder:
        """Return a decoder of all its streams."""
        framer = self.framer() if self.framer else None
        infos = stream_infos(self.profile)
        found = ProfileDecoder(self.profile, infos, live=live, framer=framer)
        if live and self.profile.framing.is_text:
            found.feed([b"half a line\n"], 0.0)  # as when a wire is opened
        return found


def imu(n: int) -> bytes:
    """Return a frame of the tests' own IMU."""
    body = struct.pack("<2sH6h2x", b"\xaa\x55", n & 0xFFFF, *((n % 999,) * 6))
    return body + binascii.crc_hqx(body, 0).to_bytes(2, "big")


def a55a(n: int) -> bytes:
    """Return a frame of two rows, 5 ms apart, with a counter and a clock."""
    payload = struct.pack("<QH64H", 10 * n, 2, *((n % 4000,) * 64))
    head = struct.pack("<2sHHH", b"\xa5\x5a", n & 0xFFFF, 0x0101, len(payload))
    body = head + payload
    return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")


def wit(n: int) -> bytes:
    """Return the packets of a row: time, acceleration, rate of turn."""
    ms = 5 * n
    clock = (26, 1, 2, ms // 3_600_000 % 24, ms // 60_000 % 60, ms // 1000 % 60)
    found = b""
    for kind, data in (
        (TIME, bytes(clock) + struct.pack("<H", ms % 1000)),
        (ACC, struct.pack("<4H", *((n % 4000,) * 4))),
        (GYRO, struct.pack("<4H", *((n % 4000,) * 4))),
    ):
        body = bytes((0x55, kind)) + data
        found += body + bytes((sum(body) & 0xFF,))
    return found


def cyton(n: int) -> bytes:
    """Return a frame with an 8-bit counter and no checksum."""
    return bytes((0xA0, n & 0xFF)) + (n % 4000).to_bytes(3, "big") * 10 + b"\xc0"


def csv(n: int) -> bytes:
    """Return a line with time, counter and 32 cells."""
    return f"{20 * n},{n},{','.join(['7'] * 32)},0\r\n".encode()


def nmea(n: int) -> bytes:
    """Return a sentence with a checksum."""
    body = f"VNYMR,{','.join(f'{n % 90 + k / 8:+.3f}' for k in range(12))}".encode()
    return b"$%b*%02X\r\n" % (body, CHECKSUMS["XOR8"].compute(body))


def orphe(n: int) -> bytes:
    """Return a notification of two rows."""
    row = struct.pack(">10h6H", *((n % 999,) * 16))
    return struct.pack(">BH5x", 56, n & 0xFFFF) + row * 2 + bytes(32)


def xbus(n: int) -> bytes:
    """Return a data message with counter, time, acceleration and rate of turn."""
    acc, gyro = (struct.pack(">3f", *((n % 999 / k,) * 3)) for k in (8, 16))
    data = struct.pack(">HBH", COUNTER, 2, n & 0xFFFF)
    data += struct.pack(">HBI", FINE_TIME, 4, n * 100 & 0xFFFFFFFF)
    for ident, part in ((_ACC, acc), (_GYRO, gyro)):
        data += struct.pack(">HB", ident, len(part)) + part
    return xbus_message(0x36, data)


def bitalino(n: int) -> bytes:
    """Return a frame of two inputs with a 4-bit counter and a 4-bit checksum."""
    return bitalino_frame(n, [n % 1024, n * 7 % 1024])


def checked(n: int) -> bytes:
    """Return what stands inside a packet: counter, four numbers, CRC-16."""
    body = struct.pack("<5H", n & 0xFFFF, *((n % 4000,) * 4))
    return body + CHECKSUMS["CRC-16/MODBUS"].compute(body).to_bytes(2, "big")


def slip(n: int) -> bytes:
    """Return a SLIP packet."""
    body = checked(n).replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
    return body + b"\xc0"


def cobs(n: int) -> bytes:
    """Return a COBS packet of less than 254 bytes."""
    parts = checked(n).split(b"\0")
    return b"".join(bytes((len(part) + 1,)) + part for part in parts) + b"\0"


def board(n: int) -> bytes:
    """Return a row as a library hands it over: a package number of 8 bits."""
    return struct.pack("<qq4f", n & 0xFF, 0, *((n % 999,) * 4))


def _packets(mode: str) -> Profile:
    return parse(
        SERIAL.format(kind="other") + f'[framing]\nmode = "{mode}"\n{CHECKED}' + REST
    )


SENDERS = {
    "imu": Sender(parse(IMU), imu, 200.0),
    "insole_a55a": Sender(load_profile("insole_a55a"), a55a, 100.0, 2),
    "sim_insoles": Sender(load_profile("sim_insoles"), a55a, 100.0, 2),
    "insole_csv": Sender(load_profile("insole_csv"), csv, 50.0),
    "orphe_56": Sender(load_profile("orphe_56"), orphe, 100.0, 2),
    "cyton_raw": Sender(load_profile("cyton_raw"), cyton, 250.0),
    "vectornav_ymr": Sender(load_profile("vectornav_ymr"), nmea, 40.0),
    "witmotion": Sender(
        wit_profile(Settings(frozenset((TIME, ACC, GYRO)), 200.0)),
        wit,
        200.0,
        framer=lambda: WitFramer(timed=True),
    ),
    "xbus": Sender(
        xbus_profile((_ACC, _GYRO), 100.0),
        xbus,
        100.0,
        framer=lambda: XbusFramer((_ACC, _GYRO)),
    ),
    "bitalino": Sender(
        bitalino_profile((1, 2), 1000, {}),
        bitalino,
        1000.0,
        framer=lambda: BitalinoFramer(2),
    ),
    "brainflow": Sender(
        row_profile(
            Device(name="Cyton", kind="emg"),
            250.0,
            [Quantity("emg", "uV", 4)],
            name="emg",
            counter_bits=8,
        ),
        board,
        250.0,
    ),
    "slip": Sender(_packets("slip"), slip, 100.0),
    "cobs": Sender(_packets("cobs"), cobs, 100.0),
}
