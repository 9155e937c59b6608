"""The table of a comparison: per metric and side the change, its interval, a sentence.

All statistics are those of :mod:`lablive.protocol`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.metric import NAN, StatKey
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.protocol.asymmetry import asymmetry
from lablive.protocol.baseline import FEWEST_STRIDES, baseline, change, minute_medians
from lablive.protocol.effect import welch_half
from lablive.protocol.mdc import Mdc, Shown, judge, published_mdc, within
from lablive.protocol.series import on_ratio_scale
from lablive.protocol.speed import not_comparable, strata

if TYPE_CHECKING:
    from lablive.comparing.stretch import Stretch
    from lablive.comparing.terms import Alike
    from lablive.metrics.metric import Direction, Metric
    from lablive.protocol.series import Series

Verdict = Literal["change", "within error", "unknown"]
Better = Literal["better", "worse", ""]
_KEYS: Final[tuple[StatKey, ...]] = (*SIDES, "both")
_VERDICTS: Final[dict[Shown, Verdict]] = {
    "yes": "change",
    "no": "within error",
    "unknown": "unknown",
}
_NO_NUMBER: Final = ("gait_mode", "cop_path")  # a kind, and a curve of its own
_FEWEST_MINUTES: Final = 2  # of an interval
_SIGNS: Final[dict[Direction, float]] = {
    "higher is better": 1.0, "lower is better": -1.0,
}  # fmt: skip


class Side(msgspec.Struct, frozen=True):
    """One side of a comparison: median of comparable strides; NaN = none."""

    median: float = NAN
    sd: float = NAN
    n: int = 0


class Row(msgspec.Struct, frozen=True):
    """One metric of one foot or both, then (a) and now (b).

    Attributes
    ----------
    change, percent
        b less a; percent only of quantities with a true zero.
    low, high
        95 % interval of the change over minutes (Welch's t); NaN with fewer than two
        minutes on either side.
    mdc, mdc_of
        Minimal detectable change, and whose: "own" or a publication.
    verdict, why
        ``change`` only beyond both; why not.
    better
        Where the metric has a better direction, and a change is shown.
    source, gait, low_mps, high_mps
        Sensor of the contacts, gait, belt speed of the strides compared.
    grade
        Evidence grade of the metric.
    sentence
        All of it in words.
    """

    metric: str
    label: str
    unit: str
    side: StatKey
    a: Side = Side()
    b: Side = Side()
    change: float = NAN
    percent: float = NAN
    low: float = NAN
    high: float = NAN
    mdc: float = NAN
    mdc_of: str = ""
    verdict: Verdict = "unknown"
    better: Better = ""
    source: str = ""
    gait: str = ""
    low_mps: float = NAN
    high_mps: float = NAN
    grade: str = ""
    why: str = ""
    sentence: str = ""


class FeetRow(msgspec.Struct, frozen=True):
    """One metric of the left foot against the right one.

    Attributes
    ----------
    index
        Symmetry index 200 (R - L) / (R + L) in %, or right minus left in the metric's
        unit where it has no true zero (``index_unit``).
    larger
        Which side is.
    """

    metric: str
    label: str
    unit: str
    left: Side = Side()
    right: Side = Side()
    index: float = NAN
    index_unit: str = ""
    larger: str = "unknown"
    low_mps: float = NAN
    high_mps: float = NAN
    why: str = ""
    sentence: str = ""


def rows_of(a: Stretch, b: Stretch, terms: Alike) -> list[Row]:
    """Return the table; a metric that neither side has is left out.

    Parameters
    ----------
    a, b
        Then and now.
    terms
        How alike they are.
    """
    found: list[Row] = []
    for metric in METRICS.values():
        if metric.id in _NO_NUMBER:
            continue
        make = _of_strides if metric.of_stride else _of_many
        for key in _KEYS:
            row = make(a, b, metric, key, terms)
            if row is not None:
                found.append(_told(row))
    return found


def feet_rows(stretch: Stretch) -> list[FeetRow]:
    """Return left against right of every metric that both feet have."""
    found: list[FeetRow] = []
    for metric in METRICS.values():
        if metric.of_stride is None:
            continue
        left, right = (strata(stretch.series(metric, side)) for side in SIDES)
        if not left or not right:
            continue
        pair = _alike(left, right) or (left[0], right[0])
        uneven = asymmetry(*pair)
        row = FeetRow(
            metric.id,
            metric.label,
            metric.unit,
            left=_side(pair[0]),
            right=_side(pair[1]),
            index=uneven.value,
            index_unit=uneven.unit,
            larger=uneven.larger,
            low_mps=uneven.low_mps,
            high_mps=uneven.high_mps,
            why=uneven.why or uneven.note,
        )
        found.append(msgspec.structs.replace(row, sentence=_feet_sentence(row)))
    return found


def _of_strides(
    a: Stretch, b: Stretch, metric: Metric, key: StatKey, terms: Alike
) -> Row | None:
    then, now = (strata(it.series(metric, key)) for it in (a, b))
    if not then and not now:
        return None
    empty = Row(metric.id, metric.label, metric.unit, key, grade=metric.grade)
    if not then or not now:
        one = then or now
        sides = {"a": _side(one[0])} if then else {"b": _side(one[0])}
        why = f"not measured in {(b if then else a).name}"
        return msgspec.structs.replace(empty, **sides, why=why)
    pair = _alike(then, now) or (then[0], now[0])
    first, second = pair
    empty = msgspec.structs.replace(
        empty,
        a=_side(first),
        b=_side(second),
        source=str(first.sources[0]),
        gait=str(first.gaits[0]),
        low_mps=float(min(first.speed_mps.min(), second.speed_mps.min())),
        high_mps=float(max(first.speed_mps.max(), second.speed_mps.max())),
    )
    base = baseline(first)
    mdc = published_mdc(metric.id, metric.unit, str(first.sources[0]))
    if terms.same_mounting:
        mdc = _own_first(base.mdc, baseline(second).mdc)
    compared = change(base, second, mdc)
    delta = empty.b.median - empty.a.median
    why = not_comparable(first, second) or compared.why
    if why and math.isnan(compared.delta):
        return msgspec.structs.replace(empty, change=delta, why=why)
    half = _half_interval(first, second)
    row = msgspec.structs.replace(
        empty,
        a=msgspec.structs.replace(empty.a, median=compared.baseline),
        b=msgspec.structs.replace(empty.b, median=compared.value),
        change=compared.delta,
        percent=compared.percent,
        low=compared.delta - half,
        high=compared.delta + half,
    )
    return _judged(row, metric, mdc, terms)


def _of_many(
    a: Stretch, b: Stretch, metric: Metric, key: StatKey, terms: Alike
) -> Row | None:
    """Return a row of a metric that only many strides have together."""
    then, now = (it.value(metric, key) for it in (a, b))
    if not then.n and not now.n:
        return None
    row = Row(
        metric.id,
        metric.label,
        metric.unit,
        key,
        a=Side(then.median, then.sd, then.n),
        b=Side(now.median, now.sd, now.n),
        grade=metric.grade,
    )
    if not then.n or not now.n:
        why = f"not measured in {(b if then.n else a).name}"
        return msgspec.structs.replace(row, why=why)
    rhythm = METRICS["stride_time_ms"]
    one, other = (it.series(rhythm, "both") for it in (a, b))
    delta = now.median - then.median
    percent = NAN
    if then.median > 0 and on_ratio_scale(metric.id, metric.unit):
        percent = 100.0 * delta / then.median
    row = msgspec.structs.replace(row, change=delta, percent=percent)
    why = not_comparable(one, other)
    if why:
        return msgspec.structs.replace(row, why=why)
    source = str(one.sources[0]) if one.n else ""
    return _judged(row, metric, published_mdc(metric.id, metric.unit, source), terms)


def _judged(row: Row, metric: Metric, mdc: Mdc, terms: Alike) -> Row:
    """Return the row with its verdict."""
    row = msgspec.structs.replace(
        row, mdc=mdc.threshold, mdc_of=mdc.citation or ("" if mdc.why else "own")
    )
    refused = terms.why_not(metric)
    if refused:
        return msgspec.structs.replace(row, why=refused)
    verdict: Verdict = "unknown"
    if math.isnan(row.low):
        why = mdc.why or within(row.change, mdc)
        if not mdc.why:
            verdict = "within error" if why else "change"
    else:
        shown, why = judge(row.change, row.low, row.high, mdc)
        verdict = _VERDICTS[shown]
    better: Better = ""
    if verdict == "change" and metric.direction in _SIGNS:
        better = "better" if row.change * _SIGNS[metric.direction] > 0 else "worse"
    return msgspec.structs.replace(row, verdict=verdict, why=why, better=better)


def _own_first(*found: Mdc) -> Mdc:
    """Return the person's own detectable change, else a published one, else why."""
    known = [it for it in found if not it.why]
    own = [it for it in known if not it.citation]
    return [*own, *known, *found][0]


def common_speed(a: Stretch, b: Stretch) -> tuple[tuple[float, float] | None, str]:
    """Return the belt speed that most strides of both share, and why there is none.

    Parameters
    ----------
    a, b
        Then and now.
    """
    rhythm = METRICS["stride_time_ms"]
    then, now = (strata(it.series(rhythm, "both")) for it in (a, b))
    if not then or not now:
        return None, "no valid strides on one side"
    pair = _alike(then, now)
    if pair is None:
        return None, not_comparable(then[0], now[0])
    speeds = np.concatenate([it.speed_mps for it in pair])
    return (float(speeds.min()), float(speeds.max())), ""


def _alike(
    one: tuple[Series, ...], other: tuple[Series, ...]
) -> tuple[Series, Series] | None:
    """Return the two groups of strides that may be compared: those with most.

    Some steps of a belt that speeds up are not what two runs share.
    """
    pairs = [
        (min(own.n, its.n), own, its)
        for own in one
        for its in other
        if not not_comparable(own, its)
    ]
    most = max(pairs, key=lambda it: it[0], default=None)
    if most is None or most[0] < min(FEWEST_STRIDES, one[0].n, other[0].n):
        return None
    return most[1:]


def _half_interval(a: Series, b: Series) -> float:
    """Return half the 95 % interval of the change, over medians of minutes."""
    minutes = [
        [it.value for it in minute_medians(series) if not it.why] for series in (a, b)
    ]
    if min(map(len, minutes)) < _FEWEST_MINUTES:
        return NAN
    return welch_half(*minutes)


def _side(series: Series) -> Side:
    sd = float(np.std(series.values, ddof=1)) if series.n > 1 else NAN
    return Side(float(np.median(series.values)), sd, series.n)


# ------------------------------------------------------------------------- sentences
def _told(row: Row) -> Row:
    return msgspec.structs.replace(row, sentence=_sentence(row))


def _sentence(row: Row) -> str:
    name = row.label[:1].upper() + row.label[1:]
    foot = "" if row.side == "both" else f", {row.side}"
    digits = _digits(row.a.median, row.b.median)
    then, now = (_number(it.median, digits) for it in (row.a, row.b))
    head = f"{name}{foot}: {then} to {now} {_unit(row.unit)}".rstrip()
    if math.isnan(row.change):
        return f"{name}{foot}: no statement, {row.why}."
    told = [_signed(row.change, digits + 1)]
    if not math.isnan(row.percent):
        told[0] += f", {_signed(row.percent, 1)} %"
    if not math.isnan(row.low):
        span = f"{_signed(row.low, digits + 1)} to {_signed(row.high, digits + 1)}"
        told.append(f"95 % interval {span}")
    head += f" ({'; '.join(told)})"
    limit = f"{row.mdc:.{digits + 1}f} {_unit(row.unit)}".rstrip()
    if row.verdict == "change":
        word = f", {row.better}" if row.better else ""
        return f"{head}: more than the {limit} of measuring alone{word}."
    if row.verdict == "within error":
        if abs(row.change) <= row.mdc:
            return f"{head}: within the {limit} of measuring alone."
        return f"{head}: the minutes differ as much by themselves."
    return f"{head}: no statement, {row.why}."


def _feet_sentence(row: FeetRow) -> str:
    name = row.label[:1].upper() + row.label[1:]
    digits = _digits(row.left.median, row.right.median)
    left, right = (_number(it.median, digits) for it in (row.left, row.right))
    head = f"{name}: left {left}, right {right} {_unit(row.unit)}".rstrip()
    if math.isnan(row.index):
        return f"{head}: no statement, {row.why}."
    size = f"{abs(row.index):.1f}"
    if row.larger in ("left", "right") and float(size):
        size = f"{size} {_unit(row.index_unit)}".rstrip()
        return f"{head}: the {row.larger} is larger by {size}."
    return f"{head}: both alike."


def _digits(*values: float) -> int:
    """Return decimals that show three figures of the larger value."""
    size = max((abs(it) for it in values if math.isfinite(it)), default=0.0)
    return 1 if not size else min(4, max(0, 2 - math.floor(math.log10(size))))


def _signed(value: float, digits: int) -> str:
    text = f"{value:+.{digits}f}"
    return text if float(text) else text.lstrip("+-")


def _number(value: float, digits: int) -> str:
    return "not measured" if math.isnan(value) else f"{value:.{digits}f}"


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit
