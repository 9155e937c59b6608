"""Sensors put on anyhow and calibrated by the script: REF-1 reads as it should."""

from __future__ import annotations

import pytest
from calibration_lab import END_S, SETTINGS, case

from lablive.messages import Chunk
from lablive.metrics.registry import METRICS
from lablive.pipeline import Pipeline, PipelineSettings

# metric reference 9b
EXPECTED = {
    "pelvic_drop_deg": (5.0, 0.5),
    "pelvic_tilt_rel_deg": (2.0, 0.5),
    "pelvis_tilt_rom_deg": (6.0, 0.5),
    "pelvis_rotation_rom_deg": (12.0, 0.5),
    "trunk_lean_deg": (8.0, 0.5),
    "trunk_rotation_rom_deg": (24.0, 1.0),
    "thigh_flexion_peak_deg": (35.0, 1.0),
    "thigh_extension_peak_deg": (23.0, 1.0),
    "shank_angle_ic_deg": (10.0, 1.0),
    "knee_flexion_ic_deg": (15.0, 1.0),
    "foot_progression_deg": (8.0, 1.5),
    "peak_force_bw": (2.32, 0.03),
    "footfall_sel_dba": (72.75, 1.0),
    "sound_latency_ms": (137.0, 5.0),
}


@pytest.fixture(scope="module")
def sample():
    lab = case().lab()
    calibrations = case().outcome().calibrations
    streams = lab.streams.values()
    pipeline = Pipeline(lab.binding, streams, calibrations, PipelineSettings())
    for stream in sorted(pipeline.wanted):
        t_s, x = lab.rows.window(stream, SETTINGS.standing_s - 2.0, END_S)
        pipeline.feed(Chunk(stream, 0, t_s, x))
    pipeline.finish()
    return pipeline.results.sample()


@pytest.mark.parametrize("metric", EXPECTED)
def test_ref1_through_a_calibration(sample, metric):
    value, tolerance = EXPECTED[metric]
    found = sample.summarise(METRICS[metric])
    assert found.both.n > 60
    assert found.both.median == pytest.approx(value, abs=tolerance)


def test_unequal_gains_of_the_soles_leave_no_asymmetry(sample):
    found = sample.summarise(METRICS["peak_force_si_pct"])
    assert found.both.median == pytest.approx(0.0, abs=1.0)


def test_neutral_tilt_is_known_from_the_pelvic_range(sample):
    # the middle half of -10 to 12 deg holds all of 2 +- 3 deg
    found = sample.summarise(METRICS["pelvic_neutral_pct"])
    assert found.both.median == pytest.approx(100.0, abs=1.0)
