"""The file of the database: made, opened, checked, brought to this version.

:func:`connect` is the only place where the file is opened, with its key when it has one
(:mod:`.cipher`). SQLite comes with SQLCipher: one program for both kinds of file.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, text
from sqlcipher3 import dbapi2

from lablive.errors import LibraryError
from lablive.library import cipher

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

APPLICATION_ID: Final = 0x4C614C76  # "LaLv": a file of another program is not touched
BUSY_S: Final = 5.0  # another window writes for milliseconds
MIGRATIONS: Final = Path(__file__).parent / "migrations"
_OPEN_TODO: Final = "Choose another library folder (LABLIVE_HOME), or mend this one."


sqlcipher: Final[Any] = dbapi2  # its types are not told; those of sqlite3 hold
SQLITE_ERRORS: Final[tuple[type[Exception], ...]] = (sqlite3.Error, sqlcipher.Error)


def connect(
    path: Path, *, read_only: bool = False, like: Path | None = None
) -> sqlite3.Connection:
    """Open the database file.

    Parameters
    ----------
    path
        The file; made when it is not there.
    read_only
        Nothing can be changed, not even the files beside it.
    like
        A new file gets the key of this one.

    Raises
    ------
    SQLITE_ERRORS
        It does not open.
    LibraryError
        Kind ``locked``: it needs a passphrase first.
    """
    key = cipher.key_of(like or path)
    made = open_with(path, "ro" if read_only else "rwc", key)
    if read_only:
        try:
            made.execute("PRAGMA schema_version").fetchone()
        except sqlcipher.OperationalError:
            made.close()
            beside = path.with_name(f"{path.name}-wal")
            if beside.exists() and beside.stat().st_size:
                raise
            # a folder that cannot be written: nobody else writes there either
            made = open_with(path, "ro&immutable=1", key)
    made.execute("PRAGMA foreign_keys = ON")
    made.execute("PRAGMA secure_delete = ON")
    if not read_only:
        made.execute("PRAGMA journal_mode = WAL")  # readers never wait for a writer
        made.execute("PRAGMA synchronous = FULL")  # what was stored outlives the power
    return made


def open_with(path: Path, mode: str, key: cipher.Key | None) -> sqlite3.Connection:
    """Open a file with a key, in a mode of SQLite's (``ro``, ``rw``, ``rwc``)."""
    made = sqlcipher.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    if key is not None:
        cipher.apply(made, key)
    return made


def engine(path: Path, *, read_only: bool = False) -> Engine:
    """Return the engine of a database file; transactions begin when they are told to.

    SQLite's own way takes the lock for writing with the first change, and then cannot
    wait for another window: so every writing transaction takes it at its begin.
    """
    made = create_engine(
        "sqlite://",
        module=sqlcipher,
        creator=lambda: connect(path, read_only=read_only),
        pool_size=2,
        hide_parameters=True,  # names must not reach a log
    )
    how = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    def begin(connection: Connection) -> None:
        wanted = connection.get_execution_options().get("lablive_begin", how)
        connection.exec_driver_sql(wanted)

    event.listen(made, "begin", begin)
    return made


def check_file(path: Path) -> None:
    """Refuse a file that cannot be trusted; nothing in it is changed.

    Raises
    ------
    LibraryError
        Kind ``damaged``, ``foreign`` or ``locked``.
    SQLITE_ERRORS
        It does not open.
    """
    try:
        with closing(connect(path, read_only=True)) as held:
            owner = held.execute("PRAGMA application_id").fetchone()[0]
            tables = held.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
            told = [row[0] for row in held.execute("PRAGMA quick_check(3)")]
            loose = held.execute("PRAGMA foreign_key_check").fetchone()
    except sqlcipher.DatabaseError as error:
        if sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise damaged(path, str(error)) from error
        raise
    if owner != APPLICATION_ID and tables:
        raise LibraryError(
            "foreign",
            f"{path} is a database of another program.",
            still="It was not changed. Recording and replay work.",
            todo=_OPEN_TODO,
        )
    if told != ["ok"] or loose:
        raise damaged(path, "; ".join(told) if told != ["ok"] else "loose rows")


def migrate(held: Engine, path: Path, before: Callable[[str], object]) -> bool:
    """Bring a database to this version of the program, all steps or none.

    Parameters
    ----------
    held
        Engine of the file.
    path
        The file, for messages.
    before
        Called with the old version when there is one to keep: makes the backup.

    Returns
    -------
    bool
        Whether anything changed.

    Raises
    ------
    LibraryError
        Kind ``newer``: a later program has written it. It is as it was.
    """
    script = ScriptDirectory.from_config(_config())
    head = script.get_current_head()
    version = version_of(held)
    if version == head:
        return False
    known = {step.revision for step in script.walk_revisions()}
    if version is not None and version not in known:
        raise LibraryError(
            "newer",
            f"{path} was written by a newer LabLive (version {version} of the library, "
            f"this program knows {head}).",
            still="It was not changed. Recording and replay work.",
            todo="Install the newer LabLive here.",
        )
    if version is not None:
        before(version)
    with held.begin() as connection:
        if _version(connection) == version:  # else another window was quicker
            command.upgrade(_config(connection), "head")
            connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    return True


def version_of(held: Engine) -> str | None:
    """Return the version of the tables in a file; None when it has none."""
    with held.connect() as connection:
        return _version(connection.execution_options(lablive_begin="BEGIN"))


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return made


def sqlite_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code of an error; 0 when it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def damaged(path: Path, told: str) -> LibraryError:
    """Return the message of a file that cannot be trusted."""
    return LibraryError(
        "damaged",
        f"The database of people and sessions, {path}, is damaged ({told}).",
        still="It was not changed. Recording and replay work; the trials are files of "
        "their own.",
        todo="Go back to a backup; sessions recorded since are found again.",
    )


def in_words(error: BaseException, path: Path) -> LibraryError:
    """Return what a failed change or question means, in one message."""
    code = sqlite_code(error)
    nothing = "Nothing was stored; what was there is as it was."
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return damaged(path, str(error))
    if code == sqlite3.SQLITE_FULL:
        return LibraryError(
            "full",
            f"The disk of {path.parent} is full.",
            still=nothing,
            todo="Free some space, then try again.",
        )
    if code == sqlite3.SQLITE_READONLY:
        return read_only(path)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return LibraryError(
            "busy",
            f"Another program has held the library for {BUSY_S:.0f} s.",
            still=nothing,
            todo="Try again; close other LabLive windows if it stays so.",
        )
    return LibraryError(
        "folder",
        f"The library {path} cannot be used ({error}).",
        still=f"{nothing} Recording and replay work.",
        todo=_OPEN_TODO,
    )


def read_only(path: Path) -> LibraryError:
    """Return the message of a change that is not possible here."""
    return LibraryError(
        "read_only",
        f"The library folder {path.parent} can be read but not changed.",
        still="People and sessions can be looked at.",
        todo="Ask for the right to write there, or set LABLIVE_HOME to another folder.",
    )
