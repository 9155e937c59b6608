"""The montage: which channel of which stream measures what (TOML, schema 1).

A montage names streams by their own words (name, type, source id, host) and gives
each channel a role of :mod:`lablive.names`. It knows no device and no sample;
:mod:`lablive.signals.binding` lays it on the streams that are really there.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec
import tomli_w

from lablive import names
from lablive.config import Problem, load_toml, parse_toml
from lablive.errors import ConfigError
from lablive.signals.layouts import default_zone_layout, layout_names, load_layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA: Final = 1
NOT_MEASURED: Final = -1  # an index: this axis has no channel
MAX_CHANNELS: Final = 100_000  # more is a slip of the pen
_AXES: Final = ("x", "y", "z")


class Match(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a stream is recognised; every key given must be equal."""

    name: str = ""
    type: str = ""
    source_id: str = ""
    hostname: str = ""

    def describe(self) -> str:
        """Return the keys given, as a person would write them."""
        told = ((key, getattr(self, key)) for key in self.__struct_fields__)
        return ", ".join(f'{key} "{value}"' for key, value in told if value)


class ChannelRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """One role and the channels it is made from.

    Attributes
    ----------
    role
        Name of the vocabulary, for example ``insole_left.force``.
    unit
        Unit of the incoming values after ``scale`` and ``offset``.
    label
        Channel label, or a list of labels; instead of ``index``.
    index
        Number, list of numbers, or half-open range ``"4:20"`` (channels 4 to 19);
        -1 in a list is an axis that was not measured.
    scale, offset
        ``value = raw * scale + offset``, before the unit is converted.
    invalid
        Raw values that mean "no measurement".
    axes
        For three-axis roles: which sensor axis points forward, left and up, for
        example ``["x", "-y", "z"]``.
    layout
        Cell positions and areas: a file of ``configs/layouts``.
    zones
        Zone names, one per channel, for ``insole_*.zones``.
    """

    role: str
    unit: str
    label: str | tuple[str, ...] = ()
    index: int | tuple[int, ...] | str | None = None
    scale: float = 1.0
    offset: float = 0.0
    invalid: tuple[float, ...] = ()
    axes: tuple[str, ...] = ()
    layout: str = ""
    zones: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels looked for, empty when channels are given by number."""
        return (self.label,) if isinstance(self.label, str) else self.label

    @property
    def indices(self) -> tuple[int, ...] | None:
        """Channel numbers, None when channels are given by label.

        Raises
        ------
        ValueError
            ``index`` is a text that is not a range of channels a stream can have.
        """
        if self.index is None or isinstance(self.index, tuple):
            return self.index
        if isinstance(self.index, int):
            return (self.index,)
        first, colon, end = self.index.partition(":")
        if not colon or not (first.strip().isdecimal() and end.strip().isdecimal()):
            raise ValueError(self.index)
        if int(end) > MAX_CHANNELS:
            raise ValueError(self.index)
        return tuple(range(int(first), int(end)))


class StreamRule(msgspec.Struct, frozen=True):
    """A stream and the channels of it that are used."""

    match: Match
    channels: tuple[ChannelRule, ...] = msgspec.field(name="channel")


class Subject(msgspec.Struct, frozen=True, omit_defaults=True):
    """Body measures; the session overrides them."""

    mass_kg: float | None = None
    height_m: float | None = None
    leg_length_m: float | None = None


class Constants(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values no stream brings."""

    treadmill_speed_mps: float | None = None


