"""How a segment moves in one stride: angles, their smooth curves, rotation, travel.

What the metrics of every skill read from the IMUs. Peaks, ranges and means come from
curves without the wobble of skin and strap (10 Hz, no delay, metric reference 6);
angles at an instant are read as they are, because a filter would mix what happens
after a contact into it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import numpy as np

from lablive.metrics.shared import NotMeasuredError, shared
from lablive.names import STANDARD_GRAVITY, site_words
from lablive.signals.angles import (
    forward_lean_deg,
    heading_deg,
    obliquity_deg,
    stride_rotation_deg,
    twist_deg,
)
from lablive.signals.filters import butterworth
from lablive.signals.imu_quality import clipped

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.metric import SegmentRows, StrideData
    from lablive.names import Side

Axes = Literal["all", "up", "none"]

_WOBBLE_HZ: Final = 10.0  # metric reference 6
_LEAST_RATE_HZ: Final = 31.0  # [design] a 10 Hz curve needs three rows per period
_ENOUGH: Final = 0.98  # of a rate: the 100 Hz of some makes are 98.6


class Curve(NamedTuple):
    """Values over time, shapes (rows,), around and within one stride."""

    t_s: Floats
    y: Floats

    def at(self, t_s: float) -> float:
        """Return the value at a time; NaN where the rows do not reach."""
        return self._between(t_s, int(self.t_s.searchsorted(t_s)))

    def within(self, t0_s: float, t1_s: float) -> Floats:
        """Return the values in a time, both ends interpolated."""
        first, end = self.t_s.searchsorted((t0_s, t1_s)).tolist()
        values = np.empty(end - first + 2)
        values[1:-1] = self.y[first:end]
        values[0], values[-1] = self._between(t0_s, first), self._between(t1_s, end)
        return values

    def part(self, t0_s: float, t1_s: float) -> Curve:
        """Return the curve in a time, both ends interpolated."""
        first, end = self.t_s.searchsorted((t0_s, t1_s)).tolist()
        t = np.empty(end - first + 2)
        t[1:-1] = self.t_s[first:end]
        t[0], t[-1] = t0_s, t1_s
        return Curve(t, self.within(t0_s, t1_s))

    def mean(self, t0_s: float, t1_s: float) -> float:
        """Return the mean over a time."""
        t, y = self.part(t0_s, t1_s)
        return area(t, y) / (t1_s - t0_s)

    def _between(self, t_s: float, row: int) -> float:
        """Return the value at a time that lies before a row, on the line to it."""
        t, y = self
        if row == len(t) or (row == 0 and t_s < t[0]):
            return float("nan") if row == 0 or t_s > t[-1] else float(y[-1])
        if row == 0:
            return float(y[0])
        before_s, before = float(t[row - 1]), float(y[row - 1])
        share = (t_s - before_s) / (float(t[row]) - before_s)
        return before + share * (float(y[row]) - before)


def side_of_stride(data: StrideData) -> Side:
    """Return the side of a stride's own foot.

    Raises
    ------
    NotMeasuredError
        A force plate under both feet cannot tell.
    """
    if data.stride.side == "unknown":
        raise NotMeasuredError("it is not known which foot was on the belt")
    return data.stride.side


def stance(data: StrideData) -> tuple[float, float]:
    """Return initial contact and toe-off in s.

    Raises
    ------
    NotMeasuredError
        No toe-off was seen.
    """
    if data.stride.to_s is None:
        raise NotMeasuredError("no toe-off was seen")
    return data.stride.ic_s, data.stride.to_s


def swing(data: StrideData) -> tuple[float, float]:
    """Return toe-off and the next initial contact in s; raises as :func:`stance`."""
    return stance(data)[1], data.stride.next_ic_s


def stance_part(data: StrideData, begin: float, end: float) -> tuple[float, float]:
    """Return a part of stance in s."""
    ic_s, to_s = stance(data)
    return ic_s + begin * (to_s - ic_s), ic_s + end * (to_s - ic_s)


def own(data: StrideData, part: str) -> str:
    """Return the site of the stride's own side: ``thigh`` -> ``thigh_left``."""
    return f"{part}_{side_of_stride(data)}"


def segment(
    data: StrideData,
    site: str,
    *,
    axes: Axes = "all",
    zeroed: bool = False,
    rate_hz: float = _LEAST_RATE_HZ,
) -> SegmentRows:
    """Return the rows of a segment that can bear a metric.

    Parameters
    ----------
    data, site
        The stride, and one of :data:`lablive.names.IMU_SITES`.
    axes
        Which of the segment's axes must be known: all, its up, or none.
    zeroed
        Whether standing must be zero.
    rate_hz
        Lowest rate that can tell.

    Raises
    ------
    NotMeasuredError
        What is missing.
    """
    rows = data.segments.get(site)
    if (
        rows is not None
        and rows.settled
        and _known(rows, axes)
        and (rows.zeroed or not zeroed)
        and rows.rate_hz >= _ENOUGH * rate_hz
    ):
        return rows
    raise NotMeasuredError(
        _refusal(rows, site_words(site), axes, zeroed=zeroed, rate_hz=rate_hz)
    )


