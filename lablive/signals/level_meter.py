"""Sound level meter: audio in, A-, C- and Z-weighted energy of every millisecond out.

What the microphone driver stores instead of speech (metric reference, sections 5.1
and 11). A row is the mean of the weighted pressure squared over one millisecond, in
the square of the unit of the audio: Pa^2, or FS^2 without a calibrated microphone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

import numpy as np

from lablive.errors import CalibrationError, ConfigError

if TYPE_CHECKING:
    from lablive.messages import Floats

Weighting = Literal["A", "C", "Z"]
WEIGHTINGS: Final[tuple[Weighting, ...]] = get_args(Weighting)  # columns of a row
LEVEL_RATE_HZ: Final = 1000.0

# IEC 61672 pole frequencies in Hz
_LOWEST, _LOW, _MIDDLE, _HIGHEST = 20.598997, 107.65265, 737.86223, 12194.217
_NO_DC_HZ: Final = 2.0  # Z is flat, but a sound card's offset is no sound
_SLOWEST_HZ: Final = 16_000.0  # below, the A curve is over 0.5 dB off at 4 kHz
_HOLE_S: Final = 0.001  # a longer jump of time is lost audio
_SETTLE_ROWS: Final = 20  # after a start: a jump of the wave is no footfall
_TONE_HZ, _TONE_PA = 1000.0, 1.0  # calibrator: 94 dB
_TONE_SHARE: Final = 0.9  # [design] of the power within 900 to 1100 Hz
_LEAST_TONE_S: Final = 1.0
_CLIPPED_FS: Final = 0.98


class LevelRows(NamedTuple):
    """Rows of the meter: ``t_s`` (rows,) begin of each ms, ``level`` (rows, 3)."""

    t_s: Floats
    level: Floats


def weighting_sos(weighting: Weighting, rate_hz: float) -> Floats:
    """Return a frequency weighting as second-order sections, shape (sections, 6).

    Bilinear transform without pre-warping, 0 dB at 1 kHz: within 0.05 dB of
    IEC 61672 up to 4 kHz at 48 kHz, where the energy of footfalls lies.
    """
    sos = np.array([_section(pair, rate_hz) for pair in _PAIRS[weighting]])
    if weighting != "Z":
        z = np.exp(-2j * np.pi * _TONE_HZ / rate_hz * np.arange(3))
        sos[0, :3] /= abs(np.prod((sos[:, :3] @ z) / (sos[:, 3:] @ z)))
    return sos


# poles of every section and its two zeros: z = 1 for s = 0, z = -1 for infinity
_PAIRS: Final[dict[Weighting, tuple[tuple[float, float, float], ...]]] = {
    "A": (
        (_LOWEST, _LOWEST, 1.0),
        (_LOW, _MIDDLE, 1.0),
        (_HIGHEST, _HIGHEST, -1.0),
    ),
    "C": ((_LOWEST, _LOWEST, 1.0), (_HIGHEST, _HIGHEST, -1.0)),
    "Z": ((_NO_DC_HZ, 0.0, 1.0),),
}


def _section(pair: tuple[float, float, float], rate_hz: float) -> list[float]:
    first, second, zero = pair
    p, q = (_digital_pole(hz, rate_hz) for hz in (first, second))
    if not second:  # first order, 0 dB far above its corner
        return [(1 + p) / 2, -(1 + p) / 2 * zero, 0.0, 1.0, -p, 0.0]
    return [1.0, -2 * zero, 1.0, 1.0, -(p + q), p * q]


def _digital_pole(hz: float, rate_hz: float) -> float:
    pole = -2 * np.pi * hz
    return (2 * rate_hz + pole) / (2 * rate_hz - pole)


class LevelMeter:
    """Turn audio into level rows, the same bits for any cut of the stream.

    Parameters
    ----------
    rate_hz
        Sampling rate of the audio.

    Raises
    ------
    ConfigError
        The rate is too low for the weighting curves.
    """

    def __init__(self, rate_hz: float) -> None:
        if rate_hz < _SLOWEST_HZ:
            raise ConfigError(
                f"Audio at {rate_hz:g} Hz is too slow for the A curve.",
                still="Every other stream works.",
                todo="Choose 44100 or 48000 Hz for the microphone.",
            )
        from scipy.signal import sosfilt, sosfilt_zi  # slow to load, so not before

        self._run = sosfilt
        self._rate_hz = rate_hz
        self._sos = [weighting_sos(weighting, rate_hz) for weighting in WEIGHTINGS]
        self._rest = [sosfilt_zi(sos) for sos in self._sos]
        self._zi: list[Floats] = []
        self._last_s = -np.inf
        self._rows = 0  # since the start or the last hole
        self._sample = 0  # of the first pending sample, counted from there
        self._pending_s = np.empty(0)  # samples of the unfinished millisecond
        self._pending: list[Floats] = []

    def feed(self, t_s: Floats, audio: Floats) -> LevelRows:
        """Take the next samples and return the milliseconds they complete.

        Parameters
        ----------
        t_s
            Time of every sample, shape (samples,), increasing.
        audio
            Sound pressure, shape (samples,), in Pa or FS; NaN = missing.

        Returns
        -------
        rows : NaN for 20 ms after the start and after lost audio
        """
        there = np.isfinite(audio)
        t, x = t_s[there], np.asarray(audio, float)[there]
        before = np.concatenate(([self._last_s], t[:-1]))[: len(t)]
        cuts = np.flatnonzero(t - before > _HOLE_S).tolist()
        pieces: list[LevelRows] = []
        for first, end in zip([0, *cuts], [*cuts, len(t)], strict=True):
            if end > first:
                if first in cuts:
                    self._restart(float(x[first]))
                pieces.append(self._meter(t[first:end], x[first:end]))
        if len(t):
            self._last_s = float(t[-1])
        if not pieces:
            return LevelRows(np.empty(0), np.empty((0, len(WEIGHTINGS))))
        return LevelRows(
            np.concatenate([piece.t_s for piece in pieces]),
            np.concatenate([piece.level for piece in pieces]),
        )

    def _restart(self, value: float) -> None:
        """Begin anew as if ``value`` had lasted for ever."""
        self._zi = [rest * value for rest in self._rest]
        self._rows = self._sample = 0
        self._pending_s = np.empty(0)
        self._pending = [np.empty(0) for _ in WEIGHTINGS]

    def _meter(self, t: Floats, x: Floats) -> LevelRows:
        squares: list[Floats] = []
        for index, sos in enumerate(self._sos):
            y, self._zi[index] = self._run(sos, x, zi=self._zi[index])
            squares.append(np.concatenate((self._pending[index], y * y)))
        t = np.concatenate((self._pending_s, t))
        whole = int((self._sample + len(t)) * LEVEL_RATE_HZ / self._rate_hz + 1e-9)
        number = np.arange(self._rows, whole + 1)
        edges = np.ceil(number * self._rate_hz / LEVEL_RATE_HZ - 1e-9).astype(np.intp)
        edges -= self._sample
        starts, end = edges[:-1], int(edges[-1])
        level = np.empty((len(starts), len(WEIGHTINGS)))
        if len(starts):
            lengths = np.diff(edges)
            for index, square in enumerate(squares):
                sums = np.add.reduceat(square[:end], starts)
                level[:, index] = sums / lengths
            level[number[:-1] < _SETTLE_ROWS] = np.nan
        rows = LevelRows(t[starts], level)
        self._pending = [square[end:] for square in squares]
        self._pending_s = t[end:]
        self._sample += end
        self._rows = whole
        return rows


def calibrator_gain(audio_fs: Floats, rate_hz: float) -> float:
    """Return Pa per full scale from a 94 dB, 1 kHz calibrator (reference 5.2).

    Parameters
    ----------
    audio_fs
        Samples with the calibrator on the microphone, shape (samples,), +-1.
    rate_hz
        Sampling rate.

    Raises
    ------
    CalibrationError
        Too short, clipped, or no clear 1 kHz tone.
    """
    x = np.asarray(audio_fs, float)
    problem = ""
    if len(x) < _LEAST_TONE_S * rate_hz:
        problem = f"{len(x) / rate_hz:.1f} s are too short, 1 s is needed"
    elif float(np.max(np.abs(x))) >= _CLIPPED_FS:
        problem = "the input is overdriven: lower its gain"
    else:
        power = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x)))) ** 2
        hz = np.fft.rfftfreq(len(x), 1 / rate_hz)
        tone = power[np.abs(hz - _TONE_HZ) <= 0.1 * _TONE_HZ].sum()
        share = tone / max(float(power.sum()), np.finfo(float).tiny)
        if share < _TONE_SHARE:
            problem = f"only {100 * share:.0f} % of the sound is the 1 kHz tone"
    if problem:
        raise CalibrationError(
            f"The microphone calibration cannot be used: {problem}.",
            still="Levels are given as dB rel.",
            todo="Seat the calibrator, switch it to 94 dB at 1 kHz, repeat.",
        )
    return _TONE_PA / float(np.std(x))