class StandingWindow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where in this recording the person stands still on both feet."""

    standing_s: tuple[float, float] | None = None


class Montage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Roles of the channels of a room's streams."""

    schema: int
    streams: tuple[StreamRule, ...] = msgspec.field(name="stream")
    name: str = ""
    subject: Subject = Subject()
    constants: Constants = Constants()
    calibration: StandingWindow = StandingWindow()

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role the montage gives out, in file order."""
        return tuple(
            channel.role for stream in self.streams for channel in stream.channels
        )


def load_montage(path: Path) -> Montage:
    """Read a montage file.

    Raises
    ------
    ConfigError
        Lists every problem at once, with its line.
    """
    return load_toml(path, Montage, montage_problems)


def parse_montage(text: str, name: str) -> Montage:
    """Parse montage text; ``name`` stands in messages."""
    return parse_toml(text, Montage, name, montage_problems)


def to_toml(montage: Montage) -> str:
    """Return the montage as TOML text that :func:`parse_montage` reads back."""
    return tomli_w.dumps(msgspec.to_builtins(montage))


def montage_problems(montage: Montage) -> list[Problem]:
    """Return everything that is wrong with a montage beyond its types."""
    return [*_value_problems(montage), *_stream_problems(montage)]


# key, lowest and highest value a human body or a treadmill can have
PLAUSIBLE: Final = {
    ("subject", "mass_kg"): (20.0, 250.0),
    ("subject", "height_m"): (0.8, 2.5),
    ("subject", "leg_length_m"): (0.3, 1.5),
    ("constants", "treadmill_speed_mps"): (0.1, 13.0),
}


def _value_problems(montage: Montage) -> Iterator[Problem]:
    if montage.schema != SCHEMA:
        yield (
            ("schema",),
            f"schema {montage.schema} is not known; this program reads {SCHEMA}",
        )
    for (table, key), (low, high) in PLAUSIBLE.items():
        value = getattr(getattr(montage, table), key)
        if value is not None and not low <= value <= high:
            what = f"{table}.{key} = {value:g} is not plausible: {low:g} to {high:g}"
            yield (table, key), what
    window = montage.calibration.standing_s
    if window is not None and not 0 <= window[0] < window[1]:
        what = f"calibration.standing_s = {list(window)}: start, then end, in seconds"
        yield ("calibration", "standing_s"), what


def _stream_problems(montage: Montage) -> Iterator[Problem]:
    if not montage.streams:
        yield (), "no [[stream]] is given, so nothing would be measured"
    counts = Counter(montage.roles)
    for at, stream in enumerate(montage.streams):
        if not stream.match.describe():
            known = ", ".join(stream.match.__struct_fields__)
            what = f"stream[{at + 1}].match is empty; give one or more of {known}"
            yield ("stream", at, "match"), what
        if not stream.channels:
            yield ("stream", at), f"stream[{at + 1}] has no [[stream.channel]]"
        for place, channel in enumerate(stream.channels):
            key = ("stream", at, "channel", place)
            for field, what in channel_problems(channel, counts):
                yield (*key, field), what


def channel_problems(
    channel: ChannelRule, counts: Counter[str]
) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) for everything wrong with one channel rule."""
    role = names.ROLES.get(channel.role)
    if role is None:
        near = difflib.get_close_matches(channel.role, names.ROLES, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else ""
        yield "role", f'unknown role "{channel.role}"{hint}'
    else:
        if counts[channel.role] > 1:
            yield "role", f'role "{channel.role}" is given {counts[channel.role]} times'
        yield from _unit_problems(channel, role)
    width = yield from _width(channel)
    if width is None or role is None:
        return
    if role.channels and width != role.channels:
        what = f"{role.name} needs {role.channels} channels, got {width}"
        yield "label" if channel.labels else "index", what
    yield from _axes_problems(channel, role)
    yield from _layout_problems(channel, role, width)


def _unit_problems(channel: ChannelRule, role: names.Role) -> Iterator[tuple[str, str]]:
    if not names.role_accepts(role.name, channel.unit):
        fit = [unit for unit in names.UNITS if names.role_accepts(role.name, unit)]
        what = f'unit "{channel.unit}" cannot feed {role.name}; fits: {", ".join(fit)}'
        yield "unit", what
    if channel.scale == 0 or not math.isfinite(channel.scale):
        yield "scale", f"scale = {channel.scale:g} would erase every value"
    if not math.isfinite(channel.offset):
        yield "offset", f"offset = {channel.offset:g} would erase every value"


def _width(channel: ChannelRule) -> Iterator[tuple[str, str]]:
    """Yield problems with label and index; return the number of channels."""
    labels = channel.labels
    if bool(labels) == (channel.index is not None):
        yield "role", f"{channel.role}: give either label or index"
        return None
    try:
        found = labels or channel.indices or ()
    except ValueError:
        what = f'index "{channel.index}" is no range; write "4:20" for channels 4 to 19'
        yield "index", what
        return None
    measured = [item for item in found if item != NOT_MEASURED]
    if not measured or any(isinstance(item, int) and item < 0 for item in measured):
        yield "index", f"index {channel.index!r} names no channel; the first is 0"
        return None
    if len(set(measured)) < len(measured):
        key = "label" if labels else "index"
        yield key, f"{channel.role}: a channel is named twice in {key}"
    return len(found)


def _axes_problems(channel: ChannelRule, role: names.Role) -> Iterator[tuple[str, str]]:
    if not channel.axes:
        return
    if role.channels != 3:
        yield "axes", f"axes belong to three-axis roles, not to {role.name}"
    elif sorted(axis.removeprefix("-") for axis in channel.axes) != sorted(_AXES):
        what = (
            f"axes = {list(channel.axes)}: name x, y and z once each, with a sign "
            'where turned round, for example ["x", "-y", "z"]'
        )
        yield "axes", what


def _layout_problems(
    channel: ChannelRule, role: names.Role, width: int
) -> Iterator[tuple[str, str]]:
    quantity = role.name.rpartition(".")[2]
    if quantity == "zones" and len(channel.zones) != width:
        what = f"zones names {len(channel.zones)} zones for {width} channels"
        yield "zones", what
        return
    if quantity != "zones" and channel.zones:
        yield "zones", f"zones belong to insole_*.zones, not to {role.name}"
    name = channel.layout or (
        default_zone_layout(channel.zones) if quantity == "zones" else ""
    )
    if not name:
        if quantity == "pressure":
            yield "layout", f"{role.name} needs a layout: {', '.join(layout_names())}"
        elif quantity == "zones":
            yield "zones", f"no layout places the zones {', '.join(channel.zones)}"
        return
    try:
        layout = load_layout(name)
    except ConfigError as error:
        yield "layout", str(error)
        return
    if quantity == "pressure" and len(layout.cells) != width:
        what = f'layout "{name}" has {len(layout.cells)} cells, got {width} channels'
        yield "layout", what
    unplaced = [zone for zone in channel.zones if zone not in layout.zone_names]
    if unplaced:
        what = f'layout "{name}" does not place {", ".join(unplaced)}'
        yield "zones", f"{what}; it knows {', '.join(layout.zone_names)}"
