"""The simulated lab as a process: bytes through a pseudo-terminal, rows through LSL."""

import os
import subprocess
import sys

import numpy as np
import pytest
from a55a_parser import parse
from lsl_reader import find_inlet, pull
from sim_process import SimProcess, open_port, read_port

from drivers.sim import insole_model
from drivers.sim.runner import Runner
from drivers.sim.settings import RunnerSettings
from drivers.sim.wires import choose
from lablive.errors import ConfigError

MODULE = "drivers.sim.wires"
SHORT = "standing_s=0.5,ramp_s=0.5"
TAG = f"test{os.getpid()}"
FRAME_BYTES = 148


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
class TestInsoles:
    def test_every_row_arrives_as_the_runner_made_it(self) -> None:
        arguments = ("--streams", "insoles", "--set", SHORT, "--seconds", "2")
        with SimProcess(MODULE, *arguments, "--wait", "20") as sim:
            port = open_port(sim.hear("ready")["pty"])
            t0_s = sim.hear("start")["t0_s"]
            frames = parse(read_port(port, 200 * FRAME_BYTES))
            sim.hear("sent")
            sim.stop()
            end = sim.hear("end")
            os.close(port)
        assert [number for number, _, _ in frames] == list(range(200))
        assert [time_ms for _, time_ms, _ in frames] == list(range(0, 2000, 10))
        counts = np.vstack([samples for _, _, samples in frames])
        runner = Runner(RunnerSettings(standing_s=0.5, ramp_s=0.5))
        for side, columns in (("left", slice(0, 16)), ("right", slice(16, 32))):
            _, kpa = runner.rows(f"{side}_sole", 0, 400)
            np.testing.assert_array_equal(
                counts[:, columns], insole_model.to_counts(kpa)
            )
            told = end["streams"][f"{side}_sole"]
            assert told["rows"] == told["arrived"] == 400
        first = end["truth"]["events"][0]
        assert first == [pytest.approx(t0_s + 0.87), "right", "ic"]
        assert end["truth"]["cadence_spm"] == pytest.approx(162.162, abs=1e-3)

    def test_the_runner_sits_until_told_to_stand_and_to_run(self) -> None:
        arguments = ("--streams", "insoles", "--set", "ramp_s=0", "--hold")
        with SimProcess(MODULE, *arguments, "--wait", "20") as sim:
            port = open_port(sim.hear("ready")["pty"])
            t0_s = sim.hear("start")["t0_s"]
            frames = read_port(port, 100 * FRAME_BYTES)
            sim.tell("stand")
            stands_s = sim.hear("stand")["t_s"] - t0_s
            frames += read_port(port, 250 * FRAME_BYTES)
            sim.tell("run")
            runs_s = sim.hear("run")["t_s"] - t0_s
            frames += read_port(port, 200 * FRAME_BYTES)
            sim.tell("enough")
            sim.hear("sent")
            frames += read_port(port, quiet_s=0.3)
            sim.stop()
            end = sim.hear("end")
            os.close(port)
        found = parse(frames)
        assert [number for number, _, _ in found] == list(range(len(found)))
        told = end["streams"]["left_sole"]
        assert told["rows"] == told["arrived"] == 2 * len(found)
        assert 1.9 < stands_s < runs_s - 2.0
        runner = Runner(
            RunnerSettings(seated_s=stands_s, standing_s=runs_s, ramp_s=0.0)
        )
        counts = np.vstack([samples for _, _, samples in found])
        for side, columns in (("left", slice(0, 16)), ("right", slice(16, 32))):
            _, kpa = runner.rows(f"{side}_sole", 0, len(counts))
            np.testing.assert_array_equal(
                counts[:, columns], insole_model.to_counts(kpa)
            )
        assert end["truth"]["events"][0][0] > t0_s + runs_s

    def test_the_runner_performs_the_phase_that_is_asked_for(self) -> None:
        arguments = ("--streams", "insoles", "--set", "ramp_s=0", "--hold")
        with SimProcess(MODULE, *arguments, "--wait", "20") as sim:
            port = open_port(sim.hear("ready")["pty"])
            t0_s = sim.hear("start")["t0_s"]
            frames = read_port(port, 50 * FRAME_BYTES)
            sim.tell("do juggle 3")  # nobody can
            sim.tell("do single_leg 0.5 left")
            told = sim.hear("do")
            frames += read_port(port, 300 * FRAME_BYTES)
            sim.stop()
            os.close(port)
        assert told["order"] == "do single_leg 0.5 left"
        begin_s = told["t_s"] - t0_s
        found = parse(frames)  # on a busy machine some do not fit into the port
        counts = np.vstack([samples for _, _, samples in found])
        t_s = np.concatenate(
            [[2 * n / 200.0, (2 * n + 1) / 200.0] for n, _, _ in found]
        )
        left, right = counts[:, :16].sum(axis=1), counts[:, 16:].sum(axis=1)
        seated = t_s < begin_s - 0.55
        assert max(left[seated].max(), right[seated].max()) < 1000  # 10 counts a newton
        alone = (t_s > begin_s + 0.05) & (t_s < begin_s + 0.45)
        assert left[alone].min() > 6000
        assert right[alone].max() < 1000

    def test_a_reader_that_sleeps_costs_rows_and_the_count_is_exact(self) -> None:
        fast = f"{SHORT},insole_rate_hz=4000"
        arguments = ("--streams", "insoles", "--set", fast, "--seconds", "1")
        with SimProcess(MODULE, *arguments, "--wait", "20") as sim:
            port = open_port(sim.hear("ready")["pty"])
            sim.hear("sent")
            frames = parse(read_port(port, quiet_s=0.2))
            sim.stop()
            end = sim.hear("end")
            os.close(port)
        told = end["streams"]["left_sole"]
        assert told["rows"] == 4000
        assert told["buffer_full"] > 0
        # a frame that was half in the buffer at the end is no row either
        assert 0 <= told["arrived"] - 2 * len(frames) <= 2

    def test_unplugged_and_plugged_in_under_another_name(self) -> None:
        faults = "unplug_at_s=0.5,replug_after_s=0.3"
        arguments = ("--streams", "insoles", "--faults", faults, "--wait", "20")
        with SimProcess(MODULE, *arguments) as sim:
            first = sim.hear("ready")["pty"]
            port = open_port(first)
            frames = parse(read_port(port, quiet_s=5.0))
            assert 1 <= len(frames) <= 50
            second = sim.hear("replug")["pty"]
            again = open_port(second)
            frames = parse(read_port(again, 20 * FRAME_BYTES))
            assert frames
            os.close(port)
            os.close(again)

    def test_unplugged_when_told(self) -> None:
        arguments = ("--streams", "insoles", "--faults", "replug_after_s=0.1")
        with SimProcess(MODULE, *arguments, "--wait", "20") as sim:
            first = sim.hear("ready")["pty"]
            port = open_port(first)
            t0_s = sim.hear("start")["t0_s"]
            frames = parse(read_port(port, 20 * FRAME_BYTES))
            assert len(frames) >= 20
            sim.tell("unplug")
            assert sim.hear("unplug")["t_s"] > t0_s
            assert sim.hear("replug")["pty"]
            os.close(port)

    def test_nothing_waits_for_a_reader_who_comes_late(self) -> None:
        with SimProcess(MODULE, "--streams", "insoles") as sim:
            path = sim.hear("ready")["pty"]
            sim.hear("start")
            port = open_port(path)
            number, time_ms, _ = parse(read_port(port, 3 * FRAME_BYTES))[0]
            sim.stop()
            end = sim.hear("end")
            os.close(port)
        assert time_ms == number * 10
        assert end["streams"]["left_sole"]["unheard"] >= 2 * number


