"""Play the device of any profile or dialogue driver over a real wire, with faults.

``python -m drivers.sim.device --profile insole_a55a --faults drop_pct=1,batch_ms=16``
says where to connect as a JSON line and sends until told to stop: end of its input,
``--seconds``, or SIGTERM. Serial devices sit behind a pseudo-terminal, TCP devices
listen on 127.0.0.1, UDP devices send to the port of their profile on this machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import select
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from drivers.profile_files import load_profile
from drivers.sim.bitalino_device import BitalinoDevice
from drivers.sim.faults import Faults, Told, line, parse_faults
from drivers.sim.profile_bytes import ProfileBytes
from drivers.sim.pty_device import PtyDevice
from drivers.sim.pty_wire import PtyWire
from drivers.sim.trigno_server import TrignoServer
from drivers.sim.witmotion_device import WitMotionDevice
from drivers.sim.xbus_device import XbusDevice
from drivers.sim.ximu3_device import Ximu3Device
from lablive.clock import now_s
from lablive.errors import ConfigError, LabLiveError

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.profile import Profile

_STEP_S: Final = 0.05
_DIALOGUES: Final = {
    "witmotion": WitMotionDevice,
    "xbus": XbusDevice,
    "bitalino": BitalinoDevice,
    "ximu3": Ximu3Device,
}
_WAIT_S: Final = 3600.0


class SerialLine:
    """A pseudo-terminal; plugged in again it has another name."""

    def __init__(self) -> None:
        self._wire = PtyWire()

    @property
    def where(self) -> str:
        """What to open."""
        return self._wire.path

    def wait(self, stop: threading.Event) -> None:
        """Wait for who opens it."""
        while not stop.is_set() and not self._wire.wait_for_reader(_STEP_S):
            pass

    def send(self, piece: bytes) -> None:
        """Send bytes."""
        self._wire.send(piece)

    def unplug(self) -> None:
        """Pull the cable; the next name is another one."""
        pulled, self._wire = self._wire, PtyWire()
        pulled.close()

    def replug(self) -> None:
        """Nothing to do: who knows the new name can open it."""

    def close(self) -> None:
        """Pull the cable for good."""
        self._wire.close()


class TcpLine:
    """A device that listens for one connection."""

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self._listening.settimeout(_STEP_S)
        self._found: socket.socket | None = None

    @property
    def where(self) -> str:
        """What to connect to."""
        host, port = self._listening.getsockname()
        return f"{host}:{port}"

    def wait(self, stop: threading.Event) -> None:
        """Wait for who connects."""
        while not stop.is_set() and self._found is None:
            with contextlib.suppress(TimeoutError):
                self._found, _ = self._listening.accept()

    def send(self, piece: bytes) -> None:
        """Send bytes; one that has gone is waited for again."""
        if self._found is None and select.select([self._listening], [], [], 0)[0]:
            self._found, _ = self._listening.accept()
        if self._found is not None:
            try:
                self._found.sendall(piece)
            except OSError:
                self.unplug()

    def unplug(self) -> None:
        """Hang up."""
        found, self._found = self._found, None
        if found is not None:
            found.close()

    def replug(self) -> None:
        """Be there again."""

    def close(self) -> None:
        """Hang up and listen no more."""
        self.unplug()
        self._listening.close()


class UdpLine:
    """A device that sends datagrams to this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to = ("127.0.0.1", port)
        self.where = f"127.0.0.1:{port}"

    def wait(self, stop: threading.Event) -> None:
        """Nobody can know who listens."""

    def send(self, piece: bytes) -> None:
        """Send a datagram."""
        with contextlib.suppress(OSError):  # nobody listens
            self._socket.sendto(piece, self._to)

    def unplug(self) -> None:
        """Nothing to do: there is no connection that could break."""

    def replug(self) -> None:
        """Nothing to do: there is no connection that could break."""

    def close(self) -> None:
        """Send no more."""
        self._socket.close()


