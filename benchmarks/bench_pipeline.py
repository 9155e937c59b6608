"""One hour of insoles through the pipeline: ``python benchmarks/bench_pipeline.py``.

Two soles of 16 cells at 200 Hz, once in chunks of a second as a file gives them, once
in chunks of 20 ms as live does. Detection alone: contacts of two force signals.
"""

from __future__ import annotations

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
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.insole import feet
from lablive.signals.montage import Subject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.signals.binding import Binding

HOUR_S, RATE_HZ, MADE_S = 3600, 200, 130
STANDING_S = 10
GOALS_S = {"detection": 2.0, "file": 8.0, "live": 36.0}
Rows = dict[int, tuple[np.ndarray, np.ndarray]]


def hour(runner: Runner) -> Rows:
    """Return an hour of both soles: standing, then the same minutes again and again."""
    t_s = np.arange(HOUR_S * RATE_HZ) / RATE_HZ
    rows: Rows = {}
    for info in runner.streams[:2]:
        _, x = runner.window(info.name, 0.0, MADE_S)
        x = x.astype(np.float32)
        start = STANDING_S * RATE_HZ
        run = x[start + 148 : start + 148 * 161]  # whole strides of 0.74 s
        again = -(-(len(t_s) - start - 148) // len(run))
        whole = np.concatenate([x[: start + 148], np.tile(run, (again, 1))])
        rows[info.id] = (t_s, whole[: len(t_s)])
    return rows


def chunks(rows: Rows, per_chunk: int) -> Iterator[Chunk]:
    for first in range(0, HOUR_S * RATE_HZ, per_chunk):
        for stream, (t_s, x) in rows.items():
            part = slice(first, first + per_chunk)
            yield Chunk(stream, first, t_s[part], x[part])


def detection_s(rows: Rows, binding: Binding) -> float:
    spent = 0.0
    for foot in feet(binding).values():
        t_s, x = rows[foot.force.stream]
        force = foot.force_n(x)
        settings = ContactSettings(rate_hz=RATE_HZ, weight_n=686.0)
        begun = time.process_time()
        ContactDetector(settings, foot.side, "insole").feed(t_s, force)
        spent += time.process_time() - begun
    return spent


def pipeline_s(
    rows: Rows, runner: Runner, binding: Binding, per_chunk: int
) -> tuple[float, int]:
    pipeline = Pipeline(binding, runner.streams[:2], None, PipelineSettings())
    items = list(chunks(rows, per_chunk))
    begun = time.process_time()
    for item in items:
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample()
    for metric in METRICS.values():
        sample.summarise(metric)
    return time.process_time() - begun, len(pipeline.strides)


def main() -> int:
    runner = Runner(RunnerSettings())
    montage = auto_montage(runner.streams[:2])
    montage = msgspec.structs.replace(montage, subject=Subject(mass_kg=70.0))
    binding = bind(montage, runner.streams[:2])
    rows = hour(runner)
    spent = {"detection": detection_s(rows, binding)}
    for name, per_chunk in (("file", RATE_HZ), ("live", RATE_HZ // 50)):
        spent[name], strides = pipeline_s(rows, runner, binding, per_chunk)
    print(f"one hour, {strides} strides")
    for name, goal_s in GOALS_S.items():
        share = 100 * spent[name] / HOUR_S
        print(
            f"{name:10} {spent[name]:6.2f} s ({share:.2f} % of a core)  <= {goal_s} s"
        )
    return int(any(spent[name] > goal_s for name, goal_s in GOALS_S.items()))


if __name__ == "__main__":
    sys.exit(main())
