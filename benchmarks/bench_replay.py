"""Open a one-hour trial and look anywhere in it, beside pyxdf.

``python benchmarks/bench_replay.py [--minutes 60] [--skip-pyxdf]``. Writes the full
lab load without sound (2 insoles, 8 IMUs, EMG; 665 MB an hour) to a temporary folder
with the recorder's own writer. Each reader runs in a process of its own, so that its
memory can be told. The page: the first picture of the time line with its curves, and
100 places anywhere painted with every block, off-screen. Exit 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lablive.errors import LabLiveError
from lablive.messages import ChannelInfo, Chunk, StreamInfo
from lablive.recording.intake import Intake
from lablive.recording.replay import Trial
from lablive.recording.writer import TrialWriter

if TYPE_CHECKING:
    from lablive.live.link import LinkClient

LOAD = [("insole_left", 16, 200), ("insole_right", 16, 200)]
LOAD += [(f"imu_{k}", 9, 200) for k in range(8)]
LOAD += [("emg", 8, 2000)]
BLOCK_S = 0.08
WINDOW_S = 10.0
TARGETS = {"first_open_ms": 50.0, "window_p99_ms": 16.7, "memory_mb": 60.0}
PAGE_TARGETS = {"overview_ms": 50.0, "painted_p99_ms": 50.0, "page_memory_mb": 60.0}
SEEKS = 100
MONTAGE = """
schema = 1
name = "bench"
[[stream]]
match = { name = "insole_left" }
[[stream.channel]]
label = "c0"
role = "insole_left.force"
unit = "N"
[[stream]]
match = { name = "insole_right" }
[[stream.channel]]
label = "c0"
role = "insole_right.force"
unit = "N"
[[stream]]
match = { name = "imu_0" }
[[stream.channel]]
label = ["c0", "c1", "c2"]
role = "imu_pelvis.acc"
unit = "m/s^2"
[[stream]]
match = { name = "emg" }
[[stream.channel]]
label = "c0"
role = "emg_gluteus_maximus_left"
unit = "V"
"""
WINDOWS = 300


def write(path: Path, minutes: float) -> None:
    infos = [
        StreamInfo(k, name, name, rate, tuple(ChannelInfo(f"c{c}") for c in range(n)))
        for k, (name, n, rate) in enumerate(LOAD)
    ]
    rng = np.random.default_rng(0)
    intake = Intake(1 << 28)
    for info in infos:
        intake.add_stream(info)
    writer = TrialWriter(path, {"montage": MONTAGE}, None)
    values = [
        rng.standard_normal((round(rate * BLOCK_S), n)).astype(np.float32)
        for _, n, rate in LOAD
    ]
    for k in range(int(minutes * 60 / BLOCK_S)):
        for info, x in zip(infos, values, strict=True):
            first = k * len(x)
            t_s = (first + np.arange(len(x))) / info.rate_hz
            # eight chunks of 10 ms, as drivers deliver them
            for part in np.array_split(np.arange(len(x)), 8):
                a, b = part[0], part[-1] + 1
                chunk = Chunk(info.id, first + a, t_s[a:b], x[a:b], None, t_s[b - 1])
                intake.append(chunk)
        intake.release(writer.drain(intake.take(k * BLOCK_S), k * BLOCK_S))
        writer.synced(writer.sequence)
    writer.finish(minutes * 60)
    for part in (writer.part, *writer.retired):
        part.close()


def peak_mb() -> float:
    scale = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale


def read_ours(path: Path) -> dict[str, float]:
    before_mb, opening_ms = peak_mb(), []
    while len(opening_ms) < 7:  # the first one also pays for imports and cold pages
        start = time.perf_counter()
        trial = Trial(path)
        span_s = trial.t1_s - trial.t0_s
        opening_ms.append(1e3 * (time.perf_counter() - start))
        if len(opening_ms) < 7:
            del trial  # one at a time: memory is measured as well
    rng = np.random.default_rng(1)
    taken = []
    for t_s in rng.uniform(trial.t0_s, trial.t0_s + span_s - WINDOW_S, WINDOWS):
        began = time.perf_counter()
        rows = [len(trial.window(s.id, t_s, t_s + WINDOW_S)[0]) for s in trial.streams]
        taken.append(1e3 * (time.perf_counter() - began))
        assert abs(sum(rows) - WINDOW_S * sum(rate for *_, rate in LOAD)) <= len(rows)
    return {
        "first_open_ms": opening_ms[0],
        "open_ms": statistics.median(opening_ms),
        "window_p50_ms": float(np.percentile(taken, 50)),
        "window_p99_ms": float(np.percentile(taken, 99)),
        "window_max_ms": max(taken),
        "memory_mb": peak_mb() - before_mb,
    }


def play_ours(path: Path) -> dict[str, float]:
    trial, start = Trial(path), time.perf_counter()
    rows = sum(len(chunk.t_s) for chunk in trial.chunks())
    return {"play_s": time.perf_counter() - start, "rows": rows}


def scan_ours(path: Path) -> dict[str, float]:
    path.with_name(f"{path.name}.idx").unlink()
    start = time.perf_counter()
    Trial(path)
    return {"scan_s": time.perf_counter() - start}


def make_overview(path: Path) -> dict[str, float]:
    from lablive.live.overview import keep
    from lablive.live.overview import make_overview as made_of
    from lablive.preparation import prepare

    trial, start = Trial(path), time.perf_counter()
    keep(path, made_of(trial, prepare(trial, None)))
    return {"made_s": time.perf_counter() - start, "peak_mb": peak_mb()}


def paint_page(path: Path) -> dict[str, float]:
    """Open the trial on the session page; look at places of it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from lablive.live.replaying import ReplaySession
    from ui import theme
    from ui.app import MainWindow

    app = QApplication([])
    theme.apply_theme(app, "light")
    refused = LabLiveError("no host", still="", todo="")

    def nobody() -> LinkClient:
        raise refused

    window = MainWindow(nobody, path.parent, wait=False)
    window.poller.stop()
    window.resize(1366, 768)
    window.show()
    app.processEvents()
    # the app's base: a page that has shown a short trial before
    short = path.with_name("short.xdf")
    if not short.exists():
        write(short, 0.2)
    window.model.open_trial(short)
    window.poller.tick()
    app.processEvents()
    window.model.close_trial()
    before_mb = peak_mb()
    window.model.open_trial(path)
    replay = window.model.replay
    assert replay is not None
    window.poller.tick()
    rng = np.random.default_rng(2)
    taken = []
    for t_s in rng.uniform(replay.trial.t0_s, replay.trial.t1_s, SEEKS + 5):
        start = time.perf_counter()
        replay.seek(t_s)
        window.refresh(window.model.live.poll())
        app.processEvents()
        taken.append(1e3 * (time.perf_counter() - start))
    memory_mb = peak_mb() - before_mb
    window.model.close_trial()
    line = window.page.replay_bar.time_line
    opening_ms = []
    for _ in range(5):
        start = time.perf_counter()
        replay = ReplaySession(path)
        line.show_trial(replay)
        line.resize(1200, line.sizeHint().height())
        line.grab()
        opening_ms.append(1e3 * (time.perf_counter() - start))
        replay.close()
    found = {
        "overview_ms": min(opening_ms),
        "painted_p50_ms": float(np.percentile(taken[5:], 50)),
        "painted_p99_ms": float(np.percentile(taken[5:], 99)),
        "page_memory_mb": memory_mb,
    }
    window.close()
    return found


