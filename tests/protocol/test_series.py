"""Per-stride values: from records, in time order, holes left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from protocol_cases import series

from lablive.gait.strides import Stride
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import Sample
from lablive.metrics.weight import Weight
from lablive.protocol.series import on_ratio_scale, series_of


def record(side, ic_s, *, valid=True, **values):
    stride = Stride(
        side=side,
        ic_s=ic_s,
        to_s=ic_s + 0.25,
        next_ic_s=ic_s + 0.74,
        opposite_ic_s=ic_s + 0.37,
        opposite_to_s=None,
        valid=valid,
        reasons=() if valid else ("gap",),
        source="insole",
        gait="run",
        expected=1,
    )
    return StrideRecord(stride, values)


def sample(left, right, *, belt):
    return Sample(
        records={"left": left, "right": right},
        weight=Weight(value=700.0),
        belt=belt,
        leg_length_m=0.9,
    )


LEFT = [record("left", 0.0, contact_time_ms=250.0, peak_force_bw=1400.0)]
RIGHT = [
    record("right", 0.37, contact_time_ms=240.0, peak_force_bw=1750.0),
    record("right", 1.11, valid=False, contact_time_ms=999.0),
    record("right", 1.85, contact_time_ms=np.nan),
]
BELT = BeltSpeed(3.0, streams=False)


def test_valid_strides_that_have_a_value_in_time_order():
    made = series_of(sample(RIGHT, LEFT, belt=BELT), METRICS["contact_time_ms"], "both")
    assert made.values.tolist() == [250.0, 240.0]
    assert made.t_s == pytest.approx([0.74, 1.11])
    assert made.speed_mps.tolist() == [3.0, 3.0]
    assert made.sources.tolist() == ["insole", "insole"]
    assert (made.metric_id, made.unit, made.key) == ("contact_time_ms", "ms", "both")
    assert made.direction == METRICS["contact_time_ms"].direction


@pytest.mark.parametrize(
    "metric_id", ["contact_time_ms", "peak_force_bw", "stride_length_m"]
)
def test_the_same_values_as_a_summary(metric_id):
    metric = METRICS[metric_id]
    made = sample(LEFT, RIGHT, belt=BELT)
    for key in ("left", "right", "both"):
        got = sorted(series_of(made, metric, key).values)
        assert got == sorted(made.values(metric, key))
    assert series_of(made, metric, "left").n == 1


def test_speed_of_the_middle_of_the_stride_unknown_before_it_is_told():
    belt = BeltSpeed(None, streams=True)
    belt.feed(np.array([0.5]), np.array([2.5]))
    made = series_of(sample(LEFT, RIGHT, belt=belt), METRICS["contact_time_ms"], "both")
    assert np.isnan(made.speed_mps[0])
    assert made.speed_mps[1] == 2.5


def test_values_without_a_number_are_left_out_and_inputs_stay():
    t_s = np.array([3.0, 1.0, 2.0, np.nan])
    made = series(t_s, [30.0, np.inf, 20.0, 1.0], speed_mps=[3, 2, np.nan, 1])
    assert made.t_s.tolist() == [2.0, 3.0]
    assert made.values.tolist() == [20.0, 30.0]
    assert made.speed_mps[1] == 3.0
    assert t_s.tolist()[:3] == [3.0, 1.0, 2.0]
    assert made.between(2.0, 3.0).n == 1


def test_quantities_without_a_true_zero():
    assert on_ratio_scale("contact_time_ms", "ms")
    assert on_ratio_scale("gmax_drive_pct", "%")
    for metric_id, unit in [
        ("pelvic_drop_deg", "deg"),
        ("footfall_rel_db", "dB"),
        ("contact_time_si_pct", "%"),
        ("gmax_onset_ms", "ms"),
    ]:
        assert not on_ratio_scale(metric_id, unit)


def test_statistics_do_not_load_scipy_before_they_need_it():
    room = Path(__file__).parents[2] / "lablive" / "protocol"
    names = [f"lablive.protocol.{path.stem}" for path in room.glob("[a-z]*.py")]
    code = f"import sys, {', '.join(names)}; sys.exit('scipy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=60)
    assert done.returncode == 0
