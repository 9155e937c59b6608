"""A pelvis from its markers, and what an IMU on it would have measured.

Real recordings of markers last two seconds; an IMU needs a stand and a few strides. So
one real stride is repeated: its pose is made periodic, differentiated, and turned into
the rows of a sensor at the back of the pelvis that first stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.importing.mocap import path_of
from lablive.names import STANDARD_GRAVITY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.recording.replay import Trial

STAND_S: Final = 12.0
RAMP_S: Final = 2.0  # from standing into the stride
BIAS_DPS: Final = (0.3, -0.2, 0.1)  # of a usual gyroscope; the stand has to find it
_HARMONICS: Final = 8  # of the stride: 8 Hz
_STEP_S: Final = 1e-3  # for derivatives of the smooth motion


class Pelvis(NamedTuple):
    """Where a pelvis was: rows in which all four markers were seen.

    Attributes
    ----------
    t_s
        Shape (rows,).
    rotation
        Segment (forward, left, up) to laboratory, shape (rows, 3, 3), the mean heading
        taken out.
    sacrum_m
        Middle of the rear markers in the same axes, shape (rows, 3).
    """

    t_s: Floats
    rotation: Floats
    sacrum_m: Floats

    @property
    def obliquity_deg(self) -> Floats:
        """Elevation of the line from the right to the left front, + = left up."""
        return np.degrees(np.arcsin(self.rotation[:, 2, 1]))


def pelvis_of(trial: Trial) -> Pelvis:
    """Return the pelvis of a recording with the markers LASI, RASI, LPSI and RPSI.

    Raises
    ------
    RecordingError
        A marker is not there.
    """
    names = ("LASI", "RASI", "LPSI", "RPSI")
    paths = [path_of(trial, name) for name in names]
    seen = np.isfinite(np.concatenate([path.xyz for path in paths], axis=1)).all(axis=1)
    left_asi, right_asi, left_psi, right_psi = (path.xyz[seen] for path in paths)
    left = _unit(left_asi - right_asi)
    rear = (left_psi + right_psi) / 2
    up = _unit(np.cross((left_asi + right_asi) / 2 - rear, left))
    r = np.stack([np.cross(left, up), left, up], axis=2)
    ahead = r[:, :2, 0].mean(axis=0)
    cos, sin = ahead / np.linalg.norm(ahead)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return Pelvis(paths[0].t_s[seen], turn @ r, rear @ turn.T)


@dataclass(frozen=True, slots=True, eq=False)
class RepeatedStride:
    """One stride of a pelvis, again and again.

    Attributes
    ----------
    begin_s, stride_s
        Where in the recording it was cut out.
    pose, place
        Fourier coefficients of rotation vector and sacrum, shape (harmonics + 1, 3).
    """

    begin_s: float
    stride_s: float
    pose: NDArray[np.complex128]
    place: NDArray[np.complex128]

    @classmethod
    def of(cls, pelvis: Pelvis, begin_s: float, stride_s: float) -> RepeatedStride:
        """Cut a stride out; what its end lacks to its begin is taken out as a line."""
        rows = 1024
        phase = np.arange(rows + 1) / rows
        at_s = begin_s + stride_s * phase

        def series(values: Floats) -> NDArray[np.complex128]:
            curve = np.column_stack([np.interp(at_s, pelvis.t_s, v) for v in values.T])
            closed = curve - phase[:, None] * (curve[-1] - curve[0])
            return np.fft.rfft(closed[:-1], axis=0)[: _HARMONICS + 1] / rows

        pose = series(_rotation_vector(pelvis.rotation))
        place = series(pelvis.sacrum_m)
        place[0] = 0.0
        return cls(begin_s, stride_s, pose, place)

    def rotation(self, t_s: Floats) -> Floats:
        """Return segment to world, shape (rows, 3, 3); the stride begins at 0."""
        return _matrices(_share(t_s) * self._series(self.pose, t_s))

    def obliquity_deg(self, t_s: Floats) -> Floats:
        """Return the true obliquity, + = left side up."""
        return np.degrees(np.arcsin(self.rotation(t_s)[:, 2, 1]))

    def imu(self, t_s: Floats) -> tuple[Floats, Floats]:
        """Return specific force, m/s^2, and rates, rad/s, at the sacrum, (rows, 3)."""
        before, now, after = (
            self.rotation(t_s + shift) for shift in (-_STEP_S, 0.0, _STEP_S)
        )
        turned = np.swapaxes(before, 1, 2) @ after
        skew = (turned - np.swapaxes(turned, 1, 2)) / (4 * _STEP_S)
        gyro = np.column_stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]])
        places = [
            _share(t_s + shift) * self._series(self.place, t_s + shift)
            for shift in (-_STEP_S, 0.0, _STEP_S)
        ]
        moved = (places[0] - 2 * places[1] + places[2]) / _STEP_S**2
        force = moved + np.array([0.0, 0.0, STANDARD_GRAVITY])
        return np.einsum("nji,nj->ni", now, force), gyro + np.radians(BIAS_DPS)

    def _series(self, coefficients: NDArray[np.complex128], t_s: Floats) -> Floats:
        orders = np.arange(len(coefficients))
        turns = np.exp(2j * np.pi * np.outer(t_s / self.stride_s, orders))
        weight = np.where(orders == 0, 1.0, 2.0)
        return (turns @ (weight[:, None] * coefficients)).real


def _share(t_s: Floats) -> Floats:
    """Return how far the stand has become the stride, shape (rows, 1)."""
    x = np.clip((t_s + RAMP_S) / RAMP_S, 0.0, 1.0)[:, None]
    return x**3 * (10 - 15 * x + 6 * x**2)


def _unit(vectors: Floats) -> Floats:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def _rotation_vector(r: Floats) -> Floats:
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(r).as_rotvec()


def _matrices(vectors: Floats) -> Floats:
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec(vectors).as_matrix()
