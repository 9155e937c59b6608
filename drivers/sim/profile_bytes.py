"""The bytes of any profile's device, with known numbers: the decoder turned round."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from drivers.checksums import CHECKSUMS
from drivers.wire_types import WIRE_TYPES

if TYPE_CHECKING:
    from drivers.profile import Field, Message, Profile

_MOST: Final = 1000  # raw numbers stay below it, so that every type can hold them
_SAMPLES: Final = 2  # of a frame that tells how many it has


class ProfileBytes:
    """Write what the device of a profile would send.

    Parameters
    ----------
    profile
        A checked profile. Of a length with an escape only the short way is written.
    other_order
        Numbers in the other byte order, as a device sends that was described wrongly.
    decimal_comma
        Numbers of a text as some languages write them.

    Attributes
    ----------
    rate_hz
        Frames per second.
    rows
        Rows per frame.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        other_order: bool = False,
        decimal_comma: bool = False,
    ) -> None:
        self._profile = profile
        self._other_order = other_order
        self._decimal_comma = decimal_comma
        lead = profile.message(profile.streams[0].message) or profile.messages[0]
        samples = lead.samples
        self.rows = samples.count if samples else 1
        if not self.rows and samples:
            size = lead.size or profile.framing.size
            fit = (size - samples.at) // samples.stride if size else _SAMPLES
            self.rows = max(min(fit, _SAMPLES), 1)
        self._row_hz = lead.rate_hz or 1.0
        self.rate_hz = self._row_hz / self.rows
        used = {stream.message for stream in profile.streams}
        for stream in profile.streams:
            dotted = (name.partition(".") for name in stream.fields)
            used |= {first for first, dot, _ in dotted if dot}
        self._messages = [m for m in profile.messages if m.name in used]

    def frame(self, number: int) -> bytes:
        """Return the frame (or the frames of one row) with this number."""
        framing = self._profile.framing
        found = b""
        for message in self._messages:
            if framing.is_text:
                found += self._line(message, number)
            else:
                body = self._body(message, number)
                found += _packed(body, self._profile)
        return found

    def _line(self, message: Message, number: int) -> bytes:
        framing = self._profile.framing
        last = max((f.col or 0) + f.count for f in message.fields)
        words = ["0"] * (message.columns or max(last, 1))
        for field in message.fields:
            for place in range(field.count):
                value = self._number(field, number, 0, place)
                text = f"{value:g}" if value == int(value) else f"{value:.3f}"
                if self._decimal_comma and field.name not in self._counted:
                    text = f"{value:.1f}".replace(".", ",")
                words[(field.col or 0) + place] = text
        if message.prefix:
            words[0] = message.prefix.lstrip("$")
        spaces = framing.delimiter == "whitespace"
        body = (" " if spaces else framing.delimiter).join(words).encode()
        if framing.nmea:
            body = b"$%b*%02X" % (body, CHECKSUMS["XOR8"].compute(body))
        return body + b"\r\n"

    @property
    def _counted(self) -> set[str]:
        counter, clock = self._profile.counter, self._profile.clock
        return {it.field for it in (counter, clock) if it is not None}

    def _number(self, field: Field, number: int, sample: int, place: int) -> float:
        """Return the raw number that a field has in a frame."""
        counter, clock = self._profile.counter, self._profile.clock
        if counter and field.name == counter.field:
            return number % (1 << (counter.bits or 32))
        if clock and field.name == clock.field:
            ticks = round(number * self.rows / self._row_hz / clock.unit_s)
            return ticks % (1 << (clock.bits or 63))
        limit = _MOST
        if field.type in ("u8", "i8"):
            limit = 100
        row = number * self.rows + sample
        raw = (row * 7 + place * 3 + 1) % limit
        if field.max is not None or field.min is not None:
            low = field.min if field.min is not None else 0.0
            high = field.max if field.max is not None else low + limit
            low_raw = (low - field.offset) / field.scale
            high_raw = (high - field.offset) / field.scale
            raw = min(low_raw, high_raw) + raw % max(abs(high_raw - low_raw), 1.0)
        return raw + 1 if raw == field.invalid else raw

    def _body(self, message: Message, number: int) -> bytearray:
        framing = self._profile.framing
        checksum, samples = framing.checksum, message.samples
        size = message.size or framing.size
        if not size:
            ends = [4]
            for field in message.fields:
                wide = WIRE_TYPES[field.type].size
                own = (field.at or 0) + (field.count - 1) * (field.stride or wide)
                if field.per_sample and samples:
                    own += samples.at + (self.rows - 1) * samples.stride
                ends.append(own + wide)
            if samples:
                ends.append(samples.at + self.rows * samples.stride)
            size = max(ends) + (-checksum.at if checksum and checksum.at < 0 else 0)
        body = bytearray(size)
        sync = bytes.fromhex(framing.sync)
        body[: len(sync)] = sync
        if framing.type is not None and message.id is not None:
            self._put(body, framing.type.at, framing.type.type, message.id, turn=False)
        if framing.length is not None:
            told = size - framing.length.add
            self._put(body, framing.length.at, framing.length.type, told, turn=False)
        if samples and samples.count_at:
            at, kind = samples.count_at
            self._put(body, at, kind, self.rows, turn=False)
        for field in message.fields:
            step = field.stride or WIRE_TYPES[field.type].size
            for sample in range(self.rows if field.per_sample else 1):
                start = field.at or 0
                if field.per_sample and samples:
                    newest = samples.order == "newest_first"
                    slot = self.rows - 1 - sample if newest else sample
                    start += samples.at + slot * samples.stride
                for place in range(field.count):
                    value = self._number(field, number, sample, place)
                    self._put(body, start + place * step, field.type, value)
        if framing.tail is not None:
            body[-1] = framing.tail[0]
        if checksum is not None:
            algorithm = CHECKSUMS[checksum.algo]
            value = algorithm.compute(bytes(body[checksum.start : checksum.to]))
            at = checksum.at + size if checksum.at < 0 else checksum.at
            width = algorithm.width
            body[at : at + width] = value.to_bytes(width, checksum.order)
        return body

    def _put(
        self, body: bytearray, at: int, kind: str, value: float, *, turn: bool = True
    ) -> None:
        wire = WIRE_TYPES[kind]
        big = wire.big != (self._other_order and turn)
        if wire.integer:
            whole = int(value) % (1 << (8 * wire.size))
            data = whole.to_bytes(wire.size, "big" if big else "little")
        else:
            code = "f" if wire.size == 4 else "d"
            data = struct.pack((">" if big else "<") + code, value)
        body[at : at + wire.size] = data


def _packed(body: bytearray, profile: Profile) -> bytes:
    """Return a frame as it stands on the wire: stuffed when the framing says so."""
    framing = profile.framing
    if framing.mode == "slip":
        end, esc = bytes.fromhex(framing.end), bytes.fromhex(framing.esc)
        stuffed = bytes(body).replace(esc, esc + bytes.fromhex(framing.esc_esc))
        return stuffed.replace(end, esc + bytes.fromhex(framing.esc_end)) + end
    if framing.mode == "cobs":
        found = b""
        for part in bytes(body).split(b"\0"):
            rest = part
            while len(rest) >= 254:
                found += b"\xff" + rest[:254]
                rest = rest[254:]
            found += bytes((len(rest) + 1,)) + rest
        return found + b"\0"
    return bytes(body)
