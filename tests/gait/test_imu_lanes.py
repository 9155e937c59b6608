"""IMU lanes: rows of a stream to contacts, axes, mounting, who stands in for whom."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imu_gaits import GRAVITY, foot, nearest, times

from drivers.sim.runner import Runner, RunnerSettings
from lablive.gait.imu_lanes import SLOWEST_HZ, imu_lanes
from lablive.gait.priority import priority_of
from lablive.messages import ChannelInfo, StreamInfo
from lablive.names import SIDES
from lablive.signals.binding import bind
from lablive.signals.montage import parse_montage
from lablive.signals.segment_calibration import SegmentCalibration, SiteCalibration

SITES = ("pelvis", "foot_left", "foot_right", "shank_left", "shank_right")
SEGMENT_AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
TURNS = {
    "upside down": np.diag((1.0, -1.0, -1.0)),
    "back to front": np.diag((-1.0, -1.0, 1.0)),
    "on its side": np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]]),
}


def lanes_of(sites, *, axes=True, fs=200.0, split=False, segments=None, acc=(0, 1, 2)):
    """Return lanes of IMUs with one stream each (acc, gyro), and findings."""
    streams, text = [], "schema = 1\n"
    for number, site in enumerate(sites, 1):
        for offset, what in ((0, "acc"), (100 if split else 0, "gyro")):
            if what == "acc" or split:
                info = (ChannelInfo(str(k)) for k in range(6))
                name = f"{site}{offset}"
                streams.append(
                    StreamInfo(number + offset, name, "IMU", fs, tuple(info))
                )
                text += f'[[stream]]\nmatch = {{ name = "{name}" }}\n'
            index = list(acc) if what == "acc" else [0, 1, 2] if split else [3, 4, 5]
            unit = "m/s^2" if what == "acc" else "rad/s"
            told = 'axes = ["x", "y", "z"]\n' if axes else ""
            text += f'[[stream.channel]]\nrole = "imu_{site}.{what}"\n'
            text += f'unit = "{unit}"\nindex = {index}\n{told}'
    binding = bind(parse_montage(text, "test"), streams)
    rates_hz = {info.id: info.rate_hz for info in streams}
    return imu_lanes(binding, rates_hz, segments)


def lane_of(site, **about):
    return lanes_of([site], **about)[0][0]


def runner_rows(site, seconds=40.0, **about):
    """Return t, rows and true events of the synthetic runner."""
    runner = Runner(RunnerSettings(standing_s=4.0, ramp_s=1.0, **about))
    name = f"Sim {site.replace('_', ' ')} IMU"
    t, x = runner.window(name, 0.0, seconds)
    info = next(info for info in runner.streams if info.name == name)
    unit = {"g": GRAVITY, "deg/s": np.pi / 180.0}
    scale = [unit.get(channel.unit, 1.0) for channel in info.channels[:6]]
    return t, x[:, :6] * scale, runner.events(0.0, seconds)


def play(lane, t, x, cuts=()):
    found = []
    for low, high in zip([0, *cuts], [*cuts, len(t)], strict=True):
        final_s = lane.final_s
        new = lane.feed(lane.stream, t[low:high], x[low:high])
        assert all(contact.t_s >= final_s for contact in new)
        assert lane.final_s >= final_s
        found += new
    return found + lane.finish()


def names(lane):
    return [finding.name for finding in lane.findings()]


def walker_foot(turn=None, strides=30):
    """Return t and rows of a walker's foot, as a turned sensor sees them."""
    t, gyro, ic, _ = foot(200, strides, gait="walk", noise=1.0)
    rows = np.column_stack((np.tile((0.0, 0.0, GRAVITY), (len(t), 1)), gyro))
    if turn is not None:
        rows = np.column_stack((rows[:, :3] @ turn.T, rows[:, 3:] @ turn.T))
    return t, rows, ic


@pytest.mark.parametrize("site", ["foot_left", "foot_right"])
def test_feet_of_the_runner(site):
    t, x, events = runner_rows(site)
    lane = lane_of(site)
    found = play(lane, t, x)
    side = site.partition("_")[2]
    assert {(c.side, c.source) for c in found} == {(side, "foot_imu")}
    for kind in ("ic", "to"):
        true = [e.t_s for e in events if e.kind == kind and e.side == side]
        got = times(found, kind)
        assert len(true) - len(got) <= 3  # before the first and behind the last swing
        assert np.abs(nearest(true, got)).max() < 0.002
    assert lane.findings() == ()


