"""When each row was measured, and which rows are missing (no bytes here)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.clock import DeviceClock, SteadyClock

if TYPE_CHECKING:
    from lablive.messages import Floats, GapKind

_LEARNED: Final = 32  # frame intervals that the row period is learned from
_ENOUGH: Final = 8
_MISSING: Final = 1.5  # a step of the device clock longer than this many periods
_CLOCK_SET_S: Final = 1.0  # device time cannot run ahead of arrival by more
_SILENCE_PERIODS: Final = 3.0
_SILENCE_S: Final = 0.05  # the operating system may be this late by itself


class Loss(NamedTuple):
    """Rows missing before the next ones; None = unknown."""

    rows: int | None
    kind: GapKind
    why: str
    exact: bool = True


class Timeline:
    """Times of the rows of one kind of frame.

    Three sources, the best there is: the device's own clock, the row number at the
    nominal rate (both fitted to the lab clock), or the arrival alone.

    Parameters
    ----------
    rate_hz
        Nominal rows per second, 0 = unknown.
    tick_s
        Seconds per count of the device's clock, 0 = it has none.
    newest_first
        The clock of a frame belongs to its last row, not to its first.
    sees_loss
        A counter reports what is missing; time need not guess.
    max_gap_s
        Without counter and clock, a longer silence is an unknown loss; 0 = by rate.

    Attributes
    ----------
    tick_s
        Seconds per count of the device's clock.
    row_s
        Seconds from row to row: learned from the device's clock, else nominal; 0 as
        long as it is unknown.
    paces_s
        The newest of what it is learned from.
    """

    def __init__(
        self,
        rate_hz: float,
        tick_s: float,
        *,
        newest_first: bool = False,
        sees_loss: bool = False,
        max_gap_s: float = 0.0,
    ) -> None:
        self._rate_hz = rate_hz
        self.tick_s = tick_s
        self._newest_first = newest_first
        self._sees_loss = sees_loss
        self._max_gap_s = max_gap_s
        unit_s = tick_s or (1.0 / rate_hz if rate_hz > 0 else 0.0)
        self.clock = DeviceClock(unit_s) if unit_s else None
        self.row_s = 1.0 / rate_hz if rate_hz > 0 else 0.0
        self._learned = 0
        self._index = 0  # number of the next row, lost ones included
        self._tick = 0.0  # last device time
        self._has_tick = False
        self.paces_s: deque[float] = deque(maxlen=_LEARNED)
        self._arrival_s = float("nan")
        self._burst = 1
        self._timed = True

    def without_arrivals(self, known: Timeline | None = None) -> None:
        """Take the device's own time as it is: nobody knows when these bytes came.

        ``known`` has seen the same bytes before: its row period holds from the start.
        """
        self._timed = False
        if known is not None:
            self.paces_s, self.row_s = known.paces_s.copy(), known.row_s
        if self.clock:
            self.clock = SteadyClock(self.clock.unit_s)

    def tick_loss(self, tick: float, samples: int, arrival_s: float) -> Loss | None:
        """Take a frame's device time; say what is missing when no counter does."""
        step_s = (tick - self._tick) * self.tick_s
        known, self._has_tick = self._has_tick, True
        self._tick = tick
        if not known or step_s <= 0:
            return None
        if self._timed and step_s > arrival_s - self._arrival_s + _CLOCK_SET_S:
            return Loss(None, "reset", "the device's clock was set")
        learned = len(self.paces_s) >= _ENOUGH
        if learned and step_s > _MISSING * samples * self.row_s:
            if self._sees_loss:
                return None
            rows = round(step_s / self.row_s) - samples
            return Loss(rows, "lost", "the device's clock stepped over rows", False)
        self._learn(step_s / samples)
        return None

    def expected_steps(self, tick: float, samples: int) -> float | None:
        """Return how many frames the device's clock has moved on; None = unknown."""
        if not self._has_tick or len(self.paces_s) < _ENOUGH:
            return None
        return (tick - self._tick) * self.tick_s / (self.row_s * samples)

    def _learn(self, row_s: float) -> None:
        """Keep ``row_s``, seconds from row to row, as the device's clock shows it."""
        self.paces_s.append(row_s)
        self._learned = (self._learned + 1) % _ENOUGH
        if self._learned:
            return
        middle = sorted(self.paces_s)[len(self.paces_s) // 2]
        whole = [step for step in self.paces_s if step < _MISSING * middle]
        self.row_s = sum(whole) / len(whole)

    def silence(self, rows: int, arrival_s: float) -> Loss | None:
        """Say whether rows are missing before these, judged by arrival alone."""
        waited_s = arrival_s - self._arrival_s
        burst, self._burst = self._burst, max(rows, int(self._burst * 0.99), 1)
        self._arrival_s = arrival_s
        seen = self._sees_loss or self.tick_s or self._rate_hz <= 0
        if seen or not self._timed:
            return None
        excess_s = waited_s - rows / self._rate_hz
        longest_s = self._max_gap_s or max(
            _SILENCE_S, _SILENCE_PERIODS * burst / self._rate_hz
        )
        if not excess_s > longest_s:
            return None
        return Loss(None, "lost", f"nothing came for {waited_s:.2f} s")

    def restart(self) -> None:
        """Begin a new segment: the device's numbers begin again."""
        self._has_tick = False
        if self.clock:
            self.clock.restart()

    def skip(self, rows: int) -> None:
        """Leave room for rows that were lost."""
        self._index += rows

    def times_s(
        self, ticks: list[float], frames: int, samples: int, arrival_s: float
    ) -> tuple[Floats, bool]:
        """Return the lab time of every row of frames, shape (frames x samples,).

        The second value is True when time moved on in a jump (the device stood
        still, or its nominal rate is wrong).
        """
        rows = frames * samples
        first, self._index = self._index, self._index + rows
        if self.clock is None:
            return np.full(rows, arrival_s), False
        if not self.tick_s:
            jumped = self.clock.feed(float(first + rows - 1), arrival_s)
            return self.clock.times_s(
                np.arange(first, first + rows, dtype=float)
            ), jumped
        counts = np.array(ticks, dtype=float)
        if samples == 1:
            jumped = self.clock.feed(ticks[-1], arrival_s)
            return self.clock.times_s(counts), jumped
        # the clock stands for the first (or last) row of a frame; arrival for the last
        within = np.arange(samples) - (samples - 1 if self._newest_first else 0)
        offset_s = within * self.row_s
        last = ticks[-1] + float(offset_s[-1]) / self.tick_s
        jumped = self.clock.feed(last, arrival_s)
        return (self.clock.times_s(counts)[:, None] + offset_s).ravel(), jumped

    def due(self, arrival_s: float) -> float | None:
        """Return the row number that can have arrived by now; None = unknown."""
        if self.clock is None or self.tick_s:
            return None
        return self.clock.count_at(arrival_s)

    @property
    def next_index(self) -> int:
        """Number of the next row, lost ones included."""
        return self._index
