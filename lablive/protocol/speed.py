"""Which strides may be compared: one sensor, gait and belt speed (reference 0.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lablive.metrics.belt import SAME_SPEED_MPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.protocol.series import Series


def strata(series: Series) -> tuple[Series, ...]:
    """Return the strides in groups that may be compared, the largest group first.

    Within a group all strides come from one kind of sensor, all are running or all
    walking, and no two differ by more than 0.1 m/s; a speed that comes back joins its
    group again. Strides without a known speed are a group of their own.
    """
    found = [
        series.only(alike & group)
        for source in np.unique(series.sources)
        for gait in np.unique(series.gaits)
        for alike in [(series.sources == source) & (series.gaits == gait)]
        for group in _groups(series.speed_mps, alike)
    ]
    return tuple(sorted(found, key=_largest_first))


def not_comparable(*parts: Series) -> str:
    """Return why strides may not be compared with each other; "" when they may."""
    if not sum(part.n for part in parts):
        return ""
    return why_apart(
        {str(name) for part in parts for name in np.unique(part.sources)},
        {str(name) for part in parts for name in np.unique(part.gaits)},
        np.concatenate([part.speed_mps for part in parts]),
    )


def why_apart(sources: Iterable[str], gaits: Iterable[str], speeds_mps: Floats) -> str:
    """Return why sensors, gaits or belt speeds do not compare; "" when they do."""
    names = sorted(set(sources))
    if {"run", "walk"} <= set(gaits):
        return "walking and running are not compared"
    if len(names) > 1:
        return f"contacts from {' and '.join(names)}: one kind of sensor at a time"
    if np.isnan(speeds_mps).any():
        return "needs the belt speed"
    low, high = float(np.min(speeds_mps)), float(np.max(speeds_mps))
    if high - low > SAME_SPEED_MPS:
        return (
            f"belt speeds from {low:.2f} to {high:.2f} m/s:"
            f" strides more than {SAME_SPEED_MPS:g} m/s apart are not compared"
        )
    return ""


def _groups(speed_mps: Floats, keep: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
    """Yield masks: the span of 0.1 m/s that holds most of what is left, again."""
    left = keep & ~np.isnan(speed_mps)
    while left.any():
        speeds, counts = np.unique(speed_mps[left], return_counts=True)
        below = np.concatenate([[0], np.cumsum(counts)])
        held = (
            below[np.searchsorted(speeds, speeds + SAME_SPEED_MPS, "right")]
            - below[:-1]
        )
        low = speeds[np.argmax(held)]
        group = left & (speed_mps >= low) & (speed_mps <= low + SAME_SPEED_MPS)
        yield group
        left &= ~group
    unknown = keep & np.isnan(speed_mps)
    if unknown.any():
        yield unknown


def _largest_first(series: Series) -> tuple[int, str, float]:
    first = f"{series.sources[0]} {series.gaits[0]}"
    return -series.n, first, float(series.speed_mps.min())
