"""Fitness machine service: what a Bluetooth treadmill says, byte by byte.

Characteristics 2ACD (treadmill data) and 2ADA (status), little-endian (drivers
reference 4.10). Real treadmills leave announced fields out or send more: what was
there is kept.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from lablive.names import unit_factor

SERVICE: Final = "00001826-0000-1000-8000-00805f9b34fb"
TREADMILL_DATA: Final = "00002acd-0000-1000-8000-00805f9b34fb"
MACHINE_STATUS: Final = "00002ada-0000-1000-8000-00805f9b34fb"

# flag bit -> (name, type, scale) of its fields, in the order of the bytes
_U16, _I16, _U8, _U24 = "<H", "<h", "<B", "u24"
_FIELDS: Final[tuple[tuple[int, tuple[tuple[str, str, float], ...]], ...]] = (
    (1, (("avg_speed_kmh", _U16, 0.01),)),
    (2, (("distance_m", _U24, 1.0),)),
    (3, (("incline_pct", _I16, 0.1), ("ramp_deg", _I16, 0.1))),
    (4, (("gain_pos_m", _U16, 0.1), ("gain_neg_m", _U16, 0.1))),
    (5, (("pace_km_per_min", _U8, 0.1),)),
    (6, (("avg_pace_km_per_min", _U8, 0.1),)),
    (7, (("kcal", _U16, 1.0), ("kcal_h", _U16, 1.0), ("kcal_min", _U8, 1.0))),
    (8, (("hr_bpm", _U8, 1.0),)),
    (9, (("met", _U8, 0.1),)),
    (10, (("elapsed_s", _U16, 1.0),)),
    (11, (("remaining_s", _U16, 1.0),)),
    (12, (("belt_force_n", _I16, 1.0), ("power_w", _I16, 1.0))),
    (13, (("steps", _U24, 1.0),)),
)
_KMH: Final = unit_factor("km/h", "m/s") or 0.0
_NOT_AVAILABLE: Final = {_U16: 0xFFFF, _I16: 0x7FFF}
_EVENTS: Final = {
    b"\x01": "reset",
    b"\x02\x01": "stopped",
    b"\x02\x02": "paused",
    b"\x03": "stopped by safety key",
    b"\x04": "started",
    b"\xff": "control lost",
}


class TreadmillData(NamedTuple):
    """One notification of 2ACD.

    ``values``: numbers by name, None = not available. ``truncated``: fewer bytes came
    than its flags announce.
    """

    flags: int
    values: dict[str, float | None]
    truncated: bool


class TreadmillReader:
    """Follow what one treadmill says.

    Attributes
    ----------
    incline_pct
        The newest slope in %, NaN = not told.
    event
        What happened last ("stopped by safety key"); "" = nothing, or it was started.
    unread
        Messages that could not be read.
    """

    def __init__(self) -> None:
        self.incline_pct = float("nan")
        self.event = ""
        self.unread = 0

    def take(self, characteristic: int, data: bytes) -> float | None:
        """Take a notification and return the speed in m/s if it has one.

        ``characteristic``: 0 = treadmill data, another number = machine status.
        """
        if characteristic:
            told = machine_status(data)
            if told and told.event:
                self.event = "" if told.event == "started" else told.event
            return None
        found = treadmill_data(data)
        if found is None:
            self.unread += 1
            return None
        self.unread += found.truncated and "speed_kmh" not in found.values
        if "incline_pct" in found.values:
            incline = found.values["incline_pct"]
            self.incline_pct = float("nan") if incline is None else incline
        speed_kmh = found.values.get("speed_kmh")
        return None if speed_kmh is None else speed_kmh * _KMH


class MachineStatus(NamedTuple):
    """One notification of 2ADA: an event, or a target that was set."""

    event: str = ""
    target_speed_kmh: float | None = None
    target_incline_pct: float | None = None


def treadmill_data(data: bytes) -> TreadmillData | None:
    """Decode treadmill data; None when not even the flags are there."""
    if len(data) < 2:
        return None
    flags = int.from_bytes(data[:2], "little")
    # bit 0 set means that the speed comes in another notification
    announced = () if flags & 1 else ((("speed_kmh", _U16, 0.01),),)
    groups = (*announced, *(fields for bit, fields in _FIELDS if flags >> bit & 1))
    values: dict[str, float | None] = {}
    at = 2
    for name, kind, scale in (field for group in groups for field in group):
        size = 3 if kind == _U24 else struct.calcsize(kind)
        piece = data[at : at + size]
        if len(piece) < size:
            return TreadmillData(flags, values, truncated=True)
        raw = _number(piece, kind)
        values[name] = None if raw == _NOT_AVAILABLE.get(kind) else raw * scale
        at += size
    return TreadmillData(flags, values, truncated=False)


def machine_status(data: bytes) -> MachineStatus | None:
    """Decode a status message; None when it says nothing of belt or slope."""
    code = data[:1]
    if code == b"\x05" and len(data) >= 3:
        return MachineStatus(target_speed_kmh=_number(data[1:3], _U16) * 0.01)
    if code == b"\x06" and len(data) >= 3:
        return MachineStatus(target_incline_pct=_number(data[1:3], _I16) * 0.1)
    event = _EVENTS.get(data[:2]) or _EVENTS.get(code)
    return MachineStatus(event=event) if event else None


def _number(piece: bytes, kind: str) -> int:
    if kind == _U24:
        return int.from_bytes(piece, "little")
    return struct.unpack(kind, piece)[0]
