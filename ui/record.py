"""Record without a screen: the host does the work, this shows how it goes."""

from __future__ import annotations

import re
import signal
import threading
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from lablive import __version__
from lablive.clock import now_s
from lablive.errors import ConfigError, DeviceError, RecordingError
from lablive.live.link import run_dir
from lablive.live.session import LiveSession
from lablive.live.sharing import SharingWish
from lablive.names import HeaderKey
from lablive.recording.folders import check_code, spill_folder
from lablive.recording.verify import verify
from lablive.signals.montage import load_montage
from ui.host_process import attach_or_start
from ui.sources import lsl_wish, montage_sources, parse_source
from ui.stream_question import HOW_TO_NAME, ask, can_ask, undecided

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from rich.console import Console

    from lablive.live.reports import HostReport

CONNECT_S = 10.0
TICK_S = 0.05
SHOW_S = 1.0
_DIGITS = re.compile(r"\d+")


def record_headless(
    out_file: Path,
    *,
    montage_path: Path | None,
    sources: list[str],
    seconds: float | None,
    code: str,
    console: Console | None,
    lsl: str | None = None,
) -> int:
    """Record the given sources until ``seconds`` are over or a signal ends it.

    Returns
    -------
    int
        0 when the verified file is complete, 1 when something is missing.

    Raises
    ------
    LabLiveError
        No source, a device that does not answer, a file that cannot be written.
    """
    montage = load_montage(montage_path) if montage_path else None
    wish = lsl_wish(lsl)
    specs = [parse_source(text) for text in sources]
    if not specs and montage is not None:
        specs = list(montage_sources(montage))
    if not specs:
        raise ConfigError(
            "There is nothing to record: no --source and no --montage.",
            todo="Name a source (lablive devices lists them) or a montage.",
        )
    if out_file.exists():
        raise ConfigError(
            f"{out_file} exists already and is never overwritten.",
            todo="Choose another name.",
        )
    if not out_file.absolute().parent.is_dir():
        raise ConfigError(
            f"The folder {out_file.absolute().parent} does not exist.",
            todo="Make it, or choose another place with --out.",
        )
    header = {
        HeaderKey.CODE.value: check_code(code),
        HeaderKey.SOFTWARE.value: f"LabLive {__version__}",
        HeaderKey.STARTED.value: datetime.now().astimezone().isoformat(),
    }
    session = LiveSession(lambda: attach_or_start(run_dir()), montage=montage)
    stop = threading.Event()
    # Ctrl+C, a terminal that is closed, a computer that shuts down
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        for spec in specs:
            session.add_source(spec)
        session.publishing.want(wish)
        _connect(session, len(specs), console)
        _check_connected(session)
        session.start_recording(out_file, header, spill_folder())
        _wait(session, lambda: session.recording is not None, CONNECT_S)
        if session.recording is None:
            raise RecordingError(_last_trouble(session, "The recording did not start."))
        _run(session, stop, seconds, console)
        session.stop_recording()
        _wait(session, lambda: session.recording is None, CONNECT_S)
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        for spec in specs:
            session.remove_source(spec.id)
        session.publishing.want(SharingWish())
        session.close()
    return _tell(session, out_file, console)


def _connect(session: LiveSession, wanted: int, console: Console | None) -> None:
    """Wait for every source; ask which stream is meant where several fit."""

    def decided() -> bool:
        return _all_streaming(session, wanted) or bool(undecided(session.report))

    asked: set[str] = set()
    while True:
        _wait(session, decided, CONNECT_S)
        unclear = [name for name in undecided(session.report) if name not in asked]
        if console is None or not can_ask() or not unclear:
            return
        asked |= set(unclear)
        if not all(ask(session, name, console.print) for name in unclear):
            return
        _wait(session, lambda: not undecided(session.report), CONNECT_S)


