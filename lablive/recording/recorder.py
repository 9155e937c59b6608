"""The recorder: rows from many drivers, on disk within 100 ms, whatever happens."""

from __future__ import annotations

import os
import queue
import shutil
import threading
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lablive.clock import now_s
from lablive.errors import RecordingError
from lablive.messages import Marker
from lablive.recording.header import KEY
from lablive.recording.intake import Intake
from lablive.recording.writer import TrialWriter

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.messages import Chunk, Gap, StreamInfo
    from lablive.recording.part import Part, Write

_SILENT_S = 0.5  # a write that takes longer is told
_UNCONFIRMED_S = 10.0  # so is an fsync
_CLOSE_S = 20.0
_MEASURED_S = 5.0  # from then on the rate of writing is the measured one
_MEMORY_BYTES = 256 << 20


class RecorderStatus(msgspec.Struct, frozen=True):
    """How a recording is doing; ``fault`` is empty when nothing is wrong.

    ``rows`` were received, ``acknowledged`` were taken by the disk, ``dropped`` found
    no place in memory either (each is also a recorded Gap); all by stream id.
    ``free_bytes`` is -1 while unknown. ``gaps`` are those of the file so far.
    """

    path: str
    parts: tuple[str, ...]
    bytes: int
    elapsed_s: float
    rows: dict[int, int]
    acknowledged: dict[int, int]
    dropped: dict[int, int]
    waiting_bytes: int
    last_fsync_age_s: float
    free_bytes: int
    seconds_left: float
    fault: str = ""
    gaps: int = 0


class _SyncReport(NamedTuple):
    part: Part
    path: Path
    sequence: int
    error: OSError | None


