"""Latency of the microphone: found when it is there, refused when it is not."""

import msgspec
import numpy as np
import pytest

from drivers.sim.chunks import runner_chunks
from drivers.sim.runner import Runner, RunnerSettings
from lablive.errors import CalibrationError
from lablive.signals.sound_latency import SoundLatency, estimate_latency

ABOUT = {"made_at": "2026-05-04T10:00:00+02:00", "microphone": "front"}


def run(seconds=14.0, **settings):
    """Return level rows and initial contacts of a simulated runner."""
    chosen = RunnerSettings(standing_s=1.0, **settings)
    stream = ["Sim belt microphone"]
    chunks = list(runner_chunks(chosen, seconds, streams=stream))
    t_s = np.concatenate([chunk.t_s for chunk in chunks])
    energy = np.concatenate([chunk.x for chunk in chunks])[:, 0].astype(float)
    events = Runner(chosen).events(1.0, seconds)
    ic_s = np.sort([event.t_s for event in events if event.kind == "ic"])
    return t_s, energy, ic_s


@pytest.mark.parametrize("latency_s", [0.010, 0.137, 0.280])
def test_latency_is_found(latency_s):
    found = estimate_latency(*run(sound_latency_s=latency_s), **ABOUT)
    assert found.latency_s == pytest.approx(latency_s, abs=0.003)
    assert found.steps >= 30
    assert found.second_share < 0.5
    text = msgspec.json.encode(found)
    assert msgspec.json.decode(text, type=SoundLatency) == found


@pytest.mark.parametrize("seed", range(5))
def test_latency_10_db_over_the_noise(seed):
    # the loudest 10 ms stand 10 dB out of the noise
    levels = {"sel_left_dba": 53.0, "sel_right_dba": 53.0, "noise_dba": 59.0}
    rows = run(20.0, seed=seed, **levels)
    assert estimate_latency(*rows, **ABOUT).latency_s == pytest.approx(0.137, abs=0.005)


def test_short_steps_narrow_the_search():
    t_s, energy, ic_s = run(stride_s=0.5, sound_latency_s=0.2)
    found = estimate_latency(t_s, energy, ic_s, **ABOUT)
    assert found.latency_s == pytest.approx(0.2, abs=0.003)  # not 0.45 of the next


def test_missing_rows_take_their_steps_out():
    t_s, energy, ic_s = run()
    energy[5000:6000] = np.nan
    lost = (t_s > 8.0) & (t_s < 9.0)
    found = estimate_latency(t_s[~lost], energy[~lost], ic_s, **ABOUT)
    assert found.latency_s == pytest.approx(0.137, abs=0.003)
    assert found.steps <= len(ic_s) - 5


def test_too_few_steps_are_refused():
    t_s, energy, ic_s = run()
    with pytest.raises(CalibrationError, match="19 steps with sound are too few"):
        estimate_latency(t_s, energy, ic_s[:19], **ABOUT)
    with pytest.raises(CalibrationError, match="1 steps are too few"):
        estimate_latency(t_s, energy, ic_s[:1], **ABOUT)
    with pytest.raises(CalibrationError, match="0 steps with sound"):
        estimate_latency(t_s, np.full(len(t_s), np.nan), ic_s, **ABOUT)


def test_sound_that_does_not_follow_the_steps_is_refused():
    t_s, energy, ic_s = run()
    rng = np.random.default_rng(0)
    elsewhere = ic_s + rng.uniform(0.0, 0.3, len(ic_s))
    with pytest.raises(CalibrationError, match=r"alike|stands out"):
        estimate_latency(t_s, energy, np.sort(elsewhere), **ABOUT)


def test_two_sounds_per_step_are_refused():
    t_s, energy, ic_s = run(seconds=14.0)
    echo = np.roll(energy, 90)  # as loud, 90 ms later
    with pytest.raises(CalibrationError, match="two lags are alike"):
        estimate_latency(t_s, energy + echo, ic_s, **ABOUT)


def test_noise_alone_is_refused():
    rows = run(sel_left_dba=20.0, sel_right_dba=20.0)
    with pytest.raises(CalibrationError, match=r"alike|stands out"):
        estimate_latency(*rows, **ABOUT)
