"""Begin a recording on a disk that may not answer."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lablive.errors import LabLiveError, RecordingError
from lablive.recording.index import sidecar
from lablive.recording.recorder import Recorder

if TYPE_CHECKING:
    from lablive.messages import StreamInfo

OPEN_S: Final = 5.0


class _Opening:
    """One try to create a trial; whoever comes last, opener or waiter, cleans up."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.recorder: Recorder | None = None
        self.error: LabLiveError | None = None
        self.given_up = False


def open_recorder(
    path: Path,
    streams: list[StreamInfo],
    header: dict[str, str],
    spill_dir: Path | None,
) -> Recorder:
    """Create a trial within 5 s; arguments as those of :class:`Recorder`.

    Raises
    ------
    RecordingError
        The file cannot be created, or the disk does not answer. A file that such a
        disk creates later is removed again: nothing is in it.
    """
    opening = _Opening()

    def run() -> None:
        try:
            made = Recorder(path, streams, header, spill_dir)
        except LabLiveError as error:
            opening.error = error
        else:
            with opening.lock:
                opening.recorder = made
            if opening.given_up:
                _discard(made)
        finally:
            opening.ended.set()

    threading.Thread(target=run, name="opening a trial", daemon=True).start()
    in_time = opening.ended.wait(OPEN_S)
    with opening.lock:
        opening.given_up = not in_time and opening.recorder is None
    if opening.given_up:
        raise RecordingError(
            f"{path}: the disk has not answered for {OPEN_S:g} s, so nothing is "
            "recorded.",
            still="Devices and screen go on.",
            todo="Check the disk or network folder, or choose another one, and start "
            "again.",
        )
    if opening.error is not None:
        raise opening.error
    if opening.recorder is None:  # its thread ended with a fault of the program
        raise RecordingError(
            f"{path}: the recording could not be started.",
            todo="Try again; send us the log.",
        )
    return opening.recorder


def _discard(recorder: Recorder) -> None:
    """Remove a trial that nobody waits for any more."""
    with contextlib.suppress(LabLiveError):
        recorder.close()
    for part in map(Path, recorder.status().parts):
        for file in (part, sidecar(part)):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
