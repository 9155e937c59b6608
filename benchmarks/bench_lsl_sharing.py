"""What publishing on LSL costs: nine 400 Hz IMUs on wires bridged, and live results.

Run ``python benchmarks/bench_lsl_sharing.py``. Devices and wires are those of
``bench_wire``; a program of its own listens to all of them. Prints the share of a core
of the host's part without publishing, with it while nobody listens, and with a
listener, in turn; then what publishing results costs an app that shows them, and the
host. Exit 1 when
the bridge costs more than 1 % of a core per IMU with a listener, or results more than
1 % of the time.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

import msgspec
import numpy as np
from bench_decoder import IMU
from bench_wire import _share

from drivers.lsl_sharing import LslSharing
from drivers.profile import Profile
from drivers.profile_check import profile_problems
from drivers.profile_driver import ProfileDriver
from drivers.sim.runner import Runner, RunnerSettings
from drivers.source import Source
from lablive.clock import now_s
from lablive.config import parse_toml
from lablive.live.shared_results import ResultRows, result_streams
from lablive.messages import Chunk, SourceSpec
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind

GOAL_PCT = 1.0
IMUS = 9
ROUNDS, WINDOWS = 3, 4
LISTENER = """
import sys, time, pylsl
pylsl.set_config_content(f"[log]\\nlevel = -2\\n[lab]\\nSessionID = {sys.argv[1]}\\n")
inlets = []
while len(inlets) < int(sys.argv[2]):
    known = {it.info().uid() for it in inlets}
    for found in pylsl.resolve_streams(0.5):
        if found.uid() not in known and found.name() != "LabLive gaps":
            inlets.append(pylsl.StreamInlet(found))
            inlets[-1].open_stream()
print("ready", flush=True)
while True:
    for inlet in inlets:
        inlet.pull_chunk(timeout=0.0, max_samples=4096)
    time.sleep(0.02)
"""


def bridge() -> dict[str, list[float]]:
    """Return percents of a core of the host's part, per way of publishing."""
    wires = [os.openpty() for _ in range(IMUS)]
    for _, line in wires:
        tty.setraw(line)
    profile = parse_toml(IMU, Profile, "imu", profile_problems)
    numbers = iter(range(1, 1000))
    devices = [device for device, _ in wires]
    folder = Path(__file__).parent
    command = [sys.executable, str(folder / "bench_wire.py"), "0.001"]
    found: dict[str, list[float]] = {"off": [], "nobody": [], "listener": []}
    with tempfile.TemporaryDirectory() as rings:
        sources = {
            f"imu {place}": Source(
                SourceSpec(f"imu {place}", "profile"),
                lambda _, line=line: ProfileDriver(profile, os.ttyname(line)),
                lambda: next(numbers),
                Path(rings),
            )
            for place, (_, line) in enumerate(wires)
        }
        sharing = LslSharing(lambda: sources)
        player = subprocess.Popen([*command, *map(str, devices)], pass_fds=devices)
        try:
            for source in sources.values():
                source.start()
                source.wait_ready(5.0)
            time.sleep(2.5)
            for _ in range(ROUNDS):
                sharing.share("bench", None, [])
                found["off"] += [_share() for _ in range(WINDOWS)]
                sharing.share("bench", None, ["*"])
                found["nobody"] += [_share() for _ in range(WINDOWS)]
                listener = subprocess.Popen(
                    [sys.executable, "-c", LISTENER, SESSION, str(IMUS)],
                    stdout=subprocess.PIPE,
                )
                try:
                    assert listener.stdout is not None
                    listener.stdout.readline()
                    time.sleep(1.0)
                    found["listener"] += [_share() for _ in range(WINDOWS)]
                finally:
                    listener.kill()
                    listener.wait()
        finally:
            player.kill()
            player.wait()
            sharing.close()
            for source in sources.values():
                source.stop()
            for end in (end for wire in wires for end in wire):
                os.close(end)
    return found


def results(*, published: bool, seconds: float = 120.0) -> tuple[float, float, int]:
    """Return CPU of app and host in s for a run of insoles on screen; its strides."""
    runner = Runner(RunnerSettings(standing_s=1.0, ramp_s=0.5))
    infos = [it for it in runner.streams if it.name.endswith(("sole", "treadmill"))]
    data = {it.id: runner.window(it.name, 0.0, seconds) for it in infos}
    pipeline = Pipeline(
        bind(auto_montage(infos), infos), infos, None, PipelineSettings()
    )
    rows, sharing = ResultRows(), LslSharing(dict)
    sharing.share("bench", [msgspec.to_builtins(it) for it in result_streams()])
    app_s = host_s = 0.0
    shift_s = now_s() + 1.0
    for begin_s in np.arange(0.0, seconds, 1 / 60):
        end_s = begin_s + 1 / 60
        chunks = [_part(stream, *rows_of, begin_s) for stream, rows_of in data.items()]
        began_s = time.process_time()
        handed = [it for chunk in chunks for it in pipeline.feed(chunk)]
        made = rows.rows(handed, pipeline, begin_s) if published else []
        plain = [msgspec.to_builtins(it) for it in made]
        pipeline.snapshot(end_s)
        app_s += time.process_time() - began_s
        for row in plain:
            row["t_s"] += shift_s
        began_s = time.process_time()
        if plain:
            sharing.publish("bench", plain)
        host_s += time.process_time() - began_s
    sharing.close()
    return app_s, host_s, len(pipeline.strides)


def _part(stream: int, t_s: np.ndarray, x: np.ndarray, begin_s: float) -> Chunk:
    first, last = np.searchsorted(t_s, (begin_s, begin_s + 1 / 60))
    part = slice(first, last)
    return Chunk(stream, int(first), t_s[part], x[part].astype(np.float32))


def main() -> int:
    shares = {name: statistics.median(it) for name, it in bridge().items()}
    each = (shares["listener"] - shares["off"]) / IMUS
    for name, share in shares.items():
        print(f"{IMUS} IMUs, publishing {name}: {share:.1f} % of a core")
    met = "met" if each <= GOAL_PCT else "MISSED"
    print(f"bridge: {each:.2f} % of a core per IMU; goal <= {GOAL_PCT:g} %: {met}")
    seconds, extra = 120.0, []
    for _ in range(ROUNDS):
        without_s, _, _ = results(published=False, seconds=seconds)
        app_s, host_s, strides = results(published=True, seconds=seconds)
        extra.append((100 * (app_s - without_s) / seconds, 100 * host_s / seconds))
    app, host = (statistics.median(it) for it in zip(*extra, strict=True))
    print(
        f"results of {strides} strides: app {100 * without_s / seconds:.2f} % of a core"
        f" without publishing, {app:+.2f} % with it, and {host:.2f} % in the host"
    )
    return 0 if each <= GOAL_PCT and app + host <= GOAL_PCT else 1


SESSION = f"bench-{os.getpid()}"

if __name__ == "__main__":
    os.environ["LABLIVE_LSL_SESSION"] = SESSION
    sys.exit(main())
