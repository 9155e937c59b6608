"""Which devices went away and came back, each told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lablive.live.reports import HostReport

BAD = ("failed", "recovering")


class Change(NamedTuple):
    """A device that has just gone (``text`` says why) or just come back."""

    source: str
    back: bool
    text: str


class SourceWatch:
    """Compare each report of the host with the one before."""

    def __init__(self) -> None:
        self._bad: set[str] = set()

    def see(self, report: HostReport) -> list[Change]:
        """Return what changed since the last report."""
        found: list[Change] = []
        listed = {source.spec.id for source in report.sources}
        self._bad &= listed
        for source in report.sources:
            name = source.spec.id
            if source.state in BAD and source.message and name not in self._bad:
                self._bad.add(name)
                found.append(Change(name, back=False, text=source.message))
            elif source.state == "streaming" and name in self._bad:
                self._bad.remove(name)
                found.append(Change(name, back=True, text=f"{name} sends again."))
        return found
