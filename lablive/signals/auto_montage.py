"""A montage read off the labels that LabLive's own drivers and simulators use.

A channel labelled with a role (``treadmill.speed``, ``imu_pelvis.acc.x``,
``insole_left.pressure.07``) feeds that role; the cells of a stream ``left_sole`` or
``right_sole`` are the pressure of that insole. Everything else is recorded and feeds
nothing until somebody writes a montage.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from lablive import names
from lablive.errors import ConfigError
from lablive.signals.binding import fits, newest
from lablive.signals.montage import (
    SCHEMA,
    ChannelRule,
    Match,
    Montage,
    StreamRule,
    channel_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.messages import StreamInfo

CELL_LAYOUTS: Final = {6: "orphe_6", 12: "stappone_12", 16: "sim_16", 99: "pedar_99"}
_SUFFIX_ORDER: Final = ("w", "x", "y", "z", "A", "C", "Z")


def auto_montage(streams: Sequence[StreamInfo]) -> Montage:
    """Return the montage that the streams' own labels describe.

    Channels whose unit or number does not fit their role are left out.

    Raises
    ------
    ConfigError
        Two streams bring the same role.
    """
    streams = newest(streams)
    rules: list[StreamRule] = []
    bringers: dict[str, list[str]] = {}
    for stream in streams:
        channels = tuple(_channels(stream))
        if channels:
            rules.append(StreamRule(match=match_of(stream, streams), channels=channels))
        for channel in channels:
            bringers.setdefault(channel.role, []).append(stream.name)
    twice = {role: by for role, by in bringers.items() if len(by) > 1}
    if twice:
        listing = "".join(f"\n  {role}: {', '.join(by)}" for role, by in twice.items())
        raise ConfigError(
            f"Two streams bring the same signal:{listing}\n",
            still="Both are recorded.",
            todo="Disconnect one of them, or choose a montage that names one.",
        )
    return Montage(schema=SCHEMA, streams=tuple(rules), name="from the stream labels")


def match_of(stream: StreamInfo, streams: Sequence[StreamInfo]) -> Match:
    """Return as few keys as tell the stream apart, so that it fits other days too."""
    match = Match(name=stream.name, type=stream.type)
    if sum(fits(match, other) for other in streams) > 1:
        match = msgspec.structs.replace(
            match, source_id=stream.source_id, hostname=stream.hostname
        )
    return match


def _channels(stream: StreamInfo) -> Iterator[ChannelRule]:
    groups: dict[str, list[int]] = {}
    for index, label in enumerate(stream.labels):
        role = _role_of(stream, index, label)
        if role:
            groups.setdefault(role, []).append(index)
    for role, indices in groups.items():
        rule = _rule(role, indices, stream)
        if not list(channel_problems(rule, Counter([role]))):
            yield rule


def _role_of(stream: StreamInfo, index: int, label: str) -> str:
    """Return the role a channel is named for, "" when it is not."""
    if label in names.ROLES:
        return label
    stem = label.rpartition(".")[0]
    if stem in names.ROLES:
        return stem
    side = stream.name.removesuffix("_sole")
    if f"{side}_sole" == stream.name and side in names.SIDES:
        role = f"insole_{side}.pressure"
        if names.role_accepts(role, stream.channels[index].unit):
            return role
    return ""


def _rule(role: str, indices: list[int], stream: StreamInfo) -> ChannelRule:
    suffixes = {index: stream.labels[index].rpartition(".")[2] for index in indices}
    ordered = sorted(indices, key=lambda index: _suffix_rank(suffixes[index]))
    quantity = role.rpartition(".")[2]
    units = {stream.channels[index].unit for index in indices}
    zones = tuple(suffixes[index] for index in ordered) if quantity == "zones" else ()
    return ChannelRule(
        role=role,
        unit=units.pop() if len(units) == 1 else "",
        index=ordered[0] if len(ordered) == 1 else tuple(ordered),
        layout=CELL_LAYOUTS.get(len(ordered), "") if quantity == "pressure" else "",
        zones=zones,
    )


def _suffix_rank(suffix: str) -> int:
    """Order w, x, y, z and A, C, Z; cells by number; names as they come."""
    if suffix in _SUFFIX_ORDER:
        return _SUFFIX_ORDER.index(suffix)
    return int(suffix) if suffix.isdecimal() else 0