Line = SerialLine | TcpLine | UdpLine


def line_of(profile: Profile, port: int = 0) -> Line:
    """Return the wire that a profile's device has.

    Raises
    ------
    ConfigError
        It speaks over Bluetooth.
    """
    kind = profile.transport.type
    if kind == "serial":
        return SerialLine()
    if kind == "tcp":
        return TcpLine(port)
    if kind == "udp":
        return UdpLine(port or profile.transport.port)
    raise ConfigError(
        f'"{profile.device.name}" speaks over Bluetooth, which cannot be simulated.',
        todo="Try its profile with captured bytes: lablive decode.",
    )


def play(
    profile: Profile,
    wire: Line,
    faults: Faults,
    stop: threading.Event,
    *,
    seconds: float = _WAIT_S,
    made: ProfileBytes | None = None,
    say: Callable[..., None] = lambda **_: None,
) -> Told:
    """Send a device's frames in their time; return what happened to them."""
    made = made or ProfileBytes(profile)
    told = Told()
    frames = int(seconds * made.rate_hz)
    wire.wait(stop)
    begin_s = now_s()
    datagrams = profile.framing.mode == "datagram"
    for arrival in line(
        made.frame, made.rate_hz, faults, frames, told, datagrams=datagrams
    ):
        if stop.wait(max(begin_s + arrival.t_s - now_s(), 0.0)):
            break
        if arrival.event == "unplug":
            wire.unplug()
        elif arrival.event == "replug":
            wire.replug()
            say(event="replug", where=wire.where)
        for piece in arrival.pieces:
            wire.send(piece)
    return told


def main(arguments: list[str] | None = None) -> int:
    """Play a device; exit code 0, or 2 for a message instead."""
    parser = argparse.ArgumentParser(prog="python -m drivers.sim.device")
    parser.add_argument("--profile", required=True, help="profile, its file, or driver")
    parser.add_argument("--faults", default="", help="drop_pct=1,batch_ms=16,...")
    parser.add_argument("--port", type=int, default=0, help="TCP and UDP")
    parser.add_argument("--seconds", type=float, default=_WAIT_S)
    parser.add_argument("--other-byte-order", action="store_true")
    parser.add_argument("--decimal-comma", action="store_true")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_until_end, args=(stop,), daemon=True).start()
    try:
        return _run(options, stop)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run(options: argparse.Namespace, stop: threading.Event) -> int:
    faults, name = parse_faults(options.faults), options.profile
    if name == "trigno":
        with TrignoServer() as server:
            _say(event="ready", where=f"127.0.0.1:{server.ports[0]}")
            stop.wait(options.seconds)
        return 0
    if name in _DIALOGUES:
        with PtyDevice(_DIALOGUES[name](), faults) as device:
            _say(event="ready", where=device.path)
            path, end_s = device.path, now_s() + options.seconds
            while not stop.wait(_STEP_S) and now_s() < end_s:
                if device.path != path:
                    path = device.path
                    _say(event="replug", where=path)
        _say(event="end", frames=device.sent)
        return 0
    profile = load_profile(name)
    made = ProfileBytes(
        profile,
        other_order=options.other_byte_order,
        decimal_comma=options.decimal_comma,
    )
    wire = line_of(profile, options.port)
    try:
        _say(event="ready", where=wire.where)
        told = play(
            profile, wire, faults, stop, seconds=options.seconds, made=made, say=_say
        )
    finally:
        wire.close()
    counts = {"whole": told.whole, "lost": told.lost, "repeated": told.repeated}
    _say(event="end", **{key: len(frames) for key, frames in counts.items()})
    return 0


def _until_end(stop: threading.Event) -> None:
    """Stop when the program that started this one is gone, or says so."""
    if not sys.stdin.isatty():
        with contextlib.suppress(OSError, ValueError):
            sys.stdin.read()
        stop.set()


def _say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
