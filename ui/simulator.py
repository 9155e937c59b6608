"""The simulated lab as a program beside the app: devices without hardware.

It speaks through the same wires a lab has (a pseudo-terminal and LSL), so everything
behind the plug is the real thing.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from typing import Any

from lablive.errors import DeviceError
from lablive.messages import SourceSpec
from lablive.programs import own_program

READY_S = 30.0
END_S = 5.0
MASS_KG = 70.0  # of the simulated runner


class Simulator:
    """Run a module of ``drivers.sim`` and hear what it says.

    Parameters
    ----------
    arguments
        Module and its options, for example ``["drivers.sim.wires", "--id", "a"]``.

    Raises
    ------
    DeviceError
        It did not start; carries its own words.
    """

    def __init__(self, arguments: list[str]) -> None:
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._end: dict[str, Any] | None = None
        self._process = subprocess.Popen(
            own_program(*arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._hear, name="sim", daemon=True)
        self._reader.start()
        try:
            self.ready = self._wait_for("ready", READY_S)
        except DeviceError:
            self.stop()
            raise

    def specs(self) -> list[SourceSpec]:
        """Return how the host opens what is simulated."""
        found: list[SourceSpec] = []
        if self.ready.get("pty"):
            options: dict[str, str | float | bool] = {
                "profile": self.ready["profile"],
                "port": self.ready["pty"],
            }
            found.append(SourceSpec("simulated insoles", "profile", options))
        for stream in self.ready["streams"]:
            options = {"source_id": stream["source_id"]}
            found.append(SourceSpec(stream["name"], "lsl", options))
        return found

    def wait_for(self, event: str, seconds: float) -> dict[str, Any]:
        """Wait for what it says; raises DeviceError when it does not come."""
        return self._wait_for(event, seconds)

    def tell(self, word: str) -> None:
        """Say a word to it (``stand``); one that has ended does not hear it."""
        if self._process.stdin is not None:
            try:
                self._process.stdin.write(f"{word}\n")
                self._process.stdin.flush()
            except OSError:
                pass

    def has_said(self, event: str) -> bool:
        """Whether it has said something by now (without waiting)."""
        with self._said.mutex:
            return any(told.get("event") == event for told in self._said.queue)

    def stop(self) -> dict[str, Any]:
        """End it; return its report of what was sent (empty when it died)."""
        if self._process.poll() is None and self._process.stdin is not None:
            try:
                self._process.stdin.write("stop\n")
                self._process.stdin.close()
            except OSError:
                pass
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(END_S)
        while not self._said.empty():
            told = self._said.get_nowait()
            if told.get("event") == "end":
                self._end = told
        return self._end or {}

    def _hear(self) -> None:
        with self._process.stdout or sys.stdin as lines:
            for line in lines:
                try:
                    self._said.put(json.loads(line))
                except ValueError:
                    continue
        self._said.put({"event": "gone"})

    def _wait_for(self, event: str, seconds: float) -> dict[str, Any]:
        while True:
            try:
                told = self._said.get(timeout=seconds)
            except queue.Empty:
                told = {"event": "silent"}
            if told["event"] == event:
                return told
            if told["event"] == "end":
                self._end = told
            if told["event"] in ("error", "gone", "silent"):
                raise DeviceError(
                    "missing",
                    told.get("message", "The simulated lab did not start."),
                    still="Real devices are not affected.",
                    todo="lablive doctor looks for the cause.",
                )
