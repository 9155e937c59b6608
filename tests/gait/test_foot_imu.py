"""Contacts from the gyroscope of a foot: times, faults, any cut, any mounting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imu_gaits import feed, foot, nearest, times, turned

from lablive.gait.foot_imu import FootImuDetector, FootImuSettings


def detector(fs=200.0, source="foot_imu", **settings):
    return FootImuDetector(FootImuSettings(rate_hz=fs, **settings), "left", source)


def detect(t, gyro, cuts=(), **settings):
    return feed(detector(**settings), t, gyro, cuts=cuts)


def names(found):
    return [finding.name for finding in found]


@pytest.mark.parametrize("gait", ["run", "walk"])
@pytest.mark.parametrize(
    ("fs", "off_ms"), [(31, 9.0), (50, 4.0), (100, 2.0), (200, 2.0), (1000, 2.0)]
)
def test_every_contact_is_found_and_timed(gait, fs, off_ms):
    t, gyro, ic, to = foot(fs, gait=gait, noise=1.0)
    events = detect(t, gyro, fs=fs)
    assert {event.kind for event in events} == {"ic", "to"}
    assert {(event.side, event.source) for event in events} == {("left", "foot_imu")}
    # before the first mid-swing and behind the last one no half can be told
    assert len(times(events, "ic")) == len(times(events, "to")) == len(ic) - 1
    assert np.abs(nearest(times(events, "ic"), ic[1:])).max() < 1e-3 * off_ms
    assert np.abs(nearest(times(events, "to"), to[1:])).max() < 1e-3 * off_ms


def test_a_foot_at_rest_or_swaying_makes_no_contact():
    t = np.arange(0, 60, 0.005)
    gyro = 0.3 * np.sin(2 * np.pi * t / 3)[:, None] * np.ones(3)
    assert detect(t, gyro) == []


def test_a_push_off_that_goes_on_is_no_contact():
    """A forefoot striker without a dip at contact has no initial contact to time."""
    t, gyro, ic, to = foot(200, noise=0.0)
    for at in ic:
        bump = np.exp(-0.5 * ((t - at) / 0.012) ** 2)
        gyro[:, 1] -= np.radians(450.0) * bump
    events = detect(t, gyro)
    assert not len(times(events, "ic"))
    assert len(times(events, "to")) == len(to) - 1


def test_walking_turns_into_running():
    t, gyro, ic, _ = foot(200, 10, gait="walk")
    t2, gyro2, ic2, _ = foot(200, 10, gait="run", first_s=0.0)
    at = t[-1] - 1.9
    early = t < at
    t = np.concatenate((t[early], t2 + at))
    events = detect(t, np.concatenate((gyro[early], gyro2)))
    wanted = [*ic[1:], *(ic2 + at)]
    assert len(times(events, "ic")) == len(wanted)
    assert np.abs(nearest(times(events, "ic"), wanted)).max() < 0.003


def test_missing_rows_cost_the_strides_they_touch_and_are_told():
    t, gyro, ic, _ = foot(200)
    hole = (t > 10.0) & (t < 10.2)
    events = detect(t[~hole], gyro[~hole])
    lost = [event for event in events if event.kind == "lost"]
    assert [event.t_s for event in lost] == [pytest.approx(10.0)]
    found = times(events, "ic")
    assert len(ic) - 5 <= len(found) <= len(ic) - 2
    assert not ((found > 9.0) & (found < 11.0)).any()
    assert np.abs([nearest(ic, [at])[0] for at in found]).max() < 0.0015


def test_silence_is_a_loss_and_the_time_goes_on():
    t, gyro, _, _ = foot(200)
    sensor = detector()
    sensor.feed(t, gyro)
    assert sensor.advance(t[-1] + 0.02) == []
    assert [e.kind for e in sensor.advance(t[-1] + 1.0)][-1] == "lost"
    assert sensor.final_s == t[-1] + 1.0
    assert sensor.advance(t[-1] + 2.0) == []
    assert sensor.finish() == []


def test_rows_not_measured_are_a_loss():
    t, gyro, _, _ = foot(100)
    gyro = gyro.copy()
    gyro[1000:1010] = np.nan
    lost = [e.t_s for e in detect(t, gyro, fs=100) if e.kind == "lost"]
    assert lost == [pytest.approx(t[999])]


def test_a_clipped_gyroscope_is_named():
    t, gyro, ic, _ = foot(200)
    clipped = np.clip(gyro, -7.0, 7.0)
    for known in (None, 7.0):
        sensor = detector(range_rad_s=known)
        events = feed(sensor, t, clipped)
        assert sensor.clipped_strides == len(ic) - 1
        assert names(sensor.findings()) == ["clipped"]
        assert len(times(events, "ic")) == len(ic) - 1
    sensor = detector()
    feed(sensor, t, gyro)
    feed(detector(), *foot(50, noise=0.0)[:2])
    assert sensor.findings() == ()


def test_too_few_rows_are_named():
    assert names(detector(50.0).findings()) == ["slow"]
    assert "50 rows per second" in detector(50.0).findings()[0].text


def test_an_unknown_mounting_is_found_from_the_first_steps():
    t, gyro, ic, _ = foot(200, gait="walk")
    sensor = detector(toe_up=None)
    events = feed(sensor, t, turned(gyro), cuts=(700, 1500))
    assert names(sensor.findings()) == ["mounting found"]
    assert sensor.axis == pytest.approx(turned(np.array([0.0, -1.0, 0.0])), abs=0.01)
    assert np.abs(nearest(times(events, "ic"), ic[1:])).max() < 0.0015


@pytest.mark.parametrize("kind", ["no axis", "no direction", "shank"])
def test_a_mounting_that_does_not_show_is_no_source(kind):
    t, gyro, _, _ = foot(200, 60)
    if kind == "no axis":
        gyro = 5.0 * np.random.default_rng(1).standard_normal(gyro.shape)
    elif kind == "no direction":
        gyro = 6.0 * np.sin(2 * np.pi * 1.4 * t)[:, None] * np.array([0.0, 1.0, 0.0])
    sensor = detector(
        toe_up=None, source="shank_imu" if kind == "shank" else "foot_imu"
    )
    assert feed(sensor, t, gyro) == []
    assert names(sensor.findings()) == ["mounting unknown"]
    assert sensor.final_s == t[-1]


def test_a_shank_has_the_same_features():
    t, gyro, ic, _ = foot(200)
    events = feed(detector(source="shank_imu"), t, gyro)
    assert {event.source for event in events} == {"shank_imu"}
    assert len(times(events, "ic")) == len(ic) - 1


@settings(max_examples=60)
@given(st.data())
def test_pieces_equal_the_whole(data):
    fs = data.draw(st.sampled_from([50, 100, 200]))
    gait = data.draw(st.sampled_from(["run", "walk"]))
    aligned = data.draw(st.booleans())
    t, gyro, _, _ = foot(fs, 12, gait=gait, seed=data.draw(st.integers(0, 9)))
    gyro = gyro.copy() if aligned else turned(gyro)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(t) - 2))
        part = slice(start, start + data.draw(st.integers(1, fs // 4)))
        if data.draw(st.booleans()):
            gyro[part] = np.nan
        elif len(t) > fs:
            t, gyro = np.delete(t, part), np.delete(gyro, part, axis=0)
    cut = st.integers(0, len(t))
    cuts = sorted(data.draw(st.lists(cut, max_size=20)))
    kind = {"fs": float(fs)} | ({} if aligned else {"toe_up": None})
    assert detect(t, gyro, cuts, **kind) == detect(t, gyro, **kind)
