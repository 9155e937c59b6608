"""A lab made of real processes: host, devices, apps; nothing of it is left behind."""

from __future__ import annotations

import json
import os
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lablive.analysis import analyze_trial
from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.live.agreement import differences
from lablive.live.run_folder import is_held, read_host
from lablive.live.session import LiveSession
from lablive.messages import SourceSpec
from tests.promises import numbered
from ui.host_process import attach_or_start
from ui.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lablive.live.link import LinkClient
    from lablive.live.reports import SourceReport
    from lablive.messages import StreamInfo
    from lablive.recording.replay import Trial

    Say = Callable[[str], None]

TICK_S = 0.01
INSOLES = "simulated insoles"
RUN = "standing_s=1,ramp_s=0.5"  # strides begin soon


class Program(Simulator):
    """A device or an app beside the test."""

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    def specs(self) -> list[SourceSpec]:
        """Return how the host opens it."""
        name = Path(self.ready["profile"]).stem if self.ready["pty"] else ""
        return [
            SourceSpec(name, spec.driver, spec.options)
            if spec.driver == "profile" and name != "sim_insoles"
            else spec
            for spec in super().specs()
        ]


class Devices:
    """Programs that several tests use one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: dict[tuple[str, ...], Program] = {}

    def get(self, *arguments: str) -> Program:
        """Return the program with these arguments, started if need be."""
        if arguments not in self._programs:
            self._programs[arguments] = Program(list(arguments))
        return self._programs[arguments]

    def close(self) -> None:
        for program in self._programs.values():
            program.stop()


class Lab:
    """Run folder, trials folder and everything that was started."""

    def __init__(self, folder: Path, devices: Devices) -> None:
        self.folder = folder / "run"
        self.trials = folder / "trials"
        self.spill = folder / "spill"
        self.scratch = folder
        self.trials.mkdir()
        self.idle_s = 60.0
        self.hosts: set[int] = set()
        self._devices = devices
        self._programs: list[Program] = []
        self._sessions: list[LiveSession] = []

    # -- what there is ------------------------------------------------------------

    def start_host(self) -> LinkClient:
        """Join or start the host, as the app does."""
        link = attach_or_start(self.folder, idle_s=self.idle_s)
        self.hosts.add(link.call("hello")["pid"])
        return link

    def session(
        self, start_host: Callable[[], LinkClient] | None = None, **options: Any
    ) -> LiveSession:
        """Return an app without a window."""
        made = LiveSession(start_host or self.start_host, **options)
        self._sessions.append(made)
        return made

    def program(self, *arguments: str) -> Program:
        """Start ``python -m`` with arguments; it has said that it is ready."""
        made = Program(list(arguments))
        self._programs.append(made)
        return made

    def runner(self, *arguments: str, streams: str = "insoles") -> Program:
        """Start the simulated runner; without arguments one that others use too."""
        tag = f"promise{os.getpid()}"
        options = ["--streams", streams, "--set", RUN, "--id", tag, *arguments]
        if arguments or streams != "insoles":
            return self.program("drivers.sim.wires", *options)
        return self._devices.get("drivers.sim.wires", *options)

    def numbered_port(self) -> Program:
        """Return 92 kB/s of numbered rows on a port."""
        folder = str(self._devices.folder)
        return self._devices.get("tests.promises.numbered", "--port", folder)

    def numbered_lsl(self) -> Program:
        """Return numbered rows on LSL."""
        name = f"numbered-{os.getpid()}"
        return self._devices.get("tests.promises.numbered", "--lsl", name)

    def own_lsl(self, source_id: str, name: str = "") -> Program:
        """Start numbered rows on LSL, to be ended."""
        options = ["--lsl", f"{source_id}-{os.getpid()}"]
        options += ["--name", name] if name else []
        return self.program("tests.promises.numbered", *options)

    @property
    def host_pid(self) -> int:
        """Process number of the host that lives here."""
        return read_host(self.folder).pid

    @property
    def has_host(self) -> bool:
        """Whether a living host has said where it listens."""
        with suppress(OSError, LabLiveError):
            os.kill(self.host_pid, 0)
            return True
        return False

    def freeze_host(self) -> None:
        """Let the host stand still."""
        os.kill(self.host_pid, signal.SIGSTOP)

    def thaw_host(self) -> None:
        """Let it go on."""
        os.kill(self.host_pid, signal.SIGCONT)

    def kill_host(self) -> None:
        """``kill -9`` the host and wait until it is gone."""
        os.kill(self.host_pid, signal.SIGKILL)
        wait_for(lambda: not is_held(self.folder), "the end of the host")

    # -- an app at work -----------------------------------------------------------

    def poll_until(
        self,
        condition: Callable[[], object],
        what: str,
        *sessions: LiveSession,
        at_most_s: float = 20.0,
    ) -> None:
        """Let the apps poll until something is so."""

        def so() -> object:
            for session in sessions or self._sessions:
                session.poll()
            return condition()

        wait_for(so, what, at_most_s, tell=lambda: [s.troubles for s in self._sessions])

    def connect(self, session: LiveSession, *programs: Program) -> None:
        """Open devices and wait for rows of each of their streams."""
        specs = [spec for program in programs for spec in program.specs()]
        for spec in specs:
            session.add_source(spec)
        self.poll_until(
            lambda: all_send(session, {spec.id for spec in specs}), "every stream"
        )

    def record(self, session: LiveSession, name: str = "trial-01.xdf") -> Path:
        """Start a recording and wait until it runs."""
        path = self.trials / name
        session.start_recording(path, {}, self.spill)
        self.poll_until(lambda: session.recording is not None, "the recording")
        return path

    def stop(self, session: LiveSession) -> None:
        """Stop the recording and wait until every row has been through the pipeline."""
        session.stop_recording()
        self.poll_until(lambda: session.recording is None, "the end of the recording")

    def close(self) -> None:
        """End everything that is still there."""
        for session in self._sessions:
            session.close()
        for program in self._programs:
            program.stop()
        with suppress(OSError, LabLiveError):
            self.hosts.add(self.host_pid)
        for pid in self.hosts:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not is_held(self.folder), "the end of the host")


def wait_for(
    condition: Callable[[], object],
    what: str,
    at_most_s: float = 20.0,
    tell: Callable[[], object] = str,
) -> None:
    """Wait for a condition with a deadline."""
    pause = threading.Event()
    end_s = now_s() + at_most_s
    while not condition():
        assert now_s() < end_s, f"waited {at_most_s:g} s in vain for {what} {tell()}"
        pause.wait(TICK_S)


def recorded(session: LiveSession) -> int:
    """Return how many rows the running recording has of its slowest stream."""
    running = session.report.recording if session.report else None
    return min(running.rows.values(), default=0) if running else 0


def source(session: LiveSession, source_id: str) -> SourceReport | None:
    """Return what the host says of a source."""
    sources = session.report.sources if session.report else ()
    return next((s for s in sources if s.spec.id == source_id), None)


def all_send(session: LiveSession, wanted: Iterable[str]) -> bool:
    """Tell whether every stream of the sources has sent rows."""
    reports = [source(session, name) for name in wanted]
    return all(
        report and report.status and all(status.rows for status in report.status)
        for report in reports
    )


def stream(trial: Trial, name: str) -> StreamInfo:
    """Return the stream whose name begins so."""
    return next(info for info in trial.streams if info.name.startswith(name))


def numbers(trial: Trial, name: str = numbered.PTY_STREAM) -> np.ndarray:
    """Return the row numbers in a trial, after proof that every value is right."""
    info = stream(trial, name)
    _, x = trial.window(info.id, -np.inf, np.inf)
    return checked_numbers(x)


def checked_numbers(x: np.ndarray) -> np.ndarray:
    """Return the row numbers of values, after proof that every value is right."""
    if x.shape[1] == numbered.CHANNELS:
        found = (x[:, 0] + 65536.0 * x[:, 1]).astype(np.int64)
        np.testing.assert_array_equal(x, numbered.words(found))
    else:
        found = x[:, 0].astype(np.int64)
        np.testing.assert_array_equal(x, numbered.lsl_values(found))
    return found


def assert_whole(found: np.ndarray) -> None:
    """Fail unless row follows row."""
    assert len(found)
    steps = np.flatnonzero(np.diff(found) != 1)
    assert not len(steps), f"rows missing or repeated behind {found[steps][:5]}"


def assert_same_as_replay(session: LiveSession, path: Path) -> int:
    """Fail unless live results equal the file's, bit for bit; return the strides."""
    assert session.finished is not None
    replayed = analyze_trial(path).pipeline
    assert differences(session.finished, replayed) == []
    return len(replayed.strides)


def told(session: LiveSession, *words: str) -> bool:
    """Tell whether one of the app's messages has all these words."""
    return any(all(word in text for word in words) for text in session.troubles)


def sources_json(*programs: Program) -> str:
    """Return the sources of devices as an argument for another process."""
    return json.dumps(
        [[s.id, s.driver, s.options] for program in programs for s in program.specs()]
    )
