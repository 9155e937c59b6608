"""Strides, metrics, events and markers of a range as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lablive.drills.quantities import QUANTITIES
from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.protocol.series import series_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lablive.exporting.source import Source


class Column(NamedTuple):
    """One column: name, unit ("" = none), values; NaN or "" = missing."""

    name: str
    unit: str
    values: NDArray[Any]

    @property
    def header(self) -> str:
        """Name with its unit: ``cadence_spm [steps/min]``."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


def strides(source: Source) -> list[Column]:
    """Return one row per stride that lies in the range, with every metric it has."""
    records = source.strides
    found = [it.stride for it in records]
    results = source.analysed.pipeline.results
    columns = [
        _texts("side", [it.side for it in found]),
        _numbers("ic", "s", [it.ic_s for it in found]),
        _numbers("to", "s", [_or_nan(it.to_s) for it in found]),
        _numbers("next_ic", "s", [it.next_ic_s for it in found]),
        _numbers("opposite_ic", "s", [_or_nan(it.opposite_ic_s) for it in found]),
        _numbers("opposite_to", "s", [_or_nan(it.opposite_to_s) for it in found]),
        Column("valid", "", np.array([it.valid for it in found], dtype=np.bool_)),
        _texts("reasons", ["; ".join(it.reasons) for it in found]),
        _texts("source", [it.source for it in found]),
        _texts("gait", [it.gait for it in found]),
        _numbers("speed", "m/s", [results.belt.at(it.middle_s) for it in found]),
        _numbers("incline", "%", [results.incline.at(it.middle_s) for it in found]),
    ]
    sample = results.all_gaits()
    keys: tuple[StatKey, ...] = ("both",) if sample.records.get("unknown") else SIDES
    place = {
        (key if key == "both" else it.side, it.next_ic_s): row
        for row, it in enumerate(found)
        for key in keys
    }
    for metric in METRICS.values():
        if metric.of_stride is None:
            continue
        values = np.full(len(found), np.nan)
        for key in keys:
            series = series_of(sample, metric, key)
            for t_s, value in zip(series.t_s.tolist(), series.values, strict=True):
                row = place.get((key, t_s))
                if row is not None:
                    values[row] = value
        columns.append(Column(metric.id, metric.unit, values))
    return columns


def metrics(source: Source) -> list[Column]:
    """Return one row per metric and side over the strides of the range."""
    sample = source.sample()
    rows: list[tuple[Any, ...]] = []
    keys: tuple[StatKey, ...] = (*SIDES, "both")
    for metric in METRICS.values():
        value = sample.summarise(metric)
        for key in keys:
            stat = value.stat(key)
            if stat.n or key == "both":
                rows.append(
                    (metric.id, metric.label, value.unit, key, stat.median, stat.mean,
                     stat.sd, stat.n, stat.n_total, value.grade, value.note)
                )  # fmt: skip
    (ids, labels, units, sides, medians, means, sds, ns, totals, grades, notes) = (
        list(column) for column in zip(*rows, strict=True)
    )
    return [
        _texts("metric", ids), _texts("label", labels), _texts("unit", units),
        _texts("side", sides), _numbers("median", "", medians),
        _numbers("mean", "", means), _numbers("sd", "", sds), _counts("n", ns),
        _counts("n_total", totals), _texts("grade", grades),
        _texts("note", [source.text(note) for note in notes]),
    ]  # fmt: skip


def reps(source: Source) -> list[Column]:
    """Return the repetitions of drills in the range, with every value they have."""
    found = [
        (done, rep)
        for done in source.analysed.analysis.drills
        for rep in done.reps
        if source.inside(rep.t_s)
    ]
    passed = {True: "true", False: "false", None: ""}
    columns = [
        _texts("drill", [done.id for done, _ in found]),
        _texts("leg", [done.leg for done, _ in found]),
        _counts("set", [done.number for done, _ in found]),
        _texts("set_verdict", [done.verdict for done, _ in found]),
        _counts("rep", [rep.number for _, rep in found]),
        _numbers("t", "s", [rep.t_s for _, rep in found]),
        _numbers("contact", "ms", [rep.contact_ms for _, rep in found]),
        _numbers("flight", "ms", [rep.flight_ms for _, rep in found]),
        _texts("pass", [passed[rep.passed] for _, rep in found]),
        _texts("state", [rep.state for _, rep in found]),
        _texts("foot", [rep.foot for _, rep in found]),
        _texts("direction", [rep.direction for _, rep in found]),
        _texts("reasons", [source.text("; ".join(rep.reasons)) for _, rep in found]),
    ]
    names = dict.fromkeys(name for _, rep in found for name in rep.values)
    for name in names:
        known = QUANTITIES.get(name)
        values = [rep.values.get(name, NAN) for _, rep in found]
        columns.append(_numbers(name, known.unit if known else "", values))
    return columns


def events(source: Source) -> list[Column]:
    """Return the contacts and toe-offs of the range."""
    found = [
        it
        for it in source.analysed.pipeline.contacts
        if it.kind in ("ic", "to") and source.inside(it.t_s)
    ]
    return [
        _numbers("t", "s", [it.t_s for it in found]),
        _texts("side", [it.side for it in found]),
        _texts("kind", [it.kind for it in found]),
        _texts("source", [it.source for it in found]),
    ]


def markers(source: Source) -> list[Column]:
    """Return the markers of the range."""
    found = source.markers
    return [
        _numbers("t", "s", [it.t_s for it in found]),
        _texts("kind", [it.kind for it in found]),
        _texts("text", [source.text(it.text) for it in found]),
    ]


def _or_nan(value: float | None) -> float:
    return NAN if value is None else value


def _numbers(name: str, unit: str, values: Sequence[float]) -> Column:
    return Column(name, unit, np.array(values, dtype=np.float64))


def _counts(name: str, values: Sequence[int]) -> Column:
    return Column(name, "", np.array(values, dtype=np.int64))


def _texts(name: str, values: Sequence[str]) -> Column:
    return Column(name, "", np.array(values, dtype=np.object_))
