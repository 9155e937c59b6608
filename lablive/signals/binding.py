"""The montage laid on the streams that are there: role -> columns, unit, sign."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive import names
from lablive.errors import ConfigError
from lablive.signals.montage import NOT_MEASURED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.montage import ChannelRule, Match, Montage, StreamRule

_FEW: Final = 4096
_MANY, _WIDE = 256, 7  # rows and channels


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where the values of one role come from.

    Attributes
    ----------
    role, stream
        Role name and stream id.
    columns
        Columns of the stream, in segment order (axes applied), shape (channels,).
    scale, offset
        ``value = raw * scale + offset`` gives ``unit``; sign, scale and unit factor
        in one, shape (channels,).
    invalid
        Raw values that mean "no measurement".
    unit
        Unit of what :meth:`extract` returns: the role's own, or ``adc`` / ``FS``
        when the values are not physical until calibrated.
    layout, zones
        Layout name and zone names as the montage gives them.
    """

    role: str
    stream: int
    columns: NDArray[np.intp]
    scale: Floats
    offset: Floats
    invalid: tuple[float, ...]
    unit: str
    layout: str = ""
    zones: tuple[str, ...] = ()
    _span: slice | None = field(init=False, repr=False)
    _moved: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        first, count = int(self.columns[0]), len(self.columns)
        consecutive = bool((self.columns == first + np.arange(count)).all())
        span = slice(first, first + count) if consecutive else None
        object.__setattr__(self, "_span", span)
        object.__setattr__(self, "_moved", bool((self.offset != 0.0).any()))

    def extract(self, x: Values) -> Floats:
        """Return the role's values, shape (rows, channels), NaN where invalid.

        Row by row, so that any cut of the stream gives the same values.
        """
        # a slice copies nothing
        raw = x[:, self._span] if self._span else np.take(x, self.columns, axis=1)
        if len(raw) < _MANY or len(self.columns) > _WIDE:
            values = np.multiply(raw, self.scale, order="C")
        else:  # a few long loops instead of many short ones: three times as fast
            values = np.empty(raw.shape)
            for channel, scale in enumerate(self.scale):
                np.multiply(raw[:, channel], scale, out=values[:, channel])
        if self._moved:
            values += self.offset
        if not _finite(values):
            values[np.isinf(values)] = np.nan  # no sensor measures that
        for mark in self.invalid:  # in the stream's own precision: -0.1 as float32
            values[raw == raw.dtype.type(mark)] = np.nan
        return values


def _finite(values: Floats) -> bool:
    """Tell at little cost that all values are finite; False = look at each of them."""
    flat = values.reshape(-1)
    # of many more values a product would start threads, which cost more than they save
    total = np.dot(flat, flat) if len(flat) <= _FEW else np.add.reduce(flat)
    return math.isfinite(total)


@dataclass(frozen=True, slots=True, eq=False)
class Binding:
    """A montage bound to streams.

    Attributes
    ----------
    montage
        What was bound.
    sources
        Role -> where its values come from.
    missing
        Roles of the montage that no present stream brings (live: told, not fatal).
    replaced
        One sentence for each device that came back as another stream.
    """

    montage: Montage
    sources: Mapping[str, Source]
    missing: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()

    def source(self, role: str) -> Source | None:
        """Return where a role comes from, None when nothing brings it."""
        return self.sources.get(role)

    def extract(self, role: str, x: Values) -> Floats:
        """Return a role's values from rows of its stream.

        Parameters
        ----------
        role
            A key of ``sources``.
        x
            Rows of the stream ``sources[role].stream``, shape (rows, channels).

        Returns
        -------
        values : shape (rows, channels of the role), in ``sources[role].unit``
        """
        return self.sources[role].extract(x)


def bind(
    montage: Montage, streams: Sequence[StreamInfo], *, strict: bool = True
) -> Binding:
    """Lay a montage on streams.

    Parameters
    ----------
    montage
        Which channel measures what.
    streams
        What is there.
    strict
        False: go on without streams that are absent (``Binding.missing``).

    Raises
    ------
    ConfigError
        Absent streams (strict), a rule that fits two streams, labels or columns a
        stream does not have, body-weight units without a mass: all at once.
    """
    problems: list[str] = []
    sources: dict[str, Source] = {}
    missing: list[str] = []
    replaced: list[str] = []
    for rule in montage.streams:
        hits = [stream for stream in streams if fits(rule.match, stream)]
        if len(newest(hits)) == 1:
            used, found = _latest_that_fits(rule, hits, montage)
            if len(hits) > 1:
                replaced.append(_replacement(used, hits[-1]))
            problems += [text for text in found.values() if isinstance(text, str)]
            sources |= {
                role: source
                for role, source in found.items()
                if isinstance(source, Source)
            }
        elif hits:
            listing = "; ".join(_describe(hit) for hit in hits)
            told = rule.match.describe()
            problems.append(f"{told}: {len(hits)} streams fit: {listing}")
        elif strict:
            problems.append(_absent(rule, streams))
        if not hits:
            missing += [channel.role for channel in rule.channels]
    if problems:
        raise _error(montage, problems)
    return Binding(montage, sources, tuple(missing), tuple(replaced))


