"""A simulated serial device behind a pseudo-terminal: it answers, and it streams."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

from drivers.sim.faults import Faults, FaultyWire
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
        What to open, like a serial port; another one after it was plugged in again.
    sent
        Rows sent; with faults, rows that left the device.
    """

    def __init__(self, device: Simulated, faults: Faults | None = None) -> None:
        self.device = device
        self.sent = 0
        self._wire = PtyWire()
        self.path = self._wire.path
        self._faults = faults or Faults()
        self._faulty = FaultyWire(self._faults, 1)
        self._noise = generator(1, "wrong speed", 0)
        self._away_s: float | None = None  # when the cable was pulled
        self._plugged = False  # in again
        self._first = 0  # row with which the device was switched on
        self._held = self._faulty.opening()
        self._next_s = 0.0
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
            if self.sent and self._unplugged(self.sent / (rate_hz or 1.0)):
                continue
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
            pace_hz = rate_hz * (1.0 + self._faults.clock_ppm * 1e-6)
            while rate_hz and streamed < (now_s() - start_s) * pace_hz:
                self._send(self.sent / rate_hz)
                streamed += 1

    def _send(self, t_s: float) -> None:
        """Send the next row, ``t_s`` seconds after the first; hand over in batches."""
        if not self._first and 0 <= self._faults.reset_at_s <= t_s:
            self._first = self.sent
            self._held += self._faulty.restarted()
        frame = self.device.frame(self.sent - self._first)
        self._held += self._faulty.arrives(frame, t_s)
        self.sent += 1
        if self._held and now_s() >= self._next_s:
            self._next_s = now_s() + self._faults.batch_ms / 1e3
            self._wire.send(self._held)
            self._held = b""

    def _unplugged(self, t_s: float) -> bool:
        """Pull the cable and plug it in again, under another name, when it is time."""
        faults = self._faults
        if self._plugged or not 0 <= faults.unplug_at_s <= t_s:
            return False
        if self._away_s is None:
            self._away_s, self._held = now_s(), b""
            pulled, self._wire = self._wire, PtyWire()  # while the old name is taken
            pulled.close()
        away_s = now_s() - self._away_s
        if not 0 <= faults.replug_after_s <= away_s:
            return True
        self.path, self._plugged = self._wire.path, True
        return False