class Recorder:
    """Write streams, gaps and markers into one XDF trial.

    ``append``, ``gap`` and ``marker`` may be called from any thread and never wait
    for the disk: a writer thread writes every ``block_s``, another one calls fsync.
    The arrays of a chunk are kept until they are written and must not change.

    Parameters
    ----------
    path
        The trial to create; an existing file is never overwritten.
    streams
        Streams known at the start.
    header
        Texts to carry along (montage, calibration, ...), by element name.
    spill_dir
        Where to go on when ``path`` cannot be written any more.
    block_s, fsync_s
        Longest time rows stay in memory; time between two fsync, in seconds.
    memory_bytes
        How much to keep in memory while no disk accepts anything.
    write
        ``os.write``, or a stand-in that fails on purpose.

    Raises
    ------
    RecordingError
        When the file exists or cannot be created, or a header key or stream is wrong.
    """

    def __init__(
        self,
        path: Path,
        streams: list[StreamInfo],
        header: dict[str, str],
        spill_dir: Path | None,
        *,
        block_s: float = 0.08,
        fsync_s: float = 1.0,
        memory_bytes: int = _MEMORY_BYTES,
        write: Write = os.write,
    ) -> None:
        self._path = path
        self._intake = Intake(memory_bytes)
        for info in streams:
            self._intake.add_stream(info)
        self._writer = _create(path, header, spill_dir, write)
        self._block_s, self._fsync_s = block_s, fsync_s
        self._started_s = self._synced_s = now_s()
        self._busy_since_s: float | None = None
        self._free_bytes = _free_bytes(path.parent)
        self._internal = self._told = ""
        self._closed: Path | None = None
        self._stop, self._stop_sync = threading.Event(), threading.Event()
        self._reports: queue.SimpleQueue[_SyncReport] = queue.SimpleQueue()
        self._write()  # the headers: from here on the file is a trial
        self._write_thread = threading.Thread(
            target=self._write_loop, name="recorder", daemon=True
        )
        self._sync_thread = threading.Thread(
            target=self._sync_loop, name="recorder-fsync", daemon=True
        )
        self._write_thread.start()
        self._sync_thread.start()

    def add_stream(self, info: StreamInfo) -> None:
        """Add a stream, also in the middle of a recording.

        Raises
        ------
        RecordingError
            When the id is taken or the stream cannot be written as XDF.
        """
        self._intake.add_stream(info)

    def append(self, chunk: Chunk) -> None:
        """Take rows; a full or broken disk is told by :meth:`status`, never here.

        Raises
        ------
        RecordingError
            When the stream is unknown, the shape is wrong or the recorder is closed.
        """
        self._intake.append(chunk)

    def gap(self, gap: Gap) -> None:
        """Write a loss into the trial."""
        self._intake.gap(gap)

    def marker(self, marker: Marker) -> None:
        """Write an operator event into the trial."""
        self._intake.marker(marker)

    def status(self) -> RecorderStatus:
        """Return counters and the present fault."""
        now, writer = now_s(), self._writer
        rows, dropped = self._intake.counts()
        elapsed_s, free = now - self._started_s, self._free_bytes
        rate = self._intake.expected_bytes_per_s()
        if elapsed_s > _MEASURED_S:
            rate = writer.bytes / elapsed_s
        return RecorderStatus(
            path=str(writer.parts[0] if writer.parts else self._path),
            parts=tuple(str(path) for path in writer.parts),
            bytes=writer.bytes,
            elapsed_s=elapsed_s,
            rows=rows,
            acknowledged={key: writer.acknowledged.get(key, 0) for key in rows},
            dropped=dropped,
            waiting_bytes=self._intake.held_bytes,
            last_fsync_age_s=now - self._synced_s,
            free_bytes=free,
            seconds_left=max(free, 0) / max(rate, 1.0),
            fault=self._fault(now, sum(dropped.values())),
            gaps=self._intake.gaps,
        )

    def _fault(self, now: float, dropped: int) -> str:
        told = [self._writer.fault, self._internal]
        busy_since_s, part = self._busy_since_s, self._writer.part
        if busy_since_s is not None and now - busy_since_s > _SILENT_S:
            told.append(f"The disk has not answered for {now - busy_since_s:.1f} s.")
        if now - self._synced_s > self._fsync_s + _UNCONFIRMED_S:
            told.append("The disk takes data but does not confirm it (fsync).")
        if part is not None and part.index_fault:
            told.append(f"The index cannot be written ({part.index_fault}).")
        if dropped:
            told.append(f"Memory was full: {dropped} rows are lost.")
        return " ".join(text for text in told if text)

    # ---------------------------------------------------------------- threads

    def _write_loop(self) -> None:
        while True:
            last = self._stop.wait(self._block_s)
            self._busy_since_s = now_s()
            try:
                self._write(last=last)
            except Exception as error:  # noqa: BLE001  a silent end would lose rows
                self._internal = f"The recorder failed: {error!r}. Stop and restart it."
            self._busy_since_s = None
            if last:
                return

    def _write(self, *, last: bool = False) -> None:
        now, writer = now_s(), self._writer
        self._hear_sync(now)
        accepted = writer.drain(self._intake.take(now, last=last), now)
        if writer.fault != self._told:
            self._told = writer.fault
            self._intake.marker(Marker(now, writer.fault, "fault"))
            if last:
                accepted += writer.drain(self._intake.take(now, last=True), now)
        if last:
            accepted += writer.finish(now)
        self._intake.release(accepted)

    def _hear_sync(self, now: float) -> None:
        """Act on what the fsync thread found; only the writer changes parts."""
        writer = self._writer
        while not self._reports.empty():
            report = self._reports.get()
            if report.part is not writer.part or report.path != report.part.path:
                continue
            if report.error is None:
                writer.synced(report.sequence)
            else:
                what = report.error.strerror or str(report.error)
                writer.fail(f"fsync: {what}", now)

    def _sync_loop(self) -> None:
        while not self._stop_sync.wait(self._fsync_s):
            self._sync()
        self._sync()

    def _sync(self) -> None:
        """Make the disk keep what it took; wait for it here, where nobody else does."""
        writer = self._writer
        while writer.retired:
            writer.retired.pop().close()
        part = writer.part
        if part is None:
            return
        path, sequence = part.path, writer.sequence
        error = None
        try:
            part.sync()
            self._synced_s = now_s()
        except OSError as found:
            error = found
        self._reports.put(_SyncReport(part, path, sequence, error))
        self._free_bytes = _free_bytes(path.parent)

    # ------------------------------------------------------------------ close

    def close(self) -> Path:
        """Write everything and the footers; return the trial's first file.

        Raises
        ------
        RecordingError
            When rows could not be written anywhere; says how many, and where the rest
            is.
        """
        if self._closed is not None:
            return self._closed
        self._intake.close()
        self._stop.set()
        self._write_thread.join(_CLOSE_S)
        self._stop_sync.set()
        self._sync_thread.join(_CLOSE_S)
        if self._write_thread.is_alive() or self._sync_thread.is_alive():
            raise RecordingError(
                f"{self._path}: the disk does not answer.",
                still="What it accepted before is in the file.",
                todo="Check the disk, then the file.",
            )
        self._closed = self._settle()
        return self._closed

    def _settle(self) -> Path:
        """Close the files after both threads ended; tell what is in none of them."""
        writer = self._writer
        while not self._reports.empty():
            before = writer.part
            self._hear_sync(now_s())
            if writer.part is not before:  # fsync failed: rows went to a new part
                writer.finish(now_s())
                self._sync()
        for part in (writer.part, *writer.retired, *writer.orphans):
            if part is not None:
                part.close()
        rows = sum(block.rows for block in writer.waiting())
        if rows or writer.orphans or self._internal or not writer.parts:
            gone = ", ".join(str(part.path) for part in writer.orphans)
            raise RecordingError(
                f"{self._path}: {rows} rows could not be written anywhere."
                + (f" Removed and not rescued: {gone}." if gone else ""),
                still="Written: "
                + (", ".join(str(path) for path in writer.parts) or "nothing."),
                todo=" ".join(t for t in (writer.fault, self._internal) if t),
            )
        return writer.parts[0]


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return -1


def _create(
    path: Path, header: dict[str, str], spill_dir: Path | None, write: Write
) -> TrialWriter:
    wrong = [key for key in header if not KEY.fullmatch(key)]
    if wrong:
        raise RecordingError(
            f"{path}: header keys {wrong} cannot be XML element names.",
            todo="Use letters, digits, - and _.",
        )
    try:
        return TrialWriter(path, header, spill_dir, write)
    except FileExistsError as error:
        raise RecordingError(
            f"{path}: exists already.",
            still="The file there was not touched.",
            todo="Choose another name.",
        ) from error
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be created: {error.strerror or error}.",
            todo="Check that the folder exists, can be written and has free space.",
        ) from error
