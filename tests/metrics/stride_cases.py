"""Strides of the simulated runner with everything a lab can measure in them.

Contacts are the true ones; rows come from the simulator's own models through our
filters, so that a metric can be held against the answer of the metric reference, 9b.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import msgspec
import numpy as np
from sample_cases import stride as made_stride

from drivers.sim.emg_model import CHANNELS
from drivers.sim.imu_model import SITES
from drivers.sim.insole_model import cell_forces_n
from drivers.sim.runner import Runner
from drivers.sim.settings import RUNNERS
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.metric import (
    EmgStride,
    SegmentRows,
    SoundStride,
    StrideData,
    StrideForce,
    StridePressure,
    reach_s,
)
from lablive.metrics.registry import METRICS, stride_record
from lablive.metrics.summary import Sample
from lablive.metrics.weight import Weight
from lablive.names import SIDES, STANDARD_GRAVITY
from lablive.signals.angles import segment_rotation
from lablive.signals.emg import EmgRows, EmgSettings, EmgStage
from lablive.signals.emg_activation import activation
from lablive.signals.emg_reference import Electrode, rest_from_stand
from lablive.signals.insole import cop_xy, half_n, region_n, stance_line
from lablive.signals.layouts import load_layout
from lablive.signals.orientation import Orientation, OrientationSettings
from lablive.signals.sound import NoiseFloor, footfall, gap_energy

WEIGHT_N = 70.0 * STANDARD_GRAVITY
STANDING_S, FIRST_S, LAST_S = 5.0, 16.0, 25.0
_PELVIS_STANDING_DEG = 10.0
_WHEN = "2026-05-04T10:00:00+02:00"


def turned(axis, angle_deg):
    """Return one rotation about an axis, shape (3, 3)."""
    a = np.radians(angle_deg)
    c, s = np.cos(a), np.sin(a)
    return {
        "x": np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        "y": np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]),
        "z": np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]),
    }[axis]


def segment(t_s, lean=0.0, obliquity=0.0, heading=0.0, **more):
    """Return rows of a segment with given angles in degrees (scalars or (rows,))."""
    angles = [np.broadcast_to(np.asarray(it, float), t_s.shape)
              for it in (lean, obliquity, heading)]  # fmt: skip
    rotation = np.array(
        [turned("z", h) @ turned("x", o) @ turned("y", le)
         for le, o, h in zip(*angles, strict=True)]
    )  # fmt: skip
    still = np.einsum("nji,j->ni", rotation, [0.0, 0.0, STANDARD_GRAVITY])
    about = {"rate_rps": np.zeros_like(still), "acc_mps2": still,
             "rate_hz": 1.0 / (t_s[1] - t_s[0])}  # fmt: skip
    return SegmentRows(t_s, rotation, **(about | more))


def around(made, rate_hz=200.0):
    """Return times that reach around a stride as the pipeline gives them."""
    reach = reach_s(made.stride_s)
    count = round((made.stride_s + 2 * reach) * rate_hz)
    return made.ic_s - reach + np.arange(count) / rate_hz


def bare(side="left", **more):
    """Return a REF-1 stride with nothing measured yet."""
    about = {"mass_kg": 70.0, "height_m": 1.75, "leg_length_m": 0.9275}
    return StrideData(made_stride(side=side, ic_s=10.0), **(about | more))


def value(metric_id, data):
    """Return a metric of one stride, refusals raised."""
    return METRICS[metric_id].of_stride(data)


def why_not(metric_id, data):
    """Return why a stride has no such metric, empty when it has or nobody says."""
    record = stride_record(data)
    assert metric_id not in record.values
    return record.lacks.get(metric_id, "")


@cache
def simulated(name="ref1", changes=()):
    """Return strides of both feet of a named runner, in time order."""
    settings = msgspec.structs.replace(
        RUNNERS[name], standing_s=STANDING_S, **dict(changes)
    )
    runner = Runner(settings)
    segments = {site: _segment_rows(runner, site) for site in SITES}
    emg, level = _emg(runner), _level(runner)
    found = []
    events = runner.events(FIRST_S, LAST_S)
    for side in SIDES:
        own = [e.t_s for e in events if (e.side, e.kind) == (side, "ic")]
        for ic_s, next_ic_s in pairwise(own):
            made = _stride(settings, side, ic_s, next_ic_s)
            force, pressure = _force(settings, made)
            data = StrideData(
                made, force, pressure,
                segments={site: _cut(rows, made) for site, rows in segments.items()},
                emg=_muscles(emg, made),
                sound=_sound(level, settings, ic_s),
                speed_mps=settings.belt_mps, leg_length_m=0.53 * settings.height_m,
                mass_kg=settings.mass_kg, height_m=settings.height_m,
                pelvic_neutral_deg=(0.0, 4.0), standing_medial_pct=50.0,
            )  # fmt: skip
            found.append(data)
    return sorted(found, key=lambda data: data.stride.next_ic_s)


def sample_of(strides, **more):
    """Return a sample of measured strides."""
    records = {
        side: [stride_record(replace(data, memo={}))
               for data in strides if data.stride.side == side]
        for side in SIDES
    }  # fmt: skip
    belt = BeltSpeed(3.0, streams=False)
    about = {
        "leg_length_m": 0.9275, "mass_kg": 70.0, "height_m": 1.75, "cells": True,
        "signals": frozenset([*SITES, "sound", *(f"{m}_{s}" for m, s in CHANNELS)]),
    }  # fmt: skip
    return Sample(records, Weight(WEIGHT_N), belt, **(about | more))


@cache
def simulated_sample(name="ref1", changes=()):
    """Return the sample of a named runner."""
    return sample_of(simulated(name, changes))


def _stride(settings, side, ic_s, next_ic_s):
    contact_s = {"left": settings.contact_left_s, "right": settings.contact_right_s}
    shift_s = settings.step_shift_s if side == "left" else -settings.step_shift_s
    other_ic_s = ic_s + settings.stride_s / 2 + shift_s
    other = "right" if side == "left" else "left"
    before_to_s = other_ic_s - settings.stride_s + contact_s[other]
    return made_stride(
        side=side, ic_s=ic_s, contact_s=contact_s[side], stride_s=next_ic_s - ic_s,
        opposite_ic_s=other_ic_s,
        opposite_to_s=max(before_to_s, other_ic_s + contact_s[other]),
    )  # fmt: skip


def _force(settings, made):
    rate_hz = settings.insole_rate_hz
    t = np.arange(round((made.stride_s + 0.06) * rate_hz)) / rate_hz + made.ic_s - 0.06
    cells = cell_forces_n(settings, made.side, t) - settings.preload_n / 16
    force = StrideForce(t, cells.sum(axis=1), WEIGHT_N)
    on = (t >= made.ic_s) & (t <= made.to_s)
    layout = load_layout("sim_16")
    xy = cop_xy(cells[on], layout, 0.05 * WEIGHT_N)
    line = stance_line(t[on], xy, made.ic_s, made.to_s)
    return force, StridePressure(
        t[on], xy, cells[on].sum(axis=1), 0.1 * WEIGHT_N, line,
        region_n(cells[on], layout), half_n(cells[on], layout),
    )  # fmt: skip


def _segment_rows(runner, site):
    """Return the whole run of a segment, standing taken as zero."""
    name = f"Sim {site.replace('_', ' ')} IMU"
    t_s, x = runner.window(name, 0.0, LAST_S + 2.0)
    rate_hz = runner.settings.imu_rate_hz
    bias = tuple(np.radians((0.10, -0.08, 0.0)).tolist())
    filtered = Orientation(OrientationSettings(rate_hz=rate_hz, gyro_bias_rps=bias))
    quat = filtered.feed(t_s, x[:, :3], x[:, 3:]).quat
    lean_deg = _PELVIS_STANDING_DEG if site == "pelvis" else 0.0
    matrix = turned("y", lean_deg)
    acc, rate = x[:, :3] @ matrix.T, (x[:, 3:] - bias) @ matrix.T
    return SegmentRows(t_s, segment_rotation(quat, matrix), rate, acc, rate_hz)


def _cut(rows, made):
    reach = reach_s(made.stride_s)
    first, end = rows.t_s.searchsorted((made.ic_s - reach, made.next_ic_s + reach))
    at = slice(first, end)
    return replace(
        rows, t_s=rows.t_s[at], rotation=rows.rotation[at],
        rate_rps=rows.rate_rps[at], acc_mps2=rows.acc_mps2[at],
    )  # fmt: skip


def _emg(runner):
    """Return rows of the chain with a notch, its settings and the rests."""
    settings = EmgSettings(rate_hz=runner.settings.emg_rate_hz, notch_hz=50)
    t_s, x = runner.window("Sim EMG", 0.0, LAST_S + 2.0)
    rows = EmgStage(settings, len(CHANNELS)).feed(t_s, x)
    stand = (rows.t_s > 1.0) & (rows.t_s < STANDING_S - 0.5)
    quiet = EmgRows(*(values[stand] for values in rows))
    rests = [
        rest_from_stand(
            quiet, channel, made_at=_WHEN,
            electrode=Electrode(f"emg_{muscle}_{side}", "P01", "1", settings.chain),
        )
        for channel, (muscle, side) in enumerate(CHANNELS)
    ]  # fmt: skip
    return rows, settings, rests


def _muscles(emg, made):
    rows, settings, rests = emg
    first, end = rows.t_s.searchsorted((made.ic_s - 0.5, made.next_ic_s + 0.2))
    found = {}
    for channel, (muscle, side) in enumerate(CHANNELS):
        if side == made.side:
            contacts = made.ic_s, made.to_s, made.next_ic_s
            done = activation(
                rows.t_s[first:end], rows.smooth[first:end, channel],
                rows.envelope[first:end, channel], contacts, settings, rests[channel],
            )  # fmt: skip
            found[f"{muscle}_{side}"] = EmgStride(done, 2e-5, ("hum", "movement"))
    return found


def _level(runner):
    return runner.window("Sim belt microphone", 0.0, LAST_S + 2.0)


def _sound(level, settings, ic_s):
    t_s, x = level
    late_s = settings.sound_latency_s
    floor = NoiseFloor()
    for back in range(1, 20):
        floor.feed(gap_energy(t_s, x, ic_s + late_s - back * settings.stride_s / 2))
    noise = floor.energy()
    heard = [
        footfall(t_s, x[:, at], ic_s + late_s, float(noise[at])) for at in range(3)
    ]
    noise_db = tuple((10 * np.log10(noise / 4e-10)).tolist())
    return SoundStride(*heard, noise_db, late_s, "Pa^2")