def _wait(session: LiveSession, done: Callable[[], bool], at_most_s: float) -> None:
    pause = threading.Event()
    until = now_s() + at_most_s
    while not done() and now_s() < until:
        session.poll()
        pause.wait(TICK_S)


def _all_streaming(session: LiveSession, wanted: int) -> bool:
    report = session.report
    if report is None or len(report.sources) < wanted:
        return False
    return all(
        source.streams and all(status.rows for status in source.status)
        for source in report.sources
    )


def _check_connected(session: LiveSession) -> None:
    report = session.report
    silent = [s for s in report.sources if not s.streams] if report else []
    if report is None or silent:
        told = said_once({s.spec.id: s.message or "no answer" for s in silent})
        raise DeviceError(
            "missing",
            _last_trouble(session, f"Not every source answers: {told}"),
            todo=HOW_TO_NAME
            if undecided(report)
            else "lablive devices lists what is there.",
        )


class Faults:
    """Tell what is wrong with a source when it is new; a number in it is not news."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def news(self, report: HostReport | None) -> list[str]:
        """Return a line for every fault that was not told yet."""
        found: list[str] = []
        for source in report.sources if report else ():
            faults = (status.last_fault for status in source.status)
            fault = source.message or next(filter(None, faults), "")
            key = (source.spec.id, _DIGITS.sub("", fault))
            if fault and key not in self._told:
                self._told.add(key)
                found.append(f"{source.spec.id}: {fault}")
        return found


def said_once(messages: Mapping[str, str]) -> str:
    """Return what several sources say, the end that they share once.

    Parameters
    ----------
    messages
        Source -> what it says; the streams that are there and the remedy are the same
        in all of them.

    >>> said_once({"a": "No A; seen: C. Start it.", "b": "No B; seen: C. Start it."})
    'a: No A; b: No B; seen: C. Start it.'
    """
    texts = list(messages.values())
    backwards = zip(*(reversed(text) for text in texts), strict=False)
    alike = sum(1 for _ in takewhile(lambda signs: len(set(signs)) == 1, backwards))
    shared = texts[0][len(texts[0]) - alike :] if len(texts) > 1 else ""
    ends = [at for mark in ("; ", ". ") if (at := shared.find(mark)) >= 0]
    shared = shared[min(ends) :] if ends else ""
    heads = (f"{name}: {text.removesuffix(shared)}" for name, text in messages.items())
    return "; ".join(heads) + shared


def _run(
    session: LiveSession,
    stop: threading.Event,
    seconds: float | None,
    console: Console | None,
) -> None:
    started = now_s()
    shown = 0.0
    told = 0
    faults = Faults()
    while not stop.is_set() and (seconds is None or now_s() - started < seconds):
        session.poll()
        running = session.report.recording if session.report else None
        if console is not None and running is not None and now_s() - shown > SHOW_S:
            shown = now_s()
            rows = sum(running.rows.values())
            console.print(
                f"{running.elapsed_s:6.0f} s  {running.bytes / 1e6:8.1f} MB  "
                f"{rows} rows{'  ' + running.fault if running.fault else ''}"
            )
        for trouble in (*session.troubles[told:], *faults.news(session.report)):
            if console is not None:
                console.print(trouble, markup=False)
        told = len(session.troubles)
        stop.wait(TICK_S)


def _last_trouble(session: LiveSession, otherwise: str) -> str:
    return session.troubles[-1] if session.troubles else otherwise


def _tell(session: LiveSession, out_file: Path, console: Console | None) -> int:
    ended = session.last_trial
    if ended is None:
        raise RecordingError(_last_trouble(session, f"{out_file} was not closed."))
    report = verify(out_file)
    if console is not None:
        for stream in report.streams:
            lost = f"{'' if stream.lost_is_exact else '≥ '}{stream.lost} lost"
            console.print(f"{stream.name}: {stream.rows} rows, {lost}")
        for finding in report.findings:
            console.print(finding)
        console.print(f"Recorded to {out_file}")
    return 0 if report.ok else 1
