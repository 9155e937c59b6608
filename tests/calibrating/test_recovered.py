"""A scripted calibration against its truth: mounting, bias, gain, noise, latency."""

from __future__ import annotations

import numpy as np
import pytest
from calibration_lab import SETTINGS, case

from drivers.sim import imu_model, script
from lablive.names import SIDES
from lablive.signals.calibrations import calibrations_json, parse_calibrations
from lablive.signals.sound import decibel


@pytest.fixture(scope="module")
def outcome():
    return case().outcome()


def pitch(lean_deg):
    """Return the rotation of a forward lean."""
    a = np.radians(lean_deg)
    return np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])


@pytest.mark.parametrize("site", imu_model.SITES)
def test_axes_of_sensors_put_on_anyhow(outcome, site):
    own = outcome.calibrations.segments.of(site)
    standing = pitch(10.0 if site == "pelvis" else 0.0)  # standing is zero
    truth = standing @ script.mounting(SETTINGS.mounting_seed, site)
    off_deg = np.degrees(np.arccos((np.trace(own.matrix @ truth.T) - 1) / 2))
    assert own.axes_from == "functional"
    assert off_deg < 1.0
    bias = np.array(imu_model.gyro_bias_dps(site))
    sensor = bias @ script.mounting(SETTINGS.mounting_seed, site)
    assert np.degrees(own.gyro_bias_rps) == pytest.approx(sensor, abs=0.02)
    assert own.variance_pct > 95


def test_zero_and_gain_of_each_insole(outcome):
    found = outcome.calibrations.insole
    for side, gain in zip(
        SIDES, (SETTINGS.gain_left, SETTINGS.gain_right), strict=True
    ):
        own = found.of(side)
        assert own.gain == pytest.approx(1 / gain, rel=0.01)
        assert own.zero_n == pytest.approx(20.0, abs=1.0)
        assert (own.zero_from, own.gain_from) == ("unloaded", "single_leg")
    assert found.standing_balance_pct == pytest.approx(50.0, abs=0.5)


def test_pelvic_range(outcome):
    found = outcome.calibrations.segments.pelvic_range
    assert found.anterior_deg == pytest.approx(script.PELVIS_FORWARD_DEG, abs=0.3)
    assert found.posterior_deg == pytest.approx(script.PELVIS_BACK_DEG, abs=0.3)


def test_muscles(outcome):
    records, base_uv = outcome.calibrations.emg, 5.0
    assert outcome.calibrations.emg_notch_hz == 50  # REF-1 has hum
    assert len(records.rests) == 4
    for rest in records.rests:
        # 10 to 500 Hz of noise, of which 20 to 450 Hz are left, the hum taken out
        assert 1e6 * rest.rms == pytest.approx(base_uv * np.sqrt(430 / 490), rel=0.05)
        assert rest.electrode.person == "P7"
    best = {r.electrode.role: r for r in records.references if r.method == "mvc"}
    assert len(best) == 4
    for reference in best.values():
        assert 1e6 * reference.value == pytest.approx(24 * base_uv, rel=0.1)
        assert reference.n == 3
    peaks = [r for r in records.references if r.method == "task peak"]
    assert len(peaks) == 4
    for reference in peaks:
        # 12 dB over the baseline, and what the highest 50 ms of noise reach beyond
        assert 4.0 * base_uv < 1e6 * reference.value < 1.4 * 4.1 * base_uv
        assert reference.speed_mps == 3.0


def test_sound(outcome):
    (noise,) = outcome.calibrations.belt_noise
    assert decibel(noise.energy[0]) == pytest.approx(62.0, abs=0.2)
    assert (noise.speed_mps, noise.unit) == (3.0, "Pa^2")
    latency = outcome.calibrations.sound_latency
    assert latency.latency_s == pytest.approx(0.137, abs=0.005)
    assert latency.microphone == "left of the belt"


def test_every_phase_is_green_but_for_the_hum(outcome):
    verdicts = outcome.verdicts(case().phases)
    assert {v.phase: v.light for v in verdicts if v.light != "green"} == {
        "emg_rest": "amber"
    }
    rest = next(v for v in verdicts if v.phase == "emg_rest")
    assert "50 Hz mains" in rest.notes[0]


def test_the_header_carries_all_of_it(outcome):
    found = outcome.calibrations
    assert parse_calibrations(calibrations_json(found)) == found


def test_parts_by_themselves_give_the_same(outcome):
    lab = case()
    alone = lab.outcome("segments").calibrations
    assert alone.segments == outcome.calibrations.segments
    assert alone.insole is None
