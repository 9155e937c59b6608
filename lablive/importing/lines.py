"""The lines of a text file, whatever program and alphabet wrote it."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lablive.importing.imported import Progress

HEAD_BYTES: Final = 1 << 16
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STEP: Final = 1 << 18  # tell the progress this often, in characters


def encoding_of(head: bytes) -> str:
    """Return how a text file is encoded, by its first bytes."""
    return next((name for mark, name in _BOMS if head.startswith(mark)), "utf-8")


def plain(text: str) -> str:
    r"""Return a name in which bytes of an older alphabet are the letters they mean.

    Many instruments write Latin-1; such bytes arrive as lone surrogates.

    >>> plain("mm/s\udcb2")
    'mm/s²'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return " ".join(text.replace("\0", " ").split())


def head_of(path: Path) -> bytes:
    """Return the first bytes of a file."""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def text_of(head: bytes) -> str:
    """Return the first bytes as text; "" when they are none."""
    encoding = encoding_of(head)
    if encoding == "utf-8" and b"\0" in head:
        return ""
    # the last character may be cut in two
    return codecs.getincrementaldecoder(encoding)("surrogateescape").decode(head)


def numbered(path: Path, progress: Progress) -> Iterator[tuple[int, str]]:
    """Yield every line that is not blank with its number from 1."""
    size = max(path.stat().st_size, 1)
    with path.open(
        encoding=encoding_of(head_of(path)), errors="surrogateescape"
    ) as file:
        done = told = 0
        for number, line in enumerate(file, 1):
            done += len(line)
            if done - told >= _STEP:
                told = done
                progress(min(1.0, done / size))
            if not line.isspace():
                yield number, line.rstrip("\r\n")
