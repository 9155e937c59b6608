"""Contacts of both feet from every sensor that sees them, in the order of time."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.force_lane import ForceLane
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.messages import Floats, Values
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import Calibration

_SAME_CONTACT_S: Final = 0.1  # plate and insole see one contact within this
_RECENT: Final = 8


class ContactLanes:
    """Force signals from rows to contacts that strides are made of.

    Parameters
    ----------
    force
        Insoles and force plate.

    Attributes
    ----------
    streams
        Where their rows come from.
    until_s
        Every contact before it has been handed out.
    """

    def __init__(self, force: list[ForceLane]) -> None:
        self.force = force
        self.streams = {
            stream
            for lane in force
            for stream in (lane.stream, lane.cell_stream)
            if stream is not None
        }
        insoles = [lane.side for lane in force if lane.side != "unknown"]
        self._plate_alone = not insoles
        # one insole tells which of the plate's contacts are the other foot's
        self._other_side: ContactSide | None = None
        if len(insoles) == 1 and len(force) == 2:
            self._other_side = "right" if insoles[0] == "left" else "left"
        self.both_feet = len(force) > 1 or not insoles
        self._waiting: list[tuple[float, int, int, Contact]] = []
        self._order = 0
        self._plate_side: ContactSide = "unknown"
        self._recent: deque[Contact] = deque(maxlen=_RECENT)
        self.until_s = -np.inf

    @property
    def counting(self) -> list[ForceLane]:
        """The lanes that strides come from."""
        return [
            lane
            for lane in self.force
            if lane.side != "unknown" or self._plate_alone or self._other_side
        ]

    def feed(self, stream: int, t_s: Floats, x: Values) -> None:
        """Take the next rows of a stream."""
        for number, lane in enumerate(self.force):
            self._queue(number, lane.feed(stream, t_s, x))

    def advance(self, stream: int, t_s: float) -> None:
        """Let time pass without rows of a stream."""
        for number, lane in enumerate(self.force):
            self._queue(number, lane.advance(stream, t_s))

    def finish(self) -> Iterator[tuple[Contact, bool]]:
        """End the data; yield what is left, as :meth:`emit` does."""
        for number, lane in enumerate(self.force):
            self._queue(number, lane.finish())
        yield from self._before(np.inf)

    def emit(self) -> Iterator[tuple[Contact, bool]]:
        """Yield the contacts that no stream can add one before to.

        Yields
        ------
        contact, counts : in time order, and whether strides are made of it
        """
        until_s = min((lane.final_s for lane in self.force), default=-np.inf)
        if self._other_side is not None:
            until_s -= _SAME_CONTACT_S
        if until_s > self.until_s:
            yield from self._before(until_s)

    def trim(self, before_s: float) -> None:
        """Give up rows that no later stride needs."""
        for lane in self.force:
            lane.trim(before_s)

    def _queue(self, lane: int, contacts: list[Contact]) -> None:
        for contact in contacts:
            self._order += 1
            entry = (contact.t_s, lane, self._order, contact)
            heapq.heappush(self._waiting, entry)

    def _before(self, until_s: float) -> Iterator[tuple[Contact, bool]]:
        while self._waiting and self._waiting[0][0] < until_s:
            contact = heapq.heappop(self._waiting)[3]
            counts = contact.source == "insole" or self._plate_alone
            if self._other_side is not None and contact.source == "treadmill":
                contact = self._told_apart(contact, self._other_side)
                counts = contact.side == self._other_side
            self._recent.append(contact)
            yield contact, counts
        self.until_s = until_s

    def _told_apart(self, contact: Contact, other: ContactSide) -> Contact:
        """Give a contact of the plate to the foot whose insole it agrees with."""
        if contact.kind == "ic":
            soon = [entry[3] for entry in self._waiting]
            near = any(
                seen.kind == "ic"
                and seen.source == "insole"
                and abs(seen.t_s - contact.t_s) <= _SAME_CONTACT_S
                for seen in [*self._recent, *soon]
            )
            worn: ContactSide = "right" if other == "left" else "left"
            self._plate_side = worn if near else other
        side = self._plate_side if contact.kind in ("ic", "to") else other
        return msgspec.structs.replace(contact, side=side)


def force_lanes(
    binding: Binding,
    rates_hz: Mapping[int, float],
    calibration: Calibration | None,
    weight_n: float | None,
    *,
    drill: bool,
) -> list[ForceLane]:
    """Return the force signals there are: left, right, force plate.

    Parameters
    ----------
    binding
        Which channel measures what.
    rates_hz
        Rows per second of every stream.
    calibration
        Of the insoles; None = forces as the devices say.
    weight_n
        Body weight, None = not known.
    drill
        Hopping: shorter contacts and flights are events.
    """
    found = [
        ForceLane(foot, rates_hz[foot.force.stream], weight_n, drill=drill)
        for foot in feet(binding, calibration).values()
    ]
    plate = binding.source("treadmill.force_z")
    if plate is not None:
        rate_hz = rates_hz[plate.stream]
        found.append(ForceLane(plate, rate_hz, weight_n, drill=drill))
    return found
