"""What is connected to this machine, and the device profile that fits.

Also a program: ``python -m drivers.discovery [--bluetooth] [--json]``.
"""

from __future__ import annotations

import argparse
import sys
import threading
from typing import TYPE_CHECKING, Final

import msgspec

from drivers import ftms
from drivers.audio_search import SoundInput, sound_inputs
from drivers.ble_library import SCAN_S, scan
from drivers.dialogues import serial_dialogues
from drivers.lsl_streams import LslFound, lsl_streams
from drivers.profile_files import load_profile, own_problems, profile_names
from drivers.questions import NetworkKind, Question, network_kinds, questions
from drivers.serial_port import port_problem, serial_ports
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from drivers.ble_library import BleDevice

SOUND_EVERY_S: Final = 5.0  # a look at the sound cards is a program that starts
FTMS: Final = "ftms"


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


class RadioDevice(msgspec.Struct, frozen=True):
    """A Bluetooth device; ``profiles`` are those whose name or service it shows."""

    address: str
    name: str
    rssi_dbm: int
    profiles: tuple[str, ...]


class Found(msgspec.Struct, frozen=True):
    """Everything found; ``problems`` says what could not be looked for.

    ``looked`` is False before the first look of a :class:`Search` has ended.
    ``microphones_problem`` and ``bluetooth_problem`` say why there are none; a lab can
    do without both. ``bluetooth_looking``: a search that was asked for is running.
    ``questions``: what a person must say of a device, by profile or driver name or
    title of a network kind; ``network``: what is opened by an address.
    """

    serial: tuple[SerialDevice, ...] = ()
    lsl: tuple[LslFound, ...] = ()
    profiles: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    looked: bool = True
    microphones: tuple[SoundInput, ...] = ()
    microphones_problem: str = ""
    bluetooth: tuple[RadioDevice, ...] = ()
    bluetooth_profiles: tuple[str, ...] = ()
    bluetooth_problem: str = ""
    bluetooth_looking: bool = False
    questions: dict[str, tuple[Question, ...]] = {}
    network: tuple[NetworkKind, ...] = ()


class Radio(msgspec.Struct, frozen=True):
    """What the last Bluetooth search found, or why it could not."""

    found: tuple[RadioDevice, ...] = ()
    problem: str = ""


class Sound(msgspec.Struct, frozen=True):
    """What the last look at the sound inputs found, or why it could not."""

    found: tuple[SoundInput, ...] = ()
    problem: str = ""


def look_at_sound() -> Sound:
    """Look for microphones; half a second."""
    try:
        return Sound(sound_inputs())
    except DeviceError as error:
        return Sound(problem=str(error))


def look_at_radio(look_s: float = SCAN_S) -> Radio:
    """Listen for ``look_s`` seconds to what advertises over Bluetooth."""
    try:
        return Radio(tuple(_known(device) for device in scan(look_s) if device.name))
    except DeviceError as error:
        return Radio(problem=str(error))


def discover(
    look_s: float = 1.0, sound: Sound | None = None, radio: Radio | None = None
) -> Found:
    """Look for serial ports and, for ``look_s`` seconds, for LSL streams.

    Parameters
    ----------
    look_s
        How long to wait for LSL streams.
    sound
        What was found before; None = look now.
    radio
        What a Bluetooth search has found; None = nobody asked for one.
    """
    sound = sound or look_at_sound()
    radio = radio or Radio()
    problems = list(own_problems())
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
        microphones=sound.found,
        microphones_problem=sound.problem,
        bluetooth=radio.found,
        bluetooth_profiles=(*_radio_profiles(), FTMS),
        bluetooth_problem=radio.problem,
        questions=questions(),
        network=network_kinds(),
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
        self._sound: Sound | None = None
        self._sound_s = 0.0
        self._radio = Radio()
        self._radio_thread: threading.Thread | None = None

    def newest(self, *, bluetooth: bool = False) -> Found:
        """Return what the last look found, and begin another unless one runs.

        ``bluetooth``: search there, too, for eight seconds. Only when asked: searching
        disturbs the Bluetooth devices that are connected.
        """
        with self._lock:
            looking = self._radio_thread is not None and self._radio_thread.is_alive()
            if bluetooth and not looking:
                self._radio_thread = threading.Thread(
                    target=self._look_at_radio, name="Bluetooth search", daemon=True
                )
                self._radio_thread.start()
                looking = True
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._look, name="device search", daemon=True
                )
                self._thread.start()
            return msgspec.structs.replace(self._found, bluetooth_looking=looking)

    def _look(self) -> None:
        if self._sound is None or now_s() - self._sound_s > SOUND_EVERY_S:
            self._sound, self._sound_s = look_at_sound(), now_s()
        found = discover(sound=self._sound)
        with self._lock:
            self._found = self._with_radio(found)

    def _look_at_radio(self) -> None:
        radio = look_at_radio()
        with self._lock:
            self._radio = radio
            self._found = self._with_radio(self._found)

    def _with_radio(self, found: Found) -> Found:
        return msgspec.structs.replace(
            found,
            bluetooth=self._radio.found,
            bluetooth_problem=self._radio.problem,
        )


def _known(device: BleDevice) -> RadioDevice:
    """Return a Bluetooth device with the profiles that may fit it."""
    services = {service.lower() for service in device.services}
    fits = [
        name
        for name, (service, prefix) in _radio_profiles().items()
        if service.lower() in services or (prefix and device.name.startswith(prefix))
    ]
    fits += [FTMS] if ftms.SERVICE in services else []
    return RadioDevice(device.address, device.name, device.rssi_dbm, tuple(fits))


def _radio_profiles() -> dict[str, tuple[str, str]]:
    """Return service and name prefix of every Bluetooth profile."""
    loaded = {name: load_profile(name).transport for name in profile_names()}
    return {
        name: (transport.service, transport.name_prefix)
        for name, transport in loaded.items()
        if transport.type == "ble_notify"
    }


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
    lines.append(f"Microphones: {len(found.microphones) or 'none'}")
    for sound in found.microphones:
        default = ", the system's default" if sound.is_default else ""
        lines.append(f"  {sound.name}{default}")
        if sound.problem:
            lines.append(f"    {sound.problem}")
    if found.bluetooth:
        lines.append(f"Bluetooth: {len(found.bluetooth)}")
    for radio in found.bluetooth:
        fits = ", ".join(radio.profiles) or "no profile"
        lines.append(
            f"  {radio.name}  ({radio.address}, {radio.rssi_dbm} dBm, fits: {fits})"
        )
    told = (found.microphones_problem, found.bluetooth_problem)
    return "\n".join([*lines, *found.problems, *filter(None, told)])


def main(arguments: list[str] | None = None) -> int:
    """Look once and print what is there; exit code 1 when LSL cannot be searched."""
    parser = argparse.ArgumentParser(
        prog="python -m drivers.discovery", description="What is connected."
    )
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--bluetooth", action="store_true", help="8 s longer")
    options = parser.parse_args(arguments)
    found = discover(radio=look_at_radio() if options.bluetooth else None)
    text = msgspec.json.encode(found).decode() if options.json else as_text(found)
    sys.stdout.write(text + "\n")
    return 1 if found.problems else 0


if __name__ == "__main__":
    sys.exit(main())
