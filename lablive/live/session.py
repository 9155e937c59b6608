"""The app's half of the lab: asks the host, reads the rings, runs the pipeline.

No Qt and no wires: window, headless recorder and demo call :meth:`LiveSession.poll`. It
never waits for the host; answers come back in a later poll. Pipeline and metrics are
loaded when the first stream comes, so that a window need not wait for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from lablive.clock import now_s
from lablive.errors import ConfigError, LabLiveError, LinkError, RecordingError
from lablive.live.devices import Devices
from lablive.live.feed import LiveFeed
from lablive.live.reports import (
    HostReport,
    RecordingEnd,
    RecordingReport,
    RecordingStart,
)
from lablive.live.running import Faults, Recording, continuation, loss, silence
from lablive.messages import Marker
from lablive.names import HeaderKey
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lablive.live.link import LinkClient
    from lablive.messages import Chunk, Gap
    from lablive.pipeline import Pipeline, PipelineSettings, Result
    from lablive.signals.binding import Binding
    from lablive.signals.calibration import Calibration
    from lablive.signals.calibrations import Calibrations
    from lablive.signals.montage import Montage, Subject

ASK_EVERY_S: Final = 0.3  # a stall is known after 0.5 s and must be seen within 1 s
ASK_LOST_S: Final = 0.05  # while the wait for a device costs rows


@dataclass(frozen=True, slots=True)
class Tick:
    """What one poll brought: new rows and gaps, and what the pipeline made of them."""

    items: list[Chunk | Gap]
    results: list[Result]


class LiveSession(Devices):
    """Everything between the host program and the screen.

    Parameters
    ----------
    start_host, wait
        As of :class:`lablive.live.devices.Devices`.
    montage
        The room's montage; None = made from what the streams say of themselves.
    settings
        Of the pipeline; None = the usual ones.
    """

    def __init__(
        self,
        start_host: Callable[[], LinkClient],
        *,
        montage: Montage | None = None,
        settings: PipelineSettings | None = None,
        wait: bool = True,
    ) -> None:
        super().__init__(start_host, wait=wait)
        self._wanted_montage = montage
        self._settings = settings
        self._asked_s = 0.0
        self.subject: Subject | None = None  # of the person; None: as the montage says
        self._header: dict[str, str] | None = None  # of the recording, while there is
        self._spill = ""
        self._faults = Faults()
        self._missed = 0
        self._elsewhere = False  # go on in the spill folder
        self._stopping = self._draining = False
        self.feed = LiveFeed()
        self.montage: Montage | None = None
        self.binding: Binding | None = None
        self._calibrations: Calibrations | None = None  # None: nothing was calibrated
        self.pipeline: Pipeline | None = None
        self.recording: Recording | None = None
        self.last_trial: RecordingEnd | None = None
        self.last_files: list[Path] = []  # of that recording, one per host it has had
        self.finished: Pipeline | None = None  # of the last recording, to the last row

    # -- what the operator does ---------------------------------------------------

    @property
    def calibrations(self) -> Calibrations:
        """All that is calibrated."""
        from lablive.signals.calibrations import Calibrations

        return self._calibrations or Calibrations()

    @property
    def calibration(self) -> Calibration | None:
        """That of the insoles."""
        return self._calibrations.insole if self._calibrations else None

    def calibrate(self, calibrations: Calibrations) -> None:
        """Use these calibrations from now on (a recording keeps its own)."""
        self._calibrations = calibrations
        self.begin_afresh()

    def begin_afresh(self) -> None:
        """Begin the live results anew; a recording keeps its own."""
        if self.recording is None:
            self._new_pipeline()

    def start_recording(
        self,
        path: Path,
        header: dict[str, str],
        spill: Path | None = None,
        before_s: float = 0.0,
    ) -> None:
        """Ask the host to record, the last ``before_s`` (20 s at most) included."""
        if self.recording is not None or self._host.is_asked("start_recording"):
            raise RecordingError(
                "A recording is running already.", todo="Stop it before you start."
            )
        from lablive.live import terms

        self._header = terms.carry(header, self.montage, self.calibrations)
        self._spill = str(spill or "")
        self._ask_start(path.absolute(), self._header, self._not_started, before_s)

    def stop_recording(self) -> None:
        """Ask the host to close the trial; :attr:`last_trial` says when it has.

        Until it answers no further row is taken, so that the live results end with
        exactly the last recorded row. A host that is gone is asked when it is back.
        """
        self._stopping = True
        self.last_trial = None
        if self._host.connected:
            self._host.ask("stop_recording", self._stopped, self._not_stopped)

    def marker(self, text: str, kind: str = "marker", t_s: float = 0.0) -> None:
        """Write an operator event on the lab clock, now or at ``t_s``."""

        def failed(error: LabLiveError) -> None:
            self._tell(f'The marker "{text}" may not be stored. {error}')

        mark = Marker(t_s or now_s(), text, kind)
        if self.recording is not None:  # else it is stored nowhere
            self.recording.marks.append(mark)
            if self.pipeline is not None:
                self.pipeline.mark(mark)
        self._host.ask("marker", failed=failed, **msgspec.structs.asdict(mark))

    # -- the tick -----------------------------------------------------------------

    def poll(self) -> Tick:
        """Take everything new: answers of the host, rows, results. Never waits."""
        self._follow_host()
        items = [] if self._stopping else self.feed.poll()
        results: list[Result] = []
        if self.pipeline is not None:
            for item in items:
                results += self.pipeline.feed(item)
        self.publishing.take(results, self.pipeline)
        if self._draining and self.feed.drained:
            results += self._end_recording()
        return Tick(items, results)

    def close(self) -> None:
        """Leave the host alone; it ends by itself when nobody needs it."""
        self._host.close()
        self.feed.close()

    def _follow_host(self) -> None:
        for event in self._host.poll():
            if event == "lost":
                self._lost()
            elif event in ("found", "joined"):
                if event == "found":
                    told = "The recording program runs; its devices are being opened."
                    self._tell(told)
                self._open_again()
            elif event == "silent":
                self._tell(silence(self.report, self.recording))
            else:
                self._tell("The recording program answers again.")
        lost = self.recording is not None and self.recording.interrupted
        due = now_s() - self._asked_s >= (ASK_LOST_S if lost else ASK_EVERY_S)
        if due and self._host.connected and not self._host.is_asked("status"):
            self._asked_s = now_s()
            self._host.ask("status", self._take_report)

    # -- what the host says -------------------------------------------------------

    def _take_report(self, answer: Any) -> None:
        report = from_plain(answer, HostReport, strict=False)
        self.report = report
        changed = self.feed.follow(
            report.sources, self._tell, keep=self.recording is not None
        )
        if told := self._faults.new(report.recording):
            self._tell(told)
        asked = ("start_recording", "stop_recording")
        if self._draining or any(self._host.is_asked(method) for method in asked):
            return
        running, mine = report.recording, self.recording
        if mine is None:
            if running is not None:
                self._join(running)
            elif changed:
                self._new_pipeline()
        elif self._stopping:  # the host was lost before it could stop
            if running is not None:
                self._host.ask("stop_recording", self._stopped, self._not_stopped)
            else:
                self._abandon(mine, "")
        elif running is not None:
            missed = self.feed.missed_rows > self._missed
            if changed or missed or mine.started_s != running.started_s:
                self._join(running)
        elif mine.interrupted:
            self._continue(mine, report)
        else:
            self._abandon(mine, f"The recording {mine.parts[-1]} was ended elsewhere.")

    # -- pipeline -----------------------------------------------------------------

    def _new_pipeline(self) -> None:
        """Bind the montage to what is there and begin afresh."""
        streams = self.feed.streams
        self.montage = self.binding = self.pipeline = None
        if not streams:
            return
        from lablive.live import terms

        try:
            if self._header is None:
                montage = terms.wanted(self._wanted_montage, self.subject, streams)
                calibrations = self.calibrations
            else:  # of the recording, so that replay finds the same
                montage, calibrations = terms.carried(self._header, streams)
            laid = terms.lay(montage, calibrations, streams, self._settings, self._tell)
        except (ConfigError, RecordingError) as error:
            self._tell(str(error))
            return
        self.montage, self.binding, self.pipeline = laid

    def _mark(self, stored: Iterable[Marker]) -> None:
        """Tell a new pipeline what was marked, on disk or on its way there."""
        if self.pipeline is not None and self.recording is not None:
            for mark in {
                **dict.fromkeys(stored),
                **dict.fromkeys(self.recording.marks),
            }:
                self.pipeline.mark(mark)

    # -- recording ----------------------------------------------------------------

    def _ask_start(
        self,
        path: Path,
        header: dict[str, str],
        failed: Callable[[LabLiveError], None],
        before_s: float = 0.0,
    ) -> None:
        past = {"before_s": before_s} if before_s > 0 else {}
        wanted = {"path": str(path), "header": header, "spill": self._spill, **past}
        self._host.ask("start_recording", self._started, failed, **wanted)

    def _started(self, answer: Any) -> None:
        start = from_plain(answer, RecordingStart, strict=False)
        path = Path(start.path)
        if self.recording is not None:
            text = continuation(path)
            self._tell(text)
            mark: dict[str, Any] = {"text": text, "kind": "fault", "t_s": start.t_s}
            self._host.ask("marker", failed=lambda _: None, **mark)
        self._run(path, start.t_s)
        self._new_pipeline()
        self._mark(())
        self.feed.restart(start.first_rows, start.t_s)

    def _run(self, path: Path, started_s: float) -> None:
        """Note that a file of the recording is being written."""
        self.recording = self.recording or Recording(path, started_s)
        self.recording.run_in(path, started_s)
        self._elsewhere = False

    def _not_started(self, error: LabLiveError) -> None:
        self._header = None
        self._tell(f"The recording was not started. {error}")

    def _stopped(self, answer: Any) -> None:
        self.last_trial = from_plain(answer, RecordingEnd, strict=False)
        if self.last_trial.fault:
            self._tell(self.last_trial.fault)
        self.feed.stop_at(self.last_trial.last_rows)
        self._stopping, self._draining = False, True

    def _not_stopped(self, error: LabLiveError) -> None:
        if not isinstance(error, LinkError):  # else the wish stays
            self._stopping = False
            self._tell(str(error))

    def _end_recording(self) -> list[Result]:
        results = self.pipeline.finish() if self.pipeline is not None else []
        whole = self.feed.missed_rows == self._missed
        self.finished = self.pipeline if whole else None
        self._free()
        return results

    def _abandon(self, mine: Recording, why: str) -> None:
        """Let go of a recording that ended without an answer to this app."""
        if why:
            self._tell(why)
        parts = tuple(str(part) for part in mine.parts)
        self.last_trial = RecordingEnd(parts[-1], parts, {}, why)
        self.finished = None
        self._free()

    def _free(self) -> None:
        if self.recording is not None and self.last_trial is not None:
            earlier = self.recording.parts[:-1]
            self.last_files = [*earlier, Path(self.last_trial.path)]
        self._stopping = self._draining = False
        self.recording = self._header = None
        self.feed.go_free()
        self._new_pipeline()

    def _join(self, running: RecordingReport) -> None:
        """Go on with a running recording from its first row, which is on disk."""
        from lablive.live import terms
        from lablive.recording.replay import Trial

        self._missed = self.feed.missed_rows
        parts = [Path(part) for part in running.parts]
        self._run(Path(running.path), running.started_s)
        self._spill = running.spill
        try:
            trial = Trial(Path(running.path), parts[1:])
        except RecordingError as error:
            self._tell(f"Live results begin with the newest rows. {error}")
            self._header = self._header or {}
            self._new_pipeline()
            self.feed.restart(running.first_rows, running.started_s)
            return
        self._header = dict(trial.header)
        carried = terms.carried_calibrations(self._header)
        self._calibrations = carried or self._calibrations
        self._new_pipeline()
        self._mark(trial.markers)
        wanted = self.pipeline.wanted if self.pipeline is not None else set[int]()
        self.feed.rejoin(trial, wanted, running.first_rows, running.started_s)

    # -- a host that died ---------------------------------------------------------

    def _lost(self) -> None:
        if self._draining:  # stopped and on disk; only live results end early
            self.finished = None
            self._free()
        self._tell(loss(self.recording, stopping=self._stopping))
        if self.recording is not None:
            self.recording.interrupted = True
        self._keep_without_host()
        self.feed.close()
        self.feed, self._missed = LiveFeed(), 0
        self.binding = self.pipeline = None

    def _continue(self, mine: Recording, report: HostReport) -> None:
        """Begin the next file as soon as one device of a new host is there.

        Those that come later join in; each second of waiting for them would be lost.
        """
        if self._header is None or not any(s.streams for s in report.sources):
            return
        from lablive.live import terms

        away = self._elsewhere and self._spill
        folder = Path(self._spill) if away else mine.path.parent
        header = self._header | {
            HeaderKey.PART_OF: mine.path.name,
            HeaderKey.STARTED: datetime.now().astimezone().isoformat(),
        }

        def failed(error: LabLiveError) -> None:
            self._elsewhere = not self._elsewhere
            if not isinstance(error, LinkError) and str(error) not in self.troubles:
                self._tell(str(error))

        self._ask_start(terms.following(mine.path, folder), header, failed)
