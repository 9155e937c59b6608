"""Start and stop by movement, reps and time: on data time, with a count-down."""

from __future__ import annotations

import pytest

from lablive.errors import ConfigError
from lablive.gait.contacts import Contact
from lablive.protocol.auto_run import AutoRule, AutoRun
from lablive.protocol.template import parse_template

TEMPLATE = """
schema = 1
name = "Hops"
[[gate]]
kind = "connect"
[[gate]]
kind = "run"
"""
MOVEMENT = AutoRule(start="movement")


def steps(begin_s, count, apart_s=0.37):
    """Return landings of one foot after the other."""
    return [
        Contact(begin_s + n * apart_s, ("left", "right")[n % 2], kind, "insole", 0.0)
        for n in range(count)
        for kind in ("ic", "to")
    ]


def hops(begin_s, count):
    """Return landings of both feet, 20 ms apart."""
    return [
        Contact(begin_s + n * 0.6 + late_s, side, "ic", "insole", 0.0)
        for n in range(count)
        for side, late_s in (("left", 0.0), ("right", 0.02))
    ]


def play(run, contacts, begin_s, end_s, step_s=0.05):
    """Let data time pass; return what was done, when, and the states gone through."""
    done, states = [], []
    for n in range(round((end_s - begin_s) / step_s)):
        t_s = begin_s + n * step_s
        known = [it for it in contacts if it.t_s <= t_s]
        did = run.look(known, t_s, t_s)
        if did:
            done.append((did, pytest.approx(t_s)))
        if not states or states[-1] != run.state:
            states.append(run.state)
    return done, states


def test_movement_starts_after_six_landings_and_a_count_down():
    run = AutoRun(MOVEMENT)
    run.wait()
    done, states = play(run, steps(10.0, 40), 5.0, 20.0)
    assert done == [("start", 14.85)]  # the sixth landing at 11.85 s, then 3 s
    assert states == ["waiting", "starting", "off"]
    assert run.began_s == 10.0


@pytest.mark.parametrize("count", [1, 4, 5])
def test_a_step_aside_is_no_movement(count):
    run = AutoRun(MOVEMENT)
    run.wait()
    assert play(run, steps(10.0, count), 5.0, 20.0) == ([], ["waiting"])


def test_slow_strolling_apart_is_no_movement():
    run = AutoRun(MOVEMENT)
    run.wait()
    assert play(run, steps(10.0, 20, apart_s=1.6), 5.0, 45.0)[0] == []


def test_a_false_start_waits_again():
    run = AutoRun(MOVEMENT)
    run.wait()
    done, states = play(run, [*steps(10.0, 7), *steps(20.0, 40)], 5.0, 30.0)
    assert states == ["waiting", "starting", "waiting", "starting", "off"]
    assert done == [("start", 24.85)]
    assert run.began_s == 20.0


def test_a_count_down_is_cancelled():
    run = AutoRun(MOVEMENT)
    run.wait()
    play(run, steps(10.0, 40), 5.0, 13.0)
    assert run.state == "starting"
    run.cancel()
    assert play(run, steps(10.0, 40), 13.0, 25.0) == ([], ["off"])


def test_by_hand_nothing_starts_or_stops():
    run = AutoRun(AutoRule())
    run.wait()
    assert play(run, steps(10.0, 40), 5.0, 30.0) == ([], ["off"])
    run.recording(5.0)
    assert play(run, steps(10.0, 40), 5.0, 60.0) == ([], ["off"])


def test_reps_are_landings_of_both_feet_once():
    run = AutoRun(AutoRule(stop_after_reps=10))
    run.recording(0.0)
    done, states = play(run, hops(5.0, 30), 0.0, 30.0)
    assert run.landings.count >= 10
    assert done == [("stop", 13.4)]  # the tenth at 10.4 s
    assert states == ["running", "stopping", "off"]
    assert run.why == "10 reps"


def test_time_counts_down_before_its_end():
    run = AutoRun(AutoRule(stop_after_min=0.5, countdown_s=5.0))
    run.recording(100.0)
    done, _ = play(run, [], 100.0, 140.0)
    assert done == [("stop", 130.0)]


def test_the_end_of_movement_stops_and_its_return_goes_on():
    run = AutoRun(AutoRule(stop_when_still=True))
    run.recording(0.0)
    first, second = steps(5.0, 10), steps(14.0, 10)  # 5.67 s without a landing
    done, states = play(run, [*first, *second], 0.0, 40.0)
    assert states == ["running", "stopping", "running", "stopping", "off"]
    assert done == [("stop", pytest.approx(14.0 + 9 * 0.37 + 4.0 + 3.0, abs=0.06))]


def test_who_has_not_moved_yet_has_not_ended():
    run = AutoRun(AutoRule(stop_when_still=True))
    run.recording(0.0)
    assert play(run, steps(5.0, 3), 0.0, 60.0) == ([], ["running"])


def test_the_same_rows_in_other_cuts_do_the_same():
    told = []
    for step_s in (0.01, 0.05, 0.31):
        run = AutoRun(AutoRule(stop_after_reps=12))
        run.recording(0.0)
        done, _ = play(run, steps(5.0, 40), 0.0, 30.0, step_s)
        told.append(done[0][1].expected)
    assert max(told) - min(told) <= 0.62


def test_a_new_recording_counts_from_its_own_rows():
    run = AutoRun(AutoRule(stop_after_reps=5))
    play(run, steps(1.0, 20), 0.0, 10.0)
    run.recording(10.0)
    run.look([], 10.0, 10.0)
    assert run.landings.count == 0


def test_a_protocol_chooses_and_its_mistakes_are_told_at_once():
    text = TEMPLATE + '[auto]\nstart = "movement"\nstop_after_reps = 20\n'
    rule = parse_template(text, "hops").auto
    assert rule == AutoRule(start="movement", stop_after_reps=20)
    assert rule.stop_words == "after 20 reps"
    assert parse_template(TEMPLATE, "hops").auto == AutoRule()
    wrong = TEMPLATE + "[auto]\nstop_after_reps = 0\nstop_after_min = 1e9\n"
    with pytest.raises(ConfigError) as told:
        parse_template(wrong + "countdown_s = 0\n", "hops")
    for part in ("stop_after_reps = 0", "stop_after_min = 1e+09", "countdown_s = 0"):
        assert part in str(told.value)
    with pytest.raises(ConfigError, match="moves"):
        parse_template(TEMPLATE + '[auto]\nstart = "moves"\n', "hops")
