"""From rings (and, after a rejoin, the growing trial file) to chunks in order.

The app's poller and the headless programs use the same feed, so that what is shown
live and what is computed later come from exactly the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from lablive.live.ring import RingReader
from lablive.messages import Chunk
from lablive.recording.replay import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from lablive.messages import Gap, StreamInfo

SLICE = 64  # file chunks handed out per poll while catching up: a few ms of work


class _Cursor:
    """Where one ring has been read to."""

    def __init__(self, reader: RingReader, row: int) -> None:
        self.reader = reader
        self.row = row
        self.gap = 0
        self.base = 0  # first row of the running recording
        self.end: int | None = None  # row after the last one of a stopped recording


class LiveFeed:
    """Read every attached ring since its cursor; nothing is handed out twice."""

    def __init__(self) -> None:
        self._cursors: dict[int, _Cursor] = {}
        self._file: Iterator[Chunk | Gap] | None = None
        self._start_s = float("-inf")
        self.missed_rows = 0

    @property
    def streams(self) -> list[StreamInfo]:
        """Every attached stream."""
        return [cursor.reader.info for cursor in self._cursors.values()]

    def reader(self, stream: int) -> RingReader | None:
        """Return the ring of a stream, for a look at its newest rows."""
        cursor = self._cursors.get(stream)
        return cursor.reader if cursor else None

    def attach(self, path: Path, first_row: int | None = None) -> StreamInfo:
        """Add a ring, from ``first_row`` (None = from now) on.

        Raises
        ------
        LinkError
            When the file is no ring.
        """
        reader = RingReader(path)
        row = reader.rows if first_row is None else first_row
        cursor = _Cursor(reader, row)
        _, cursor.gap = reader.gaps(0) if first_row is None else ([], 0)
        self._cursors[reader.info.id] = cursor
        return reader.info

    def restart(self, first_rows: Mapping[int, int], start_s: float) -> None:
        """Hand out again from the first rows of a recording that began at ``start_s``.

        From here on rows are numbered as in the trial file, so that live and replay
        see the same numbers.
        """
        self._start_s = start_s
        for stream, row in first_rows.items():
            cursor = self._cursors.get(stream)
            if cursor is not None:
                cursor.row, cursor.base, cursor.gap = row, row, 0
                cursor.end = None

    def stop_at(self, last_rows: Mapping[int, int]) -> None:
        """Hand out no row from these on: the recording ends there."""
        for stream, row in last_rows.items():
            if stream in self._cursors:
                self._cursors[stream].end = row

    @property
    def drained(self) -> bool:
        """Whether every row of the stopped recording has been handed out."""
        return self._file is None and all(
            cursor.end is None or cursor.row >= cursor.end
            for cursor in self._cursors.values()
        )

    def go_free(self) -> None:
        """Go on from now, outside any recording."""
        for cursor in self._cursors.values():
            cursor.row, cursor.base, cursor.end = cursor.reader.rows, 0, None
            _, cursor.gap = cursor.reader.gaps(0)

    def rejoin(
        self, trial_path: Path, first_rows: Mapping[int, int], start_s: float
    ) -> dict[str, str]:
        """Begin with what the running recording has on disk, then go on live.

        Returns the header of the trial: montage and calibration it began with.
        """
        self.restart(first_rows, start_s)
        trial = Trial(trial_path, parts=[])
        self._file = trial.chunks()
        for info in trial.streams:
            cursor = self._cursors.get(info.id)
            if cursor is not None:
                cursor.row = cursor.base + trial.end_row(info.id)
        return trial.header

    @property
    def catching_up(self) -> bool:
        """Whether rows from the file are still to come."""
        return self._file is not None

    def poll(self) -> list[Chunk | Gap]:
        """Return everything new; at most a slice of the file while catching up."""
        if self._file is not None:
            return self._poll_file(self._file)
        found: list[Chunk | Gap] = []
        for cursor in self._cursors.values():
            found += self._poll_ring(cursor)
        return found

    def _poll_file(self, items: Iterator[Chunk | Gap]) -> list[Chunk | Gap]:
        found: list[Chunk | Gap] = []
        for item in items:
            found.append(item)
            if len(found) >= SLICE:
                return found
        self._file = None
        return found

    def _poll_ring(self, cursor: _Cursor) -> list[Chunk | Gap]:
        if cursor.end is not None and cursor.row >= cursor.end:
            return []
        window, gaps, cursor.gap = cursor.reader.poll(cursor.row, cursor.gap)
        window = window.copy()  # rows may be overwritten while they are used
        self.missed_rows += window.missed
        base, count = cursor.base, len(window)
        if cursor.end is not None:
            count = min(count, cursor.end - window.first_row)
            gaps = [gap for gap in gaps if gap.after_row <= cursor.end]
        cursor.row = window.first_row + count
        found: list[Chunk | Gap] = [
            msgspec.structs.replace(gap, after_row=gap.after_row - base)
            for gap in gaps
            if self._belongs(gap, base)
        ]
        if count > 0:
            found.append(
                Chunk(
                    stream=cursor.reader.info.id,
                    first_row=window.first_row - base,
                    t_s=window.t_s[:count],
                    x=window.x[:count],
                )
            )
        return found

    def _belongs(self, gap: Gap, base: int) -> bool:
        """Tell whether the recorder, too, has stored this gap."""
        if gap.after_row > base or base == 0:
            return True
        return gap.kind == "stall" and gap.t_s + gap.duration_s >= self._start_s
