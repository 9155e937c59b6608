"""Impact peak, loading rates, shocks: checks of the metric reference, 3.2 and 3.5."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from stride_cases import WEIGHT_N, around, bare, sample_of, segment, value, why_not

from lablive.metrics.metric import StrideForce
from lablive.metrics.registry import METRICS, stride_record
from lablive.names import STANDARD_GRAVITY


def with_force(curve, rate_hz, phase_s=0.0, side="left"):
    """Return a stride whose force in body weights is a function of time."""
    data = bare(side)
    t = np.arange(-0.05, 0.70, 1 / rate_hz) + phase_s
    force = StrideForce(data.stride.ic_s + t, curve(t) * WEIGHT_N, WEIGHT_N)
    return replace(data, force=force, memo={})


def ramp(t):
    return np.where(
        t < 0.03, np.clip(t / 0.03, 0, 1) * 1.5, 1.5 - (t - 0.03) * 10
    ).clip(0)


def step(t):
    stance = np.where((t >= 0) & (t <= 0.25), 2.3 * np.sin(np.pi * t / 0.25), 0)
    bump = np.where((t >= 0) & (t <= 0.05), 1.1 * np.sin(np.pi * t / 0.05) ** 2, 0)
    return stance + bump


def test_a_ramp_of_50_bw_per_s():
    data = with_force(ramp, 1000.0)
    assert value("valr_bw_s", data) / WEIGHT_N == pytest.approx(50.0, abs=0.01)
    assert value("vilr_bw_s", data) / WEIGHT_N == pytest.approx(50.0, abs=0.01)
    assert value("impact_peak_bw", data) / WEIGHT_N == pytest.approx(1.5, abs=0.05)


@pytest.mark.parametrize(("rate_hz", "expected"), [(1000.0, 90.9), (200.0, 88.7)])
def test_one_footfall_at_two_rates(rate_hz, expected):
    phases = np.linspace(0, 1 / rate_hz, 20, endpoint=False)
    found = [value("valr_bw_s", with_force(step, rate_hz, p)) for p in phases]
    assert np.mean(found) / WEIGHT_N == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize(
    "metric_id", ["impact_peak_bw", "valr_bw_s", "vilr_bw_s"]
)  # fmt: skip
def test_slow_insoles_have_no_loading_rate(metric_id):
    data = with_force(step, 100.0)
    assert why_not(metric_id, data) == (
        "the force comes 100 times per second, loading rates need 200"
    )
    assert "need 200" in sample_of([data]).summarise(METRICS[metric_id]).note
    shares = sample_of([data]).summarise(METRICS["impact_peak_present_pct"])
    assert shares.both.n == 0


def test_without_an_impact_peak_13_pct_of_stance_is_used_and_told():
    data = with_force(lambda t: np.where(
        (t >= 0) & (t <= 0.25), 2.3 * np.sin(np.pi * t / 0.25), 0), 1000.0)  # fmt: skip
    assert why_not("impact_peak_bw", data) == "no impact peak in these strides"
    level = 2.3 * np.sin(np.pi * 0.13)
    low, high = (0.25 / np.pi * np.arcsin(part * level / 2.3) for part in (0.2, 0.8))
    expected = 0.6 * level / (high - low)
    assert value("valr_bw_s", data) / WEIGHT_N == pytest.approx(expected, rel=1e-3)
    found = sample_of([data]).summarise(METRICS["valr_bw_s"])
    assert "100 % of the strides have no impact peak" in found.note
    share = sample_of([data]).summarise(METRICS["impact_peak_present_pct"])
    assert share.left.median == 0.0


def test_a_ripple_is_no_impact_peak():
    def noisy(t):
        sine = np.where((t >= 0) & (t <= 0.25), 2.3 * np.sin(np.pi * t / 0.25), 0)
        return sine + 0.02 * np.sin(2 * np.pi * 150 * t)

    assert "no impact peak" in why_not("impact_peak_bw", with_force(noisy, 1000.0))


def test_loading_asymmetry_is_right_less_left():
    sides = [with_force(lambda t, k=k: k * ramp(t), 1000.0, 0.0, side)
             for side, k in (("left", 1.0), ("right", 1.2))]  # fmt: skip
    found = sample_of(sides).summarise(METRICS["loading_si_pct"])
    assert found.both.median == pytest.approx(200 * 0.2 / 2.2, abs=0.01)


def shank(rate_hz=1000.0, phase_s=0.0, size_g=6.0, site="shank_left", axis=2, **more):
    """Return a 6 g half-sine of 20 ms, 12 ms after contact."""
    data = bare()
    t = around(data.stride, rate_hz) + phase_s
    since = t - data.stride.ic_s - 0.012
    rows = segment(t, **more)
    pulse = np.where((since > 0) & (since < 0.02), np.sin(np.pi * since / 0.02), 0.0)
    rows.acc_mps2[:, axis] += size_g * STANDARD_GRAVITY * pulse
    return replace(data, segments={site: replace(rows, rate_hz=rate_hz)}, memo={})


def test_tibial_shock_of_the_reference():
    assert value("tibial_shock_g", shank()) == pytest.approx(5.65, abs=0.05)
    found = [value("tibial_shock_g", shank(200.0, phase))
             for phase in np.linspace(0, 0.005, 10, endpoint=False)]  # fmt: skip
    assert min(found) == pytest.approx(5.36, abs=0.06)
    assert max(found) == pytest.approx(5.93, abs=0.06)


def test_tibial_shock_leaves_standing_out_and_needs_no_forward():
    data = shank(has_angles=False)
    assert value("tibial_shock_g", data) == pytest.approx(5.65, abs=0.05)
    assert value("tibial_shock_g", shank(size_g=0.0)) == pytest.approx(0.0, abs=1e-6)
    sideways = shank(axis=0)
    assert value("tibial_shock_res_g", sideways) == pytest.approx(5.65, abs=0.05)
    assert value("tibial_shock_g", sideways) == pytest.approx(0.0, abs=0.01)


def test_a_shank_that_sits_anyhow_tells_when_but_not_how_much():
    data = shank(axis=0, has_angles=False, zeroed=False)
    for metric_id in ("tibial_shock_g", "tibial_shock_res_g"):
        assert "sits is not known" in why_not(metric_id, data)
    record = stride_record(data)
    assert record.values["tibia_delay_ms"] == pytest.approx(22.0, abs=1.0)


def test_a_slow_or_clipped_shank_has_no_shock():
    assert "sends 100 rows per second, this needs 200" in why_not(
        "tibial_shock_g", shank(100.0)
    )
    data = shank(size_g=20.0)
    rows = data.segments["shank_left"]
    cut = np.minimum(rows.acc_mps2, 16 * STANDARD_GRAVITY)
    data = replace(data, segments={"shank_left": replace(rows, acc_mps2=cut)}, memo={})
    assert why_not("tibial_shock_g", data) == (
        "the left shank IMU hit the end of its acceleration range"
    )


def test_the_head_gets_less_than_the_shank():
    legs = shank().segments
    head = shank(size_g=1.5, site="head").segments
    data = replace(bare(), segments={**legs, **head})
    assert value("head_shock_g", data) == pytest.approx(1.5, abs=0.01)
    expected = 100 * (1 - 1.5 / 5.65)
    assert value("shock_attenuation_pct", data) == pytest.approx(expected, abs=0.5)


def test_peak_force_from_the_pelvis():
    data = bare()
    t = around(data.stride)
    rows = segment(t)
    u = (t - data.stride.ic_s) % 0.37 / 0.25
    up = np.where(u < 1, 2.3248 * np.sin(np.pi * u), 0.0) * STANDARD_GRAVITY
    rows.acc_mps2[:, 2] = up
    data = replace(data, segments={"pelvis": rows})
    assert value("peak_force_sacral_bw", data) == pytest.approx(2.32, abs=0.15)


@pytest.mark.parametrize("side", ["left", "right"])
def test_toes_up_is_positive(side):
    data = bare(side)
    rows = segment(around(data.stride), lean=-14.0)
    data = replace(data, segments={f"foot_{side}": rows}, memo={})
    assert value("foot_strike_angle_deg", data) == pytest.approx(14.0)
    blind = replace(
        data, segments={f"foot_{side}": replace(rows, zeroed=False)}, memo={}
    )
    assert "its zero" in why_not("foot_strike_angle_deg", blind)
