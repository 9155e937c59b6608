"""``trial-01.report``: what a report says of a trial, kept beside it.

It saves the report the second analysis, can be deleted at any time, and counts only
for the very trial, companions and program it was made with.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import msgspec

from lablive import __version__
from lablive.recording.joining import sibling_parts
from lablive.report.data import ReportData
from lablive.structs import from_msgpack
from lablive.whole_file import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable
    from pathlib import Path

ENDING: Final = ".report"
_SCHEMA: Final = 1
_PROGRAM: Final = (".py", ".toml")
_COMPANIONS: Final = (".alignment.json", ".edits.jsonl")


class _Stored(msgspec.Struct, frozen=True):
    schema: int
    made_with: str
    trial: str
    report: ReportData


def stored_path(trial: Path) -> Path:
    """Return where the report data of a trial lies."""
    return trial.with_suffix(ENDING)


def keep(trial: Path, report: ReportData) -> None:
    """Keep what a report says beside its trial, whole or not at all; OSError if not."""
    found = _Stored(_SCHEMA, program(), fingerprint(trial), report)
    replace_file(stored_path(trial), msgspec.msgpack.encode(found))


def kept(trial: Path) -> ReportData | None:
    """Return what was kept of exactly this trial by exactly this program, else None."""
    try:
        found = from_msgpack(stored_path(trial).read_bytes(), _Stored)
        same = found.schema == _SCHEMA and found.trial == fingerprint(trial)
    except (OSError, msgspec.MsgspecError):
        return None
    return found.report if same and found.made_with == program() else None


def fingerprint(trial: Path) -> str:
    """Return what changes when a trial, its parts or what lies beside it changes.

    OSError: they cannot be looked at.
    """
    told = hashlib.sha256()
    for path in (trial, *sibling_parts(trial), *_companions(trial)):
        held = path.stat()
        told.update(f"{path.name}\0{held.st_size}\0{held.st_mtime_ns}\0".encode())
    return told.hexdigest()


def _companions(trial: Path) -> Iterator[Path]:
    """Yield what numbers depend on besides the trial: alignment, edits."""
    for ending in _COMPANIONS:
        path = trial.with_name(trial.stem + ending)
        if path.exists():
            yield path


@lru_cache
def program() -> str:
    """Return what changes with the program: its version, code and shipped configs."""
    told = hashlib.sha256(__version__.encode())
    for package in ("lablive", "configs"):
        for name, data in _sources(files(package), package):
            told.update(name.encode())
            told.update(data)
    return told.hexdigest()


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for item in sorted(folder.iterdir(), key=lambda it: it.name):
        inside = f"{name}/{item.name}"
        if item.is_dir():
            yield from _sources(item, inside)
        elif item.name.endswith(_PROGRAM):
            yield inside, item.read_bytes()
