"""Gluteal metrics of given activity: percent, bursts, flags, and what is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stride_cases import bare, sample_of, value, why_not

from lablive.metrics.metric import EmgStride
from lablive.metrics.registry import METRICS
from lablive.signals.emg_activation import STANCE_PCT, Activation

GIVEN = Activation(
    stride_peak=80e-6, stance_peak=60e-6, stance_mean=30e-6, drive_mean=40e-6,
    pushoff_mean=10e-6, peak_time_pct=12.0, burst=1.0, onset_ms=-60.0,
    curve=np.zeros(len(STANCE_PCT)),
)  # fmt: skip


def active(side="left", muscle="gluteus_maximus", full=1e-4, flags=(), **changed):
    emg = EmgStride(GIVEN._replace(**changed), full, flags)
    data = bare(side)
    return replace(data, emg={f"{muscle}_{side}": emg}, memo={})


def summarised(metric_id, strides, **more):
    return sample_of(strides, **more).summarise(METRICS[metric_id])


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize(
    ("metric_id", "expected"),
    [
        ("gmax_drive_pct", 40.0),
        ("gmax_pushoff_pct", 10.0),
        ("gmax_stance_mean_pct", 30.0),
        ("gmax_stance_peak_pct", 60.0),
        ("gmax_peak_time_pct", 12.0),
        ("gmax_onset_ms", -60.0),
        ("emg_quality", 0.0),
    ],
)
def test_values_of_the_own_side(side, metric_id, expected):
    assert value(metric_id, active(side)) == pytest.approx(expected)


def test_the_medius_is_not_the_maximus():
    data = active(muscle="gluteus_medius")
    assert value("gmed_stance_peak_pct", data) == pytest.approx(60.0)
    assert value("gmed_onset_ms", data) == pytest.approx(-60.0)
    sample = sample_of([data], signals=frozenset(["gluteus_medius_left"]))
    found = sample.summarise(METRICS["gmax_drive_pct"])
    assert (found.both.n, found.note) == (0, "needs EMG of the gluteus maximus")


def test_without_a_reference_times_remain():
    data = active(full=np.nan)
    assert "what is 100 %" in why_not("gmax_drive_pct", data)
    assert value("gmax_peak_time_pct", data) == 12.0
    assert value("gmax_onset_ms", data) == -60.0


def test_bursts_are_a_share_and_need_a_rest():
    strides = [active(burst=1.0)] * 3 + [active(burst=0.0, onset_ms=np.nan)]
    assert summarised("gmax_burst_present_pct", strides).left.median == 75.0
    unknown = active(burst=np.nan, onset_ms=np.nan)
    found = summarised("gmax_burst_present_pct", [unknown])
    assert found.both.n == 0
    assert "at rest" in why_not("gmax_onset_ms", unknown)
    weak = active(onset_ms=np.nan)
    assert "6 dB" in why_not("gmax_onset_ms", weak)
    assert np.isnan(value("gmax_onset_ms", active(burst=0.0, onset_ms=np.nan)))


def test_flags_are_counted_and_told():
    strides = [active(flags=("hum", "movement")), active("right")]
    found = summarised("emg_quality", strides)
    assert (found.left.median, found.right.median) == (2.0, 0.0)
    assert found.note == "gluteus maximus: hum, movement"
    assert "hum" in summarised("gmax_drive_pct", strides).note
    assert "has no signal (flat)" in why_not("gmax_drive_pct", active(flags=("flat",)))


def test_asymmetry_of_stance_means():
    strides = [active(), active("right", stance_mean=45e-6)]
    found = summarised("gmax_si_pct", strides)
    assert found.both.median == pytest.approx(200 * 15 / 75)


def test_calf_against_glute():
    data = active()
    calf = EmgStride(GIVEN._replace(pushoff_mean=60e-6), 2e-4)
    data = replace(data, emg={**data.emg, "gastrocnemius_left": calf}, memo={})
    assert value("calf_glute_ratio", data) == pytest.approx(3.0)
