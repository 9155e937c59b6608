"""OpenSim files of a range: vertical forces (.mot), orientations of the IMUs (.sto)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError
from lablive.exporting.grid import Grid, grid_of
from lablive.names import IMU_SITES, SIDES
from lablive.signals.angles import segment_rotation
from lablive.signals.insole import feet
from lablive.signals.orientation import Orientation, OrientationSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lablive.exporting.source import Progress, Source
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.signals.binding import Source as Bound

    Read = Callable[[Floats, Values], Floats]

_BODIES: Final = {  # as OpenSim's running models name them
    "pelvis": "pelvis", "trunk": "torso", "head": "head", "thigh": "femur",
    "shank": "tibia", "foot": "calcn", "forearm": "radius",
}  # fmt: skip
_LETTERS: Final = {"left": "l", "right": "r"}
_HELD_ROWS: Final = 1.5
_READ_S: Final = 60.0


class _Signal(NamedTuple):
    """What becomes a column: its stream and how its rows are read."""

    label: str
    info: StreamInfo
    read: Read


def write_mot(source: Source, path: Path, progress: Progress) -> None:
    """Write the vertical force under each foot in newtons; y points up.

    Insoles measure no shear: vx and vz are not written, nor is a place in the
    laboratory that nobody measured.

    Raises
    ------
    ConfigError
        No force is measured in newtons.
    """
    prepared = source.analysed.prepared
    infos = {it.id: it for it in prepared.streams}
    signals: list[_Signal] = []
    soles = feet(prepared.binding, prepared.calibrations.insole)
    for side in SIDES:
        foot = soles.get(side)
        if foot is not None and foot.unit == "N":
            label = f"ground_force_{_LETTERS[side]}_vy"
            info = infos[foot.force.stream]
            signals.append(_Signal(label, info, _force(foot.force_n)))
    plate = prepared.binding.source("treadmill.force_z")
    if plate is not None and plate.unit == "N":
        read = _force(plate.extract)
        signals.append(_Signal("ground_force_vy", infos[plate.stream], read))
    if not signals:
        raise ConfigError(
            "No force is measured in newtons: there is nothing for a .mot file.",
            still="Nothing was written.",
            todo="Calibrate the insoles (docs/calibration.md), or export csv.",
        )
    grid, columns = _on_grid(source, signals, progress)
    table = np.column_stack([_since(source, grid), *(it[:, 0] for it in columns)])
    labels = ["time", *(it.label for it in signals)]
    head = (
        f"LabLive {source.code}\nversion=1\nnRows={len(table)}\n"
        f"nColumns={len(labels)}\ninDegrees=no\nendheader\n"
    )
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(head + "\t".join(labels) + "\n")
        file.writelines("\t".join(map(_number, row)) + "\n" for row in table.tolist())


def write_sto(source: Source, path: Path, progress: Progress) -> None:
    """Write the orientation of every IMU as OpenSense reads it; the world's z is up.

    A calibrated sensor is turned into the axes of its segment (x forward, y left, z
    up), another one stays in its own; the heading is arbitrary and drifts.

    Raises
    ------
    ConfigError
        No IMU has both an accelerometer and a gyroscope.
    """
    signals = _imus(source)
    if not signals:
        raise ConfigError(
            "No IMU has acceleration and rates: there is nothing for a .sto file.",
            still="Nothing was written.",
            todo="Export the forces as mot, or everything as csv.",
        )
    grid, columns = _on_grid(source, signals, progress)
    times_s = _since(source, grid)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"DataRate={grid.rate_hz:.6f}\nDataType=Quaternion\nversion=3\n"
            "OpenSimVersion=4.5\nendheader\n"
        )
        file.write("\t".join(["time", *(it.label for it in signals)]) + "\n")
        for row, t_s in enumerate(times_s.tolist()):
            cells = (",".join(map(_number, it[row].tolist())) for it in columns)
            file.write("\t".join([_number(t_s), *cells]) + "\n")


def _imus(source: Source) -> list[_Signal]:
    prepared = source.analysed.prepared
    infos = {it.id: it for it in prepared.streams}
    segments = prepared.calibrations.segments
    found: list[_Signal] = []
    for site in IMU_SITES:
        acc = prepared.binding.source(f"imu_{site}.acc")
        gyro = prepared.binding.source(f"imu_{site}.gyro")
        if acc is None or gyro is None or acc.stream != gyro.stream:
            continue
        info, own = infos[acc.stream], segments.of(site) if segments else None
        if not info.rate_hz:
            continue
        stage = Orientation(
            OrientationSettings(
                rate_hz=info.rate_hz,
                gyro_bias_rps=own.gyro_bias_rps if own else None,
            )
        )
        matrix = np.eye(3) if own is None else own.matrix
        read = _orientation(acc, gyro, stage, matrix)
        found.append(_Signal(_body(site), info, read))
    return found


def _force(extract: Callable[[Values], Floats]) -> Read:
    return lambda t_s, x: extract(x).reshape(len(t_s), -1)[:, :1]


def _orientation(acc: Bound, gyro: Bound, stage: Orientation, matrix: Floats) -> Read:
    def turned(t_s: Floats, x: Values) -> Floats:
        quat = stage.feed(t_s, acc.extract(x), gyro.extract(x)).quat
        return _quaternions(quat, matrix)

    return turned


def _body(site: str) -> str:
    part, _, side = site.partition("_")
    return f"{_BODIES[part]}{'_' + _LETTERS[side] if side else ''}_imu"


def _quaternions(quat: Floats, matrix: Floats) -> Floats:
    """Return the segment's orientation, shape (rows, 4): w, x, y, z; NaN = unknown."""
    from scipy.spatial.transform import Rotation  # not before it is needed

    found = np.full((len(quat), 4), np.nan)
    good = np.isfinite(quat).all(axis=1)
    if good.any():
        turned = Rotation.from_matrix(segment_rotation(quat[good], matrix))
        found[good] = turned.as_quat(canonical=True, scalar_first=True)
    return found


