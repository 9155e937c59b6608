"""The microphones of this machine, and what speaks against each.

Also a program, ``python -m drivers.audio_search``: PortAudio ends the whole process
when it dislikes a sound configuration, which must not happen to the host.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.errors import DeviceError
from lablive.programs import NO_CONSOLE, own_program
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

STILL: Final = "Other devices and the recording go on."
_SEARCH_S: Final = 10.0
# one host interface per system: the others list the same microphones again
_INTERFACES: Final = {"win32": "Windows WASAPI", "darwin": "Core Audio"}
# names of ALSA's plumbing, which are no microphones
_PLUMBING: Final = re.compile(
    r"^(sysdefault|front|rear|surround\d+|side|center_lfe|iec958|spdif|dmix|dsnoop|"
    r"lavrate|samplerate|speexrate|speex|upmix|vdownmix|jack|oss|null|a52|hdmi)\b"
)
_CARD: Final = re.compile(r"\s*\((?:plug)?hw:[^)]*\)\s*$")  # its number may change
_SERVERS: Final = ("default", "pulse", "pipewire")
_HEADSET: Final = re.compile(
    r"blue(tooth|z)|hands-?free|airpods|\b(hfp|hsp|a2dp)\b|headset.*\b(bt|ag)\b", re.I
)
_TELEPHONE_HZ: Final = 16_000.0
_ASK_S: Final = 1.0


class SoundInput(msgspec.Struct, frozen=True):
    """A sound input; ``problem`` says why it cannot be used, "" = it can."""

    name: str
    rate_hz: float
    channels: int
    is_default: bool = False
    problem: str = ""


class SoundOutput(msgspec.Struct, frozen=True):
    """A loudspeaker or headphones."""

    name: str
    rate_hz: float
    is_default: bool = False


def sound_inputs() -> tuple[SoundInput, ...]:
    """Return the sound inputs there are now, looked for by a program of its own.

    Raises
    ------
    DeviceError
        ``library``: the sound library is missing or failed.
    """
    command = own_program("drivers.audio_search")
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, timeout=_SEARCH_S, check=False,
            creationflags=NO_CONSOLE,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise _no_answer(f"{type(error).__name__}") from error
    if told.returncode == 1 and told.stderr.strip():
        raise DeviceError("library", told.stderr.strip().splitlines()[-1])
    if told.returncode:
        raise _no_answer(f"it ended with code {told.returncode}")
    return from_json(told.stdout, tuple[SoundInput, ...])


def load_sound() -> ModuleType:
    """Return :mod:`sounddevice`; raises DeviceError ``library`` when it is missing."""
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        packaged = sys.platform.startswith("linux") and isinstance(error, OSError)
        raise DeviceError(
            "library",
            f"The sound library cannot be loaded ({error}).",
            still="Everything but microphones works.",
            todo="Type: sudo apt install libportaudio2"
            if packaged
            else 'Type: pip install "sounddevice>=0.5"',
        ) from error
    return sounddevice


def listed(sound: Any) -> list[tuple[int, SoundInput]]:
    """Return the inputs that a loaded library lists, each with its number there."""
    return [
        (number, _input(device, is_default=is_default))
        for number, device, is_default in _devices(sound, "input")
    ]


def loudspeakers(sound: Any) -> list[tuple[int, SoundOutput]]:
    """Return the outputs that a loaded library lists, each with its number there."""
    return [
        (
            number,
            SoundOutput(
                str(device["name"]), float(device["default_samplerate"]), is_default
            ),
        )
        for number, device, is_default in _devices(sound, "output")
    ]


def _devices(sound: Any, way: str) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Yield (number, device, is default) of every input or output."""
    try:
        devices, interfaces = sound.query_devices(), sound.query_hostapis()
    except sound.PortAudioError:
        return
    wanted = _INTERFACES.get(sys.platform)
    defaults = {api[f"default_{way}_device"] for api in interfaces}
    for number, device in enumerate(devices):
        if (
            device[f"max_{way}_channels"] > 0
            and wanted in (None, interfaces[device["hostapi"]]["name"])
            and not _PLUMBING.match(device["name"])
        ):
            yield number, device, number in defaults


def same_name(name: str) -> str:
    """Return a name without its card number, which changes with the socket."""
    return _CARD.sub("", name)


def headset_problem(name: str, rate_hz: float) -> str:
    """Say why an input cannot measure footfalls, "" when nothing is against it."""
    if _HEADSET.search(name):
        return (
            f'"{name}" is a Bluetooth headset: it hears no more than 8 kHz, is a fifth '
            "of a second late and evens loudness out. Use a microphone with a cable."
        )
    if 0 < rate_hz <= _TELEPHONE_HZ:
        return (
            f'"{name}" gives {rate_hz:g} samples a second, as a telephone does; 44100 '
            "are needed. Use a microphone with a cable, or choose another format in "
            "the system's sound settings."
        )
    return ""


def _input(device: dict[str, Any], *, is_default: bool) -> SoundInput:
    name, rate_hz = str(device["name"]), float(device["default_samplerate"])
    source = _server_source() if name in _SERVERS else ""
    problem = headset_problem(name, rate_hz) or headset_problem(source, rate_hz)
    return SoundInput(
        name, rate_hz, int(device["max_input_channels"]), is_default, problem
    )


def _server_source() -> str:
    """Return what the sound server listens to, "" = it cannot be asked."""
    try:
        told = subprocess.run(
            ("pactl", "get-default-source"),
            capture_output=True,
            text=True,
            timeout=_ASK_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip()


def _no_answer(why: str) -> DeviceError:
    return DeviceError(
        "library",
        f"The sound system could not be searched ({why}).",
        still="Everything but microphones works.",
        todo="Check the system's sound settings, on Linux also ~/.asoundrc.",
    )


def main() -> int:
    """Print the inputs as JSON; exit code 1 with one message when there is no way."""
    try:
        found = [entry for _, entry in listed(load_sound())]
    except DeviceError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
