"""The library's key in the keyring of the computer, when the clinic wants it there.

The keyring (Windows Credential Manager, macOS Keychain, Secret Service) opens with the
log-in of the person at the computer. Without the library ``keyring`` (extra
``keyring``), or without a keyring, the passphrase is asked for at each start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lablive.library import cipher

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.library.cipher import Key

SERVICE: Final = "LabLive library"
NONE: Final = (
    "This computer has no keyring that LabLive can use: the passphrase is asked for at "
    "each start. (On Linux: the extra 'keyring' and a Secret Service.)"
)


def keep(home: Path, key: Key | None) -> str:
    """Put a key into the keyring, or (None) take it out; return what went wrong."""
    ring = _keyring()
    if ring is None:
        return NONE if key is not None else ""
    try:
        if key is not None:
            ring.set_password(SERVICE, _user(home), cipher.as_text(key))
        elif ring.get_password(SERVICE, _user(home)) is not None:
            ring.delete_password(SERVICE, _user(home))
    except _errors() as error:
        if key is not None:
            return NONE
        return "" if _is_none(error) else f"The keyring kept the key ({error})."
    return ""


def kept(home: Path) -> Key | None:
    """Return the key that the keyring holds for a library; None without one."""
    ring = _keyring()
    if ring is None:
        return None
    try:
        return cipher.from_text(ring.get_password(SERVICE, _user(home)) or "")
    except _errors():
        return None


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        return None
    return keyring


def _errors() -> tuple[type[Exception], ...]:
    from keyring.errors import KeyringError

    return (KeyringError, OSError, RuntimeError, ValueError)


def _is_none(error: Exception) -> bool:
    from keyring.errors import NoKeyringError

    return isinstance(error, NoKeyringError)


def _user(home: Path) -> str:
    return str(home.absolute())
