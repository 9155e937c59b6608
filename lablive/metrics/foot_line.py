"""Skill 1 from the ground up: arch, toe-out, foot against thigh (reference 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.curve import Part, PerStride, ratio
from lablive.metrics.derived import difference_of
from lablive.metrics.metric import NAN
from lablive.metrics.moments import CONTACT, NEXT_CONTACT, STANCE, Moment, stance_part
from lablive.metrics.motion import (
    along,
    lean,
    obliquity,
    own,
    refuse_clipped,
    segment,
    side_of,
    twist,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.metrics.stack import refuse_where, stack_metric
from lablive.signals.angles import long_axis_heading_deg, toe_out_deg

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.curve import Rows
    from lablive.metrics.stack import PressureBlock, SegmentBlock, StrideStack
    from lablive.metrics.summary import Sample

REGION_OFF_BW: Final = 0.02  # metric reference 4.5
_MIDSTANCE: Final = stance_part(0.20, 0.60)
_FLAT: Final = (0.20, 0.50)
_PUSHOFF: Final = stance_part(0.60, 0.95)
_TWISTING: Final = stance_part(0.20, 1.00)
_EVERSION: Final = stance_part(0.0, 0.60)  # [design] later the heel is off the ground
_LEAST_TRAVEL_M: Final = 0.2  # [design] less is no stride to take a direction from
_FOOT_RATE_HZ: Final = 100.0  # [design] a landing lasts 20 ms


@stack_metric(
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
def medial_load_pct(strides: StrideStack) -> PerStride:
    """100 medial / (medial + lateral) load over 20 to 60 % of stance."""
    return _medial_pct(strides)


@stack_metric(
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
def cop_x_midstance_pct(strides: StrideStack) -> PerStride:
    """Mean centre of pressure over 20 to 60 % of stance, + = medial."""
    pressure, rows = _midstance(strides)
    across = pressure.xy[0]
    known = np.isfinite(across)
    if known.all():  # the same arithmetic: another stride of a file may lack rows
        return 100.0 * (rows.total(across) / rows.count)
    count = rows.total(known * 1.0)
    return 100.0 * ratio(rows.total(np.where(known, across, 0.0)), count)


@stack_metric(
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
def arch_delta_pct(strides: StrideStack) -> PerStride:
    """Medial load in mid-stance less that of two-leg standing."""
    running_pct = _medial_pct(strides)
    if np.isnan(strides.about.standing_medial_pct):
        raise NotMeasuredError(
            "needs quiet standing on insoles whose force is the sum of their cells"
        )
    return running_pct - strides.about.standing_medial_pct


def _on_the_heel(_: Sample) -> str:
    return "holds for a foot IMU on the heel counter"


@stack_metric(
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
def foot_eversion_excursion_deg(strides: StrideStack) -> PerStride:
    """Highest roll toward the medial side, to 60 % of stance, less that at contact."""
    segment(strides, own(strides, "foot"), rate_hz=_FOOT_RATE_HZ)
    out = obliquity(strides, own(strides, "foot"))
    if side_of(strides) == "left":
        return out.highest(*_EVERSION) - out.at(CONTACT)
    return out.at(CONTACT) - out.lowest(*_EVERSION)


@stack_metric(
    label="toe-out at push-off",
    unit="°",
    skill="sagittal",
    sensors=("foot IMU",),
    direction="in a band",
    grade="D",
    citation="4.6; S46",
    signals=("foot",),
)
def foot_progression_deg(strides: StrideStack) -> PerStride:
    """Foot heading, 60 to 95 % of stance, against the way of the foot, + = toes out."""
    return _toe_out_deg(strides, _way_deg(strides, own(strides, "foot")))


def way_of_before(before: StrideStack, stance: StrideStack) -> PerStride:
    """Return the toe-out of a stance against the way that led to it, provisional.

    Parameters
    ----------
    before
        The stride that ends with the stance's contact, its rows to the stance's end.
    stance
        The same foot's stance, over.
    """
    return _toe_out_deg(stance, _way_deg(before, own(before, "foot")))


def _toe_out_deg(strides: StrideStack, way_deg: PerStride) -> PerStride:
    """Return the foot's heading in push-off against a way, + = toes out."""
    site = own(strides, "foot")
    # an absolute angle: declared axes alone would give the mounting's own turn
    block = segment(strides, site, zeroed=True, rate_hz=_FOOT_RATE_HZ)
    take, axis = block.axis.apart(block.axis.rows(*_PUSHOFF))
    heading = long_axis_heading_deg(block.rotation)[take]
    out = toe_out_deg(heading, axis.beside_rows(way_deg), side_of(strides))
    return ratio(axis.own.total(out), axis.own.count)


@stack_metric(
    label="foot turn against thigh turn in stance",
    unit="°",
    skill="sagittal",
    sensors=("foot IMU", "thigh IMU"),
    direction="lower is better",
    grade="D",
    citation="4.6b",
    signals=("foot", "thigh"),
)
def foot_thigh_yaw_deg(strides: StrideStack) -> PerStride:
    """Range, 20 to 100 % of stance, of the integrated difference of vertical rates."""
    foot, thigh = own(strides, "foot"), own(strides, "thigh")
    return twist(strides, foot, thigh, *STANCE).spread(*_TWISTING)


