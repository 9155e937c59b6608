"""How an IMU is worn, seen in strides: how a leg turns, whose foot the pelvis is on.

A stance turns thigh, shank and foot forward over the ground: about their left axis, and
never the other way. So an axis that was given wrongly shows without a calibration.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.gait.swaps import Votes

if TYPE_CHECKING:
    from lablive.gait.strides import Stride
    from lablive.messages import Floats

Turned = Literal["", "back to front", "on its side"]

_VOTES: Final = 10
_AGREEMENT: Final = 0.9  # [design]
_LEAST_TURN_RAD: Final = np.radians(15.0)  # [design] a walker's thigh turns 30
_SAME_AXIS: Final = 0.5  # cosine: 60 degrees, as for contacts (decision 12)
SLIP_DEG: Final = 15.0  # [design] more than posture, shoes or speed change
_SLIP_STRIDES: Final = 8
_EARLY: Final = 0.3  # of a step, as in pelvis_side


class WornWatch:
    """What the last strides say of how one sensor is worn."""

    def __init__(self) -> None:
        self._votes: deque[str] = deque(maxlen=_VOTES)

    def vote(self, how: str) -> None:
        """Take the word of one stride; "" = as it should be."""
        self._votes.append(how)

    @property
    def how(self) -> str:
        """How it is worn by nine of the last ten strides, "" = nothing against it."""
        wrong = sum(bool(vote) for vote in self._votes)
        if wrong < _AGREEMENT * _VOTES:
            return ""
        return Counter(vote for vote in self._votes if vote).most_common(1)[0][0]


def stance_turn(stride: Stride, t_s: Floats, rate_rps: Floats) -> Floats | None:
    """Return how a leg's sensor turns in its stance, in rad, None when it hardly does.

    Parameters
    ----------
    stride
        With a toe-off.
    t_s, rate_rps
        Times, shape (rows,), and rates in segment axes, shape (rows, 3).

    Returns
    -------
    turn : shape (3,)
    """
    if stride.to_s is None:
        return None
    first, end = t_s.searchsorted((stride.ic_s, stride.to_s)).tolist()
    if end - first < 2:
        return None
    turn = np.add.reduce(rate_rps[first:end], axis=0) * (
        (stride.to_s - stride.ic_s) / (end - first)
    )
    return turn if turn @ turn > _LEAST_TURN_RAD**2 else None


def way_of(turn: Floats) -> Turned:
    """Return how a sensor is worn that turns so in its own stance."""
    x, y, z = turn.tolist()
    size = (x * x + y * y + z * z) ** 0.5
    if y > _SAME_AXIS * size:
        return ""
    return "back to front" if y < -_SAME_AXIS * size else "on its side"


class SlipWatch:
    """Whether a sensor has turned on the body since the first strides.

    Attributes
    ----------
    since_s
        Begin of the first stride that may be of the turned sensor; infinite before.
    turned_deg
        How far it has turned at last.
    """

    def __init__(self) -> None:
        self._first = np.zeros(3)
        self._seen = 0
        self._newest: deque[tuple[float, Floats]] = deque(maxlen=_SLIP_STRIDES)
        self._now = np.zeros(3)
        self.since_s = np.inf
        self.turned_deg = 0.0

    def feed(self, ic_s: float, direction: Floats) -> None:
        """Take a direction of the body, in sensor axes, shape (3,), of a stride."""
        size = float(np.sqrt(direction @ direction))
        if not size > 0:
            return
        unit = direction / size
        self._seen += 1
        if self._seen <= _SLIP_STRIDES:
            self._first = self._first + unit
        self._newest.append((ic_s, unit))
        if self._seen <= _SLIP_STRIDES:
            return
        now = np.add.reduce([it for _, it in self._newest])
        sizes = float(np.sqrt((now @ now) * (self._first @ self._first)))
        cosine = min(float(now @ self._first) / sizes, 1.0) if sizes > 0 else 1.0
        turned_deg = float(np.degrees(np.arccos(max(cosine, -1.0))))
        if turned_deg > SLIP_DEG:
            self.turned_deg = turned_deg
            self.since_s = min(self.since_s, self._newest[0][0])


class PelvisSides(Votes):
    """Watches whether the pelvis stands on the foot that the insoles tell.

    The two signs of :mod:`lablive.gait.pelvis_side`, step against step within a
    stride; a stride in which they contradict each other says nothing.
    """

    def feed(
        self, stride: Stride, t_s: Floats, left_ms2: Floats, roll_yaw_rps: Floats
    ) -> None:
        """Take a stride by the insoles and the pelvis in it.

        Parameters
        ----------
        stride
            A stride; invalid ones teach nothing.
        t_s, left_ms2, roll_yaw_rps
            Times, acceleration to the left without gravity, shapes (rows,), roll rate
            (left side up +) and yaw rate (to the left +), shape (rows, 2).
        """
        middle_s = stride.opposite_ic_s
        if not stride.valid or middle_s is None or stride.side == "unknown":
            return
        runs = stride.gait == "run"
        turn = roll_yaw_rps[:, 0] if runs else -roll_yaw_rps[:, 1]
        sways: list[float] = []
        turns: list[float] = []
        for from_s, to_s in ((stride.ic_s, middle_s), (middle_s, stride.next_ic_s)):
            early_s = from_s + _EARLY * (to_s - from_s)
            first, early, end = t_s.searchsorted((from_s, early_s, to_s)).tolist()
            if not first < early < end:
                return
            sways.append(float(np.add.reduce(left_ms2[first:end])) / (end - first))
            turns.append(float(np.add.reduce(turn[first:early])) / (early - first))
        stands_left = sways[0] < sways[1]
        if stands_left == (turns[0] > turns[1]):
            self.vote(stands_left != (stride.side == "left"))
