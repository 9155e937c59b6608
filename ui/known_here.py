"""Devices that were connected here before: offered again when they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.live.known_devices import forget, known_devices, remember
from ui.device_offers import absent, offers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from lablive.live.known_devices import KnownDevice
    from lablive.live.session import LiveSession
    from lablive.messages import SourceSpec
    from ui.device_offers import Offer

SEARCH_EVERY_S: Final = 4.0  # a look takes the host a second of a small part of a core


class KnownHere(QObject):
    """What is known of this machine's devices, and which of them are there now.

    Parameters
    ----------
    live
        The session whose host searches.
    library
        Where they are noted.
    tell
        Takes what went wrong, for the operator.
    """

    changed = Signal()

    def __init__(
        self,
        live: LiveSession,
        library: Path,
        tell: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._live, self._library, self._tell = live, library, tell
        self._known: tuple[KnownDevice, ...] | None = None
        self._asked_s = float("-inf")
        self.there: tuple[Offer, ...] = ()  # known, found and not open
        self.typed: tuple[Offer, ...] = ()  # known, by an address: perhaps there
        self.away: tuple[KnownDevice, ...] = ()  # known, and not found

    @property
    def devices(self) -> tuple[KnownDevice, ...]:
        """All that are known, the last used one first."""
        if self._known is None:
            self._known = ()
            self._try(lambda: known_devices(self._library))
        return self._known

    def remember(self, specs: Iterable[SourceSpec]) -> None:
        """Keep how devices were opened."""
        self._try(lambda: remember(self._library, specs))

    def forget(self, key: str) -> None:
        """Offer a device no more."""
        self._try(lambda: forget(self._library, key))
        self.there = tuple(it for it in self.there if it.known and it.known.key != key)
        self.typed = tuple(it for it in self.typed if it.known and it.known.key != key)
        self.away = tuple(it for it in self.away if it.key != key)
        self.changed.emit()

    def look(self) -> None:
        """Let the host look for known devices from time to time; call each tick.

        Not while something is recorded: looking takes the host's time.
        """
        now, live = now_s(), self._live
        if now - self._asked_s < SEARCH_EVERY_S or not live.has_host:
            return
        if live.recording is not None or not self.devices:
            return
        self._asked_s = now
        live.discover(self.take)

    def take(self, found: dict[str, Any]) -> None:
        """Take what the host found."""
        report = self._live.report
        if report is None or not found.get("looked", True):
            self._asked_s = now_s() - SEARCH_EVERY_S + 1.0  # its first look takes that
            return
        is_open = [source.spec for source in report.sources]
        listed = offers(found, is_open, self.devices)
        there = tuple(
            it for it in listed if it.known and not it.problem and not it.maybe
        )
        typed = tuple(it for it in listed if it.maybe)
        away = tuple(absent(listed, is_open, self.devices))
        if (there, typed, away) != (self.there, self.typed, self.away):
            self.there, self.typed, self.away = there, typed, away
            self.changed.emit()

    def specs_there(self) -> list[SourceSpec]:
        """Return how the known devices that are there were opened last."""
        return [offer.known.spec for offer in self.there if offer.known]

    def _try(self, work: Callable[[], tuple[KnownDevice, ...]]) -> None:
        try:
            self._known = work()
        except LabLiveError as error:
            self._tell(str(error))
