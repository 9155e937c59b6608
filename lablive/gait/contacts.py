"""Foot contacts from vertical force: one streaming detector per foot or treadmill.

Metric reference, section 1.1. The zero is learned in swing, thresholds lie above it
with hysteresis, crossings are interpolated. Contacts come out once they are certain
(initial contact after 80 ms of load, toe-off after 100 ms of swing), so that a spike
or a radio dropout never becomes a step and no event is ever taken back.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.gait.baseline import Baseline, ContactSettings

if TYPE_CHECKING:
    from lablive.messages import Floats

Kind = Literal["ic", "to", "stuck", "lost"]
ContactSide = Literal["left", "right", "unknown"]
ContactSource = Literal["insole", "treadmill", "foot_imu", "shank_imu", "pelvis_imu"]

_WALK_BACK_S: Final = 0.060  # IC lies at most this long before the on threshold
_SETTLE_CHECK_S: Final = 0.25
_STUCK_CHECK_S: Final = 0.5
_SWING_S: Final = 2.0  # the zero is learned from at most this much of one swing
_WINDOW_S: Final = 3.0  # what a stuck contact is judged by
_KEEP_S: Final = 4.0  # history kept: more than any window above
_TRIM_ROWS: Final = 256  # old rows are given up so many at a time

__all__ = ["Contact", "ContactDetector", "ContactSettings"]


class Contact(msgspec.Struct, frozen=True):
    """One event of one foot.

    Attributes
    ----------
    t_s
        When, lab clock: ``ic`` first touch, ``to`` last touch, ``stuck`` the zero had
        jumped and was learned anew, ``lost`` the sensor stopped (last sample, or when
        a frozen value was noticed); until the next event the foot is unknown.
    side
        ``unknown`` for a force plate under both feet.
    source
        Which kind of sensor saw it.
    rise_n
        For ``ic``: highest force over the zero in the first 80 ms.
    """

    t_s: float
    side: ContactSide
    kind: Kind
    source: ContactSource
    rise_n: float = 0.0


class ContactDetector:
    """Contacts of one force signal, the same for any cut of it.

    Parameters
    ----------
    settings
        Thresholds and times.
    side, source
        Written into every event.
    """

    def __init__(
        self, settings: ContactSettings, side: ContactSide, source: ContactSource
    ) -> None:
        self._set = settings
        self._side: ContactSide = side
        self._source: ContactSource = source
        self.baseline = Baseline(settings)
        # history: time, force, how long the value has stood still, lowest so far
        self._t = self._f = self._still = self._lowest = np.empty(0)
        self._at = 0  # next sample to look at
        self._last_s = -np.inf  # last row, measured or not
        self._phase: Literal["settling", "unknown", "swing", "contact"] = "settling"
        self._check_s = np.nan  # next look for a zero, or at a stuck contact
        self._lost = self._frozen = False
        self._to_s = self._ic_s = np.nan  # newest; NaN: not seen
        self._since_s = -np.inf  # when the contact began, seen or not
        self._uncertain = False  # the newest TO or IC waits for its confirmation
        self._suspect = np.nan  # value an impossibly steep fall ended at
        self._hole = False  # that fall broke an IC not yet certain
        self._stance = (np.nan, np.nan)  # IC and TO of the last certain contact
        self._out: list[Contact] = []

    @property
    def final_s(self) -> float:
        """Time before which no further event will come."""
        if self._phase == "settling":
            return self._last_s - self._set.settle_s
        if self._lost:
            return self._last_s
        if self._uncertain or self._hole:
            return self._ic_s if self._phase == "contact" or self._hole else self._to_s
        newest_s = float(self._t[-1])
        return newest_s - (_WALK_BACK_S if self._phase == "swing" else 0.0)

    def feed(self, t_s: Floats, force: Floats) -> list[Contact]:
        """Take the next rows and return the events that became certain.

        Parameters
        ----------
        t_s
            Time, shape (rows,), not decreasing.
        force
            Vertical force, shape (rows,), N or counts; NaN = not measured.
        """
        self._out = []
        if len(t_s):
            if math.isfinite(np.add.reduce(force)):  # as nearly always
                self._take(t_s, force)
            elif len(there := np.flatnonzero(np.isfinite(force))):
                self._take(t_s[there], force[there])
            self._pass_time(float(t_s[-1]))
        return self._out

    def advance(self, t_s: float) -> list[Contact]:
        """Let time pass without rows; return what that decides (``lost``)."""
        self._out = []
        self._pass_time(t_s)
        return self._out

    def finish(self) -> list[Contact]:
        """End the data: a toe-off that was seen and not contradicted counts."""
        self._out = []
        seen = self._phase == "swing" and self._uncertain
        if seen and np.isnan(self._suspect):
            self._emit(self._to_s, "to")
        self._uncertain = False
        return self._out

    # ------------------------------------------------------------ rows in, rows kept
    def _pass_time(self, t_s: float) -> None:
        self._last_s = max(self._last_s, t_s)
        silent = len(self._t) and self._last_s - float(self._t[-1]) > self._set.lost_s
        if silent and self._phase != "settling" and not self._lost:
            self._lose(float(self._t[-1]))

    def _take(self, t: Floats, f: Floats) -> None:
        old = len(self._t)
        if not old:
            self._t, self._f, self._lowest = t[:1], f[:1], f[:1]
            self._still = np.zeros(1)
            t, f, old = t[1:], f[1:], 1
        began_s = float(self._t[-1] - self._still[-1])
        self._t = np.concatenate((self._t, t))
        self._f = np.concatenate((self._f, f))
        moved = self._f[old:] != self._f[old - 1 : -1]
        still = np.zeros(len(t))
        if np.count_nonzero(moved) < len(moved):
            still = t - np.maximum.accumulate(np.where(moved, t, began_s))
        self._still = np.concatenate((self._still, still))
        self._lowest = np.concatenate((self._lowest, f))
        np.minimum.accumulate(self._lowest[old - 1 :], out=self._lowest[old - 1 :])
        self._last_s = float(self._t[-1])
        self._run()
        keep = min(self._from(self._last_s - _KEEP_S), self._at)
        if keep < _TRIM_ROWS:
            return
        self._t, self._f = self._t[keep:], self._f[keep:]
        self._still, self._lowest = self._still[keep:], self._lowest[keep:]
        self._at -= keep

    def _run(self) -> None:
        end, first = len(self._t), self._at
        if self._phase == "settling":
            self._settle()
            if self._phase == "settling":
                return
            first = self._at + 1  # the first row of the window follows no gap
        longest_s = self._set.frozen_s
        steps_s = self._t[first:] - self._t[first - 1 : -1]
        if np.maximum.reduce(steps_s, initial=0.0) > self._set.lost_s or (
            np.maximum.reduce(self._still[first - 1 :]) > longest_s
        ):
            gaps = steps_s > self._set.lost_s
            stops = self._still[first:] > longest_s
            stops &= self._still[first - 1 : -1] <= longest_s
            for special in (np.flatnonzero(gaps | stops) + first).tolist():
                self._walk(special)
                self._interrupt(special)
        self._walk(end)

    def _settle(self) -> None:
        s = self._set
        if np.isnan(self._check_s):
            self._check_s = float(self._t[0]) + s.settle_s
        while self._phase == "settling":
            i = self._from(self._check_s)
            if i >= len(self._t):
                return
            now_s = float(self._t[i])
            self._at = first = self._from(now_s - s.settle_s)
            self._check_s = now_s + _SETTLE_CHECK_S
            enough = i + 1 - first >= 0.7 * s.settle_s * s.rate_hz
            window = slice(first, i + 1)
            if enough and self.baseline.settle(self._t[window], self._f[window]):
                self._phase = "unknown"

    def _interrupt(self, i: int) -> None:
        """Judge sample ``i``: it follows silence, or its value stands still."""
        before_s = float(self._t[i - 1])
        if float(self._t[i]) - before_s > self._set.lost_s:
            if not self._lost:
                self._lose(before_s)
            self._lost = False
        if self._still[i] <= self._set.frozen_s:
            return
        if self._phase == "swing":
            floor = bool(self._f[i] <= self._lowest[i]) and np.isnan(self._suspect)
            normal = self.baseline.clips_in_air(at_floor=floor)
            self._suspect, self._hole = np.nan, False  # if normal: a toe-off after all
        else:
            normal = self._phase == "unknown" or self.baseline.clips_under_load()
        if not normal:
            self._lose(float(self._t[i]))
            self._lost, self._frozen = False, True

    def _lose(self, t_s: float) -> None:
        self._emit(t_s, "lost")
        self._forget()
        self._lost = True

    def _forget(self) -> None:
        self._phase, self._uncertain, self._hole = "unknown", False, False
        self._stance = (np.nan, np.nan)

    def _emit(self, t_s: float, kind: Kind, rise_n: float = 0.0) -> None:
        self._out.append(Contact(t_s, self._side, kind, self._source, rise_n))

    def _from(self, t_s: float) -> int:
        return int(self._t.searchsorted(t_s))

    # ------------------------------------------------------------------ the machine
    def _walk(self, stop: int) -> None:
        """Go from change to change up to sample ``stop``."""
        while self._at < stop:
            if self._phase == "unknown":
                self._walk_unknown(stop)
            elif self._phase == "swing":
                self._walk_swing(stop)
            else:
                self._walk_contact(stop)

    def _walk_unknown(self, stop: int) -> None:
        if self._frozen:
            moved = np.flatnonzero(self._still[self._at : stop] == 0.0)
            self._at = self._at + int(moved[0]) if len(moved) else stop
            self._frozen = not len(moved)
            return
        off_n, on_n = self.baseline.off_n, self.baseline.on_n
        low = _first(self._f, self._at, stop, off_n, below=True)
        high = _first(self._f, self._at, low, on_n, below=False)
        self._at = min(high + 1, stop)
        if high < low:
            self._begin_contact(np.nan, float(self._t[high]))
        elif low < stop:
            self._phase, self._to_s = "swing", np.nan

    def _walk_swing(self, stop: int) -> None:
        certain = stop
        if not np.isnan(self._suspect):
            moved = np.flatnonzero(self._f[self._at : stop] != self._suspect)
            self._at = self._at + int(moved[0]) if len(moved) else stop
            if not len(moved):
                return
            self._suspect = np.nan
            if self._f[self._at] >= self.baseline.on_n:
                self._bridge()
                return
            self._hole = False
        if self._uncertain:
            swing_s = self._set.min_swing_s(walking=self.baseline.walking)
            certain = min(stop, max(self._from(self._to_s + swing_s), self._at))
        self._at = _first(self._f, self._at, certain, self.baseline.on_n, below=False)
        if self._at < certain:
            if self._uncertain:
                self._bridge()
            else:
                self._load()
        elif self._uncertain and certain < stop:
            self._uncertain = False
            self._emit(self._to_s, "to")
            self._stance = (self._ic_s, self._to_s)

    def _bridge(self) -> None:
        """Go on with the contact: load came back before the swing was certain."""
        self._phase, self._uncertain, self._hole = "contact", self._hole, False
        self._at += 1

    def _load(self) -> None:
        """Begin a contact at this sample, dated back to the off crossing."""
        i, off_n, ic_s = self._at, self.baseline.off_n, np.nan
        earliest_s = float(self._t[i]) - _WALK_BACK_S
        before = i
        while self._t[before] >= earliest_s and self._f[before - 1] >= off_n:
            before -= 1
        if self._f[before - 1] < off_n:
            ic_s = self._crossing(before, off_n)
        if not ic_s >= earliest_s:  # the foot was put down slowly
            ic_s = self._crossing(i, self.baseline.on_n)
        self._begin_contact(ic_s, ic_s)
        self._at += 1

    def _begin_contact(self, ic_s: float, since_s: float) -> None:
        self._phase, self._ic_s, self._since_s = "contact", ic_s, since_s
        self._uncertain = not np.isnan(ic_s)
        self._check_s = since_s + self.baseline.stuck_after_s

    def _crossing(self, i: int, level: float) -> float:
        """Return when the force crossed ``level`` between samples i-1 and i."""
        t0, t1 = float(self._t[i - 1]), float(self._t[i])
        f0, f1 = float(self._f[i - 1]), float(self._f[i])
        if (f0 < level) == (f1 < level):  # the level moved since: crossed before
            return t0
        return t0 + (level - f0) / (f1 - f0) * (t1 - t0)

    def _walk_contact(self, stop: int) -> None:
        if self._uncertain:
            certain = self._from(self._ic_s + self._set.min_contact_s)
            certain = min(stop, max(certain, self._at))
        else:
            overdue = int(self._t.searchsorted(self._check_s, side="right"))
            certain = min(stop, max(overdue, self._at) + 1)
        self._at = _first(self._f, self._at, certain, self.baseline.off_n, below=True)
        if self._at < certain:
            self._unload()
        elif self._uncertain and certain < stop:
            self._confirm()
        elif not self._uncertain and self._t[certain - 1] > self._check_s:
            self._judge(certain - 1)

    def _unload(self) -> None:
        """End a contact at this sample, or a spike that never was one."""
        i = self._at
        self._phase = "swing"
        self._at += 1
        # no foot unloads faster: a radio that reports zero for a lost packet does
        fall_bw = (self._f[i - 1] - self._f[i]) / self.baseline.weight_n
        steep = fall_bw >= max(0.3, 60.0 * float(self._t[i] - self._t[i - 1]))
        self._suspect = float(self._f[i]) if steep else np.nan
        self._hole = self._uncertain and bool(steep)
        self._uncertain = not self._uncertain
        if self._uncertain:
            self._to_s = self._crossing(i, self.baseline.off_n)

    def _confirm(self) -> None:
        """Emit the contact, now that the load lasted; learn from the swing before."""
        self._uncertain = False
        rise_n = float(self._f[self._from(self._ic_s) : self._at].max())
        self._emit(self._ic_s, "ic", rise_n - self.baseline.zero_n)
        self.baseline.learn_stride(*self._stance, self._ic_s)
        if not np.isnan(self._to_s):
            swing_s = self._ic_s - self._to_s
            end_s = self._ic_s - 0.25 * swing_s
            begin_s = max(self._to_s + 0.30 * swing_s, end_s - _SWING_S)
            self.baseline.learn_swing(self._f[self._from(begin_s) : self._from(end_s)])

    def _judge(self, i: int) -> None:
        """Tell a jumped zero from a standing person, at sample ``i``."""
        now_s = float(self._t[i])
        self._check_s = now_s + _STUCK_CHECK_S
        window = slice(self._from(max(self._since_s, now_s - _WINDOW_S)), i + 1)
        if self.baseline.follow_jump(self._t[window], self._f[window]):
            self._forget()
            self._emit(now_s, "stuck")


def _first(f: Floats, start: int, end: int, level: float, *, below: bool) -> int:
    """Return the first index in [start, end) on that side of a level, else ``end``."""
    block = 128
    while start < end:
        part = f[start : min(start + block, end)]
        hits = part < level if below else part >= level
        found = int(hits.argmax())
        if hits[found]:
            return start + found
        start += len(part)
        block *= 2
    return end
