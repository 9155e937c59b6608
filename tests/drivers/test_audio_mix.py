"""Cues to the sample, backdrop without clicks, metronome on its grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.audio_mix import Mix, SoundClock
from lablive.feedback.sounds import BEEPS, beep, noise_loop, resampled
from lablive.live.sounds import Backdrop, Cue

RATE = 8000.0
START_S = 100.0


def rendered(mix: Mix, sizes: list[int]) -> np.ndarray:
    out, done = [], 0
    for size in sizes:
        out.append(mix.render(size, START_S + done / RATE))
        done += size
    return np.concatenate(out)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(1, 900), min_size=4, max_size=20), st.floats(0, 0.3))
def test_a_cue_begins_at_its_sample_however_the_buffers_fall(
    sizes: list[int], after_s: float
) -> None:
    sizes = [*sizes, 4000]
    mix = Mix(RATE)
    mix.play(Cue("go", START_S + after_s, "go"))
    wave = beep("go", RATE)
    out = rendered(mix, sizes)
    first = int(np.flatnonzero(out)[0])
    (told,) = mix.sounded
    assert told.sounded_s is not None
    begin = round((told.sounded_s - START_S) * RATE)
    assert abs(told.sounded_s - (START_S + after_s)) <= 1 / RATE
    assert first - begin <= 1  # the beep's own first sample is zero
    end = min(begin + len(wave), len(out))
    np.testing.assert_array_equal(out[begin:end], wave[: end - begin])


def test_a_cue_whose_time_is_over_sounds_at_once_and_tells_the_true_time() -> None:
    mix = Mix(RATE)
    mix.play(Cue("late", START_S - 3.0))
    mix.render(80, START_S)
    assert mix.sounded[0].planned_s == START_S - 3.0
    assert mix.sounded[0].sounded_s == START_S


def test_cues_that_wait_when_all_is_silenced_are_told_as_never_sounded() -> None:
    mix = Mix(RATE)
    mix.play(Cue("later", START_S + 5.0))
    mix.play(Cue("now", START_S))
    mix.backdrop = Backdrop(noise=1.0)
    mix.render(80, START_S)
    mix.silence()
    out = rendered(mix, [800, 800])
    assert [(told.id, told.sounded_s) for told in mix.sounded] == [
        ("now", START_S),
        ("later", None),
    ]
    assert not out[800:].any()
    assert abs(out[799]) < 0.01  # faded, not cut


@given(st.floats(60, 220), st.floats(0.0, 1.0))
@settings(deadline=None, max_examples=40)
def test_beats_lie_on_their_grid(pace: float, after_s: float) -> None:
    mix = Mix(RATE)
    first_s = START_S + after_s
    mix.backdrop = Backdrop(beats_per_min=pace, first_beat_s=first_s)
    out = rendered(mix, [370] * 100)
    wave = beep("beat", RATE)
    found = np.correlate(out, wave, "valid")
    wanted = np.arange(first_s, START_S + 4.5, 60 / pace)
    for at_s in wanted:
        place = round((at_s - START_S) * RATE)
        near = found[max(0, place - 20) : place + 21]
        assert abs(int(np.argmax(near)) + max(0, place - 20) - place) <= 1
    total = np.flatnonzero(found > 0.9 * found.max())
    assert len(np.split(total, np.flatnonzero(np.diff(total) > 100) + 1)) >= len(wanted)


def test_a_new_pace_goes_on_from_the_beat_before() -> None:
    mix = Mix(RATE)
    mix.backdrop = Backdrop(beats_per_min=160, first_beat_s=START_S)
    done = rendered(mix, [400] * 22)  # 1.1 s: beats at 0, 0.375, 0.75
    mix.backdrop = Backdrop(beats_per_min=120)
    out, at = [done], len(done)
    for _ in range(30):
        out.append(mix.render(400, START_S + at / RATE))
        at += 400
    found = np.correlate(np.concatenate(out), beep("beat", RATE), "valid")
    peaks = [
        round(1e3 * k / RATE)
        for k in range(1, len(found) - 1)
        if found[k] > 0.9 * found.max()
        and found[k] >= found[max(0, k - 50) : k + 50].max()
    ]
    assert peaks[:2] == [375, 750]  # the one at zero has no sample before it
    assert peaks[2] - peaks[1] == 500
    assert np.ptp(np.diff(peaks[2:])) <= 1


def test_loudness_changes_without_a_step() -> None:
    mix = Mix(RATE)
    mix.backdrop = Backdrop(tone=1.0, tone_hz=100.0)
    rendered(mix, [800])
    mix.backdrop = Backdrop(tone=0.2, tone_hz=100.0)
    out = rendered(mix, [800, 800])
    assert (
        np.abs(np.diff(out)).max() < 2 * np.pi * 100 / RATE
    )  # the sine's own steepest
    assert np.abs(out[800:]).max() == pytest.approx(0.1, abs=0.01)


def test_nothing_is_louder_than_full_scale() -> None:
    mix = Mix(RATE)
    mix.backdrop = Backdrop(noise=1.0, tone=1.0, beats_per_min=200)
    for name in BEEPS:
        mix.play(Cue(name, START_S, name))
    out = rendered(mix, [500] * 10)
    assert np.abs(out).max() <= 0.98


def test_noise_repeats_without_a_seam_and_is_no_hiss() -> None:
    wave = noise_loop(RATE)
    steps = np.abs(np.diff(wave))
    assert abs(wave[0] - wave[-1]) <= steps.max()
    power = np.abs(np.fft.rfft(wave)) ** 2
    hz = np.fft.rfftfreq(len(wave), 1 / RATE)
    assert power[hz < 190].sum() < 1e-6 * power.sum()


def test_words_keep_their_pitch_at_another_rate() -> None:
    t_s = np.arange(2205) / 22050
    tone = np.sin(2 * np.pi * 500 * t_s).astype(np.float32)
    out = resampled(tone, 22050, 48000)
    assert len(out) == 4800
    assert np.argmax(np.abs(np.fft.rfft(out))) == 50


def test_the_clock_of_samples_is_steadier_than_what_each_call_is_told() -> None:
    rng = np.random.default_rng(0)
    clock, late = SoundClock(RATE), []
    for k in range(400):
        true_s = START_S + k * 0.01
        called_s = true_s - 0.05 + rng.exponential(0.002)
        told = 0.05 + rng.normal(0, 0.003) if k % 50 else 40.0  # nonsense now and then
        late.append(clock.first_s(80, called_s, told, 0.05) - true_s)
    assert np.std(late[100:]) < 0.001
    assert abs(np.mean(late[100:])) < 0.004


def test_nothing_is_known_while_the_system_fills_its_buffers() -> None:
    clock = SoundClock(RATE)
    calls = [(0.0, 0.00), (0.08, 0.01), (0.08, 0.02), (0.09, 0.0), (0.09, 0.01)]
    calls += [(1.70 + 0.01 * k, 0.09) for k in range(30)]
    steady = []
    for called_s, delay_s in calls:
        clock.first_s(80, START_S + called_s, delay_s, 0.05)
        steady.append(clock.is_steady)
    assert not any(steady[:14])
    assert steady[-1]
    true_s = START_S + 1.70 + 0.01 * 30 + 0.09
    assert clock.first_s(80, true_s - 0.09, 0.09, 0.05) == pytest.approx(
        true_s, abs=1e-3
    )


def test_lost_samples_move_the_clock_after_a_few_calls() -> None:
    clock = SoundClock(RATE)
    for k in range(300):
        clock.first_s(80, START_S + k * 0.01, 0.05, 0.05)
    told = [
        clock.first_s(80, START_S + k * 0.01 + 0.2, 0.05, 0.05) - (START_S + k * 0.01)
        for k in range(300, 320)
    ]
    assert told[0] == pytest.approx(0.05, abs=1e-6)
    assert told[-1] == pytest.approx(0.25, abs=1e-6)


def test_since_when_a_backdrop_is_heard_is_told():
    mix = Mix(1000.0)
    mix.render(10, 5.0)
    assert mix.backdrop_s is None
    mix.backdrop = Backdrop(noise=0.5)
    mix.render(10, 5.01)
    mix.render(10, 5.02)
    assert mix.backdrop_s == 5.01
    mix.silence()
    mix.render(10, 5.03)
    assert mix.backdrop_s == 5.03
