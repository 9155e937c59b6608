"""A hand-held IMU with optical orientation: how well it knows where up is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.importing.imported import Options
from lablive.signals.angles import rotation
from lablive.validation.outcome import Errors, Outcome, at_most, told

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from lablive.messages import Floats
    from lablive.validation.bench import Bench

FOLDER: Final = "imu_optical_broad"
FILES: Final = ("10_undisturbed_slow_translation_A.hdf5",)
_RMS_DEG: Final = 0.6
_LABELS: Final = tuple(f"{what}_{axis}" for what in ("acc", "gyr") for axis in "xyz")
_MONTAGE: Final = """
schema = 1
name = "An IMU in the hand"
[[stream]]
match = { name = "in the hand" }
[[stream.channel]]
label = ["acc_x", "acc_y", "acc_z"]
role = "imu_pelvis.acc"
unit = "m/s^2"
axes = ["x", "y", "z"]
[[stream.channel]]
label = ["gyr_x", "gyr_y", "gyr_z"]
role = "imu_pelvis.gyro"
unit = "rad/s"
axes = ["x", "y", "z"]
"""


class HandHeld(NamedTuple):
    """A trial: rows of the IMU, optical quaternions (w, x, y, z), when it moved."""

    rate_hz: float
    acc: Floats
    gyro: Floats
    optical: Floats
    moving: NDArray[np.bool_]


def read_hand_held(data: Path) -> HandHeld:
    """Read the HDF5 file of the set."""
    import h5py

    with h5py.File(data / FOLDER / FILES[0]) as opened:
        file: Any = opened
        acc, gyro, optical, moving = (
            np.asarray(file[key])
            for key in ("imu_acc", "imu_gyr", "opt_quat", "movement")
        )
        return HandHeld(
            float(file.attrs["sampling_rate"]), acc, gyro, optical, moving.astype(bool)
        )


def inclination_error_deg(r: Floats, true_r: Floats) -> Floats:
    """Return the angle between both verticals in sensor axes, shape (rows,)."""
    across = np.linalg.norm(np.cross(r[:, 2], true_r[:, 2]), axis=1)
    return np.degrees(np.arcsin(np.clip(across, 0.0, 1.0)))


def hand_held(bench: Bench) -> Outcome:
    """Compare the inclination with the optical one, also at a ninth of the rate."""
    read = read_hand_held(bench.data)
    errors: list[Errors] = []
    for every in (1, 9):
        rate_hz = read.rate_hz / every
        rows = np.column_stack([read.acc, read.gyro])[::every].T
        columns = {"sample": np.arange(rows.shape[1], dtype=float)}
        columns |= dict(zip(_LABELS, rows, strict=True))
        path = bench.table(f"hand-held-{every}", columns)
        options = Options(rate_hz=rate_hz, time_column="sample")
        with bench.run([path], _MONTAGE, options) as run:
            seen = run.orientation("pelvis")
        error_deg = inclination_error_deg(
            seen.rotation, rotation(read.optical[::every])
        )
        known = read.moving[::every] & np.isfinite(error_deg)
        errors.append(
            Errors(f"inclination at {rate_hz:.0f} Hz", "deg", error_deg[known],
                   seen.t_s[known], "time, s")
        )  # fmt: skip
    full, slow = errors
    return Outcome(
        truth="Optical orientation while the sensor is moved by hand, slow translation,"
        " two minutes.",
        ours="VQF 6D as the pipeline runs it, no magnetometer, no bias known before;"
        " the angle between both verticals, so that it has no sign.",
        errors=tuple(errors),
        goals=(
            at_most("RMS of the inclination", full.rms, _RMS_DEG, "deg", 2),
            at_most(f"RMS at {read.rate_hz / 9:.0f} Hz", slow.rms, _RMS_DEG, "deg", 2),
            told("95 % within", f"{full.p95:.2f} deg"),
        ),
        notes=(
            "A hand is no runner: what skin, strap and impact add is not in here.",
            "The rows come from an HDF5 file and were written as CSV to be imported.",
        ),
    )  # fmt: skip
