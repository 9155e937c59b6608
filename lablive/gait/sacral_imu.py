"""Contacts from the vertical acceleration of the pelvis, walking and running.

Metric reference, section 1.3; what is timed and why: docs/decisions/0012. An
accelerometer alone is enough for the times; which foot it was needs the gyroscope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.gait.contacts import Contact, ContactSide, Kind
from lablive.gait.findings import Finding, slow
from lablive.gait.foot_imu import vertex_s
from lablive.gait.imu_detector import ImuDetector
from lablive.gait.pelvis_side import PelvisSide
from lablive.gait.zero_phase import ZeroPhase
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from lablive.messages import Floats

_STEPS_HZ: Final = 5.0  # [design] the step itself: 300 a minute at most
_LOAD_HZ: Final = 10.0  # metric reference 1.3
_TIMING_HZ: Final = 20.0  # decision 0012: any cut-off from 15 to 50 Hz would do
_SWAY_MS2: Final = 0.05 * STANDARD_GRAVITY  # [design] a step exceeds it up and down
_FLIGHT_MS2: Final = -0.5 * STANDARD_GRAVITY  # [design] half-way to free fall
_LEVEL_S: Final = 3.0  # [design] time constant of the gravity axis, as tauAcc of VQF
_SETTLE_S: Final = 2.0  # rows the first gravity axis is the mean of
_RISE_S: Final = 1.0  # no step rises longer
_STEP_S: Final = 1.5  # [design] a longer one is a pause


class SacralSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a sacral detector needs to know.

    Attributes
    ----------
    rate_hz
        Nominal rate of the stream, 31 to 1000 Hz.
    least_steps
        Steps in a row before a side is told (metric reference 1.3).
    """

    rate_hz: float
    least_steps: int = 20


