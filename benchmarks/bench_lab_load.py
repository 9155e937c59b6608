"""The whole instrument at full lab load: CPU of app and host, rows lost, ticks.

Run ``python benchmarks/bench_lab_load.py`` (in a window; ``make bench`` brings a
screen). A source process publishes 12 LSL streams: two insoles of 16 cells at 200 Hz,
eight IMUs of 9 channels at 200 Hz, EMG of 8 channels at 2 kHz, sound of 2 channels at
48 kHz. The host program records all of them from the first row; the app's real window
draws insole picture, force strip and tiles. Prints CPU of both as % of one core, rows
sent, received and stored, intervals of the app's ticks, and the cadence computed from
these rows. Exit 1 when app + host need more than 35 % of a core, a row is lost or the
cadence is wrong. Linux only (it reads /proc).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lablive.errors import LinkError
from lablive.live.link import LinkClient
from lablive.messages import ChannelInfo, SourceSpec, StreamInfo
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.app import MainWindow

GOAL_PCT = 35.0
STRIDE_S, CONTACT_S = 0.74, 0.25
CADENCE_SPM = 120.0 / STRIDE_S
WARM_S, WAIT_S = 5.0, 30.0
SITES = (
    "pelvis", "trunk", "head", "thigh_left", "thigh_right",
    "shank_left", "shank_right", "foot_left",
)  # fmt: skip


def load(tag: str) -> list[StreamInfo]:
    """Return the twelve streams of a full lab."""
    cells = [
        (side, [(f"insole_{side}.pressure.{i + 1:02d}", "kPa") for i in range(16)])
        for side in ("left", "right")
    ]
    imus = [
        (site, [(f"imu_{site}.{kind}.{axis}", unit) for kind, unit in KINDS
                for axis in "xyz"])
        for site in SITES
    ]  # fmt: skip
    emg = [(f"emg {number + 1}", "uV") for number in range(8)]
    sound = [("sound left", "FS"), ("sound right", "FS")]
    wanted = [(f"{side} sole", "Pressure", made, 200) for side, made in cells]
    wanted += [(f"imu {site}", "IMU", made, 200) for site, made in imus]
    wanted += [("emg", "EMG", emg, 2000), ("sound", "Audio", sound, 48000)]
    return [
        StreamInfo(
            number, name, kind, rate, tuple(ChannelInfo(*one) for one in channels),
            source_id=f"{tag}-{name}",
        )
        for number, (name, kind, channels, rate) in enumerate(wanted)
    ]  # fmt: skip


KINDS = (("acc", "m/s^2"), ("gyro", "rad/s"), ("mag", "uT"))


def rows_of(info: StreamInfo, t_s: np.ndarray) -> np.ndarray:
    """Return what a stream measures: running feet, or any signal."""
    x = np.zeros((len(t_s), len(info.channels)), np.float32)
    if info.type == "Pressure":
        late_s = STRIDE_S / 2 if info.name.startswith("right") else 0.0
        u = ((t_s + late_s) % STRIDE_S) / CONTACT_S
        x[:] = np.where(u < 1, 100 * np.sin(np.pi * u), 0)[:, None]
    else:
        x[:] = np.sin(40 * t_s)[:, None]
    return x


def publish(tag: str) -> int:
    """Be the devices: send on a first line of input, end on a second one."""
    from drivers.sim.lsl_wire import LslWire
    from lablive.clock import now_s

    wires = [LslWire(info, "LabLive", "lab load") for info in load(tag)]
    print("up", flush=True)
    sys.stdin.readline()
    if not all(wire.wait_for_reader(WAIT_S) for wire in wires):
        return 1
    start_s, tick = now_s(), 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        tick += 1
        time.sleep(max(start_s + tick * 0.01 - now_s(), 0.0))
        for wire in wires:
            due = int(tick * 0.01 * wire.info.rate_hz)
            t_s = np.arange(wire.rows, due) / wire.info.rate_hz
            wire.push(start_s + t_s, rows_of(wire.info, t_s))
    print(json.dumps({wire.info.name: wire.rows for wire in wires}), flush=True)
    sys.stdin.readline()  # an outlet that goes takes its last rows with it
    return 0


class Source:
    """The devices as a process of their own; every answer has a deadline."""

    def __init__(self, tag: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--publish", tag],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.answer()

    def say(self, word: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()

    def answer(self) -> str:
        told = self._process.stdout
        if told is None or not select.select([told], [], [], WAIT_S)[0]:
            raise TimeoutError("the source process does not answer")
        return told.readline()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def cpu_s(pid: int) -> float:
    """Return CPU seconds of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Lab:
    """The app's window with everything connected, driven by a real event loop."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        from ui.app import MainWindow, make_app
        from ui.preload import preload

        self.app = make_app()
        self.window: MainWindow = MainWindow(library=folder)
        self.model = self.window.model
        self.model.trouble.connect(lambda text: print(f"! {text}"))
        self._loop, self._timer = QEventLoop(), QTimer()
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._loop.quit)
        self.window.resize(1600, 900)
        self.window.show()
        preload().join()  # as the app does while nobody waits

    def spin(self, seconds: float) -> None:
        self._timer.start(round(seconds * 1e3))
        self._loop.exec()

    def wait(self, done: Callable[[], Any], what: str) -> None:
        end = time.perf_counter() + WAIT_S
        while not done():
            if time.perf_counter() > end:
                raise TimeoutError(f"waited {WAIT_S:.0f} s in vain for {what}")
            self.spin(0.1)

    def rows(self) -> dict[str, int]:
        """Return rows of every stream as the host has counted them."""
        report = self.model.live.report
        return {
            info.name: status.rows
            for source in (report.sources if report else ())
            for info, status in zip(source.streams, source.status, strict=True)
        }

    def close(self) -> None:
        self.window.close()


class Spent(NamedTuple):
    app_pct: float
    host_pct: float
    ticks_ms: np.ndarray  # from tick to tick
    cost_ms: np.ndarray  # of one tick


def watch(lab: Lab, seconds: float) -> Spent:
    """Return CPU and ticks over ``seconds``."""
    model, page = lab.model, lab.window.page
    report = model.live.report
    assert report is not None
    begins: list[float] = []
    ends: list[float] = []
    poll, refresh = model.poll, page.refresh

    def polled(passed_s: float) -> Any:
        begins.append(time.perf_counter())
        return poll(passed_s)

    def refreshed(tick: Any) -> None:
        refresh(tick)
        ends.append(time.perf_counter())

    model.poll, page.refresh = polled, refreshed
    before = time.process_time(), cpu_s(report.pid), time.perf_counter()
    lab.spin(seconds)
    after = time.process_time(), cpu_s(report.pid), time.perf_counter()
    del model.poll, page.refresh
    app, host = (100 * (after[k] - before[k]) / (after[2] - before[2]) for k in (0, 1))
    cost_s = np.array(ends) - np.array(begins)
    return Spent(app, host, np.diff(begins) * 1e3, cost_s * 1e3)


def session(lab: Lab, source: Source, tag: str, folder: Path, seconds: float) -> bool:
    """Record a lab; print what it cost and what came of it."""
    streams = load(tag)
    model = lab.model
    for info in streams:
        source_id = {"source_id": info.source_id}
        model.live.add_source(SourceSpec(info.name, "lsl", source_id))
    lab.wait(lambda: len(model.live.feed.streams) == len(streams), "every stream")
    model.record(folder / "load.xdf")
    lab.wait(lambda: model.live.recording is not None, "the recording")
    source.say("send")
    lab.spin(WARM_S)
    spent = watch(lab, seconds)
    source.say("enough")
    sent: dict[str, int] = json.loads(source.answer())
    lab.wait(lambda: sum(lab.rows().values()) >= sum(sent.values()), "the last rows")
    lab.spin(0.5)
    came = lab.rows()
    model.stop()
    lab.wait(lambda: model.last_verify is not None, "the count of the file")
    assert model.last_verify is not None
    stored = {stream.name: stream.rows for stream in model.last_verify.streams}
    finished = model.live.finished
    assert finished is not None
    cadence = finished.results.sample().summarise(METRICS["cadence_spm"])
    return told(spent, sent, came, stored, cadence.both.median)


def told(
    spent: Spent,
    sent: dict[str, int],
    came: dict[str, int],
    stored: dict[str, int],
    cadence_spm: float,
) -> bool:
    both = spent.app_pct + spent.host_pct
    p50, p99, most = np.percentile(spent.ticks_ms, [50, 99, 100])
    cost, worst = np.percentile(spent.cost_ms, [50, 99])
    lost = sum(rows - min(came[k], stored[k]) for k, rows in sent.items())
    met = "met" if both <= GOAL_PCT else "MISSED"
    print(
        f"app {spent.app_pct:.1f} % + host {spent.host_pct:.1f} % = {both:.1f} % of "
        f"one core; goal <= {GOAL_PCT:.0f} %: {met}"
    )
    print(
        f"ticks: {1e3 / spent.ticks_ms.mean():.1f}/s, interval p50 {p50:.1f}, "
        f"p99 {p99:.1f}, max {most:.1f} ms; one tick p50 {cost:.2f}, p99 {worst:.2f} ms"
    )
    print(
        f"rows: {sum(sent.values())} sent, {sum(came[k] for k in sent)} received, "
        f"{sum(stored[k] for k in sent)} stored, {lost} lost; goal 0"
    )
    right = abs(cadence_spm / CADENCE_SPM - 1) <= 0.005
    print(f"cadence {cadence_spm:.1f} of {CADENCE_SPM:.1f} steps/min")
    return both <= GOAL_PCT and lost == 0 and right


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20.0, help="measured")
    parser.add_argument("--publish", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.publish:
        return publish(options.publish)
    tag = f"lab-load-{os.getpid()}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["LABLIVE_RUN"] = str(folder / "run")
        source = Source(tag)
        lab = Lab(folder)
        try:
            good = session(lab, source, tag, folder, options.seconds)
        except TimeoutError as error:
            print(f"stopped: {error}")
            return 1
        finally:
            lab.close()
            source.close()
            with contextlib.suppress(LinkError):
                host = LinkClient.connect(folder / "run")
                host.call("shutdown")
                host.close()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
