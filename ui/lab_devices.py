"""The devices of the lab as the window handles them: connected, away, known before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.device_health import is_low
from ui.known_here import KnownHere
from ui.missing import MissingDevices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lablive.live.reports import HostReport
    from lablive.live.session import LiveSession
    from lablive.messages import SourceSpec
    from ui.missing import Missing


class LabDevices(QObject):
    """What the operator does with devices.

    Parameters
    ----------
    live
        The session whose host has them.
    library
        Where known devices are noted.
    tell
        Takes what went wrong, for the operator.
    """

    missing_changed = Signal()  # which devices are away
    back = Signal(str)  # this one sends again

    def __init__(
        self,
        live: LiveSession,
        library: Path,
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._live = live
        self._tell = tell
        self._missing = MissingDevices()
        self._weak: set[str] = set()  # devices whose low battery was told
        self.known = KnownHere(live, library, tell, self)

    @property
    def waiting(self) -> tuple[Missing, ...]:
        """Devices that are away, about which nobody has decided yet."""
        return self._missing.waiting

    def connect_sources(self, specs: Iterable[SourceSpec]) -> None:
        """Open devices, and know them the next time."""
        specs = list(specs)
        for spec in specs:
            self._live.add_source(spec)
        self.known.remember(specs)

    def connect_known(self) -> None:
        """Open the devices that were connected here before and are there."""
        self.connect_sources(self.known.specs_there())

    def disconnect_source(self, source_id: str) -> None:
        """Close a device."""
        self._live.remove_source(source_id)

    def retry(self, source_id: str) -> None:
        """Open a device that is away now, without waiting for its next try."""
        self._live.retry(source_id)

    def go_on_without(self, source_id: str) -> None:
        """Ask no more about a device that is away; one that never came is let go."""
        self._missing.go_on_without(source_id)
        report = self._live.report
        sources = report.sources if report else ()
        if any(it.spec.id == source_id and not it.streams for it in sources):
            self.disconnect_source(source_id)
        self.missing_changed.emit()

    def see(self, report: HostReport) -> None:
        """Compare a report of the host with the one before."""
        for name in self._missing.see(report):
            self.back.emit(name)
        self._watch_batteries(report)
        self.missing_changed.emit()

    def _watch_batteries(self, report: HostReport) -> None:
        """Tell of each battery once that will not last a session."""
        for source in report.sources:
            name = source.spec.id
            charge = max((it.battery_pct for it in source.status), default=-1.0)
            if not is_low(charge):
                self._weak -= {name} if charge >= 0 else set()
            elif name not in self._weak:
                self._weak.add(name)
                self._tell(
                    f"{name}: its battery is at {charge:.0f} %. It still sends. Charge "
                    "or change it before the session."
                )
