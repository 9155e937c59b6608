"""A sample of strides: selection, numbers per side, and why one is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import NAN, Found, Metric, Need, Stat, StatKey, StrideData
from lablive.metrics.reasons import (
    LACKING,
    NO_STRIDE,
    NOT_MEASURED,
    OF_FORCE,
    OF_STRIDES,
    absent,
    most_told,
    of_one_muscle,
    placed,
)
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.weight import MIN_STRIDES
from lablive.metrics.withheld import NOTHING, Withheld, note_of, shown
from lablive.names import MUSCLES, SIDES, Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lablive.gait.contacts import ContactSide
    from lablive.gait.strides import Gait
    from lablive.messages import Floats
    from lablive.metrics.against import CadenceTarget, OwnBaseline
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.weight import Weight

QUALITY_LIMIT_PCT: Final = 85.0


class MetricValue(msgspec.Struct, frozen=True):
    """A metric over a sample; a side without a number is left out."""

    unit: str
    left: Stat | msgspec.UnsetType = msgspec.UNSET
    right: Stat | msgspec.UnsetType = msgspec.UNSET
    both: Stat | msgspec.UnsetType = msgspec.UNSET
    grade: str = ""
    note: str = ""

    def stat(self, key: StatKey) -> Stat:
        """Return the numbers of one side; n = 0 when there are none."""
        found = {"left": self.left, "right": self.right, "both": self.both}[key]
        return found if isinstance(found, Stat) else Stat()


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Strides to summarise, and what is known besides them.

    Attributes
    ----------
    records
        Strides per side in time order, invalid ones included.
    weight
        Body weight in sensor units.
    belt
        Belt speed over time.
    leg_length_m, standing_balance_pct, mass_kg, height_m
        NaN when unknown.
    cells
        Whether the insoles tell where the load is.
    force_sides
        Whose force is measured; ``unknown``: a plate under both feet.
    missed
        Strides per side that should have come after the last one.
    withheld
        What speaks against the sensors.
    apart
        Valid strides of the other gait, which is not in ``records``: walking and
        running share no median.
    signals
        Sites, muscles and sides, and ``sound``, that the montage has.
    incline
        Slope of the belt in % over time.
    baseline
        The person's baselines: metric id -> side -> one for every speed it was run at.
        A part (:data:`lablive.metrics.registry.PARTS`) counts as a metric.
    why_no_baseline
        Metric id -> why it has none; "" -> why there is none at all.
    cadence_targets
        What the runner was asked for.
    memo
        What several metrics ask for, worked out once.
    """

    records: Mapping[ContactSide, Sequence[StrideRecord]]
    weight: Weight
    belt: BeltSpeed
    leg_length_m: float = NAN
    standing_balance_pct: float = NAN
    cells: bool = False
    force_sides: frozenset[ContactSide] = frozenset(("left", "right"))
    withheld: Withheld = NOTHING
    apart: Mapping[Gait, int] = field(default_factory=dict["Gait", int])
    missed: Mapping[ContactSide, int] = field(default_factory=dict["ContactSide", int])
    signals: frozenset[str] = frozenset()
    mass_kg: float = NAN
    height_m: float = NAN
    incline: BeltSpeed = field(default_factory=lambda: BeltSpeed(None, streams=False))
    baseline: Mapping[str, Mapping[StatKey, Sequence[OwnBaseline]]] = field(
        default_factory=dict[str, "Mapping[StatKey, Sequence[OwnBaseline]]"]
    )
    why_no_baseline: Mapping[str, str] = field(
        default_factory=lambda: {"": "no baseline was marked"}
    )
    cadence_targets: Sequence[CadenceTarget] = ()
    memo: dict[object, Any] = field(default_factory=dict[object, Any], repr=False)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Feet that have strides of their own; none when they may be exchanged."""
        return () if self.withheld.sides else self._feet

    @property
    def _feet(self) -> tuple[Side, ...]:
        return tuple(side for side in SIDES if self.records.get(side))

    def valid(self, key: StatKey) -> list[StrideRecord]:
        """Return the strides that count; ``both``: left, right, then unknown."""
        known = self.memo.get(key)
        if known is None:
            known = [
                r for side in _sides(key) for r in self._all(side) if r.stride.valid
            ]
            self.memo[key] = known
        return known

    def expected(self, key: StatKey) -> int:
        """Return how many strides the time holds."""
        known = self.memo.get(("expected", key))
        if known is None:
            known = sum(
                sum(record.stride.expected for record in self._all(side))
                + self.missed.get(side, 0)
                for side in _sides(key)
            )
            self.memo["expected", key] = known
        return known

    def values(self, metric: Metric, key: StatKey) -> Floats:
        """Return a stride metric of every valid stride that has it, in its unit."""
        name = ("values", metric.id, key)
        if name not in self.memo:
            self.memo[name] = self._values(metric, key)
        return self.memo[name]

    def _values(self, metric: Metric, key: StatKey) -> Floats:
        if key == "both" and not self._all("unknown"):
            return np.concatenate([self.values(metric, side) for side in SIDES])
        if metric.on_belt:
            found = [self._on_belt(metric, record) for record in self.valid(key)]
        else:
            found = self.measured(metric, key)
        values = np.array(found, dtype=float)
        if metric.per_weight:
            values = values / self.weight.value
        return values[np.isfinite(values)]

    def measured(self, metric: Metric, key: StatKey) -> list[float]:
        """Return a stride metric of every valid stride, NaN where none may be shown.

        Forces are in the unit of the sensor.
        """
        records = self.valid(key)
        values = [record.values.get(metric.id, NAN) for record in records]
        return shown(metric, values, records, self.withheld)

    def stat(self, metric: Metric, key: StatKey) -> Stat:
        """Return the numbers of a stride metric for one side or both.

        The median of ``both`` is the mean of the sides' medians: of a limp, that of
        all strides would fall on one side or the other by a single stride.
        """
        found = self.stat_of(self.values(metric, key), key)
        if key != "both":
            return found
        left, right = (self.stat(metric, side) for side in SIDES)
        if not (left.n and right.n and left.n + right.n == found.n):
            return found
        return msgspec.structs.replace(found, median=0.5 * (left.median + right.median))

    def stat_of(self, values: Iterable[float], key: StatKey) -> Stat:
        """Return the numbers of given values, one per stride that has one."""
        known = values if isinstance(values, np.ndarray) else list(values)
        array = np.array(known, dtype=float)
        n, n_total = len(array), self.expected(key)
        if not n:
            return Stat(n_total=n_total)
        sd = float(np.std(array, ddof=1)) if n > 1 else NAN
        return Stat(float(np.median(array)), float(np.mean(array)), sd, n, n_total)

    def summarise(self, metric: Metric) -> MetricValue:
        """Return a metric with its numbers, or with the reason why it has none."""
        found, refused, withheld = Found(), "", self._withheld(metric)
        one_kind = "one kind of sensor"
        if not withheld and (one_kind not in metric.needs or self._has(one_kind)):
            try:
                of_sample = metric.of_sample
                found = of_sample(self) if of_sample else self._each(metric)
            except NotMeasuredError as refusal:
                refused = str(refusal)
        stats = {key: stat for key, stat in found.stats.items() if stat.n}
        left_out = note_of(metric, self.valid("both"), self.withheld)
        notes = [found.note, left_out] if stats else [withheld]
        if not stats and not withheld:
            lacks = self.lacks(metric, refused)
            told = left_out and lacks == NOT_MEASURED
            notes = [left_out, "" if told else lacks]
        if stats and metric.of_stride:
            notes += [
                self._one_lacks(metric, it) for it in self.sides if it not in stats
            ]
            notes.append(self.withheld.sides)
        if stats and metric.per_weight:
            notes.append(self.weight.note)
        if stats and self._poor_events() and metric.id != "event_quality_pct":
            notes.append("fewer than 85 % of the strides are valid")
        if stats and metric.signals:
            told = [note for it in metric.signals for note in self.notes(it)]
            notes += dict.fromkeys(told)
        if stats and metric.remark:
            notes.append(metric.remark(self))
        if stats and metric.contested:
            notes.append("contested in the literature")
        return MetricValue(
            unit=metric.unit,
            left=stats.get("left", msgspec.UNSET),
            right=stats.get("right", msgspec.UNSET),
            both=stats.get("both") or Stat(n_total=self.expected("both")),
            grade=metric.grade,
            note="; ".join(note for note in notes if note),
        )

    def lacks(self, metric: Metric, refused: str = "") -> str:
        """Return why a metric has no number; ``refused``: why it gave none itself."""
        valid = self.valid("both")
        for need in metric.needs:
            if need in OF_FORCE and not self.force_sides:
                return LACKING["force"]
            if need in OF_STRIDES and not valid:
                return NO_STRIDE
            if not self._has(need):
                return self._lacking(need)
        if not valid:
            return NO_STRIDE
        return (
            self._lacking_signal(metric, valid, everywhere=bool(refused))
            or refused
            or most_told(
                record.lacks.get(part)
                for part in (metric.id, *metric.made_of)
                for record in valid
            )
            or NOT_MEASURED
        )

    def _one_lacks(self, metric: Metric, side: Side) -> str:
        """Return why one foot has no number while the other has, empty if unknown."""
        names = (*(placed(signal, side) for signal in metric.signals), metric.id)
        valid = self.valid(side)
        why = self.withheld.why(metric, side) or most_told(
            record.lacks.get(name) for name in names for record in valid
        )
        return f"{side}: {why}" if why else ""

    def _withheld(self, metric: Metric) -> str:
        """Return why no foot's number may be shown, empty when one may."""
        if not all(self.has_signal(it) for it in metric.signals):
            return ""  # that it is not there comes first
        sides: list[ContactSide] = [it for it in _sides("both") if self._all(it)]
        why = [self.withheld.why(metric, side) for side in sides]
        return why[0] if why and all(why) else ""

    def _lacking(self, need: Need) -> str:
        """Return how a need that is not there is told."""
        if need == "20 strides":
            if len(self.force_sides) == 1 and "unknown" not in self.force_sides:
                return "needs insoles on both feet"
            if self.weight.strides >= MIN_STRIDES and np.isnan(self.mass_kg):
                return LACKING["body mass"]
            if self.weight.strides >= MIN_STRIDES:
                return "needs force in newtons"
        return LACKING[need]

    def notes(self, signal: str) -> list[str]:
        """Return what the valid strides say of a signal, the most frequent first."""
        known = self.memo.get(("notes", signal))
        if known is None:
            told = Counter(
                record.notes.get(placed(signal, record.stride.side), "")
                for record in self.valid("both")
                if record.notes
            )
            known = [note for note, _ in told.most_common() if note]
            known = of_one_muscle(known) if signal in MUSCLES else known
            self.memo[("notes", signal)] = known
        return known

    def _lacking_signal(
        self, metric: Metric, valid: Sequence[StrideRecord], *, everywhere: bool
    ) -> str:
        """Return the most frequent reason why a signal is missing, empty if none.

        ``everywhere``: what some strides have is not missing.
        """
        for signal in metric.signals:
            reasons = [
                record.lacks.get(placed(signal, record.stride.side)) for record in valid
            ]
            told = most_told(reasons)
            if told and (all(reasons) or not everywhere):
                return told
            if not self.has_signal(signal):
                return absent(signal)
        return ""

    def has_signal(self, signal: str) -> bool:
        """Tell whether the montage has a signal, on either side."""
        name = signal.removeprefix("other ")
        return any(have in self.signals for have in (name, *_both_sides(name)))

    def _each(self, metric: Metric) -> Found:
        keys: tuple[StatKey, ...] = (*self.sides, "both")
        return Found({key: self.stat(metric, key) for key in keys})

    def _on_belt(self, metric: Metric, record: StrideRecord) -> float:
        stride = record.stride
        speed_mps = self.belt.at(stride.middle_s)
        data = StrideData(stride, speed_mps=speed_mps, leg_length_m=self.leg_length_m)
        return metric.of_stride(data) if metric.of_stride else NAN

    def _all(self, side: ContactSide) -> Sequence[StrideRecord]:
        return self.records.get(side, ())

    def _poor_events(self) -> bool:
        expected = self.expected("both")
        return 100.0 * len(self.valid("both")) < QUALITY_LIMIT_PCT * expected

    def _has(self, need: Need) -> bool:
        if need == "two feet":
            return bool(self._all("unknown")) or len(self._feet) == len(SIDES)
        if need == "one kind of sensor":
            sources = {self._all(side)[0].stride.source for side in self._feet}
            return len(self._feet) == len(SIDES) and len(sources) == 1
        if need in ("running", "walking"):
            wanted = "run" if need == "running" else "walk"
            return any(record.stride.gait == wanted for record in self.valid("both"))
        if need == "20 strides":
            return not np.isnan(self.weight.ratio)
        known: dict[Need, bool] = {
            "body weight": not np.isnan(self.weight.value),
            "cells": self.cells,
            "belt speed": self.belt.known,
            "leg length": not np.isnan(self.leg_length_m),
            "body mass": not np.isnan(self.mass_kg),
            "body height": not np.isnan(self.height_m),
            "cadence target": bool(self.cadence_targets),
            # asked only when there is no number
            "50 strides": False,
            "standing": False,
        }
        return known[need]


def _both_sides(name: str) -> tuple[str, str]:
    return f"{name}_left", f"{name}_right"


def _sides(key: StatKey) -> tuple[ContactSide, ...]:
    return ("left", "right", "unknown") if key == "both" else (key,)
