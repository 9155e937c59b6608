"""Filters: the reference's coefficients and delays, any cut, missing rows, windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from lablive.errors import ConfigError
from lablive.signals.filters import CausalFilter, butterworth

# metric reference, section 11
COEFFICIENTS = [
    ("highpass", 20, 2000, [0.956543225557, -1.91308645111, 0.956543225557,
                            1, -1.91119706743, 0.914975834801]),
    ("lowpass", 450, 2000, [0.248341078963, 0.496682157925, 0.248341078963,
                            1, -0.184213803078, 0.177578118928]),
    ("highpass", 20, 1000, [0.914969144113, -1.82993828823, 0.914969144113,
                            1, -1.8226949252, 0.837181651256]),
    ("lowpass", 400, 1000, [0.638945525159, 1.27789105032, 0.638945525159,
                            1, 1.14298050254, 0.412801598096]),
    ("lowpass", 10, 100, [0.0674552738891, 0.134910547778, 0.0674552738891,
                          1, -1.14298050254, 0.412801598096]),
    ("lowpass", 10, 200, [0.0200833655642, 0.0401667311284, 0.0200833655642,
                          1, -1.5610180758, 0.641351538058]),
]  # fmt: skip


def gain(sos, at_hz, rate_hz):
    z = np.exp(-2j * np.pi * at_hz / rate_hz * np.arange(3))
    return abs(
        np.prod([(b @ z) / (a @ z) for b, a in zip(*np.split(sos, 2, 1), strict=True)])
    )


@pytest.mark.parametrize(("kind", "cutoff_hz", "rate_hz", "expected"), COEFFICIENTS)
def test_coefficients_of_the_reference(kind, cutoff_hz, rate_hz, expected):
    design = butterworth(kind, cutoff_hz, rate_hz)
    assert design.sos == pytest.approx(np.array([expected]), abs=1e-11)


@pytest.mark.parametrize(
    ("kind", "cutoff_hz", "rate_hz", "order"),
    [("lowpass", 10, 200, 2), ("highpass", 20, 2000, 4)],
)
def test_minus_3_db_at_the_cutoff(kind, cutoff_hz, rate_hz, order):
    sos = butterworth(kind, cutoff_hz, rate_hz, order).sos
    assert 20 * np.log10(gain(sos, cutoff_hz, rate_hz)) == pytest.approx(
        -3.0103, abs=1e-3
    )


@pytest.mark.parametrize(("cutoff_hz", "delay_ms"), [(10, 23), (6, 38)])
def test_delays_of_the_reference(cutoff_hz, delay_ms):
    for rate_hz in (200, 1000):
        delay_s = butterworth("lowpass", cutoff_hz, rate_hz).delay_s()
        assert 1e3 * delay_s == pytest.approx(delay_ms, abs=1.0)


def test_a_ramp_comes_late_by_the_delay():
    design = butterworth("lowpass", 10.0, 200.0)
    t_s = np.arange(0, 3, 1 / 200.0)
    y = CausalFilter(design, 1).feed(t_s, t_s[:, None])[:, 0]
    assert y[400:] == pytest.approx(t_s[400:] - design.delay_s(), abs=1e-9)


def test_delay_inside_the_band_agrees_with_scipy():
    design = butterworth("highpass", 20.0, 2000.0, 4)
    b, a = signal.sos2tf(design.sos)
    _, rows = signal.group_delay((b, a), w=[80.0], fs=2000.0)
    assert design.delay_s(80.0) == pytest.approx(rows[0] / 2000.0, rel=1e-6)


def test_too_slow_a_stream_is_told():
    with pytest.raises(ConfigError, match="450 Hz needs more than 900 rows per second"):
        butterworth("lowpass", 450.0, 500.0)


def test_zero_phase_keeps_peaks_in_place_and_loses_6_db_at_the_cutoff():
    design = butterworth("lowpass", 10.0, 200.0)
    t_s = np.arange(0, 8, 1 / 200.0)
    wave = np.sin(2 * np.pi * 10 * t_s)
    middle = slice(400, 1200)
    assert design.zero_phase(t_s, wave)[middle] == pytest.approx(
        wave[middle] / 2, abs=1e-3
    )
    at_3_db = np.sin(2 * np.pi * 8.02 * t_s)
    kept = np.std(design.zero_phase(t_s, at_3_db)[middle]) / np.std(at_3_db[middle])
    assert 20 * np.log10(kept) == pytest.approx(-3.0, abs=0.1)


@pytest.mark.parametrize(
    ("rate_hz", "low_g", "high_g"), [(1000, 5.6, 5.7), (200, 5.3, 6.0)]
)
def test_tibial_pulse_of_the_reference(rate_hz, low_g, high_g):
    design = butterworth("lowpass", 60.0, rate_hz)
    for phase in np.linspace(0, 1 / rate_hz, 7):
        t_s = np.arange(-0.2, 0.3, 1 / rate_hz) + phase
        pulse = (t_s > 0.012) & (t_s < 0.032)
        x = np.where(pulse, 6 * np.sin(np.pi * (t_s - 0.012) / 0.02), 0.0)
        assert low_g <= design.zero_phase(t_s, x).max() <= high_g


def test_zero_phase_follows_a_slope_to_its_ends():
    design = butterworth("lowpass", 10.0, 100.0)
    t_s = np.arange(0, 0.7, 0.01)
    x = np.column_stack([3 + 2 * t_s, -t_s])
    assert design.zero_phase(t_s, x) == pytest.approx(x, abs=1e-4)
    short = design.zero_phase(t_s[:3], x[:3])
    assert short == pytest.approx(x[:3], abs=0.02)
    assert design.zero_phase(t_s[:0], x[:0]).shape == (0, 2)


def test_zero_phase_bridges_short_holes_only():
    design = butterworth("lowpass", 10.0, 200.0)
    t_s = np.arange(0, 2, 1 / 200.0)
    x = np.sin(2 * np.pi * 1.5 * t_s)
    whole = design.zero_phase(t_s, x)
    holed = x.copy()
    holed[100:103] = np.nan
    bridged = design.zero_phase(t_s, holed)
    assert np.isnan(bridged[100:103]).all()
    kept = np.r_[0:100, 103:400]
    assert bridged[kept] == pytest.approx(whole[kept], abs=2e-3)
    lost = design.zero_phase(t_s[kept], x[kept])  # the rows are not there at all
    np.testing.assert_array_equal(lost, bridged[kept])
    far = np.r_[0:100, 140:400]
    apart = design.zero_phase(t_s[far], x[far])
    np.testing.assert_array_equal(apart[:100], design.zero_phase(t_s[:100], x[:100]))
    assert np.isnan(design.zero_phase(t_s, np.full(400, np.nan))).all()


def test_late_stamps_are_no_holes():
    design = butterworth("lowpass", 10.0, 100.0)
    t_s = np.arange(0, 2, 0.01)
    x = np.sin(2 * np.pi * 1.5 * t_s)
    bunched_s = np.repeat(t_s[3::4], 4)  # four rows stamped when the last arrived
    assert design.zero_phase(bunched_s, x) == pytest.approx(
        design.zero_phase(t_s, x), abs=1e-12
    )


@given(
    st.lists(st.integers(0, 300), max_size=6),
    st.sets(st.integers(1, 299), max_size=8),
    st.sets(st.integers(1, 299), max_size=8),
    st.integers(1, 299),
)
def test_pieces_equal_the_whole(cuts, nans, lost, pause):
    rng = np.random.default_rng(3)
    t_s = np.arange(300) / 100.0
    t_s[pause:] += 0.7
    x = rng.standard_normal((300, 2))
    x[sorted(nans), 1] = np.nan
    kept = np.array(sorted(set(range(300)) - lost))
    t_s, x = t_s[kept], x[kept]
    design = butterworth("lowpass", 10.0, 100.0)
    whole = CausalFilter(design, 2).feed(t_s, x)
    stage = CausalFilter(design, 2)
    edges = sorted({0, len(t_s), *(min(cut, len(t_s)) for cut in cuts)})
    pieces = [
        stage.feed(t_s[a:b], x[a:b]) for a, b in zip([0, *edges], edges, strict=False)
    ]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    np.testing.assert_array_equal(np.isnan(whole).any(axis=1), np.isnan(x).any(axis=1))


def test_starts_at_rest_again_after_half_a_second():
    stage = CausalFilter(butterworth("lowpass", 10.0, 100.0), 1)
    t_s = np.arange(50) / 100.0
    assert stage.feed(t_s, np.full((50, 1), 5.0)) == pytest.approx(5.0)
    after = stage.feed(t_s + 1.1, np.full((50, 1), -7.0))
    assert after == pytest.approx(-7.0)
    bridged = stage.feed(t_s + 1.9, np.full((50, 1), 0.0))
    assert bridged[0, 0] == pytest.approx(-1.0, abs=1.5)
    assert abs(bridged[-1, 0]) < 1e-3
