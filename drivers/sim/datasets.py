"""Real public recordings as arrays, with what is known to be true about them.

The data are not part of LabLive; every loader takes the folder they lie in.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from lablive.errors import ConfigError, DeviceError
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from lablive.messages import Floats
    from lablive.names import Side

PEDAR_CELL_CM2: Final = 1.5  # nominal; the vendor's table is per insole size
_LOADSOL = "loadsol_vs_forceplate_pomarat"
_MISSING: Final = ("", "-")
_RUNNING = "running_imu_grf_alcantara"


class RecordedContact(NamedTuple):
    """A contact found by hysteresis on the raw trace, seconds of the recording."""

    on_s: float
    off_s: float
    side: Side | None


@dataclass(frozen=True, eq=False)
class RecordedStream:
    """One stream: description, times (rows,) in s, values (rows, channels)."""

    info: StreamInfo
    t_s: Floats
    x: Floats


@dataclass(frozen=True, eq=False)
class Recording:
    """A recorded set.

    Attributes
    ----------
    streams
        Values in the units of their channels, missing ones NaN.
    contacts
        Complete contacts known to be in it.
    truth
        Other known figures; ids say the unit.
    lines
        For sets that were text: header, then one line per row of the only stream.
    """

    name: str
    streams: tuple[RecordedStream, ...]
    contacts: tuple[RecordedContact, ...] = ()
    truth: dict[str, float] = field(default_factory=dict[str, float])
    lines: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """Time from the first to just after the last row."""
        return max(
            float(2 * stream.t_s[-1] - stream.t_s[-2]) for stream in self.streams
        )


def load(name: str, data: Path, trials: Sequence[int] = ()) -> Recording:
    """Read a recorded set.

    Parameters
    ----------
    name
        A key of :data:`DATASETS`.
    data
        Folder that holds the sets.
    trials
        For ``running``: which trials, in order; none means all 16.

    Raises
    ------
    DeviceError
        The set is not in that folder.
    ConfigError
        There is no such set or trial.
    """
    if name not in DATASETS:
        raise ConfigError(
            f"There is no recorded set {name!r}.", todo=f"Known: {', '.join(DATASETS)}."
        )
    if trials and name != "running":
        raise ConfigError(
            f"The recorded set {name!r} has no trials.", todo="Leave --trials out."
        )
    try:
        return load_running(data, trials) if trials else DATASETS[name](data)
    except OSError as error:
        raise DeviceError(
            "missing",
            f"The recorded set {name!r} is not in {data}: {error}.",
            still="The synthetic runner needs no data.",
            todo="Give the folder that holds the data sets with --data.",
        ) from error


def complete_contacts(
    force: Floats, rate_hz: float, on: float, off: float, side: Side | None = None
) -> tuple[RecordedContact, ...]:
    """Return contacts that begin and end in the trace: on at ``on``, off below ``off``.

    A contact shorter than 50 ms, or already running at the first row, is not one.
    """
    found: list[RecordedContact] = []
    start: int | None = None
    touching = bool(force[0] >= on)
    for row, value in enumerate(force):
        if not touching and value >= on:
            touching, start = True, row
        elif touching and value < off:
            touching = False
            if start is not None and (row - start) / rate_hz >= 0.05:
                found.append(RecordedContact(start / rate_hz, row / rate_hz, side))
            start = None
    return tuple(found)


def load_running(
    data: Path, trials: Sequence[int] = (), pause_s: float = 2.0
) -> Recording:
    """Read treadmill running: force in body weights and sacral acceleration, 500 Hz.

    Trials follow one another after ``pause_s`` without rows. Truth: contacts by the
    0.2/0.1 body weight hysteresis.
    """
    rate = 500.0
    folder = data / _RUNNING
    force = np.loadtxt(folder / "GRF_one_sub.csv", delimiter=",")
    acc = np.loadtxt(folder / "Accelerometer_one_sub.csv", delimiter=",")
    rows = force.shape[1]
    wanted = list(trials) or list(range(len(force)))
    if any(not 0 <= trial < len(force) for trial in wanted):
        raise ConfigError(
            f"Trials {wanted} are not all there.",
            todo=f"The set has trials 0 to {len(force) - 1}.",
        )
    starts = np.arange(len(wanted)) * (rows / rate + pause_s)
    t_s = (starts[:, None] + np.arange(rows) / rate).ravel()
    vertical, forward = acc[wanted, :rows].ravel(), acc[wanted, rows:].ravel()
    # the sideways axis was not recorded: it is missing, not zero
    xyz = np.column_stack([forward, np.full_like(forward, np.nan), vertical])
    contacts = tuple(
        RecordedContact(start + contact.on_s, start + contact.off_s, None)
        for start, trial in zip(starts.tolist(), wanted, strict=True)
        for contact in complete_contacts(force[trial], rate, 0.2, 0.1)
    )
    axes = [
        ChannelInfo(f"imu_pelvis.acc.{axis}", "g", f"Acceleration{axis.upper()}")
        for axis in "xyz"
    ]
    total = [ChannelInfo("treadmill.force_z", "BW", "Force")]
    weights = force[wanted].ravel()
    return Recording(
        "running",
        (
            _stream("running treadmill", "Force", rate, total, t_s, weights),
            _stream("running sacrum", "IMU", rate, axes, t_s, xyz, number=1),
        ),
        contacts,
        {"mass_kg": 76.8, "trials": float(len(wanted))},
    )


def load_dryft(data: Path) -> Recording:
    """Read treadmill force with a baseline drifting by 110 N in 30 s, 300 Hz.

    Truth: 77 contacts, those of a 140 N threshold, which only this trace allows.
    """
    path = data / "dryft_treadmill_grf" / "custom_drift_S001runT25.csv"
    force = np.loadtxt(path)
    t_s = np.arange(len(force)) / 300.0
    total = [ChannelInfo("treadmill.force_z", "N", "Force")]
    stream = _stream("dryft treadmill", "Force", 300.0, total, t_s, force)
    return Recording("dryft", (stream,), complete_contacts(force, 300.0, 140.0, 140.0))


def load_loadsol(data: Path, file: str = "test_pointe_1_05_02.txt") -> Recording:
    """Read a pair of loadsol insoles, 200 Hz, columns as in the vendor's export.

    A lost radio packet is -1 in the zones, 0 in the total and ``-`` in the IMU
    columns; values stay as sent, ``-`` becomes NaN. Truth: lost rows per foot.
    """
    text = (data / _LOADSOL / file).read_text(encoding="utf-8").splitlines()
    columns = 24
    lines: list[str] = []
    values: list[list[float]] = []
    for line in text[4:]:
        cells = line.split("\t")[:columns]
        try:
            row = [
                np.nan if cell.strip() in ("", "-") else float(cell) for cell in cells
            ]
        except ValueError:
            continue  # "End measurement"
        if len(row) == columns and not np.isnan(row[0]):
            lines.append("\t".join(cells))
            values.append(row)
    x = np.array(values)
    units = [unit.strip() for unit in text[3].split("\t")[:columns]]
    names = [name.strip() for name in text[2].split("\t")[:columns]]
    channels = [
        ChannelInfo(name or "time", _plain_unit(unit))
        for name, unit in zip(names, units, strict=True)
    ]
    truth = {
        "lost_rows_left": float(np.sum(x[:, 1] == -1)),
        "lost_rows_right": float(np.sum(x[:, 13] == -1)),
    }
    stream = _stream("loadsol", "Force", 200.0, channels, x[:, 0], x)
    header = "\t".join(names)
    return Recording("loadsol", (stream,), (), truth, (header, *lines))


def _plain_unit(text: str) -> str:
    """Return the unit of ``Force[N]``; seconds have no name in the vocabulary."""
    unit = text.partition("[")[2].rstrip("]")
    return "" if unit == "secs" else unit


def load_pedar(data: Path) -> Recording:
    """Read a pair of 99-cell pedar insoles in walking, 50 Hz, kPa.

    Truth: contacts by the 100/50 N hysteresis on pressure times a nominal cell.
    """
    path = data / "insole_pedar_99cell" / "pressure_example.asc"
    text = path.read_text(encoding="latin-1").splitlines()
    start = next(
        i for i, row in enumerate(text) if row.lower().startswith("time[secs]")
    )
    x = np.array([row.split() for row in text[start + 1 :] if row.strip()], dtype=float)
    newton_per_kpa = PEDAR_CELL_CM2 * 0.1
    left = x[:, 1:100].sum(axis=1) * newton_per_kpa
    right = x[:, 100:199].sum(axis=1) * newton_per_kpa
    contacts = (
        *complete_contacts(left, 50.0, 100.0, 50.0, "left"),
        *complete_contacts(right, 50.0, 100.0, 50.0, "right"),
    )
    channels = [
        ChannelInfo(f"insole_{side}.pressure.{cell + 1:02d}", "kPa", "Pressure")
        for side in ("left", "right")
        for cell in range(99)
    ]
    stream = _stream(
        "pedar", "Pressure", 50.0, channels, x[:, 0] - x[0, 0], x[:, 1:199]
    )
    return Recording("pedar", (stream,), tuple(sorted(contacts, key=_start)))


def _start(contact: RecordedContact) -> float:
    return contact.on_s


def load_stappone(data: Path) -> Recording:
    """Read one Stappone sole, 62.5 Hz: 12 pressures in counts, acceleration, rates."""
    path = data / "insole_formats_pressuRe" / "stappone_example.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    columns: list[tuple[str, ChannelInfo, float]] = [
        (
            f"pressure_{cell:02d}",
            ChannelInfo(f"insole_left.pressure.{cell:02d}", "adc", "Pressure"),
            1.0,
        )
        for cell in range(1, 13)
    ]
    for source, quantity, unit, kind, scale in (
        ("accel", "acc", "m/s^2", "Acceleration", 1e-3),
        ("gyro", "gyro", "rad/s", "AngularVelocity", 1e-6),
    ):
        columns += [
            (
                f"{source}_{axis}",
                ChannelInfo(
                    f"insole_left.{quantity}.{axis}", unit, kind + axis.upper()
                ),
                scale,
            )
            for axis in "xyz"
        ]
    x = np.array(
        [[float(row[name]) * scale for name, _, scale in columns] for row in rows]
    )
    epoch_ms = np.array([float(row["timestamp"]) for row in rows])
    t_s = (epoch_ms - epoch_ms[0]) / 1e3
    channels = [channel for _, channel, _ in columns]
    stream = _stream("stappone", "Pressure", 62.5, channels, t_s, x)
    lines = path.read_text(encoding="utf-8").splitlines()
    return Recording("stappone", (stream,), (), {}, tuple(lines))


def _stream(
    name: str,
    kind: str,
    rate_hz: float,
    channels: Sequence[ChannelInfo],
    t_s: Floats,
    x: Floats,
    number: int = 0,
) -> RecordedStream:
    info = StreamInfo(
        id=number,
        name=name,
        type=kind,
        rate_hz=rate_hz,
        channels=tuple(channels),
        source_id=f"lablive-playback-{name.replace(' ', '-')}",
        hostname="recorded",
        device="recording",
    )
    return RecordedStream(info, t_s, x.reshape(len(t_s), len(channels)))


DATASETS: Final[dict[str, Callable[[Path], Recording]]] = {
    "loadsol": load_loadsol,
    "loadsol_standing": lambda data: load_loadsol(data, "test_poids.txt"),
    "pedar": load_pedar,
    "stappone": load_stappone,
    "running": load_running,
    "dryft": load_dryft,
}
