"""A set of a drill over real wires: what was told live is what replay tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lablive.analysis import analyze_trial
from lablive.clock import now_s
from lablive.drills.catalogue import load_drill
from lablive.drills.drill_run import DrillRun
from lablive.drills.marks import SetPlan
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.signals.montage import Subject

if TYPE_CHECKING:
    from tests.promises.lab import Lab

BEGIN_S = 8


@pytest.mark.slow
def test_hops_live_are_hops_in_replay(lab: Lab) -> None:
    session = lab.session()
    session.subject = Subject(mass_kg=70.0, height_m=1.75)
    jumper = lab.program(
        "drivers.sim.wires", "--runner", f"drill:hop_two::{BEGIN_S}",
        "--streams", "insoles", "--wait", "20", "--seconds", "60",
    )  # fmt: skip
    lab.connect(session, jumper)
    t0_s = jumper.wait_for("start", 20.0)["t0_s"]
    path = lab.record(session)
    run = DrillRun(SetPlan(load_drill("hop_two")), "both")

    def done() -> bool:
        """Do what the window does at every tick."""
        at_s = t0_s + BEGIN_S
        given = run.begin(at_s) if run.state == "waiting" and now_s() >= at_s else None
        given = given or run.tick(now_s(), session.pipeline.drills)
        for marker in given.markers:
            session.marker(marker.text, marker.kind, marker.t_s)
        return run.state == "over"

    lab.poll_until(done, "the end of the set", at_most_s=40.0)
    told = [rep.state for rep in run.result.reps]
    assert told == ["not counted"] * 2 + ["passed"] * 10
    lab.stop(session)
    assert session.finished is not None
    replayed = analyze_trial(path)
    assert repr(replayed.pipeline.drills.sets()) == repr(session.finished.drills.sets())
    assert [rep.state for rep in replayed.analysis.drill.reps] == told
    trial = Trial(path)
    said = [marker.text for marker in trial.markers if marker.kind == "rep"]
    trial.close()
    assert len(said) == 12
    assert said[-1] == "hop_two both 12 passed"
    jumper.stop()
    assert verify(path).ok
