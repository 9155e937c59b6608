"""One metric as soon as its own rows are there: what a runner is told while running.

Everything follows from rows and contacts up to fixed times, as strides do, so that any
cut of the rows gives the same bits. It changes nothing of the strides themselves.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.lanes.lane import Glance, Seen
from lablive.lanes.strides import measures, stride_data, whole
from lablive.metrics.early import EARLY, measured, signals
from lablive.metrics.reasons import placed
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import record_of
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.stack import StrideStack
from lablive.names import SIDES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.gait.force_lane import ForceLane
    from lablive.gait.full_scale import Top
    from lablive.gait.strides import Stance, Stride, StrideBuilder
    from lablive.lanes.contacts import ContactLanes
    from lablive.lanes.lane import SignalLane
    from lablive.lanes.strides import Person, StrideMeter
    from lablive.metrics.metric import StrideData, StrideForce

_LEARNED_S: Final = 0.2  # strides that ended so long before a contact are looked at
_LONGEST_S: Final = 2.0  # [design] a stance so long before is no stride before this


class EarlyRecord(NamedTuple):
    """A stride with its early metric, and the data time at which it can be known."""

    known_s: float
    record: StrideRecord


class _Waiting(NamedTuple):
    stride: Stride
    before: Stride | None  # the stance before, for what needs both
    until_s: float
    learned_s: float
    force: StrideForce | None
    top: Top | None


class EarlyStrides:
    """Works one metric out ahead of the strides.

    Parameters
    ----------
    metric_id
        One of :data:`lablive.metrics.early.EARLY`.
    lanes
        All signals besides force.
    person
        Body measures.
    meter
        Knows which strides have been looked at.
    """

    def __init__(
        self,
        metric_id: str,
        lanes: Sequence[SignalLane],
        person: Person,
        meter: StrideMeter,
    ) -> None:
        self.metric_id = metric_id
        self._about = EARLY[metric_id]
        self._metrics = measured(metric_id)
        self._person, self._meter = person, meter
        sides: tuple[ContactSide, ...] = (*SIDES, "unknown")
        self._lanes: dict[ContactSide, tuple[SignalLane, ...]] = {}
        for side in sides:
            wanted = {placed(it, side) for it in signals(metric_id)}
            self._lanes[side] = tuple(it for it in lanes if wanted & {*it.names})
        self._streams: dict[ContactSide, set[int]] = {
            side: {it.stream for it in own if it.stream is not None}
            for side, own in self._lanes.items()
        }
        self._waiting: dict[ContactSide, deque[_Waiting]] = {
            side: deque() for side in sides
        }
        self._before: dict[ContactSide, Stride] = {}
        self._pending, self._is_new = 0, False
        self._every = frozenset[int]().union(*self._streams.values())

    def lacking(self, away: set[int], contacts: ContactLanes) -> frozenset[ContactSide]:
        """Return the feet that cannot be told without some streams."""
        return frozenset(
            side
            for side, own in self._streams.items()
            if own & away or self._is_unseen(side, away, contacts)
        )

    def _is_unseen(
        self, side: ContactSide, away: set[int], contacts: ContactLanes
    ) -> bool:
        """Tell whether nobody tells a foot's contacts, or its force if that counts."""
        force = {it.stream for it in contacts.counting if it.side == side}
        if force and self._about.force:
            return bool(force & away)
        return away >= (force if force else contacts.streams)

    def take(
        self,
        contact: Contact,
        stride: Stride | None,
        builder: StrideBuilder,
        contacts: ContactLanes,
    ) -> None:
        """Take the next contact, and the stride that it ended."""
        if self._about.of == "stride":
            if stride is not None:
                self._wait(stride, None, contacts.of_stride(stride), None)
            return
        found = builder.stance(contact)
        if found is not None:
            self._take_stance(found, contacts.of_stride(found.stride))

    def waits_for(self, stream: int) -> bool:
        """Tell whether something waits that may be known once a stream has gone on."""
        is_new, self._is_new = self._is_new, False
        return is_new or (
            self._pending > 0 and (stream in self._every or self._about.learned)
        )

    def release(self, *, everything: bool = False) -> Iterator[EarlyRecord]:
        """Yield what can be known now; of each foot in the order of time."""
        for waiting in self._waiting.values():
            while waiting and (everything or self._ready(waiting[0])):
                self._pending -= 1
                yield self._measured(waiting.popleft())

    # ------------------------------------------------------------------ what to read
    def _take_stance(self, found: Stance, lanes: Sequence[ForceLane]) -> None:
        about, stride = self._about, found.stride
        assert stride.to_s is not None
        lasted_s = about.share * (stride.to_s - stride.ic_s)
        reads_s = stride.ic_s + lasted_s + about.later_s
        before = None
        if about.of_pair is not None:
            before = self._before.get(stride.side)
            self._before[stride.side] = stride
        ended = msgspec.structs.replace(stride, next_ic_s=reads_s)
        self._wait(ended, before, lanes, found)

    def _wait(
        self,
        stride: Stride,
        before: Stride | None,
        lanes: Sequence[ForceLane],
        stance: Stance | None,
    ) -> None:
        stride = whole(stride, lanes)
        force = top = None
        own = next((lane for lane in lanes if measures(lane, stride)), None)
        if self._about.force and own and stance and stride.valid:
            force = own.force_so_far(stride, stance.swing_s)
            top = own.top(stride)
        hz = self._about.filter_hz
        needs_s = [it.early_s(stride, hz) for it in self._lanes[stride.side]]
        closed_s = stride.next_ic_s if stride.to_s is None else stride.to_s
        until_s = max((closed_s, *needs_s))
        self._pending, self._is_new = self._pending + 1, True
        learned_s = stride.ic_s - _LEARNED_S if self._about.learned else -np.inf
        self._waiting[stride.side].append(
            _Waiting(stride, before, until_s, learned_s, force, top)
        )

    def _ready(self, it: _Waiting) -> bool:
        if not it.stride.valid:
            return True
        lanes = self._lanes[it.stride.side]
        return self._meter.has_passed(it.learned_s) and all(
            lane.reached_s >= it.until_s for lane in lanes
        )

    # --------------------------------------------------------------------- the value
    def _measured(self, it: _Waiting) -> EarlyRecord:
        stride = it.stride
        closed_s = max(stride.next_ic_s, stride.to_s or -np.inf)
        known_s = max(closed_s, it.until_s)
        told = stride
        if self._about.of == "stance" and stride.to_s is not None:
            told = msgspec.structs.replace(stride, next_ic_s=stride.to_s)
        if not stride.valid:
            return EarlyRecord(known_s, StrideRecord(told, {}))
        seen, glance = Seen(), Glance(it.until_s, it.learned_s)
        rows_of = stride
        if it.before is not None:
            rows_of = msgspec.structs.replace(it.before, next_ic_s=stride.ic_s)
        for lane in self._lanes[stride.side]:
            lane.look_early(rows_of, glance, seen)
        data = stride_data(stride, seen, self._person, it.force)
        if self._about.of_pair is None:
            record = record_of(data, self._metrics)
        else:
            record = self._of_pair(data, rows_of, seen)
        if it.top is not None and it.top.flat:
            record = dataclasses.replace(record, highest=it.top.value)
        return EarlyRecord(known_s, dataclasses.replace(record, stride=told))

    def _of_pair(self, data: StrideData, before: Stride, seen: Seen) -> StrideRecord:
        """Return a metric that reads the stride before as well."""
        of_pair, stride = self._about.of_pair, data.stride
        assert of_pair is not None
        try:
            if before is stride or before.stride_s > _LONGEST_S:
                raise NotMeasuredError("needs the stride before this stance")
            behind = stride_data(before, seen, self._person)
            stacks = (StrideStack.of_one(it) for it in (behind, data))
            values = {self.metric_id: float(of_pair(*stacks))}
            return StrideRecord(stride, values, lacks=data.lacks)
        except NotMeasuredError as refusal:
            lacks = {**data.lacks, self.metric_id: str(refusal)}
            return StrideRecord(stride, {}, lacks=lacks)


def early_strides(
    metric_id: str, lanes: Sequence[SignalLane], person: Person, meter: StrideMeter
) -> EarlyStrides | None:
    """Return what works a metric out; None when it comes with its strides."""
    if metric_id not in EARLY:
        return None
    return EarlyStrides(metric_id, lanes, person, meter)
