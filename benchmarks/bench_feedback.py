"""Touch-down to feedback: ``python benchmarks/bench_feedback.py``.

On data time: the simulated runner with the whole lab at 150, 170 and 190 steps a
minute, rows as they come live, ticks of 60 Hz. For every metric that can be fed back:
when its value is out after the landing it belongs to (for what is taken of a whole
stride: after the landing that ends it), how much of the stride that is at most, and the
time that is left until the next contact of the same foot. Beside it the stride's own
record, which feedback had to wait for without the early values. How far both numbers
lie apart, what the early values cost in CPU, and with ``--data FOLDER`` the same on
real recordings (from 4 s after the first row: no contact is certain before the zero of
a sole is found). ``--wires`` (needs pulseaudio) runs a session: insoles on a
pseudo-terminal, host program, app, link, loudspeaker, which says when each change is
heard.

Exit 1 when a value comes after the next contact of its foot.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from drivers.sim import datasets
from drivers.sim.runner import Runner, RunnerSettings
from lablive.clock import now_s
from lablive.feedback.offers import load_offers
from lablive.gait.contacts import Contact
from lablive.live.sounds import Backdrop
from lablive.messages import Chunk
from lablive.metrics.early import EARLY, measured
from lablive.metrics.registry import METRICS
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.calibrations import Calibrations
from lablive.signals.montage import Subject, load_montage
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration
from lablive.signals.sound_latency import SoundLatency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lablive.live.session import LiveSession
    from lablive.messages import Floats, StreamInfo, Values
    from lablive.metrics.record import StrideRecord
    from ui.simulator import Simulator

CADENCES_SPM = (150.0, 170.0, 190.0)
TICK_S = 1 / 60
RUN_S, STAND_S, SETTLED_S = 24.0, 10.0, 4.0
COSTLY = (
    "contact_time_ms", "peak_force_bw", "footfall_rel_db", "pelvic_drop_deg",
    "trunk_lean_deg", "knee_flexion_ic_deg", "gmax_drive_pct",
)  # fmt: skip
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
Rows = dict[int, "tuple[Floats, Values]"]


class Out(NamedTuple):
    """One value: landing, when it came out, length of the stride, early less own."""

    landed_s: float
    out_s: float
    stride_s: float
    off: float


def calibrations() -> Calibrations:
    sites = [
        "pelvis", "trunk", "head",
        *(f"{part}_{side}" for part in ("thigh", "shank", "foot")
          for side in ("left", "right")),
    ]  # fmt: skip
    own = (
        SiteCalibration(it, "functional", AXES, (0.0, 0.0, 0.0), 200.0) for it in sites
    )
    return Calibrations(
        segments=SegmentCalibration("", "", "", tuple(own)),
        sound_latency=SoundLatency("", "", 0.137, 40, 0.5),
    )


class Lab(NamedTuple):
    streams: tuple[StreamInfo, ...]
    rows: Rows
    made: Callable[[], Pipeline]

    def ticks(self) -> Iterator[tuple[float, list[Chunk]]]:
        """Yield rows as they come live, every stream up to the same time."""
        at = dict.fromkeys(self.rows, 0)
        first_s = min(float(t_s[0]) for t_s, _ in self.rows.values())
        last_s = max(float(t_s[-1]) for t_s, _ in self.rows.values())
        for number in range(1, int((last_s - first_s) / TICK_S) + 2):
            now, items = first_s + number * TICK_S, list[Chunk]()
            for stream, (t_s, x) in self.rows.items():
                first, end = at[stream], int(t_s.searchsorted(now))
                if end > first:
                    items.append(Chunk(stream, first, t_s[first:end], x[first:end]))
                at[stream] = end
            yield now, items


def simulated(spm: float, **settings: float) -> Lab:
    runner = Runner(
        RunnerSettings(stride_s=120.0 / spm, standing_s=STAND_S, **settings)  # pyright: ignore[reportArgumentType]
    )
    rows: Rows = {}
    for info in runner.streams:
        t_s, x = runner.window(info.name, 0.0, STAND_S + RUN_S)
        rows[info.id] = (t_s, x.astype(np.float32))
    subject = Subject(mass_kg=70.0, height_m=1.75)
    montage = msgspec.structs.replace(auto_montage(runner.streams), subject=subject)
    binding = bind(montage, runner.streams)

    def made() -> Pipeline:
        return Pipeline(binding, runner.streams, calibrations(), PipelineSettings())

    return Lab(runner.streams, rows, made)


def recorded(name: str, data: Path) -> Lab:
    recording = datasets.load(name, data)
    folder = Path(__file__).resolve().parents[1] / "configs" / "montages"
    montage = load_montage(folder / f"{name}.toml")
    streams = tuple(it.info for it in recording.streams)
    rows: Rows = {
        it.info.id: (it.t_s, it.x.astype(np.float32)) for it in recording.streams
    }
    binding = bind(montage, streams)
    return Lab(
        streams, rows, lambda: Pipeline(binding, streams, None, PipelineSettings())
    )


class Told(NamedTuple):
    early: list[Out]
    final: list[Out]
    doubtful: int  # told, though the stride turned out not to count


def told(lab: Lab, metric_id: str) -> Told:
    """Return every early value of a metric, and the strides' own."""
    pipeline = lab.made()
    pipeline.work_out_early(metric_id)
    (part, *_) = (it.id for it in measured(metric_id))
    is_stride = EARLY[metric_id].of == "stride"
    known: dict[str, int] = {}
    early: list[tuple[float, StrideRecord]] = []
    final: dict[tuple[str, float], tuple[float, StrideRecord]] = {}
    for now, items in lab.ticks():
        for item in items:
            for result in pipeline.feed(item):
                if not isinstance(result, Contact):
                    key = result.stride.side, result.stride.ic_s
                    final[key] = now, result
        for side, records in pipeline.results.early().records.items():
            early += [(now, it) for it in records[known.get(side, 0) :]]
            known[side] = len(records)
    outs: list[Out] = []
    later: list[Out] = []
    doubtful = 0
    begun_s = min(float(t_s[0]) for t_s, _ in lab.rows.values())
    weight = pipeline.results.sample().weight.value
    weight = weight if weight > 0 and METRICS[metric_id].per_weight else 1.0
    for now, record in early:
        stride = record.stride
        own = final.get((stride.side, stride.ic_s))
        if own is None or not stride.valid:
            continue
        if not own[1].stride.valid:
            doubtful += part in record.values
            continue
        if part not in record.values or part not in own[1].values:
            continue
        if stride.ic_s < begun_s + SETTLED_S:
            continue
        landed_s = own[1].stride.next_ic_s if is_stride else stride.ic_s
        lasted_s = own[1].stride.stride_s
        off = (record.values[part] - own[1].values[part]) / weight
        outs.append(Out(landed_s, now, lasted_s, off))
        later.append(Out(landed_s, own[0], lasted_s, 0.0))
    return Told(outs, later, doubtful)


