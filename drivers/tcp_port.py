"""TCP ports: a connection to a device that sends a stream of bytes."""

from __future__ import annotations

import contextlib
import select
import socket
from typing import Final

from lablive.errors import DeviceError

_CONNECT_S: Final = 3.0
_WRITE_S: Final = 0.5
_READ_BYTES: Final = 65536
_STILL: Final = "Other devices and the recording go on."


class TcpPort:
    """One TCP connection.

    Parameters
    ----------
    host, port
        Where the device listens.
    """

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Connect; raises DeviceError ``missing`` or ``timeout``."""
        host, port = self._address
        try:
            found = socket.create_connection(self._address, timeout=_CONNECT_S)
        except TimeoutError as error:
            raise DeviceError(
                "timeout",
                f"{host}:{port} does not answer.",
                still=_STILL,
                todo="Check that the device is on and in the same network.",
            ) from error
        except OSError as error:
            raise DeviceError(
                "missing",
                f"{host}:{port} cannot be reached ({error.strerror or error}).",
                still=_STILL,
                todo="Check address and port, and that the device's program runs.",
            ) from error
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        found.settimeout(_WRITE_S)
        self._socket = found

    def read(self, timeout_s: float) -> list[bytes]:
        """Return all bytes there are; raises DeviceError when the device hung up."""
        found = self._socket
        pieces: list[bytes] = []
        try:
            while found and select.select((found,), (), (), timeout_s)[0]:
                data = found.recv(_READ_BYTES)
                if not data and not pieces:
                    raise self._gone("it closed the connection")
                if data:
                    pieces.append(data)
                if len(data) < _READ_BYTES:
                    break
                timeout_s = 0.0
        except (OSError, ValueError) as error:
            raise self._gone(str(error)) from error
        return pieces

    def write(self, data: bytes) -> None:
        """Send bytes; raises DeviceError when they cannot leave within 0.5 s."""
        try:
            if self._socket:
                self._socket.sendall(data)
        except OSError as error:
            raise self._gone(str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        found, self._socket = self._socket, None
        if found:
            with contextlib.suppress(OSError):
                found.close()

    def _gone(self, why: str) -> DeviceError:
        host, port = self._address
        return DeviceError(
            "unplugged",
            f"{host}:{port} is gone ({why}).",
            still=_STILL,
            todo="Check the device; it is connected again by itself.",
        )
