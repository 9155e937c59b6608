"""Chunks of one recording brought to disk, on another disk if need be. No threads."""

from __future__ import annotations

import os
import uuid
from collections import deque
from typing import TYPE_CHECKING

from lablive.recording import header, xdf
from lablive.recording.part import Block, Part

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.recording.part import Write

_RETRY_S = 1.0
_BOUNDARY_S = 10.0
_INDEX_S = 0.5  # chunks younger than this are found by a scan after a crash
_UNSYNCED_BYTES = 64 << 20
_NEVER_S = -float("inf")


class TrialWriter:
    """Write blocks in order; after a fault go on in a new part elsewhere.

    A new part repeats every header and starts with all blocks that the last
    successful fsync does not cover, so that a disk that forgets what it accepted
    costs nothing. Readers drop the rows they already have.

    Raises
    ------
    OSError
        When the first file cannot be created.
    """

    def __init__(
        self,
        path: Path,
        texts: dict[str, str],
        spill_dir: Path | None,
        write: Write = os.write,
    ) -> None:
        self.fault = ""
        self.parts: list[Path] = []
        self.acknowledged: dict[int, int] = {}
        self.sequence = 0  # blocks written so far
        self.retired: list[Part] = []  # to be closed by whoever may wait for the disk
        self.orphans: list[Part] = []  # removed files that nothing could rescue yet
        self._path = path
        self._spill_dir = spill_dir
        self._texts = texts
        self._write = write
        self._recording = uuid.uuid4().hex
        self._headers: list[Block] = []
        self._queue: deque[Block] = deque()
        self._unsynced: deque[tuple[int, Block]] = deque()
        self._unsynced_bytes = 0
        self._cause = ""
        self._number = 1
        self._earlier_bytes = 0
        self._retry_s = self._boundary_s = self._index_due_s = _NEVER_S
        self.part: Part | None = self._open(path)

    @property
    def bytes(self) -> int:
        """Bytes written in all parts."""
        part = self.part
        return self._earlier_bytes + (part.offset if part else 0)

    def waiting(self) -> list[Block]:
        """Return the blocks of rows that no file keeps for sure yet."""
        return [block for block in self._queue if block.tag == xdf.SAMPLES]

    def drain(self, blocks: list[Block], now_s: float) -> list[Block]:
        """Write ``blocks`` behind those still waiting.

        A stream header is also kept, and repeated in every later part.

        Returns
        -------
        list of Block
            The blocks accepted now; every other one is kept for the next call.
        """
        self._queue.extend(blocks)
        self._headers += [b for b in blocks if b.tag == xdf.STREAM_HEADER]
        self._check_place(now_s)
        if (self.part is None or self.orphans) and now_s >= self._retry_s:
            if self.part is None:
                self._reopen(now_s)
            self._retry_s = now_s + _RETRY_S
            self._rescue_orphans()
        accepted: list[Block] = []
        while self._queue and self.part is not None:
            block = self._queue[0]
            try:
                self.part.put(block)
            except OSError as error:
                self.fail(error.strerror or str(error), now_s)
                continue
            self._queue.popleft()
            if block.tag == xdf.SAMPLES:
                self._written(block, accepted)
        self._keep_time(now_s)
        if self.part is not None and now_s >= self._index_due_s:
            self._index_due_s = now_s + _INDEX_S
            self.part.flush_index()
        return accepted

    def _written(self, block: Block, accepted: list[Block]) -> None:
        self.sequence += 1
        self._unsynced.append((self.sequence, block))
        self._unsynced_bytes += len(block.data)
        while self._unsynced_bytes > _UNSYNCED_BYTES:
            self._unsynced_bytes -= len(self._unsynced.popleft()[1].data)
        if not block.written:
            block.written = True
            done = self.acknowledged.get(block.stream, 0)
            self.acknowledged[block.stream] = done + block.rows
            accepted.append(block)

    def synced(self, sequence: int) -> None:
        """Forget the blocks that the disk has confirmed."""
        while self._unsynced and self._unsynced[0][0] <= sequence:
            self._unsynced_bytes -= len(self._unsynced.popleft()[1].data)

    def fail(self, what: str, now_s: float) -> None:
        """Leave the present part and go on in a new one."""
        part = self.part
        if part is not None:
            if part.has_streams:
                part.flush_index()
                self.retired.append(part)
            else:  # nobody could open it
                self.parts.remove(part.path)
                part.discard()
            self._leave(part, f"{part.path}: cannot be written: {what}.", now_s)

    def _leave(self, part: Part, what: str, now_s: float) -> None:
        self.part = None
        self._earlier_bytes += part.offset
        self._queue.extendleft(block for _, block in reversed(self._unsynced))
        self._unsynced.clear()
        self._unsynced_bytes = 0
        self._cause = what
        self.fault = (
            f"{what} No other place accepts the recording; it is kept in memory."
            " Free disk space or bring the folder back."
        )
        self._reopen(now_s)

    def _reopen(self, now_s: float) -> None:
        """Try every folder for the next part; on success the queue starts it."""
        self._retry_s = now_s + _RETRY_S
        self._number += 1
        for folder in self._folders():
            try:
                self.part = self._open(self._free_path(folder, self._number))
            except OSError:
                continue
            # the new part has all headers already
            self._queue = deque(b for b in self._queue if b.tag == xdf.SAMPLES)
            self.fault = f"{self._cause} Recording goes on in {self.part.path}."
            return
        self._number -= 1

    def _folders(self) -> list[Path]:
        folders = [self._path.parent]
        if self._spill_dir is not None:
            try:
                self._spill_dir.mkdir(parents=True, exist_ok=True)
                folders.insert(0, self._spill_dir)
            except OSError:
                return folders
        return folders

    def _free_path(self, folder: Path, number: int) -> Path:
        """Return a name of this recording that ``folder`` does not have yet."""
        path = folder / self._path.name
        if number == 1 and not path.exists():
            return path
        number = max(number, 2)
        stem, suffix = self._path.stem, self._path.suffix
        while (path := folder / f"{stem}-part{number}{suffix}").exists():
            number += 1
        return path

    def _open(self, path: Path) -> Part:
        """Create a part with the headers of every stream so far."""
        part = Part(path, self._write)
        previous = self.parts[-1].name if self.parts else ""
        first = header.file_header(self._texts, self._recording, self._number, previous)
        try:
            part.put(Block(xdf.FILE_HEADER, first))
            for block in self._headers:
                part.put(block)
        except OSError:
            part.discard()
            raise
        self.parts.append(path)
        self._boundary_s = _NEVER_S
        return part

    def _check_place(self, now_s: float) -> None:
        """Rescue a file whose folder was removed; its bytes are still readable."""
        part = self.part
        if part is not None and part.vanished():
            lost = part.path
            if self._rescue(part):
                self.fault = (
                    f"{lost}: was removed while recording. All of it was saved to"
                    f" {part.path}, where the recording goes on."
                )
            else:
                self.orphans.append(part)
                what = f"{lost}: was removed while recording; no folder takes a copy."
                self._leave(part, what, now_s)

    def _rescue(self, part: Part) -> bool:
        for folder in self._folders():
            place = self.parts.index(part.path)
            try:
                part.move_to(self._free_path(folder, place + 1))
            except OSError:
                continue
            self.parts[place] = part.path
            return True
        return False

    def _rescue_orphans(self) -> None:
        for part in list(self.orphans):
            lost = part.path
            if self._rescue(part):
                self.orphans.remove(part)
                self.retired.append(part)
                self.fault = f"{lost}: was removed, but saved to {part.path}."

    def _keep_time(self, now_s: float) -> None:
        """Write a boundary and one clock offset per stream every ten seconds."""
        if self.part is None or now_s - self._boundary_s < _BOUNDARY_S:
            return
        self._boundary_s = now_s
        try:
            self._put_offsets(self.part, now_s)
        except OSError as error:
            self.fail(error.strerror or str(error), now_s)

    def _put_offsets(self, part: Part, now_s: float) -> None:
        part.put(Block(xdf.BOUNDARY, xdf.boundary()))
        for block in self._headers:
            part.put_offset(block.stream, now_s)

    def finish(self, now_s: float) -> list[Block]:
        """Write what waits, last offsets and the footers.

        Returns
        -------
        list of Block
            The blocks accepted now.
        """
        accepted: list[Block] = []
        for _ in range(len(self._folders()) + 1):
            self._retry_s = _NEVER_S
            accepted += self.drain([], now_s)
            if self.part is None:
                break
            try:
                self._put_offsets(self.part, now_s)
                self.part.put_footers([block.stream for block in self._headers])
            except OSError as error:
                self.fail(error.strerror or str(error), now_s)
                continue
            self.part.flush_index()
            break
        return accepted
