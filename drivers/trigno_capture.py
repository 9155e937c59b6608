"""Captured bytes of a Trigno's data ports: rows of numbers without anything else."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import numpy as np

from drivers.frame_rules import Counted, Frame
from drivers.profile import (
    Device,
    Field,
    Framing,
    Message,
    Profile,
    Samples,
    Stream,
    Transport,
)
from drivers.trigno_system import AUX_PER_SLOT, SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEAD: Final = 2  # how many rows
_MOST_ROWS: Final = 0xFFFF
_LOOKED_AT: Final = 1 << 16
_SMALLEST: Final = 1e-12  # volts, g or deg/s: numbers a sensor sends lie between
_LARGEST: Final = 1e4


def capture_profile(pieces: Sequence[bytes], rate_hz: float, *, aux: bool) -> Profile:
    """Return the profile of the rows of port 50043, or 50044 (``aux``).

    The bytes do not tell which places are in use: all of them are channels.
    """
    kind = "f32be" if _is_big(pieces) else "f32le"
    columns = SLOTS * (AUX_PER_SLOT if aux else 1)
    names = [
        f"place_{n // AUX_PER_SLOT + 1:02d}_aux_{n % AUX_PER_SLOT + 1}"
        if aux
        else f"place_{n + 1:02d}"
        for n in range(columns)
    ]
    fields = tuple(
        Field(name=name, at=4 * n, type=kind, per_sample=True, unit="" if aux else "V")
        for n, name in enumerate(names)
    )
    samples = Samples(at=_HEAD, stride=4 * columns, count_at=(0, "u16le"))
    return Profile(
        device=Device(name="Delsys Trigno", kind="emg", vendor="Delsys"),
        transport=Transport(type="tcp"),
        framing=Framing(mode="datagram", max_frame=1 << 24),
        messages=(
            Message(name="row", rate_hz=rate_hz, samples=samples, fields=fields),
        ),
        streams=(
            Stream(
                name="emg aux" if aux else "emg",
                message="row",
                fields=tuple(names),
                type="Other" if aux else "EMG",
            ),
        ),
    )


class WholeRows(Counted):
    """Rows of one size, one behind the other, however they were cut."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._rest = b""

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the whole rows in them, as one frame."""
        del now_s
        data = b"".join((self._rest, *pieces))
        rows = min(len(data) // self._size, _MOST_ROWS)
        self._rest = data[rows * self._size :]
        if not rows:
            return []
        self.count_good()
        return [Frame(None, struct.pack("<H", rows) + data[: rows * self._size])]

    def idle(self, now_s: float) -> list[Frame]:
        """Keep a row that is not whole."""
        del now_s
        return []


def row_size(profile: Profile) -> int:
    """Return the bytes of a row of a profile made here."""
    samples = profile.messages[0].samples
    return samples.stride if samples else 1


def _is_big(pieces: Sequence[bytes]) -> bool:
    """Tell which byte order gives numbers that a sensor could have sent."""
    data = b"".join(pieces)[:_LOOKED_AT]
    data = data[: len(data) // 4 * 4]

    def plausible(order: str) -> int:
        size = np.abs(np.frombuffer(data, order))
        return int(((size == 0) | ((size > _SMALLEST) & (size < _LARGEST))).sum())

    return plausible(">f4") > plausible("<f4")
