"""BITalino (r)evolution: start, stop, frames of 3 to 8 bytes, a 4-bit counter."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from drivers.frame_rules import Counted, Frame
from drivers.options import check_options, flag, number
from drivers.profile import (
    Counter,
    Device,
    Field,
    Framing,
    Message,
    Profile,
    Stream,
    Transport,
)
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_driver import ProfileDriver
from drivers.profile_fields import site_prefix
from drivers.talk import STILL, Talk
from lablive.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from drivers.base import Port

INPUTS: Final = ("a1", "a2", "a3", "a4", "a5", "a6")
_OPTIONS: Final = ("port", "baud", "name", "rate_hz", "channels", "raw", *INPUTS)
_RATES_HZ: Final = (1, 10, 100, 1000)
_SIZES: Final = (0, 3, 4, 6, 7, 8, 8)  # bytes per frame by number of inputs
_FULL_BITS: Final = 10
_SMALL_BITS: Final = 6  # inputs five and six of a frame
_FULL_INPUTS: Final = 4
_SUPPLY_V: Final = 3.3
_GAIN: Final = 1009.0  # of the EMG sensor
_SURE_FRAMES: Final = 4  # in a row, before a place is believed: CRC-4 alone is weak
_SPAN: Final = 16
_ROW: Final = struct.Struct("<5B6H")
_STOP: Final = b"\x00"
_VERSION: Final = b"\x07"
_PAUSE_S: Final = 0.1  # between commands
_ANSWER_S: Final = 1.0
_POLYNOMIAL: Final = 0x13


def _remainders() -> tuple[int, ...]:
    """Return the remainder of every 12-bit number modulo x^4 + x + 1."""
    found: list[int] = []
    for value in range(4096):
        rest = value
        for bit in range(11, 3, -1):
            if rest >> bit & 1:
                rest ^= _POLYNOMIAL << (bit - 4)
        found.append(rest)
    return tuple(found)


_CRC4: Final = _remainders()


def crc4(frame: bytes) -> int:
    """Return the checksum of a frame, its own four bits taken as zero."""
    value = 0
    for byte in frame[:-1]:
        value = _CRC4[value << 8 | byte]
    return _CRC4[value << 8 | frame[-1] & 0xF0]


def read_frame(b: bytes, inputs: int) -> tuple[int, ...]:
    """Return counter, I1, I2, O1, O2 and the first ``inputs`` analogue values."""
    digital = b[-2]
    values = [(b[-2] & 0x0F) << 6 | b[-3] >> 2]
    if inputs > 1:
        values.append((b[-3] & 0x03) << 8 | b[-4])
    if inputs > 2:
        values.append(b[-5] << 2 | b[-6] >> 6)
    if inputs > 3:
        values.append((b[-6] & 0x3F) << 4 | b[-7] >> 4)
    if inputs > 4:
        values.append((b[-7] & 0x0F) << 2 | b[-8] >> 6)
    if inputs > 5:
        values.append(b[-8] & 0x3F)
    bits = (digital >> 7 & 1, digital >> 6 & 1, digital >> 5 & 1, digital >> 4 & 1)
    return (b[-1] >> 4, *bits, *values)


class BitalinoFramer(Counted):
    """Frames without a sync: found by checksum and counter of several in a row.

    A frame is believed when it continues the one before it, or when three more
    continue it: by chance that happens once in 2 to the 28.
    """

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self._inputs = inputs
        self._size = _SIZES[inputs]
        self._buffer = b""
        self._next = -1  # counter of the frame that must follow; -1 = searching

    def feed(self, pieces: Iterable[bytes], now_s: float) -> list[Frame]:
        """Take bytes and return the good frames as rows of one layout."""
        del now_s
        data = self._buffer + b"".join(pieces)
        size, at = self._size, 0
        found: list[Frame] = []
        while len(data) - at >= size:
            body = data[at : at + size]
            if self._next < 0:
                if len(data) - at < size * _SURE_FRAMES:
                    break
                if not self._begins(data, at):
                    self.stats.skipped_bytes += 1
                    at += 1
                    continue
            elif body[-1] >> 4 != self._next or crc4(body) != body[-1] & 0x0F:
                self.stats.checksum_errors += crc4(body) != body[-1] & 0x0F
                self._next = -1
                continue
            self._next = ((body[-1] >> 4) + 1) % _SPAN
            self.count_good()
            row = read_frame(body, self._inputs)
            found.append(Frame(None, _ROW.pack(*row, *(0,) * (11 - len(row)))))
            at += size
        self._buffer = data[at:]
        return found

    def idle(self, now_s: float) -> list[Frame]:
        """Keep what waits: it is shorter than four frames."""
        del now_s
        return []

    def _begins(self, data: bytes, at: int) -> bool:
        size = self._size
        first = data[at + size - 1] >> 4
        for number_ in range(_SURE_FRAMES):
            body = data[at + number_ * size : at + (number_ + 1) * size]
            last = body[-1]
            if last >> 4 != (first + number_) % _SPAN or crc4(body) != last & 0x0F:
                return False
        return True


class BitalinoDriver(ProfileDriver):
    """One BITalino.

    Parameters
    ----------
    address
        Serial port (Bluetooth serial ports too).
    channels
        Analogue inputs, 1 to 6, ascending.
    muscles
        Input -> site, for the channel labels.
    raw
        Publish counts instead of EMG millivolts (other sensors).
    """

    def __init__(
        self,
        address: str,
        *,
        channels: tuple[int, ...] = (1, 2, 3, 4),
        rate_hz: int = 1000,
        muscles: Mapping[int, str] | None = None,
        raw: bool = False,
        name: str = "emg",
        baud: int = 115200,
        port: Port | None = None,
    ) -> None:
        self._channels = channels
        self._rate_hz = rate_hz
        profile = bitalino_profile(
            channels, rate_hz, muscles or {}, raw=raw, name=name, baud=baud
        )
        super().__init__(profile, address, port)

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> BitalinoDriver:
        """Build a driver from options.

        ``channels`` is ``1,2``; ``a1`` ... ``a6`` name the muscle at each input.

        Raises
        ------
        ConfigError
            An option is unknown or out of range.
        """
        check_options("bitalino", options, _OPTIONS)
        text = str(options.get("channels", "1,2,3,4"))
        rate_hz = number(options, "rate_hz", 1000)
        parts = [part.strip() for part in text.replace(" ", ",").split(",")]
        listed = sorted({int(part) for part in parts if part.isdecimal()})
        wrong = not all(part.isdecimal() for part in parts if part)
        if wrong or not listed or not 1 <= listed[0] <= listed[-1] <= len(INPUTS):
            raise ConfigError(
                f'BITalino: channels = "{text}" are no inputs.',
                todo="Write numbers from 1 to 6: channels=1,2.",
            )
        if rate_hz not in _RATES_HZ:
            raise ConfigError(
                f"BITalino: it cannot send {rate_hz:g} rows/s.",
                todo="Choose 1000, 100, 10 or 1.",
            )
        muscles = {
            place: str(options[key])
            for place, key in enumerate(INPUTS, start=1)
            if options.get(key)
        }
        for site in muscles.values():
            if not (site_prefix("emg", site) or "").startswith("emg_"):
                raise ConfigError(
                    f'BITalino: the muscle "{site}" is not known.',
                    todo='Use a word of the vocabulary: "gluteus_maximus_left".',
                )
        return cls(
            str(options.get("port", "")),
            channels=tuple(listed),
            rate_hz=int(rate_hz),
            muscles=muscles,
            raw=flag(options, "raw"),
            name=str(options.get("name", "")) or "emg",
            baud=int(number(options, "baud", 115200)),
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        talk = Talk(port, self._stop, "the BITalino")
        talk.send(_STOP, _PAUSE_S)  # it may still be measuring for someone else
        talk.drop(0.02, _ANSWER_S)
        version = talk.ask(_VERSION, _version, _ANSWER_S)
        if version is None:
            raise DeviceError(
                "timeout",
                "No BITalino answers on this port.",
                still=STILL,
                todo="Switch it on, pair it, and check that this is its port.",
            )
        self._stop.wait(_PAUSE_S)
        talk.send(rate_command(self._rate_hz), _PAUSE_S)
        talk.send(start_command(self._channels))
        framer = BitalinoFramer(len(self._channels))
        return ProfileDecoder(self.profile, self._infos, framer=framer)

    def _part(self, port: Port) -> None:
        port.write(_STOP)


def rate_command(rate_hz: int) -> bytes:
    """Return the command that sets the rate: 1, 10, 100 or 1000 Hz."""
    return bytes((_RATES_HZ.index(rate_hz) << 6 | 0x03,))


def start_command(channels: Iterable[int]) -> bytes:
    """Return the command that starts live mode with inputs 1 to 6."""
    return bytes((0x01 | sum(1 << (1 + channel) for channel in channels),))


def bitalino_profile(
    channels: tuple[int, ...],
    rate_hz: int,
    muscles: Mapping[int, str],
    *,
    raw: bool = False,
    name: str = "emg",
    baud: int = 115200,
) -> Profile:
    """Return the profile of the rows that :class:`BitalinoFramer` makes."""
    fields = [Field(name="counter", at=0, type="u8")]
    for place, channel in enumerate(channels):
        bits = _FULL_BITS if place < _FULL_INPUTS else _SMALL_BITS
        volts = _SUPPLY_V / _GAIN * 1e3
        site = muscles.get(channel, "")
        fields.append(
            Field(
                name=site_prefix("emg", site) or f"a{channel}",
                at=5 + 2 * place,
                type="u16le",
                unit="adc" if raw else "mV",
                scale=1.0 if raw else volts / (1 << bits),
                offset=0.0 if raw else -volts / 2,
            )
        )
    fields += [Field(name="i1", at=1, type="u8"), Field(name="i2", at=2, type="u8")]
    return Profile(
        device=Device(name="BITalino", kind="emg", vendor="PLUX"),
        transport=Transport(type="serial", baud=baud),
        framing=Framing(mode="datagram"),
        messages=(Message(name="frame", rate_hz=rate_hz, fields=tuple(fields)),),
        streams=(
            Stream(
                name=name,
                message="frame",
                fields=tuple(field.name for field in fields[1:]),
            ),
        ),
        counter=Counter(field="counter", bits=4),
    )


def _version(heard: bytes) -> str | None:
    start = heard.find(b"BITalino")
    end = heard.find(b"\n", start)
    return heard[start:end].decode("ascii", "replace") if 0 <= start < end else None
