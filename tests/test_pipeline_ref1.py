"""REF-1 of the metric reference comes back from the insoles within its tolerances."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import run, simulated

from lablive.metrics.derived import symmetry_index_pct
from lablive.metrics.registry import METRICS
from lablive.signals.montage import Subject


@pytest.fixture(scope="module")
def ref1():
    return run(simulated(70.0))[0]


def of(pipeline, metric_id):
    return pipeline.results.sample().summarise(METRICS[metric_id])


@pytest.mark.parametrize(
    ("metric_id", "value", "tolerance"),
    [
        ("cadence_spm", 162.2, 0.3),
        ("stride_time_ms", 740.0, 1.0),
        ("step_time_ms", 370.0, 1.0),
        ("contact_time_ms", 247.0, 2.0),
        ("flight_time_ms", 123.0, 2.0),
        ("swing_time_ms", 493.0, 2.0),
        ("duty_factor_pct", 33.4, 0.5),
        ("peak_force_bw", 2.32, 0.03),
        ("stance_impulse_bw_s", 0.370, 0.005),
        ("strike_index_pct", 18.7, 3.0),
        ("step_length_m", 1.110, 0.005),
        ("step_length_leg", 1.110 / 0.9275, 0.005),
        ("stride_length_m", 2.220, 0.01),
        ("rfs_pct", 100.0, 0.0),
        ("mfs_pct", 0.0, 0.0),
        ("ffs_pct", 0.0, 0.0),
    ],
)
def test_both_feet(ref1, metric_id, value, tolerance):
    found = of(ref1, metric_id)
    for key in ("left", "right", "both"):
        stat = found.stat(key)
        assert stat.median == pytest.approx(value, abs=tolerance), key
        assert stat.n == stat.n_total > 70


@pytest.mark.parametrize(
    "metric_id",
    ["contact_time_si_pct", "step_time_si_pct", "peak_force_si_pct", "impulse_si_pct"],
)
def test_no_asymmetry(ref1, metric_id):
    assert of(ref1, metric_id).both.median == pytest.approx(0.0, abs=1.0)


def test_gain_quality_gait_and_variability(ref1):
    assert of(ref1, "insole_gain_ratio").both.median == pytest.approx(1.0, abs=0.02)
    assert of(ref1, "event_quality_pct").both.median == 100.0
    assert of(ref1, "gait_mode").both.median == 2.0
    assert of(ref1, "gait_mode").note.endswith("run 159")
    assert of(ref1, "stride_time_cv_pct").stat("left").median < 0.1
    assert of(ref1, "contact_time_cv_pct").stat("right").median < 0.2


def test_not_measured_says_why(ref1):
    for metric_id, why in (
        ("double_support_pct", "no double support in running"),
        ("standing_balance_pct", "needs quiet standing on both insoles"),
    ):
        found = of(ref1, metric_id)
        assert (found.both.n, found.note) == (0, why)
        assert np.isnan(found.both.median)


def test_curves_are_kept(ref1):
    record = ref1.strides[20]
    assert record.force_curve.shape == (101,)
    assert record.force_curve.dtype == np.float32
    assert record.force_curve.max() / (70 * 9.80665) == pytest.approx(2.32, abs=0.03)
    assert record.gait_line.shape == (101, 2)
    near_toe_off = record.gait_line[94, 1]
    assert near_toe_off == pytest.approx(0.82, abs=0.03)


def test_contacts_lie_where_they_are_true(ref1):
    for side, first in (("left", 10.74), ("right", 10.37)):
        found = [c.t_s for c in ref1.contacts if c.side == side and c.kind == "ic"]
        true = first + 0.74 * np.arange(len(found))
        assert 1e3 * np.mean(found - true) == pytest.approx(1.7, abs=0.6)


def test_a_weak_gain_is_found_and_mended():
    pipeline = run(simulated(40.0, standing_s=3.0, gain_left=0.8, gain_right=0.8))[0]
    ratio = of(pipeline, "insole_gain_ratio")
    assert ratio.both.median == pytest.approx(1.25, abs=0.02)
    peak = of(pipeline, "peak_force_bw")
    assert peak.both.median == pytest.approx(2.32, abs=0.03)
    assert "insole gain" in peak.note


def test_without_a_mass_the_run_weighs_the_runner():
    lab = simulated(40.0, standing_s=3.0, subject=Subject())
    pipeline = run(lab)[0]
    peak = of(pipeline, "peak_force_bw")
    assert peak.both.median == pytest.approx(2.32, abs=0.03)
    assert "from the run itself" in peak.note
    assert of(pipeline, "insole_gain_ratio").both.n == 0
    assert of(pipeline, "step_length_leg").note == "needs leg length or body height"


def test_too_few_strides_weigh_nobody():
    lab = simulated(8.0, standing_s=3.0, subject=Subject())
    peak = of(run(lab)[0], "peak_force_bw")
    assert peak.both.n == 0
    assert "body mass" in peak.note


def test_a_limp_shows_on_the_right_side():
    pipeline = run(
        simulated(
            40.0,
            standing_s=3.0,
            contact_right_s=0.220,
            step_shift_s=0.020,
            load_share_right=0.45,
        )
    )[0]
    contact = of(pipeline, "contact_time_si_pct").both.median
    assert contact == pytest.approx(symmetry_index_pct(250, 220), abs=0.3)
    step = of(pipeline, "step_time_si_pct").both.median
    assert step == pytest.approx(symmetry_index_pct(350, 390), abs=0.3)
    impulse = of(pipeline, "impulse_si_pct").both.median
    assert impulse == pytest.approx(symmetry_index_pct(0.55, 0.45), abs=0.5)
    assert of(pipeline, "cadence_spm").both.median == pytest.approx(162.16, abs=0.1)


def test_one_foot_alone_still_has_its_own_times():
    lab = simulated(20.0, streams=("left_sole",), standing_s=3.0)
    pipeline = run(lab)[0]
    assert of(pipeline, "contact_time_ms").left.median == pytest.approx(247, abs=2)
    assert of(pipeline, "flight_time_ms").note == "needs both feet"
    assert of(pipeline, "step_length_m").note == "needs both feet"
    assert of(pipeline, "contact_time_si_pct").both.n == 0
