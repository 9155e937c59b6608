"""Skill 2: pelvis, trunk and head one above the other (metric reference 6.2 to 6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.metric import Found, Stat, sample_metric
from lablive.metrics.moments import STRIDE, TOE_OFF
from lablive.metrics.motion import (
    harmonic,
    lean,
    lean_at,
    level_acceleration,
    side_of,
    zeroed_lean,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.metrics.stack import stack_metric

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.messages import Floats
    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Metric, StatKey
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample

_FEWEST_SWAYS: Final = 10  # strides (metric reference 6.5)
_M_TO_CM: Final = 100.0


@stack_metric(
    label="anterior pelvic tilt from standing",
    unit="°",
    skill="spine",
    sensors=("pelvis IMU",),
    direction="in a band",
    grade="D",
    citation="6.2",
    signals=("pelvis",),
)
def pelvic_tilt_rel_deg(strides: StrideStack) -> PerStride:
    """Mean anterior pelvic tilt over the stride, from standing."""
    return _mean_lean(strides, "pelvis")


@stack_metric(
    label="pelvic tilt range",
    unit="°",
    skill="spine",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="B",
    citation="6.2; S28",
    signals=("pelvis",),
)
def pelvis_tilt_rom_deg(strides: StrideStack) -> PerStride:
    """Range of the pelvic tilt over the stride."""
    return lean(strides, "pelvis").spread(*STRIDE)


@stack_metric(
    label="pelvic tilt at toe-off",
    unit="°",
    skill="spine",
    sensors=("pelvis IMU",),
    direction="lower is better",
    grade="D",
    citation="6.2; S29",
    signals=("pelvis",),
)
def pelvic_tilt_to_deg(strides: StrideStack) -> PerStride:
    """Anterior pelvic tilt at toe-off, from standing."""
    return lean_at(strides, "pelvis", TOE_OFF)


@stack_metric(
    label="pelvis in its own neutral zone",
    unit="%",
    skill="spine",
    sensors=("pelvis IMU",),
    direction="higher is better",
    grade="D",
    citation="6.2",
    signals=("pelvis",),
)
def pelvic_neutral_pct(strides: StrideStack) -> PerStride:
    """Share of the stride with a tilt in the middle half of the range in standing."""
    curve = zeroed_lean(strides, "pelvis")
    if strides.about.pelvic_neutral_deg is None:
        raise NotMeasuredError(
            "needs the pelvic range: furthest tilt forward and back in standing"
        )
    low, high = strides.about.pelvic_neutral_deg
    rows = curve.axis.rows(*STRIDE)
    ends = [_between(curve.at(when), low, high) for when in STRIDE]
    within = rows.total(_between(curve.y, low, high)) + ends[0] + ends[1]
    return 100.0 * within / (rows.count + len(ends))


@stack_metric(
    label="forward trunk lean",
    unit="°",
    skill="spine",
    sensors=("trunk IMU",),
    direction="in a band",
    grade="B",
    contested=True,
    citation="6.4; S23, S30, S31",
    signals=("trunk",),
)
def trunk_lean_deg(strides: StrideStack) -> PerStride:
    """Mean forward lean of the trunk over the stride, from standing."""
    return _mean_lean(strides, "trunk")


@stack_metric(
    label="spine flexion: trunk less pelvis",
    unit="°",
    skill="spine",
    sensors=("trunk IMU", "pelvis IMU"),
    direction="in a band",
    grade="D",
    citation="6.4",
    signals=("trunk", "pelvis"),
)
def spine_flexion_deg(strides: StrideStack) -> PerStride:
    """Mean trunk lean less mean pelvic tilt, both from standing, + = rounding."""
    return _mean_lean(strides, "trunk") - _mean_lean(strides, "pelvis")


@stack_metric(
    label="head poke against the trunk",
    unit="°",
    skill="spine",
    sensors=("head IMU", "trunk IMU"),
    direction="lower is better",
    grade="D",
    citation="6.5",
    signals=("head", "trunk"),
)
def head_trunk_pitch_deg(strides: StrideStack) -> PerStride:
    """Mean head lean less mean trunk lean, both from standing, + = forward."""
    return _mean_lean(strides, "head") - _mean_lean(strides, "trunk")


@stack_metric(
    label="head sway, in phase with the stance foot",
    unit="m",
    skill="spine",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
)
def head_sway_cos_m(strides: StrideStack) -> PerStride:
    """Amplitude of the head's side sway that peaks over the foot in mid-stance."""
    return _sway_m(strides)[0]


