"""Bursts and what a muscle does in a stride."""

import numpy as np
import pytest
from emg_cases import (
    BEGIN_S,
    END_S,
    STRIDE_S,
    WHEN,
    SimulatedRun,
    check_signal,
    electrode,
    part,
    through,
)

from lablive.signals.emg import EmgSettings
from lablive.signals.emg_activation import (
    LEAD_S,
    STANCE_PCT,
    TAIL_S,
    Activation,
    activation,
    activations,
    bursts,
    snr_db,
)
from lablive.signals.emg_reference import EmgRest, rest_from_stand

FAST = EmgSettings(rate_hz=1000.0)
REST = EmgRest(electrode(FAST), WHEN, 1.0, 0.1, 1.2, "stand")
T_S = np.arange(2000) / 1000.0


def envelope(*pieces, base=1.0):
    """Activity of 5 in the given times, ``base`` elsewhere."""
    values = np.full(len(T_S), base)
    for first_s, end_s in pieces:
        values[round(1000 * first_s) : round(1000 * end_s)] = 5.0
    return values


def measure(values, rest=REST, settings=FAST, stride=(1.0, 1.25, 1.74)):
    return activation(T_S, values, values, stride, settings, rest)


def test_bursts_of_the_reference_check():
    settings = EmgSettings(rate_hz=2000.0, notch_hz=50)
    t_s, x = check_signal()
    rows = through(settings, t_s, x)
    smooth = part(rows, 0.6, 1.9).smooth[:, 0]  # shorter than a stand must be
    rest = EmgRest(
        electrode(settings), WHEN, smooth.mean(), smooth.std(), 1e-6, "stand"
    )
    found = bursts(rows.t_s, rows.smooth[:, 0], rest, 2000.0)
    true_s = 2.0 + BEGIN_S + STRIDE_S * np.arange(14)
    on_ms = [1e3 * (burst.on_s - at) for burst, at in zip(found, true_s, strict=True)]
    assert np.abs(on_ms).max() < 60
    assert np.median(on_ms) == pytest.approx(-8, abs=8)
    off_ms = [
        1e3 * (burst.off_s - at - END_S + BEGIN_S)
        for burst, at in zip(found[:-1], true_s[:-1], strict=True)
    ]
    assert 0 < np.median(off_ms) < 25


def test_a_burst_needs_50_ms_and_a_pause_too():
    values = envelope((0.3, 0.349), (0.5, 0.55), (0.8, 0.9), (0.949, 1.0))
    found = bursts(T_S, values, REST, 1000.0)
    assert [tuple(burst) for burst in found] == [(0.5, 0.55), (0.8, 1.0)]


def test_ends_outside_the_rows_are_infinite():
    found = bursts(T_S, envelope((0.0, 0.1), (1.9, 2.0)), REST, 1000.0)
    assert found[0] == (-np.inf, 0.1)
    assert found[1] == (1.9, np.inf)
    assert bursts(T_S[:3], T_S[:3], REST, 1000.0) == []
    assert bursts(T_S, np.full(len(T_S), np.nan), REST, 1000.0) == []


def test_amplitudes_and_times_of_a_stride():
    values = 1.0 + np.exp(-0.5 * ((T_S - 1.1) / 0.03) ** 2)  # peak 2 at 40 % stance
    got = measure(values)
    stance = (T_S >= 1.0) & (T_S <= 1.25)
    drive = (T_S >= 0.975) & (T_S <= 1.15)
    pushoff = (T_S >= 1.15) & (T_S <= 1.25)
    assert got.stance_peak == pytest.approx(2.0, abs=1e-3)
    assert got.stride_peak == pytest.approx(2.0, abs=1e-3)
    assert got.peak_time_pct == pytest.approx(40.0)
    assert got.stance_mean == pytest.approx(values[stance].mean(), rel=0.005)
    assert got.drive_mean == pytest.approx(values[drive].mean(), rel=0.005)
    assert got.pushoff_mean == pytest.approx(values[pushoff].mean(), rel=0.01)
    assert got.curve.shape == STANCE_PCT.shape
    assert got.curve[STANCE_PCT == 40.0] == pytest.approx(2.0, abs=1e-3)


