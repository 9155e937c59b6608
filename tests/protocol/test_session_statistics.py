"""A whole session: baseline, change, drift, blocks and speeds from its markers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lablive.gait.strides import Stride
from lablive.messages import Marker
from lablive.metrics.belt import BeltSpeed
from lablive.metrics.record import StrideRecord
from lablive.metrics.registry import METRICS
from lablive.metrics.summary import Sample
from lablive.metrics.weight import Weight
from lablive.protocol.marked import NONE_MARKED, OwnBaselines, held_against
from lablive.protocol.phases import marker_of, parts_of
from lablive.protocol.session import session_statistics

MIN = 60.0
CONTACT = METRICS["contact_time_ms"]
CADENCE = METRICS["cadence_spm"]


def session(contact_ms, minutes, *, stride_s=0.75, source="insole", pauses=(), **more):
    """Return a sample; contact_ms: a function of minutes, noise from a fixed seed."""
    rng = np.random.default_rng(5)
    records = {}
    for side, late_s in (("left", 0.0), ("right", 0.37)):
        records[side] = []
        for ic_s in np.arange(late_s, MIN * minutes - 1.0, stride_s):
            noise = rng.standard_normal()
            if any(start <= ic_s < end for start, end in pauses):
                continue
            stride = Stride(
                side, ic_s, ic_s + 0.25, ic_s + stride_s, ic_s + stride_s / 2,
                ic_s + stride_s / 2 + 0.25, valid=True, reasons=(), source=source,
                gait="run", expected=1,
            )  # fmt: skip
            values = {
                "contact_time_ms": contact_ms(ic_s / MIN) + 2.0 * noise,
                "cadence_spm": 120.0 / stride_s,
                "peak_force_bw": 1700.0 + 20.0 * noise,
            }
            records[side].append(StrideRecord(stride, values))
    about = {"weight": Weight(700.0), "belt": BeltSpeed(3.0, streams=False)}
    return Sample(records, **(about | more))


def marked(*parts):
    return [
        marker_of(kind, edge, MIN * at_min)
        for kind, *pair in parts
        for edge, at_min in zip(("begin", "end"), pair, strict=True)
    ]


def left(found, metric_id="contact_time_ms"):
    return found.metrics[metric_id].at_speeds("left")


def test_baseline_and_change_of_each_side():
    sample = session(lambda t: 250.0 if t < 8.0 else 240.0, 12)
    found = session_statistics(sample, marked(("baseline", 1.0, 7.0)))
    for key in ("left", "right", "both"):
        (at,) = found.metrics["contact_time_ms"].at_speeds(key)
        base, change = at.baseline, at.change
        assert (base.start_s, base.end_s, base.n_blocks) == (60.0, 420.0, 6)
        assert base.value == pytest.approx(250.0, abs=0.5)
        assert 0 < base.mdc.threshold < 2.0
        assert change.delta == pytest.approx(-10.0, abs=0.8)
        assert change.percent == pytest.approx(-4.0, abs=0.4)
        assert change.verdict == "change"
        assert change.n == pytest.approx(80 if key != "both" else 160, abs=2)
    force = left(found, "peak_force_bw")[0]
    assert force.baseline.value == pytest.approx(1700.0 / 700.0, abs=0.01)
    assert force.change.verdict == "within error"
    assert force.baseline.mdc.threshold < 0.02


def test_without_a_marked_baseline_nothing_is_compared():
    found = session_statistics(session(lambda _: 250.0, 12), [Marker(1.0, "hello")])
    (at,) = left(found)
    assert at.baseline.why == at.change.why == NONE_MARKED
    assert np.isnan(at.change.delta)
    assert at.drift.n == 12
    assert at.drift.per_min == pytest.approx(0.0, abs=0.15)
    assert at.drift.verdict != "drift"
    assert at.corrective is None


def test_a_drift_is_a_drift_only_beyond_the_change_one_can_detect():
    sample = session(lambda t: 250.0 + max(0.0, t - 6.0), 20)
    (at,) = left(session_statistics(sample, marked(("baseline", 0.0, 6.0))))
    assert at.drift.verdict == "drift"
    assert at.drift.per_min == pytest.approx(0.9, abs=0.15)
    (at,) = left(session_statistics(sample, []))
    assert (at.drift.verdict, at.drift.why) == ("unknown", NONE_MARKED)
    assert at.drift.per_min == pytest.approx(0.9, abs=0.15)


def pauses():
    """Return five corrective blocks of 1 min and five rests, in turn, every 6 min."""
    starts = [12.0 + 6.0 * n for n in range(10)]
    return [
        (("corrective", "rest")[n % 2], at, at + 1.0) for n, at in enumerate(starts)
    ]


def test_blocks_are_told_apart_from_rest():
    def contact(t):
        # after exercises 8 ms less for two minutes, after a rest nothing
        for kind, _, end in pauses():
            if kind == "corrective" and end <= t < end + 2.5:
                return 242.0
        return 250.0

    off = [(MIN * begin, MIN * end + 20.0) for _, begin, end in pauses()]
    sample = session(contact, 75, pauses=off)
    found = session_statistics(sample, marked(("baseline", 3.0, 11.0), *pauses()))
    (at,) = left(found)
    assert at.corrective.n == at.rest_only.n == 5
    assert at.corrective.mean == pytest.approx(-8.0, abs=1.0)
    assert at.corrective.verdict == "real"
    assert at.corrective.decay_min == pytest.approx(3.0, abs=0.6)
    assert at.rest_only.verdict == "not shown"
    assert at.more_than_rest.verdict == "real"
    # running begins again with the first step, 20 s after the operator's mark
    block = at.corrective.changes[0].block
    assert block.start_s == 12.0 * MIN
    assert block.restart_s == pytest.approx(13.0 * MIN + 20.0, abs=0.8)
    # the longest run without a block, 12 min, is the one a drift is looked for in
    assert at.drift.n == 12


def test_speeds_are_kept_apart_and_each_has_its_own_baseline():
    belt = BeltSpeed(None, streams=True)
    for minute, speed in ((0, 3.0), (6, 3.5), (10, 3.0), (18, 4.0)):
        belt.feed(np.array([MIN * minute]), np.array([speed]))
    sample = session(lambda t: 250.0 if t < 6 or t >= 10 else 230.0, 20, belt=belt)
    found = session_statistics(
        sample, marked(("baseline", 0.5, 5.8), ("baseline", 6.2, 9.8))
    )
    at_3, at_35, at_4 = left(found)
    assert [it.low_mps for it in (at_3, at_35, at_4)] == [3.0, 3.5, 4.0]
    assert at_3.baseline.value == pytest.approx(250.0, abs=0.5)
    assert at_3.change.verdict == "within error"
    assert at_35.baseline.value == pytest.approx(230.0, abs=0.5)
    assert "another speed" in at_4.baseline.why
    assert at_4.median == pytest.approx(250.0, abs=0.5)


def test_of_two_baselines_at_one_speed_the_last_counts():
    sample = session(lambda t: 250.0 if t < 5 else 240.0, 12)
    marks = marked(("baseline", 0.0, 4.0), ("baseline", 6.0, 9.0))
    (at,) = left(session_statistics(sample, marks))
    assert at.baseline.start_s == 6.0 * MIN
    # a last one that failed does not take the first away
    late = marked(("baseline", 0.0, 4.0), ("baseline", 11.9, 11.95))
    (at,) = left(session_statistics(sample, late))
    assert at.baseline.start_s == 0.0


def test_without_belt_speed_the_reason_is_told_everywhere():
    sample = session(lambda _: 250.0, 8, belt=BeltSpeed(None, streams=False))
    marks = marked(("baseline", 0.0, 6.0))
    (at,) = left(session_statistics(sample, marks))
    assert at.baseline.why == "needs the belt speed"
    parts, _ = parts_of(marks)
    told = held_against(sample, parts, OwnBaselines(sample, parts))
    note = told.summarise(METRICS["cadence_vs_baseline_pct"]).note
    assert note == "the baseline needs the belt speed"


def test_cadence_is_held_against_its_baseline_and_its_target():
    sample = session(lambda _: 250.0, 8)
    marks = [
        *marked(("baseline", 0.0, 2.0)),
        Marker(180.0, "cadence 160 begin", "block"),
        Marker(300.0, "cadence 160 end", "block"),
    ]
    parts, _ = parts_of(marks)
    told = held_against(sample, parts, OwnBaselines(sample, parts))
    versus = told.summarise(METRICS["cadence_vs_baseline_pct"])
    assert versus.both.median == pytest.approx(0.0, abs=1e-9)
    assert versus.both.n == len(sample.valid("both")) - 2 * 160
    adherence = told.summarise(METRICS["cadence_adherence_pct"])
    assert (adherence.both.median, adherence.both.n) == (100.0, 320)


def test_a_foot_that_is_not_measured_is_left_out():
    sample = session(lambda _: 250.0, 3)
    one = Sample({"left": sample.records["left"]}, sample.weight, sample.belt)
    found = session_statistics(one, [])
    assert found.metrics["contact_time_ms"].right == ()
    assert found.metrics["contact_time_ms"].left[0].n == 239
    assert "pelvic_drop_deg" not in found.metrics


def test_each_metric_has_its_asymmetry_at_each_speed():
    sample = session(lambda _: 250.0, 6)
    for record in sample.records["right"]:
        record.values["contact_time_ms"] -= 10.0
    found = session_statistics(sample, []).metrics
    (contact,) = found["contact_time_ms"].asymmetry
    assert contact.unit == "%"
    assert contact.value == pytest.approx(-4.08, abs=0.15)
    assert contact.larger == "left"
    assert (contact.low_mps, contact.high_mps) == (3.0, 3.0)
    assert found["cadence_spm"].asymmetry[0].value == 0.0
    alone = replace(sample, records={"left": sample.records["left"]}, memo={})
    assert session_statistics(alone, []).metrics["contact_time_ms"].asymmetry == ()


def test_a_short_baseline_is_held_against_what_was_published():
    sample = session(lambda t: 250.0 if t < 4.0 else 200.0, 8, source="pelvis_imu")
    (at,) = left(session_statistics(sample, marked(("baseline", 1.0, 4.0))))
    assert at.baseline.mdc.threshold == 32.0
    assert "Patoz 2022" in at.baseline.mdc.citation
    assert at.change.verdict == "change"
    long = marked(("baseline", 1.0, 3.9))
    own = session(lambda t: 250.0 if t < 4.0 else 200.0, 8)  # of insoles: none is known
    (at,) = left(session_statistics(own, long))
    assert at.baseline.mdc.why.startswith("needs 5 one-minute baseline blocks")
    assert at.change.verdict == "unknown"
