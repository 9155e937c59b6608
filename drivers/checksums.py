"""Frame checksums by their names in the CRC catalogue."""

from __future__ import annotations

import binascii
import zlib
from functools import partial, reduce
from operator import xor
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

Algorithm = Literal[
    "XOR8", "SUM8", "SUM8-NEG", "SUM16",
    "CRC-8/NRSC-5", "CRC-8/SMBUS", "CRC-8/MAXIM-DOW",
    "CRC-16/IBM-3740", "CRC-16/XMODEM", "CRC-16/KERMIT", "CRC-16/MODBUS", "CRC-16/ARC",
    "CRC-32/ISO-HDLC",
]  # fmt: skip


class Checksum(NamedTuple):
    """Width in bytes and the function from bytes to value."""

    width: int
    compute: Callable[[bytes], int]


def _table(bits: int, poly: int, *, reflected: bool) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    found: list[int] = []
    for byte in range(256):
        value = byte if reflected else byte << (bits - 8)
        for _ in range(8):
            if reflected:
                value = value >> 1 ^ (poly if value & 1 else 0)
            else:
                value = (value << 1 ^ (poly if value & top else 0)) & mask
        found.append(value)
    return tuple(found)


def _crc8(data: bytes, table: tuple[int, ...], start: int) -> int:
    value = start
    for byte in data:
        value = table[value ^ byte]
    return value


def _crc16_reflected(data: bytes, table: tuple[int, ...], start: int) -> int:
    value = start
    for byte in data:
        value = value >> 8 ^ table[(value ^ byte) & 0xFF]
    return value


def _xor8(data: bytes) -> int:
    return reduce(xor, data, 0)


_ARC = _table(16, 0xA001, reflected=True)
_KERMIT = _table(16, 0x8408, reflected=True)

CHECKSUMS: Final[dict[str, Checksum]] = {
    "XOR8": Checksum(1, _xor8),
    "SUM8": Checksum(1, lambda data: sum(data) & 0xFF),
    "SUM8-NEG": Checksum(1, lambda data: -sum(data) & 0xFF),
    "SUM16": Checksum(2, lambda data: sum(data) & 0xFFFF),
    "CRC-8/NRSC-5": Checksum(
        1, partial(_crc8, table=_table(8, 0x31, reflected=False), start=0xFF)
    ),
    "CRC-8/SMBUS": Checksum(
        1, partial(_crc8, table=_table(8, 0x07, reflected=False), start=0)
    ),
    "CRC-8/MAXIM-DOW": Checksum(
        1, partial(_crc8, table=_table(8, 0x8C, reflected=True), start=0)
    ),
    "CRC-16/IBM-3740": Checksum(2, lambda data: binascii.crc_hqx(data, 0xFFFF)),
    "CRC-16/XMODEM": Checksum(2, lambda data: binascii.crc_hqx(data, 0)),
    "CRC-16/KERMIT": Checksum(2, partial(_crc16_reflected, table=_KERMIT, start=0)),
    "CRC-16/MODBUS": Checksum(2, partial(_crc16_reflected, table=_ARC, start=0xFFFF)),
    "CRC-16/ARC": Checksum(2, partial(_crc16_reflected, table=_ARC, start=0)),
    "CRC-32/ISO-HDLC": Checksum(4, zlib.crc32),
}
