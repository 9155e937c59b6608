"""Skill 3, the first 75 ms: impact peak, loading rates, shocks (reference 3.2, 3.5)."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.metrics.curve import Curve, PerStride, ratio
from lablive.metrics.derived import share_of, symmetry_of
from lablive.metrics.metric import NAN, StrideData, stride_metric
from lablive.metrics.moments import CONTACT, STANCE, Moment, stance_part
from lablive.metrics.motion import (
    leg_angle_at,
    own,
    refuse_clipped,
    segment,
    vertical_acceleration,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.metrics.smooth import smooth
from lablive.metrics.stack import refuse_where, stack_metric
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.metric import Metric
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample

LOADING_RATE_HZ: Final = 200.0  # metric reference 3.2
_ENOUGH: Final = 0.98
_SEARCH_S: Final = (0.005, 0.060)
_SEARCH_STANCE: Final = 0.30
_PROMINENCE_BW: Final = 0.05
_WITHOUT_PEAK: Final = 0.13  # of stance
_SPAN: Final = (0.20, 0.80)  # of the peak's force
_SHOCK_HZ: Final = 60.0
_SHOCK_RATE_HZ: Final = 200.0
_SHOCK: Final = CONTACT, Moment("stride", 0.0, 0.075)
_HEAD_STANCE: Final = stance_part(0.0, 0.60)
_BEFORE_CONTACT: Final = Moment("stride", 0.0, -0.005)


class Impact(NamedTuple):
    """What the foot meets: the peak, or 13 % of stance; the rows up to it.

    ``present`` is 1 with a peak, else 0; ``force`` in the sensor's unit. A dozen rows:
    plain numbers are quicker than arrays.
    """

    present: float
    force: float
    t_s: list[float]
    rows: list[float]


def _without_peak(sample: Sample) -> str:
    share = sample.values(impact_peak_present, "both")
    if not len(share) or np.mean(share) == 1.0:
        return ""
    pct = 100.0 * (1.0 - float(np.mean(share)))
    return f"{pct:.0f} % of the strides have no impact peak: 13 % of stance instead"


def _in_shoe(sample: Sample) -> str:
    peaks = _without_peak(sample)
    return "; ".join(filter(None, ("20 to 80 % of the peak's magnitude", peaks)))


@stride_metric(
    label="impact peak there",
    unit="1",
    skill="landing",
    sensors=("insole",),
    direction="information",
    citation="3.2",
)
def impact_peak_present(data: StrideData) -> float:
    """Find a maximum, 5 to 60 ms after contact, that stands out by 0.05 BW."""
    return _impact(data).present


@stride_metric(
    label="impact peak",
    unit="BW",
    skill="landing",
    sensors=("insole",),
    direction="lower is better",
    grade="B",
    contested=True,
    citation="3.2; S10",
    needs=("body weight",),
    per_weight=True,
)
def impact_peak_bw(data: StrideData) -> float:
    """Force at the impact peak."""
    found = _impact(data)
    if not found.present:
        raise NotMeasuredError("no impact peak in these strides")
    return found.force


@stride_metric(
    label="average vertical loading rate",
    unit="BW/s",
    skill="landing",
    sensors=("insole",),
    direction="lower is better",
    grade="A",
    contested=True,
    citation="3.2; S08, S16, S17, S18",
    needs=("body weight",),
    per_weight=True,
    remark=_in_shoe,
)
def valr_bw_s(data: StrideData) -> float:
    """Slope of the force between 20 and 80 % of the impact peak."""
    found = _impact(data)
    low, high = (part * found.force for part in _SPAN)
    lasted_s = _crossing_s(found, high) - _crossing_s(found, low)
    return (high - low) / lasted_s if lasted_s > 0 else NAN


@stride_metric(
    label="instantaneous vertical loading rate",
    unit="BW/s",
    skill="landing",
    sensors=("insole",),
    direction="lower is better",
    grade="A",
    contested=True,
    citation="3.2; S09, S10",
    needs=("body weight",),
    per_weight=True,
    remark=_in_shoe,
)
def vilr_bw_s(data: StrideData) -> float:
    """Steepest row-to-row slope between 20 and 80 % of the impact peak."""
    found = _impact(data)
    low, high = (part * found.force for part in _SPAN)
    steps = [
        ((after - before) / (t1 - t0), 0.5 * (before + after))
        for (t0, t1), (before, after) in zip(
            pairwise(found.t_s), pairwise(found.rows), strict=True
        )
    ]
    inside = [slope for slope, middle in steps if low < middle < high]
    return max(inside or [slope for slope, _ in steps])


@stack_metric(
    label="peak tibial acceleration",
    unit="g",
    skill="landing",
    sensors=("shank IMU",),
    direction="lower is better",
    grade="B",
    contested=True,
    citation="3.5; S16, S19, S22",
    signals=("shank",),
)
def tibial_shock_g(strides: StrideStack) -> PerStride:
    """Highest axial acceleration less standing, 60 Hz, to 75 ms after contact."""
    return _shank_shock(strides).axial_g


@stack_metric(
    label="peak tibial acceleration, resultant",
    unit="g",
    skill="landing",
    sensors=("shank IMU",),
    direction="information",
    grade="B",
    citation="3.5; S19",
    signals=("shank",),
)
def tibial_shock_res_g(strides: StrideStack) -> PerStride:
    """Highest size of the acceleration less standing, 60 Hz, to 75 ms."""
    return _shank_shock(strides).resultant_g


@stack_metric(
    label="delay of the tibial peak",
    unit="ms",
    skill="landing",
    sensors=("insole", "shank IMU"),
    direction="information",
    citation="1.4",
    signals=("shank",),
)
def tibia_delay_ms(strides: StrideStack) -> PerStride:
    """Time of the tibial peak after the insole's contact."""
    if strides.about.stride.source != "insole":
        raise NotMeasuredError("needs contacts from an insole")
    jolt = _shank_jolt(strides)  # its size: at the same time however the sensor sits
    forward, left, upward = jolt.acc_mps2
    size = forward * forward + left * left + upward * upward
    at = size[jolt.line].argmax(axis=-1)
    return 1e3 * (jolt.t_s[jolt.first + at] - strides.ic_s)


