"""What several files hold, laid on one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from lablive.errors import ConfigError
from lablive.importing.imported import ImportedStream
from lablive.importing.storing import with_ids

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lablive.importing.imported import Imported
    from lablive.messages import Marker
    from lablive.signals.montage import Montage


class Everything(NamedTuple):
    """The content of all files on one clock."""

    streams: list[ImportedStream]
    markers: list[Marker]
    notes: list[str]
    started: str
    proposals: list[Montage]


def together(paths: Sequence[Path], found: Sequence[Imported]) -> Everything:
    """Lay the files on one clock: as they are, or by Unix time when all have it.

    Raises
    ------
    ConfigError
        Only some of them have Unix time.
    """
    epochs = [one.epoch_s for one in found if one.epoch_s is not None]
    if 0 < len(epochs) < len(found):
        told = ", ".join(
            path.name
            for path, one in zip(paths, found, strict=True)
            if one.epoch_s is None
        )
        raise ConfigError(
            f"Only some of the files carry the time of day; without it: {told}.",
            still="No trial was written.",
            todo="Import those with it and those without it into trials of their own.",
        )
    streams: list[ImportedStream] = []
    markers: list[Marker] = []
    notes: list[str] = []
    for path, one in zip(paths, found, strict=True):
        shift_s = one.epoch_s - min(epochs) if one.epoch_s is not None else 0.0
        streams += [
            _measured(_shifted(stream, shift_s), notes) for stream in one.streams
        ]
        markers += [
            msgspec.structs.replace(marker, t_s=marker.t_s + shift_s)
            for marker in one.markers
        ]
        notes += [
            note if _said_by_all(note, found) else f"{path.name}: {note}"
            for note in one.notes
        ]
    started = min((one.started for one in found if one.started), default="")
    proposals = [one.montage for one in found if one.montage is not None]
    notes = [*dict.fromkeys(notes), *_apart(streams)]
    return Everything(with_ids(streams), markers, notes, started, proposals)


def _said_by_all(note: str, found: Sequence[Imported]) -> bool:
    return all(note in one.notes for one in found)


def _measured(stream: ImportedStream, notes: list[str]) -> ImportedStream:
    """Return the stream with what is infinite missing: no sensor measures that."""
    infinite = np.isinf(stream.x)
    count = int(np.count_nonzero(infinite))
    if not count:
        return stream
    notes.append(f"{stream.info.name}: {count} infinite values count as missing.")
    x = np.where(infinite, np.nan, stream.x)
    return ImportedStream(stream.info, stream.timing, x, stream.counter)


def _apart(streams: Sequence[ImportedStream]) -> Iterator[str]:
    """Yield a note when streams have no moment in common."""
    spans = [(s.info.name, s.timing.t_s) for s in streams if len(s.timing.t_s)]
    if not spans:
        return
    last, t_s = max(spans, key=lambda span: span[1][0])
    first, before_s = min(spans, key=lambda span: span[1][-1])
    if before_s[-1] < t_s[0]:
        yield (
            f"{first} ends at {before_s[-1]:.6g} s and {last} begins at {t_s[0]:.6g} s:"
            " are they of one recording?"
        )


def _shifted(stream: ImportedStream, shift_s: float) -> ImportedStream:
    if not shift_s:
        return stream
    timing = stream.timing
    lost = tuple(one._replace(t_s=one.t_s + shift_s) for one in timing.lost)
    moved = timing._replace(t_s=timing.t_s + shift_s, lost=lost)
    return ImportedStream(stream.info, moved, stream.x, stream.counter)
