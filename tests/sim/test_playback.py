"""Recorded sets over real wires: every byte and every row arrives."""

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from a55a_parser import parse
from lsl_reader import find_inlet, pull
from sim_process import SimProcess, open_port, read_port
from test_datasets import make_loadsol

from drivers.sim import datasets, playback
from lablive.errors import LabLiveError

MODULE = "drivers.sim.playback"
TAG = f"play{os.getpid()}"
posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals"
)


def make_dryft(folder: Path) -> np.ndarray:
    force = np.round(np.abs(np.sin(np.arange(240) / 20)) * 1000, 2)
    path = folder / "dryft_treadmill_grf" / "custom_drift_S001runT25.csv"
    path.parent.mkdir()
    path.write_text("\n".join(map(str, force)), "utf-8")
    return force


def play_port(data: Path, name: str, *more: str) -> tuple[bytes, dict]:
    """Play a set as fast as it is read and return its bytes and the report."""
    arguments = ("--set", name, "--data", str(data), "--speed", "0", *more)
    with SimProcess(MODULE, *arguments) as sim:
        ready = sim.hear("ready")
        assert ready["profile"] == playback.PROFILES[name]
        port = open_port(ready["pty"])
        sim.hear("start")
        data_read = read_port(port, quiet_s=1.5)
        os.close(port)
        return data_read, sim.hear("end")


def play_lsl(
    data: Path, name: str, speed: str, *more: str
) -> tuple[list[tuple[np.ndarray, np.ndarray]], dict]:
    """Play a set and return time stamps and rows of its streams, and the report."""
    arguments = ("--set", name, "--data", str(data), "--speed", speed, "--id", TAG)
    with SimProcess(MODULE, *arguments, *more) as sim:
        streams = sim.hear("ready")["streams"]
        inlets = [find_inlet(stream["source_id"]) for stream in streams]
        for inlet in inlets:
            inlet.open_stream(10)
        sim.hear("start")
        trials = [int(more[1])] if more else []
        recording = datasets.load(name, data, trials)
        found = [
            pull(inlet, len(stream.t_s))
            for inlet, stream in zip(inlets, recording.streams, strict=True)
        ]
        sim.hear("sent")
        for inlet in inlets:
            inlet.close_stream()
        return found, sim.hear("end")


@posix_only
def test_text_lines_are_the_recorded_ones(tmp_path: Path) -> None:
    make_loadsol(tmp_path)
    data, end = play_port(tmp_path, "loadsol")
    recording = datasets.load("loadsol", tmp_path)
    assert data.decode().splitlines() == list(recording.lines)
    assert end["streams"]["loadsol"]["arrived"] == 2
    assert end["truth"]["lost_rows_right"] == 1.0


def test_rows_keep_the_pace_and_the_time_of_the_recording(tmp_path: Path) -> None:
    force = make_dryft(tmp_path)
    [(t_s, x)], end = play_lsl(tmp_path, "dryft", "1")
    assert x[:, 0] == pytest.approx(force, abs=1e-3)
    assert t_s == pytest.approx(end["t0_s"] + np.arange(240) / 300, abs=1e-9)
    assert end["streams"]["dryft treadmill"]["rows"] == 240
    assert len(end["truth"]["contacts"]) == 3


def test_played_fast_no_stamp_lies_ahead(tmp_path: Path) -> None:
    make_dryft(tmp_path)
    [(t_s, _)], _ = play_lsl(tmp_path, "dryft", "0")
    assert np.diff(t_s) == pytest.approx(1 / 300, abs=1e-9)
    assert t_s[-1] <= time.perf_counter()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "dryft"), "--data"),
        (("--set", "nothing"), "Known: loadsol"),
        (("--set", "dryft", "--speed", "-1"), "backwards"),
    ],
)
def test_what_cannot_be_played_is_one_message(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    with SimProcess(MODULE, *arguments, "--data", str(tmp_path)) as sim:
        with pytest.raises(AssertionError, match=words):
            sim.hear("ready")
        assert sim.process.wait(10) == 2


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    make_dryft(tmp_path)
    arguments = ("--set", "dryft", "--data", str(tmp_path), "--wait", "0.1")
    with (
        SimProcess(MODULE, *arguments, "--id", f"{TAG}x") as sim,
        pytest.raises(AssertionError, match="Nobody listened"),
    ):
        sim.hear("start")


@posix_only
@pytest.mark.parametrize("name", ["loadsol", "stappone"])
def test_real_text_sets(name: str, real_data: Path) -> None:
    data, end = play_port(real_data, name)
    recording = datasets.load(name, real_data)
    assert data.decode().splitlines() == list(recording.lines)
    told = end["streams"][recording.streams[0].info.name]
    assert told["arrived"] == told["rows"] == len(recording.lines) - 1


@posix_only
def test_real_pedar_frames(real_data: Path) -> None:
    data, _ = play_port(real_data, "pedar")
    (stream,) = datasets.load("pedar", real_data).streams
    frames = parse(data, channels=198)
    assert [number for number, _, _ in frames] == list(range(len(stream.t_s)))
    assert frames[-1][1] == pytest.approx(stream.t_s[-1] * 1e3)
    kpa = np.vstack([samples for _, _, samples in frames]) / playback.COUNTS_PER_KPA
    assert kpa == pytest.approx(stream.x)


def test_real_running_trial(real_data: Path) -> None:
    (force, acc), end = play_lsl(real_data, "running", "0", "--trials", "2")
    recording = datasets.load("running", real_data, [2])
    for got, stream in zip((force, acc), recording.streams, strict=True):
        np.testing.assert_array_equal(got[1], stream.x.astype(np.float32))
        assert np.diff(got[0]) == pytest.approx(1 / 500, abs=1e-9)
    assert len(end["truth"]["contacts"]) == 16


def test_sets_know_their_wires() -> None:
    with pytest.raises(SystemExit):
        playback.parser().parse_args(["--set", "running", "--trials", "a"])
    for name in playback.PROFILES:
        assert name in datasets.DATASETS
    with pytest.raises(LabLiveError):
        datasets.load("loadsol", Path("nowhere"))
