"""Standing still and holding: sway and hold time (metric reference 8.1, 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.metric import NAN

if TYPE_CHECKING:
    from lablive.messages import Floats

_LONGEST_HOLE_S: Final = 0.02  # metric reference 0.5
_HOLE_ROWS: Final = 1.5
_LEAST_KNOWN: Final = 0.9  # [design] of the time


def sway_cop_mm_s(t_s: Floats, xy: Floats, length_mm: float, width_mm: float) -> float:
    """Return the path of the centre of pressure over time, in mm/s.

    The noise of the cells is part of the path: compare the same insoles, rate and foot.

    Parameters
    ----------
    t_s
        Times, shape (rows,).
    xy
        Centre of pressure of one foot, shape (rows, 2): x in insole widths, y in insole
        lengths; NaN = not measured.
    length_mm, width_mm
        Of the insole.

    Returns
    -------
    sway : NaN when a tenth of the time or more is not measured
    """
    if len(t_s) < 2:
        return NAN
    usual_s = float(np.median(np.diff(t_s)))
    known = np.isfinite(xy).all(axis=1)
    t, path = t_s[known], xy[known] * (width_mm, length_mm)
    lasted_s = np.diff(t)
    step_mm = np.hypot(*np.diff(path, axis=0).T)
    near = lasted_s <= max(_LONGEST_HOLE_S, _HOLE_ROWS * usual_s)
    seen_s = float(lasted_s[near].sum())
    if not seen_s > _LEAST_KNOWN * float(t_s[-1] - t_s[0]):
        return NAN
    return float(step_mm[near].sum()) / seen_s


def hold_time_s(t_s: Floats, held: Floats, begin_s: float, end_s: float) -> float:
    """Return how long a position was held without a break from the begin on.

    Parameters
    ----------
    t_s, held
        Times and whether the position is held then (1 or 0), shape (rows,); NaN = not
        measured, which ends the hold: nothing is taken for held that nobody saw.
    begin_s, end_s
        When the hold was asked for, and when the drill ended.

    Returns
    -------
    time : NaN without rows at the begin
    """
    rows = (t_s >= begin_s) & (t_s <= end_s)
    t, hold = t_s[rows], held[rows]
    if len(t) < 2 or t[0] - begin_s > 2 * float(np.median(np.diff(t))):
        return NAN
    if np.isnan(hold[0]):
        return NAN
    let_go = np.flatnonzero(~(hold > 0))
    hole = np.flatnonzero(np.diff(t) > max(_LONGEST_HOLE_S, 2 * np.median(np.diff(t))))
    stops = [*t[let_go[:1]], *t[hole[:1]]]
    return float(min(stops, default=end_s if t[-1] >= end_s else t[-1])) - begin_s
