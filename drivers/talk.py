"""Question and answer with a device before its data are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.base import READ_S
from drivers.serial_port import SerialPort
from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from drivers.base import Port

    T = TypeVar("T")

STILL: Final = "Other devices and the recording go on."


class Talk:
    """Ask a device.

    Parameters
    ----------
    port
        An open port.
    stop
        Set when the driver is being closed: waiting ends at once.
    name
        The device as a person calls it.

    Attributes
    ----------
    rest
        What was heard last, for the judge of the next question or for the data.
    """

    def __init__(self, port: Port, stop: threading.Event, name: str) -> None:
        self._port = port
        self._stop = stop
        self._name = name
        self.rest = b""

    def send(self, data: bytes, wait_s: float = 0.0) -> None:
        """Send, then give the device ``wait_s`` before the next word."""
        self._port.write(data)
        if wait_s > 0:
            self._stop.wait(wait_s)

    def listen(self, judge: Callable[[bytes], T | None], at_most_s: float) -> T | None:
        """Hear until ``judge`` of everything heard returns something.

        Returns
        -------
        T or None
            What the judge returned, None when the time is over.

        Raises
        ------
        DeviceError
            The wire is gone, or the driver is being closed.
        """
        heard = self.rest
        end_s = now_s() + at_most_s
        while True:
            if self._stop.is_set():
                raise DeviceError("unplugged", f"{self._name} is being disconnected.")
            more = b"".join(self._port.read(READ_S))
            heard += more
            found = judge(heard) if more or heard else None
            self.rest = heard
            if found is not None:
                return found
            if now_s() > end_s:
                return None

    def ask(
        self, data: bytes, judge: Callable[[bytes], T | None], at_most_s: float
    ) -> T | None:
        """Forget what was heard, send, and listen."""
        self.rest = b""
        self.send(data)
        return self.listen(judge, at_most_s)

    def drop(self, quiet_s: float, at_most_s: float) -> None:
        """Throw away what still comes until the line is quiet for ``quiet_s``."""
        end_s = now_s() + at_most_s
        while self._port.read(quiet_s) and now_s() < end_s:
            if self._stop.is_set():
                break
        self.rest = b""


def set_baud(port: Port, baud: int) -> None:
    """Change the speed of a serial line; other ports have none."""
    if isinstance(port, SerialPort):
        port.set_baud(baud)


def find_baud(
    port: Port, bauds: Sequence[int], answers: Callable[[], bool], name: str
) -> int:
    """Try speeds until the device is understood.

    Raises
    ------
    DeviceError
        ``baud``: it is understood at none of them.
    """
    for baud in bauds:
        set_baud(port, baud)
        if answers():
            return baud
    tried = ", ".join(str(baud) for baud in bauds)
    raise DeviceError(
        "baud",
        f"No {name} answers at {tried} baud.",
        still=STILL,
        todo="Check power and cable, and that this port is the device.",
    )