def line(metric_id: str, found: Told) -> bool:
    """Print what was found of a metric; whether every value was in time."""
    if not found.early:
        print(f"{metric_id:26} not measured here")
        return True
    took = [1e3 * (it.out_s - it.landed_s) for it in found.early]
    share = [100 * (it.out_s - it.landed_s) / it.stride_s for it in found.early]
    left = [1e3 * (it.landed_s + it.stride_s - it.out_s) for it in found.early]
    peer = [100 * (it.out_s - it.landed_s) / it.stride_s for it in found.final]
    off = np.abs([it.off for it in found.early])
    same = f"off by {np.median(off):.3g}, {off.max():.3g} at most"
    same = same if off.any() else "same bits"
    print(
        f"{metric_id:26} {statistics.median(took):4.0f} ms, {max(share):3.0f} % of the "
        f"stride at most, {min(left):4.0f} ms left; with the stride "
        f"{max(peer):3.0f} %; {len(took)} values, {same}"
        + (f", {found.doubtful} of doubtful strides" if found.doubtful else "")
    )
    return min(left) > 0


def cost_pct(lab: Lab, metric_id: str) -> float:
    """Return CPU of the live chain in % of a core."""
    pipeline = lab.made()
    pipeline.work_out_early(metric_id)
    ticks = list(lab.ticks())
    begun = time.process_time()
    for _, items in ticks:
        for item in items:
            pipeline.feed(item)
    return 100 * (time.process_time() - begun) / (STAND_S + RUN_S)


def costs(metric_ids: list[str], rounds: int = 3) -> None:
    lab = simulated(170.0)
    some = [it for it in COSTLY if it in metric_ids] or metric_ids
    least = dict.fromkeys(["", *some], np.inf)
    for _ in range(rounds):
        for metric_id in least:
            least[metric_id] = min(least[metric_id], cost_pct(lab, metric_id))
    base = least.pop("")
    print(f"\nlive chain of the whole lab: {base:.2f} % of a core; with early values")
    for metric_id, pct in least.items():
        print(f"{metric_id:26} {pct - base:+.3f} %")


def on_data(data: Path, metric_ids: list[str]) -> None:
    """Print the same of walking on soles and running on a plate; sets no goal."""
    for name in ("dryft", "pedar", "stappone"):
        print(
            f"\n{name}, real; forces in the unit of the sensor where no weight is known"
        )
        lab = recorded(name, data)
        for metric_id in metric_ids:
            if not METRICS[metric_id].signals:
                line(metric_id, told(lab, metric_id))