def _on_grid(
    source: Source, signals: Sequence[_Signal], progress: Progress
) -> tuple[Grid, list[Floats]]:
    """Return every signal at the steps of one grid, the newest row held."""
    grid = grid_of(source, list({it.info.id: it.info for it in signals}.values()))
    edge_s = grid.times_s(0, grid.steps) + 0.5 / grid.rate_hz
    columns: list[Floats] = []
    for number, signal in enumerate(signals):
        progress(0.3 + 0.6 * number / len(signals), f"reading {signal.label}")
        t_s, values = _read(source, signal)
        at = t_s.searchsorted(edge_s, side="right") - 1
        out = np.full((grid.steps, values.shape[1]), np.nan)
        longest_s = max(_HELD_ROWS / (signal.info.rate_hz or 1.0), 1.0 / grid.rate_hz)
        if len(t_s):
            age_s = edge_s - t_s[np.maximum(at, 0)]
            known = (at >= 0) & (age_s < longest_s + 0.5 / grid.rate_hz)
            out[known] = values[at[known]]
        columns.append(out)
    progress(0.9, "writing")
    return grid, columns


def _read(source: Source, signal: _Signal) -> tuple[Floats, Floats]:
    """Return times and values in the range; filters begin with the trial."""
    stream, trial = signal.info.id, source.trial
    begin_s, last_s = trial.span(stream)
    times: list[Floats] = []
    values: list[Floats] = []
    while begin_s <= last_s and begin_s < source.t1_s:
        t_s, x = trial.window(stream, begin_s, begin_s + _READ_S)
        begin_s += _READ_S
        if len(t_s):
            made = signal.read(t_s, x)
            inside = (t_s >= source.t0_s) & (t_s < source.t1_s)
            times.append(t_s[inside])
            values.append(made[inside])
    if not times:
        return np.empty(0), np.empty((0, 1))
    return np.concatenate(times), np.concatenate(values)


def _since(source: Source, grid: Grid) -> Floats:
    """Return the times of the steps from the begin of the range."""
    return grid.times_s(0, grid.steps) - source.t0_s


def _number(value: float) -> str:
    return "NaN" if value != value else f"{value:.9g}"
