"""Focus runs: minutes, fading, whether a run counts; before and after a block."""

from __future__ import annotations

import pytest
from test_session_statistics import MIN, marked, pauses, session

from lablive.feedback.offers import load_offers
from lablive.protocol.block_card import block_cards
from lablive.protocol.focus import FocusRecord
from lablive.protocol.focus_run import focus_plan, focus_records
from lablive.protocol.pain import PainEntry
from lablive.protocol.phases import marker_of
from lablive.protocol.session import session_statistics

FINE = (PainEntry(10.0, 1), PainEntry(15 * MIN, 1))


def focus(contact_ms, pains=FINE, minutes=(8.0, 12.0)):
    """Return the focus run of a session with a baseline of 250 ms."""
    markers = marked(("baseline", 1.0, 7.0))
    for edge, at_min in zip(("begin", "end"), minutes, strict=True):
        markers.append(marker_of("focus", edge, MIN * at_min, metric="contact_time_ms"))
    sample = session(contact_ms, 14)
    found = session_statistics(sample, markers)
    (record,) = focus_records(sample, markers, found, load_offers(), pains)
    return record


def test_in_target_and_no_more_pain_counts():
    record = focus(lambda _: 250.0)  # the target is 95 to 105 % of the baseline
    assert record.in_target_pct > 95.0
    assert (record.counts, record.why, record.minutes) == (True, "", 4.0)
    assert (record.pain_before, record.pain_after) == (1.0, 1.0)


def test_out_of_target_does_not_count_and_says_so():
    record = focus(lambda t: 250.0 if t < 9.0 else 280.0)
    assert record.in_target_pct == pytest.approx(25.0, abs=3.0)
    assert record.retention_pct == pytest.approx(0.0, abs=1.0)
    assert not record.counts
    assert record.why == "25 % in target, 60 % needed"


@pytest.mark.parametrize(
    ("pains", "why"),
    [
        ((), "pain was not asked for before and after"),
        ((PainEntry(10.0, 1), PainEntry(15 * MIN, 3)), "pain rose from 1 to 3"),
    ],
)
def test_pain_decides_as_well(pains, why):
    record = focus(lambda _: 250.0, pains)
    assert (record.counts, record.why) == (False, why)


def test_without_a_baseline_a_target_in_percent_of_it_is_none():
    markers = [
        marker_of("focus", edge, at_s, metric="contact_time_ms")
        for edge, at_s in (("begin", 60.0), ("end", 120.0))
    ]
    sample = session(lambda _: 250.0, 4)
    found = session_statistics(sample, markers)
    (record,) = focus_records(sample, markers, found, load_offers())
    assert record.in_target_pct is None
    assert "no baseline was marked" in record.why


def test_a_minute_more_for_each_completed_run_to_thirty():
    done = FocusRecord("pelvic_drop_deg", 1.0, counts=True)
    failed = FocusRecord("pelvic_drop_deg", 1.0)
    other = FocusRecord("cadence_spm", 1.0, counts=True)
    assert focus_plan("pelvic_drop_deg", ()).minutes == 1
    assert focus_plan("pelvic_drop_deg", [done, failed, other, done]).minutes == 3
    assert focus_plan("pelvic_drop_deg", [done] * 99).minutes == 30


def test_feedback_fades_and_the_last_minute_has_none():
    done = FocusRecord("pelvic_drop_deg", 1.0, counts=True)
    shares = [focus_plan("pelvic_drop_deg", [done] * n).share for n in range(9)]
    assert shares == [1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    plan = focus_plan("pelvic_drop_deg", [done] * 5)
    assert (plan.minutes, plan.retention) == (6, True)
    schedule = plan.schedule(100.0)
    assert schedule.is_on(100.0)
    assert not schedule.is_on(100.0 + 5 * MIN)  # retention
    assert not focus_plan("pelvic_drop_deg", ()).retention


def test_a_card_for_every_block():
    def contact(t):
        for kind, _, end in pauses():
            if kind == "corrective" and end <= t < end + 2.5:
                return 242.0
        return 250.0

    off = [(MIN * begin, MIN * end + 20.0) for _, begin, end in pauses()]
    sample = session(contact, 75, pauses=off)
    found = session_statistics(sample, marked(("baseline", 3.0, 11.0), *pauses()))
    cards = block_cards(found)
    assert [it.number for it in cards] == list(range(1, 11))
    assert [it.kind for it in cards[:2]] == ["corrective", "rest only"]
    row = next(it for it in cards[0].rows if it.metric == "contact_time_ms")
    assert row.side == "both"
    assert row.before == pytest.approx(250.0, abs=0.6)
    assert row.delta == pytest.approx(-8.0, abs=1.0)
    assert row.told == "changed"  # contact time has no better direction
    assert row.decay_min == pytest.approx(3.0, abs=0.7)
    still = next(it for it in cards[1].rows if it.metric == "contact_time_ms")
    assert still.told == "no change"
    assert cards[0].ready_s == pytest.approx(cards[0].restart_s + 90.0)
    mean = next(it for it in cards[0].together if it.metric == "contact_time_ms")
    assert mean.effect.verdict == "real"
    assert mean.more_than_rest == "real"


def test_a_force_that_rose_is_worse():
    def force(t):
        return 250.0 + (12.0 if t > 13.0 else 0.0)

    off = [(MIN * 12.0, MIN * 13.0)]
    sample = session(force, 20, pauses=off)
    for records in sample.records.values():
        for record in records:
            late = record.stride.ic_s > 13.0 * MIN
            record.values["peak_force_bw"] += 200.0 if late else 0.0
    markers = marked(("baseline", 3.0, 11.0), ("corrective", 12.0, 13.0))
    (card,) = block_cards(session_statistics(sample, markers))
    row = next(it for it in card.rows if it.metric == "peak_force_bw")
    assert row.told == "worse"
    assert card.together == ()  # one block is no mean
