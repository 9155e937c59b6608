"""Where a segment's axes lie in its sensor: up from standing, left from a movement.

Metric reference 0.10, sensor-to-segment calibration, steps 1 to 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.names import STANDARD_GRAVITY, site_words
from lablive.signals.angles import forward_lean_deg, segment_rotation
from lablive.signals.orientation import (
    RATES_HZ,
    TAU_ACC_S,
    Orientation,
    OrientationSettings,
    measured_rate_hz,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.messages import Floats, Ints

MIN_STAND_S: Final = 5.0
MIN_MOVEMENT_S: Final = 3.0
MIN_VALID_SHARE: Final = 0.9
MAX_GYRO_SD_DPS: Final = 1.0
MAX_ACC_SD_MPS2: Final = 0.1
MIN_VARIANCE_PCT: Final = 80.0
MIN_SPEED_DPS: Final = 5.0  # RMS
MIN_ONE_SIDED_DEG: Final = 4.0
_MAX_GRAVITY_ERROR: Final = 0.05
_MAX_BIAS_DPS: Final = 20.0  # a worse zero is a wrong unit
_ON_ITS_SIDE_DEG, _UPSIDE_DOWN_DEG = 60.0, 120.0  # a foot sensor's slope is 40
_MAX_OUT_OF_LEVEL: Final = 0.5  # sine of the axis to the ground
_MIN_ONE_SIDED: Final = 0.1

# lean of the largest excursion from standing: bows go forward; a knee is lifted
# further ahead than it is stretched back; a shank and a foot lean forward most after
# toe-off, in walking, marching and running
_LARGEST_LEAN: Final = {
    "pelvis": 1.0, "trunk": 1.0, "head": 1.0, "thigh": -1.0, "shank": 1.0, "foot": 1.0,
}  # fmt: skip
_MIDLINE: Final = ("pelvis", "trunk", "head")
_MOVEMENTS: Final = {
    True: ("Bows", "Bow three times slowly, straight ahead, and come up again."),
    False: ("Steps", "March on the spot or walk straight ahead, knees high."),
}


@dataclass(frozen=True, slots=True, eq=False)
class ImuRows:
    """Rows of one IMU in one calibration step.

    ``t_s`` has shape (rows,), ``acc`` (m/s^2) and ``gyro`` (rad/s) (rows, 3), in
    sensor axes or, when the montage gives axes, in those. ``gyro`` None: the sensor
    has no gyroscope.
    """

    t_s: Floats
    acc: Floats
    gyro: Floats | None


class Stand(NamedTuple):
    """What a stand tells: up in sensor axes, gyroscope bias in rad/s, row rate."""

    up: Floats
    bias_rps: Floats
    rate_hz: float


class Axis(NamedTuple):
    """Left in sensor axes, and the share of the movement that was about it."""

    left: Floats
    variance_pct: float


def read_stand(site: str, rows: ImuRows, problems: list[str]) -> Stand | None:
    """Return what a quiet stand tells; add to ``problems`` why it cannot be used.

    Raises
    ------
    ValueError
        The sensor has no gyroscope.
    """
    if rows.gyro is None:
        raise ValueError(site)
    before = len(problems)
    kept = _kept(rows.acc, rows.gyro)
    title = f"Quiet stand, {site_words(site)}"
    problems += _length_problems(title, rows, kept, MIN_STAND_S)
    if len(problems) > before:
        return None
    acc, gyro = rows.acc[kept], rows.gyro[kept]
    rate_hz = measured_rate_hz(rows.t_s[kept])
    problems += _stand_problems(site_words(site), acc, gyro, rate_hz)
    if len(problems) > before:
        return None
    up = acc.mean(axis=0)
    return Stand(up / np.linalg.norm(up), gyro.mean(axis=0), rate_hz)


def _kept(acc: Floats, gyro: Floats) -> Ints:
    return np.flatnonzero(np.isfinite(acc).all(axis=1) & np.isfinite(gyro).all(axis=1))


def _length_problems(
    title: str, rows: ImuRows, kept: Ints, least_s: float
) -> Iterator[str]:
    if len(kept) < 2:
        yield f"{title}: the sensor sent nothing. Check it, then repeat."
        return
    lasted_s = float(rows.t_s[-1] - rows.t_s[0])
    longest_s = float(np.diff(rows.t_s[kept]).max())
    if lasted_s < least_s:
        yield (
            f"{title}: {lasted_s:.1f} s are too short, {least_s:g} s are needed. "
            "Repeat, for longer."
        )
    elif len(kept) < MIN_VALID_SHARE * len(rows.t_s) or longest_s > 0.1 * lasted_s:
        yield f"{title}: too many rows are missing. Check the connection, then repeat."


def _stand_problems(
    part: str, acc: Floats, gyro: Floats, rate_hz: float
) -> Iterator[str]:
    size = np.linalg.norm(acc, axis=1)
    sd_dps = float(np.degrees(gyro.std(axis=0)).max())
    bias_dps = float(np.degrees(np.abs(gyro.mean(axis=0))).max())
    low, high = RATES_HZ
    if not low <= rate_hz <= high:
        yield (
            f"The {part} sensor sends {rate_hz:.0f} rows per second, angles need "
            f"{low:g} to {high:g}. Set it to 200."
        )
    if sd_dps > MAX_GYRO_SD_DPS:
        yield (
            f"The {part} moved during the stand: gyro SD {sd_dps:.1f} deg/s, at most "
            f"{MAX_GYRO_SD_DPS:g}. Stand still, look ahead, repeat."
        )
    elif size.std() > MAX_ACC_SD_MPS2:
        yield (
            f"The {part} was shaken during the stand: acceleration SD "
            f"{size.std():.2f} m/s^2, at most {MAX_ACC_SD_MPS2:g}. Stop the belt, "
            "fasten the strap, repeat."
        )
    if abs(size.mean() / STANDARD_GRAVITY - 1) > _MAX_GRAVITY_ERROR:
        yield (
            f"The {part} accelerometer shows {size.mean():.2f} m/s^2 standing, gravity "
            f"is {STANDARD_GRAVITY:.2f}. Correct its unit in the montage."
        )
    if bias_dps > _MAX_BIAS_DPS:
        yield (
            f"The {part} gyroscope shows {bias_dps:.0f} deg/s standing. Correct its "
            "unit in the montage, or let the sensor zero itself."
        )


def mounting_problem(site: str, up: Floats) -> str:
    """Return how a sensor contradicts the axes its montage gives, empty if it fits.

    ``up`` is the direction of up in the axes of the montage, shape (3,).
    """
    tilt_deg = float(np.degrees(np.arccos(np.clip(up[2], -1.0, 1.0))))
    if tilt_deg < _ON_ITS_SIDE_DEG:
        return ""
    if tilt_deg > _UPSIDE_DOWN_DEG:
        how = "is upside down"
    else:
        axis = int(np.argmax(np.abs(up[:2])))
        how = f"lies on its side: up is its {'-' if up[axis] < 0 else ''}{'xy'[axis]}"
    return (
        f"The {site_words(site)} sensor {how}, by the axes of the montage. Turn the "
        "sensor, or correct axes in the montage."
    )


def has_movement(site: str) -> bool:
    """Tell whether a movement is defined that shows the site's left axis."""
    return _part(site) in _LARGEST_LEAN


