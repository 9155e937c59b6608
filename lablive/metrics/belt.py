"""Belt speed over time, from a treadmill stream or a constant."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.messages import Floats

# [design] metric reference 0.2; 3.1 - 3.0 is a little more than 0.1
SAME_SPEED_MPS: Final = 0.1 + 1e-9
LEVEL_PCT: Final = 0.5  # [design] what treadmills round their slope to


def one_speed(*speeds_mps: float) -> bool:
    """Tell whether strides at these belt speeds may be compared; NaN = not known."""
    span_mps = max(speeds_mps) - min(speeds_mps)
    known = all(speed == speed for speed in speeds_mps)
    return known and span_mps <= SAME_SPEED_MPS


class BeltSpeed:
    """Speed told by the treadmill, held until it tells the next.

    A treadmill reports when it gets round to it, so that no stride waits for it: the
    speed is looked up when strides are summarised.

    Parameters
    ----------
    constant_mps
        Speed when no treadmill tells it; None = not known.
    streams
        Whether a treadmill tells it.
    """

    def __init__(self, constant_mps: float | None, *, streams: bool) -> None:
        known = constant_mps is not None and not streams
        self._constant_mps = float(constant_mps or 0.0) if known else NAN
        self._t_s: list[float] = []
        self._speed_mps: list[float] = []
        self.known = known or streams

    def feed(self, t_s: Floats, speed_mps: Floats) -> None:
        """Take the next rows; NaN = not measured."""
        for at_s, speed in zip(t_s.tolist(), speed_mps.tolist(), strict=True):
            if speed == speed:
                self._t_s.append(at_s)
                self._speed_mps.append(speed)

    @property
    def rows(self) -> int:
        """How many speeds were told."""
        return len(self._t_s)

    def rows_before(self, t_s: float) -> int:
        """Return how many speeds were told before a time."""
        return bisect_left(self._t_s, t_s)

    def at(self, t_s: float) -> float:
        """Return the speed in m/s that was told last at ``t_s``; NaN = not known."""
        row = bisect_right(self._t_s, t_s)
        return self._speed_mps[row - 1] if row else self._constant_mps