class TestLsl:
    def test_rows_stamps_and_description(self) -> None:
        names = "Sim pelvis IMU,Sim EMG,Sim treadmill"
        arguments = ("--streams", names, "--set", SHORT, "--seconds", "3")
        runner = Runner(RunnerSettings(standing_s=0.5, ramp_s=0.5))
        with SimProcess(MODULE, *arguments, "--wait", "30", "--id", TAG) as sim:
            ready = {s["name"]: s["source_id"] for s in sim.hear("ready")["streams"]}
            inlets = {name: find_inlet(ready[name]) for name in ready}
            for inlet in inlets.values():
                inlet.open_stream(10)
            t0_s = sim.hear("start")["t0_s"]
            got = {
                name: pull(inlet, runner.rows_before(name, 3.0))
                for name, inlet in inlets.items()
            }
            infos = {name: inlet.info(10) for name, inlet in inlets.items()}
            for inlet in inlets.values():
                inlet.close_stream()
            end = sim.hear("end")  # nobody listens any more
        assert set(got) == set(names.split(","))
        for info in runner.streams:
            if info.name not in got:
                continue
            t_s, x = runner.window(info.name, 0.0, 3.0)
            assert end["streams"][info.name]["rows"] == len(t_s)
            np.testing.assert_array_equal(got[info.name][1], x.astype(np.float32))
            assert got[info.name][0] == pytest.approx(t0_s + t_s, abs=1e-9)
            lsl = infos[info.name]
            assert tuple(lsl.get_channel_labels()) == info.labels
            assert list(lsl.get_channel_units()) == [c.unit for c in info.channels]
            assert (lsl.type(), lsl.nominal_srate()) == (info.type, info.rate_hz)
            sync = lsl.desc().child("synchronization")
            assert sync.child_value("can_drop_samples") == "true"


