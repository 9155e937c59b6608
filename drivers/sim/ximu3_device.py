"""A simulated x-IMU3: answers a ping, sends binary inertial messages."""

from __future__ import annotations

import math
import struct
from typing import Final

_STUFFED: Final = ((b"\xdb", b"\xdb\xdd"), (b"\n", b"\xdb\xdc"))
_INERTIAL: Final = 0x80 + ord("I")
SERIAL_NUMBER: Final = "0123ABCD"
CHARGE_PCT: Final = 64.0


def values(number: int) -> tuple[float, ...]:
    """Return gyro in deg/s and acceleration in g of row ``number``."""
    return (number % 10, math.sin(number / 40), -12.5, 0.01, -0.02, 1.0 + number % 3)


def battery_message(charge_pct: float) -> bytes:
    """Return what the sensor says of its battery: percent, volt, not charging."""
    body = struct.pack("<Q3f", 0, charge_pct, 3.9, 0.0)
    return bytes((0x80 + ord("B"),)) + _stuffed(body) + b"\n"


def _stuffed(body: bytes) -> bytes:
    for plain, stuffed in _STUFFED:
        body = body.replace(plain, stuffed)
    return body


class Ximu3Device:
    """An x-IMU3 on USB serial.

    Parameters
    ----------
    rate_hz
        Of inertial messages; 0 = they are switched off.
    """

    def __init__(self, rate_hz: float = 400.0) -> None:
        self.baud = 115200
        self.rate_hz = rate_hz
        self._heard = b""

    def answer(self, data: bytes) -> bytes:
        """Answer pings."""
        *commands, self._heard = (self._heard + data).split(b"\n")
        pinged = sum(b'"ping"' in command for command in commands)
        told = (
            '{"ping":{"interface":"USB","name":"x-IMU3",'
            f'"sn":"{SERIAL_NUMBER}"}}}}\r\n'
        )
        return (told.encode() + battery_message(CHARGE_PCT)) * pinged

    def frame(self, number: int) -> bytes:
        """Return one inertial message."""
        body = struct.pack(
            "<Q6f", round(number * 1e6 / (self.rate_hz or 400.0)), *values(number)
        )
        return bytes((_INERTIAL,)) + _stuffed(body) + b"\n"
