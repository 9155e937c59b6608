"""The app's end of the control link: ask, hear, and find a host that was lost.

A host that is only silent keeps its link: it still holds the devices, so that a second
one would find them busy, and it answers everything when it goes on. Only when the
connection breaks, which the end of a process does at once, a host is looked for or
started, until one is there.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from lablive.clock import now_s
from lablive.errors import LabLiveError, LinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.link import LinkClient, Reply

    Tell = Callable[[str], None]

HostEvent = Literal["joined", "lost", "found", "silent", "answers"]

SILENT_S: Final = 3.0
LONG_S: Final = 30.0
# these may wait for a disk, a device or a network
LONG: Final = frozenset(
    {"discover", "start_recording", "stop_recording", "remove_source"}
)
RETRY_S: Final = (0.1, 0.5, 1.0, 2.0)
ASLEEP_S: Final = 0.5  # of a longer pause between two polls the host is not to blame


@dataclass(frozen=True, slots=True)
class _Question:
    method: str
    then: Callable[[Any], None]
    failed: Callable[[LabLiveError], None]


class HostLink:
    """Questions to the host, and what becomes of it; one thread, never waits.

    Parameters
    ----------
    start_host
        Joins or starts the host; called here, and again in a thread when it is gone.
    tell
        Takes what went wrong, for the operator.
    wait
        Until there is a host; else it is looked for in a thread from the beginning.

    Raises
    ------
    LinkError
        It was waited for, and none can be started.
    """

    def __init__(
        self, start_host: Callable[[], LinkClient], tell: Tell, *, wait: bool = True
    ) -> None:
        self._start_host = start_host
        self._tell = tell
        self._open: dict[int, _Question] = {}
        self._silent_s = 0.0
        self._is_silent = False
        self._polled_s = now_s()
        self._retry_s, self._tries = 0.0, 0
        self._said = ""
        self._lock = threading.Lock()
        self._closed = False
        self._finder: threading.Thread | None = None
        self._found: LinkClient | LabLiveError | None = None
        self._link: LinkClient | None = start_host() if wait else None
        self._joined = wait
        if not wait:
            self._find()

    @property
    def connected(self) -> bool:
        """Whether there is a host to ask."""
        return self._link is not None

    def is_asked(self, method: str) -> bool:
        """Whether such a question waits for its answer."""
        return any(question.method == method for question in self._open.values())

    def ask(
        self,
        method: str,
        then: Callable[[Any], None] = lambda _: None,
        failed: Callable[[LabLiveError], None] | None = None,
        **params: Any,
    ) -> None:
        """Ask; a later :meth:`poll` calls ``then`` with the answer, or ``failed``."""
        question = _Question(
            method, then, failed or (lambda error: self._tell(str(error)))
        )
        try:
            if self._link is None:
                raise LinkError(
                    "The recording program (host) is being started.",
                    todo="Try again in a moment.",
                )
            self._open[self._link.post(method, **params)] = question
        except LinkError as error:
            question.failed(error)

    def poll(self) -> list[HostEvent]:
        """Take the answers; return what became of the host since the last time."""
        now = now_s()
        passed_s = min(now - self._polled_s, ASLEEP_S)
        self._polled_s = now
        link = self._link
        if link is None:
            return self._take_found(now)
        alive = link.alive  # before the answers: its last ones are taken first
        replies = link.replies()
        for reply in replies:
            self._take(reply)
        if not alive:
            return self._lose(link)
        return self._watch(passed_s, answered=bool(replies))

    def close(self) -> None:
        """Leave the host alone."""
        with self._lock:
            self._closed = True
            found = self._found
        for link in (self._link, found):
            if link is not None and not isinstance(link, LabLiveError):
                link.close()
        self._link = None

    def _take(self, reply: Reply) -> None:
        question = self._open.pop(reply.id, None)
        if question is None:
            return
        if reply.error is not None:
            question.failed(reply.error)
            return
        try:
            question.then(reply.result)
        except LabLiveError as error:
            self._tell(str(error))

    def _watch(self, passed_s: float, *, answered: bool) -> list[HostEvent]:
        """Tell a host that leaves questions open from one that answers."""
        if answered or not self._open:
            was, self._is_silent, self._silent_s = self._is_silent, False, 0.0
            return ["answers"] if was else []
        self._silent_s += passed_s
        long = any(question.method in LONG for question in self._open.values())
        if self._is_silent or self._silent_s < (LONG_S if long else SILENT_S):
            return []
        self._is_silent = True
        return ["silent"]

    # -- a host that is gone --------------------------------------------------------

    def _lose(self, link: LinkClient) -> list[HostEvent]:
        self._link = None
        self._open.clear()
        self._silent_s, self._is_silent = 0.0, False
        self._said, self._tries = "", 0
        self._find(link)
        return ["lost"]

    def _find(self, old: LinkClient | None = None) -> None:
        self._finder = threading.Thread(
            target=self._search, args=(old,), name="find host", daemon=True
        )
        self._finder.start()

    def _search(self, old: LinkClient | None) -> None:
        if old is not None:
            old.close()
        try:
            found = self._start_host()
        except LabLiveError as error:
            found = error
        with self._lock:
            late = self._closed
            self._found = None if late else found
        if late and not isinstance(found, LabLiveError):
            found.close()

    def _take_found(self, now: float) -> list[HostEvent]:
        with self._lock:
            found, self._found = self._found, None
        if isinstance(found, LabLiveError):
            self._finder = None
            self._retry_s = now + RETRY_S[min(self._tries, len(RETRY_S) - 1)]
            self._tries += 1
            if str(found) != self._said:  # each new attempt may say the same
                self._said = str(found)
                self._tell(self._said)
        elif found is not None:
            self._finder = None
            self._link = found
            was, self._joined = self._joined, True
            return ["found" if was else "joined"]
        elif self._finder is None and now >= self._retry_s and not self._closed:
            self._find()
        return []
