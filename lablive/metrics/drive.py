"""Skill 5: how the leg pushes back, from limb and foot (metric reference 4.5, 6.6).

Muscles are in :mod:`lablive.metrics.muscles`. Rearward swing is individual: less of it
goes with better economy (metric reference 12.5), so more is not "better" by itself.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lablive.metrics.derived import difference_of, share_of
from lablive.metrics.foot_line import region_off_s
from lablive.metrics.metric import NAN, Metric, StrideData, stride_metric
from lablive.metrics.motion import (
    area,
    leg_angle_at,
    own,
    raw_lean,
    segment,
    stance,
    stance_part,
    swing,
    zeroed_lean,
)
from lablive.metrics.reach import forward_speed, thigh_peak_deg
from lablive.metrics.shared import NotMeasuredError, shared

_TOE_COP: Final = 0.80  # without toe cells: COP 15 ms before toe-off
_TOE_BEFORE_S: Final = 0.015
_TOGETHER_S: Final = 0.005  # [design] a row of a 200 Hz sole
_LATE: Final = (0.50, 1.00)
_THIGH: Final = ("thigh",)
_TOES: Final = 3


@stride_metric(
    label="rearward thigh swing",
    unit="°",
    skill="drive",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    contested=True,
    citation="6.6; S02",
    signals=_THIGH,
)
def thigh_extension_peak_deg(data: StrideData) -> float:
    """Furthest thigh angle behind the hip around toe-off, from standing."""
    return _extension_deg(data)


@stride_metric(
    label="thigh extension at toe-off",
    unit="°",
    skill="drive",
    sensors=("thigh IMU",),
    direction="information",
    grade="D",
    contested=True,
    citation="6.6; S02",
    signals=_THIGH,
)
def thigh_extension_to_deg(data: StrideData) -> float:
    """Thigh angle behind the hip at toe-off, from standing."""
    return -leg_angle_at(data, "thigh", stance(data)[1])


@stride_metric(
    label="rear / front thigh swing",
    unit="1",
    skill="drive",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    contested=True,
    citation="6.6",
    signals=_THIGH,
)
def thigh_pendulum_ratio(data: StrideData) -> float:
    """Rearward thigh swing / forward thigh swing."""
    front_deg = thigh_peak_deg(data)
    return _extension_deg(data) / front_deg if front_deg > 0 else NAN


@stride_metric(
    label="hip extension at toe-off",
    unit="°",
    skill="drive",
    sensors=("thigh IMU", "pelvis IMU"),
    direction="higher is better",
    grade="D",
    contested=True,
    citation="6.6; S02, S66",
    signals=("thigh", "pelvis"),
)
def hip_extension_to_deg(data: StrideData) -> float:
    """Thigh extension less anterior pelvic tilt at toe-off, both from standing."""
    to_s = stance(data)[1]
    segment(data, "pelvis", zeroed=True)
    tilt_deg = raw_lean(data, "pelvis").at(to_s)
    return -leg_angle_at(data, "thigh", to_s) - tilt_deg


@stride_metric(
    label="push-off of the pelvis",
    unit="m/s",
    skill="drive",
    sensors=("pelvis IMU",),
    direction="information",
    grade="D",
    citation="6.7",
    signals=("pelvis",),
)
def propulsion_dv_ms(data: StrideData) -> float:
    """Forward speed of the pelvis at toe-off less its lowest in stance."""
    speed = forward_speed(data).y
    return float(speed[-1] - speed.min())


@stride_metric(
    label="toes last to leave",
    unit="1",
    skill="drive",
    sensors=("insole",),
    direction="higher is better",
    grade="D",
    citation="4.5",
    needs=("cells",),
)
def toe_last(data: StrideData) -> float:
    """Toes last above 0.02 BW; without toe cells COP at 80 % 15 ms before toe-off.

    Toes that leave within 5 ms of the last region leave with it: the foot rolled over
    them.
    """
    ic_s, to_s = stance(data)
    p = data.pressure
    if p is None:
        raise NotMeasuredError("no pressure was measured in this stride")
    if p.regions is not None and np.isfinite(p.regions[:, _TOES]).any():
        off_s = region_off_s(data)
        last_s = max(at for at in off_s if at == at)
        return float(off_s[_TOES] > ic_s and off_s[_TOES] >= last_s - _TOGETHER_S)
    known = np.isfinite(p.xy[:, 1])
    if not known.any():
        return NAN
    y = np.interp(to_s - _TOE_BEFORE_S, p.t_s[known], p.xy[known, 1])
    return float(y >= _TOE_COP)


@stride_metric(
    label="heel-off",
    unit="% stance",
    skill="drive",
    sensors=("insole",),
    direction="information",
    grade="D",
    citation="4.5",
    needs=("cells",),
)
def heel_off_pct_stance(data: StrideData) -> float:
    """When the heel last falls below 0.02 body weights, in percent of stance."""
    ic_s, to_s = stance(data)
    return 100.0 * (region_off_s(data)[0] - ic_s) / (to_s - ic_s)


@stride_metric(
    label="forefoot's share of late stance",
    unit="%",
    skill="drive",
    sensors=("insole",),
    direction="information",
    citation="4.5",
    needs=("cells",),
)
def pushoff_share_pct(data: StrideData) -> float:
    """100 impulse under forefoot and toes / under the foot, 50 to 100 % of stance."""
    p = data.pressure
    if p is None or p.regions is None or np.isnan(p.regions[:, 2]).all():
        raise NotMeasuredError("the insole's cells do not tell heel from toes")
    t0_s, to_s = stance_part(data, *_LATE)
    rows = (p.t_s >= t0_s) & (p.t_s <= to_s)
    if np.count_nonzero(rows) < 2:
        return NAN
    loads = np.fmax(p.regions[rows], 0.0)  # a region without cells carries nothing
    t, front = p.t_s[rows], loads[:, 2:].sum(axis=1)
    total = area(t, loads.sum(axis=1))
    return 100.0 * area(t, front) / total if total > 0 else NAN


@shared
def _extension_deg(data: StrideData) -> float:
    """Return the furthest extension from mid-stance to mid-swing."""
    curve = zeroed_lean(data, own(data, "thigh"))
    (ic_s, to_s), (_, next_ic_s) = stance(data), swing(data)
    middle = 0.5 * (ic_s + to_s), 0.5 * (to_s + next_ic_s)
    return float(curve.within(*middle).max())


toe_last_pct = share_of(toe_last, "toe_last_pct", "toes last to leave")
thigh_extension_diff_deg = difference_of(
    thigh_extension_peak_deg, "thigh_extension_diff_deg", "rearward swing R-L",
    citation="6.6",
)  # fmt: skip

PARTS: Final[tuple[Metric, ...]] = (toe_last,)
METRICS: Final[tuple[Metric, ...]] = (
    toe_last_pct,
    heel_off_pct_stance,
    pushoff_share_pct,
    thigh_extension_peak_deg,
    thigh_extension_to_deg,
    thigh_extension_diff_deg,
    thigh_pendulum_ratio,
    hip_extension_to_deg,
    propulsion_dv_ms,
)
