"""From rows to contacts, strides and metrics: the same for live, replay and report.

The only place that wires signals to metrics. It works on data time: every stream has
a watermark, results come out in the order of their own times once all streams they
need have passed them or were released by a recorded stall. No clock, no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.editing.corrections import Corrections, Corrector
from lablive.gait.contacts import Contact
from lablive.gait.findings import Finding, slow_force, together
from lablive.gait.imu_lanes import axes_of, imu_lanes
from lablive.gait.pelvis_side import untold
from lablive.gait.strides import StrideBuilder
from lablive.gait.swaps import says_swapped
from lablive.lanes.contacts import ContactLanes, force_lanes
from lablive.lanes.emg import emg_lanes
from lablive.lanes.segments import SegmentLane
from lablive.lanes.sound import sound_lane
from lablive.lanes.strides import Person, StrideMeter
from lablive.messages import Chunk, Gap
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import NAN
from lablive.metrics.record import StrideRecord
from lablive.metrics.weight import WeightCheck
from lablive.names import IMU_SITES, STANDARD_GRAVITY
from lablive.results import Results
from lablive.signals.calibrations import Calibrations
from lablive.snapshot import USUAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.gait.contacts import ContactSide
    from lablive.gait.force_lane import ForceLane
    from lablive.lanes.lane import SignalLane
    from lablive.messages import Floats, Marker, StreamInfo, Values
    from lablive.names import Side
    from lablive.signals.binding import Binding, Source
    from lablive.signals.calibration import Calibration
    from lablive.signals.montage import Subject
    from lablive.snapshot import Snapshot, Wanted

Result = Contact | StrideRecord

_KEEP_S: Final = 10.0  # rows kept behind the watermark; no valid stride is longer
_TRIM_S: Final = 1.0
_LONG_S: Final = 2.0  # pieces of a file: nobody waits for a single stride
_LEG_PER_HEIGHT: Final = 0.53  # metric reference 2 [S01]
_UNKNOWN_RATE_HZ: Final = 50.0  # of a stream that names none: the slowest insole


class PipelineSettings(msgspec.Struct, frozen=True):
    """What the operator chose: ``drill`` allows the short contacts of hopping.

    ``corrections``: edits of contacts and strides, never while recording.
    """

    drill: bool = False
    corrections: Corrections = Corrections()


@dataclass
class _Stream:
    """How far a stream has come, and who wants its rows."""

    row: int = 0  # behind the last row seen
    last_s: float = -np.inf
    released_s: float = -np.inf
    gaps: list[Gap] = field(default_factory=list[Gap])  # waiting for their row
    contacts: bool = False
    belt: list[tuple[Source, BeltSpeed]] = field(
        default_factory=list["tuple[Source, BeltSpeed]"]
    )
    lanes: list[SignalLane] = field(default_factory=list["SignalLane"])


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
        Every contact before it is in the results; a stride may still wait for the
        rows after it.
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
        calibrations = calibrations or Calibrations()
        infos = {info.id: info for info in streams}
        person = _person(binding.montage.subject, calibrations)
        weight_n = None
        if not np.isnan(person.mass_kg):
            weight_n = person.mass_kg * STANDARD_GRAVITY
        self._binding = binding
        rates_hz = {
            key: info.rate_hz or _UNKNOWN_RATE_HZ for key, info in infos.items()
        }
        force = force_lanes(
            binding, rates_hz, calibrations.insole, weight_n, drill=settings.drill
        )
        imus, unusable = imu_lanes(binding, rates_hz, calibrations.segments)
        force_hz: dict[ContactSide, float] = {
            lane.side: rates_hz[lane.stream]
            for lane in force
            if infos[lane.stream].rate_hz
        }
        slow = slow_force(force_hz)
        self._unusable = (*slow, *unusable)
        self._contacts = ContactLanes(force, imus)
        lanes = list(_signal_lanes(binding, infos, calibrations))
        self._meter = StrideMeter(lanes, person)
        self._builder = StrideBuilder(both_feet=self._contacts.both_feet)
        self._corrector = Corrector(settings.corrections)
        self._streams: dict[int, _Stream] = {}
        for stream in self._contacts.streams:
            self._stream(stream).contacts = True
        for lane in lanes:
            if lane.stream is not None:
                self._stream(lane.stream).lanes.append(lane)
        speed = binding.source("treadmill.speed")
        incline = binding.source("treadmill.incline")
        self.results = Results(
            weight=_weight(self._contacts.counting, weight_n),
            belt=BeltSpeed(
                binding.montage.constants.treadmill_speed_mps, streams=speed is not None
            ),
            incline=BeltSpeed(None, streams=incline is not None),
            person=person,
            standing_balance_pct=_balance_pct(calibrations),
            cells=any(lane.has_cells for lane in force),
            force_sides=frozenset(lane.side for lane in force),
            signals=frozenset(name for lane in lanes for name in lane.names),
        )
        for source, told in (
            (speed, self.results.belt),
            (incline, self.results.incline),
        ):
            if source is not None:
                self._stream(source.stream).belt.append((source, told))
        self.watermark_s = self._trimmed_s = -np.inf
        self.late_rows = 0

    # ---------------------------------------------------------------- rows and gaps
    def feed(self, item: Chunk | Gap) -> list[Result]:
        """Take rows or a gap; return what became certain.

        Contacts and strides come each in the order of their times. A gap must come
        before the rows that follow it; a gap inside a chunk cuts it.
        """
        stream = self._streams.get(item.stream)
        if stream is None:
            return []
        if isinstance(item, Gap):
            if item.kind == "stall":
                stream.gaps.append(item)
                stream.gaps.sort(key=lambda gap: gap.after_row)
                self._pass_gaps(item.stream, stream, stream.row)
        else:
            self._take(item, stream)
        out: list[Result] = []
        if stream.contacts and self._contacts.moved:
            out += self._emit(self._contacts.emit())
        if self._meter.waits_for(item.stream):
            out += self._release(patient=_lasts_s(item) >= _LONG_S)
        self._trim()
        return out

    def finish(self) -> list[Result]:
        """End the data: nothing waits any longer."""
        out = [*self._emit(self._contacts.finish())]
        out += self._strides_of(self._corrector.finish())
        return [*out, *self._release(everything=True)]

    def _stream(self, stream: int) -> _Stream:
        return self._streams.setdefault(stream, _Stream())

    def _take(self, chunk: Chunk, stream: _Stream) -> None:
        at, end = 0, len(chunk.t_s)
        if not stream.gaps:  # as nearly always
            self._rows(chunk.stream, stream, chunk.t_s, chunk.x)
            stream.row = chunk.first_row + end
            return
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
            if stream.contacts:
                self._contacts.advance(stream_id, until_s)
            for lane in stream.lanes:
                lane.advance(until_s)

    def _rows(self, stream_id: int, stream: _Stream, t_s: Floats, x: Values) -> None:
        if not len(t_s):
            return
        if not t_s[0] > max(stream.released_s, stream.last_s):
            late = int(np.searchsorted(t_s, stream.released_s, side="right"))
            late = max(late, int(np.searchsorted(t_s, stream.last_s)))
            self.late_rows += late
            t_s, x = t_s[late:], x[late:]
            if not len(t_s):
                return
        stream.last_s = float(t_s[-1])
        for source, told in stream.belt:
            told.feed(t_s, source.extract(x)[:, 0])
        if stream.contacts:
            self._contacts.feed(stream_id, t_s, x)
        for lane in stream.lanes:
            lane.feed(t_s, x)

    # ------------------------------------------------------------ contacts, strides
    def _emit(self, contacts: Iterator[tuple[Contact, bool]]) -> Iterator[Result]:
        """Take what became certain, and make strides of it."""
        yield from self._strides_of(self._corrector.contacts(contacts))
        until_s = min(self._contacts.until_s, self._corrector.held_s)
        if until_s > self.watermark_s:
            self.watermark_s = until_s

    def _strides_of(self, contacts: Iterator[tuple[Contact, bool]]) -> Iterator[Result]:
        for contact, counts in contacts:
            self.results.add_contact(contact)
            yield contact
            if not counts:
                continue
            self._meter.contact(contact)
            stride = self._builder.feed(contact)
            if stride is not None:
                stride = self._corrector.stride(stride)
                self._meter.add(stride, self._contacts.of_stride(stride))
                if self._meter.is_prompt:
                    yield from self._release()

    def _release(
        self, *, everything: bool = False, patient: bool = False
    ) -> Iterator[Result]:
        """Take the strides that every sensor has said its word about."""
        for record in self._meter.release(everything=everything, patient=patient):
            self.results.add_stride(record)
            self.results.withhold(record.stride.next_ic_s, self._meter.withheld)
            yield record

    def _trim(self) -> None:
        """Give up old rows, once in a while."""
        if self.watermark_s < self._trimmed_s + _TRIM_S:
            return
        self._trimmed_s = self.watermark_s
        self._contacts.trim(self.watermark_s - _KEEP_S)
        self._meter.trim(min(self.watermark_s, self._meter.oldest_s) - _KEEP_S)

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

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of contacts and strides must know of the sensors."""
        of_contacts = self._contacts.findings()
        if self._meter.doubts.withheld.sides:  # one sentence says it of all
            of_contacts = tuple(it for it in of_contacts if not says_swapped(it))
        found = [*self._unusable, *of_contacts, *self._meter.findings()]
        if not any(it.name == "mounting unknown" for it in found):
            found += untold(self.contacts)
        found += (Finding("edit", text) for text in self._corrector.unused())
        return together(found)

    def mark(self, marker: Marker) -> None:
        """Take an operator's marker: a baseline is marked (docs/session.md)."""
        self.results.mark(marker)

    def snapshot(self, t_s: float, wanted: Wanted = USUAL) -> Snapshot:
        """Return what the screen shows at a time: only what ended before it."""
        return self.results.snapshot(t_s, wanted)


