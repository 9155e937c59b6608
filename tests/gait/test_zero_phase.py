"""Rows without holes and the low-pass without delay: any cut, same bits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, sosfiltfilt

from lablive.gait.zero_phase import Segments, ZeroPhase

RNG = np.random.default_rng(5)
WALK = np.cumsum(RNG.standard_normal(3000))


def smooth(x, cutoff_hz=10.0, rate_hz=200.0, cuts=()):
    part = ZeroPhase(cutoff_hz, rate_hz)
    found = [part.feed(rows) for rows in np.split(x, cuts)]
    return np.concatenate([*found, part.finish()])


def pieces(t, x, rate_hz=100.0, cuts=()):
    stage = Segments(rate_hz)
    chunks = zip(np.split(t, cuts), np.split(x, cuts), strict=True)
    return [piece for rows in chunks for piece in stage.feed(*rows)]


def joined(found):
    """Return times, values and where segments begin."""
    starts = [(float(p.t_s[0]), p.before_s) for p in found if p.fresh]
    t = np.concatenate([p.t_s for p in found])
    return t, np.concatenate([p.x for p in found]), str(starts)


@pytest.mark.parametrize("cutoff_hz", [5.0, 10.0, 30.0])
def test_it_is_the_filter_of_the_reference_forward_and_backward(cutoff_hz):
    sos = butter(2, cutoff_hz, fs=200.0, output="sos")
    plain = sosfiltfilt(sos, WALK)
    assert len(smooth(WALK, cutoff_hz)) == len(WALK)
    error = np.abs(smooth(WALK, cutoff_hz) - plain)[200:-200].max()
    assert error < 2e-3 * WALK.std()


def test_a_peak_stays_where_it_is():
    t = np.arange(600) / 200.0
    y = smooth(np.exp(-0.5 * ((t - 1.5) / 0.05) ** 2))
    assert t[y.argmax()] == pytest.approx(1.5, abs=1e-9)


def test_a_cut_off_too_high_for_the_rate_is_lowered():
    assert np.isfinite(smooth(WALK, 30.0, 31.0)).all()


@settings(max_examples=60)
@given(st.lists(st.integers(0, 3000), max_size=40), st.sampled_from([5.0, 30.0]))
def test_pieces_of_the_filter_equal_the_whole(cuts, cutoff_hz):
    cut = smooth(WALK, cutoff_hz, cuts=sorted(cuts))
    assert (cut == smooth(WALK, cutoff_hz)).all()


def test_no_rows_are_no_rows():
    assert not len(smooth(np.empty(0)))
    assert pieces(np.empty(0), np.empty((0, 2))) == []


def test_two_lost_rows_are_bridged_by_a_line():
    t = np.delete(np.arange(20) / 200.0, [8, 9])
    found = pieces(t, t[:, None] * 3.0, 200.0)
    assert [p.fresh for p in found] == [True]
    assert found[0].t_s == pytest.approx(np.arange(20) / 200.0)
    assert found[0].x[:, 0] == pytest.approx(3.0 * np.arange(20) / 200.0)


def test_a_row_that_was_not_measured_is_a_lost_row():
    t = np.arange(20) / 100.0
    x = t[:, None].copy()
    x[10] = np.nan
    assert pieces(t, x)[0].x[:, 0] == pytest.approx(t)


def test_more_than_20_ms_ends_the_segment():
    t = np.delete(np.arange(100) / 100.0, slice(50, 53))
    found = pieces(t, t[:, None])
    assert [p.fresh for p in found] == [True, True]
    assert found[1].before_s == pytest.approx(0.49)
    assert sum(len(p.t_s) for p in found) == len(t)


@settings(max_examples=80)
@given(st.data())
def test_pieces_of_the_segments_equal_the_whole(data):
    row = st.integers(0, 299)
    lost = data.draw(st.lists(row, max_size=60))
    unmeasured = data.draw(st.lists(row, max_size=60))
    t = np.arange(300) / 100.0
    x = WALK[:600].reshape(300, 2).copy()
    x[unmeasured, 0] = np.nan
    t, x = np.delete(t, lost), np.delete(x, lost, axis=0)
    cuts = data.draw(st.lists(st.integers(0, len(t)), max_size=20))
    if not np.isfinite(x).all(axis=1).any():
        return
    whole, cut = joined(pieces(t, x)), joined(pieces(t, x, cuts=sorted(cuts)))
    assert (whole[0] == cut[0]).all()
    assert (whole[1] == cut[1]).all()
    assert whole[2] == cut[2]
