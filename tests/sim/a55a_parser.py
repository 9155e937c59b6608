"""An independent reader of A5 5A insole frames, after the frame's description."""

import struct

import numpy as np


def modbus(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def parse(data: bytes, channels: int = 32) -> list[tuple[int, int, np.ndarray]]:
    """Return (number, device ms, samples x channels) of every good frame."""
    found, at = [], 0
    while (at := data.find(b"\xa5\x5a", at)) >= 0:
        head = data[at : at + 8]
        size = struct.unpack("<H", head[6:8])[0] + 10 if len(head) == 8 else 0
        frame = data[at : at + size]
        good = len(frame) == size > 20
        if not good or modbus(frame[:-2]) != struct.unpack(">H", frame[-2:])[0]:
            at += 1
            continue
        time_ms, count = struct.unpack("<QH", frame[8:18])
        samples = np.frombuffer(frame[18:-2], "<u2").reshape(count, channels)
        found.append((struct.unpack("<H", frame[2:4])[0], time_ms, samples))
        at += size
    return found
