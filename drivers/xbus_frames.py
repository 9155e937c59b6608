"""Xbus messages and the items of MTData2 (drivers reference, section 4.2; no wire)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.frame_rules import Frame
from drivers.framing import SyncFramer
from drivers.profile import (
    Clock,
    Counter,
    Device,
    Field,
    FrameChecksum,
    Framing,
    Length,
    LengthEscape,
    Message,
    MessageType,
    Profile,
    Stream,
    Transport,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DATA: Final = 0x36
COUNTER: Final = 0x1020
FINE_TIME: Final = 0x1060
_ORIGIN_BITS: Final = 0xFFF0  # without precision and frame of reference
_PRECISION_BITS: Final = 0x3
_NAN: Final = b"\x7f\xc0\x00\x00"
_HEAD: Final = 6  # counter u16 and time u32 in front of the values of a row
_FINE_S: Final = 1e-4

WIRE: Final = Framing(
    mode="sync",
    sync="FA FF",
    length=Length(
        at=3,
        type="u8",
        add=5,
        escape=LengthEscape(value=255, at=4, type="u16be", add=7),
    ),
    max_frame=1024,
    type=MessageType(at=2, type="u8"),
    checksum=FrameChecksum(algo="SUM8-NEG", start=1, to=-1, at=-1),
)


class Quantity(NamedTuple):
    """What a data item holds."""

    name: str
    unit: str
    width: int


QUANTITIES: Final = {
    0x4020: Quantity("acc", "m/s^2", 3),
    0x8020: Quantity("gyro", "rad/s", 3),
    0x2010: Quantity("quat", "1", 4),
}


class Output(NamedTuple):
    """One line of the output configuration: data id and rate, 65535 = every row."""

    xdi: int
    rate_hz: int

    @property
    def origin(self) -> int:
        """The data id without precision and frame of reference."""
        return self.xdi & _ORIGIN_BITS

    @property
    def is_single(self) -> bool:
        """Whether the numbers are 32-bit floats, the only ones read here."""
        return not self.xdi & _PRECISION_BITS


def message(kind: int, data: bytes = b"") -> bytes:
    """Return an Xbus message, checksum closed.

    >>> message(0x30).hex()
    'faff3000d1'
    """
    size = len(data)
    length = bytes((size,)) if size < 255 else b"\xff" + size.to_bytes(2, "big")
    body = b"\xff" + bytes((kind,)) + length + data
    return b"\xfa" + body + bytes((-sum(body) & 0xFF,))


def content(body: bytes) -> bytes:
    """Return the data of a whole message."""
    return body[6:-1] if body[3] == 255 else body[4:-1]


def outputs(data: bytes) -> tuple[Output, ...]:
    """Return an output configuration as the device tells it."""
    words = [
        int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data) - 1, 2)
    ]
    return tuple(map(Output, words[::2], words[1::2]))


def output_bytes(wanted: Iterable[Output]) -> bytes:
    """Return an output configuration as the device takes it."""
    return b"".join(
        xdi.to_bytes(2, "big") + rate.to_bytes(2, "big") for xdi, rate in wanted
    )


def items(data: bytes) -> dict[int, tuple[int, bytes]] | None:
    """Return the items of MTData2 by origin: (data id, bytes); None = they do not fit.

    Unknown items are skipped by their size.
    """
    found: dict[int, tuple[int, bytes]] = {}
    at, end = 0, len(data)
    while at < end:
        if at + 3 > end:
            return None
        xdi = data[at] << 8 | data[at + 1]
        start, at = at + 3, at + 3 + data[at + 2]
        if at > end:
            return None
        found[xdi & _ORIGIN_BITS] = (xdi, data[start:at])
    return found


class XbusFramer(SyncFramer):
    """Data messages as frames of one layout, whatever order their items have.

    A frame is counter (u16), time (u32), then the 32-bit floats of ``origins``, all
    big-endian; an item that a message lacks is NaN. Other messages are skipped.

    Parameters
    ----------
    origins
        Data ids of the columns, keys of ``QUANTITIES``.
    counted, timed
        Whether every message must have the packet counter and the fine time.
    """

    def __init__(
        self, origins: tuple[int, ...], *, counted: bool = True, timed: bool = True
    ) -> None:
        super().__init__(WIRE, confirm=False)
        self._columns = [(o, _NAN * QUANTITIES[o].width) for o in origins]
        self._counted, self._timed = counted, timed

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the rows in them."""
        return self._rows(super().feed(pieces, now_s))

    def idle(self, now_s: float) -> list[Frame]:
        """Give up a partial message that is too old."""
        return self._rows(super().idle(now_s))

    def _rows(self, frames: list[Frame]) -> list[Frame]:
        found: list[Frame] = []
        for frame in frames:
            if frame.type != DATA:
                continue
            parts = items(content(frame.body))
            row = None if parts is None else self._row(parts)
            if row is None:
                self.stats.short_frames += 1
            else:
                found.append(Frame(DATA, row))
        return found

    def _row(self, parts: Mapping[int, tuple[int, bytes]]) -> bytes | None:
        counter = parts.get(COUNTER, (0, b""))[1] if self._counted else b"\0\0"
        fine = parts.get(FINE_TIME, (0, b""))[1] if self._timed else b"\0\0\0\0"
        if len(counter) + len(fine) != _HEAD:
            return None
        row = [counter, fine]
        for origin, missing in self._columns:
            xdi, data = parts.get(origin, (0, missing))
            usable = len(data) == len(missing) and not xdi & _PRECISION_BITS
            row.append(data if usable else missing)
        return b"".join(row)


def xbus_profile(
    origins: tuple[int, ...],
    rate_hz: float,
    *,
    counted: bool = True,
    timed: bool = True,
    site: str = "",
    name: str = "imu",
) -> Profile:
    """Return the profile of the frames that :class:`XbusFramer` makes."""
    fields = [
        Field(name="counter", at=0, type="u16be"),
        Field(name="time", at=2, type="u32be"),
    ]
    at = _HEAD
    for origin in origins:
        what = QUANTITIES[origin]
        fields.append(
            Field(name=what.name, at=at, type="f32be", count=what.width, unit=what.unit)
        )
        at += 4 * what.width
    lead = Message(name="data", id=DATA, rate_hz=rate_hz, fields=tuple(fields))
    return Profile(
        device=Device(name="Xsens MTi", kind="imu", vendor="Movella"),
        transport=Transport(type="serial", baud=115200),
        framing=Framing(mode="datagram", type=MessageType(at=0, type="u8")),
        messages=(lead,),
        streams=(
            Stream(
                name=name,
                message="data",
                fields=tuple(QUANTITIES[origin].name for origin in origins),
                site=site,
            ),
        ),
        counter=Counter(field="counter", bits=16) if counted else None,
        clock=Clock(field="time", unit_s=_FINE_S, bits=32) if timed else None,
    )
