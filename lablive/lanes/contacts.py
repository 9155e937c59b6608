"""Contacts of both feet from every sensor that sees them, in the order of time."""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.force_lane import ForceLane
from lablive.gait.priority import priority_of
from lablive.lanes.standing_in import StandIn
from lablive.names import SIDES
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.gait.findings import Finding
    from lablive.gait.imu_lanes import ImuLane
    from lablive.gait.strides import Stride
    from lablive.messages import Floats, Values
    from lablive.names import Side
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import Calibration

_SAME_CONTACT_S: Final = 0.1  # plate and insole see one contact within this
_RECENT: Final = 8
_LONGEST_S: Final = 5.0  # no valid stride is longer
_HEARD_PIECE_S: Final = 0.25  # of an IMU that is waited for; it tells a stride late
_IDLE_PIECE_S: Final = 5.0  # of an IMU that nobody waits for


class ContactLanes:
    """Every sensor that sees contacts, to the contacts that strides are made of.

    Parameters
    ----------
    force
        Insoles and force plate.
    imus
        IMUs that tell contacts; they stand in where no insole sees.

    Attributes
    ----------
    streams
        Where their rows come from.
    both_feet
        Whether both feet are seen.
    until_s
        Every contact before it has been handed out.
    moved
        Whether a sensor has told more since the last :meth:`emit`.
    """

    def __init__(self, force: list[ForceLane], imus: Sequence[ImuLane] = ()) -> None:
        self.force = force
        insoles = [lane.side for lane in force if lane.side != "unknown"]
        plate = len(force) > len(insoles)
        self._plate_alone = plate and not insoles
        # one insole tells which of the plate's contacts are the other foot's
        self._other_side: ContactSide | None = None
        if plate and len(insoles) == 1:
            self._other_side = "right" if insoles[0] == "left" else "left"
            imus = [lane for lane in imus if lane.side == insoles[0]]
        worn: list[Side] = [side for side in SIDES if side in insoles]
        self._priority = priority_of(worn, imus, plate=plate)
        self._imus = self._stand_ins(imus)
        # nobody but the plate, or the pelvis, tells both feet at once
        seen = {lane.side for lane in (*force, *imus)}
        self.both_feet = "unknown" in seen or len(seen) == len(SIDES)
        self.streams = {imu.lane.stream for imu in self._imus} | {
            stream
            for lane in force
            for stream in (lane.stream, lane.cell_stream)
            if stream is not None
        }
        self._waiting: list[tuple[float, int, int, Contact]] = []
        self._order = 0
        self._plate_side: ContactSide = "unknown"
        self._recent: deque[Contact] = deque(maxlen=_RECENT)
        self._newest: deque[Contact] = deque()  # that count, of the last stride
        self.until_s = -np.inf
        self.moved = False
        self._force_of = {
            stream: [it for it in force if stream in (it.stream, it.cell_stream)]
            for stream in self.streams
        }
        self._imus_of = {
            stream: [it for it in self._imus if stream == it.lane.stream]
            for stream in self.streams
        }

    @property
    def counting(self) -> list[ForceLane]:
        """The lanes that strides come from."""
        return [
            lane
            for lane in self.force
            if lane.side != "unknown" or self._plate_alone or self._other_side
        ]

    def of_stride(self, stride: Stride) -> list[ForceLane]:
        """Return the lanes that the contacts of the newest stride come from.

        Where an IMU stands in, rows that an insole lacks are not missed.
        """
        told = {(it.source, it.side) for it in self._newest if it.t_s >= stride.ic_s}
        return [
            lane
            for lane in self.counting
            if any(
                source == lane.source and lane.side in (side, "unknown")
                for source, side in told
            )
        ]

    def feed(self, stream: int, t_s: Floats, x: Values) -> None:
        """Take the next rows of a stream."""
        for lane in self._force_of[stream]:
            self._force(lane, lane.feed(stream, t_s, x))
        for imu in self._imus_of[stream]:
            imu.feed(t_s, x)
            if not self._may_wait(imu):
                self._work(imu)

    def advance(self, stream: int, t_s: float) -> None:
        """Let time pass without rows of a stream."""
        for lane in self._force_of[stream]:
            self._force(lane, lane.advance(stream, t_s))
        for imu in self._imus_of[stream]:
            imu.advance(t_s)
            self._work(imu)

    def finish(self) -> Iterator[tuple[Contact, bool]]:
        """End the data; yield what is left, as :meth:`emit` does."""
        for lane in self.force:
            self._force(lane, lane.finish())
        for lane in self.force:  # nothing more of it decides who is wanted
            if not self._bears_witness(lane):
                self._told(lane, [], np.inf)
        while any(self._work(imu) for imu in self._imus):
            pass
        for imu in self._imus:
            self._told(imu.lane, imu.lane.finish(), imu.final_s)
        if self._priority is not None:
            self._queue(0, self._priority.finish())
        yield from self._before(np.inf)

    def emit(self) -> Iterator[tuple[Contact, bool]]:
        """Yield the contacts that no stream can add one before to.

        Yields
        ------
        contact, counts : in time order, and whether strides are made of it
        """
        self.moved = False
        until_s = -np.inf if self._priority is None else self._priority.final_s
        for lane in self.force:
            if self._bears_witness(lane):
                until_s = min(until_s, lane.final_s)
        if self._other_side is not None:
            until_s -= _SAME_CONTACT_S
        if until_s > self.until_s:
            yield from self._before(until_s)

    def trim(self, before_s: float) -> None:
        """Give up rows that no later stride needs."""
        for lane in self.force:
            lane.trim(before_s)

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the contacts must know."""
        own = () if self._priority is None else self._priority.findings()
        lanes = (*self.force, *(imu.lane for imu in self._imus))
        return (*own, *(it for lane in lanes for it in lane.findings()))

    def _stand_ins(self, imus: Sequence[ImuLane]) -> list[StandIn]:
        if self._priority is None:
            return []
        wanted = self._priority.wanted
        return [StandIn(lane, wanted(lane.source, lane.side)) for lane in imus]

    def _may_wait(self, imu: StandIn) -> bool:
        """Tell whether the rows of an IMU may wait for more."""
        waits_s, lane, priority = imu.span_s, imu.lane, self._priority
        if waits_s < _HEARD_PIECE_S or priority is None:
            return True
        return waits_s < _IDLE_PIECE_S and not priority.listens(lane.source, lane.side)

    def _work(self, imu: StandIn) -> bool:
        """Let an IMU look at all rows that are wanted; tell whether there were any."""
        worked = False
        while (found := imu.work()) is not None:
            self._told(imu.lane, found, imu.final_s)
            worked = True
        if not worked:
            self._told(imu.lane, [], imu.final_s)
        return worked

    def _bears_witness(self, lane: ForceLane) -> bool:
        """Tell whether it is a plate beside insoles."""
        return lane.side == "unknown" and not self._plate_alone

    def _force(self, lane: ForceLane, contacts: list[Contact]) -> None:
        if self._bears_witness(lane):
            self.moved = True
            self._queue(1, contacts)
        else:
            self._told(lane, contacts, lane.final_s)

    def _told(
        self, lane: ForceLane | ImuLane, contacts: list[Contact], final_s: float
    ) -> None:
        """Let priority decide whose contacts count."""
        self.moved = True
        if self._priority is not None:
            found = self._priority.feed(lane.source, lane.side, contacts, final_s)
            self._queue(0, found)

    def _queue(self, lane: int, contacts: list[Contact]) -> None:
        for contact in contacts:
            self._order += 1
            entry = (contact.t_s, lane, self._order, contact)
            heapq.heappush(self._waiting, entry)

    def _before(self, until_s: float) -> Iterator[tuple[Contact, bool]]:
        while self._waiting and self._waiting[0][0] < until_s:
            contact = heapq.heappop(self._waiting)[3]
            counts = contact.source != "treadmill" or self._plate_alone
            if self._other_side is not None and contact.source == "treadmill":
                contact = self._told_apart(contact, self._other_side)
                counts = contact.side == self._other_side
            self._recent.append(contact)
            if counts:
                self._keep(contact)
            yield contact, counts
        self.until_s = until_s

    def _keep(self, contact: Contact) -> None:
        self._newest.append(contact)
        while contact.t_s - self._newest[0].t_s > _LONGEST_S:
            self._newest.popleft()

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
