"""IMU rows made from a motion: any rotation, any mounting, any rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from drivers.sim.imu_model import lean_obliquity_heading_deg
from drivers.sim.runner import Runner, RunnerSettings
from lablive.names import STANDARD_GRAVITY
from lablive.signals.orientation import (
    Orientation,
    OrientationRows,
    OrientationSettings,
)
from lablive.signals.segment_axes import ImuRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.messages import Floats

_STEP_S = 1e-4
REF1 = RunnerSettings()


def turn(axis: str, angle_deg: Floats | float) -> Floats:
    """Return rotations about one axis, shape (rows, 3, 3)."""
    a = np.radians(np.atleast_1d(np.asarray(angle_deg, dtype=float)))
    c, s, one, none = np.cos(a), np.sin(a), np.ones_like(a), np.zeros_like(a)
    rows = {
        "x": [[one, none, none], [none, c, -s], [none, s, c]],
        "y": [[c, none, s], [none, one, none], [-s, none, c]],
        "z": [[c, -s, none], [s, c, none], [none, none, one]],
    }[axis]
    return np.moveaxis(np.array(rows), 2, 0)


def pose(lean: Floats, obliquity: Floats, heading: Floats) -> Floats:
    """Return segment-to-world matrices: rotation, then obliquity, then lean."""
    return turn("z", heading) @ turn("x", obliquity) @ turn("y", lean)


def rows_of(
    motion: Callable[[Floats], Floats],
    t_s: Floats,
    *,
    mounting: Floats | None = None,
    bias_dps: tuple[float, float, float] = (0.3, -0.2, 0.1),
    world_acc: Callable[[Floats], Floats] | None = None,
    seed: int = 1,
) -> ImuRows:
    """Return what a sensor on the moving segment sends.

    ``motion`` gives segment-to-world matrices, ``mounting`` (3, 3) is sensor to
    segment, ``world_acc`` the sensor's acceleration in world axes.
    """
    mounting = np.eye(3) if mounting is None else mounting
    noise = np.random.default_rng(seed)
    sensor = motion(t_s) @ mounting
    turned = np.swapaxes(motion(t_s - _STEP_S) @ mounting, 1, 2) @ (
        motion(t_s + _STEP_S) @ mounting
    )
    skew = (turned - np.swapaxes(turned, 1, 2)) / (4 * _STEP_S)
    gyro = np.column_stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]])
    gyro += np.radians(bias_dps) + np.radians(0.05) * noise.standard_normal(gyro.shape)
    moved = np.zeros((len(t_s), 3)) if world_acc is None else world_acc(t_s)
    acc = np.einsum("nji,nj->ni", sensor, moved + np.array([0, 0, STANDARD_GRAVITY]))
    return ImuRows(t_s, acc + 0.03 * noise.standard_normal(acc.shape), gyro)


def simulated(
    site: str,
    t0_s: float,
    t1_s: float,
    *,
    settings: RunnerSettings = REF1,
    mounting: Floats | None = None,
) -> ImuRows:
    """Return rows of the simulated runner's IMU, as float32 like on the wire.

    ``mounting`` turns the sensor on its segment: sensor to segment, shape (3, 3).
    """
    name = f"Sim {site.replace('_', ' ')} IMU"
    t_s, x = Runner(settings).window(name, t0_s, t1_s)
    x = x.astype(np.float32).astype(float)
    if mounting is not None:
        x = np.hstack([x[:, :3] @ mounting, x[:, 3:] @ mounting])
    return ImuRows(t_s, x[:, :3], x[:, 3:])


def truth(
    site: str, t_s: Floats, settings: RunnerSettings = REF1
) -> tuple[Floats, Floats, Floats]:
    """Return forward lean, obliquity and heading of the simulated runner."""
    return lean_obliquity_heading_deg(settings, site, t_s)


def rms(x: Floats) -> float:
    """Return the root mean square."""
    return float(np.sqrt(np.mean(np.square(x))))


def orient(rows: ImuRows, rate_hz: float, bias_rps=None) -> OrientationRows:
    """Return the orientation of all rows at once."""
    settings = OrientationSettings(rate_hz=rate_hz, gyro_bias_rps=bias_rps)
    assert rows.gyro is not None
    return Orientation(settings).feed(rows.t_s, rows.acc, rows.gyro)


def away_deg(angle_deg: Floats, true_deg: Floats) -> Floats:
    """Return the difference of angles, -180 to 180."""
    return (angle_deg - true_deg + 180.0) % 360.0 - 180.0
