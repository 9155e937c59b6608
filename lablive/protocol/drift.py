"""Drift over a run: the slope of minute medians and how sure it is (reference 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.bands import Verdict
from lablive.metrics.metric import NAN, StatKey
from lablive.protocol.baseline import minute_medians
from lablive.protocol.mdc import Mdc, Shown, judge
from lablive.protocol.speed import not_comparable

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.protocol.series import Series

FEWEST_BLOCKS: Final = 8
_SECONDS: Final = 60.0


class Slope(msgspec.Struct, frozen=True):
    """A slope and its 95 % interval."""

    value: float
    low: float
    high: float


class Drift(msgspec.Struct, frozen=True):
    """Slope of one metric over minutes.

    Attributes
    ----------
    unit
        Of the metric, per minute.
    per_min, low_per_min, high_per_min
        Theil-Sen slope of the minute medians and its 95 % interval.
    minutes, total
        From the first median to the last one, and the change in that time in the
        metric's own unit.
    threshold
        Minimal detectable change ``total`` is held against.
    verdict
        ``drift`` only when the interval excludes 0 and ``total`` is beyond the
        threshold; ``why`` says why not.
    colour
        None for a metric that is information only.
    n, n_strides
        Minutes and valid strides.
    """

    metric_id: str
    unit: str
    key: StatKey
    per_min: float = NAN
    low_per_min: float = NAN
    high_per_min: float = NAN
    minutes: float = NAN
    total: float = NAN
    threshold: float = NAN
    verdict: Literal["drift", "no drift shown", "unknown"] = "unknown"
    colour: Verdict | None = None
    n: int = 0
    n_strides: int = 0
    why: str = ""


def theil_sen(t_min: Floats, values: Floats) -> Slope:
    """Return the median slope of all pairs with Sen's interval, per minute.

    Parameters
    ----------
    t_min, values
        Shape (minutes,); at least two different times.
    """
    from scipy.stats import theilslopes  # half a second: not before the first paint

    found = np.array(theilslopes(values, t_min, alpha=0.95), dtype=float)
    slope, _, low, high = found.tolist()
    return Slope(slope, low, high)


def drift(series: Series, mdc: Mdc) -> Drift:
    """Return how a metric drifts while the belt runs at one speed.

    Single strides are never regressed: they follow each other, and an interval made
    of them is far too narrow.

    Parameters
    ----------
    series
        One of :func:`~.speed.strata`.
    mdc
        Minimal detectable change of the person's baseline.
    """
    medians = [found for found in minute_medians(series) if not found.why]
    empty = Drift(
        series.metric_id,
        f"{series.unit}/min",
        series.key,
        n=len(medians),
        n_strides=sum(found.n for found in medians),
    )
    why = not_comparable(series)
    if not why and len(medians) < FEWEST_BLOCKS:
        why = (
            f"needs {FEWEST_BLOCKS} one-minute blocks at one speed,"
            f" there are {len(medians)}"
        )
    if why:
        return msgspec.structs.replace(empty, why=why)
    t_min = np.array([found.t_s - medians[0].t_s for found in medians]) / _SECONDS
    slope = theil_sen(t_min, np.array([found.value for found in medians]))
    minutes = float(t_min[-1])
    total = slope.value * minutes
    shown, why = judge(total, slope.low * minutes, slope.high * minutes, mdc)
    return msgspec.structs.replace(
        empty,
        per_min=slope.value,
        low_per_min=slope.low,
        high_per_min=slope.high,
        minutes=minutes,
        total=total,
        threshold=mdc.threshold,
        verdict=_VERDICTS[shown],
        colour=_colour(shown, total, mdc, series),
        why=why,
    )


_VERDICTS: Final[dict[Shown, Literal["drift", "no drift shown", "unknown"]]] = {
    "yes": "drift",
    "no": "no drift shown",
    "unknown": "unknown",
}


def _colour(shown: Shown, total: float, mdc: Mdc, series: Series) -> Verdict | None:
    """Return the colour of reference 10: caution beyond the MDC, poor beyond two."""
    if series.direction == "information" or shown == "unknown":
        return None
    if shown == "no":
        return "good"
    return "poor" if abs(total) > 2 * mdc.threshold else "caution"
