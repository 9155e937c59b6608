"""Which foot a step of the pelvis was on: votes of many steps, or unknown.

Metric reference, section 1.3. The sensor sees both feet alike; sides come from the
strict alternation of steps and from two signs that must agree (docs/decisions/0012).
"""

from __future__ import annotations

from collections import deque
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.gait.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.gait.contacts import Contact, ContactSide

_AGREEMENT: Final = 0.75  # [design] of 20 votes: by chance in 2 of 100 runs
_REGULAR: Final = (0.6, 1.6)  # of the usual step; metric reference 1.4
_KNOWN_STEPS: Final = 8
LEAST_STEPS: Final = 20  # metric reference 1.3
_MOST: Final = 0.5  # [design] the first steps of a run have no side, and need no word


def untold(contacts: Iterable[Contact]) -> tuple[Finding, ...]:
    """Return what is waited for while the pelvis alone has not told left from right.

    Parameters
    ----------
    contacts
        Those that strides are made of.
    """
    sides = [it.side for it in contacts if (it.source, it.kind) == ("pelvis_imu", "ic")]
    without = sides.count("unknown")
    if not without > _MOST * len(sides):
        return ()
    text = (
        f"The pelvis IMU has not told whose foot {without} of {len(sides)} steps were: "
        f"it needs {LEAST_STEPS} steps in a row without a turn, start or stop, and "
        "signs that agree. They count without a side."
    )
    return (Finding("no side", text),)


class PelvisSide:
    """Parity of left and right steps.

    Parameters
    ----------
    least_steps
        Votes in a row before a side is told.
    """

    def __init__(self, least_steps: int) -> None:
        self._least = least_steps
        self._steps_s: deque[float] = deque(maxlen=_KNOWN_STEPS)
        # +1: even steps are left, -1: right; by sway, by turn
        self._votes: deque[tuple[float, float]] = deque(maxlen=least_steps)
        self._before: tuple[float, float] | None = None
        self._even = True

    def forget(self) -> None:
        """Begin anew: a step is missing, alternation is broken."""
        self._votes.clear()
        self._steps_s.clear()
        self._before = None

    def vote(self, left_ms2: float, turn_rad_s: float) -> None:
        """Take the step that has ended.

        During a step the body is pushed away from the foot it stands on. Early in
        it, in running, the pelvis sinks on the other side; in walking it still turns
        away from the foot that came forward (McCamley 2012). Each step is compared
        with the one before, so that a crooked sensor does not count.

        Parameters
        ----------
        left_ms2
            Mean acceleration to the left over the step.
        turn_rad_s
            Mean over the first third of the step: roll rate, left side up +, in
            running; yaw rate, to the right +, in walking.
        """
        before, self._before = self._before, (left_ms2, turn_rad_s)
        if before is not None:
            parity = 1.0 if self._even else -1.0
            sway = parity * float(np.sign(before[0] - left_ms2))
            turn = parity * float(np.sign(turn_rad_s - before[1]))
            self._votes.append((sway, turn))

    def next_step(self, step_s: float) -> ContactSide:
        """Return the side of the step that begins, ``step_s`` after the last one."""
        usual_s = median(self._steps_s) if self._steps_s else step_s
        if not _REGULAR[0] <= step_s / usual_s <= _REGULAR[1]:
            self.forget()
        elif np.isfinite(step_s):
            self._steps_s.append(step_s)
        self._even = not self._even
        if len(self._votes) < self._least:
            return "unknown"
        sway, turn = (
            sum(votes) / self._least for votes in zip(*self._votes, strict=True)
        )
        least = 2.0 * _AGREEMENT - 1.0
        if min(abs(sway), abs(turn)) < least or sway * turn < 0:
            return "unknown"
        return "left" if (sway > 0) == self._even else "right"
