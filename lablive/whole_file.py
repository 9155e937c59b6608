"""Write a small file whole or not at all: a reader sees the old or the new one."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import msgspec

from lablive.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


def replace_file(path: Path, data: bytes) -> None:
    """Write a file; raise OSError and leave it as it was."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def add_own_file(own: Path, name: str, text: str, what: str, *, replace: bool) -> Path:
    """Write a TOML file among the lab's own.

    Parameters
    ----------
    own, name
        Its folder, made when it is not there, and its name without ending.
    text
        What it holds, already found right.
    what
        As people call it ("drill").
    replace
        Whether one of that name may give way.

    Raises
    ------
    ConfigError
        There is one of that name, or it cannot be written.
    """
    path = own / f"{name}.toml"
    if path.exists() and not replace:
        raise ConfigError(
            f"The lab has a {what} {name!r} already.",
            todo="Choose another name, or change that one.",
        )
    try:
        own.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise ConfigError(
            f"The {what} could not be written to {path}: {error.strerror}.",
            todo="Look whether the library can be written, then save again.",
        ) from error
    return path


def replace_json(path: Path, value: Any) -> None:
    """Write structs or plain data as indented JSON; raise OSError as above."""
    replace_file(path, msgspec.json.format(msgspec.json.encode(value), indent=1))
