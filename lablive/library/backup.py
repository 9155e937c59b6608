"""Copies of the database: made while it is in use, counted, rotated, brought back.

``<library>/backups/library-000042-2026-11-21T1634.sqlite3``: the number orders them,
not the date, since clocks jump. Copies made before a step to a newer version are named
``-before-0002`` and rotated by themselves.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.errors import LibraryError
from lablive.library import cipher, database

if TYPE_CHECKING:
    from pathlib import Path

NEWEST: Final = 5  # kept whatever their day
DAYS: Final = 30  # of older ones the last of each of so many days
BEFORE: Final = 3  # kept of those made before a newer version
_NAME: Final = re.compile(
    r"library-(\d{6})-(\d{4}-\d\d-\d\d)T(\d{4})(?:-before-(\w+))?\.sqlite3"
)
# every change of a person counts its version up; the rest is in the session folders
_MARK: Final = """
SELECT (SELECT count(*) FROM {0}.person), (SELECT max(id) FROM {0}.person),
  (SELECT sum(version) FROM {0}.person), (SELECT count(*) FROM {0}.session),
  (SELECT count(*) FROM {0}.trial), (SELECT sum(mtime_ns / 1000) FROM {0}.trial)
"""
_BESIDE: Final = ("-wal", "-shm")


class Backup(NamedTuple):
    """One copy; ``made`` as a person reads it, ``before``: the version it keeps."""

    path: Path
    number: int
    made: str
    before: str


def listed(folder: Path) -> list[Backup]:
    """Return the copies in a folder, newest first."""
    found: list[Backup] = []
    paths = folder.iterdir() if folder.is_dir() else ()
    for path in paths:
        name = _NAME.fullmatch(path.name)
        if name:
            made = f"{name[2]} {name[3][:2]}:{name[3][2:]}"
            found.append(Backup(path, int(name[1]), made, name[4] or ""))
    return sorted(found, key=lambda backup: backup.number, reverse=True)


def make(path: Path, folder: Path, before: str = "") -> Backup:
    """Copy a database that may be in use, prove the copy, and rotate the older ones.

    Parameters
    ----------
    path
        The database file.
    folder
        Of the copies; made if need be.
    before
        Version of the tables that the copy is to keep.

    Raises
    ------
    LibraryError
        There is no copy; the database and older copies are as they were.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = max((backup.number for backup in listed(folder)), default=0) + 1
        when = datetime.now().astimezone().strftime("%Y-%m-%dT%H%M")
        kept = f"-before-{before}" if before else ""
        target = folder / f"library-{number:06d}-{when}{kept}.sqlite3"
        _copy(path, target)
    except (OSError, *database.SQLITE_ERRORS) as error:
        raise LibraryError(
            "full" if database.sqlite_code(error) == sqlite3.SQLITE_FULL else "folder",
            f"No backup of the library could be made in {folder} ({error}).",
            still="The library itself and older backups are as they were.",
            todo="Free some space, or mend the folder.",
        ) from error
    _rotate(folder)
    return next(backup for backup in listed(folder) if backup.path == target)


def make_if_changed(path: Path, folder: Path) -> Backup | None:
    """Make a copy unless the newest one holds the same people and trials."""
    newest = next(iter(listed(folder)), None)
    if newest is not None:
        with contextlib.suppress(LibraryError, *database.SQLITE_ERRORS):
            same_lock = cipher.key_of(newest.path) == cipher.key_of(path)
            if same_lock and _mark(newest.path) == _mark(path):
                return None
    return make(path, folder)


def restore(path: Path, backup: Path) -> Path | None:
    """Put a copy in the place of the database; what was there is put aside.

    Parameters
    ----------
    path
        The database file; nothing may have it open.
    backup
        The copy, which stays where it is.

    Returns
    -------
    Path or None
        Where the database that was there lies now.

    Raises
    ------
    LibraryError
        The copy is damaged or cannot be read; nothing was moved.
    """
    fresh = path.with_name(f"{path.name}.part")
    try:
        database.check_file(backup)
        _copy(backup, fresh)
        aside = put_aside(path)
        fresh.replace(path)
    except (OSError, *database.SQLITE_ERRORS) as error:
        fresh.unlink(missing_ok=True)
        raise LibraryError(
            "folder",
            f"The backup {backup} could not be brought back ({error}).",
            still="The backup is as it was.",
            todo="Free some space, or choose another backup.",
        ) from error
    return aside


def put_aside(path: Path) -> Path | None:
    """Move a database and the files beside it out of the way; return its new place."""
    if not path.exists():
        for end in _BESIDE:  # of a database that was deleted: they are of no use
            path.with_name(path.name + end).unlink(missing_ok=True)
        return None
    number = 1
    while (aside := path.with_name(f"{path.stem}-aside-{number}.sqlite3")).exists():
        number += 1
    path.rename(aside)
    for end in _BESIDE:
        beside = path.with_name(path.name + end)
        if beside.exists():
            beside.rename(aside.with_name(aside.name + end))
    return aside


def _copy(path: Path, target: Path) -> None:
    """Copy a database as of one moment; the copy is proved, whole or not there."""
    part = target.with_name(f"{target.name}.new")
    try:
        part.unlink(missing_ok=True)
        part.touch(0o600)
        with (
            closing(database.connect(path, read_only=True)) as held,
            closing(database.connect(part, like=path)) as copy,
        ):
            held.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            told = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok":
            raise database.damaged(path, told)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def mark_of(held: sqlite3.Connection, schema: str = "main") -> tuple[object, ...]:
    """Return what changes with everything that only the database knows."""
    return held.execute(_MARK.format(schema)).fetchone()


def _mark(path: Path) -> tuple[object, ...]:
    with closing(database.connect(path, read_only=True)) as held:
        return mark_of(held)


def _rotate(folder: Path) -> None:
    """Drop what is neither among the newest nor the last of its day."""
    every = listed(folder)
    usual = [backup for backup in every if not backup.before]
    older: dict[str, Backup] = {}
    for backup in usual[NEWEST:]:
        older.setdefault(backup.made[:10], backup)
    kept = {*usual[:NEWEST], *list(older.values())[:DAYS]}
    kept.update([backup for backup in every if backup.before][:BEFORE])
    for backup in set(every) - kept:
        with contextlib.suppress(OSError):  # it stays until it can be dropped
            backup.path.unlink()
