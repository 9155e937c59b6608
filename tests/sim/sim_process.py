"""Start a simulator process, talk to it, and never leave it behind."""

import json
import os
import select
import subprocess
import sys
import time
from typing import Any, Self

START_S = 30.0


class SimProcess:
    """``python -m MODULE ARGUMENTS`` with JSON lines on stdout."""

    def __init__(self, module: str, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._text = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end_of_input()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()

    def hear(self, event: str, seconds: float = START_S) -> dict[str, Any]:
        """Return the next message of a kind; fails on an error message."""
        end_s = time.monotonic() + seconds
        while (message := self._next(end_s))["event"] != event:
            assert message["event"] != "error", message
        return message

    def stop(self) -> None:
        self.tell("stop")

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n".encode())
        self.process.stdin.flush()

    def end_of_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _next(self, end_s: float) -> dict[str, Any]:
        assert self.process.stdout is not None
        number = self.process.stdout.fileno()
        while b"\n" not in self._text:
            left_s = end_s - time.monotonic()
            ready = select.select([number], [], [], max(0.0, left_s))[0]
            assert ready, "the simulator said nothing in time"
            data = os.read(number, 65536)
            assert data, "the simulator ended without a word"
            self._text += data
        line, _, self._text = self._text.partition(b"\n")
        return json.loads(line)


def open_port(path: str) -> int:
    """Open a pseudo-terminal as a serial driver does."""
    return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)


def read_port(
    port: int, enough: int | None = None, quiet_s: float | None = None
) -> bytes:
    """Read until ``enough`` bytes came, the cable is pulled or nothing comes."""
    if quiet_s is None:  # a busy computer may pause the sender: be patient for enough
        quiet_s = 1.0 if enough is None else 10.0
    found = b""
    while enough is None or len(found) < enough:
        if not select.select([port], [], [], quiet_s)[0]:
            break
        try:
            data = os.read(port, 65536)
        except OSError:  # unplugged
            break
        if not data:
            break
        found += data
    return found
