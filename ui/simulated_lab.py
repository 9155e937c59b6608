"""The simulated runner in the app: started in the background, connected, let go of."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from lablive.errors import DeviceError
from ui.simulator import Simulator

if TYPE_CHECKING:
    from lablive.live.session import LiveSession

# long enough to read and press Zero, then Weigh; the runner runs from then on
SEATED_S, STANDING_S = 15, 45
SAID: Final = (
    f"The simulated runner sits for {SEATED_S} s: press Zero. Then it stands for "
    f"{STANDING_S - SEATED_S} s: press Weigh. Then it runs: press Record."
)
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
        usual += ["--set", f"seated_s={SEATED_S},standing_s={STANDING_S}"]
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
