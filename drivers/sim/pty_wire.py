"""A serial device without hardware: one end of a pseudo-terminal."""

from __future__ import annotations

import os
import re
import select
from contextlib import suppress
from typing import TYPE_CHECKING

from lablive.clock import now_s
from lablive.errors import DeviceError

if TYPE_CHECKING:
    from collections.abc import Callable

_POLL_S = 0.01
_READ_BYTES = 4096
_FULL_MS = 50  # how often a full buffer is looked at for the parent's stop


class PtyWire:
    """A byte stream that another program opens like a serial port.

    ``path`` is what to open. Nothing is sent while nobody has it open, as with a
    USB device; what does not fit into the operating system's buffer is lost and
    told by ``send``. Closing it is pulling the cable: unread bytes are gone.
    """

    def __init__(self) -> None:
        try:
            import tty  # POSIX only, like the pseudo-terminal itself
        except ImportError as error:
            raise DeviceError(
                "missing",
                "This system has no pseudo-terminals, so the simulated insoles "
                "cannot be plugged in.",
                still="The simulated LSL streams work.",
                todo="Leave the insoles out: --streams imu,emg,level,speed.",
            ) from error
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path = os.ttyname(slave)
        os.close(slave)
        os.set_blocking(self._master, False)
        self._rest = b""
        self._poll = select.poll()
        self._poll.register(self._master, select.POLLOUT)

    @property
    def listened(self) -> bool:
        """Whether a program has the port open."""
        if self._master < 0:
            return False
        return not any(event & select.POLLHUP for _, event in self._poll.poll(0))

    def wait_for_reader(self, seconds: float) -> bool:
        """Wait until the port is opened; return whether it was."""
        end_s = now_s() + seconds
        while not self.listened:
            if now_s() >= end_s:
                return False
            select.select([], [], [], _POLL_S)
        return True

    def send(self, data: bytes) -> bool:
        """Send a whole frame; return False when the buffer was full and it is lost."""
        if not self._flush():
            return False
        self._rest = data
        self._flush()
        return True

    def send_all(self, data: bytes, stopped: Callable[[], bool]) -> bool:
        """Send everything as fast as it is read; False when the reader left first."""
        self._rest += data
        while not self._flush():
            if stopped() or not self.listened:
                return False
            self._poll.poll(_FULL_MS)
        return True

    def heard(self) -> bytes:
        """Return what the program wrote since the last look."""
        with suppress(BlockingIOError, OSError):  # OSError: nobody has it open
            return os.read(self._master, _READ_BYTES)
        return b""

    @property
    def baud(self) -> int:
        """Speed that the program has set, 0 = not one of the usual ones."""
        import termios

        code = termios.tcgetattr(self._master)[5]
        names = (name for name in dir(termios) if re.fullmatch(r"B\d+", name))
        return next((int(n[1:]) for n in names if getattr(termios, n) == code), 0)

    def close(self) -> None:
        """Pull the cable; may be called twice."""
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _flush(self) -> bool:
        """Write what is left of the last frame; return whether all of it went out."""
        with suppress(BlockingIOError):
            while self._rest:
                sent = os.write(self._master, self._rest)
                self._rest = self._rest[sent:]
        return not self._rest
