"""The state machine behind the session page; pages read it, buttons call its methods.

It owns the live session or the replayed trial, never both on screen at once: the live
one goes on in the background while a trial is looked at. What only replay and weighing
need is loaded with the first of them: the window comes first.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from lablive import __version__
from lablive.errors import LabLiveError
from lablive.live.session import LiveSession
from lablive.names import HeaderKey
from lablive.recording.folders import check_code, next_trial, spill_folder
from ui.earlier import NOBODY
from ui.gates_model import GatesModel
from ui.lab_devices import LabDevices
from ui.simulated_lab import SimulatedLab
from ui.simulator import MASS_KG
from ui.sources import lsl_wish
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lablive.live.link import LinkClient
    from lablive.live.replaying import ReplaySession
    from lablive.live.session import Tick
    from lablive.messages import SourceSpec
    from lablive.protocol.gate_path import Activity
    from lablive.protocol.template import GateKind
    from lablive.recording.verify import VerifyReport
    from lablive.signals.montage import Montage

# of the time between ticks, so that a long trial opens without a pause
REPLAY_SHARE, REPLAY_MOST_S = 0.36, 0.012


class State(Enum):
    """Where the session is; decides which actions are possible."""

    IDLE = "idle"  # no stream
    CONNECTED = "connected"
    RECORDING = "recording"
    STOPPING = "stopping"
    REVIEW = "review"  # a trial is on screen


_ACTIVITY: Final[dict[State, Activity]] = {
    State.IDLE: "idle",
    State.CONNECTED: "live",
    State.RECORDING: "recording",
}


class SessionModel(QObject):
    """Everything the session page shows and does.

    Parameters
    ----------
    start_host
        Joins or starts the host program.
    library
        Folder of the trials.
    montage
        The room's montage; None = from the streams' own words.
    wait
        Until there is a host; else it is joined by a later poll.
    """

    state_changed = Signal()
    ending = Signal()  # the trial is about to be closed: the last moment to note
    rebuilt = Signal()  # other streams, calibration or trial: views begin afresh
    trouble = Signal(str)
    news = Signal(str, str)  # something good: a word and a sentence
    mass_wanted = Signal()  # weighing needs the body mass
    person_changed = Signal()
    verified = Signal(object)  # VerifyReport of the trial just recorded
    report_made = Signal(str)

    def __init__(
        self,
        start_host: Callable[[], LinkClient],
        library: Path,
        *,
        montage: Montage | None = None,
        wait: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.live = LiveSession(start_host, montage=montage, wait=wait)
        self.library = library
        self.code = NOBODY
        self.mass_kg: float | None = None
        self.replay: ReplaySession | None = None
        self.simulated = SimulatedLab(self.live)
        self.gates = GatesModel(self.live, library, self.code, self)
        self.gates.trouble.connect(self.trouble)
        self.gates.news.connect(self.news)
        self.gates.asked.connect(self.simulated.perform)
        self.gates.mass_found.connect(self.set_mass)
        self.devices = LabDevices(self.live, library, self.trouble.emit, self)
        self.devices.back.connect(
            lambda name: self.news.emit("back", f"{name} sends again.")
        )
        self.devices.known.changed.connect(self._tell_known)
        self.last_path: Path | None = None
        self.last_verify: VerifyReport | None = None
        self.report_pages = 0
        self._told = 0
        self._seen: object = None
        self._shown: tuple[object, ...] = ()
        self._state = State.IDLE
        self.belt = (0.0, 0.0)  # m/s and percent, as last typed
        self._workers: list[Worker] = []

    @property
    def state(self) -> State:
        """Where the session is."""
        return self._state

    # -- actions ------------------------------------------------------------------

    def set_belt(self, speed_mps: float, incline_pct: float, spec: SourceSpec) -> None:
        """Take belt speed and slope typed by the operator, from now on."""
        self.belt = (speed_mps, incline_pct)
        if spec.id not in self.live.source_ids:
            self.live.add_source(spec)
        values = {"speed_mps": speed_mps, "incline_pct": incline_pct}
        self.live.set_values(spec.id, values)

    def publish(self, lsl: str | None = None) -> None:
        """Publish on LSL what was typed, None: what ``lsl.toml`` says."""
        try:
            self.live.publishing.want(lsl_wish(lsl))
        except LabLiveError as error:
            self.trouble.emit(str(error))

    def simulate(self, wires: list[str] | None = None) -> None:
        """Start the simulated runner and connect it; see :class:`SimulatedLab`."""
        self.simulated.start(wires)
        self.news.emit("one moment", "The simulated runner is starting …")

    def change_person(self, code: str) -> None:
        """Go on with another person: mass and calibration are not carried over.

        Raises
        ------
        ConfigError
            The code cannot be part of a file name.
        """
        if check_code(code) == self.code:
            return
        self.code, self.mass_kg = code, None
        self.gates.new_person(code, None)
        self.person_changed.emit()
        if self.simulated.sources:  # who runs cannot sit down: another one comes
            self.simulate()

    def set_mass(self, mass_kg: float | None) -> None:
        """Take the body mass; a stand that was weighed counts with the new one."""
        if mass_kg == self.mass_kg:
            return
        self.mass_kg = mass_kg
        self.gates.set_mass(mass_kg)
        self.person_changed.emit()

    def begin_gate(self, kind: GateKind | None = None) -> None:
        """Begin a gate, None: that of now; weighing needs the body mass."""
        if (kind or self.gates.now.gate.kind) == "weigh" and self.mass_kg is None:
            self.gates.open("weigh")
            self.mass_wanted.emit()
            self.trouble.emit(
                "The body mass is missing: enter it in kg, with clothes and shoes, "
                "then begin again."
            )
            return
        self.gates.begin(kind)

    def record(self, path: Path | None = None, before_s: float = 0.0) -> None:
        """Start a new trial: at ``path``, else in today's session folder.

        ``before_s``: so long before now, as far as it is kept.
        """
        try:
            path = path or next_trial(self.library, check_code(self.code))
            header = {
                HeaderKey.CODE.value: self.code,
                HeaderKey.SOFTWARE.value: f"LabLive {__version__}",
                HeaderKey.STARTED.value: datetime.now().astimezone().isoformat(),
            }
            self.close_trial()
            self.last_verify = None
            self.live.start_recording(path, header, spill_folder(), before_s)
            self.simulated.run()
        except LabLiveError as error:
            self.trouble.emit(str(error))

    def practise(self) -> None:
        """Run without storing anything."""
        self.gates.practise()
        self.simulated.run()

    def stop(self) -> None:
        """End the step, the practice or the trial; a trial is counted from disk."""
        self.ending.emit()
        if self.gates.doing is not None:
            self.gates.stop()
        self.gates.end_practice()
        self.gates.end_blocks()
        if self.live.recording is not None:
            self.last_path = self.live.recording.path
            self.live.stop_recording()
            self._set_state(State.STOPPING)

    def marker(
        self, text: str = "marker", kind: str = "marker", t_s: float = 0.0
    ) -> None:
        """Write an operator event, now or at a time of the lab clock."""
        self.live.marker(text, kind, t_s)

    def open_trial(self, path: Path, montage: Montage | None = None) -> None:
        """Show a trial on this page; ``montage``: instead of its own."""
        from lablive.live.replaying import ReplaySession

        try:
            opened = ReplaySession(path, montage)
        except LabLiveError as error:
            self.trouble.emit(str(error))
            return
        if self.replay is not None:
            self.replay.close()
        self.replay, self.last_path = opened, path
        self._set_state(State.REVIEW)
        self.rebuilt.emit()
        if opened.notes:
            self.news.emit("note", "\n".join(opened.notes))

    def close_trial(self) -> None:
        """Go back to the live view."""
        if self.replay is not None:
            self.replay.close()
            self.replay = None
            self._set_state(self._live_state())
            self.rebuilt.emit()

    def print_report(self, pdf: Path | None = None) -> None:
        """Make the PDF of the trial on screen, in a process of its own."""
        path = self.replay.path if self.replay else self.last_path
        if path is None:
            return
        pdf = pdf or path.with_suffix(".pdf")
        arguments = ["lablive.report.session", str(path), "--pdf", str(pdf)]
        self._work(arguments, lambda text: self._take_report(text, pdf))

    # -- the tick -----------------------------------------------------------------

    def poll(self, passed_s: float) -> Tick:
        """Advance by one tick; returns the new live rows."""
        tick = self.live.poll()
        self._take_simulator()
        if self._state is State.IDLE:
            self.devices.known.look()
        self.gates.feed(tick, _ACTIVITY[self._live_state()])
        self._tell_troubles()
        if self.replay is not None:
            budget_s = min(REPLAY_SHARE * passed_s, REPLAY_MOST_S)
            if self.replay.work(budget_s) and self.replay.done >= 1.0:
                self._tell_damage(self.replay)
            self.replay.advance(passed_s)
        elif self._state is State.STOPPING and self.live.recording is None:
            self._after_stop()
        elif self._state is not State.STOPPING:
            self._set_state(self._live_state())
        shown = (self.live.binding, self.live.calibration)
        if shown != self._shown and self.replay is None:
            self._shown = shown
            self.rebuilt.emit()
            self._tell_unknown()
        return tick

    def close(self) -> None:
        """Let go of host and workers; a running recording goes on in the host."""
        for worker in self._workers:
            worker.stop()
        self.simulated.stop()
        self.live.close()
        if self.replay is not None:
            self.replay.close()

    # -- inside -------------------------------------------------------------------

    def _live_state(self) -> State:
        if self.live.recording is not None:
            return State.RECORDING
        return State.CONNECTED if self.live.feed.streams else State.IDLE

    def _set_state(self, state: State) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit()

    def _tell_troubles(self) -> None:
        if self.replay is not None and self.live.recording is None:
            return  # told on the way back to the live view, if it is still so
        for text in self.live.troubles[self._told :]:
            self.trouble.emit(text)
        self._told = len(self.live.troubles)
        report = self.live.report
        if report is None or report is self._seen:
            return
        self._seen = report
        self.devices.see(report)

    def _tell_known(self) -> None:
        names = ", ".join(spec.id for spec in self.devices.known.specs_there())
        if names and self._state is State.IDLE:
            self.news.emit("found again", f"{names}. K connects what is known here.")

    def _tell_damage(self, replay: ReplaySession) -> None:
        """Tell, once the whole file has been read, what of it cannot be trusted."""
        damage, name = len(replay.trial.damage), replay.path.name
        if damage:
            self.trouble.emit(
                f"{name} is damaged in {damage} place{'s' * (damage != 1)}; what is "
                f"intact is shown. What is missing: lablive verify {name}."
            )

    def _tell_unknown(self) -> None:
        """Tell when nothing of what is connected can be shown."""
        binding = self.live.binding
        if binding is None or binding.sources:
            return
        names = ", ".join(info.name for info in self.live.feed.streams)
        self.trouble.emit(
            f"Nothing of {names} can be shown: no montage says what the channels "
            "measure. They are recorded all the same. Start LabLive with a montage "
            "that names them: lablive --montage FILE.toml."
        )

    def _take_simulator(self) -> None:
        found = self.simulated.poll()
        if isinstance(found, LabLiveError):
            self.trouble.emit(str(found))
        elif found:
            self.set_mass(self.mass_kg or MASS_KG)
            self.news.emit("connected", found)

    def _after_stop(self) -> None:
        self.gates.review(self.live.finished)
        self._set_state(self._live_state())
        if self.live.last_files:  # a disk that failed has moved it elsewhere
            self.last_path = self.live.last_files[-1]
        if self.last_path is not None:
            arguments = ["ui.cli", "verify", str(self.last_path), "--json"]
            self._work(arguments, self._take_verify, finding=True)

    def _take_verify(self, text: str) -> None:
        from lablive.recording.verify import VerifyReport
        from lablive.structs import from_json

        self.last_verify = from_json(text, VerifyReport)
        self.verified.emit(self.last_verify)

    def _take_report(self, text: str, pdf: Path) -> None:
        last = text.strip().splitlines()[-1:] or ["{}"]
        self.report_pages = json.loads(last[0]).get("pages", 0)
        self.report_made.emit(str(pdf))

    def _work(
        self,
        arguments: list[str],
        then: Callable[[str], None],
        *,
        finding: bool = False,
    ) -> None:
        worker = Worker(arguments, self, finding=finding)
        worker.done.connect(then)
        worker.failed.connect(self.trouble)
        self.start_worker(worker)

    def start_worker(self, worker: Worker) -> None:
        """Start a program that ends with the window at the latest."""
        self._workers.append(worker)
        worker.start()