def test_it_ends_with_its_input() -> None:
    with SimProcess(MODULE, "--streams", "speed", "--id", TAG) as sim:
        sim.hear("start")
        sim.end_of_input()
        assert sim.process.wait(10) == 0


def test_it_ends_with_its_parent() -> None:
    script = (
        "import subprocess, sys\n"
        f"sim = subprocess.Popen([sys.executable, '-m', {MODULE!r}, '--streams', "
        f"'speed', '--id', {TAG!r}])\n"
        "sys.stdin.readline()\n"
    )
    keep_open, hold = os.pipe()  # stdin of the simulator never ends by itself
    parent = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=keep_open,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert parent.stdout is not None
    assert b"ready" in parent.stdout.readline()
    assert b"start" in parent.stdout.readline()
    parent.kill()
    parent.wait()
    assert b'"end"' in parent.stdout.readline()
    assert parent.stdout.read() == b""  # everybody has closed it
    parent.stdout.close()
    os.close(keep_open)
    os.close(hold)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--runner", "usain"), "usain"),
        (("--set", "mass=70"), "mass"),
        (("--set", "mass_kg=0"), "mass_kg"),
        (("--streams", "insolse"), "insolse"),
        (("--faults", "drop=1"), "drop"),
    ],
)
def test_a_wrong_option_is_one_message(arguments: tuple[str, str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", MODULE, *arguments],
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.PIPE,
    )
    assert done.returncode == 2
    assert words in done.stdout.decode()
    assert b"Traceback" not in done.stderr


def test_streams_are_chosen_by_group_or_name() -> None:
    runner = Runner()
    insoles, streams = choose(runner, "insoles,imu,level")
    assert insoles
    assert len(streams) == 10
    insoles, streams = choose(runner, "Sim EMG")
    assert not insoles
    assert [info.name for info in streams] == ["Sim EMG"]
    with pytest.raises(ConfigError, match="no simulated stream"):
        choose(runner, "")


def test_a_pose_that_ends_later_changes_no_row_before_it() -> None:
    held = Runner(RunnerSettings(seated_s=1e6, standing_s=1e6))
    stood = Runner(RunnerSettings(seated_s=3.0, standing_s=1e6))
    ran = Runner(RunnerSettings(seated_s=3.0, standing_s=6.0))
    for info in held.streams:
        for before, after, told_s in ((held, stood, 2.0), (stood, ran, 5.0)):
            for one, other in zip(
                before.window(info.name, 0.0, told_s),
                after.window(info.name, 0.0, told_s),
                strict=True,
            ):
                np.testing.assert_array_equal(one, other)
