"""Time in each part of a band: each stride at its own speed, with its own length."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import run, simulated

from lablive.metrics.bands import load_bands
from lablive.metrics.registry import METRICS
from lablive.metrics.zones import time_in_zones

BANDS = load_bands()


@pytest.fixture(scope="module")
def sample():
    pipeline, _ = run(simulated(40.0, contact_right_s=0.262), rows_per_chunk=400)
    return pipeline.results.sample()


def test_each_stride_is_judged_as_the_bands_judge_it(sample):
    checked = 0
    for metric in METRICS.values():
        zones = time_in_zones(sample, metric, BANDS)
        for key, zone in zones.items():
            values = np.array(sample.measured(metric, key), dtype=float)
            if metric.per_weight:
                values = values / sample.weight.value
            spent = {"good": 0.0, "caution": 0.0, "poor": 0.0}
            n = 0
            condition = BANDS.band[metric.id].poor_with
            beside = (
                sample.summarise(METRICS[condition.metric]).stat(key).median
                if condition
                else np.nan
            )
            for record, value in zip(sample.valid(key), values, strict=True):
                speed = sample.belt.at(record.stride.middle_s)
                verdict = BANDS.judge(metric.id, float(value), speed, beside)
                if verdict is not None:
                    spent[verdict] += record.stride.stride_s
                    n += 1
            total = sum(spent.values())
            assert zone.n == n
            assert zone.good_pct == pytest.approx(100 * spent["good"] / total)
            assert zone.caution_pct == pytest.approx(100 * spent["caution"] / total)
            assert zone.poor_pct == pytest.approx(100 * spent["poor"] / total)
            checked += 1
    assert checked >= 4


def test_what_has_no_band_or_no_strides_has_no_zones(sample):
    assert BANDS.band["cadence_spm"].info
    assert time_in_zones(sample, METRICS["cadence_spm"], BANDS) == {}
    assert time_in_zones(sample, METRICS["contact_time_si_pct"], BANDS) == {}
    assert time_in_zones(sample, METRICS["pelvic_drop_deg"], BANDS) == {}
