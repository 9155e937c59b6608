"""Contacts of one foot from a better sensor and, where that is blind, a lesser one.

Metric reference, section 1.4. What is decided follows from the times of the events
alone, never from the order in which two sensors' rows arrive.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Final, Protocol

import msgspec
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.gait.contacts import Contact, Kind

_GAP: Final = 1.6  # of the usual stride: an initial contact is missing
_EARLY: Final = 0.9  # of the usual stride: nothing is looked for before
_SAME: Final = 0.25  # of the usual stride: two sensors saw one event
_SAME_S: Final = 0.15  # [design] while no stride is known
_PAUSE_S: Final = 3.0  # a living sensor that sees nothing so long: nobody steps
_USUAL_STRIDES: Final = 8
_FEWEST_STRIDES: Final = 3
_PAIRS: Final = 20  # metric reference 1.2
_KEPT: Final = 80  # events of the better sensor: 40 strides
_NEAR_S: Final = 0.95  # [design] a sensor that sees steps sees one so near
_TRUST: Final = 0.5  # [design] of 10 contacts, at least so many must agree
_FEWEST_CONTACTS: Final = 10
_TAUGHT: Final = 40  # strides behind a hole: then the lesser sensor may rest
LEAD_S: Final = 10.0  # rows of a sensor are looked at so far ahead of what is decided


class Offset(msgspec.Struct, frozen=True):
    """What the lesser sensor sees too late, s; None = never compared enough."""

    ic_s: float | None = None
    to_s: float | None = None

    def corrected(self, contact: Contact) -> Contact:
        """Return a contact as the better sensor would have timed it."""
        late_s = self._late_s(contact.kind)
        if not late_s:
            return contact
        return msgspec.structs.replace(contact, t_s=contact.t_s - late_s)

    def knows(self, kind: Kind) -> bool:
        """Tell whether events of a kind can be corrected, or need no correction."""
        return kind not in ("ic", "to") or self._late_s(kind) is not None

    def _late_s(self, kind: Kind) -> float | None:
        return {"ic": self.ic_s, "to": self.to_s}.get(kind)

    @property
    def latest_s(self) -> float:
        """Larger of the two corrections, 0 for none."""
        return max(self.ic_s or 0.0, self.to_s or 0.0)


class Wanted(Protocol):
    """When a lesser sensor must look at its rows; see :class:`Fallback`.

    Attributes
    ----------
    spans
        From when to when it is wanted, in order; the last one may have no end yet.
    """

    spans: list[tuple[float, float]]

    @property
    def known_s(self) -> float:
        """A span without an end does not end before."""
        ...

    @property
    def earliest_s(self) -> float:
        """Time before which no later span begins."""
        ...


class Fallback:
    """Merges the contacts of one foot.

    Everything the better sensor says counts. The lesser one is listened to from a
    ``lost`` or ``stuck`` to the better one's next event, when an initial contact is
    overdue (1.6 usual strides, for 3 s at most: then nobody steps), and at the start
    when the better one stays silent for 3 s. Its times are corrected by the median
    difference of the last 20 events both saw.

    Attributes
    ----------
    filled, uncalibrated
        Events taken from the lesser sensor, and how many of them could not be
        corrected.
    spans
        From when to when the lesser sensor must look, in order: 40 strides before a
        hole, that the offsets are learnt from, to 40 behind it. Infinite = no end yet.
    """

    def __init__(self) -> None:
        self.spans = [(-np.inf, np.inf)]
        self._strides = 0  # of the better sensor behind the last hole
        self.filled = self.uncalibrated = 0
        self._better: deque[Contact] = deque()
        self._lesser: list[Contact] = []
        self._next = 0  # first of the lesser events not yet judged
        self._better_final_s = self._lesser_final_s = self._final_s = -np.inf
        self._seen: deque[Contact] = deque(maxlen=_KEPT)  # by the better sensor
        self._strides_s: deque[float] = deque(maxlen=_USUAL_STRIDES)
        self._usual_s, self._same_s = np.nan, _SAME_S  # usual stride, one event
        self._ic_s = np.nan  # last initial contact of the better sensor
        self._blind = True
        self._blind_s = (-np.inf, np.inf)  # from, until
        self._offset: Offset | None = Offset()  # in this hole; None = not learned yet
        self._trusted = True
        self._out: list[Contact] = []
        self._out_s = -np.inf  # last event handed out

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        return self._final_s

    @property
    def listens(self) -> bool:
        """Whether the lesser sensor is waited for."""
        return self._blind

    @property
    def known_s(self) -> float:
        """Time before which every event of the better sensor is here."""
        return self._better[0].t_s if self._better else self._better_final_s

    @property
    def earliest_s(self) -> float:
        """Time before which no later span begins."""
        full = len(self._seen) == _KEPT
        return self._seen[0].t_s if full else -np.inf

    def feed_better(self, contacts: Iterable[Contact], final_s: float) -> list[Contact]:
        """Take events of the better sensor, complete before ``final_s``."""
        self._better.extend(contacts)
        if final_s > self._better_final_s:
            self._better_final_s = final_s
        known_s = self._better_final_s
        if not (self._better or self._blind or self._overdue(known_s)):
            self._final_s = max(self._final_s, self._reached_s())
            return []  # as nearly always: nothing to decide
        return self._run()

    def feed_lesser(self, contacts: Iterable[Contact], final_s: float) -> list[Contact]:
        """Take events of the lesser sensor, complete before ``final_s``."""
        self._lesser.extend(contacts)
        self._lesser_final_s = max(self._lesser_final_s, final_s)
        return self._run()

    # ------------------------------------------------------------------ the merging
    @property
    def _silence_s(self) -> float:
        """How long the better sensor must be silent: at the start a pause may end."""
        return _PAUSE_S if self._blind_s[0] == -np.inf else 0.0

    def _run(self) -> list[Contact]:
        self._out = []
        while self._go():
            pass
        self._final_s = max(self._final_s, self._reached_s())
        self._trim()
        return self._out

    def _go(self) -> bool:
        """Decide the next thing that can be decided; False when nothing can."""
        head = self._better[0] if self._better else None
        if not self._blind:
            if self._overdue(head.t_s if head else self._better_final_s):
                self._open(self._ic_s + _EARLY * self._usual_s, self._ic_s + _PAUSE_S)
                return True
            return self._take() if head else False
        first_s = head.t_s - self._silence_s if head else np.inf
        until_s = min(first_s, self._blind_s[1])
        if not self._fill(until_s):
            return False
        if head and head.t_s <= self._blind_s[1]:
            return self._take()
        self._blind, self._ic_s = False, np.nan
        return True

    def _overdue(self, known_s: float) -> bool:
        """Tell whether an initial contact is missing."""
        return known_s > self._ic_s + _GAP * self._usual_s

    def _open(self, from_s: float, until_s: float) -> None:
        self._blind, self._blind_s = True, (from_s, until_s)
        self._offset = None
        self._strides = 0
        if self.spans[-1][1] < np.inf:
            self.spans.append((self.earliest_s, np.inf))

    def _take(self) -> bool:
        """Hand out the next event of the better sensor."""
        contact = self._better.popleft()
        self._emit(contact)
        if contact.kind in ("lost", "stuck"):
            self._ic_s = np.nan
            self._open(contact.t_s, np.inf)
            return True
        self._blind = False
        self._seen.append(contact)
        if contact.kind == "ic":
            stride_s = contact.t_s - self._ic_s
            if stride_s <= min(_PAUSE_S, _GAP * (self._usual_s or np.inf)):
                self._strides_s.append(stride_s)
                if len(self._strides_s) >= _FEWEST_STRIDES:
                    self._usual_s = median(self._strides_s)
                    self._same_s = _SAME * self._usual_s
            self._ic_s = contact.t_s
            self._strides += 1
            if self._strides == _TAUGHT:
                self.spans[-1] = (self.spans[-1][0], contact.t_s + LEAD_S)
        return True

    def _emit(self, contact: Contact) -> None:
        self._out.append(contact)
        self._out_s = contact.t_s

    def _fill(self, until_s: float) -> bool:
        """Hand out lesser events before a time; False when more may come."""
        if self._offset is None and not self._learn():
            return False
        assert self._offset is not None
        while self._next < len(self._lesser):
            raw = self._lesser[self._next]
            contact = self._offset.corrected(raw)
            if contact.t_s >= until_s:
                return True
            if not self._better_known(contact.t_s + max(self._same_s, self._silence_s)):
                return False
            self._next += 1
            if self._wanted(contact):
                self.filled += 1
                self.uncalibrated += not self._offset.knows(raw.kind)
                self._emit(contact)
        return self._lesser_final_s - self._offset.latest_s >= until_s

    def _better_known(self, t_s: float) -> bool:
        """Tell whether the better sensor's events up to a time are here."""
        newest_s = self._better[-1].t_s if self._better else -np.inf
        return max(newest_s, self._better_final_s) > t_s

    def _wanted(self, contact: Contact) -> bool:
        """Tell whether a lesser event in a hole is new, and to be trusted."""
        if not self._trusted or contact.t_s <= max(self._blind_s[0], self._out_s):
            return False
        same_s = self._same_s
        near = [*self._better, *islice(reversed(self._seen), 8)]
        return not any(
            c.kind == contact.kind and abs(c.t_s - contact.t_s) <= same_s for c in near
        )

    def _reached_s(self) -> float:
        """Return the time before which everything is decided."""
        if not self._blind:
            held_s = self._ic_s + _EARLY * self._usual_s
            # while no stride is known nothing is held
            return min(self._better_final_s, held_s)
        if self._offset is None:
            return self._blind_s[0]
        lesser_s = self._lesser_final_s - self._offset.latest_s
        heard_s = self._better_final_s - max(self._same_s, self._silence_s)
        return min(self._blind_s[1], lesser_s, heard_s)

    def _trim(self) -> None:
        """Give up lesser events that neither fill nor teach any more."""
        oldest_s = self._seen[0].t_s if self._seen else self._final_s
        oldest_s = min(oldest_s, self._final_s) - 1.0
        if not self._lesser:
            return
        keep = bisect_left(self._lesser, oldest_s, key=_time_s)
        if self._blind:
            keep = min(keep, self._next)
        del self._lesser[:keep]
        self._next = max(0, self._next - keep)

    # ------------------------------------------------------------------ the offsets
    def _learn(self) -> bool:
        """Learn from what both saw before this hole; False while rows are missing."""
        from_s = self._blind_s[0]
        newest_s = self._lesser[-1].t_s if self._lesser else -np.inf
        if max(newest_s, self._lesser_final_s) < from_s:
            return False
        # rows behind the hole's start may be here or not: they must not count
        end = bisect_left(self._lesser, from_s, key=_time_s)
        known = self._lesser[:end]
        seen = [c for c in self._seen if c.t_s <= from_s - 2 * _SAME_S]
        lates_s = {kind: _lates_s(seen, known, kind) for kind in ("ic", "to")}
        self._offset = Offset(
            _usual_late_s(lates_s["ic"]), _usual_late_s(lates_s["to"])
        )
        # contacts of the better sensor while the lesser one lived and saw steps
        together = [late_s for late_s in lates_s["ic"] if abs(late_s) <= _NEAR_S]
        agree = [late_s for late_s in together if abs(late_s) <= _SAME_S]
        few = len(together) < _FEWEST_CONTACTS
        self._trusted = few or len(agree) >= _TRUST * len(together)
        self._next = bisect_left(self._lesser, from_s - _SAME_S, key=_time_s)
        return True


def _lates_s(seen: list[Contact], lesser: list[Contact], kind: Kind) -> list[float]:
    """Return how much later the nearest lesser event is, for every one seen."""
    times_s = [c.t_s for c in lesser if c.kind == kind]
    found: list[float] = []
    for contact in seen:
        if contact.kind == kind:
            at = bisect_left(times_s, contact.t_s)
            near = [t_s - contact.t_s for t_s in times_s[max(0, at - 1) : at + 1]]
            found.append(min(near, key=abs, default=np.inf))
    return found


def _usual_late_s(lates_s: list[float]) -> float | None:
    """Return the median of the newest pairs, None for too few."""
    pairs_s = [late_s for late_s in lates_s if abs(late_s) <= _SAME_S][-_PAIRS:]
    return median(pairs_s) if len(pairs_s) == _PAIRS else None


def _time_s(contact: Contact) -> float:
    return contact.t_s
