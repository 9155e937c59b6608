"""Streams cut and mixed at will, and everything a pipeline said, to compare."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec
import numpy as np

from drivers.sim.runner import Runner, RunnerSettings
from lablive.gait.contacts import Contact
from lablive.messages import Chunk, Gap, StreamInfo
from lablive.pipeline import Pipeline, PipelineSettings
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.montage import Montage, Subject
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration

SITES = (
    "pelvis", "trunk", "head", "thigh_left", "thigh_right",
    "shank_left", "shank_right", "foot_left", "foot_right",
)  # fmt: skip
IMUS = tuple(f"Sim {site.replace('_', ' ')} IMU" for site in SITES)
EMG, LEVEL = "Sim EMG", "Sim belt microphone"
SOLES = ("left_sole", "right_sole", "Sim treadmill")


@dataclass
class Lab:
    """Streams with all their rows, and the montage they are read with."""

    streams: list[StreamInfo]
    rows: dict[int, tuple[np.ndarray, np.ndarray]]
    montage: Montage
    gaps: list[Gap] = field(default_factory=list)

    def pipeline(self, calibrations=None, **settings):
        binding = bind(self.montage, self.streams)
        return Pipeline(
            binding, self.streams, calibrations, PipelineSettings(**settings)
        )

    def chunks(self, seed=None, rows_per_chunk=None):
        """Yield every row and gap; seed: cut and mixed at random, else in turn."""
        rng = np.random.default_rng(seed)
        queues = {}
        for stream, (t_s, x) in self.rows.items():
            if seed is None:
                cuts = np.arange(0, len(t_s), rows_per_chunk or max(1, len(t_s)))[1:]
            else:
                number = int(rng.integers(0, min(len(t_s), 60)))
                cuts = np.sort(rng.integers(0, len(t_s) + 1, number))
            gaps = [gap for gap in self.gaps if gap.stream == stream]
            queue = []
            for low, high in zip([0, *cuts], [*cuts, len(t_s)], strict=True):
                queue += [gap for gap in gaps if gap.after_row <= high]
                gaps = [gap for gap in gaps if gap.after_row > high]
                queue.append(Chunk(stream, int(low), t_s[low:high], x[low:high]))
            queues[stream] = queue + gaps
        while any(queues.values()):
            waiting = [stream for stream, queue in queues.items() if queue]
            turn = waiting[0]
            if seed is not None:
                turn = waiting[int(rng.integers(len(waiting)))]
            else:
                turn = min(waiting, key=lambda stream: _begins(queues[stream][0]))
            yield queues[turn].pop(0)


def _begins(item):
    return float(item.t_s[0]) if isinstance(item, Chunk) and len(item) else 0.0


def segments_as_worn(sites=SITES, pelvic_range=None):
    """Return the calibration of sensors that lie exactly along their segments."""
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    own = tuple(
        SiteCalibration(site, "functional", axes, (0.0, 0.0, 0.0), 200.0, 95.0)
        for site in sites
    )
    return SegmentCalibration("", "P01", "", own, pelvic_range=pelvic_range)


def simulated(seconds, streams=SOLES, subject=None, **settings):
    """Return a lab with the synthetic runner."""
    chosen = RunnerSettings(**settings)
    runner = Runner(chosen)
    infos = [info for info in runner.streams if info.name in streams]
    rows = {}
    for info in infos:
        t_s, x = runner.window(info.name, 0.0, seconds)
        rows[info.id] = (t_s, x.astype(np.float32))
    subject = subject or Subject(mass_kg=chosen.mass_kg, height_m=chosen.height_m)
    montage = msgspec.structs.replace(auto_montage(infos), subject=subject)
    return Lab(infos, rows, montage)


def played(recording, montage):
    """Return a lab with a real recording."""
    streams = [stream.info for stream in recording.streams]
    rows = {
        stream.info.id: (stream.t_s, stream.x.astype(np.float32))
        for stream in recording.streams
    }
    return Lab(streams, rows, montage)


def run(lab, seed=None, rows_per_chunk=None, calibrations=None, **settings):
    """Feed everything; return the pipeline and what it handed out, in order."""
    pipeline = lab.pipeline(calibrations, **settings)
    handed = []
    for item in lab.chunks(seed, rows_per_chunk):
        handed += pipeline.feed(item)
    return pipeline, handed + pipeline.finish()


def bits(handed):
    """Return results as plain data that is equal only when every bit is."""
    found = []
    for item in handed:
        if isinstance(item, Contact):
            found.append(item)
            continue
        told = (dict(item.lacks), dict(item.notes))
        curves = (item.force_curve, item.gait_line)
        raw = tuple(None if c is None else c.tobytes() for c in curves)
        values = tuple((k, np.float64(v).tobytes()) for k, v in item.values.items())
        found.append((item.stride, values, raw, told))
    return found
