"""Every protocol with the faults that can happen to it."""

from __future__ import annotations

import struct
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from senders import SENDERS

from drivers.ftms_capture import FtmsFramer, ftms_profile
from drivers.profile import Device as About
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import stream_infos
from drivers.profile_files import load_profile, profile_names
from drivers.row_port import Quantity, row_profile
from drivers.sim.faults import faults_of
from drivers.sim.profile_bytes import ProfileBytes
from drivers.sim.trigno_server import Setting
from drivers.trigno import trigno_profile
from drivers.trigno_port import EMG
from drivers.trigno_system import Sensor, System

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.framing import Framer
    from drivers.profile import Profile

IRREGULAR_HZ: Final = 50.0  # of devices whose profile knows no rate
OVER_TCP: Final = frozenset({"pause", "unplug", "clock_ppm", "batch", "byte_order"})
NOTIFIED: Final = frozenset({"drop", "burst", "pause", "unplug", "clock_ppm"})
_EMG_ROWS: Final = 27  # of a frame of 13.5 ms
LIBRARY: Final = frozenset({"drop", "burst", "pause", "clock_ppm", "batch", "reset"})


class Protocol(NamedTuple):
    """A device: its profile, frames by number, and what can happen to them."""

    profile: Profile
    frame: Callable[[int], bytes]
    rate_hz: float  # frames per second
    rows: int  # per frame
    faults: frozenset[str]
    framer: Callable[[], Framer] | None = None

    @property
    def seen_by(self) -> str:
        """What tells losses: exact counter, narrow counter, clock, silence."""
        profile = self.profile
        lead = profile.message(profile.streams[0].message)
        counter = profile.counter
        if lead and counter and counter.bits and lead.find(counter.field):
            return "counter" if counter.bits >= 8 else "narrow"
        if lead and profile.clock and lead.find(profile.clock.field):
            return "clock"
        return "silence"

    @property
    def is_checked(self) -> bool:
        """Whether damaged frames are recognised for sure."""
        checksum = self.profile.framing.checksum
        return self.framer is None and checksum is not None and "16" in checksum.algo

    @property
    def ends_in_a_mark(self) -> bool:
        """Whether a frame that loses its end takes the next one with it."""
        return self.profile.framing.mode in ("line", "slip", "cobs")

    @property
    def datagrams(self) -> bool:
        """Whether frames stay apart on their way."""
        return self.profile.framing.mode == "datagram" and self.framer is None

    def decoder(self) -> ProfileDecoder:
        """Return a decoder as it is when the wire has been opened."""
        framer = self.framer() if self.framer else None
        infos = stream_infos(self.profile)
        return ProfileDecoder(self.profile, infos, framer=framer)


def _rows(name: str, rate_hz: float, bits: int, tick_s: float) -> Protocol:
    """Return a device behind a library, whose rows are datagrams."""
    profile = row_profile(
        About(name=name, kind="imu"), rate_hz, [Quantity("acc", "g", 3)],
        name=name, counter_bits=bits, tick_s=tick_s,
        tick_bits=24 if name == "shimmer3" else 0,
    )  # fmt: skip

    def frame(n: int) -> bytes:
        tick = round(n / rate_hz / tick_s) if tick_s else 0
        tick %= (1 << 24) if name == "shimmer3" else (1 << 62)
        count = n % (1 << bits) if bits else 0
        return struct.pack("<qq3f", count, tick, n % 999, 0.5, -1.0)

    return Protocol(profile, cache(frame), rate_hz, 1, LIBRARY)


def _shipped(name: str) -> Protocol:
    profile = load_profile(name)
    made = ProfileBytes(profile)
    told = any(message.rate_hz for message in profile.messages)
    rate_hz = made.rate_hz if told else IRREGULAR_HZ
    return Protocol(profile, cache(made.frame), rate_hz, made.rows, faults_of(profile))


def _sender(name: str) -> Protocol:
    sender = SENDERS[name]
    found = faults_of(sender.profile)
    frame = cache(sender.frame)
    return Protocol(
        sender.profile, frame, sender.rate_hz, sender.rows, found, sender.framer
    )


def _trigno() -> Protocol:
    """Return a base station as its port hands rows on: 26 at a time, over TCP."""
    setting = Setting()
    sensor = Sensor(1, 1, 1, 0, ("V",))
    system = System((sensor,), setting.emg_hz, setting.aux_hz, False, 1, "")

    def frame(n: int) -> bytes:
        rows = [setting.emg(n * _EMG_ROWS + k) for k in range(_EMG_ROWS)]
        head = struct.pack("<BH", EMG, _EMG_ROWS)
        return head + np.array(rows, "<f4").tobytes()

    rate_hz = setting.emg_hz / _EMG_ROWS
    return Protocol(
        trigno_profile(system, {}), cache(frame), rate_hz, _EMG_ROWS, OVER_TCP
    )


def _ftms() -> Protocol:
    """Return a treadmill's notifications, as they are kept."""

    def frame(n: int) -> bytes:
        return struct.pack("<BHHhh", 0, 0x0008, 500 + n % 900, n % 50, 0)

    return Protocol(
        ftms_profile(), cache(frame), IRREGULAR_HZ, 1, NOTIFIED,
        lambda: FtmsFramer(numbered=True),
    )  # fmt: skip


PROTOCOLS: Final[dict[str, Protocol]] = {
    **{name: _shipped(name) for name in profile_names()},
    **{
        name: _sender(name)
        for name in ("slip", "cobs", "witmotion", "xbus", "bitalino")
    },
    "trigno": _trigno(),
    "ftms": _ftms(),
    "ximu3": _rows("ximu3", 400.0, 0, 1e-6),
    "brainflow": _rows("brainflow", 250.0, 8, 0.0),
    "shimmer3": _rows("shimmer3", 512.0, 0, 1 / 32768),
}
