"""From frames to rows: where each channel's number stands, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from drivers.profile_fields import selections, unit_out
from drivers.text_framing import used_columns
from drivers.wire_types import WIRE_TYPES
from lablive.names import unit_factor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.frame_rules import Frame
    from drivers.profile import Profile, Stream
    from drivers.profile_fields import Selection
    from drivers.wire_types import WireType
    from lablive.messages import Floats, SampleFormat, Values

_AXES: Final = ("x", "y", "z")

Packet = tuple["Frame | None", ...]  # one frame per message of a row, None = missing


class _Block(NamedTuple):
    """Numbers at equal distances, copied to ``columns`` at once."""

    part: int  # which frame of the packet
    wire: WireType | None  # None: text
    at: int  # first byte, or first place in ``Frame.numbers``
    stride: int
    per_sample: bool
    columns: slice


class StreamLayout:
    """How the frames of a stream's messages become its rows.

    Parameters
    ----------
    profile, stream
        A checked profile and one of its streams.

    Attributes
    ----------
    messages
        Names of the messages a row is joined from, in the order of the profile.
    sample_format
        ``float32`` when every number fits it without rounding.
    """

    def __init__(self, profile: Profile, stream: Stream) -> None:
        found = selections(profile, stream)
        wanted = {stream.message} | {item.message.name for item in found}
        self.messages = tuple(m.name for m in profile.messages if m.name in wanted)
        lead = profile.message(stream.message)
        samples = lead.samples if lead else None
        self._newest_first = bool(samples and samples.order == "newest_first")
        self._step = samples.stride if samples else 0
        self._width = sum(item.width for item in found)
        self._blocks = _blocks(found, self.messages)
        self._scale = _spread(found, [item.field.scale for item in found])
        self._offset = _spread(found, [item.field.offset for item in found])
        self._is_scaled = bool(np.any(self._scale != 1.0))
        self._is_shifted = bool(np.any(self._offset != 0.0))
        self._missing = [
            (columns, item.field.invalid)
            for item, columns in _with_columns(found)
            if item.field.invalid is not None
        ]
        self._limits = [
            (columns, item.field.min, item.field.max)
            for item, columns in _with_columns(found)
            if item.field.min is not None or item.field.max is not None
        ]
        self._order, self._factor = _turned(stream, found)
        whole = np.arange(self._width)
        turned = not np.array_equal(self._order, whole)
        self._is_turned = turned or bool(np.any(self._factor != 1.0))
        exact = all(
            b.wire is not None and b.wire.exact_in_float32 for b in self._blocks
        )
        self.sample_format: SampleFormat = "float32" if exact else "double64"
        # one block of neighbours on the wire; plain: float32, to be taken as they are
        self._is_one_piece = len(self._blocks) == 1 and all(
            b.wire is not None and b.wire.dtype is not None and b.stride == b.wire.size
            for b in self._blocks
        )
        worked_on = self._is_scaled or self._is_shifted or self._is_turned
        marked = self._missing or self._limits or self._newest_first
        self._is_plain = (
            self._is_one_piece
            and not (worked_on or marked)
            and all(
                b.wire in (WIRE_TYPES["f32le"], WIRE_TYPES["f32be"])
                for b in self._blocks
            )
        )

    def rows(self, packets: Sequence[Packet], samples: int = 1) -> Values:
        """Return the rows of frames, shape (packets x samples, channels).

        Values are in the stream's units; what is missing, invalid or out of range is
        NaN.
        """
        sent = self._as_sent(packets, samples) if self._is_one_piece else None
        if sent is not None and self._is_plain:
            return sent.astype(np.float32, copy=False).reshape(-1, self._width)
        if sent is not None:
            box = (len(packets), samples, self._width)
            raw = sent.astype(np.float64).reshape(box)
        elif len(self._blocks) == 1:
            raw = self._read(self._blocks[0], packets, samples)
        else:
            raw = np.empty((len(packets), samples, self._width))
            for block in self._blocks:
                raw[:, :, block.columns] = self._read(block, packets, samples)
        if self._newest_first:
            raw = raw[:, ::-1]
        x = raw.reshape(-1, self._width)
        for columns, mark in self._missing:
            part = x[:, columns]
            part[part == mark] = np.nan
        if self._is_scaled:
            x *= self._scale
        if self._is_shifted:
            x += self._offset
        for columns, low, high in self._limits:
            part = x[:, columns]
            if low is not None:
                part[part < low] = np.nan
            if high is not None:
                part[part > high] = np.nan
        if self._is_turned:
            x = x[:, self._order] * self._factor
        return x.astype(np.float32) if self.sample_format == "float32" else x

    def _as_sent(self, packets: Sequence[Packet], samples: int) -> np.ndarray | None:
        """Return neighbouring numbers as they were sent; None when one is missing."""
        block = self._blocks[0]
        part, wire = block.part, block.wire
        frames = [packet[part] for packet in packets]
        if wire is None or wire.dtype is None or None in frames:
            return None
        if samples > 1 and not block.per_sample:
            return None
        at, step = block.at, self._step
        size = wire.size * (block.columns.stop - block.columns.start)
        end = at + size
        if samples == 1:
            cuts = [frame.body[at:end] for frame in frames if frame]
        else:
            starts = range(at, at + samples * step, step)
            cuts = [f.body[a : a + size] for f in frames if f for a in starts]
        return np.frombuffer(b"".join(cuts), wire.dtype)

    def _read(self, block: _Block, packets: Sequence[Packet], samples: int) -> Floats:
        """Return a block's raw numbers, shape (packets, samples, width)."""
        width = block.columns.stop - block.columns.start
        frames = [packet[block.part] for packet in packets]
        present = [frame for frame in frames if frame is not None]
        found = np.empty((len(present), samples, width))
        if present and block.wire is None:
            columns = slice(block.at, block.at + width)
            found[:, 0] = [frame.numbers[columns] for frame in present]
        elif present and block.wire:
            count = samples if block.per_sample else 1
            numbers = self._numbers(block, block.wire, present, count, width)
            if block.wire.integer:
                found[:] = numbers
            else:
                with np.errstate(invalid="ignore"):  # a signalling NaN is one as well
                    found[:] = numbers
        if len(present) == len(frames):
            return found
        whole = np.full((len(frames), samples, width), np.nan)
        whole[[at for at, frame in enumerate(frames) if frame is not None]] = found
        return whole

    def _numbers(
        self, block: _Block, wire: WireType, frames: list[Frame], count: int, width: int
    ) -> np.ndarray:
        """Read numbers in place, shape (frames, count, width)."""
        buffer, size = frames[0].body, len(frames[0].body)
        if len(frames) > 1:
            bodies = [frame.body for frame in frames]
            size = max(map(len, bodies))
            buffer = b"".join([body.ljust(size, b"\0") for body in bodies])
        box = (len(frames), count, width)
        strides = (size, self._step if block.per_sample else 0, block.stride)
        if wire.dtype is None:
            raw = np.ndarray((*box, 3), np.uint8, buffer, block.at, (*strides, 1))
            return wire.numbers(raw)
        return np.ndarray(box, wire.dtype, buffer, block.at, strides)


