"""Minimal detectable change: a smaller one may be measurement error (reference 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from collections.abc import Sequence

Shown = Literal["yes", "no", "unknown"]
MDC_PER_SEM: Final = 1.96 * 2.0**0.5
FEWEST_BLOCKS: Final = 5
_NO_SPREAD: Final = 1e-9  # of the value: rounding, not measurement

# [design] reference 6.1: strap and skin alone move it so far
_LEAST_CHANGE: Final = {
    "pelvic_drop_deg": 2.0,
    "pelvic_drop_exc_deg": 2.0,
    "pelvic_drop_diff_deg": 2.0,
}


class Mdc(msgspec.Struct, frozen=True):
    """Minimal detectable change, 95 %.

    Attributes
    ----------
    value
        1.96 √2 SEM, or as published; NaN when there is none.
    threshold
        A change counts above it; larger than ``value`` where the sensor's mounting
        alone changes more.
    sem
        Standard error of measurement: SD of the baseline's minute medians; NaN when
        published.
    n
        Baseline minutes, or people of the publication.
    citation
        Publication and how it measured; "" when it is this person's own.
    why
        Why there is none.
    """

    unit: str
    value: float = NAN
    threshold: float = NAN
    sem: float = NAN
    n: int = 0
    citation: str = ""
    why: str = ""


_S06: Final = (
    "Patoz 2022, Sensors 22:784 (S06): sacral IMU, treadmill 9 to 13 km/h,"
    " smallest real difference"
)
_S19: Final = "tibial acceleration reliability abstract (S19): 3.0 m/s, test and retest"
_S57: Final = "stride variability reliability abstract (S57): IMU, seven days apart"

# metric id -> what was published, and the only source it holds for ("" = any)
_PUBLISHED: Final[dict[str, tuple[Mdc, str]]] = {
    "tibial_shock_g": (Mdc("g", 2.0, 2.0, n=19, citation=_S19), ""),
    "tibial_shock_res_g": (Mdc("g", 1.5, 1.5, n=19, citation=_S19), ""),
    "stride_time_cv_pct": (Mdc("%", 0.53, 0.53, n=19, citation=_S57), ""),
    "contact_time_ms": (Mdc("ms", 32.0, 32.0, n=100, citation=_S06), "pelvis_imu"),
    "flight_time_ms": (Mdc("ms", 32.0, 32.0, n=100, citation=_S06), "pelvis_imu"),
    "peak_force_sacral_bw": (Mdc("BW", 0.28, 0.28, n=100, citation=_S06), ""),
}


def own_mdc(metric_id: str, unit: str, minute_medians: Sequence[float]) -> Mdc:
    """Return the change a person's own baseline lets one detect in this session.

    Parameters
    ----------
    metric_id, unit
        Of the metric.
    minute_medians
        One per baseline minute, at one speed; at least five.
    """
    n = len(minute_medians)
    if n < FEWEST_BLOCKS:
        why = (
            f"needs {FEWEST_BLOCKS} one-minute baseline blocks at one speed,"
            f" there are {n}"
        )
        return Mdc(unit, n=n, why=why)
    sem = float(np.std(minute_medians, ddof=1))
    if sem <= _NO_SPREAD * max(abs(value) for value in minute_medians):
        why = "the baseline minutes do not differ: the measurement error is not seen"
        return Mdc(unit, n=n, why=why)
    value = MDC_PER_SEM * sem
    threshold = max(value, _LEAST_CHANGE.get(metric_id, 0.0))
    return Mdc(unit, value, threshold, sem, n)


def published_mdc(metric_id: str, unit: str, source: str = "") -> Mdc:
    """Return the published change, for two days or two mountings.

    Parameters
    ----------
    metric_id, unit
        Of the metric.
    source
        Sensor the contacts come from.
    """
    found, only_source = _PUBLISHED.get(metric_id, (None, ""))
    if found and found.unit == unit and only_source in ("", source):
        return found
    return Mdc(unit, why="no minimal detectable change between days is published")


def judge(delta: float, low: float, high: float, mdc: Mdc) -> tuple[Shown, str]:
    """Tell whether a change is more than chance and more than measurement error.

    Parameters
    ----------
    delta, low, high
        Change and its 95 % interval, in the unit of ``mdc``.
    mdc
        Minimal detectable change.

    Returns
    -------
    tuple
        "yes", "no" or "unknown", and why not "yes".
    """
    if low <= 0 <= high:
        span = f"{low:.3g} to {high:.3g} {mdc.unit}"
        return "no", f"the 95 % interval of the change, {span}, holds 0"
    if mdc.why:
        return "unknown", mdc.why
    why = within(delta, mdc)
    return ("no", why) if why else ("yes", "")


def within(delta: float, mdc: Mdc) -> str:
    """Return that a change is within the minimal detectable one; "" when beyond."""
    if abs(delta) > mdc.threshold:
        return ""
    return (
        f"{delta:+.3g} {mdc.unit} is within the minimal detectable change"
        f" of {mdc.threshold:.3g} {mdc.unit}"
    )
