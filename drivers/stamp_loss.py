"""Rows missing from a stream that has time stamps but no counter."""

from __future__ import annotations

from typing import Final

from lablive.clock import DeviceClock

_SMALLEST_ROWS: Final = 0.75
_SMALLEST_S: Final = 0.002  # a sender's own wake-up is this late for half a second
_VERDICT_S: Final = 0.5
_VERDICT_FEEDS: Final = 4
_EVERY_S: Final = 0.02  # looking more often would find nothing more


class StampLoss:
    """Tell rows that are missing from rows that are only late.

    A sender that was busy stamps late and catches up; a row that is gone leaves all
    later ones late for good. So the verdict comes half a second after the step, from
    the earliest stamps of that half second against the line through all before.

    Parameters
    ----------
    rate_hz
        Nominal rows per second, above 0; the real rate is learned.
    """

    def __init__(self, rate_hz: float) -> None:
        self._clock = DeviceClock(1.0 / rate_hz)
        self._rows = 0
        self._since_s = 0.0
        self._floor_s = 0.0
        self._feeds = 0
        self.before_s = 0.0
        self._last_s = 0.0

    def feed(self, rows: int, stamp_s: float) -> int:
        """Take ``rows`` rows, the last stamped ``stamp_s``; return rows found missing.

        ``before_s`` is then the stamp of the last row before them.
        """
        self._rows += rows
        if stamp_s - self._last_s < _EVERY_S and stamp_s > self._last_s:
            return 0
        clock = self._clock
        late_s = stamp_s - clock.time_s(self._rows) if clock.settled else 0.0
        period_s = clock.period_s
        last_s, self._last_s = self._last_s, stamp_s
        if late_s < max(_SMALLEST_ROWS * period_s, _SMALLEST_S):
            self._feeds = 0
            clock.feed(self._rows, stamp_s)
            return 0
        if not self._feeds:
            self.before_s, self._since_s, self._floor_s = last_s, stamp_s, late_s
        self._feeds += 1
        self._floor_s = min(self._floor_s, late_s)
        if stamp_s - self._since_s < _VERDICT_S or self._feeds < _VERDICT_FEEDS:
            return 0
        self._feeds = 0
        lost = max(1, round(self._floor_s / period_s))
        self._rows += lost
        return lost
