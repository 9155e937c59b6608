"""Skill 3, the body as a spring: model force, folding, stiffness (reference 3.3, 6.9).

Sine-wave model of Morin 2005. The paper's main text prints its equation 7 without the
leading minus; the appendix has it, and so does this.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.metrics.belt import LEVEL_PCT, one_speed
from lablive.metrics.metric import (
    NAN,
    Found,
    Metric,
    Stat,
    sample_metric,
)
from lablive.metrics.motion import harmonic, vertical_acceleration
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.stack import stack_metric
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.metrics.curve import PerStride
    from lablive.metrics.metric import Need, StatKey
    from lablive.metrics.record import StrideRecord
    from lablive.metrics.stack import StrideStack
    from lablive.metrics.summary import Sample

STEPS: Final = 10  # in a row (metric reference 3.3)
_LONGEST_STEP: Final = 0.75  # of a stride; a longer one misses a step
_M_TO_CM: Final = 100.0
_SLOPED: Final = "ten steps on a slope"


class Spring(NamedTuple):
    """What the sine-wave model says of a running step.

    Attributes
    ----------
    peak_bw
        Peak force in body weights.
    drop_m
        How far the centre of mass sinks in stance.
    rise_m
        From its lowest point to the apex.
    """

    peak_bw: float
    drop_m: float
    rise_m: float

    def vertical_n_per_m(self, mass_kg: float) -> float:
        """Return the vertical stiffness."""
        return self.peak_bw * mass_kg * STANDARD_GRAVITY / self.drop_m

    def leg_n_per_m(
        self, mass_kg: float, contact_s: float, speed_mps: float, leg_m: float
    ) -> float:
        """Return the leg stiffness; NaN when the leg could not reach so far."""
        half_m = 0.5 * speed_mps * contact_s
        if not half_m < leg_m:
            return NAN
        shortening_m = leg_m - float(np.sqrt(leg_m**2 - half_m**2)) + self.drop_m
        return self.peak_bw * mass_kg * STANDARD_GRAVITY / shortening_m


def spring(contact_s: float, flight_s: float) -> Spring:
    """Return the sine-wave model of a step (Morin 2005, metric reference 3.3).

    Also of hopping in place: the vertical stiffness is that of Dalleau 2004.

    >>> round(spring(0.25, 0.12).peak_bw, 4)
    2.3248
    """
    peak_bw = np.pi / 2 * (flight_s / contact_s + 1.0)
    g = STANDARD_GRAVITY
    drop_m = g * contact_s**2 * (peak_bw / np.pi**2 - 1 / 8)
    return Spring(peak_bw, drop_m, drop_m + g * flight_s**2 / 8)


class _Group(NamedTuple):
    """Ten steps in a row at one speed."""

    contact_s: float
    flight_s: float
    speed_mps: float


def _level(_: Sample) -> str:
    return "model of running on a level belt"


def _model(
    metric_id: str,
    label: str,
    unit: str,
    number: Callable[[Sample, _Group], float],
    needs: tuple[Need, ...] = (),
    **about: Any,
) -> Metric:
    """Return a metric of the spring-mass model."""

    @sample_metric(
        label=label,
        unit=unit,
        skill="landing",
        sensors=("insole", "treadmill"),
        needs=("two feet", "running", *needs),
        remark=_level,
        id=metric_id,
        **about,
    )
    def modelled(sample: Sample) -> Found:
        return of_groups(sample, lambda group: number(sample, group))

    return modelled


def of_groups(sample: Sample, number: Callable[[_Group], float]) -> Found:
    """Return a number of every ten steps in a row.

    Raises
    ------
    NotMeasuredError
        There are no ten steps in a row, or none on a level belt.
    """
    groups = _groups(sample)
    if not groups and sample.memo.get(_SLOPED):
        raise NotMeasuredError("the belt was not level: the model holds for level runs")
    values = np.array([number(group) for group in groups])
    values = values[np.isfinite(values)]
    if not len(values):
        raise NotMeasuredError("needs 10 running steps in a row")
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else NAN
    n, n_total = STEPS * len(values), sample.expected("both")
    stat = Stat(float(np.median(values)), float(np.mean(values)), sd, n, n_total)
    return Found({"both": stat})


def _groups(sample: Sample) -> list[_Group]:
    known = sample.memo.get("ten steps")
    if known is None:
        known = list(_found_groups(sample))
        sample.memo["ten steps"] = known
    return known


def _found_groups(sample: Sample) -> list[_Group]:
    runs = [r for r in sample.valid("both") if r.stride.gait == "run"]
    steps = sorted(runs, key=lambda record: record.stride.ic_s)
    groups: list[_Group] = []
    row: list[StrideRecord] = []
    for step, following in pairwise([*steps, None]):
        assert step is not None
        row.append(step)
        goes_on = following is not None and (
            following.stride.ic_s - step.stride.ic_s
            < _LONGEST_STEP * step.stride.stride_s
        )
        if len(row) == STEPS:
            groups += _group(sample, row)
            row = []
        if not goes_on:
            row = []
    return groups


def _group(sample: Sample, row: list[StrideRecord]) -> list[_Group]:
    """Return ten steps as one, none when something is missing or the speed changed.

    Contact and flight times on a slope do not tell the spring (metric reference 0.2).
    """
    contact_s, flight_s = (
        1e-3 * float(np.mean([record.values.get(key, NAN) for record in row]))
        for key in ("contact_time_ms", "flight_time_ms")
    )
    at_s = [record.stride.middle_s for record in row]
    speeds = [sample.belt.at(t_s) for t_s in at_s]
    known = [speed for speed in speeds if speed == speed]
    if not flight_s > 0 or (known and not one_speed(*known)):
        return []
    if any(abs(sample.incline.at(t_s)) > LEVEL_PCT for t_s in at_s):
        sample.memo[_SLOPED] = True
        return []
    return [_Group(contact_s, flight_s, float(np.mean(speeds)))]


def _leg_kn_m(sample: Sample, group: _Group) -> float:
    return 1e-3 * spring(group.contact_s, group.flight_s).leg_n_per_m(
        sample.mass_kg, group.contact_s, group.speed_mps, sample.leg_length_m
    )


def _vertical_kn_m(sample: Sample, group: _Group) -> float:
    model = spring(group.contact_s, group.flight_s)
    return 1e-3 * model.vertical_n_per_m(sample.mass_kg)


@stack_metric(
    label="vertical oscillation of the pelvis",
    unit="cm",
    skill="landing",
    sensors=("pelvis IMU",),
    direction="lower is better",
    citation="6.9",
    signals=("pelvis",),
)
def pelvis_rise_cm(strides: StrideStack) -> PerStride:
    """2 A / w^2 of the pelvis' upward acceleration at the step frequency w."""
    size = np.hypot(*harmonic(vertical_acceleration(strides, "pelvis"), strides, 2))
    turns = 4.0 * np.pi / strides.stride_s
    return 2.0 * _M_TO_CM * size / (turns * turns)


