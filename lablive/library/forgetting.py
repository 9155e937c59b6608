"""Delete a person: everything of theirs that this computer has, and what it has not.

Found by the code: database and every backup of it, session folders with all that was
worked out, calibrations, recordings in the spill folder, files that were handed on.
What cannot be reached is named, for a person to delete by hand.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lablive import journal
from lablive.errors import LibraryError
from lablive.library import cipher, database, people
from lablive.library.backup import listed
from lablive.library.found import read_name, session_folders
from lablive.library.passphrase import changing
from lablive.library.store import BACKUPS
from lablive.names import HeaderKey
from lablive.recording.continued import header_texts
from lablive.recording.folders import spill_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.journal import HandedOn
    from lablive.library.store import Library


class Belongings(NamedTuple):
    """What there is of a person.

    Attributes
    ----------
    folders
        Session folders and calibrations.
    files
        Recordings in the spill folder, with what lies beside them.
    copies
        Backups and put-aside databases, whoever is in them.
    handed_on
        What the journal knows to have left the library.
    known
        The database has the code.
    """

    code: str
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    copies: tuple[Path, ...]
    handed_on: tuple[HandedOn, ...]
    known: bool

    @property
    def trials(self) -> int:
        """How many recordings are among them."""
        found = [it for folder in self.folders for it in folder.rglob("*.xdf")]
        return len(found) + sum(it.suffix == ".xdf" for it in self.files)


class Forgotten(NamedTuple):
    """What was deleted, and what a person must delete by hand (one sentence each)."""

    sessions: int
    trials: int
    copies: int
    handed_on: int
    left: tuple[str, ...]


def belongings(library: Library, code: str) -> Belongings:
    """Return everything there is of a person; nothing is changed.

    Raises
    ------
    LibraryError
        Kind ``unknown``: nothing has this code.
    """
    home = library.home
    key = code.casefold()
    folders = [
        folder
        for folder in session_folders(home)
        if (name := read_name(folder.name)) is not None and name[1].casefold() == key
    ]
    people = home / "people"
    kept = sorted(people.iterdir()) if people.is_dir() else []
    folders += [folder for folder in kept if folder.name.casefold() == key]
    person = library.person(code)
    aside = sorted(home.glob("library-aside-*.sqlite3"))
    found = Belongings(
        person.code if person else code,
        tuple(folders),
        tuple(_spilled(library, key)),
        (*(it.path for it in listed(home / BACKUPS)), *aside),
        tuple(journal.handed_on_of(home, code)),
        person is not None,
    )
    if not (found.known or found.folders or found.files or found.handed_on):
        raise LibraryError(
            "unknown",
            f"There is nobody with the code {code}.",
            still="Nothing was deleted.",
            todo="Look for the code on the People page.",
        )
    return found


def forget(library: Library, code: str) -> Forgotten:
    """Delete everything there is of a person; the journal says that, and no more.

    It can be done again when something was left.

    Raises
    ------
    LibraryError
        ``unknown``: see above; ``read_only``, ``busy``, ``full``: nothing of the
        database was deleted, and it can be done again.
    """
    if library.read_only:
        raise database.read_only(library.path)
    if changing(library.home):
        raise LibraryError("busy", "The passphrase is being changed.")
    found = belongings(library, code)
    trials, left = found.trials, list[str]()
    for path in (*found.folders, *found.files):
        left += _deleted(path)
    gone = 0
    for entry in found.handed_on:
        inside = any(Path(entry.path).is_relative_to(it) for it in found.folders)
        told = [] if inside else _deleted_if_ours(entry)
        gone += not told
        left += told
    copies = 0
    for path in found.copies:
        try:
            copies += _cleaned(path, code)
        except (OSError, LibraryError, *database.SQLITE_ERRORS) as error:
            left.append(f"{path} may still hold this person: {error}")
    library.delete_person(code)
    library.empty_log()
    journal.forget_handed_on(library.home, code)
    sessions = sum(it.parent.name == "sessions" for it in found.folders)
    journal.note(
        library.home,
        "person deleted",
        code=found.code,
        sessions=sessions,
        trials=trials,
        left=len(left),
    )
    return Forgotten(sessions, trials, copies, gone, tuple(left))


def _spilled(library: Library, key: str) -> Iterator[Path]:
    """Yield recordings of a code that lie elsewhere, with the files beside them."""
    stems: set[tuple[Path, str]] = set()
    for entry in library.sessions(key):
        for trial in entry.trials:
            if Path(trial.file).is_absolute():
                stems.add((Path(trial.file).parent, Path(trial.file).stem))
    spill = spill_folder()
    for path in spill.glob("*.xdf") if spill.is_dir() else ():
        said = (header_texts(path) or {}).get(HeaderKey.CODE, "")
        if said.casefold() == key:
            stems.add((spill, path.stem))
    for folder, stem in sorted(stems):
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_file() and path.name.partition(".")[0] == stem:
                yield path


def _deleted(path: Path) -> list[str]:
    """Delete a file or folder; return what could not be deleted."""
    left: list[str] = []

    def note(_: object, name: str, error: object) -> None:
        why = error[1] if isinstance(error, tuple) else error
        left.append(f"{name} could not be deleted ({why}).")

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=note)
        return left
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        left.append(f"{path} could not be deleted ({error.strerror}).")
    return left


def _deleted_if_ours(entry: HandedOn) -> list[str]:
    """Delete a file that was handed on when it is what was written then."""
    path = Path(entry.path)
    if entry.sha256:
        try:
            with path.open("rb") as opened:
                same = hashlib.file_digest(opened, "sha256").hexdigest()
        except FileNotFoundError:
            if path.parent.is_dir():
                return []  # it was deleted or moved
            same = ""
        except OSError:
            same = ""
        if same == entry.sha256:
            return _deleted(path)
    elif not path.exists() and path.parent.is_dir():
        return []
    return [f"{path} was made on {entry.at[:10]} ({entry.kind}): delete it by hand."]


def _cleaned(path: Path, code: str) -> int:
    """Write a copy of the database anew without a person; 0: they were not in it."""
    with closing(database.connect(path, read_only=True)) as held:
        if not people.has_row(held, code):
            return 0
    part = path.with_name(f"{path.name}.new")
    try:
        part.unlink(missing_ok=True)
        part.touch(0o600)
        with (
            closing(database.connect(path, read_only=True)) as held,
            closing(database.connect(part, like=path)) as copy,
        ):
            held.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute("BEGIN IMMEDIATE")
            people.delete_rows(copy, code)
            copy.execute("COMMIT")
            copy.execute("VACUUM")
            told = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok" or cipher.is_locked(part) != cipher.is_locked(path):
            raise database.damaged(path, told)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
        for end in ("-wal", "-shm"):
            path.with_name(path.name + end).unlink(missing_ok=True)
    finally:
        part.unlink(missing_ok=True)
    return 1
