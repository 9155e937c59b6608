"""Number types on the wire: ``u16le``, ``i24be``, ``f32le`` ..."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_INTEGERS: Final = {8: "b", 16: "h", 32: "i", 64: "q"}
_FLOATS: Final = {32: "f", 64: "d"}


class WireType(NamedTuple):
    """One number type.

    Attributes
    ----------
    size
        Bytes.
    dtype
        The numpy type; None for 24 bits, which numpy does not have.
    integer, signed, big
        What the bits mean.
    read
        Read one number: (bytes, position) -> value.
    """

    size: int
    dtype: np.dtype[np.generic] | None
    integer: bool
    signed: bool
    big: bool
    read: Callable[[bytes, int], int]

    @property
    def exact_in_float32(self) -> bool:
        """Whether every value fits a float32 without rounding."""
        return self.size <= (3 if self.integer else 4)

    def numbers(self, raw: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Put 24-bit numbers together; shape (..., 3) -> (...)."""
        order = (0, 1, 2) if self.big else (2, 1, 0)
        high, middle, low = (raw[..., place].astype(np.int32) for place in order)
        found = high << 16 | middle << 8 | low
        return (found ^ 0x800000) - 0x800000 if self.signed else found


def _plain(code: str, size: int, *, integer: bool, signed: bool, big: bool) -> WireType:
    order = ">" if big else "<"
    unpack = struct.Struct(order + code).unpack_from

    def read(body: bytes, at: int) -> int:
        return unpack(body, at)[0]

    dtype = cast("np.dtype[np.generic]", np.dtype(order + code))
    return WireType(size, dtype, integer, signed, big, read)


def _three(*, signed: bool, big: bool) -> WireType:
    order = "big" if big else "little"

    def read(body: bytes, at: int) -> int:
        return int.from_bytes(body[at : at + 3], order, signed=signed)

    return WireType(3, None, integer=True, signed=signed, big=big, read=read)


def _all() -> dict[str, WireType]:
    found: dict[str, WireType] = {}
    for end, big in (("le", False), ("be", True)):
        for sign, signed in (("u", False), ("i", True)):
            for bits, code in _INTEGERS.items():
                name = f"{sign}{bits}" + ("" if bits == 8 else end)
                letter = code if signed else code.upper()
                found[name] = _plain(
                    letter, bits // 8, integer=True, signed=signed, big=big
                )
            found[f"{sign}24{end}"] = _three(signed=signed, big=big)
        for bits, code in _FLOATS.items():
            found[f"f{bits}{end}"] = _plain(
                code, bits // 8, integer=False, signed=True, big=big
            )
    return found


WIRE_TYPES: Final[dict[str, WireType]] = _all()
