"""Skill 4: where the foot lands against the hip (metric reference 6.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.curve import Part, ratio
from lablive.metrics.moments import CONTACT, STANCE, STRIDE, SWING, TOE_OFF
from lablive.metrics.motion import (
    leg_angle_at,
    level_acceleration,
    own,
    zeroed_lean,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.metrics.stack import stack_metric

if TYPE_CHECKING:
    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Metric
    from lablive.metrics.moments import Moment
    from lablive.metrics.stack import StrideStack

_THIGH_PER_HEIGHT: Final = 0.245  # Winter
_SHANK_PER_HEIGHT: Final = 0.246
_M_PER_INCH: Final = 0.0254
_SIGNALS: Final = ("thigh", "shank")
_SENSORS: Final = ("thigh IMU", "shank IMU")


@stack_metric(
    label="thigh flexion at contact",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="lower is better",
    grade="D",
    citation="6.7; S40",
    signals=("thigh",),
)
def hip_flexion_ic_deg(strides: StrideStack) -> PerStride:
    """Thigh angle at contact from standing, + = knee ahead of hip."""
    return leg_angle_at(strides, "thigh", CONTACT)


@stack_metric(
    label="knee flexion at contact",
    unit="°",
    skill="reach",
    sensors=_SENSORS,
    direction="higher is better",
    grade="B",
    citation="6.7; S23, S40",
    signals=_SIGNALS,
)
def knee_flexion_ic_deg(strides: StrideStack) -> PerStride:
    """Thigh angle less shank angle at contact."""
    thigh, shank = (leg_angle_at(strides, part, CONTACT) for part in _SIGNALS)
    return thigh - shank


@stack_metric(
    label="shank reach at contact",
    unit="°",
    skill="reach",
    sensors=("shank IMU",),
    direction="lower is better",
    grade="C",
    citation="6.7; S35",
    signals=("shank",),
)
def shank_angle_ic_deg(strides: StrideStack) -> PerStride:
    """Shank angle at contact from standing, + = ankle ahead of knee."""
    return leg_angle_at(strides, "shank", CONTACT)


@stack_metric(
    label="foot ahead of the hip",
    unit="m",
    skill="reach",
    sensors=_SENSORS,
    direction="lower is better",
    grade="C",
    citation="6.7; S36, S37",
    signals=_SIGNALS,
)
def foot_ahead_m(strides: StrideStack) -> PerStride:
    """0.245 h sin(thigh) + 0.246 h sin(shank) at contact, h = body height."""
    return _ankle_ahead_m(strides, CONTACT)


@stack_metric(
    label="foot ahead of the hip",
    unit="in",
    skill="reach",
    sensors=_SENSORS,
    direction="lower is better",
    grade="C",
    citation="6.7",
    signals=_SIGNALS,
)
def foot_ahead_in(strides: StrideStack) -> PerStride:
    """Return foot_ahead_m in inches."""
    return _ankle_ahead_m(strides, CONTACT) / _M_PER_INCH


@stack_metric(
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
def foot_ahead_leg(strides: StrideStack) -> PerStride:
    """Return foot_ahead_m in leg lengths."""
    if np.isnan(strides.about.leg_length_m):
        raise NotMeasuredError("needs leg length or body height")
    return _ankle_ahead_m(strides, CONTACT) / strides.about.leg_length_m


@stack_metric(
    label="part of stance behind the hip",
    unit="%",
    skill="reach",
    sensors=_SENSORS,
    direction="higher is better",
    grade="D",
    citation="6.7",
    signals=_SIGNALS,
)
def rear_share_pct(strides: StrideStack) -> PerStride:
    """100 way of the ankle behind the hip at toe-off / (behind + ahead at contact)."""
    behind_m = -_ankle_ahead_m(strides, TOE_OFF)
    total_m = behind_m + _ankle_ahead_m(strides, CONTACT)
    return 100.0 * ratio(behind_m, total_m)


@stack_metric(
    label="braking of the pelvis",
    unit="m/s",
    skill="reach",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="D",
    citation="6.7; S39",
    signals=("pelvis",),
)
def braking_dv_ms(strides: StrideStack) -> PerStride:
    """How far the forward speed of the pelvis falls in stance, stride mean removed."""
    return -forward_speed(strides).y.min(axis=-1)


@stack_metric(
    label="forward thigh swing",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="information",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def thigh_flexion_peak_deg(strides: StrideStack) -> PerStride:
    """Highest thigh angle in swing from standing, + = knee ahead of hip."""
    return thigh_peak_deg(strides)


@stack_metric(
    label="knee lift",
    unit="°",
    skill="reach",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def knee_lift_deg(strides: StrideStack) -> PerStride:
    """Return the forward thigh swing, judged as knee lift."""
    return thigh_peak_deg(strides)


@shared
def thigh_peak_deg(strides: StrideStack) -> PerStride:
    """Return the highest thigh angle in swing, in degrees from standing."""
    return -zeroed_lean(strides, own(strides, "thigh")).lowest(*SWING)


@shared
def forward_speed(strides: StrideStack) -> Part:
    """Return the forward speed of the pelvis in stance, 0 at contact, in m/s.

    The stride's mean acceleration is taken off: the belt's speed is steady, what is
    left of it is tilt.
    """
    ahead, _ = level_acceleration(strides, "pelvis")
    steady = strides.beside(ahead.mean(*STRIDE))
    t, y = ahead.part(*STANCE)
    speed = np.zeros(y.shape)
    both = y[..., 1:] + y[..., :-1] - 2.0 * steady
    steps = 0.5 * (t[..., 1:] - t[..., :-1]) * both
    np.add.accumulate(steps, axis=-1, out=speed[..., 1:])
    return Part(t, speed)


@shared
def _ankle_ahead_m(strides: StrideStack, when: Moment) -> PerStride:
    """Return how far the ankle is ahead of the hip."""
    height_m = strides.about.height_m
    if np.isnan(height_m):
        raise NotMeasuredError("needs the body height")
    thigh, shank = (
        np.sin(np.radians(leg_angle_at(strides, part, when))) for part in _SIGNALS
    )
    return height_m * (_THIGH_PER_HEIGHT * thigh + _SHANK_PER_HEIGHT * shank)


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
