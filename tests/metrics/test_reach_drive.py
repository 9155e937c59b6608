"""Reach and drive of exact leg angles, foot line and regions of exact loads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stride_cases import WEIGHT_N, around, bare, sample_of, segment, value, why_not

from lablive.metrics.metric import StridePressure
from lablive.metrics.registry import METRICS
from lablive.names import STANDARD_GRAVITY


def leg(side="left", thigh=0.0, shank=0.0, **more):
    """Return a stride with constant leg angles, + = forward."""
    data = bare(side, **more)
    t = around(data.stride)
    rows = {f"thigh_{side}": segment(t, lean=-np.asarray(thigh)),
            f"shank_{side}": segment(t, lean=-np.asarray(shank))}  # fmt: skip
    return replace(data, segments=rows, memo={})


@pytest.mark.parametrize("side", ["left", "right"])
def test_overstride_check_of_the_reference(side):
    data = leg(side, 25.0, 10.0)
    assert value("foot_ahead_m", data) == pytest.approx(0.25595, abs=1e-4)
    assert value("foot_ahead_in", data) == pytest.approx(10.077, abs=0.01)
    assert value("foot_ahead_leg", data) == pytest.approx(0.27596, abs=1e-4)
    assert value("hip_flexion_ic_deg", data) == pytest.approx(25.0)
    assert value("shank_angle_ic_deg", data) == pytest.approx(10.0)
    assert value("knee_flexion_ic_deg", data) == pytest.approx(15.0)


def test_the_inches_of_the_coach():
    data = replace(leg("left", 25.0, 10.0), leg_length_m=0.90, memo={})
    inches = value("foot_ahead_in", data)
    assert value("foot_ahead_leg", data) == pytest.approx(inches * 0.0254 / 0.90)
    assert inches / value("foot_ahead_leg", data) == pytest.approx(
        10 / 0.2822, rel=1e-3
    )


def test_height_and_leg_length_are_asked_for():
    assert why_not("foot_ahead_m", leg(height_m=np.nan)) == "needs the body height"
    assert why_not("foot_ahead_leg", leg(leg_length_m=np.nan)) == (
        "needs leg length or body height"
    )


def test_rear_share_of_ref1():
    t = around(bare().stride) - bare().stride.ic_s
    thigh = 6 + 29 * np.cos(np.arccos(19 / 29) + 2 * np.pi / 0.74 * t)
    knee = np.interp(t, (0.0, 0.25), (15.0, 18.0))
    data = leg("left", thigh, thigh - knee)
    assert value("rear_share_pct", data) == pytest.approx(63.49, abs=0.05)
    assert value("thigh_extension_to_deg", data) == pytest.approx(22.618, abs=0.01)
    assert value("thigh_flexion_peak_deg", data) == pytest.approx(35.0, abs=0.1)
    assert value("thigh_extension_peak_deg", data) == pytest.approx(23.0, abs=0.1)
    assert value("thigh_pendulum_ratio", data) == pytest.approx(0.657, abs=0.005)


def test_a_forward_tilted_pelvis_hides_hip_extension():
    data = leg("right", -20.0, -30.0)
    tilted = segment(around(data.stride), lean=6.0)
    data = replace(data, segments={**data.segments, "pelvis": tilted}, memo={})
    assert value("thigh_extension_to_deg", data) == pytest.approx(20.0)
    assert value("hip_extension_to_deg", data) == pytest.approx(14.0)


@pytest.mark.parametrize("heading_deg", [0.0, 130.0])
@pytest.mark.parametrize("tilt_deg", [0.0, 3.0])
def test_braking_and_push_off_of_the_pelvis(heading_deg, tilt_deg):
    """3 sin braking over 0.25 s takes off and gives back 3 * 0.25 / pi m/s."""
    data = bare()
    t = around(data.stride)
    u = (t - data.stride.ic_s) % 0.37 / 0.25
    ahead = np.where(u < 1, -3.0 * np.sin(2 * np.pi * u), 0.0)
    rows = segment(t, heading=heading_deg, lean=tilt_deg)
    forward = np.array(
        [np.cos(np.radians(heading_deg)), np.sin(np.radians(heading_deg)), 0]
    )
    world = np.outer(ahead, forward) + np.array([0.0, 0.0, STANDARD_GRAVITY])
    rows = replace(rows, acc_mps2=np.einsum("nji,nj->ni", rows.rotation, world))
    data = replace(data, segments={"pelvis": rows})
    assert value("braking_dv_ms", data) == pytest.approx(3 * 0.25 / np.pi, abs=0.003)
    assert value("propulsion_dv_ms", data) == pytest.approx(3 * 0.25 / np.pi, abs=0.003)


def sole(regions=None, halves=None, y=0.5, x=0.0, side="left", rate_hz=1000.0):
    """Return a stride with loads of its regions; functions of stance, 0 to 1."""
    data = bare(side)
    ic_s, to_s = data.stride.ic_s, data.stride.to_s
    t = np.arange(ic_s, to_s, 1 / rate_hz)
    u = (t - ic_s) / (to_s - ic_s)
    load = np.full(len(t), WEIGHT_N)
    columns = None
    if regions is not None:
        columns = np.column_stack(
            [np.broadcast_to(part(u), u.shape) for part in regions]
        )
    two = (
        None
        if halves is None
        else np.broadcast_to(np.array(halves, float), (len(t), 2))
    )
    xy = np.column_stack([np.broadcast_to(x, len(t)), np.broadcast_to(y, len(t))])
    pressure = StridePressure(
        t, xy, load, 0.1 * WEIGHT_N, np.full((101, 2), np.nan), columns, two
    )
    return replace(data, pressure=pressure, memo={})


def until(share):
    """Return a load of 0.3 body weights until a part of stance."""
    return lambda u: np.where(u < share, 0.3 * WEIGHT_N, 0.0)


def none(u):
    return np.full(u.shape, np.nan)


def test_regions_that_leave_in_order():
    data = sole([until(0.55), until(0.70), until(0.96), until(2.0)])
    assert value("heel_off_pct_stance", data) == pytest.approx(55.0, abs=0.5)
    assert sample_of([data]).summarise(METRICS["toe_last_pct"]).left.median == 100.0
    early = sole([until(0.55), until(0.70), until(2.0), until(0.90)])
    both = sample_of([data, early]).summarise(METRICS["toe_last_pct"])
    assert (both.left.median, both.left.n) == (50.0, 2)


@pytest.mark.parametrize(("y", "share"), [(0.81, 100.0), (0.79, 0.0)])
def test_without_toe_cells_the_centre_tells(y, share):
    data = sole([until(0.5), none, until(2.0), none], y=y)
    assert sample_of([data]).summarise(METRICS["toe_last_pct"]).left.median == share


def test_forefoot_share_of_late_stance():
    data = sole([lambda _: 100.0, none, lambda _: 200.0, lambda _: 100.0])
    assert value("pushoff_share_pct", data) == pytest.approx(75.0)
    assert "do not tell heel from toes" in why_not("pushoff_share_pct", sole())
    assert "do not tell heel from toes" in why_not("heel_off_pct_stance", sole())


@pytest.mark.parametrize(("halves", "share"), [((300, 300), 50.0), ((420, 280), 60.0)])
def test_medial_load(halves, share):
    data = replace(sole(halves=halves), standing_medial_pct=45.0, memo={})
    assert value("medial_load_pct", data) == pytest.approx(share)
    assert value("arch_delta_pct", data) == pytest.approx(share - 45.0)


def test_arch_delta_needs_standing_and_cells_on_both_sides():
    assert "quiet standing" in why_not("arch_delta_pct", sole(halves=(1, 1)))
    assert "medial and lateral" in why_not("medial_load_pct", sole(halves=(1, np.nan)))
    assert value("cop_x_midstance_pct", sole(x=0.12)) == pytest.approx(12.0)


def test_dorsiflexion_while_the_heel_is_loaded():
    data = sole([until(0.5), none, until(2.0), none])
    t = around(data.stride)
    lean = 100.0 * (t - data.stride.ic_s)
    data = replace(data, segments={"shank_left": segment(t, lean=lean)}, memo={})
    assert value("shank_forward_max_deg", data) == pytest.approx(12.5, abs=0.3)


def foot(side="left", toe_out_deg=8.0, drift_dps=0.0, way_deg=40.0, rate_hz=200.0):
    """Return a foot that travels 2.2 m, flat in stance, heading drifting."""
    data = bare(side)
    t = around(data.stride, rate_hz)
    u = ((t - data.stride.ic_s) % 0.74 - 0.25) / 0.49
    swing = np.where((u > 0) & (u < 1), u, 0.0)
    along = 2.22 * 2 * np.pi * np.sin(2 * np.pi * swing) / 0.49**2
    out = toe_out_deg if side == "left" else -toe_out_deg
    drift = drift_dps * (t - t[0])
    rows = segment(t, heading=way_deg + out + drift)
    turn = np.radians(way_deg + drift)
    world = np.column_stack([along * np.cos(turn), along * np.sin(turn),
                             np.full(len(t), STANDARD_GRAVITY)])  # fmt: skip
    acc = np.einsum("nji,nj->ni", rows.rotation, world)
    rate = np.zeros((len(t), 3))
    rate[:, 1] = np.where((u > 0) & (u < 1), 5.0, 0.01)
    rows = replace(rows, acc_mps2=acc, rate_rps=rate)
    return replace(data, segments={f"foot_{side}": rows}, memo={})


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("toe_out_deg", [8.0, -5.0])
@pytest.mark.parametrize("drift_dps", [0.0, 5.0 / 60])
def test_toe_out_against_the_way_of_the_foot(side, toe_out_deg, drift_dps):
    data = foot(side, toe_out_deg, drift_dps)
    assert value("foot_progression_deg", data) == pytest.approx(toe_out_deg, abs=0.3)


def test_toe_out_difference_and_refusals():
    found = sample_of([foot("left", 4.0), foot("right", 12.0)]).summarise(
        METRICS["foot_progression_diff_deg"]
    )
    assert found.both.median == pytest.approx(8.0, abs=0.3)
    assert "sends 50 rows" in why_not("foot_progression_deg", foot(rate_hz=50.0))
    data = foot()
    rows = data.segments["foot_left"]
    still = replace(rows, acc_mps2=segment(rows.t_s).acc_mps2)
    data = replace(data, segments={"foot_left": still}, memo={})
    assert "did not travel" in why_not("foot_progression_deg", data)


@pytest.mark.parametrize(("side", "roll"), [("left", 10.0), ("right", -10.0)])
def test_eversion_is_positive_on_both_sides(side, roll):
    data = bare(side)
    t = around(data.stride)
    u = np.clip((t - data.stride.ic_s) / 0.125, 0.0, 2.0)
    turned = roll * np.sin(np.pi / 2 * u) ** 2
    data = replace(
        data, segments={f"foot_{side}": segment(t, obliquity=turned)}, memo={}
    )
    assert value("foot_eversion_excursion_deg", data) == pytest.approx(10.0, abs=0.5)


def test_foot_turning_under_a_still_thigh():
    data = bare()
    t = around(data.stride)
    turning = np.zeros((len(t), 3))
    turning[:, 2] = np.radians(60.0)
    rows = {"foot_left": segment(t, rate_rps=turning), "thigh_left": segment(t)}
    data = replace(data, segments=rows, memo={})
    assert value("foot_thigh_yaw_deg", data) == pytest.approx(60 * 0.8 * 0.25, abs=0.01)
    both = {"foot_left": rows["foot_left"], "thigh_left": rows["foot_left"]}
    data = replace(data, segments=both, memo={})
    assert value("foot_thigh_yaw_deg", data) == pytest.approx(0.0, abs=1e-9)
