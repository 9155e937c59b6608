"""Files and folders that are there whole or not at all."""

from __future__ import annotations

import contextlib
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from lablive.errors import ConfigError, RecordingError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


Kind = Literal["file", "folder", "group"]


@contextmanager
def whole(out: Path, kind: Kind = "file") -> Generator[Path]:
    """Give a place beside ``out`` to write to, and make it ``out`` at the end.

    Whatever ends the writing early (a full disk, Ctrl+C) leaves nothing behind.

    Parameters
    ----------
    out
        The result; never overwritten.
    kind
        One file, a folder, or a file with others beside it that belong to it.

    Raises
    ------
    ConfigError
        It exists, or the folder it belongs into does not.
    RecordingError
        It cannot be written.
    """
    check_place(out)
    part = out.with_name(f"{out.name}.part")
    try:
        _remove(part)  # of an export that was killed
        if kind != "file":
            part.mkdir()
        yield part / out.name if kind == "group" else part
        if out.exists():
            raise _exists(out)
        if kind == "group":
            for own in sorted(part.iterdir(), key=lambda it: it.name == out.name):
                own.replace(out.with_name(own.name))  # the file itself comes last
            part.rmdir()
        else:
            part.rename(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            _remove(part)
        raise RecordingError(
            f"{out} cannot be written ({error.strerror or error}).",
            still="The trial is as it was, nothing is left behind.",
            todo="Free some space, or choose another folder.",
        ) from error
    except BaseException:  # also Ctrl+C: half an export is none
        with contextlib.suppress(OSError):
            _remove(part)
        raise


def check_place(out: Path) -> None:
    """Raise ConfigError unless something new can be made there."""
    if out.exists():
        raise _exists(out)
    if not out.absolute().parent.is_dir():
        raise ConfigError(
            f"{out}: the folder it belongs into does not exist.",
            todo="Make it, or choose another with --out.",
        )


def _exists(out: Path) -> ConfigError:
    return ConfigError(
        f"{out} exists already and is never overwritten.",
        still="What is there was not touched.",
        todo="Choose another name with --out.",
    )


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
