"""REF-1 of the metric reference, 9b: every metric of the five skills, and variants."""

from __future__ import annotations

import numpy as np
import pytest
from ref1_truth import brackets
from sample_cases import own
from stride_cases import sample_of, simulated, simulated_sample

from lablive.metrics.registry import METRICS
from lablive.names import SIDES

# id, expected, tolerance; brackets of 9b where it gives them, else of the model
REF1 = brackets(
    {
        "pelvic_drop_deg": 0.5,
        "pelvic_drop_exc_deg": 0.5,
        "pelvis_obliquity_rom_deg": 0.5,
        "pelvic_tilt_rel_deg": 0.5,
        "pelvis_tilt_rom_deg": 0.5,
        "pelvic_tilt_to_deg": 0.5,
        "pelvis_rotation_rom_deg": 0.5,
        "trunk_lean_deg": 0.5,
        "trunk_rotation_rom_deg": 0.5,
        "trunk_pelvis_rom_deg": 0.5,
        "trunk_side_lean_deg": 0.5,
        "spine_flexion_deg": 0.5,
        "head_trunk_pitch_deg": 0.5,
        "head_roll_rom_deg": 0.5,
        "head_sway_ml_cm": 0.05,
        "head_sway_phase_deg": 3.0,
        "thigh_flexion_peak_deg": 0.5,
        "knee_lift_deg": 0.5,
        "thigh_extension_peak_deg": 0.5,
        "thigh_pendulum_ratio": 0.02,
        "hip_flexion_ic_deg": 0.5,
        "thigh_extension_to_deg": 0.5,
        "hip_extension_to_deg": 0.7,
        "thigh_sagittal_pct": 1.0,
        "shank_angle_ic_deg": 0.7,
        "knee_flexion_ic_deg": 0.7,
        "foot_ahead_m": 0.008,
        "foot_ahead_in": 0.3,
        "foot_ahead_leg": 0.008,
        "rear_share_pct": 1.0,
        "tibial_shock_g": 0.35,
        "peak_force_sacral_bw": 0.15,
        "vert_osc_cm": 0.5,
        "foot_progression_deg": 1.5,
        "foot_eversion_excursion_deg": 0.5,
        "foot_thigh_yaw_deg": 0.5,
        "strike_index_pct": 3.0,
        "heel_off_pct_stance": 2.0,
        "toe_last_pct": 0.0,
        "rfs_pct": 0.0,
        "pushoff_share_pct": 0.5,
        "medial_load_pct": 0.5,
        "cop_x_midstance_pct": 0.5,
        "impact_peak_present_pct": 0.0,
        "gmax_onset_ms": 15.0,
        "gmed_onset_ms": 15.0,
        "gmax_burst_present_pct": 0.0,
        "gmed_burst_present_pct": 0.0,
        "emg_quality": 0.0,
    },
)
BOTH = brackets(
    {
        "fmax_model_bw": 0.001,
        "dy_model_cm": 0.01,
        "kvert_kn_m": 0.05,
        "kleg_kn_m": 0.02,
        "footfall_lr_db": 0.2,
        "foot_progression_diff_deg": 1.0,
        "pelvic_drop_diff_deg": 0.5,
        "thigh_extension_diff_deg": 0.5,
        "tibial_shock_si_pct": 1.0,
        "loading_si_pct": 1.0,
        "gmax_si_pct": 10.0,
        "gmed_si_pct": 10.0,
        "sound_latency_ms": 0.1,
        "noise_floor_dba": 0.5,
    },
)


def median(metric_id, side, name="ref1", changes=()):
    found = simulated_sample(name, changes).summarise(METRICS[metric_id])
    assert found.stat(side).n, found.note
    return found.stat(side).median


@pytest.mark.parametrize(("metric_id", "expected", "within"), REF1)
def test_ref1_on_both_sides(metric_id, expected, within):
    for side in SIDES:
        assert median(metric_id, side) == pytest.approx(expected, abs=within + 1e-9)


@pytest.mark.parametrize(("metric_id", "expected", "within"), BOTH)
def test_ref1_of_both_feet(metric_id, expected, within):
    assert median(metric_id, "both") == pytest.approx(expected, abs=within)


