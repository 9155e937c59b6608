"""Contacts of synthetic feet: the reference checks, faults, any cut of the signal."""

from __future__ import annotations

import numpy as np
import pytest
from forces import WEIGHT_N, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_contacts import FootEvents, SlowDetector

from lablive.gait.contacts import ContactDetector, ContactSettings


def detect(t, force, *, cuts=(), **kind):
    kind = {"rate_hz": 200.0, "weight_n": WEIGHT_N} | kind
    detector = ContactDetector(ContactSettings(**kind), "left", "insole")
    events = []
    for low, high in zip([0, *cuts], [*cuts, len(t)], strict=True):
        events += detector.feed(t[low:high], force[low:high])
    return events + detector.finish()


def times(events, kind):
    return np.array([event.t_s for event in events if event.kind == kind])


@pytest.mark.parametrize("fs", [100, 200])
@pytest.mark.parametrize(("preload", "drift"), [(0, 0), (60, 0), (30, 0.5)])
def test_running_is_found_as_the_reference_says(fs, preload, drift):
    t, force, truth = steps(fs, 40, preload_n=preload, drift_n_per_s=drift)
    events = detect(t, force, rate_hz=fs)
    ic, to = times(events, "ic"), times(events, "to")
    assert len(ic) == len(to) == len(truth)
    assert {event.kind for event in events} == {"ic", "to"}
    assert 1e3 * np.mean(ic - truth) == pytest.approx(1.7, abs=0.6)
    assert 1e3 * np.mean(to - truth - 0.25) == pytest.approx(-1.7, abs=0.6)
    assert 1e3 * np.mean(to - ic) == pytest.approx(246.6, abs=1.5)


@pytest.mark.parametrize("fs", [100, 200])
def test_clean_running_agrees_with_the_executable_reference(fs):
    t, force, _ = steps(fs, 40, preload_n=30, drift_n_per_s=0.5)
    plain = FootEvents(WEIGHT_N, fs)
    for row in zip(t, force, strict=True):
        plain.feed(*row)
    events = detect(t, force, rate_hz=fs)
    assert [event.kind for event in events] == [kind for kind, _ in plain.events]
    ours = [event.t_s for event in events]
    assert ours == pytest.approx([at for _, at in plain.events], abs=1e-6)


def test_walking_double_support():
    feet = {}
    for side, first in (("left", 2.5), ("right", 3.05)):
        t, force, _ = steps(
            100, 40, 0.66, -0.11, preload_n=20, first_s=first, walk=True, seed=5
        )
        feet[side] = detect(t, force, rate_hz=100)
    ic = {side: times(events, "ic") for side, events in feet.items()}
    to = {side: times(events, "to") for side, events in feet.items()}

    def overlap(a, b):
        return np.mean([min(x for x in to[b] if x > at) - at for at in ic[a][1:-2]])

    double = 100 * (overlap("left", "right") + overlap("right", "left")) / 1.1
    assert double == pytest.approx(18.4, abs=0.6)


def test_contacts_before_the_zero_is_known_are_found_too():
    t, force, truth = steps(200, 20, first_s=0.3)
    assert times(detect(t, force), "ic") == pytest.approx(truth + 0.0017, abs=0.003)


def test_a_clipped_flight_is_no_loss():
    t, force, truth = steps(200, 20, noise_n=0.0)
    events = detect(t, force)
    assert len(times(events, "ic")) == len(truth)
    assert not len(times(events, "lost"))


def test_standing_and_swaying_is_no_step():
    t = np.arange(0, 60, 0.005)
    sway = (
        340
        + 90 * np.sin(2 * np.pi * t / 4)
        + 4 * np.random.default_rng(1).normal(size=len(t))
    )
    assert detect(t, sway) == []


def test_standing_still_after_running_keeps_the_zero():
    t, force, truth = steps(200, 30)
    still = np.where(t > 20.0, 343.0 + force % 4, force)
    cut = int(np.count_nonzero(truth < 20))
    again_t, again, more = steps(200, 30, first_s=3.0, seed=3)
    t2 = np.concatenate((t, again_t + 30.0))
    events = detect(t2, np.concatenate((still, again)))
    assert not len(times(events, "stuck"))
    late = times(events, "ic")[-len(more) :]
    assert late == pytest.approx(more + 30.0, abs=0.004)
    assert len(times(events, "ic")) - len(more) in (cut, cut + 1)


def test_a_jumped_zero_is_told_and_recovered_within_3_s():
    t, force, truth = steps(200, 90, first_s=2.5)
    force = force + np.where(t >= 60.0, 150.0, 0.0)
    events = detect(t, force)
    stuck = times(events, "stuck")
    assert len(stuck) == 1
    assert 60.0 < stuck[0] < 62.5
    after = times(events, "ic")
    after = after[after > 63.0]
    assert after == pytest.approx(truth[truth > 63.0], abs=0.004)


