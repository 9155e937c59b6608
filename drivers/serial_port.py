"""Serial ports: opened exclusively, read without delay, lost with a clear message."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import serial
from serial.tools import list_ports

from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drivers.profile import UsbId

if sys.platform == "win32":
    _TERMINAL_ERRORS: tuple[type[Exception], ...] = ()
else:
    import grp
    import termios

    _TERMINAL_ERRORS: tuple[type[Exception], ...] = (termios.error,)

# TypeError and ValueError: pyserial after a hang-up; termios.error is no OSError
WIRE_ERRORS: Final = (OSError, TypeError, ValueError, *_TERMINAL_ERRORS)

_READ_BYTES: Final = 65536
_MORE_BYTES: Final = 1024  # a terminal hands out at most 4 kB at once
_WINDOWS_BUFFER: Final = 1 << 20
_WRITE_S: Final = 0.5
_DRAIN_S: Final = 0.1
_DRAIN_STEP_S: Final = 0.005
_USB_ID: Final = re.compile(r"^([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(.+))?$")
_STILL: Final = "Other devices and the recording go on."


class SerialFound(NamedTuple):
    """A serial port that is there; ``vid`` and ``pid`` are -1 when it is not USB."""

    path: str
    vid: int
    pid: int
    serial_number: str
    description: str

    @property
    def identity(self) -> str:
        """``VID:PID:SERIAL``, which stays when the cable is put into another socket."""
        if self.vid < 0:
            return self.path
        ids = f"{self.vid:04X}:{self.pid:04X}"
        return f"{ids}:{self.serial_number}" if self.serial_number else ids


def serial_ports() -> list[SerialFound]:
    """Return the serial ports of this machine (pseudo-terminals are never listed)."""
    try:
        listed = list_ports.comports()
    except WIRE_ERRORS:  # may fail while a cable is being pulled
        return []
    return [
        SerialFound(
            path=port.device,
            vid=-1 if port.vid is None else port.vid,
            pid=-1 if port.pid is None else port.pid,
            serial_number=port.serial_number or "",
            description=(port.description or "").replace("n/a", ""),
        )
        for port in listed
    ]


def port_problem(path: str) -> str:
    """Return why a port may not be opened and what to do, "" when it may."""
    if sys.platform == "win32" or os.access(path, os.R_OK | os.W_OK):
        return ""
    return f"You may not open {path}. {_permission_line(path)}"


def resolve_port(spec: str, usb: Sequence[UsbId] = ()) -> str:
    """Return the path of the port that is meant.

    Parameters
    ----------
    spec
        A path, ``VID:PID`` or ``VID:PID:SERIAL``; empty = any port of ``usb``.
    usb
        Identities named by the profile, used when ``spec`` is empty.

    Raises
    ------
    DeviceError
        ``missing`` with what is there instead, or ``ambiguous`` with the candidates.
    """
    match = _USB_ID.match(spec)
    if spec and not match:
        return spec
    found = serial_ports()
    if match:
        vid, pid, number = int(match[1], 16), int(match[2], 16), match[3]
        wanted = [
            port
            for port in found
            if (port.vid, port.pid) == (vid, pid)
            and (number is None or port.serial_number == number)
        ]
    else:
        ids = {(known.vid, known.pid) for known in usb}
        wanted = [port for port in found if (port.vid, port.pid) in ids]
    if len(wanted) == 1:
        return wanted[0].path
    what = spec or ", ".join(f"{known.vid:04X}:{known.pid:04X}" for known in usb)
    if wanted:
        listing = ", ".join(f"{port.path} ({port.identity})" for port in wanted)
        raise DeviceError(
            "ambiguous",
            f"Several ports could be {what}: {listing}.",
            still=_STILL,
            todo="Name one of them as the port.",
        )
    listing = ", ".join(f"{port.path} ({port.identity})" for port in found) or "none"
    raise DeviceError(
        "missing",
        f"No serial port {what or 'was named'}; ports on this machine: {listing}."
        if what
        else f"No serial port was named; ports on this machine: {listing}.",
        still=_STILL,
        todo="Plug the device in, or name its port.",
    )


class SerialPort:
    """One serial line, 8N1.

    Parameters
    ----------
    path
        ``/dev/ttyUSB0``, ``COM3`` or a pseudo-terminal.
    baud
        Bits per second.
    dtr, rts
        Modem lines, set before opening: high resets many Arduino and ESP32 boards.
    exclusive
        Refuse to share the port with another program.
    """

    def __init__(
        self,
        path: str,
        baud: int,
        *,
        dtr: bool = False,
        rts: bool = False,
        exclusive: bool = True,
    ) -> None:
        self.path = path
        self._line = serial.Serial()
        self._line.port = path
        self._line.baudrate = baud
        self._line.dtr = dtr
        self._line.rts = rts
        self._line.timeout = 0
        self._line.write_timeout = _WRITE_S
        if sys.platform != "win32":
            self._line.exclusive = exclusive
        self._fd = -1

    def open(self) -> None:
        """Open the line and throw away what is waiting.

        Raises
        ------
        DeviceError
            ``missing``, ``busy``, ``permission`` or ``unplugged``.
        """
        try:
            self._line.open()
            # a pseudo-terminal has no latency timer, Windows has it in the driver
            with contextlib.suppress(*WIRE_ERRORS, NotImplementedError, AttributeError):
                self._line.set_low_latency_mode(True)
            if sys.platform == "win32":
                # 4096 bytes are 44 ms at 921600 baud: a pause would lose rows
                self._line.set_buffer_size(rx_size=_WINDOWS_BUFFER)
            self._line.reset_input_buffer()
        except WIRE_ERRORS as error:
            self.close()
            raise _open_error(self.path, error) from error
        if sys.platform != "win32":
            self._fd = self._line.fileno()

    def set_baud(self, baud: int) -> None:
        """Change the speed of the open line and throw away what is waiting."""
        try:
            self._line.baudrate = baud
            if self._line.is_open:
                self._line.reset_input_buffer()
        except WIRE_ERRORS as error:
            raise self._gone(error) from error

    def read(self, timeout_s: float) -> list[bytes]:
        """Return all bytes there are, waiting ``timeout_s`` for the first.

        Raises
        ------
        DeviceError
            The device was unplugged, or another program reads the same port.
        """
        try:
            data = (
                self._read_posix(timeout_s) if self._fd >= 0 else self._read(timeout_s)
            )
        except WIRE_ERRORS as error:
            raise self._gone(error) from error
        return [data] if data else []

    def write(self, data: bytes) -> None:
        """Send bytes; raises DeviceError when they cannot leave within 0.5 s."""
        try:
            self._line.write(data)
        except serial.SerialTimeoutException as error:
            raise DeviceError(
                "timeout",
                f"{self.path} takes no bytes.",
                still=_STILL,
                todo="Check the device and its flow control.",
            ) from error
        except WIRE_ERRORS as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Let go of the line; what cannot leave within 0.1 s is dropped."""
        self._fd = -1
        with contextlib.suppress(*WIRE_ERRORS, serial.PortNotOpenError):
            if self._line.is_open:
                self._drain()
        with contextlib.suppress(*WIRE_ERRORS):
            self._line.close()

    def _drain(self) -> None:
        """Let a stop command leave; drop the rest, or closing would wait for it."""
        until_s = now_s() + _DRAIN_S
        while self._line.out_waiting and now_s() < until_s:
            time.sleep(_DRAIN_STEP_S)
        if self._line.out_waiting:
            self._line.reset_output_buffer()

    def _read_posix(self, timeout_s: float) -> bytes:
        # select and read without pyserial's own loop: a wake-up costs a quarter
        fd = self._fd
        if not select.select((fd,), (), (), timeout_s)[0]:
            return b""
        data = os.read(fd, _READ_BYTES)
        if not data:
            raise OSError(errno.EIO, "the other end hung up")
        pieces = [data]
        while len(data) >= _MORE_BYTES and select.select((fd,), (), (), 0)[0]:
            try:
                data = os.read(fd, _READ_BYTES)
            except OSError:  # what came before the hang-up counts; told next time
                break
            pieces.append(data)
        return b"".join(pieces) if len(pieces) > 1 else data

    def _read(self, timeout_s: float) -> bytes:
        self._line.timeout = timeout_s
        first = self._line.read(max(1, self._line.in_waiting))
        waiting = self._line.in_waiting if first else 0
        return first + self._line.read(waiting) if waiting else first

    def _gone(self, error: Exception) -> DeviceError:
        return DeviceError(
            "unplugged",
            f"{self.path} is gone ({_short(error)}).",
            still=_STILL,
            todo="Plug the device in again; it comes back by itself.",
        )


