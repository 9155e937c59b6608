"""An IMU rests while the insoles see, wakes at a hole, and the cut changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lablive.gait.contacts import Contact
from lablive.gait.priority import Priority
from lablive.lanes.standing_in import StandIn

STRIDE_S, END_S, IMU_HZ = 0.74, 160.0, 50.0
SOURCES = dict.fromkeys(("left", "right"), ("insole", "pelvis_imu"))


class _Lane:
    """Notes the rows it is shown; tells no contact, a second late."""

    source, side, stream = "pelvis_imu", "unknown", 1

    def __init__(self):
        self.seen, self.watched, self.final_s = [], 0, -np.inf

    def watch(self, t_s, x):
        self.watched += len(t_s)

    def contacts(self, t_s, x):
        self.seen += t_s.tolist()
        self.final_s = max(self.final_s, t_s[-1] - 1.0)
        return []

    def advance(self, stream, until_s):
        self.final_s = max(self.final_s, until_s)
        return []

    def skip_to(self, t_s):
        self.seen.append(f"anew from {t_s:.3f}")
        self.final_s = max(self.final_s, t_s)


def insole(side, holes, late_s):
    """Return the contacts of an insole with holes (from, to, whether it says so)."""
    found = []
    for k in range(int((END_S - 3.0) / STRIDE_S)):
        ic_s = 3.0 + late_s + k * STRIDE_S
        found += [Contact(ic_s, side, "ic", "insole")]
        found += [Contact(ic_s + 0.25, side, "to", "insole")]
    for from_s, to_s, says in holes:
        found = [c for c in found if not from_s <= c.t_s < to_s]
        if says:
            found.append(Contact(from_s, side, "lost", "insole"))
    return sorted(found, key=lambda c: c.t_s)


def play(feet, cuts):
    """Feed insoles and IMU step by step; return the lane, and what was handed out."""
    priority = Priority(SOURCES)
    lane = _Lane()
    imu = StandIn(lane, priority.wanted("pelvis_imu", "unknown"))
    rows_s = np.arange(0.0, END_S, 1.0 / IMU_HZ)
    reached = {"left": -np.inf, "right": -np.inf, "imu": -np.inf}
    found = []

    def work():
        done = False
        while (told := imu.work()) is not None:
            found.extend(priority.feed(*key_of(lane), told, imu.final_s))
            done = True
        return done

    for who, until_s in [*cuts, ("left", END_S), ("right", END_S), ("imu", END_S)]:
        from_s, reached[who] = reached[who], max(reached[who], until_s)
        if who == "imu":
            new = rows_s[(rows_s >= from_s) & (rows_s < reached[who])]
            if len(new):
                imu.feed(new, new[:, None])
            work()
        else:
            told = [c for c in feet[who] if from_s <= c.t_s < reached[who]]
            found += priority.feed("insole", who, told, reached[who])
    for side in feet:
        found += priority.feed("insole", side, [], np.inf)
    while work():
        pass
    return lane, found + priority.finish()


def key_of(lane):
    return lane.source, lane.side


def in_turn(step_s=0.5):
    return [
        (who, at)
        for at in np.arange(step_s, END_S, step_s)
        for who in ("left", "right", "imu")
    ]


def rows(lane):
    return np.array([t for t in lane.seen if isinstance(t, float)])


@pytest.fixture
def healthy():
    return {"left": insole("left", [], 0.0), "right": insole("right", [], 0.37)}


def test_it_rests_while_the_insoles_see_and_is_watched_all_the_same(healthy):
    lane, found = play(healthy, in_turn())
    looked = rows(lane)
    begun_s = healthy["right"][0].t_s + 40 * STRIDE_S
    rests = looked[(looked > begun_s + 11.0) & (looked < END_S - 41 * STRIDE_S)]
    assert len(rests) == 0
    assert lane.watched == END_S * IMU_HZ
    assert len(found) == sum(len(contacts) for contacts in healthy.values())


def test_at_a_hole_it_has_seen_the_forty_strides_before(healthy):
    hole_s = 110.0
    healthy["left"] = insole("left", [(hole_s, 112.0, True)], 0.0)
    lane, _ = play(healthy, in_turn())
    looked = rows(lane)
    around = looked[(looked > hole_s - 39 * STRIDE_S) & (looked < hole_s + 5.0)]
    np.testing.assert_allclose(np.diff(around), 1.0 / IMU_HZ)
    assert not len(looked[(looked > 50.0) & (looked < hole_s - 42 * STRIDE_S)])


def test_it_is_there_as_soon_as_the_hole_is_known(healthy):
    healthy["left"] = insole("left", [(110.0, 130.0, True)], 0.0)
    cuts = [cut for cut in in_turn(0.1) if cut[1] <= 111.0]
    priority = Priority(SOURCES)
    lane = _Lane()
    imu = StandIn(lane, priority.wanted(*key_of(lane)))
    for who, at in cuts:
        if who == "imu":
            new = np.arange(at - 0.1, at - 1e-9, 1.0 / IMU_HZ)
            imu.feed(new, new[:, None])
            while (told := imu.work()) is not None:
                priority.feed(*key_of(lane), told, imu.final_s)
        else:
            told = [c for c in healthy[who] if at - 0.1 <= c.t_s < at]
            priority.feed("insole", who, told, at)
    assert lane.final_s > 109.8  # a second late, as told to be


def test_without_insoles_it_never_rests():
    priority = Priority({"unknown": ("pelvis_imu",)})
    lane = _Lane()
    imu = StandIn(lane, priority.wanted(*key_of(lane)))
    t_s = np.arange(0.0, 300.0, 0.1)
    imu.feed(t_s, t_s[:, None])
    while imu.work() is not None:
        pass
    assert rows(lane).tolist() == t_s.tolist()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_interleaving_looks_at_the_same_rows(data):
    feet = {}
    for side, late_s in (("left", 0.0), ("right", 0.37)):
        holes = [
            (from_s, from_s + data.draw(st.floats(0.2, 6.0)), data.draw(st.booleans()))
            for from_s in data.draw(st.lists(st.floats(5.0, 150.0), max_size=3))
        ]
        feet[side] = insole(side, holes, late_s)
    whole, found = play(feet, in_turn())
    reached, cuts = dict.fromkeys(("left", "right", "imu"), 0.0), []
    for _ in range(data.draw(st.integers(0, 40))):
        who = data.draw(st.sampled_from(sorted(reached)))
        reached[who] += data.draw(st.floats(0.0, 40.0))
        cuts.append((who, min(reached[who], END_S)))
    cut, again = play(feet, cuts)
    assert again == found
    assert cut.seen == whole.seen
