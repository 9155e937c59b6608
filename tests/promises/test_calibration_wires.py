"""A calibration over real wires: live, and again from the trial it was recorded in."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from drivers.sim import script
from lablive.calibrating.calibrate import work_out
from lablive.calibrating.phases import phases_of
from lablive.calibrating.rows import About
from lablive.calibrating.rows import Lab as CalibrationLab
from lablive.calibrating.run import CalibrationRun
from lablive.clock import now_s
from lablive.recording.replay import Trial
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from tests.promises.lab import Lab, wait_for

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals"
)
RUNNER = "script=zero and stand,standing_s=16,mounting_seed=2,gain_left=0.8"
ABOUT = About(made_at="2026-07-01T10:00:00+02:00", person="P7", mass_kg=70.0)
PARTS = ("insole", "segments")


def test_a_calibration_over_wires_is_the_same_from_its_trial(lab: Lab) -> None:
    runner = lab.runner(
        "--set", RUNNER, "--wait", "30", streams="insoles,Sim pelvis IMU"
    )
    session = lab.session()
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)  # runs when the runner comes, to have its first rows
    lab.connect(session, runner)
    start = runner.wait_for("start", 1.0)
    phases = {t_s: text for t_s, text in start["phases"] if "begin" in text}
    assert [text.split()[0] for text in phases.values()] == ["zero", "stand", "run"]
    infos = session.feed.streams
    binding = bind(auto_montage(infos), infos)
    run = CalibrationRun(binding, infos, ABOUT, PARTS)

    seconds = {"zero begin": 1.5, "stand begin": 5.1}

    def calibrated() -> bool:
        for t_s, text in list(phases.items()):
            if text in seconds and now_s() >= t_s + 0.2:
                run.begin(phases.pop(t_s).split()[0], seconds=seconds[text])
        for mark in run.feed(session.poll().items):
            session.marker(mark.text, mark.kind, mark.t_s)
        return run.has("stand")

    wait_for(calibrated, "both phases", 30.0)
    lab.stop(session)
    trial = Trial(path)
    found, problems = phases_of(trial.markers)
    assert found == run.phases
    assert problems == ()
    streams = {info.id: info for info in trial.streams}
    again = work_out(CalibrationLab(streams, binding, trial), found, ABOUT, parts=PARTS)
    trial.close()
    assert again.calibrations == run.calibrations
    assert {v.light for v in run.verdicts} == {"green"}
    insole = run.calibrations.insole
    assert insole is not None
    assert insole.standing_balance_pct == pytest.approx(100 / 1.8, abs=0.5)
    segments = run.calibrations.segments
    assert segments is not None
    up = segments.of("pelvis").matrix[2]
    a = np.radians(10.0)  # the simulated pelvis stands tilted
    standing = np.array(
        [[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]]
    )
    truth = (standing @ script.mounting(2, "pelvis"))[2]
    assert np.degrees(np.arccos(up @ truth)) < 0.5