def read_pyxdf(path: Path) -> dict[str, float]:
    import pyxdf

    before_mb, start = peak_mb(), time.perf_counter()
    pyxdf.load_xdf(path)
    return {
        "open_ms": 1e3 * (time.perf_counter() - start),
        "memory_mb": peak_mb() - before_mb,
    }


READERS = {
    f.__name__: f
    for f in (read_ours, play_ours, scan_ours, make_overview, paint_page, read_pyxdf)
}


def run(reader: str, path: Path) -> dict[str, float]:
    command = [sys.executable, __file__, "--reader", reader, "--path", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--skip-pyxdf", action="store_true")
    parser.add_argument("--reader", choices=READERS, help=argparse.SUPPRESS)
    parser.add_argument("--path", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.reader:
        print(json.dumps(READERS[asked.reader](asked.path)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trial-01.xdf"
        start = time.perf_counter()
        write(path, asked.minutes)
        size_mb = path.stat().st_size / 1e6
        index_mb = path.with_name("trial-01.xdf.idx").stat().st_size / 1e6
        print(f"{asked.minutes:g} min, {len(LOAD)} streams: {size_mb:.0f} MB and an")
        print(f"index of {index_mb:.0f} MB in {time.perf_counter() - start:.1f} s")
        ours = run("read_ours", path)
        missed = [name for name, goal in TARGETS.items() if ours[name] > goal]
        for name, value in ours.items():
            target = TARGETS.get(name)
            mark = "" if target is None else f"  target <= {target:g}"
            print(f"{name:15s} {value:9.2f}{mark}{'  OVER' * (name in missed)}")
        made = run("make_overview", path)
        print(f"overview made in {made['made_s']:.2f} s")
        page = run("paint_page", path)
        for name, value in page.items():
            target = PAGE_TARGETS.get(name)
            mark = "" if target is None else f"  target <= {target:g}"
            late = target is not None and value > target
            missed += [name] * late
            print(f"{name:15s} {value:9.2f}{mark}{'  OVER' * late}")
        print(f"whole trial through chunks(): {run('play_ours', path)['play_s']:.2f} s")
        if not asked.skip_pyxdf:
            peer = run("read_pyxdf", path)
            ratio = peer["open_ms"] / (ours["first_open_ms"] + ours["window_p50_ms"])
            print(f"pyxdf.load_xdf: {peer['open_ms'] / 1e3:.1f} s,", end=" ")
            print(f"{peer['memory_mb']:.0f} MB; open + window {ratio:.0f} x faster")
        print(f"without index (scan): {run('scan_ours', path)['scan_s']:.2f} s")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
