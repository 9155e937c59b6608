"""Xsens / Movella MTi over Xbus: ask what it sends, or set it when told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.framing import SyncFramer
from drivers.options import check_options, flag, number
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, adapted, stream_infos
from drivers.talk import STILL, Talk, find_baud
from drivers.xbus_frames import (
    COUNTER,
    FINE_TIME,
    QUANTITIES,
    WIRE,
    Output,
    XbusFramer,
    content,
    message,
    output_bytes,
    outputs,
    xbus_profile,
)
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.base import Port
    from drivers.frame_rules import Frame
    from drivers.profile import Profile

_OPTIONS: Final = ("port", "baud", "site", "name", "rate_hz", "setup")
BAUDS: Final = (115200, 921600, 460800, 2_000_000, 230400)
_TO_CONFIG: Final = 0x30
_TO_MEASURE: Final = 0x10
_DEVICE_ID: Final = 0x00
_OUTPUT: Final = 0xC0
_ERROR: Final = 0x42
_ANSWER_S: Final = 0.6
_EVERY_ROW: Final = 0xFFFF
_ACC: Final = 0x4020
_GYRO: Final = 0x8020
_QUAT: Final = 0x2010
_ROW_BYTES: Final = 66  # quaternion, acceleration, gyro, counter and time
_BITS_PER_BYTE: Final = 10
_RATES_HZ: Final = (400, 200, 100, 50)
_ERRORS: Final = {
    0x03: "the period is not valid",
    0x04: "the message is not valid",
    0x1E: "its timer overflowed",
    0x28: "a parameter is not valid",
    0x29: "more data than the line carries: lower the rate or raise the baud rate",
}


class XbusDriver(ProfileDriver):
    """One MTi.

    Parameters
    ----------
    address
        Serial port.
    baud
        Tried first; 0 = the usual ones in turn.
    setup
        Write the output configuration into the sensor, which keeps it.
    rate_hz
        Wanted with ``setup``; 0 = the highest that the line carries.
    """

    def __init__(
        self,
        address: str,
        *,
        baud: int = 0,
        setup: bool = False,
        rate_hz: float = 0.0,
        site: str = "",
        name: str = "imu",
        port: Port | None = None,
    ) -> None:
        self._bauds = (baud, *BAUDS) if baud else BAUDS
        self._setup = setup
        self._wanted_hz = rate_hz
        self._named = {"site": site} if site else {}
        self._name = name
        super().__init__(self._profile((_ACC, _GYRO), 0.0), address, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> XbusDriver:
        """Build a driver from options; raises ConfigError."""
        check_options("xbus", options, _OPTIONS)
        return cls(
            str(options.get("port", "")),
            baud=int(number(options, "baud", 0)),
            setup=flag(options, "setup"),
            rate_hz=number(options, "rate_hz", 0.0),
            site=str(options.get("site", "")),
            name=str(options.get("name", "")) or "imu",
        )

    def _profile(
        self,
        origins: tuple[int, ...],
        rate_hz: float,
        *,
        counted: bool = True,
        timed: bool = True,
    ) -> Profile:
        made = xbus_profile(
            origins, rate_hz, counted=counted, timed=timed, name=self._name
        )
        return adapted(made, self._named)

    def _greet(self, port: Port) -> ProfileDecoder:
        talk = Talk(port, self._stop, "the MTi")
        baud = find_baud(port, self._bauds, lambda: _configurable(talk), "Xsens MTi")
        told = _ask(talk, _DEVICE_ID)
        device = content(told.body).hex() if told else ""
        sent = self._outputs(talk, baud)
        origins = tuple(o for o in QUANTITIES if o in {out.origin for out in sent})
        known = {out.origin for out in sent}
        kept = {"counted": COUNTER in known, "timed": FINE_TIME in known}
        rates = [out.rate_hz for out in sent if out.origin in QUANTITIES]
        if _ask(talk, _TO_MEASURE) is None:
            raise _silent("did not begin to measure")
        self.profile = self._profile(origins, float(max(rates)), **kept)
        self._infos = stream_infos(self.profile, device or self._address)
        framer = XbusFramer(origins, **kept)
        return ProfileDecoder(self.profile, self._infos, framer=framer)

    def _outputs(self, talk: Talk, baud: int) -> tuple[Output, ...]:
        """Return what the sensor sends, set before if that was asked for."""
        sent = self._read_outputs(talk, b"")
        if self._setup and not self._as_wanted(sent, baud):
            rate_hz = self._rate_for(baud)
            sent = self._read_outputs(talk, output_bytes(_wanted(rate_hz)))
        usable = {out.origin for out in sent if out.is_single and out.rate_hz}
        if {_ACC, _GYRO} <= usable:
            return tuple(out for out in sent if out.is_single and out.rate_hz)
        wide = [out for out in sent if not out.is_single]
        why = "with other than 32-bit numbers" if wide else "without it"
        raise DeviceError(
            "protocol",
            "The MTi is to send acceleration and rate of turn as 32-bit numbers, and "
            f"it is set to send {why}.",
            still=STILL,
            todo='Connect it as "xbus_setup" (the sensor keeps the setting), or set '
            "it in the vendor's MT Manager.",
        )

    def _read_outputs(self, talk: Talk, wanted: bytes) -> tuple[Output, ...]:
        told = _ask(talk, _OUTPUT, wanted)
        if told is None:
            raise _silent("did not tell what it sends")
        return outputs(content(told.body))

    def _rate_for(self, baud: int) -> int:
        if self._wanted_hz > 0:
            return round(self._wanted_hz)
        fits = [r for r in _RATES_HZ if r * _ROW_BYTES * _BITS_PER_BYTE < baud]
        return fits[0] if fits else _RATES_HZ[-1]

    def _as_wanted(self, sent: tuple[Output, ...], baud: int) -> bool:
        rate_hz = self._rate_for(baud)
        have = {out.origin: out for out in sent}
        values = [have.get(origin) for origin in (_ACC, _GYRO)]
        return COUNTER in have and all(
            out is not None and out.is_single and out.rate_hz == rate_hz
            for out in values
        )


def _wanted(rate_hz: int) -> tuple[Output, ...]:
    return (
        Output(COUNTER, _EVERY_ROW),
        Output(FINE_TIME, _EVERY_ROW),
        Output(_QUAT, rate_hz),
        Output(_ACC, rate_hz),
        Output(_GYRO, rate_hz),
    )


def _configurable(talk: Talk) -> bool:
    """Bring the sensor into its configuration mode; False = it is not understood."""
    if _ask(talk, _TO_CONFIG) is None:
        return False
    talk.drop(0.02, _ANSWER_S)  # data that were on their way
    return True


def _ask(talk: Talk, kind: int, data: bytes = b"") -> Frame | None:
    """Send a message and return its acknowledgement, passing over data.

    Raises
    ------
    DeviceError
        The sensor answers with an error.
    """
    return talk.ask(message(kind, data), _answer_to(kind + 1), _ANSWER_S)


def _answer_to(kind: int) -> Callable[[bytes], Frame | None]:
    def judge(heard: bytes) -> Frame | None:
        for frame in SyncFramer(WIRE, confirm=False).feed([heard], now_s()):
            if frame.type == kind:
                return frame
            if frame.type == _ERROR:
                code = (content(frame.body) or b"\0")[0]
                why = _ERRORS.get(code, "see the vendor's list")
                raise DeviceError(
                    "protocol",
                    f"The MTi refused a setting (error {code:02X}: {why}).",
                    still=STILL,
                    todo="Choose another rate, or set it in the vendor's MT Manager.",
                )
        return None

    return judge


def _silent(what: str) -> DeviceError:
    return DeviceError(
        "timeout",
        f"The MTi {what}.",
        still=STILL,
        todo="Unplug the sensor, plug it in again and retry.",
    )
