"""REF-1 over real wires: calibrated, recorded, and every number right."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from ref1_truth import brackets
from typer.testing import CliRunner

from drivers.sim.runner import Runner, RunnerSettings
from lablive.analysis import analyze_trial
from lablive.calibrating.phases import MARKER_KIND
from lablive.calibrating.record import load_record
from lablive.clock import now_s
from lablive.live.agreement import differences
from lablive.metrics.registry import METRICS
from lablive.names import SIDES, Side
from lablive.recording.verify import verify
from lablive.signals.auto_montage import auto_montage
from lablive.signals.montage import Subject
from tests.promises.test_same_numbers import replayed_differences
from ui.cli import app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lablive.live.session import LiveSession
    from lablive.metrics.metric import StatKey
    from lablive.metrics.summary import MetricValue
    from tests.promises.lab import Lab

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals"),
]
# sensors put on anyhow; both soles read 80 % of the force
RUNNER = "script=short,standing_s=34,mounting_seed=1,gain_left=0.8,gain_right=0.8"
SUBJECT = Subject(mass_kg=70.0, height_m=1.75)
RUN_S = 34.0  # of running, the first 10 s for the sensors to settle

# id, expected, tolerance on either side: metric reference 9b
EACH = brackets(
    {
        "cadence_spm": 0.3,
        "contact_time_ms": 2.0,
        "flight_time_ms": 2.0,
        "duty_factor_pct": 0.5,
        "peak_force_bw": 0.03,
        "stance_impulse_bw_s": 0.005,
        "strike_index_pct": 3.0,
        "rfs_pct": 0.0,
        "heel_off_pct_stance": 2.0,
        "toe_last_pct": 0.0,
        "step_length_m": 0.005,
        "pelvic_drop_deg": 0.5,
        "pelvic_drop_exc_deg": 0.5,
        "pelvis_obliquity_rom_deg": 0.5,
        "pelvic_tilt_rel_deg": 0.5,
        "pelvis_tilt_rom_deg": 0.5,
        "pelvic_tilt_to_deg": 0.5,
        "pelvis_rotation_rom_deg": 0.5,
        "trunk_lean_deg": 0.5,
        "trunk_rotation_rom_deg": 1.0,
        "spine_flexion_deg": 0.5,
        "head_sway_ml_cm": 0.05,
        "thigh_flexion_peak_deg": 1.0,
        "thigh_extension_peak_deg": 1.0,
        "thigh_pendulum_ratio": 0.03,
        "hip_flexion_ic_deg": 1.0,
        "thigh_extension_to_deg": 1.0,
        "shank_angle_ic_deg": 1.0,
        "knee_flexion_ic_deg": 1.0,
        "foot_ahead_m": 0.01,
        "foot_ahead_in": 0.4,
        "foot_ahead_leg": 0.01,
        "rear_share_pct": 1.0,
        "tibial_shock_g": 0.35,
        "foot_progression_deg": 1.5,
        "gmax_onset_ms": 15.0,
        "gmed_onset_ms": 15.0,
        "gmax_burst_present_pct": 0.0,
        "gmed_burst_present_pct": 0.0,
    },
)
# of both feet, or of neither
WHOLE = brackets(
    {
        "insole_gain_ratio": 0.02,
        "fmax_model_bw": 0.05,
        "dy_model_cm": 0.2,
        "kvert_kn_m": 0.8,
        "kleg_kn_m": 0.4,
        "vert_osc_cm": 0.5,
        "contact_time_si_pct": 1.0,
        "step_time_si_pct": 1.0,
        "peak_force_si_pct": 1.0,
        "impulse_si_pct": 1.0,
        "foot_progression_diff_deg": 1.5,
        "footfall_lr_db": 0.3,
        "sound_latency_ms": 5.0,
        "event_quality_pct": 5.0,
    },
    kvert_kn_m=23.6,
)
SOUND: dict[Side, float] = {"left": 72.0, "right": 73.5}


def test_ref1_over_real_wires_is_ref1(lab: Lab) -> None:
    """Calibrate from one trial, run in the next; live = replay = report."""
    runner = lab.runner(
        "--set", RUNNER, "--wait", "40", streams="insoles,imu,emg,level,speed"
    )
    montage = auto_montage(Runner(RunnerSettings()).streams)
    session = lab.session(montage=msgspec.structs.replace(montage, subject=SUBJECT))
    lab.connect(session, runner)
    start = runner.wait_for("start", 1.0)

    standing = calibrated(lab, session, start["phases"])
    record = load_record(standing)
    assert [text for v in record.verdicts for text in v.problems] == []
    (note,) = [text for v in record.verdicts for text in v.notes]
    assert "4 EMG channels carry 50 Hz mains" in note  # as 9b says
    session.calibrate(record.calibrations)

    sleep_until(lab, session, start["t0_s"] + 34.0)
    path = lab.record(session, "run.xdf")
    sleep_until(lab, session, now_s() + RUN_S)
    lab.stop(session)
    sent = runner.stop()
    live = session.finished
    assert live is not None

    counted = verify(path)
    assert counted.damage == []
    assert sum(stream.lost for stream in counted.streams) == 0
    assert sum(told.get("buffer_full", 0) for told in sent["streams"].values()) == 0
    done = analyze_trial(path)
    assert differences(live, done.pipeline) == []
    assert replayed_differences(path, live) == []
    assert live.findings() == done.pipeline.findings() == ()
    sample = live.results.sample()
    for metric_id, metric in METRICS.items():
        assert repr(sample.summarise(metric)) == repr(done.analysis.metrics[metric_id])
    assert wrong(done.analysis.metrics) == []
    assert done.analysis.notes == ()


def calibrated(lab: Lab, session: LiveSession, phases: list[list[Any]]) -> Path:
    """Record the phases with their markers; ``lablive calibrate`` writes the file."""
    path = lab.record(session, "calibration.xdf")
    until_s = max(t_s for t_s, text in phases if not text.startswith("run"))
    for t_s, text in phases:
        if t_s <= until_s:
            session.marker(text, MARKER_KIND, t_s)
    sleep_until(lab, session, until_s + 0.3)
    lab.stop(session)
    out = path.with_suffix(".json")
    arguments = ["calibrate", str(path), "--out", str(out)]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    return out


def sleep_until(lab: Lab, session: LiveSession, t_s: float) -> None:
    """Let the app poll until a time."""
    lab.poll_until(lambda: now_s() >= t_s, "the time", session, at_most_s=60.0)


def wrong(metrics: Mapping[str, MetricValue]) -> list[str]:
    """Return every number that is not within its bracket."""
    found: list[str] = []

    def hold(metric_id: str, side: StatKey, value: float, within: float) -> None:
        stat = metrics[metric_id].stat(side)
        if not stat.n or not abs(stat.median - value) <= within + 1e-9:
            note = metrics[metric_id].note
            found.append(f"{metric_id} {side} {stat.median} of {stat.n}: {note}")

    for metric_id, value, within in EACH:
        for side in SIDES:
            hold(metric_id, side, value, within)
    for metric_id, value, within in WHOLE:
        hold(metric_id, "both", value, within)
    for side in SIDES:
        hold("footfall_sel_dba", side, SOUND[side], 0.3)
    return found
