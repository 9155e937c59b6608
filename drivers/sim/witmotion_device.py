"""A simulated WitMotion sensor: registers behind a lock, packets by its settings."""

from __future__ import annotations

import math
import struct
from typing import Final

from drivers.witmotion_frames import (
    ACC,
    BAUD,
    BAUDS,
    GYRO,
    QUAT,
    RATES_HZ,
    REGISTERS,
    RRATE,
    RSW,
    SENDS,
    TIME,
    UNLOCK,
)

_COMMAND: Final = 5
_READ: Final = 0x27
_SAVE: Final = 0x00
_FACTORY: Final = {RSW: 0x001E, RRATE: 6, BAUD: 2, 0x05: 0, 0x1F: 4}


def raw_acc(number: int) -> tuple[int, int, int]:
    """Return the raw acceleration of row ``number``; 2048 is 1 g."""
    return (number % 2000 - 1000, round(500 * math.sin(number / 30)), 2048)


def raw_gyro(number: int) -> tuple[int, int, int]:
    """Return the raw rate of turn of row ``number``."""
    return (-number % 3000, 7, number % 11)


def packet(kind: int, words: tuple[int, int, int, int]) -> bytes:
    """Return a packet, checksum closed."""
    body = bytes((0x55, kind)) + struct.pack("<4h", *words)
    return body + bytes((sum(body) & 0xFF,))


def time_packet(ms: int) -> bytes:
    """Return the time packet of ``ms`` after 1 January 2024."""
    second, ms = divmod(ms, 1000)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    body = bytes((0x55, TIME, 24, 1, 1 + hour // 24, hour % 24, minute, second))
    body += struct.pack("<H", ms)
    return body + bytes((sum(body) & 0xFF,))


class WitMotionDevice:
    """A sensor as it is sold: 9600 baud, 10 Hz.

    Attributes
    ----------
    registers
        What it is set to; what ``saves`` counts stays after power is lost.
    """

    def __init__(
        self, registers: dict[int, int] | None = None, *, answers: bool = True
    ) -> None:
        self.registers = {**_FACTORY, **(registers or {})}
        self.baud = BAUDS[self.registers[BAUD]]
        self.writes = self.saves = 0
        self._answers = answers
        self._unlocked = False
        self._heard = b""
        self.rate_hz = RATES_HZ.get(self.registers[RRATE], 0.0)

    def answer(self, data: bytes) -> bytes:
        """Take commands."""
        said = b""
        self._heard += data
        while len(self._heard) >= _COMMAND:
            if not self._heard.startswith(b"\xff\xaa"):
                self._heard = self._heard[1:]
                continue
            command, self._heard = self._heard[:_COMMAND], self._heard[_COMMAND:]
            said += self._obey(command)
        return said

    def _obey(self, command: bytes) -> bytes:
        register, value = command[2], command[3] | command[4] << 8
        if command == UNLOCK:
            self._unlocked = True
        elif register == _READ and self._answers:
            words = [self.registers.get(value + n, 0) for n in range(4)]
            body = bytes((0x55, REGISTERS)) + struct.pack("<4H", *words)
            return body + bytes((sum(body) & 0xFF,))
        elif register == _SAVE and self._unlocked:
            self.saves += 1
            self._unlocked = False
        elif self._unlocked:
            self.writes += 1
            self.registers[register] = value
            self.baud = BAUDS[self.registers[BAUD]]
            self.rate_hz = RATES_HZ.get(self.registers[RRATE], 0.0)
        return b""

    def frame(self, number: int) -> bytes:
        """Return the packets of one row."""
        values = {
            ACC: (*raw_acc(number), 2500),
            GYRO: (*raw_gyro(number), 0),
            QUAT: (32767, 0, 0, 0),
        }
        sent = [kind for bit, kind in SENDS.items() if self.registers[RSW] & bit]
        said = b""
        if TIME in sent:
            said += time_packet(round(number * 1000 / (self.rate_hz or 1.0)))
        for kind, words in values.items():
            if kind in sent:
                said += packet(kind, words)
        return said
