"""A simulator process and its parent: JSON out, "stop" in, never an orphan."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from lablive.errors import LabLiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_PARENT_CHECK_S: Final = 0.5


class Control:
    """Hear when to end: ``stop`` or end of file on stdin, a signal, a dead parent."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._heard: list[str] = []
        self._parent = os.getppid()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stop.set())
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def stopped(self) -> bool:
        """Whether to end."""
        if os.getppid() != self._parent:
            self._stop.set()
        return self._stop.is_set()

    def has_heard(self, word: str) -> bool:
        """Whether the parent has said a word."""
        return word in self._heard

    @property
    def heard(self) -> tuple[str, ...]:
        """Everything the parent has said, line by line."""
        return tuple(self._heard)

    def wait(self, seconds: float) -> bool:
        """Wait; return early with True when told to end."""
        while seconds > 0 and not self.stopped:
            self._stop.wait(min(seconds, _PARENT_CHECK_S))
            seconds -= _PARENT_CHECK_S
        return self.stopped

    def say(self, **message: Any) -> None:
        """Tell the parent something, as one line of JSON on stdout."""
        try:
            sys.stdout.write(json.dumps(message) + "\n")
            sys.stdout.flush()
        except OSError:  # nobody reads any more
            self._stop.set()

    def _listen(self) -> None:
        # raw reads: a thread inside sys.stdin would abort the interpreter's exit
        line = b""
        while True:
            try:
                data = os.read(0, 1024)
            except OSError:
                data = b""
            line += data
            words = line.split(b"\n")
            self._heard += [
                word.strip().decode("ascii", "replace") for word in words[:-1]
            ]
            if not data or "stop" in self._heard:
                self._stop.set()
                return
            line = words[-1]


class Until:
    """A control that also ends when a word has been said."""

    def __init__(self, control: Control, word: str) -> None:
        self._control, self._word = control, word

    @property
    def stopped(self) -> bool:
        """Whether the word has been said, or all is to end."""
        return self._control.has_heard(self._word) or self._control.stopped

    def wait(self, seconds: float) -> bool:
        """Wait; return whether to end."""
        return self._control.wait(seconds) or self.stopped


def serve(run: Callable[[Control], dict[str, Any]], report: Path | None) -> int:
    """Run a simulator and tell its report, in a file if one is given.

    Returns the exit code: 2 when it could not start, told in one message.
    """
    control = Control()
    try:
        told = run(control)
        if report is not None:
            report.write_text(json.dumps(told), encoding="utf-8")
            told = {"event": "end"}
    except LabLiveError as error:
        control.say(event="error", message=str(error))
        return 2
    except OSError as error:
        control.say(event="error", message=f"The report cannot be written: {error}.")
        return 2
    control.say(**told)
    return 0
