"""Skill 1: what moves outside the forward plane (metric reference 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.curve import ratio
from lablive.metrics.derived import difference_of
from lablive.metrics.moments import CONTACT, STANCE, STRIDE, stance_part
from lablive.metrics.motion import (
    along,
    obliquity,
    own,
    read_on,
    rotation_range_deg,
    segment,
    side_of,
    twist,
    vertical_rate,
)
from lablive.metrics.stack import stack_metric

if TYPE_CHECKING:
    from lablive.metrics.curve import Curve, PerStride
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample

_DROP: Final = stance_part(0.10, 0.80)
_ASKEW: Final = "a pelvis sensor that sits askew by 1° shifts this by 2°"


def _askew(_: Sample) -> str:
    return _ASKEW


def _each_side(_: Sample) -> str:
    return (
        "read the mean of both sides: a sensor that slipped adds to one side what "
        "it takes off the other"
    )


def _drop(strides: StrideStack) -> Curve:
    """Return the pelvic drop, + = the swing side hangs lower."""
    curve = obliquity(strides, "pelvis")
    return curve if side_of(strides) == "left" else -curve


@stack_metric(
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
def pelvic_drop_deg(strides: StrideStack) -> PerStride:
    """Highest drop of the swing side from standing, 10 to 80 % of stance."""
    segment(strides, "pelvis", zeroed=True)
    return _drop(strides).highest(*_DROP)


@stack_metric(
    label="pelvic drop from contact",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="D",
    citation="6.1",
    signals=("pelvis",),
)
def pelvic_drop_exc_deg(strides: StrideStack) -> PerStride:
    """Highest drop of the swing side, 10 to 80 % of stance, less that at contact."""
    drop = _drop(strides)
    return drop.highest(*_DROP) - drop.at(CONTACT)


@stack_metric(
    label="pelvic obliquity range",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    citation="6.1; S28",
    signals=("pelvis",),
)
def pelvis_obliquity_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the pelvic obliquity over the stride."""
    return obliquity(strides, "pelvis").spread(*STRIDE)


@stack_metric(
    label="axial pelvis range",
    unit="°",
    skill="sagittal",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    citation="6.3; S28",
    signals=("pelvis",),
)
def pelvis_rotation_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the pelvic heading over the stride, drift taken off."""
    return rotation_range_deg(strides, "pelvis")


@stack_metric(
    label="trunk axial range",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU",),
    direction="lower is better",
    grade="D",
    citation="6.4; S32, S33",
    signals=("trunk",),
)
def trunk_rotation_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the trunk heading over the stride, drift taken off."""
    return rotation_range_deg(strides, "trunk")


@stack_metric(
    label="trunk-pelvis twist range",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU", "pelvis IMU"),
    direction="lower is better",
    grade="D",
    citation="6.4",
    signals=("trunk", "pelvis"),
)
def trunk_pelvis_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the integrated difference of both vertical rates over the stride."""
    t, turned = twist(strides, "trunk", "pelvis", *STRIDE).part(*STRIDE)
    # a stride ends as it began: what is left between the ends is drift
    share = (t - t[..., :1]) / strides.beside(strides.stride_s)
    steady = turned - (turned[..., -1:] - turned[..., :1]) * share
    return steady.max(axis=-1) - steady.min(axis=-1)


@stack_metric(
    label="side lean to the stance leg",
    unit="°",
    skill="sagittal",
    sensors=("trunk IMU",),
    direction="lower is better",
    grade="D",
    citation="6.4",
    signals=("trunk",),
)
def trunk_side_lean_deg(strides: StrideStack) -> PerStride:
    """Highest lean of the trunk toward the stance side, from standing, in stance."""
    segment(strides, "trunk", zeroed=True)
    lean = obliquity(strides, "trunk")
    if side_of(strides) == "left":
        return -lean.lowest(*STANCE)
    return lean.highest(*STANCE)


@stack_metric(
    label="head roll range",
    unit="°",
    skill="sagittal",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
)
def head_roll_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the head's obliquity over the stride."""
    return obliquity(strides, "head").spread(*STRIDE)


@stack_metric(
    label="thigh swing in the sagittal plane",
    unit="%",
    skill="sagittal",
    sensors=("thigh IMU",),
    direction="higher is better",
    grade="D",
    citation="6.6",
    signals=("thigh",),
)
def thigh_sagittal_pct(strides: StrideStack) -> PerStride:
    """100 var(w_y) / (var w_x + var w_y + var w_z) of the thigh over the stride."""
    block = segment(strides, own(strides, "thigh"))
    take, axis = block.axis.apart(block.axis.rows(*STRIDE))
    rate = block.rate_rps[take].T
    swings = rate - axis.beside_rows(axis.own.total(rate) / axis.own.count)
    x, y, z = axis.own.total(swings * swings)
    return 100.0 * ratio(y, x + y + z)


@stack_metric(
    label="arm swing out of the sagittal plane",
    unit="%",
    skill="sagittal",
    sensors=("forearm IMU", "trunk IMU"),
    direction="lower is better",
    grade="D",
    citation="6.8; S32",
    signals=("forearm", "trunk"),
)
def arm_cross_pct(strides: StrideStack) -> PerStride:
    """100 RMS of the forearm's vertical rate less the trunk's / of its level rate."""
    block = segment(strides, own(strides, "forearm"), axes="none")
    take, axis = block.axis.apart(block.axis.rows(*STRIDE))
    up, rate = block.rotation[take, 2], block.rate_rps[take]
    turning = along(up, rate)
    level = rate - turning[:, None] * up
    trunk_dps = read_on(vertical_rate(strides, "trunk"), axis)
    crossing = turning - np.radians(trunk_dps)
    total, across = (
        axis.own.total(it) for it in (along(level, level), crossing * crossing)
    )
    return 100.0 * np.sqrt(ratio(across, total))


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
