"""How a segment moves in each stride: angles, their smooth curves, rotation, travel.

What the metrics of every skill read from the IMUs. Peaks, ranges and means come from
curves without the wobble of skin and strap (10 Hz, no delay, metric reference 6);
angles at an instant are read as they are, because a filter would mix what happens
after a contact into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.metrics.curve import Curve
from lablive.metrics.moments import CONTACT, NEXT_CONTACT, STRIDE, Moment
from lablive.metrics.shared import ApartError, NotMeasuredError, shared
from lablive.metrics.smooth import smooth, smooth_each
from lablive.metrics.stack import StrideStack, refuse_where
from lablive.names import STANDARD_GRAVITY, site_words
from lablive.signals.angles import forward_lean_deg, heading_deg, obliquity_deg
from lablive.signals.imu_quality import clipped

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.metrics.curve import Axis, PerStride, When
    from lablive.metrics.metric import SegmentRows
    from lablive.metrics.stack import SegmentBlock
    from lablive.names import Side

Axes = Literal["all", "up", "none"]

_LEAST_RATE_HZ: Final = 31.0  # [design] a 10 Hz curve needs three rows per period
_ENOUGH: Final = 0.98  # of a rate: the 100 Hz of some makes are 98.6
_MIN_ROWS: Final = 4  # in a stride, to speak of its mean
_AROUND: Final = (  # the strides around both ends, half and half
    Moment("stride", -0.5),
    CONTACT,
    Moment("stride", 0.5),
    NEXT_CONTACT,
    Moment("stride", 1.5),
)


def side_of(strides: StrideStack) -> Side:
    """Return the side of the strides' own foot.

    Raises
    ------
    NotMeasuredError
        A force plate under both feet cannot tell.
    """
    if strides.side == "unknown":
        raise NotMeasuredError("it is not known which foot was on the belt")
    return strides.side


def own(strides: StrideStack, part: str) -> str:
    """Return the site of the strides' own side: ``thigh`` -> ``thigh_left``."""
    return f"{part}_{side_of(strides)}"


