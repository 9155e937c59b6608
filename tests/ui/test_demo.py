"""The demo with real recordings knows what they measure."""

from __future__ import annotations

import numpy as np

from drivers.profile_files import load_profile
from drivers.sim.imu_model import SITES
from drivers.sim.runner import Runner, RunnerSettings
from lablive.calibrating.rows import About
from lablive.calibrating.run import CalibrationRun
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.signals.binding import bind
from ui.demo import (
    PLAYED,
    SEATED_S,
    SIMULATED,
    STANDING_S,
    WEIGH_AT_S,
    ZERO_AT_S,
    room_montage,
)
from ui.weighing import WEIGH_STEP_S, WEIGHED


def test_both_feet_of_the_played_recording_are_shown():
    profile = load_profile(f"playback_{PLAYED}")
    channels = tuple(ChannelInfo(f"press{n}", "kPa") for n in range(198))
    (told,) = profile.streams
    stream = StreamInfo(1, told.name, told.type, 50.0, channels)
    bound = bind(room_montage(PLAYED), [stream])
    assert bound.sources.keys() == {"insole_left.pressure", "insole_right.pressure"}


def test_weighing_calibrates_imus_and_muscles_of_the_simulated_lab_too():
    runner = Runner(RunnerSettings(seated_s=SEATED_S, standing_s=STANDING_S))
    bound = bind(room_montage(SIMULATED), runner.streams)
    about = About(made_at="2026-07-01T10:00:00+02:00", person="P7", mass_kg=70.0)
    run = CalibrationRun(bound, runner.streams, about, WEIGHED)
    asked = {ZERO_AT_S: "zero", WEIGH_AT_S: "stand"}
    for at_s in np.arange(0.0, STANDING_S - 0.1, 0.1).round(1):
        if at_s in asked:
            run.begin(asked[at_s], seconds=WEIGH_STEP_S[asked[at_s]])
        for info in runner.streams:
            t_s, x = runner.window(info.name, at_s, at_s + 0.1)
            if len(t_s):
                run.feed([Chunk(info.id, 0, t_s, x.astype(np.float32))])
    assert run.has("zero")
    assert run.has("stand")
    made = run.calibrations
    assert made.insole.standing_balance_pct > 49.0
    found = {site: made.segments.of(site) for site in SITES}
    assert all(own.axes_from == "montage" and own.has_angles for own in found.values())
    assert len(made.emg.rests) == 4
    assert [text for told in run.verdicts for text in told.problems] == []
