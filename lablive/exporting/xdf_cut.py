"""A range as a trial of its own: the same rows, times and counters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from lablive.editing.edit_file import add_edit
from lablive.errors import ConfigError
from lablive.exporting.source import public_header
from lablive.importing.storing import unwritable, written_in_one_go
from lablive.messages import Chunk, Gap
from lablive.names import HeaderKey
from lablive.preparation import binding_of, prepare
from lablive.recording.intake import Intake
from lablive.recording.replay import Trial
from lablive.signals.calibrations import calibrations_json
from lablive.signals.montage import StandingWindow, to_toml

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.editing.edit import Edit
    from lablive.exporting.source import Progress, Source
    from lablive.messages import Floats, Ints, StreamInfo
    from lablive.recording.writer import TrialWriter
    from lablive.signals.montage import Montage


def write_xdf(source: Source, path: Path, progress: Progress) -> None:
    """Write the range as an XDF trial that LabLive and others open.

    Rows are numbered from 0 again; stamps stay, so that results can be laid beside
    those of the whole trial. Montage and calibration ride along. Edits that lie in the
    range are made again beside the new file.

    Raises
    ------
    RecordingError
        The trial cannot be written.
    """
    progress(0.0, "reading")
    prepared = prepare(source.trial, None)
    header, streams = _header(source), _public_streams(source)
    written_in_one_go(
        path, header, lambda writer: _fill(source, streams, writer, progress)
    )
    if prepared.edits:
        made = Trial(path)
        try:
            for edit in prepared.edits:
                if _within(edit, made.t0_s, made.t1_s):
                    reason = source.text(edit.reason)
                    add_edit(made, msgspec.structs.replace(edit, reason=reason))
        finally:
            made.close()


def _fill(
    source: Source,
    streams: list[StreamInfo],
    writer: TrialWriter,
    progress: Progress,
) -> None:
    trial = source.trial
    intake = Intake(1 << 62)  # a piece is taken as soon as it is in
    for info in streams:
        intake.add_stream(info)
    counters = {info.id: _Counters(trial, info) for info in streams}
    begins: dict[int, int] = {}  # stream -> number of its first row in the range
    waiting = list(reversed(source.markers))
    reached_s = -math.inf
    for item in trial.chunks():
        if isinstance(item, Gap):
            if item.stream in begins and item.t_s < source.t1_s:
                first = begins[item.stream]
                after = max(0, item.after_row - first)
                intake.gap(msgspec.structs.replace(item, after_row=after))
            continue
        kept = (item.t_s >= source.t0_s) & (item.t_s < source.t1_s)
        if not kept.any():
            continue
        at = int(np.flatnonzero(kept)[0])
        number = item.first_row + at
        first = begins.setdefault(item.stream, number)
        rows = number + np.arange(int(kept.sum()))
        t_s = item.t_s[kept]
        intake.append(
            Chunk(
                item.stream,
                number - first,
                t_s,
                item.x[kept],
                counters[item.stream].of(rows),
                math.nan,  # when the bytes came is not told row by row
            )
        )
        reached_s = max(reached_s, float(t_s[-1]))
        while waiting and waiting[-1].t_s <= reached_s:
            intake.marker(_without_name(waiting.pop(), source))
        intake.release(writer.drain(intake.take(reached_s), reached_s))
        if writer.fault:
            raise unwritable(writer.parts[0], writer.fault)
        share = (reached_s - source.t0_s) / max(source.duration_s, 1e-9)
        progress(min(1.0, max(0.0, share)), "writing")
    for marker in reversed(waiting):
        intake.marker(_without_name(marker, source))
    writer.drain(intake.take(reached_s, last=True), reached_s)
    writer.finish(reached_s)


class _Counters:
    """Device counters of a stream's rows, as its clock stream keeps them."""

    def __init__(self, trial: Trial, info: StreamInfo) -> None:
        clock = trial.clock(info.id)
        clock = clock[np.isfinite(clock[:, 3])] if len(clock) else clock
        self._first: Floats = clock[:, 1] if len(clock) else np.empty(0)
        self._counter: Floats = clock[:, 3] if len(clock) else np.empty(0)

    def of(self, rows: Ints) -> Ints | None:
        """Return the counter of rows, None when the device has none."""
        if not len(self._first):
            return None
        at = self._first.searchsorted(rows, side="right") - 1
        if (at < 0).any():
            return None
        return (self._counter[at] + rows - self._first[at]).astype(np.int64)


def _without_name(marker: Any, source: Source) -> Any:
    return msgspec.structs.replace(marker, text=source.text(marker.text))


def _public_streams(source: Source) -> list[StreamInfo]:
    """Return the streams without the computer's name, unless the montage needs it."""
    montage = _montage(source)
    needed = {rule.match.hostname for rule in montage.streams} if montage else set()
    return [
        it if it.hostname in needed else msgspec.structs.replace(it, hostname="")
        for it in source.streams
    ]


def _montage(source: Source) -> Montage | None:
    if HeaderKey.MONTAGE not in source.trial.header:
        return None
    try:
        return binding_of(source.trial, None).montage
    except ConfigError:
        return None  # the header's text is copied as it is


def _header(source: Source) -> dict[str, str]:
    """Return the header of the new trial.

    A window of quiet standing counts from the trial's start: what it gave becomes the
    calibration of the part.
    """
    header = public_header(source.trial)
    if source.name:
        header["name"] = source.name
    montage = _montage(source)
    if montage is None or montage.calibration.standing_s is None or source.whole:
        return header
    if HeaderKey.CALIBRATION not in header:
        found = prepare(source.trial, None).calibrations
        if found:
            header[HeaderKey.CALIBRATION] = calibrations_json(found)
    bare = msgspec.structs.replace(montage, calibration=StandingWindow())
    header[HeaderKey.MONTAGE] = to_toml(bare)
    return header


def _within(edit: Edit, t0_s: float, t1_s: float) -> bool:
    if edit.kind == "swap":
        return True
    times_s = (
        (edit.from_s, edit.to_s) if edit.kind == "move" else (edit.t0_s, edit.t1_s)
    )
    return all(t0_s <= at_s <= t1_s for at_s in times_s)
