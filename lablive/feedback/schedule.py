"""When feedback is given and when the runner has to do without (metric reference 9)."""

from __future__ import annotations

from typing import Final

import msgspec

PLANNED_RUNS: Final = 8  # of published programmes
_CYCLE_S: Final = 60.0
_RETENTION_S: Final = 60.0


class Schedule(msgspec.Struct, frozen=True):
    """Feedback over the focus time of one run.

    Attributes
    ----------
    share
        Part of every minute with feedback, 1 = always.
    begin_s, end_s
        The focus time; infinite = until it is switched off.
    retention
        The last minute has none, to see what stays.
    """

    share: float = 1.0
    begin_s: float = -float("inf")
    end_s: float = float("inf")
    retention: bool = False

    def is_on(self, t_s: float) -> bool:
        """Tell whether the runner is given feedback at a time."""
        if not self.begin_s <= t_s < self.end_s:
            return False
        if self.retention and t_s >= self.end_s - _RETENTION_S:
            return False
        if self.share >= 1.0:
            return True
        since_s = t_s - max(self.begin_s, 0.0)
        return since_s % _CYCLE_S < self.share * _CYCLE_S


def faded_share(run: int, planned: int = PLANNED_RUNS) -> float:
    """Return the share of feedback of a run, 0 = the first one.

    All of it in the first half of the planned runs, then less from run to run, none in
    the last and after it.

    >>> [faded_share(run) for run in range(9)]
    [1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    """
    if planned < 2:
        return 1.0
    full = planned // 2
    if run < full:
        return 1.0
    return max(0.0, (planned - 1 - run) / (planned - full))
