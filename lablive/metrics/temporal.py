"""Timing of steps: when each foot is on the belt (metric reference 1 and 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lablive.metrics.derived import symmetry_of, variation_of
from lablive.metrics.metric import (
    NAN,
    Found,
    Stat,
    StatKey,
    StrideData,
    sample_metric,
    stride_metric,
)

if TYPE_CHECKING:
    from lablive.gait.strides import Stride
    from lablive.metrics.summary import Sample

_FORCE = ("insole", "treadmill")
_PER_SIDE: Final[tuple[StatKey, ...]] = ("left", "right", "both")
_GAITS: Final = {"stand": 0.0, "walk": 1.0, "run": 2.0}


@stride_metric(
    label="cadence",
    unit="steps/min",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    grade="B",
    contested=True,
    citation="2; S37, S42",
)
def cadence_spm(data: StrideData) -> float:
    """Count two steps per stride, so that a limp does not shift it."""
    return 120.0 / data.stride.stride_s


@stride_metric(
    label="stride time",
    unit="ms",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    citation="2",
)
def stride_time_ms(data: StrideData) -> float:
    """Return the time from initial contact to the next one of the same foot."""
    return 1e3 * data.stride.stride_s


@stride_metric(
    label="step time",
    unit="ms",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    citation="1.4, 2",
    needs=("two feet",),
)
def step_time_ms(data: StrideData) -> float:
    """Return the time from the other foot's contact to this foot's next one."""
    return 1e3 * _step_s(data.stride)


@stride_metric(
    label="ground contact time",
    unit="ms",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    grade="B",
    contested=True,
    citation="2; S02",
)
def contact_time_ms(data: StrideData) -> float:
    """Return the time from initial contact to toe-off."""
    return 1e3 * _contact_s(data.stride)


@stride_metric(
    label="flight time",
    unit="ms",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    citation="2",
    needs=("two feet", "running"),
)
def flight_time_ms(data: StrideData) -> float:
    """Return toe-off to the other foot's initial contact; running only."""
    stride = data.stride
    if stride.gait != "run" or stride.to_s is None or stride.opposite_ic_s is None:
        return NAN
    return 1e3 * (stride.opposite_ic_s - stride.to_s)


@stride_metric(
    label="swing time",
    unit="ms",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    citation="2",
)
def swing_time_ms(data: StrideData) -> float:
    """Return toe-off to the next initial contact of the same foot."""
    return 1e3 * (data.stride.stride_s - _contact_s(data.stride))


@stride_metric(
    label="duty factor",
    unit="%",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    grade="B",
    citation="2",
)
def duty_factor_pct(data: StrideData) -> float:
    """Return contact time in percent of stride time; under 50 is running."""
    return 100.0 * _contact_s(data.stride) / data.stride.stride_s


@stride_metric(
    label="double support",
    unit="%",
    skill="temporal",
    sensors=("insole",),
    direction="in a band",
    grade="C",
    citation="2; S66w",
    needs=("two feet", "walking"),
)
def double_support_pct(data: StrideData) -> float:
    """Return the time on both feet in percent of stride time; walking only."""
    s = data.stride
    if s.to_s is None or s.opposite_ic_s is None or s.opposite_to_s is None:
        return NAN
    if s.gait != "walk":
        return NAN
    before = s.opposite_to_s < s.opposite_ic_s  # the other foot's step before
    first_s = s.opposite_to_s - s.ic_s if before else 0.0
    second_s = max(0.0, s.to_s - s.opposite_ic_s)
    return 100.0 * (first_s + second_s) / s.stride_s


@stride_metric(
    label="step length",
    unit="m",
    skill="temporal",
    sensors=("insole+belt",),
    direction="information",
    citation="2",
    needs=("two feet", "belt speed"),
    on_belt=True,
)
def step_length_m(data: StrideData) -> float:
    """Return belt speed times step time; a wrong belt speed counts in full."""
    return data.speed_mps * _step_s(data.stride)


@stride_metric(
    label="step length / leg length",
    unit="1",
    skill="temporal",
    sensors=("insole+belt",),
    direction="information",
    citation="2; S01",
    needs=("two feet", "belt speed", "leg length"),
    on_belt=True,
)
def step_length_leg(data: StrideData) -> float:
    """Return step length in leg lengths."""
    return data.speed_mps * _step_s(data.stride) / data.leg_length_m


@stride_metric(
    label="stride length",
    unit="m",
    skill="temporal",
    sensors=("insole+belt",),
    direction="information",
    citation="2",
    needs=("belt speed",),
    on_belt=True,
)
def stride_length_m(data: StrideData) -> float:
    """Return belt speed times stride time."""
    return data.speed_mps * data.stride.stride_s


@sample_metric(
    label="walk / run / stand",
    unit="1",
    skill="temporal",
    sensors=_FORCE,
    direction="information",
    citation="1.1",
)
def gait_mode(sample: Sample) -> Found:
    """Return the gait as a number: 0 standing, 1 walking, 2 running."""
    strides = [record.stride for record in sample.valid("both")]
    codes = [_GAITS[stride.gait] for stride in strides if stride.gait in _GAITS]
    words = {word: codes.count(code) for word, code in _GAITS.items()}
    told = ", ".join(f"{word} {count}" for word, count in words.items() if count)
    note = f"0 stand, 1 walk, 2 run; strides: {told}" if told else ""
    for gait, count in sample.apart.items():
        note += f"; {count} strides of {gait} are apart"
    return Found({"both": sample.stat_of(codes, "both")}, note)


@sample_metric(
    label="valid strides",
    unit="%",
    skill="temporal",
    sensors=_FORCE,
    direction="higher is better",
    grade="D",
    citation="1.4",
)
def event_quality_pct(sample: Sample) -> Found:
    """Return valid strides in percent of those the time holds."""
    stats: dict[StatKey, Stat] = {}
    for key in _PER_SIDE:
        expected, used = sample.expected(key), len(sample.valid(key))
        if expected:
            share = min(100.0, 100.0 * used / expected)
            stats[key] = Stat(share, share, NAN, used, expected)
    return Found(stats)


contact_time_si_pct = symmetry_of(
    contact_time_ms, "contact_time_si_pct", "contact asymmetry"
)
step_time_si_pct = symmetry_of(step_time_ms, "step_time_si_pct", "step-time asymmetry")
stride_time_cv_pct = variation_of(
    stride_time_ms, "stride_time_cv_pct", "stride-time CV", grade="B", citation="2; S57"
)
contact_time_cv_pct = variation_of(
    contact_time_ms, "contact_time_cv_pct", "contact CV", grade="D", citation="2; S57"
)

METRICS: Final = (
    gait_mode,
    event_quality_pct,
    cadence_spm,
    stride_time_ms,
    step_time_ms,
    contact_time_ms,
    flight_time_ms,
    swing_time_ms,
    duty_factor_pct,
    double_support_pct,
    step_length_m,
    step_length_leg,
    stride_length_m,
    contact_time_si_pct,
    step_time_si_pct,
    stride_time_cv_pct,
    contact_time_cv_pct,
)


def _step_s(stride: Stride) -> float:
    """Return the step time: the other foot's contact to this foot's next one."""
    opposite_s = stride.opposite_ic_s
    return NAN if opposite_s is None else stride.next_ic_s - opposite_s


def _contact_s(stride: Stride) -> float:
    return NAN if stride.to_s is None else stride.to_s - stride.ic_s
