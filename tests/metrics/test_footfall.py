"""Footfall metrics of given levels: calibrated or not, noise, baseline, sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sample_cases import own
from stride_cases import bare, sample_of, value, why_not

from lablive.metrics.metric import SoundStride
from lablive.metrics.registry import METRICS
from lablive.signals.sound import Footfall


def heard(sel_db=72.0, side="left", quality="clear", unit="Pa^2", over_db=12.0):
    known = quality in ("clear", "noise subtracted")
    level = sel_db if known else np.nan
    step = Footfall(level, level + 17.0, over_db, quality)
    sound = SoundStride(step, step, step, (62.0, 68.0, 71.0), 0.137, unit)
    return replace(bare(side), sound=sound, memo={})


def summarised(metric_id, strides, **more):
    return sample_of(strides, **more).summarise(METRICS[metric_id])


def test_levels_of_a_calibrated_microphone():
    data = heard()
    assert value("footfall_sel_dba", data) == 72.0
    assert value("footfall_peak_dba", data) == 89.0
    assert value("sound_latency_ms", data) == pytest.approx(137.0)
    noise = summarised("noise_floor_dba", [data])
    assert noise.both.median == 62.0
    assert noise.note == "footfalls stand 12 dB out of it"


@pytest.mark.parametrize(
    "metric_id", ["footfall_sel_dba", "footfall_peak_dba", "noise_floor_dba"]
)
def test_a_relative_microphone_has_no_dba(metric_id):
    assert "calibrated microphone" in why_not(metric_id, heard(unit="FS^2"))


def test_right_less_left_works_without_calibration():
    strides = [heard(70.0, unit="FS^2"), heard(73.5, "right", unit="FS^2")]
    found = summarised("footfall_lr_db", strides)
    assert found.both.median == pytest.approx(3.5)
    assert "centre line" in found.note


@pytest.mark.parametrize(
    ("quality", "why"),
    [
        ("not measurable", "footfalls do not stand out of the belt's noise by 3 dB"),
        ("noise not known", "the belt's noise is not known yet"),
        ("missing data", "sound is missing at these contacts"),
    ],
)
def test_what_is_not_heard_says_why(quality, why):
    data = heard(quality=quality)
    assert why_not("footfall_sel_dba", data) == why
    assert summarised("footfall_lr_db", [data]).both.n == 0


def test_each_foot_against_its_own_baseline():
    strides = [heard(70.0), heard(72.0), heard(80.0, "right")]
    base = {"footfall_sel_db": {"left": [own(74.0)], "right": [own(79.0)]}}
    found = summarised("footfall_rel_db", strides, baseline=base)
    assert found.left.median == pytest.approx(-3.0)
    assert found.right.median == pytest.approx(1.0)
    assert (found.both.median, found.both.n) == (pytest.approx(-2.0), 3)
    assert summarised("footfall_rel_db", strides).note == ("no baseline was marked")
    half = {"footfall_sel_db": {"left": [own(74.0)]}}
    assert summarised("footfall_rel_db", strides, baseline=half).right is not None
    assert summarised("footfall_rel_db", strides, baseline=half).stat("right").n == 0
