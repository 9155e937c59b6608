"""Skill 3, the first 75 ms: impact peak, loading rates, shocks (reference 3.2, 3.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.metrics.derived import share_of, symmetry_of
from lablive.metrics.metric import NAN, StrideData, stride_metric
from lablive.metrics.motion import (
    Curve,
    leg_angle_at,
    own,
    refuse_clipped,
    segment,
    smooth,
    stance,
    stance_part,
    vertical_acceleration,
)
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.metric import Metric
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
_SHOCK_S: Final = 0.075
_AROUND_S: Final = 0.150  # rows around a shock, for its filter
_HEAD_STANCE: Final = (0.0, 0.60)
_BEFORE_CONTACT_S: Final = 0.005


class Impact(NamedTuple):
    """What the foot meets: the peak, or 13 % of stance; the rows up to it.

    ``present`` is 1 with a peak, else 0; ``force`` in the sensor's unit.
    """

    present: float
    force: float
    t_s: Floats
    rows: Floats


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
    slopes = np.diff(found.rows) / np.diff(found.t_s)
    middle = 0.5 * (found.rows[1:] + found.rows[:-1])
    low, high = (part * found.force for part in _SPAN)
    inside = slopes[(middle > low) & (middle < high)]
    return float(np.max(inside if len(inside) else slopes))


@stride_metric(
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
def tibial_shock_g(data: StrideData) -> float:
    """Highest axial acceleration less standing, 60 Hz, to 75 ms after contact."""
    return _shank_shock(data).axial_g


@stride_metric(
    label="peak tibial acceleration, resultant",
    unit="g",
    skill="landing",
    sensors=("shank IMU",),
    direction="information",
    grade="B",
    citation="3.5; S19",
    signals=("shank",),
)
def tibial_shock_res_g(data: StrideData) -> float:
    """Highest size of the acceleration less standing, 60 Hz, to 75 ms."""
    return _shank_shock(data).resultant_g


@stride_metric(
    label="delay of the tibial peak",
    unit="ms",
    skill="landing",
    sensors=("insole", "shank IMU"),
    direction="information",
    citation="1.4",
    signals=("shank",),
)
def tibia_delay_ms(data: StrideData) -> float:
    """Time of the tibial peak after the insole's contact."""
    if data.stride.source != "insole":
        raise NotMeasuredError("needs contacts from an insole")
    jolt = _shank_jolt(data)  # its size: at the same time however the sensor sits
    at = int(np.argmax(np.sqrt(sum(it * it for it in jolt.acc_mps2))))
    return 1e3 * (float(jolt.t_s[at]) - data.stride.ic_s)


@stride_metric(
    label="vertical peak at the head",
    unit="g",
    skill="landing",
    sensors=("head IMU",),
    direction="lower is better",
    grade="D",
    citation="6.5",
    signals=("head",),
)
def head_shock_g(data: StrideData) -> float:
    """Highest upward acceleration of the head, to 60 % of stance."""
    return _head_peak_g(data)


