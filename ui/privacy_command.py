"""``lablive library`` passphrase, lock, delete-person, operator; the journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lablive import journal as chain
from lablive.errors import LibraryError
from lablive.library.cipher import FORGOTTEN
from lablive.recording.folders import home
from ui.ending import FINDING, OK
from ui.typed import as_admin, open_lock, secret

# no markup: names of files may hold brackets
_out = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)


def set_passphrase(*, remove: bool, remember: bool) -> int:
    """Set, change or remove the passphrase of library and backups."""
    from lablive.library import passphrase

    place = home()
    as_admin(place)
    open_lock(place)
    if remove:
        done = passphrase.remove_passphrase(place)
        chain.note(place, "passphrase removed", files=done.files)
        _out.print(f"{done.files} files can be read without a passphrase now.")
    else:
        new = secret("New passphrase")
        if secret("Once more") != new:
            raise LibraryError(
                "wrong",
                "The two are not the same.",
                still="Nothing was changed.",
                todo="Type the new passphrase twice.",
            )
        done = passphrase.set_passphrase(place, new)
        chain.note(place, "passphrase set", files=done.files)
        _out.print(f"{done.files} files (library and backups) are locked now.")
        _out.print(FORGOTTEN)
        if remember and (told := passphrase.unlock(place, new, remember=True)):
            _out.print(told)
    for text in done.left:
        _out.print(f"Not changed: {text}")
    return FINDING if done.left else OK


def lock() -> int:
    """Take the key out of the computer's keyring: the passphrase is asked for again."""
    from lablive.library import cipher, passphrase, remembered

    told = remembered.keep(home(), None)
    if told:
        _out.print(told)
        return FINDING
    if cipher.is_locked(passphrase.locked_file(home())):
        _out.print("The passphrase is asked for from now on.")
        return OK
    _out.print(
        "The library has no passphrase: lablive library passphrase sets one.",
    )
    return FINDING


def delete_person(code: str, *, yes: bool) -> int:
    """Delete everything there is of a person, after telling what it is."""
    from lablive.library.forgetting import belongings, forget
    from lablive.library.opening import open_library

    place = home()
    as_admin(place)
    open_lock(place)
    library = open_library(place)
    try:
        found = belongings(library, code)
        _refuse_recording(found.code)
        for path in (*found.folders, *found.files):
            _out.print(f"to be deleted: {path}")
        for entry in found.handed_on:
            _out.print(f"to be deleted if unchanged: {entry.path}")
        _out.print(f"to be written anew without {found.code}: the database")
        for path in found.copies:
            _out.print(f"to be written anew without {found.code}: {path}")
        if not yes:
            typed = typer.prompt(f"Type {found.code} to delete this person for ever")
            if typed != found.code:
                _out.print("Nothing was deleted.")
                return FINDING
        done = forget(library, found.code)
    finally:
        library.close()
    _out.print(
        f"{found.code} is deleted: {done.sessions} sessions, {done.trials} trials, "
        f"{done.copies} backups cleaned, {done.handed_on} files handed on."
    )
    for text in done.left:
        _out.print(text)
    return FINDING if done.left else OK


def operator(name: str, role: str, idle_min: float | None, *, remove: bool) -> int:
    """Add somebody who may unlock the window, take them out, or list them."""
    from lablive.library import operators

    place = home()
    if not name and idle_min is None:
        held = operators.load(place)
        for it in held.people:
            _out.print(f"{it.role:10}{it.name}")
        after = f"locks after {held.idle_min:g} idle minutes"
        _out.print(f"The window {after}." if held.wanted else "No operators: no lock.")
        return OK
    as_admin(place)
    if idle_min is not None:
        operators.set_idle(place, idle_min)
        _out.print(f"The window locks after {idle_min:g} idle minutes.")
    if name and remove:
        operators.remove(place, name)
        chain.note(place, "operator removed", operator=name)
        _out.print(f"{name} may not unlock the window any more.")
    elif name:
        new = secret(f"PIN of {name}")
        operators.add(place, name, "admin" if role == "admin" else "operator", new)
        chain.note(place, "operator added", operator=name, role=role)
        _out.print(f"{name} may unlock the window.")
    return OK


def journal(
    verify: Annotated[
        bool, typer.Option("--verify", help="look for changed or missing lines")
    ] = False,
    last: Annotated[int, typer.Option(min=1, help="how many lines to show")] = 20,
    code: Annotated[str, typer.Option(help="only those of this person code")] = "",
) -> None:
    """Show who did what when; look for lines that were changed."""
    if verify:
        found = chain.verify(home())
        for text in found.problems:
            _out.print(text)
        _out.print(f"{found.lines} lines, head {found.head or 'none'}")
        if not found.problems:
            _out.print("no line was changed, moved or taken out")
        raise typer.Exit(FINDING if found.problems else OK)
    lines = chain.lines(home())
    if code:
        lines = [it for it in lines if str(it.about.get("code", "")) == code]
    for it in lines[-last:]:
        about = ", ".join(f"{key} {value}" for key, value in it.about.items())
        _out.print(f"{it.number:6}  {it.at}  {it.who}  {it.what}  {about}")
    if not lines:
        _out.print("no lines")
    raise typer.Exit(OK)


def _refuse_recording(code: str) -> None:
    """Refuse while the host records this person."""
    from lablive.errors import LinkError
    from lablive.library.found import read_name
    from lablive.live.link import LinkClient, run_dir

    try:
        client = LinkClient.connect(run_dir())
    except LinkError:
        return
    try:
        recording = client.call("status").get("recording")
    except LinkError:
        return
    finally:
        client.close()
    name = read_name(Path(recording["path"]).parent.name) if recording else None
    if name is not None and name[1].casefold() == code.casefold():
        raise LibraryError(
            "busy",
            f"{code} is being recorded.",
            still="Nothing was deleted; the recording goes on.",
            todo="Stop it first.",
        )
