"""The app's half of the lab: asks the host, reads the rings, runs the pipeline.

No Qt and no wires: the window, the headless recorder and the demo drive the same
object by calling :meth:`LiveSession.poll`. It never waits for the host; answers come
back in a later poll.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.clock import now_s
from lablive.errors import ConfigError, LabLiveError, LinkError, RecordingError
from lablive.live.feed import LiveFeed
from lablive.live.reports import HostReport, RecordingEnd, RecordingStart
from lablive.names import HeaderKey
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import Binding, bind
from lablive.signals.montage import StandingWindow, parse_montage, to_toml

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.link import LinkClient
    from lablive.messages import Chunk, Gap, SourceSpec
    from lablive.pipeline import Result
    from lablive.signals.calibration import Calibration
    from lablive.signals.montage import Montage

ASK_EVERY_S: Final = 0.5
SILENT_HOST_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Tick:
    """What one poll brought: new rows and gaps, and what the pipeline made of them."""

    items: list[Chunk | Gap]
    results: list[Result]


@dataclass(slots=True)
class Recording:
    """The recording that this session runs or has joined."""

    path: Path
    started_s: float
    parts: list[Path] = field(default_factory=list)


class LiveSession:
    """Everything between the host program and the screen.

    Parameters
    ----------
    start_host
        Joins or starts the host; called again when it has died.
    montage
        The room's montage; None = made from what the streams say of themselves.
    """

    def __init__(
        self,
        start_host: Callable[[], LinkClient],
        *,
        montage: Montage | None = None,
        settings: PipelineSettings | None = None,
    ) -> None:
        self._start_host = start_host
        self._wanted_montage = montage
        self._settings = settings or PipelineSettings()
        self._specs: dict[str, SourceSpec] = {}
        self._pending: dict[int, Callable[[Any], None]] = {}
        self._asked_s = 0.0
        self._answered_s = now_s()
        self._restart: threading.Thread | None = None
        self._new_link: LinkClient | LabLiveError | None = None
        self._resume_header: dict[str, str] | None = None
        self.troubles: list[str] = []
        self.link: LinkClient | None = start_host()
        self.feed = LiveFeed()
        self.report: HostReport | None = None
        self.montage: Montage | None = None
        self.binding: Binding | None = None
        self.calibration: Calibration | None = None
        self.pipeline: Pipeline | None = None
        self.recording: Recording | None = None
        self.last_trial: RecordingEnd | None = None
        self.finished: Pipeline | None = None  # of the last recording, to the last row
        self._stopping = False
        self._draining = False

    # -- what the operator does ---------------------------------------------------

    def add_source(self, spec: SourceSpec) -> None:
        """Ask the host to open a device; its state comes with the reports."""
        self._specs[spec.id] = spec
        self._ask("add_source", lambda _: None, spec=msgspec.to_builtins(spec))

    @property
    def source_ids(self) -> set[str]:
        """Sources that are open."""
        return {s.spec.id for s in self.report.sources} if self.report else set()

    def discover(self, then: Callable[[Any], None]) -> None:
        """Ask the host what is connected to this machine."""
        self._ask("discover", then)

    def remove_source(self, source_id: str) -> None:
        """Ask the host to close a device."""
        self._specs.pop(source_id, None)
        self._ask("remove_source", lambda _: None, id=source_id)

    def calibrate(self, calibration: Calibration | None) -> None:
        """Use a calibration, or none, from now on (a recording keeps its own)."""
        self.calibration = calibration
        if self.recording is None:
            self._new_pipeline()

    def start_recording(
        self, path: Path, header: dict[str, str], spill: Path | None = None
    ) -> None:
        """Ask the host to record; the trial carries montage and calibration."""
        if self.recording is not None:
            raise RecordingError(
                "A recording is running already.", todo="Stop it before you start."
            )
        full = dict(header)
        if self.montage is not None:
            # a room's standing window was not used live, so replay must not either
            used = msgspec.structs.replace(self.montage, calibration=StandingWindow())
            full[HeaderKey.MONTAGE] = to_toml(used)
        if self.calibration is not None:
            full[HeaderKey.CALIBRATION] = msgspec.json.encode(self.calibration).decode()
        self._resume_header = full
        self._ask(
            "start_recording",
            self._started,
            path=str(path.absolute()),
            header=full,
            spill=str(spill or ""),
        )

    def stop_recording(self) -> None:
        """Ask the host to close the trial; :attr:`last_trial` says when it has.

        Until it answers no further row is taken, so that the live results end with
        exactly the last recorded row.
        """
        self._stopping = True
        self.last_trial = None
        self._ask("stop_recording", self._stopped)

    def marker(self, text: str, kind: str = "marker") -> None:
        """Write an operator event now, on the lab clock."""
        self._ask("marker", lambda _: None, text=text, kind=kind, t_s=now_s())

    # -- the tick -----------------------------------------------------------------

    def poll(self) -> Tick:
        """Take everything new: answers of the host, rows, results. Never waits."""
        self._take_answers()
        self._watch_host()
        items = [] if self._stopping else self.feed.poll()
        results: list[Result] = []
        if self.pipeline is not None:
            for item in items:
                results += self.pipeline.feed(item)
        if self._draining and self.feed.drained:
            results += self._end_recording()
        return Tick(items, results)

    def close(self) -> None:
        """Leave the host alone; it ends by itself when nobody needs it."""
        if self.link is not None:
            self.link.close()
            self.link = None

    # -- talking to the host ------------------------------------------------------

    def _ask(self, method: str, then: Callable[[Any], None], **params: Any) -> None:
        if self.link is None:
            self.troubles.append("The recording program is being started again.")
            return
        try:
            self._pending[self.link.post(method, **params)] = then
        except LinkError as error:
            self.troubles.append(str(error))

    def _take_answers(self) -> None:
        if self.link is None:
            return
        for reply in self.link.replies():
            then = self._pending.pop(reply.id, None)
            self._answered_s = now_s()
            if reply.error is not None:
                self.troubles.append(str(reply.error))
            elif then is not None:
                then(reply.result)
        now = now_s()
        if now - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now
            self._ask("status", self._take_report)

    def _take_report(self, answer: Any) -> None:
        report = msgspec.convert(answer, HostReport, strict=False)
        self.report = report
        known = {info.id for info in self.feed.streams}
        fresh = False
        for source in report.sources:
            for info, ring in zip(source.streams, source.rings, strict=True):
                if ring and info.id not in known:
                    self.feed.attach(Path(ring))
                    fresh = True
        if self._stopping or self._draining:
            return
        listed = {info.id for source in report.sources for info in source.streams}
        gone = known - listed
        if gone and self.recording is None:
            self.feed.detach(gone)
            fresh = True
        if self.recording is None and report.recording is not None:
            self._join(report)
        elif fresh and self.recording is None:
            self._new_pipeline()
        elif fresh and report.recording is not None:
            self._rejoin(report)
        self._resume(report)

    # -- pipeline -----------------------------------------------------------------

    def _new_pipeline(self) -> None:
        """Bind the montage to what is there and begin afresh."""
        streams = self.feed.streams
        self.montage = self.binding = self.pipeline = None
        if not streams:
            return
        try:
            self.montage = self._wanted_montage or auto_montage(streams)
            binding = bind(self.montage, streams, strict=False)
            self.pipeline = Pipeline(binding, streams, self.calibration, self._settings)
        except ConfigError as error:
            self.troubles.append(str(error))
            return
        self.binding = binding

    def _started(self, answer: Any) -> None:
        start = msgspec.convert(answer, RecordingStart, strict=False)
        path = Path(start.path)
        if self.recording is None:
            self.recording = Recording(path, start.t_s)
        self.recording.parts.append(path)
        self._new_pipeline()
        self.feed.restart(start.first_rows, start.t_s)

    def _stopped(self, answer: Any) -> None:
        self.last_trial = msgspec.convert(answer, RecordingEnd, strict=False)
        self.feed.stop_at(self.last_trial.last_rows)
        self._stopping, self._draining = False, True
        self._resume_header = None

    def _end_recording(self) -> list[Result]:
        results = self.pipeline.finish() if self.pipeline is not None else []
        self.finished = self.pipeline
        self._draining = False
        self.recording = None
        self.feed.go_free()
        self._new_pipeline()
        return results

    def _join(self, report: HostReport) -> None:
        """Go on with a recording that another run of the app has started."""
        if report.recording is None:
            return
        path = Path(report.recording.path)
        self.recording = Recording(path, report.recording.started_s, [path])
        self._rejoin(report)

    def _rejoin(self, report: HostReport) -> None:
        running = report.recording
        if running is None:
            return
        header = self.feed.rejoin(
            Path(running.path), running.first_rows, running.started_s
        )
        self._resume_header = dict(header)
        if HeaderKey.MONTAGE in header:
            self._wanted_montage = parse_montage(
                header[HeaderKey.MONTAGE], "the trial's own montage"
            )
        if HeaderKey.CALIBRATION in header:
            from lablive.signals.calibration import parse_calibration

            self.calibration = parse_calibration(header[HeaderKey.CALIBRATION])
        self._new_pipeline()

    # -- a host that died ---------------------------------------------------------

    def _watch_host(self) -> None:
        if self._restart is not None:
            self._take_new_link()
            return
        silent_s = now_s() - self._answered_s
        dead = self.link is not None and not self.link.alive
        if dead or (self._pending and silent_s > SILENT_HOST_S):
            self._lose_host(dead=dead)

    def _lose_host(self, *, dead: bool) -> None:
        what = "stopped" if dead else "does not answer"
        lost = (
            ""
            if self.recording is None
            else (
                f" Everything up to then is in {self.recording.path}; the recording "
                "goes on in a new file."
            )
        )
        self.troubles.append(
            f"The recording program {what} and is being started again.{lost}"
        )
        self.close()
        self._pending.clear()
        self._restart = threading.Thread(
            target=self._find_host, name="find host", daemon=True
        )
        self._restart.start()

    def _find_host(self) -> None:
        try:
            self._new_link = self._start_host()
        except LabLiveError as error:
            self._new_link = error

    def _take_new_link(self) -> None:
        found = self._new_link
        if found is None or self._restart is None:
            return
        self._restart.join()
        self._restart = self._new_link = None
        self._answered_s = now_s()
        if isinstance(found, LabLiveError):
            self.troubles.append(str(found))
            return
        self.link = found
        self.feed = LiveFeed()
        self.report = self.pipeline = None
        for spec in self._specs.values():
            self.add_source(spec)

    def _resume(self, report: HostReport) -> None:
        """Begin the next part once the devices of a lost host are back."""
        recording, header = self.recording, self._resume_header
        if recording is None or header is None or report.recording is not None:
            return
        if not report.sources or any(not s.streams for s in report.sources):
            return
        # another recording, not a part of the first: rows were lost in between
        stem, number = recording.path.stem, len(recording.parts) + 1
        path = recording.path.with_name(f"{stem}-continued{number}.xdf")
        following = header | {HeaderKey.PART_OF: recording.path.name}
        self._resume_header = None  # asked once
        self._ask(
            "start_recording",
            lambda answer: self._resumed(answer, header),
            path=str(path),
            header=following,
            spill="",
        )

    def _resumed(self, answer: Any, header: dict[str, str]) -> None:
        self._resume_header = header
        self._started(answer)
