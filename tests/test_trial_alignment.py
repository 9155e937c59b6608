"""Stomps in a trial tell how far its devices are apart; the trial stays as it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pipeline_cases import LEVEL as LEVELS
from pipeline_cases import SOLES, simulated
from typer.testing import CliRunner

import configs
from lablive.alignment_file import alignment_path, notes_beside, save, words
from lablive.calibrating.phases import marker_of
from lablive.errors import CalibrationError, RecordingError
from lablive.importing.import_trial import import_trial
from lablive.messages import ChannelInfo, Chunk, Marker, StreamInfo
from lablive.preparation import prepare
from lablive.recording.recorder import Recorder
from lablive.recording.replay import Trial
from lablive.signals.montage import load_montage
from lablive.trial_alignment import align
from tests.signals import stomps
from ui.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGS = Path(configs.__file__).parent
T0_S = 1000.0
LATE_S = {"left": 0.0, "right": 0.018, "imu": 0.031, "sound": 0.064}
ACC = tuple(ChannelInfo(f"imu_pelvis.acc.{axis}", "m/s^2") for axis in "xyz")
GYRO = tuple(ChannelInfo(f"imu_pelvis.gyro.{axis}", "rad/s") for axis in "xyz")
LEVEL = tuple(ChannelInfo(f"mic_belt.level.{kind}", "FS^2") for kind in "ACZ")
INFOS = {
    "left": StreamInfo(
        1, "left_sole", "Force", 200.0, (ChannelInfo("insole_left.force", "N"),)
    ),
    "right": StreamInfo(
        2, "right_sole", "Force", 200.0, (ChannelInfo("insole_right.force", "N"),)
    ),
    "imu": StreamInfo(3, "Pelvis IMU", "IMU", 200.0, (*ACC, *GYRO)),
    "sound": StreamInfo(4, "Belt microphone", "Level", 1000.0, LEVEL),
}


def recorded(path: Path, *, marked: bool = True, stomping: bool = True) -> Path:
    """Write a trial: eighteen stomps foot by foot, each device late by its own."""
    rng = np.random.default_rng(7)
    stomps_s = T0_S + stomps.times(rng, 18) if stomping else np.empty(0)
    recorder = Recorder(path, list(INFOS.values()), {}, None)
    for name, info in INFOS.items():
        t_s = T0_S + rng.uniform(0, 0.005) + np.arange(0.0, 26.0, 1.0 / info.rate_hz)
        x = np.zeros((len(t_s), len(info.channels)))
        if name == "imu":
            x[:, :3] = stomps.acc(rng, t_s, stomps_s)
        elif name == "sound":
            x[:] = stomps.sound(rng, t_s, stomps_s)[:, None]
        else:
            own_s = stomps_s[::2] if name == "left" else stomps_s[1::2]
            x[:, 0] = stomps.force(rng, t_s, own_s)
        recorder.append(
            Chunk(info.id, 0, t_s + LATE_S[name], x.astype(np.float32), None, T0_S)
        )
    if marked:
        recorder.marker(marker_of("stomps", "begin", T0_S + 1.0))
        recorder.marker(marker_of("stomps", "end", T0_S + 25.0))
    recorder.marker(Marker(T0_S + 2.0, "hello"))
    recorder.close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return recorded(tmp_path / "trial-01.xdf")


@pytest.fixture
def trial(path: Path) -> Iterator[Trial]:
    opened = Trial(path)
    yield opened
    opened.close()


def test_every_device_against_the_left_insole(trial: Trial) -> None:
    found = align(trial)
    assert found.reference == "insole_left.force"
    assert found.where == "the marked stomps"
    sensors = {it.sensor: it for it in found.sensors}
    assert sensors["insole_left.force"].offset_ms == 0.0
    for role, name in (
        ("insole_right.force", "right"),
        ("imu_pelvis.acc", "imu"),
        ("mic_belt.level", "sound"),
    ):
        it = sensors[role]
        assert it.offset_ms == pytest.approx(1e3 * LATE_S[name], abs=2.0)
        assert it.residual_ms < 5.0
        assert it.n >= 7
    # the two feet never stomp together: a third sensor has felt both
    assert sensors["insole_right.force"].via in ("imu_pelvis.acc", "mic_belt.level")
    assert "by way of the" in sensors["insole_right.force"].note
    assert sensors["imu_pelvis.acc"].via == ""


def test_without_marks_the_whole_trial_is_looked_at(tmp_path: Path) -> None:
    trial = Trial(recorded(tmp_path / "t.xdf", marked=False))
    found = align(trial, reference="imu_pelvis.acc", spans=[(0.0, 12.0)])
    assert found.where == "impulses in the span"
    assert found.reference == "imu_pelvis.acc"
    assert {it.impulses for it in found.sensors} <= set(range(3, 10))
    assert align(trial).where == "single impulses of the whole trial"
    trial.close()


def test_a_reference_that_is_not_there_is_told(trial: Trial) -> None:
    with pytest.raises(CalibrationError, match=r"imu_head\.acc"):
        align(trial, reference="imu_head.acc")


def test_where_nobody_stomped_nothing_is_compared(tmp_path: Path) -> None:
    trial = Trial(recorded(tmp_path / "t.xdf", stomping=False))
    with pytest.raises(CalibrationError, match="stomp 8 times"):
        align(trial)
    trial.close()


def test_the_result_lies_beside_the_trial_and_is_shown(
    path: Path, trial: Trial
) -> None:
    before = hashlib.sha256(path.read_bytes()).digest()
    assert notes_beside(trial) == ()
    kept = save(align(trial), path)
    assert kept == path.with_name("trial-01.alignment.json")
    (note,) = notes_beside(trial)
    assert "clocks against the left insole, by the marked stomps" in note
    assert "pelvis IMU 3" in note
    assert "way of the shock" in note
    assert note in prepare(trial, None).notes  # replay, analysis and report show it
    assert hashlib.sha256(path.read_bytes()).digest() == before


def test_the_result_of_another_recording_is_not_shown(path: Path, trial: Trial) -> None:
    save(align(trial), path)
    told = alignment_path(path)
    other = json.loads(told.read_text()) | {"t0_s": 1.0}
    told.write_text(json.dumps(other))
    (note,) = notes_beside(trial)
    assert "of another recording" in note
    told.write_text("{")
    (note,) = notes_beside(trial)
    assert "cannot be read" in note


def test_a_place_that_cannot_be_written_is_told(trial: Trial, tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written"):
        save(align(trial), tmp_path / "no folder" / "trial-01.xdf")


def test_the_command(path: Path, tmp_path: Path) -> None:
    run = CliRunner()
    done = run.invoke(app, ["align", str(path)])
    assert done.exit_code == 0
    assert "imu_pelvis.acc" in done.output
    assert "was not changed" in done.output
    out = tmp_path / "out.json"
    done = run.invoke(app, ["align", str(path), "--span", "1:25", "--json", str(out)])
    assert done.exit_code == 0
    assert json.loads(out.read_text())["where"] == "impulses in the span"


def test_names_of_sensors() -> None:
    assert words("imu_shank_left.acc") == "left shank IMU"
    assert words("insole_right.acc") == "right insole acc"
    assert words("treadmill.force_z") == "treadmill's force plate"
    assert words("mic_belt.level") == "microphone"


def test_running_gives_no_number(tmp_path: Path) -> None:
    foot, shank = "Sim foot left IMU", "Sim shank right IMU"
    lab = simulated(25.0, (*SOLES, foot, shank, LEVELS), standing_s=2.0, ramp_s=1.0)
    path = tmp_path / "run.xdf"
    recorder = Recorder(path, lab.streams, {}, None)
    for stream, (t_s, x) in lab.rows.items():
        recorder.append(Chunk(stream, 0, t_s + T0_S, x, None, T0_S))
    recorder.close()
    trial = Trial(path)
    found = align(trial)
    trial.close()
    assert {it.sensor for it in found.sensors} >= {"imu_foot_left.acc"}
    assert max(it.impulses for it in found.sensors) > 20
    assert not found.known  # even steps fit as well one step later


def test_real_walking_without_stomps_gives_no_number(
    real_data: Path, tmp_path: Path
) -> None:
    folder = real_data / "imu_xsens_apdm_opensense"
    files = sorted(folder.glob("MT_*.txt"))
    if not files:
        pytest.skip(f"no recordings in {folder}")
    path = tmp_path / "walk.xdf"
    montage = load_montage(CONFIGS / "montages" / "xsens_opensense.toml")
    import_trial(files, path, montage=montage)
    trial = Trial(path)
    found = align(trial)
    trial.close()
    assert len(found.sensors) == 8
    assert not found.known  # a step passes through the body, it is no stomp
    assert all(it.note for it in found.sensors if it.sensor != found.reference)
