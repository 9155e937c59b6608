"""x-io x-IMU3 by its own library: inertial messages over serial, USB or TCP."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import msgspec

from drivers.options import check_options, number
from drivers.profile import Device
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, adapted, stream_infos
from drivers.row_port import (
    Quantity,
    RowPort,
    let_go,
    no_library,
    nothing_yet,
    row_profile,
)
from drivers.serial_port import resolve_port
from drivers.talk import STILL
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Port
    from lablive.messages import StreamStatus

_OPTIONS: Final = ("port", "baud", "host", "tcp_port", "site", "name", "rate_hz")
_DEVICE: Final = Device(name="x-IMU3", kind="imu", vendor="x-io Technologies")
_TICK_S: Final = 1e-6
_HIGHEST_HZ: Final = 400.0  # rates are this divided by a whole number
_LEARN_ROWS: Final = 20
_LEARN_S: Final = 2.0
_QUANTITIES: Final = (Quantity("gyro", "deg/s", 3), Quantity("acc", "g", 3))


class Ximu3Port(RowPort):
    """Inertial messages of one x-IMU3.

    Attributes
    ----------
    serial_number
        What the device answered to a ping, "" before.
    battery_pct
        Its charge, -1 = it has not said.
    """

    def __init__(self, config: tuple[str, int], *, tcp: bool) -> None:
        super().__init__(f"The x-IMU3 at {config[0]}")
        self._config = config
        self._tcp = tcp
        self._connection: Any = None
        self.serial_number = ""
        self.battery_pct = -1.0

    def open(self) -> None:
        """Connect and ask who it is; raises DeviceError."""
        try:
            import ximu3
        except ImportError as error:
            raise no_library("The x-IMU3", "ximu3") from error
        address, number_ = self._config
        config = (
            ximu3.TcpConnectionConfig(address, number_)
            if self._tcp
            else ximu3.SerialConnectionConfig(address, number_, False)
        )
        connection = ximu3.Connection(config)
        self._connection = connection
        connection.add_battery_callback(self._take_charge)
        try:
            connection.open()
            told = connection.ping()
        except RuntimeError as error:
            self.close()
            raise DeviceError(
                "missing",
                f"{self.name} cannot be opened ({error}).",
                still=STILL,
                todo="Check its address, and close the vendor's program.",
            ) from error
        if told is None:
            self.close()
            raise DeviceError(
                "timeout",
                f"{self.name} does not answer.",
                still=STILL,
                todo="Switch it on, and check that this is its port.",
            )
        self.serial_number = str(told.serial_number)
        connection.add_inertial_callback(self._take)
        self.fresh()

    def close(self) -> None:
        """Let go; a connection that hangs is left to itself after 0.8 s."""
        connection, self._connection = self._connection, None
        if connection is not None:
            let_go(connection.close)

    def _take_charge(self, message: Any) -> None:
        if 0.0 <= message.percentage <= 100.0:
            self.battery_pct = float(message.percentage)

    def _take(self, message: Any) -> None:
        values = (
            message.gyroscope_x, message.gyroscope_y, message.gyroscope_z,
            message.accelerometer_x, message.accelerometer_y, message.accelerometer_z,
        )  # fmt: skip
        self.put(values, tick=message.timestamp)


class Ximu3Driver(ProfileDriver):
    """One x-IMU3; loss is seen by the steps of its clock.

    Parameters
    ----------
    port
        The opened library.
    rate_hz
        Nominal rate; 0 = learned from the first messages.
    """

    def __init__(
        self, port: Ximu3Port, *, site: str = "", name: str = "imu", rate_hz: float = 0
    ) -> None:
        self._named = {"site": site} if site else {}
        self._name, self._rate_hz = name, rate_hz
        self._library = port
        adapted(self._made(1.0), self._named)  # an unknown site is told at once
        super().__init__(nothing_yet("x-IMU3", "imu"), port.name, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> Ximu3Driver:
        """Build a driver from options; raises ConfigError or DeviceError."""
        check_options("ximu3", options, _OPTIONS)
        host = str(options.get("host", ""))
        baud = int(number(options, "baud", 115200))
        tcp_port = int(number(options, "tcp_port", 7000))
        path = "" if host else resolve_port(str(options.get("port", "")))
        return cls(
            Ximu3Port((host, tcp_port) if host else (path, baud), tcp=bool(host)),
            site=str(options.get("site", "")),
            name=str(options.get("name", "")) or "imu",
            rate_hz=number(options, "rate_hz", 0.0),
        )

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of the stream, with the charge."""
        charge_pct = self._library.battery_pct
        return tuple(
            msgspec.structs.replace(told, battery_pct=charge_pct)
            for told in super().status()
        )

    def _made(self, rate_hz: float):
        return row_profile(
            _DEVICE, rate_hz, _QUANTITIES, name=self._name, tick_s=_TICK_S
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        first: list[bytes] = []
        end_s = now_s() + _LEARN_S
        while not self._rate_hz and len(first) < _LEARN_ROWS:
            first += port.read(0.02)
            if now_s() > end_s or self._stop.is_set():
                raise DeviceError(
                    "timeout",
                    f"{self._library.name} answers but sends no inertial messages.",
                    still=STILL,
                    todo="Switch inertial messages on in the vendor's program.",
                )
        self._early = first
        rate_hz = self._rate_hz or rate_of(
            [int.from_bytes(row[8:16], "little", signed=True) for row in first]
        )
        self.profile = adapted(self._made(rate_hz), self._named)
        self._infos = stream_infos(self.profile, self._library.serial_number)
        return ProfileDecoder(self.profile, self._infos)


def rate_of(ticks_us: list[int]) -> float:
    """Return the device's rate from its time stamps in microseconds.

    >>> rate_of([0, 2500, 5000])
    400.0
    """
    steps = sorted(b - a for a, b in pairwise(ticks_us))
    middle_s = max(steps[len(steps) // 2], 1) * _TICK_S
    return _HIGHEST_HZ / max(round(_HIGHEST_HZ * middle_s), 1)