@pytest.mark.parametrize("value", [np.nan, 0.0, -1.0])
@pytest.mark.parametrize("rows", [2, 8, 12, 25])
def test_dropouts_never_become_steps(rows, value):
    t, force, truth = steps(200, 40, preload_n=20)
    force = force.copy()
    rng = np.random.default_rng(2)
    for start in rng.integers(500, len(t) - 500, 40):
        force[start : start + rows] = value
    events = detect(t, force)
    for kind, true in (("ic", truth), ("to", truth + 0.25)):
        found = times(events, kind)
        assert len(found) > 10
        nearest = np.abs(found[:, None] - true[None, :]).min(axis=1)
        # a crossing inside a bridged hole is dated anywhere in that hole
        assert nearest.max() < 0.006 + rows / 200


@pytest.mark.parametrize("level", [0.0, 900.0])
def test_a_frozen_sensor_is_lost_not_stepping(level):
    t, force, truth = steps(200, 40, preload_n=20)
    frozen = (t > 20.1) & (t < 23.0)
    events = detect(t, np.where(frozen, level, force))
    assert len(times(events, "lost")) == 1
    ic = times(events, "ic")
    assert not np.any((ic > 20.3) & (ic < 23.0))
    late = ic[ic > 23.8]
    assert late == pytest.approx(truth[truth > 23.8], abs=0.004)


def test_a_spike_in_swing_is_no_contact():
    t, force, truth = steps(200, 30)
    force = force.copy()
    for ic in truth[5:30:5]:
        row = int((ic + 0.5) * 200)
        force[row : row + 8] += 900.0
    assert len(times(detect(t, force), "ic")) == len(truth)


def test_silence_is_told_while_it_lasts():
    t, force, _ = steps(200, 10)
    detector = ContactDetector(
        ContactSettings(rate_hz=200, weight_n=WEIGHT_N), "left", "insole"
    )
    detector.feed(t, force)
    last_s = float(t[-1])
    assert detector.advance(last_s + 0.04) == []
    (event,) = detector.advance(last_s + 0.06)
    assert (event.kind, event.t_s) == ("lost", last_s)
    assert detector.advance(last_s + 5.0) == []
    assert detector.final_s == last_s + 5.0


@st.composite
def feet(draw):
    """A foot with anything that can happen to it."""
    fs = draw(st.sampled_from([50, 100, 200, 500]))
    walk = draw(st.booleans())
    length = draw(st.integers(6, 12))
    t, force, _ = steps(
        fs,
        length,
        draw(st.floats(0.15, 0.4)) + 0.3 * walk,
        -0.11 if walk else draw(st.floats(0.05, 0.2)),
        preload_n=draw(st.sampled_from([0, 60, 180])),
        drift_n_per_s=draw(st.floats(-3, 8)),
        noise_n=draw(st.sampled_from([0, 4, 15])),
        first_s=draw(st.floats(0, 4)),
        walk=walk,
        seed=draw(st.integers(0, 99)),
    )
    force = force.copy()
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(t) - 1))
        rows = draw(st.integers(1, fs))
        kind = draw(st.sampled_from(["nan", "zero", "hold", "jump", "spike", "hole"]))
        part = slice(start, start + rows)
        if kind == "hole":
            t, force = np.delete(t, part), np.delete(force, part)
        elif kind == "jump":
            force[start:] += 150.0
        elif kind == "spike":
            force[start : start + rows // 10] += 800.0
        else:
            force[part] = {"nan": np.nan, "zero": 0.0, "hold": force[start]}[kind]
        if len(t) < 10:
            return np.arange(10) / fs, np.zeros(10), fs
    return t, force, fs


@settings(max_examples=150)
@given(feet(), st.data())
def test_pieces_equal_the_whole(foot, data):
    t, force, fs = foot
    cut = st.integers(0, len(t))
    cuts = sorted(data.draw(st.lists(cut, max_size=20)))
    both = data.draw(st.booleans())
    kind = {
        "rate_hz": fs,
        "weight_n": data.draw(st.sampled_from([None, WEIGHT_N])),
        "feet": 2 if both else 1,
        "drill": data.draw(st.booleans()),
    }
    assert detect(t, force, cuts=cuts, **kind) == detect(t, force, **kind)


@settings(max_examples=150)
@given(feet(), st.sampled_from([None, WEIGHT_N]))
def test_vectors_agree_with_the_plain_detector(foot, weight_n):
    t, force, fs = foot
    slow = SlowDetector(ContactSettings(rate_hz=fs, weight_n=weight_n))
    for row in zip(t.tolist(), force.tolist(), strict=True):
        slow.feed(*row)
    slow.finish()
    events = detect(t, force, rate_hz=fs, weight_n=weight_n)
    assert [(event.kind, event.t_s) for event in events] == slow.events


@settings(max_examples=50)
@given(feet(), st.integers(1, 60))
def test_final_time_is_kept(foot, rows):
    t, force, fs = foot
    detector = ContactDetector(
        ContactSettings(rate_hz=fs, weight_n=WEIGHT_N), "left", "insole"
    )
    for start in range(0, len(t), rows):
        final_s = detector.final_s
        events = detector.feed(t[start : start + rows], force[start : start + rows])
        assert all(event.t_s >= final_s for event in events)
        found = [event.t_s for event in events]
        assert found == sorted(found)
