"""Skill 5: how the leg pushes back, from limb and foot (metric reference 4.5, 6.6).

Muscles are in :mod:`lablive.metrics.muscles`. Rearward swing is individual: less of it
goes with better economy (metric reference 12.5), so more is not "better" by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.curve import Part, ratio
from lablive.metrics.derived import difference_of, share_of
from lablive.metrics.foot_line import region_off_s
from lablive.metrics.moments import TOE_OFF, Moment
from lablive.metrics.motion import lean_at, leg_angle_at, own, zeroed_lean
from lablive.metrics.reach import forward_speed, thigh_peak_deg
from lablive.metrics.shared import ApartError, shared
from lablive.metrics.stack import refuse_where, stack_metric

if TYPE_CHECKING:
    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Metric
    from lablive.metrics.stack import StrideStack

_TOE_COP: Final = 0.80  # without toe cells: COP 15 ms before toe-off
_TOE_BEFORE_S: Final = 0.015
_TOGETHER_S: Final = 0.005  # [design] a row of a 200 Hz sole
_MIDDLE: Final = Moment("stance", 0.5)
_THIGH: Final = ("thigh",)
_FORE: Final = 2
_TOES: Final = 3
_BEHIND: Final = _MIDDLE, Moment("swing", 0.5)


@stack_metric(
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
def thigh_extension_peak_deg(strides: StrideStack) -> PerStride:
    """Furthest thigh angle behind the hip around toe-off, from standing."""
    return _extension_deg(strides)


@stack_metric(
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
def thigh_extension_to_deg(strides: StrideStack) -> PerStride:
    """Thigh angle behind the hip at toe-off, from standing."""
    return -leg_angle_at(strides, "thigh", TOE_OFF)


@stack_metric(
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
def thigh_pendulum_ratio(strides: StrideStack) -> PerStride:
    """Rearward thigh swing / forward thigh swing."""
    return ratio(_extension_deg(strides), thigh_peak_deg(strides))


@stack_metric(
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
def hip_extension_to_deg(strides: StrideStack) -> PerStride:
    """Thigh extension less anterior pelvic tilt at toe-off, both from standing."""
    tilt_deg = lean_at(strides, "pelvis", TOE_OFF)
    return -leg_angle_at(strides, "thigh", TOE_OFF) - tilt_deg


@stack_metric(
    label="push-off of the pelvis",
    unit="m/s",
    skill="drive",
    sensors=("pelvis IMU",),
    direction="information",
    grade="D",
    citation="6.7",
    signals=("pelvis",),
)
def propulsion_dv_ms(strides: StrideStack) -> PerStride:
    """Forward speed of the pelvis at toe-off less its lowest in stance."""
    speed = forward_speed(strides).y
    return speed[..., -1] - speed.min(axis=-1)


@stack_metric(
    label="toes last to leave",
    unit="1",
    skill="drive",
    sensors=("insole",),
    direction="higher is better",
    grade="D",
    citation="4.5",
    needs=("cells",),
)
def toe_last(strides: StrideStack) -> PerStride:
    """Toes last above 0.02 BW; without toe cells COP at 80 % 15 ms before toe-off.

    Toes that leave within 5 ms of the last region leave with it: the foot rolled over
    them.
    """
    pressure = strides.pressure
    if pressure.parts[0].regions is not None:
        off_s = region_off_s(strides)
        toes_s = off_s[_TOES]
        if not np.isnan(toes_s).any():
            last_s = np.fmax.reduce(off_s)
            last = (toes_s > strides.ic_s) & (toes_s >= last_s - _TOGETHER_S)
            return np.where(last, 1.0, 0.0)
    if not pressure.axis.lone:
        raise ApartError
    known = np.isfinite(pressure.xy[1])
    if not known.any():
        return np.nan
    at_s = strides.to_s - _TOE_BEFORE_S
    y = np.interp(at_s, pressure.axis.t_s[known], pressure.xy[1, known])
    return float(y >= _TOE_COP)


@stack_metric(
    label="heel-off",
    unit="% stance",
    skill="drive",
    sensors=("insole",),
    direction="information",
    grade="D",
    citation="4.5",
    needs=("cells",),
)
def heel_off_pct_stance(strides: StrideStack) -> PerStride:
    """When the heel last falls below 0.02 body weights, in percent of stance."""
    ic_s, to_s = strides.ic_s, strides.to_s
    return 100.0 * (region_off_s(strides)[0] - ic_s) / (to_s - ic_s)


@stack_metric(
    label="forefoot's share of late stance",
    unit="%",
    skill="drive",
    sensors=("insole",),
    direction="information",
    citation="4.5",
    needs=("cells",),
)
def pushoff_share_pct(strides: StrideStack) -> PerStride:
    """100 impulse under forefoot and toes / under the foot, 50 to 100 % of stance."""
    pressure = strides.pressure
    loads, axis = pressure.regions, pressure.axis
    refuse_where(
        axis.own.total(np.isfinite(loads[_FORE]) * 1.0) == 0,
        "the insole's cells do not tell heel from toes",
    )
    late = axis.numbered(axis.rows(_MIDDLE, TOE_OFF).first, axis.own.end)
    refuse_where(late.count < 2, "the insole sends too few rows in push-off")
    line = axis.lines(late)
    heel, middle, fore, toes = np.fmax(loads, 0.0)  # without cells: carries nothing
    front = fore + toes
    part = Part(axis.t_s[line], front[line])
    whole = part._replace(y=(heel + middle + front)[line])
    return 100.0 * ratio(part.area(), whole.area())


@shared
def _extension_deg(strides: StrideStack) -> PerStride:
    """Return the furthest extension from mid-stance to mid-swing."""
    curve = zeroed_lean(strides, own(strides, "thigh"))
    return curve.highest(*_BEHIND)


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
