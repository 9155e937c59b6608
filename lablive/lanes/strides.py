"""Strides waiting for what every sensor has to say of them, then their values."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.gait.force_lane import Load, force_curve
from lablive.gait.strides import REASONS
from lablive.gait.sync_check import SyncCheck
from lablive.lanes.doubts import Doubts
from lablive.lanes.lane import Seen
from lablive.metrics.metric import NAN, StrideData
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import stride_records
from lablive.names import SIDES, side_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.gait.findings import Finding
    from lablive.gait.force_lane import ForceLane
    from lablive.gait.full_scale import Top
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import SignalLane
    from lablive.metrics.metric import StrideForce, StridePressure
    from lablive.metrics.withheld import Withheld

_AT_ONCE: Final = 256  # strides; more gain nothing and only hold their rows
_FEW: Final = 8
# strides without force, for which cells that drop out under load may be the cause
_CELLS_MAY_BE_WHY: Final = frozenset(("missing data", "sensor loss"))


class Person(NamedTuple):
    """Who walks or runs; NaN or None = not known.

    Attributes
    ----------
    mass_kg, height_m, leg_length_m
        Body measures.
    pelvic_neutral_deg
        Lowest and highest neutral pelvic tilt from standing.
    standing_medial_pct
        Medial load of the left and the right foot in two-leg standing.
    """

    mass_kg: float = NAN
    height_m: float = NAN
    leg_length_m: float = NAN
    pelvic_neutral_deg: tuple[float, float] | None = None
    standing_medial_pct: tuple[float, float] = (NAN, NAN)


class _Waiting(NamedTuple):
    """A stride and the lane of its force, until all signals have come."""

    stride: Stride
    lane: ForceLane | None = None


class StrideMeter:
    """Turns strides into records once every lane has passed them.

    Nothing waits for a sensor that was released by a stall, or for one whose rows a
    stride without contacts of trust would need.

    Parameters
    ----------
    lanes
        Signals besides force.
    person
        Body measures.

    Attributes
    ----------
    doubts
        What speaks against the sensors, by the strides looked at so far.
    withheld
        What is not shown because of it, as known at the end of the stride that was
        released last.
    watch
        Shown every valid stride with its rows; None = nobody wants to see them.
    """

    def __init__(self, lanes: Sequence[SignalLane], person: Person) -> None:
        self._lanes = lanes
        self._bear_on = {
            lane: tuple(it for it in (*SIDES, "unknown") if _bears_on(lane, it))
            for lane in lanes
        }
        self._person = person
        self._waiting: deque[_Waiting] = deque()
        self._blocker: SignalLane | None = None  # what the oldest stride waits for
        self.doubts = Doubts()
        self.withheld = self.doubts.withheld
        self.watch: Callable[[StrideData], None] | None = None
        self._shanks = {
            side: SyncCheck(f"{side} insole and {side} shank IMU") for side in SIDES
        }

    def waits_for(self, stream: int) -> bool:
        """Tell whether a stride waits, and may be done once a stream has gone on."""
        return bool(self._waiting) and (
            self._blocker is None or self._blocker.stream == stream
        )

    @property
    def is_prompt(self) -> bool:
        """Whether no stride ever waits: it follows the contact that ends it."""
        return not self._lanes

    @property
    def oldest_s(self) -> float:
        """Begin of the oldest stride that waits, infinite when none does."""
        return self._waiting[0].stride.ic_s if self._waiting else np.inf

    def has_passed(self, t_s: float) -> bool:
        """Tell whether every stride that ended up to a time has been looked at."""
        return not self._waiting or self._waiting[0].stride.next_ic_s > t_s

    def contact(self, contact: Contact) -> None:
        """Take the next contact, in time order."""
        for lane in self._lanes:
            lane.contact(contact)

    def add(self, stride: Stride, lanes: Sequence[ForceLane]) -> None:
        """Take the next stride.

        Parameters
        ----------
        stride
            A stride, in the order of their ends.
        lanes
            Force that strides come from; a hole in any makes the stride invalid.
        """
        stride = whole(stride, lanes)
        own = next((lane for lane in lanes if measures(lane, stride)), None)
        self._waiting.append(_Waiting(stride, own))

    def release(
        self, *, everything: bool = False, patient: bool = False
    ) -> Iterator[StrideRecord]:
        """Yield the records of the strides that need not wait any longer.

        Parameters
        ----------
        everything
            The data have ended.
        patient
            Nobody watches: a few strides wait for more, together they cost less.
        """
        done: list[_Waiting] = []
        while self._waiting:
            first = self._waiting[0]
            if first.stride.valid and not everything and not self._ready(first.stride):
                break
            done.append(self._waiting.popleft())
            if len(done) == _AT_ONCE:
                yield from self._measured(done)
                done = []
        if patient and not everything and len(done) < _FEW:
            self._waiting.extendleft(reversed(done))
        elif done:
            yield from self._measured(done)

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the strides must know of the sensors."""
        clocks = (it for check in self._shanks.values() for it in check.findings())
        return (*self.doubts.findings(), *clocks)

    def trim(self, before_s: float) -> None:
        """Give up rows that no later stride needs."""
        for lane in self._lanes:
            lane.trim(before_s)

    def _ready(self, stride: Stride) -> bool:
        if self._blocker is not None and not self._blocker.ready(stride):
            return False
        lanes = self._lanes
        self._blocker = next((it for it in lanes if not it.ready(stride)), None)
        return self._blocker is None

    def _measured(self, waiting: Sequence[_Waiting]) -> Iterator[StrideRecord]:
        """Yield strides with their values, each from its own rows."""
        valid = [number for number, it in enumerate(waiting) if it.stride.valid]
        loads = self._loads(waiting, valid)
        told = self._told([waiting[number].stride for number in valid])
        tops: list[Top | None] = []
        known: list[Withheld] = []  # after each stride
        looks = iter(told)
        for stride, lane in waiting:  # in time order
            may_tell = lane is not None and _CELLS_MAY_BE_WHY.issuperset(stride.reasons)
            top = lane.top(stride) if lane is not None and may_tell else None
            if lane is not None and top is not None:
                self.doubts.load(stride.side, top, lane.raw_unit)
            if stride.valid:
                self.doubts.look(stride, next(looks))
            tops.append(top)
            known.append(self.doubts.withheld)
        seen = [
            stride_data(waiting[number].stride, by_lanes, self._person, *loads[number])
            for number, by_lanes in zip(valid, told, strict=True)
        ]
        curves = [_curves(waiting[number].stride, loads[number]) for number in valid]
        records = iter(stride_records(seen, curves))
        if self.watch is not None:
            for data in seen:
                self.watch(data)
        for it, top, self.withheld in zip(waiting, tops, known, strict=True):
            if not it.stride.valid:
                yield StrideRecord(it.stride, {})
                continue
            record = next(records)
            if top is not None and top.flat:
                record = dataclasses.replace(record, highest=top.value)
            side, lag_ms = it.stride.side, record.values.get("tibia_delay_ms", NAN)
            if side != "unknown" and np.isfinite(lag_ms):
                self._shanks[side].feed(it.stride.ic_s, lag_ms)
            yield record

    def _loads(
        self, waiting: Sequence[_Waiting], valid: Sequence[int]
    ) -> dict[int, Load]:
        """Return force and pressure of the valid strides by their number."""
        found = dict.fromkeys(valid, Load())
        of_lane: dict[ForceLane, list[int]] = {}
        for number in valid:
            lane = waiting[number].lane
            if lane is not None:
                of_lane.setdefault(lane, []).append(number)
        for lane, numbers in of_lane.items():
            strides = [waiting[number].stride for number in numbers]
            found.update(zip(numbers, lane.loads(strides), strict=True))
        return found

    def _told(self, strides: Sequence[Stride]) -> list[Seen]:
        """Return what the lanes know of strides in time order."""
        every = [(stride, Seen()) for stride in strides]
        for lane in self._lanes:
            bears_on = self._bear_on[lane]
            own = [it for it in every if it[0].side in bears_on]
            if own:
                lane.look(own)
        return [seen for _, seen in every]


