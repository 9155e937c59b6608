"""A trial written in one go from rows that are all there, without threads."""

from __future__ import annotations

import math
import os
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from lablive.errors import ConfigError, RecordingError
from lablive.messages import Chunk
from lablive.recording import index
from lablive.recording.intake import Intake
from lablive.recording.writer import TrialWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import ImportedStream, Progress
    from lablive.messages import Marker
    from lablive.recording.part import Write

_BLOCK_S: Final = 1.0


def write_trial(
    path: Path,
    header: dict[str, str],
    streams: Sequence[ImportedStream],
    markers: Sequence[Marker],
    progress: Progress,
    *,
    write: Write = os.write,
) -> None:
    """Write streams and markers as a trial like any recorded one.

    Parameters
    ----------
    path
        The new file; complete or not there at all.
    header
        Texts of its header.
    streams, markers
        What it holds; each stream with an id of its own.
    progress
        Told the share written.
    write
        ``os.write``, or a stand-in that fails on purpose.

    Raises
    ------
    ConfigError
        The file exists.
    RecordingError
        It cannot be written.
    """
    written_in_one_go(
        path,
        header,
        lambda writer: _write(writer, streams, markers, progress),
        write=write,
    )


def written_in_one_go(
    path: Path,
    header: dict[str, str],
    fill: Callable[[TrialWriter], None],
    *,
    write: Write = os.write,
) -> None:
    """Make a trial, let it be filled, and keep it only when that succeeds.

    Parameters
    ----------
    path, header, write
        As for :func:`write_trial`.
    fill
        Writes everything and finishes the writer.

    Raises
    ------
    ConfigError
        The file exists.
    RecordingError
        It cannot be written.
    """
    try:
        writer = TrialWriter(path, header, None, write=write)
    except FileExistsError as error:
        raise exists(path) from error
    except OSError as error:
        raise unwritable(path, error.strerror or str(error)) from error
    try:
        fill(writer)
        if writer.part is None or writer.fault:
            raise unwritable(path, writer.fault)
        writer.part.sync()
    except OSError as error:
        _remove(writer)
        raise unwritable(path, error.strerror or str(error)) from error
    except BaseException:  # also Ctrl+C: half an import is none
        _remove(writer)
        raise
    writer.part.close()


def exists(path: Path) -> ConfigError:
    """Return the error for a trial that is there already."""
    return ConfigError(
        f"{path}: exists already.",
        still="The file there was not touched.",
        todo="Choose another name.",
    )


def unwritable(path: Path, why: str) -> RecordingError:
    """Return the error for a trial that the disk does not take."""
    return RecordingError(
        f"{path}: cannot be written: {why.rstrip('.')}.",
        still="What was read is as it was, no trial is left behind.",
        todo="Choose another folder or free space.",
    )


def _remove(writer: TrialWriter) -> None:
    for part in (writer.part, *writer.retired, *writer.orphans):
        if part is not None:
            part.close()
    for path in writer.parts:
        path.unlink(missing_ok=True)
        index.sidecar(path).unlink(missing_ok=True)


def _write(
    writer: TrialWriter,
    streams: Sequence[ImportedStream],
    markers: Sequence[Marker],
    progress: Progress,
) -> None:
    intake = Intake(1 << 62)  # a block is taken as soon as it is in
    for stream in streams:
        intake.add_stream(stream.info)
    waiting = sorted(markers, key=lambda marker: marker.t_s, reverse=True)
    pieces = sorted(_pieces(streams), key=lambda piece: piece[:2])
    done_s = -math.inf
    for number, (start_s, place, first, end) in enumerate(pieces):
        while waiting and waiting[-1].t_s < start_s + _BLOCK_S:
            intake.marker(waiting.pop())
        _feed(intake, streams[place], first, end)
        done_s = max(done_s, start_s)
        intake.release(writer.drain(intake.take(done_s), done_s))
        if writer.fault:
            raise unwritable(writer.parts[0], writer.fault)
        progress((number + 1) / len(pieces))
    for stream in streams:
        for lost in stream.timing.lost:
            if lost.after_row >= len(stream.x):
                intake.gap(lost.gap(stream.info.id))
    for marker in reversed(waiting):
        intake.marker(marker)
    writer.drain(intake.take(done_s, last=True), done_s)
    writer.finish(done_s)


def _pieces(
    streams: Sequence[ImportedStream],
) -> Iterator[tuple[float, int, int, int]]:
    """Yield (start of the second, stream, first row, end row); none crosses a loss."""
    for place, stream in enumerate(streams):
        second = np.floor(stream.timing.t_s / _BLOCK_S)
        cuts = np.flatnonzero(np.diff(second)) + 1
        losses = [lost.after_row for lost in stream.timing.lost]
        edges = sorted({0, *cuts.tolist(), *losses, len(second)})  # a loss may be last
        for first, end in pairwise(edges):
            yield float(second[first]) * _BLOCK_S, place, first, end


def _feed(intake: Intake, stream: ImportedStream, first: int, end: int) -> None:
    for lost in stream.timing.lost:
        if lost.after_row == first:
            intake.gap(lost.gap(stream.info.id))
    counter = None if stream.counter is None else stream.counter[first:end]
    t_s, x = stream.timing.t_s[first:end], stream.x[first:end]
    # nobody knows when the bytes came
    intake.append(Chunk(stream.info.id, first, t_s, x, counter, math.nan))


def with_ids(streams: Sequence[ImportedStream]) -> list[ImportedStream]:
    """Return the streams numbered from 0."""
    return [
        type(stream)(
            msgspec.structs.replace(stream.info, id=number),
            stream.timing,
            stream.x,
            stream.counter,
        )
        for number, stream in enumerate(streams)
    ]
