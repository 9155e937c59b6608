"""The parts of one recording that had to change disks, read as one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lablive.errors import RecordingError
from lablive.recording.damage import TORN_END, Damage
from lablive.recording.folders import spill_folder
from lablive.recording.trial_file import TrialFile

if TYPE_CHECKING:
    from pathlib import Path

PART: Final = re.compile(r"(.+)-part\d+")


def sibling_parts(path: Path) -> list[Path]:
    """Return the later parts beside a recording's first file or in the spill folder."""
    if PART.fullmatch(path.stem):
        return []
    found: list[Path] = []
    for folder in dict.fromkeys((path.parent, spill_folder())):
        names = folder.glob(f"*-part*{path.suffix}")
        found += sorted(
            p for p in names if (m := PART.fullmatch(p.stem)) and m[1] == path.stem
        )
    return found


def open_files(path: Path, others: list[Path]) -> list[TrialFile]:
    """Open a recording's files in the order of their parts.

    A part that cannot be read, or belongs to another recording, is told as damage of
    the first file.

    Raises
    ------
    RecordingError
        When ``path`` is no recording.
    """
    first = TrialFile(path)
    files = [first]
    for other in others if first.own else []:
        try:
            file = TrialFile(other)
        except RecordingError as error:
            if other.parent != spill_folder():
                first.damage.append(_note(other, str(error)))
            continue
        recording = first.file_header.recording
        if recording and file.file_header.recording != recording:
            # the spill folder holds parts of many recordings with such a name
            if other.parent != spill_folder():
                what = "part of another recording; left out"
                first.damage.append(_note(other, what))
            file.close()
            continue
        files.append(file)
    files.sort(key=lambda file: file.file_header.part)
    for number, later in enumerate(files):
        for earlier in files[:number]:
            _join(earlier, later)
    return files


def _note(path: Path, what: str) -> Damage:
    return Damage(0, 0, None, None, None, None, what, path.name)


def _join(earlier: TrialFile, later: TrialFile) -> None:
    """Keep every row once: a later part repeats what its disk had not confirmed."""
    is_whole = True
    for stream in later.streams:
        new, old = later.places(stream), earlier.places(stream)
        if not len(new) or not len(old):
            continue
        new_rows, old_rows = later.records.pick(new), earlier.records.pick(old)
        old_end = int(old_rows.first_row[-1] + old_rows.rows[-1])
        is_whole &= int(new_rows.first_row[0]) <= old_end
        split = int(new_rows.first_row[0])
        repeated = new[new_rows.first_row < old_end]
        bad = [p for p in repeated.tolist() if later.chunk(p) is None]
        if bad:  # up to the last bad copy the earlier part has to serve
            last = bad[-1]
            split = int(later.records.first_row[last] + later.records.rows[last])
        later.drop(new[new_rows.first_row < split])
        earlier.drop(old[old_rows.first_row >= split])
    for file in (earlier, later):
        dropped = set(file.records.offset[~file.keep].tolist())
        file.damage = [d for d in file.damage if d.offset not in dropped]
    if is_whole:
        earlier.damage = [d for d in earlier.damage if d.what != TORN_END]