@stack_metric(
    label="vertical peak at the head",
    unit="g",
    skill="landing",
    sensors=("head IMU",),
    direction="lower is better",
    grade="D",
    citation="6.5",
    signals=("head",),
)
def head_shock_g(strides: StrideStack) -> PerStride:
    """Highest upward acceleration of the head, to 60 % of stance."""
    return _head_peak_g(strides)


@stack_metric(
    label="shock attenuation from shank to head",
    unit="%",
    skill="landing",
    sensors=("head IMU", "shank IMU"),
    direction="information",
    grade="B",
    contested=True,
    citation="6.5; S67",
    signals=("head", "shank"),
)
def shock_attenuation_pct(strides: StrideStack) -> PerStride:
    """100 (1 - peak at the head / peak at the shank)."""
    head_g = _head_peak_g(strides)
    shank_g = _shank_shock(strides).axial_g
    return 100.0 * (1.0 - ratio(head_g, shank_g))


@stack_metric(
    label="peak force from the pelvis",
    unit="BW",
    skill="landing",
    sensors=("pelvis IMU",),
    direction="information",
    grade="B",
    citation="3.4; S06",
    signals=("pelvis",),
)
def peak_force_sacral_bw(strides: StrideStack) -> PerStride:
    """1 + highest upward acceleration of the pelvis in stance / g, 10 Hz."""
    curve = vertical_acceleration(strides, "pelvis")
    slow = smooth(curve, strides.about.segments["pelvis"].rate_hz)
    return 1.0 + slow.highest(*STANCE) / STANDARD_GRAVITY


@stack_metric(
    label="foot pitch at contact",
    unit="°",
    skill="landing",
    sensors=("foot IMU",),
    direction="lower is better",
    grade="C",
    contested=True,
    citation="4.2; S35, S36, S45",
    signals=("foot",),
)
def foot_strike_angle_deg(strides: StrideStack) -> PerStride:
    """Foot pitch 5 ms before contact from standing, + = toes up."""
    return leg_angle_at(strides, "foot", _BEFORE_CONTACT)


@shared
def _head_peak_g(strides: StrideStack) -> PerStride:
    curve = vertical_acceleration(strides, "head")
    refuse_clipped(strides, "head", *_HEAD_STANCE)
    return curve.highest(*_HEAD_STANCE) / STANDARD_GRAVITY


class _Jolt(NamedTuple):
    """Smooth acceleration of the shank: forward, left, up.

    ``line`` takes the rows of the jolt out of them, ``first`` is their first row.
    """

    t_s: Floats
    acc_mps2: list[Floats]
    line: Any
    first: PerStride


class _Shock(NamedTuple):
    axial_g: PerStride
    resultant_g: PerStride


