"""What a Trigno base station says of itself: questions, answers, sensor places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from drivers.talk import STILL
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[[str], str]

END: Final = b"\r\n\r\n"
SLOTS: Final = 16
AUX_PER_SLOT: Final = 9
EMG_ROW: Final = SLOTS * 4
AUX_ROW: Final = SLOTS * AUX_PER_SLOT * 4
_FRAME_S: Final = 0.0135
_UPSAMPLED_HZ: Final = 2000.0
_OLD_EMG: Final = 15  # samples per frame without upsampling
_OLD_AUX: Final = 2
_SHORTEST_S, _LONGEST_S = 1e-4, 10.0  # frames
_MOST_SAMPLES: Final = 10_000  # in a frame
_MOST: Final = 1000  # any other number that a base station tells
_YES_NO: Final = {"YES": True, "NO": False, "UPSAMPLING ON": True,
                  "UPSAMPLING OFF": False}  # fmt: skip
_UNITS: Final = {"V": "V", "mV": "mV", "uV": "uV", "g": "g", "?/s": "deg/s",
                 "°/s": "deg/s", "deg/s": "deg/s", "uT": "uT"}  # fmt: skip


class Sensor(NamedTuple):
    """One paired and active sensor.

    Attributes
    ----------
    number
        1 to 16, as on the base station.
    start
        Its first place in the data, as the base station counts.
    emg, aux
        How many channels it has of each.
    units
        Unit of each channel, EMG first; "" = not told.
    """

    number: int
    start: int
    emg: int
    aux: int
    units: tuple[str, ...]


class System(NamedTuple):
    """A base station as it is set.

    Attributes
    ----------
    emg_hz, aux_hz
        Rows per second of the two data ports.
    big
        Numbers are big-endian.
    base
        What the base station calls the first place, 0 or 1.
    question
        What a person must check, "" = nothing.
    """

    sensors: tuple[Sensor, ...]
    emg_hz: float
    aux_hz: float
    big: bool
    base: int
    question: str


def read_system(ask: Ask, base: str = "auto", expected_hz: float = 0.0) -> System:
    """Ask everything that is needed; nothing is changed.

    Parameters
    ----------
    ask
        Sends a command and returns the answer.
    base
        ``auto``, ``0`` or ``1``: how the base station counts places.
    expected_hz
        EMG rate that must be; 0 = any.

    Raises
    ------
    DeviceError
        An answer makes no sense, no sensor is on, the rate is another, or nobody can
        tell how places are counted.
    """
    emg_hz, aux_hz = _rates(ask)
    if expected_hz and abs(emg_hz - expected_hz) > 0.01 * expected_hz:
        raise DeviceError(
            "protocol",
            f"The Trigno is set to {emg_hz:.1f} Hz, and {expected_hz:g} Hz is asked "
            "for.",
            still=STILL,
            todo="Change backwards compatibility and upsampling in the Trigno Control "
            "Utility, or leave expected_rate_hz out.",
        )
    big = ask("ENDIANNESS?").upper() == "BIG"
    found = [_sensor(ask, n) for n in range(1, SLOTS + 1) if _is_on(ask, n)]
    if not found:
        raise DeviceError(
            "protocol",
            "No sensor of the Trigno is paired and switched on.",
            still=STILL,
            todo="Take the sensors out of the charger and pair them in the Trigno "
            "Control Utility.",
        )
    counted, question = index_base(found, base)
    outside = [s for s in found if not 0 <= s.start - counted <= SLOTS - max(s.emg, 1)]
    if outside:
        raise DeviceError(
            "protocol",
            f"Sensor {outside[0].number} is told to be at place {outside[0].start}, "
            f"which does not exist when places are counted from {counted}.",
            still=STILL,
            todo="Connect it with index_base=0 or index_base=1, and tap one sensor.",
        )
    return System(tuple(found), emg_hz, aux_hz, big, counted, question)


def index_base(sensors: list[Sensor], told: str = "auto") -> tuple[int, str]:
    """Return how places are counted, and what a person must check.

    Both counts are seen in practice; the wrong one shows one muscle as its neighbour.

    Raises
    ------
    DeviceError
        ``ambiguous``: it cannot be told.
    """
    if told in ("0", "1"):
        return int(told), ""
    starts = {sensor.number: sensor.start for sensor in sensors}
    if 0 in starts.values():
        return 0, ""
    if all(number == start for number, start in starts.items()):
        return 1, (
            "Places are taken as counted from 1. Tap one sensor: if another one's "
            "curve moves, connect again with index_base=0."
        )
    raise DeviceError(
        "ambiguous",
        "The Trigno does not tell whether it counts the places of its sensors from 0 "
        "or from 1; the wrong one would show a muscle as its neighbour.",
        still=STILL,
        todo="Connect it with index_base=1 and tap one sensor; if another one's curve "
        "moves, use index_base=0.",
    )


def _rates(ask: Ask) -> tuple[float, float]:
    compatible = _yes(ask, "BACKWARDS COMPATIBILITY?")
    upsampled = _yes(ask, "UPSAMPLING?")
    if compatible:
        emg_hz = _UPSAMPLED_HZ if upsampled else _OLD_EMG / _FRAME_S
        return emg_hz, _OLD_AUX / _FRAME_S
    frame_s = _number(ask, "FRAME INTERVAL?", _SHORTEST_S, _LONGEST_S)
    emg = _number(ask, "MAX SAMPLES EMG?", 1, _MOST_SAMPLES)
    aux = _number(ask, "MAX SAMPLES AUX?", 0, _MOST_SAMPLES)
    return emg / frame_s, aux / frame_s


def _is_on(ask: Ask, number: int) -> bool:
    if not _yes(ask, f"SENSOR {number} PAIRED?"):
        return False
    told = ask(f"SENSOR {number} ACTIVE?")  # older base stations do not know it
    return _YES_NO.get(told.upper(), True)


def _sensor(ask: Ask, number: int) -> Sensor:
    start = int(_number(ask, f"SENSOR {number} STARTINDEX?", 0, _MOST))
    emg = int(_number(ask, f"SENSOR {number} EMGCHANNELCOUNT?", 0, SLOTS))
    aux = int(_number(ask, f"SENSOR {number} AUXCHANNELCOUNT?", 0, _MOST))
    aux = min(aux, AUX_PER_SLOT)
    units = [
        _UNITS.get(ask(f"SENSOR {number} CHANNEL {channel} UNITS?"), "")
        for channel in range(1, emg + aux + 1)
    ]
    return Sensor(number, start, emg, aux, tuple(units))


def _yes(ask: Ask, question: str) -> bool:
    told = ask(question)
    if told.upper() not in _YES_NO:
        raise _senseless(question, told)
    return _YES_NO[told.upper()]


def _number(ask: Ask, question: str, least: float, most: float) -> float:
    told = ask(question)
    try:
        value = float(told.replace(",", "."))
    except ValueError as error:
        raise _senseless(question, told) from error
    if not least <= value <= most:  # not a number, endless, or nothing that exists
        raise _senseless(question, told)
    return value


def _senseless(question: str, told: str) -> DeviceError:
    return DeviceError(
        "protocol",
        f'The Trigno answers "{told[:40]}" to "{question}".',
        still=STILL,
        todo="Update the Trigno Control Utility, and send us this message.",
    )
