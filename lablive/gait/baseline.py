"""What a force sensor reads without load: the zero, its noise, and the gait so far.

Metric reference, section 1.1. Learned when the foot is in the air, frozen while it
stands; :mod:`lablive.gait.contacts` decides when. [design] marks project defaults.
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats

# [design], in body weights (BW) and newtons
_LIFT_BW: Final = 0.25  # a foot was lifted when the force spans this
_LIFT_N: Final = 150.0
_AIR_BW: Final = 0.15  # a sensor that reads no more than this is unloaded
_AIR_N: Final = 100.0  # lacing preload
_LOADED_SHARE: Final = 0.18  # loaded samples per foot before weight can be estimated
_RISE_S: Final = 0.15  # a foot takes load within this, a swaying person does not
_STEPPING_BW: Final = 0.5  # stepping on top of a jumped zero spans this
_JUMP_BW: Final = 0.4  # a zero jumps less than this; standing is 0.5 per foot
_LEARN: Final = 0.3  # share of the newest swing
_LEARN_SPREAD: Final = 0.1
_FEWEST: Final = 3  # samples a median of a swing needs
_CLIPS: Final = 0.5  # more repeated samples than this: the sensor clips
_COARSE: Final = 0.05  # more than this: it has no noise of its own, only steps
_GAIT_STRIDES: Final = 3
_LONGEST_STRIDE_S: Final = 3.0


class ContactSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Thresholds over the zero, and times (metric reference 1.1; [design] defaults).

    ``weight_n`` None: estimated from the mean force. ``newtons`` False: counts, for
    which thresholds in newtons mean nothing. ``feet`` 2: a force plate under both
    feet. ``drill`` allows the shorter contacts and flights of hopping. ``relaced``
    False: a contact that does not end is a stand, never a zero that jumped.

    The reference asks 200 ms as shortest walking contact; that would blind the
    detector to a walker who starts to run, so that 80 ms holds in both gaits.
    """

    rate_hz: float
    weight_n: float | None = None
    newtons: bool = True
    feet: Literal[1, 2] = 1
    drill: bool = False
    relaced: bool = True
    on_bw: float = 0.08
    on_floor_n: float = 40.0
    on_sigmas: float = 6.0
    off_bw: float = 0.05
    off_floor_n: float = 25.0
    off_sigmas: float = 4.0
    frozen_s: float = 0.15

    @property
    def min_contact_s(self) -> float:
        """Shortest contact."""
        return 0.06 if self.drill else 0.08

    def min_swing_s(self, *, walking: bool) -> float:
        """Return the shortest swing (flight, under both feet)."""
        if self.feet == 2:
            return 0.03
        if self.drill:
            return 0.06
        return 0.15 if walking else 0.10

    def max_contact_s(self, *, walking: bool) -> float:
        """Return how long a contact lasts before its zero is doubted."""
        return 2.5 if walking or self.drill else 1.0

    @property
    def lost_s(self) -> float:
        """Silence after which the foot is unknown."""
        return max(0.05, 2.5 / self.rate_hz)

    @property
    def settle_s(self) -> float:
        """Window the first zero is found in."""
        return 2.0 if self.weight_n is not None else 3.0


