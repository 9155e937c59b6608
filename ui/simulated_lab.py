"""The simulated runner in the app: started in the background, connected, let go of."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from lablive.errors import DeviceError
from lablive.names import SIDES
from ui.simulator import Simulator

if TYPE_CHECKING:
    from lablive.live.session import LiveSession
    from lablive.protocol.gates import Step

SAID: Final = (
    "The simulated runner sits. Follow the gates: it does what each one asks for."
)
RISES_S: Final = 1.0  # it begins that long after it was told
SURE_S: Final = 0.3  # longer than asked for
WAIT_S: Final = 20  # until everything is connected; the runner sits down then


class SimulatedLab:
    """One simulated runner at most; a new one takes the place of the old.

    Parameters
    ----------
    live
        Where it is connected.
    """

    def __init__(self, live: LiveSession) -> None:
        self._live = live
        self._running: Simulator | None = None
        self._starting: threading.Thread | None = None
        self._found: Simulator | DeviceError | None = None

    @property
    def sources(self) -> frozenset[str]:
        """Names of its sources, none while it does not run."""
        specs = self._running.specs() if self._running else []
        return frozenset(spec.id for spec in specs)

    def start(self, wires: list[str] | None = None) -> None:
        """Start one in the background; a cold start takes seconds.

        ``wires``: module and options instead of the usual whole lab.
        """
        if self._starting is not None:
            return
        self.stop()
        usual = ["drivers.sim.wires", "--id", f"app-{os.getpid()}"]
        usual += ["--wait", str(WAIT_S)]
        usual += ["--hold"]
        self._starting = threading.Thread(
            target=self._start, args=(wires or usual,), name="simulator", daemon=True
        )
        self._starting.start()

    def poll(self) -> str | DeviceError | None:
        """Connect what has started; return what to tell, once."""
        found = self._found
        if found is None or self._starting is None:
            return None
        self._starting.join()
        self._starting = self._found = None
        if isinstance(found, DeviceError):
            return found
        self._running = found
        for spec in found.specs():
            self._live.add_source(spec)
        return SAID

    def perform(self, step: Step, in_s: float) -> None:
        """Let it do what a gate asks for, from about ``in_s`` on."""
        if self._running is not None:
            seconds = step.seconds + max(in_s - RISES_S, 0.0) + SURE_S
            target = f" {step.target}" if step.target in SIDES else ""
            self._running.tell(f"do {step.kind} {seconds:g}{target}")

    def run(self) -> None:
        """Let it run from now on."""
        if self._running is not None:
            self._running.tell("run")

    def stop(self) -> None:
        """Disconnect it and end its program, also while it starts."""
        if self._starting is not None:
            self._starting.join()
            self._starting = None
        if isinstance(self._found, Simulator):
            self._found.stop()
        self._found = None
        if self._running is not None:
            for source in self.sources:
                self._live.remove_source(source)
            self._running.stop()
            self._running = None

    def _start(self, wires: list[str]) -> None:
        try:
            self._found = Simulator(wires)
        except DeviceError as error:
            self._found = error
