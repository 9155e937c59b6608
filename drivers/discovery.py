"""What is connected to this machine, and the device profile that fits.

Also a program: ``python -m drivers.discovery [--json]``.
"""

from __future__ import annotations

import argparse
import sys
import threading

import msgspec

from drivers.dialogues import serial_dialogues
from drivers.lsl_streams import LslFound, lsl_streams
from drivers.profile_files import load_profile, profile_names
from drivers.serial_port import port_problem, serial_ports
from lablive.errors import DeviceError


class SerialDevice(msgspec.Struct, frozen=True):
    """A serial port; ``identity`` (VID:PID:SERIAL) finds it again in another socket.

    ``profiles`` are hints: many devices share one USB bridge chip. ``problem`` says
    why it cannot be opened, and what to do; empty = nothing known against it.
    """

    path: str
    identity: str
    description: str
    profiles: tuple[str, ...]
    problem: str = ""


class Found(msgspec.Struct, frozen=True):
    """Everything found; ``problems`` says what could not be looked for.

    ``looked`` is False before the first look of a :class:`Search` has ended.
    """

    serial: tuple[SerialDevice, ...] = ()
    lsl: tuple[LslFound, ...] = ()
    profiles: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    looked: bool = True


def discover(look_s: float = 1.0) -> Found:
    """Look for serial ports and, for ``look_s`` seconds, for LSL streams."""
    problems: list[str] = []
    try:
        streams = lsl_streams(look_s)
    except DeviceError as error:
        streams = []
        problems.append(str(error))
    by_usb = _profiles_by_usb()
    return Found(
        serial=tuple(
            SerialDevice(
                path=port.path,
                identity=port.identity,
                description=port.description,
                profiles=by_usb.get((port.vid, port.pid), ()),
                problem=port_problem(port.path),
            )
            for port in serial_ports()
        ),
        lsl=tuple(streams),
        profiles=(*profile_names(), *serial_dialogues()),
        problems=tuple(problems),
    )


class Search:
    """Looks again in a thread of its own each time it is asked, and never waits.

    Looking takes seconds on a slow machine; whoever asks must not be kept from its
    other questions meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found = Found(looked=False)
        self._thread: threading.Thread | None = None

    def newest(self) -> Found:
        """Return what the last look found, and begin another unless one runs."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._look, name="device search", daemon=True
                )
                self._thread.start()
            return self._found

    def _look(self) -> None:
        found = discover()
        with self._lock:
            self._found = found


def _profiles_by_usb() -> dict[tuple[int, int], tuple[str, ...]]:
    """Return the shipped profiles that name each USB identity."""
    found: dict[tuple[int, int], tuple[str, ...]] = {}
    for name in profile_names():
        for usb in load_profile(name).transport.usb:
            key = (usb.vid, usb.pid)
            found[key] = (*found.get(key, ()), name)
    return found


def as_text(found: Found) -> str:
    """Return what was found as lines for people."""
    lines = [f"Serial ports: {len(found.serial) or 'none'}"]
    for port in found.serial:
        lines.append(f"  {port.path}  {port.description or port.identity}")
        fits = ", ".join(port.profiles) or "no profile names it; choose one yourself"
        lines.append(f"    {port.problem or 'fits: ' + fits}")
    lines.append(f"LSL streams: {len(found.lsl) or 'none'}")
    for stream in found.lsl:
        rate = f"{stream.rate_hz:g} Hz" if stream.rate_hz > 0 else "irregular"
        kind = f"{stream.type or 'no type'}, {stream.channels} channels, {rate}"
        text = "" if stream.usable else ", text: cannot be recorded"
        lines.append(f"  {stream.name}  ({kind}, on {stream.hostname}{text})")
    return "\n".join([*lines, *found.problems])


def main(arguments: list[str] | None = None) -> int:
    """Look once and print what is there; exit code 1 when LSL cannot be searched."""
    parser = argparse.ArgumentParser(
        prog="python -m drivers.discovery", description="What is connected."
    )
    parser.add_argument("--json", action="store_true", help="machine-readable")
    options = parser.parse_args(arguments)
    found = discover()
    text = msgspec.json.encode(found).decode() if options.json else as_text(found)
    sys.stdout.write(text + "\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