@pytest.mark.parametrize("obliquity_deg", [2.0, 5.0, 9.0])
def test_the_pelvis_of_the_runner_tells_feet_apart(obliquity_deg):
    """Gravity in a tilting sensor hides the sway: it is taken out."""
    t, x, events = runner_rows(
        "pelvis", pelvic_drop_left_deg=obliquity_deg, pelvic_drop_right_deg=5.0
    )
    lane = lane_of("pelvis")
    found = [c for c in play(lane, t, x) if c.kind == "ic"]
    true = {e.t_s: e.side for e in events if e.kind == "ic"}
    assert abs(len(found) - len(true)) <= 1
    at = {c.t_s: min(true, key=lambda true_s: abs(true_s - c.t_s)) for c in found}
    assert max(abs(own_s - true_s) for own_s, true_s in at.items()) < 0.003
    told = [(c.side, true[at[c.t_s]]) for c in found if c.side != "unknown"]
    assert len(told) >= len(found) - 23
    assert all(side == right for side, right in told)
    assert lane.findings() == ()


@pytest.mark.parametrize("about", [{"axes": False}, {"split": True}])
def test_a_pelvis_without_axes_or_gyroscope_tells_no_side(about):
    t, x, _ = runner_rows("pelvis")
    lane = lane_of("pelvis", **about)
    assert {c.side for c in play(lane, t, x)} == {"unknown"}
    assert names(lane) == ["mounting unknown"]


def test_a_pelvis_axis_that_was_not_measured_does_not_take_the_others_with_it():
    t, x, _ = runner_rows("pelvis")
    whole = play(lane_of("pelvis", axes=False), t, x)
    lane = lane_of("pelvis", acc=(0, -1, 2))
    found = play(lane, t, x)
    assert {contact.side for contact in found} == {"unknown"}
    np.testing.assert_allclose(times(found, "ic"), times(whole, "ic"), atol=0.010)
    (told,) = lane.findings()
    assert "not measured" in told.text


def test_a_calibration_counts_more_than_the_montage():
    turn = TURNS["upside down"]
    t, rows, ic = walker_foot(turn)
    axes = tuple(tuple(row) for row in turn.T.tolist())
    own = SiteCalibration("foot_left", "functional", axes, (0.0, 0.0, 0.0), 200.0)
    segments = SegmentCalibration("2026-01-01T12:00:00Z", "A", "", (own,))
    lane = lane_of("foot_left", segments=segments)
    found = times(play(lane, t, rows), "ic")
    assert len(found) == len(ic) - 1
    assert lane.findings() == ()


def test_a_calibration_that_knows_only_up_is_none():
    own = SiteCalibration("foot_left", "vertical", SEGMENT_AXES, (0.0, 0.0, 0.0), 200.0)
    segments = SegmentCalibration("2026-01-01T12:00:00Z", "A", "", (own,))
    lane = lane_of("foot_left", axes=False, segments=segments)
    t, rows, ic = walker_foot(TURNS["back to front"])
    assert len(times(play(lane, t, rows), "ic")) == len(ic) - 1
    assert names(lane) == ["mounting found"]


@pytest.mark.parametrize("turn", list(TURNS))
def test_a_foot_mounted_wrong_is_named_and_not_used(turn):
    t, rows, ic = walker_foot(TURNS[turn])
    lane = lane_of("foot_left")
    found = play(lane, t, rows)
    assert names(lane) == ["mounted wrong"]
    assert found[-1].kind == "lost"
    assert found[-1].t_s < ic[15]
    assert lane.final_s == t[-1]
    assert lane.advance(lane.stream, t[-1] + 9.0) == []
    assert lane.final_s == t[-1] + 9.0


def test_a_shank_upside_down_is_named_and_not_used():
    t, rows, _ = walker_foot(TURNS["upside down"], strides=40)
    lane = lane_of("shank_left")
    found = play(lane, t, rows)
    assert names(lane) == ["mounted wrong"]
    assert "left shank IMU is upside down" in lane.findings()[0].text
    assert found[-1].kind == "lost"


def test_a_pelvis_upside_down_tells_no_side():
    t, x, _ = runner_rows("pelvis", 60.0)
    turn = np.kron(np.eye(2), TURNS["upside down"])
    lane = lane_of("pelvis")
    found = play(lane, t, x @ turn)
    assert {c.side for c in found} == {"unknown"}
    assert len(times(found, "ic")) > 140
    assert names(lane) == ["mounted wrong"]


@pytest.mark.parametrize(("site", "axis"), [("pelvis", 1), ("foot_left", 2)])
@pytest.mark.parametrize(("turn_deg", "told"), [(5.0, []), (30.0, ["slipped"])])
def test_a_sensor_that_turns_on_the_body_is_named(site, axis, turn_deg, told):
    t, x, _ = runner_rows(site, 90.0)
    a = np.radians(turn_deg)
    turn = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    turn[i, i] = turn[j, j] = np.cos(a)
    turn[i, j], turn[j, i] = np.sin(a), -np.sin(a)
    late = t > 45.0
    x[late] = x[late] @ np.kron(np.eye(2), turn)
    lane = lane_of(site)
    play(lane, t, x)
    assert names(lane) == told


