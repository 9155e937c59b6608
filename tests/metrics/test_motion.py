"""Curves of one stride: the same filter as elsewhere, harmonics, shared work."""

from __future__ import annotations

import numpy as np
import pytest
from stride_cases import bare

from lablive.metrics.curve import Curve
from lablive.metrics.lone_axis import LoneAxis
from lablive.metrics.moments import Times
from lablive.metrics.motion import harmonic
from lablive.metrics.shared import NotMeasuredError, shared
from lablive.metrics.smooth import smooth_rows
from lablive.metrics.stack import StrideStack
from lablive.signals.filters import butterworth


@pytest.mark.parametrize("rate_hz", [31.0, 100.0, 148.0, 200.0, 1000.0])
def test_smooth_is_the_zero_phase_filter(rate_hz):
    t = 5.0 + np.arange(round(1.4 * rate_hz)) / rate_hz
    y = np.cumsum(np.random.default_rng(1).standard_normal(len(t)))
    ours = smooth_rows(t, y, rate_hz)
    design = butterworth("lowpass", 10.0, rate_hz)
    theirs = design.zero_phase(t, y)
    inside = slice(design.settle_rows, -design.settle_rows)
    assert np.abs(ours - theirs)[inside].max() < 1e-3 * np.ptp(y)


def test_a_missing_row_is_bridged():
    t = np.arange(300) / 200.0
    y = np.sin(2 * np.pi * 1.35 * t)
    there = np.arange(300) != 150
    ours = smooth_rows(t[there], y[there], 200.0)
    assert np.abs(ours - smooth_rows(t, y, 200.0)[there]).max() < 2e-3


def test_a_curve_reads_between_its_rows():
    axis = LoneAxis(np.array([1.0, 2.0, 4.0]), Times([bare().stride]))
    curve = Curve(axis, np.array([10.0, 20.0, 0.0]))
    assert [curve.at(t) for t in (1.0, 1.5, 3.0, 4.0)] == [10.0, 15.0, 10.0, 0.0]
    assert np.isnan([curve.at(0.9), curve.at(4.1)]).all()
    assert curve.part(1.5, 3.0).y.tolist() == [15.0, 20.0, 10.0]
    assert curve.mean(1.0, 4.0) == pytest.approx((15.0 + 2 * 10.0) / 3)
    assert (curve.highest(1.5, 3.0), curve.lowest(1.5, 3.0)) == (20.0, 10.0)
    assert curve.spread(1.5, 1.75) == 2.5
    assert np.isnan(curve.highest(0.5, 3.0))


def test_harmonics_do_not_mix():
    strides = StrideStack.of_one(bare())
    t = strides.ic_s - 0.5 + np.arange(0.0, 2.0, 0.005)
    turn = 2 * np.pi / strides.stride_s * (t - strides.ic_s)
    y = 3.0 + 2.0 * np.cos(turn - 0.4) + 5.0 * np.sin(2 * turn)
    curve = Curve(LoneAxis(t, strides.times), y)
    first, second = (complex(*harmonic(curve, strides, times)) for times in (1, 2))
    assert abs(first) == pytest.approx(2.0, abs=0.01)
    assert np.angle(first) == pytest.approx(-0.4, abs=0.01)
    assert abs(second) == pytest.approx(5.0, abs=0.01)


def test_work_and_refusals_are_shared():
    calls = []

    @shared
    def work(data, number):
        calls.append(number)
        if number < 0:
            raise NotMeasuredError("below zero")
        return number + 1

    data = bare()
    assert [work(data, 1), work(data, 1), work(data, 2)] == [2, 2, 3]
    for _ in range(2):
        with pytest.raises(NotMeasuredError, match="below zero"):
            work(data, -1)
    assert calls == [1, 2, -1]
    assert work(bare(), 1) == 2
    assert len(calls) == 4
