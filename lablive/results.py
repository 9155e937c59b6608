"""Contacts and strides of a recording so far, and what can be read off them.

Everything here is a pure function of what ended before a given time, so that the
live screen, the replay and the report read the same numbers.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.calibrating.phases import MARKER_KIND, phases_of
from lablive.metrics.bands import load_bands
from lablive.metrics.belt import LEVEL_PCT
from lablive.metrics.metric import NAN
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS, WINDOWS
from lablive.metrics.summary import Sample
from lablive.metrics.withheld import NOTHING, Withheld
from lablive.protocol.notebook import Notebook
from lablive.snapshot import USUAL, Snapshot, Tile, Wanted, make_tiles
from lablive.steps import LAST, sound_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lablive.gait.contacts import Contact, ContactSide
    from lablive.gait.strides import Gait
    from lablive.lanes.early import EarlyRecord
    from lablive.lanes.strides import Person
    from lablive.messages import Marker
    from lablive.metrics.belt import BeltSpeed
    from lablive.metrics.summary import StrideRecord
    from lablive.metrics.weight import WeightCheck
    from lablive.steps import Steps

RECENT_CONTACTS_S: Final = 10.0
_GAIT_S: Final = 3.0  # no stride for so long: the gait is not known
_OLD_S_PER_STRIDE: Final = 1.5  # a sample of 10 strides reaches back 15 s at most
_USUAL_STRIDES: Final = 8
_GAITS: Final = ("run", "walk")


@dataclass
class _Side:
    """Strides of one side: records, their ends, and running counts."""

    records: list[StrideRecord] = field(default_factory=list["StrideRecord"])
    ends_s: list[float] = field(default_factory=list[float])
    used: list[int] = field(default_factory=lambda: [0])
    expected: list[int] = field(default_factory=lambda: [0])

    def add(self, record: StrideRecord, end_s: float) -> None:
        self.records.append(record)
        self.ends_s.append(end_s)
        self.used.append(self.used[-1] + record.stride.valid)
        self.expected.append(self.expected[-1] + record.stride.expected)


class Results:
    """Results of one recording.

    Parameters
    ----------
    weight, belt
        Body weight in sensor units; belt speed over time.
    incline
        Slope of the belt in % over time.
    person
        Body measures.
    standing_balance_pct
        NaN when unknown.
    cells
        Whether the insoles tell where the load is.
    force_sides
        Whose force is measured; ``unknown``: a plate under both feet.
    signals
        Sites, muscles and sides, and ``sound``, that the montage has.
    """

    def __init__(
        self,
        *,
        weight: WeightCheck,
        belt: BeltSpeed,
        incline: BeltSpeed,
        person: Person,
        standing_balance_pct: float = NAN,
        cells: bool = False,
        force_sides: frozenset[ContactSide] = frozenset(),
        signals: frozenset[str] = frozenset(),
    ) -> None:
        self.belt, self.incline = belt, incline
        self._withheld: list[tuple[float, Withheld]] = []  # since when, in order
        self.contacts: list[Contact] = []
        self.strides: list[StrideRecord] = []
        self._weight = weight
        self.person = person
        self._balance_pct = standing_balance_pct
        self._cells = cells
        self._force_sides = force_sides
        self._signals = signals
        self._bands = load_bands()
        self._contact_times_s: list[float] = []
        self._sides: dict[ContactSide, _Side] = {}
        self._early: dict[ContactSide, _Side] = {}
        self.early_metric = ""
        self._tiles: tuple[object, dict[str, Tile], dict[int, Sample], float] = (
            None, {}, {}, NAN,
        )  # fmt: skip
        self._notebook = Notebook()
        self._calibrating: list[Marker] = []
        self._phases: tuple[int, tuple[tuple[float, float], ...]] = (-1, ())
        # times before a time whose steps are no gait: drills
        self.aside: Callable[[float], tuple[tuple[float, float], ...]] = _nothing

    def add_contact(self, contact: Contact) -> None:
        """Take the next contact, in time order."""
        self.contacts.append(contact)
        self._contact_times_s.append(contact.t_s)

    def add_stride(self, record: StrideRecord) -> None:
        """Take the next stride, in the order of their ends."""
        self.strides.append(record)
        side = self._sides.setdefault(record.stride.side, _Side())
        side.add(record, record.stride.next_ic_s)
        impulse = record.values.get("stance_impulse_bw_s", NAN)
        ic_s = record.stride.ic_s
        drilling = any(t0_s <= ic_s < t1_s for t0_s, t1_s in self.aside(np.inf))
        if np.isfinite(impulse) and not drilling:
            self._weight.add(record.stride, impulse)

    def add_early(self, early: EarlyRecord) -> None:
        """Take the next stance or stride of a side with its early metric."""
        side = self._early.setdefault(early.record.stride.side, _Side())
        side.add(early.record, early.known_s)

    def begin_early(self, metric_id: str) -> None:
        """Begin early values anew, of this metric; "" = none."""
        self.early_metric, self._early = metric_id, {}

    def early(self, until_s: float = np.inf, last: int | None = None) -> Sample:
        """Return the strides whose early value was known before a time.

        What speaks against the sensors is that of the strides that had ended.
        """
        old_s = -np.inf if last is None else until_s - _OLD_S_PER_STRIDE * last
        plain = of_one_gait(self._plain(until_s, old_s, last, self._early))
        return self._notebook.told(plain, until_s, self)

    def withhold(self, since_s: float, withheld: Withheld) -> None:
        """Take what speaks against the sensors since a time, in time order."""
        if withheld is not (self._withheld[-1][1] if self._withheld else NOTHING):
            self._withheld.append((since_s, withheld))

    def _withheld_at(self, until_s: float) -> Withheld:
        at = bisect_left(self._withheld, until_s, key=lambda it: it[0])
        return self._withheld[at - 1][1] if at else NOTHING

    def mark(self, marker: Marker) -> None:
        """Take an operator's marker, in any order.

        Parts of a session count, and phases of a calibration: marching on the spot is
        no gait.
        """
        self._notebook.add(marker)
        if marker.kind == MARKER_KIND:
            insort(self._calibrating, marker, key=lambda it: it.t_s)
            self._phases = (-1, ())

    def sample(
        self,
        until_s: float = np.inf,
        last: int | None = None,
        gait: Gait | None = None,
    ) -> Sample:
        """Return the strides that ended before a time, and what they are held against.

        Parameters
        ----------
        until_s
            Lab clock.
        last
            Only so many strides per side, and no old ones (10 strides: 15 s); None =
            all.
        gait
            Running or walking; None = what most of these strides are.
        """
        old_s = -np.inf if last is None else until_s - _OLD_S_PER_STRIDE * last
        plain = of_one_gait(self._plain(until_s, old_s, last), gait)
        return self._notebook.told(plain, until_s, self)

    def all_gaits(self) -> Sample:
        """Return all strides, walking ones and running ones: not for medians."""
        return self._notebook.told(self._plain(np.inf), np.inf, self)

    def between(self, t0_s: float, t1_s: float) -> Sample:
        """Return the strides that ended in a time, of all gaits, without baselines."""
        return self._plain(t1_s, t0_s)

    def state(self, t_s: float) -> object:
        """Return what changes when anything before a time is still to come."""
        return list(self._ends(t_s).items()), self.belt.rows_before(t_s)

    def _plain(
        self,
        until_s: float,
        after_s: float = -np.inf,
        last: int | None = None,
        early: dict[ContactSide, _Side] | None = None,
    ) -> Sample:
        records: dict[ContactSide, Sequence[StrideRecord]] = {}
        for name, side in (self._sides if early is None else early).items():
            end = bisect_left(side.ends_s, until_s)
            first = bisect_right(side.ends_s, after_s)
            first = first if last is None else max(first, end - last)
            kept = side.records[first:end]
            for t0_s, t1_s in self._exercises(until_s):
                kept = [it for it in kept if not t0_s <= it.stride.ic_s < t1_s]
            records[name] = kept
        withheld = self._withheld_at(until_s)
        weight = self._weight.at(until_s, runs=not withheld.full_scale)
        return Sample(
            records=records,
            weight=weight,
            belt=self.belt,
            incline=self.incline,
            leg_length_m=self.person.leg_length_m,
            mass_kg=self.person.mass_kg,
            height_m=self.person.height_m,
            signals=self._signals,
            standing_balance_pct=self._balance_pct,
            cells=self._cells,
            force_sides=self._force_sides,
            withheld=withheld,
            missed=_missed(records) if early is None else {},
        )

    def snapshot(self, t_s: float, wanted: Wanted = USUAL) -> Snapshot:
        """Return what the screen shows at a time: only what ended before it."""
        self._notebook.prepare(t_s, self)
        first = bisect_left(self._contact_times_s, t_s - RECENT_CONTACTS_S)
        end = bisect_left(self._contact_times_s, t_s)
        ends = self._ends(t_s)
        return Snapshot(
            t_s=t_s,
            gait=self._gait(t_s, ends),
            speed_mps=self.belt.at(t_s),
            tiles=self._make_tiles(t_s, wanted.tiles),
            contacts=tuple(self.contacts[first:end]),
            last_stride_s={
                name: self._sides[name].ends_s[n - 1] for name, n in ends.items() if n
            },
            strides_used=sum(self._sides[name].used[n] for name, n in ends.items()),
            strides_expected=sum(
                self._sides[name].expected[n] for name, n in ends.items()
            ),
            weight_note=self._weight.at(t_s).note,
            changes=self._notebook.changes(t_s, self),
            steps=self._steps(t_s, wanted),
            sound=sound_of(self.sample(t_s, LAST)) if wanted.sound else None,
        )

    def _exercises(self, until_s: float) -> tuple[tuple[float, float], ...]:
        """Return drills, and phases of a calibration that had ended but its run."""
        n = bisect_left(self._calibrating, until_s, key=lambda it: it.t_s)
        if self._phases[0] != n:
            found, _ = phases_of(self._calibrating[:n])
            still = tuple((it.t0_s, it.t1_s) for it in found if it.kind != "run")
            self._phases = (n, still)
        return (*self._phases[1], *self.aside(until_s))

    def _ends(self, t_s: float) -> dict[ContactSide, int]:
        """Return how many strides of each side ended before a time."""
        return {name: bisect_left(s.ends_s, t_s) for name, s in self._sides.items()}

    def _gait(self, t_s: float, ends: Mapping[ContactSide, int]) -> Gait:
        newest = [self._sides[name].records[n - 1] for name, n in ends.items() if n]
        newest = [r for r in newest if r.stride.next_ic_s > t_s - _GAIT_S]
        if not newest:
            return "unknown"
        return max(newest, key=lambda record: record.stride.next_ic_s).stride.gait

    def _steps(self, t_s: float, wanted: Wanted) -> dict[str, Steps]:
        """Return metrics step by step, as far as they are asked for."""
        if not wanted.steps:
            return {}
        sample = self.sample(t_s, LAST)
        return {name: steps_of(sample, METRICS[name]) for name in wanted.steps}

    def _make_tiles(self, t_s: float, metric_ids: Sequence[str]) -> dict[str, Tile]:
        """Return the tiles; made anew only when a stride or speed came or went."""
        speed_mps = self.belt.at(t_s)
        samples = {last: self.sample(t_s, last) for last in WINDOWS}
        shown = [len(r) for sample in samples.values() for r in sample.records.values()]
        sloped = abs(self.incline.at(t_s)) > LEVEL_PCT
        key = (speed_mps, sloped, self.belt.rows, list(self._ends(t_s).items()), shown)
        if key != self._tiles[0]:
            # bands found on the level say nothing about a slope
            for_mps = NAN if sloped else speed_mps
            self._tiles = (key, {}, samples, for_mps)
        _, known, samples, for_mps = self._tiles
        new = [name for name in metric_ids if name not in known]
        known.update(make_tiles(new, samples, self._bands, for_mps))
        return {name: known[name] for name in metric_ids}


def _nothing(until_s: float) -> tuple[tuple[float, float], ...]:
    del until_s
    return ()


def of_one_gait(sample: Sample, gait: Gait | None = None) -> Sample:
    """Return the strides of one gait, those whose gait is not known with them.

    Parameters
    ----------
    sample
        Strides.
    gait
        Running or walking; None = what most of the valid ones are.
    """
    found: Counter[Gait] = Counter(
        record.stride.gait
        for records in sample.records.values()
        for record in records
        if record.stride.valid and record.stride.gait in _GAITS
    )
    if gait is None:
        if len(found) < len(_GAITS):
            return sample
        gait = "run" if found["run"] >= found["walk"] else "walk"
    other: Gait = "walk" if gait == "run" else "run"
    records: dict[ContactSide, Sequence[StrideRecord]] = {
        name: [it for it in side if it.stride.gait != other]
        for name, side in sample.records.items()
    }
    apart: dict[Gait, int] = {other: found[other]} if found[other] else {}
    return dataclasses.replace(sample, records=records, apart=apart, memo={})


def _missed(
    records: Mapping[ContactSide, Sequence[StrideRecord]],
) -> dict[ContactSide, int]:
    """Return how many strides a side owes since its last one: the other went on.

    Strides whose foot is not known owe nothing to those whose foot is.
    """
    last_s: dict[ContactSide, float] = {
        name: side[-1].stride.next_ic_s
        for name, side in records.items()
        if side and name != "unknown"
    }
    newest_s = max(last_s.values(), default=0.0)
    missed: dict[ContactSide, int] = {}
    for name, end_s in last_s.items():
        times_s = [r.stride.stride_s for r in records[name][-_USUAL_STRIDES:]]
        owed = (newest_s - end_s) / float(np.median(times_s))
        missed[name] = max(0, round(owed - 0.5))
    return missed