def _known(rows: SegmentRows, axes: Axes) -> bool:
    """Tell whether the axes are known."""
    return axes == "none" or (rows.has_up if axes == "up" else rows.has_angles)


def _refusal(
    rows: SegmentRows | None, name: str, axes: Axes, *, zeroed: bool, rate_hz: float
) -> str:
    """Return what speaks against a segment's rows first."""
    if rows is None:
        return f"no {name} IMU rows in this stride"
    if not _known(rows, axes):
        if axes == "up":
            return f"how the {name} IMU sits is not known: it needs quiet standing"
        return f"the {name} IMU needs its calibration movements"
    if zeroed and not rows.zeroed:
        return f"the {name} IMU needs quiet standing as its zero"
    if not rows.settled:
        return f"the {name} IMU's orientation has not settled"
    return (
        f"the {name} IMU sends {rows.rate_hz:.0f} rows per second, this needs "
        f"{rate_hz:.0f}"
    )


@shared
def raw_lean(data: StrideData, site: str) -> Curve:
    """Return the forward lean in degrees as it is; raises as :func:`segment`."""
    rows = segment(data, site)
    return Curve(rows.t_s, forward_lean_deg(rows.rotation))


@shared
def lean(data: StrideData, site: str) -> Curve:
    """Return the forward lean in degrees without wobble, a row beyond the stride."""
    curve = raw_lean(data, site)
    rows = data.segments[site]
    return _smooth_stride(data, Curve(curve.t_s, _unwrapped(curve.y)), rows.rate_hz)


def zeroed_lean(data: StrideData, site: str) -> Curve:
    """Return the forward lean from standing, without wobble."""
    segment(data, site, zeroed=True)
    return lean(data, site)


def leg_angle_at(data: StrideData, part: str, t_s: float) -> float:
    """Return a thigh's, shank's or foot's angle at a time, from standing, degrees.

    + = knee ahead of hip, ankle ahead of knee, toes up.
    """
    site = own(data, part)
    segment(data, site, zeroed=True)
    return -raw_lean(data, site).at(t_s)


@shared
def obliquity(data: StrideData, site: str) -> Curve:
    """Return the obliquity in degrees without wobble, + = left up."""
    rows = segment(data, site)
    curve = Curve(rows.t_s, obliquity_deg(rows.rotation))
    return _smooth_stride(data, curve, rows.rate_hz)


@shared
def rotation(data: StrideData, site: str) -> Floats:
    """Return the heading within the stride, drift and wobble taken off, degrees."""
    rows = segment(data, site)
    heading = _unwrapped(heading_deg(rows.rotation))
    curve = smooth(Curve(rows.t_s, heading), rows.rate_hz)
    stride = data.stride
    _, within = stride_rotation_deg(*curve, stride.ic_s, stride.next_ic_s)
    if not len(within):
        raise NotMeasuredError(
            f"the {site_words(site)} IMU's rows do not reach half a stride around this"
        )
    return within


def swing_range_deg(curve: Curve, data: StrideData) -> float:
    """Return the range of a curve over the stride."""
    values = curve.within(data.stride.ic_s, data.stride.next_ic_s)
    return float(values.max() - values.min())


@shared
def vertical_acceleration(data: StrideData, site: str) -> Curve:
    """Return the upward acceleration, gravity taken off, in m/s^2, unfiltered."""
    rows = segment(data, site, axes="none")
    return Curve(rows.t_s, along(rows.rotation[:, 2], rows.acc_mps2) - STANDARD_GRAVITY)


@shared
def level_acceleration(data: StrideData, site: str) -> tuple[Curve, Curve]:
    """Return acceleration forward and left in m/s^2, tilt taken out.

    Forward is where the segment heads in the mean of the stride: its own swing about
    the vertical must not mix the two.
    """
    rows = segment(data, site)
    first, end = rows.t_s.searchsorted((data.stride.ic_s, data.stride.next_ic_s))
    across, along_x = rows.rotation[first:end, :2, 1].sum(axis=0)
    size = float(np.hypot(across, along_x))
    c, s = along_x / size, -across / size  # forward = left turned by -90 degrees
    east, north = (along(rows.rotation[:, axis], rows.acc_mps2) for axis in (0, 1))
    return Curve(rows.t_s, c * east + s * north), Curve(rows.t_s, c * north - s * east)


@shared
def vertical_rate(data: StrideData, site: str) -> Curve:
    """Return the rate about the vertical in deg/s, + = to the left."""
    rows = segment(data, site, axes="none")
    return Curve(rows.t_s, np.degrees(along(rows.rotation[:, 2], rows.rate_rps)))


