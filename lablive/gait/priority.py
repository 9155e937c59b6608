"""Which sensor tells a contact: insole, else foot IMU, else shank IMU, else pelvis.

A force plate under both feet stands in the insole's place, and only a pelvis behind it.

Metric reference, section 1.4. Every event keeps its source; the result is in time
order, and the same for any cut and any interleaving of the sensors' rows.
"""

from __future__ import annotations

import heapq
from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.fallback import Fallback
from lablive.gait.findings import Finding
from lablive.gait.swaps import back_to_front, on_other_foot, swapped
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from lablive.gait.contacts import Contact, ContactSide, ContactSource
    from lablive.gait.fallback import Wanted
    from lablive.gait.imu_lanes import ImuLane
    from lablive.names import Side

ORDER: Final[tuple[ContactSource, ...]] = (
    "insole", "treadmill", "foot_imu", "shank_imu", "pelvis_imu",
)  # fmt: skip
_NAMES: Final = {
    "foot_imu": "foot IMU", "shank_imu": "shank IMU", "pelvis_imu": "pelvis IMU",
}  # fmt: skip
_FORCES: Final = ("insole", "treadmill")
_SWAP_CONTACTS: Final = 40
_OTHER: Final[dict[ContactSide, ContactSide]] = {"left": "right", "right": "left"}


class Priority:
    """Contacts of a walker or runner from all sensors that see them.

    Parameters
    ----------
    sources
        The sensors of each foot; feeds of others count for nothing. A pelvis IMU may
        be named for left and right (its contacts are used once their side is told),
        or alone for ``unknown``.
    """

    def __init__(self, sources: Mapping[ContactSide, Iterable[ContactSource]]) -> None:
        self._chains: dict[ContactSide, _Chain] = {
            side: _Chain(sorted(set(names), key=ORDER.index))
            for side, names in sources.items()
        }
        self._feet: dict[tuple[str, str], list[tuple[ContactSide, _Chain]]] = {
            (source, side): [
                (name, chain)
                for name, chain in self._chains.items()
                if source in chain.sources and side in (name, "unknown")
            ]
            for source in ORDER
            for side in (*SIDES, "unknown")
        }
        self._waiting: list[tuple[float, ContactSide, int, Contact]] = []
        self._order = 0
        self._final_s = -np.inf

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        return self._final_s

    def listens(self, source: ContactSource, side: ContactSide) -> bool:
        """Tell whether an IMU is waited for; else its rows may wait, too."""
        return any(chain.listens for _, chain in self._feet[source, side])

    def wanted(self, source: ContactSource, side: ContactSide) -> list[Wanted]:
        """Return for whom an IMU stands in, and when."""
        return [chain.wanted for _, chain in self._feet[source, side]]

    def feed(
        self,
        source: ContactSource,
        side: ContactSide,
        contacts: Iterable[Contact],
        final_s: float,
    ) -> list[Contact]:
        """Take what a detector found; return what became certain, in time order.

        Parameters
        ----------
        source, side
            Which detector; the pelvis IMU has side ``unknown``.
        contacts
            Its new events, in time order.
        final_s
            Its ``final_s``: events before it are complete.
        """
        found = list(contacts)
        for name, chain in self._feet[source, side]:
            own = found
            if name != "unknown" or "treadmill" in chain.sources:
                own = _of_foot(found, name)
            self._queue(name, chain.feed(source, own, final_s))
        return self._emit()

    def finish(self) -> list[Contact]:
        """End the data: nothing waits any longer."""
        for side, chain in self._chains.items():
            for source in chain.sources:
                self._queue(side, chain.feed(source, [], np.inf))
        return self._emit()

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        found: list[Finding] = []
        for side, chain in self._chains.items():
            found += chain.findings(side)
        return (*found, *self._swaps())

    def _swaps(self) -> Iterator[Finding]:
        for source in ("foot_imu", "shank_imu"):
            yield from swapped(f"{_NAMES[source]}s", self._on_other_foot(source))
        yield from back_to_front(self._on_other_foot("pelvis_imu"))

    def _on_other_foot(self, source: ContactSource) -> float:
        """Return the share of a sensor's contacts on the other insole, NaN: unknown."""
        shares = [np.nan]
        for side, chain in self._chains.items():
            other = self._chains.get(_OTHER.get(side, side))
            if other is None or other is chain or "insole" not in other.sources:
                continue
            own_s, seen_s = chain.contacts_s("insole"), chain.contacts_s(source)
            other_s = other.contacts_s("insole")
            shares.append(on_other_foot(seen_s, own_s, other_s))
        return float(np.fmax.reduce(shares))

    def _queue(self, side: ContactSide, contacts: Iterable[Contact]) -> None:
        for contact in contacts:
            self._order += 1
            heapq.heappush(self._waiting, (contact.t_s, side, self._order, contact))

    def _emit(self) -> list[Contact]:
        until_s = min(chain.final_s for chain in self._chains.values())
        self._final_s = max(self._final_s, until_s)
        out: list[Contact] = []
        while self._waiting and self._waiting[0][0] < self._final_s:
            out.append(heapq.heappop(self._waiting)[-1])
        return out


