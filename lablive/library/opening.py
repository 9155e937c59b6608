"""A library is opened, brought back from a backup, or made anew from its folders."""

from __future__ import annotations

import errno
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from lablive.errors import LibraryError
from lablive.library import backup, database
from lablive.library.found import session_folders
from lablive.library.passphrase import changing
from lablive.library.store import BACKUPS, FILE, Library
from lablive.locks import try_lock

if TYPE_CHECKING:
    from pathlib import Path

SHARED: Final = (
    "Another LabLive window uses this library. Both may be used; what one stores the "
    "other shows when it looks again."
)


def open_library(home: Path, *, rebuild: bool = False) -> Library:
    """Open the library of a folder, made or brought to this version if need be.

    Parameters
    ----------
    home
        The folder.
    rebuild
        Begin a new database from the session folders although there are backups.

    Raises
    ------
    LibraryError
        It does not open: ``locked`` (:mod:`.passphrase`), ``damaged``, ``missing``
        (there are backups of a database that is gone), ``foreign``, ``newer``,
        ``busy``, ``folder``. Nothing was changed.
    """
    path = home / FILE
    try:
        _refuse_changing(home)
        is_new = not path.exists()
        if is_new and not rebuild:
            _refuse_lost(home)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if is_new:
            path.touch(0o600)
        elif path.stat().st_size:
            database.check_file(path)
        lock, read_only = _lock(home)
        with ExitStack() as undo:
            if lock is not None:
                undo.enter_context(lock)
            engine = database.engine(path, read_only=read_only)
            undo.callback(engine.dispose)
            if not read_only:
                database.migrate(engine, path, lambda old: _keep(path, old))
            undo.pop_all()
    except (OSError, *database.SQLITE_ERRORS, DBAPIError) as error:
        cause = (error.orig if isinstance(error, DBAPIError) else None) or error
        raise database.in_words(cause, path) from error
    library = Library(home, engine, lock, read_only=read_only)
    if read_only:
        library.notes.append(str(database.read_only(path)))
    elif lock is None:
        library.notes.append(SHARED)
    if is_new and any(session_folders(home)):
        library.notes.append(
            "The database of people was not there; it was made again from the session "
            "folders. Names are not in them: enter them again, or bring back a backup."
        )
    return library


def backups_of(home: Path) -> list[backup.Backup]:
    """Return the copies of the database of a library, newest first."""
    return backup.listed(home / BACKUPS)


def restore_backup(home: Path, wanted: Path) -> Path | None:
    """Put a copy in the place of the database; return where the old one lies now."""
    return backup.restore(home / FILE, wanted)


def begin_anew(home: Path) -> Path | None:
    """Put the database aside and make one from the session folders; see above."""
    aside = backup.put_aside(home / FILE)
    library = open_library(home, rebuild=True)
    try:
        library.sync()
    finally:
        library.close()
    return aside


def _keep(path: Path, version: str) -> None:
    backup.make(path, path.parent / BACKUPS, version)


def _refuse_changing(home: Path) -> None:
    if changing(home):
        raise LibraryError(
            "busy",
            f"The passphrase of the library in {home} is being changed.",
            still="Recording and replay work.",
            todo="Try again in a moment.",
        )


def _refuse_lost(home: Path) -> None:
    copies = backups_of(home)
    if copies:
        raise LibraryError(
            "missing",
            f"The database of people and sessions, {home / FILE}, is not there.",
            still="Recording and replay work; the trials are files of their own.",
            todo=f"Bring back the backup of {copies[0].made}, or begin a new one from "
            "the session folders (without names).",
        )


def _lock(home: Path) -> tuple[IO[bytes] | None, bool]:
    """Return the lock (None: another window has it) and whether all is read-only."""
    try:
        lock = try_lock(home / "library.lock")
        with (home / FILE).open("rb+"):
            return lock, False
    except PermissionError:
        return None, True
    except OSError as error:
        if error.errno == errno.EROFS:  # mounted for reading only
            return None, True
        raise
