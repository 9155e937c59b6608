"""Shimmer3 (LogAndStream) by pyshimmer, a GPL library that is never part of LabLive."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import serial

from drivers.options import check_options
from drivers.profile import Device
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, stream_infos
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
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.base import Port

_OPTIONS: Final = ("port", "name")
_BAUD: Final = 115200
_OPEN_S: Final = 8.0  # the library waits for ever
_TICK_S: Final = 1.0 / 32768.0
_TICK_BITS: Final = 24
_VIOLATIONS: Final = 2  # steps of the clock that cannot be: the bytes are out of place
_STEP_TOLERANCE: Final = 0.1  # of a period


class ShimmerPort(RowPort):
    """Packets of one Shimmer3.

    Attributes
    ----------
    rate_hz, channels, device
        What the sensor is set to, known after opening.
    """

    def __init__(self, path: str) -> None:
        super().__init__(f"The Shimmer3 at {path}")
        self._path = path
        self._line: serial.Serial | None = None
        self._shimmer: Any = None
        self._kinds: list[Any] = []
        self._clock: Any = None
        self._last_tick = -1
        self._wrong = 0
        self.rate_hz = 0.0
        self.channels: tuple[str, ...] = ()
        self.device = ""

    def open(self) -> None:
        """Connect, ask what is sent, begin; raises DeviceError."""
        try:
            import pyshimmer  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise no_library("The Shimmer3", "shimmer") from error
        self._clock = pyshimmer.EChannelType.TIMESTAMP
        self._last_tick, self._wrong = -1, 0
        try:
            self._line = serial.Serial(self._path, _BAUD)
        except (OSError, ValueError) as error:
            raise DeviceError(
                "missing",
                f"{self._path} cannot be opened ({error}).",
                still=STILL,
                todo="Pair the Shimmer3 and check that this is its port.",
            ) from error
        self._shimmer = pyshimmer.ShimmerBluetooth(self._line)
        if not _within(self._begin, _OPEN_S):
            self.close()
            raise DeviceError(
                "timeout",
                f"{self.name} does not answer.",
                still=STILL,
                todo="Switch it on; it needs the LogAndStream firmware.",
            )
        self.fresh()

    def close(self) -> None:
        """Stop and let go within a second, whatever the library waits for."""
        shimmer, self._shimmer = self._shimmer, None
        line, self._line = self._line, None
        if shimmer is not None:
            let_go(shimmer.stop_streaming, shimmer.shutdown)
        if line is not None:
            let_go(line.close)

    def read(self, timeout_s: float) -> list[bytes]:
        """Return the packets that came; DeviceError when bytes are out of place."""
        if self._wrong >= _VIOLATIONS:
            raise DeviceError(
                "protocol",
                f"Bytes of {self.name} were lost, and its packets have no beginning.",
                still=STILL,
                todo="It is stopped and started again by itself.",
            )
        return super().read(timeout_s)

    def _begin(self) -> None:
        shimmer = self._shimmer
        shimmer.initialize()
        self.device = str(shimmer.get_device_name())
        rate_hz, _, kinds = shimmer.get_inquiry()
        self.rate_hz, self._kinds = float(rate_hz), list(kinds)
        self.channels = tuple(kind.name.lower() for kind in kinds)
        shimmer.add_stream_callback(self.take)
        shimmer.start_streaming()

    def take(self, packet: Any) -> None:
        """Take a packet of the library, in its thread."""
        tick = int(packet[self._clock])
        if self._last_tick >= 0:
            step = (tick - self._last_tick) % (1 << _TICK_BITS) * _TICK_S * self.rate_hz
            fits = step > 0.5 and abs(step - round(step)) < _STEP_TOLERANCE
            self._wrong = 0 if fits else self._wrong + 1
        self._last_tick = tick
        self.put([float(packet[kind]) for kind in self._kinds], tick=tick)


class Shimmer3Driver(ProfileDriver):
    """One Shimmer3 as it is configured; values are counts, units are the montage's."""

    def __init__(self, port: ShimmerPort, name: str = "shimmer") -> None:
        self._library, self._name = port, name
        super().__init__(nothing_yet("Shimmer3", "other"), port.name, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> Shimmer3Driver:
        """Build a driver from options; raises ConfigError or DeviceError."""
        check_options("shimmer3", options, _OPTIONS)
        port = ShimmerPort(resolve_port(str(options.get("port", ""))))
        return cls(port, str(options.get("name", "")) or "shimmer")

    def _greet(self, port: Port) -> ProfileDecoder:
        del port
        library = self._library
        self.profile = row_profile(
            Device(name="Shimmer3", kind="other", vendor="Shimmer"),
            library.rate_hz,
            [Quantity(channel, "adc") for channel in library.channels],
            name=self._name,
            tick_s=_TICK_S,
            tick_bits=_TICK_BITS,
        )
        self._infos = stream_infos(self.profile, library.device)
        return ProfileDecoder(self.profile, self._infos)


def _within(step: Callable[[], None], at_most_s: float) -> bool:
    """Run ``step`` in a thread; False when it did not end well in time."""
    ended = threading.Event()

    def run() -> None:
        try:
            step()
        except Exception:  # noqa: BLE001 - whatever the library meets, it is not open
            return
        ended.set()

    thread = threading.Thread(target=run, name="opening", daemon=True)
    thread.start()
    thread.join(at_most_s)
    return ended.is_set()
