"""Start the host program, or join the one that is running."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from lablive.clock import now_s
from lablive.errors import LinkError
from lablive.live.link import LinkClient
from lablive.programs import NO_CONSOLE, own_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START_S = 20.0  # a cold start of numpy and the drivers on a slow clinic computer


def attach(folder: Path) -> LinkClient | None:
    """Return a link to the host running in ``folder``, None when there is none.

    Raises
    ------
    LinkError
        When a host is there but refuses.
    """
    try:
        return LinkClient.connect(folder)
    except LinkError as error:
        if error.no_host:
            return None
        raise


def attach_or_start(folder: Path, *, idle_s: float = 60.0) -> LinkClient:
    """Join the host of ``folder``; start one when none answers.

    Raises
    ------
    LinkError
        When the host cannot be started; names its log.
    """
    link = attach(folder)
    if link is not None:
        return link
    try:
        return start(folder, idle_s=idle_s)
    except LinkError:
        link = attach(folder)  # another app has started one at the same time
        if link is None:
            raise
        return link


def begin(folder: Path) -> Callable[[], LinkClient]:
    """Begin to join or start the host of ``folder`` while the caller goes on.

    Returns what gives the link: the first call waits for it and raises what
    :func:`attach_or_start` raises, later ones join or start a host again.
    """
    pool = ThreadPoolExecutor(1, "find host")
    first = [pool.submit(attach_or_start, folder)]
    pool.shutdown(wait=False)
    return lambda: first.pop().result() if first else attach_or_start(folder)


def start(folder: Path, *, idle_s: float = 60.0) -> LinkClient:
    """Start a host program that outlives this one, and link to it.

    Raises
    ------
    LinkError
        When it cannot be started; names its log.
    """
    log_path = folder / "host.log"
    command = own_program("drivers.host")
    command += ["--run-dir", str(folder), "--idle-s", str(idle_s)]
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with log_path.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a signal to the app must not reach the host
                creationflags=NO_CONSOLE,
            )
    except OSError as error:
        raise _not_started(f"({error})", "Try again.") from error
    if not _said_ready(process):
        with contextlib.suppress(OSError):
            process.kill()
        process.wait()
        raise _not_started("", f"Its last words are in {log_path}.")
    # collect its end whenever it comes, so that no zombie stays behind
    threading.Thread(target=process.wait, name="host end", daemon=True).start()
    return LinkClient.connect(folder)


def _not_started(why: str, todo: str) -> LinkError:
    return LinkError(
        f"The recording program (host) did not start{why and ' ' + why}.",
        still="Recordings on disk are safe.",
        todo=todo,
    )


def _said_ready(process: subprocess.Popen[bytes]) -> bool:
    """Wait for the line ``ready`` on the host's standard output."""
    if process.stdout is None:
        return False
    with process.stdout as stdout:
        if os.name == "nt":  # select does not take pipes there
            return stdout.readline().strip() == b"ready"
        until = now_s() + START_S
        while now_s() < until:
            readable, _, _ = select.select([stdout], [], [], 0.2)
            if readable:
                return stdout.readline().strip() == b"ready"
            if process.poll() is not None:
                return False
    return False
