"""The recording as the app knows it, and what is said when its host is lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from lablive.live.reports import HostReport, RecordingReport
    from lablive.messages import Marker

_NUMBER: Final = re.compile(r"[\d.]+")


class Faults:
    """What is wrong with the disk, told once although its numbers change."""

    def __init__(self) -> None:
        self._told = ""

    def new(self, running: RecordingReport | None) -> str:
        """Return what is to be told of a recording now, "" = nothing new."""
        fault = running.fault if running is not None else ""
        before, self._told = self._told, _NUMBER.sub("", fault)
        return fault if self._told != before else ""


@dataclass(slots=True)
class Recording:
    """The recording that a session runs or has joined.

    Attributes
    ----------
    path
        Its first file.
    started_s
        When the newest file began, on the lab clock.
    parts
        All files, a new one after each loss of the host.
    interrupted
        Nothing is being written now: the host was lost.
    marks
        Markers this app wrote; one it joined has its earlier ones on disk.
    """

    path: Path
    started_s: float
    parts: list[Path] = field(default_factory=list["Path"])
    interrupted: bool = False
    marks: list[Marker] = field(default_factory=list["Marker"])

    def run_in(self, path: Path, started_s: float) -> None:
        """Note that a file is being written from ``started_s`` on."""
        self.started_s, self.interrupted = started_s, False
        if path not in self.parts:
            self.parts.append(path)


def silence(report: HostReport | None, recording: Recording | None) -> str:
    """Return what to say of a host that does not answer."""
    process = f" (process {report.pid})" if report else ""
    rows = (
        f" What it has stored of {recording.parts[-1].name} is on disk."
        if recording and recording.parts
        else ""
    )
    return (
        f"The recording program{process} does not answer.{rows} It still holds the "
        "devices, so no second one is started; all goes on when it answers. If it "
        "stays silent, end that process: a new one is started by itself."
    )


def loss(recording: Recording | None, *, stopping: bool) -> str:
    """Return what to say when the host has ended, perhaps on the way to a stop."""
    said = "The recording program has stopped and is being started again."
    if recording is None or not recording.parts:
        return said
    said += f" Everything up to 0.1 s before is in {recording.parts[-1]}"
    if stopping:
        return f"{said}."
    return f"{said}; the recording goes on in a new file as soon as a device answers."


def continuation(path: Path) -> str:
    """Return what to say, and to write into the new file, when it goes on."""
    return (
        f"The recording program was lost. The recording goes on in {path.name}; what "
        "came in between is missing."
    )
