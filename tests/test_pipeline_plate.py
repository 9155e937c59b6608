"""A force plate under both feet: alone, with one insole, with both."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import bits, run, simulated

from drivers.sim.gait_model import vertical_force_n
from drivers.sim.settings import RunnerSettings
from lablive.messages import ChannelInfo, StreamInfo
from lablive.metrics.registry import METRICS
from lablive.signals.auto_montage import auto_montage
from lablive.signals.montage import Subject

RATE_HZ = 500.0


def with_plate(seconds, streams, **settings):
    """Return a lab with a plate that carries both feet of the synthetic runner."""
    lab = simulated(seconds, streams=streams, **settings)
    runner = RunnerSettings(**settings)
    t_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    force = sum(vertical_force_n(runner, side, t_s) for side in ("left", "right"))
    noise = 3.0 * np.random.default_rng(0).standard_normal(len(t_s))
    plate = StreamInfo(
        99, "plate", "Force", RATE_HZ, (ChannelInfo("treadmill.force_z", "N"),)
    )
    lab.streams = [*lab.streams, plate]
    lab.rows[99] = (t_s, (force + noise + 12.0)[:, None].astype(np.float32))
    subject = Subject(mass_kg=70.0)
    montage = auto_montage(lab.streams)
    lab.montage = type(montage)(montage.schema, montage.streams, subject=subject)
    return lab


def of(pipeline, metric_id):
    return pipeline.results.sample().summarise(METRICS[metric_id])


@pytest.mark.parametrize("seed", [None, 3])
def test_alone_it_has_no_sides(seed):
    lab = with_plate(30.0, (), standing_s=3.0)
    pipeline, _ = run(lab, seed)
    assert {c.side for c in pipeline.contacts} == {"unknown"}
    assert all(r.stride.valid for r in pipeline.strides)
    cadence = of(pipeline, "cadence_spm")
    assert cadence.both.median == pytest.approx(162.16, abs=0.2)
    assert cadence.stat("left").n == 0
    assert of(pipeline, "flight_time_ms").both.median == pytest.approx(123, abs=2)
    assert of(pipeline, "peak_force_bw").both.median == pytest.approx(2.32, abs=0.03)
    ratio = of(pipeline, "insole_gain_ratio")
    assert ratio.both.median == pytest.approx(1.0, abs=0.02)
    note = of(pipeline, "contact_time_si_pct").note
    assert note == "needs left and right from the same kind of sensor"


def test_one_insole_tells_the_feet_of_the_plate_apart():
    lab = with_plate(30.0, ("left_sole",), standing_s=3.0)
    pipeline, handed = run(lab)
    plate = [c for c in pipeline.contacts if c.source == "treadmill" and c.kind == "ic"]
    right = [c.t_s for c in plate if c.side == "right"]
    first = 3.37
    true = first + 0.74 * np.arange(len(right))
    assert np.abs(np.array(right) - true).max() < 0.01
    assert {c.side for c in plate} == {"left", "right"}
    strides = {r.stride.side: r.stride.source for r in pipeline.strides}
    assert strides == {"left": "insole", "right": "treadmill"}
    assert all(r.stride.valid for r in pipeline.strides)
    # times of two kinds of sensor are not compared
    assert of(pipeline, "contact_time_si_pct").both.n == 0
    for seed in range(5):
        assert bits(run(lab, seed)[1]) == bits(handed)


def test_beside_both_insoles_it_only_bears_witness():
    lab = with_plate(20.0, ("left_sole", "right_sole"), standing_s=3.0)
    pipeline, _ = run(lab)
    sources = {c.source for c in pipeline.contacts}
    assert sources == {"insole", "treadmill"}
    assert {r.stride.source for r in pipeline.strides} == {"insole"}
    bare, _ = run(simulated(20.0, ("left_sole", "right_sole"), standing_s=3.0))
    assert [r.stride for r in bare.strides] == [r.stride for r in pipeline.strides]


def test_walking_on_a_plate_has_no_contacts():
    lab = with_plate(20.0, (), standing_s=3.0)
    t_s, x = lab.rows[99]
    sway = 686.0 + 150.0 * np.sin(2 * np.pi * 1.8 * t_s)
    noise = np.random.default_rng(1).standard_normal(len(t_s))
    lab.rows[99] = (t_s, (sway + noise)[:, None].astype(x.dtype))
    pipeline, _ = run(lab)
    assert pipeline.contacts == []
