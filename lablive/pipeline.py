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

from lablive.drills.rep_meter import rep_meter
from lablive.editing.corrections import Corrections, Corrector
from lablive.gait.contacts import Contact
from lablive.gait.findings import Finding, slow_force, together
from lablive.gait.imu_lanes import imu_lanes
from lablive.gait.pelvis_side import untold
from lablive.gait.strides import StrideBuilder
from lablive.gait.swaps import says_swapped
from lablive.lanes.contacts import ContactLanes, force_lanes
from lablive.lanes.every import signal_lanes
from lablive.lanes.person import balance_pct_of, person_of
from lablive.lanes.strides import StrideMeter
from lablive.messages import Chunk, Gap
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import NAN
from lablive.metrics.record import StrideRecord
from lablive.metrics.weight import WeightCheck
from lablive.names import STANDARD_GRAVITY
from lablive.results import Results
from lablive.signals.calibrations import Calibrations
from lablive.snapshot import USUAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lablive.drills.kept_rows import KeptRows
    from lablive.gait.contacts import ContactSide
    from lablive.gait.force_lane import ForceLane
    from lablive.lanes.early import EarlyStrides
    from lablive.lanes.lane import SignalLane
    from lablive.messages import Floats, Marker, StreamInfo, Values
    from lablive.metrics.metric import StrideData
    from lablive.signals.binding import Binding, Source
    from lablive.snapshot import Snapshot, Wanted

Result = Contact | StrideRecord

_KEEP_S: Final = 10.0  # rows kept behind the watermark; no valid stride is longer
_TRIM_S: Final = 1.0
_LONG_S: Final = 2.0  # pieces of a file: nobody waits for a single stride
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
    lanes: list[SignalLane | KeptRows] = field(
        default_factory=list["SignalLane | KeptRows"]
    )


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
    drills
        Sets and repetitions of drills that were marked.
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
        person = person_of(binding.montage.subject, calibrations)
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
        self._lanes = lanes = list(signal_lanes(binding, infos, calibrations))
        self._meter = StrideMeter(lanes, person)
        self._early: EarlyStrides | None = None
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
            standing_balance_pct=balance_pct_of(calibrations),
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
        between = self.results.between
        self.drills = rep_meter(binding, infos, calibrations, weight_n, between)
        self.results.aside = self.drills.spans
        for stream, kept in self.drills.kept.items():
            self._stream(stream).lanes.append(kept)
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
        if self._early is not None and self._early.waits_for(item.stream):
            self._give_early()
        self.drills.work()
        self._trim()
        return out

    def finish(self) -> list[Result]:
        """End the data: nothing waits any longer."""
        out = [*self._emit(self._contacts.finish())]
        out += self._strides_of(self._corrector.finish())
        out += self._release(everything=True)
        self._give_early(everything=True)
        self.drills.finish()
        return out

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
            if self._early is not None:
                self._early.take(contact, stride, self._builder, self._contacts)
            if stride is not None:
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

    def _give_early(self, *, everything: bool = False) -> None:
        early = self._early
        for it in early.release(everything=everything) if early is not None else ():
            self.results.add_early(it)

    def _trim(self) -> None:
        """Give up old rows, once in a while."""
        if self.watermark_s < self._trimmed_s + _TRIM_S:
            return
        self._trimmed_s = self.watermark_s
        before_s = min(self.watermark_s, self._meter.oldest_s) - _KEEP_S
        self._contacts.trim(before_s)
        self._meter.trim(before_s)

    # -------------------------------------------------------- ahead of the strides
    @property
    def newest_s(self) -> float:
        """Time of the newest row of any stream."""
        return max((it.last_s for it in self._streams.values()), default=-np.inf)

    def work_out_early(self, metric_id: str) -> None:
        """Work a metric (:mod:`lablive.metrics.early`) out ahead of its strides."""
        if metric_id != self.results.early_metric:
            from lablive.lanes.early import early_strides

            self.results.begin_early(metric_id)
            person, meter = self.results.person, self._meter
            self._early = early_strides(metric_id, self._lanes, person, meter)

    def silent(self, now_s: float, longer_s: float) -> frozenset[ContactSide]:
        """Return the feet whose early metric lacks a sensor that sends no more rows.

        Parameters
        ----------
        now_s
            Lab clock.
        longer_s
            Silent for longer than this.
        """
        rows = self._streams.items()
        away = {key for key, it in rows if now_s - it.last_s > longer_s}
        if self._early is None or not away:
            return frozenset()
        return self._early.lacking(away, self._contacts)

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

    def watch(self, look: Callable[[StrideData], None]) -> None:
        """Show every valid stride with its rows, once it is measured: for curves."""
        self._meter.watch = look

    def mark(self, marker: Marker) -> None:
        """Take an operator's marker: a baseline is marked (docs/session.md)."""
        self.results.mark(marker)
        self.drills.mark(marker)

    def snapshot(self, t_s: float, wanted: Wanted = USUAL) -> Snapshot:
        """Return what the screen shows at a time: only what ended before it."""
        return self.results.snapshot(t_s, wanted)


def _lasts_s(item: Chunk | Gap) -> float:
    """Return how long rows last; a gap does not."""
    if isinstance(item, Gap) or not len(item):
        return 0.0
    return float(item.t_s[-1] - item.t_s[0])


def _weight(force: list[ForceLane], weight_n: float | None) -> WeightCheck:
    units = {lane.unit for lane in force}
    standing = weight_n if weight_n and units == {"N"} else NAN
    return WeightCheck(standing, one_unit=len(units) == 1)