def test_ref1_is_heard_on_each_side():
    assert median("footfall_sel_dba", "left") == pytest.approx(72.0, abs=0.3)
    assert median("footfall_sel_dba", "right") == pytest.approx(73.5, abs=0.3)


def test_every_stride_of_ref1_counts():
    sample = simulated_sample()
    for metric_id, *_ in REF1:
        found = sample.summarise(METRICS[metric_id])
        assert found.both.n == found.both.n_total == 23


def test_the_impact_of_the_reference():
    for side in SIDES:
        assert median("impact_peak_present_pct", side, "impact") == 100.0
        # 2.3248 sin(0.1 pi) + 0.8, the tops of both curves not at one instant
        assert median("impact_peak_bw", side, "impact") == pytest.approx(1.55, abs=0.03)
        valr = median("valr_bw_s", side, "impact")
        assert 60.0 < valr <= median("vilr_bw_s", side, "impact") < 120.0


def changed(name):
    """Return the metrics that a variant moves by more than REF-1's own tolerances."""
    moved = set()
    for metric_id, _, within in REF1:
        for side in SIDES:
            ours = simulated_sample(name).summarise(METRICS[metric_id]).stat(side)
            apart = abs(ours.median - median(metric_id, side))
            if not ours.n or apart > max(2 * within, 1e-6):
                moved.add(metric_id)
    return moved


def test_a_dropping_pelvis_moves_the_pelvis_alone():
    assert median("pelvic_drop_deg", "left", "pelvic_drop") == pytest.approx(9, abs=0.5)
    assert median("pelvic_drop_deg", "right", "pelvic_drop") == pytest.approx(
        6, abs=0.5
    )
    diff = median("pelvic_drop_diff_deg", "both", "pelvic_drop")
    assert diff == pytest.approx(-3.0, abs=0.5)
    assert changed("pelvic_drop") == {
        "pelvic_drop_deg", "pelvic_drop_exc_deg", "pelvis_obliquity_rom_deg",
    }  # fmt: skip


def test_overstriding_moves_shank_knee_and_foot():
    assert median("shank_angle_ic_deg", "left", "overstride") == pytest.approx(
        18, abs=1
    )
    assert median("knee_flexion_ic_deg", "left", "overstride") == pytest.approx(
        7, abs=1
    )
    ahead = median("foot_ahead_leg", "left", "overstride")
    assert ahead == pytest.approx(0.276 + 0.0628, abs=0.01)
    assert changed("overstride") == {
        "shank_angle_ic_deg", "knee_flexion_ic_deg", "foot_ahead_m", "foot_ahead_in",
        "foot_ahead_leg", "rear_share_pct",
    }  # fmt: skip


def test_loud_feet_are_heard_and_nothing_else_moves():
    assert changed("loud") == set()
    sample, ref1 = simulated_sample("loud"), simulated_sample()
    found = sample.summarise(METRICS["footfall_sel_dba"])
    assert found.left.median == pytest.approx(80.0, abs=0.3)
    base = {
        side: [own(np.median([r.values["footfall_sel_db"] for r in ref1.valid(side)]))]
        for side in SIDES
    }
    against = sample_of(
        simulated("loud"), baseline={"footfall_sel_db": base}
    ).summarise(METRICS["footfall_rel_db"])
    for side in SIDES:
        assert against.stat(side).median == pytest.approx(8.0, abs=0.2)


def test_a_limp_shows_right_against_left():
    contact = median("contact_time_si_pct", "both", "limp")
    assert contact == pytest.approx(200 * (220 - 250) / 470, abs=0.1)
    impulse = median("impulse_si_pct", "both", "limp")
    assert impulse == pytest.approx(200 * (0.45 - 0.55) / 1.0, abs=0.2)


def test_swapped_legs_show_the_other_leg():
    # when this foot lands the other leg is half a stride away, behind the hip
    flexion = median("hip_flexion_ic_deg", "left", "swapped")
    assert flexion == pytest.approx(6.0 - 19.0, abs=1.0)
    assert median("thigh_extension_to_deg", "left", "swapped") < 0.0
