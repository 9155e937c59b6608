"""The library's file under a passphrase: SQLCipher 4, and the keys this process holds.

A passphrase becomes a key as SQLCipher itself makes it (PBKDF2-HMAC-SHA512, 256,000
rounds, the salt in the file's first 16 bytes), so that any program that knows SQLCipher
opens the file with the passphrase alone. Decision 39.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from lablive.errors import LibraryError

if TYPE_CHECKING:
    from pathlib import Path

PAGE: Final = 4096
SHORTEST: Final = 8  # letters; below that guessing is quick
FORGOTTEN: Final = (
    "Nobody can open the names without the passphrase, LabLive's makers neither. Keep "
    "it in two places. Trials stay readable: they carry codes only."
)
HANDED_ON: Final = "LABLIVE_LIBRARY_KEY"  # to a worker that this program starts
_SALT: Final = 16
_KEY: Final = 32
_ROUNDS: Final = 256_000
_MAC: Final = 64
_MAC_SALT: Final = 0x3A  # SQLCipher: the salt of the check is the salt XOR this
_PLAIN: Final = b"SQLite format 3\0"
_PAGES_TRIED: Final = 64
# a page of random bytes has nearly every value; a damaged plain one has not
_VALUES_OF_RANDOM: Final = 240


class Key(NamedTuple):
    """The key of a file and of its backups."""

    raw: bytes
    salt: bytes

    @property
    def words(self) -> str:
        """As SQLCipher wants it in a statement."""
        return f"\"x'{self.raw.hex()}{self.salt.hex()}'\""


class _Statements(Protocol):
    def execute(self, sql: str, /) -> object: ...


_held: dict[bytes, Key] = {}  # by salt


def new_key(passphrase: str) -> Key:
    """Return a key of a passphrase that was not used before.

    Raises
    ------
    LibraryError
        It is too short.
    """
    if len(passphrase) < SHORTEST:
        raise LibraryError(
            "wrong",
            f"A passphrase has {SHORTEST} characters or more.",
            still="Nothing was changed.",
            todo="Take four or five words that only this clinic puts together.",
        )
    return _derived(passphrase, os.urandom(_SALT))


def is_locked(path: Path) -> bool:
    """Tell whether a file is one that needs a key."""
    first = _first_page(path)
    if len(first) < PAGE or first.startswith(_PLAIN):
        return False
    return len(set(first)) >= _VALUES_OF_RANDOM


def salt_of(path: Path) -> bytes:
    """Return what tells the keys of files apart."""
    return _first_page(path)[:_SALT]


def key_of(path: Path) -> Key | None:
    """Return the key that this process holds for a file; None: it needs none.

    Raises
    ------
    LibraryError
        Kind ``locked``: it needs one that is not here.
    """
    if not is_locked(path):
        return None
    held = _held.get(salt_of(path))
    if held is None:
        raise LibraryError(
            "locked",
            f"The names in {path} are locked by a passphrase.",
            still="Recording and replay work; trials are filed under their codes.",
            todo="Unlock it with the passphrase. If none was ever set here, the file "
            "is damaged: bring back a backup.",
        )
    return held


def unlock(path: Path, passphrase: str) -> Key:
    """Hold the key of a file from now on.

    Raises
    ------
    LibraryError
        Kind ``passphrase``: it does not fit; nothing was changed.
    """
    key = _derived(passphrase, salt_of(path))
    if not fits(path, key):
        raise LibraryError(
            "passphrase",
            "The passphrase does not fit.",
            still="Nothing was changed; recording and replay work.",
            todo="Look at capitals and the keyboard's language, and type it again. "
            "Nobody can open the names without it.",
        )
    hold(key)
    return key


def hold(key: Key) -> None:
    """Open files of this key from now on."""
    _held[key.salt] = key


def forget() -> None:
    """Open no locked file any more."""
    _held.clear()


def fits(path: Path, key: Key) -> bool:
    """Tell whether a key is that of a file, one or the other page damaged or not."""
    if key.salt != salt_of(path):
        return False
    check = hashlib.pbkdf2_hmac(
        "sha512", key.raw, bytes(it ^ _MAC_SALT for it in key.salt), 2, _KEY
    )
    with contextlib.suppress(OSError), path.open("rb") as file:
        for number in range(1, _PAGES_TRIED + 1):
            page = file.read(PAGE)
            if len(page) < PAGE:
                break
            begin = _SALT if number == 1 else 0
            said = page[begin:-_MAC] + number.to_bytes(4, "little")
            if hmac.compare_digest(hmac.digest(check, said, "sha512"), page[-_MAC:]):
                return True
    return False


def apply(connection: _Statements, key: Key) -> None:
    """Give a connection that was just opened its key."""
    connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is told by us
    connection.execute(f"PRAGMA key = {key.words}")


def handed_on() -> dict[str, str]:
    """Return what a worker needs in its environment to open what is open here."""
    if not _held:
        return {}
    return {HANDED_ON: ",".join(as_text(key) for key in _held.values())}


def as_text(key: Key) -> str:
    """Return a key as the keyring of the computer keeps it."""
    return f"{key.raw.hex()}{key.salt.hex()}"


def from_text(text: str) -> Key | None:
    """Return the key of a text; None when it is none."""
    try:
        data = bytes.fromhex(text)
    except ValueError:
        return None
    return Key(data[:_KEY], data[_KEY:]) if len(data) == _KEY + _SALT else None


def _derived(passphrase: str, salt: bytes) -> Key:
    typed = unicodedata.normalize("NFC", passphrase).encode()
    return Key(hashlib.pbkdf2_hmac("sha512", typed, salt, _ROUNDS, _KEY), salt)


def _first_page(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(PAGE)
    except FileNotFoundError:
        return b""


def _take_over() -> None:
    """Take the keys that the program which started this one holds."""
    for text in os.environ.pop(HANDED_ON, "").split(","):
        key = from_text(text)
        if key is not None:
            hold(key)


_take_over()
