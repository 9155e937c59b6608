"""Simulated sets of every drill: every repetition is what it really was."""

from __future__ import annotations

import numpy as np
import pytest
from drill_lab import measure, played

from drivers.sim.drill_acting import Manner
from drivers.sim.drill_script import perform
from lablive.drills.catalogue import load_catalogue, load_drill

SOLES = ("left_sole", "right_sole")
CATALOGUE, _ = load_catalogue()
MOVED = [
    (drill.id, drill.sides[-1])
    for drill in CATALOGUE.values()
    if drill.movement not in ("run", "timer")
]
ONE_LEG = ("other foot touched", "wrong foot", "early", "second contact", "gap")
# the same engine as another drill of the list: three repetitions tell
ALIKE = {
    "hop_back_two", "hop_back_one", "hop_side_two", "hop_fwd_two", "hop_side_one",
    "box_up_one", "drop_landing_one", "hop_side_30", "step_up",
}  # fmt: skip
STICK = ("early", "no jump", "second contact", "not held", "no landing", "gap")


def seen(result):
    """Return what was found wrong with a repetition, as the script names it."""
    if result.rep.gap:
        return "gap"
    return result.rep.faults[0] if result.rep.faults else ""


@pytest.mark.parametrize(("drill_id", "leg"), MOVED)
def test_a_good_set(drill_id, leg):
    reference = {
        key: {"landing_sel_db": 74.0, "landing_peak_bw": 3.0, "gmax_uv": 20.0}
        for key in (f"{drill_id} {leg}", "hop_two", "bridge_two")
    }
    manner = Manner(landing=1.2)
    reps = 3 if drill_id in ALIKE else 0
    found, done = played(drill_id, leg, manner=manner, reference=reference, reps=reps)
    drill = load_drill(drill_id)
    assert len(found.reps) == len(done.reps)
    for result, true in zip(found.reps, done.reps, strict=True):
        wanted = "passed" if drill.counts(true.number) else "not counted"
        assert (result.state, seen(result)) == (wanted, ""), result.reasons
        _same(result, true, drill)
    if reps:
        return
    lacks_other_leg = any(score.metric == "lsi_pct" for score in drill.scores)
    if lacks_other_leg and drill.legs == "one":
        assert found.verdict == "not scored"
        assert "the other leg has not been done yet" in found.reasons[-1]
    elif drill.needed or drill_id == "march":
        assert (found.verdict, found.reasons) == ("pass", ())
    else:
        assert found.verdict == "not judged"


def _same(result, true, drill):
    """Compare a repetition with its truth."""
    values = result.values
    if true.flight_s is not None and drill.has_flight:
        # a threshold sees a take-off early and a landing late (reference 1.1)
        late = 16.0 if drill.movement == "jumps" else 8.0
        assert 0.0 <= 1e3 * (result.rep.flight_s - true.flight_s) <= late
        assert result.rep.on_s == pytest.approx(true.on_s, abs=0.006)
    if true.contact_s is not None and "hop_contact_ms" in values:
        assert values["hop_contact_ms"] == pytest.approx(1e3 * true.contact_s, abs=6.0)
    if true.peak_bw is not None and "landing_peak_bw" in values:
        assert values["landing_peak_bw"] == pytest.approx(true.peak_bw, abs=0.08)
    if true.tts_s is not None and "tts_s" in values:
        assert values["tts_s"] == pytest.approx(true.tts_s, abs=0.35)
    if "landing_sel_db" in values:
        assert values["landing_sel_db"] == pytest.approx(70.0, abs=0.3)


