"""From rows to contacts, strides and metrics: the same for live, replay and report.

The only place that wires signals to metrics. It works on data time: every stream has
a watermark, results come out in the order of their own times once all streams they
need have passed them or were released by a recorded stall. No clock, no I/O.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.contacts import Contact, ContactSide
from lablive.gait.force_lane import ForceLane, force_curve
from lablive.gait.strides import REASONS, StrideBuilder
from lablive.messages import Chunk, Gap
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import NAN, StrideData
from lablive.metrics.registry import stride_record
from lablive.metrics.summary import StrideRecord
from lablive.metrics.weight import WeightCheck
from lablive.names import STANDARD_GRAVITY
from lablive.results import Results
from lablive.signals.insole import feet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.gait.strides import Stride
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import Calibration
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Subject
    from lablive.snapshot import Snapshot

Result = Contact | StrideRecord

_SAME_CONTACT_S: Final = 0.1  # plate and insole see one contact within this
_KEEP_S: Final = 10.0  # rows kept behind the watermark; no valid stride is longer
_LEG_PER_HEIGHT: Final = 0.53  # metric reference 2 [S01]
_UNKNOWN_RATE_HZ: Final = 50.0  # of a stream that names none: the slowest insole


class PipelineSettings(msgspec.Struct, frozen=True):
    """What the operator chose: ``drill`` allows the short contacts of hopping."""

    drill: bool = False


@dataclass
class _Stream:
    """How far a stream has come."""

    row: int = 0  # behind the last row seen
    last_s: float = -np.inf
    released_s: float = -np.inf
    gaps: list[Gap] = field(default_factory=list[Gap])  # waiting for their row


class Pipeline:
    """Contacts, strides and metrics of one recording.

    Parameters
    ----------
    binding
        Which channel measures what.
    streams
        The streams that are there.
    calibrations
        What was calibrated; None = nothing, forces as the devices say.
    settings
        What the operator chose.

    Attributes
    ----------
    results
        Contacts, strides and what can be read off them.
    watermark_s
        Everything before it is in the results.
    late_rows
        Rows that came after a stall had released their time; they count for nothing.
    """

    def __init__(
        self,
        binding: Binding,
        streams: Iterable[StreamInfo],
        calibrations: Calibrations | None,
        settings: PipelineSettings,
    ) -> None:
        montage = binding.montage
        calibration = calibrations.insole if calibrations else None
        mass_kg = calibration.mass_kg if calibration else montage.subject.mass_kg
        weight_n = None if mass_kg is None else mass_kg * STANDARD_GRAVITY
        self._binding = binding
        self._lanes = _lanes(binding, streams, calibration, weight_n, settings)
        self._streams = {stream: _Stream() for stream in _needed(self._lanes)}
        speed = binding.source("treadmill.speed")
        self._speed_stream = speed.stream if speed else None
        if speed is not None:
            self._streams.setdefault(speed.stream, _Stream())
        insoles = [lane.side for lane in self._lanes if lane.side != "unknown"]
        self._plate_alone = not insoles
        # one insole tells which of the plate's contacts are the other foot's
        self._other_side: ContactSide | None = None
        if len(insoles) == 1 and len(self._lanes) == 2:
            self._other_side = "right" if insoles[0] == "left" else "left"
        self._builder = StrideBuilder(both_feet=len(self._lanes) > 1 or not insoles)
        self._waiting: list[tuple[float, int, int, Contact]] = []
        self._order = 0
        self._plate_side: ContactSide = "unknown"
        self._out: list[Result] = []
        units = {lane.unit for lane in self._lanes if self._counts(lane)}
        standing = weight_n if weight_n and units == {"N"} else NAN
        balance = calibration.standing_balance_pct if calibration else None
        self.results = Results(
            weight=WeightCheck(standing, one_unit=len(units) == 1),
            belt=BeltSpeed(
                montage.constants.treadmill_speed_mps, streams=speed is not None
            ),
            leg_length_m=_leg_length_m(montage.subject),
            standing_balance_pct=NAN if balance is None else balance,
            cells=any(lane.has_cells for lane in self._lanes),
        )
        self.watermark_s = -np.inf
        self.late_rows = 0

    # ---------------------------------------------------------------- rows and gaps
    def feed(self, item: Chunk | Gap) -> list[Result]:
        """Take rows or a gap; return what became certain, in the order of time.

        A gap must come before the rows that follow it; a gap inside a chunk cuts it.
        """
        stream = self._streams.get(item.stream)
        if stream is None:
            return []
        self._out = []
        if isinstance(item, Gap):
            if item.kind == "stall":
                stream.gaps.append(item)
                stream.gaps.sort(key=lambda gap: gap.after_row)
                self._pass_gaps(item.stream, stream, stream.row)
        else:
            self._take(item, stream)
        self._emit(min((lane.final_s for lane in self._lanes), default=-np.inf))
        return self._out

    def finish(self) -> list[Result]:
        """End the data: nothing waits any longer."""
        self._out = []
        for number, lane in enumerate(self._lanes):
            self._queue(number, lane.finish())
        self._emit(np.inf)
        return self._out

    def _take(self, chunk: Chunk, stream: _Stream) -> None:
        at, end = 0, len(chunk)
        while stream.gaps and stream.gaps[0].after_row < chunk.first_row + end:
            cut = max(at, stream.gaps[0].after_row - chunk.first_row)
            self._rows(chunk.stream, stream, chunk.t_s[at:cut], chunk.x[at:cut])
            self._pass_gaps(chunk.stream, stream, chunk.first_row + cut)
            at = cut
        self._rows(chunk.stream, stream, chunk.t_s[at:], chunk.x[at:])
        stream.row = chunk.first_row + end
        self._pass_gaps(chunk.stream, stream, stream.row)

    def _pass_gaps(self, stream_id: int, stream: _Stream, row: int) -> None:
        """Let stalls release the time up to their end, once their row has come."""
        while stream.gaps and stream.gaps[0].after_row <= row:
            gap = stream.gaps.pop(0)
            until_s = gap.t_s + gap.duration_s
            stream.released_s = max(stream.released_s, until_s)
            for number, lane in enumerate(self._lanes):
                self._queue(number, lane.advance(stream_id, until_s))

    def _rows(self, stream_id: int, stream: _Stream, t_s: Floats, x: Values) -> None:
        late = int(np.searchsorted(t_s, stream.released_s, side="right"))
        late = max(late, int(np.searchsorted(t_s, stream.last_s)))
        self.late_rows += late
        t_s, x = t_s[late:], x[late:]
        if not len(t_s):
            return
        stream.last_s = float(t_s[-1])
        if stream_id == self._speed_stream:
            speed_mps = self._binding.extract("treadmill.speed", x)[:, 0]
            self.results.belt.feed(t_s, speed_mps)
        for number, lane in enumerate(self._lanes):
            self._queue(number, lane.feed(stream_id, t_s, x))

    def _queue(self, lane: int, contacts: list[Contact]) -> None:
        for contact in contacts:
            self._order += 1
            entry = (contact.t_s, lane, self._order, contact)
            heapq.heappush(self._waiting, entry)

    # ------------------------------------------------------------ contacts, strides
    def _emit(self, until_s: float) -> None:
        """Hand out everything before a time that no stream can add to."""
        if self._other_side is not None:
            until_s -= _SAME_CONTACT_S
        if not until_s > self.watermark_s:
            return
        while self._waiting and self._waiting[0][0] < until_s:
            self._contact(heapq.heappop(self._waiting)[3])
        self.watermark_s = until_s
        for lane in self._lanes:
            lane.trim(until_s - _KEEP_S)

    def _contact(self, contact: Contact) -> None:
        counts = contact.source == "insole" or self._plate_alone
        if self._other_side is not None and contact.source == "treadmill":
            contact = self._told_apart(contact, self._other_side)
            counts = contact.side == self._other_side
        self.results.add_contact(contact)
        self._out.append(contact)
        stride = self._builder.feed(contact) if counts else None
        if stride is not None:
            self._stride(stride)

    def _told_apart(self, contact: Contact, other: ContactSide) -> Contact:
        """Give a contact of the plate to the foot whose insole it agrees with."""
        if contact.kind == "ic":
            soon = [entry[3] for entry in self._waiting]
            near = any(
                seen.kind == "ic"
                and seen.source == "insole"
                and abs(seen.t_s - contact.t_s) <= _SAME_CONTACT_S
                for seen in [*self.contacts[-8:], *soon]
            )
            worn: ContactSide = "right" if other == "left" else "left"
            self._plate_side = worn if near else other
        side = self._plate_side if contact.kind in ("ic", "to") else other
        return msgspec.structs.replace(contact, side=side)

    def _stride(self, stride: Stride) -> None:
        record = self._measured(stride)
        self.results.add_stride(record)
        self._out.append(record)

    def _measured(self, stride: Stride) -> StrideRecord:
        """Return a stride with its values, from its own rows; none if invalid."""
        if not stride.valid:
            return StrideRecord(stride, {})
        lanes = [lane for lane in self._lanes if self._counts(lane)]
        if any(lane.has_hole(stride.ic_s, stride.next_ic_s) for lane in lanes):
            reasons = tuple(
                r for r in REASONS if r == "missing data" or r in stride.reasons
            )
            stride = msgspec.structs.replace(stride, valid=False, reasons=reasons)
            return StrideRecord(stride, {})
        own = next(lane for lane in lanes if self._measures(lane, stride))
        force = own.force(stride)
        pressure = own.pressure(stride, force) if force else None
        data = StrideData(stride, force, pressure)
        curve = force_curve(stride, force)
        return stride_record(
            data,
            None if curve is None else curve.astype(np.float32),
            None if pressure is None else pressure.line.astype(np.float32),
        )

    def _counts(self, lane: ForceLane) -> bool:
        """Tell whether strides come from this lane."""
        return (
            lane.side != "unknown" or self._plate_alone or self._other_side is not None
        )

    def _measures(self, lane: ForceLane, stride: Stride) -> bool:
        """Tell whether this lane carries the force of this stride."""
        return lane.side == (stride.side if stride.source == "insole" else "unknown")

    # ---------------------------------------------------------------- what is known
    @property
    def wanted(self) -> set[int]:
        """Streams that change a result."""
        return set(self._streams)

    @property
    def contacts(self) -> list[Contact]:
        """Contacts so far, in the order of their times."""
        return self.results.contacts

    @property
    def strides(self) -> list[StrideRecord]:
        """Strides so far, in the order of their ends."""
        return self.results.strides

    def snapshot(self, t_s: float) -> Snapshot:
        """Return what the screen shows at a time: only what ended before it."""
        return self.results.snapshot(t_s)


def _lanes(
    binding: Binding,
    streams: Iterable[StreamInfo],
    calibration: Calibration | None,
    weight_n: float | None,
    settings: PipelineSettings,
) -> list[ForceLane]:
    """Return the force signals there are: left, right, force plate."""
    rates = {info.id: info.rate_hz or _UNKNOWN_RATE_HZ for info in streams}
    found: list[ForceLane] = []
    for foot in feet(binding, calibration).values():
        rate_hz = rates[foot.force.stream]
        found.append(ForceLane(foot, rate_hz, weight_n, drill=settings.drill))
    plate = binding.source("treadmill.force_z")
    if plate is not None:
        rate_hz = rates[plate.stream]
        found.append(ForceLane(plate, rate_hz, weight_n, drill=settings.drill))
    return found


def _needed(lanes: Iterable[ForceLane]) -> set[int]:
    return {
        stream
        for lane in lanes
        for stream in (lane.stream, lane.cell_stream)
        if stream is not None
    }


def _leg_length_m(subject: Subject) -> float:
    if subject.leg_length_m is not None:
        return subject.leg_length_m
    return NAN if subject.height_m is None else _LEG_PER_HEIGHT * subject.height_m
