"""The one monotonic clock of the lab, and device counters fitted to it."""

from __future__ import annotations

import time
from collections import deque
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats

BIN_S: Final = 1.0  # one lower-envelope point per second of arrival
BINS: Final = 60  # longest memory of the fit
FIRST_FIT_BINS: Final = 2  # before that: offset = running minimum ("settling")
MAX_PPM: Final = 500.0  # no quartz is worse; a wrong nominal rate is, see _slope
BELIEVED_S: Final = 0.010  # deviation that no transport jitter of the floor explains
SLEW: Final = 0.002  # a better fit is approached at 2 ms per second, never in a jump
PAUSE_S: Final = 0.25  # later than this for PAUSE_HOLD_S: the device stood still
PAUSE_HOLD_S: Final = 0.3
EARLY_S: Final = 1.0  # nothing arrives so long before it was measured
_WIDE: Final = 4096
_FEW: Final = 8  # rows that a loop is quicker with
LATE_SPAN: Final = 32  # datagrams overtaken by at most this many are late, not a reset


def now_s() -> float:
    """Return the lab clock in seconds.

    The same counter in every process of this machine (CLOCK_MONOTONIC, QPC or
    mach time), unaffected by changes of the wall clock.
    """
    return time.perf_counter()


class Step(IntEnum):
    """What a counter value means after the one before it."""

    NEXT = 0
    LOST = 1  # ``CounterUnwrapper.lost`` values are missing before this one
    DUPLICATE = 2
    LATE = 3  # overtaken on the way; counted as lost before
    RESET = 4


class CounterUnwrapper:
    """Turn a wrapping device counter into an ever-growing one, and see what is missing.

    Parameters
    ----------
    bits
        Width of the counter; it wraps at ``2**bits``.
    may_reorder
        Datagrams may overtake each other; bytes of a serial line cannot.

    Attributes
    ----------
    value
        Unwrapped value of the last accepted step; starts again at a reset.
    lost
        Values missing before the last step.
    """

    def __init__(self, bits: int, *, may_reorder: bool = False) -> None:
        self._span = 1 << bits
        self._may_reorder = may_reorder
        self._started = False
        self._late_raw = -1
        self.value = 0
        self.lost = 0

    def follows(self, raw: int) -> bool:
        """Take ``raw`` if it is simply the next value of a wide counter.

        At least 4096 values would have to be lost for this to be wrong, which no
        stream survives unnoticed.
        """
        if self._span < _WIDE or not self._started:
            return False
        if (self.value + 1 - raw) % self._span:
            return False
        self.value += 1
        self.lost = 0
        self._late_raw = -1
        return True

    def peek(self, raw: int) -> int:
        """Return the unwrapped value nearest to the last one, without taking it."""
        half = self._span // 2
        return self.value + (raw - self.value + half) % self._span - half

    def step(self, raw: int, expected: float | None = None, slack: float = 0.0) -> Step:
        """Take the next counter value.

        Parameters
        ----------
        raw
            The counter as sent.
        expected
            Unwrapped value that time says is due: the second witness, which finds
            whole wraps lost (4- and 8-bit counters) and values that are too early
            to be true. None = no opinion.
        slack
            How far ahead of ``expected`` a value may be before it is a reset.
        """
        self.lost = 0
        if not self._started:
            self._started = True
            self.value = raw
            return Step.NEXT
        value = self.value + (raw - self.value) % self._span
        if expected is not None:
            value += round((expected - value) / self._span) * self._span
        elif value - self.value >= self._span / 2:
            value -= self._span
        ahead = value - self.value
        if ahead == 0:
            return Step.DUPLICATE
        if ahead < 0:
            return self._backward(raw, -ahead)
        if ahead > 1 and expected is not None and value > expected + slack:
            return self._reset(raw)
        self._late_raw = -1
        self.value = value
        self.lost = ahead - 1
        return Step.LOST if ahead > 1 else Step.NEXT

    def _backward(self, raw: int, back: int) -> Step:
        follows_late = raw == (self._late_raw + 1) % self._span
        if not self._may_reorder or back > LATE_SPAN or follows_late:
            return self._reset(raw)
        self._late_raw = raw
        return Step.LATE

    def _reset(self, raw: int) -> Step:
        self.value = raw
        self._late_raw = -1
        return Step.RESET


