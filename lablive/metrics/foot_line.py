"""Skill 1 from the ground up: arch, toe-out, foot against thigh (reference 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.derived import difference_of
from lablive.metrics.metric import NAN, StrideData, stride_metric
from lablive.metrics.motion import (
    along,
    area,
    lean,
    obliquity,
    own,
    refuse_clipped,
    segment,
    side_of_stride,
    stance,
    stance_part,
    twist,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.signals.angles import long_axis_heading_deg, toe_out_deg

if TYPE_CHECKING:
    from lablive.messages import Floats, Ints
    from lablive.metrics.metric import SegmentRows, StridePressure
    from lablive.metrics.summary import Sample

REGION_OFF_BW: Final = 0.02  # metric reference 4.5
_MIDSTANCE: Final = (0.20, 0.60)
_FLAT: Final = (0.20, 0.50)
_PUSHOFF: Final = (0.60, 0.95)
_TWISTING: Final = (0.20, 1.00)
_EVERSION: Final = (0.0, 0.60)  # [design] later the heel is off the ground
_LEAST_TRAVEL_M: Final = 0.2  # [design] less is no stride to take a direction from
_FOOT_RATE_HZ: Final = 100.0  # [design] a landing lasts 20 ms


@stride_metric(
    label="medial load in mid-stance",
    unit="%",
    skill="sagittal",
    sensors=("insole",),
    direction="information",
    grade="D",
    contested=True,
    citation="4.4",
    needs=("cells",),
)
def medial_load_pct(data: StrideData) -> float:
    """100 medial / (medial + lateral) load over 20 to 60 % of stance."""
    return _medial_pct(data)


@stride_metric(
    label="centre of pressure across the foot in mid-stance",
    unit="% width",
    skill="sagittal",
    sensors=("insole",),
    direction="information",
    grade="D",
    contested=True,
    citation="4.4",
    needs=("cells",),
)
def cop_x_midstance_pct(data: StrideData) -> float:
    """Mean centre of pressure over 20 to 60 % of stance, + = medial."""
    p, rows = _midstance(data)
    across = p.xy[rows, 0]
    across = across[np.isfinite(across)]
    return 100.0 * float(np.mean(across)) if len(across) else NAN


@stride_metric(
    label="medial load, running less standing",
    unit="%",
    skill="sagittal",
    sensors=("insole",),
    direction="lower is better",
    grade="D",
    contested=True,
    citation="4.4; S46",
    needs=("cells",),
)
def arch_delta_pct(data: StrideData) -> float:
    """Medial load in mid-stance less that of two-leg standing."""
    running_pct = _medial_pct(data)
    if np.isnan(data.standing_medial_pct):
        raise NotMeasuredError(
            "needs quiet standing on insoles whose force is the sum of their cells"
        )
    return running_pct - data.standing_medial_pct


def _on_the_heel(_: Sample) -> str:
    return "holds for a foot IMU on the heel counter"


@stride_metric(
    label="rearfoot eversion excursion",
    unit="°",
    skill="sagittal",
    sensors=("foot IMU",),
    direction="lower is better",
    grade="D",
    contested=True,
    citation="4.4",
    signals=("foot",),
    remark=_on_the_heel,
)
def foot_eversion_excursion_deg(data: StrideData) -> float:
    """Highest roll toward the medial side, to 60 % of stance, less that at contact."""
    segment(data, own(data, "foot"), rate_hz=_FOOT_RATE_HZ)
    curve = obliquity(data, own(data, "foot"))
    out = curve.within(*stance_part(data, *_EVERSION))
    out = out if side_of_stride(data) == "left" else -out
    return float(out.max() - out[0])


@stride_metric(
    label="toe-out at push-off",
    unit="°",
    skill="sagittal",
    sensors=("foot IMU",),
    direction="in a band",
    grade="D",
    citation="4.6; S46",
    signals=("foot",),
)
def foot_progression_deg(data: StrideData) -> float:
    """Foot heading, 60 to 95 % of stance, against the way of the foot, + = toes out."""
    site = own(data, "foot")
    # an absolute angle: declared axes alone would give the mounting's own turn
    rows = segment(data, site, zeroed=True, rate_hz=_FOOT_RATE_HZ)
    way_deg = _way_deg(data, site)
    t0_s, t1_s = stance_part(data, *_PUSHOFF)
    first, end = rows.t_s.searchsorted((t0_s, t1_s))
    heading = long_axis_heading_deg(rows.rotation[first:end])
    return float(np.mean(toe_out_deg(heading, way_deg, side_of_stride(data))))


@stride_metric(
    label="foot turn against thigh turn in stance",
    unit="°",
    skill="sagittal",
    sensors=("foot IMU", "thigh IMU"),
    direction="lower is better",
    grade="D",
    citation="4.6b",
    signals=("foot", "thigh"),
)
def foot_thigh_yaw_deg(data: StrideData) -> float:
    """Range, 20 to 100 % of stance, of the integrated difference of vertical rates."""
    t0_s, to_s = stance(data)
    turned = twist(data, own(data, "foot"), own(data, "thigh"), t0_s, to_s)
    late = turned.within(*stance_part(data, *_TWISTING))
    return float(np.nanmax(late) - np.nanmin(late))


@stride_metric(
    label="furthest shank lean with the heel loaded",
    unit="°",
    skill="sagittal",
    sensors=("shank IMU", "insole"),
    direction="information",
    grade="D",
    citation="6.10",
    needs=("cells",),
    signals=("shank",),
)
def shank_forward_max_deg(data: StrideData) -> float:
    """Highest forward lean of the shank from standing while the heel is loaded."""
    site = own(data, "shank")
    segment(data, site, zeroed=True)
    off_s = region_off_s(data)[0]
    return float(lean(data, site).within(stance(data)[0], off_s).max())


@shared
def region_off_s(data: StrideData) -> tuple[float, float, float, float]:
    """Return when heel, midfoot, forefoot and toes leave the ground for good, in s.

    The last crossing of 0.02 body weights in stance (metric reference 4.5); initial
    contact when a region was never loaded, NaN when it has no cell.

    Raises
    ------
    NotMeasuredError
        The sole does not tell.
    """
    p = data.pressure
    if p is None or p.regions is None:
        raise NotMeasuredError("the insole's cells do not tell heel from toes")
    ic_s, to_s = stance(data)
    least = REGION_OFF_BW * 10.0 * p.least_load  # least_load is 0.1 body weights
    heel, mid, fore, toes = (
        _last_crossing_s(p.t_s, p.regions[:, at], least, ic_s, to_s) for at in range(4)
    )
    return heel, mid, fore, toes


def _last_crossing_s(
    t_s: Floats, load: Floats, least: float, ic_s: float, to_s: float
) -> float:
    t, f = t_s, load
    loaded = (f > least).nonzero()[0]
    if not len(loaded):
        return NAN if np.isnan(f).all() else ic_s
    if np.isnan(f[loaded[-1] :]).any():  # a cell dropped out just then
        known = np.isfinite(f)
        t, f = t[known], f[known]
        loaded = (f > least).nonzero()[0]
    last = int(loaded[-1])
    if last + 1 == len(t):  # until the foot leaves
        return to_s
    return float(
        t[last] + (t[last + 1] - t[last]) * (f[last] - least) / (f[last] - f[last + 1])
    )


@shared
def _midstance(data: StrideData) -> tuple[StridePressure, Ints]:
    """Return the sole's rows and which of them lie in 20 to 60 % of stance."""
    p = data.pressure
    if p is None:
        raise NotMeasuredError("no pressure was measured in this stride")
    t0_s, t1_s = stance_part(data, *_MIDSTANCE)
    rows = np.flatnonzero((p.t_s >= t0_s) & (p.t_s <= t1_s))
    if not len(rows):
        raise NotMeasuredError("no pressure was measured in mid-stance")
    return p, rows


