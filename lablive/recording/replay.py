"""A trial read back: any window of any stream, or all of it in file order."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
import numpy as np

from lablive.errors import RecordingError
from lablive.messages import Gap, Marker
from lablive.recording import companions, foreign
from lablive.recording.continued import Continuation, continuation
from lablive.recording.damage import Damage
from lablive.recording.joining import open_files, sibling_parts
from lablive.recording.track import Track, play
from lablive.structs import from_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lablive.messages import Chunk, Floats, StreamInfo, Values

__all__ = ["Damage", "Trial"]

T = TypeVar("T", Gap, Marker)


class Trial:
    """A recording, read-only: streams, rows, gaps, markers, damage.

    Parts that lie beside the file (``trial-01-part2.xdf``) are joined to it.
    Recordings of other programs open too; their stamps are brought to one clock.

    Parameters
    ----------
    path
        The trial's first file.
    parts
        Its later parts when they lie in another folder (spill); by default those
        beside it.

    Attributes
    ----------
    path
        The first file.
    files
        Every file of the recording.
    streams
        Data streams, without LabLive's clock, gap and marker streams.
    header
        Texts from the file header (montage, calibration, ...).

    Raises
    ------
    RecordingError
        When the file is no recording at all. Anything less is told by ``damage``.
    """

    def __init__(self, path: Path, parts: list[Path] | None = None) -> None:
        self.path = Path(path)
        others = sibling_parts(self.path) if parts is None else parts
        self.files = open_files(self.path, others)
        found = {s.info.id: s for file in self.files for s in file.data_streams()}
        self._headers = dict(sorted(found.items()))
        self.streams: list[StreamInfo] = [s.info for s in self._headers.values()]
        self.header = self.files[0].file_header.header
        self._tracks: dict[int, Track] = {}

    def _track(self, stream_id: int) -> Track:
        track = self._tracks.get(stream_id)
        if track is None:
            header = self._headers.get(stream_id)
            if header is None:
                known = ", ".join(f"{s.id} {s.name}" for s in self.streams)
                raise RecordingError(
                    f"{self.path}: there is no stream {stream_id}.",
                    todo=f"Streams: {known}.",
                )
            track = self._tracks[stream_id] = Track(self.files, header)
        return track

    @property
    def damage(self) -> list[Damage]:
        """What is damaged as far as was read; :func:`verify` reads everything."""
        return [damage for file in self.files for damage in file.damage]

    @cached_property
    def continuation(self) -> Continuation:
        """Other files of the same recording, written after its host was lost."""
        if not self.files[0].own:
            return Continuation()
        return continuation(self.path, self.header)

    @cached_property
    def gaps(self) -> list[Gap]:
        """Recorded losses, in the order in which they were noticed."""
        return self._messages(companions.GAPS, Gap)

    @cached_property
    def losses(self) -> list[Gap]:
        """Gaps as a person counts them: one lasting silence, marked often, is one."""
        found: dict[tuple[int, int, str, int], Gap] = {}
        for number, gap in enumerate(self.gaps):
            is_stall = gap.kind == "stall"
            key = (gap.stream, gap.after_row, gap.kind, 0 if is_stall else number)
            known = found.get(key)
            if known is None or gap.duration_s > known.duration_s:
                found[key] = gap
        return list(found.values())

    @cached_property
    def markers(self) -> list[Marker]:
        """Operator events; in other programs' files every text row is one."""
        if self.files[0].own:
            return self._messages(companions.MARKERS, Marker)
        file = self.files[0]
        found = [
            Marker(float(t_s), " ".join(values), header.info.name)
            for stream, header in file.streams.items()
            if header.layout is None
            for t_s, (_, values) in zip(
                foreign.stamps(file, stream), file.texts(stream), strict=True
            )
        ]
        return sorted(found, key=lambda marker: marker.t_s)

    def _messages(self, stream: int, kind: type[T]) -> list[T]:
        found: list[T] = []
        for file in self.files:
            if not file.own or stream not in file.streams:
                continue
            for t_s, values in file.texts(stream):
                try:
                    found.append(from_json(values[0], kind))
                except (msgspec.MsgspecError, UnicodeError):
                    what = f"unreadable {kind.__name__.lower()} at {t_s:.3f} s"
                    damage = Damage(0, 0, stream, 1, t_s, t_s, what, file.path.name)
                    file.damage.append(damage)
        return found

    @cached_property
    def _span(self) -> tuple[float, float]:
        tracks = [self._track(info.id) for info in self.streams]
        spans = [track.span for track in tracks if len(track.place)] or [(0.0, 0.0)]
        return min(span[0] for span in spans), max(span[1] for span in spans)

    @property
    def t0_s(self) -> float:
        """Time of the first row of all streams; 0 without rows."""
        return self._span[0]

    @property
    def t1_s(self) -> float:
        """Time of the last row of all streams; 0 without rows."""
        return self._span[1]

    @property
    def duration_s(self) -> float:
        """Seconds between first and last row."""
        return self.t1_s - self.t0_s

    def rows(self, stream_id: int) -> int:
        """Return how many rows of a stream can be read, as far as is known."""
        self._track(stream_id)
        return sum(file.good_rows(stream_id) for file in self.files)

    def end_row(self, stream_id: int) -> int:
        """Return the number behind a stream's last row."""
        return self._track(stream_id).end_row

    def span(self, stream_id: int) -> tuple[float, float]:
        """Return the times of a stream's first and last row; zeros without rows."""
        return self._track(stream_id).span

    def is_increasing(self, stream_id: int) -> bool:
        """Tell whether a stream's stamps never go back from chunk to chunk."""
        track = self._track(stream_id)
        return bool((track.t0_s[1:] > track.t1_s[:-1]).all())

    def clock(self, stream_id: int) -> Floats:
        """Return what the driver told with every written block, shape (blocks, 6).

        Columns: time of the first row, its number, rows, first device counter (NaN
        without one); of the chunk with the least delay its arrival in seconds and the
        number of its last row.
        """
        self._track(stream_id)
        return np.concatenate([file.clock(stream_id) for file in self.files])

    def window(self, stream_id: int, t0_s: float, t1_s: float) -> tuple[Floats, Values]:
        """Return the rows with ``t0_s <= t < t1_s``.

        Damaged chunks are left out and noted in ``damage``.

        Returns
        -------
        tuple
            Stamps in seconds, shape (rows,), and values, shape (rows, channels).
        """
        track = self._track(stream_id)
        entries = track.within(t0_s, t1_s)
        pieces = [piece for piece in track.pieces(entries) if piece is not None]
        t_s, x = track.together(pieces)
        inside = (t_s >= t0_s) & (t_s < t1_s)
        return (t_s, x) if inside.all() else (t_s[inside], x[inside])

    def chunks(self, streams: Iterable[int] | None = None) -> Iterator[Chunk | Gap]:
        """Yield the trial in file order, about a second of each stream at a time.

        A Gap comes behind the rows it follows and before any later one. Rows that
        cannot be read are told by a Gap as well. ``Chunk.counter`` is None; see
        :meth:`clock`.
        """
        wanted = self._headers if streams is None else streams
        return play([self._track(stream) for stream in wanted], self.gaps)

    def close(self) -> None:
        """Close the files."""
        for file in self.files:
            file.close()