def _with_columns(found: list[Selection]) -> list[tuple[Selection, slice]]:
    """Return every selection with its columns of the stream."""
    listed: list[tuple[Selection, slice]] = []
    at = 0
    for item in found:
        listed.append((item, slice(at, at + item.width)))
        at += item.width
    return listed


def _blocks(found: list[Selection], messages: tuple[str, ...]) -> list[_Block]:
    """Return where the numbers stand; neighbours on the wire become one block."""
    listed: list[_Block] = []
    for item, columns in _with_columns(found):
        field, part = item.field, messages.index(item.message.name)
        if field.col is not None:
            at = used_columns(item.message).index(field.col + item.start)
            block = _Block(part, None, at, 1, False, columns)
        else:
            wire = WIRE_TYPES[field.type]
            stride = field.stride or wire.size
            start = (field.at or 0) + item.start * stride
            if field.per_sample and item.message.samples:
                start += item.message.samples.at
            block = _Block(part, wire, start, stride, field.per_sample, columns)
        last = listed[-1] if listed else None
        if last and _touches(last, block):
            whole = slice(last.columns.start, columns.stop)
            listed[-1] = last._replace(columns=whole)
        else:
            listed.append(block)
    return listed


def _touches(last: _Block, block: _Block) -> bool:
    width = last.columns.stop - last.columns.start
    return block.at == last.at + width * last.stride and (
        (last.part, last.wire, last.stride, last.per_sample)
        == (block.part, block.wire, block.stride, block.per_sample)
    )


def _spread(found: list[Selection], values: list[float]) -> Floats:
    """Return one value per channel."""
    return np.repeat(np.array(values), [item.width for item in found])


def _turned(stream: Stream, found: list[Selection]) -> tuple[np.ndarray, Floats]:
    """Return which column goes where, and its sign times the unit's factor."""
    order: list[int] = []
    factor: list[float] = []
    for item, columns in _with_columns(found):
        wanted = unit_factor(item.field.unit, unit_out(stream, item.field)) or 1.0
        axes = stream.axes or _AXES[: item.width]
        if item.width != len(axes) or not stream.axes:
            order += range(columns.start, columns.stop)
            factor += [wanted] * item.width
            continue
        order += [columns.start + _AXES.index(axis.lstrip("+-")) for axis in axes]
        factor += [-wanted if axis.startswith("-") else wanted for axis in axes]
    return np.array(order), np.array(factor)
