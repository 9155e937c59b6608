"""A set as the operator runs it, on the clock of the rows; and the same in replay."""

from __future__ import annotations

import pytest
from drill_lab import calibrated, lab_of

from drivers.sim.drill_script import perform
from lablive.drills.catalogue import load_drill
from lablive.drills.drill_run import DrillRun, with_box
from lablive.drills.marks import SetPlan
from lablive.protocol.pain import PainEntry

SOLES = ("left_sole", "right_sole")


class Live:
    """A pipeline that is fed a tick at a time, and a run that is ticked with it."""

    def __init__(self, done, run, begin_s=22.0):
        self.lab = lab_of(done, streams=SOLES)
        self.pipeline = self.lab.pipeline(calibrated())
        self.run, self.begin_s = run, begin_s
        self.markers, self.sounds, self.said = [], [], []

    def take(self, given):
        for marker in given.markers:
            if marker.kind == "rep":
                self.said.append(marker)
            self.markers.append(marker)
            self.pipeline.mark(marker)
        self.sounds += given.sounds

    def play(self, until_s=1e9, pains=()):
        begun = False
        for item in self.lab.chunks(None, 10):
            self.pipeline.feed(item)
            now_s = float(item.t_s[-1]) + 0.05  # it has been on its way
            if now_s > until_s:
                break
            if not begun and now_s >= self.begin_s:
                begun = True
                self.take(self.run.begin(self.begin_s))
            self.take(self.run.tick(now_s, self.pipeline.drills, pains))
        return self


@pytest.fixture(scope="module")
def hopped():
    done = perform(load_drill("hop_one"), "left", {3: "other foot touched"})
    return done, Live(done, DrillRun(SetPlan(load_drill("hop_one")), "left")).play()


def test_the_set_ends_by_itself_when_its_repetitions_are_done(hopped):
    _, live = hopped
    assert live.run.state == "over"
    assert len(live.run.result.reps) == 10
    assert [it.text for it in live.markers if it.kind == "drill"] == [
        "hop_one left begin", "go", "hop_one left end"
    ]  # fmt: skip


def test_the_trial_tells_each_repetition_in_words(hopped):
    done, live = hopped
    assert len(live.said) == 10
    assert live.said[2].text == "hop_one left 3 failed: other foot touched"
    for marker, true in zip(live.said, done.reps, strict=True):
        assert marker.t_s == pytest.approx(true.on_s, abs=0.01)


def test_the_runner_hears_a_count_down_and_the_cue_at_its_planned_time(hopped):
    _, live = hopped
    assert [(it.id, it.at_s) for it in live.sounds] == [
        ("hop_one left ready", 22.0), ("hop_one left ready", 23.0),
        ("hop_one left ready", 24.0), ("hop_one left 1 go", 25.0),
    ]  # fmt: skip
    assert (live.sounds[-1].voice, live.sounds[-1].beep) == ("Hop", "go")
    go = next(it for it in live.markers if it.text == "go")
    assert go.t_s == live.sounds[-1].at_s


def test_replay_says_the_same_of_every_repetition(hopped):
    done, live = hopped
    lab = lab_of(done, streams=SOLES)
    again = lab.pipeline(calibrated())
    for marker in live.markers:
        again.mark(marker)
    for item in lab.chunks(3):
        again.feed(item)
    again.finish()
    (replayed,) = again.drills.sets()
    live.pipeline.finish()
    (lived,) = live.pipeline.drills.sets()
    assert repr(replayed) == repr(lived)


def test_a_cue_for_each_is_planned_ahead_and_in_another_language():
    drill = load_drill("hop_side_one")
    done = perform(drill, "right", reps=3)
    run = DrillRun(SetPlan(drill), "right", language="de")
    live = Live(done, run).play(until_s=46.0)
    gos = [it for it in live.sounds if it.beep == "go"]
    assert [(it.at_s, it.voice) for it in gos] == [
        (25.0, "Links"), (33.0, "Rechts"), (41.0, "Links")
    ]  # fmt: skip
    assert [it.text for it in live.markers if it.text.startswith("go")] == [
        "go left", "go right", "go left"
    ]  # fmt: skip
    assert run.left_s(40.0) == 1.0
    assert run.state == "running"
    assert run.last.rep.direction == "right"
    live.take(run.end(46.0))
    assert run.state == "over"
    assert run.end(47.0).markers == ()


def test_the_operator_gives_each_cue():
    drill = load_drill("hop_fwd_one")
    run = DrillRun(SetPlan(drill), "left", automatic=False)
    assert run.next_cue(1.0).markers == ()  # not begun
    assert run.begin(10.0).markers[-1].t_s == 13.0
    assert run.begin(11.0).markers == ()  # begun once
    early = run.next_cue(14.0).markers
    assert [it.t_s for it in early] == [18.0]  # the landing's window comes first
    assert [it.t_s for it in run.next_cue(30.0).markers] == [31.0]


def test_what_the_operator_says_is_marked():
    run = DrillRun(SetPlan(load_drill("hop_two")), "both")
    run.begin(10.0)
    assert run.edit("accept", 4, 20.0).markers[0].text == "accept 4"
    assert [it.text for it in run.by_hand(12.0, 14.0).markers] == [
        "rep begin", "rep end"
    ]  # fmt: skip
    assert run.redo(21.0).markers[0].text == "redo"
    assert run.state == "over"
    timer = DrillRun(SetPlan(load_drill("band_circuit")), "both")
    timer.begin(10.0)
    assert [it.text for it in timer.tick_off(50.0).markers] == [
        "band_circuit both end", "done"
    ]  # fmt: skip


def test_pain_asks_to_stop_and_stops_nothing_by_itself(hopped):
    done, _ = hopped
    run = DrillRun(SetPlan(load_drill("hop_one")), "left")
    Live(done, run).play(until_s=27.5, pains=[PainEntry(26.0, 5)])
    assert [it.why for it in run.stops] == ["pain 5 of 10"]
    assert run.state == "running"


def test_the_box_is_as_high_as_it_stands():
    plan = with_box(SetPlan(load_drill("box_up_two")), 0.4)
    assert plan.drill.box_m == 0.4
    assert load_drill("box_up_two").box_m == 0.3
