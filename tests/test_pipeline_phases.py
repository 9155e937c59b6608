"""Exercises of a calibration are no gait: their steps count for no number."""

from __future__ import annotations

import pytest
from pipeline_cases import simulated

from lablive.calibrating.phases import marker_of
from lablive.metrics.registry import METRICS


def counted(marked, until_s=float("inf")):
    lab = simulated(30.0, standing_s=3.0)
    pipeline = lab.pipeline()
    for kind, begin_s, end_s in marked:
        pipeline.mark(marker_of(kind, "end", end_s))
        pipeline.mark(marker_of(kind, "begin", begin_s))
    for item in lab.chunks(rows_per_chunk=2000):
        pipeline.feed(item)
    pipeline.finish()
    sample = pipeline.results.sample(until_s)
    return sample.summarise(METRICS["contact_time_ms"]).both.n


def test_steps_of_an_exercise_do_not_count():
    whole = counted([])
    assert counted([("steps", 10.0, 20.0)]) == pytest.approx(whole - 27, abs=1)
    assert counted([("run", 10.0, 20.0)]) == whole
    # before its end was marked nobody knew
    assert counted([("steps", 10.0, 20.0)], 15.0) == counted([], 15.0)
