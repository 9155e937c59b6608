"""The clinic's passphrase: set, changed, removed, for the library and its backups.

Every file is written anew beside the old one and proved before the first is replaced:
whatever happens in between, each file opens with the old passphrase or the new one.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Final, NamedTuple

from lablive.errors import LibraryError
from lablive.library import cipher, database, remembered
from lablive.library.backup import listed, mark_of
from lablive.library.store import BACKUPS, FILE
from lablive.locks import try_lock

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from lablive.library.backup import Backup
    from lablive.library.cipher import Key

LOCK: Final = "library.lock"
CHANGING: Final = "passphrase.lock"


class Changed(NamedTuple):
    """What a change of the passphrase has done.

    Attributes
    ----------
    files
        How many were written anew: the library and its backups.
    left
        Files that stay as they were, each with the reason.
    """

    files: int
    left: tuple[str, ...]


def set_passphrase(home: Path, passphrase: str) -> Changed:
    """Lock library and backups with a passphrase; the one before holds no more.

    Raises
    ------
    LibraryError
        ``wrong``: too short; ``locked``: it must be unlocked first; ``busy``: a
        window has it open; ``full``, ``folder``. Nothing was changed.
    """
    return _rewrite(home, cipher.new_key(passphrase))


def remove_passphrase(home: Path) -> Changed:
    """Write library and backups so that everybody who has the files can read them."""
    return _rewrite(home, None)


def unlock(home: Path, passphrase: str, *, remember: bool = False) -> str:
    """Open the library of a folder from now on, in this process.

    Returns what is to be told ("" mostly).

    Raises
    ------
    LibraryError
        ``passphrase``: it does not fit; ``damaged``: it fits a backup only, which can
        be brought back now.
    """
    path = locked_file(home)
    try:
        key = cipher.unlock(path, passphrase)
    except LibraryError:
        other = _fitting_backup(home, passphrase) if path == home / FILE else None
        if other is None:
            raise
        raise LibraryError(
            "damaged",
            f"The passphrase fits the backup of {other.made}, not the library {path}: "
            "that is damaged, or it has another passphrase.",
            still="Nothing was changed; recording and replay work.",
            todo="Try again with the other passphrase, or bring back the backup.",
        ) from None
    return remembered.keep(home, key) if remember else ""


def _fitting_backup(home: Path, passphrase: str) -> Backup | None:
    """Return the newest backup that a passphrase opens, and hold its key."""
    tried: set[bytes] = set()
    for copy in listed(home / BACKUPS):
        salt = cipher.salt_of(copy.path)
        if salt in tried or not cipher.is_locked(copy.path):
            continue
        tried.add(salt)
        with contextlib.suppress(LibraryError):
            cipher.unlock(copy.path, passphrase)
            return copy
    return None


def unlock_remembered(home: Path) -> bool:
    """Open the library with what this computer's keyring holds; tell whether it did."""
    path = locked_file(home)
    if not cipher.is_locked(path):
        return True
    key = remembered.kept(home)
    if key is None or not cipher.fits(path, key):
        return False
    cipher.hold(key)
    return True


def locked_file(home: Path) -> Path:
    """Return the file that a passphrase is to open: the library, else its backup."""
    path = home / FILE
    copies = [] if path.exists() else listed(home / BACKUPS)
    return copies[0].path if copies else path


def changing(home: Path) -> bool:
    """Tell whether another program changes the passphrase right now."""
    path = home / CHANGING
    if not path.exists():
        return False
    with contextlib.suppress(OSError):
        lock = try_lock(path)
        if lock is not None:
            lock.close()
        return lock is None
    return False


def _rewrite(home: Path, key: Key | None) -> Changed:
    path = home / FILE
    if not path.exists():
        raise LibraryError(
            "missing",
            f"There is no library in {home}.",
            still="Nothing was changed.",
            todo="Open LabLive once, then set the passphrase.",
        )
    parts: list[tuple[Path, Path]] = []
    left: list[str] = []
    try:
        with ExitStack() as undo:
            undo.enter_context(_alone(home))
            undo.callback(_drop, parts)
            cipher.key_of(path)
            _take_whole(path)
            for old in _files(home):
                try:
                    parts.append((old, _written_anew(old, key)))
                except (LibraryError, *database.SQLITE_ERRORS) as error:
                    if old == path:
                        raise
                    left.append(f"{old}: {error}")
            for old, new in parts:
                _replace(old, new, wipe=key is not None)
    except (OSError, *database.SQLITE_ERRORS) as error:
        raise _unchanged(error, path) from error
    if key is not None:
        cipher.hold(key)
    if remembered.kept(home) is not None:
        left += [told] if (told := remembered.keep(home, key)) else []
    return Changed(len(parts), tuple(left))


