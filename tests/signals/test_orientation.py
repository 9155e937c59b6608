"""Orientation by VQF: any cut, lost rows, rates, and how well it reads a runner."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imu_cases import away_deg, orient, pose, rms, rows_of, simulated, truth
from vqf import VQF

from drivers.sim.chunks import runner_chunks
from drivers.sim.imu_model import SITES, gyro_bias_dps
from drivers.sim.runner import RunnerSettings
from lablive.errors import ConfigError
from lablive.signals.angles import forward_lean_deg, obliquity_deg, rotation
from lablive.signals.orientation import (
    Orientation,
    OrientationSettings,
    measured_rate_hz,
)
from lablive.signals.segment_axes import ImuRows

RUNNING_S = 20.0  # standing, start and settling are over
RUN = simulated("thigh_left", 0.0, 25.0)


def errors_deg(site, rows, rate_hz, runner=RunnerSettings()):  # noqa: B008 - frozen
    """Return the errors of lean and obliquity of settled rows."""
    lean, obliquity, _ = truth(site, rows.t_s, runner)
    found = orient(rows, rate_hz)
    r = rotation(found.quat)
    known = found.settled & (rows.t_s > RUNNING_S)
    assert known.any()
    wrong = away_deg(forward_lean_deg(r), lean), obliquity_deg(r) - obliquity
    return wrong[0][known], wrong[1][known]


def lose(rows, begin_s, end_s):
    kept = (rows.t_s <= begin_s) | (rows.t_s >= end_s)
    return ImuRows(rows.t_s[kept], rows.acc[kept], rows.gyro[kept])


def test_is_vqf_row_by_row():
    rows = simulated("pelvis", 0.0, 15.0)
    one = VQF(1 / 200.0)
    mean = rows.gyro.copy()
    mean[1:] = (rows.gyro[1:] + rows.gyro[:-1]) / 2
    expected = np.empty((len(rows.t_s), 4))
    for row in range(len(rows.t_s)):
        one.update(mean[row].copy(), rows.acc[row].copy())
        expected[row] = one.getQuat6D()
    assert orient(rows, 200.0).quat == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 600), max_size=8),
    st.sets(st.integers(0, 599), max_size=6),
    st.sets(st.integers(1, 599), max_size=20),
    st.integers(1, 599),
    st.sampled_from([0.0, 0.06, 0.3, 0.8]),
    st.booleans(),
)
def test_pieces_equal_the_whole(cuts, nans, lost, pause, pause_s, bunched):
    t_s, acc, gyro = RUN.t_s[2400:3000], RUN.acc[2400:3000].copy(), RUN.gyro[2400:3000]
    acc[sorted(nans), 2] = np.nan
    t_s = np.repeat(t_s[3::4], 4) if bunched else t_s.copy()
    t_s[pause:] += pause_s
    kept = np.array(sorted(set(range(600)) - lost))
    t_s, acc, gyro = t_s[kept], acc[kept], gyro[kept]
    whole = Orientation(OrientationSettings(rate_hz=200.0)).feed(t_s, acc, gyro)
    stage = Orientation(OrientationSettings(rate_hz=200.0))
    edges = sorted({0, len(t_s), *(min(cut, len(t_s)) for cut in cuts)})
    pieces = [
        stage.feed(t_s[a:b], acc[a:b], gyro[a:b])
        for a, b in zip([0, *edges], edges, strict=False)
    ]
    for part, all_at_once in zip(zip(*pieces, strict=True), whole, strict=True):
        np.testing.assert_array_equal(np.concatenate(part), all_at_once)
    missing = np.isnan(acc).any(axis=1)
    np.testing.assert_array_equal(np.isnan(whole.quat).any(axis=1), missing)
    assert not whole.settled[missing].any()


def test_chunks_of_any_plan_give_the_same_bits():
    found = []
    for plan in (1, 2):
        stage = Orientation(OrientationSettings(rate_hz=200.0))
        chunks = runner_chunks(
            RunnerSettings(), 14.0, plan_seed=plan, streams=["Sim pelvis IMU"]
        )
        found.append(
            [
                stage.feed(chunk.t_s, x[:, :3], x[:, 3:]).quat
                for chunk in chunks
                for x in [chunk.x.astype(np.float64)]
            ]
        )
    assert len(found[0]) != len(found[1])
    np.testing.assert_array_equal(np.concatenate(found[0]), np.concatenate(found[1]))


@pytest.mark.parametrize("site", SITES)
def test_reads_ref1(site):
    lean, obliquity = errors_deg(site, simulated(site, 0.0, 40.0), 200.0)
    at_most = 0.1 if site in ("pelvis", "trunk", "head") else 0.6
    assert rms(lean) < at_most
    assert rms(obliquity) < 0.1


@pytest.mark.parametrize(
    ("rate_hz", "site", "at_most"),
    [
        (31.25, "pelvis", 0.3),
        (31.25, "trunk", 0.3),
        (31.25, "thigh_left", 0.3),
        (50.0, "thigh_left", 0.3),
        (100.0, "thigh_left", 0.3),
        (100.0, "shank_left", 1.0),
        (1000.0, "shank_left", 0.6),
    ],
)
def test_slow_and_fast_sensors(rate_hz, site, at_most):
    runner = RunnerSettings(imu_rate_hz=rate_hz)
    rows = simulated(site, 0.0, 35.0, settings=runner)
    lean, obliquity = errors_deg(site, rows, rate_hz, runner)
    assert rms(lean) < at_most
    assert rms(obliquity) < 0.2


@pytest.mark.parametrize("rate_hz", [5.0, 29.0, 1200.0])
def test_a_rate_it_cannot_use_is_told(rate_hz):
    with pytest.raises(ConfigError, match="30 to 1000 rows per second"):
        OrientationSettings(rate_hz=rate_hz)


def test_reads_a_pelvis_with_bias_as_the_reference_does():
    """Metric reference 0.10: bias 0.3 deg/s on every axis, both RMS below 0.6 deg."""

    def angles(t_s):
        share, phase = np.clip((t_s - 8) / 2, 0, 1), 2 * np.pi * (t_s - 8) / 0.74
        tilt = 12 + 3 * share * np.sin(2 * phase + 0.7)
        heading = 6 * share * np.sin(phase + 0.9)
        return tilt, 5 * share * np.sin(phase), heading

    def bounce(t_s):
        share, x = np.clip((t_s - 8) / 2, 0, 1), (t_s - 8) % 0.37
        stance = x < 0.25
        peak = np.pi / 2 * 0.37 / 0.25 * 9.80665
        up = np.where(stance, peak * np.sin(np.pi * x / 0.25), 0.0) - 9.80665
        ahead = np.where(stance, -3 * np.sin(2 * np.pi * x / 0.25), 0.0)
        return np.column_stack([share * ahead, 0 * t_s, share * up])

    t_s = np.arange(0, 60, 0.01)
    rows = rows_of(
        lambda t: pose(*angles(t)), t_s, bias_dps=(0.3, 0.3, 0.3), world_acc=bounce
    )
    r = rotation(orient(rows, 100.0).quat)
    known = t_s > 30
    tilt, obliquity, _ = angles(t_s)
    assert rms((forward_lean_deg(r) - tilt)[known]) < 0.6
    assert rms((obliquity_deg(r) - obliquity)[known]) < 0.6


@pytest.mark.parametrize(
    ("site", "gap_s"), [("pelvis", 0.05), ("pelvis", 0.3), ("thigh_left", 0.05),
                        ("thigh_left", 0.2), ("shank_left", 0.1), ("foot_left", 0.4)]
)  # fmt: skip
def test_what_counts_as_settled_after_a_gap_is_right(site, gap_s):
    for begin_s in (22.0, 22.2, 22.5):
        rows = lose(simulated(site, 0.0, 45.0), begin_s, begin_s + gap_s)
        lean, obliquity = errors_deg(site, rows, 200.0)
        assert np.abs(lean).max() < 2.5
        assert np.abs(obliquity).max() < 2.5


def test_a_short_gap_in_slow_movement_unsettles_nothing():
    rows = lose(simulated("pelvis", 0.0, 30.0), 22.0, 22.05)
    found = orient(rows, 200.0)
    assert found.settled[rows.t_s > 10.0].all()


def test_a_gap_in_fast_movement_unsettles_for_some_seconds():
    rows = lose(simulated("shank_left", 0.0, 40.0), 22.0, 22.1)
    unsettled = ~orient(rows, 200.0).settled & (rows.t_s > 12.0)
    assert rows.t_s[unsettled].min() == pytest.approx(22.1, abs=0.01)
    assert 25.0 < rows.t_s[unsettled].max() < 36.0


def test_settles_after_ten_seconds_and_after_a_long_gap_again():
    rows = lose(simulated("pelvis", 0.0, 40.0), 20.0, 20.6)
    found = orient(rows, 200.0)
    early = (rows.t_s < 10.0) | ((rows.t_s > 20.5) & (rows.t_s < 30.599))
    np.testing.assert_array_equal(found.settled, ~early)
    assert found.quat[rows.t_s > 20.5][0] == pytest.approx(
        orient(lose(rows, -1.0, 20.5), 200.0).quat[0]
    )


def test_stamps_of_the_arrival_cost_little():
    rows = simulated("thigh_left", 0.0, 30.0)
    packets_s = np.repeat(rows.t_s[5::6], 6)
    found = orient(ImuRows(packets_s, rows.acc, rows.gyro), 200.0)
    lean, _, _ = truth("thigh_left", rows.t_s)
    wrong = away_deg(forward_lean_deg(rotation(found.quat)), lean)
    assert rms(wrong[rows.t_s > RUNNING_S]) < 0.3


def test_the_calibrated_bias_is_taken_off():
    t_s = np.arange(0, 12, 0.01)
    rows = rows_of(lambda t: pose(0 * t, 0 * t, 0 * t), t_s, bias_dps=(4.0, 0.0, 9.0))
    bias = (np.radians(4.0), 0.0, np.radians(9.0))
    r = rotation(orient(rows, 100.0, bias).quat)
    drifted_deg = np.degrees(np.arctan2(r[-1, 1, 0], r[-1, 0, 0]))
    assert abs(drifted_deg) < 1.0
    assert rms(obliquity_deg(r)) < 0.3


def test_rows_of_infinities_are_missing():
    rows = simulated("trunk", 0.0, 2.0)
    acc, gyro = rows.acc.copy(), rows.gyro.copy()
    acc[50], gyro[51] = [np.inf, -np.inf, 0.0], np.inf
    found = orient(ImuRows(rows.t_s, acc, gyro), 200.0)
    assert np.flatnonzero(np.isnan(found.quat).any(axis=1)).tolist() == [50, 51]
    silent = orient(ImuRows(rows.t_s, acc * np.nan, gyro), 200.0)
    assert np.isnan(silent.quat).all()
    assert not silent.settled.any()


def test_measured_rate_ignores_bunches_and_losses():
    t_s = np.arange(2000) / 104.0
    assert measured_rate_hz(t_s) == pytest.approx(104.0)
    assert measured_rate_hz(np.repeat(t_s[3::4], 4)) == pytest.approx(104.0, rel=0.05)
    lost = np.delete(t_s, np.arange(0, 2000, 37))
    assert measured_rate_hz(lost) == pytest.approx(104.0, rel=0.05)
    assert measured_rate_hz(t_s[:1]) == 0.0
    assert measured_rate_hz(np.zeros(30)) == 0.0


@pytest.mark.parametrize(
    "site", ["shank_left", "shank_right", "foot_left", "thigh_right"]
)
@pytest.mark.parametrize("off_dps", [0.0, 0.1])
def test_a_known_bias_is_not_estimated_away_in_long_runs(site, off_dps):
    # begun in full stride, as most recordings are; five minutes drift furthest
    rows = simulated(site, 14.0, 314.0)
    bias = np.radians([it + off_dps for it in gyro_bias_dps(site)])
    found = orient(rows, 200.0, tuple(bias.tolist()))
    lean, obliquity, _ = truth(site, rows.t_s)
    r = rotation(found.quat)
    strides = 148 * 20  # rows: whole strides, so that swings cancel
    for end in (4 * strides, len(rows.t_s)):
        part = slice(end - strides, end)
        wrong = away_deg(forward_lean_deg(r[part]), lean[part]).mean()
        assert abs(wrong) < 0.2 + 3.0 * off_dps
        assert (
            abs((obliquity_deg(r[part]) - obliquity[part]).mean()) < 0.1 + 5 * off_dps
        )
