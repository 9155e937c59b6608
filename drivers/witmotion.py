"""WitMotion: find its speed, read what it is set to, set it when told to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from drivers.options import check_options, flag, number
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver, adapted, stream_infos
from drivers.profile_files import load_profile
from drivers.talk import STILL, Talk, find_baud, set_baud
from drivers.witmotion_frames import (
    ACC,
    ASK,
    BANDWIDTH,
    BAUD,
    BAUDS,
    GYRO,
    RATES_HZ,
    REGISTERS,
    RRATE,
    RSW,
    SAVE,
    SENDS,
    SHIPPED,
    UNLOCK,
    WANTED_BANDWIDTH,
    WANTED_BAUD,
    WANTED_RATE,
    WANTED_RSW,
    Settings,
    WitFramer,
    settings,
    wit_profile,
    write_register,
)
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Port, StreamTally
    from drivers.frame_rules import Frame
    from drivers.profile import Profile

_OPTIONS: Final = ("port", "baud", "site", "name", "setup")
SEARCHED: Final = (115200, 921600, 9600, 230400, 460800)
_LISTEN_S: Final = 0.3
_ANSWER_S: Final = 0.3
_UNLOCKED_S: Final = 0.1
_MEASURE_S: Final = 1.0
_SURE_FRAMES: Final = 2
_SLOW_HZ: Final = 100.0


class WitMotionDriver(ProfileDriver):
    """One WitMotion sensor on a serial line.

    Parameters
    ----------
    address
        Serial port.
    baud
        Tried first; 0 = the usual ones in turn.
    setup
        Write 115200 baud, 200 Hz, a 94 Hz low-pass and all useful packets into the
        sensor, unless it is set so already.
    """

    def __init__(
        self,
        address: str,
        *,
        baud: int = 0,
        setup: bool = False,
        site: str = "",
        name: str = "",
        port: Port | None = None,
    ) -> None:
        self._bauds = (baud, *SEARCHED) if baud else SEARCHED
        self._setup = setup
        given = {"site": site, "name": name}
        self._named = {key: value for key, value in given.items() if value}
        self._baud = 0
        super().__init__(adapted(load_profile(SHIPPED), self._named), address, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> WitMotionDriver:
        """Build a driver from options; raises ConfigError."""
        check_options("witmotion", options, _OPTIONS)
        return cls(
            str(options.get("port", "")),
            baud=int(number(options, "baud", 0)),
            setup=flag(options, "setup"),
            site=str(options.get("site", "")),
            name=str(options.get("name", "")),
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        talk = Talk(port, self._stop, "the WitMotion sensor")
        self._baud = find_baud(
            port, self._bauds, lambda: _is_there(talk), "WitMotion sensor"
        )
        told = _told(talk)
        if self._setup and not (told.is_wanted and self._baud >= BAUDS[WANTED_BAUD]):
            told = self._write(talk, port)
        if ACC not in told.sends or told.rate_hz <= 0:
            raise DeviceError(
                "protocol",
                "The WitMotion sensor is set to send no acceleration.",
                still=STILL,
                todo='Connect it once as "witmotion_setup"; the sensor keeps that.',
            )
        self.profile: Profile = adapted(wit_profile(told), self._named)
        self._infos = stream_infos(self.profile, self._address)
        framer = WitFramer(timed=self.profile.clock is not None)
        return ProfileDecoder(self.profile, self._infos, framer=framer)

    def _write(self, talk: Talk, port: Port) -> Settings:
        """Set the sensor and read back what it has become.

        Raises
        ------
        DeviceError
            It is not as it was told to be.
        """
        if self._baud < BAUDS[WANTED_BAUD]:
            talk.send(UNLOCK, _UNLOCKED_S)
            talk.send(write_register(BAUD, WANTED_BAUD), _UNLOCKED_S)
            self._baud = BAUDS[WANTED_BAUD]
            set_baud(port, self._baud)
        talk.send(UNLOCK, _UNLOCKED_S)
        for register, value in (
            (RSW, WANTED_RSW),
            (RRATE, WANTED_RATE),
            (BANDWIDTH, WANTED_BANDWIDTH),
        ):
            talk.send(write_register(register, value), _UNLOCKED_S)
        talk.send(SAVE, _UNLOCKED_S)
        told = _told(talk)
        if not told.is_wanted:
            raise DeviceError(
                "protocol",
                f"The WitMotion sensor was set to 200 Hz but sends {told.rate_hz:g}.",
                still=STILL,
                todo="Unplug it, plug it in and connect it again; or set it with the "
                "vendor's program.",
            )
        return told

    def _fault(self, decoder: ProfileDecoder, tally: StreamTally) -> str:
        rate_hz = tally.info.rate_hz
        if rate_hz < _SLOW_HZ:
            return (
                f"The sensor is set to {rate_hz:g} Hz at {self._baud} baud. Connect it "
                'once as "witmotion_setup" for 200 Hz; the sensor keeps that.'
            )
        return super()._fault(decoder, tally)


def _packets(heard: bytes) -> list[Frame]:
    return WitFramer(timed=False, confirm=False).feed([heard], now_s())


def _is_there(talk: Talk) -> bool:
    """Tell whether packets come, or an answer when none come by themselves."""

    def two(heard: bytes) -> bool | None:
        return len(_packets(heard)) >= _SURE_FRAMES or None

    def answer(heard: bytes) -> bool | None:
        return any(frame.type == REGISTERS for frame in _packets(heard)) or None

    talk.rest = b""
    if talk.listen(two, _LISTEN_S):
        return True
    return talk.ask(ASK, answer, _ANSWER_S) is not None


def _told(talk: Talk) -> Settings:
    """Ask for the settings; watch the packets of a sensor that does not answer."""

    def answer(heard: bytes) -> bytes | None:
        found = [f.body for f in _packets(heard) if f.type == REGISTERS]
        return found[0] if found else None

    packet = talk.ask(ASK, answer, _ANSWER_S)
    if packet is not None:
        return settings(packet)
    talk.rest = b""
    began_s = now_s()
    talk.listen(lambda _: None, _MEASURE_S)
    seen = Counter(frame.type for frame in _packets(talk.rest))
    rate_hz = seen[ACC] / (now_s() - began_s)
    near = min(RATES_HZ.values(), key=lambda known: abs(known - rate_hz))
    sends = frozenset(kind for kind in SENDS.values() if seen[kind])
    return Settings(sends if seen[GYRO] or seen[ACC] else frozenset(), near)