@shared
def _shank_shock(strides: StrideStack) -> _Shock:
    segment(strides, own(strides, "shank"), axes="up")
    _, (forward, left, upward), line, _ = _shank_jolt(strides)
    upward = upward - STANDARD_GRAVITY  # what it reads in standing
    size = np.sqrt(forward * forward + left * left + upward * upward)
    axial, resultant = (it[line].max(axis=-1) for it in (upward, size))
    return _Shock(axial / STANDARD_GRAVITY, resultant / STANDARD_GRAVITY)


@shared
def _shank_jolt(strides: StrideStack) -> _Jolt:
    site = own(strides, "shank")
    block = segment(strides, site, axes="none", rate_hz=_SHOCK_RATE_HZ)
    refuse_clipped(strides, site, *_SHOCK)
    rows = block.axis.rows(*_SHOCK)
    refuse_where(rows.count == 0, "no shank IMU rows at contact")
    slow = [
        smooth(Curve(block.axis, it), block.about.rate_hz, _SHOCK_HZ).y
        for it in block.acc_mps2.T
    ]
    return _Jolt(block.axis.t_s, slow, block.axis.lines(rows), rows.first)


@shared
def _impact(data: StrideData) -> Impact:
    """Find the impact peak (metric reference 3.2)."""
    force = data.force
    if force is None:
        raise NotMeasuredError("no force was measured in this stride")
    rate_hz = (len(force.t_s) - 1) / float(force.t_s[-1] - force.t_s[0])
    if rate_hz < _ENOUGH * LOADING_RATE_HZ:
        raise NotMeasuredError(
            f"the force comes {rate_hz:.0f} times per second, loading rates need "
            f"{LOADING_RATE_HZ:.0f}"
        )
    ic_s, to_s = data.stride.ic_s, data.stride.to_s
    if to_s is None:
        raise NotMeasuredError("no toe-off was seen")
    begin, stop = force.t_s.searchsorted((ic_s, to_s), side="right").tolist()
    around = slice(max(begin - 1, 0), stop + 1)
    t, f = force.t_s[around].tolist(), force.force[around].tolist()
    stop = bisect_left(t, to_s)
    last_s = min(ic_s + _SEARCH_S[1], ic_s + _SEARCH_STANCE * (to_s - ic_s))
    begin, end = bisect_left(t, ic_s + _SEARCH_S[0]), bisect_left(t, last_s)
    for at in range(begin, min(end, len(f) - 1)):
        is_top = f[at] >= f[at - 1] and f[at] > f[at + 1]
        if is_top and _stands_out(f, at, stop) >= _PROMINENCE_BW * force.weight:
            return Impact(1.0, f[at], t[: at + 1], f[: at + 1])
    at_s = ic_s + _WITHOUT_PEAK * (to_s - ic_s)
    end = max(bisect_left(t, at_s), 1)
    share = (at_s - t[end - 1]) / (t[end] - t[end - 1])
    level = f[end - 1] + share * (f[end] - f[end - 1])
    return Impact(0.0, level, [*t[:end], at_s], [*f[:end], level])


def _stands_out(f: list[float], at: int, stop: int) -> float:
    """Return how far a top stands over the higher of the dips beside it."""
    end = next((row for row in range(at + 1, stop) if f[row] > f[at]), stop)
    begin = next((row + 1 for row in range(at - 1, -1, -1) if f[row] > f[at]), 0)
    dips = min(f[begin : at + 1]), min(f[at : max(end, at + 1)])
    return f[at] - max(dips)


def _crossing_s(impact: Impact, level: float) -> float:
    """Return when the force first reaches a level, between two rows."""
    t, f = impact.t_s, impact.rows
    at = next((row for row, force in enumerate(f) if force >= level), 0)
    if at == 0:
        return t[0]
    return t[at - 1] + (t[at] - t[at - 1]) * (level - f[at - 1]) / (f[at] - f[at - 1])


impact_peak_present_pct = share_of(
    impact_peak_present,
    "impact_peak_present_pct",
    "strides with an impact peak",
)
loading_si_pct = symmetry_of(valr_bw_s, "loading_si_pct", "loading-rate asymmetry")
tibial_shock_si_pct = symmetry_of(
    tibial_shock_g, "tibial_shock_si_pct", "tibial shock asymmetry"
)

PARTS: Final[tuple[Metric, ...]] = (impact_peak_present, tibia_delay_ms)
METRICS: Final[tuple[Metric, ...]] = (
    impact_peak_bw,
    impact_peak_present_pct,
    valr_bw_s,
    vilr_bw_s,
    loading_si_pct,
    tibial_shock_g,
    tibial_shock_res_g,
    tibial_shock_si_pct,
    head_shock_g,
    shock_attenuation_pct,
    peak_force_sacral_bw,
    foot_strike_angle_deg,
)
