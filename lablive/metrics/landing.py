"""Force and foot: peak, impulse, strike and gait line (metric reference 3 and 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.derived import symmetry_of
from lablive.metrics.metric import (
    NAN,
    Found,
    Metric,
    Stat,
    StatKey,
    StrideData,
    sample_metric,
    stride_metric,
)
from lablive.metrics.moments import STANCE
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.stack import stack_metric
from lablive.metrics.withheld import is_full
from lablive.signals.insole import cop_excursion_pct
from lablive.signals.insole import strike_index_pct as strike_index

if TYPE_CHECKING:
    from lablive.metrics.curve import Curve, PerStride
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample

# strike index in % of insole length; toes load little in an insole, so that the
# forefoot begins at 60 instead of 67 (reference 4.1, [design])
_MIDFOOT_FROM_PCT: Final = 33.5
_FOREFOOT_FROM_PCT: Final = 60.0


@stack_metric(
    label="peak vertical force (in-shoe)",
    unit="BW",
    skill="landing",
    sensors=("insole", "treadmill"),
    direction="lower is better",
    grade="B",
    contested=True,
    citation="3.2; S14, S08",
    needs=("body weight",),
    per_weight=True,
)
def peak_force_bw(strides: StrideStack) -> PerStride:
    """Return the highest force over the zero in stance."""
    force = _in_stance(strides)
    return strides.nothing if force is None else force.highest(*STANCE)


@stack_metric(
    label="stance impulse",
    unit="BW·s",
    skill="landing",
    sensors=("insole", "treadmill"),
    direction="information",
    citation="3.2",
    needs=("body weight",),
    per_weight=True,
)
def stance_impulse_bw_s(strides: StrideStack) -> PerStride:
    """Return force over the zero, integrated over stance."""
    force = _in_stance(strides)
    return strides.nothing if force is None else force.part(*STANCE).area()


@stride_metric(
    label="strike index: where the foot first loads",
    unit="% length",
    skill="landing",
    sensors=("insole",),
    direction="information",
    grade="B",
    contested=True,
    citation="4.1; S43, S44",
    needs=("cells",),
)
def strike_index_pct(data: StrideData) -> float:
    """Return the centre of pressure in the first 20 ms, heel 0 to toe 100."""
    p = data.pressure
    if p is None:
        return NAN
    index = strike_index(p.t_s, p.load, p.xy[:, 1], data.stride.ic_s, p.least_load)
    if np.isnan(index):
        rate_hz = (len(p.t_s) - 1) / (p.t_s[-1] - p.t_s[0])
        raise NotMeasuredError(
            "fewer than two rows with load in the first 20 ms; the insole sends "
            f"{rate_hz:.0f} per second"
        )
    return index


@stride_metric(
    label="COP medio-lateral range",
    unit="% width",
    skill="landing",
    sensors=("insole",),
    direction="information",
    citation="4.3",
    needs=("cells",),
)
def cop_ml_excursion_pct(data: StrideData) -> float:
    """Return the range of the centre of pressure across the insole in stance."""
    return NAN if data.pressure is None else cop_excursion_pct(data.pressure.line)[0]


@sample_metric(
    label="gait line (101 points of stance)",
    unit="1",
    skill="landing",
    sensors=("insole",),
    direction="information",
    citation="4.3",
    needs=("cells",),
)
def cop_path(sample: Sample) -> Found:
    """Count the stances behind the gait line; the line itself is a curve."""
    stats: dict[StatKey, Stat] = {}
    for side in sample.sides:
        n = sum(
            record.gait_line is not None and not is_full(record, sample.withheld)
            for record in sample.valid(side)
        )
        if n:
            stats[side] = Stat(n=n, n_total=sample.expected(side))
    return Found(stats, "a curve, drawn in the report" if stats else "")


@sample_metric(
    label="running over standing gain of the insoles",
    unit="1",
    skill="landing",
    sensors=("insole",),
    direction="in a band",
    grade="D",
    citation="3.1",
    needs=("two feet", "20 strides"),
)
def insole_gain_ratio(sample: Sample) -> Found:
    """Return body weight over the mean force of both feet in steady gait."""
    ratio, n = sample.weight.ratio, sample.weight.strides
    if np.isnan(ratio):
        return Found()
    return Found({"both": Stat(ratio, ratio, NAN, n, sample.expected("both"))})


@sample_metric(
    label="right load in standing",
    unit="%",
    skill="landing",
    sensors=("insole",),
    direction="in a band",
    grade="D",
    citation="3.1",
    needs=("standing",),
)
def standing_balance_pct(sample: Sample) -> Found:
    """Return the right foot's share of the load in quiet standing."""
    share = sample.standing_balance_pct
    return (
        Found() if np.isnan(share) else Found({"both": Stat(share, share, NAN, 1, 1)})
    )


def _strike_share(metric_id: str, label: str, low: float, high: float) -> Metric:
    """Return the share of strides whose strike index lies in [low, high)."""

    def share(sample: Sample) -> Found:
        stats: dict[StatKey, Stat] = {}
        for key in (*sample.sides, "both"):
            index = sample.values(strike_index_pct, key)
            if len(index):
                part = 100.0 * float(np.mean((index >= low) & (index < high)))
                stats[key] = Stat(part, part, NAN, len(index), sample.expected(key))
        return Found(stats)

    return Metric(
        id=metric_id,
        label=label,
        unit="%",
        skill="landing",
        sensors=("insole",),
        direction="information",
        citation="4.1; S07h",
        needs=("cells",),
        formula=f"share of strides with a strike index of {low:g} to {high:g} %",
        of_sample=share,
    )


def _in_stance(strides: StrideStack) -> Curve | None:
    """Return the force, None when there is none or no toe-off was seen."""
    return None if strides.about.stride.to_s is None else strides.force


peak_force_si_pct = symmetry_of(
    peak_force_bw, "peak_force_si_pct", "peak-force asymmetry"
)
impulse_si_pct = symmetry_of(stance_impulse_bw_s, "impulse_si_pct", "impulse asymmetry")
rfs_pct = _strike_share("rfs_pct", "rearfoot strikes", -np.inf, _MIDFOOT_FROM_PCT)
mfs_pct = _strike_share(
    "mfs_pct", "midfoot strikes", _MIDFOOT_FROM_PCT, _FOREFOOT_FROM_PCT
)
ffs_pct = _strike_share("ffs_pct", "forefoot strikes", _FOREFOOT_FROM_PCT, np.inf)

METRICS: Final = (
    peak_force_bw,
    peak_force_si_pct,
    stance_impulse_bw_s,
    impulse_si_pct,
    strike_index_pct,
    rfs_pct,
    mfs_pct,
    ffs_pct,
    cop_path,
    cop_ml_excursion_pct,
    standing_balance_pct,
    insole_gain_ratio,
)