@stride_metric(
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
def shock_attenuation_pct(data: StrideData) -> float:
    """100 (1 - peak at the head / peak at the shank)."""
    head_g = _head_peak_g(data)
    shank_g = _shank_shock(data).axial_g
    return 100.0 * (1.0 - head_g / shank_g) if shank_g > 0 else NAN


@stride_metric(
    label="peak force from the pelvis",
    unit="BW",
    skill="landing",
    sensors=("pelvis IMU",),
    direction="information",
    grade="B",
    citation="3.4; S06",
    signals=("pelvis",),
)
def peak_force_sacral_bw(data: StrideData) -> float:
    """1 + highest upward acceleration of the pelvis in stance / g, 10 Hz."""
    curve = vertical_acceleration(data, "pelvis")
    slow = smooth(curve, data.segments["pelvis"].rate_hz)
    return 1.0 + float(slow.within(*stance(data)).max()) / STANDARD_GRAVITY


@stride_metric(
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
def foot_strike_angle_deg(data: StrideData) -> float:
    """Foot pitch 5 ms before contact from standing, + = toes up."""
    return leg_angle_at(data, "foot", data.stride.ic_s - _BEFORE_CONTACT_S)


@shared
def _head_peak_g(data: StrideData) -> float:
    curve = vertical_acceleration(data, "head")
    within = stance_part(data, *_HEAD_STANCE)
    refuse_clipped(data, "head", *within)
    return float(curve.within(*within).max()) / STANDARD_GRAVITY


class _Jolt(NamedTuple):
    """Smooth acceleration of the shank from contact on: forward, left, up."""

    t_s: Floats
    acc_mps2: list[Floats]


class _Shock(NamedTuple):
    axial_g: float
    resultant_g: float


@shared
def _shank_shock(data: StrideData) -> _Shock:
    segment(data, own(data, "shank"), axes="up")
    forward, left, upward = _shank_jolt(data).acc_mps2
    upward = upward - STANDARD_GRAVITY  # what it reads in standing
    size = np.sqrt(forward * forward + left * left + upward * upward)
    return _Shock(
        float(upward.max()) / STANDARD_GRAVITY, float(size.max()) / STANDARD_GRAVITY
    )


@shared
def _shank_jolt(data: StrideData) -> _Jolt:
    site = own(data, "shank")
    rows = segment(data, site, axes="none", rate_hz=_SHOCK_RATE_HZ)
    ic_s = data.stride.ic_s
    window = ic_s, ic_s + _SHOCK_S
    refuse_clipped(data, site, *window)
    first, end = rows.t_s.searchsorted((ic_s - _AROUND_S, window[1] + _AROUND_S))
    t, x = rows.t_s[first:end], rows.acc_mps2[first:end]
    columns = [smooth(Curve(t, it), rows.rate_hz, _SHOCK_HZ).y for it in x.T]
    within = slice(*(int(at) for at in t.searchsorted(window)))
    if within.start == within.stop:
        raise NotMeasuredError("no shank IMU rows at contact")
    return _Jolt(t[within], [it[within] for it in columns])


@shared
def _impact(data: StrideData) -> Impact:
    """Find the impact peak (metric reference 3.2)."""
    force = data.force
    if force is None:
        raise NotMeasuredError("no force was measured in this stride")
    t, f = force.t_s, force.force
    rate_hz = (len(t) - 1) / (t[-1] - t[0])
    if rate_hz < _ENOUGH * LOADING_RATE_HZ:
        raise NotMeasuredError(
            f"the force comes {rate_hz:.0f} times per second, loading rates need "
            f"{LOADING_RATE_HZ:.0f}"
        )
    ic_s, to_s = stance(data)
    first = max(int(t.searchsorted(ic_s, side="right")) - 1, 0)
    last_s = min(ic_s + _SEARCH_S[1], ic_s + _SEARCH_STANCE * (to_s - ic_s))
    begin, end = t.searchsorted((ic_s + _SEARCH_S[0], last_s))
    stop = int(t.searchsorted(to_s))
    for at in range(int(begin), min(int(end), len(f) - 1)):
        is_top = f[at] >= f[at - 1] and f[at] > f[at + 1]
        if is_top and _stands_out(f, at, first, stop) >= _PROMINENCE_BW * force.weight:
            rows = slice(first, at + 1)
            return Impact(1.0, float(f[at]), t[rows], f[rows])
    at_s = ic_s + _WITHOUT_PEAK * (to_s - ic_s)
    end = int(t.searchsorted(at_s))
    level = float(np.interp(at_s, t, f))
    return Impact(
        0.0, level, np.append(t[first:end], at_s), np.append(f[first:end], level)
    )


def _stands_out(f: Floats, at: int, first: int, stop: int) -> float:
    """Return how far a top stands over the higher of the dips beside it."""
    higher = np.flatnonzero(f[at + 1 : stop] > f[at])
    end = at + 1 + int(higher[0]) if len(higher) else stop
    before = np.flatnonzero(f[first:at] > f[at])
    begin = first + int(before[-1]) + 1 if len(before) else first
    dips = f[begin : at + 1].min(), f[at : max(end, at + 1)].min()
    return float(f[at] - max(dips))


def _crossing_s(impact: Impact, level: float) -> float:
    """Return when the force first reaches a level, between two rows."""
    above = np.flatnonzero(impact.rows >= level)
    at = int(above[0]) if len(above) else 0
    if at == 0:
        return float(impact.t_s[0])
    t, f = impact.t_s, impact.rows
    return float(
        t[at - 1] + (t[at] - t[at - 1]) * (level - f[at - 1]) / (f[at] - f[at - 1])
    )


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
