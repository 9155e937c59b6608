"""Advice, stops and the ladder: from sets to what the operator is told."""

from __future__ import annotations

import pytest

from lablive.drills.catalogue import load_catalogue
from lablive.drills.ladder import ladder, records_of, references_of
from lablive.drills.progression import DECIDES, advice, enough, stops
from lablive.drills.record import SetRecord
from lablive.drills.rep import Rep, RepResult, ValueView
from lablive.drills.set_result import SetResult
from lablive.drills.told import told_sets
from lablive.protocol.pain import PainEntry

CATALOGUE, _ = load_catalogue()
NAN = float("nan")
ASKED = [PainEntry(0.0, 1), PainEntry(100.0, 1)]


def rep(number=1, state="passed", faults=(), views=(), gap="", values=None):
    made = Rep(number, 1.0 * number, NAN, 1.0 * number, 1.0 * number + 0.5,
               faults=faults, gap=gap)  # fmt: skip
    return RepResult(made, values or {}, {}, tuple(views), state, ())


def one_set(
    passed, drill="hop_two", leg="both", failed=0, reps=(), share=50.0, begin=0.0
):
    wanted = CATALOGUE[drill].wanted
    view = ValueView("landing_share_pct", "share", "%", share, "good", passes=True)
    return SetResult(
        drill, drill, leg, 1, begin, begin + 30.0, tuple(reps), (view,), passed, failed,
        0, wanted, CATALOGUE[drill].needed, "pass",
    )  # fmt: skip


def step(*sets, drill="hop_two", pains=ASKED):
    found = advice(CATALOGUE[drill], sets, pains, below="hop_two")
    assert found.words.endswith(DECIDES)
    return found


def test_eight_of_ten_count_for_moving_up():
    assert enough(CATALOGUE["hop_two"]) == 8
    assert enough(CATALOGUE["hop_one"]) == 8
    assert enough(CATALOGUE["hop_fwd_one"]) == 5
    assert enough(CATALOGUE["box_up_two"]) == 5


def test_two_sets_in_a_row_move_up_to_one_leg_with_five_repetitions():
    found = step(one_set(8), one_set(9))
    assert (found.step, found.to, found.reps) == ("up", "hop_one", 5)


@pytest.mark.parametrize(
    ("sets", "pains", "told"),
    [
        ([8], ASKED, "1 of 2 sets in a row passed"),
        ([9, 7], ASKED, "1 of 2 sets in a row passed"),
        ([9, 9], [], "nobody has asked for pain"),
        ([9, 9], [PainEntry(0, 0), PainEntry(9, 2)], "pain is rising"),
        ([9, 9], [PainEntry(0, 3), PainEntry(9, 3)], "pain 3 of 10, 2 at most"),
    ],
)
def test_what_keeps_a_person_where_they_are(sets, pains, told):
    found = step(*(one_set(passed) for passed in sets), pains=pains)
    assert found.step == "stay"
    assert told in found.words


def test_an_uneven_landing_does_not_move_up():
    found = step(one_set(9), one_set(9, share=57.0))
    assert found.step == "stay"
    assert "right share of the landing 57 %, 45 to 55 to move up" in found.words


def test_both_legs_are_needed():
    sets = [one_set(9, "hop_one", "left")] * 2 + [one_set(9, "hop_one", "right")]
    found = step(*sets, drill="hop_one")
    assert found.step == "stay"
    assert "right leg: 1 of 2 sets in a row passed" in found.words
    assert step(*sets, sets[-1], drill="hop_one").step == "up"


def test_stepping_back():
    few = one_set(5, failed=5)
    assert (step(few).step, step(few).to) == ("back", "hop_two")
    in_a_row = [rep(1, "failed", ("early",)), rep(2, "failed", ("early",))]
    found = step(one_set(9, reps=in_a_row))
    assert (found.step, found.reasons) == (
        "back",
        ("a fault in two repetitions in a row",),
    )
    apart = [rep(1, "failed", ("early",)), rep(2), rep(3, "failed", ("early",))]
    assert step(one_set(9, reps=apart)).step == "stay"
    hurt = step(one_set(9), one_set(9), pains=[PainEntry(0, 4)])
    assert (hurt.step, hurt.reasons) == ("back", ("pain 4 of 10",))


