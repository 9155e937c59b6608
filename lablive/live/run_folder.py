"""The folder where host and app meet: who is the host, and where it listens.

The host holds ``host.lock`` as long as it lives, and writes its port and token into
``host.json``, which only its user can read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import warnings
from pathlib import Path
from typing import IO, Annotated, Final

import msgspec
import platformdirs

from lablive.errors import LinkError
from lablive.live.lines import PROTOCOL, message
from lablive.locks import try_lock

CLAIM_S: Final = 0.5  # a client's look at the lock takes microseconds


class HostFile(msgspec.Struct, frozen=True):
    """``host.json``: where the host listens, and the secret it wants to hear."""

    pid: int
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    token: str
    version: int
    started: str


def run_dir() -> Path:
    """Return the folder where host and app meet, made if need be.

    ``LABLIVE_RUN``, or else the platform's user runtime folder.

    Raises
    ------
    LinkError
        It cannot be made, or other users could write into it.
    """
    chosen = os.environ.get("LABLIVE_RUN")
    with warnings.catch_warnings():  # without a login session it is a folder in /tmp
        warnings.simplefilter("ignore")
        folder = Path(chosen) if chosen else platformdirs.user_runtime_path("lablive")
    _make(folder)
    found = folder.stat()
    if os.name == "posix" and (found.st_uid != os.getuid() or found.st_mode & 0o002):
        raise LinkError(
            f"{folder}: other users of this computer could write there.",
            todo="Set LABLIVE_RUN to a folder of your own.",
        )
    return folder


class Claim:
    """The right to be the one host of a run folder; ends with the process at latest.

    Attributes
    ----------
    token
        The secret of this host.
    """

    def __init__(self, folder: Path, lock: IO[bytes]) -> None:
        self.token = secrets.token_urlsafe(32)
        self._file = folder / "host.json"
        self._lock = lock
        self._file.unlink(missing_ok=True)  # of a host that died

    def publish(self, port: int) -> None:
        """Write ``host.json``, whole or not at all, readable by this user only."""
        started = time.strftime("%Y-%m-%d %H:%M:%S")
        told = HostFile(os.getpid(), port, self.token, PROTOCOL, started)
        part = self._file.with_suffix(".part")
        try:
            part.unlink(missing_ok=True)
            part.touch(0o600, exist_ok=False)
            part.write_bytes(msgspec.json.encode(told))
            part.replace(self._file)
        except OSError as error:
            raise _unusable(self._file.parent, error) from error

    def release(self) -> None:
        """Let another host have the folder. Callable twice."""
        if not self._lock.closed:
            self._file.unlink(missing_ok=True)
            self._lock.close()


def claim(folder: Path) -> Claim:
    """Become the host of a run folder.

    Raises
    ------
    LinkError
        A host lives there already, or the folder cannot be used.
    """
    _make(folder)
    until_s = time.monotonic() + CLAIM_S
    try:
        while (lock := _lock(folder)) is None:
            if time.monotonic() > until_s:
                raise LinkError(
                    f"A recording program ({name_host(folder)}) has {folder} already.",
                    still="It goes on undisturbed.",
                    todo="Use that one, or end it first.",
                )
            time.sleep(0.02)
        return Claim(folder, lock)
    except OSError as error:
        raise _unusable(folder, error) from error


def is_held(folder: Path) -> bool:
    """Tell whether a host lives in a run folder (or one that others guard)."""
    try:
        lock = _lock(folder)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    if lock is not None:
        lock.close()
    return lock is None


def read_host(folder: Path) -> HostFile:
    """Return what the host of a run folder has published.

    Raises
    ------
    LinkError
        It is no such file.
    OSError
        There is none, or it belongs to somebody else.
    """
    return message((folder / "host.json").read_bytes(), HostFile)


def name_host(folder: Path) -> str:
    """Return the host's name in messages, with its process number if known."""
    with contextlib.suppress(OSError, LinkError):
        host = read_host(folder)
        return f"host, process {host.pid}, running since {host.started}"
    return "host"


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> LinkError:
    return LinkError(
        f"{folder}: cannot be used as the run folder: {error}.",
        todo="Set LABLIVE_RUN to a folder of your own.",
    )


def _lock(folder: Path) -> IO[bytes] | None:
    """Return the locked lock file, None when a host holds it (until it dies)."""
    return try_lock(folder / "host.lock")
