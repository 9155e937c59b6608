"""Minute medians, minimal detectable change, and change against the baseline."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_cases import join, run, series

from lablive.protocol.baseline import baseline, change, median_of, minute_medians
from lablive.protocol.mdc import MDC_PER_SEM, Mdc, own_mdc, published_mdc

FIVE = [250.0, 251.0, 249.0, 250.5, 249.5]
PELVIS = {"metric_id": "pelvic_drop_deg", "unit": "deg"}


def test_factor_of_the_reference():
    assert pytest.approx(2.7719, abs=1e-4) == MDC_PER_SEM


def test_own_mdc_of_five_minutes():
    mdc = own_mdc("contact_time_ms", "ms", FIVE)
    assert mdc.sem == pytest.approx(np.std(FIVE, ddof=1))
    assert mdc.value == mdc.threshold == pytest.approx(2.7719 * mdc.sem, rel=1e-4)
    assert (mdc.n, mdc.why, mdc.citation) == (5, "", "")


def test_no_mdc_of_too_few_or_equal_minutes():
    few = own_mdc("contact_time_ms", "ms", FIVE[:4])
    assert few.why == "needs 5 one-minute baseline blocks at one speed, there are 4"
    assert np.isnan(few.value)
    assert np.isnan(few.threshold)
    flat = own_mdc("contact_time_ms", "ms", [250.0, 250.0 + 1e-12, 250.0] * 2)
    assert "do not differ" in flat.why


def test_published_changes_hold_for_their_sensor_only():
    assert published_mdc("tibial_shock_g", "g").value == 2.0
    assert published_mdc("tibial_shock_res_g", "g").threshold == 1.5
    assert published_mdc("stride_time_cv_pct", "%").value == 0.53
    assert published_mdc("peak_force_sacral_bw", "BW").value == 0.28
    for metric_id in ("contact_time_ms", "flight_time_ms"):
        sacral = published_mdc(metric_id, "ms", "pelvis_imu")
        assert sacral.value == 32.0
        assert "S06" in sacral.citation
        assert published_mdc(metric_id, "ms", "insole").why
    assert published_mdc("cadence_spm", "steps/min").why


def test_minutes_with_their_strides():
    gap = join(run(1), run(2, start_s=180.0), series([300.0, 301.0], 250.0))
    first, third, fourth, last = minute_medians(gap)
    assert [found.n for found in (first, third, fourth, last)] == [80, 80, 80, 2]
    assert first.t_s == pytest.approx(30.0, abs=0.4)
    assert third.t_s == pytest.approx(210.0, abs=0.4)
    assert first.value == pytest.approx(250.0, abs=1.0)
    assert np.isnan(last.value)
    assert last.why == "needs 20 valid strides, there are 2"
    assert minute_medians(gap, 300.0) == (last,)


def test_a_minute_with_two_speeds_has_no_median():
    mixed = join(run(0.5), run(0.5, start_s=30.0, speed_mps=3.4))
    (minute,) = minute_medians(mixed)
    assert "3.00 to 3.40 m/s" in minute.why
    assert np.isnan(minute.value)


def test_minutes_may_begin_before_and_after_the_first_stride():
    made = run(2, start_s=90.0)
    assert [m.n for m in minute_medians(made, 60.0)] == [40, 80, 40]
    assert [m.n for m in minute_medians(made, 150.0)] == [80]
    assert minute_medians(series([], [])) == ()


def test_baseline_is_the_median_of_its_minutes():
    made = run(5, seed=3)
    base = baseline(made)
    medians = [minute.value for minute in minute_medians(made)]
    assert base.value == np.median(medians)
    assert base.mdc == own_mdc("contact_time_ms", "ms", medians)
    assert (base.n, base.n_blocks, base.source) == (400, 5, "insole")
    assert (base.low_mps, base.high_mps, base.why) == (3.0, 3.0, "")


def test_one_minute_is_a_baseline_without_an_mdc():
    base = baseline(run(1))
    assert base.value == pytest.approx(250.0, abs=1.0)
    assert "needs 5" in base.mdc.why
    found = change(base, run(1, 300.0, start_s=100.0))
    assert found.delta == pytest.approx(50.0, abs=2.0)
    assert found.verdict == "unknown"
    assert found.why == base.mdc.why


def test_no_baseline():
    assert "20 valid strides" in baseline(run(0.2)).why
    assert baseline(run(5, speed_mps=np.nan)).why == "needs the belt speed"
    mixed = baseline(join(run(5), run(5, start_s=300.0, speed_mps=3.5)))
    assert "not compared" in mixed.why
    assert np.isnan(mixed.value)
    assert change(mixed, run(1)).why == mixed.why


def test_change_only_beyond_the_mdc():
    base = baseline(run(5, seed=1))
    mdc = base.mdc.value
    more = change(base, run(1, 250.0 + 3 * mdc, start_s=400.0))
    assert more.verdict == "change"
    assert more.why == ""
    assert more.delta == pytest.approx(3 * mdc, abs=0.5)
    assert more.percent == pytest.approx(100 * (more.value / base.value - 1))
    less = change(base, run(1, 250.0 - 3 * mdc, start_s=400.0))
    assert less.verdict == "change"
    assert less.delta < 0 > less.percent
    same = change(base, run(1, 250.0, start_s=400.0, seed=9))
    assert same.verdict == "within error"
    assert "within the minimal detectable change" in same.why
    assert (same.n, same.n_baseline) == (80, 400)


def test_pelvic_drop_changes_by_two_degrees_at_least():
    base = baseline(run(5, 5.0, sd=0.3, **PELVIS))
    assert base.mdc.value < 0.5
    assert base.mdc.threshold == 2.0
    assert change(base, run(1, 6.8, sd=0.3, **PELVIS)).verdict == "within error"
    found = change(base, run(1, 7.3, sd=0.3, **PELVIS))
    assert found.verdict == "change"
    assert np.isnan(found.percent)  # an angle has no true zero
    noisy = baseline(run(5, 5.0, sd=15.0, **PELVIS))
    assert noisy.mdc.threshold == noisy.mdc.value > 2.0


def test_between_days_with_a_published_change():
    about = {"metric_id": "tibial_shock_g", "unit": "g"}
    base = baseline(run(1, 6.0, sd=0.2, **about))
    mdc = published_mdc("tibial_shock_g", "g")
    assert change(base, run(1, 7.9, sd=0.2, **about), mdc).verdict == "within error"
    assert change(base, run(1, 8.2, sd=0.2, **about), mdc).verdict == "change"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (run(1, speed_mps=3.2), "3.00 to 3.20 m/s"),
        (run(1, sources="foot_imu"), "foot_imu and insole"),
        (run(1, key="left"), "the baseline is contact_time_ms (both, ms)"),
        (run(1, metric_id="flight_time_ms"), "not flight_time_ms"),
        (run(0.1), "needs 20 valid strides, there are 8"),
        (series([], []), "needs 20 valid strides, there are 0"),
        (run(1, speed_mps=np.nan), "needs the belt speed"),
    ],
)
def test_comparisons_that_are_refused(now, why):
    found = change(baseline(run(5)), now)
    assert why in found.why
    assert found.verdict == "unknown"
    assert np.isnan([found.value, found.delta, found.percent, found.baseline]).all()


def test_asymmetry_keeps_its_sign():
    about = {"metric_id": "contact_time_si_pct", "unit": "%"}
    base = baseline(run(5, -4.0, sd=0.1, **about))
    found = change(base, run(1, 2.0, sd=0.1, **about))
    assert found.delta == pytest.approx(6.0, abs=0.1)
    assert np.isnan(found.percent)


def test_false_alarms_are_rare():
    """No change is called one in about one of 20 minutes (baseline of 10)."""
    alarms = 0
    for seed in range(200):
        made = run(12, seed=seed)
        base = baseline(made.between(0.0, 600.0))
        alarms += change(base, made.between(660.0, 720.0)).verdict == "change"
    assert alarms <= 16


@given(
    values=st.lists(
        st.floats(1, 1e4) | st.just(np.nan) | st.just(np.inf), min_size=1, max_size=80
    ),
    order=st.randoms(use_true_random=False),
)
def test_order_and_holes_do_not_matter(values, order):
    rows = [(0.75 * row, value) for row, value in enumerate(values)]
    mixed = list(rows)
    order.shuffle(mixed)
    kept = [(t_s, value) for t_s, value in rows if np.isfinite(value)]
    made = [series(*np.array(part).reshape(-1, 2).T) for part in (rows, mixed, kept)]
    first, *others = (msgspec.json.encode(minute_medians(one, 0.0)) for one in made)
    assert others == [first, first]
    assert median_of(made[0]).n == len(kept)


def test_results_are_plain_data():
    base = baseline(run(5))
    found = change(base, run(0.1))
    told = msgspec.json.decode(msgspec.json.encode(found))
    assert told["value"] is None
    assert told["why"] == found.why
    assert isinstance(base.mdc, Mdc)
    with pytest.raises(AttributeError):
        base.value = 1.0
