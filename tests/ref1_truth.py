"""What the reference runner REF-1 is, metric by metric (metric reference, 9b)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

TRUTH: Final[dict[str, float]] = {
    "pelvic_drop_deg": 5.0,
    "pelvic_drop_exc_deg": 5.0,
    "pelvis_obliquity_rom_deg": 10.0,
    "pelvic_tilt_rel_deg": 2.0,
    "pelvis_tilt_rom_deg": 6.0,
    "pelvic_tilt_to_deg": -0.9,
    "pelvis_rotation_rom_deg": 12.0,
    "trunk_lean_deg": 8.0,
    "trunk_rotation_rom_deg": 24.0,
    "trunk_pelvis_rom_deg": 36.0,
    "trunk_side_lean_deg": 0.0,
    "spine_flexion_deg": 6.0,
    "head_trunk_pitch_deg": -8.0,
    "head_roll_rom_deg": 0.0,
    "head_sway_ml_cm": 1.39,
    "head_sway_phase_deg": -150.8,
    "thigh_flexion_peak_deg": 35.0,
    "knee_lift_deg": 35.0,
    "thigh_extension_peak_deg": 23.0,
    "thigh_pendulum_ratio": 0.657,
    "hip_flexion_ic_deg": 25.0,
    "thigh_extension_to_deg": 22.6,
    "hip_extension_to_deg": 23.5,
    "thigh_sagittal_pct": 100.0,
    "shank_angle_ic_deg": 10.0,
    "knee_flexion_ic_deg": 15.0,
    "foot_ahead_m": 0.256,
    "foot_ahead_in": 10.1,
    "foot_ahead_leg": 0.276,
    "rear_share_pct": 63.5,
    "tibial_shock_g": 5.65,
    "peak_force_sacral_bw": 2.32,
    "vert_osc_cm": 8.54,
    "foot_progression_deg": 8.0,
    "foot_eversion_excursion_deg": 0.0,
    "foot_thigh_yaw_deg": 0.0,
    "strike_index_pct": 18.7,
    "heel_off_pct_stance": 50.0,
    "toe_last_pct": 100.0,
    "rfs_pct": 100.0,
    "pushoff_share_pct": 100.0,
    "medial_load_pct": 50.0,
    "cop_x_midstance_pct": 0.0,
    "impact_peak_present_pct": 0.0,
    "gmax_onset_ms": -60.0,
    "gmed_onset_ms": -60.0,
    "gmax_burst_present_pct": 100.0,
    "gmed_burst_present_pct": 100.0,
    "emg_quality": 2.0,
    "fmax_model_bw": 2.325,
    "dy_model_cm": 6.78,
    "kvert_kn_m": 23.55,
    "kleg_kn_m": 10.86,
    "footfall_lr_db": 1.5,
    "foot_progression_diff_deg": 0.0,
    "pelvic_drop_diff_deg": 0.0,
    "thigh_extension_diff_deg": 0.0,
    "tibial_shock_si_pct": 0.0,
    "loading_si_pct": 0.0,
    "gmax_si_pct": 0.0,
    "gmed_si_pct": 0.0,
    "sound_latency_ms": 137.0,
    "noise_floor_dba": 62.0,
    "cadence_spm": 162.2,
    "contact_time_ms": 247.0,
    "flight_time_ms": 123.0,
    "duty_factor_pct": 33.4,
    "peak_force_bw": 2.32,
    "stance_impulse_bw_s": 0.37,
    "step_length_m": 1.11,
    "insole_gain_ratio": 1.0,
    "contact_time_si_pct": 0.0,
    "event_quality_pct": 100.0,
    "step_time_si_pct": 0.0,
    "peak_force_si_pct": 0.0,
    "impulse_si_pct": 0.0,
}


def brackets(
    within: Mapping[str, float], **instead: float
) -> list[tuple[str, float, float]]:
    """Return id, expected value and tolerance; ``instead`` replaces a truth."""
    expected = TRUTH | instead
    return [(metric_id, expected[metric_id], by) for metric_id, by in within.items()]