class DeviceClock:
    """Fit device counts to the lab clock along the lower envelope of arrival times.

    Transport delays are one-sided: nothing arrives before it was sent. So the
    earliest arrival of every second is the honest edge, and a Theil-Sen line through
    these points is the device's time (drivers reference, section 5). What stays
    unknown is the constant part of the delay.

    Parameters
    ----------
    unit_s
        Nominal seconds per count.

    Attributes
    ----------
    settled
        False for about the first two seconds of a segment.
    """

    def __init__(self, unit_s: float) -> None:
        self.unit_s = unit_s
        self._slope = 0.0
        self._lateness: deque[float] = deque(maxlen=512)
        self.restart()

    def restart(self) -> None:
        """Begin a new segment; the rate found so far is kept."""
        self.settled = False
        self._started = False
        self._x0 = self._t0 = 0.0
        self._offset = 0.0
        self._residue = self._residue_at = 0.0
        self._residue_span = BIN_S
        self._bins: deque[tuple[float, float]] = deque(maxlen=BINS)
        self._bin = 0
        self._lowest = (0.0, float("inf"))
        self._late: tuple[float, float] | None = None

    def feed(self, x: float, arrival_s: float) -> bool:
        """Take the newest count and when it arrived; True = time moved on in a jump."""
        if not self._started:
            self._started = True
            self._x0, self._t0 = x, arrival_s
        u = (x - self._x0) * self.unit_s
        y = arrival_s - self._t0 - u
        number = int((arrival_s - self._t0) / BIN_S)
        jumped = number != self._bin and self._close_bin(number, u)
        if y < self._lowest[1]:
            self._lowest = (u, y)
        late_s = y - self._line(u)
        if not self.settled:
            self._offset += min(late_s, 0.0)
            return jumped
        if late_s < -EARLY_S:  # the device's clock was set forward
            self.restart()
            self.feed(x, arrival_s)
            return True
        self._lateness.append(late_s)
        if late_s <= PAUSE_S:
            self._late = None
            return jumped
        return self._paused(x, arrival_s, late_s) or jumped

    def time_s(self, x: float) -> float:
        """Return the lab time of one count, in seconds."""
        u = (x - self._x0) * self.unit_s
        return self._t0 + u + self._line(u)

    def times_s(self, x: Floats) -> Floats:
        """Return the lab times of counts, shape (rows,), in seconds."""
        if len(x) <= _FEW:  # the usual case; numpy's calls would cost several times
            return np.array([self.time_s(count) for count in x.tolist()])
        u = (x - self._x0) * self.unit_s
        t_s = u * (1.0 + self._slope) + (self._t0 + self._offset)
        if self._residue:
            left = 1.0 - (u - self._residue_at) / self._residue_span
            t_s += self._residue * np.minimum(np.maximum(left, 0.0), 1.0)
        return t_s

    def count_at(self, t_s: float) -> float | None:
        """Return the newest count that can have arrived at ``t_s``; None = unknown."""
        if not self.settled:
            return None
        u = (t_s - self._t0 - self._offset) / (1.0 + self._slope)
        return self._x0 + u / self.unit_s

    @property
    def ppm(self) -> float:
        """How much faster than the lab clock the device counts, in 1e-6."""
        return -self._slope * 1e6

    @property
    def period_s(self) -> float:
        """Lab seconds per count as measured."""
        return self.unit_s * (1.0 + self._slope)

    @property
    def jitter_p95_ms(self) -> float:
        """95th percentile of the delay beyond the fastest way, in ms."""
        late = list(self._lateness)
        return float(np.percentile(late, 95.0)) * 1e3 if late else 0.0

    def _line(self, u: float) -> float:
        """Return lab time minus device time at device time ``u``."""
        y = self._offset + self._slope * u
        if self._residue:
            left = 1.0 - (u - self._residue_at) / self._residue_span
            y += self._residue * min(max(left, 0.0), 1.0)
        return y

    def _close_bin(self, number: int, u: float) -> bool:
        self._bins.append(self._lowest)
        self._bin, self._lowest = number, (0.0, float("inf"))
        if len(self._bins) < FIRST_FIT_BINS:
            return False
        before = self._line(u)
        points = np.array(self._bins)
        self._slope = _slope(points, self._slope)
        self._offset = float(np.median(points[:, 1] - self._slope * points[:, 0]))
        self.settled = True
        self._residue = 0.0
        behind_s = self._line(u) - before
        if behind_s > BELIEVED_S:
            return True
        self._residue, self._residue_at = -behind_s, u
        self._residue_span = max(BIN_S, abs(behind_s) / SLEW)
        return False

    def _paused(self, x: float, arrival_s: float, late_s: float) -> bool:
        """Tell a device that stood still from data that is only delayed."""
        if self._late is None:
            self._late = (arrival_s, late_s)
            return False
        since_s, first_s = self._late
        if late_s < 0.8 * first_s:  # catching up: it was a delay
            self._late = None
            return False
        if arrival_s - since_s < PAUSE_HOLD_S:
            return False
        self.restart()
        self.feed(x, arrival_s)
        return True


class SteadyClock(DeviceClock):
    """Device counts at their nominal pace, from 0 s: nothing is known of arrivals."""

    def __init__(self, unit_s: float) -> None:
        self._last_s = -unit_s
        super().__init__(unit_s)

    def feed(self, x: float, arrival_s: float) -> bool:
        """Arrivals tell nothing."""
        del x, arrival_s
        return False

    def restart(self) -> None:
        """Begin a new segment one count after the last one."""
        super().restart()
        self._t0 = self._last_s + self.unit_s

    def time_s(self, x: float) -> float:
        """Return the time of one count, in seconds."""
        if not self._started:
            self._started, self._x0 = True, x
        self._last_s = self._t0 + (x - self._x0) * self.unit_s
        return self._last_s

    def times_s(self, x: Floats) -> Floats:
        """Return the times of counts, shape (rows,), in seconds."""
        return np.array([self.time_s(count) for count in x.tolist()])


def _slope(points: Floats, before: float) -> float:
    """Return the Theil-Sen slope of the envelope points, shape (bins, 2)."""
    first, second = np.triu_indices(len(points), 1)
    du = points[second, 0] - points[first, 0]
    dy = points[second, 1] - points[first, 1]
    good = du > 0
    if not good.any():
        return before
    slope = float(np.median(dy[good] / du[good]))
    limit = MAX_PPM * 1e-6
    # a nominal rate that is plainly wrong (208 Hz sold as 200) must be believed
    if abs(slope) * float(np.ptp(points[:, 0])) > BELIEVED_S:
        return slope
    return min(max(slope, -limit), limit)
