"""The document of all metrics agrees with the program and misses no id."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from lablive.metrics.bands import load_bands
from lablive.metrics.registry import METRICS, PARTS
from lablive.metrics.table import DOCUMENT, ELSEWHERE, document

# section 10 of the metric reference, in its order
REFERENCE = re.findall(
    r"\w+",
    """
gait_mode event_quality_pct sync_error_ms cadence_spm cadence_vs_baseline_pct
cadence_adherence_pct stride_time_ms step_time_ms contact_time_ms flight_time_ms
swing_time_ms duty_factor_pct double_support_pct step_length_m step_length_leg
stride_length_m contact_time_si_pct step_time_si_pct stride_time_cv_pct
contact_time_cv_pct standing_balance_pct insole_gain_ratio peak_force_bw
peak_force_si_pct impact_peak_bw impact_peak_present_pct valr_bw_s vilr_bw_s
loading_si_pct stance_impulse_bw_s impulse_si_pct fmax_model_bw dy_model_cm kvert_kn_m
kleg_kn_m peak_force_sacral_bw tibial_shock_g tibial_shock_res_g tibial_shock_si_pct
strike_index_pct rfs_pct mfs_pct ffs_pct foot_strike_angle_deg cop_path
cop_ml_excursion_pct medial_load_pct cop_x_midstance_pct arch_delta_pct
foot_eversion_excursion_deg toe_last_pct heel_off_pct_stance pushoff_share_pct
foot_progression_deg foot_progression_diff_deg foot_thigh_yaw_deg footfall_rel_db
footfall_sel_dba footfall_peak_dba footfall_lr_db noise_floor_dba sound_latency_ms
pelvic_drop_deg pelvic_drop_exc_deg pelvic_drop_diff_deg pelvis_obliquity_rom_deg
pelvic_tilt_rel_deg pelvis_tilt_rom_deg pelvic_tilt_to_deg pelvic_neutral_pct
pelvis_rotation_rom_deg trunk_lean_deg spine_flexion_deg trunk_rotation_rom_deg
trunk_pelvis_rom_deg trunk_side_lean_deg head_trunk_pitch_deg head_sway_ml_cm
head_sway_phase_deg head_roll_rom_deg head_shock_g shock_attenuation_pct
thigh_flexion_peak_deg thigh_extension_peak_deg thigh_extension_to_deg
thigh_extension_diff_deg thigh_pendulum_ratio thigh_sagittal_pct hip_extension_to_deg
knee_lift_deg hip_flexion_ic_deg knee_flexion_ic_deg shank_angle_ic_deg foot_ahead_m
foot_ahead_in foot_ahead_leg rear_share_pct braking_dv_ms propulsion_dv_ms
shank_forward_max_deg arm_cross_pct vert_osc_cm gmax_drive_pct gmax_pushoff_pct
gmax_stance_mean_pct gmax_stance_peak_pct gmax_peak_time_pct gmax_onset_ms
gmax_burst_present_pct gmax_si_pct gmed_stance_peak_pct gmed_peak_time_pct
gmed_onset_ms gmed_burst_present_pct gmed_si_pct emg_quality calf_glute_ratio
hop_contact_ms jump_height_cm hop_rsi hop_stiffness_kn_m hop_valid_count
landing_peak_bw landing_valr_bw_s landing_rel_db landing_sync_ms landing_share_pct
tts_s lsi_pct sway_cop_mm_s hold_time_s drill_pain_nrs pain_onset_min drift_per_min
block_effect block_effect_dz block_decay_min mdc95 focus_minutes_target
focus_in_target_pct
""",
)


def test_the_document_is_the_one_the_program_writes():
    assert DOCUMENT.read_text(encoding="utf-8") == document(), (
        "run python -m lablive.metrics.table --write"
    )


def test_every_id_of_the_reference_is_here_once():
    assert len(REFERENCE) == len(set(REFERENCE)) == 140
    assert set(REFERENCE) == set(METRICS) | set(ELSEWHERE)
    assert not set(METRICS) & set(ELSEWHERE)
    assert not set(METRICS) & set(PARTS)
    text = DOCUMENT.read_text(encoding="utf-8")
    for metric_id in REFERENCE:
        assert text.count(f"| `{metric_id}` |") == 1


@pytest.mark.parametrize("metric_id", ELSEWHERE)
def test_what_is_computed_elsewhere_is_there(metric_id):
    module, _, name = ELSEWHERE[metric_id].place.partition(":")
    assert hasattr(import_module(module), name)


def test_every_metric_says_how_and_on_what_evidence():
    bands = load_bands().band
    for metric in METRICS.values():
        assert metric.formula
        assert metric.sensors
        band = bands[metric.id]
        if not band.info:  # a coloured band stands on some grade, D = lab default
            assert band.grade == metric.grade != ""


def test_contested_metrics_are_marked():
    for metric_id in (
        "valr_bw_s", "tibial_shock_g", "pelvic_drop_deg", "trunk_lean_deg",
        "thigh_extension_peak_deg", "strike_index_pct", "cadence_spm", "kvert_kn_m",
        "foot_ahead_leg", "arch_delta_pct", "thigh_pendulum_ratio", "gmax_drive_pct",
        "peak_force_bw",
    ):  # fmt: skip
        assert METRICS[metric_id].contested
