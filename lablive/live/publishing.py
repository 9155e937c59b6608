"""The app's part of publishing on LSL: what is wanted, and the results themselves."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import msgspec

from lablive.clock import now_s
from lablive.errors import LinkError
from lablive.live.sharing import SharingReport, SharingWish
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lablive.errors import LabLiveError
    from lablive.live.host_link import HostLink
    from lablive.live.shared_results import ResultRows
    from lablive.pipeline import Pipeline, Result


class Publishing:
    """What of a session other programs can join; one thread, never waits.

    Parameters
    ----------
    host
        The link to the host, which owns the outlets.
    tell
        Takes what went wrong, for the operator.

    Attributes
    ----------
    wish
        What the operator wants published.
    told
        What the host has put on the air.
    """

    def __init__(self, host: HostLink, tell: Callable[[str], None]) -> None:
        self._host = host
        self._tell = tell
        self._who = uuid.uuid4().hex
        self._rows: ResultRows | None = None
        self.wish = SharingWish()
        self.told = SharingReport()

    def want(self, wish: SharingWish) -> None:
        """Publish this from now on; with the next host, too."""
        changed = wish != self.wish
        self.wish = wish
        if changed and self._host.connected:
            self._ask()

    def begin(self) -> None:
        """Ask a host that has just come."""
        if self.wish:
            self._ask()

    def take(self, results: Sequence[Result], pipeline: Pipeline | None) -> None:
        """Send what the pipeline has just given."""
        if not self.wish.results or not results or pipeline is None:
            return
        if self._rows is None:  # metrics are loaded with the first result
            from lablive.live.shared_results import ResultRows

            self._rows = ResultRows()
        rows = self._rows.rows(results, pipeline, now_s())
        if rows:
            plain: list[Any] = [msgspec.to_builtins(row) for row in rows]
            self._host.ask("publish", failed=self._failed, who=self._who, rows=plain)

    def _ask(self) -> None:
        streams: list[Any] = []
        if self.wish.results:
            from lablive.live.shared_results import result_streams

            streams = [msgspec.to_builtins(it) for it in result_streams()]
        wanted = {"results": streams, "devices": list(self.wish.devices)}
        self._host.ask("share", self._take, self._failed, who=self._who, **wanted)

    def _take(self, answer: Any) -> None:
        self.told = from_plain(answer, SharingReport, strict=False)
        if self.told.fault:
            self._tell(self.told.fault)

    def _failed(self, error: LabLiveError) -> None:
        if not isinstance(error, LinkError):  # else it is asked of the next host
            self._tell(f"Nothing is published on LSL. {error}")