def wires(seconds: float) -> bool:
    """Run a session over real wires; print landing, out of the app, heard."""
    from lablive.live.session import LiveSession

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.drivers.sound_server import SoundServer
    from ui.host_process import attach_or_start
    from ui.simulator import Simulator

    def until(done: Callable[[], object], what: str = "", within_s: float = 20.0):
        end = time.monotonic() + within_s
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain for {what}")
            time.sleep(0.02)

    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        server.start(until)
        os.environ.update(server.environment)
        runner = Simulator([
            "drivers.sim.wires", "--streams", "insoles", "--id", f"b{os.getpid()}",
            "--set", f"standing_s=3,stride_s={120 / 170}",
        ])  # fmt: skip
        run = Path(folder) / "run"
        run.mkdir(mode=0o700)
        session = LiveSession(lambda: attach_or_start(run, idle_s=5.0))
        try:
            return _session(session, runner, seconds)
        finally:
            session.speaker.off()
            session.close()
            runner.stop()
            server.stop()


def _session(session: LiveSession, runner: Simulator, seconds: float) -> bool:
    session.poll()
    for spec in runner.specs():
        session.add_source(spec)
    session.speaker.on()
    end = now_s() + seconds
    known: dict[str, int] = {}
    waiting: list[tuple[float, float]] = []  # landed, sent to the loudspeaker
    outs: list[float] = []
    heard: list[float] = []
    strides: list[float] = []
    first_s = np.inf
    loud, rows_s = False, list[float]()
    while now_s() < end:
        session.poll()
        session.speaker.poll()
        pipeline = session.pipeline
        if pipeline is not None:
            pipeline.work_out_early("contact_time_ms")
            rows_s.append(now_s() - pipeline.newest_s)
            for side, records in pipeline.results.early().records.items():
                for record in records[known.get(side, 0) :]:
                    loud = not loud
                    out_s = now_s()
                    session.speaker.set_backdrop(Backdrop(noise=0.6 if loud else 0.3))
                    first_s = min(first_s, record.stride.ic_s)
                    if record.stride.ic_s > first_s + SETTLED_S:
                        waiting.append((record.stride.ic_s, out_s))
                        outs.append(out_s - record.stride.ic_s)
                known[side] = len(records)
            strides = [it.stride.stride_s for it in pipeline.strides]
        session.speaker.ask()
        at_s = session.speaker.told.backdrop_s
        while at_s is not None and waiting and at_s >= waiting[0][1]:
            landed_s, _ = waiting.pop(0)
            if not waiting or at_s < waiting[0][1]:
                heard.append(at_s - landed_s)
        time.sleep(TICK_S)
    if not outs or not heard or not strides:
        print("wires: no values; is the simulator there?")
        return False
    stride_s = statistics.median(strides)
    print(f"\nover wires, {len(outs)} stances at {120 / stride_s:.0f} steps a minute")
    for name, times_s in (("out of the app", outs), ("heard", heard)):
        print(
            f"landing to {name:14} p50 {1e3 * statistics.median(times_s):4.0f} ms, "
            f"most {1e3 * max(times_s):4.0f} ms ({100 * max(times_s) / stride_s:.0f} % "
            f"of the stride), n = {len(times_s)}"
        )
    print(
        f"newest row when the app looks: p50 {1e3 * statistics.median(rows_s):.0f} ms"
    )
    return max(heard) < stride_s


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--data", type=Path, help="folder of public recordings")
    arguments.add_argument("--wires", action="store_true")
    arguments.add_argument(
        "--every", action="store_true", help="every metric at every cadence"
    )
    arguments.add_argument("--seconds", type=float, default=30.0)
    arguments.add_argument("--only", default="", help="one metric")
    chosen = arguments.parse_args()
    offered = [it for it in load_offers().metric if it in EARLY]
    metric_ids = [chosen.only] if chosen.only else offered
    ok = True
    for spm in CADENCES_SPM:
        print(f"\n{spm:.0f} steps a minute: a contact every {1e3 * 120 / spm:.0f} ms")
        lab = simulated(spm, impact_bw=0.8)
        quickest = spm == CADENCES_SPM[-1] or chosen.every
        for metric_id in metric_ids if quickest or chosen.only else COSTLY:
            ok &= line(metric_id, told(lab, metric_id))
    if chosen.data is not None:
        on_data(chosen.data, metric_ids)
    costs(metric_ids)
    if chosen.wires:
        ok &= wires(chosen.seconds)
    return int(not ok)


if __name__ == "__main__":
    sys.exit(main())
