"""A person's own baseline, minute by minute, and change against it (reference 9)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
import numpy as np

from lablive.metrics.metric import NAN, StatKey
from lablive.protocol.mdc import Mdc, own_mdc, published_mdc, within
from lablive.protocol.series import Series, on_ratio_scale
from lablive.protocol.speed import not_comparable, why_apart

MINUTE_S: Final = 60.0
FEWEST_STRIDES: Final = 20  # valid ones, in a minute


class Median(msgspec.Struct, frozen=True):
    """Median of comparable strides.

    Attributes
    ----------
    t_s
        Mean time of the strides; NaN without strides.
    value
        NaN when there is none; ``why`` says why.
    n
        Valid strides that have a value.
    """

    unit: str
    t_s: float = NAN
    value: float = NAN
    n: int = 0
    why: str = ""


class Baseline(msgspec.Struct, frozen=True):
    """Where a person started: median of the baseline's minute medians.

    Attributes
    ----------
    metric_id, unit, key, source, gait
        What was measured, of which side, contacts from which sensor, in which gait.
    low_mps, high_mps
        Belt speed, lowest and highest.
    n, n_blocks
        Valid strides and minutes it stands on.
    mdc
        Minimal detectable change within this session; needs five minutes. With fewer
        the published one, where there is one; its ``citation`` says whose.
    start_s, end_s
        The marked part it was made of.
    """

    metric_id: str
    unit: str
    key: StatKey
    mdc: Mdc
    value: float = NAN
    n: int = 0
    n_blocks: int = 0
    source: str = ""
    low_mps: float = NAN
    high_mps: float = NAN
    start_s: float = NAN
    end_s: float = NAN
    why: str = ""
    gait: str = ""


class Change(msgspec.Struct, frozen=True):
    """Now against the baseline.

    Attributes
    ----------
    value, baseline, delta
        Now, then, now minus then; of an asymmetry too: right minus left stays.
    percent
        100 (now / then - 1); NaN for quantities without a true zero.
    threshold
        Minimal detectable change that was used.
    verdict
        ``change`` only beyond it; ``why`` says why not.
    n, n_baseline
        Valid strides on both ends.
    """

    metric_id: str
    unit: str
    key: StatKey
    value: float = NAN
    baseline: float = NAN
    delta: float = NAN
    percent: float = NAN
    threshold: float = NAN
    verdict: Literal["change", "within error", "unknown"] = "unknown"
    n: int = 0
    n_baseline: int = 0
    why: str = ""


def median_of(series: Series) -> Median:
    """Return the median of strides that may be compared; needs 20 of them."""
    n = series.n
    t_s = float(np.mean(series.t_s)) if n else NAN
    why = not_comparable(series)
    if n < FEWEST_STRIDES:
        why = f"needs {FEWEST_STRIDES} valid strides, there are {n}"
    if why:
        return Median(series.unit, t_s, n=n, why=why)
    return Median(series.unit, t_s, float(np.median(series.values)), n)


def minute_medians(series: Series, start_s: float | None = None) -> tuple[Median, ...]:
    """Return the median of every minute that has strides.

    Parameters
    ----------
    series
        Strides of one metric.
    start_s
        Where the first minute begins; None = at the first stride.
    """
    if not series.n:
        return ()
    first_s = float(series.t_s[0]) if start_s is None else start_s
    minute = np.floor((series.t_s - first_s) / MINUTE_S)
    return tuple(
        median_of(series.only(minute == number))
        for number in np.unique(minute[minute >= 0])
    )


def baseline(series: Series) -> Baseline:
    """Return the baseline of strides at one speed; one minute at least.

    Parameters
    ----------
    series
        The baseline's own strides, cut from one of :func:`~.speed.strata`.
    """
    metric_id, unit, key = series.metric_id, series.unit, series.key
    minutes = [minute for minute in minute_medians(series) if not minute.why]
    why = not_comparable(series)
    if not why and not minutes:
        why = f"needs a minute with {FEWEST_STRIDES} valid strides"
    if why:
        return Baseline(metric_id, unit, key, Mdc(unit, why=why), n=series.n, why=why)
    medians = [minute.value for minute in minutes]
    mdc = own_mdc(metric_id, unit, medians)
    if mdc.why:
        published = published_mdc(metric_id, unit, str(series.sources[0]))
        mdc = mdc if published.why else published
    return Baseline(
        metric_id,
        unit,
        key,
        mdc=mdc,
        value=float(np.median(medians)),
        n=sum(minute.n for minute in minutes),
        n_blocks=len(minutes),
        source=str(series.sources[0]),
        gait=str(series.gaits[0]),
        low_mps=float(series.speed_mps.min()),
        high_mps=float(series.speed_mps.max()),
    )


def change(base: Baseline, now: Series, mdc: Mdc | None = None) -> Change:
    """Return the change of about a minute of strides against the baseline.

    Parameters
    ----------
    base
        Baseline of the same metric and side.
    now
        Strides to compare, at the baseline's speed.
    mdc
        None = the baseline's own; :func:`~.mdc.published_mdc` between days.
    """
    empty = Change(now.metric_id, now.unit, now.key, n=now.n, n_baseline=base.n)
    median = median_of(now)
    why = base.why or median.why or _why_not_alike(base, now)
    if why:
        return msgspec.structs.replace(empty, why=why)
    mdc = base.mdc if mdc is None else mdc
    delta = median.value - base.value
    why = mdc.why or within(delta, mdc)
    verdict = "within error" if why else "change"
    return msgspec.structs.replace(
        empty,
        value=median.value,
        baseline=base.value,
        delta=delta,
        percent=_percent(base, median.value),
        threshold=mdc.threshold,
        verdict="unknown" if mdc.why else verdict,
        why=why,
    )


def _why_not_alike(base: Baseline, now: Series) -> str:
    """Return why a baseline is not one for these strides; "" when it is."""
    if (base.metric_id, base.unit, base.key) != (now.metric_id, now.unit, now.key):
        return (
            f"the baseline is {base.metric_id} ({base.key}, {base.unit}),"
            f" not {now.metric_id} ({now.key}, {now.unit})"
        )
    speeds = np.append(now.speed_mps, [base.low_mps, base.high_mps])
    sources, gaits = now.sources.tolist(), now.gaits.tolist()
    return why_apart({base.source, *sources}, {base.gait, *gaits}, speeds)


def _percent(base: Baseline, value: float) -> float:
    if base.value <= 0 or not on_ratio_scale(base.metric_id, base.unit):
        return NAN
    return 100.0 * (value / base.value - 1.0)