@pytest.mark.parametrize(
    ("drill_id", "leg", "mistakes"),
    [
        ("hop_two", "both", {1: "early", 3: "second contact", 5: "one foot only",
                             7: "gap"}),
        ("hop_one", "left", {1: "early", 3: "other foot touched", 5: "wrong foot",
                             8: "gap", 9: "second contact"}),
        ("hop_one", "right", {2: "wrong foot", 5: "gap"}),
        ("hop_side_two", "both", dict(enumerate(STICK, 1))),
        ("hop_back_one", "right", dict(enumerate(STICK, 1))),
        ("hop_fwd_one", "left", dict(enumerate(ONE_LEG, 2))),
        ("box_up_one", "right", dict(enumerate(ONE_LEG, 2))),
        ("drop_landing_two", "both", {2: "early", 3: "one foot only", 4: "gap",
                                      5: "second contact"}),
        ("bounding", "both", {3: "same foot twice", 6: "other foot touched"}),
        ("squat_one", "left", {2: "other foot touched"}),
        ("bridge_one", "right", {3: "not taken"}),
    ],
)  # fmt: skip
def test_every_mistake_is_seen_where_it_was_made(drill_id, leg, mistakes):
    streams = SOLES if drill_id != "squat_one" else None
    found, done = played(drill_id, leg, mistakes, streams=streams)
    assert len(found.reps) == len(done.reps)
    told = [(true.number, true.mistake) for true in done.reps]
    assert [(it.rep.number, seen(it)) for it in found.reps] == told
    for result in found.reps:
        if result.state == "not counted":
            continue
        gap = bool(result.rep.gap)
        if gap and not result.rep.faults:
            assert result.state == "not scored"
        if result.rep.faults:
            assert result.state == "failed"
        if gap or result.rep.faults:
            assert result.reasons


@pytest.mark.parametrize("mistake", ["other foot touched", "short"])
def test_a_hold_that_ended_early_says_how_long_it_was(mistake):
    found, _ = played("balance_one", "left", {1: mistake}, streams=SOLES)
    (result,) = found.reps
    assert result.state == "failed"
    assert result.values["hold_time_s"] == pytest.approx(15.0, abs=0.5)
    assert "held for 15" in result.reasons[0] or "held for 14" in result.reasons[0]


def test_what_the_body_does_is_measured():
    manner = Manner(drop_deg=7.0, lean_deg=9.0, thigh_deg=62.0)
    squat, _ = played("squat_one", "right", manner=manner)
    for result in squat.reps:
        assert result.values["thigh_range_deg"] == pytest.approx(62.0, abs=1.0)
        assert result.values["pelvic_drop_deg"] == pytest.approx(7.0, abs=0.3)
    lunge, _ = played("lunge_fwd", "left", manner=manner)
    for result in lunge.reps:
        assert result.values["trunk_lean_deg"] == pytest.approx(9.0, abs=0.4)
        assert result.values["knee_lift_deg"] == pytest.approx(62.0, abs=1.0)


def test_a_dropping_pelvis_fails_the_repetition_and_says_so():
    manner = Manner(drop_deg=12.0)
    reference = {"hop_two": {"landing_sel_db": 72.0}}
    found, _ = played("hop_one", "right", manner=manner, reference=reference)
    assert {it.state for it in found.reps} == {"failed"}
    assert found.reps[3].reasons[0].startswith("pelvic drop 11.")
    assert found.reps[3].reasons[0].endswith("°, pass ≤ 10.0 °")
    assert found.verdict == "fail"


def test_without_the_sensor_of_a_score_nothing_passes():
    """Soles alone: pelvis and sound are missing, the jumps themselves were fine."""
    found, _ = played("hop_one", "left", streams=SOLES)
    assert {it.state for it in found.reps} == {"not scored"}
    assert "pelvic drop: no pelvis IMU" in found.reps[0].reasons
    assert found.verdict == "not scored"
    assert all(np.isfinite(it.values["jump_height_cm"]) for it in found.reps)


def test_without_soles_the_pelvis_times_the_flight_and_nothing_passes():
    found, done = played("hop_fwd_two", "both", streams=("Sim pelvis IMU",))
    assert len(found.reps) == len(done.reps)
    for result, true in zip(found.reps, done.reps, strict=True):
        assert result.state == "not scored"
        assert result.rep.source == "pelvis_imu"
        assert result.rep.flight_s == pytest.approx(true.flight_s, abs=0.06)


def test_one_sole_cannot_judge_two_feet():
    found, _ = played("hop_two", "both", streams=("left_sole",))
    assert {it.state for it in found.reps} <= {"not scored", "not counted"}
    assert any("the right foot has no sole" in it.reasons for it in found.reps)


def test_drills_of_time_alone():
    timer, _ = measure(perform(load_drill("band_circuit"), "both"), streams=SOLES)
    assert (timer[0].verdict, timer[0].reps) == ("not done", ())
