"""A simulated MTi: configuration mode, output configuration, MTData2."""

from __future__ import annotations

import math
import struct

from drivers.framing import SyncFramer
from drivers.xbus_frames import (
    COUNTER,
    FINE_TIME,
    WIRE,
    Output,
    content,
    message,
    output_bytes,
    outputs,
)
from lablive.clock import now_s

DEVICE_ID = bytes.fromhex("03800001")


def acc_mps2(number: int) -> tuple[float, float, float]:
    """Return the acceleration of row ``number``."""
    return (math.sin(number / 50), -0.25, 9.81 + number % 7)


def gyro_rps(number: int) -> tuple[float, float, float]:
    """Return the rate of turn of row ``number``."""
    return (0.5, math.cos(number / 50), -number % 5 / 8)


class XbusDevice:
    """An MTi that starts in measurement mode, as after power-up.

    Parameters
    ----------
    sends
        Its output configuration; kept over a setup as flash would keep it.
    refuses
        Error code with which it answers a new configuration; 0 = takes it.
    """

    def __init__(
        self,
        sends: tuple[Output, ...] = (
            Output(COUNTER, 0xFFFF),
            Output(FINE_TIME, 0xFFFF),
            Output(0x4020, 100),
            Output(0x8020, 100),
        ),
        *,
        baud: int = 115200,
        refuses: int = 0,
    ) -> None:
        self.baud = baud
        self.sends = sends
        self.writes = 0
        self.refuses = refuses
        self.rate_hz = self._nominal_hz
        self._framer = SyncFramer(WIRE, confirm=False)

    @property
    def _nominal_hz(self) -> float:
        return float(max(out.rate_hz % 0xFFFF for out in self.sends))

    def answer(self, data: bytes) -> bytes:
        """Answer Xbus messages."""
        said = b""
        for frame in self._framer.feed([data], now_s()):
            kind, told = frame.type or 0, content(frame.body)
            if kind == 0x30:
                said += self.frame(0)  # was on its way
                self.rate_hz = 0.0
            elif kind == 0x10:
                self.rate_hz = self._nominal_hz
            if kind == 0xC0 and told:
                if self.refuses:
                    said += message(0x42, bytes((self.refuses,)))
                    continue
                self.writes += 1
                self.sends = outputs(told)
            reply = {0x00: DEVICE_ID, 0xC0: output_bytes(self.sends)}.get(kind, b"")
            said += message(kind + 1, reply)
        return said

    def frame(self, number: int) -> bytes:
        """Return one MTData2 message."""
        rate_hz = self._nominal_hz or 100.0
        values = {
            COUNTER: struct.pack(">H", number & 0xFFFF),
            FINE_TIME: struct.pack(">I", round(number / rate_hz * 1e4) & 0xFFFFFFFF),
            0x4020: struct.pack(">3f", *acc_mps2(number)),
            0x8020: struct.pack(">3f", *gyro_rps(number)),
            0x2010: struct.pack(">4f", 1.0, 0.0, 0.0, 0.0),
            0xE020: struct.pack(">I", 1),
        }
        parts: list[bytes] = []
        for out in self.sends:
            data = values[out.origin]
            if not out.is_single:  # as doubles
                count = len(data) // 4
                data = struct.pack(f">{count}d", *struct.unpack(f">{count}f", data))
            parts.append(struct.pack(">HB", out.xdi, len(data)) + data)
        return message(0x36, b"".join(parts))
