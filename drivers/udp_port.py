"""UDP ports: datagrams that a device or its app sends to this machine."""

from __future__ import annotations

import contextlib
import errno
import select
import socket
from typing import Final

from lablive.errors import DeviceError

_DATAGRAM_BYTES: Final = 65536
_BUFFER_BYTES: Final = 1 << 20  # seconds of data: the reader may be late
_AT_ONCE: Final = 4096
_STILL: Final = "Other devices and the recording go on."


class UdpPort:
    """A UDP port of this machine.

    Parameters
    ----------
    port
        Where to listen; 0 = any free port (see ``port`` after opening).
    bind
        Local address; ``0.0.0.0`` = every network of this machine.
    """

    def __init__(self, port: int, bind: str = "0.0.0.0") -> None:
        self.port = port
        self._bind = bind
        self._socket: socket.socket | None = None
        self._sender: tuple[str, int] | None = None

    def open(self) -> None:
        """Listen; raises DeviceError ``busy``, ``permission`` or ``missing``."""
        found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            found.bind((self._bind, self.port))
        except OSError as error:
            found.close()
            raise self._open_error(error) from error
        found.setblocking(False)
        self.port = found.getsockname()[1]
        self._socket = found

    def read(self, timeout_s: float) -> list[bytes]:
        """Return all datagrams there are, each by itself."""
        found = self._socket
        pieces: list[bytes] = []
        try:
            if found and select.select((found,), (), (), timeout_s)[0]:
                with contextlib.suppress(BlockingIOError):
                    for _ in range(_AT_ONCE):
                        data, self._sender = found.recvfrom(_DATAGRAM_BYTES)
                        pieces.append(data)
        except (OSError, ValueError) as error:
            if not pieces:
                raise self._gone(error) from error
        return pieces

    def write(self, data: bytes) -> None:
        """Answer whoever sent the last datagram; nobody yet = nothing is sent."""
        try:
            if self._socket and self._sender:
                self._socket.sendto(data, self._sender)
        except OSError as error:
            raise self._gone(error) from error

    def close(self) -> None:
        """Stop listening."""
        found, self._socket = self._socket, None
        if found:
            with contextlib.suppress(OSError):
                found.close()

    def _open_error(self, error: OSError) -> DeviceError:
        where = f"{self._bind}:{self.port}"
        if error.errno == errno.EADDRINUSE:
            return DeviceError(
                "busy",
                f"UDP port {self.port} is used by another program.",
                still=_STILL,
                todo="Close that program, or set another port here and in the device.",
            )
        if error.errno in (errno.EACCES, errno.EPERM):
            return DeviceError(
                "permission",
                f"You may not listen on {where}.",
                still=_STILL,
                todo="Use a port above 1023, here and in the device.",
            )
        return DeviceError(
            "missing",
            f"Cannot listen on {where} ({error.strerror or error}).",
            still=_STILL,
            todo='Check the address; "0.0.0.0" listens everywhere.',
        )

    def _gone(self, error: Exception) -> DeviceError:
        return DeviceError(
            "unplugged",
            f"UDP port {self.port} failed ({error}).",
            still=_STILL,
            todo="Check the network; it is opened again by itself.",
        )
