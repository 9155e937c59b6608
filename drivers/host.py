"""The host program: owns every wire, the recorder and the rings; outlives the app."""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import gc
import itertools
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from drivers.lsl_sharing import LslSharing
from drivers.make_driver import make_driver
from drivers.raw_taps import RawTaps
from drivers.recent import KEPT_S
from drivers.sound_desk import SoundDesk
from drivers.source import Source
from lablive import __version__
from lablive.clock import now_s
from lablive.errors import DeviceError, LabLiveError, RecordingError
from lablive.live.link import LinkServer, claim, run_dir
from lablive.live.reports import (
    HostReport,
    RecordingEnd,
    RecordingReport,
    RecordingStart,
    SourceReport,
)
from lablive.messages import Marker, SourceSpec, StreamInfo
from lablive.private import keep_private
from lablive.recording.opening import open_recorder
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.base import Driver
    from drivers.discovery import Search
    from lablive.recording.recorder import Recorder, RecorderStatus

log = logging.getLogger(__name__)

IDLE_S = 60.0  # nobody asked and nothing records for this long: the host ends
TICK_S = 0.25
NICE = -5
_READY_S = 1.0


class Host:
    """Sources, rings and the recorder; the same object runs inside tests.

    Parameters
    ----------
    folder
        The run folder: rings, token and log.
    idle_s
        End by itself after this long without a question and without a recording.
    """

    def __init__(
        self,
        folder: Path,
        *,
        idle_s: float = IDLE_S,
        driver_factory: Callable[[SourceSpec], Driver] = make_driver,
    ) -> None:
        self._taps = RawTaps(driver_factory)
        self._idle_s = idle_s
        self._lock = threading.RLock()
        self._sources: dict[str, Source] = {}
        self._parked: list[Source] = []  # disconnected while recording
        self._new_id = itertools.count(1).__next__  # without a lock on the drivers
        self._recorder: Recorder | None = None
        self._closing: Recorder | None = None  # takes nothing any more
        self._turn = threading.Lock()  # to start or stop; taken before the other one
        self._started_s = 0.0
        self._spill = ""
        self._first_rows: dict[int, int] = {}
        self._asked_s = now_s()
        self._search: Search | None = None
        self._sharing = LslSharing(self._open_sources)
        self._desk = SoundDesk(self.marker)
        self._ended = threading.Event()
        self._claim = claim(folder)
        # a folder of its own: an app may still hold the rings of a host that died
        for old in folder.glob("rings-*"):
            shutil.rmtree(old, ignore_errors=True)
        self._rings = Path(tempfile.mkdtemp(prefix="rings-", dir=folder))
        self._server = LinkServer(self._claim.token, self._answer)
        self._claim.publish(self._server.port)

    # -- life ---------------------------------------------------------------------

    def run(self) -> None:
        """Serve until shut down or idle."""
        while not self._ended.wait(TICK_S):
            if self._is_idle():
                log.info("nobody needs this host any more")
                break
        self.close()

    def end(self) -> None:
        """Ask :meth:`run` to return (safe in a signal handler)."""
        self._ended.set()

    def close(self) -> None:
        """Finish the recording, close every wire, stop listening. Callable twice."""
        self._ended.set()  # nothing is started from here on
        with contextlib.suppress(LabLiveError):
            self.stop_recording()
        self._sharing.close()
        self._desk.sound_off()
        with self._lock:
            sources, self._sources = list(self._sources.values()), {}
        for source in sources:
            source.stop()
        self._server.close()
        shutil.rmtree(self._rings, ignore_errors=True)
        self._claim.release()

    def _open_sources(self) -> dict[str, Source]:
        with self._lock:
            return dict(self._sources)

    def _is_idle(self) -> bool:
        with self._lock:
            records = self._recorder or self._closing
            return records is None and now_s() - self._asked_s > self._idle_s

    # -- what the app can ask -----------------------------------------------------

    def _answer(self, method: str, params: dict[str, Any]) -> Any:
        self._asked_s = now_s()
        ask = {
            "hello": self.hello,
            "status": self.status,
            "add_source": self.add_source,
            "remove_source": self.remove_source,
            "start_recording": self.start_recording,
            "stop_recording": self.stop_recording,
            "marker": self.marker,
            "set_values": self.set_values,
            "discover": self.discover,
            "shutdown": self.shutdown,
            **self._sharing.methods,
            **self._desk.methods,
        }.get(method)
        if ask is None:
            raise LabLiveError(
                f"The host does not know {method!r}.",
                todo="App and host may be of different versions: restart both.",
            )
        return msgspec.to_builtins(ask(**params), str_keys=True)

    def hello(self) -> dict[str, Any]:
        """Say who answers."""
        return {"pid": os.getpid(), "version": __version__}

    def status(self) -> HostReport:
        """Return the health of every source and of the recording."""
        with self._lock:
            sources = list(self._sources.values())
            recording = self._recording_report()
        return HostReport(
            pid=os.getpid(),
            version=__version__,
            now_s=now_s(),
            sources=tuple(self._taps.told(source.report()) for source in sources),
            recording=recording,
            sharing=self._sharing.report(),
        )

    def add_source(self, spec: dict[str, Any], wait_s: float = 0.0) -> SourceReport:
        """Open a device; with ``wait_s`` wait for its first answer."""
        wanted = from_plain(spec, SourceSpec)
        with self._lock:
            if wanted.id in self._sources:
                known = self._sources[wanted.id]
                if known.spec == wanted:  # asked for again: no longer wait to try
                    known.retry()
                    return known.report()
                raise DeviceError(
                    "ambiguous",
                    f"A source named {wanted.id!r} is open already.",
                    todo="Remove it first or use another name.",
                )
            source = self._unpark(wanted)
            if source is None:
                source = Source(wanted, self._taps.make, self._new_id, self._rings)
                source.record_into(self._recorder)
                source.start()
            self._sources[wanted.id] = source
        if wait_s > 0:
            source.wait_ready(wait_s)
        return source.report()

    def remove_source(self, id: str) -> None:
        """Close a device; what it has recorded stays in the trial.

        Connected again during the same recording, it goes on as the same streams.
        """
        with self._lock:
            source = self._sources.pop(id, None)
            recording = self._recorder is not None
            if source is not None and recording:
                self._parked.append(source)
        if source is None:
            raise DeviceError("missing", f"There is no source named {id!r}.")
        if recording:
            source.park()
        else:
            source.stop()

    def start_recording(
        self, path: str, header: dict[str, str], spill: str = "", before_s: float = 0.0
    ) -> RecordingStart:
        """Write every stream to ``path``, from ``before_s`` before now on.

        A disk that hangs holds nobody else up.
        """
        folder = Path(spill) if spill else None
        with self._turn:
            infos = self._ready_to_record()
            recorder = open_recorder(Path(path), infos, header, folder)
            with self._lock:  # devices that came meanwhile are recorded, too
                self._recorder, self._spill = recorder, spill
                past_s = min(max(before_s, 0.0), KEPT_S)
                self._started_s = now_s() - past_s  # before the first row
                since_s = self._started_s if past_s else float("inf")
                self._first_rows = {}
                for source in self._sources.values():
                    self._first_rows |= source.record_into(recorder, since_s)
                self._taps.begin(Path(path), folder, self._sources)
                return RecordingStart(path, self._started_s, dict(self._first_rows))

    def _ready_to_record(self) -> list[StreamInfo]:
        """Return the streams there are; RecordingError when nothing can begin."""
        with self._lock:
            if self._ended.is_set():
                raise RecordingError("The host is ending.", todo="Try again later.")
            if self._recorder is not None:
                raise RecordingError(
                    "A recording is running already.",
                    still="It goes on.",
                    todo="Stop it before you start another.",
                )
            infos = [i for source in self._sources.values() for i in source.infos]
        if not infos:
            raise RecordingError(
                "No stream is connected, so there is nothing to record.",
                todo="Connect a device first.",
            )
        return infos

    def stop_recording(self) -> RecordingEnd:
        """Close the trial file; a disk that hangs holds nobody else up."""
        parked: list[Source] = []
        with self._turn:
            try:
                with self._lock:
                    recorder = self._recorder
                    if recorder is None:
                        raise RecordingError("No recording is running.")
                    last_rows: dict[int, int] = {}
                    parked, self._parked = self._parked, []
                    for source in (*self._sources.values(), *parked):
                        last_rows |= source.record_into(None)
                    self._recorder, self._closing = None, recorder
                self._taps.end()
                final = recorder.close()
                told = recorder.status()
            finally:  # also when the disk failed: nobody can connect them again
                self._closing = None
                for source in parked:
                    source.stop()
        return RecordingEnd(str(final), _parts(told), last_rows, told.fault or "")

    def marker(
        self, text: str, kind: str = "marker", t_s: float | None = None
    ) -> float:
        """Write an operator event; returns its time on the lab clock."""
        stamp = now_s() if t_s is None else t_s
        with self._lock:
            if self._recorder is None:
                raise RecordingError(
                    "The marker was not stored: no recording is running.",
                    todo="Start the recording first.",
                )
            self._recorder.marker(Marker(stamp, text, kind))
        return stamp

    def set_values(self, id: str, values: dict[str, float]) -> None:
        """Give a source the numbers that a person reads off (belt speed by hand).

        Raises
        ------
        DeviceError
            There is no such source, or it takes no numbers.
        """
        with self._lock:
            source = self._sources.get(id)
        if source is None:
            raise DeviceError("missing", f"There is no source named {id!r}.")
        source.wait_ready(_READY_S)  # it may have been added just now
        source.set_values(values)

    def discover(self, *, bluetooth: bool = False) -> Any:
        """List what the newest look at this machine found, and look again.

        ``bluetooth``: begin a search there, too, unless one is running.
        """
        from drivers.discovery import Search  # LSL is loaded when it is needed

        if self._search is None:
            self._search = Search()
        return self._search.newest(bluetooth=bluetooth)

    def shutdown(self) -> None:
        """End the host after this answer."""
        threading.Timer(0.1, self.end).start()

    def _unpark(self, wanted: SourceSpec) -> Source | None:
        """Let the source go on that was disconnected during this recording."""
        for source in self._parked:
            if source.spec == wanted:
                self._parked.remove(source)
                source.resume()
                return source
        return None

    def _recording_report(self) -> RecordingReport | None:
        recorder = self._recorder or self._closing
        if recorder is None:
            return None
        told = recorder.status()
        return RecordingReport(
            path=str(told.path),
            started_s=self._started_s,
            elapsed_s=now_s() - self._started_s,
            bytes=told.bytes,
            rows=dict(told.rows),
            first_rows=dict(self._first_rows),
            free_bytes=told.free_bytes,
            fault=told.fault or "",
            parts=_parts(told),
            spill=self._spill,
            gaps=told.gaps,
        )


def _parts(told: RecorderStatus) -> tuple[str, ...]:
    return tuple(str(part) for part in told.parts)


def main(arguments: list[str] | None = None) -> int:
    """Run the host program; exit code 0, or 1 when another host is running."""
    parser = argparse.ArgumentParser(prog="lablive-host", description=__doc__)
    parser.add_argument("--run-dir", type=Path, default=None)
    parser.add_argument("--idle-s", type=float, default=IDLE_S)
    options = parser.parse_args(arguments)
    keep_private()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    with contextlib.suppress(RuntimeError):  # no standard error on this platform
        faulthandler.enable()  # a crash in C leaves its last words in the log
    try:
        host = Host(options.run_dir or run_dir(), idle_s=options.idle_s)
    except LabLiveError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):  # the last one not on Windows
        if number := getattr(signal, name, None):
            signal.signal(number, lambda *_: host.end())
    with contextlib.suppress(OSError, AttributeError):
        os.nice(NICE)  # allowed for some users only; the host works without it
    # nothing made so far will be freed, and a full collection would stop every
    # driver thread for its whole length
    gc.freeze()
    gc.set_threshold(700, 10, 100_000)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    host.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
