"""The EMG chain: filters, delays, cuts, holes, sources that tell less."""

from itertools import pairwise

import numpy as np
import pytest
from emg_cases import check_signal, through

from lablive.errors import ConfigError
from lablive.names import role_accepts
from lablive.signals.emg import (
    DisplayCurve,
    EmgRows,
    EmgSettings,
    EmgStage,
    kind_of,
    notch,
    sliding_sum,
)

RAW = EmgSettings(rate_hz=2000.0)


def tone(hz, rms, rate_hz=2000.0, seconds=4.0):
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    return t_s, rms * np.sqrt(2) * np.sin(2 * np.pi * hz * t_s)


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (
            EmgSettings(rate_hz=2000.0, notch_hz=50),
            [
                [0.956543225557, -1.91308645111, 0.956543225557],
                [0.248341078963, 0.496682157925, 0.248341078963],
                [0.997388836167, -1.97021864904, 0.997388836167],
            ],
        ),
        (
            EmgSettings(rate_hz=1000.0),
            [
                [0.914969144113, -1.82993828823, 0.914969144113],
                [0.638945525159, 1.27789105032, 0.638945525159],
            ],
        ),
    ],
)
def test_filters_have_the_published_coefficients(settings, wanted):
    assert settings.design().sos[:, :3] == pytest.approx(np.array(wanted), abs=1e-10)
    assert notch(50, 2000.0).sos[0, 3:] == pytest.approx(
        [1, -1.97021864904, 0.994777672335], abs=1e-10
    )


def test_rms_of_a_tone():
    t_s, x = tone(100.0, 100e-6)
    rows = through(RAW, t_s, x)
    assert rows.envelope[-1, 0] == pytest.approx(100e-6, rel=0.01)
    assert rows.smooth[-1, 0] == pytest.approx(100e-6 * 0.9003, rel=0.01)


def test_notch_removes_hum():
    t_s, x = tone(50.0, 10e-6, seconds=3.0)
    hum_v = through(EmgSettings(rate_hz=2000.0, notch_hz=50), t_s, x).envelope[-1, 0]
    assert hum_v < 0.01e-6
    assert through(RAW, t_s, x).envelope[-1, 0] > 9e-6


def test_an_offset_is_removed_from_the_first_row_on():
    t_s, x = tone(100.0, 10e-6)
    rows = through(RAW, t_s, x + 0.3)
    known = np.isfinite(rows.envelope)
    assert rows.envelope[known].max() < 11e-6
    assert known.sum() > len(t_s) - 400


@pytest.mark.parametrize("rate_hz", [1000.0, 1926.0, 2000.0])
def test_rows_carry_the_middle_of_a_burst(rate_hz):
    t_s = np.arange(round(3 * rate_hz)) / rate_hz
    strength = np.exp(-0.5 * ((t_s - 1.5) / 0.05) ** 2)  # peaks at 1.5 s
    x = strength * np.sin(2 * np.pi * 95 * t_s)
    rows = through(EmgSettings(rate_hz=rate_hz), t_s, x)
    for values in (rows.smooth, rows.envelope):
        weight = np.nan_to_num(values[:, 0]) ** 2
        middle_s = np.sum(rows.t_s * weight) / np.sum(weight)
        assert middle_s == pytest.approx(1.5, abs=0.001)


def test_display_curve_is_calm_and_in_time():
    t_s = np.arange(6000) / 2000.0
    x = np.exp(-0.5 * ((t_s - 1.5) / 0.08) ** 2) * np.sin(2 * np.pi * 95 * t_s)
    display = DisplayCurve(RAW, 1)
    assert display.delay_s == pytest.approx(0.0375, abs=0.001)
    at_s, curve = display.feed(through(RAW, t_s, x))
    weight = np.nan_to_num(curve[:, 0]) ** 2
    assert np.sum(at_s * weight) / np.sum(weight) == pytest.approx(1.5, abs=0.003)
    assert np.isnan(curve[:100]).all()


def broken(rate_hz=2000.0):
    """Four channels with a hole of time and single missing values."""
    t_s, one = check_signal(rate_hz, seconds=6.0)
    rng = np.random.default_rng(1)
    x = one[:, None] + 1e-6 * rng.standard_normal((len(t_s), 4))
    x[4000:4030, 1] = np.nan
    x[:5, 2] = np.nan
    keep = ~((t_s > 3.0) & (t_s < 3.1)) & ~((t_s > 4.0) & (t_s < 4.6))
    return t_s[keep] + 1e4, x[keep]


