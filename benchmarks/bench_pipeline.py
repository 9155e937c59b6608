"""An hour through the pipeline: ``python benchmarks/bench_pipeline.py``.

Two soles of 16 cells at 200 Hz alone, and the whole lab: the soles, nine IMUs of
200 Hz, four EMG channels of 2 kHz, sound levels of 1 kHz; every metric. ``file``: in
pieces as an analysis gives them; ``live``: in ticks of 30 Hz. CPU time.

Ten minutes, told per hour (``--minutes 60`` runs it whole); ``--profile`` tells where
the time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from drivers.sim.runner import Runner, RunnerSettings
from lablive.gait.contacts import ContactDetector, ContactSettings
from lablive.messages import Chunk
from lablive.metrics.registry import METRICS
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.recording.pieces import PIECE_S
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.calibrations import Calibrations
from lablive.signals.insole import feet
from lablive.signals.montage import Subject
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration
from lablive.signals.sound_latency import SoundLatency

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lablive.messages import StreamInfo
    from lablive.signals.binding import Binding

HOUR_S, MADE_S, STANDING_S, STRIDE_S = 3600, 130, 10, 0.74
TICK_S = 1 / 30
GOALS_S = {
    "detection": 2.0, "soles file": 8.0, "soles live": 36.0,
    "lab file": 10.0, "lab live": 36.0,
}  # fmt: skip
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
Rows = dict[int, tuple[np.ndarray, np.ndarray]]


def rows_of(runner: Runner, info: StreamInfo, seconds: float) -> tuple:
    """Return standing, then the same strides again and again."""
    t_s, x = runner.window(info.name, 0.0, MADE_S)
    x = x.astype(np.float32)
    rate_hz = info.rate_hz
    if not rate_hz:
        return t_s, x
    per_stride = round(STRIDE_S * rate_hz)
    start = round(STANDING_S * rate_hz) + per_stride
    run = x[start : start + 160 * per_stride]
    wanted = round(seconds * rate_hz)
    again = -(-(wanted - start) // len(run))
    whole = np.concatenate([x[:start], np.tile(run, (again, 1))])[:wanted]
    return np.arange(wanted) / rate_hz, whole


def chunks(rows: Rows, seconds: float, piece_s: float) -> Iterator[Chunk]:
    """Yield pieces of every stream in turn, as a poll or a file reader does."""
    at = dict.fromkeys(rows, 0)
    for number in range(1, round(seconds / piece_s) + 1):
        for stream, (t_s, x) in rows.items():
            first, end = at[stream], int(t_s.searchsorted(number * piece_s))
            if end > first:
                yield Chunk(stream, first, t_s[first:end], x[first:end])
            at[stream] = end


def detection_s(rows: Rows, binding: Binding) -> float:
    spent = 0.0
    for foot in feet(binding).values():
        t_s, x = rows[foot.force.stream]
        force = foot.force_n(x)
        settings = ContactSettings(rate_hz=200.0, weight_n=686.0)
        begun = time.process_time()
        ContactDetector(settings, foot.side, "insole").feed(t_s, force)
        spent += time.process_time() - begun
    return spent


def calibrations() -> Calibrations:
    sites = (
        "pelvis", "trunk", "head", "thigh_left", "thigh_right",
        "shank_left", "shank_right", "foot_left", "foot_right",
    )  # fmt: skip
    own = tuple(
        SiteCalibration(site, "functional", AXES, (0.0, 0.0, 0.0), 200.0)
        for site in sites
    )
    return Calibrations(
        segments=SegmentCalibration("", "", "", own),
        sound_latency=SoundLatency("", "", 0.137, 40, 0.5),
    )


def bound(streams: Sequence[StreamInfo]) -> Binding:
    subject = Subject(mass_kg=70.0, height_m=1.75)
    return bind(
        msgspec.structs.replace(auto_montage(streams), subject=subject), streams
    )


def pipeline_s(
    rows: Rows, streams: Sequence[StreamInfo], seconds: float, piece_s: float
) -> tuple[float, Pipeline]:
    binding = bound(streams)
    pipeline = Pipeline(binding, streams, calibrations(), PipelineSettings())
    some = {info.id: rows[info.id] for info in streams}
    items = list(chunks(some, seconds, piece_s))
    begun = time.process_time()
    for item in items:
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample()
    for metric in METRICS.values():
        sample.summarise(metric)
    return time.process_time() - begun, pipeline


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=10.0)
    arguments.add_argument("--only", default="", help="lab file, lab live ...")
    arguments.add_argument("--profile", action="store_true")
    chosen = arguments.parse_args()
    seconds = 60.0 * chosen.minutes
    runner = Runner(RunnerSettings())
    soles, lab = runner.streams[:2], runner.streams
    wanted = lab if "soles" not in chosen.only else soles
    rows = {info.id: rows_of(runner, info, seconds) for info in wanted}
    spent: dict[str, float] = {}
    if not chosen.only:
        spent["detection"] = detection_s(rows, bound(soles))
    pipeline_s(rows, wanted, 20.0, PIECE_S)  # what is loaded once does not count
    profile = cProfile.Profile()
    for name, streams, piece_s in (
        ("soles file", soles, PIECE_S),
        ("soles live", soles, TICK_S),
        ("lab file", lab, PIECE_S),
        ("lab live", lab, TICK_S),
    ):
        if chosen.only in ("", name):
            if chosen.profile:
                profile.enable()
            spent[name], pipeline = pipeline_s(rows, streams, seconds, piece_s)
            profile.disable()
            measured = {key for r in pipeline.strides[-9:] for key in r.values}
            print(f"{name}: {len(pipeline.strides)} strides, {len(measured)} metrics")
    scale = HOUR_S / seconds
    for name, cpu_s in spent.items():
        share = 100 * cpu_s / seconds
        goal_s = GOALS_S[name]
        print(
            f"{name:10} {scale * cpu_s:6.2f} s an hour ({share:.2f} % of a core)  "
            f"<= {goal_s} s"
        )
    if chosen.profile:
        pstats.Stats(profile).sort_stats("cumtime").print_stats("lablive", 60)
    return int(any(scale * cpu_s > GOALS_S[name] for name, cpu_s in spent.items()))


if __name__ == "__main__":
    sys.exit(main())
