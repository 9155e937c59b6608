"""Curves without the wobble of skin and strap: a low-pass that delays nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.metrics.curve import Curve
from lablive.metrics.moments import STRIDE
from lablive.metrics.shared import ApartError
from lablive.signals.filters import butterworth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.metrics.curve import Axis

WOBBLE_HZ: Final = 10.0  # metric reference 6
_ROWS_BEHIND: Final = 3  # one to read between, one beyond, one that jitters


def smooth(curve: Curve, rate_hz: float, cutoff_hz: float = WOBBLE_HZ) -> Curve:
    """Return curves after a zero-phase low-pass of second order.

    The same as :meth:`lablive.signals.filters.Filter.zero_phase`, by one convolution
    for all strides of a stack where their rows reach far enough around them.

    Returns
    -------
    curve : on the same rows; sure in each stride and a row beyond, else NaN

    Raises
    ------
    ApartError
        Some strides of several have not enough rows for it.
    """
    axis, y = curve.axis, curve.y
    kernel, half = _kernel(rate_hz, cutoff_hz)
    if not _reaches(axis, rate_hz, half):
        if not axis.lone:
            raise ApartError
        return Curve(axis, smooth_rows(axis.t_s, y, rate_hz, cutoff_hz))
    stride = axis.between(*STRIDE, 1)
    first, end = (
        (stride.first, stride.end)
        if axis.lone
        else (int(stride.first[0]), int(stride.end[-1]))
    )
    slow = np.empty(len(y))
    slow[:first] = slow[end:] = np.nan
    slow[first:end] = np.convolve(y[first - half : end + half], kernel, "valid")
    return Curve(axis, slow)


def ahead_s(rate_hz: float, cutoff_hz: float) -> float:
    """Return how far behind the last row that is read rows must reach."""
    return (_kernel(rate_hz, cutoff_hz)[1] + _ROWS_BEHIND) / rate_hz


def smooth_rows(
    t_s: Floats, y: Floats, rate_hz: float, cutoff_hz: float = WOBBLE_HZ
) -> Floats:
    """Return :func:`smooth` of one series of rows, shape (rows,), to its very ends.

    Beyond its ends it goes on as before, turned about the end.
    """
    kernel, half = _kernel(rate_hz, cutoff_hz)
    if not _even(t_s, rate_hz) or len(t_s) <= half:
        return butterworth("lowpass", cutoff_hz, rate_hz).zero_phase(t_s, y)
    padded = np.empty(len(y) + 2 * half)
    padded[half:-half] = y
    padded[:half] = 2.0 * y[0] - y[half:0:-1]
    padded[-half:] = 2.0 * y[-1] - y[-2 : -half - 2 : -1]
    return np.convolve(padded, kernel, "valid")


def smooth_each(axis: Axis, lines: Floats, rate_hz: float) -> Floats:
    """Return :func:`smooth_rows` of every stride's own rows.

    Parameters
    ----------
    axis
        Of the rows.
    lines
        All own rows, a stride per line, its last value repeated.
    rate_hz
        Rows per second.

    Returns
    -------
    lines : of the same shape; what lies behind a stride's rows means nothing

    Raises
    ------
    ApartError
        Rows are missing in some strides of several.
    """
    if axis.lone:
        return smooth_rows(axis.t_s, lines, rate_hz)
    kernel, half = _kernel(rate_hz, WOBBLE_HZ)
    if not _whole(axis, rate_hz).all() or (axis.own.count <= half).any():
        raise ApartError
    points = lines.shape[1]
    point = np.arange(-half, points + half)
    last = (axis.own.count - 1)[:, None]
    row = last - np.abs(last - np.abs(point))
    padded = np.take_along_axis(lines, np.maximum(row, 0), axis=1)
    edge = np.where(point > last, lines[:, -1:], lines[:, :1])
    turned = (point > last) | (point < 0)
    padded = np.where(turned, 2.0 * edge - padded, padded)
    slow = np.convolve(padded.ravel(), kernel, "same").reshape(padded.shape)
    return slow[:, half : half + points]


def _reaches(axis: Axis, rate_hz: float, half: int) -> bool:
    """Tell whether every stride's rows are whole and reach half a kernel around it."""
    key = ("reaches", rate_hz, half)
    known = axis.memo.get(key)
    if known is None:
        around, own = axis.between(*STRIDE, 1 + half), axis.own
        near = (around.first >= own.first) & (around.end <= own.end)
        whole = _even(axis.t_s, rate_hz) if axis.lone else _whole(axis, rate_hz)
        known = near & whole
        known = axis.memo[key] = known if axis.lone else bool(known.all())
    return known


def _whole(axis: Axis, rate_hz: float) -> NDArray[np.bool_]:
    """Tell of which of several strides no row is missing."""
    lasted_s = axis.t_s[axis.own.end - 1] - axis.t_s[axis.own.first]
    return np.rint(lasted_s * rate_hz) == axis.own.count - 1


def _even(t_s: Floats, rate_hz: float) -> bool:
    """Tell whether no row of one series is missing."""
    return round((float(t_s[-1]) - float(t_s[0])) * rate_hz) == len(t_s) - 1


@lru_cache(maxsize=64)
def _kernel(rate_hz: float, cutoff_hz: float) -> tuple[Floats, int]:
    """Return the impulse response of a low-pass run forward and backward."""
    from scipy.signal import sosfilt

    design = butterworth("lowpass", cutoff_hz, rate_hz)
    half = 3 * design.settle_rows // 2
    pulse = np.zeros(half + 1)
    pulse[0] = 1.0
    there = sosfilt(design.sos, pulse)
    kernel = np.convolve(there, there[::-1])
    return kernel / kernel.sum(), half
