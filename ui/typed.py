"""Passphrases and PINs on the command line: typed unseen, or one line of a pipe."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING

from lablive import journal
from lablive.errors import LibraryError
from lablive.library import cipher, operators

if TYPE_CHECKING:
    from pathlib import Path


def secret(question: str) -> str:
    """Ask for something nobody should see; without a terminal: the next line."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{question}: ")
    return sys.stdin.readline().rstrip("\r\n")


def open_lock(home: Path) -> None:
    """Unlock the library if it is locked: by the computer's keyring, else by asking.

    Raises
    ------
    LibraryError
        The passphrase does not fit.
    """
    from lablive.library import passphrase  # with the database: only when asked

    path = passphrase.locked_file(home)
    if not cipher.is_locked(path) or _is_held(path):
        return
    if not passphrase.unlock_remembered(home):
        passphrase.unlock(home, secret("Passphrase of the library"))


def open_copy(path: Path) -> None:
    """Ask for the passphrase of a backup that is locked by one not known yet.

    Raises
    ------
    LibraryError
        It does not fit.
    """
    if cipher.is_locked(path) and not _is_held(path):
        cipher.unlock(path, secret(f"Passphrase of {path.name}"))


def as_admin(home: Path) -> None:
    """Let only an admin go on, where the clinic has operators.

    Raises
    ------
    LibraryError
        It is nobody's PIN, or not an admin's.
    """
    held = operators.load(home)
    if not held.wanted:
        return
    who = held.with_pin(secret("PIN of an admin"))
    if who is None or who.role != "admin":
        journal.note(home, "unlock refused")
        raise LibraryError(
            "wrong",
            "This is not the PIN of an admin.",
            still="Nothing was changed.",
            todo="Ask an admin of this clinic.",
        )
    os.environ[journal.OPERATOR] = who.name


def _is_held(path: Path) -> bool:
    try:
        return cipher.key_of(path) is not None
    except LibraryError:
        return False
