"""A simulated serial device behind a pseudo-terminal: it answers, and it streams."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

from drivers.sim.insole_wire import Faults, FaultyWire
from drivers.sim.noise import generator
from drivers.sim.pty_wire import PtyWire
from lablive.clock import now_s

if TYPE_CHECKING:
    from types import TracebackType

_STEP_S: Final = 0.002
_JUNK_EVERY_S: Final = 0.01


class Simulated(Protocol):
    """What a device says; it knows no wire.

    Attributes
    ----------
    baud
        The speed at which it speaks.
    rate_hz
        Frames per second while it streams, 0 = it does not.
    """

    baud: int
    rate_hz: float

    def answer(self, data: bytes) -> bytes:
        """Take what was sent to it and return what it says."""
        ...

    def frame(self, number: int) -> bytes:
        """Return the data of row ``number``."""
        ...


class PtyDevice:
    """Run a simulated device in a thread until closed.

    A program that has set another speed hears noise and is not understood.

    Attributes
    ----------
    path
        What to open, like a serial port.
    sent
        Rows sent; with faults, rows that left the device.
    """

    def __init__(self, device: Simulated, faults: Faults | None = None) -> None:
        self.device = device
        self.sent = 0
        self._wire = PtyWire()
        self.path = self._wire.path
        self._faulty = FaultyWire(faults or Faults(), 1)
        self._noise = generator(1, "wrong speed", 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="device", daemon=True)
        self._thread.start()

    def __enter__(self) -> PtyDevice:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Pull the cable; may be called twice."""
        self._stop.set()
        self._thread.join(2.0)
        self._wire.close()

    def _run(self) -> None:
        start_s, streamed, rate_hz = now_s(), 0, 0.0
        while not self._stop.wait(_STEP_S):
            data = self._wire.heard()
            if not self._wire.listened:
                self.device.answer(data)  # a last word may have been said
                start_s, streamed = now_s(), 0
                continue
            if self._wire.baud not in (0, self.device.baud):
                if now_s() - start_s > _JUNK_EVERY_S:
                    start_s = now_s()
                    self._wire.send(self._noise.bytes(24))
                continue
            if data and (told := self.device.answer(data)):
                self._wire.send(told)
            if self.device.rate_hz != rate_hz:
                rate_hz, start_s, streamed = self.device.rate_hz, now_s(), 0
            while rate_hz and streamed < (now_s() - start_s) * rate_hz:
                frame = self.device.frame(self.sent)
                arrives = self._faulty.arrives(frame, self.sent / rate_hz)
                self.sent += 1
                streamed += 1
                if arrives:
                    self._wire.send(arrives)