def _lasts_s(item: Chunk | Gap) -> float:
    """Return how long rows last; a gap does not."""
    if isinstance(item, Gap) or not len(item):
        return 0.0
    return float(item.t_s[-1] - item.t_s[0])


def _signal_lanes(
    binding: Binding, infos: dict[int, StreamInfo], calibrations: Calibrations
) -> Iterator[SignalLane]:
    """Yield a lane for every signal besides force: segments, EMG, sound."""
    segments = calibrations.segments
    for site in IMU_SITES:
        acc = binding.source(f"imu_{site}.acc")
        gyro = binding.source(f"imu_{site}.gyro")
        source = acc or gyro
        if source is not None:
            yield SegmentLane(
                site,
                acc,
                gyro,
                infos[source.stream].rate_hz,
                segments.of(site) if segments else None,
                aligned=axes_of(binding, site, None) is not None,
            )
    yield from emg_lanes(binding.sources, list(infos.values()), calibrations)
    sound = sound_lane(binding, infos, calibrations)
    if sound is not None:
        yield sound


def _person(subject: Subject, calibrations: Calibrations) -> Person:
    insole, segments = calibrations.insole, calibrations.segments
    mass_kg = insole.mass_kg if insole else subject.mass_kg
    leg_length_m = subject.leg_length_m
    if leg_length_m is None and subject.height_m is not None:
        leg_length_m = _LEG_PER_HEIGHT * subject.height_m
    shown = segments.pelvic_range if segments else None
    return Person(
        mass_kg=NAN if mass_kg is None else mass_kg,
        height_m=NAN if subject.height_m is None else subject.height_m,
        leg_length_m=NAN if leg_length_m is None else leg_length_m,
        pelvic_neutral_deg=shown.neutral_deg if shown else None,
        standing_medial_pct=(_medial_pct(insole, "left"), _medial_pct(insole, "right")),
    )


def _medial_pct(insole: Calibration | None, side: Side) -> float:
    own = insole.of(side) if insole else None
    share = own.standing_medial_pct if own else None
    return NAN if share is None else share


def _weight(force: list[ForceLane], weight_n: float | None) -> WeightCheck:
    units = {lane.unit for lane in force}
    standing = weight_n if weight_n and units == {"N"} else NAN
    return WeightCheck(standing, one_unit=len(units) == 1)


def _balance_pct(calibrations: Calibrations) -> float:
    insole = calibrations.insole
    balance = insole.standing_balance_pct if insole else None
    return NAN if balance is None else balance
