"""The vocabulary: roles, sites, sides, units and signs. Defined nowhere else.

Frames and signs are those of the metric reference, section 0.9: segment axes are
x forward, y left, z up; insole ``y`` runs from heel 0 to toe 1 along the insole
length, ``x`` from -0.5 lateral to +0.5 medial on both feet.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal, NamedTuple

Side = Literal["left", "right"]
SIDES: Final[tuple[Side, Side]] = ("left", "right")

IMU_SITES: Final = (
    "pelvis", "trunk", "head",
    "thigh_left", "thigh_right", "shank_left", "shank_right",
    "foot_left", "foot_right", "forearm_left", "forearm_right",
)  # fmt: skip
MUSCLES: Final = (
    "gluteus_maximus", "gluteus_medius", "biceps_femoris", "rectus_femoris",
    "vastus_lateralis", "tibialis_anterior", "gastrocnemius", "soleus",
)  # fmt: skip

STANDARD_GRAVITY: Final = 9.80665  # m/s^2, CODATA


class HeaderKey(StrEnum):
    """Keys of a trial file's header (all values are text)."""

    MONTAGE = "montage"  # TOML
    CALIBRATION = "calibration"  # JSON: signals/calibrations.py
    CODE = "code"  # pseudonymous person code
    PROTOCOL = "protocol"
    NOTE = "note"
    SOFTWARE = "software"
    STARTED = "started"  # wall clock, ISO 8601, with zone where known
    SOURCE = "source"  # imported files: JSON list of name and sha256
    PART_OF = "part_of"  # file name of the first part after a host was lost


class Role(NamedTuple):
    """What a channel (or a group of channels) measures.

    ``channels`` is the exact number of channels, or 0 for "one or more".
    """

    name: str
    unit: str
    channels: int


def _roles() -> dict[str, Role]:
    found: list[Role] = []
    for side in SIDES:
        insole = f"insole_{side}"
        found += [
            Role(f"{insole}.force", "N", 1),
            Role(f"{insole}.pressure", "kPa", 0),
            Role(f"{insole}.zones", "N", 0),
            Role(f"{insole}.cop", "m", 2),
            Role(f"{insole}.acc", "m/s^2", 3),
            Role(f"{insole}.gyro", "rad/s", 3),
        ]
        found += [Role(f"emg_{muscle}_{side}", "V", 1) for muscle in MUSCLES]
    for site in IMU_SITES:
        imu = f"imu_{site}"
        found += [
            Role(f"{imu}.acc", "m/s^2", 3),
            Role(f"{imu}.gyro", "rad/s", 3),
            Role(f"{imu}.mag", "uT", 3),
            Role(f"{imu}.quat", "1", 4),
        ]
    found += [
        Role("mic_belt.audio", "Pa", 1),
        Role("mic_belt.level", "Pa^2", 3),  # A-, C-, Z-weighted energy per 1 ms
        Role("treadmill.speed", "m/s", 1),
        Role("treadmill.incline", "%", 1),
        Role("treadmill.force_z", "N", 1),
        Role("marker.text", "1", 1),
    ]
    return {role.name: role for role in found}


ROLES: Final[dict[str, Role]] = _roles()

# unit -> (dimension, factor to the dimension's base unit)
_UNITS: Final[dict[str, tuple[str, float]]] = {
    "N": ("force", 1.0), "kN": ("force", 1e3), "BW": ("bodyweight", 1.0),
    "Pa": ("pressure", 1.0), "kPa": ("pressure", 1e3),
    "N/cm^2": ("pressure", 1e4), "mmHg": ("pressure", 133.322387415),
    "psi": ("pressure", 6894.757293168),
    "m/s^2": ("acceleration", 1.0), "g": ("acceleration", STANDARD_GRAVITY),
    "mg": ("acceleration", STANDARD_GRAVITY * 1e-3),
    "rad/s": ("rate", 1.0), "deg/s": ("rate", 0.017453292519943295),
    "uT": ("field", 1.0), "mT": ("field", 1e3), "G": ("field", 100.0),
    "V": ("voltage", 1.0), "mV": ("voltage", 1e-3), "uV": ("voltage", 1e-6),
    "µV": ("voltage", 1e-6), "microvolts": ("voltage", 1e-6),
    "m/s": ("speed", 1.0), "km/h": ("speed", 1 / 3.6), "mph": ("speed", 0.44704),
    "m": ("length", 1.0), "cm": ("length", 1e-2), "mm": ("length", 1e-3),
    "%": ("percent", 1.0), "1": ("number", 1.0), "Pa^2": ("pressure squared", 1.0),
    # not physical until calibrated; kept apart so that nothing pretends
    "adc": ("counts", 1.0), "FS": ("full scale", 1.0),
    "FS^2": ("full scale squared", 1.0),
}  # fmt: skip
UNITS: Final = tuple(_UNITS)

# uncalibrated units a role accepts besides those of its own dimension
RAW_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "pressure": ("adc",),
    "force": ("adc", "BW"),
    "force_z": ("BW",),
    "zones": ("adc",),
    "audio": ("FS",),
    "level": ("FS^2",),
    "emg": ("adc", "1"),  # amplitudes then only in % of a reference
}


def unit_factor(unit: str, wanted: str) -> float | None:
    """Return the factor that turns ``unit`` into ``wanted``; None if impossible.

    >>> unit_factor("g", "m/s^2")
    9.80665
    """
    if unit not in _UNITS or wanted not in _UNITS:
        return None
    dimension, factor = _UNITS[unit]
    wanted_dimension, wanted_factor = _UNITS[wanted]
    return factor / wanted_factor if dimension == wanted_dimension else None


def role_accepts(role: str, unit: str) -> bool:
    """Tell whether values in ``unit`` can feed ``role`` (calibrated or raw)."""
    found = ROLES.get(role)
    if found is None:
        return False
    quantity = "emg" if role.startswith("emg_") else role.rpartition(".")[2]
    return unit_factor(unit, found.unit) is not None or unit in RAW_UNITS.get(
        quantity, ()
    )


def side_of(role: str) -> Side | None:
    """Return the side a role belongs to, None for midline roles."""
    site = role.partition(".")[0]
    for side in SIDES:
        if site.endswith(f"_{side}"):
            return side
    return None


def site_words(site: str) -> str:
    """Return where an IMU sits as a person says it.

    >>> site_words("thigh_left")
    'left thigh'
    """
    part, _, side = site.partition("_")
    return f"{side} {part}" if side else part
