"""Read-only bytes of a file of any size, a few megabytes in memory.

Plain reads, no memory map: a map of a file that shrinks or sits on a dying disk kills
the process (SIGBUS); a read only comes back short.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

PAGE_BYTES: Final = 1 << 20
_KEPT: Final = 12


class Pages:
    """A file read in pages; safe to share between threads.

    ``fault`` says why the disk did not give a page; empty while it gave every one.

    Raises
    ------
    OSError
        When the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._close = weakref.finalize(self, os.close, self._fd)
        self.size = os.fstat(self._fd).st_size
        self.fault = ""
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._last: tuple[int, bytes] = (-1, b"")
        self._lock = threading.Lock()

    def read(self, offset: int, length: int) -> bytes | memoryview:
        """Return the bytes at ``offset``; fewer at the end or when the disk fails."""
        first, start = divmod(offset, PAGE_BYTES)
        end = start + length
        last, page = self._last  # one tuple: no lock needed
        if first != last:
            page = self._page(first)
            self._last = (first, page)
        if end <= PAGE_BYTES:
            return memoryview(page)[start:end]
        pieces = [page[start:]]
        while len(page) == PAGE_BYTES and end > PAGE_BYTES:
            first, end = first + 1, end - PAGE_BYTES
            page = self._page(first)
            pieces.append(page)
        return b"".join(pieces)[:length]

    def _page(self, number: int) -> bytes:
        with self._lock:
            page = self._kept.get(number)
            if page is not None:
                self._kept.move_to_end(number)
                return page
            page = self._load(number * PAGE_BYTES)
            self._kept[number] = page
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return page

    def _load(self, offset: int) -> bytes:
        wanted = min(PAGE_BYTES, self.size - offset)
        if wanted <= 0:
            return b""
        try:
            os.lseek(self._fd, offset, os.SEEK_SET)
            return os.read(self._fd, wanted)
        except OSError as error:
            self.fault = error.strerror or str(error)
            return b""

    def close(self) -> None:
        """Close the file."""
        self._close()
