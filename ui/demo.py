"""The demo: a whole session with a simulated runner, over real wires, by itself.

It presses the same buttons an operator presses, in the same window, and writes what
it saw: trial, PDF, screenshots and ``summary.json``.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from lablive.clock import now_s
from lablive.errors import LabLiveError, RecordingError
from lablive.live.link import run_dir
from lablive.signals.montage import parse_montage
from ui.display import has_display
from ui.host_process import attach
from ui.simulator import MASS_KG, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from lablive.live.replaying import ReplaySession
    from lablive.live.reports import HostReport
    from lablive.protocol.template import GateKind
    from lablive.signals.montage import Montage
    from ui.app import MainWindow

RAMP_S: Final = 2.0
CALM_S: Final = 1.2  # after standing up, before Weigh
MARKED_S: Final = 4.0  # of running
WAIT_S: Final = 60.0
TURN_MS: Final = 50
BEGUN: Final[dict[str, Any]] = {"schema": 1, "lablive_demo": True}
STANCE_WAIT_S: Final = 1.5
INTO_STANCE_S: Final = 0.1
SMALLEST_PNG: Final = 0  # Qt's "quality": time spent on compression
QUIET_S: Final = 1.0  # without a row: everything that was sent has come
SETTLE_S: Final = 0.3  # a few ticks, so that the picture shows the present state
PLAYED: Final = "pedar"  # recording, its device profile and its montage
SIMULATED: Final = "simulator"  # its montage
TRIAL, REPORT, SUMMARY = "trial-01.xdf", "report.pdf", "summary.json"


def run_demo(
    out: Path,
    *,
    seconds: float,
    headless: bool,
    data: Path | None,
    say: Callable[[str], None],
) -> int:
    """Show a session; return 0 when everything held, 1 when something did not.

    Raises
    ------
    LabLiveError
        When a step cannot be done at all.
    """
    if headless or not has_display():
        headless = True
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        say("No window: the demo runs by itself and tells where the results are.")
    out = _clean(out)
    with tempfile.TemporaryDirectory(prefix="lablive-demo-") as run:
        os.environ["LABLIVE_RUN"] = run
        os.environ["LABLIVE_HOME"] = str(out)
        return _Demo(out, seconds, headless=headless, data=data, say=say).run()


def _clean(out: Path) -> Path:
    """Make the folder; results of an earlier demo in it give way."""
    out = out.absolute()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(
            f"The folder {out} cannot be made ({error.strerror}).",
            todo="Choose another one with --out.",
        ) from error
    if any(out.iterdir()) and not (out / SUMMARY).exists():
        raise RecordingError(
            f"The folder {out} holds something else than a demo.",
            still="Nothing in it was touched.",
            todo="Choose an empty folder with --out.",
        )
    # at once, so that the folder of a demo that was stopped is known as one, too
    (out / SUMMARY).write_text(json.dumps(BEGUN), encoding="utf-8")
    for old in [*out.glob("trial-01*"), out / REPORT]:
        old.unlink(missing_ok=True)
    shutil.rmtree(out / "screenshots", ignore_errors=True)
    (out / "screenshots").mkdir()
    return out


class _Demo:
    """One run of the demo."""

    def __init__(
        self,
        out: Path,
        seconds: float,
        *,
        headless: bool,
        data: Path | None,
        say: Callable[[str], None],
    ) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        from ui.app import COMFORTABLE, MainWindow, make_app

        self.out, self.seconds, self.headless = out, seconds, headless
        self.data, self.say = data, say
        self.app = make_app()
        self.window: MainWindow = MainWindow(
            library=out, montage=room_montage(SIMULATED if data is None else PLAYED)
        )
        self.model = self.window.model
        self.page = self.window.page
        if headless:  # of a screen that is none
            self.window.resize(COMFORTABLE)
        self._loop, self._pause = QEventLoop(), QTimer()
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._loop.quit)
        self.troubles: list[str] = []
        self.simulator: Simulator | None = None
        self.told: dict[str, Any] = dict(BEGUN)
        self.model.trouble.connect(self._trouble)

    def run(self) -> int:
        """Go through the session."""
        self.window.show()
        simulator = self.simulator = Simulator(self._wires())
        try:
            good = self._session(simulator)
        finally:
            simulator.stop()
            link = attach(run_dir()) if self.headless else None
            if link is not None:
                link.post("shutdown")
                link.close()
        if self.headless:
            self.window.close()
            return 0 if good else 1
        self.say("The window stays open: replay the trial, then close it.")
        self.app.exec()
        return 0 if good else 1

    def _wires(self) -> list[str]:
        tag = f"demo-{os.getpid()}"
        if self.data is not None:
            playback = ["drivers.sim.playback", "--set", PLAYED]
            return [*playback, "--data", str(self.data), "--wait", str(WAIT_S)]
        options = ["--id", tag, "--set", f"ramp_s={RAMP_S}", "--hold"]
        return ["drivers.sim.wires", *options, "--wait", str(WAIT_S)]

    def _session(self, simulator: Simulator) -> bool:
        self._screenshot("first-start")
        simulated = self.data is None
        runner = "the simulated runner" if simulated else "a recording, played again"
        self.say(f"Connecting {runner} …")
        specs = simulator.specs()
        self._look_for_devices()
        asked_s = now_s()
        for spec in specs:
            self.model.live.add_source(spec)
        simulator.wait_for("start", WAIT_S)
        self._wait(lambda: self.page.feet.live, "the insole picture")
        self.told["insole_picture_s"] = round(now_s() - asked_s, 2)
        self._wait(self._streaming(len(specs)), "every stream")
        self.told["connect_s"] = round(now_s() - asked_s, 2)
        if self.data is None:
            self._gates(simulator)
        self._record()
        runs_s = self._pose(simulator, "run") if self.data is None else now_s()
        self._sleep_until(runs_s + MARKED_S)
        self.model.marker("first marker")
        if self.data is None:
            self._sleep_until(runs_s + RAMP_S + self.seconds)
            self._pictures()
        else:  # when all was played there is nothing left to show
            self._pictures()
            self._wait(lambda: simulator.has_said("sent"), "the end of the recording")
        self._stop()
        heard = self._all_heard(simulator)
        for spec in specs:  # or the host would open whoever gets the port's name next
            self.model.live.remove_source(spec.id)
        good = self._review(simulator, heard)
        (self.out / SUMMARY).write_text(
            json.dumps(self.told, indent=1), encoding="utf-8"
        )
        self.say(f"Results are in {self.out}")
        return good

    def _look_for_devices(self) -> None:
        """Open the list of what is connected, as an operator would."""
        from ui.connect_dialog import ConnectDialog

        self.page.connect_devices()
        dialog = self.page.findChild(ConnectDialog)
        if dialog is None:
            raise LabLiveError("The list of devices did not open.")
        self._wait(dialog.rows, "the list of devices")
        self._turn()
        self._save(dialog, "devices")
        dialog.reject()

    def _gates(self, simulator: Simulator) -> None:
        self.say("Zero: the runner sits, both feet in the air")
        self.page.top.set_mass(MASS_KG)
        self._gate("zero")
        self._sleep_until(self._pose(simulator, "stand") + CALM_S)
        self.say("Weigh: the runner stands on both feet")
        self._screenshot("gate")
        self._gate("weigh")
        self.say(f"{MASS_KG:g} kg on both feet")

    def _gate(self, kind: GateKind) -> None:
        """Pass a gate; one that is not good ends the demo at once, with its cause."""
        gates = self.model.gates
        self.model.begin_gate(kind)
        self._wait(lambda: gates.doing is None, f"the gate {kind}")
        view = gates.view(kind)
        if view is None or view.light != "green":
            why = " ".join(view.causes) if view else "it is not there."
            raise LabLiveError(
                f"The demo could not pass the gate {kind}: {why}",
                todo="lablive doctor looks for the cause.",
            )

    def _pose(self, simulator: Simulator, word: str) -> float:
        """Let the runner stand or run, however slow this machine is; return when."""
        simulator.tell(word)
        self._wait(lambda: simulator.has_said(word), f"the runner to {word}")
        return float(simulator.wait_for(word, WAIT_S)["t_s"])

    def _record(self) -> None:
        self.say("Record: the runner runs")
        self.model.record(self.out / TRIAL)
        self._wait(lambda: self.model.live.recording is not None, "the recording")

    def _pictures(self) -> None:
        self._screenshot("session-light", loaded=True)
        self.window.change_theme()
        self._screenshot("session-dark", loaded=True)
        self.window.change_theme()
        self._screenshot("session-contrast", loaded=True)
        self.window.change_theme()
        self.window.places.go("Devices")
        self._screenshot("devices-health")
        self.window.places.go("Session")

    def _stop(self) -> None:
        self.say("Stop: the file is opened again and counted")
        self.model.stop()
        self._wait(lambda: self.model.last_verify is not None, "the count")
        self._turn()
        self._screenshot("verified")

    def _all_heard(self, simulator: Simulator) -> HostReport | None:
        """End the sending; return what the host tells when everything has come."""
        if self.data is None:
            simulator.tell("enough")
        self._wait(lambda: simulator.has_said("sent"), "the end of the sending")
        live, ended_s = self.model.live, now_s()

        def is_quiet() -> bool:
            told = live.report
            return bool(
                told
                and told.now_s > ended_s + QUIET_S
                and all(
                    status.last_sample_age_s > QUIET_S
                    for source in told.sources
                    for status in source.status
                )
            )

        self._wait(is_quiet, "the last rows")
        return live.report

    def _review(self, simulator: Simulator, heard: HostReport | None) -> bool:
        from ui.demo_review import review

        live = self.model.live.finished
        self.say("Replay: the same numbers again, from the file")
        self.model.open_trial(self.out / TRIAL)
        replay = self.model.replay
        if replay is None or live is None:
            raise RecordingError("The trial could not be replayed.")
        self._wait(lambda: replay.done >= 1.0, "the replay")
        replay.seek(_in_stance(replay))
        self._turn()
        self._screenshot("replay")
        self.say("PDF")
        made: list[str] = []
        self.model.report_made.connect(made.append)
        self.model.print_report(self.out / REPORT)
        self._wait(lambda: bool(made) or bool(self.troubles), "the PDF")
        sent = simulator.stop()
        pdf = self.out / REPORT
        good = review(self.told, self.model, live, replay, sent, heard, pdf)
        self.told["troubles"] = self.troubles
        for line in self.told["findings"]:
            self.say(line)
        return good and not self.troubles

    # -- small things -------------------------------------------------------------

    def _streaming(self, sources: int) -> Callable[[], bool]:
        def all_stream() -> bool:
            report = self.model.live.report
            if report is None or len(report.sources) < sources:
                return False
            return all(
                source.streams and all(status.rows for status in source.status)
                for source in report.sources
            )

        return all_stream

    def _trouble(self, text: str) -> None:
        if self.simulator is not None and self.simulator.has_said("sent"):
            return  # the runner has gone: of course the devices are silent
        self.troubles.append(text)
        self.say(f"! {text}")

    def _turn(self) -> None:
        self._pause.start(TURN_MS)  # processEvents with a limit would not rest
        self._loop.exec()

    def _wait(self, done: Callable[[], object], what: str) -> None:
        until_s = now_s() + WAIT_S
        while not done():
            if now_s() > until_s:
                raise LabLiveError(
                    f"The demo waited {WAIT_S:.0f} s in vain for {what}.",
                    todo="lablive doctor looks for the cause.",
                )
            self._turn()

    def _sleep_until(self, t_s: float) -> None:
        while now_s() < t_s:
            self._turn()

    def _screenshot(self, name: str, *, loaded: bool = False) -> None:
        """Save the window; ``loaded``: while the left foot carries the runner."""
        self._sleep_until(now_s() + SETTLE_S)
        if loaded:
            for carries in (False, True):
                until_s = now_s() + STANCE_WAIT_S
                while now_s() < until_s and carries != self.page.feet.loaded("left"):
                    self._turn()
            self._sleep_until(now_s() + INTO_STANCE_S)
        self._save(self.window, name)

    def _save(self, shown: QWidget, name: str) -> None:
        path = self.out / "screenshots" / f"{name}.png"
        shown.grab().save(str(path), quality=SMALLEST_PNG)


def room_montage(name: str) -> Montage:
    """Return what the channels of the simulated runner, or of a recording, measure."""
    text = files("configs").joinpath("montages", f"{name}.toml").read_text("utf-8")
    return parse_montage(text, f"{name}.toml")


def _in_stance(replay: ReplaySession) -> float:
    """Return a time near the middle of the trial when the left foot carries."""
    middle_s = (replay.trial.t0_s + replay.trial.t1_s) / 2
    times = [
        contact.t_s
        for contact in replay.pipeline.contacts
        if contact.kind == "ic" and contact.side == "left"
    ]
    nearest_s = min(times, key=lambda t_s: abs(t_s - middle_s), default=middle_s)
    return nearest_s + INTO_STANCE_S
