"""Force and foot metrics of hand-made strides."""

from __future__ import annotations

import numpy as np
import pytest
from sample_cases import sample, stride

from lablive.metrics.metric import StrideData, StrideForce, StridePressure
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS
from lablive.metrics.shared import NotMeasuredError
from lablive.metrics.weight import Weight, WeightCheck

WEIGHT_N = 70 * 9.80665


def half_sine(made, rate_hz=1000.0):
    t = np.arange(made.ic_s - 0.02, made.next_ic_s, 1 / rate_hz)
    u = (t - made.ic_s) / (made.to_s - made.ic_s)
    peak = WEIGHT_N * np.pi / 2 * 0.37 / 0.25
    force = np.where((u >= 0) & (u <= 1), peak * np.sin(np.pi * u), 0.0)
    return StrideForce(t, force, WEIGHT_N)


def value(metric_id, data):
    return METRICS[metric_id].of_stride(data)


def test_peak_and_impulse_of_the_reference_runner():
    made = stride(ic_s=5.0)
    data = StrideData(made, half_sine(made))
    assert value("peak_force_bw", data) / WEIGHT_N == pytest.approx(2.3248, abs=1e-3)
    impulse = value("stance_impulse_bw_s", data) / WEIGHT_N
    assert impulse == pytest.approx(0.370, abs=1e-4)


def pressure(made, y, load, rate_hz=200.0):
    t = np.arange(made.ic_s, made.to_s, 1 / rate_hz)
    xy = np.column_stack([np.zeros(len(t)), np.broadcast_to(y, len(t))])
    line = np.column_stack([np.linspace(-0.1, 0.05, 101), np.linspace(0.1, 0.9, 101)])
    return StridePressure(t, xy, np.full(len(t), load), 0.1 * WEIGHT_N, line)


@pytest.mark.parametrize(("y", "index"), [(0.12, 12.0), (0.435, 43.5), (0.75, 75.0)])
def test_strike_index(y, index):
    made = stride(ic_s=3.0)
    data = StrideData(made, None, pressure(made, y, 300.0))
    assert value("strike_index_pct", data) == pytest.approx(index)
    faint = StrideData(made, None, pressure(made, y, 30.0))
    with pytest.raises(NotMeasuredError, match="the insole sends 200 per second"):
        value("strike_index_pct", faint)


def test_gait_line_width():
    made = stride()
    data = StrideData(made, None, pressure(made, 0.2, 300.0))
    assert value("cop_ml_excursion_pct", data) == pytest.approx(15.0)


def with_strikes(*indices):
    records = [StrideRecord(stride(), {"strike_index_pct": at}) for at in indices]
    made = sample({})
    return type(made)({"left": records}, made.weight, made.belt, cells=True)


def test_strikes_are_counted_by_class():
    made = with_strikes(12.0, 33.0, 43.5, 59.9, 60.0, 75.0, 90.0, np.nan)
    shares = {k: made.summarise(METRICS[k]).stat("left") for k in
              ("rfs_pct", "mfs_pct", "ffs_pct")}  # fmt: skip
    assert [round(s.median) for s in shares.values()] == [29, 29, 43]
    assert {(s.n, s.n_total) for s in shares.values()} == {(7, 8)}


def check(standing, left_bw, right_bw, strides=12, side_names=("left", "right")):
    weighed = WeightCheck(standing)
    for number in range(strides):
        for name, bw in zip(side_names, (left_bw, right_bw), strict=True):
            made = stride(side=name, ic_s=0.74 * number)
            weighed.add(made, bw * WEIGHT_N * 0.74 / 2)
    return weighed.at(1e9)


def test_running_weighs_the_runner():
    found = check(np.nan, 1.0, 1.0)
    assert found.value == pytest.approx(WEIGHT_N)
    assert "from the run itself" in found.note
    assert np.isnan(found.ratio)
    assert found.strides == 24


def test_a_good_standing_gain_stays():
    found = check(WEIGHT_N, 0.95, 0.95)
    assert found == Weight(WEIGHT_N, pytest.approx(1 / 0.95), 24, "")


def test_a_wrong_standing_gain_is_replaced():
    found = check(WEIGHT_N, 0.8, 0.8)
    assert found.ratio == pytest.approx(1.25)
    assert found.value == pytest.approx(0.8 * WEIGHT_N)
    assert "insole gain" in found.note


def test_sides_may_differ():
    assert check(np.nan, 1.1, 0.9).value == pytest.approx(WEIGHT_N)


def test_too_few_strides_or_one_foot_weigh_nobody():
    assert np.isnan(check(np.nan, 1.0, 1.0, strides=9).value)
    assert check(WEIGHT_N, 0.5, 0.5, strides=9).value == WEIGHT_N
    one = WeightCheck(np.nan)
    for number in range(30):
        one.add(stride(ic_s=float(number)), 100.0)
    assert np.isnan(one.at(1e9).value)


def test_a_force_plate_weighs_both_feet():
    names = ("unknown", "unknown")
    assert check(np.nan, 1.0, 1.0, side_names=names).value == pytest.approx(WEIGHT_N)


def test_the_weight_at_a_time_knows_nothing_later():
    weighed = WeightCheck(np.nan)
    for number in range(40):
        for side in ("left", "right"):
            factor = 1.0 if number < 20 else 2.0
            made = stride(side=side, ic_s=0.74 * number)
            weighed.add(made, factor * WEIGHT_N * 0.37)
    assert weighed.at(20 * 0.74 + 0.01).value == pytest.approx(WEIGHT_N)
    assert weighed.at(40 * 0.74 + 0.01).value == pytest.approx(1.5 * WEIGHT_N)
