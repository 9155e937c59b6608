"""Plain references for the contact detector: sample by sample, no vectors.

``FootEvents`` is the executable definition of metric reference 1.1, for clean
signals; ``SlowDetector`` follows every rule of :mod:`lablive.gait.contacts` (spikes,
dropouts, loss, frozen values, jumped zero), one sample at a time.
"""

from __future__ import annotations

import math

import numpy as np

from lablive.gait.baseline import Baseline

GRAVITY = 9.80665


class FootEvents:
    def __init__(self, bw, fs):
        self.bw, self.fs = bw, fs
        self.zero, self.sigma = None, 5.0
        self.start, self.swing = [], []
        self.to = -9.0
        self.ic = -9.0
        self.contact = False
        self.events = []

    def thresholds(self):
        on = max(0.08 * self.bw, 40.0, 6 * self.sigma)
        off = max(0.05 * self.bw, 25.0, 4 * self.sigma)
        return self.zero + on, self.zero + off

    def feed(self, t, f):
        if self.zero is None:
            self.start.append(f)
            if len(self.start) >= 2 * self.fs:
                self.zero = float(np.percentile(self.start, 5))
                self.contact = f >= self.thresholds()[0]
                self.ic, self.before = t, (t, f)
            return
        on, off = self.thresholds()
        t0, f0 = self.before
        if not self.contact:
            self.swing.append((t, f))
            if f >= on and t - self.to >= 0.1:
                self._contact(t, off)
        elif f < off and t - self.ic >= 0.08:
            self.to = t0 + (f0 - off) / (f0 - f) * (t - t0) if f0 > f else t
            self.contact, self.swing = False, [(t, f)]
            self.events.append(("to", self.to))
        self.before = (t, f)

    def _contact(self, t, off):
        ic, window = t, self.swing[-int(0.06 * self.fs) - 2 :]
        pairs = zip(window[:0:-1], window[-2::-1], strict=True)
        for (t1, f1), (t0, f0) in pairs:
            if f0 < off <= f1:
                ic = t0 + (off - f0) / (f1 - f0) * (t1 - t0)
                break
        d = ic - self.to
        low, high = self.to + 0.3 * d, ic - 0.25 * d
        middle = [f for x, f in self.swing if low <= x <= high] if self.to > 0 else []
        if len(middle) >= 3:
            level = float(np.median(middle))
            spread = 1.4826 * float(np.median(np.abs(np.array(middle) - level)))
            self.zero += 0.3 * (level - self.zero)
            self.sigma = max(1.0, 0.9 * self.sigma + 0.1 * spread)
        self.contact, self.ic, self.swing = True, ic, []
        self.events.append(("ic", ic))


