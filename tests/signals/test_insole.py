"""Force, centre of pressure, regions and gait line of an insole."""

import itertools

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signal_cases import bound, cells, force, zones

from lablive.errors import ConfigError
from lablive.signals.calibration import Calibration, FootCalibration
from lablive.signals.insole import (
    cop_excursion_pct,
    cop_xy,
    feet,
    gait_line,
    region_n,
    stance_line,
    strike_index_pct,
)
from lablive.signals.layouts import load_layout

SIM = load_layout("sim_16")
NAN = np.nan


def calibration(role: str, unit: str, zero: list[float], gain: float) -> Calibration:
    left = FootCalibration(role, unit, tuple(zero), gain, "unloaded", "two_leg")
    return Calibration("2026-01-01T10:00:00+01:00", "P01", "", 70.0, left=left)


def ref1_cells(t_s: np.ndarray) -> np.ndarray:
    """Return the cells of REF-1 without preload and noise, contact 0 to 0.25 s."""
    u = np.clip(t_s / 0.25, 0, 1)
    toes = 0.5 * np.clip((u - 0.6) / 0.4, 0, 1)
    shares = {"heel": np.clip(1 - 2 * u, 0, 1), "mid": 0 * u, "toes": toes}
    shares["fore"] = np.minimum(2 * u, 1) - toes
    total_n = 2.3248 * 70 * 9.80665 * np.sin(np.pi * u)
    counts = {region: SIM.regions.count(region) for region in shares}
    return np.column_stack(
        [total_n * shares[region] / counts[region] for region in SIM.regions]
    )


def test_pressure_times_area_is_force() -> None:
    foot = feet(bound(16, cells("left", 16, "sim_16", "kPa")))["left"]
    x = np.full((2, 16), 50.0)  # 50 kPa on 16 x 10 cm2 = 800 N
    assert foot.force_n(x) == pytest.approx([800.0, 800.0])
    assert foot.cells_n(x)[0] == pytest.approx([50.0] * 16)
    assert foot.unit == "N"


def test_force_is_the_force_channel_else_the_zones_else_the_pressure() -> None:
    x = np.array([[10.0, 20.0, 30.0, 99.0, *[1.0] * 16]])
    heel = zones("left", "heel", "medial", "lateral")
    all_three = bound(20, force("left", 3), heel, cells("left", 16, "sim_16", "kPa", 4))
    assert feet(all_three)["left"].force_n(x) == pytest.approx([99.0])
    assert feet(all_three)["left"].cells_n(x).shape == (1, 16)
    assert feet(bound(20, heel))["left"].force_n(x) == pytest.approx([60.0])
    assert feet(bound(20, force("right", 3))).keys() == {"right"}


def test_a_cell_that_fails_is_left_out_a_row_without_cells_is_missing() -> None:
    foot = feet(bound(16, cells("left", 16, "sim_16", "kPa")))["left"]
    x = np.full((3, 16), 10.0)
    x[1, :4] = NAN  # a quarter of the area: still a measurement
    x[2, :5] = NAN
    assert foot.force_n(x) == pytest.approx([160.0, 120.0, NAN], nan_ok=True)
    parts = foot.cells_n(x)
    assert np.isnan(parts[1, :4]).all()
    path = cop_xy(parts, SIM, 20.0)
    assert np.isnan(path).any(axis=1).tolist() == [False, False, True]


def test_a_lost_radio_packet_is_missing_not_a_foot_in_the_air() -> None:
    loadsol = zones("left", "heel", "medial", "lateral"), force("left", 3)
    x = np.array([[100.0, 50.0, 60.0, 210.0], [-1.0, -1.0, -1.0, 0.0]])
    zones_only = feet(bound(4, loadsol[0]))["left"]
    assert zones_only.force_n(x) == pytest.approx([210.0, NAN], nan_ok=True)
    with_total = feet(bound(4, *loadsol))["left"]
    assert with_total.force_n(x) == pytest.approx([210.0, NAN], nan_ok=True)
    x[1] = [100.0, -1.0, 60.0, 160.0]  # one zone of three is too much to miss
    assert np.isnan(zones_only.force_n(x)[1])


