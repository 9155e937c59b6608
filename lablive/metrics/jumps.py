"""Hops, jumps and landings: formulas of the metric reference, 8.1, for drills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.metrics.metric import NAN
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.messages import Floats

STABLE_BW: Final = 0.05
STABLE_S: Final = 1.0
STABLE_WINDOW_S: Final = 5.0  # always the same: its length alone changes the result


class BoxJump(NamedTuple):
    """A jump up onto a box: never height from flight time alone.

    Attributes
    ----------
    apex_m
        Rise of the centre of mass over take-off.
    landing_mps
        Speed at touch-down.
    drop_m
        Height of a drop that lands as fast.
    """

    apex_m: float
    landing_mps: float
    drop_m: float


def jump_height_m(flight_s: float) -> float:
    """Return g tf^2 / 8, on level ground.

    >>> round(jump_height_m(0.5), 5)
    0.30646
    """
    return STANDARD_GRAVITY * flight_s**2 / 8


def hop_rsi_mps(flight_s: float, contact_s: float) -> float:
    """Return the reactive strength index: jump height / contact time, in m/s."""
    return jump_height_m(flight_s) / contact_s


def box_jump(height_m: float, flight_s: float) -> BoxJump:
    """Return apex and landing of a jump up onto a box of a height."""
    start_mps = height_m / flight_s + STANDARD_GRAVITY * flight_s / 2
    landing_mps = abs(start_mps - STANDARD_GRAVITY * flight_s)
    twice_g = 2 * STANDARD_GRAVITY
    return BoxJump(start_mps**2 / twice_g, landing_mps, landing_mps**2 / twice_g)


def drop_flight_s(height_m: float) -> float:
    """Return how long a drop from a height lasts."""
    return float(np.sqrt(2 * height_m / STANDARD_GRAVITY))


def landing_share_pct(left_peak: float, right_peak: float) -> float:
    """Return the right foot's share of the landing peaks."""
    total = left_peak + right_peak
    return 100.0 * right_peak / total if total > 0 else NAN


def stabilisation_s(t_s: Floats, force_bw: Floats, noise_bw: float = 0.0) -> float:
    """Return the time to stabilisation after a landing.

    The last exit of the total force from 1 +- 0.05 body weights (or three SD of the
    insoles' noise when that is more) in a fixed window of 5 s, then inside for 1 s.

    Parameters
    ----------
    t_s, force_bw
        Times from the landing at 0, and the force of both feet, shape (rows,).
    noise_bw
        SD of the noise.

    Returns
    -------
    time : NaN when the window is not covered or the force did not settle
    """
    rows = (t_s >= 0.0) & (t_s <= STABLE_WINDOW_S)
    t, f = t_s[rows], force_bw[rows]
    if len(t) < 2 or t[-1] < STABLE_WINDOW_S - 2 * (t[-1] - t[-2]):
        return NAN
    outside = np.flatnonzero(~(np.abs(f - 1.0) <= max(STABLE_BW, 3 * noise_bw)))
    if not len(outside):
        return 0.0
    last = int(outside[-1])
    if last + 1 == len(t) or t[-1] - t[last + 1] < STABLE_S:
        return NAN
    return float(t[last + 1])


def landing_sync_ms(left_ic_s: float, right_ic_s: float) -> float:
    """Return how far apart both feet land, in ms, + = the left foot lands first.

    Its size is judged; the sign says which foot waits (metric reference 0.6, 8.1).
    """
    return 1e3 * (right_ic_s - left_ic_s)


class ValidCount(NamedTuple):
    """Repetitions without fault, of those that were scored."""

    valid: int
    scored: int

    @property
    def value(self) -> float:
        """Valid repetitions; NaN when none was scored."""
        return float(self.valid) if self.scored else NAN


def hop_valid_count(faults: Sequence[str], scored: slice = slice(None)) -> ValidCount:
    """Return how many scored repetitions have no fault.

    Parameters
    ----------
    faults
        What was wrong with each repetition, in order; "" = nothing.
    scored
        Which of them count: hops 3 to 12 of 12 are ``slice(2, 12)``.
    """
    found = list(faults)[scored]
    return ValidCount(sum(not fault for fault in found), len(found))