class SlowDetector:
    def __init__(self, settings):
        self.s, self.b = settings, Baseline(settings)
        self.all = []  # every measured (t, f)
        self.state = "settling"
        self.check = None
        self.lost = self.frozen = self.sure = self.hole = False
        self.to = self.ic = self.suspect = math.nan
        self.since = -math.inf
        self.stance = (math.nan, math.nan)
        self.moved = None  # when the value last changed
        self.low = math.inf
        self.events = []

    def feed(self, t, f):
        if math.isnan(f):
            self._silence(t)
            return
        if self.state == "settling":
            self.all.append((t, f))
            self._settle(t)
        else:
            self._sample(t, f)

    def finish(self):
        if self.state == "swing" and not self.sure and math.isnan(self.suspect):
            self.events.append(("to", self.to))

    def _silence(self, t):
        late = self.all and t - self.all[-1][0] > self.s.lost_s
        if late and self.state != "settling" and not self.lost:
            self._lose(self.all[-1][0])

    def _window(self, low, high=math.inf):
        rows = [(t, f) for t, f in self.all if low <= t < high]
        return np.array(rows).reshape(-1, 2).T

    def _settle(self, t):
        if self.check is None:
            self.check = self.all[0][0] + self.s.settle_s
        if t < self.check:
            return
        self.check = t + 0.25
        ts, fs = self._window(t - self.s.settle_s)
        enough = len(ts) >= 0.7 * self.s.settle_s * self.s.rate_hz
        if enough and self.b.settle(ts, fs):
            self.state = "unknown"
            again = [row for row in self.all if row[0] >= t - self.s.settle_s]
            self.all = [row for row in self.all if row[0] < t - self.s.settle_s]
            self.low = min([f for _, f in self.all], default=math.inf)
            self.moved = self._moved_before(again[0])
            self.first = True
            for row in again:
                self._sample(*row)

    def _moved_before(self, row):
        since = row[0]
        for t, f in reversed(self.all):
            if f != row[1]:
                return since
            since = t
        return since

    def _sample(self, t, f):
        t0, f0 = self.all[-1] if self.all else (t, f)
        still_before = t0 - self.moved if not self.first else 0.0
        if not self.first and f != f0:
            self.moved = t
        self.low = min(self.low, f)
        still = t - self.moved
        self.all.append((t, f))
        if not self.first:
            stood = still > self.s.frozen_s >= still_before
            if t - t0 > self.s.lost_s:
                if not self.lost:
                    self._lose(t0)
                self.lost = False
                if still > self.s.frozen_s:
                    self._stands(t, f)
            elif stood:
                self._stands(t, f)
        self.first = False
        if self.frozen:
            if still != 0.0:
                return
            self.frozen = False
        getattr(self, f"_{self.state}")(t, f, t0, f0)

    def _stands(self, t, f):
        if self.state == "swing":
            floor = f <= self.low and math.isnan(self.suspect)
            normal = self.b.clips_in_air(at_floor=floor)
            self.suspect, self.hole = math.nan, False
        else:
            normal = self.state == "unknown" or self.b.clips_under_load()
        if not normal:
            self._lose(t)
            self.lost, self.frozen = False, True

    def _lose(self, t):
        self.events.append(("lost", t))
        self.state, self.sure, self.stance = "unknown", True, (math.nan, math.nan)
        self.lost, self.hole = True, False

    def _unknown(self, t, f, t0, f0):
        if f < self.b.off_n:
            self.state, self.to, self.sure = "swing", math.nan, True
        elif f >= self.b.on_n:
            self._begin(math.nan, t)

    def _begin(self, ic, since):
        self.state, self.ic, self.since = "contact", ic, since
        self.sure = math.isnan(ic)
        self.check = since + self.b.stuck_after_s

    def _swing(self, t, f, t0, f0):
        if not math.isnan(self.suspect):
            if f == self.suspect:
                return
            self.suspect = math.nan
            if f >= self.b.on_n:
                self.state, self.sure, self.hole = "contact", not self.hole, False
                return
            self.hole = False
        swing_s = self.s.min_swing_s(walking=self.b.walking)
        if not self.sure and t >= self.to + swing_s:
            self.sure = True
            self.events.append(("to", self.to))
            self.stance = (self.ic, self.to)
        if f < self.b.on_n:
            return
        if not self.sure:
            self.state, self.sure = "contact", True
            return
        ic = math.nan
        for k in range(len(self.all) - 1, 0, -1):
            if self.all[k][0] < t - 0.06:
                break
            if self.all[k - 1][1] < self.b.off_n:
                ic = cross(self.all[k - 1], self.all[k], self.b.off_n)
                break
        if not ic >= t - 0.06:
            ic = cross((t0, f0), (t, f), self.b.on_n)
        self._begin(ic, ic)

    def _contact(self, t, f, t0, f0):
        if not self.sure and t >= self.ic + self.s.min_contact_s:
            self._confirm(t)
        if f < self.b.off_n:
            self.state = "swing"
            steep = (f0 - f) / self.b.weight_n >= max(0.3, 60.0 * (t - t0))
            self.suspect = f if steep else math.nan
            self.hole = steep and not self.sure
            self.sure = not self.sure
            if not self.sure:
                self.to = cross((t0, f0), (t, f), self.b.off_n)
        elif self.sure and t > self.check:
            self.check = t + 0.5
            ts, fs = self._window(max(self.since, t - 3.0))
            if self.b.follow_jump(ts, fs):
                self.state, self.stance = "unknown", (math.nan, math.nan)
                self.hole = False
                self.events.append(("stuck", t))

    def _confirm(self, t):
        self.sure = True
        self.events.append(("ic", self.ic))
        self.b.learn_stride(*self.stance, self.ic)
        if not math.isnan(self.to):
            d = self.ic - self.to
            end = self.ic - 0.25 * d
            start = max(self.to + 0.30 * d, end - 2.0)
            self.b.learn_swing(self._window(start, end)[1])


def cross(a, b, level):
    if (a[1] < level) == (b[1] < level):
        return a[0]
    return a[0] + (level - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