def test_a_peak_before_contact_is_negative_and_not_of_stance():
    values = 1.0 + np.exp(-0.5 * ((T_S - 0.95) / 0.01) ** 2)
    got = measure(values)
    assert got.peak_time_pct == pytest.approx(-20.0)
    assert got.stance_peak < 1.01
    assert got.stride_peak < 1.01


def test_percent_changes_amplitudes_only():
    values = envelope((0.94, 1.11))
    got = measure(values)
    percent = got.in_percent(5.0)
    assert percent.stance_peak == pytest.approx(100.0)
    for name in ("stride_peak", "stance_mean", "drive_mean", "pushoff_mean"):
        assert getattr(percent, name) == pytest.approx(20.0 * getattr(got, name))
    for name in ("peak_time_pct", "burst", "onset_ms"):
        assert getattr(percent, name) == getattr(got, name)
    assert percent.curve == pytest.approx(20.0 * got.curve)


@pytest.mark.parametrize(
    ("pieces", "burst", "onset_ms"),
    [
        ([(0.94, 1.11)], 1.0, -60.0),
        ([(1.02, 1.11)], 1.0, 20.0),
        ([(0.7, 0.8)], 0.0, np.nan),  # over before contact
        ([(1.3, 1.5)], 0.0, np.nan),  # swing
        ([], 0.0, np.nan),
        ([(0.2, 1.5)], 1.0, np.nan),  # no begin within the rows
    ],
)
def test_burst_and_onset(pieces, burst, onset_ms):
    got = measure(envelope(*pieces))
    assert got.burst == burst
    assert got.onset_ms == pytest.approx(onset_ms, nan_ok=True)


def test_an_onset_needs_6_db():
    weak = envelope((0.94, 1.11))
    weak[weak == 5.0] = 2.3
    got = measure(weak)
    assert got.burst == 1.0
    assert np.isnan(got.onset_ms)
    assert snr_db(np.array([2.3]), REST) == pytest.approx(4.3, abs=0.1)
    assert snr_db(np.array([1.0]), REST) == -np.inf
    assert np.isnan(snr_db(np.array([]), REST))


def test_what_a_source_cannot_tell_is_missing():
    values = envelope((0.94, 1.11))
    slow = measure(values, settings=EmgSettings(rate_hz=1000.0, kind="envelope"))
    assert slow.burst == 1.0
    assert np.isnan(slow.onset_ms)
    no_rest = measure(values, rest=None)
    assert np.isnan([no_rest.burst, no_rest.onset_ms]).all()
    assert no_rest.stance_peak == 5.0


def test_a_hole_takes_what_stands_on_it():
    values = envelope((0.94, 1.11))
    values[(T_S > 1.4) & (T_S < 1.45)] = np.nan  # swing: only the stride's peak
    swing = measure(values)
    assert np.isnan(swing.stride_peak)
    assert swing.stance_peak == 5.0
    assert swing.onset_ms == pytest.approx(-60.0)
    values[(T_S > 0.8) & (T_S < 0.85)] = np.nan
    before = measure(values)
    assert np.isnan([before.burst, before.onset_ms]).all()
    assert before.stance_mean == swing.stance_mean
    values[(T_S > 1.1) & (T_S < 1.2)] = np.nan
    stance = measure(values)
    assert np.isnan(stance[:6]).all()
    short = envelope((0.94, 1.11))
    short[(T_S > 1.1) & (T_S < 1.115)] = np.nan  # 15 ms are bridged
    assert np.isfinite(measure(short)[:8]).all()


