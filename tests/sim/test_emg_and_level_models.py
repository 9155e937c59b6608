"""Simulated EMG bursts and footfall sound: levels and times of REF-1."""

import numpy as np
import pytest

from drivers.sim import emg_model, gait_model, level_model
from drivers.sim.noise import band_noise, band_pass
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS, RunnerSettings

QUIET_WIRES = RunnerSettings(emg_hum=0.0, emg_cable=0.0)


def decibel(energy: float) -> float:
    return 10 * np.log10(energy / level_model.REFERENCE_PA2)


def test_bursts_surround_every_contact() -> None:
    t_s = np.arange(0.0, 20.0, 1e-4)
    for side in ("left", "right"):
        on = emg_model.burst(QUIET_WIRES, side, t_s) > 0
        starts = t_s[1:][on[1:] & ~on[:-1]]
        ends = t_s[1:][~on[1:] & on[:-1]]
        contacts = [
            event.t_s
            for event in gait_model.true_events(QUIET_WIRES, 0.0, 20.06)
            if event.side == side and event.kind == "ic"
        ]
        assert starts == pytest.approx(np.array(contacts) - 0.060, abs=2e-4)
        assert ends == pytest.approx(
            [ic + 0.110 for ic in contacts if ic + 0.110 < t_s[-1]], abs=2e-4
        )


def test_emg_strength_in_rest_and_in_the_burst() -> None:
    t_s, x = Runner(QUIET_WIRES).window("Sim EMG", 0.0, 40.0)
    for column, (_, side) in enumerate(emg_model.CHANNELS):
        on = emg_model.burst(QUIET_WIRES, side, t_s) > 0
        rest = np.std(x[~on, column])
        fire = np.sqrt(np.var(x[on, column]) - rest**2)
        assert rest == pytest.approx(5e-6, rel=0.05)
        assert 20 * np.log10(fire / rest) == pytest.approx(12.0, abs=0.5)


def test_hum_and_cable_motion_are_there() -> None:
    _, x = Runner(RUNNERS["ref1"]).window("Sim EMG", 15.0, 35.0)
    power = np.abs(np.fft.rfft(x[:, 0])) / len(x) * 2
    assert power[50 * 20] == pytest.approx(3 * 5e-6, rel=0.1)
    assert power[27] == pytest.approx(20 * 5e-6, rel=0.1)  # 1.35 Hz


def test_band_noise_has_unit_rms_and_no_seam() -> None:
    kernel = band_pass(30.0, 300.0, 2000.0, 511)
    x = np.concatenate([band_noise(1, "x", block, 1280, kernel) for block in range(20)])
    assert np.std(x) == pytest.approx(1.0, abs=0.03)
    power = np.abs(np.fft.rfft(x)) ** 2
    hz = np.fft.rfftfreq(len(x), 1 / 2000.0)
    outside = power[(hz < 20) | (hz > 320)].sum() / power.sum()
    assert outside < 2e-3


def test_footfall_energy_and_latency_are_those_of_ref1() -> None:
    settings = RUNNERS["ref1"]
    t_s, level = Runner(settings).window("Sim belt microphone", 0.0, 40.0)
    noise = 4e-10 * 10**6.2
    assert decibel(level[t_s < 10, 0].mean()) == pytest.approx(62.0, abs=0.1)
    for side, sel in (("left", 72.0), ("right", 73.5)):
        found = []
        for event in gait_model.true_events(settings, 12.0, 39.0):
            if event.side == side and event.kind == "ic":
                heard = event.t_s + settings.sound_latency_s
                window = (t_s >= heard - 0.020) & (t_s < heard + 0.130)
                energy = level[window, 0].sum() * 1e-3 - noise * 0.150
                found.append(decibel(energy))
                onset = (t_s >= heard - 0.020) & (t_s < heard - 0.001)
                assert level[onset, 0].mean() < 3 * noise
        assert np.mean(found) == pytest.approx(sel, abs=0.3)


def test_c_and_z_weighting_hear_more() -> None:
    _, level = Runner(RUNNERS["ref1"]).window("Sim belt microphone", 12.0, 30.0)
    a, c, z = level.mean(axis=0)
    assert a < c < z
