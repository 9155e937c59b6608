"""A range as C3D: analog channels on one clock, contacts and markers as events."""

from __future__ import annotations

import os
from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import numpy as np

from lablive import __version__
from lablive.errors import RecordingError
from lablive.exporting import c3d_format
from lablive.exporting.grid import grid_of, held
from lablive.exporting.source import public_header
from lablive.exporting.tables import labels_of
from lablive.names import HeaderKey

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.exporting.grid import Grid
    from lablive.exporting.source import Progress, Source
    from lablive.messages import Ints, StreamInfo

_LABELS: Final = {"ic": "Foot Strike", "to": "Foot Off"}
_CONTEXTS: Final = {"left": "Left", "right": "Right", "unknown": "General"}
_NOTE_LINES: Final = 8  # of a long note


def write_c3d(source: Source, path: Path, progress: Progress) -> None:
    """Write the range as one C3D file with 32-bit floating point values.

    Every value of a 32-bit stream comes back with the same bits. Streams of different
    rates stand on one grid (:mod:`.grid`); missing values are NaN.

    Raises
    ------
    RecordingError
        The range has more rows or events than a C3D file can hold.
    """
    progress(0.0, "analysing")
    streams = [it for it in source.streams if source.trial.rows(it.id)]
    channels = sum(len(it.channels) for it in streams)
    if not channels:
        raise RecordingError(
            "The trial has no rows: there is nothing for a C3D file.",
            still="Nothing was written.",
            todo="Choose a trial with streams.",
        )
    grid = grid_of(source, streams)
    per_frame = _per_frame(grid, channels)
    frames = -(-grid.steps // per_frame)
    found = _parameters(source, streams, grid, per_frame, frames)
    skipped = np.zeros(len(streams), dtype=np.int64)
    parameters = _with_skipped(found, skipped)
    head = c3d_format.header(
        channels=channels,
        per_frame=per_frame,
        frames=frames,
        point_hz=grid.rate_hz / per_frame,
        parameters=parameters,
    )
    with path.open("wb") as file:
        file.write(head + parameters)
        pieces = zip(*(held(source, it, grid) for it in streams), strict=True)
        done = 0
        for piece in pieces:
            rows = np.concatenate([it.x for it in piece], axis=1)
            file.write(rows.astype("<f4").tobytes())
            skipped += [it.skipped for it in piece]
            done += len(rows)
            progress(0.3 + 0.7 * done / grid.steps, "writing")
        _fill(file.fileno(), frames * per_frame - done, channels)
        file.seek(0, os.SEEK_END)
        file.write(b"\0" * (-file.tell() % c3d_format.BLOCK))
        if skipped.any():
            file.seek(c3d_format.BLOCK)
            file.write(_with_skipped(found, skipped))  # of the same size
    source.told += [
        f"{count} rows of {it.name} share a step of the C3D file's clock with a newer "
        "row and are not in it; csv holds them."
        for it, count in zip(streams, skipped.tolist(), strict=True)
        if count
    ]


def _with_skipped(found: c3d_format.Parameters, skipped: Ints) -> bytes:
    """Return the parameters with how many rows of each stream have no step."""
    found.integers("LABLIVE", "SKIPPED", np.minimum(skipped, 65_535).tolist())
    encoded = found.encoded(start=("POINT", "DATA_START"))
    found.groups["LABLIVE"].pop()
    found.groups["POINT"].pop()
    return encoded


def _fill(file: int, steps: int, channels: int) -> None:
    """Fill the last frame up with what was not measured."""
    if steps:
        os.write(file, np.full(steps * channels, np.nan, "<f4").tobytes())


def _per_frame(grid: Grid, channels: int) -> int:
    """Return how many samples a frame must hold, so that frames can be counted."""
    per_frame = -(-grid.steps // c3d_format.MOST_FRAMES)
    if per_frame * channels > c3d_format.MOST_WORDS:
        most = c3d_format.MOST_FRAMES * (c3d_format.MOST_WORDS // channels)
        raise RecordingError(
            f"{grid.steps / grid.rate_hz:.0f} s of {channels} channels at "
            f"{grid.rate_hz:.0f} Hz are more than a C3D file can hold.",
            still="Nothing was written.",
            todo=f"Export at most {most / grid.rate_hz:.0f} s with --from and --until.",
        )
    return per_frame


def _parameters(
    source: Source,
    streams: list[StreamInfo],
    grid: Grid,
    per_frame: int,
    frames: int,
) -> c3d_format.Parameters:
    found = c3d_format.Parameters()
    channels = [it for stream in streams for it in stream.channels]
    found.integers("TRIAL", "ACTUAL_START_FIELD", (1, 0))
    found.integers("TRIAL", "ACTUAL_END_FIELD", (frames, 0))
    found.floats("TRIAL", "CAMERA_RATE", grid.rate_hz / per_frame)
    found.integers("POINT", "USED", (0,))
    found.integers("POINT", "FRAMES", (frames,))
    found.floats("POINT", "SCALE", -1.0)
    found.floats("POINT", "RATE", grid.rate_hz / per_frame)
    found.texts("POINT", "UNITS", ["mm"])
    found.texts("POINT", "LABELS", [])
    found.texts("POINT", "DESCRIPTIONS", [])
    found.integers("ANALOG", "USED", (len(channels),))
    found.texts("ANALOG", "LABELS", _labels(streams))
    found.texts("ANALOG", "DESCRIPTIONS", [it.kind or "" for it in channels])
    found.floats("ANALOG", "GEN_SCALE", 1.0)
    found.floats("ANALOG", "SCALE", np.ones(len(channels)))
    found.integers("ANALOG", "OFFSET", [0] * len(channels))
    found.texts("ANALOG", "UNITS", [it.unit.replace("µ", "u") for it in channels])
    found.floats("ANALOG", "RATE", grid.rate_hz)
    found.texts("ANALOG", "FORMAT", ["UNSIGNED"])
    found.integers("FORCE_PLATFORM", "USED", (0,))
    found.texts("SUBJECTS", "NAMES", [source.name or source.code])
    found.texts("SUBJECTS", "LABEL_PREFIXES", [""])
    found.integers("SUBJECTS", "USED", (1,))
    found.texts("MANUFACTURER", "COMPANY", ["LabLive"])
    found.texts("MANUFACTURER", "SOFTWARE", [f"LabLive {__version__}"])
    _events(source, grid, found)
    _about(source, streams, found)
    return found


def _labels(streams: list[StreamInfo]) -> list[str]:
    """Return the channel labels, with their stream where two streams share them."""
    labels = [(it, label) for it in streams for label in labels_of(it)]
    held = Counter(label for _, label in labels)
    own = [label if held[label] == 1 else f"{it.name}.{label}" for it, label in labels]
    again = Counter(own)
    return [
        name if again[name] == 1 else f"{name}.{it.id}"
        for name, (it, _) in zip(own, labels, strict=True)
    ]


def _events(source: Source, grid: Grid, found: c3d_format.Parameters) -> None:
    """Add contacts, toe-offs and markers, in the order of their times."""
    events = [
        (it.t_s, _LABELS[it.kind], _CONTEXTS[it.side], it.source)
        for it in source.analysed.pipeline.contacts
        if it.kind in _LABELS and source.inside(it.t_s)
    ]
    events += [
        (it.t_s, source.text(it.text), "General", it.kind) for it in source.markers
    ]
    events.sort(key=lambda it: it[0])
    found.integers("EVENT", "USED", (min(len(events), 65_535),))
    if not events:
        return
    times_s = np.array([it[0] for it in events]) - grid.t0_s
    minutes = np.floor(times_s / 60.0)
    found.floats("EVENT", "TIMES", np.array([minutes, times_s - 60.0 * minutes]))
    found.texts("EVENT", "LABELS", [it[1] for it in events])
    found.texts("EVENT", "CONTEXTS", [it[2] for it in events])
    found.texts("EVENT", "DESCRIPTIONS", [it[3] for it in events])


def _about(
    source: Source, streams: list[StreamInfo], found: c3d_format.Parameters
) -> None:
    """Add where the numbers come from: a group of LabLive's own."""
    header = public_header(source.trial)
    about = {
        "TRIAL": source.text(source.trial.path.name),
        "STARTED": header.get(HeaderKey.STARTED, ""),
        "RECORDED_WITH": header.get(HeaderKey.SOFTWARE, ""),
    }
    for name, text in about.items():
        found.texts("LABLIVE", name, [text])
    found.texts("LABLIVE", "STREAMS", [it.name for it in streams])
    found.floats("LABLIVE", "RATES", [it.rate_hz for it in streams])
    found.integers("LABLIVE", "CHANNELS", [len(it.channels) for it in streams])
    notes = [source.text(it) for it in source.analysed.analysis.notes]
    lines = (wrap(note, c3d_format.MOST_TEXT)[:_NOTE_LINES] for note in notes)
    found.texts("LABLIVE", "NOTES", [line for part in lines for line in part])
