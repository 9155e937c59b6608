"""From rings (and, after a rejoin, the growing trial file) to chunks in order.

The app's poller and the headless programs use the same feed, so that what is shown
live and what is computed later come from exactly the same rows.
"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from lablive.errors import LinkError
from lablive.live.ring import RingReader
from lablive.messages import Chunk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from lablive.live.reports import SourceReport
    from lablive.messages import Gap, StreamInfo
    from lablive.recording.replay import Trial

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
        self._unreadable: set[int] = set()
        self._trial: Trial | None = None  # being read while catching up
        self._file: Iterator[Chunk | Gap] = iter(())
        self._start_s = float("-inf")  # of the running recording
        self.missed_rows = 0

    @property
    def streams(self) -> list[StreamInfo]:
        """Every attached stream."""
        return [cursor.reader.info for cursor in self._cursors.values()]

    def reader(self, stream: int) -> RingReader | None:
        """Return the ring of a stream, for a look at its newest rows."""
        cursor = self._cursors.get(stream)
        return cursor.reader if cursor else None

    def follow(
        self,
        sources: Iterable[SourceReport],
        tell: Callable[[str], None],
        *,
        keep: bool,
    ) -> bool:
        """Attach the rings that are new, from now on; let go of those that are gone.

        Parameters
        ----------
        sources
            What the host has open.
        tell
            Takes what is wrong with a ring that cannot be read.
        keep
            Keep those that are gone: a recording still needs their rows.

        Returns
        -------
        bool
            Whether anything changed.
        """
        listed = {
            info.id: ring
            for source in sources
            for info, ring in zip(source.streams, source.rings, strict=True)
        }
        known = self._cursors.keys() | self._unreadable
        fresh = [
            stream for stream, ring in listed.items() if ring and stream not in known
        ]
        for stream in fresh:
            try:
                self.attach(Path(listed[stream]))
            except LinkError as error:
                self._unreadable.add(stream)
                tell(str(error))
        gone = set() if keep else self._cursors.keys() - listed.keys()
        for stream in gone:
            del self._cursors[stream]
        return bool(fresh or gone)

    def attach(self, path: Path) -> None:
        """Add a ring, from now on; LinkError when the file is none."""
        reader = RingReader(path)
        cursor = _Cursor(reader, reader.rows)
        _, cursor.gap = reader.gaps(0)
        self._cursors[reader.info.id] = cursor

    def restart(self, first_rows: Mapping[int, int], start_s: float) -> None:
        """Hand out again from the first rows of a recording that began at ``start_s``.

        From here on rows are numbered as in the trial file, so that live and replay
        see the same numbers.
        """
        self._start_s = start_s
        for stream, cursor in self._cursors.items():
            row = first_rows.get(stream, 0)  # 0: it appeared during the recording
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
        return self._trial is None and all(
            cursor.end is None or cursor.row >= cursor.end
            for cursor in self._cursors.values()
        )

    def go_free(self) -> None:
        """Go on outside any recording: from the end of a stopped one, else from now."""
        self._start_s = float("-inf")
        for cursor in self._cursors.values():
            if cursor.end is None or cursor.row < cursor.end:
                cursor.row = cursor.reader.rows
            cursor.base, cursor.end = 0, None
            _, cursor.gap = cursor.reader.gaps(0)

    def rejoin(
        self,
        trial: Trial,
        streams: Iterable[int],
        first_rows: Mapping[int, int],
        start_s: float,
    ) -> None:
        """Begin with what the running recording has on disk, then go on live.

        Parameters
        ----------
        trial
            The recording as far as it has come; closed when it has been read.
        streams
            Those whose past is wanted; of all others only what comes from now on.
        first_rows, start_s
            As for :meth:`restart`.
        """
        self._close_trial()
        self.restart(first_rows, start_s)
        wanted = {info.id for info in trial.streams} & set(streams)
        self._trial, self._file = trial, trial.chunks(sorted(wanted))
        for info in trial.streams:
            cursor = self._cursors.get(info.id)
            if cursor is not None:
                cursor.row = cursor.base + trial.end_row(info.id)

    def close(self) -> None:
        """Let go of the trial file, if it is being read."""
        self._close_trial()

    def poll(self) -> list[Chunk | Gap]:
        """Return everything new; at most a slice of the file while catching up."""
        if self._trial is not None:
            return self._poll_file()
        found: list[Chunk | Gap] = []
        for cursor in self._cursors.values():
            found += self._poll_ring(cursor)
        return found

    def _poll_file(self) -> list[Chunk | Gap]:
        found = list(islice(self._file, SLICE))
        if len(found) < SLICE:
            self._close_trial()
        return found

    def _close_trial(self) -> None:
        if self._trial is not None:
            self._trial.close()
        self._trial, self._file = None, iter(())

    def _poll_ring(self, cursor: _Cursor) -> list[Chunk | Gap]:
        if cursor.end is not None and cursor.row >= cursor.end:
            return []
        if cursor.row > cursor.reader.rows:  # the file may have them a moment earlier
            return []
        window, gaps, cursor.gap = cursor.reader.poll(cursor.row, cursor.gap)
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
        if self._start_s == float("-inf"):
            return True
        marked_s = gap.t_s + gap.duration_s
        return gap.after_row > base or (
            gap.kind == "stall" and marked_s >= self._start_s
        )
