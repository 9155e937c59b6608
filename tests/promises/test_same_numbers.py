"""Live, replay and analysis find the same, to the last bit, over real wires."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import configs
from lablive.analysis import analyze
from lablive.live.agreement import differences
from lablive.live.replaying import ReplaySession
from lablive.metrics.registry import METRICS
from lablive.recording.replay import Trial
from lablive.recording.verify import verify
from lablive.signals.calibrations import Calibrations
from lablive.signals.montage import load_montage
from lablive.signals.sound_latency import SoundLatency
from tests.promises.lab import (
    assert_same_as_replay,
    assert_whole,
    numbers,
    recorded,
    source,
    stream,
)

if TYPE_CHECKING:
    from tests.promises.lab import Lab

CONFIGS = Path(configs.__file__).parent
WIRES = {
    "good": "",
    "bad": "drop_pct=2,duplicate_pct=1,cut_pct=1,flip_rate=1e-5,batch_ms=16,"
    "pause_at_s=3,pause_s=1",
}


@pytest.mark.slow
@pytest.mark.parametrize("faults", WIRES.values(), ids=WIRES.keys())
def test_live_is_replay_is_analysis(lab: Lab, faults: str) -> None:
    session = lab.session()
    runner = lab.runner("--faults", faults, streams="insoles,speed")
    lab.connect(session, runner)
    path = lab.record(session)
    lab.poll_until(lambda: len(session.pipeline.strides) >= 6, "six strides")
    lab.stop(session)
    sent = runner.stop()["streams"]["left_sole"]

    assert assert_same_as_replay(session, path) >= 6
    live = session.finished
    assert live is not None
    assert replayed_differences(path, live) == []
    analysis = analyze(path)
    sample = live.results.sample()
    for key, metric in METRICS.items():
        assert repr(sample.summarise(metric)) == repr(analysis.metrics[key])
    assert analysis.metrics["cadence_spm"].both.n > 0

    report = verify(path)
    assert report.damage == []
    lost = next(s.lost for s in report.streams if s.name == "left_sole")
    assert bool(lost) == bool(faults)
    # nothing is told as lost that the wire did not lose
    assert lost <= sent["dropped"] + sent["cut"] + sent["flipped"] + sent["buffer_full"]
    stalls = [gap for gap in report.gaps if gap.kind == "stall"]
    sole = stream(Trial(path), "left_sole").id
    assert any(gap.stream == sole for gap in stalls) == ("pause" in faults)


def replayed_differences(path: Path, live: object) -> list[str]:
    """Return what the replay on screen finds differently."""
    replay = ReplaySession(path)
    while replay.work(1.0):
        pass
    return differences(live, replay.pipeline)


@pytest.mark.slow
def test_imus_emg_and_sound_are_the_same_too(lab: Lab) -> None:
    """Every stream of the lab over real wires, the microphone's latency known."""
    session = lab.session()
    latency = SoundLatency("", "belt", 0.137, 40, 0.4)
    session.calibrate(Calibrations(sound_latency=latency))
    runner = lab.runner(streams="insoles,imu,emg,level,speed")
    lab.connect(session, runner)
    path = lab.record(session)
    lab.poll_until(
        lambda: len(session.pipeline.strides) >= 8, "eight strides", at_most_s=60.0
    )
    lab.stop(session)
    runner.stop()

    assert assert_same_as_replay(session, path) >= 8
    live = session.finished
    assert live is not None
    assert replayed_differences(path, live) == []
    found = [record for record in live.strides if record.stride.valid]
    assert any("footfall_sel_dba" in record.values for record in found)
    pelvis = [record.notes["pelvis"] for record in found if "pelvis" in record.notes]
    assert set(pelvis) == {"the pelvis IMU is not calibrated"}
    assert any("emg_quality" in record.values for record in found)


@pytest.mark.slow
def test_devices_that_come_and_go_during_a_recording(lab: Lab) -> None:
    montage = load_montage(CONFIGS / "montages" / "simulator.toml")
    session = lab.session(montage=montage)
    lab.connect(session, lab.numbered_port())
    path = lab.record(session)
    runner = lab.runner()
    lab.connect(session, runner)
    lab.poll_until(lambda: session.pipeline.strides, "strides of the late insoles")
    session.remove_source("numbered")
    lab.poll_until(lambda: source(session, "numbered") is None, "its end")
    rows = recorded(session)
    lab.poll_until(lambda: recorded(session) > rows + 100, "rows of the insoles")
    lab.stop(session)
    assert assert_same_as_replay(session, path)
    trial = Trial(path)
    assert_whole(numbers(trial))
    assert trial.rows(stream(trial, "left_sole").id) > 100
    assert verify(path).damage == []
