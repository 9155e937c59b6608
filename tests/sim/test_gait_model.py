"""When the synthetic runner's feet touch, and with what force: against REF-1."""

import numpy as np
import pytest

from drivers.sim import gait_model as gait
from drivers.sim.settings import RUNNERS, RunnerSettings
from lablive.errors import ConfigError
from lablive.names import SIDES

REF1 = RUNNERS["ref1"]
WEIGHT_N = 70.0 * 9.80665


def total_n(settings: RunnerSettings, t_s: np.ndarray) -> np.ndarray:
    return sum(gait.vertical_force_n(settings, side, t_s) for side in SIDES)


def test_ref1_truth() -> None:
    truth = gait.true_values(REF1)
    assert truth["cadence_spm"] == pytest.approx(162.162, abs=1e-3)
    assert truth["contact_time_left_ms"] == pytest.approx(250)
    assert truth["flight_time_right_ms"] == pytest.approx(120)
    assert truth["duty_factor_pct"] == pytest.approx(33.784, abs=1e-3)
    assert truth["step_length_m"] == pytest.approx(1.110)
    assert gait.peak_force_n(REF1, "left") / WEIGHT_N == pytest.approx(2.3248, abs=1e-4)


def test_events_alternate_half_a_stride_apart() -> None:
    events = gait.true_events(REF1, 0.0, 30.0)
    contacts = [event for event in events if event.kind == "ic"]
    assert contacts[0].side == "right"
    assert contacts[0].t_s == pytest.approx(10.37)
    assert [event.side for event in contacts[:4]] == ["right", "left"] * 2
    assert np.diff([event.t_s for event in contacts]) == pytest.approx(0.37)
    for side in SIDES:
        mine = [event for event in events if event.side == side]
        assert [event.kind for event in mine[:4]] == ["ic", "to"] * 2
        assert mine[1].t_s - mine[0].t_s == pytest.approx(0.25)
    window = gait.true_events(REF1, 12.0, 13.0)
    assert window == tuple(event for event in events if 12.0 <= event.t_s < 13.0)


@pytest.mark.parametrize("name", ["ref1", "limp"])
def test_mean_force_over_strides_is_body_weight(name: str) -> None:
    settings = RUNNERS[name]
    t_s = 20.0 + np.arange(0, 10 * settings.stride_s, 1e-4)
    assert total_n(settings, t_s).mean() == pytest.approx(WEIGHT_N, rel=1e-4)


def test_force_is_zero_outside_contacts_and_weight_in_standing() -> None:
    t_s = np.arange(0, 20, 1e-3)
    assert total_n(REF1, t_s[t_s < 10]) == pytest.approx(WEIGHT_N)
    edges = {"left": [], "right": []}
    for event in gait.true_events(REF1, 0.0, 20.5):
        edges[event.side].append(event.t_s)
    for side in SIDES:
        force = gait.vertical_force_n(REF1, side, t_s)
        touching = np.zeros(len(t_s), dtype=bool)
        for ic, to in zip(edges[side][::2], edges[side][1::2], strict=False):
            touching |= (t_s > ic + 1e-6) & (t_s < to - 1e-6)
        later = t_s > gait.lift_off_s(REF1) + 1e-6
        np.testing.assert_array_equal(force[later] > 1e-3, touching[later])


def test_the_body_neither_rises_nor_sinks() -> None:
    t_s = np.arange(0, 40, 1e-4)
    fall = np.cumsum(total_n(REF1, t_s) / 70.0 - 9.80665) * 1e-4
    height = np.cumsum(fall) * 1e-4
    assert np.abs(height).max() < 0.15


def test_impact_adds_an_early_bump() -> None:
    t_s = 10.74 + np.array([0.0, 0.025, 0.05, 0.1])
    plain = gait.vertical_force_n(REF1, "left", t_s)
    bump = gait.vertical_force_n(RUNNERS["impact"], "left", t_s) - plain
    assert bump / WEIGHT_N == pytest.approx([0, 0.8, 0, 0], abs=1e-6)


def test_limp_differs_between_sides() -> None:
    truth = gait.true_values(RUNNERS["limp"])
    assert truth["contact_time_si_pct"] == pytest.approx(-12.766, abs=1e-3)
    assert truth["flight_time_left_ms"] == pytest.approx(140)
    assert truth["flight_time_right_ms"] == pytest.approx(130)


def test_an_impossible_runner_is_told_in_one_message() -> None:
    with pytest.raises(ConfigError) as caught:
        RunnerSettings(mass_kg=0, contact_left_s=0.73, load_share_right=1.0)
    for word in ("mass_kg", "swing", "load_share_right"):
        assert word in str(caught.value)


def test_sitting_carries_nothing_then_the_stand_carries_body_weight() -> None:
    seated = RunnerSettings(seated_s=3.0, standing_s=8.0)
    t_s = np.arange(0.0, 8.0, 0.01)
    both = total_n(seated, t_s)
    assert np.all(both[t_s < 3.0] == 0.0)
    assert both[t_s >= 3.0] == pytest.approx(WEIGHT_N)
