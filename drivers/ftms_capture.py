"""Notifications of a treadmill as rows of the profile engine, for captured bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from drivers.frame_rules import Counted, Frame
from drivers.ftms import TreadmillReader
from drivers.profile import Device, Field, Framing, Message, Profile, Stream, Transport

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROW: Final = struct.Struct("<dd")


def ftms_profile(rate_hz: float = 0.0) -> Profile:
    """Return the profile of the rows that :class:`FtmsFramer` makes."""
    fields = (
        Field(name="speed", at=0, type="f64le", unit="m/s"),
        Field(name="incline", at=8, type="f64le", unit="%"),
    )
    return Profile(
        device=Device(name="Bluetooth treadmill (FTMS)", kind="treadmill"),
        transport=Transport(type="ble_notify"),
        framing=Framing(mode="datagram"),
        messages=(Message(name="row", rate_hz=rate_hz, fields=fields),),
        streams=(
            Stream(
                name="treadmill",
                message="row",
                fields=tuple(field.name for field in fields),
                type="Treadmill",
            ),
        ),
    )


class FtmsFramer(Counted):
    """Speed and slope of each read; what cannot be read counts as a short frame.

    Parameters
    ----------
    numbered
        A piece begins with the number of its characteristic, as the host keeps it;
        False: pieces are treadmill data (2ACD) as a Bluetooth tool prints them.
    """

    def __init__(self, *, numbered: bool) -> None:
        super().__init__()
        self._numbered = numbered
        self._reader = TreadmillReader()

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take the notifications of one read and return its row, if it has one."""
        del now_s
        reader, unread = self._reader, self._reader.unread
        speed_mps = None
        for piece in pieces:
            note = (piece[:1] or b"\0")[0] if self._numbered else 0
            told = reader.take(note, piece[1:] if self._numbered else piece)
            speed_mps = speed_mps if told is None else told
        self.stats.short_frames += reader.unread - unread
        if speed_mps is None:
            return []
        self.count_good()
        return [Frame(None, _ROW.pack(speed_mps, reader.incline_pct))]

    def idle(self, now_s: float) -> list[Frame]:
        """Nothing is held back."""
        del now_s
        return []
