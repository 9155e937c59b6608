"""The rows of one stream over all files of a trial, and their order in time."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lablive.messages import Chunk, Gap
from lablive.recording import foreign, index
from lablive.recording.damage import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from lablive.messages import Floats, Values
    from lablive.recording.header import StreamHeader
    from lablive.recording.trial_file import TrialFile

_MERGED = 16  # blocks of each stream that play() joins: a good second


class Piece(NamedTuple):
    """The rows of one chunk: stamps (rows,), values as stored (rows, channels)."""

    t_s: Floats
    x: NDArray[np.generic]


class Track:
    """Where the rows of one stream lie: one entry per chunk, in file order.

    ``file`` and ``place`` say where.
    """

    def __init__(self, files: list[TrialFile], header: StreamHeader) -> None:
        stream = header.info.id
        places = [file.places(stream) for file in files]
        self.header = header
        self.place = np.concatenate(places).astype(np.uint32)
        self.file = np.repeat(
            np.arange(len(files), dtype=np.uint8), [len(found) for found in places]
        )
        self._files = files
        self._stamps: Floats | None = None
        if not header.own:
            self._stamps = foreign.stamps(files[0], stream)

    @cached_property
    def rows(self) -> NDArray[np.uint32]:
        """Rows of every chunk."""
        return self._column("rows")

    @cached_property
    def _start(self) -> NDArray[np.int64]:
        """Rows before every chunk."""
        return np.cumsum(self.rows, dtype=np.int64) - self.rows

    @cached_property
    def t0_s(self) -> Floats:
        """Time of the first row of every chunk."""
        if self._stamps is not None:
            return self._stamps[self._start]
        return self._column("t0_s")

    @cached_property
    def t1_s(self) -> Floats:
        """Time of the last row of every chunk."""
        if self._stamps is not None:
            return self._stamps[self._start + self.rows - 1]
        return self._column("t1_s")

    def _column(self, name: str) -> NDArray[Any]:
        pieces = [
            getattr(file.records, name)[self.place[self.file == number]]
            for number, file in enumerate(self._files)
        ]
        return np.concatenate(pieces)

    @property
    def first_row(self) -> NDArray[np.int64]:
        """Number of the first row of every chunk."""
        return self._column("first_row")

    @property
    def end_row(self) -> int:
        """Number behind the last row."""
        if not len(self.place):
            return 0
        last = self._files[self.file[-1]].listing.some(self.place[-1:])
        return int(last.first_row[0]) + int(last.rows[0])

    @property
    def span(self) -> tuple[float, float]:
        """Times of the first and the last row; zeros without rows."""
        if not len(self.place):
            return 0.0, 0.0
        if self._stamps is not None:
            return float(self._stamps[0]), float(self._stamps[-1])
        first = self._files[self.file[0]].listing.some(self.place[:1])
        last = self._files[self.file[-1]].listing.some(self.place[-1:])
        return float(first.t0_s[0]), float(last.t1_s[0])

    @property
    def after_damage(self) -> NDArray[np.bool_]:
        """Tell which chunks follow damage that took an unknown number of rows."""
        return self._column("flags") & index.AFTER_DAMAGE != 0

    def within(self, t0_s: float, t1_s: float) -> NDArray[np.intp]:
        """Return the chunks that touch ``t0_s <= t < t1_s``, ascending."""
        found: list[NDArray[np.intp]] = []
        for number, file in enumerate(self._files):
            places = file.listing.within(self.header.info.id, t0_s, t1_s)
            if places is None or self._stamps is not None:
                return np.flatnonzero((self.t1_s >= t0_s) & (self.t0_s < t1_s))
            begin, end = np.searchsorted(self.file, [number, number + 1])
            found.append(begin + np.searchsorted(self.place[begin:end], places))
        return np.concatenate(found)

    def pieces(self, entries: NDArray[np.intp]) -> Iterator[Piece | None]:
        """Yield the rows of some chunks, ascending; None for a damaged one."""
        for number, file in enumerate(self._files):
            mine = entries[self.file[entries] == number]
            rows = file.rows(self.header, self.place[mine])
            for entry, found in zip(mine.tolist(), rows, strict=True):
                if found is None:
                    yield None
                elif self._stamps is None:
                    yield Piece(*found)
                else:
                    start = self._start[entry]
                    yield Piece(self._stamps[start : start + len(found[0])], found[1])

    def together(self, pieces: list[Piece]) -> tuple[Floats, Values]:
        """Return pieces as one array of stamps and one of values."""
        info = self.header.info
        dtype = np.float32 if info.sample_format == "float32" else np.float64
        if not pieces:
            return np.empty(0), np.empty((0, len(info.channels)), dtype)
        t_s = np.concatenate([piece.t_s for piece in pieces])
        x = np.concatenate([piece.x for piece in pieces])
        return t_s, x.astype(dtype, copy=False)


class _Feed:
    """Rows and gaps of one stream in the order in which a pipeline needs them."""

    def __init__(self, track: Track, gaps: list[Gap]) -> None:
        self.track = track
        self._gaps = sorted(gaps, key=lambda gap: gap.after_row)
        self._stream = track.header.info.id
        self._first_row = track.first_row
        self._after_damage = track.after_damage if not track.header.own else None
        self._next_row: int | None = None
        self._last_t_s = 0.0
        self._told: set[int | None] = set()  # rows lost, by the gaps since the last row

    def play(self, entries: NDArray[np.intp]) -> Iterator[Chunk | Gap]:
        """Yield the rows of some chunks, joined where nothing is missing."""
        run: list[Piece] = []
        run_start = run_end = 0
        is_cut = False
        for entry, piece in zip(
            entries.tolist(), self.track.pieces(entries), strict=True
        ):
            first_row = int(self._first_row[entry])
            broken = self._after_damage is not None and self._after_damage[entry]
            if run and (piece is None or first_row != run_end or broken):
                yield from self._emit(run_start, run, is_cut)
                run, is_cut = [], False
            if piece is None:
                continue
            if not run:
                run_start = run_end = first_row
                is_cut = bool(broken)
            run.append(piece)
            run_end += len(piece.t_s)
        if run:
            yield from self._emit(run_start, run, is_cut)

    def _emit(
        self, first_row: int, run: list[Piece], is_cut: bool
    ) -> Iterator[Chunk | Gap]:
        t_s, x = self.track.together(run)
        yield from self.due(first_row)
        missing = 0 if self._next_row is None else first_row - self._next_row
        if self._next_row is not None and (
            is_cut or (missing > 0 and missing not in self._told)
        ):
            yield Gap(
                self._stream, self._next_row, self._last_t_s,
                float(t_s[0]) - self._last_t_s, missing if missing > 0 else None,
                "lost", UNREADABLE,
            )  # fmt: skip
        start = 0
        while start < len(t_s):
            end = len(t_s)
            if self._gaps:
                end = min(end, self._gaps[0].after_row - first_row)
            yield Chunk(self._stream, first_row + start, t_s[start:end], x[start:end])
            self._told.clear()
            self._next_row = first_row + end
            self._last_t_s = float(t_s[end - 1])
            start = end
            yield from self.due(self._next_row)

    def due(self, row: float) -> Iterator[Gap]:
        """Yield the gaps noticed up to a row."""
        while self._gaps and self._gaps[0].after_row <= row:
            self._told.add(self._gaps[0].rows_lost)
            yield self._gaps.pop(0)


def play(tracks: list[Track], gaps: list[Gap]) -> Iterator[Chunk | Gap]:
    """Yield the rows of several streams in file order, with their gaps.

    Parameters
    ----------
    tracks
        The streams.
    gaps
        Recorded losses of any stream.
    """
    if not tracks:
        return
    feeds = [
        _Feed(t, [gap for gap in gaps if gap.stream == t.header.info.id])
        for t in tracks
    ]
    where = [t.file.astype(np.int64) << 32 | t.place for t in tracks]
    order = np.argsort(np.concatenate(where), kind="stable")
    owner = np.repeat(np.arange(len(tracks)), [len(places) for places in where])[order]
    entry = np.concatenate([np.arange(len(places)) for places in where])[order]
    step = _MERGED * len(tracks)
    for start in range(0, len(order), step):
        owners, entries = owner[start : start + step], entry[start : start + step]
        for number in dict.fromkeys(owners.tolist()):
            yield from feeds[number].play(entries[owners == number])
    for feed in feeds:
        yield from feed.due(np.inf)
