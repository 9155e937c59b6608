"""Body weight in the unit of the force sensors (metric reference 3.1).

Exact physics: in steady gait the mean vertical force of both feet is body weight.
So a run calibrates itself when the insoles were not, and checks them when they were.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

import msgspec

from lablive.metrics.metric import NAN
from lablive.names import SIDES

if TYPE_CHECKING:
    from lablive.gait.contacts import ContactSide
    from lablive.gait.strides import Stride

GAIN_RATIO_OK: Final = (0.85, 1.18)  # metric reference 3.1, step 3
MIN_STRIDES: Final = 20
FROM_THE_RUN: Final = "body weight from the run itself: mean force = body weight"


class Weight(msgspec.Struct, frozen=True):
    """Body weight in sensor units, and what it comes from.

    Attributes
    ----------
    value
        Force that is one body weight; NaN = not known.
    ratio
        Running over standing gain (``insole_gain_ratio``); NaN = not known.
    strides
        Valid strides behind the running check.
    note
        What a reader of the forces must know; "" when standing gave the weight.
    """

    value: float = NAN
    ratio: float = NAN
    strides: int = 0
    note: str = ""


class WeightCheck:
    """Impulses of the valid strides so far; tells the weight at any time.

    Parameters
    ----------
    standing
        Body weight in sensor units from mass and standing gain; NaN when the sensors
        give counts or the mass is unknown.
    one_unit
        False when the feet are measured in different units: then their sum means
        nothing and the run cannot weigh the runner.
    """

    def __init__(self, standing: float, *, one_unit: bool = True) -> None:
        self._standing = standing
        self._one_unit = one_unit
        # per side: stride ends, running sums of impulse and of time
        self._ends_s: dict[ContactSide, list[float]] = {}
        self._sums: dict[ContactSide, list[tuple[float, float]]] = {}

    def add(self, stride: Stride, impulse: float) -> None:
        """Take the stance impulse of the next valid stride, in sensor units x s."""
        sums = self._sums.setdefault(stride.side, [(0.0, 0.0)])
        total, lasted_s = sums[-1]
        sums.append((total + impulse, lasted_s + stride.stride_s))
        self._ends_s.setdefault(stride.side, []).append(stride.next_ic_s)

    def at(self, t_s: float, *, runs: bool = True) -> Weight:
        """Return the weight as known from strides that ended before ``t_s``.

        ``runs``: the run itself can weigh the runner; a sole at the end of its range
        reads too little.
        """
        measured, strides = self._measured(t_s) if self._one_unit else (NAN, 0)
        if strides < MIN_STRIDES or not runs:
            return Weight(self._standing, NAN, strides)
        ratio = self._standing / measured
        low, high = GAIN_RATIO_OK
        if low <= ratio <= high:
            return Weight(self._standing, ratio, strides)
        note = FROM_THE_RUN
        if self._standing == self._standing:
            note = f"insole gain: the standing gain is off by {ratio:.2f}; {note}"
        return Weight(measured, ratio, strides, note)

    def _measured(self, t_s: float) -> tuple[float, int]:
        """Return the mean force of both feet and the number of strides behind it."""
        means: dict[ContactSide, float] = {}
        strides = 0
        for side, ends_s in self._ends_s.items():
            n = bisect_left(ends_s, t_s)
            if n:
                impulse, lasted_s = self._sums[side][n]
                means[side] = impulse / lasted_s
                strides += n
        if "unknown" in means:  # a force plate: each stride holds one of two stances
            return 2.0 * means["unknown"], strides
        if len(means) < len(SIDES):
            return NAN, 0
        return means["left"] + means["right"], strides