def functional_axis(
    site: str, rows: ImuRows, stand: Stand, problems: list[str]
) -> Axis | None:
    """Return the left axis of a movement; add to ``problems`` why it cannot be used.

    Parameters
    ----------
    site
        Pelvis, trunk or head (three bows), or a leg's thigh, shank or foot (marching
        steps, walking or running straight ahead).
    rows
        The movement, in the mounting of the stand.
    stand
        Of the same mounting.
    problems
        Cause and remedy are added here.

    Raises
    ------
    ValueError
        The sensor has no gyroscope.
    """
    if rows.gyro is None:
        raise ValueError(site)
    title, again = _MOVEMENTS[_part(site) in _MIDLINE]
    title = f"{title}, {site_words(site)}"
    kept = _kept(rows.acc, rows.gyro)
    problem = next(_length_problems(title, rows, kept, MIN_MOVEMENT_S), "")
    if problem:
        problems.append(problem)
        return None
    t_s, acc, gyro = rows.t_s[kept], rows.acc[kept], rows.gyro[kept]
    rates = gyro - stand.bias_rps
    variances, axes = np.linalg.eigh(rates.T @ rates)  # ascending
    along = axes[:, 2]
    axis = Axis(along, 100.0 * float(variances[2] / variances.sum()))
    speed_dps = float(np.degrees(np.sqrt(variances.sum() / len(rates))))
    if speed_dps < MIN_SPEED_DPS:
        problem = f"{title}: hardly moved ({speed_dps:.1f} deg/s)"
    elif axis.variance_pct < MIN_VARIANCE_PCT:
        problem = (
            f"{title}: only {axis.variance_pct:.0f} % of the movement is about one "
            f"axis, {MIN_VARIANCE_PCT:g} % are needed"
        )
    elif abs(along @ stand.up) > _MAX_OUT_OF_LEVEL:
        problem = f"{title}: it turned about the vertical"
    else:
        back_deg, ahead_deg = _leans_deg(t_s, acc, gyro, stand, along)
        range_deg, one_sided_deg = ahead_deg - back_deg, ahead_deg + back_deg
        if abs(one_sided_deg) >= max(_MIN_ONE_SIDED * range_deg, MIN_ONE_SIDED_DEG):
            sign = np.sign(one_sided_deg) * _LARGEST_LEAN[_part(site)]
            return Axis(along * sign, axis.variance_pct)
        problem = f"{title}: forward cannot be told from backward"
    problems.append(f"{problem}. {again}")
    return None


def _leans_deg(
    t_s: Floats, acc: Floats, gyro: Floats, stand: Stand, left: Floats
) -> tuple[float, float]:
    """Return the largest leans from standing about an axis: back (< 0) and ahead."""
    x, y, z = stand.bias_rps.tolist()
    settings = OrientationSettings(rate_hz=stand.rate_hz, gyro_bias_rps=(x, y, z))
    quat = Orientation(settings).feed(t_s, acc, gyro).quat
    if t_s[-1] - t_s[0] > 2 * TAU_ACC_S:  # it may have begun in full stride
        quat = quat[t_s > t_s[0] + TAU_ACC_S]
    r = segment_rotation(quat, axes_from(stand.up, left))
    back_deg, ahead_deg = np.percentile(forward_lean_deg(r), (2.0, 98.0))
    return float(back_deg), float(ahead_deg)


def axes_from(up: Floats, left: Floats) -> Floats:
    """Return the sensor-to-segment matrix, shape (3, 3): rows forward, left, up.

    ``up`` stays; ``left`` is levelled.
    """
    level = left - (left @ up) * up
    level = level / np.linalg.norm(level)
    return np.array([np.cross(level, up), level, up])


def _part(site: str) -> str:
    return site.partition("_")[0]