def newest(streams: Sequence[StreamInfo]) -> list[StreamInfo]:
    """Return the streams without those whose device came back as a later one.

    A device that changes its rate or its channels during a recording begins another
    stream under the same name, type, source id and host.
    """
    last = {(s.name, s.type, s.source_id, s.hostname): s.id for s in streams}
    return [
        s
        for s in streams
        if not s.source_id or last[s.name, s.type, s.source_id, s.hostname] == s.id
    ]


def _latest_that_fits(
    rule: StreamRule, hits: Sequence[StreamInfo], montage: Montage
) -> tuple[StreamInfo, dict[str, Source | str]]:
    """Return the latest stream of a device that has the channels of a rule."""
    tried = [
        (hit, {rule_.role: _source(rule_, hit, montage) for rule_ in rule.channels})
        for hit in reversed(hits)
    ]
    whole = (
        (hit, found)
        for hit, found in tried
        if not any(isinstance(text, str) for text in found.values())
    )
    return next(whole, tried[0])


def _replacement(used: StreamInfo, latest: StreamInfo) -> str:
    said = (
        f"{latest.name} came back as another stream ({len(latest.channels)} channels, "
        f"{latest.rate_hz:g} Hz)"
    )
    if used.id == latest.id:
        return f"{said}: results are made from that one; all rows are in the trial."
    return (
        f"{said} that lacks channels of the montage: results are made from what came "
        "before; all rows are in the trial."
    )


def fits(match: Match, stream: StreamInfo) -> bool:
    """Tell whether every key given equals the stream's."""
    keys = match.__struct_fields__
    wanted = {key: getattr(match, key) for key in keys if getattr(match, key)}
    return bool(wanted) and all(
        getattr(stream, key) == value for key, value in wanted.items()
    )


def _describe(stream: StreamInfo) -> str:
    keys = ("name", "type", "source_id", "hostname")
    told = ((key, getattr(stream, key)) for key in keys)
    return ", ".join(f'{key} "{value}"' for key, value in told if value)


def _absent(rule: StreamRule, streams: Sequence[StreamInfo]) -> str:
    roles = ", ".join(channel.role for channel in rule.channels)
    there = "; ".join(_describe(stream) for stream in streams) or "none"
    return f"{rule.match.describe()}: no such stream ({roles}); there: {there}"


def _source(channel: ChannelRule, stream: StreamInfo, montage: Montage) -> Source | str:
    columns = _columns(channel, stream)
    if isinstance(columns, str):
        return columns
    role = names.ROLES[channel.role]
    factor, unit = names.unit_factor(channel.unit, role.unit), role.unit
    if channel.unit == "BW":
        mass_kg = montage.subject.mass_kg
        if mass_kg is None:
            return f"{role.name}: unit BW needs subject.mass_kg"
        factor = mass_kg * names.STANDARD_GRAVITY
    elif factor is None:
        factor, unit = 1.0, channel.unit
    order, signs = _axes(channel, len(columns))
    absent = [column == NOT_MEASURED for column in columns]
    signs[np.array(absent)[order]] = np.nan  # whatever stands there becomes missing
    return Source(
        role=role.name,
        stream=stream.id,
        columns=np.maximum(np.array(columns, dtype=np.intp)[order], 0),
        scale=signs * (channel.scale * factor),
        offset=signs * (channel.offset * factor),
        invalid=channel.invalid,
        unit=unit,
        layout=channel.layout,
        zones=channel.zones,
    )


def _columns(channel: ChannelRule, stream: StreamInfo) -> tuple[int, ...] | str:
    labels = stream.labels
    if channel.labels:
        wrong = [label for label in channel.labels if labels.count(label) != 1]
        if not wrong:
            return tuple(labels.index(label) for label in channel.labels)
        many = [label for label in wrong if label in labels]
        what = "is there twice or more (use index)" if many else "is not there"
        told = ", ".join(f'"{label}"' for label in many or wrong)
        return f"{channel.role}: label {told} {what} in {_labels(stream)}"
    indices = channel.indices or ()
    if max(indices, default=0) >= len(labels):
        return (
            f"{channel.role}: index {max(indices)} is beyond the last channel "
            f"{len(labels) - 1} of {_labels(stream)}"
        )
    return indices


def _labels(stream: StreamInfo) -> str:
    return f'stream "{stream.name}" with {", ".join(stream.labels)}'


def _axes(channel: ChannelRule, width: int) -> tuple[list[int], Floats]:
    if not channel.axes:
        return list(range(width)), np.ones(width)
    order = ["xyz".index(axis[-1]) for axis in channel.axes]
    signs = [-1.0 if axis.startswith("-") else 1.0 for axis in channel.axes]
    return order, np.array(signs)


def _error(montage: Montage, problems: list[str]) -> ConfigError:
    listing = "".join(f"\n  {problem}" for problem in problems)
    return ConfigError(
        f"The montage {montage.name or ''} does not fit the streams:{listing}\n",
        todo="Correct the montage, or connect what is missing.",
    )
