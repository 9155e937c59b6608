"""``lablive library``: is it well; a copy, back to one, anew; who may read names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Literal

import typer

from lablive import journal
from lablive.errors import ConfigError, LibraryError
from lablive.library import cipher
from lablive.recording.folders import home
from ui import privacy_command
from ui.ending import FINDING, OK
from ui.typed import open_copy, open_lock

Task = Literal[
    "check", "backup", "restore", "rebuild",
    "passphrase", "lock", "delete-person", "operator",
]  # fmt: skip


def library(
    task: Annotated[Task, typer.Argument(help="what to do")] = "check",
    copy: Annotated[
        str, typer.Option("--from", help="backup to restore; default: the newest")
    ] = "",
    code: Annotated[str, typer.Option(help="delete-person: whose code")] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="delete-person: ask no more")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="passphrase, operator: take away")
    ] = False,
    remember: Annotated[
        bool, typer.Option("--remember", help="passphrase: also in the keyring here")
    ] = False,
    name: Annotated[str, typer.Option(help="operator: who")] = "",
    role: Annotated[
        Literal["operator", "admin"], typer.Option(help="operator: what they may")
    ] = "operator",
    idle: Annotated[
        float | None, typer.Option(help="operator: minutes until the window locks")
    ] = None,
) -> None:
    """Check, back up, restore the library; lock its names; delete a person."""
    if task == "lock":
        raise typer.Exit(privacy_command.lock())
    if task == "operator":
        told = privacy_command.operator(name, role, idle, remove=remove)
        raise typer.Exit(told)
    if task == "passphrase":
        raise typer.Exit(
            privacy_command.set_passphrase(remove=remove, remember=remember)
        )
    if task == "delete-person":
        if not code:
            raise ConfigError(
                "lablive library delete-person needs --code.",
                still="Nothing was deleted.",
                todo="The code stands on the People page.",
            )
        raise typer.Exit(privacy_command.delete_person(code, yes=yes))
    if task == "restore":
        raise typer.Exit(_restore(Path(copy) if copy else None))
    open_lock(home())
    run = {"check": _check, "backup": _backup, "rebuild": _rebuild}
    raise typer.Exit(run[task]())


def _check() -> int:
    """Look through database and session folders; names are not printed."""
    from lablive.library.opening import backups_of, open_library

    copies = backups_of(home())
    newest = f", the newest of {copies[0].made}" if copies else ""
    found = open_library(home())
    try:
        told = list(found.notes)
        if not found.read_only:
            told += found.sync().problems
        people = found.everyone()
        sessions = [entry for it in people for entry in found.sessions(it.code)]
    finally:
        found.close()
    locked = cipher.is_locked(found.path)
    readable = sum(not cipher.is_locked(copy.path) for copy in copies)
    if locked and readable:
        told.append(
            f"{readable} of the backups can be read without a passphrase: lablive "
            "library passphrase, with a new one or the same, locks them too."
        )
    states = Counter(trial.state for entry in sessions for trial in entry.trials)
    listed = ", ".join(f"{count} {state}" for state, count in states.most_common())
    typer.echo(f"{found.path}: opens")
    names = "locked by a passphrase" if locked else "readable without a passphrase"
    typer.echo(f"names     {names}")
    typer.echo(f"people    {len(people)}, {sum(not it.name for it in people)} unnamed")
    typer.echo(f"sessions  {len(sessions)}")
    typer.echo(f"trials    {states.total()}{': ' if listed else ''}{listed}")
    typer.echo(f"backups   {len(copies)}{newest}")
    for text in told:
        typer.echo(text)
    bad = states["damaged"] + states["missing"] + states["not complete"]
    return FINDING if bad or told else OK


def _backup() -> int:
    from lablive.library import backup
    from lablive.library.opening import open_library
    from lablive.library.store import BACKUPS

    found = open_library(home())
    try:
        made = backup.make(found.path, home() / BACKUPS)
    finally:
        found.close()
    typer.echo(f"Backup written to {made.path}")
    return OK


def _restore(copy: Path | None) -> int:
    """Put a copy in the place of the database, and find the sessions since."""
    from lablive.library.opening import backups_of, open_library, restore_backup
    from lablive.library.store import FILE

    copies = [backup.path for backup in backups_of(home())]
    wanted = copy or next(iter(copies), None)
    if wanted is None:
        raise LibraryError(
            "missing",
            f"There is no backup of the library in {home()}.",
            still="Nothing was changed.",
            todo="lablive library rebuild finds the sessions, without names.",
        )
    _refuse_open(home() / FILE)
    open_copy(wanted)
    aside = restore_backup(home(), wanted)
    found = open_library(home())
    try:
        synced = found.sync()
    finally:
        found.close()
    journal.note(home(), "backup restored", backup=wanted.name)
    typer.echo(f"{wanted.name} is the library now; {synced.trials} trials found since.")
    if aside is not None:
        typer.echo(f"What was there is {aside}")
    return OK


def _rebuild() -> int:
    """Fill the database from the session folders; a new one when it does not open."""
    from lablive.library.opening import begin_anew, open_library
    from lablive.library.store import FILE

    try:
        found = open_library(home())
    except LibraryError as error:
        if error.kind not in ("missing", "damaged"):
            raise
        _refuse_open(home() / FILE)
        aside = begin_anew(home())
        journal.note(home(), "library made anew")
        typer.echo("The database was made anew from the session folders: codes only.")
        if aside is not None:
            typer.echo(f"What was there is {aside}")
        return OK
    try:
        told = found.sync()
    finally:
        found.close()
    typer.echo(f"{told.sessions} sessions looked through, {told.trials} trials new.")
    for text in told.problems:
        typer.echo(text)
    return FINDING if told.problems else OK


def _refuse_open(path: Path) -> None:
    """Refuse to move a database that a window has open."""
    from lablive.locks import try_lock

    lock = try_lock(path.with_name("library.lock")) if path.parent.is_dir() else None
    if lock is None and path.parent.is_dir():
        raise LibraryError(
            "busy",
            f"A LabLive window has {path} open.",
            still="Nothing was changed.",
            todo="Close it, or restore from its People page.",
        )
    if lock is not None:
        lock.close()
