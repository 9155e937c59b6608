"""Segment angles from orientation: formulas and signs of the metric reference, 0.9.

World axes are x running direction, y left, z up; segment axes x forward, y left, z up.
Without a magnetometer a heading drifts: only its change within a stride, and its
difference to another direction in the same drifting frame, mean anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from lablive.messages import Floats
    from lablive.names import Side

_MIN_ROWS: Final = 4  # in a stride, to speak of its mean


def rotation(quat: Floats) -> Floats:
    """Return rotation matrices, shape (rows, 3, 3), of unit quaternions (rows, 4).

    ``quat`` is ``w x y z``; the matrix turns sensor axes to world axes. Every element
    by itself, so that any cut of the stream gives the same bits.
    """
    return rotation_elements(quat).transpose(2, 0, 1)


def rotation_elements(quat: Floats) -> Floats:
    """Return what :func:`rotation` does, element by element: shape (3, 3, rows)."""
    w, *axis = np.ascontiguousarray(quat.T)
    twice = [2 * part for part in axis]
    xx, yy, zz = (two * part for two, part in zip(twice, axis, strict=True))
    wx, wy, wz = (two * w for two in twice)
    _, y, z = axis
    xy, xz, yz = twice[0] * y, twice[0] * z, twice[1] * z
    r = np.empty((3, 3, len(w)))
    for at, one, other in ((0, yy, zz), (1, xx, zz), (2, xx, yy)):
        np.subtract(1.0, one + other, out=r[at, at])
    for row, column, even, odd in ((1, 0, xy, wz), (0, 2, xz, wy), (2, 1, yz, wx)):
        np.add(even, odd, out=r[row, column])
        np.subtract(even, odd, out=r[column, row])
    return r


def in_axes(vectors: Floats, axes: Floats) -> Floats:
    """Return vectors in other axes, every row by itself.

    A matrix product would round differently in pieces of another length.

    Parameters
    ----------
    vectors
        Shape (vectors, 3, rows).
    axes
        The new axes in the old ones, shape (3, 3).

    Returns
    -------
    turned : shape (vectors, 3, rows)
    """
    x, y, z = (vectors[:, axis, None] for axis in range(3))
    of_x, of_y, of_z = axes.T[:, :, None]
    return x * of_x + y * of_y + z * of_z


def segment_rotation(quat: Floats, sensor_to_segment: Floats) -> Floats:
    """Return segment-to-world matrices, shape (rows, 3, 3).

    Parameters
    ----------
    quat
        Sensor to world, shape (rows, 4).
    sensor_to_segment
        Of a calibration, shape (3, 3).
    """
    return in_axes(rotation_elements(quat), sensor_to_segment).transpose(2, 0, 1)


def forward_lean_deg(r: Floats) -> Floats:
    """Return the forward lean, shape (rows,): + = the top tilts forward.

    ``r`` are segment-to-world matrices, shape (rows, 3, 3).
    """
    return np.degrees(np.arctan2(-r[:, 2, 0], r[:, 2, 2]))


def obliquity_deg(r: Floats) -> Floats:
    """Return the elevation of the left-pointing axis, shape (rows,): + = left up."""
    return np.degrees(np.arcsin(np.minimum(np.maximum(r[:, 2, 1], -1.0), 1.0)))


def heading_deg(r: Floats) -> Floats:
    """Return the direction of the segment, shape (rows,): + = turned to the left.

    Read from the left-pointing axis, which no forward lean moves (decision 0010). It
    drifts: use :func:`stride_rotation_deg`, or differences within one stride.
    """
    return np.degrees(np.arctan2(-r[:, 0, 1], r[:, 1, 1]))


def long_axis_heading_deg(r: Floats) -> Floats:
    """Return where the forward axis points, shape (rows,): + = to the left.

    For feet, whose long axis is what "toe-out" means. Drifts like
    :func:`heading_deg`; without meaning when the foot stands upright.
    """
    return np.degrees(np.arctan2(r[:, 1, 0], r[:, 0, 0]))


def leg_angle_deg(forward_lean: Floats) -> Floats:
    """Return thigh, shank or foot angle: + = knee ahead, ankle ahead, toes up."""
    return -forward_lean


def knee_flexion_deg(thigh_deg: Floats, shank_deg: Floats) -> Floats:
    """Return the knee angle, + = flexion."""
    return thigh_deg - shank_deg


def hip_flexion_deg(thigh_deg: Floats, pelvic_tilt_rel_deg: Floats) -> Floats:
    """Return the hip angle, + = flexion; tilt relative to standing, + = anterior."""
    return thigh_deg + pelvic_tilt_rel_deg


def pelvic_drop_deg(obliquity: Floats, stance: Side) -> Floats:
    """Return the contralateral pelvic drop: + = the swing side hangs lower."""
    return obliquity if stance == "left" else -obliquity


def toe_out_deg(
    foot_heading_deg: Floats, path_heading_deg: float, side: Side
) -> Floats:
    """Return how far the toes point outward of the foot's own path, + on both sides.

    Both headings in the frame of the same filter (metric reference 4.6), shape
    (rows,); the answer lies in -180 to 180.
    """
    out = foot_heading_deg - path_heading_deg
    out = (out + 180.0) % 360.0 - 180.0
    return out if side == "left" else -out


def stride_rotation_deg(
    t_s: Floats, heading: Floats, ic_s: float, next_ic_s: float
) -> tuple[Floats, Floats]:
    """Return times and heading of one stride without its drift.

    The line that joins the means of the strides around both ends is taken off
    (metric reference 0.10, yaw rule a).

    Parameters
    ----------
    t_s, heading
        Times and headings in degrees, shape (rows,), from half a stride before the
        stride to half a stride after it.
    ic_s, next_ic_s
        The stride.

    Returns
    -------
    t_s, heading : shape (rows of the stride,); empty when the rows do not reach half
        a stride beyond both ends, or when one of them is missing
    """
    half_s = (next_ic_s - ic_s) / 2
    edges = np.searchsorted(
        t_s, [ic_s - half_s, ic_s, ic_s + half_s, next_ic_s, next_ic_s + half_s]
    )
    first, begin, middle, end, last = (int(edge) for edge in edges)
    nothing = np.empty(0), np.empty(0)
    if middle - first < _MIN_ROWS or last - middle < _MIN_ROWS:
        return nothing
    row_s = (t_s[last - 1] - t_s[first]) / (last - 1 - first)
    reaches = (
        t_s[first] - (ic_s - half_s) < 1.5 * row_s
        and next_ic_s + half_s - t_s[last - 1] < 1.5 * row_s
    )
    if not reaches or not np.isfinite(heading[first:last]).all():
        return nothing
    whole = heading[first:last]
    if np.abs(whole[1:] - whole[:-1]).max() > 180.0:
        whole = np.unwrap(whole, period=360.0)
    mean = whole[: middle - first].mean()
    next_mean = whole[middle - first :].mean()
    slope = (next_mean - mean) / (next_ic_s - ic_s)
    inside = t_s[begin:end]
    return inside, whole[begin - first : end - first] - mean - slope * (inside - ic_s)


def vertical_rate_dps(quat: Floats, gyro_rps: Floats) -> Floats:
    """Return the rate about the vertical in deg/s, shape (rows,): + = to the left.

    Parameters
    ----------
    quat, gyro_rps
        Sensor to world, shape (rows, 4), and rates in sensor axes less the bias,
        shape (rows, 3). Needs no sensor-to-segment calibration.
    """
    return np.degrees(_along(rotation(quat)[:, 2], gyro_rps))


def twist_deg(
    t_s: Floats, rate_dps: Floats, other_t_s: Floats, other_rate_dps: Floats
) -> Floats:
    """Return how far one segment turns against another, shape (rows,), 0 at first.

    The integral of the difference of both vertical rates over one stride or stance
    (yaw rule c): too short for drift to matter. The other sensor's rate is read at
    ``t_s``; NaN where it does not reach.
    """
    other = np.interp(t_s, other_t_s, other_rate_dps, left=np.nan, right=np.nan)
    difference = rate_dps - other
    steps = (t_s[1:] - t_s[:-1]) * (difference[1:] + difference[:-1]) / 2
    turned = np.zeros(len(t_s))
    np.add.accumulate(steps, out=turned[1:])
    return turned


def vertical_acceleration_mps2(quat: Floats, acc_mps2: Floats) -> Floats:
    """Return the upward acceleration of the sensor, shape (rows,), gravity taken off.

    Parameters
    ----------
    quat, acc_mps2
        Sensor to world, shape (rows, 4), and specific force in sensor axes, shape
        (rows, 3). Needs no sensor-to-segment calibration.
    """
    return _along(rotation(quat)[:, 2], acc_mps2) - STANDARD_GRAVITY


def level_acceleration_mps2(r: Floats, acc_mps2: Floats) -> Floats:
    """Return acceleration forward, left and up, tilt taken out, shape (rows, 3).

    Parameters
    ----------
    r, acc_mps2
        Segment to world, shape (rows, 3, 3), and specific force in segment axes,
        shape (rows, 3). Forward is where the segment heads in each row.
    """
    east, north, up = (_along(r[:, axis], acc_mps2) for axis in range(3))
    heading = np.radians(heading_deg(r))
    c, s = np.cos(heading), np.sin(heading)
    ahead, left = c * east + s * north, c * north - s * east
    return np.column_stack([ahead, left, up - STANDARD_GRAVITY])


def _along(axis: Floats, vectors: Floats) -> Floats:
    return (
        axis[:, 0] * vectors[:, 0]
        + axis[:, 1] * vectors[:, 1]
        + axis[:, 2] * vectors[:, 2]
    )