@pytest.mark.parametrize(("range_g", "told"), [(2, ["clipped"]), (16, [])])
def test_a_clipped_pelvis_is_named(range_g, told):
    t, x, events = runner_rows("pelvis", 60.0)
    x[:, :3] = np.clip(x[:, :3], -range_g * GRAVITY, range_g * GRAVITY)
    lane = lane_of("pelvis")
    found = times(play(lane, t, x), "ic")
    assert names(lane) == told
    assert abs(len(found) - len([e for e in events if e.kind == "ic"])) <= 1


def test_a_clipped_foot_is_named_although_nobody_looks_for_its_contacts():
    t, x, _ = runner_rows("foot_left", 60.0)
    x[:, 3:] = np.clip(x[:, 3:], -5.0, 5.0)
    lane = lane_of("foot_left")
    lane.watch(t, x)
    assert names(lane) == ["clipped"]
    assert "gyroscope of the left foot IMU" in lane.findings()[0].text


def test_steps_after_a_long_stand_and_after_a_pause_are_found():
    _, rows, ic = walker_foot(strides=12)
    still = np.repeat(rows[:1] * (1, 1, 1, 0, 0, 0), 4000, axis=0)
    twice = np.concatenate((still, rows, still, rows))
    at = np.arange(len(twice)) / 200.0
    lane = lane_of("foot_left", axes=False)
    found = times(play(lane, at, twice, range(50, len(twice), 50)), "ic")
    later = [*(ic + 20.0), *(ic + 40.0 + len(rows) / 200.0)]
    assert len(found) >= len(later) - 2
    assert np.abs(nearest(later, found)).max() < 0.002


def test_a_fidget_before_the_steps_does_not_hold_the_time_back():
    t = np.arange(0, 60, 0.005)
    rows = np.zeros((len(t), 6))
    rows[:, 2] = GRAVITY
    rows[(t > 5) & (t < 5.3), 4] = 3.0
    lane = lane_of("foot_left", axes=False)
    lane.feed(lane.stream, t, rows)
    assert lane.final_s > 58.0


def test_too_slow_an_imu_is_no_source_and_says_so():
    lanes, found = lanes_of(SITES, fs=SLOWEST_HZ - 5)
    assert lanes == []
    assert [finding.name for finding in found] == ["slow"] * len(SITES)
    assert "25 rows per second" in found[0].text


def test_other_streams_change_nothing():
    t, rows, _ = walker_foot()
    for site in ("foot_left", "pelvis"):
        lane = lane_of(site)
        assert lane.feed(lane.stream + 1, t, rows) == []
        assert lane.advance(lane.stream + 1, 5.0) == []
        assert lane.final_s == -np.inf
        lane.advance(lane.stream, 5.0)
        assert lane.final_s == 5.0


@settings(max_examples=40)
@given(st.data())
def test_pieces_equal_the_whole(data):
    site = data.draw(st.sampled_from(["pelvis", "foot_left", "shank_left", "wrong"]))
    if site == "pelvis":
        t, x, _ = runner_rows(site, 30.0)
    else:
        t, x, _ = walker_foot(TURNS["upside down"] if site == "wrong" else None)
        site = "foot_left" if site == "wrong" else site
    x = x.copy()
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(t) - 2))
        part = slice(start, start + data.draw(st.integers(1, 150)))
        if data.draw(st.booleans()):
            x[part, data.draw(st.integers(0, 5))] = np.nan
        else:
            t, x = np.delete(t, part), np.delete(x, part, axis=0)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(t)), max_size=20)))
    about = {"axes": site == "pelvis" or data.draw(st.booleans())}
    whole, cut = lane_of(site, **about), lane_of(site, **about)
    assert play(cut, t, x, cuts) == play(whole, t, x)
    assert cut.findings() == whole.findings()
    assert cut.final_s == whole.final_s


def test_who_stands_in_for_whom():
    lanes, _ = lanes_of(SITES)
    feet = [lane for lane in lanes if lane.source == "foot_imu"]
    pelvis = [lane for lane in lanes if lane.source == "pelvis_imu"]

    def sources(priority):
        return {side: chain.sources for side, chain in priority._chains.items()}

    imus = ["foot_imu", "shank_imu", "pelvis_imu"]
    both = sources(priority_of(SIDES, lanes))
    assert both == {side: ["insole", *imus] for side in SIDES}
    assert sources(priority_of((), feet)) == {side: ["foot_imu"] for side in SIDES}
    one = sources(priority_of(("left",), pelvis))
    assert one == {"left": ["insole", "pelvis_imu"], "right": ["pelvis_imu"]}
    assert sources(priority_of((), pelvis)) == {"unknown": ["pelvis_imu"]}
    plate = sources(priority_of((), lanes, plate=True))
    assert plate == {"unknown": ["treadmill", "pelvis_imu"]}
    assert priority_of((), []) is None
