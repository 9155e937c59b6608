"""Why a metric has no number: the reason that is printed must be the true one."""

from __future__ import annotations

import numpy as np
import pytest
from sample_cases import sample, stride

from lablive.metrics.reasons import of_one_muscle
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS
from lablive.metrics.weight import Weight

BOTH = {
    side: [stride(side, ic_s=k * 0.74) for k in range(30)] for side in ("left", "right")
}


def why(made, name):
    found = made.summarise(METRICS[name])
    assert not found.both.n
    return found.note


@pytest.mark.parametrize(
    "name",
    ["peak_force_bw", "valr_bw_s", "strike_index_pct", "toe_last_pct",
     "insole_gain_ratio", "stance_impulse_bw_s"],
)  # fmt: skip
def test_without_insoles_insoles_are_asked_for(name):
    made = sample(BOTH, force_sides=frozenset(), mass_kg=70.0)
    assert why(made, name) == "needs insoles"


@pytest.mark.parametrize(
    "name",
    ["step_time_ms", "flight_time_ms", "double_support_pct", "contact_time_si_pct",
     "fmax_model_bw", "vert_osc_cm", "insole_gain_ratio", "stride_time_cv_pct"],
)  # fmt: skip
def test_who_only_stood_is_told_that_there_is_no_stride(name):
    assert why(sample({}), name) == "no valid stride"


@pytest.mark.parametrize(
    ("weight", "more", "reason"),
    [
        (Weight(strides=8), {"mass_kg": 70.0}, "needs 20 valid strides of both feet"),
        (Weight(686.0, np.nan, 60), {}, "needs the body mass"),
        (Weight(9.0, np.nan, 60), {"mass_kg": 70.0}, "needs force in newtons"),
        (Weight(), {"force_sides": frozenset(("left",))}, "needs insoles on both feet"),
    ],
)  # fmt: skip
def test_the_gain_ratio_says_what_it_lacks(weight, more, reason):
    assert why(sample(BOTH, weight=weight, **more), "insole_gain_ratio") == reason


def test_what_most_strides_have_is_not_what_lacks():
    def heard(made):
        missing = {"sound": "the microphone's latency is not known"}
        if made.ic_s < 5.0:
            return StrideRecord(made, {}, lacks=missing)
        return StrideRecord(made, {"footfall_sel_db": 70.0})

    made = sample({}, signals=frozenset(("sound",)))
    records = {side: [heard(it) for it in found] for side, found in BOTH.items()}
    made = type(made)(records, made.weight, made.belt, signals=made.signals)
    assert why(made, "footfall_rel_db") == "no baseline was marked"
    deaf = {"left": [heard(it) for it in BOTH["left"][:5]]}
    made = type(made)(deaf, made.weight, made.belt, signals=made.signals)
    assert why(made, "footfall_rel_db") == "the microphone's latency is not known"


def test_each_warning_of_a_muscle_is_said_once():
    told = [
        "gluteus maximus: hum, low SNR, % of the first 20 strides; rest from the run",
        "gluteus maximus: hum, % of the first 20 strides",
    ]
    one = "gluteus maximus: hum, low SNR, % of the first 20 strides, rest from the run"
    assert of_one_muscle(told) == [one]
    assert of_one_muscle([]) == []


def test_vertical_oscillation_says_what_its_sensor_lacks():
    dead = {"pelvis": "the pelvis IMU repeats one row: it measures nothing"}
    records = {
        side: [StrideRecord(it, {}, lacks=dead) for it in found]
        for side, found in BOTH.items()
    }
    made = sample({})
    signals = frozenset(("pelvis",))
    made = type(made)(records, made.weight, made.belt, signals=signals)
    assert why(made, "vert_osc_cm") == dead["pelvis"]


def test_the_foot_without_a_number_says_why():
    dead = {"shank_left": "the left shank IMU repeats one row: it measures nothing"}
    records = {
        "left": [StrideRecord(it, {}, lacks=dead) for it in BOTH["left"]],
        "right": [StrideRecord(it, {"tibial_shock_g": 5.0}) for it in BOTH["right"]],
    }
    made = sample({})
    signals = frozenset(("shank_left", "shank_right"))
    made = type(made)(records, made.weight, made.belt, signals=signals)
    found = made.summarise(METRICS["tibial_shock_g"])
    assert found.right.median == 5.0
    assert found.note.startswith(f"left: {dead['shank_left']}")
