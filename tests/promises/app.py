"""An app of its own, to be killed: ``python -m tests.promises.app``.

Opens sources, records, says what it sees, and at the end compares its live results
with the file. ``--window`` opens the real window (without a display).
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from drivers.sim.control import Control, serve
from lablive.analysis import analyze_trial
from lablive.clock import now_s
from lablive.live.agreement import differences
from lablive.live.link import run_dir
from lablive.live.session import LiveSession
from lablive.messages import SourceSpec
from ui.host_process import attach_or_start

TICK_S = 0.01


class Watch:
    """Say once what has become true of a session."""

    def __init__(self, options: argparse.Namespace, control: Control) -> None:
        self._options = options
        self._control = control
        self._began_s = now_s()
        self._said: set[str] = set()
        self._rows = 0

    def start(self, session: LiveSession) -> None:
        for source, driver, details in json.loads(self._options.sources):
            session.add_source(SourceSpec(source, driver, details))

    def look(self, session: LiveSession, new_rows: int) -> bool:
        """Return whether the app has nothing left to do."""
        self._rows += new_rows
        wanted, path = self._options.record, self._options.record
        if wanted and session.recording is None and self._sends(session):
            self._once("start", lambda: session.start_recording(path, {}))
        if session.recording is not None and session.pipeline is not None:
            rows = self._rows >= self._options.rows
            if rows:
                self._say("running", path=str(session.recording.path), rows=self._rows)
        if self._control.stopped and session.recording is not None:
            self._once("stop", session.stop_recording)
        return "stop" in self._said and session.recording is None

    def end(self, session: LiveSession) -> dict[str, Any]:
        trial = session.last_trial
        assert trial is not None
        assert session.finished is not None
        replayed = analyze_trial(Path(trial.path)).pipeline
        return {
            "event": "end",
            "path": trial.path,
            "differences": differences(session.finished, replayed),
            "strides": len(replayed.strides),
            "troubles": session.troubles,
        }

    def _sends(self, session: LiveSession) -> bool:
        wanted = len(json.loads(self._options.sources))
        sources = session.report.sources if session.report else ()
        return len(sources) == wanted and all(
            source.status and all(told.rows for told in source.status)
            for source in sources
        )

    def _say(self, event: str, **more: Any) -> None:
        took_s = now_s() - self._began_s
        self._once(event, lambda: self._control.say(event=event, took_s=took_s, **more))

    def _once(self, what: str, do: Any) -> None:
        if what not in self._said:
            self._said.add(what)
            do()


def run_plain(options: argparse.Namespace, control: Control) -> dict[str, Any]:
    control.say(event="ready", streams=[])
    watch = Watch(options, control)
    session = LiveSession(lambda: attach_or_start(run_dir()))
    watch.start(session)
    while not watch.look(session, sum(_rows(item) for item in session.poll().items)):
        control.wait(0 if control.stopped else TICK_S)
    told = watch.end(session)
    session.close()
    return told


def run_window(options: argparse.Namespace, control: Control) -> dict[str, Any]:
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from ui.app import MainWindow, make_app
    from ui.session_model import State

    app = make_app()
    control.say(event="ready", streams=[])
    watch = Watch(options, control)
    window = MainWindow(library=options.library)
    window.show()
    model = window.model
    watch.start(model.live)
    drawn = window.page.refresh

    def refresh(tick: Any) -> None:
        drawn(tick)
        if watch.look(model.live, sum(_rows(item) for item in tick.items)):
            app.quit()
        elif model.live.pipeline is not None and model.state is State.RECORDING:
            watch._say("window")

    window.page.refresh = refresh
    app.exec()
    told = watch.end(model.live)
    window.close()
    return told


def _rows(item: Any) -> int:
    return len(item) if hasattr(item, "first_row") else 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sources", default="[]", help="JSON: [[id, driver, options]]")
    parser.add_argument("--record", type=Path, help="record here once all send")
    parser.add_argument("--rows", type=int, default=1, help="say 'running' after these")
    parser.add_argument("--window", action="store_true")
    parser.add_argument("--library", type=Path)
    options = parser.parse_args()
    run = run_window if options.window else run_plain
    return serve(lambda control: run(options, control), None)


if __name__ == "__main__":
    raise SystemExit(main())
