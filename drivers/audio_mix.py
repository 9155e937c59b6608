"""Cues, metronome and feedback sound mixed to samples. No device in it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.feedback.sounds import Beep, beep, noise_loop
from lablive.live.sounds import Backdrop, Cue, Sounded

if TYPE_CHECKING:
    from lablive.feedback.sounds import Wave

_FULL: Final = 0.98
_KEPT: Final = 100  # told cues
_STEADY: Final = 150  # callbacks: a second and a half
_JUMP_S: Final = 0.03
_ODD: Final = 5
_AGREE_S: Final = 0.005
_CALM_S: Final = 0.1
_LONGEST_S: Final = 5.0
_MOST_DELAY_S: Final = 3.0


class _Playing:
    """A cue and how far it has been played."""

    def __init__(self, cue: Cue, wave: Wave, *, spoken: bool) -> None:
        self.cue = cue
        self.wave = wave
        self.spoken = spoken
        self.at = -1  # next sample; -1 = it waits for its time


class Mix:
    """Samples of the loudspeaker, one buffer after the other.

    ``play`` and ``backdrop`` may be set by one thread while another one renders: both
    only exchange whole objects.

    Parameters
    ----------
    rate_hz
        Samples per second.
    """

    def __init__(self, rate_hz: float) -> None:
        self.rate_hz = rate_hz
        self.backdrop = Backdrop()
        self.sounded: deque[Sounded] = deque(maxlen=_KEPT)
        self._new: deque[_Playing] = deque()
        self._playing: list[_Playing] = []
        self._is_silenced = False
        self._noise = noise_loop(rate_hz)
        self._noise_at = 0
        self._turn = 0.0  # of the tone, in radians
        self._levels = np.zeros(2)  # noise and tone at the end of the last buffer
        self._beat: Wave = beep("beat", rate_hz)
        self._next_beat_s = 0.0
        self._beats = Backdrop()  # the one the next beat was worked out for
        self._heard = self.backdrop
        self.backdrop_s: float | None = None  # since when the one of now is heard

    def play(self, cue: Cue, wave: Wave | None = None) -> None:
        """Take a cue, with the samples of its spoken words if there are any."""
        spoken = wave is not None
        kind: Beep = cue.beep
        sound = wave if wave is not None else beep(kind, self.rate_hz)
        level = min(max(cue.level, 0.0), 1.0)
        self._new.append(_Playing(cue, level * sound, spoken=spoken))

    def silence(self) -> None:
        """End every sound with the next buffer; cues that waited never sound."""
        self.backdrop = Backdrop()
        self._is_silenced = True

    def render(self, count: int, first_s: float) -> Wave:
        """Return the next samples, shape (count,).

        Parameters
        ----------
        count
            Samples wanted.
        first_s
            Lab time at which the first of them sounds.
        """
        if self._is_silenced:
            self._is_silenced = False
            self.drop()
        if self.backdrop is not self._heard:
            self._heard, self.backdrop_s = self.backdrop, first_s
        out = self._background(count)
        self._add_beats(out, first_s)
        while self._new:
            self._playing.append(self._new.popleft())
        end_s = first_s + count / self.rate_hz
        for playing in self._playing:
            start = 0
            if playing.at < 0:
                if playing.cue.at_s >= end_s:
                    continue
                start = max(0, round((playing.cue.at_s - first_s) * self.rate_hz))
                if start >= count:  # rounds to the next buffer
                    continue
                playing.at = 0
                sounded_s = first_s + start / self.rate_hz
                cue = playing.cue
                self.sounded.append(
                    Sounded(cue.id, cue.at_s, sounded_s, playing.spoken)
                )
            piece = playing.wave[playing.at : playing.at + count - start]
            out[start : start + len(piece)] += piece
            playing.at += len(piece)
        self._playing = [p for p in self._playing if p.at < len(p.wave)]
        return np.clip(out, -_FULL, _FULL, out=out)

    def drop(self) -> None:
        """Tell every cue that waits as never sounded. Not while another one renders."""
        while self._new:
            self._playing.append(self._new.popleft())
        playing, self._playing = self._playing, []
        self.sounded.extend(
            Sounded(waiting.cue.id, waiting.cue.at_s, None, waiting.spoken)
            for waiting in playing
            if waiting.at < 0
        )

    def _background(self, count: int) -> Wave:
        """Return noise and tone, their loudness brought to the wanted one smoothly."""
        wanted = self.backdrop
        levels = np.clip([wanted.noise, wanted.tone], 0.0, 1.0)
        before, self._levels = self._levels, levels
        if not (before.any() or levels.any()):
            return np.zeros(count, np.float32)
        ramp = np.linspace(before, levels, count, dtype=np.float32)
        places = np.arange(self._noise_at, self._noise_at + count)
        self._noise_at = int(places[-1] + 1) % len(self._noise)
        out = ramp[:, 0] * self._noise.take(places, mode="wrap")
        if before[1] or levels[1]:
            step = 2 * np.pi * wanted.tone_hz / self.rate_hz
            turns = self._turn + step * np.arange(count)
            self._turn = float(turns[-1] + step) % (2 * np.pi)
            out += 0.5 * ramp[:, 1] * np.sin(turns).astype(np.float32)
        return out

    def _add_beats(self, out: Wave, first_s: float) -> None:
        wanted = self.backdrop
        if wanted.beats_per_min <= 0:
            self._beats = wanted
            return
        period_s = 60.0 / wanted.beats_per_min
        if wanted is not self._beats:
            self._plan_beats(wanted, period_s, first_s)
        end_s = first_s + len(out) / self.rate_hz
        # a beat reaches over the end of a buffer
        length_s = len(self._beat) / self.rate_hz
        at_s = self._next_beat_s
        while at_s + length_s <= first_s:
            at_s += period_s
        self._next_beat_s = at_s
        while at_s < end_s:
            start = round((at_s - first_s) * self.rate_hz)
            from_ = max(0, -start)
            piece = self._beat[from_ : max(from_, len(out) - start)]
            at = max(0, start)
            out[at : at + len(piece)] += np.float32(wanted.beat) * piece
            at_s += period_s

    def _plan_beats(self, wanted: Backdrop, period_s: float, first_s: float) -> None:
        before, self._beats = self._beats, wanted
        if wanted.first_beat_s > 0:
            late_s = first_s - wanted.first_beat_s
            skipped = max(0, int(np.ceil(late_s / period_s)))
            self._next_beat_s = wanted.first_beat_s + skipped * period_s
        elif before.beats_per_min <= 0:
            self._next_beat_s = first_s
        elif before.beats_per_min != wanted.beats_per_min:
            # the beat before stays where it was, the next one comes at the new pace
            last_s = self._next_beat_s
            if last_s > first_s:
                last_s -= 60.0 / before.beats_per_min
            self._next_beat_s = max(last_s + period_s, first_s)


class SoundClock:
    """When a sample of the loudspeaker sounds, from what each callback is told.

    The told delay jumps by milliseconds from call to call, samples do not: the median
    of the last second and a half counts. Only when several calls in a row say the same
    other time were samples lost.

    Attributes
    ----------
    is_steady
        False while the system fills its buffers: PulseAudio takes a dozen of them at
        once, plays nothing for up to two seconds, and tells delays that are not true.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._samples = 0
        self._begins_s: deque[float] = deque(maxlen=_STEADY)
        self._odd: deque[float] = deque(maxlen=_ODD)
        self._first_call_s = self._calm_since_s = float("inf")
        self.is_steady = False
        self.delay_s: float | None = None

    def lost(self) -> None:
        """Forget what was known: the loudspeaker ran dry, later samples come later."""
        self._begins_s.clear()

    def first_s(
        self, count: int, called_s: float, delay_s: float, least_s: float
    ) -> float:
        """Return the lab time of the first of the next ``count`` samples.

        Parameters
        ----------
        count
            Samples of this buffer.
        called_s
            Lab time of the callback.
        delay_s
            How long until its first sample sounds, as the system tells; a value that
            cannot be true is replaced by ``least_s``.
        least_s
            Delay that the stream was opened with.
        """
        if not 0.0 < delay_s <= _MOST_DELAY_S:
            delay_s = least_s
        self.delay_s = delay_s
        before_s = self._samples / self._rate_hz
        self._samples += count
        begin_s = called_s + delay_s - before_s
        known = self._begins_s
        if not self.is_steady:
            self._settle(called_s, begin_s)
        if known and abs(begin_s - float(np.median(known))) > _JUMP_S:
            self._odd.append(begin_s)
            if len(self._odd) == _ODD and np.ptp(self._odd) < _JUMP_S:
                known.clear()
                known.extend(self._odd)
                self._odd.clear()
        else:
            self._odd.clear()
            known.append(begin_s)
        return float(np.median(known)) + before_s

    def _settle(self, called_s: float, begin_s: float) -> None:
        known = self._begins_s
        self._first_call_s = min(self._first_call_s, called_s)
        if called_s - self._first_call_s > _LONGEST_S:
            self.is_steady = True  # it will not get better
        if known and abs(begin_s - known[-1]) < _AGREE_S:
            self._calm_since_s = min(self._calm_since_s, called_s)
            self.is_steady = called_s - self._calm_since_s >= _CALM_S
        else:
            known.clear()
            self._calm_since_s = float("inf")
