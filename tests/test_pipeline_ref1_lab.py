"""REF-1 with every sensor through the whole pipeline, calibrated by its own stand."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import EMG, IMUS, LEVEL, SITES, SOLES, run, simulated
from ref1_truth import brackets

from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.signals.calibrations import Calibrations
from lablive.signals.emg import EmgSettings, EmgStage
from lablive.signals.emg_reference import Electrode, EmgRecords, rest_from_stand
from lablive.signals.segment_axes import ImuRows
from lablive.signals.segment_calibration import calibrate_segments

STAND_S = (1.0, 9.0)

# id, expected, tolerance: metric reference 9b
REF1 = brackets(
    {
        "cadence_spm": 0.3,
        "contact_time_ms": 2.0,
        "flight_time_ms": 2.0,
        "duty_factor_pct": 0.5,
        "peak_force_bw": 0.03,
        "stance_impulse_bw_s": 0.005,
        "strike_index_pct": 3.0,
        "heel_off_pct_stance": 2.0,
        "toe_last_pct": 0.0,
        "step_length_m": 0.005,
        "pelvic_drop_deg": 0.5,
        "pelvic_drop_exc_deg": 0.5,
        "pelvis_obliquity_rom_deg": 0.5,
        "pelvic_tilt_rel_deg": 0.5,
        "pelvis_tilt_rom_deg": 0.5,
        "pelvic_tilt_to_deg": 0.5,
        "pelvis_rotation_rom_deg": 0.5,
        "trunk_lean_deg": 0.5,
        "trunk_rotation_rom_deg": 0.5,
        "spine_flexion_deg": 0.5,
        "head_sway_ml_cm": 0.05,
        "thigh_flexion_peak_deg": 0.5,
        "thigh_extension_peak_deg": 0.5,
        "thigh_pendulum_ratio": 0.02,
        "thigh_extension_to_deg": 0.5,
        "shank_angle_ic_deg": 1.0,
        "knee_flexion_ic_deg": 1.0,
        "foot_ahead_m": 0.01,
        "foot_ahead_leg": 0.01,
        "rear_share_pct": 1.0,
        "tibial_shock_g": 0.35,
        "foot_progression_deg": 1.5,
        "gmax_onset_ms": 15.0,
        "gmed_onset_ms": 15.0,
        "gmax_burst_present_pct": 0.0,
        "gmed_burst_present_pct": 0.0,
    },
)
BOTH = brackets(
    {
        "insole_gain_ratio": 0.02,
        "fmax_model_bw": 0.02,
        "dy_model_cm": 0.2,
        "kvert_kn_m": 0.8,
        "kleg_kn_m": 0.4,
        "footfall_lr_db": 0.3,
        "sound_latency_ms": 5.0,
        "contact_time_si_pct": 1.0,
        "pelvic_drop_diff_deg": 0.5,
        "foot_progression_diff_deg": 1.0,
        "event_quality_pct": 0.0,
    },
    # of 247 and 123 ms as insoles see them; 2.325 is of the true 250 and 120 ms
    fmax_model_bw=np.pi / 2 * (123 / 247 + 1),
    kvert_kn_m=23.6,
)


def rows_of(lab, name, t0_s, t1_s):
    stream = next(info.id for info in lab.streams if info.name == name)
    t_s, x = lab.rows[stream]
    part = slice(*t_s.searchsorted((t0_s, t1_s)))
    return t_s[part], x[part].astype(np.float64)


def stands(lab):
    found = {}
    for site, name in zip(SITES, IMUS, strict=True):
        t_s, x = rows_of(lab, name, *STAND_S)
        found[site] = ImuRows(t_s, x[:, :3], x[:, 3:])
    return found


def rests(lab):
    settings = EmgSettings(rate_hz=2000.0, notch_hz=50)
    info = next(info for info in lab.streams if info.name == EMG)
    rows = EmgStage(settings, 4).feed(*rows_of(lab, EMG, *STAND_S))
    return tuple(
        rest_from_stand(
            rows, channel, electrode=Electrode(role, "", "", settings.chain), made_at=""
        )
        for channel, role in enumerate(info.labels)
    )


def calibrated(lab):
    """Return what a stand at the start of a trial tells."""
    return Calibrations(
        segments=calibrate_segments(stands(lab), {}, made_at="", aligned=SITES),
        emg=EmgRecords(rests=rests(lab)),
        emg_notch_hz=50,
    )


@pytest.fixture(scope="module")
def ref1():
    lab = simulated(50.0, (*SOLES, *IMUS, EMG, LEVEL))
    return run(lab, calibrations=calibrated(lab))[0]


def of(pipeline, metric_id):
    return pipeline.results.sample().summarise(METRICS[metric_id])


@pytest.mark.parametrize(("metric_id", "expected", "within"), REF1)
def test_on_both_sides(ref1, metric_id, expected, within):
    found = of(ref1, metric_id)
    for side in SIDES:
        stat = found.stat(side)
        assert stat.n > 40, found.note
        assert stat.median == pytest.approx(expected, abs=within + 1e-9)


@pytest.mark.parametrize(("metric_id", "expected", "within"), BOTH)
def test_of_both_feet(ref1, metric_id, expected, within):
    found = of(ref1, metric_id)
    assert found.both.n, found.note
    assert found.both.median == pytest.approx(expected, abs=within)


def test_footfalls_of_each_side(ref1):
    found = of(ref1, "footfall_sel_dba")
    assert found.left.median == pytest.approx(72.0, abs=0.3)
    assert found.right.median == pytest.approx(73.5, abs=0.3)


def test_nothing_is_said_against_the_sensors(ref1):
    assert ref1.findings() == ()


def test_a_sensor_that_is_not_there_is_told_by_name():
    pipeline = run(simulated(20.0, standing_s=3.0))[0]
    assert of(pipeline, "pelvic_drop_deg").note == "needs a pelvis IMU"
    assert "microphone" in of(pipeline, "footfall_sel_dba").note
    assert "EMG" in of(pipeline, "gmax_onset_ms").note
