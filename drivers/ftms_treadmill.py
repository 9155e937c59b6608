"""A Bluetooth treadmill read through the fitness machine service; nothing is written.

Speed and slope come about once a second and are stamped by their arrival: they label
strides, they time nothing.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from drivers.base import READ_S, StreamTally
from drivers.ble_library import STILL
from drivers.ble_port import BlePort
from drivers.ftms import (
    MACHINE_STATUS,
    SERVICE,
    TREADMILL_DATA,
    TreadmillReader,
)
from drivers.ftms_capture import ftms_profile
from drivers.options import check_options
from lablive.clock import now_s
from lablive.errors import DeviceError
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.raw_bytes import RawTap
    from lablive.messages import Chunk, DriverState, Gap, StreamStatus

_OPTIONS: Final = ("port", "name")
_SILENT_S: Final = 5.0


class Notifier(Protocol):
    """A port that tells the characteristics apart; :class:`BlePort` is one."""

    def open(self) -> None:
        """Connect; raises DeviceError."""
        ...

    def read_each(self, timeout_s: float) -> list[tuple[int, bytes]]:
        """Return (number of the characteristic, data); raises DeviceError."""
        ...

    def close(self) -> None:
        """Disconnect; callable twice."""
        ...


class FtmsTreadmill:
    """Belt speed and slope of one treadmill.

    Parameters
    ----------
    address
        Bluetooth address; "" = the only treadmill that advertises.
    name
        Of the stream.
    port
        Where notifications come from; None = Bluetooth.

    Attributes
    ----------
    tap
        Keeps the notifications as they come; None = nobody asked for them.
    """

    reopen_on_silence = False  # irregular: this driver watches the silence itself

    def __init__(
        self, address: str = "", name: str = "", port: Notifier | None = None
    ) -> None:
        self._port: Notifier = port or BlePort(
            (TREADMILL_DATA, MACHINE_STATUS), address=address, service=SERVICE
        )
        name = name or "treadmill"
        self._info = StreamInfo(
            id=0,
            name=name,
            type="Treadmill",
            rate_hz=0.0,
            channels=(
                ChannelInfo("treadmill.speed", "m/s", "Speed"),
                ChannelInfo("treadmill.incline", "%", "Incline"),
            ),
            source_id=f"FTMS|{address}|{name}",
            device="Bluetooth treadmill (FTMS)",
            sample_format="double64",
        )
        self._tally = StreamTally(self._info)
        self._state: DriverState = "closed"
        self._lock = threading.Lock()
        self._reader = TreadmillReader()
        self._heard_s = 0.0
        self.tap: RawTap | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> FtmsTreadmill:
        """Build a driver from options ``port`` (address) and ``name``."""
        check_options("ftms", options, _OPTIONS)
        return cls(str(options.get("port", "")), str(options.get("name", "")))

    def open(self) -> tuple[StreamInfo, ...]:
        """Connect; raises DeviceError."""
        self._state = "opening"
        try:
            self._port.open()
        except DeviceError:
            self._state = "failed"
            raise
        with self._lock:
            self._tally = StreamTally(self._info)
            self._reader = TreadmillReader()
            self._heard_s = now_s()
            self._state = "settling"
        if self.tap:
            self.tap.opened(ftms_profile())
        return (self._info,)

    def read(self) -> list[Chunk | Gap]:
        """Return what the treadmill said; DeviceError when it is gone or silent."""
        if self._state not in ("settling", "streaming"):
            return []
        notes = self._port.read_each(READ_S)
        now = now_s()
        if not notes and now - self._heard_s > _SILENT_S:
            raise DeviceError(
                "timeout",
                f"The treadmill has said nothing for {now - self._heard_s:.0f} s.",
                still=STILL,
                todo="Wake it up; it is connected again by itself. Belt speed can be "
                "typed meanwhile.",
            )
        told = [self._reader.take(*note) for note in notes]
        speeds = [speed_mps for speed_mps in told if speed_mps is not None]
        if notes:
            self._heard_s = now
            if self.tap:
                pieces = [bytes((number,)) + data for number, data in notes]
                self.tap.took(pieces, now)
        if not speeds:
            return []
        self._state = "streaming"
        # what lay in one read came in the same moment: the last one holds
        x = np.array([[speeds[-1], self._reader.incline_pct]])
        return [self._tally.chunk(np.array([now]), x, None, now)]

    def close(self) -> None:
        """Disconnect within a second."""
        self._state = "closed"
        self._port.close()

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of the stream, and what the treadmill reported last."""
        event, unread = self._reader.event, self._reader.unread
        fault = event and f"The treadmill reports: {event}."
        if not fault and unread:
            fault = f"{unread} messages of the treadmill are cut or unknown."
        return (self._tally.status(self._state, last_fault=fault),)
