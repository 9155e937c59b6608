"""Sounds as sample arrays: beeps, metronome clicks, noise. No device, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Wave = NDArray[np.float32]

Beep = Literal["ready", "go", "stop", "good", "poor", "beat"]
BEEPS: Final[tuple[Beep, ...]] = get_args(Beep)

# (Hz, s) one after the other; good rises, poor falls, so that no one depends on pitch
_NOTES: Final[dict[Beep, tuple[tuple[float, float], ...]]] = {
    "ready": ((660.0, 0.12),),
    "go": ((990.0, 0.35),),
    "stop": ((440.0, 0.12), (0.0, 0.06), (440.0, 0.12), (0.0, 0.06), (440.0, 0.25)),
    "good": ((660.0, 0.10), (990.0, 0.15)),
    "poor": ((660.0, 0.10), (440.0, 0.15)),
    "beat": ((1200.0, 0.025),),
}
_PEAK: Final = 0.5
_EDGE_S: Final = 0.004  # rise and fall: a hard edge would click
_NOISE_S: Final = 2.0
_NOISE_HZ: Final = (200.0, 4000.0)  # what a runner hears beside a belt


def beep(name: Beep, rate_hz: float) -> Wave:
    """Return a beep, shape (samples,), full scale 1; it begins to sound at once."""
    return np.concatenate([_note(hz, seconds, rate_hz) for hz, seconds in _NOTES[name]])


def _note(hz: float, seconds: float, rate_hz: float) -> Wave:
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    edge = np.clip(np.minimum(t_s, t_s[-1] - t_s) / _EDGE_S, 0.0, 1.0)
    return (_PEAK * edge * np.sin(2 * np.pi * hz * t_s)).astype(np.float32)


def noise_loop(rate_hz: float) -> Wave:
    """Return noise of peak 1 that can be repeated without a seam, shape (samples,).

    Made in the frequency domain: every bin is a whole number of turns per loop.
    """
    count = round(_NOISE_S * rate_hz)
    hz = np.fft.rfftfreq(count, 1.0 / rate_hz)
    is_heard = (hz >= _NOISE_HZ[0]) & (hz <= _NOISE_HZ[1])
    turn = np.random.default_rng(1).uniform(0.0, 2 * np.pi, len(hz))
    # falls with frequency as footfalls and water do; white noise is hard to bear
    size = np.where(is_heard, 1.0 / np.sqrt(np.maximum(hz, 1.0)), 0.0)
    wave = np.fft.irfft(size * np.exp(1j * turn), count)
    return (wave / np.abs(wave).max()).astype(np.float32)


def resampled(wave: Wave, from_hz: float, to_hz: float) -> Wave:
    """Return a spoken wave, shape (samples,), at the rate of the loudspeaker."""
    if from_hz == to_hz or not len(wave):
        return wave
    t_s = np.arange(round(len(wave) * to_hz / from_hz)) / to_hz
    known_s = np.arange(len(wave)) / from_hz
    return np.interp(t_s, known_s, wave).astype(np.float32)
