"""Rules a device profile must keep; every mistake is told at once, with its line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from drivers.checksums import CHECKSUMS
from drivers.profile_fields import select, site_problem
from drivers.profile_frames import framing_problems, hex_problem
from drivers.profile_values import value_problems
from drivers.wire_types import WIRE_TYPES
from lablive.names import UNITS, unit_factor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.profile import Field, Message, Profile, Stream
    from lablive.config import Key, Problem

_BITS_PER_BYTE: Final = 10  # 8N1
_AXES: Final = ["x", "y", "z"]


def profile_problems(profile: Profile) -> list[Problem]:
    """Return everything wrong with a profile beyond its types."""
    return [
        *_transport_problems(profile),
        *framing_problems(profile.framing),
        *_dialogue_problems(profile),
        *_name_problems(profile),
        *_message_problems(profile),
        *_time_problems(profile),
        *_stream_problems(profile),
        *_baud_problems(profile),
        *value_problems(profile),
    ]


def _transport_problems(profile: Profile) -> Iterator[Problem]:
    transport = profile.transport
    needed = {
        "serial": ("baud",),
        "tcp": ("host", "port"),
        "udp": ("port",),
        "ble_notify": ("service", "characteristic"),
    }[transport.type]
    for key in needed:
        if not getattr(transport, key):
            what = f'transport.{key} is missing; type "{transport.type}" needs it'
            yield ("transport", "type"), what
    if transport.settle_s < 0:
        yield ("transport", "settle_s"), "transport.settle_s must not be negative"


def _dialogue_problems(profile: Profile) -> Iterator[Problem]:
    for table, dialogue in (("start", profile.start), ("stop", profile.stop)):
        for at, step in enumerate(dialogue.steps if dialogue else ()):
            problem = hex_problem(step.send_hex) if step.send_hex else ""
            if problem:
                yield (table, "steps"), f"{table}.steps[{at + 1}].send_hex: {problem}"
            if step.send_hex and step.send_text:
                what = f"{table}.steps[{at + 1}]: give send_hex or send_text, not both"
                yield (table, "steps"), what
    if profile.keepalive:
        problem = hex_problem(profile.keepalive.send_hex)
        if problem:
            yield ("keepalive", "send_hex"), f"keepalive.send_hex: {problem}"
        if profile.keepalive.every_s <= 0:
            yield ("keepalive", "every_s"), "keepalive.every_s must be above zero"


def _name_problems(profile: Profile) -> Iterator[Problem]:
    for table, told in (
        ("message", [message.name for message in profile.messages]),
        ("stream", [stream.name for stream in profile.streams]),
    ):
        if not told:
            yield (), f"no [[{table}]] is given"
        counts = Counter(told)
        for at, name in enumerate(told):
            if counts[name] > 1:
                yield (table, at, "name"), f'two {table}s are named "{name}"'
    ids = Counter((message.id, message.prefix) for message in profile.messages)
    for at, message in enumerate(profile.messages):
        number = None if message.id is None else f"{message.id:#06x}"
        if ids[message.id, message.prefix] > 1:
            same = f"id {number}" if number else f'prefix "{message.prefix}"'
            yield ("message", at), f'"{message.name}": two messages have {same}'
        if profile.framing.type and message.id is None:
            what = f'"{message.name}" needs an id, since framing.type is given'
            yield ("message", at), what
        if message.id is not None and not profile.framing.type:
            what = f'"{message.name}" has an id, but framing.type does not say where'
            yield ("message", at, "id"), what


def frame_bytes(profile: Profile, message: Message) -> int:
    """Return the bytes of a whole frame of this message, 0 when they vary."""
    return message.size or profile.framing.size


def _message_problems(profile: Profile) -> Iterator[Problem]:
    for at, message in enumerate(profile.messages):
        key = ("message", at)
        names = Counter(field.name for field in message.fields)
        for place, field in enumerate(message.fields):
            where = f'"{message.name}".{field.name}'
            spot = (*key, "field", place)
            if names[field.name] > 1:
                yield spot, f"{where}: two fields have this name"
            if field.count < 1:
                yield spot, f"{where}: count must be 1 or more"
            if field.scale != 1.0 and not field.unit:
                yield spot, f"{where}: scale without unit; add unit"
            if field.scale == 0:
                yield spot, f"{where}: scale 0 would erase every value"
            if profile.framing.is_text:
                yield from _column_problems(message, field, where, spot)
            else:
                yield from _place_problems(profile, message, field, where, spot)
        yield from _samples_problems(profile, message, key)


def _column_problems(
    message: Message, field: Field, where: str, spot: Key
) -> Iterator[Problem]:
    if field.col is None:
        yield spot, f"{where}: col is missing; text has columns, not bytes"
    elif field.col < 0 or (
        message.columns and field.col + field.count > message.columns
    ):
        last = field.col + field.count - 1
        what = f"{where}: columns {field.col} to {last} lie outside the"
        yield spot, f"{what} {message.columns} columns of the message"
    if field.at is not None or field.per_sample:
        yield spot, f"{where}: at and per_sample belong to binary frames"


def _place_problems(
    profile: Profile, message: Message, field: Field, where: str, spot: Key
) -> Iterator[Problem]:
    wire = WIRE_TYPES.get(field.type)
    if wire is None:
        known = ", ".join(sorted(WIRE_TYPES))
        yield spot, f'{where}: type "{field.type}" is not known; known: {known}'
    if field.at is None or field.at < 0:
        yield spot, f"{where}: at is missing; give the first byte, counted from 0"
    if field.col is not None:
        yield spot, f"{where}: col belongs to text"
    if wire is None or field.at is None:
        return
    end = field.at + (field.count - 1) * (field.stride or wire.size) + wire.size
    if field.per_sample:
        stride = message.samples.stride if message.samples else 0
        if not message.samples:
            yield spot, f"{where}: per_sample, but the message has no samples"
        elif end > stride:
            yield spot, f"{where}: ends at byte {end} of a sample of {stride} bytes"
        return
    size = frame_bytes(profile, message) or profile.framing.max_frame
    if end > size:
        yield spot, f"{where}: ends at byte {end}, outside the frame of {size} bytes"
    sync = len(profile.framing.sync.replace(" ", "")) // 2
    if profile.framing.mode == "sync" and field.at < sync:
        yield spot, f"{where}: overlaps the sync bytes 0 to {sync - 1}"
    checksum = profile.framing.checksum
    if checksum and frame_bytes(profile, message):
        first = checksum.at % size
        if field.at < first + CHECKSUMS[checksum.algo].width and end > first:
            yield spot, f"{where}: overlaps the checksum at byte {first}"


def _samples_problems(
    profile: Profile, message: Message, key: Key
) -> Iterator[Problem]:
    samples = message.samples
    if samples is None:
        return
    where = f'"{message.name}".samples'
    if profile.framing.is_text:
        yield (*key, "samples"), f"{where}: belongs to binary frames"
    if bool(samples.count) == bool(samples.count_at):
        yield (*key, "samples"), f"{where}: give either count or count_at"
    if samples.stride < 1 or samples.at < 0 or samples.count < 0:
        yield (*key, "samples"), f"{where}: at, stride and count must be positive"
    if samples.count_at and samples.count_at[1] not in WIRE_TYPES:
        what = f'{where}: type "{samples.count_at[1]}" is not known'
        yield (*key, "samples"), what
    size = frame_bytes(profile, message)
    end = samples.at + samples.count * samples.stride
    if size and samples.count and end > size:
        what = f"{where}: ends at byte {end}, outside the frame of {size} bytes"
        yield (*key, "samples"), what


def _time_problems(profile: Profile) -> Iterator[Problem]:
    for table, told in (("counter", profile.counter), ("clock", profile.clock)):
        if told is None:
            continue
        found = [message.find(told.field) for message in profile.messages]
        fields = [field for field in found if field is not None]
        if not fields:
            what = f'no message has the {table} field "{told.field}"'
            yield (table, "field"), what
        for field in fields:
            wire = WIRE_TYPES.get(field.type)
            if field.count != 1 or field.per_sample:
                what = f'the {table} field "{told.field}" must be one number per frame'
                yield (table, "field"), what
            elif wire and table == "counter" and not wire.integer:
                yield (table, "field"), "the counter field must be a whole number"
            elif wire and told.bits > 8 * wire.size:
                what = f"{table}.bits = {told.bits}: {field.type} has no more than"
                yield (table, "bits"), f"{what} {8 * wire.size} bits"
        if not 0 <= told.bits <= 64:
            yield (table, "bits"), f"{table}.bits must lie between 0 and 64"
    if profile.clock and profile.clock.unit_s <= 0:
        yield ("clock", "unit_s"), "clock.unit_s must be above zero"


def _stream_problems(profile: Profile) -> Iterator[Problem]:
    for at, stream in enumerate(profile.streams):
        key = ("stream", at)
        if not stream.fields:
            yield (*key, "fields"), f'stream "{stream.name}" has no fields'
        if what := site_problem(profile.device.kind, stream.site):
            yield (*key, "site"), what
        yield from _selection_problems(profile, stream, key)
        turned = [axis.lstrip("+-") for axis in stream.axes]
        if turned and sorted(turned) != _AXES:
            what = f'axes = {list(stream.axes)}: name x, y and z once each, e.g. "-y"'
            yield (*key, "axes"), what


def _selection_problems(
    profile: Profile, stream: Stream, key: Key
) -> Iterator[Problem]:
    found = [select(profile, stream, text) for text in stream.fields]
    chosen = [item for item in found if not isinstance(item, str)]
    for item in found:
        if isinstance(item, str):
            yield (*key, "fields"), item
    messages = {item.message.name for item in chosen} | {stream.message}
    several = [m.name for m in profile.messages if m.name in messages and m.samples]
    if len(messages) > 1 and several:
        what = f'a row joined from several messages cannot use "{several[0]}",'
        yield (*key, "fields"), f"{what} which has several samples per frame"
    if stream.axes and any(item.width != 3 for item in chosen):
        yield (*key, "axes"), "axes need fields of three numbers"
    if stream.unit_out and stream.unit_out not in UNITS:
        yield (*key, "unit_out"), f'unit_out "{stream.unit_out}" is not known'
    elif stream.unit_out and not any(
        unit_factor(item.field.unit, stream.unit_out) for item in chosen
    ):
        what = f"no field of the stream can be turned into {stream.unit_out}"
        yield (*key, "unit_out"), what


def _baud_problems(profile: Profile) -> Iterator[Problem]:
    """Tell when the line is too slow for what is asked (8N1: ten bits per byte)."""
    baud = profile.transport.baud
    if profile.transport.type != "serial" or not baud:
        return
    asked: list[tuple[float, int]] = []
    for message in profile.messages:
        # a column of text is a digit and what parts it from the next, at least
        size = frame_bytes(profile, message) or 2 * message.columns
        if message.rate_hz > 0 and size:
            per_frame = message.samples.count if message.samples else 1
            asked.append((message.rate_hz / max(per_frame, 1), size))
    if sum(rate * size for rate, size in asked) * _BITS_PER_BYTE <= baud:
        return
    rate_hz = max(rate for rate, _ in asked)
    group = sum(size for _, size in asked)
    carried = int(baud / _BITS_PER_BYTE / group)
    parts = " + ".join(str(size) for _, size in asked)
    what = (
        f"{baud} baud carries {carried} groups/s of {len(asked)} packets "
        f"({parts} bytes); you asked for {rate_hz:g} Hz: raise baud or lower rate_hz"
    )
    yield ("transport", "baud"), what