def test_counts_become_newtons_only_by_calibration() -> None:
    binding = bound(16, cells("left", 16, "sim_16", "adc"))
    x = np.full((1, 16), 130.0)
    raw = feet(binding)["left"]
    assert (raw.unit, raw.force_n(x)[0]) == ("adc", 16 * 130.0)
    made = calibration("insole_left.pressure", "adc", [100.0] * 16, 0.5)
    foot = feet(binding, made)["left"]
    assert foot.unit == "N"
    assert foot.force_n(x) == pytest.approx([16 * 30 * 0.5])
    assert foot.cells_n(x) == pytest.approx(np.full((1, 16), 15.0))


def test_cells_beside_a_force_channel_have_a_unit_of_their_own() -> None:
    counts = cells("left", 16, "sim_16", "adc", 1)
    foot = feet(bound(17, force("left", 0), counts))["left"]
    assert (foot.unit, foot.cells_unit) == ("N", "adc")
    pressure = cells("left", 16, "sim_16", "kPa", 1)
    assert feet(bound(17, force("left", 0), pressure))["left"].cells_unit == "N"
    made = calibration("insole_left.pressure", "adc", [0.0] * 16, 0.5)
    alone = bound(17, counts)
    assert feet(alone)["left"].cells_unit == "adc"
    assert feet(alone, made)["left"].cells_unit == "N"


def test_a_calibration_of_other_channels_is_refused() -> None:
    made = calibration("insole_left.pressure", "adc", [0.0] * 12, 1.0)
    binding = bound(16, cells("left", 16, "sim_16", "adc"))
    with pytest.raises(ConfigError, match=r"\(12 channels\), the montage brings"):
        feet(binding, made)
    newtons = calibration("insole_left.pressure", "N", [0.0] * 16, 1.0)
    with pytest.raises(ConfigError, match="Calibrate again"):
        feet(binding, newtons)
    other = msgspec.structs.replace(made, left=None)
    assert feet(binding, other)["left"].unit == "adc"


def test_a_sole_with_one_number_has_no_picture() -> None:
    foot = feet(bound(1, force("left", 0)))["left"]
    assert foot.layout is None
    with pytest.raises(ConfigError, match="neither pressure cells nor zones"):
        foot.cells_n(np.ones((1, 1)))
    with pytest.raises(ConfigError, match="no centre-of-pressure channel"):
        foot.device_cop_xy(np.ones((1, 1)))


def test_the_devices_own_centre_of_pressure_is_put_on_the_insole() -> None:
    rule = 'index = [1, 2]\nrole = "insole_left.cop"\nunit = "mm"\nlayout = "sim_16"'
    foot = feet(bound(3, force("left", 0), rule))["left"]
    xy = foot.device_cop_xy(np.array([[700.0, -9.5, 130.0]]))
    assert xy == pytest.approx(np.array([[-0.1, 0.5]]))


def test_centre_of_pressure_of_known_loads() -> None:
    on = np.zeros((4, 16))
    on[0, :4] = 100.0  # heel only (4.1)
    on[1, :4], on[1, 7:13] = 150.0, 100.0  # heel and forefoot alike (4.1)
    on[2, 9] = 600.0  # medial ball
    on[3, 0] = 15.0  # too little to tell
    xy = cop_xy(on, SIM, 20.0)
    assert xy[:2, 1] == pytest.approx([0.12, 0.435])
    assert xy[2] == pytest.approx([0.33, 0.70])
    assert np.isnan(xy[3]).all()
    on[0, 15] = -400.0  # preload taken off too far: weighs nothing
    assert cop_xy(on, SIM, 20.0)[0, 1] == pytest.approx(0.12)


def test_regions_add_up_and_absent_regions_are_missing() -> None:
    parts = np.arange(16.0)[None, :]
    sums = region_n(parts, SIM)
    assert sums.sum() == pytest.approx(parts.sum())
    assert sums[0].tolist() == [6.0, 15.0, 57.0, 42.0]
    loadsol = load_layout("loadsol_3").pick(("lateral", "heel", "medial"))
    sums = region_n(np.array([[10.0, 20.0, 40.0]]), loadsol)
    assert sums[0] == pytest.approx([20.0, NAN, 50.0, NAN], nan_ok=True)