@stack_metric(
    label="head sway, a quarter stride later",
    unit="m",
    skill="spine",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
)
def head_sway_sin_m(strides: StrideStack) -> PerStride:
    """Amplitude of the head's side sway that peaks a quarter stride later."""
    return -_sway_m(strides)[1]


@sample_metric(
    label="head side sway, peak to peak",
    unit="cm",
    skill="spine",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
    made_of=("head_sway_cos_m",),
    formula="2 A / w^2 of the head's level acceleration to the side at the stride "
    "frequency w, 10 strides or more",
)
def head_sway_ml_cm(sample: Sample) -> Found:
    """Return twice the amplitude of the head's mean sway to the side."""
    return _of_sways(sample, lambda sway: 2.0 * _M_TO_CM * abs(sway))


@sample_metric(
    label="head sway against the stance foot",
    unit="°",
    skill="spine",
    sensors=("head IMU",),
    direction="information",
    citation="6.5",
    signals=("head",),
    made_of=("head_sway_cos_m",),
    formula="phase of that sway, 0 = head over the foot in its mid-stance, + = later",
)
def head_sway_phase_deg(sample: Sample) -> Found:
    """Return how much later than mid-stance the head is over the foot."""
    return _of_sways(sample, lambda sway: float(np.degrees(np.angle(sway))))


@shared
def _mean_lean(strides: StrideStack, site: str) -> PerStride:
    return zeroed_lean(strides, site).mean(*STRIDE)


def _between(angle_deg: Floats, low_deg: float, high_deg: float) -> Floats:
    """Return 1 for angles between two, else 0."""
    inside = (angle_deg >= low_deg) & (angle_deg <= high_deg)
    return np.asarray(inside, np.float64)


@shared
def _sway_m(strides: StrideStack) -> tuple[PerStride, PerStride]:
    """Return the sway toward the stance side, real and imaginary part.

    1 = furthest in mid-stance.
    """
    toward = 1.0 if side_of(strides) == "left" else -1.0
    _, left = level_acceleration(strides, "head")
    real, imaginary = harmonic(left, strides, 1)
    turns = 2.0 * np.pi / strides.stride_s
    # place = -acceleration / w^2; phase counted from mid-stance
    size = -toward / (turns * turns)
    phase = turns * (0.5 * (strides.ic_s + strides.to_s) - strides.ic_s)
    c, s = np.cos(phase), np.sin(phase)
    return size * (real * c - imaginary * s), size * (real * s + imaginary * c)


def _of_sways(sample: Sample, number: Callable[[complex], float]) -> Found:
    """Return a number of the mean sway of each side's strides."""
    stats: dict[StatKey, Stat] = {}
    for key in (*sample.sides, "both"):
        parts = [sample.values(part, key) for part in PARTS]
        n = min(len(values) for values in parts)
        if n >= _FEWEST_SWAYS:
            value = number(complex(np.mean(parts[0]), np.mean(parts[1])))
            stats[key] = Stat(value, value, n=n, n_total=sample.expected(key))
    return Found(stats)


PARTS: Final[tuple[Metric, ...]] = (head_sway_cos_m, head_sway_sin_m)
METRICS: Final[tuple[Metric, ...]] = (
    pelvic_tilt_rel_deg,
    pelvis_tilt_rom_deg,
    pelvic_tilt_to_deg,
    pelvic_neutral_pct,
    trunk_lean_deg,
    spine_flexion_deg,
    head_trunk_pitch_deg,
    head_sway_ml_cm,
    head_sway_phase_deg,
)
