"""Metrics step by step, and any metric on demand: the same live and in replay."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pipeline_cases import LEVEL, SOLES, run, segments_as_worn, simulated

from lablive.messages import Marker
from lablive.metrics.registry import LEADS, METRICS
from lablive.signals.calibrations import Calibrations
from lablive.signals.sound_latency import SoundLatency
from lablive.snapshot import Wanted

CALIBRATED = Calibrations(
    segments=segments_as_worn(),
    sound_latency=SoundLatency("", "front", 0.137, 40, 0.4),
)
MARKS = (Marker(6.0, "baseline begin", "block"), Marker(36.0, "baseline end", "block"))
ALL = Wanted(
    tuple(METRICS),
    ("contact_time_ms", "peak_force_bw", "pelvic_drop_deg", "cadence_spm"),
    sound=True,
)


@pytest.fixture(scope="module")
def lab():
    return simulated(50.0, (*SOLES, "Sim pelvis IMU", LEVEL), standing_s=3.0)


@pytest.fixture(scope="module")
def whole(lab):
    pipeline, _ = run(lab, calibrations=CALIBRATED)
    for mark in MARKS:
        pipeline.mark(mark)
    return pipeline


@pytest.mark.parametrize("t_s", [2.0, 12.3, 45.0])
def test_live_shows_what_replay_shows(lab, whole, t_s):
    live = lab.pipeline(CALIBRATED)
    for mark in MARKS:
        live.mark(mark)
    for item in lab.chunks(rows_per_chunk=50):
        live.feed(item)
        if live.watermark_s > t_s + 2.0:  # strides wait for their IMU rows
            break
    assert len(live.strides) < len(whole.strides)
    shown = msgspec.json.encode(live.snapshot(t_s, ALL))
    assert shown == msgspec.json.encode(whole.snapshot(t_s, ALL))


def test_only_what_is_asked_for_is_worked_out(whole):
    few = whole.snapshot(30.0, Wanted(("cadence_spm",)))
    assert set(few.tiles) == {"cadence_spm"}
    assert (few.steps, few.sound) == ({}, None)
    more = whole.snapshot(30.0, ALL)
    assert more.tiles["cadence_spm"] is few.tiles["cadence_spm"]
    assert set(more.tiles) == set(METRICS)


def test_steps_are_those_of_the_valid_strides_in_time_order(whole):
    shown = whole.snapshot(30.0, ALL).steps["pelvic_drop_deg"]
    strides = [
        it for it in whole.strides
        if it.stride.valid and it.stride.next_ic_s < 30.0
        and "pelvic_drop_deg" in it.values
    ]  # fmt: skip
    assert shown.unit == "°"
    assert len(shown.values) == len(strides) > 50
    assert set(shown.sides) == {"left", "right"}
    told = sorted(
        (it.stride.ic_s, it.stride.side, it.values["pelvic_drop_deg"]) for it in strides
    )
    assert list(zip(shown.t_s, shown.sides, shown.values, strict=True)) == told


def test_forces_are_in_body_weights_and_the_tile_is_the_median_of_the_last_ten(whole):
    shown = whole.snapshot(30.0, ALL)
    steps = shown.steps["peak_force_bw"]
    last = [v for v, s in zip(steps.values, steps.sides, strict=True) if s == "left"]
    left = shown.tiles["peak_force_bw"].value.stat("left")
    assert left.median == pytest.approx(np.median(last[-10:]), abs=1e-6)


def test_a_metric_of_many_strides_has_no_steps(whole):
    wanted = Wanted((), ("contact_time_si_pct",))
    assert whole.snapshot(30.0, wanted).steps["contact_time_si_pct"].values == ()


def test_footfalls_against_noise_and_own_baseline(whole):
    before = whole.snapshot(30.0, ALL).sound
    assert before.level.values
    assert (before.relative.values, before.baseline_db) == ((), {})
    assert before.noise_db < min(before.level.values)
    later = whole.snapshot(48.0, ALL)
    sound = later.sound
    assert set(sound.baseline_db) == {"left", "right"}
    assert min(sound.relative.t_s) >= 36.0
    left = [
        value
        for value, side in zip(sound.relative.values, sound.relative.sides, strict=True)
        if side == "left"
    ]
    tile = later.tiles["footfall_rel_db"].value.stat("left")
    assert tile.median == pytest.approx(np.median(left[-10:]), abs=1e-9)


def test_every_skill_is_led_by_metrics_of_its_own():
    for skill, leads in LEADS.items():
        assert {METRICS[it].skill for it in leads} == {skill}
