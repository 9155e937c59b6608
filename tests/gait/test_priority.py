"""One stream of contacts from several sensors: holes, offsets, swaps, any order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablive.gait.contacts import Contact
from lablive.gait.priority import Priority
from lablive.gait.strides import Stride
from lablive.gait.swaps import ThighSwap, on_other_foot

FEET = ("left", "right")
STRIDE_S, CONTACT_S, START_S = 0.74, 0.25, 10.0
LATE_S = {"ic": 0.015, "to": -0.040}  # what a foot IMU sees (metric reference 1.2)
BOTH = dict.fromkeys(FEET, ("insole", "foot_imu"))


def gait(source, *, strides=60, late_s=None, noise_s=0.002, seed=0, start_s=START_S):
    """Return {(source, side): contacts} of a runner."""
    rng = np.random.default_rng(seed)
    late_s = late_s or {"ic": 0.0, "to": 0.0}
    found = {}
    for side, shift in (("left", 0.0), ("right", STRIDE_S / 2)):
        found[source, side] = [
            Contact(
                start_s + shift + k * STRIDE_S + after_s + late_s[kind]
                + rng.normal() * noise_s,
                side, kind, source,
            )
            for k in range(strides)
            for kind, after_s in (("ic", 0.0), ("to", CONTACT_S))
        ]  # fmt: skip
    return found


def without(contacts, start_s, end_s, kind="lost"):
    """Return contacts with a hole; the sensor says so, or nothing."""
    kept = [c for c in contacts if not start_s <= c.t_s < end_s]
    if kind and contacts:
        kept.append(Contact(start_s, contacts[0].side, kind, contacts[0].source))
    return sorted(kept, key=lambda c: c.t_s)


def play(feeds, sources, order=None, end_s=70.0):
    """Feed detectors step by step: ``order`` = (detector, time it has reached)."""
    priority, found, done = Priority(sources), [], dict.fromkeys(feeds, 0)
    order = order or [(key, at) for at in np.arange(0, end_s, 0.5) for key in feeds]
    for key, until_s in [*order, *((key, np.inf) for key in feeds)]:
        rows, first = feeds[key], done[key]
        while done[key] < len(rows) and rows[done[key]].t_s < until_s:
            done[key] += 1
        final_s = priority.final_s
        new = priority.feed(*key, rows[first : done[key]], until_s)
        assert all(contact.t_s >= final_s for contact in new)
        assert priority.final_s >= final_s
        found += new
    found += priority.finish()
    assert [c.t_s for c in found] == sorted(c.t_s for c in found)
    return found, priority


def names(priority):
    return [finding.name for finding in priority.findings()]


def errors_s(found, truth):
    """Return the errors of contacts by the nearest true one of foot and kind."""
    return np.array([
        min((c.t_s - x.t_s for x in truth[c.side] if x.kind == c.kind), key=abs)
        for c in found
    ])  # fmt: skip


@pytest.fixture
def runner():
    imu = gait("foot_imu", late_s=LATE_S, noise_s=0.005, seed=1)
    return gait("insole") | imu


def test_insoles_alone_decide_while_they_see(runner):
    found, priority = play(runner, BOTH)
    assert {c.source for c in found} == {"insole"}
    assert len(found) == 240
    assert priority.findings() == ()


def test_a_lost_insole_is_filled_and_corrected(runner):
    truth = {side: runner["insole", side] for side in FEET}
    hole = (35.1, 42.3)
    runner["insole", "left"] = without(truth["left"], *hole)
    found, priority = play(runner, BOTH)
    filled = [c for c in found if c.source == "foot_imu"]
    gone = [c for c in truth["left"] if hole[0] <= c.t_s < hole[1]]
    assert [(c.side, c.kind) for c in filled] == [("left", c.kind) for c in gone]
    assert np.abs(errors_s(filled, truth)).max() < 0.020
    assert abs(np.median(errors_s(filled, truth))) < 0.004
    assert [c.kind for c in found].count("lost") == 1
    assert len(found) == 241
    assert priority.findings() == ()


def test_before_twenty_strides_the_times_are_uncalibrated(runner):
    truth = {side: runner["insole", side] for side in FEET}
    runner["insole", "right"] = without(truth["right"], 15.0, 20.0)
    found, priority = play(runner, BOTH)
    filled = [c for c in found if c.source == "foot_imu"]
    by_kind = {
        kind: np.median(errors_s([c for c in filled if c.kind == kind], truth))
        for kind in ("ic", "to")
    }
    assert by_kind == pytest.approx(LATE_S, abs=0.006)
    assert names(priority) == ["uncalibrated"]


def test_without_insoles_the_imus_tell_and_say_so(runner):
    imus = {key: rows for key, rows in runner.items() if key[0] == "foot_imu"}
    found, priority = play(imus, dict.fromkeys(FEET, ("foot_imu",)))
    assert len(found) == 240
    assert names(priority) == ["uncalibrated"] * 2
    assert "uncalibrated, ±20 ms" in priority.findings()[0].text


def test_an_overdue_contact_is_looked_for(runner):
    rows = runner["insole", "left"]
    missed = [c for c in rows if 35.0 < c.t_s < 35.0 + STRIDE_S]
    runner["insole", "left"] = [c for c in rows if c not in missed]
    found, _ = play(runner, BOTH)
    filled = [c for c in found if c.source == "foot_imu"]
    assert [c.kind for c in filled if c.kind == "ic"] == ["ic"]
    assert [c.side for c in filled] == ["left"] * len(filled)


def test_a_pause_is_no_hole(runner):
    """The insole lives and sees nothing: what an IMU sees then is no contact."""
    stands = [Contact(60.0 + k, "left", "ic", "foot_imu") for k in range(5)]
    runner["foot_imu", "left"] = [*runner["foot_imu", "left"], *stands]
    found, _ = play(runner, BOTH)
    assert [c for c in found if c.source == "foot_imu" and c.t_s > 58.0] == []


def test_a_zero_that_jumped_is_a_hole(runner):
    runner["insole", "left"] = without(runner["insole", "left"], 35.1, 38.0, "stuck")
    found, _ = play(runner, BOTH)
    assert len([c for c in found if c.source == "foot_imu"]) == 8


def test_insoles_wait_for_no_one_while_they_see(runner):
    priority, waits = Priority(BOTH), []
    done = dict.fromkeys(runner, 0)
    for now_s in np.arange(0.0, 60.0, 0.01):
        for key, rows in runner.items():
            until_s = now_s - (0.1 if key[0] == "insole" else 1.2)
            first = done[key]
            while done[key] < len(rows) and rows[done[key]].t_s < until_s:
                done[key] += 1
            found = priority.feed(*key, rows[first : done[key]], until_s)
            waits += [now_s - c.t_s for c in found if c.t_s > START_S + 3 * STRIDE_S]
    assert max(waits) < 0.12


def test_the_third_source_fills_what_the_second_lost(runner):
    truth = {side: runner["insole", side] for side in FEET}
    for side in FEET:
        runner["insole", side] = without(truth[side], 35.0, 45.0)
        imu = without(runner["foot_imu", side], 38.0, 41.0)
        runner["foot_imu", side] = imu
    pelvis = gait("pelvis_imu", late_s={"ic": 0.01, "to": 0.01}, seed=2)
    runner["pelvis_imu", "unknown"] = sorted(
        [c for rows in pelvis.values() for c in rows], key=lambda c: c.t_s
    )
    found, _ = play(runner, {side: (*BOTH[side], "pelvis_imu") for side in FEET})
    third = [c for c in found if c.source == "pelvis_imu"]
    assert third
    assert all(37.9 < c.t_s < 41.1 for c in third)
    steps = [c for c in found if c.kind in ("ic", "to")]
    assert len(steps) == 240
    assert np.abs(errors_s(steps, truth)).max() < 0.025


def test_a_pelvis_alone_passes_through():
    pelvis = [Contact(k * 0.37, "unknown", "ic", "pelvis_imu") for k in range(40)]
    pelvis += [
        Contact(20 + k * 0.37, FEET[k % 2], "ic", "pelvis_imu") for k in range(9)
    ]
    found, priority = play(
        {("pelvis_imu", "unknown"): pelvis}, {"unknown": ("pelvis_imu",)}
    )
    assert found == pelvis
    assert names(priority) == ["uncalibrated"]


def test_swapped_sensors_are_named_and_not_used(runner):
    for side, other in (FEET, FEET[::-1]):
        rows = gait("foot_imu", late_s=LATE_S, seed=3)["foot_imu", other]
        runner["foot_imu", side] = [
            Contact(c.t_s, side, c.kind, c.source) for c in rows
        ]
    runner["insole", "left"] = without(runner["insole", "left"], 35.0, 40.0)
    found, priority = play(runner, BOTH)
    assert {c.source for c in found} == {"insole"}
    assert names(priority) == ["swapped"]
    assert "foot IMUs are swapped" in priority.findings()[0].text


def test_a_pelvis_back_to_front_is_named_and_not_used(runner):
    pelvis = gait("pelvis_imu", seed=2)
    other = {"left": "right", "right": "left"}
    rows = [
        Contact(c.t_s, other[c.side], c.kind, c.source)
        for side in FEET for c in pelvis["pelvis_imu", side]
    ]  # fmt: skip
    feeds = {key: rows for key, rows in runner.items() if key[0] == "insole"}
    feeds["pelvis_imu", "unknown"] = sorted(rows, key=lambda c: c.t_s)
    feeds["insole", "left"] = without(feeds["insole", "left"], 35.0, 40.0)
    found, priority = play(feeds, dict.fromkeys(FEET, ("insole", "pelvis_imu")))
    assert {c.source for c in found} == {"insole"}
    assert names(priority) == ["mounted wrong"]
    assert "back to front" in priority.findings()[0].text


def test_a_lost_plate_is_filled_by_the_pelvis_without_sides():
    both = gait("insole", strides=40)
    plate = sorted((c for rows in both.values() for c in rows), key=lambda c: c.t_s)
    plate = [Contact(c.t_s, "unknown", c.kind, "treadmill") for c in plate]
    told = gait("pelvis_imu", strides=40, seed=2)
    pelvis = sorted((c for rows in told.values() for c in rows), key=lambda c: c.t_s)
    feeds = {
        ("treadmill", "unknown"): without(plate, 30.0, 34.0),
        ("pelvis_imu", "unknown"): pelvis,
    }
    found, priority = play(feeds, {"unknown": ("treadmill", "pelvis_imu")})
    assert {c.side for c in found} == {"unknown"}
    filled = [c for c in found if c.source == "pelvis_imu"]
    assert len(filled) == len([c for c in plate if 30.0 <= c.t_s < 34.0])
    assert priority.findings() == ()


def test_one_worn_insole_is_enough_to_see_a_swap():
    times_s = np.arange(30) * STRIDE_S
    assert on_other_foot(times_s + 0.01, [], times_s) == 1.0
    assert np.isnan(on_other_foot(times_s + STRIDE_S / 2, [], times_s))
    assert on_other_foot(times_s + 0.01, times_s, times_s + STRIDE_S / 2) == 0.0


@pytest.mark.parametrize("contact_s", [0.25, 0.45])
def test_thighs_taken_for_each_other(contact_s):
    t = np.arange(0, 40, 0.01)
    for wrong in (False, True):
        watch = ThighSwap()
        for k in range(30):
            ic = 1.0 + k * STRIDE_S
            stride = Stride(
                side="left", ic_s=ic, to_s=ic + contact_s, next_ic_s=ic + STRIDE_S,
                opposite_ic_s=ic + STRIDE_S / 2, opposite_to_s=None, valid=k != 5,
                reasons=(), source="insole", gait="run", expected=1,
            )  # fmt: skip
            shift = 0.5 if wrong else 0.0
            phase = (t - ic) / STRIDE_S - 0.8 + shift
            rows = (t >= ic) & (t < ic + STRIDE_S)
            flexion = 30 * np.cos(2 * np.pi * phase)
            watch.feed(stride, t[rows], flexion[rows])
        assert [f.name for f in watch.findings()] == (["swapped"] if wrong else [])


@settings(max_examples=120)
@given(st.data())
def test_any_interleaving_gives_the_same(data):
    number = st.integers(0, 99)
    feeds = gait(
        "insole", strides=data.draw(st.integers(3, 45)), seed=data.draw(number)
    )
    feeds |= gait("foot_imu", strides=45, late_s=LATE_S, noise_s=0.006, seed=7)
    for _ in range(data.draw(st.integers(0, 5))):
        key = data.draw(st.sampled_from(sorted(feeds)))
        start_s = data.draw(st.floats(5.0, 45.0))
        kind = data.draw(st.sampled_from(["lost", "stuck", ""]))
        end_s = start_s + data.draw(st.floats(0.1, 8.0))
        feeds[key] = without(feeds[key], start_s, end_s, kind)
    pelvis = gait("pelvis_imu", seed=data.draw(number))
    feeds["pelvis_imu", "unknown"] = sorted(
        [c for rows in pelvis.values() for c in rows], key=lambda c: c.t_s
    )
    sources = {side: (*BOTH[side], "pelvis_imu") for side in FEET}
    found, priority = play(feeds, sources)
    for key, rows in feeds.items():
        assert key[0] != "insole" or all(contact in found for contact in rows)
    reached, order = dict.fromkeys(feeds, 0.0), []
    for _ in range(data.draw(st.integers(0, 60))):
        key = data.draw(st.sampled_from(sorted(feeds)))
        reached[key] += data.draw(st.floats(0.0, 6.0))
        order.append((key, reached[key]))
    again, second = play(feeds, sources, order or [(next(iter(feeds)), 0.0)])
    assert again == found
    assert second.findings() == priority.findings()