@shared
def _medial_pct(data: StrideData) -> float:
    p, rows = _midstance(data)
    halves = None if p.halves is None else p.halves[rows]
    if halves is None or np.isnan(halves).all(axis=0).any():
        raise NotMeasuredError("the insole has no medial and lateral cells")
    medial, lateral = np.fmax(halves, 0.0).sum(axis=0)
    total = float(medial + lateral)
    return 100.0 * float(medial) / total if total > 0 else NAN


@shared
def _way_deg(data: StrideData, site: str) -> float:
    """Return the heading of the foot's travel from one flat stance to the next.

    In the drifting frame of the foot's own filter, so that drift cancels. The belt is
    an inertial frame in which a flat foot is at rest: the velocity is zero at both
    ends (metric reference 4.6).
    """
    rows = segment(data, site)
    ic_s, to_s = stance(data)
    lasted_s = to_s - ic_s
    first = _flattest(rows, ic_s, lasted_s)
    last = _flattest(rows, data.stride.next_ic_s, lasted_s)
    t = rows.t_s[first : last + 1]
    refuse_clipped(data, site, float(t[0]), float(t[-1]))
    turned, felt = rows.rotation[first : last + 1], rows.acc_mps2[first : last + 1]
    x_m, y_m = (_travel_m(t, along(turned[:, axis], felt)) for axis in (0, 1))
    if np.hypot(x_m, y_m) < _LEAST_TRAVEL_M:
        raise NotMeasuredError("the foot did not travel between two stances")
    return float(np.degrees(np.arctan2(y_m, x_m)))


def _travel_m(t_s: Floats, acceleration: Floats) -> float:
    """Return the way along one level axis between two instants at rest."""
    step_s = t_s[1:] - t_s[:-1]
    velocity = np.zeros_like(acceleration)
    velocity[1:] = np.cumsum(0.5 * step_s * (acceleration[1:] + acceleration[:-1]))
    velocity -= velocity[-1] * (t_s - t_s[0]) / (t_s[-1] - t_s[0])
    return area(t_s, velocity)


def _flattest(rows: SegmentRows, ic_s: float, lasted_s: float) -> int:
    """Return the row in 20 to 50 % of a stance in which the foot turns least."""
    t0_s, t1_s = (ic_s + part * lasted_s for part in _FLAT)
    first, end = (int(at) for at in rows.t_s.searchsorted((t0_s, t1_s)))
    if first == end or end == len(rows.t_s):
        raise NotMeasuredError("the foot IMU's rows do not reach the next stance")
    rate_rps = rows.rate_rps[first:end]
    return first + int(along(rate_rps, rate_rps).argmin())


foot_progression_diff_deg = difference_of(
    foot_progression_deg, "foot_progression_diff_deg", "toe-out R-L"
)

METRICS: Final = (
    medial_load_pct,
    cop_x_midstance_pct,
    arch_delta_pct,
    foot_eversion_excursion_deg,
    foot_progression_deg,
    foot_progression_diff_deg,
    foot_thigh_yaw_deg,
    shank_forward_max_deg,
)