@sample_metric(
    label="vertical oscillation",
    unit="cm",
    skill="landing",
    sensors=("pelvis IMU", "insole"),
    direction="lower is better",
    grade="C",
    citation="6.9; S02",
    needs=("running",),
    formula="2 A / w^2 of the pelvis at the step frequency w; without a pelvis IMU "
    "dy + g tf^2 / 8 of the model",
)
def vert_osc_cm(sample: Sample) -> Found:
    """Return the rise of the pelvis, or of the model where there is no such IMU."""
    if not sample.has_signal("pelvis"):
        found = of_groups(
            sample, lambda it: _M_TO_CM * spring(it.contact_s, it.flight_s).rise_m
        )
        return Found(found.stats, "model of contact and flight times")
    keys: tuple[StatKey, ...] = (*sample.sides, "both")
    stats: dict[StatKey, Stat] = {key: sample.stat(pelvis_rise_cm, key) for key in keys}
    if not any(stat.n for stat in stats.values()):
        raise NotMeasuredError(sample.lacks(pelvis_rise_cm))
    return Found(stats, "from the pelvis IMU")


fmax_model_bw = _model(
    "fmax_model_bw", "model peak force", "BW",
    lambda _, it: spring(it.contact_s, it.flight_s).peak_bw,
    direction="information", grade="B", citation="3.3; S01",
    formula="pi/2 (tf / tc + 1), 10 steps in a row",
)  # fmt: skip
dy_model_cm = _model(
    "dy_model_cm", "sinking in stance (model)", "cm",
    lambda _, it: _M_TO_CM * spring(it.contact_s, it.flight_s).drop_m,
    direction="lower is better", grade="D", citation="3.3; S01",
    formula="Fmax tc^2 / (m pi^2) - g tc^2 / 8, 10 steps in a row",
)  # fmt: skip
kvert_kn_m = _model(
    "kvert_kn_m", "vertical stiffness (model)", "kN/m", _vertical_kn_m,
    direction="information", grade="B", contested=True, citation="3.3; S01, S63",
    needs=("body mass",), formula="Fmax / dy, 10 steps in a row",
)  # fmt: skip
kleg_kn_m = _model(
    "kleg_kn_m", "leg stiffness (model)", "kN/m", _leg_kn_m,
    direction="information", grade="B", contested=True, citation="3.3; S01, S63",
    needs=("body mass", "belt speed", "leg length"),
    formula="Fmax / (L - sqrt(L^2 - (v tc / 2)^2) + dy), 10 steps in a row",
)  # fmt: skip

PARTS: Final[tuple[Metric, ...]] = (pelvis_rise_cm,)
METRICS: Final[tuple[Metric, ...]] = (
    fmax_model_bw,
    dy_model_cm,
    kvert_kn_m,
    kleg_kn_m,
    vert_osc_cm,
)
