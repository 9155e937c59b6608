"""Drift: the check of the reference, its interval's coverage, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from protocol_cases import join, run, series
from scipy.signal import lfilter

from lablive.protocol.baseline import baseline
from lablive.protocol.drift import drift, theil_sen
from lablive.protocol.mdc import Mdc

MDC = Mdc("ms", 1.0, 1.0)
NO_MDC = Mdc("ms", why="needs 5 one-minute baseline blocks at one speed, there are 2")


def test_slope_of_the_reference():
    t_min = np.arange(20) + 0.5
    slope = theil_sen(t_min, 5 + 0.1 * t_min + 0.05 * np.sin(7 * t_min))
    assert slope.value == pytest.approx(0.1, abs=0.01)
    assert slope.low < 0.1 < slope.high


def test_one_wild_minute_does_not_tilt_the_slope():
    t_min = np.arange(12.0)
    values = 250 + 0.5 * t_min
    values[11] = 400.0
    assert theil_sen(t_min, values).value == pytest.approx(0.5)


def test_drift_in_both_directions():
    for per_min in (0.5, -0.5):
        found = drift(run(20, lambda t, slope=per_min: 250 + slope * t), MDC)
        assert found.per_min == pytest.approx(per_min, abs=0.1)
        assert found.low_per_min < found.per_min < found.high_per_min
        assert found.minutes == pytest.approx(19.0, abs=0.01)
        assert found.total == pytest.approx(found.per_min * found.minutes)
        assert (found.verdict, found.why) == ("drift", "")
        assert (found.n, found.n_strides) == (20, 1600)
        assert found.unit == "ms/min"


def test_a_certain_but_small_drift_is_none():
    found = drift(run(20, lambda t: 250 + 0.2 * t, sd=0.5), Mdc("ms", 8.0, 8.0))
    assert found.low_per_min > 0
    assert found.verdict == "no drift shown"
    assert "within the minimal detectable change of 8 ms" in found.why


def test_a_large_but_uncertain_drift_is_none():
    found = drift(run(20, 250.0, sd=60.0, seed=4), Mdc("ms", 0.01, 0.01))
    assert found.low_per_min < 0 < found.high_per_min
    assert found.verdict == "no drift shown"
    assert "holds 0" in found.why


def test_without_an_mdc_only_no_drift_can_be_told():
    rising = drift(run(20, lambda t: 250 + t), NO_MDC)
    assert rising.verdict == "unknown"
    assert rising.why == NO_MDC.why
    assert rising.per_min == pytest.approx(1.0, abs=0.1)
    assert drift(run(20, 250.0, seed=4), NO_MDC).verdict == "no drift shown"


def test_constant_values():
    found = drift(run(10, 250.0, sd=0.0), MDC)
    assert (found.per_min, found.low_per_min, found.high_per_min) == (0, 0, 0)
    assert found.verdict == "no drift shown"


def test_needs_eight_minutes_at_one_speed():
    short = drift(run(5), MDC)
    assert short.why == "needs 8 one-minute blocks at one speed, there are 5"
    assert np.isnan([short.per_min, short.total]).all()
    assert (short.n, short.verdict, short.colour) == (5, "unknown", None)
    mixed = drift(join(run(9), run(9, start_s=540.0, speed_mps=3.5)), MDC)
    assert "3.00 to 3.50 m/s" in mixed.why
    assert drift(run(20, speed_mps=np.nan), MDC).why == "needs the belt speed"
    assert drift(series([], []), MDC).n == 0


def test_minutes_with_few_strides_do_not_count():
    made = run(12, lambda t: 250 + t)
    thin = made.only((made.t_s < 300) | (made.t_s % 60 < 10) | (made.t_s >= 420))
    assert drift(thin, MDC).n == 10


def test_colour_of_a_metric_that_has_one():
    def colour(per_min, direction):
        made = run(20, lambda t: 250 + per_min * t, sd=0.5, direction=direction)
        return drift(made, Mdc("ms", 5.0, 5.0)).colour

    assert colour(0.1, "lower is better") == "good"
    assert colour(0.4, "lower is better") == "caution"
    assert colour(-1.0, "lower is better") == "poor"
    assert colour(1.0, "information") is None


def autocorrelated(runs, strides, rho=0.7):
    """Return noise with SD 1 in which each stride follows the one before."""
    rng = np.random.default_rng(7)
    white = rng.standard_normal((runs, strides + 100))
    return lfilter([np.sqrt(1 - rho**2)], [1, -rho], white)[:, 100:]


def test_the_interval_covers_the_truth_in_19_of_20_runs():
    """Minute medians do; the same strides regressed one by one do not."""
    t_s = np.arange(0.0, 1200.0, 0.75)
    noise = autocorrelated(300, len(t_s))
    medians = single = 0
    for row in noise:
        found = drift(series(t_s, 250.0 + 0.1 * t_s / 60 + row), MDC)
        medians += found.low_per_min <= 0.1 <= found.high_per_min
        fit, covariance = np.polyfit(t_s / 60, row, 1, cov=True)
        single += abs(fit[0]) <= 1.96 * np.sqrt(covariance[0, 0])
    assert 0.92 <= medians / len(noise) <= 0.985
    assert single / len(noise) < 0.7


def test_drift_is_seldom_seen_where_there_is_none():
    t_s = np.arange(0.0, 1200.0, 0.75)
    seen = 0
    for row in autocorrelated(200, len(t_s)):
        made = series(t_s, 250.0 + row)
        mdc = baseline(made.between(0.0, 300.0)).mdc
        seen += drift(made, mdc).verdict == "drift"
    assert seen <= 10