@stack_metric(
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
def shank_forward_max_deg(strides: StrideStack) -> PerStride:
    """Highest forward lean of the shank from standing while the heel is loaded."""
    site = own(strides, "shank")
    segment(strides, site, zeroed=True)
    return lean(strides, site).highest(CONTACT, region_off_s(strides)[0])


@shared
def region_off_s(strides: StrideStack) -> PerStride:
    """Return when heel, midfoot, forefoot and toes leave the ground for good, in s.

    The last crossing of 0.02 body weights in stance (metric reference 4.5); initial
    contact when a region was never loaded, NaN when it has no cell.

    Returns
    -------
    off_s : shape (4, strides)

    Raises
    ------
    NotMeasuredError
        The sole does not tell.
    """
    pressure = strides.pressure
    loads, axis = pressure.regions, pressure.axis
    if axis.lone:
        ends = strides.ic_s, strides.to_s
        return np.array(_offs_s(axis.t_s, loads, pressure.parts[0].least_load, *ends))
    own_rows = zip(axis.own.first.tolist(), axis.own.end.tolist(), strict=True)
    ends_s = zip(strides.ic_s.tolist(), strides.to_s.tolist(), strict=True)
    every = zip(pressure.parts, own_rows, ends_s, strict=True)
    return np.array(
        [
            _offs_s(axis.t_s[at:end], loads[:, at:end], part.least_load, ic_s, to_s)
            for part, (at, end), (ic_s, to_s) in every
        ]
    ).T


def _offs_s(
    t_s: Floats, loads: Floats, least_load: float, ic_s: float, to_s: float
) -> list[float]:
    t, least = t_s.tolist(), REGION_OFF_BW * 10.0 * least_load  # that is 0.1 BW
    return [_last_crossing_s(t, load, least, ic_s, to_s) for load in loads.tolist()]


def _last_crossing_s(
    t_s: list[float], load: list[float], least: float, ic_s: float, to_s: float
) -> float:
    behind = -1  # the next row that was measured
    for at in range(len(load) - 1, -1, -1):
        if load[at] > least:
            if behind < 0:  # until the foot leaves
                return to_s
            fallen = (load[at] - least) / (load[at] - load[behind])
            return t_s[at] + (t_s[behind] - t_s[at]) * fallen
        if load[at] == load[at]:
            behind = at
    return NAN if behind < 0 else ic_s


@shared
def _midstance(strides: StrideStack) -> tuple[PressureBlock, Rows]:
    """Return the sole's rows and which of them lie in 20 to 60 % of stance."""
    pressure = strides.pressure
    rows = pressure.axis.rows(*_MIDSTANCE)
    refuse_where(rows.count == 0, "no pressure was measured in mid-stance")
    return pressure, rows


@shared
def _medial_pct(strides: StrideStack) -> PerStride:
    pressure, rows = _midstance(strides)
    known = np.isfinite(pressure.halves)
    if not known.all():
        unseen = rows.total(known * 1.0) == 0
        refuse_where(unseen.any(axis=0), "the insole has no medial and lateral cells")
    medial, lateral = rows.total(np.fmax(pressure.halves, 0.0))
    return 100.0 * ratio(medial, medial + lateral)


@shared
def _way_deg(strides: StrideStack, site: str) -> PerStride:
    """Return the heading of the foot's travel from one flat stance to the next.

    In the drifting frame of the foot's own filter, so that drift cancels. The belt is
    an inertial frame in which a flat foot is at rest: the velocity is zero at both
    ends (metric reference 4.6).
    """
    block = segment(strides, site)
    first = _flattest(strides, block, CONTACT)
    last = _flattest(strides, block, NEXT_CONTACT)
    t = block.axis.t_s
    refuse_clipped(strides, site, t[first], t[last])
    line = block.axis.lines(block.axis.numbered(first, last + 1))
    x_m, y_m = (
        _travel_m(t[line], along(block.rotation[:, axis], block.acc_mps2)[line])
        for axis in (0, 1)
    )
    still = np.hypot(x_m, y_m) < _LEAST_TRAVEL_M
    refuse_where(still, "the foot did not travel between two stances")
    return np.degrees(np.arctan2(y_m, x_m))


def _travel_m(t_s: Floats, acceleration: Floats) -> PerStride:
    """Return the way along one level axis between two instants at rest.

    A stride per line, shorter ones repeat their last point.
    """
    velocity = Part(t_s, acceleration).integral()
    since_s, lasted_s = t_s - t_s[..., :1], t_s[..., -1:] - t_s[..., :1]
    return Part(t_s, velocity - velocity[..., -1:] * since_s / lasted_s).area()


def _flattest(strides: StrideStack, block: SegmentBlock, contact: Moment) -> PerStride:
    """Return the row in 20 to 50 % of a stance in which the foot turns least."""
    begin_s, lasted_s = strides.times.of(contact), strides.to_s - strides.ic_s
    t0_s, t1_s = (begin_s + part * lasted_s for part in _FLAT)
    rows = block.axis.rows(t0_s, t1_s)
    refuse_where(
        (rows.count == 0) | (rows.end == block.axis.own.end),
        "the foot IMU's rows do not reach the next stance",
    )
    size = along(block.rate_rps, block.rate_rps)
    return rows.first + size[block.axis.lines(rows)].argmin(axis=-1)


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