def stride_data(
    stride: Stride,
    seen: Seen,
    person: Person,
    force: StrideForce | None = None,
    pressure: StridePressure | None = None,
) -> StrideData:
    """Return all that was measured in a stride."""
    left_pct, right_pct = person.standing_medial_pct
    return StrideData(
        stride,
        force,
        pressure,
        segments=seen.segments,
        emg=seen.emg,
        sound=seen.sound,
        lacks=seen.lacks,
        mass_kg=person.mass_kg,
        height_m=person.height_m,
        leg_length_m=person.leg_length_m,
        pelvic_neutral_deg=person.pelvic_neutral_deg,
        standing_medial_pct={"left": left_pct, "right": right_pct}.get(
            stride.side, NAN
        ),
    )


def whole(stride: Stride, lanes: Sequence[ForceLane]) -> Stride:
    """Return a stride as it is, or invalid when force is missing in it."""
    holes = (lane.has_hole(stride.ic_s, stride.next_ic_s) for lane in lanes)
    if not stride.valid or not any(holes):
        return stride
    reasons = tuple(r for r in REASONS if r == "missing data" or r in stride.reasons)
    return msgspec.structs.replace(stride, valid=False, reasons=reasons)


def _curves(
    stride: Stride, load: Load
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32] | None]:
    """Return the force curve and the gait line of a stride, as they are kept."""
    curve = force_curve(stride, load.force)
    line = None if load.pressure is None else load.pressure.line
    return (
        None if curve is None else curve.astype(np.float32),
        None if line is None else line.astype(np.float32),
    )


def _bears_on(lane: SignalLane, side: ContactSide) -> bool:
    """Tell whether a lane can say anything of a stride of one side."""
    return any(side_of(name) in (None, side) for name in lane.names)


def measures(lane: ForceLane, stride: Stride) -> bool:
    """Tell whether a lane carries the force of a stride."""
    wanted = {"insole": stride.side, "treadmill": "unknown"}.get(stride.source)
    return lane.side == wanted