def twist(data: StrideData, one: str, other: str, t0_s: float, t1_s: float) -> Curve:
    """Return how far one segment turns against another within a time, degrees.

    Integrated rates need a gyroscope whose bias a stand has shown, or a sensor whose
    axes somebody vouches for.
    """
    for site in (one, other):
        segment(data, site, axes="up")
    t, rate = vertical_rate(data, one)
    first, end = t.searchsorted((t0_s, t1_s)).tolist()
    around = slice(max(first - 1, 0), end + 1)
    t, rate = t[around], rate[around]
    turned = Curve(t, twist_deg(t, rate, *vertical_rate(data, other)))
    return turned.part(t0_s, t1_s)


def harmonic(curve: Curve, ic_s: float, stride_s: float, times: int) -> complex:
    """Return amplitude and phase of one harmonic of the stride.

    The curve is ``Re(result * exp(i w (t - ic_s)))`` with ``w`` so many times the
    stride frequency; over one whole stride the other harmonics and the mean drop out.
    """
    t, y = curve.part(ic_s, ic_s + stride_s)
    turn = 2.0 * np.pi * times / stride_s * (t - ic_s)
    size = 2.0 / stride_s
    return complex(size * area(t, y * np.cos(turn)), -size * area(t, y * np.sin(turn)))


def refuse_clipped(data: StrideData, site: str, t0_s: float, t1_s: float) -> None:
    """Raise when the accelerometer hit the end of its range within a time."""
    rows = data.segments[site]
    first, end = rows.t_s.searchsorted((t0_s, t1_s))
    x = rows.acc_mps2[first:end]
    size = np.abs(x.T)
    tops = size.max(axis=1, initial=0.0)
    if np.count_nonzero(size == tops[:, None]) <= len(size):
        return  # a clipped peak stands on its top for some rows
    if clipped(x, "acc").any():
        raise NotMeasuredError(
            f"the {site_words(site)} IMU hit the end of its acceleration range"
        )


def smooth(curve: Curve, rate_hz: float, cutoff_hz: float = _WOBBLE_HZ) -> Curve:
    """Return a curve after a zero-phase low-pass of second order.

    The same as :meth:`lablive.signals.filters.Filter.zero_phase`, by one convolution
    where no row is missing: a stride has a dozen of them.
    """
    kernel, half = _kernel(rate_hz, cutoff_hz)
    t, y = curve
    if not _even(t, rate_hz) or len(t) <= half:
        design = butterworth("lowpass", cutoff_hz, rate_hz)
        return Curve(t, design.zero_phase(t, y))
    padded = np.empty(len(y) + 2 * half)
    padded[half:-half] = y
    padded[:half] = 2.0 * y[0] - y[half:0:-1]
    padded[-half:] = 2.0 * y[-1] - y[-2 : -half - 2 : -1]
    return Curve(t, np.convolve(padded, kernel, "valid"))


def area(t_s: Floats, y: Floats) -> float:
    """Return the integral of a curve by trapezoids."""
    return 0.5 * float(((t_s[1:] - t_s[:-1]) * (y[1:] + y[:-1])).sum())


def _smooth_stride(data: StrideData, curve: Curve, rate_hz: float) -> Curve:
    """Return :func:`smooth` of a stride and a row beyond both ends."""
    half = _kernel(rate_hz, _WOBBLE_HZ)[1]
    t, y = curve
    ends_s = data.stride.ic_s, data.stride.next_ic_s
    first, end = t.searchsorted(ends_s).tolist()
    first, end = first - 1 - half, end + 1 + half
    if first < 0 or end > len(t) or not _even(t, rate_hz):
        return smooth(curve, rate_hz)
    kernel = _kernel(rate_hz, _WOBBLE_HZ)[0]
    around = slice(first + half, end - half)
    return Curve(t[around], np.convolve(y[first:end], kernel, "valid"))


def _even(t_s: Floats, rate_hz: float) -> bool:
    """Tell whether no row is missing."""
    return round((float(t_s[-1]) - float(t_s[0])) * rate_hz) == len(t_s) - 1


def _unwrapped(angle_deg: Floats) -> Floats:
    """Return an angle without jumps of 360 degrees."""
    jumps = np.abs(angle_deg[1:] - angle_deg[:-1]).max(initial=0.0) > 180.0
    return np.unwrap(angle_deg, period=360.0) if jumps else angle_deg


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


def along(axis: Floats, vectors: Floats) -> Floats:
    """Return the part of vectors along axes, both of shape (rows, 3)."""
    return (
        axis[:, 0] * vectors[:, 0]
        + axis[:, 1] * vectors[:, 1]
        + axis[:, 2] * vectors[:, 2]
    )
