"""One trial file while it is being written: checked writes and its sidecar."""

from __future__ import annotations

import contextlib
import errno
import os
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lablive.recording import header, index, xdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[int, xdf.Buffer], int]

_BINARY = getattr(os, "O_BINARY", 0)  # Windows: no translation of line ends
_COPY_BYTES = 1 << 20


@dataclass(slots=True)
class Block:
    """One chunk on its way to the disk, with what the sidecar says about it."""

    tag: int
    data: xdf.Buffer
    stream: int = index.NO_STREAM
    rows: int = 0
    first_row: int = 0
    t0_s: float = 0.0
    t1_s: float = 0.0
    written: bool = False  # some file has accepted it


@dataclass(slots=True)
class _Total:
    rows: int
    t0_s: float
    t1_s: float


class Part:
    """A file that grows chunk by chunk.

    Parameters
    ----------
    path
        The file to create; it must not exist.
    write
        ``os.write`` or a stand-in that fails on purpose.

    Raises
    ------
    OSError
        When the file cannot be created or does not take its first bytes.
    """

    def __init__(self, path: Path, write: Write = os.write) -> None:
        self.path = path
        self.offset = 0
        self.index_fault = ""
        self.has_streams = False
        self._write = write
        self._pending: list[tuple[float, ...]] = []
        self._copies: dict[int, xdf.Buffer] = {}
        self._totals: dict[int, _Total] = {}
        self._offsets: dict[int, list[tuple[float, float]]] = {}
        flags = os.O_CREAT | os.O_RDWR | _BINARY
        self._fd = os.open(path, flags | os.O_EXCL, 0o600)
        self._index_fd = -1
        try:
            sidecar = index.sidecar(path)
            self._index_fd = os.open(sidecar, flags | os.O_TRUNC, 0o600)
            self._index_size = self._checked(self._index_fd, index.opening(), 0)
            self.offset = self._checked(self._fd, xdf.MAGIC, 0)
        except OSError:
            self.discard()
            raise

    def _checked(self, fd: int, data: xdf.Buffer, end: int) -> int:
        """Append ``data`` behind ``end``; return the new end or raise OSError."""
        try:
            taken = self._write(fd, data)
        except OSError:
            self._cut(fd, end)
            raise
        if taken != len(data):
            self._cut(fd, end)
            raise OSError(
                errno.ENOSPC,
                f"disk full: only {taken} of {len(data)} bytes were taken",
            )
        return end + taken

    @staticmethod
    def _cut(fd: int, end: int) -> None:
        """Take half-written bytes away; readers cope when that fails too."""
        with contextlib.suppress(OSError):
            os.ftruncate(fd, end)
            os.lseek(fd, end, os.SEEK_SET)

    def put(self, block: Block) -> None:
        """Write one chunk; raise OSError unless every byte was taken."""
        offset = self.offset
        self.offset = self._checked(self._fd, block.data, offset)
        self.has_streams |= block.tag == xdf.STREAM_HEADER
        flags = index.HAS_CRC
        if block.tag in (xdf.FILE_HEADER, xdf.STREAM_HEADER):
            flags |= index.COPY_FOLLOWS
            self._copies[len(self._pending)] = block.data
        self._pending.append(
            (
                offset, block.first_row, block.t0_s, block.t1_s, len(block.data),
                block.rows, block.stream, zlib.crc32(block.data), block.tag, flags,
            )
        )  # fmt: skip
        if block.tag == xdf.SAMPLES:
            total = self._totals.get(block.stream)
            if total is None:
                self._totals[block.stream] = _Total(block.rows, block.t0_s, block.t1_s)
            else:
                total.rows += block.rows
                total.t1_s = block.t1_s

    def put_offset(self, stream: int, t_s: float, offset_s: float = 0.0) -> None:
        """Write a clock offset; raise OSError unless every byte was taken."""
        data = xdf.clock_offset(stream, t_s, offset_s)
        self.put(Block(xdf.CLOCK_OFFSET, data, stream, t0_s=t_s, t1_s=t_s))
        self._offsets.setdefault(stream, []).append((t_s, offset_s))

    def put_footers(self, streams: list[int]) -> None:
        """Write the footers; raise OSError unless every byte was taken."""
        for stream in streams:
            total = self._totals.get(stream, _Total(0, 0.0, 0.0))
            offsets = self._offsets.get(stream, [])
            data = header.footer(stream, total.rows, total.t0_s, total.t1_s, offsets)
            self.put(Block(xdf.STREAM_FOOTER, data, stream))

    def flush_index(self) -> None:
        """Append the waiting records to the sidecar; a failure only leaves a note."""
        if not self._pending:
            return
        records = index.sealed(self._pending)
        pieces: list[bytes] = []
        start = 0
        for place, copy in self._copies.items():
            pieces += [records[start : place + 1].tobytes(), index.padded(copy)]
            start = place + 1
        data = b"".join([*pieces, records[start:].tobytes()])
        try:
            end = self._checked(self._index_fd, data, self._index_size)
        except OSError as error:
            self.index_fault = str(error.strerror or error)
            return
        self.index_fault = ""
        self._index_size = end
        self._pending.clear()
        self._copies.clear()

    def sync(self) -> None:
        """Ask the disk to keep what was written; raises OSError."""
        fd = self._fd
        try:
            os.fsync(fd)
        except OSError:
            if fd == self._fd:  # else the file has just moved or closed
                raise
        with contextlib.suppress(OSError):  # the sidecar can be rebuilt
            os.fsync(self._index_fd)

    def vanished(self) -> bool:
        """Tell whether the file is no longer found under its path."""
        try:
            here, there = os.fstat(self._fd), self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # a disk that does not answer: the next write will tell
            return False
        return here.st_nlink == 0 or (here.st_dev, here.st_ino) != (
            there.st_dev,
            there.st_ino,
        )

    def move_to(self, path: Path) -> None:
        """Copy everything written so far to ``path`` and go on writing there.

        For a file whose folder was removed: its bytes are still readable through the
        open descriptor.

        Raises
        ------
        OSError
            When the copy fails; this part is then unchanged.
        """
        copy = Part(path, self._write)
        try:
            # the copy's own first bytes are overwritten with equal ones
            copy._take(copy._fd, self._fd, self.offset)
            copy._take(copy._index_fd, self._index_fd, self._index_size)
        except OSError:
            copy.discard()
            raise
        gone = (self._fd, self._index_fd)
        self.path, self._fd, self._index_fd = path, copy._fd, copy._index_fd
        _close(gone)

    def _take(self, fd: int, source: int, size: int) -> None:
        os.lseek(source, 0, os.SEEK_SET)
        os.lseek(fd, 0, os.SEEK_SET)
        done = 0
        try:
            while done < size:
                data = os.read(source, min(_COPY_BYTES, size - done))
                if not data:
                    raise OSError(errno.EIO, "the removed file is no longer readable")
                done = self._checked(fd, data, done)
        finally:
            os.lseek(source, size, os.SEEK_SET)

    def close(self) -> None:
        """Close both files; the trial stays as it is."""
        gone = (self._fd, self._index_fd)
        self._fd = self._index_fd = -1
        _close(gone)

    def discard(self) -> None:
        """Close and delete a file that never became a trial."""
        self.close()
        for path in (self.path, index.sidecar(self.path)):
            path.unlink(missing_ok=True)


def _close(fds: tuple[int, ...]) -> None:
    for fd in fds:
        if fd >= 0:
            with contextlib.suppress(OSError):
                os.close(fd)
