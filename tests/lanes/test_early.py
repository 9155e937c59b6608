"""A metric ahead of its strides: the same numbers and bits, nothing else moved."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import (
    EMG,
    IMUS,
    LEVEL,
    SOLES,
    bits,
    run,
    segments_as_worn,
    simulated,
)
from test_pipeline_plate import with_plate

from lablive.feedback.offers import load_offers
from lablive.metrics.early import EARLY, measured
from lablive.metrics.registry import METRICS
from lablive.names import SIDES
from lablive.signals.calibrations import Calibrations
from lablive.signals.sound_latency import SoundLatency

CALIBRATIONS = Calibrations(
    segments=segments_as_worn(), sound_latency=SoundLatency("", "", 0.137, 40, 0.5)
)
# provisional: how far from the stride's own number, in the metric's unit (N for force)
WITHIN = {
    "footfall_rel_db": 0.01,
    "peak_force_bw": 5.0,
    "impact_peak_bw": 5.0,
    "valr_bw_s": 50.0,
    "thigh_extension_peak_deg": 0.1,
    "foot_progression_deg": 0.1,
}


@pytest.fixture(scope="module")
def lab():
    return simulated(24.0, (*SOLES, *IMUS, EMG, LEVEL), standing_s=3.0, impact_bw=0.8)


@pytest.fixture(scope="module")
def whole(lab):
    return run(lab, calibrations=CALIBRATIONS)[0]


def early(lab, metric_id, seed=None, rows_per_chunk=None):
    pipeline = lab.pipeline(CALIBRATIONS)
    pipeline.work_out_early(metric_id)
    handed = []
    for item in lab.chunks(seed, rows_per_chunk):
        handed += pipeline.feed(item)
    return pipeline, handed + pipeline.finish()


def told(pipeline):
    """Return every early stride of each side, as plain data to its last bit."""
    sample = pipeline.results.early()
    return {side: bits(records) for side, records in sample.records.items()}


def strides(pipeline, side):
    return {
        record.stride.ic_s: record
        for record in pipeline.strides
        if record.stride.side == side and record.stride.valid
    }


@pytest.mark.parametrize("metric_id", EARLY)
def test_the_number_is_that_of_the_stride_or_as_near_as_is_said(lab, whole, metric_id):
    sample = early(lab, metric_id, rows_per_chunk=200)[0].results.early()
    (part, *_) = measured(metric_id)
    compared = 0
    for side in SIDES:
        final = strides(whole, side)
        for record in sample.records[side]:
            if record.stride.ic_s not in final or part.id not in record.values:
                continue
            wanted = final[record.stride.ic_s].values.get(part.id)
            if wanted is None:
                continue
            compared += 1
            off = abs(record.values[part.id] - wanted)
            assert off <= WITHIN.get(metric_id, 0.0)
    assert compared >= 10


@pytest.mark.parametrize(
    "metric_id",
    ["footfall_rel_db", "gmax_drive_pct", "pelvic_drop_deg", "peak_force_bw",
     "foot_progression_deg", "trunk_lean_deg"],
)  # fmt: skip
def test_any_cut_gives_the_same_bits(lab, metric_id):
    once = told(early(lab, metric_id)[0])
    for seed in (1, 2):
        assert told(early(lab, metric_id, seed)[0]) == once


def test_the_strides_do_not_notice(lab, whole):
    for metric_id in ("footfall_rel_db", "gmax_drive_pct", "knee_flexion_ic_deg"):
        pipeline, _ = early(lab, metric_id, seed=3)
        assert bits(pipeline.strides) == bits(whole.strides)


def test_nor_do_those_of_a_plate_under_both_feet():
    lab = with_plate(14.0, (), standing_s=3.0)
    whole = run(lab)[0]
    pipeline = lab.pipeline()
    pipeline.work_out_early("peak_force_bw")
    for item in lab.chunks(4):
        pipeline.feed(item)
    pipeline.finish()
    assert bits(pipeline.strides) == bits(whole.strides)
    peaks = {it.stride.ic_s: it.values["peak_force_bw"] for it in whole.strides[3:]}
    for record in pipeline.results.early().records["unknown"][4:-2]:
        assert record.values["peak_force_bw"] == pytest.approx(
            peaks[record.stride.ic_s], abs=30.0
        )
    assert len(peaks) > 20


def test_chosen_while_running_it_tells_what_it_would_have_told(lab):
    pipeline = lab.pipeline(CALIBRATIONS)
    for item in lab.chunks(None, 50):
        pipeline.feed(item)
        if pipeline.watermark_s > 14.0:
            pipeline.work_out_early("pelvic_drop_deg")
    pipeline.finish()
    late, all_of_it = told(pipeline), told(early(lab, "pelvic_drop_deg")[0])
    for side in SIDES:
        assert 10 < len(late[side]) < len(all_of_it[side])
        assert late[side] == all_of_it[side][-len(late[side]) :]


def test_another_metric_begins_anew_and_none_ends_it(whole, lab):
    pipeline, _ = early(lab, "contact_time_ms")
    pipeline.work_out_early("peak_force_bw")
    assert pipeline.results.early_metric == "peak_force_bw"
    assert not pipeline.results.early().records
    for item in lab.chunks(None, 200):
        pipeline.work_out_early("")
        pipeline.feed(item)
    assert not pipeline.results.early().records
    assert not whole.results.early().records


def test_a_stance_without_a_sole_that_measures_is_not_told():
    lab = simulated(30.0, standing_s=3.0, left_insole_lost_s=(15.0, 20.0))
    pipeline, _ = early(lab, "peak_force_bw", rows_per_chunk=40)
    records = pipeline.results.early().records
    assert not any(14.9 < it.stride.ic_s < 20.0 for it in records["left"])
    assert sum(15.0 < it.stride.ic_s < 20.0 for it in records["right"]) >= 6


def test_a_silent_sensor_is_named_by_its_foot(lab):
    pipeline, _ = early(lab, "knee_flexion_ic_deg")
    end_s = max(t_s[-1] for t_s, _ in lab.rows.values())
    assert pipeline.silent(end_s + 0.1, 0.8) == frozenset()
    assert {"left", "right"} <= pipeline.silent(end_s + 2.0, 0.8)
    shank = next(it.id for it in lab.streams if it.name == "Sim shank left IMU")
    pipeline = lab.pipeline(CALIBRATIONS)
    pipeline.work_out_early("knee_flexion_ic_deg")
    for item in lab.chunks(None, 100):
        if item.stream != shank or item.t_s[-1] < 20.0:
            pipeline.feed(item)
    assert pipeline.silent(end_s, 0.8) == {"left"}


def test_all_that_is_offered_is_early():
    assert set(load_offers().metric) <= set(EARLY)
    for metric_id in EARLY:
        assert METRICS[metric_id].id == metric_id
        assert all(np.isfinite(EARLY[metric_id][1:4]))
