"""Devices that were connected here before: found again by what does not change.

A USB device is known by ``VID:PID:SERIAL``, whatever socket it is in; a Bluetooth one
by its address, an LSL stream by its ``source_id``, a networked one by its computer. A
port without a serial number cannot be told from others and is not remembered.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.errors import ConfigError
from lablive.messages import SourceSpec
from lablive.structs import from_json
from lablive.whole_file import replace_json

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE_NAME: Final = "devices.json"
OWN: Final = "lablive"  # simulated or published by LabLive: another name each time
MOST: Final = 60  # those that were used last
NOT_KEPT: Final = ("record_raw_audio",)  # speech: asked for anew each time
_USB: Final = re.compile(r"[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}:.+")
_RADIO: Final = re.compile(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|[0-9A-Fa-f-]{36}")


class KnownDevice(msgspec.Struct, frozen=True):
    """How a device was opened last, and when (``used``, ISO 8601)."""

    key: str
    spec: SourceSpec
    used: str


def key_of(spec: SourceSpec) -> str:
    """Return what a device is found again by; "" = it cannot be told from others.

    >>> key_of(SourceSpec("IMU", "profile", {"port": "2639:0300:DB42"}))
    'port 2639:0300:DB42'
    """
    options = spec.options
    port = str(options.get("port", ""))
    source_id = str(options.get("source_id", ""))
    if spec.driver == "lsl" and source_id and not source_id.startswith(OWN):
        return f"lsl {source_id}"
    if spec.driver == "microphone" and options.get("device"):
        return f"microphone {options['device']}"
    if _USB.fullmatch(port) or _RADIO.fullmatch(port):
        return f"port {port}"
    if is_typed(spec):
        host = options.get("host", "")
        return f"{spec.driver} {options.get('profile', '')} {host} {port}"
    return ""


def is_typed(spec: SourceSpec) -> bool:
    """Tell whether a device is opened by an address that a person typed."""
    return bool(spec.options.get("host")) or (
        spec.driver == "profile" and str(spec.options.get("port", "")).isdecimal()
    )


def known_devices(library: Path) -> tuple[KnownDevice, ...]:
    """Return every device that was connected before, the last used one first.

    Raises
    ------
    ConfigError
        The file cannot be read.
    """
    path = library / FILE_NAME
    if not path.exists():
        return ()
    try:
        return from_json(path.read_bytes(), tuple[KnownDevice, ...])
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}).",
            still="Devices can be connected; they are not remembered.",
            todo="Move that file away.",
        ) from error


def remember(library: Path, specs: Iterable[SourceSpec]) -> tuple[KnownDevice, ...]:
    """Keep how devices were opened; return all that are known now.

    Raises
    ------
    ConfigError
        The file cannot be read or written; it is as it was.
    """
    used = datetime.now().astimezone().isoformat(timespec="seconds")
    fresh = {
        key: KnownDevice(key, _kept(spec), used)
        for spec in specs
        if (key := key_of(spec))
    }
    known = known_devices(library)
    if not fresh:
        return known
    others = tuple(it for it in known if it.key not in fresh)
    return _write(library, (*fresh.values(), *others)[:MOST])


def forget(library: Path, key: str) -> tuple[KnownDevice, ...]:
    """Drop a device; return those that are left; raises ConfigError."""
    return _write(library, tuple(it for it in known_devices(library) if it.key != key))


def _kept(spec: SourceSpec) -> SourceSpec:
    options = {key: it for key, it in spec.options.items() if key not in NOT_KEPT}
    return msgspec.structs.replace(spec, options=options)


def _write(library: Path, known: tuple[KnownDevice, ...]) -> tuple[KnownDevice, ...]:
    path = library / FILE_NAME
    try:
        library.mkdir(parents=True, exist_ok=True)
        replace_json(path, known)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written ({error.strerror or error}).",
            still="The devices are connected; they are not remembered.",
            todo="Allow yourself to write there, or set LABLIVE_HOME elsewhere.",
        ) from error
    return known