class SacralDetector(ImuDetector):
    """Contacts of both feet from the pelvis, the same for any cut of the rows.

    Toe-offs are those of the sine model and told while running only.
    """

    def __init__(self, settings: SacralSettings) -> None:
        self._set = settings
        super().__init__(settings.rate_hz, "unknown", "pelvis_imu")

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        if self._lost:
            return self._last_s
        risen_s = self._done_s() - _RISE_S
        if self._flying and risen_s - self._ic_s <= _STEP_S:
            return self._ic_s
        return max(self._ic_s, self._start_s, risen_s)

    def feed(
        self, t_s: Floats, acc: Floats, sway: Floats | None = None
    ) -> list[Contact]:
        """Take the next rows and return the events that became certain.

        Parameters
        ----------
        t_s
            Time, shape (rows,), not decreasing.
        acc
            Specific force, m/s^2, shape (rows, 1) along the world's vertical when
            the orientation is known; else the accelerometer's axes, shape (rows, 2)
            or (rows, 3): the vertical is then their mean direction. NaN = not
            measured.
        sway
            Acceleration to the left without gravity, m/s^2, roll rate (left side up
            +) and yaw rate (to the left +), rad/s, shape (rows, 3). None: no side is
            ever told.
        """
        self._axes = acc.shape[1]
        x = acc if sway is None else np.concatenate((acc, sway), axis=1)
        return self._feed(t_s, x)

    def findings(self) -> tuple[Finding, ...]:
        """Return what a reader of the events must know."""
        return slow("pelvis", self._set.rate_hz)

    # ------------------------------------------------------------ rows in, rows kept
    def _begin(self) -> None:
        """Begin a segment."""
        rate_hz = self._set.rate_hz
        self._start_s = self._last_s
        self._level = VerticalAxis(rate_hz)
        self._t = np.empty(0)
        self._sway = np.empty((0, 0))
        self._filters = tuple(
            ZeroPhase(hz, rate_hz) for hz in (_STEPS_HZ, _LOAD_HZ, _TIMING_HZ)
        )
        self._steps, self._load, self._timing = (np.empty(0) for _ in range(3))
        self._at = 1  # next row to look at
        self._armed = False  # the pelvis has been low since the last step
        self._rising = -1  # row at which a step has begun, its top still to come
        self._ic_s = -np.inf  # the last initial contact
        self._flying = False  # it ended a flight: its toe-off is still to come
        self._ic_side: ContactSide = "unknown"
        self._low_s = self._up_s = np.nan  # low point before it; upward crossing
        self._whose = PelvisSide(self._set.least_steps)

    def _emit(self, t_s: float, kind: Kind, side: ContactSide) -> None:
        self._out.append(Contact(t_s, side, kind, "pelvis_imu"))

    def _flush(self) -> None:
        self._look([part.finish() for part in self._filters])

    def _rows(self, t: Floats, x: Floats) -> None:
        self._t = np.concatenate((self._t, t))
        sway = x[:, self._axes :]
        self._sway = np.concatenate((self._sway, sway)) if self._sway.size else sway
        rise = self._level.feed(x[:, : self._axes])
        self._look([part.feed(rise) for part in self._filters])

    def _done_s(self) -> float:
        """Return the time of the last row that is filtered."""
        known = min(len(self._steps), len(self._load), len(self._timing))
        return float(self._t[known - 1]) if known else self._start_s

    # -------------------------------------------------------------------- the steps
    def _look(self, rows: list[Floats]) -> None:
        """Take filtered rows; find the steps in them."""
        self._steps = np.concatenate((self._steps, rows[0]))
        self._load = np.concatenate((self._load, rows[1]))
        self._timing = np.concatenate((self._timing, rows[2]))
        end = min(len(self._steps), len(self._load), len(self._timing))
        while self._at < end:
            y = self._steps[self._at : end]
            if self._rising >= 0:
                found = y < self._steps[self._at - 1 : end - 1]
            else:
                found = y > _SWAY_MS2 if self._armed else y < -_SWAY_MS2
            i = int(found.argmax())
            if not found[i]:
                self._at = end
                break
            i += self._at
            self._at = i + 1
            if self._rising >= 0:
                self._step(self._rising, i - 1)
                self._rising, self._armed = -1, False
            elif self._armed:
                self._rising = i
            else:
                self._armed = True
        self._trim()

    def _trim(self) -> None:
        """Give up rows that no later event can need."""
        if self._at >= len(self._t):
            return
        keep_s = float(self._t[self._at]) - _STEP_S - 2 * _RISE_S
        keep = min(int(self._t.searchsorted(keep_s)), self._at - 2)
        if keep > 0:
            self._t, self._sway = self._t[keep:], self._sway[keep:]
            self._steps, self._load = self._steps[keep:], self._load[keep:]
            self._timing = self._timing[keep:]
            self._at -= keep
            self._rising -= keep if self._rising >= 0 else 0

    def _step(self, risen: int, top: int) -> None:
        """Time the contact of a rise that ends at row ``top``."""
        y, earliest_s = self._steps, float(self._t[top]) - _RISE_S
        low = risen
        while low > 1 and y[low - 1] <= y[low] and self._t[low - 1] >= earliest_s:
            low -= 1
        ic_s, flight = self._contact(low, top)
        low_s = float(self._t[low])
        up_s = self._crossing(low, top + 1, last=False, up=True)
        step_s = ic_s - self._ic_s
        if step_s <= 0:
            return
        if step_s <= _STEP_S:
            self._judge_side(step_s)
            if self._flying and flight:
                self._toe_off(low, up_s, ic_s)
        else:
            self._whose.forget()
        self._ic_side = self._whose.next_step(step_s)
        self._emit(ic_s, "ic", self._ic_side)
        self._ic_s, self._flying = ic_s, flight
        self._low_s, self._up_s = low_s, up_s

    def _contact(self, low: int, top: int) -> tuple[float, bool]:
        """Return when the foot touched down, and whether out of a flight.

        Out of a flight the body is in free fall until the foot loads: the steepest
        rise is followed back to the level of the flight. In walking the other foot
        carries meanwhile, and the heel strike is the steepest rise itself.
        """
        t, z = self._t, self._timing
        first, end = max(low, 1), min(top + 1, len(z) - 1)
        rows = slice(first, end)
        slope = z[first + 1 : end + 1] - z[first - 1 : end - 1]
        slope *= 0.5 * self._set.rate_hz
        k = int(slope.argmax())
        floor = float(z[rows][: k + 1].min())
        if floor > _FLIGHT_MS2:
            return vertex_s(t[rows], slope, k), False
        back_s = (float(z[first + k]) - floor) / float(slope[k])
        return max(float(t[low]), float(t[first + k]) - back_s), True

    def _toe_off(self, low: int, up_s: float, next_ic_s: float) -> None:
        """Emit the toe-off before row ``low``, from the time the load was over 1 g."""
        first = int(self._t.searchsorted(self._low_s))
        down_s = self._crossing(first, low + 1, last=True, up=False)
        period_s = up_s - self._up_s
        share = (down_s - self._up_s) / period_s
        if 0.0 < share <= 1.0:
            to_s = self._ic_s + contact_share(share) * period_s
            if to_s < next_ic_s:
                self._emit(to_s, "to", self._ic_side)

    def _crossing(self, first: int, stop: int, *, last: bool, up: bool) -> float:
        """Return the first or last zero crossing of the load between two rows."""
        y = self._load[first:stop]
        low, high = (y[:-1], y[1:]) if up else (y[1:], y[:-1])
        found = np.flatnonzero((low < 0) & (high >= 0))
        if not len(found):
            return np.nan
        i = first + int(found[-1 if last else 0])
        share = float(self._load[i] / (self._load[i] - self._load[i + 1]))
        return float(self._t[i] + share * (self._t[i + 1] - self._t[i]))

    def _judge_side(self, step_s: float) -> None:
        """Show the step that has ended to the judge of sides."""
        if self._sway.shape[1]:
            first = int(self._t.searchsorted(self._ic_s))
            early = int(self._t.searchsorted(self._ic_s + 0.3 * step_s))
            end = int(self._t.searchsorted(self._ic_s + step_s))
            left_ms2 = float(self._sway[first:end, 0].mean())
            turn = self._sway[first : max(early, first + 1), 1:].T
            roll_rad_s, yaw_rad_s = (float(rate.mean()) for rate in turn)
            self._whose.vote(left_ms2, roll_rad_s if self._flying else -yaw_rad_s)


