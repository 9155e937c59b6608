"""Bands: what comes with the program, and what a lab may write into it."""

from __future__ import annotations

import pytest

from lablive.config import parse_toml
from lablive.errors import ConfigError
from lablive.metrics.bands import Bands, _check, load_bands
from lablive.metrics.registry import METRICS


def judge(metric_id, value, speed_mps=3.0):
    return load_bands().judge(metric_id, value, speed_mps)


@pytest.mark.parametrize(
    ("metric_id", "value", "verdict"),
    [
        ("contact_time_si_pct", -3.9, "good"),
        ("contact_time_si_pct", 4.1, "caution"),
        ("contact_time_si_pct", -8.1, "poor"),
        ("peak_force_si_pct", 7.0, "caution"),
        ("stride_time_cv_pct", 2.4, "good"),
        ("event_quality_pct", 84.9, "poor"),
        ("event_quality_pct", 95.0, "good"),
        ("standing_balance_pct", 42.0, "caution"),
        ("standing_balance_pct", 39.0, "poor"),
        ("insole_gain_ratio", 1.25, "caution"),
        ("double_support_pct", 33.0, "poor"),
        ("cadence_spm", 150.0, None),
        ("peak_force_bw", 9.0, None),
        ("stride_time_cv_pct", float("nan"), None),
    ],
)
def test_shipped_bands(metric_id, value, verdict):
    assert judge(metric_id, value) == verdict


@pytest.mark.parametrize(
    ("angle_deg", "peaks_pct", "verdict"),
    [
        (14.0, 100.0, "good"),
        (21.0, 80.0, "poor"),
        (21.0, 20.0, "caution"),
        (21.0, float("nan"), "caution"),
    ],
)
def test_a_steep_foot_is_poor_only_with_an_impact_peak(angle_deg, peaks_pct, verdict):
    judged = load_bands().judge("foot_strike_angle_deg", angle_deg, 3.0, peaks_pct)
    assert judged == verdict


def test_colours_only_at_running_speeds():
    assert judge("contact_time_si_pct", 1.0, 2.0) is None
    assert judge("contact_time_si_pct", 1.0, float("nan")) is None
    assert judge("event_quality_pct", 99.0, float("nan")) == "good"


def test_every_metric_has_a_band_and_says_what_it_is():
    assert set(load_bands().band) == set(METRICS)
    for metric in METRICS.values():
        assert metric.label
        assert metric.unit
        assert metric.citation
        assert (metric.of_stride is None) != (metric.of_sample is None)
        assert metric.grade in ("", "A", "B", "C", "D")


def test_every_problem_at_once():
    text = """
schema = 2
speeds_mps = [2.5, 4.0]
[band.cadence_spn]
info = true
[band.stride_time_cv_pct]
good = [4.0, 2.0]
[band.stride_time_ms]
"""
    with pytest.raises(ConfigError) as told:
        parse_toml(text, Bands, "metrics.toml", _check)
    for part in ("schema 2", "cadence_spn", "lower edge", "either info", "no band for"):
        assert part in str(told.value)


def test_an_unknown_key_is_refused():
    text = "schema = 1\nspeeds_mps = [1.0, 2.0]\n[band.cadence_spm]\ngod = [1.0, 2.0]\n"
    with pytest.raises(ConfigError, match="god"):
        parse_toml(text, Bands, "metrics.toml", _check)
