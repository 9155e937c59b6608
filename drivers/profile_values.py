"""Rules of single keys of a device profile: in range, and with a meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.profile import Transport
from drivers.profile_frames import hex_problem
from drivers.wire_types import WIRE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.profile import Field, Message, Profile
    from lablive.config import Key, Problem

_PORTS: Final = 65535
# keys of [transport] that have a meaning for each type; others would be ignored
_MEANING: Final = {
    "serial": {"baud", "usb", "dtr", "rts", "exclusive", "settle_s"},
    "tcp": {"host", "port", "settle_s"},
    "udp": {"port", "bind", "settle_s"},
    "ble_notify": {"service", "characteristic", "name_prefix", "settle_s"},
}


def value_problems(profile: Profile) -> Iterator[Problem]:
    """Yield every value out of range and every key that would be ignored."""
    yield from _transport_problems(profile.transport)
    yield from _step_problems(profile)
    for at, message in enumerate(profile.messages):
        yield from _message_problems(profile, message, ("message", at))
        for place, field in enumerate(message.fields):
            where = f'"{message.name}".{field.name}'
            spot = ("message", at, "field", place)
            yield from _field_problems(field, where, spot)


def _transport_problems(transport: Transport) -> Iterator[Problem]:
    plain = Transport(type=transport.type)
    for key in sorted(set[str]().union(*_MEANING.values())):
        given = getattr(transport, key) != getattr(plain, key)
        if given and key not in _MEANING[transport.type]:
            what = f'transport.{key} has no meaning for type "{transport.type}"'
            yield ("transport", key), what
    if transport.baud < 0:
        yield ("transport", "baud"), "transport.baud must be above zero"
    if not 0 <= transport.port <= _PORTS:
        yield ("transport", "port"), f"transport.port must be 1 to {_PORTS}"


def _step_problems(profile: Profile) -> Iterator[Problem]:
    for table, dialogue in (("start", profile.start), ("stop", profile.stop)):
        for at, step in enumerate(dialogue.steps if dialogue else (), start=1):
            key, where = (table, "steps"), f"{table}.steps[{at}]"
            if step.wait_s < 0:
                yield key, f"{where}: wait_s must not be negative"
            problem = hex_problem(step.expect_hex) if step.expect_hex else ""
            if problem:
                yield key, f"{where}.expect_hex: {problem}"
            if step.expect_text and step.expect_hex:
                yield key, f"{where}: give expect_hex or expect_text, not both"
            expects = step.expect_text or step.expect_hex
            if expects and step.timeout_s <= 0:
                yield key, f"{where}: timeout_s must be above zero"
            if expects and table == "stop":
                what = "no answer is waited for: closing must be quick"
                yield key, f"{where}: {what}"
            if not (step.send_hex or step.send_text or expects or step.wait_s):
                yield key, f"{where}: does nothing; send, wait or expect something"


def _message_problems(
    profile: Profile, message: Message, key: Key
) -> Iterator[Problem]:
    where, framing = f'"{message.name}"', profile.framing
    for name in ("rate_hz", "max_gap_s", "size", "columns"):
        if getattr(message, name) < 0:
            yield (*key, name), f"{where}: {name} must not be negative"
    for name in ("prefix", "columns") if not framing.is_text else ("size",):
        if getattr(message, name):
            kind = "text" if framing.is_text else "binary frames"
            yield (*key, name), f"{where}: {name} has no meaning for {kind}"
    if message.size and framing.size and message.size != framing.size:
        what = f"{where}: size {message.size} never comes; framing.size says"
        yield (*key, "size"), f"{what} {framing.size}"
    if message.id is not None and framing.type:
        yield from _id_problems(profile, message, (*key, "id"))
    samples = message.samples
    if samples is None or framing.is_text:
        return
    if not any(field.per_sample for field in message.fields):
        yield (*key, "samples"), f"{where}.samples: no field is per_sample"
    end = samples.at + samples.count * samples.stride
    size = message.size or framing.size
    if size and end > size:
        what = f"{where}.samples: end at byte {end}, outside the frame of {size} bytes"
        yield (*key, "samples"), what
    if samples.count_at:
        at, kind = samples.count_at
        wire = WIRE_TYPES.get(kind)
        if wire is None or not wire.integer or at < 0:
            what = f'{where}.samples.count_at: [first byte, "u8"], a whole number'
            yield (*key, "samples"), what


def _id_problems(profile: Profile, message: Message, key: Key) -> Iterator[Problem]:
    kind, number = profile.framing.type, message.id
    wire = WIRE_TYPES.get(kind.type) if kind else None
    if kind is None or number is None or wire is None or not wire.integer:
        return
    low, high = _limits(wire.size, signed=wire.signed)
    first, last = kind.allow or (low, high)
    if not (low <= number <= high and first <= number <= last):
        what = f'"{message.name}": id {number:#x} is never let through by framing.type'
        yield key, what


def _field_problems(field: Field, where: str, spot: Key) -> Iterator[Problem]:
    if field.min is not None and field.max is not None and field.min > field.max:
        yield spot, f"{where}: min is above max; no value would be left"
    wire = WIRE_TYPES.get(field.type)
    if wire is None:
        return
    if field.col is not None:
        yield spot, f"{where}: type has no meaning for text"
    elif 0 < field.stride < wire.size:
        yield spot, f"{where}: stride {field.stride} is less than {wire.size} bytes"
    if field.stride < 0:
        yield spot, f"{where}: stride must not be negative"
    if field.invalid is not None and wire.integer:
        low, high = _limits(wire.size, signed=wire.signed)
        if not low <= field.invalid <= high:
            what = f"{where}: invalid = {field.invalid:g} is never sent; {field.type}"
            yield spot, f"{what} holds {low} to {high}"


def _limits(size: int, *, signed: bool) -> tuple[int, int]:
    span = 1 << 8 * size
    return (-span // 2, span // 2 - 1) if signed else (0, span - 1)
