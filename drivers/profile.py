"""The device profile: a wire and its bytes as frozen structs, read from TOML."""

from __future__ import annotations

from typing import Literal

import msgspec

from drivers.checksums import Algorithm

TransportType = Literal["serial", "tcp", "udp", "ble_notify"]
DeviceKind = Literal["imu", "insole", "emg", "emg_envelope", "treadmill", "other"]
FramingMode = Literal["sync", "slip", "cobs", "line", "datagram"]


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """What the device is; ``confirmed`` = date, firmware and who saw it work."""

    name: str
    kind: DeviceKind = "other"
    vendor: str = ""
    docs: str = ""
    notes: str = ""
    confirmed: str = ""


class UsbId(msgspec.Struct, frozen=True, kw_only=True):
    """A USB bridge or device; a hint, not an identity."""

    vid: int
    pid: int


class Transport(msgspec.Struct, frozen=True, kw_only=True):
    """How bytes reach this machine.

    Attributes
    ----------
    baud, usb, dtr, rts, exclusive
        Serial. ``dtr`` and ``rts`` are set before opening: high resets many boards.
    settle_s
        Boot text is silently skipped for this long after opening.
    host, port
        TCP: where to connect. UDP: ``port`` to listen on at address ``bind``.
    service, characteristic, name_prefix
        Bluetooth low energy notifications.
    """

    type: TransportType
    baud: int = 0
    usb: tuple[UsbId, ...] = ()
    dtr: bool = False
    rts: bool = False
    exclusive: bool = True
    settle_s: float = 0.0
    host: str = ""
    port: int = 0
    bind: str = "0.0.0.0"  # the device is another machine
    service: str = ""
    characteristic: str = ""
    name_prefix: str = ""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a dialogue: send, wait, expect."""

    send_hex: str = ""
    send_text: str = ""
    wait_s: float = 0.0
    expect_text: str = ""
    expect_hex: str = ""
    timeout_s: float = 1.0

    @property
    def expected(self) -> bytes:
        """The answer that is waited for; b"" = none."""
        return bytes.fromhex(self.expect_hex) or self.expect_text.encode()


class Dialogue(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent after opening or before closing."""

    steps: tuple[Step, ...]


class Keepalive(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent again and again."""

    send_hex: str
    every_s: float


class LengthEscape(msgspec.Struct, frozen=True, kw_only=True):
    """A longer length field, used when the short one reads ``value``."""

    value: int
    at: int
    type: str
    add: int


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """Where the length stands; the whole frame is value + ``add`` bytes."""

    at: int
    type: str
    add: int = 0
    escape: LengthEscape | None = None


class MessageType(msgspec.Struct, frozen=True, kw_only=True):
    """Where the message id stands; ``allow`` = first and last id ever sent."""

    at: int
    type: str
    allow: tuple[int, int] | None = None


class FrameChecksum(msgspec.Struct, frozen=True, kw_only=True):
    """Checksum over ``frame[start:to]`` (slice semantics), stored at ``at``."""

    algo: Algorithm
    start: int = msgspec.field(name="from")
    to: int
    at: int
    order: Literal["big", "little"] = "big"


class Framing(msgspec.Struct, frozen=True, kw_only=True):
    """How frames are found in the bytes (drivers reference, section 3.3)."""

    mode: FramingMode
    sync: str = ""
    size: int = 0
    length: Length | None = None
    max_frame: int = 8192
    type: MessageType | None = None
    tail: tuple[int, int] | None = None
    checksum: FrameChecksum | None = None
    end: str = "c0"
    esc: str = "db"
    esc_end: str = "dc"
    esc_esc: str = "dd"
    nmea: bool = False
    delimiter: str = ""

    @property
    def is_text(self) -> bool:
        """Whether frames are lines of numbers."""
        return self.mode == "line" or bool(self.delimiter)


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """The field that counts frames; ``bits`` 0 = loss cannot be seen."""

    field: str
    bits: int = 0


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """The field that is the device's time; ``bits`` 0 = it never wraps."""

    field: str
    unit_s: float
    bits: int = 0


class Samples(msgspec.Struct, frozen=True, kw_only=True):
    """Several samples in one frame."""

    at: int
    stride: int
    count: int = 0
    count_at: tuple[int, str] | None = None
    order: Literal["oldest_first", "newest_first"] = "oldest_first"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of a message: value = raw * ``scale`` + ``offset`` in ``unit``.

    Attributes
    ----------
    at, col
        Position in the frame (or in the sample, when ``per_sample``), or the column.
    count, stride
        How many numbers, and bytes from one to the next (0 = side by side).
    invalid
        Raw value that means "no measurement".
    min, max
        Values outside are no measurement either.
    """

    name: str
    at: int | None = None
    col: int | None = None
    type: str = ""
    count: int = 1
    per_sample: bool = False
    stride: int = 0
    scale: float = 1.0
    offset: float = 0.0
    invalid: float | None = None
    unit: str = ""
    min: float | None = None
    max: float | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of frame; ``size`` and ``columns`` are demanded exactly when given.

    ``max_gap_s``: without counter and clock, a longer silence is an unknown loss;
    without a rate, too, the wire is opened again.
    """

    name: str
    id: int | None = None
    size: int = 0
    rate_hz: float = 0.0
    max_gap_s: float = 0.0
    prefix: str = ""
    columns: int = 0
    samples: Samples | None = None
    fields: tuple[Field, ...] = msgspec.field(name="field", default=())

    def find(self, name: str) -> Field | None:
        """Return a field by name."""
        return next((field for field in self.fields if field.name == name), None)


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """Columns published as one stream.

    Attributes
    ----------
    fields
        ``name``, ``name[3]`` or ``name[0:16]`` of ``message``; a field of another
        message is ``message.name``, and a row is then one packet of each.
    axes
        Three-axis fields turned: ``["x", "-y", "z"]``.
    unit_out
        Unit wanted; fields that can be converted are.
    """

    name: str
    message: str
    fields: tuple[str, ...]
    site: str = ""
    type: str = ""
    axes: tuple[str, ...] = ()
    unit_out: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one device."""

    device: Device
    transport: Transport
    framing: Framing
    messages: tuple[Message, ...] = msgspec.field(name="message")
    streams: tuple[Stream, ...] = msgspec.field(name="stream")
    start: Dialogue | None = None
    stop: Dialogue | None = None
    keepalive: Keepalive | None = None
    counter: Counter | None = None
    clock: Clock | None = None

    def message(self, name: str) -> Message | None:
        """Return a message by name."""
        return next((found for found in self.messages if found.name == name), None)
