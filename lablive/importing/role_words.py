"""Words by which other programs name sensors, sides, quantities and units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lablive import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PIECES: Final = re.compile(
    r"[A-Z]+(?![a-z])|[A-Z]?[a-zµ]+|\d+", re.UNICODE
)  # AccX, left_foot, EMG1

SIDES: Final[Mapping[str, str]] = {
    "left": "left", "l": "left", "links": "left", "li": "left", "lt": "left",
    "gauche": "left", "izquierda": "left",
    "right": "right", "r": "right", "rechts": "right", "re": "right", "rt": "right",
    "droite": "right", "derecha": "right",
}  # fmt: skip
SITES: Final[Mapping[str, str]] = {  # part of a site; sided ones need a side
    "pelvis": "pelvis", "sacrum": "pelvis", "sacral": "pelvis", "hip": "pelvis",
    "hips": "pelvis", "waist": "pelvis", "lowerback": "pelvis", "lumbar": "pelvis",
    "trunk": "trunk", "sternum": "trunk", "chest": "trunk", "torso": "trunk",
    "thorax": "trunk", "back": "trunk", "head": "head", "forehead": "head",
    "thigh": "thigh", "femur": "thigh", "upperleg": "thigh",
    "shank": "shank", "tibia": "shank", "shin": "shank", "lowerleg": "shank",
    "foot": "foot", "shoe": "foot", "instep": "foot",
    "forearm": "forearm", "wrist": "forearm", "lowerarm": "forearm",
}  # fmt: skip
QUANTITIES: Final[Mapping[str, str]] = {
    "acc": "acc", "accel": "acc", "acceleration": "acc", "accelerometer": "acc",
    "gyr": "gyro", "gyro": "gyro", "gyroscope": "gyro", "angvel": "gyro",
    "omega": "gyro", "mag": "mag", "magn": "mag", "magnetometer": "mag",
    "quat": "quat", "quaternion": "quat", "orientation": "quat",
    "force": "force", "grf": "force", "load": "force", "total": "force",
    "pressure": "pressure", "fsr": "pressure", "sensel": "pressure",
    "cell": "pressure", "cop": "cop", "emg": "emg", "semg": "emg",
    "speed": "speed", "velocity": "speed", "belt": "speed",
    "incline": "incline", "slope": "incline", "grade": "incline",
    "audio": "audio", "mic": "audio", "microphone": "audio",
}  # fmt: skip
MUSCLES: Final[Mapping[str, str]] = {
    "gluteusmaximus": "gluteus_maximus", "glutmax": "gluteus_maximus",
    "gmax": "gluteus_maximus", "gluteusmedius": "gluteus_medius",
    "glutmed": "gluteus_medius", "gmed": "gluteus_medius",
    "bicepsfemoris": "biceps_femoris", "hamstring": "biceps_femoris",
    "hamstrings": "biceps_femoris", "rectusfemoris": "rectus_femoris",
    "recfem": "rectus_femoris", "rectfem": "rectus_femoris",
    "vastuslateralis": "vastus_lateralis", "vaslat": "vastus_lateralis",
    "tibialisanterior": "tibialis_anterior", "tibant": "tibialis_anterior",
    "gastrocnemius": "gastrocnemius", "gastroc": "gastrocnemius",
    "soleus": "soleus",
}  # fmt: skip
_UNITS: Final[Mapping[str, str]] = {
    "microvolts": "uV", "microvolt": "uV", "uv": "uV", "µv": "uV", "μv": "uV",
    "millivolts": "mV", "millivolt": "mV", "mv": "mV", "volts": "V", "volt": "V",
    "v": "V", "m/s2": "m/s^2", "m/s²": "m/s^2", "m/s/s": "m/s^2", "ms-2": "m/s^2",
    "m*s^-2": "m/s^2", "dps": "deg/s", "°/s": "deg/s", "degrees/s": "deg/s",
    "deg/sec": "deg/s", "rad/sec": "rad/s", "newton": "N", "newtons": "N", "n": "N",
    "kn": "kN", "kpa": "kPa", "pa": "Pa", "bodyweight": "BW", "bw": "BW",
    "n/cm2": "N/cm^2", "n/cm²": "N/cm^2", "kmh": "km/h", "kph": "km/h",
    "microtesla": "uT", "ut": "uT", "µt": "uT", "gauss": "G", "percent": "%",
    "counts": "adc", "count": "adc", "raw": "adc",
}  # fmt: skip
AXES: Final = ("w", "x", "y", "z")


def pieces(text: str) -> list[str]:
    """Return the words of a name, in small letters.

    >>> pieces("LeftFoot_AccX"), pieces("EMG1 gMax-L")
    (['left', 'foot', 'acc', 'x'], ['emg', '1', 'g', 'max', 'l'])
    """
    return [it.lower() for it in _PIECES.findall(text)]


def found_in(words: list[str], known: Mapping[str, str]) -> str:
    """Return the first meaning of any word, or of two words together; "" = none."""
    for number, word in enumerate(words):
        together = word + words[number + 1] if number + 1 < len(words) else word
        for it in (together, word):
            if it in known:
                return known[it]
    return ""


def unit_of(text: str) -> str:
    """Return a unit of the vocabulary for what another program wrote; "" = unknown.

    >>> unit_of("microvolts"), unit_of("m/s²"), unit_of("furlongs")
    ('microvolts', 'm/s^2', '')
    """
    plain = text.strip()
    if plain in names.UNITS:
        return plain
    return _UNITS.get(plain.lower().replace(" ", ""), "")


def common(units: Iterable[str]) -> str:
    """Return the unit that all share, "" when they do not."""
    found = set(units)
    return found.pop() if len(found) == 1 else ""