def _of_foot(contacts: Iterable[Contact], side: ContactSide) -> list[Contact]:
    """Return the contacts of one foot; what is lost to both is lost to it.

    ``unknown``: those of both, without a side, as a force plate tells them.
    """
    return [
        msgspec.structs.replace(contact, side=side)
        for contact in contacts
        if side == "unknown" or contact.side == side or contact.kind == "lost"
    ]


def priority_of(
    insoles: Collection[Side], lanes: Iterable[ImuLane], *, plate: bool = False
) -> Priority | None:
    """Return who tells the contacts, None when nobody can.

    Parameters
    ----------
    insoles
        Sides with an insole.
    lanes
        The IMUs that tell contacts.
    plate
        Whether there is a force plate under both feet. It counts only without
        insoles; which foot was on it nobody tells, so feet's IMUs do not stand in.
    """
    found: dict[ContactSide, set[ContactSource]] = {}
    both = list(lanes)
    pelvis: set[ContactSource] = {
        lane.source for lane in both if lane.side == "unknown"
    }
    if plate and not insoles:
        return Priority({"unknown": {"treadmill", *pelvis}})
    for side in insoles:
        found.setdefault(side, set()).add("insole")
    for lane in (lane for lane in both if lane.side != "unknown"):
        found.setdefault(lane.side, set()).add(lane.source)
    if not found:
        return Priority({"unknown": pelvis}) if pelvis else None
    if pelvis:
        found = {side: found.get(side, set()) | pelvis for side in SIDES}
    return Priority(found)


class _Always:
    """Nobody better is there: an IMU is wanted all the time."""

    def __init__(self) -> None:
        self.spans = [(-np.inf, np.inf)]
        self.known_s, self.earliest_s = np.inf, -np.inf


_ALWAYS: Final = _Always()


class _Chain:
    """The sensors of one foot, best first."""

    def __init__(self, sources: list[ContactSource]) -> None:
        self.sources = sources
        self._stages = [Fallback() for _ in sources[1:]]
        self._only_s = -np.inf
        # initial contacts that tell who is swapped: the newest that an IMU saw, and
        # all of an insole, for the IMU may have rested since
        self._ic_s: dict[ContactSource, deque[float]] = {
            source: deque(maxlen=None if source in _FORCES else _SWAP_CONTACTS)
            for source in sources
        }

    @property
    def final_s(self) -> float:
        return self._stages[-1].final_s if self._stages else self._only_s

    @property
    def listens(self) -> bool:
        force = self.sources[0] in _FORCES
        return not force or any(stage.listens for stage in self._stages)

    @property
    def wanted(self) -> Wanted:
        """When the IMUs behind the first sensor are wanted; always, if that is one."""
        return self._stages[0] if self.sources[0] in _FORCES else _ALWAYS

    def feed(
        self, source: ContactSource, contacts: list[Contact], final_s: float
    ) -> list[Contact]:
        """Take events of one sensor; return those of the foot that became certain."""
        if contacts:
            self._ic_s[source].extend(c.t_s for c in contacts if c.kind == "ic")
        if not self._stages:
            self._only_s = max(self._only_s, final_s)
            return contacts
        at = self.sources.index(source)
        stage = self._stages[max(0, at - 1)]
        take = stage.feed_lesser if at else stage.feed_better
        out = take(contacts, final_s)
        for later in self._stages[max(1, at) :]:
            out = later.feed_better(out, stage.final_s)
            stage = later
        return out

    def contacts_s(self, source: ContactSource) -> list[float]:
        """Return the newest initial contacts of one sensor."""
        return list(self._ic_s.get(source, ()))

    def findings(self, side: ContactSide) -> Iterator[Finding]:
        """Return how far the times of the lesser sensors can be trusted."""
        foot = "both feet" if side == "unknown" else f"the {side} foot"
        if self.sources[0] not in _FORCES:
            names = " and ".join(_NAMES[source] for source in self.sources)
            what = f"Contacts of {foot} come from the {names}, without an insole"
        elif sum(stage.uncalibrated for stage in self._stages):
            what = (
                f"Some contacts of {foot} come from an IMU that stood in before 20 "
                "strides were seen by both"
            )
        else:
            return
        text = f"{what}: uncalibrated, ±20 ms."
        yield Finding("uncalibrated", text)
