"""Rows missing from a stream that has time stamps but no counter."""

from __future__ import annotations

from typing import Final

from lablive.clock import DeviceClock

_SMALLEST_ROWS: Final = 0.75
_SMALLEST_S: Final = 0.002  # a sender's own wake-up may stay this late for a while
_SAME_ROWS: Final = 0.5
_WINDOW_S: Final = 0.4
_WINDOW_FEEDS: Final = 4
_EVERY_S: Final = 0.02  # looking more often would find nothing more


class StampLoss:
    """Tell rows that are missing from rows that are only late.

    A sender that was busy stamps late and catches up; a row that is gone leaves all
    later ones late for good. So the verdict comes 0.8 s after the step: when the
    earliest stamps of two windows in a row lie equally far behind the line through
    all stamps before.

    Parameters
    ----------
    rate_hz
        Nominal rows per second, above 0; the real rate is learned.

    Attributes
    ----------
    before_s
        Stamp of the last row before the rows found missing.
    """

    def __init__(self, rate_hz: float) -> None:
        self._clock = DeviceClock(1.0 / rate_hz)
        self._rows = 0
        self._last_s = float("-inf")
        self._is_late = False
        self._window_s = 0.0
        self._feeds = 0
        self._floor_s = self._before_floor_s = float("inf")
        self.before_s = 0.0

    def feed(self, rows: int, stamp_s: float) -> int:
        """Take rows, the last stamped ``stamp_s``; return how many are missing."""
        self._rows += rows
        if 0 < stamp_s - self._last_s < _EVERY_S:
            return 0
        clock, last_s = self._clock, self._last_s
        self._last_s = stamp_s
        late_s = stamp_s - clock.time_s(self._rows) if clock.settled else 0.0
        if late_s < max(_SMALLEST_ROWS * clock.period_s, _SMALLEST_S):
            self._is_late = False
            clock.feed(self._rows, stamp_s)
            return 0
        if not self._is_late:
            self._is_late = True
            self.before_s = last_s
            self._begin_window(stamp_s, float("inf"))
        self._feeds += 1
        self._floor_s = min(self._floor_s, late_s)
        if stamp_s - self._window_s < _WINDOW_S or self._feeds < _WINDOW_FEEDS:
            return 0
        noise_s = max(_SAME_ROWS * clock.period_s, _SMALLEST_S / 2)
        if self._before_floor_s - self._floor_s > noise_s:
            self._begin_window(stamp_s, self._floor_s)  # it is catching up
            return 0
        self._is_late = False
        lost = max(1, round(self._floor_s / clock.period_s))
        self._rows += lost
        return lost

    def _begin_window(self, stamp_s: float, floor_s: float) -> None:
        self._window_s, self._before_floor_s = stamp_s, floor_s
        self._floor_s, self._feeds = float("inf"), 0
