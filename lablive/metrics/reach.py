"""Skill 4: where the foot lands against the hip (metric reference 6.7)."""

from __future__ import annotations

from typing import Final

import numpy as np

from lablive.metrics.metric import NAN, Metric, StrideData, stride_metric
from lablive.metrics.motion import (
    Curve,
    leg_angle_at,
    level_acceleration,
    own,
    stance,
    swing,
    zeroed_lean,
)
from lablive.metrics.shared import NotMeasuredError, shared

_THIGH_PER_HEIGHT: Final = 0.245  # Winter
_SHANK_PER_HEIGHT: Final = 0.246
_M_PER_INCH: Final = 0.0254
_SIGNALS: Final = ("thigh", "shank")
_SENSORS: Final = ("thigh IMU", "shank IMU")


@stride_metric(
    label="thigh flexion at contact",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="lower is better",
    grade="D",
    citation="6.7; S40",
    signals=("thigh",),
)
def hip_flexion_ic_deg(data: StrideData) -> float:
    """Thigh angle at contact from standing, + = knee ahead of hip."""
    return leg_angle_at(data, "thigh", data.stride.ic_s)


@stride_metric(
    label="knee flexion at contact",
    unit="°",
    skill="reach",
    sensors=_SENSORS,
    direction="higher is better",
    grade="B",
    citation="6.7; S23, S40",
    signals=_SIGNALS,
)
def knee_flexion_ic_deg(data: StrideData) -> float:
    """Thigh angle less shank angle at contact."""
    ic_s = data.stride.ic_s
    return leg_angle_at(data, "thigh", ic_s) - leg_angle_at(data, "shank", ic_s)


@stride_metric(
    label="shank reach at contact",
    unit="°",
    skill="reach",
    sensors=("shank IMU",),
    direction="lower is better",
    grade="C",
    citation="6.7; S35",
    signals=("shank",),
)
def shank_angle_ic_deg(data: StrideData) -> float:
    """Shank angle at contact from standing, + = ankle ahead of knee."""
    return leg_angle_at(data, "shank", data.stride.ic_s)


@stride_metric(
    label="foot ahead of the hip",
    unit="m",
    skill="reach",
    sensors=_SENSORS,
    direction="lower is better",
    grade="C",
    citation="6.7; S36, S37",
    signals=_SIGNALS,
)
def foot_ahead_m(data: StrideData) -> float:
    """0.245 h sin(thigh) + 0.246 h sin(shank) at contact, h = body height."""
    return _ankle_ahead_m(data, data.stride.ic_s)


@stride_metric(
    label="foot ahead of the hip",
    unit="in",
    skill="reach",
    sensors=_SENSORS,
    direction="lower is better",
    grade="C",
    citation="6.7",
    signals=_SIGNALS,
)
def foot_ahead_in(data: StrideData) -> float:
    """Return foot_ahead_m in inches."""
    return _ankle_ahead_m(data, data.stride.ic_s) / _M_PER_INCH


@stride_metric(
    label="foot ahead of the hip / leg length",
    unit="1",
    skill="reach",
    sensors=_SENSORS,
    direction="lower is better",
    grade="D",
    contested=True,
    citation="6.7; S37, S38",
    signals=_SIGNALS,
)
def foot_ahead_leg(data: StrideData) -> float:
    """Return foot_ahead_m in leg lengths."""
    if np.isnan(data.leg_length_m):
        raise NotMeasuredError("needs leg length or body height")
    return _ankle_ahead_m(data, data.stride.ic_s) / data.leg_length_m


@stride_metric(
    label="part of stance behind the hip",
    unit="%",
    skill="reach",
    sensors=_SENSORS,
    direction="higher is better",
    grade="D",
    citation="6.7",
    signals=_SIGNALS,
)
def rear_share_pct(data: StrideData) -> float:
    """100 way of the ankle behind the hip at toe-off / (behind + ahead at contact)."""
    ic_s, to_s = stance(data)
    behind_m = -_ankle_ahead_m(data, to_s)
    total_m = behind_m + _ankle_ahead_m(data, ic_s)
    return 100.0 * behind_m / total_m if total_m > 0 else NAN


@stride_metric(
    label="braking of the pelvis",
    unit="m/s",
    skill="reach",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="D",
    citation="6.7; S39",
    signals=("pelvis",),
)
def braking_dv_ms(data: StrideData) -> float:
    """How far the forward speed of the pelvis falls in stance, stride mean removed."""
    return -float(forward_speed(data).y.min())


@stride_metric(
    label="forward thigh swing",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="information",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def thigh_flexion_peak_deg(data: StrideData) -> float:
    """Highest thigh angle in swing from standing, + = knee ahead of hip."""
    return thigh_peak_deg(data)


@stride_metric(
    label="knee lift",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def knee_lift_deg(data: StrideData) -> float:
    """Return the forward thigh swing, judged as knee lift."""
    return thigh_peak_deg(data)


@shared
def thigh_peak_deg(data: StrideData) -> float:
    """Return the highest thigh angle in swing, in degrees from standing."""
    return -float(zeroed_lean(data, own(data, "thigh")).within(*swing(data)).min())


@shared
def forward_speed(data: StrideData) -> Curve:
    """Return the forward speed of the pelvis in stance, shape (rows,), 0 at contact.

    In m/s. The stride's mean acceleration is taken off: the belt's speed is steady,
    what is left of it is tilt.
    """
    ahead, _ = level_acceleration(data, "pelvis")
    ic_s, to_s = stance(data)
    steady = ahead.mean(ic_s, data.stride.next_ic_s)
    t, y = ahead.part(ic_s, to_s)
    speed = np.zeros_like(y)
    speed[1:] = np.cumsum(0.5 * (t[1:] - t[:-1]) * (y[1:] + y[:-1] - 2.0 * steady))
    return Curve(t, speed)


@shared
def _ankle_ahead_m(data: StrideData, t_s: float) -> float:
    """Return how far the ankle is ahead of the hip."""
    if np.isnan(data.height_m):
        raise NotMeasuredError("needs the body height")
    thigh, shank = (
        float(np.sin(np.radians(leg_angle_at(data, part, t_s)))) for part in _SIGNALS
    )
    return data.height_m * (_THIGH_PER_HEIGHT * thigh + _SHANK_PER_HEIGHT * shank)


METRICS: Final[tuple[Metric, ...]] = (
    thigh_flexion_peak_deg,
    knee_lift_deg,
    hip_flexion_ic_deg,
    knee_flexion_ic_deg,
    shank_angle_ic_deg,
    foot_ahead_m,
    foot_ahead_in,
    foot_ahead_leg,
    rear_share_pct,
    braking_dv_ms,
)