class Baseline:
    """Zero, noise and thresholds of one force signal, in its own unit."""

    def __init__(self, settings: ContactSettings) -> None:
        self._set = settings
        self.zero_n = self.weight_n = np.nan
        self.walking = False
        self._sigma_n = 5.0
        self._repeats_air = self._repeats_load = 0.0
        self._contact_lengths_s: deque[float] = deque(maxlen=8)
        self._other_gait = 0

    @property
    def off_n(self) -> float:
        """Force that ends a contact."""
        s = self._set
        floor_n = s.off_floor_n if s.newtons else 0.0
        return self.zero_n + max(
            s.off_bw * self.weight_n, floor_n, s.off_sigmas * self._sigma_n
        )

    @property
    def on_n(self) -> float:
        """Force that begins a contact."""
        s = self._set
        floor_n = s.on_floor_n if s.newtons else 0.0
        return self.zero_n + max(
            s.on_bw * self.weight_n, floor_n, s.on_sigmas * self._sigma_n
        )

    def clips_in_air(self, *, at_floor: bool) -> bool:
        """Tell whether a value that stands still in swing is normal for this sensor.

        ``at_floor``: it stands at the lowest value there ever was. A sensor whose
        noise never repeats a value does not stand still, whatever the value.
        """
        return self._repeats_air >= (_COARSE if at_floor else _CLIPS)

    def clips_under_load(self) -> bool:
        """Tell whether a value that stands still in stance is normal."""
        return self._repeats_load >= _CLIPS

    @property
    def stuck_after_s(self) -> float:
        """How long a contact lasts before its zero is doubted."""
        if not self._set.relaced:
            return np.inf
        longest_s = self._set.max_contact_s(walking=self.walking)
        if len(self._contact_lengths_s) < 8:
            return longest_s
        return min(longest_s, 3.0 * median(self._contact_lengths_s))

    def settle(self, t_s: Floats, f: Floats) -> bool:
        """Find the first zero in a window; tell whether an unloaded phase is in it.

        The zero is the 5th percentile (2nd under both feet, whose flight is short)
        if the window shows a flat unloaded phase. One lift is enough when the level
        is one an empty shoe can have; above that, two quick loadings of at least the
        level's own size are needed, so that swaying, a half-unloaded foot or walking
        on a force plate is not taken for steps. Without a body weight it is
        estimated: over time the mean vertical force equals it.
        """
        s = self._set
        share = 5.0 if s.feet == 1 else 2.0
        low, flat, high = np.percentile(f, [share, 2 * share, 95.0]).tolist()
        weight = s.weight_n
        if weight is None:
            loaded = float(np.mean(f > low + 0.25 * (high - low)))
            if loaded < _LOADED_SHARE * s.feet:
                return False
            weight = (2.0 if s.feet == 1 else 1.0) * (float(np.mean(f)) - low)
        floors = 1.0 if s.newtons else 0.0
        air = max(_AIR_BW * weight, floors * _AIR_N)
        lift = max(_LIFT_BW * weight, floors * _LIFT_N)
        margin = max(s.off_bw * weight, floors * s.off_floor_n)
        lifted = high - low >= lift and flat - low <= margin
        if lifted and not (s.newtons and low <= air):
            unloads = not s.newtons or high - low >= low
            lifted = unloads and _quick_rises(t_s, f, low, high) >= 2
        in_air = s.newtons and s.weight_n is not None and high <= air
        if not (lifted or in_air):
            return False
        self.zero_n, self.weight_n = low, weight
        self._repeats_air = _repeats(f, f < low + margin)
        self._repeats_load = _repeats(f, f >= self.on_n)
        return True

    def learn_swing(self, f: Floats) -> None:
        """Move the zero towards the median of the middle of a swing."""
        if len(f) < _FEWEST:
            return
        level = middle(f)
        spread = 1.4826 * middle(np.abs(f - level))
        learned_loaded = level < self.zero_n - (self.off_n - self.zero_n)
        share = 1.0 if learned_loaded else _LEARN
        self.zero_n += share * (level - self.zero_n)
        sigma_n = (1 - _LEARN_SPREAD) * self._sigma_n + _LEARN_SPREAD * spread
        self._sigma_n = max(1.0, sigma_n)
        same = float(np.mean(f[1:] == f[:-1]))
        self._repeats_air += _LEARN * (same - self._repeats_air)

    def learn_stride(self, ic_s: float, to_s: float, next_ic_s: float) -> None:
        """Follow contact length and gait: duty factor over or under one half.

        A change of gait needs three strides in a row. NaN: not seen.
        """
        if not np.isnan(to_s - ic_s):
            self._contact_lengths_s.append(to_s - ic_s)
        if self._set.feet == 2 or not next_ic_s - ic_s < _LONGEST_STRIDE_S:
            return
        walks = (to_s - ic_s) / (next_ic_s - ic_s) >= 0.5
        self._other_gait = self._other_gait + 1 if walks != self.walking else 0
        if self._other_gait >= _GAIT_STRIDES:
            self.walking, self._other_gait = walks, 0

    def follow_jump(self, t_s: Floats, f: Floats) -> bool:
        """Move the zero if stepping goes on above a jumped one; tell whether it did.

        A shoe re-laced in running lifts the whole trace: between two loads lies a
        flat stretch above the old zero, less than 0.4 BW over it. Standing has no
        such stretch (each foot carries about half), so that it never moves the zero.

        Parameters
        ----------
        t_s, f
            Time and force since the contact that does not end, shape (rows,).
        """
        span = _STEPPING_BW * self.weight_n
        fall = np.maximum.accumulate(f) - f
        rise = np.maximum.accumulate(f[::-1])[::-1] - f
        if not np.any((fall >= span) & (rise >= span)):
            return False
        start = int(np.argmax(fall >= span))
        part, steps_s = f[start:], np.diff(t_s[start:], append=t_s[-1])
        level = float(np.percentile(part, 5.0))
        margin = self.off_n - self.zero_n
        flat_s = float(np.sum(steps_s[np.abs(part - level) <= margin]))
        jump = level - self.zero_n
        if not (
            margin / 2 <= jump <= _JUMP_BW * self.weight_n
            and flat_s >= self._set.min_swing_s(walking=self.walking)
        ):
            return False
        self.zero_n = level
        return True


def middle(f: Floats) -> float:
    """Return the median; several times faster than numpy's on a few samples."""
    ordered, half = np.sort(f), len(f) // 2
    return 0.5 * float(ordered[half] + ordered[-half - 1])


def _repeats(f: Floats, part: np.ndarray) -> float:
    """Return how often a sample repeats the one before it, within a part.

    Near 0 for a sensor with noise, near 1 for one that clips at zero in the air.
    """
    both = part[1:] & part[:-1]
    pairs = int(np.count_nonzero(both))
    same = int(np.count_nonzero(both & (f[1:] == f[:-1])))
    return same / pairs if pairs else 0.0


def _quick_rises(t_s: Floats, f: Floats, low: float, high: float) -> int:
    """Count loadings from a fifth to a half of the span within 150 ms."""
    half = low + 0.5 * (high - low)
    ups = np.flatnonzero((f[1:] >= half) & (f[:-1] < half)) + 1
    starts = np.searchsorted(t_s, t_s[ups] - _RISE_S)
    unloaded = low + 0.2 * (high - low)
    return sum(
        bool(f[start : up + 1].min() < unloaded)
        for start, up in zip(starts.tolist(), ups.tolist(), strict=True)
    )
