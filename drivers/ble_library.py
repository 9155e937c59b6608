"""Bluetooth low energy: the library, its one event loop, its errors in plain words.

Nothing here has been tried on a radio: see docs/architecture.md.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import sys
import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType

T = TypeVar("T")

STILL: Final = "Other devices and the recording go on."
SCAN_S: Final = 8.0
_ANSWER_S: Final = 2.0  # beyond the time a call may take by itself


class BleDevice(msgspec.Struct, frozen=True):
    """A device that advertises; ``address`` is a UUID on a Mac."""

    address: str
    name: str
    services: tuple[str, ...]
    rssi_dbm: int


def load_bleak() -> ModuleType:
    """Return :mod:`bleak`; raises DeviceError ``library``."""
    try:
        import bleak
    except ImportError as error:
        raise DeviceError(
            "library",
            f"The Bluetooth library cannot be loaded ({error}).",
            still="Everything but Bluetooth works.",
            todo='Type: pip install "bleak>=3.1"',
        ) from error
    return bleak


class _Loop:
    """An event loop in a thread of its own, made when it is first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def get(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=self._loop.run_forever, name="Bluetooth", daemon=True
                ).start()
            return self._loop


_LOOP: Final = _Loop()


def run(work: Coroutine[Any, Any, T], at_most_s: float, who: str) -> T:
    """Run ``work`` in the Bluetooth thread and wait for it.

    Parameters
    ----------
    work
        What bleak is asked to do.
    at_most_s
        Longest wait; the work is cancelled then.
    who
        The device as a person calls it.

    Raises
    ------
    DeviceError
        Whatever went wrong, in one message.
    """
    future = asyncio.run_coroutine_threadsafe(work, _LOOP.get())
    try:
        return future.result(at_most_s)
    except concurrent.futures.CancelledError as error:
        raise _timeout(who) from error
    except TimeoutError as error:
        future.cancel()
        raise _timeout(who) from error
    except DeviceError:
        raise
    except Exception as error:  # three systems' own kinds come through
        raise ble_error(error, who) from error


def scan(look_s: float = SCAN_S) -> tuple[BleDevice, ...]:
    """Return what advertises within ``look_s`` seconds, nearest first.

    Raises
    ------
    DeviceError
        There is no adapter, it is off, or it may not be used.
    """
    scanner = load_bleak().BleakScanner
    seen = run(
        scanner.discover(timeout=look_s, return_adv=True),
        look_s + _ANSWER_S,
        "The Bluetooth search",
    )
    found = [
        BleDevice(
            device.address,
            told.local_name or device.name or "",
            tuple(told.service_uuids),
            told.rssi,
        )
        for device, told in seen.values()
    ]
    return tuple(sorted(found, key=lambda device: -device.rssi_dbm))


def ble_error(error: Exception, who: str) -> DeviceError:
    """Return what went wrong with ``who`` as one message with a remedy."""
    kind = type(error).__name__
    reason = getattr(getattr(error, "reason", None), "name", "")
    text = f"{reason} {error}"
    if reason == "POWERED_OFF" or "org.bluez.Error.NotReady" in text:
        return DeviceError(
            "missing",
            "Bluetooth is switched off.",
            still=STILL,
            todo="Switch it on in the system's settings (Linux: rfkill unblock "
            "bluetooth).",
        )
    if reason.startswith("DENIED") or any(
        word in text for word in ("AccessDenied", "NotAuthorized", "NotPermitted")
    ):
        return DeviceError(
            "permission",
            "LabLive may not use Bluetooth.",
            still=STILL,
            todo=_permission(),
        )
    no_service = isinstance(error, FileNotFoundError | ConnectionRefusedError)
    if kind == "BleakBluetoothNotAvailableError" or no_service or _no_bluez(text):
        return DeviceError(
            "missing",
            "This computer has no Bluetooth adapter, or its Bluetooth service is not "
            "running.",
            still=STILL,
            todo="Plug a Bluetooth 5 adapter in (Linux: sudo systemctl start "
            "bluetooth).",
        )
    if kind == "BleakDeviceNotFoundError":
        return not_found(who)
    if kind == "BleakCharacteristicNotFoundError":
        return DeviceError(
            "protocol",
            f"{who} does not have what its profile names ({error}).",
            still=STILL,
            todo="Choose the profile of this device, or bring its firmware up to date.",
        )
    return DeviceError(
        "unplugged",
        f"{who}: Bluetooth failed ({str(error) or kind}).",
        still=STILL,
        todo="Switch the device off and on, keep it within 5 m, and end other "
        "programs or phones that hold it; it is tried again by itself.",
    )


def not_found(who: str) -> DeviceError:
    """Return the error of a device that does not advertise."""
    return DeviceError(
        "missing",
        f"{who} was not found over Bluetooth.",
        still=STILL,
        todo="Switch it on, keep it within 5 m, and disconnect it from phones and "
        "vendor programs; it comes back by itself.",
    )


def _timeout(who: str) -> DeviceError:
    return DeviceError(
        "timeout",
        f"{who} did not answer over Bluetooth in time.",
        still=STILL,
        todo="Switch it off and on and keep it within 5 m; it is tried again by "
        "itself.",
    )


def _no_bluez(text: str) -> bool:
    return "ServiceUnknown" in text or "org.bluez was not provided" in text


def _permission() -> str:
    if sys.platform == "darwin":
        return "Allow it in System Settings, Privacy & Security, Bluetooth."
    if sys.platform == "win32":
        return "Allow it in Settings, Privacy & security, Radios."
    return "Type: sudo usermod -aG bluetooth $USER, then log out and in."
