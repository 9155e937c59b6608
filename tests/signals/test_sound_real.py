"""Real footsteps through the level meter: materials differ, the same one repeats."""

import numpy as np
import pytest

from lablive.signals.level_meter import LevelMeter
from lablive.signals.sound import footfall, weighted
from lablive.signals.sound_latency import estimate_latency


@pytest.fixture(scope="module")
def soundfile():
    return pytest.importorskip("soundfile", reason="soundfile decodes the footsteps")


@pytest.fixture(scope="module")
def footsteps(real_data):
    folder = real_data / "footstep_samples_minetest"
    if not folder.is_dir():
        pytest.skip(f"the footstep samples are not in {folder}")
    return folder


def measure(soundfile, path):
    """Return A, C and Z exposure levels of one recorded footstep, dB rel."""
    audio, rate_hz = soundfile.read(path)
    quiet = np.zeros(round(0.2 * rate_hz))
    audio = np.concatenate([quiet, audio, quiet])
    t_s = np.arange(len(audio)) / rate_hz
    rows = LevelMeter(rate_hz).feed(t_s, audio)
    begin_s = t_s[np.argmax(np.abs(audio) > 0.1 * np.abs(audio).max())]
    falls = [footfall(rows.t_s, weighted(rows.level, w), begin_s) for w in "ACZ"]
    return [fall.sel_db for fall in falls]


def test_grounds_sound_as_they_should(soundfile, footsteps):
    a, thud = {}, {}
    for ground in ("grass", "gravel", "sand", "hard", "snow"):
        files = sorted(footsteps.glob(f"default_{ground}_footstep.*.ogg"))
        levels = np.array([measure(soundfile, path) for path in files])
        assert len(levels) >= 3
        assert np.isfinite(levels).all()
        a[ground], thud[ground] = levels[:, 0], levels[:, 1] - levels[:, 0]
        assert np.ptp(a[ground]) < 7.0  # the same ground again
    assert a["grass"].max() + 8 < a["gravel"].min()
    assert a["gravel"].max() + 5 < a["sand"].min()
    # the A weighting hears little of a thud
    assert thud["hard"].min() > 4.0
    assert thud["snow"].min() > 3.0
    assert np.abs(thud["gravel"]).max() < 2.0


def test_latency_of_real_footsteps(soundfile, footsteps):
    rate_hz = 44_100
    rng = np.random.default_rng(0)
    samples = [
        soundfile.read(footsteps / f"default_hard_footstep.{n}.ogg")[0]
        for n in (1, 2, 3)
    ]
    ic_s = 1.0 + 0.37 * np.arange(40)
    audio = 0.002 * rng.standard_normal(round(17 * rate_hz))
    for number, contact_s in enumerate(ic_s):
        sample = samples[number % 3]
        first = round((contact_s + 0.085) * rate_hz)
        audio[first : first + len(sample)] += sample[: len(audio) - first]
    t_s = np.arange(len(audio)) / rate_hz
    rows = LevelMeter(rate_hz).feed(t_s, audio)
    found = estimate_latency(
        rows.t_s,
        weighted(rows.level, "A"),
        ic_s,
        made_at="2026-05-04T10:00:00+02:00",
        microphone="front",
    )
    assert found.steps == 40
    # begin of the sound to its loudest millisecond
    assert 0.085 <= found.latency_s <= 0.105
