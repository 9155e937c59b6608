"""Footfalls in strides: latency, noise, audio instead of levels, and why none."""

from __future__ import annotations

import numpy as np
import pytest
from lane_cases import contacts, fed, looked, source, stride

from drivers.sim.runner import Runner, RunnerSettings
from lablive.lanes.sound import SoundLane
from lablive.messages import StreamInfo
from lablive.signals.calibrations import Calibrations
from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import BeltNoise, decibel
from lablive.signals.sound_latency import SoundLatency

LATENCY = SoundLatency("", "front", 0.137, 40, 0.4)
KNOWN = Calibrations(sound_latency=LATENCY)
LEVEL = source("mic_belt.level", (0, 1, 2), "Pa^2")
FIRST_S, STEP_S = 3.37, 0.37
STEPS_S = FIRST_S + STEP_S * np.arange(70)  # the right foot first


@pytest.fixture(scope="module")
def rows():
    runner = Runner(RunnerSettings(standing_s=3.0))
    return runner.window("Sim belt microphone", 0.0, 30.0)


def info(rate_hz=1000.0):
    return StreamInfo(0, "microphone", "Level", rate_hz, ())


def lane(calibrations=KNOWN, at=LEVEL, rate_hz=1000.0, speed_mps=None):
    return SoundLane(at, info(rate_hz), calibrations, speed_mps)


def steps(one, rows, times_s=STEPS_S, per_chunk=400):
    """Return what every step of a fed lane holds."""
    contacts(one, times_s, ("right", "left"))
    fed(one, *rows, per_chunk)
    sides = ("right", "left")
    return [
        looked(one, stride(at_s, sides[number % 2]))
        for number, at_s in enumerate(times_s[:-1].tolist())
    ]


def test_levels_are_those_of_the_runner(rows):
    found = [seen.sound for seen in steps(lane(), rows)][10:60]
    right, left = (np.median([it.a.sel_db for it in found[n::2]]) for n in (0, 1))
    assert right == pytest.approx(73.5, abs=0.5)
    assert left == pytest.approx(72.0, abs=0.5)
    assert {it.a.quality for it in found} == {"clear"}
    assert found[0].noise_db[0] == pytest.approx(62.0 - 6.0, abs=7.0)
    assert found[0].unit == "Pa^2"
    assert found[0].latency_s == 0.137


def test_forty_contacts_tell_the_latency(rows):
    seen = steps(lane(Calibrations()), rows)
    silent = [it for it in seen if it.sound is None]
    assert len(silent) == 39
    assert "latency is not known" in silent[0].lacks["sound"]
    assert seen[-1].sound.latency_s == pytest.approx(0.137, abs=0.002)


@pytest.mark.parametrize("per_chunk", [33, 1000, 10**6])
def test_any_cut_gives_the_same_bits(rows, per_chunk):
    def told(cut):
        found = steps(lane(Calibrations()), rows, per_chunk=cut)
        return [repr(seen.sound) + repr(seen.lacks) for seen in found]

    assert told(per_chunk) == told(400)


def test_noise_that_hides_the_latency_leaves_it_unknown(rows):
    t_s, _ = rows
    noise = np.random.default_rng(1).exponential(1e-3, (len(t_s), 3))
    seen = steps(lane(Calibrations()), (t_s, noise))
    assert all(it.sound is None for it in seen)


def test_the_empty_belt_is_the_noise_until_gaps_were_heard(rows):
    belt = BeltNoise("", "front", 3.0, (1e-4, 2e-4, 3e-4), "Pa^2")
    known = Calibrations(sound_latency=LATENCY, belt_noise=(belt,))
    first = steps(lane(known, speed_mps=3.0), rows)[0].sound
    assert first.noise_db[0] == decibel(1e-4)
    for other in (lane(known, speed_mps=None), lane(known, speed_mps=4.0)):
        assert steps(other, rows)[0].sound.a.quality == "noise not known"


def test_missing_rows_are_told(rows):
    t_s, x = rows
    at_s = STEPS_S[30]
    hole = (t_s > at_s + 0.14) & (t_s < at_s + 0.2)
    seen = steps(lane(), (t_s[~hole], x[~hole]))
    assert seen[30].lacks == {"sound": "sound rows are missing in this stride"}
    assert seen[31].sound is not None


def test_audio_goes_through_the_level_meter():
    rate_hz, at_s = 48_000.0, 1.0
    t_s = np.arange(0.0, 2.5, 1 / rate_hz)
    rng = np.random.default_rng(2)
    heard = np.exp(-np.maximum(t_s - at_s - 0.137, 0) / 0.01) * (t_s > at_s + 0.137)
    x = (0.5 * heard + 1e-3) * rng.standard_normal(len(t_s))
    audio = source("mic_belt.audio", (0,), "FS")
    one = fed(lane(at=audio, rate_hz=rate_hz), t_s, x[:, None], rows=1023)
    found = looked(one, stride(at_s)).sound
    assert found.unit == "FS^2"
    meter = LevelMeter(rate_hz).feed(t_s, x)
    direct = fed(lane(), meter.t_s, meter.level)
    assert repr(found.a) == repr(looked(direct, stride(at_s)).sound.a)


def test_audio_too_slow_for_the_a_curve_says_so():
    one = lane(at=source("mic_belt.audio", (0,), "FS"), rate_hz=8000.0)
    assert one.stream is None
    assert one.ready(stride(1e6))
    assert "too slow for the A curve" in looked(one, stride(1.0)).lacks["sound"]


def test_it_is_ready_when_the_footfall_has_sounded_out(rows):
    t_s, x = rows
    one = lane()
    fed(one, t_s[t_s < 10.4], x[t_s < 10.4])
    assert not one.ready(stride(10.0))
    one.advance(10.5)
    assert one.ready(stride(10.0))
