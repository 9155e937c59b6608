"""Which other files one recording lies in after its host was lost and began anew.

Those files are recordings of their own: rows are missing between them, and a restart of
the computer sets the lab clock back. So they are named, not joined.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.names import HeaderKey
from lablive.recording import xdf
from lablive.recording.folders import spill_folder
from lablive.recording.header import REPAIRED_FROM, parse_file_header
from lablive.recording.joining import PART

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CONTINUED: Final = re.compile(r"(.+)-continued(\d+)")
_HEAD_BYTES: Final = 1 << 16
_MOST_BYTES: Final = 16 << 20
_LONGEST: Final = timedelta(days=1)  # spill folders hold the same names of other days


class Continuation(NamedTuple):
    """Files of the same recording; names, with the folder where it is another one."""

    earlier: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """One sentence for whoever reads the numbers; empty for a whole recording."""
        told: list[str] = []
        if self.earlier:
            told.append(f"began in {', '.join(self.earlier)}")
        if self.later:
            told.append(f"goes on in {', '.join(self.later)}")
        if not told:
            return ""
        return (
            f"This recording {' and '.join(told)}: rows are missing between the files, "
            "and the numbers here cover this file only."
        )


class _File(NamedTuple):
    """A file and what its header says of where it belongs."""

    path: Path
    name: str  # when it was recorded: a repaired copy has another one now
    part_of: str
    code: str
    started: datetime | None

    @property
    def order(self) -> tuple[bool, float, int]:
        found = CONTINUED.fullmatch(self.name.rpartition(".")[0])
        since_s = self.started.timestamp() if self.started else 0.0
        return bool(self.part_of), since_s, int(found[2]) if found else 0


def continuation(path: Path, header: Mapping[str, str]) -> Continuation:
    """Find the other files of a recording, beside it and in the spill folder.

    Parameters
    ----------
    path
        The recording's first file.
    header
        Its header texts.
    """
    me = _described(path, header)
    others = [
        other
        for other in _beside(path)
        if other.code == me.code and _same_day(other, me) and other.name != me.name
    ]
    above = {file.name: file.part_of for file in (*others, me)}
    root = _root(me.name, above)
    kin = {file.name: file for file in others if _root(file.name, above) == root}
    listed = sorted(kin.values(), key=lambda file: file.order)
    earlier = [_shown(f.path, path) for f in listed if f.order < me.order]
    later = [_shown(f.path, path) for f in listed if f.order > me.order]
    if root != me.name and root not in kin:
        earlier.insert(0, f"{root} (not found here)")
    return Continuation(tuple(earlier), tuple(later))


def _beside(path: Path) -> list[_File]:
    """Return what else lies there; a repaired copy before its original."""
    found: list[_File] = []
    for folder in dict.fromkeys((path.parent, spill_folder())):
        for other in folder.glob(f"*{path.suffix}"):
            if other != path and not PART.fullmatch(other.stem):
                header = header_texts(other)
                if header is not None:
                    found.append(_described(other, header))
    return sorted(found, key=lambda file: (file.name == file.path.name, file.path))


def _described(path: Path, header: Mapping[str, str]) -> _File:
    part = PART.fullmatch(path.stem)
    name = f"{part[1]}{path.suffix}" if part else path.name
    try:
        started = datetime.fromisoformat(header.get(HeaderKey.STARTED, ""))
    except ValueError:
        started = None
    return _File(
        path,
        header.get(REPAIRED_FROM) or name,
        header.get(HeaderKey.PART_OF, ""),
        header.get(HeaderKey.CODE, ""),
        started.astimezone() if started else None,
    )


def header_texts(path: Path) -> dict[str, str] | None:
    """Return the header texts of a file; None when it has none that can be read."""
    try:
        with path.open("rb") as file:
            start = file.read(_HEAD_BYTES)[len(xdf.MAGIC) :]
            head = xdf.read_head(start)
            if head is None or head.tag != xdf.FILE_HEADER or head.size > _MOST_BYTES:
                return None
            data = start + file.read(max(0, head.size - len(start)))
    except OSError:
        return None
    found = parse_file_header(data[: head.size])
    return found.header if found else None


def _same_day(one: _File, other: _File) -> bool:
    if one.started is None or other.started is None:
        return True
    return abs(one.started - other.started) < _LONGEST


def _root(name: str, above: Mapping[str, str]) -> str:
    """Return the first file of the recording that a file belongs to."""
    seen = {name}
    while (part_of := above.get(name, "")) and part_of not in seen:
        seen.add(part_of)
        name = part_of
    return name


def _shown(other: Path, path: Path) -> str:
    return other.name if other.parent == path.parent else str(other)