@pytest.mark.parametrize("seed", range(4))
def test_pieces_equal_the_whole(seed):
    settings = EmgSettings(rate_hz=2000.0, notch_hz=50)
    t_s, x = broken()
    whole_stage, whole_curve = EmgStage(settings, 4), DisplayCurve(settings, 4)
    whole = whole_stage.feed(t_s, x)
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.integers(0, len(t_s) + 1, 80))
    cuts = np.concatenate(([0, 0], cuts, [len(t_s), len(t_s)]))
    stage, curve = EmgStage(settings, 4), DisplayCurve(settings, 4)
    pieces = [stage.feed(t_s[a:b], x[a:b]) for a, b in pairwise(cuts)]
    curves = [curve.feed(piece)[1] for piece in pieces]
    for name, values in zip(EmgRows._fields, whole, strict=True):
        joined = np.concatenate([getattr(piece, name) for piece in pieces])
        assert np.array_equal(joined, values, equal_nan=True), name
    shown = whole_curve.feed(whole)[1]
    assert np.array_equal(np.concatenate(curves), shown, equal_nan=True)


def test_a_hole_takes_only_its_own_channel_and_time():
    t_s, x = broken()
    smooth = through(RAW, t_s, x).smooth
    for channel, first_s in ((0, 0.15), (1, 0.15), (2, 0.153)):
        missing_s = t_s[np.isnan(smooth[:, channel])] - 1e4
        assert missing_s[missing_s < 1.0].max() == pytest.approx(first_s, abs=0.002)
    for channel in range(4):
        missing_s = t_s[np.isnan(smooth[:, channel])] - 1e4
        later_s = missing_s[missing_s > 1.0]
        alone = (later_s > 1.99) & (later_s < 2.2)
        assert alone.any() == (channel == 1)
        after_holes = (later_s > 3.0) & (later_s < 3.251) | (later_s > 4.6)
        assert (alone | after_holes).all()
        assert later_s.max() < 4.751


def test_inputs_are_left_as_they_are():
    t_s, x = broken()
    before = x.copy()
    through(RAW, t_s, x)
    assert np.array_equal(x, before, equal_nan=True)


def test_a_rectified_source_is_not_filtered_again():
    settings = EmgSettings(rate_hz=500.0, kind="envelope")
    t_s = np.arange(1000) / 500.0
    x = np.abs(np.sin(t_s))[:, None]
    rows = EmgStage(settings, 1).feed(t_s, x)
    assert np.array_equal(rows.envelope, x)
    assert np.array_equal(rows.t_s, t_s)
    assert np.array_equal(DisplayCurve(settings, 1).feed(rows)[1], x)
    assert not settings.timing
    assert "envelope from the device" in settings.note


def test_a_slow_source_says_envelope_only():
    slow = EmgSettings(rate_hz=250.0)
    assert not slow.timing
    assert slow.note == "250 Hz: envelope only, no onset"
    t_s, x = tone(60.0, 50e-6, rate_hz=250.0)
    assert through(slow, t_s, x).envelope[-1, 0] == pytest.approx(50e-6, rel=0.05)
    assert EmgSettings(rate_hz=1000.0).timing
    assert EmgSettings(rate_hz=1000.0).note == ""


def test_the_stream_type_tells_a_rectified_source():
    assert kind_of("EMG envelope") == "envelope"
    assert kind_of("EMG") == "raw"


def test_uncalibrated_emg_is_accepted():
    for unit in ("uV", "adc", "1"):
        assert role_accepts("emg_gluteus_maximus_left", unit)
    assert not role_accepts("emg_gluteus_maximus_left", "N")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"rate_hz": 100.0}, "100 Hz are too slow"),
        ({"rate_hz": 0.0}, "no steady rate"),
        ({"rate_hz": 2000.0, "high_pass_hz": 60.0}, "high-pass of 60 Hz"),
    ],
)
def test_impossible_settings_are_refused(settings, why):
    with pytest.raises(ConfigError, match=why):
        EmgSettings(**settings)


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 24, 50, 100])
def test_sliding_sums(rows):
    x = np.random.default_rng(0).standard_normal((300, 2))
    wanted = np.array([x[at : at + rows].sum(axis=0) for at in range(301 - rows)])
    assert sliding_sum(x, rows) == pytest.approx(wanted, abs=1e-12)