def test_strike_index_of_known_loads() -> None:
    t_s = np.arange(0, 0.05, 0.005)
    force_n = np.full(len(t_s), 300.0)
    heel = np.full(len(t_s), 0.12)
    assert strike_index_pct(t_s, force_n, heel, 0.0, 68.6) == pytest.approx(12.0)
    both = np.full(len(t_s), 0.435)
    assert strike_index_pct(t_s, force_n, both, 0.0, 68.6) == pytest.approx(43.5)
    force_n[1:] = 50.0  # one loaded row is not enough
    assert np.isnan(strike_index_pct(t_s, force_n, heel, 0.0, 68.6))


def test_ref1_strike_index_and_push_off() -> None:
    t_s = np.linspace(0, 0.25, 2501)
    parts = ref1_cells(t_s)
    total_n = parts.sum(axis=1)
    y = cop_xy(parts, SIM, 1e-6)[:, 1]
    index = strike_index_pct(t_s, total_n, y, 0.0, 0.0)
    assert index == pytest.approx(18.73, abs=0.02)
    assert 100 * y[np.abs(t_s - 0.235).argmin()] == pytest.approx(82.2, abs=0.1)
    assert 100 * region_n(parts, SIM)[-2] / total_n[-2] == pytest.approx(
        [0, 0, 50, 50], abs=0.1
    )


def test_the_gait_line_of_ref1_runs_from_heel_to_toes() -> None:
    t_s = np.arange(0, 0.2501, 0.005)
    path = cop_xy(ref1_cells(t_s), SIM, 20.0)
    line = stance_line(t_s, path, 0.0, 0.25)
    assert line.shape == (101, 2)
    assert np.isnan(line[0]).all()  # no force yet, no centre
    assert line[50, 1] == pytest.approx(0.75)
    x_pct, y_pct = cop_excursion_pct(line)
    assert x_pct == pytest.approx(0.0, abs=1e-9)
    assert 65 < y_pct < 75


def test_holes_over_20_ms_stay_holes() -> None:
    t_s = np.arange(0, 0.3, 0.01)
    path = np.column_stack([t_s, t_s])
    path[10:11] = NAN  # 20 ms between its neighbours: bridged
    path[20:22] = NAN  # 30 ms: not
    line = stance_line(t_s, path, 0.0, 0.29)
    grid = np.linspace(0, 0.29, 101)
    hole = (grid > t_s[19] + 1e-9) & (grid < t_s[22] - 1e-9)
    assert np.isnan(line[hole]).all()
    assert line[~hole, 0] == pytest.approx(grid[~hole])
    assert np.isnan(stance_line(t_s, path * NAN, 0.0, 0.29)).all()
    assert np.isnan(cop_excursion_pct(line * NAN)).all()


def test_mean_and_sd_of_gait_lines() -> None:
    lines = [np.full((101, 2), value) for value in (0.1, 0.3)]
    lines[1][50:] = NAN
    mean, sd, n = gait_line(lines)
    assert n[[0, 100]].tolist() == [2, 1]
    assert mean[0, 0] == pytest.approx(0.2)
    assert sd[0, 0] == pytest.approx(np.std([0.1, 0.3], ddof=1))
    assert mean[100, 1] == pytest.approx(0.1)
    assert np.isnan(sd[100]).all()
    empty = gait_line([])
    assert empty.n.tolist() == [0] * 101
    assert np.isnan(empty.mean).all()


@given(
    cuts=st.lists(st.integers(0, 30), max_size=5), count=st.sampled_from([6, 16, 99])
)
def test_pieces_equal_the_whole(cuts: list[int], count: int) -> None:
    name = {6: "orphe_6", 16: "sim_16", 99: "pedar_99"}[count]
    zero = np.linspace(0, 3, count).tolist()
    made = calibration("insole_left.pressure", "N", zero, 1.1)
    foot = feet(bound(count, cells("left", count, name, "kPa")), made)["left"]
    x = np.random.default_rng(count).gamma(2, 40, (30, count)).astype(np.float32)
    x[np.random.default_rng(1).random(x.shape) < 0.05] = NAN
    edges = [0, *sorted(cuts), 30]
    spans = [slice(a, b) for a, b in itertools.pairwise(edges)]
    for stage in (
        foot.force_n,
        lambda rows: cop_xy(foot.cells_n(rows), foot.layout, 20.0),
        lambda rows: region_n(foot.cells_n(rows), foot.layout),
    ):
        pieces = np.concatenate([stage(x[span]) for span in spans])
        assert np.array_equal(pieces, stage(x), equal_nan=True)
