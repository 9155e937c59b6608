"""What speaks against an IMU's values: a rate too low for its place, clipped peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.names import STANDARD_GRAVITY, site_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats

CLIPPED_SHARE: Final = 0.95  # of the range (metric reference 3.5)
# lowest rate in running (metric reference 0.8)
MIN_RATE_HZ: Final = {
    "pelvis": 100.0, "trunk": 100.0, "head": 100.0, "thigh": 100.0,
    "shank": 200.0, "foot": 200.0, "forearm": 100.0,
}  # fmt: skip
# no sensor has a smaller range: equal values below come from slow movement
_LEAST_RANGE: Final = {"acc": 1.5 * STANDARD_GRAVITY, "gyro": np.radians(120.0)}
_FLAT_ROWS: Final = 3
_CLIFF: Final = 4.0  # resolution steps


def rate_note(site: str, rate_hz: float) -> str:
    """Return what a too slow IMU cannot tell in running, empty when it is fast enough.

    ``site`` is one of :data:`lablive.names.IMU_SITES`.
    """
    needed_hz = MIN_RATE_HZ[site.partition("_")[0]]
    if rate_hz >= 0.98 * needed_hz:  # the 100 Hz of some makes are 98.6
        return ""
    return (
        f"The {site_words(site)} IMU sends {rate_hz:.0f} rows per second, running "
        f"needs {needed_hz:.0f}: peaks are read low, angles may be wrong by degrees."
    )


def clipped(
    x: Floats, quantity: Literal["acc", "gyro"], full_scale: float | None = None
) -> NDArray[np.bool_]:
    """Tell which rows of a window hit the end of the sensor's range, shape (rows,).

    Parameters
    ----------
    x
        Specific force in m/s^2 or rates in rad/s, shape (rows, 3).
    quantity
        Which of both.
    full_scale
        The range if the device's profile knows it, in the unit of ``x``: rows beyond
        95 % of it are clipped. Without it, three or more equal rows at the largest
        value of an axis are, when the values before and after lie a cliff below: a
        peak of a real movement is rounded.
    """
    if full_scale is not None:
        return np.any(np.abs(x) > CLIPPED_SHARE * full_scale, axis=1)
    flat = np.zeros(len(x), dtype=bool)
    columns = np.ascontiguousarray(x.T)  # along rows of three numpy is slow
    for sign, tops in ((1.0, np.fmax), (-1.0, np.fmin)):
        top = tops.reduce(columns, axis=1, initial=-sign * np.inf)
        equal = np.add.reduce(columns == top[:, None], axis=1, dtype=np.intp)
        stands = (equal >= _FLAT_ROWS) & (sign * top >= _LEAST_RANGE[quantity])
        for column in columns[stands]:
            flat |= _flat_top(sign * column)
    return flat


def _flat_top(column: Floats) -> NDArray[np.bool_]:
    """Tell which rows stand flat on the top of a column, high over those beside."""
    flat = np.zeros(len(column), dtype=bool)
    known = column[np.isfinite(column)]
    top = known.max()
    at = column == top
    if at.all():
        return flat
    levels = np.unique(known)
    cliff = top - _CLIFF * np.diff(levels).min()
    edges = np.flatnonzero(np.diff(at, prepend=False, append=False))
    for first, end in edges.reshape(-1, 2):
        beside = [column[row] for row in (first - 1, end) if 0 <= row < len(column)]
        if end - first >= _FLAT_ROWS and all(value < cliff for value in beside):
            flat[first:end] = True
    return flat
