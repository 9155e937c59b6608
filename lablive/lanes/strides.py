"""Strides waiting for what every sensor has to say of them, then their values."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.gait.force_lane import force_curve
from lablive.gait.strides import REASONS
from lablive.gait.sync_check import SyncCheck
from lablive.lanes.doubts import Doubts
from lablive.lanes.lane import Seen
from lablive.metrics.metric import NAN, StrideData
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import stride_record
from lablive.names import SIDES, side_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.gait.findings import Finding
    from lablive.gait.force_lane import ForceLane
    from lablive.gait.full_scale import Top
    from lablive.gait.strides import Stride
    from lablive.lanes.lane import SignalLane
    from lablive.metrics.metric import StrideForce, StridePressure


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
    """A stride with its force, until the other signals have come."""

    stride: Stride
    force: StrideForce | None
    pressure: StridePressure | None
    top: Top | None = None
    unit: str = ""


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
        What speaks against the sensors, by the strides released so far.
    """

    def __init__(self, lanes: Sequence[SignalLane], person: Person) -> None:
        self._lanes = lanes
        self._of_side = {
            side: tuple(lane for lane in lanes if _bears_on(lane, side))
            for side in (*SIDES, "unknown")
        }
        self._person = person
        self._waiting: deque[_Waiting] = deque()
        self._blocker: SignalLane | None = None  # what the oldest stride waits for
        self.doubts = Doubts()
        self._shanks = {
            side: SyncCheck(f"{side} insole and {side} shank IMU") for side in SIDES
        }

    def waits_for(self, stream: int) -> bool:
        """Tell whether a stride waits, and may be done once a stream has gone on."""
        return bool(self._waiting) and (
            self._blocker is None or self._blocker.stream == stream
        )

    @property
    def oldest_s(self) -> float:
        """Begin of the oldest stride that waits, infinite when none does."""
        return self._waiting[0].stride.ic_s if self._waiting else np.inf

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
        force = pressure = top = None
        unit = ""
        holes = (lane.has_hole(stride.ic_s, stride.next_ic_s) for lane in lanes)
        if stride.valid and any(holes):
            reasons = tuple(
                r for r in REASONS if r == "missing data" or r in stride.reasons
            )
            stride = msgspec.structs.replace(stride, valid=False, reasons=reasons)
        own = next((lane for lane in lanes if _measures(lane, stride)), None)
        if own and stride.valid:
            force = own.force(stride)
            pressure = own.pressure(stride, force) if force else None
        if own and _CELLS_MAY_BE_WHY.issuperset(stride.reasons):
            top, unit = own.top(stride), own.raw_unit
        self._waiting.append(_Waiting(stride, force, pressure, top, unit))

    def release(self, *, everything: bool = False) -> Iterator[StrideRecord]:
        """Yield the records of the strides that need not wait any longer.

        Parameters
        ----------
        everything
            The data have ended.
        """
        while self._waiting:
            first = self._waiting[0]
            valid = first.stride.valid
            if valid and not everything and not self._ready(first.stride):
                return
            self._waiting.popleft()
            if first.top is not None:
                self.doubts.load(first.stride.side, first.top, first.unit)
            yield self._measured(first) if valid else StrideRecord(first.stride, {})

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

    def _measured(self, waiting: _Waiting) -> StrideRecord:
        """Return a stride with its values, from its own rows."""
        stride, force, pressure, top, _ = waiting
        seen = Seen()
        for lane in self._of_side[stride.side]:
            lane.look(stride, seen)
        self.doubts.look(stride, seen)
        data = StrideData(
            stride,
            force,
            pressure,
            segments=seen.segments,
            emg=seen.emg,
            sound=seen.sound,
            lacks=seen.lacks,
            mass_kg=self._person.mass_kg,
            height_m=self._person.height_m,
            leg_length_m=self._person.leg_length_m,
            pelvic_neutral_deg=self._person.pelvic_neutral_deg,
            standing_medial_pct=self._standing_medial_pct(stride),
        )
        curve = force_curve(stride, force)
        record = stride_record(
            data,
            None if curve is None else curve.astype(np.float32),
            None if pressure is None else pressure.line.astype(np.float32),
        )
        if top is not None and top.flat:
            record = dataclasses.replace(record, highest=top.value)
        lag_ms = record.values.get("tibia_delay_ms", NAN)
        if stride.side != "unknown" and np.isfinite(lag_ms):
            self._shanks[stride.side].feed(stride.ic_s, lag_ms)
        return record

    def _standing_medial_pct(self, stride: Stride) -> float:
        left_pct, right_pct = self._person.standing_medial_pct
        return {"left": left_pct, "right": right_pct}.get(stride.side, NAN)


def _bears_on(lane: SignalLane, side: ContactSide) -> bool:
    """Tell whether a lane can say anything of a stride of one side."""
    return any(side_of(name) in (None, side) for name in lane.names)


def _measures(lane: ForceLane, stride: Stride) -> bool:
    """Tell whether a lane carries the force of a stride."""
    wanted = {"insole": stride.side, "treadmill": "unknown"}.get(stride.source)
    return lane.side == wanted