def peak(value, verdict):
    return ValueView("landing_peak_bw", "landing peak", "BW", value, verdict)


def test_the_stop_prompt():
    assert stops([one_set(3)], ASKED) == ()
    assert stops([], ASKED) == ()
    (told,) = stops([one_set(3)], [PainEntry(1.0, 0), PainEntry(5.0, 2)])
    assert (told.kind, told.t_s, told.why) == ("pain", 5.0, "pain rose from 0 to 2")
    (told,) = stops([one_set(3, begin=10.0)], [PainEntry(5.0, 6), PainEntry(12.0, 5)])
    assert told.why == "pain 5 of 10"  # the 6 was before this set
    (told,) = stops([one_set(3)], (), [7.5])
    assert (told.kind, told.why) == ("sensor", "a sole stopped sending")
    (told,) = stops([one_set(3, reps=[rep(gap="rows were missing in the flight")])])
    assert told.kind == "sensor"


def test_only_what_is_suddenly_poor_stops():
    good, poor = peak(2.0, "good"), peak(4.1, "poor")
    suddenly = [rep(1, views=[good]), rep(2, views=[good]), rep(3, views=[poor])]
    (told,) = stops([one_set(2, reps=suddenly)])
    assert (told.kind, told.why) == ("poor", "landing peak suddenly 4.10 BW")
    always = [rep(n, views=[poor]) for n in (1, 2, 3)]
    assert stops([one_set(0, reps=always)]) == ()


def record(drill, leg, passed, verdict="pass", date="2026-11-13", reference=None):
    wanted = CATALOGUE[drill].wanted
    return SetRecord(
        drill, leg, passed, wanted, wanted, 8, verdict, (), reference or {}, date
    )


def test_where_a_person_stands():
    found = ladder(CATALOGUE, ())
    assert [it.drill for it in found[:3]] == ["hop_two", "hop_one", "hop_one"]
    assert [it.state for it in found[:3]] == ["now", "open", "open"]
    sets = [
        record("hop_two", "both", 10),
        record("hop_one", "left", 8, date=""),
        record("hop_one", "right", 5, "fail"),
        record("hop_one", "right", 9, "redone"),
    ]
    found = ladder(CATALOGUE, sets)
    assert [it.state for it in found[:4]] == ["passed", "passed", "now", "open"]
    assert found[0].words == "10/10 · 2026-11-13"
    assert found[1].words == "8/10 · today"
    assert (found[2].words, found[2].sets) == ("5/10 · 2026-11-13", 1)
    assert ladder(CATALOGUE, (), "de")[0].title == "Hüpfen am Ort, beide Beine"


def test_a_set_that_failed_after_one_that_passed_is_what_counts():
    sets = [record("hop_two", "both", 10), record("hop_two", "both", 4, "fail")]
    assert ladder(CATALOGUE, sets)[0].state == "now"


def test_the_first_set_is_kept_for_the_next_session():
    good = rep(3, values={"landing_sel_db": 70.0, "landing_sync_ms": -4.0})
    fault = rep(4, "failed", ("early",), values={"landing_sel_db": 99.0})
    (kept,) = records_of(told_sets([one_set(1, reps=[good, good, fault])]))
    assert kept.reference == {"landing_sel_db": 70.0, "landing_sync_ms": 4.0}
    later = record("hop_two", "both", 9, reference={"landing_sel_db": 66.0})
    known = references_of([kept, later])
    assert known["hop_two both"]["landing_sel_db"] == 70.0
    assert known["hop_two"] == known["hop_two both"]
