"""Plain references: a threshold on a force, the period of a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lablive.messages import Floats


def crossings_s(
    t_s: Floats, force: Floats, up: float, down: float, shortest_s: float = 0.0
) -> Floats:
    """Return begin and end of every contact that begins in the trace, shape (n, 2).

    Parameters
    ----------
    t_s, force
        Shape (rows,), force in any unit.
    up, down
        A contact begins over ``up`` and ends below ``down``, both interpolated; its
        end is NaN when the trace ends first.
    shortest_s
        A shorter one is none.
    """
    found: list[tuple[float, float]] = []
    begin_s = np.nan
    for i in range(1, len(force)):
        inside = bool(np.isfinite(begin_s))
        limit = down if inside else up
        before, now = force[i - 1] - limit, force[i] - limit
        if (before >= 0) == (now >= 0) or inside != bool(before >= 0):
            continue
        at_s = float(t_s[i - 1] - before / (now - before) * (t_s[i] - t_s[i - 1]))
        if not inside:
            begin_s = at_s
            continue
        if at_s - begin_s >= shortest_s:
            found.append((begin_s, at_s))
        begin_s = np.nan
    if np.isfinite(begin_s):
        found.append((begin_s, np.nan))
    return np.array(found).reshape(-1, 2)


def period_s(x: Floats, rate_hz: float, shortest_s: float, longest_s: float) -> float:
    """Return the lag of the highest autocorrelation of several channels together.

    Parameters
    ----------
    x
        Shape (rows, channels).
    shortest_s, longest_s
        Where the lag is looked for.
    """
    part = x - x.mean(axis=0)
    first, end = int(shortest_s * rate_hz), int(longest_s * rate_hz) + 1
    lags = np.arange(first - 1, end + 1)
    rows = len(part)
    height = np.array(
        [(part[: rows - k] * part[k:]).sum() / (rows - k) for k in lags.tolist()]
    )
    top = 1 + int(height[1:-1].argmax())
    before, at, after = height[top - 1 : top + 2]
    shift = 0.5 * (before - after) / (before - 2 * at + after)
    return float(lags[top] + shift) / rate_hz
