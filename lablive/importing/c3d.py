"""C3D: markers, model outputs, analog channels, force plates and events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from lablive.importing.c3d_events import events_of
from lablive.importing.c3d_file import C3dFile, open_c3d
from lablive.importing.imported import Imported, ImportedStream, unreadable, wall_clock
from lablive.importing.timing import Lost, Timing, even
from lablive.messages import ChannelInfo, StreamInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.c3d_file import Group
    from lablive.importing.imported import Options, Progress
    from lablive.messages import Floats

# groups of points that are no positions: parameter of the list, of their unit
_OUTPUTS: Final = {
    "ANGLES": "ANGLE_UNITS", "FORCES": "FORCE_UNITS", "MOMENTS": "MOMENT_UNITS",
    "POWERS": "POWER_UNITS", "SCALARS": "SCALAR_UNITS",
}  # fmt: skip
_HEADER_MOST: Final = 65535  # the header itself counts no further


def is_c3d(head: bytes) -> bool:
    """Tell whether bytes begin like a C3D file: block of the parameters, then 0x50."""
    return len(head) >= 512 and head[1] == 0x50 and b"\0" in head[:512]


def read_c3d(path: Path, options: Options, progress: Progress) -> Imported:
    """Read a C3D file; frame 1 is time 0, as everywhere in the field.

    Markers have no role in the vocabulary: they are stored as type ``MoCap``.

    Raises
    ------
    LabLiveError
        ezc3d is not installed.
    RecordingError
        The file is damaged or empty.
    """
    del options
    file = open_c3d(path)
    progress(0.9)
    streams = [*_points(path, file), *_analog(path, file), *_plates(path, file)]
    if not streams:
        raise unreadable(path, "it holds neither markers nor analog channels")
    notes: list[str] = []
    if file.plates_fault:
        notes.append(f"The force plates cannot be computed ({file.plates_fault}).")
    if any(stream.info.type == "MoCap" for stream in streams):
        notes.append(
            "Markers and model outputs are stored (type MoCap) and feed no role."
        )
    markers = events_of(file.header, file.group("EVENT"))
    return Imported(
        "c3d", tuple(streams), markers, started=_started(file), notes=tuple(notes)
    )


def _start_s(file: C3dFile) -> float:
    """Return the time of the first sample; frame 1 of the recording is 0 s."""
    points = file.header["points"]
    first, rate_hz = float(points["first_frame"]), float(points["frame_rate"])
    start = file.group("TRIAL").frame_number("ACTUAL_START_FIELD")
    if start > _HEADER_MOST:
        first = start - 1.0
    return first / rate_hz if rate_hz > 0 else 0.0


def _started(file: C3dFile) -> str:
    """Return the wall clock when the file has one (BTS writes it)."""
    trial = file.group("TRIAL")
    parts = [*trial.numbers("DATE").ravel(), *trial.numbers("TIME").ravel()]
    return wall_clock(*parts) if len(parts) == 6 else ""


def _stream(
    path: Path,
    file: C3dFile,
    name: str,
    kind: str,
    channels: Sequence[ChannelInfo],
    x: Floats,
    rate_hz: float,
) -> ImportedStream:
    t_s = _start_s(file) + even(len(x), rate_hz).t_s
    timing = Timing(t_s, rate_hz, tuple(_cut_off(file, t_s, rate_hz)))
    info = StreamInfo(
        id=0,
        name=name,
        type=kind,
        rate_hz=rate_hz,
        channels=tuple(channels),
        source_id=path.name,
        device="C3D",
        sample_format="double64",
    )
    return ImportedStream(info, timing, x)


def _cut_off(file: C3dFile, t_s: Floats, rate_hz: float) -> Iterator[Lost]:
    """Yield the rows that the header promises behind the end of the file."""
    if file.missing_frames:
        lasts_s = file.missing_frames / float(file.header["points"]["frame_rate"])
        why = "the file is cut off"
        last_s = float(t_s[-1])
        yield Lost(len(t_s), last_s, lasts_s, round(lasts_s * rate_hz), why)


def _named(labels: Sequence[str], count: int, word: str) -> list[str]:
    """Return ``count`` labels; what has none is numbered."""
    padded = [*labels, *[""] * count][:count]
    return [label or f"{word} {number + 1}" for number, label in enumerate(padded)]


def _points(path: Path, file: C3dFile) -> Iterator[ImportedStream]:
    count, frames = file.points.shape[1:]
    rate_hz = float(file.header["points"]["frame_rate"])
    if not count or not frames or rate_hz <= 0:
        return
    group = file.group("POINT")
    labels = _named(group.texts("LABELS"), count, "point")
    units = _output_units(group)
    length = next(iter(group.texts("UNITS")), "")
    xyz = file.points[:3].transpose(2, 1, 0)  # frames, points, axes
    for name, wanted, kind in (
        ("c3d markers", False, "Position"),
        ("c3d model outputs", True, ""),
    ):
        picked = [k for k, label in enumerate(labels) if (label in units) == wanted]
        channels = [
            ChannelInfo(f"{labels[k]}.{axis}", units.get(labels[k], length), kind)
            for k in picked
            for axis in "xyz"
        ]
        if channels:
            x = np.ascontiguousarray(xyz[:, picked].reshape(frames, -1))
            yield _stream(path, file, name, "MoCap", channels, x, rate_hz)


def _output_units(group: Group) -> dict[str, str]:
    """Return the unit of every point that is an angle, a force, a moment, a power."""
    found: dict[str, str] = {}
    for key, unit_key in _OUTPUTS.items():
        unit = next(iter(group.texts(unit_key)), "")
        found |= dict.fromkeys(group.texts(key), unit)
    found.pop("", None)
    return found


def _analog(path: Path, file: C3dFile) -> Iterator[ImportedStream]:
    count, samples = file.analogs.shape
    rate_hz = float(file.header["analogs"]["frame_rate"])
    if not count or not samples or rate_hz <= 0:
        return
    group = file.group("ANALOG")
    labels = _named(group.texts("LABELS"), count, "analog")
    units = [*group.texts("UNITS"), *[""] * count][:count]
    channels = [
        ChannelInfo(label, unit) for label, unit in zip(labels, units, strict=True)
    ]
    x = np.ascontiguousarray(file.analogs.T)
    yield _stream(path, file, "c3d analog", "Analog", channels, x, rate_hz)


def _plates(path: Path, file: C3dFile) -> Iterator[ImportedStream]:
    """Yield the vertical ground reaction of every plate, and of all together."""
    rate_hz = float(file.header["analogs"]["frame_rate"])
    forces = [force for force in file.forces if force.ndim == 2 and force.shape[1]]
    if not forces or rate_hz <= 0:
        return
    axis, sign = _up(file)
    columns = [sign * force[axis] for force in forces]
    labels = [f"plate_{number + 1}.force_z" for number in range(len(columns))]
    if len(columns) > 1:
        columns.append(np.sum(columns, axis=0))
        labels.append("all_plates.force_z")
    channels = [ChannelInfo(label, file.force_unit, "Force") for label in labels]
    x = np.column_stack(columns)
    yield _stream(path, file, "c3d force plates", "Force", channels, x, rate_hz)


def _up(file: C3dFile) -> tuple[int, float]:
    """Return the vertical axis and its sign: Y_SCREEN, else where plates are flat."""
    told = next(iter(file.group("POINT").texts("Y_SCREEN")), "").upper()
    if told[-1:] in ("X", "Y", "Z"):
        return "XYZ".index(told[-1]), -1.0 if told.startswith("-") else 1.0
    return int(np.argmin(np.ptp(np.hstack(file.corners), axis=1))), 1.0
