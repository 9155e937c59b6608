"""Variants of REF-1 through the whole pipeline: each moves what it must and says so."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import pytest
from pipeline_cases import IMUS, LEVEL, SITES, SOLES, run, simulated
from test_pipeline_ref1_lab import stands

from drivers.sim.settings import RUNNERS
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.signals.calibrations import Calibrations
from lablive.signals.segment_calibration import calibrate_segments

SECONDS = {"dropout": 70.0}
# what no variant but its own may move: id, REF-1, tolerance
KEPT = [
    ("cadence_spm", 162.2, 0.3),
    ("contact_time_ms", 247.0, 2.0),
    ("pelvic_drop_deg", 5.0, 0.5),
    ("pelvic_tilt_rel_deg", 2.0, 0.5),
    ("trunk_lean_deg", 8.0, 0.5),
    ("thigh_flexion_peak_deg", 35.0, 0.5),
    ("shank_angle_ic_deg", 10.0, 1.0),
    ("tibial_shock_g", 5.65, 0.35),
    ("foot_progression_deg", 8.0, 1.5),
    ("peak_force_bw", 2.32, 0.03),
]
MOVED = {
    "limp": {"cadence_spm", "contact_time_ms", "peak_force_bw", "shank_angle_ic_deg"},
    "loud": set(),
    "pelvic_drop": {"pelvic_drop_deg"},
    "overstride": {"shank_angle_ic_deg"},
    "dropout": set(),
}


@cache
def variant(name):
    about = msgspec.structs.asdict(RUNNERS[name])
    lab = simulated(SECONDS.get(name, 34.0), (*SOLES, *IMUS, LEVEL), **about)
    segments = calibrate_segments(stands(lab), {}, made_at="", aligned=SITES)
    return run(lab, calibrations=Calibrations(segments=segments))[0]


def median(name, metric_id, key="both"):
    found = variant(name).results.sample().summarise(METRICS[metric_id])
    assert found.stat(key).n, found.note
    return found.stat(key).median


@pytest.mark.parametrize("name", MOVED)
def test_what_a_variant_leaves_alone(name):
    for metric_id, expected, within in KEPT:
        if metric_id in MOVED[name]:
            continue
        for side in SIDES:
            assert median(name, metric_id, side) == pytest.approx(expected, abs=within)


@pytest.mark.parametrize("name", ["limp", "loud", "pelvic_drop", "overstride"])
def test_nothing_is_said_against_good_sensors(name):
    assert variant(name).findings() == ()


def test_a_limp_is_an_asymmetry():
    assert median("limp", "contact_time_si_pct") == pytest.approx(-12.9, abs=0.5)
    assert median("limp", "step_time_si_pct") == pytest.approx(10.8, abs=0.5)
    assert median("limp", "impulse_si_pct") == pytest.approx(-20.0, abs=0.7)


def test_loud_feet_are_louder():
    assert median("loud", "footfall_sel_dba", "left") == pytest.approx(80.0, abs=0.3)
    assert median("loud", "footfall_sel_dba", "right") == pytest.approx(81.5, abs=0.3)


def test_a_dropping_pelvis_drops_on_its_side():
    assert median("pelvic_drop", "pelvic_drop_deg", "left") == pytest.approx(9, abs=0.5)
    assert median("pelvic_drop", "pelvic_drop_deg", "right") == pytest.approx(
        6, abs=0.5
    )
    diff_deg = median("pelvic_drop", "pelvic_drop_diff_deg")
    assert diff_deg == pytest.approx(-3.0, abs=0.5)


def test_overstriding_puts_the_foot_ahead():
    assert median("overstride", "shank_angle_ic_deg") == pytest.approx(18, abs=1)
    assert median("overstride", "foot_ahead_leg") == pytest.approx(0.339, abs=0.01)
    assert median("overstride", "knee_flexion_ic_deg") == pytest.approx(7, abs=1)


def test_a_lost_insole_is_stood_in_for_and_a_stuck_one_recovers():
    pipeline = variant("dropout")
    lost = [c for c in pipeline.contacts if c.side == "left" and 45 < c.t_s < 47]
    assert {c.source for c in lost if c.kind == "ic"} == {"foot_imu"}
    alone = simulated(70.0, SOLES, left_insole_lost_s=(45.0, 47.0),
                      right_preload_step_at_s=60.0)  # fmt: skip
    sample = run(alone)[0].results.sample()
    quality_pct = sample.summarise(METRICS["event_quality_pct"]).both.median
    assert quality_pct < 95.0  # metric reference 9b; the foot IMU saves the strides
    assert quality_pct < median("dropout", "event_quality_pct") < 100.0
    stuck = [c.t_s for c in pipeline.contacts if c.kind == "stuck"]
    assert [c.side for c in pipeline.contacts if c.kind == "stuck"] == ["right"]
    assert 60.0 < stuck[0] < 63.0
    valid = [
        r.stride.ic_s
        for r in pipeline.strides
        if r.stride.side == "right" and r.stride.valid and r.stride.source == "insole"
    ]
    again_s = min(at_s for at_s in valid if at_s > 60.0)
    assert again_s - 60.0 < 3.0 + 0.74


def test_swapped_legs_are_named():
    texts = " ".join(found.text for found in variant("swapped").findings())
    assert "swapped" in texts
    for part in ("thigh", "foot"):
        assert part in texts
    assert np.isfinite(median("swapped", "cadence_spm"))