def _open_error(path: str, error: Exception) -> DeviceError:
    number = getattr(error, "errno", None)
    said = str(error)
    if number == errno.ENOENT or "FileNotFoundError" in said:
        found = ", ".join(port.path for port in serial_ports()) or "none"
        return DeviceError(
            "missing",
            f"There is no port {path}; ports on this machine: {found}.",
            still=_STILL,
            todo="Plug the device in and check its name.",
        )
    windows_busy = "PermissionError" in said and sys.platform == "win32"
    if number in (errno.EBUSY, errno.EAGAIN) or windows_busy:
        return DeviceError(
            "busy",
            f"{path} is used by another program.",
            still=_STILL,
            todo="Close that program (a serial monitor, the vendor's app) and retry.",
        )
    if number in (errno.EACCES, errno.EPERM):
        return DeviceError(
            "permission",
            f"You may not open {path}.",
            still=_STILL,
            todo=_permission_line(path),
        )
    return DeviceError(
        "unplugged",
        f"{path} cannot be opened ({_short(error)}).",
        still=_STILL,
        todo="Unplug the device, plug it in again and retry.",
    )


def _permission_line(path: str) -> str:
    """Return the command that gives the user the port's group."""
    group = "dialout"
    if sys.platform != "win32":
        with contextlib.suppress(OSError, KeyError):
            found = Path(path).stat()
            name = grp.getgrgid(found.st_gid).gr_name
            if stat.S_IMODE(found.st_mode) & stat.S_IRGRP and name != "root":
                group = name
    return f'Type "sudo usermod -aG {group} $USER", then log out and in.'


def _short(error: Exception) -> str:
    return str(error).partition("\n")[0][:120] or type(error).__name__
