"""What goes over the control link: JSON messages, one per line, errors among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from lablive.errors import (
    ConfigError,
    DeviceError,
    LabLiveError,
    LinkError,
    RecordingError,
)
from lablive.structs import from_json

if TYPE_CHECKING:
    import socket

T = TypeVar("T")

PROTOCOL: Final = 1
MAX_LINE: Final = 1 << 20
_KINDS: Final = {
    kind.__name__: kind
    for kind in (LabLiveError, ConfigError, LinkError, RecordingError)
}


class Fault(msgspec.Struct, frozen=True):
    """A :class:`LabLiveError` as a message."""

    kind: str
    what: str
    still: str = ""
    todo: str = ""
    device: str = ""  # DeviceError.kind


class Hello(msgspec.Struct, frozen=True):
    """First line of a client."""

    token: str
    version: int = PROTOCOL


class Request(msgspec.Struct, frozen=True):
    """A question of a client."""

    id: int
    method: str
    params: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True):
    """What the host answers to the request ``id``; 0 answers the first line."""

    id: int
    result: Any = None
    error: Fault | None = None


class Lines:
    """Lines read from a socket, none much longer than 1 MiB."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._bytes = bytearray()

    def read(self) -> bytes | None:
        """Return the next line; None when the peer is gone (a part line is dropped).

        Raises
        ------
        LinkError
            The line is too long.
        OSError
            The connection broke, or the socket's time limit passed.
        """
        searched = 0
        while (end := self._bytes.find(b"\n", searched)) < 0:
            searched = len(self._bytes)
            if searched > MAX_LINE:
                raise too_long("A message")
            piece = self._sock.recv(1 << 16)
            if not piece:
                return None
            self._bytes += piece
        line = bytes(self._bytes[:end])
        del self._bytes[: end + 1]
        return line


def line(message: msgspec.Struct) -> bytes:
    """Return a message as one line."""
    return msgspec.json.encode(message) + b"\n"


def message(text: bytes, kind: type[T]) -> T:
    """Read a line back into a message.

    Raises
    ------
    LinkError
        The line is not such a message.
    """
    try:
        return from_json(text, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise LinkError(
            f"A message on the control link cannot be read: {error}.",
            still="What is being recorded goes on.",
            todo="Restart the app; app and host may be of different versions.",
        ) from error


def too_long(what: str) -> LinkError:
    """Return the error for a line over the limit."""
    return LinkError(
        f"{what} on the control link is longer than {MAX_LINE} bytes.",
        still="What is being recorded goes on.",
        todo="This is a fault of the program; please report it.",
    )


def fault_of(error: LabLiveError) -> Fault:
    """Return an error as a message; unknown kinds become the nearest known one."""
    told = error.what, error.still, error.todo
    if isinstance(error, DeviceError):
        return Fault(DeviceError.__name__, *told, error.kind)
    names = (kind.__name__ for kind in type(error).__mro__)
    return Fault(next(name for name in names if name in _KINDS), *told)


def error_of(fault: Fault) -> LabLiveError:
    """Return the error of a message, of the same kind as it was."""
    still, todo = fault.still, fault.todo
    if fault.kind == DeviceError.__name__:
        return DeviceError(fault.device, fault.what, still=still, todo=todo)
    kind = _KINDS.get(fault.kind, LabLiveError)
    return kind(fault.what, still=still, todo=todo)
