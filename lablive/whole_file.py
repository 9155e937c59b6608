"""Write a small file whole or not at all: a reader sees the old or the new one."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import msgspec

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


def replace_json(path: Path, value: Any) -> None:
    """Write structs or plain data as indented JSON; raise OSError as above."""
    replace_file(path, msgspec.json.format(msgspec.json.encode(value), indent=1))
