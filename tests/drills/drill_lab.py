"""Sets done by the simulated jumper, through the real pipeline."""

from __future__ import annotations

import msgspec
import numpy as np
from pipeline_cases import Lab, segments_as_worn

from drivers.sim.drill_acting import Manner
from drivers.sim.drill_script import perform
from drivers.sim.jumper import MUSCLES, SITES, Jumper, JumperSettings
from lablive.drills.catalogue import load_drill
from lablive.signals.auto_montage import auto_montage
from lablive.signals.calibrations import Calibrations
from lablive.signals.emg import EmgSettings
from lablive.signals.emg_reference import Electrode, EmgRecords, EmgRest
from lablive.signals.montage import Subject
from lablive.signals.sound_latency import SoundLatency

ROLES = [f"emg_{muscle}_{side}" for muscle, side in MUSCLES]
USUAL = JumperSettings()


def calibrated(settings=USUAL):
    """Return what the gates would have made of this jumper."""
    chain = EmgSettings(rate_hz=settings.emg_rate_hz, kind="raw", notch_hz=None).chain
    v = settings.emg_baseline_v  # of Gaussian noise: mean size, its SD over 25 ms
    rests = tuple(
        EmgRest(Electrode(role, "", "", chain, "V"), "", 0.8 * v, 0.12 * v, v, "stand")
        for role in ROLES
    )
    latency = SoundLatency("", "", settings.sound_latency_s, 0.0, 40)
    return Calibrations(
        segments=segments_as_worn(SITES),
        emg=EmgRecords(rests=rests),
        sound_latency=latency,
    )


def lab_of(done, settings=USUAL, streams=None, until_s=None):
    """Return a lab of pipeline_cases with what the sensors sent."""
    jumper = Jumper(done.exercise, settings)
    infos = [it for it in jumper.streams if streams is None or it.name in streams]
    rows = {}
    for info in infos:
        t_s, x = jumper.window(info.name, 0.0, until_s or done.exercise.end_s)
        for side, gone_s, back_s in done.missing:
            if info.name == f"{side}_sole":
                there = (t_s < gone_s) | (t_s >= back_s)
                t_s, x = t_s[there], x[there]
        rows[info.id] = (t_s, x.astype(np.float32))
    montage = msgspec.structs.replace(
        auto_montage(infos), subject=Subject(mass_kg=settings.mass_kg, height_m=1.75)
    )
    return Lab(infos, rows, montage)


def measure(done, settings=USUAL, streams=None, seed=None, rows_per_chunk=400):
    """Return the sets of an exercise, and the pipeline they come from."""
    lab = lab_of(done, settings, streams)
    pipeline = lab.pipeline(calibrated(settings))
    for marker in done.markers:
        pipeline.mark(marker)
    for item in lab.chunks(seed, rows_per_chunk):
        pipeline.feed(item)
    pipeline.finish()
    return pipeline.drills.sets(), pipeline


def played(drill_id, leg, mistakes=None, manner=None, streams=None, **how):
    """Return the only set of a drill and its truth."""
    done = perform(load_drill(drill_id), leg, mistakes, manner or Manner(), **how)
    (found,), _ = measure(done, streams=streams)
    return found, done
