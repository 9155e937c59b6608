"""Which devices are away and wait for a decision; each loss is asked about once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.live.reports import HOST_IS_GONE
from ui.device_health import NO_SILENCE, state_of

if TYPE_CHECKING:
    from lablive.live.reports import HostReport, SourceReport

SILENT_S: Final = 2.0  # a shorter silence is in the stream list only: a radio stutters
LOST: Final = ("failed", "recovering")


class Missing(NamedTuple):
    """A device that is away.

    Attributes
    ----------
    source, text
        Which; what happened, what still works and what to do.
    away_s
        For how long; -1 = it was never there.
    """

    source: str
    text: str
    away_s: float


class MissingDevices:
    """What each report of the host says of devices that went away."""

    def __init__(self) -> None:
        self._away: set[str] = set()
        self._without: set[str] = set()
        self.waiting: tuple[Missing, ...] = ()

    def see(self, report: HostReport) -> list[str]:
        """Take a report; return the devices that have just come back."""
        found = {
            source.spec.id: told
            for source in report.sources
            if (told := missing(source)) is not None
        }
        streaming = {
            source.spec.id
            for source in report.sources
            if state_of(source) == "streaming"
        }
        back = sorted(self._away & streaming)
        listed = {source.spec.id for source in report.sources}
        self._away = (self._away & listed - streaming) | found.keys()
        self._without &= self._away
        self.waiting = tuple(
            told for name, told in found.items() if name not in self._without
        )
        return back

    def go_on_without(self, source: str) -> None:
        """Do not ask about a device again until it has been back."""
        self._without.add(source)
        self.waiting = tuple(it for it in self.waiting if it.source != source)


def missing(source: SourceReport) -> Missing | None:
    """Return what is to be said of a device that is away; None = it is there.

    A host that is being started again is no loss of a device: the app tells that.
    """
    name, state = source.spec.id, state_of(source)
    ages = [told.last_sample_age_s for told in source.status if told.rows]
    away_s = max(ages, default=-1.0)
    if state in LOST and source.message and source.message != HOST_IS_GONE:
        return Missing(name, source.message, away_s)
    if state == "stalled" and away_s >= SILENT_S:
        told = next((it.last_fault for it in source.status if it.last_fault), "")
        return Missing(name, told or NO_SILENCE, away_s)
    return None
