"""Skill 1: what moves outside the forward plane (metric reference 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.derived import difference_of
from lablive.metrics.metric import NAN, StrideData, stride_metric
from lablive.metrics.motion import (
    Curve,
    along,
    obliquity,
    own,
    rotation,
    segment,
    side_of_stride,
    stance,
    stance_part,
    swing_range_deg,
    twist,
    vertical_rate,
)

if TYPE_CHECKING:
    from lablive.metrics.summary import Sample

_DROP: Final = (0.10, 0.80)  # of stance
_ASKEW: Final = "a pelvis sensor that sits askew by 1° shifts this by 2°"


def _askew(_: Sample) -> str:
    return _ASKEW


def _each_side(_: Sample) -> str:
    return (
        "read the mean of both sides: a sensor that slipped adds to one side what "
        "it takes off the other"
    )


def _drop(data: StrideData) -> Curve:
    """Return the pelvic drop, + = the swing side hangs lower."""
    curve = obliquity(data, "pelvis")
    return curve if side_of_stride(data) == "left" else Curve(curve.t_s, -curve.y)


@stride_metric(
    label="contralateral pelvic drop",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    contested=True,
    citation="6.1; S23, S24, S25",
    signals=("pelvis",),
    remark=_each_side,
)
def pelvic_drop_deg(data: StrideData) -> float:
    """Highest drop of the swing side from standing, 10 to 80 % of stance."""
    segment(data, "pelvis", zeroed=True)
    return float(_drop(data).within(*stance_part(data, *_DROP)).max())


@stride_metric(
    label="pelvic drop from contact",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="D",
    citation="6.1",
    signals=("pelvis",),
)
def pelvic_drop_exc_deg(data: StrideData) -> float:
    """Highest drop of the swing side, 10 to 80 % of stance, less that at contact."""
    drop = _drop(data)
    highest = float(drop.within(*stance_part(data, *_DROP)).max())
    return highest - drop.at(data.stride.ic_s)


@stride_metric(
    label="pelvic obliquity range",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    citation="6.1; S28",
    signals=("pelvis",),
)
def pelvis_obliquity_rom_deg(data: StrideData) -> float:
    """Range of the pelvic obliquity over the stride."""
    return swing_range_deg(obliquity(data, "pelvis"), data)


@stride_metric(
    label="axial pelvis range",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    citation="6.3; S28",
    signals=("pelvis",),
)
def pelvis_rotation_rom_deg(data: StrideData) -> float:
    """Range of the pelvic heading over the stride, drift taken off."""
    return float(np.ptp(rotation(data, "pelvis")))


@stride_metric(
    label="trunk axial range",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU",),
    direction="lower is better",
    grade="D",
    citation="6.4; S32, S33",
    signals=("trunk",),
)
def trunk_rotation_rom_deg(data: StrideData) -> float:
    """Range of the trunk heading over the stride, drift taken off."""
    return float(np.ptp(rotation(data, "trunk")))


@stride_metric(
    label="trunk-pelvis twist range",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU", "pelvis IMU"),
    direction="lower is better",
    grade="D",
    citation="6.4",
    signals=("trunk", "pelvis"),
)
def trunk_pelvis_rom_deg(data: StrideData) -> float:
    """Range of the integrated difference of both vertical rates over the stride."""
    turned = twist(data, "trunk", "pelvis", data.stride.ic_s, data.stride.next_ic_s)
    # a stride ends as it began: what is left between the ends is drift
    share = (turned.t_s - turned.t_s[0]) / data.stride.stride_s
    steady = turned.y - (turned.y[-1] - turned.y[0]) * share
    return float(steady.max() - steady.min())


@stride_metric(
    label="side lean to the stance leg",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU",),
    direction="lower is better",
    grade="D",
    citation="6.4",
    signals=("trunk",),
)
def trunk_side_lean_deg(data: StrideData) -> float:
    """Highest lean of the trunk toward the stance side, from standing, in stance."""
    segment(data, "trunk", zeroed=True)
    toward = -1.0 if side_of_stride(data) == "left" else 1.0
    return float((toward * obliquity(data, "trunk").within(*stance(data))).max())


@stride_metric(
    label="head roll range",
    unit="°",
    skill="sagittal",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
)
def head_roll_rom_deg(data: StrideData) -> float:
    """Range of the head's obliquity over the stride."""
    return swing_range_deg(obliquity(data, "head"), data)


@stride_metric(
    label="thigh swing in the sagittal plane",
    unit="%",
    skill="sagittal",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def thigh_sagittal_pct(data: StrideData) -> float:
    """100 var(w_y) / (var w_x + var w_y + var w_z) of the thigh over the stride."""
    rows = segment(data, own(data, "thigh"))
    first, end = rows.t_s.searchsorted((data.stride.ic_s, data.stride.next_ic_s))
    rate = rows.rate_rps[first:end].T
    swings = rate - (rate.sum(axis=1) / rate.shape[1])[:, None]
    about = (swings * swings).sum(axis=1)
    total = float(about.sum())
    return 100.0 * float(about[1]) / total if total > 0 else NAN


@stride_metric(
    label="arm swing out of the sagittal plane",
    unit="%",
    skill="sagittal",
    sensors=("forearm IMU", "trunk IMU"),
    direction="lower is better",
    grade="D",
    citation="6.8; S32",
    signals=("forearm", "trunk"),
)
def arm_cross_pct(data: StrideData) -> float:
    """100 RMS of the forearm's vertical rate less the trunk's / of its level rate."""
    site = own(data, "forearm")
    rows = segment(data, site, axes="none")
    first, end = rows.t_s.searchsorted((data.stride.ic_s, data.stride.next_ic_s))
    within = slice(first, end)
    up, rate = rows.rotation[within, 2], rows.rate_rps[within]
    turning = along(up, rate)
    level = rate - turning[:, None] * up
    t, trunk_dps = vertical_rate(data, "trunk")
    crossing = turning - np.radians(np.interp(rows.t_s[within], t, trunk_dps))
    total = float(np.mean(along(level, level)))
    across = float(np.mean(crossing * crossing))
    return 100.0 * (across / total) ** 0.5 if total > 0 else NAN


pelvic_drop_diff_deg = difference_of(
    pelvic_drop_deg, "pelvic_drop_diff_deg", "pelvic drop R-L",
    citation="6.1", remark=_askew,
)  # fmt: skip

METRICS: Final = (
    pelvic_drop_deg,
    pelvic_drop_exc_deg,
    pelvic_drop_diff_deg,
    pelvis_obliquity_rom_deg,
    pelvis_rotation_rom_deg,
    trunk_rotation_rom_deg,
    trunk_pelvis_rom_deg,
    trunk_side_lean_deg,
    head_roll_rom_deg,
    thigh_sagittal_pct,
    arm_cross_pct,
)
