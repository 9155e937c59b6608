"""WitMotion packets: commands, registers, and rows with the sensor's own time."""

from __future__ import annotations

import datetime
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from drivers.frame_rules import Frame
from drivers.framing import SyncFramer
from drivers.profile import Clock, Field
from drivers.profile_files import load_profile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.profile import Profile

SHIPPED: Final = "witmotion_wt901"
TIME: Final = 0x50
ACC: Final = 0x51
GYRO: Final = 0x52
QUAT: Final = 0x59
REGISTERS: Final = 0x5F
_MS_AT: Final = 11  # behind the packet's own bytes
_DAY_MS: Final = 86_400_000

# registers
RSW: Final = 0x02
RRATE: Final = 0x03
BAUD: Final = 0x04
BANDWIDTH: Final = 0x1F
_KEY: Final = 0x69
_SAVE: Final = 0x00

SENDS: Final = {0x01: TIME, 0x02: ACC, 0x04: GYRO, 0x200: QUAT}  # bits of RSW
RATES_HZ: Final = {
    1: 0.2, 2: 0.5, 3: 1.0, 4: 2.0, 5: 5.0, 6: 10.0, 7: 20.0, 8: 50.0, 9: 100.0,
    0x0A: 125.0, 0x0B: 200.0,
}  # fmt: skip
BAUDS: Final = {
    1: 4800, 2: 9600, 3: 19200, 4: 38400, 5: 57600, 6: 115200, 7: 230400, 8: 460800,
    9: 921600,
}  # fmt: skip
WANTED_RSW: Final = 0x0207  # time, acceleration, rate of turn, quaternion
WANTED_RATE: Final = 0x0B
WANTED_BAUD: Final = 6
WANTED_BANDWIDTH: Final = 2  # 94 Hz: the widest below half of 200 Hz


def write_register(register: int, value: int) -> bytes:
    """Return the command that writes a register.

    >>> write_register(BAUD, 6).hex()
    'ffaa040600'
    """
    return bytes((0xFF, 0xAA, register)) + struct.pack("<H", value)


UNLOCK: Final = write_register(_KEY, 0xB588)
SAVE: Final = write_register(_SAVE, 0)
ASK: Final = bytes((0xFF, 0xAA, 0x27, RSW, 0x00))  # registers 02 to 05


class Settings(NamedTuple):
    """What a sensor is set to.

    Attributes
    ----------
    sends
        Packet types that make a row.
    rate_hz
        Rows per second; 0 = it sends none by itself.
    """

    sends: frozenset[int]
    rate_hz: float

    @property
    def is_wanted(self) -> bool:
        """Whether it sends everything LabLive can use, 200 times a second."""
        return self.rate_hz >= RATES_HZ[WANTED_RATE] and self.sends >= {
            TIME,
            ACC,
            GYRO,
            QUAT,
        }


def settings(packet: bytes) -> Settings:
    """Read the answer to :data:`ASK`."""
    rsw, rate = struct.unpack_from("<HH", packet, 2)
    sends = frozenset(kind for bit, kind in SENDS.items() if rsw & bit)
    return Settings(sends, RATES_HZ.get(rate, 0.0))


def time_ms(packet: bytes) -> int:
    """Return the time of a time packet in ms since 2000; a date that is none counts.

    Some sensors start in month 0 of year 0.
    """
    year, month, day, hour, minute, second = packet[2:8]
    try:
        days = datetime.date(2000 + year, month, day).toordinal()
        days -= datetime.date(2000, 1, 1).toordinal()
    except ValueError:
        days = day
    in_day_s = (hour * 60 + minute) * 60 + second
    return days * _DAY_MS + in_day_s * 1000 + (packet[8] | packet[9] << 8)


class WitFramer(SyncFramer):
    """Packets of the shipped profile; acceleration carries the time packet before it.

    Parameters
    ----------
    timed
        Whether the sensor sends time packets.
    """

    def __init__(self, *, timed: bool, confirm: bool = True) -> None:
        super().__init__(load_profile(SHIPPED).framing, confirm=confirm)
        self._timed = timed
        self._ms = b""

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the packets in them."""
        return self._stamped(super().feed(pieces, now_s))

    def idle(self, now_s: float) -> list[Frame]:
        """Give up a partial packet that is too old."""
        return self._stamped(super().idle(now_s))

    def _stamped(self, frames: list[Frame]) -> list[Frame]:
        if not self._timed:
            return frames
        found: list[Frame] = []
        for frame in frames:
            if frame.type == TIME:
                self._ms = struct.pack("<q", time_ms(frame.body))
            elif frame.type != ACC:
                found.append(frame)
            elif self._ms:
                found.append(Frame(ACC, frame.body + self._ms))
                self._ms = b""
            else:
                self.stats.short_frames += 1  # its time packet is missing
        return found


def wit_profile(told: Settings) -> Profile:
    """Return the shipped profile, made for what a sensor is set to."""
    profile = load_profile(SHIPPED)
    timed = TIME in told.sends
    messages = tuple(
        msgspec.structs.replace(
            message,
            rate_hz=told.rate_hz if message.rate_hz else 0.0,
            fields=(*message.fields, Field(name="ms", at=_MS_AT, type="i64le"))
            if timed and message.id == ACC
            else message.fields,
        )
        for message in profile.messages
    )
    fields = ["acc"]
    fields += ["gyro.gyro"] if GYRO in told.sends else []
    fields += ["quat.quat"] if QUAT in told.sends else []
    (stream,) = profile.streams
    return msgspec.structs.replace(
        profile,
        # the framer has taken the checksum off already
        framing=msgspec.structs.replace(profile.framing, checksum=None),
        messages=messages,
        streams=(msgspec.structs.replace(stream, fields=tuple(fields)),),
        clock=Clock(field="ms", unit_s=1e-3) if timed else None,
    )
