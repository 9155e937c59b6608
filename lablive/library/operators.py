"""Who may unlock the window, and what only an admin may: ``<library>/operators.json``.

Without operators nothing is locked and everybody may everything. PINs are kept as
scrypt hashes. This guards the window, not the disk: whoever has the log-in of the
computer can change this file (docs/privacy.md).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from lablive.errors import ConfigError, LibraryError
from lablive.structs import from_json
from lablive.whole_file import replace_json

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "operators.json"
SCHEMA: Final = 1
SHORTEST: Final = 4
IDLE_MIN: Final = 10.0
LONGEST_IDLE_MIN: Final = 240.0
Role = Literal["operator", "admin"]


class Operator(msgspec.Struct, frozen=True):
    """Somebody who works here; ``name`` stands in the journal."""

    name: str
    role: Role
    salt: str
    pin: str


class Operators(msgspec.Struct, frozen=True):
    """Everybody, and after how many idle minutes the window locks."""

    schema: int = SCHEMA
    idle_min: float = IDLE_MIN
    people: tuple[Operator, ...] = ()

    @property
    def wanted(self) -> bool:
        """Whether the window locks at all."""
        return bool(self.people)

    def with_pin(self, pin: str) -> Operator | None:
        """Return whose PIN it is; None: nobody's."""
        found = None
        for it in self.people:  # all of them: the time tells nothing
            if hmac.compare_digest(_hash(pin, bytes.fromhex(it.salt)), it.pin):
                found = it
        return found


def load(home: Path) -> Operators:
    """Return who works with a library.

    Raises
    ------
    ConfigError
        The file is there and cannot be read: then nobody is let in by it.
    """
    path = home / FILE
    try:
        found = from_json(path.read_bytes(), Operators)
        for it in found.people:
            bytes.fromhex(it.salt)
    except FileNotFoundError:
        return Operators()
    except (OSError, ValueError) as error:  # msgspec's errors are ValueErrors
        raise ConfigError(
            f"{path} cannot be read ({error}).",
            still="Recording goes on.",
            todo="An administrator of the computer puts back a copy, or deletes the "
            "file: then nothing is locked.",
        ) from error
    return found


def add(home: Path, name: str, role: Role, pin: str) -> Operators:
    """Add somebody, or give them another PIN or role.

    Raises
    ------
    LibraryError
        The PIN is too short or taken, the name is empty, or there would be no admin.
    """
    name = " ".join(name.split())
    held = load(home)
    others = tuple(it for it in held.people if it.name != name)
    if not name or len(pin) < SHORTEST:
        raise _wrong(f"An operator has a name, and a PIN of {SHORTEST} or more.")
    if msgspec.structs.replace(held, people=others).with_pin(pin) is not None:
        raise _wrong("This PIN is somebody else's: the journal could not tell you.")
    if role != "admin" and not any(it.role == "admin" for it in others):
        raise _wrong("The first operator, and always one, is an admin.")
    salt = os.urandom(16)
    made = Operator(name, role, salt.hex(), _hash(pin, salt))
    return _save(home, msgspec.structs.replace(held, people=(*others, made)))


def remove(home: Path, name: str) -> Operators:
    """Take somebody out; the last admin goes last.

    Raises
    ------
    LibraryError
        Nobody has this name, or others would be left without an admin.
    """
    held = load(home)
    others = tuple(it for it in held.people if it.name != name)
    if len(others) == len(held.people):
        raise _wrong(f"There is no operator {name}.")
    if others and not any(it.role == "admin" for it in others):
        raise _wrong(f"{name} is the last admin.")
    return _save(home, msgspec.structs.replace(held, people=others))


def set_idle(home: Path, idle_min: float) -> Operators:
    """Set after how many idle minutes the window locks (1 to 240).

    Raises
    ------
    LibraryError
        It is out of range.
    """
    if not 1.0 <= idle_min <= LONGEST_IDLE_MIN:
        raise _wrong(f"The window locks after 1 to {LONGEST_IDLE_MIN:.0f} minutes.")
    return _save(home, msgspec.structs.replace(load(home), idle_min=idle_min))


def _save(home: Path, operators: Operators) -> Operators:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_json(home / FILE, operators)
        (home / FILE).chmod(0o600)
    except OSError as error:
        raise LibraryError(
            "folder",
            f"{home / FILE} cannot be written ({error.strerror}).",
            still="Who may unlock is as it was.",
            todo="Free some space or mend the folder.",
        ) from error
    return operators


def _hash(pin: str, salt: bytes) -> str:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1).hex()


def _wrong(what: str) -> LibraryError:
    return LibraryError("wrong", what, still="Nothing was changed.")
