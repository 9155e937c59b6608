"""What ``fields = ["press[0:16]"]`` of a stream points at, and its channel labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.messages import ChannelInfo
from lablive.names import IMU_SITES, MUSCLES, ROLES, SIDES, unit_factor

if TYPE_CHECKING:
    from drivers.profile import Device, Field, Message, Profile, Stream

_REFERENCE: Final = re.compile(r"^(?:(\w+)\.)?(\w+)(?:\[(\d+)(?::(\d+))?\])?$")
_AXES: Final = ("x", "y", "z")
_VECTORS: Final = {3: ("x", "y", "z"), 4: ("w", "x", "y", "z")}
_QUANTITY: Final = {"press": "pressure", "p": "pressure", "quaternion": "quat"}
_KIND: Final = {
    "acc": "Acceleration", "gyro": "AngularVelocity", "mag": "MagneticField",
    "quat": "Orientation", "pressure": "Pressure", "force": "Force", "cop": "COP",
    "speed": "Speed", "incline": "Incline", "emg": "EMG",
}  # fmt: skip
_TYPE: Final = {
    "imu": "IMU", "emg": "EMG", "emg_envelope": "EMG envelope",
    "treadmill": "Treadmill", "other": "Other",
}  # fmt: skip
_PLACES: Final = frozenset(
    [*IMU_SITES, *(f"{muscle}_{side}" for muscle in MUSCLES for side in SIDES)]
)
_PREFIXES: Final = frozenset(role.rpartition(".")[0] for role in ROLES)


class Selection(NamedTuple):
    """Numbers ``start`` to ``stop`` of a field of a message."""

    message: Message
    field: Field
    start: int
    stop: int

    @property
    def width(self) -> int:
        """How many channels."""
        return self.stop - self.start


def select(profile: Profile, stream: Stream, reference: str) -> Selection | str:
    """Return what a field reference points at, or what is wrong with it."""
    match = _REFERENCE.match(reference)
    if match is None:
        return f'"{reference}" is no field; write name, name[3] or name[0:16]'
    name, field_name, first, end = match.groups()
    message = profile.message(name or stream.message)
    if message is None:
        known = ", ".join(found.name for found in profile.messages)
        return f'no message is named "{name or stream.message}"; known: {known}'
    field = message.find(field_name)
    if field is None:
        known = ", ".join(found.name for found in message.fields)
        return f'message "{message.name}" has no field "{field_name}"; known: {known}'
    start = int(first) if first else 0
    stop = int(end) if end else start + 1 if first else field.count
    if not start < stop <= field.count:
        return f'"{reference}" lies outside the {field.count} numbers of the field'
    return Selection(message, field, start, stop)


def selections(profile: Profile, stream: Stream) -> list[Selection]:
    """Return every selection of a checked profile's stream."""
    found = (select(profile, stream, text) for text in stream.fields)
    return [selection for selection in found if isinstance(selection, Selection)]


def site_prefix(kind: str, site: str) -> str | None:
    """Return the role name in front of the labels; None for an unknown site.

    ``left_foot`` and ``foot_left`` are the same place.

    >>> site_prefix("insole", "left_foot")
    'insole_left'
    """
    if not site:
        return "treadmill" if kind == "treadmill" else ""
    if site in _PREFIXES:
        return site
    first, _, rest = site.partition("_")
    place = f"{rest}_{first}" if first in SIDES else site
    if place not in _PLACES:
        return None
    if kind == "insole":
        side = place.rpartition("_")[2]
        return f"insole_{side}" if place.startswith("foot_") else None
    return f"imu_{place}" if place in IMU_SITES else f"emg_{place}"


def site_problem(kind: str, site: str) -> str:
    """Return what is wrong with a site, with those that fit; "" = nothing."""
    if site_prefix(kind, site) is not None:
        return ""
    known = ", ".join(sorted(place for place in _PLACES if site_prefix(kind, place)))
    return f'site "{site}" is not known for this kind of device; known: {known}'


def stream_type(device: Device, stream: Stream, found: list[Selection]) -> str:
    """Return the XDF stream type: as written, else by the kind of device."""
    if stream.type or device.kind != "insole":
        return stream.type or _TYPE[device.kind]
    prefix = site_prefix(device.kind, stream.site) or ""
    names = {_quantity(selection.field.name, prefix) for selection in found}
    return "Pressure" if "pressure" in names else "Force"


def channels(kind: str, stream: Stream, found: list[Selection]) -> list[ChannelInfo]:
    """Return labels in the words of the vocabulary, units and kinds."""
    prefix = site_prefix(kind, stream.site) or ""
    listed: list[ChannelInfo] = []
    for selection in found:
        quantity = _quantity(selection.field.name, prefix)
        unit = unit_out(stream, selection.field)
        stem = f"{prefix}.{quantity}" if prefix else quantity
        if prefix.startswith("emg_") and selection.width == 1:
            stem = prefix
        for suffix in _suffixes(selection, quantity):
            label = f"{stem}.{suffix}" if suffix else stem
            named = _KIND.get(quantity, "")
            axis = suffix.upper() if suffix in ("w", *_AXES) else ""
            listed.append(ChannelInfo(label, unit, named + axis if named else ""))
    return listed


def unit_out(stream: Stream, field: Field) -> str:
    """Return the unit in which a field of this stream is published."""
    convertible = unit_factor(field.unit, stream.unit_out) is not None
    return stream.unit_out if convertible else field.unit


def _quantity(name: str, prefix: str = "") -> str:
    """Return the field's quantity; a side that the site tells already is left out."""
    for side in SIDES:
        if prefix.endswith(f"_{side}"):
            name = name.removeprefix(f"{side}_").removesuffix(f"_{side}")
    return _QUANTITY.get(name, name)


def _suffixes(selection: Selection, quantity: str) -> tuple[str, ...]:
    if selection.field.count == 1:
        return ("",)
    if quantity == "cop" and selection.field.count == 2:
        return _AXES[selection.start : selection.stop]
    letters = _VECTORS.get(selection.field.count)
    if letters and quantity in ("acc", "gyro", "mag", "quat"):
        return letters[selection.start : selection.stop]
    return tuple(f"{number:02d}" for number in range(1, selection.width + 1))
