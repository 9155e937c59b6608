"""Hosts and apps by the hundred: ``python -m tests.torture.nursery``.

Each is forked from this program, which has loaded their modules once: a host lives
after 0.1 s instead of 1.5 s. Lines in: ``host FOLDER``, ``app FOLDER``. Lines out:
``PID``; of an app also ``joined`` when rows of the running recording reach it.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, cast

MODULES = (
    "drivers.host", "drivers.profile_driver", "drivers.serial_port", "lablive.pipeline",
    "lablive.live.session", "lablive.analysis", "ui.host_process",
    "tests.torture.library",
)  # fmt: skip


def live_host(folder: Path) -> int:
    from drivers.host import main

    log = os.open(folder / "host.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    return main(["--run-dir", str(folder), "--idle-s", "120"])


def live_app(folder: Path) -> int:
    """Attach to the host and take rows, as the window does, until killed."""
    from lablive.live.session import LiveSession
    from ui.host_process import attach_or_start

    session = LiveSession(lambda: attach_or_start(folder))
    pause = threading.Event()
    told = False
    while True:
        rows = session.poll().items
        if rows and session.recording is not None and not told:
            told = True
            os.write(1, b"joined\n")
        pause.wait(0.005)


def live_library(folder: Path) -> int:
    from tests.torture.library import live

    return live(folder)


LIVES = {"host": live_host, "app": live_app, "library": live_library}


def main() -> int:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the killed
    for name in MODULES:
        importlib.import_module(name)
    for line in sys.stdin:
        kind, folder = line.split(maxsplit=1)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os._exit(LIVES[kind](Path(folder.strip())))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    return 0


class Nursery:
    """The same from the other side."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        self._pids: set[int] = set()

    def start(self, kind: str, folder: Path) -> int:
        """Start a host or an app; return its process number."""
        sender = cast("IO[str]", self._process.stdin)
        sender.write(f"{kind} {folder}\n")
        sender.flush()
        while not (told := self.line()).isdigit():
            pass
        self._pids.add(int(told))
        return int(told)

    def line(self) -> str:
        """Return the next line that is said."""
        told = cast("IO[str]", self._process.stdout).readline()
        assert told, "the nursery has ended"
        return told.strip()

    def kill(self, pid: int) -> None:
        """``kill -9``."""
        self._pids.discard(pid)
        os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        for pid in tuple(self._pids):
            try:
                self.kill(pid)
            except ProcessLookupError:
                continue
        for end in (self._process.stdin, self._process.stdout):
            if end is not None:
                end.close()
        self._process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