def test_too_few_rows_measure_nothing():
    for rows in (0, 1, 4):
        t_s = T_S[:rows]
        got = activation(t_s, t_s, t_s, (0.0, 0.25, 0.74), FAST, REST)
        assert np.isnan(got[:8]).all()
        assert np.isnan(got.curve[30 + rows :]).all()


def measured(run: SimulatedRun, channel, side) -> list[Activation]:
    rows = run.rows
    about = {"electrode": electrode(run.settings), "made_at": WHEN}
    rest = rest_from_stand(part(rows, 0.9, 4.5), channel, **about)
    found = []
    for stride in run.strides(side):
        window = part(rows, stride[0] - LEAD_S, stride[2] + TAIL_S)
        found.append(
            activation(
                window.t_s,
                window.smooth[:, channel],
                window.envelope[:, channel],
                stride,
                run.settings,
                rest,
            )
        )
    return found


@pytest.mark.parametrize("rate_hz", [1000.0, 2000.0])
def test_ref1_onset_and_bursts_come_back(rate_hz):
    run = SimulatedRun(emg_rate_hz=rate_hz)
    for channel, side in enumerate(("left", "right", "left", "right")):
        found = measured(run, channel, side)
        assert len(found) >= 20
        onset_ms = np.array([stride.onset_ms for stride in found])
        assert np.median(onset_ms) == pytest.approx(-60.0, abs=15.0)
        assert np.mean([stride.burst for stride in found]) == 1.0
        # bursts of 170 ms from 60 ms before contact: middle at 10 % of stance
        peak = np.median([stride.peak_time_pct for stride in found])
        assert peak == pytest.approx(10.0, abs=15.0)
        assert all(stride.drive_mean > 1.5 * stride.pushoff_mean for stride in found)


def test_a_silent_muscle_has_no_bursts():
    run = SimulatedRun(emg_snr_db=-60.0)
    found = measured(run, 0, "left")
    assert np.mean([stride.burst for stride in found]) == 0.0
    assert np.isnan([stride.onset_ms for stride in found]).all()


def noisy(seed):
    """Return rows of 14 s in which activity comes and goes, as smooth and envelope."""
    rng = np.random.default_rng(seed)
    t_s = np.arange(14000) / 1000.0
    power = 1.0 + 4.0 * (np.sin(2 * np.pi * t_s / 0.74 + 1.2) > 0.5)
    smooth = power * rng.uniform(0.7, 1.3, len(t_s))
    return t_s, smooth, smooth * rng.uniform(1.0, 1.2, len(t_s))


def same(one, other):
    return all(
        np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("fault", ["none", "hole", "missing", "slow", "early", "stamp"])
@pytest.mark.parametrize("rest", [None, REST])
def test_strides_together_have_the_bits_of_each_alone(rest, fault):
    t_s, smooth, envelope = noisy(3)
    rng = np.random.default_rng(4)
    ic_s = 0.9 + 0.74 * np.arange(16) + rng.uniform(-0.02, 0.02, 16)
    stance_s = 1.5 if fault == "slow" else 0.25  # 30 % before contact: beyond the rows
    strides = [(at, at + stance_s, at + max(0.74, stance_s + 0.1)) for at in ic_s]
    keep = np.ones(len(t_s), dtype=bool)
    if fault == "hole":
        keep[7000:7030] = False
    elif fault == "early":
        keep[:600] = False  # less than the lead of the first stride
    t_s, smooth, envelope = t_s[keep], smooth[keep], envelope[keep]
    if fault == "missing":
        smooth[5000:5100] = envelope[5000:5100] = np.nan
    elif fault == "stamp":
        t_s[4000] = t_s[4001]
    alone = [
        activations(t_s, smooth, envelope, [stride], FAST, rest)[0]
        for stride in strides
    ]
    found = activations(t_s, smooth, envelope, strides, FAST, rest)
    assert all(same(one, it) for one, it in zip(alone, found, strict=True))
    told = sum(np.isfinite(it.onset_ms) for it in found)
    assert told > 5 if rest else told == 0