class VerticalAxis:
    """Vertical acceleration from specific force in axes that hardly turn.

    Over whole steps the mean specific force is gravity: it tells the axis and what
    to subtract (metric reference 1.3 and 3.1: in steady gait the mean is body weight).
    """

    def __init__(self, rate_hz: float) -> None:
        from scipy.signal import lfilter

        self._run = lfilter
        self._share = 1.0 - np.exp(-1.0 / (_LEVEL_S * rate_hz))
        self._settle_rows = int(_SETTLE_S * rate_hz)
        self._first: Floats | None = None  # rows until the first axis is known
        self._state: Floats | None = None

    def feed(self, acc: Floats) -> Floats:
        """Return the acceleration upwards, m/s^2, of the rows that can be told."""
        if self._state is not None:
            return self._upwards(acc)
        rows = acc if self._first is None else np.concatenate((self._first, acc))
        if len(rows) < self._settle_rows:
            self._first = rows
            return np.empty(0)
        start = rows[: self._settle_rows]
        mean = np.ascontiguousarray(start.T).mean(axis=1)
        self._state, self._first = (1.0 - self._share) * mean[None, :], None
        later = self._upwards(rows[self._settle_rows :])
        return np.concatenate((_along(start, mean[None, :]), later))

    def _upwards(self, acc: Floats) -> Floats:
        if not len(acc):
            return np.empty(0)
        b, a = [self._share], [1.0, self._share - 1.0]
        mean, self._state = self._run(b, a, acc, axis=0, zi=self._state)
        return _along(acc, mean)


def _along(acc: Floats, mean: Floats) -> Floats:
    """Return what of ``acc`` lies along ``mean``, less its length."""
    size = np.sqrt(sum(column**2 for column in mean.T))
    dot = sum(a * m for a, m in zip(acc.T, mean.T, strict=True))
    # an accelerometer that reads zero throughout feels nothing
    return np.divide(dot, size, out=np.zeros_like(dot), where=size > 0.0) - size


def contact_share(effective: float) -> float:
    """Return contact time over step time from effective contact over step time.

    The effective contact is the time the load exceeds body weight; under the sine
    model effective = x (1 - 2/pi asin(2x/pi)) (metric reference 1.3), solved for x.
    """
    low, high = 0.05, 1.0
    if effective >= _effective_share(high):
        return high
    for _ in range(30):
        middle = 0.5 * (low + high)
        if _effective_share(middle) < effective:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _effective_share(share: float) -> float:
    return share * (1.0 - 2.0 / np.pi * float(np.arcsin(2.0 * share / np.pi)))
