"""Weighting curves, milliseconds and calibrator of the level meter."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from lablive.errors import CalibrationError, ConfigError
from lablive.signals.level_meter import (
    LevelMeter,
    calibrator_gain,
    weighting_sos,
)

A_48000 = [
    [0.234183042604, -0.468366085207, 0.234183042604, 1, -1.99461445599, 0.994621707],
    [1, -2, 1, 1, -1.89387049472, 0.895159769095],
    [1, 2, 1, 1, -0.22455845806, 0.0126066252715],
]
A_44100 = [
    [0.255587820379, -0.511175640757, 0.255587820379, 1, -1.99413888127, 0.99414746947],
    [1, -2, 1, 1, -1.88490122743, 0.886421471816],
    [1, 2, 1, 1, -0.140536082421, 0.00493759761554],
]


def gain_db(weighting, hz, rate_hz=48000.0):
    _, response = signal.sosfreqz(weighting_sos(weighting, rate_hz), hz, fs=rate_hz)
    return 20 * np.log10(abs(response))


def tone(rate_hz, seconds, hz=1000.0, rms=1.0):
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return t_s, rms * np.sqrt(2) * np.sin(2 * np.pi * hz * t_s)


@pytest.mark.parametrize(("rate_hz", "wanted"), [(48000, A_48000), (44100, A_44100)])
def test_a_weighting_has_the_published_coefficients(rate_hz, wanted):
    assert weighting_sos("A", rate_hz) == pytest.approx(np.array(wanted), abs=2e-8)


def test_weightings_follow_the_standard_up_to_4_khz():
    hz = [63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0]
    a_db = [-26.2, -16.2, -8.7, -3.25, 0.0, 1.2, 0.95]
    c_db = [-0.82, -0.17, -0.03, 0.03, 0.0, -0.17, -0.82]
    assert gain_db("A", hz) == pytest.approx(a_db, abs=0.06)
    assert gain_db("C", hz) == pytest.approx(c_db, abs=0.06)
    assert gain_db("Z", [10.0, 20.0, *hz]) == pytest.approx(0.0, abs=0.2)


@pytest.mark.parametrize("rate_hz", [44100.0, 48000.0])
def test_rows_are_milliseconds_of_mean_squares(rate_hz):
    t_s, audio = tone(rate_hz, 0.5)
    rows = LevelMeter(rate_hz).feed(t_s + 7.0, audio)
    assert len(rows.t_s) == 500
    assert rows.t_s == pytest.approx(7.0 + np.arange(500) * 1e-3, abs=1 / rate_hz)
    assert np.isnan(rows.level[:20]).all()
    energy = rows.level[100:].mean(axis=0)  # of 1 Pa at 1 kHz, whatever the weighting
    assert energy == pytest.approx(1.0, abs=0.002)


def test_an_offset_of_the_sound_card_is_no_sound():
    t_s, audio = tone(48000.0, 0.5, rms=0.01)
    rows = LevelMeter(48000.0).feed(t_s, audio + 0.25)
    assert rows.level[100:].mean(axis=0) == pytest.approx(1e-4, rel=0.01)


@pytest.mark.parametrize("rate_hz", [44100.0, 48000.0])
@pytest.mark.parametrize("seed", range(3))
def test_pieces_equal_the_whole(rate_hz, seed):
    rng = np.random.default_rng(seed)
    t_s = 100.0 + np.arange(20_000) / rate_hz
    t_s[12_345:] += 0.03  # lost audio
    audio = rng.standard_normal(20_000)
    audio[4_000:4_010] = np.nan
    whole = LevelMeter(rate_hz).feed(t_s, audio)
    meter = LevelMeter(rate_hz)
    cuts = np.sort(rng.integers(0, len(t_s) + 1, 60))
    cuts = np.concatenate(([0, 0], cuts, [len(t_s)]))
    pieces = [meter.feed(t_s[a:b], audio[a:b]) for a, b in pairwise(cuts)]
    assert np.array_equal(np.concatenate([p.t_s for p in pieces]), whole.t_s)
    joined = np.concatenate([p.level for p in pieces])
    assert np.array_equal(joined, whole.level, equal_nan=True)


def test_lost_audio_is_missing_and_no_footfall():
    t_s, audio = tone(48000.0, 1.0)
    lost = (t_s > 0.4) & (t_s < 0.47)
    rows = LevelMeter(48000.0).feed(t_s[~lost], audio[~lost])
    missing = np.isnan(rows.level[:, 0])
    assert missing.sum() == 40  # 20 ms after the start, 20 ms after the hole
    assert not ((rows.t_s > 0.401) & (rows.t_s < 0.469)).any()
    settled = rows.level[~missing & (rows.t_s > 0.05)]
    assert settled.max() < 1.2


def test_a_slow_microphone_is_refused():
    with pytest.raises(ConfigError, match="8000 Hz is too slow"):
        LevelMeter(8000.0)


def test_calibrator_gives_pascal():
    _, audio = tone(48000.0, 2.0, rms=0.05)
    noise = 0.002 * np.random.default_rng(0).standard_normal(len(audio))
    assert calibrator_gain(audio + noise, 48000.0) == pytest.approx(20.0, rel=0.002)


@pytest.mark.parametrize(
    ("seconds", "hz", "rms", "why"),
    [
        (0.5, 1000.0, 0.05, "too short"),
        (2.0, 400.0, 0.05, "0 % of the sound is the 1 kHz tone"),
        (2.0, 1000.0, 0.9, "overdriven"),
    ],
)
def test_a_bad_calibration_is_refused(seconds, hz, rms, why):
    _, audio = tone(48000.0, seconds, hz, rms)
    with pytest.raises(CalibrationError, match=why):
        calibrator_gain(np.clip(audio, -1, 1), 48000.0)
