"""A short-lived program beside the window: reports, counting again, long reading."""

from __future__ import annotations

import json
import sys

from PySide6.QtCore import QObject, QProcess, Signal


class Worker(QObject):
    """Run ``python -m MODULE ...`` without holding up the window.

    Signals
    -------
    done
        Everything it printed, when it ended with 0 or 1 (a finding).
    failed
        Its error message.
    progress
        Share done (0 to 1) and the step, from JSON lines it prints.
    """

    done = Signal(str)
    failed = Signal(str)
    progress = Signal(float, str)

    def __init__(self, arguments: list[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(["-m", *arguments])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broken)
        self._text = ""

    def start(self) -> None:
        """Start it."""
        self._process.start()

    def stop(self) -> None:
        """End it at once if it still runs."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    def _read(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode()
        self._text += text
        for line in text.splitlines():
            try:
                told = json.loads(line)
                share = float(told["progress"])
            except (ValueError, TypeError, KeyError):
                continue
            self.progress.emit(share, str(told.get("step", "")))

    def _ended(self, code: int) -> None:
        self._read()
        said = bytes(self._process.readAllStandardError().data()).decode().strip()
        if code in (0, 1) and self._text.strip():
            self.done.emit(self._text)
        elif code == 0:
            self.done.emit("")
        else:
            self.failed.emit(said or f"The worker program ended with code {code}.")

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit("The worker program could not be started.")
