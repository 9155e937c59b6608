"""A short-lived program beside the window: reports, counting again, long reading."""

from __future__ import annotations

import json

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from lablive.library import cipher
from lablive.programs import own_program


class Worker(QObject):
    """Run ``python -m MODULE ...`` without holding up the window.

    Signals
    -------
    done
        Everything it printed, when it ended well: with 0, or with a finding.
    failed
        Its error message.
    progress
        Share done (0 to 1) and the step, from JSON lines it prints.
    line
        Each other JSON object that it prints as a line.

    Parameters
    ----------
    arguments
        Module and what follows it.
    finding
        Exit code 1 with a result printed is a finding, not an error.
    """

    done = Signal(str)
    failed = Signal(str)
    progress = Signal(float, str)
    line = Signal(object)

    def __init__(
        self,
        arguments: list[str],
        parent: QObject | None = None,
        *,
        finding: bool = False,
    ) -> None:
        super().__init__(parent)
        self._finding = finding
        self._process = QProcess(self)
        program, *words = own_program(*arguments)
        self._process.setProgram(program)
        self._process.setArguments(words)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broken)
        self._text = ""
        self._cut = ""  # a line of which only the beginning has come
        self.said = ""  # on standard error, once it has ended

    def start(self) -> None:
        """Start it, with the library as open or locked as it is here."""
        surroundings = QProcessEnvironment.systemEnvironment()
        for name, value in cipher.handed_on().items():
            surroundings.insert(name, value)
        self._process.setProcessEnvironment(surroundings)
        self._process.start()

    def stop(self) -> None:
        """End it at once if it still runs."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(1000)

    def end(self) -> None:
        """Ask it to end, so that it takes away what it began; then end it."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.terminate()
            self._process.waitForFinished(1000)
        self.stop()

    def _read(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode()
        self._text += text
        *lines, self._cut = (self._cut + text).split("\n")
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            if isinstance(told, dict) and "progress" in told:
                self.progress.emit(float(told["progress"]), str(told.get("step", "")))
            elif isinstance(told, dict):
                self.line.emit(told)

    def _ended(self, code: int) -> None:
        self._read()
        said = bytes(self._process.readAllStandardError().data()).decode().strip()
        self.said = said
        told = self._finding and code == 1 and bool(self._text.strip())
        if code == 0 or told:
            self.done.emit(self._text)
        else:
            self.failed.emit(said or f"The worker program ended with code {code}.")

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self.failed.emit("The worker program could not be started.")
