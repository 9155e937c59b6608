"""When an IMU that stands in for another sensor looks at its rows, and when it rests.

While the insoles see every step, nobody asks an IMU for contacts. It looks around holes
only: from 40 strides before one, which its offsets are learnt from, to 40 behind it
(:attr:`lablive.gait.fallback.Fallback.spans`). Which rows these are follows from the
times of the better sensors' events alone (docs/decisions/0026).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from lablive.gait.fallback import LEAD_S
from lablive.lanes.lane import Backlog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import Contact
    from lablive.gait.fallback import Wanted
    from lablive.gait.imu_lanes import ImuLane
    from lablive.messages import Floats, Values


class StandIn:
    """An IMU that tells contacts while they are wanted; its mounting is always watched.

    Parameters
    ----------
    lane
        The IMU.
    wanted
        For whom it stands in.
    """

    def __init__(self, lane: ImuLane, wanted: Sequence[Wanted]) -> None:
        self.lane = lane
        self._wanted = wanted
        self._at = [0] * len(wanted)  # the spans that have not ended yet
        self._new = Backlog()
        self._rows: deque[tuple[Floats, Values]] = deque()
        self._awake = False
        self._end_s = -np.inf  # rows up to here are wanted, for all that is known
        self._passed_s = -np.inf  # time went on without rows

    @property
    def final_s(self) -> float:
        """Time before which no further contact will come."""
        return self.lane.final_s if self._awake else self._rests_until_s()

    def feed(self, t_s: Floats, x: Values) -> None:
        """Take the next rows."""
        self._new.append(t_s, x)

    @property
    def span_s(self) -> float:
        """How long the rows last that were not looked at in any way."""
        return self._new.span_s

    def advance(self, t_s: float) -> None:
        """Let time pass without rows."""
        self._passed_s = t_s

    def work(self) -> list[Contact] | None:
        """Look at the rows that are wanted; None = nothing more for now.

        What it returns may tell that more rows are wanted.
        """
        fresh = self._new.take()
        if fresh is not None:
            self.lane.watch(*fresh)
            self._rows.append(fresh)
        if not self._awake:
            return [] if self._wake() else None
        self._extend()
        found: list[Contact] = []
        looked = False
        while self._rows:
            t, x = self._rows[0]
            end = int(t.searchsorted(self._end_s, side="right"))
            if end:
                looked = True
                found += self.lane.contacts(t[:end], x[:end])
            if end < len(t):
                self._rows[0] = t[end:], x[end:]
                break
            self._rows.popleft()
        if not self._rows and np.isfinite(self._passed_s):
            found += self.lane.advance(self.lane.stream, self._passed_s)
            looked, self._passed_s = True, -np.inf
        if looked:
            return found
        # rests only when no row before the end can come any more
        self._awake = not (self._rows and self._rests_until_s() > self._end_s)
        return None if self._awake else []

    # -------------------------------------------------------------- when it is wanted
    def _extend(self) -> None:
        """Go on to the end of all spans that touch the one being looked at."""
        grown = True
        while grown:
            grown = False
            for number, one in enumerate(self._wanted):
                while self._at[number] < len(one.spans):
                    begin_s, end_s = one.spans[self._at[number]]
                    if begin_s > self._end_s:
                        break
                    open_end = end_s == np.inf
                    reach_s = one.known_s + LEAD_S if open_end else end_s
                    if reach_s > self._end_s:
                        self._end_s, grown = reach_s, True
                    if open_end:
                        break
                    self._at[number] += 1

    def _begins_s(self, number: int) -> tuple[float, bool]:
        """Return when it is wanted next, at the earliest; and whether that is sure."""
        one = self._wanted[number]
        if self._at[number] < len(one.spans):
            return one.spans[self._at[number]][0], True
        return one.earliest_s, False

    def _rests_until_s(self) -> float:
        return min(self._begins_s(number)[0] for number in range(len(self._wanted)))

    def _wake(self) -> bool:
        """Begin to look where the next span begins; forget the rows before it."""
        begins = [self._begins_s(number) for number in range(len(self._wanted))]
        begin_s = min(begins)[0]
        while self._rows and self._rows[0][0][-1] < begin_s:
            self._rows.popleft()
        # a later one may still begin earlier
        sure_s = min((at_s for at_s, sure in begins if sure), default=np.inf)
        if sure_s == np.inf or sure_s > begin_s:
            return False
        if not self._rows and self._passed_s < begin_s:
            return False  # its rows are still to come
        if self._rows:
            t, x = self._rows[0]
            first = int(t.searchsorted(begin_s))
            self._rows[0] = t[first:], x[first:]
        self.lane.skip_to(begin_s)
        self._end_s, self._awake = begin_s, True
        return True