@contextlib.contextmanager
def _alone(home: Path) -> Generator[None]:
    """Keep every other window out while the files are replaced."""
    with ExitStack() as held:
        for name in (CHANGING, LOCK):
            lock = try_lock(home / name)
            if lock is None:
                raise _in_use(home)
            held.enter_context(lock)
        held.callback(lambda: (home / CHANGING).unlink(missing_ok=True))
        yield


def _take_whole(path: Path) -> None:
    """Bring everything into the one file; refused while another window has it."""
    with closing(database.connect(path)) as held:
        try:
            mode = held.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except database.SQLITE_ERRORS as error:
            if database.sqlite_code(error) in (
                sqlite3.SQLITE_BUSY,
                sqlite3.SQLITE_LOCKED,
            ):
                raise _in_use(path.parent) from error
            raise
    if mode != "delete":
        raise _in_use(path.parent)


def _files(home: Path) -> list[Path]:
    """Return every file with names: the library first, then all copies of it."""
    copies = [it.path for it in listed(home / BACKUPS)]
    return [home / FILE, *copies, *sorted(home.glob("library-aside-*.sqlite3"))]


def _written_anew(path: Path, key: Key | None) -> Path:
    """Return a proved copy of a file under another key (None: under none)."""
    part = path.with_name(f"{path.name}.new")
    part.unlink(missing_ok=True)
    part.touch(0o600)
    held = cipher.key_of(path)
    words = held.words if held else "''"
    source = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(database.open_with(part, "rw", key)) as made:
            made.execute(f"ATTACH ? AS held KEY {words}", (source,))
            made.execute("SELECT sqlcipher_export('main', 'held')").fetchall()
            for name in ("application_id", "user_version"):
                value = made.execute(f"PRAGMA held.{name}").fetchone()[0]
                made.execute(f"PRAGMA main.{name} = {int(value)}")
            told = made.execute("PRAGMA main.quick_check(1)").fetchone()[0]
            same = mark_of(made, "main") == mark_of(made, "held")
        if told != "ok" or not same:
            raise database.damaged(path, told)
        if cipher.is_locked(part) != (key is not None):
            raise LibraryError("folder", f"{part} was not written as it should.")
        with part.open("rb+") as file:
            os.fsync(file.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _replace(old: Path, new: Path, *, wipe: bool) -> None:
    """Put a file in the place of another, whose bytes are overwritten if they can be.

    On a solid-state disk the old bytes may lie elsewhere still: docs/privacy.md.
    """
    with ExitStack() as held:
        gone = None
        if wipe and os.name == "posix" and not cipher.is_locked(old):
            gone = held.enter_context(old.open("rb+"))
        new.replace(old)
        for end in ("-wal", "-shm"):
            old.with_name(old.name + end).unlink(missing_ok=True)
        if gone is not None:
            size = gone.seek(0, os.SEEK_END)
            gone.seek(0)
            gone.write(bytes(size))
            gone.flush()
            os.fsync(gone.fileno())


def _drop(parts: list[tuple[Path, Path]]) -> None:
    for _, new in parts:
        new.unlink(missing_ok=True)


def _in_use(home: Path) -> LibraryError:
    return LibraryError(
        "busy",
        f"Another LabLive window has the library in {home} open.",
        still="Nothing was changed.",
        todo="Close the other windows, then try again.",
    )


def _unchanged(error: BaseException, path: Path) -> LibraryError:
    full = database.sqlite_code(error) == sqlite3.SQLITE_FULL
    return LibraryError(
        "full" if full else "folder",
        f"The passphrase of {path} could not be changed ({error}).",
        still="Each file opens with the passphrase of before or with the new one.",
        todo="Free some space or mend the folder, then try again.",
    )