def segment(
    strides: StrideStack,
    site: str,
    *,
    axes: Axes = "all",
    zeroed: bool = False,
    rate_hz: float = _LEAST_RATE_HZ,
) -> SegmentBlock:
    """Return the rows of a segment that can bear a metric.

    Parameters
    ----------
    strides, site
        The strides, and one of :data:`lablive.names.IMU_SITES`.
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
    rows = strides.about.segments.get(site)
    if (
        rows is not None
        and rows.settled
        and _known(rows, axes)
        and (rows.zeroed or not zeroed)
        and rows.rate_hz >= _ENOUGH * rate_hz
    ):
        return strides.block(site)
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


# ------------------------------------------------------------------------- angles
@shared
def _raw_lean(strides: StrideStack, site: str) -> Curve:
    """Return the forward lean in degrees as it is."""
    block = segment(strides, site)
    return Curve(block.axis, forward_lean_deg(block.rotation))


def lean_at(strides: StrideStack, site: str, when: Moment) -> PerStride:
    """Return the forward lean from standing at an instant, degrees, as it is."""
    segment(strides, site, zeroed=True)
    return _raw_lean(strides, site).at(when)


@shared
def lean(strides: StrideStack, site: str) -> Curve:
    """Return the forward lean in degrees without wobble, a row beyond the stride."""
    curve = _raw_lean(strides, site)
    if _jumps(curve.y):
        if not curve.axis.lone:
            raise ApartError
        curve = Curve(curve.axis, np.unwrap(curve.y, period=360.0))
    return smooth(curve, strides.block(site).about.rate_hz)


def zeroed_lean(strides: StrideStack, site: str) -> Curve:
    """Return the forward lean from standing, without wobble."""
    segment(strides, site, zeroed=True)
    return lean(strides, site)


def leg_angle_at(strides: StrideStack, part: str, when: Moment) -> PerStride:
    """Return a thigh's, shank's or foot's angle at an instant, from standing, degrees.

    + = knee ahead of hip, ankle ahead of knee, toes up.
    """
    return -lean_at(strides, own(strides, part), when)


@shared
def obliquity(strides: StrideStack, site: str) -> Curve:
    """Return the obliquity in degrees without wobble, + = left up."""
    block = segment(strides, site)
    angle = obliquity_deg(block.rotation)
    return smooth(Curve(block.axis, angle), block.about.rate_hz)


@shared
def rotation_range_deg(strides: StrideStack, site: str) -> PerStride:
    """Return the range of the heading within the stride, drift and wobble taken off.

    The line that joins the means of the strides around both ends is taken off
    (metric reference 0.10, yaw rule a).
    """
    block = segment(strides, site)
    axis = block.axis
    own_rows, line = axis.own, axis.lines(axis.own)
    heading = heading_deg(block.rotation)[line]
    if _jumps(heading):
        heading = np.unwrap(heading, period=360.0)
    slow = smooth_each(axis, heading, block.about.rate_hz)
    at_s = np.array([strides.times.of(when) for when in _AROUND])
    edges = axis.t_s.searchsorted(at_s)
    edges = np.minimum(np.maximum(edges, own_rows.first), own_rows.end)
    first, begin, middle, end, last = edges - own_rows.first
    few = (middle - first < _MIN_ROWS) | (last - middle < _MIN_ROWS)
    missing = (
        f"the {site_words(site)} IMU's rows do not reach half a stride around this"
    )
    refuse_where(few, missing)
    first_s, last_s = axis.t_s[edges[0]], axis.t_s[edges[-1] - 1]
    near_s = 1.5 * (last_s - first_s) / (last - 1 - first)
    reaches = (first_s - at_s[0] < near_s) & (at_s[-1] - last_s < near_s)
    refuse_where(~reaches, missing)
    _, each = axis.apart(axis.own)
    smoothed, at = axis.ravel(slow), each.own.first
    mean, next_mean = (
        each.numbered(at + begins, at + ends).total(smoothed) / (ends - begins)
        for begins, ends in ((first, middle), (middle, last))
    )
    slope = (next_mean - mean) / strides.stride_s
    since_s = each.t_s - each.beside_rows(strides.ic_s)
    steady = smoothed - each.beside_rows(mean) - each.beside_rows(slope) * since_s
    within = each.numbered(at + begin, at + end)
    return within.largest(steady) - within.smallest(steady)


# ----------------------------------------------------------------- movement, turning
@shared
def vertical_acceleration(strides: StrideStack, site: str) -> Curve:
    """Return the upward acceleration, gravity taken off, in m/s^2, unfiltered."""
    block = segment(strides, site, axes="none")
    upward = along(block.rotation[:, 2], block.acc_mps2) - STANDARD_GRAVITY
    return Curve(block.axis, upward)


@shared
def level_acceleration(strides: StrideStack, site: str) -> tuple[Curve, Curve]:
    """Return acceleration forward and left in m/s^2 in each stride, tilt taken out.

    Forward is where the segment heads in the mean of the stride: its own swing about
    the vertical must not mix the two.
    """
    block = segment(strides, site)
    rows = block.axis.rows(*STRIDE)
    across, ahead = (rows.total(block.rotation[:, axis, 1]) for axis in (0, 1))
    size = np.hypot(across, ahead)
    take, axis = block.axis.apart(block.axis.between(*STRIDE, 1))
    # forward = left turned by -90 degrees
    c, s = (axis.beside_rows(it / size) for it in (ahead, -across))
    turned, felt = block.rotation, block.acc_mps2
    east, north = (along(turned[:, at], felt)[take] for at in (0, 1))
    return Curve(axis, c * east + s * north), Curve(axis, c * north - s * east)


@shared
def vertical_rate(strides: StrideStack, site: str) -> Curve:
    """Return the rate about the vertical in deg/s, + = to the left."""
    block = segment(strides, site, axes="none")
    return Curve(block.axis, np.degrees(along(block.rotation[:, 2], block.rate_rps)))


def twist(
    strides: StrideStack, one: str, other: str, begin: Moment, end: Moment
) -> Curve:
    """Return how far one segment turns against another within a time, degrees.

    The integral of the difference of both vertical rates (yaw rule c): too short for
    drift to matter. Integrated rates need a gyroscope whose bias a stand has shown, or
    a sensor whose axes somebody vouches for.
    """
    for site in (one, other):
        segment(strides, site, axes="up")
    rate = vertical_rate(strides, one)
    take, axis = rate.axis.apart(rate.axis.between(begin, end, 1))
    beside = read_on(vertical_rate(strides, other), axis)
    return Curve(axis, rate.y[take] - beside).integral()


def read_on(curve: Curve, axis: Axis) -> Floats:
    """Return a curve at the rows of another sensor; NaN where it does not reach.

    Parameters
    ----------
    curve
        On an axis whose times increase.
    axis
        Of the other sensor.

    Raises
    ------
    ApartError
        It does not reach in some strides of several.
    """
    t, t_s, rows = axis.t_s, curve.axis.t_s, curve.axis.own
    if not axis.lone:
        reaches = t_s[rows.first] <= t[axis.own.first]
        reaches &= t_s[rows.end - 1] >= t[axis.own.end - 1]
        if not reaches.all():
            raise ApartError
    return np.interp(t, t_s, curve.y, left=np.nan, right=np.nan)


def harmonic(
    curve: Curve, strides: StrideStack, times: int
) -> tuple[PerStride, PerStride]:
    """Return one harmonic of the stride as real and imaginary part, (strides,).

    The curve is ``Re((a + ib) * exp(i w (t - ic_s)))`` with ``w`` so many times the
    stride frequency; over one whole stride the other harmonics and the mean drop out.
    """
    part = curve.part(*STRIDE)
    turns = 2.0 * np.pi * times / strides.stride_s
    turn = strides.beside(turns) * (part.t_s - strides.beside(strides.ic_s))
    size = 2.0 / strides.stride_s
    real, imaginary = (
        part._replace(y=part.y * wave).area() for wave in (np.cos(turn), np.sin(turn))
    )
    return size * real, -size * imaginary


def refuse_clipped(strides: StrideStack, site: str, begin: When, end: When) -> None:
    """Raise when the accelerometer hit the end of its range within a time."""
    block = strides.block(site)
    if not _stands(block):
        return
    rows = block.axis.rows(begin, end)
    spans = zip(np.ravel(rows.first), np.ravel(rows.end), strict=True)
    felt = block.acc_mps2
    hit = [bool(clipped(felt[at:stop], "acc").any()) for at, stop in spans]
    refuse_where(
        hit[0] if block.axis.lone else np.array(hit),
        f"the {site_words(site)} IMU hit the end of its acceleration range",
    )


def _stands(block: SegmentBlock) -> bool:
    """Tell whether any acceleration repeats itself as a clipped peak does."""
    known = block.memo.get("stands")
    if known is None:
        x = block.acc_mps2.T
        same = x[:, 1:] == x[:, :-1]
        known = block.memo["stands"] = bool((same[:, 1:] & same[:, :-1]).any())
    return known


def along(axis: Floats, vectors: Floats) -> Floats:
    """Return the part of vectors along axes, both of shape (rows, 3)."""
    return (
        axis[:, 0] * vectors[:, 0]
        + axis[:, 1] * vectors[:, 1]
        + axis[:, 2] * vectors[:, 2]
    )


def _jumps(angle_deg: Floats) -> bool:
    """Tell whether an angle passes 180 degrees from row to row."""
    steps = angle_deg[..., 1:] - angle_deg[..., :-1]
    return bool(np.abs(steps).max(initial=0.0) > 180.0)
