"""Contacts from the pelvis: times, sides, faults, any cut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imu_gaits import GRAVITY, feed, nearest, pelvis, times, turned

from lablive.gait.sacral_imu import SacralDetector, SacralSettings, contact_share


def detect(t, *columns, fs=200.0, cuts=(), least_steps=20):
    kind = SacralSettings(rate_hz=fs, least_steps=least_steps)
    return feed(SacralDetector(kind), t, *columns, cuts=cuts)


def sides(events):
    return [event.side for event in events if event.kind == "ic"]


def test_the_effective_contact_is_inverted():
    share = 0.25 / 0.37
    effective = share * (1 - 2 / np.pi * np.arcsin(2 * share / np.pi))
    assert contact_share(effective) * 0.37 == pytest.approx(0.25, abs=1e-6)
    assert contact_share(1.0) == 1.0


@pytest.mark.parametrize(
    ("fs", "ic_ms", "to_ms"), [(31, 14, 27), (50, 8, 16), (100, 4, 12), (500, 2, 12)]
)
def test_a_sine_runner_is_found_and_timed(fs, ic_ms, to_ms):
    t, acc, _, ic = pelvis(fs)
    events = detect(t, acc, fs=fs)
    assert {event.kind for event in events} == {"ic", "to"}
    found, ends = times(events, "ic"), times(events, "to")
    assert len(found) == len(ic)
    # the first contact is out of a stand, the last toe-off into one
    assert len(ends) >= len(ic) - 2
    assert np.abs(nearest(found, ic[1:])).max() < 1e-3 * ic_ms
    assert np.abs(nearest(ends, ic[1:-1] + 0.25)).max() < 1e-3 * to_ms


def test_world_vertical_and_accelerometer_agree_in_any_mounting():
    t, acc, _, _ = pelvis(200)
    world = times(detect(t, acc[:, 2:]), "ic")
    for seed in range(3):
        found = times(detect(t, turned(acc, seed)), "ic")
        assert found == pytest.approx(world, abs=0.004)


def test_standing_swaying_and_a_squat_are_no_steps():
    t = np.arange(0, 60, 0.005)
    up = GRAVITY + 0.2 * np.sin(2 * np.pi * t / 2) + 0.1 * np.sin(2 * np.pi * 9 * t)
    up += 1.5 * np.sin(2 * np.pi * t / 4) * ((t > 30) & (t < 32))
    events = detect(t, np.column_stack((0 * t, 0 * t, up)))
    assert len(times(events, "ic")) <= 1  # the squat's one rise
    assert detect(t[:5000], np.column_stack((0 * t, 0 * t, up))[:5000]) == []


def test_sides_come_after_twenty_steps_and_are_right():
    t, acc, sway, ic = pelvis(200)
    events = detect(t, acc, sway)
    found = sides(events)
    assert len(found) == len(ic)
    assert set(found[:20]) == {"unknown"}
    told = found[22:]
    assert told == ["left" if k % 2 == 0 else "right" for k in range(22, len(ic))]
    ends = [(e.t_s, e.side) for e in events if e.kind == "to"]
    starts = [(e.t_s, e.side) for e in events if e.kind == "ic"]
    for end_s, side in ends:
        assert side == [s for start_s, s in starts if start_s < end_s][-1]


@pytest.mark.parametrize("kind", ["no gyroscope", "noise", "roll disagrees", "few"])
def test_no_agreement_is_no_side(kind):
    t, acc, sway, _ = pelvis(200, 15 if kind == "few" else 60)
    if kind == "noise":
        sway = np.random.default_rng(2).standard_normal(sway.shape)
    elif kind == "roll disagrees":
        sway = sway * (1.0, -1.0, 1.0)
    columns = (acc,) if kind == "no gyroscope" else (acc, sway)
    assert set(sides(detect(t, *columns))) == {"unknown"}


def test_a_crooked_sensor_does_not_count():
    t, acc, sway, _ = pelvis(200)
    level = sides(detect(t, acc, sway))
    assert sides(detect(t, acc, sway + np.array((3.0, 0.5, 0.2)))) == level


def test_a_missing_step_begins_the_sides_anew():
    t, acc, sway, ic = pelvis(200, 80)
    hole = (t > ic[40] - 0.05) & (t < ic[40] + 0.1)
    events = detect(t[~hole], acc[~hole], sway[~hole])
    assert [e.kind for e in events].count("lost") == 1
    late = [e for e in events if e.kind == "ic" and e.t_s > ic[41]]
    assert {e.side for e in late[:20]} == {"unknown"}
    told = [e for e in events if e.side != "unknown" and e.kind == "ic"]
    true = ["left" if np.abs(ic - e.t_s).argmin() % 2 == 0 else "right" for e in told]
    assert len(told) > 30
    assert [e.side for e in told] == true


def test_walking_has_contacts_and_no_toe_offs():
    t = np.arange(0, 40, 0.005)
    up = GRAVITY + 2.0 * np.sin(2 * np.pi * 1.8 * t) * (t > 3)
    events = detect(t, up[:, None])
    assert len(times(events, "ic")) == pytest.approx(37 * 1.8, abs=1)
    assert not len(times(events, "to"))


def test_few_rows_are_named():
    found = SacralDetector(SacralSettings(rate_hz=31.0)).findings()
    assert [finding.name for finding in found] == ["slow"]


def test_silence_is_a_loss_and_the_time_goes_on():
    t, acc, _, _ = pelvis(200)
    sensor = SacralDetector(SacralSettings(rate_hz=200.0))
    sensor.feed(t, acc)
    assert [e.kind for e in sensor.advance(t[-1] + 1.0)][-1] == "lost"
    assert sensor.final_s == t[-1] + 1.0
    assert sensor.finish() == []


@settings(max_examples=60)
@given(st.data())
def test_pieces_equal_the_whole(data):
    fs = data.draw(st.sampled_from([50, 100, 200]))
    step_s = data.draw(st.floats(0.28, 0.6))
    contact_s = step_s * data.draw(st.floats(0.5, 0.9))
    t, acc, sway, _ = pelvis(fs, 30, step_s=step_s, contact_s=contact_s)
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(t) - 2))
        part = slice(start, start + data.draw(st.integers(1, fs // 4)))
        if data.draw(st.booleans()):
            acc[part] = np.nan
        else:
            t, acc = np.delete(t, part), np.delete(acc, part, axis=0)
            sway = np.delete(sway, part, axis=0)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(t)), max_size=20)))
    columns = (acc, sway) if data.draw(st.booleans()) else (acc[:, 2:],)
    kind = {"fs": float(fs), "least_steps": 8}
    assert detect(t, *columns, cuts=cuts, **kind) == detect(t, *columns, **kind)
