"""The host and its devices: asked for, opened again with the next host, let go of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from lablive.errors import LabLiveError, LinkError
from lablive.live.host_link import HostLink
from lablive.live.publishing import Publishing
from lablive.live.reports import HostReport, without_host
from lablive.live.speaker import Speaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.link import LinkClient
    from lablive.live.lsl_choices import LslIdentity
    from lablive.messages import SourceSpec


class Devices:
    """What a session asks of its host's devices; a live session is one that records.

    Parameters
    ----------
    start_host
        Joins or starts the host; called again when it has died.
    wait
        Until there is a host; LinkError when none can be started. Else it is joined
        by a later poll, and what is asked for meanwhile is opened then.

    Attributes
    ----------
    troubles
        What the operator must know, in the order of its coming.
    report
        What the host has said last.
    publishing
        What other programs can join over LSL.
    speaker
        What the runner hears.
    """

    def __init__(
        self, start_host: Callable[[], LinkClient], *, wait: bool = True
    ) -> None:
        self.troubles: list[str] = []
        self.report: HostReport | None = None
        self._host = HostLink(start_host, self._tell, wait=wait)
        self.publishing = Publishing(self._host, self._tell)
        self.speaker = Speaker(self._host, self._tell)
        self._specs: dict[str, SourceSpec] = {}

    def add_source(self, spec: SourceSpec) -> None:
        """Ask the host to open a device; its state comes with the reports."""
        self._specs[spec.id] = spec

        def failed(error: LabLiveError) -> None:
            if not isinstance(error, LinkError):  # else it is opened with the next host
                self._specs.pop(spec.id, None)
                self._tell(str(error))

        self._host.ask("add_source", failed=failed, spec=msgspec.to_builtins(spec))

    def retry(self, source_id: str) -> None:
        """Ask the host to open a device now that waits for its next try."""
        spec = self.spec_of(source_id)
        if spec is not None:
            self.add_source(spec)

    def change_source(self, spec: SourceSpec) -> None:
        """Open a device again in another way: its streams begin anew."""
        self.remove_source(spec.id)
        self.add_source(spec)

    def choose_stream(self, source_id: str, chosen: LslIdentity) -> None:
        """Say which of several LSL streams a source means; it is remembered."""
        plain = msgspec.to_builtins(chosen)
        self._host.ask("choose", id=source_id, chosen=plain)

    def spec_of(self, source_id: str) -> SourceSpec | None:
        """Return what a source was opened as, None when it is not open."""
        sources = self.report.sources if self.report else ()
        open_now = {source.spec.id: source.spec for source in sources}
        return open_now.get(source_id) or self._specs.get(source_id)

    @property
    def has_host(self) -> bool:
        """Whether there is a host to ask."""
        return self._host.connected

    @property
    def source_ids(self) -> set[str]:
        """Sources that are open."""
        return {s.spec.id for s in self.report.sources} if self.report else set()

    def discover(self, then: Callable[[Any], None], *, bluetooth: bool = False) -> None:
        """Ask the host what is connected; ``bluetooth``: begin a search there, too."""
        self._host.ask("discover", then, bluetooth=bluetooth)

    def set_values(self, source_id: str, values: dict[str, float]) -> None:
        """Give a source the numbers that a person reads off (belt speed by hand)."""

        def failed(error: LabLiveError) -> None:
            self._tell(str(error))

        self._host.ask("set_values", failed=failed, id=source_id, values=values)

    def remove_source(self, source_id: str) -> None:
        """Ask the host to close a device."""
        self._specs.pop(source_id, None)
        if self.report is not None:
            left = tuple(s for s in self.report.sources if s.spec.id != source_id)
            self.report = msgspec.structs.replace(self.report, sources=left)
        self._host.ask("remove_source", id=source_id)

    def _open_again(self) -> None:
        """Ask a host that has just come for everything that is wanted."""
        for spec in list(self._specs.values()):
            self.add_source(spec)
        self.publishing.begin()
        self.speaker.begin()

    def _keep_without_host(self) -> None:
        """Note what a host that is gone had open: the next one opens it again."""
        if self.report is not None:
            self._specs = {s.spec.id: s.spec for s in self.report.sources} | self._specs
            self.report = without_host(self.report)

    def _tell(self, text: str) -> None:
        if self.troubles[-1:] != [text]:
            self.troubles.append(text)
