"""The driver of every device that a TOML profile describes: port, dialogue, decoder."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

import msgspec

from drivers.base import READ_S
from drivers.ble_port import BlePort
from drivers.layout import StreamLayout
from drivers.profile_decoder import ProfileDecoder
from drivers.profile_faults import NO_FRAME_S, wire_fault
from drivers.profile_fields import channels, selections, site_problem, stream_type
from drivers.profile_files import load_profile
from drivers.row_port import let_go
from drivers.serial_port import SerialPort, resolve_port
from drivers.tcp_port import TcpPort
from drivers.udp_port import UdpPort
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError
from lablive.messages import StreamInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Port, StreamTally
    from drivers.profile import Dialogue, Profile
    from drivers.raw_bytes import RawTap
    from lablive.messages import Chunk, DriverState, Gap, StreamStatus

_OPTIONS: Final = ("profile", "port", "host", "baud", "site", "name", "rate_hz")
_CLOSE_S: Final = 0.3  # for who is reading or opening
_LET_GO_S: Final = 0.6
_STOP_READ_S: Final = 0.2
GATHER_S: Final = 0.008  # a wake-up costs more than decoding what came meanwhile
GATHERED_HZ: Final = 250.0  # rows come so often that nobody waits for a single one
_STILL: Final = "Other devices and the recording go on."


class ProfileDriver:
    """One device by its profile.

    Parameters
    ----------
    profile
        A checked profile with the options applied.
    address
        Serial port as :func:`drivers.serial_port.resolve_port` takes it, or
        ``host:port``; part of the source id, so that a device is known again.
    port
        Where the bytes come from; None = as the profile's transport says.

    Attributes
    ----------
    tap
        Keeps the bytes as they come; None = nobody asked for them.
    """

    def __init__(
        self, profile: Profile, address: str = "", port: Port | None = None
    ) -> None:
        self.profile = profile
        self._address = address
        self._given_port = port
        self._port: Port | None = None
        self._infos = stream_infos(profile, address)
        self._decoder: ProfileDecoder | None = None
        self._state: DriverState = "closed"
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._early: list[bytes] = []
        self._gone: DeviceError | None = None  # raised once what came is handed on
        self._bytes = 0
        self._opened_s = 0.0
        self._next_keepalive_s = float("inf")
        self._gather_s = self._read_s = self._heard_s = 0.0
        self._longest_s = float("inf")  # of a silence that is none
        self.tap: RawTap | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str | float | bool]) -> ProfileDriver:
        """Build a driver from the options of a source.

        Options: ``profile`` (name or path), ``port`` (serial path or
        ``VID:PID[:SERIAL]``; number for TCP and UDP; Bluetooth address), ``host``,
        ``baud``, ``site`` (where the sensor is worn), ``name`` (of the stream),
        ``rate_hz``.

        Raises
        ------
        ConfigError
            An option is unknown or missing, or the profile is wrong.
        """
        unknown = [key for key in options if key not in _OPTIONS]
        if unknown or not options.get("profile"):
            what = f"unknown option {', '.join(unknown)}" if unknown else "no profile"
            raise ConfigError(
                f"Device source: {what}.", todo=f"Options are {', '.join(_OPTIONS)}."
            )
        profile = adapted(load_profile(str(options["profile"])), options)
        transport = profile.transport
        address = str(options.get("port", ""))
        if transport.type == "tcp":
            address = f"{transport.host}:{transport.port}"
        elif transport.type == "udp":
            address = f"{transport.bind}:{transport.port}"
        return cls(profile, address)

    @property
    def reopen_on_silence(self) -> bool:
        """Whether opening again can wake it; not before its first words are over."""
        return self.profile.transport.type != "udp" and self._open_for(NO_FRAME_S)

    def open(self) -> tuple[StreamInfo, ...]:
        """Open the wire and start the device; raises DeviceError."""
        with self._lock:
            self._state = "opening"
            self._stop.clear()
            port = self._given_port or self._make_port()
            try:
                port.open()
                self._port = port
                self._early, self._gone = [], None
                self._decoder = self._greet(port)
                if self._stop.is_set():
                    raise DeviceError("unplugged", "It was disconnected meanwhile.")
            except DeviceError:
                self._state = "failed"
                port.close()
                self._port = None
                raise
            self._bytes = 0
            self._opened_s = now_s()
            rates = [info.rate_hz for info in self._infos]
            fast = max(rates, default=0.0) > GATHERED_HZ
            self._gather_s = GATHER_S if fast else 0.0
            self._heard_s = self._opened_s
            patience = [message.max_gap_s for message in self.profile.messages]
            rated = any(rates) or not any(patience)
            self._longest_s = float("inf") if rated else max(patience)
            if self.profile.keepalive:
                self._next_keepalive_s = self._opened_s
            self._state = "settling"
            if self.tap:
                self.tap.opened(self.profile)
            return self._infos

    def read(self) -> list[Chunk | Gap]:
        """Wait up to 20 ms for rows; raises DeviceError when the wire is gone."""
        with self._lock:
            port, decoder = self._port, self._decoder
            if port is None or decoder is None or self._stop.is_set():
                return []
            if self._gone is not None:
                raise self._gone
            pieces = self._early or self._next_pieces(port)
            arrival_s = now_s()
            self._keep_alive(port, arrival_s)
            if not pieces:
                self._watch(arrival_s)
                return decoder.idle(arrival_s)
            self._heard_s = arrival_s
            self._early = []
            self._bytes += sum(map(len, pieces))
            if self.tap:
                self.tap.took(pieces, arrival_s)
            return decoder.feed(pieces, arrival_s)

    def close(self) -> None:
        """Stop the device and let go of the wire within a second."""
        self._stop.set()
        locked = self._lock.acquire(timeout=_CLOSE_S)
        try:
            port, self._port = self._port, None
            self._state = "closed"
            if port is not None:  # a wire that takes nothing must not hold us up
                let_go(lambda: self._part(port), port.close, at_most_s=_LET_GO_S)
        finally:
            if locked:
                self._lock.release()

    def status(self) -> tuple[StreamStatus, ...]:
        """Return the health of every stream."""
        decoder = self._decoder
        if decoder is None:
            return ()
        stats = decoder.stats
        # before the first good frame everything is skipped: no error yet
        silent = not decoder.began and not self._open_for(NO_FRAME_S)
        return tuple(
            tally.status(
                self._state_of(tally),
                checksum_errors=0
                if silent
                else stats.checksum_errors + stats.bad_lines,
                skipped_bytes=0 if silent else stats.skipped_bytes,
                ppm=decoder.clock_of(tally.info.id)[0],
                jitter_p95_ms=decoder.clock_of(tally.info.id)[1],
                last_fault=self._fault(decoder, tally),
            )
            for tally in decoder.tallies
        )

    def _greet(self, port: Port) -> ProfileDecoder:
        """Start the device and return what reads its bytes; for drivers to override.

        Bytes heard after the last answer belong into ``_early``.
        """
        if self.profile.start:
            self._talk(port, self.profile.start)
        return ProfileDecoder(self.profile, self._infos)

    def _next_pieces(self, port: Port) -> list[bytes]:
        """Read; what a fast device sends meanwhile is gathered for a moment."""
        if self._gather_s:
            left_s = self._read_s + self._gather_s - now_s()
            if left_s > 0:
                time.sleep(left_s)
        pieces = port.read(READ_S)
        self._read_s = now_s()
        return pieces

    def _watch(self, at_s: float) -> None:
        """Raise when a device without a rate has been silent for too long.

        The host watches the others; of these nobody knows when the next row is due.
        """
        if at_s - self._heard_s > self._longest_s:
            raise DeviceError(
                "timeout",
                f'"{self.profile.device.name}" has said nothing for '
                f"{at_s - self._heard_s:.0f} s.",
                still=_STILL,
                todo="Check power and cable; it is opened again by itself.",
            )

    def _keep_alive(self, port: Port, at_s: float) -> None:
        """Send what keeps the device sending; the next read raises when it fails."""
        keepalive = self.profile.keepalive
        if keepalive is None or at_s < self._next_keepalive_s:
            return
        try:
            port.write(bytes.fromhex(keepalive.send_hex))
        except DeviceError as error:  # the bytes just read are good all the same
            self._gone = error
        self._next_keepalive_s = at_s + keepalive.every_s

    def _part(self, port: Port) -> None:
        """Stop the device without waiting for it; for drivers to override."""
        if self.profile.stop:
            self._send_all(port, self.profile.stop)

    def _make_port(self) -> Port:
        transport = self.profile.transport
        if transport.type == "serial":
            path = resolve_port(self._address, transport.usb)
            return SerialPort(
                path,
                transport.baud,
                dtr=transport.dtr,
                rts=transport.rts,
                exclusive=transport.exclusive,
            )
        if transport.type == "tcp":
            return TcpPort(transport.host, transport.port)
        if transport.type == "udp":
            return UdpPort(transport.port, transport.bind)
        return BlePort(
            (transport.characteristic,),
            address=self._address,
            service=transport.service,
            name_prefix=transport.name_prefix,
        )

    def _talk(self, port: Port, dialogue: Dialogue) -> None:
        """Send each step and wait for its answer."""
        for step in dialogue.steps:
            _send(port, step.send_hex, step.send_text)
            if step.wait_s > 0:
                self._stop.wait(step.wait_s)
            wanted, heard = step.expected, b""
            if not wanted:
                continue
            until_s = now_s() + step.timeout_s
            while wanted not in heard:
                heard += b"".join(port.read(READ_S))
                if now_s() > until_s or self._stop.is_set():
                    raise DeviceError(
                        "timeout",
                        f'"{self.profile.device.name}" did not answer '
                        f'"{step.expect_text or step.expect_hex}" within '
                        f"{step.timeout_s:g} s.",
                        still=_STILL,
                        todo="Check power, baud rate and that this is the device.",
                    )
            rest = heard.partition(wanted)[2]
            self._early = [rest] if rest else []

    def _send_all(self, port: Port, dialogue: Dialogue) -> None:
        """Send each step without waiting for answers: closing must be quick."""
        for step in dialogue.steps:
            _send(port, step.send_hex, step.send_text)
            port.read(min(step.wait_s, _STOP_READ_S))

    def _state_of(self, tally: StreamTally) -> DriverState:
        if self._state == "settling" and tally.rows:
            return "streaming"
        return self._state

    def _open_for(self, wanted_s: float) -> bool:
        waited_s = now_s() - self._opened_s
        return waited_s > self.profile.transport.settle_s + wanted_s

    def _fault(self, decoder: ProfileDecoder, tally: StreamTally) -> str:
        return wire_fault(self.profile, decoder, tally, self._bytes, self._open_for)


def adapted(profile: Profile, options: Mapping[str, str | float | bool]) -> Profile:
    """Return the profile with a source's options in place of its own values.

    Raises
    ------
    ConfigError
        The site is not known, or a number is none.
    """
    try:
        transport = msgspec.structs.replace(
            profile.transport,
            host=str(options.get("host", profile.transport.host)),
            baud=int(options.get("baud", profile.transport.baud)),
        )
        if transport.type in ("tcp", "udp") and "port" in options:
            transport = msgspec.structs.replace(transport, port=int(options["port"]))
        rate_hz = float(options.get("rate_hz", 0.0))
    except ValueError as error:
        raise ConfigError(
            f"Device source: {error}.", todo="baud, port and rate_hz are numbers."
        ) from error
    site, name = str(options.get("site", "")), str(options.get("name", ""))
    if problem := site_problem(profile.device.kind, site):
        raise ConfigError(f"Device source: {problem}.", todo="Use one of these.")
    several = len(profile.streams) > 1
    streams = tuple(
        msgspec.structs.replace(
            stream,
            site=site or stream.site,
            name=(f"{name} {stream.name}" if several else name)
            if name
            else stream.name,
        )
        for stream in profile.streams
    )
    messages = profile.messages
    if rate_hz > 0:
        messages = tuple(
            msgspec.structs.replace(message, rate_hz=rate_hz)
            if message.rate_hz
            else message
            for message in messages
        )
    return msgspec.structs.replace(
        profile, transport=transport, streams=streams, messages=messages
    )


def stream_infos(profile: Profile, address: str = "") -> tuple[StreamInfo, ...]:
    """Return the streams of a checked profile; ids 0 to n-1 in its order."""
    found: list[StreamInfo] = []
    for number, stream in enumerate(profile.streams):
        lead = profile.message(stream.message)
        chosen = selections(profile, stream)
        counter = profile.counter
        counted = counter and lead and lead.find(counter.field) is not None
        found.append(
            StreamInfo(
                id=number,
                name=stream.name,
                type=stream_type(profile.device, stream, chosen),
                rate_hz=lead.rate_hz if lead else 0.0,
                channels=tuple(channels(profile.device.kind, stream, chosen)),
                source_id=f"{profile.device.name}|{address}|{stream.name}",
                hostname="",
                device=profile.device.name,
                sample_format=StreamLayout(profile, stream).sample_format,
                counter_bits=counter.bits if counter and counted else 0,
            )
        )
    return tuple(found)


def _send(port: Port, hex_bytes: str, text: str) -> None:
    data = bytes.fromhex(hex_bytes) if hex_bytes else text.encode()
    if data:
        port.write(data)
