"""Strides from contacts: what counts, what does not, and why."""

from __future__ import annotations

import pytest
from forces import WEIGHT_N, steps
from hypothesis import given
from hypothesis import strategies as st

from lablive.gait.contacts import Contact, ContactDetector, ContactSettings
from lablive.gait.strides import StrideBuilder

STRIDE_S, CONTACT_S = 0.74, 0.25


def contact(t_s, side, kind, rise_n=1000.0, source="insole"):
    return Contact(t_s, side, kind, source, rise_n)


def gait(strides, contact_s=CONTACT_S, stride_s=STRIDE_S, start_s=0.0):
    """Return the contacts of both feet, in time order."""
    found = []
    for number in range(strides):
        for side, shift in (("left", 0.0), ("right", 0.5)):
            at = start_s + (number + shift) * stride_s
            found.append(contact(at, side, "ic"))
            found.append(contact(at + contact_s, side, "to"))
    return sorted(found, key=lambda c: c.t_s)


def build(contacts, *, both_feet=True):
    builder = StrideBuilder(both_feet=both_feet)
    return [stride for c in contacts if (stride := builder.feed(c)) is not None]


def without(contacts, *numbers):
    return [c for number, c in enumerate(contacts) if number not in numbers]


def reasons(strides):
    return [stride.reasons for stride in strides if not stride.valid]


def test_steady_running_is_all_valid():
    strides = build(gait(10))
    assert len(strides) == 18
    assert all(stride.valid and stride.expected == 1 for stride in strides)
    assert {stride.gait for stride in strides} == {"run"}
    left = strides[4]
    assert left.side == "left"
    assert left.to_s - left.ic_s == pytest.approx(CONTACT_S)
    assert left.opposite_ic_s - left.ic_s == pytest.approx(STRIDE_S / 2)
    assert left.opposite_to_s == pytest.approx(left.opposite_ic_s + CONTACT_S)


def test_a_missed_contact_is_a_gap_of_two():
    contacts = gait(12)
    left = [n for n, c in enumerate(contacts) if c.side == "left"]
    strides = build(without(contacts, left[12], left[13]))
    gap = next(s for s in strides if "gap" in s.reasons)
    assert gap.side == "left"
    assert gap.expected == 2
    assert reasons(strides).count(("no opposite contact",)) == 1


def test_a_contact_too_many_leaves_the_stronger_one():
    contacts = gait(12)
    ic_s = 6 * STRIDE_S
    for rise_n, kept_s in ((200.0, ic_s), (5000.0, ic_s + 0.30)):
        extra = contact(ic_s + 0.30, "left", "ic", rise_n)
        strides = build(sorted([*contacts, extra], key=lambda c: c.t_s))
        double = [s for s in strides if "double" in s.reasons]
        assert double[-1].side == "left"
        after = next(
            s for s in strides if s.side == "left" and s.next_ic_s > ic_s + 0.7
        )
        assert after.ic_s == pytest.approx(kept_s)
        assert not after.valid


def test_a_late_step_is_irregular():
    contacts = gait(8) + gait(8, start_s=8 * STRIDE_S + 0.25)
    assert ("irregular",) in reasons(build(contacts))


def test_no_toe_off():
    contacts = gait(8)
    number = next(n for n, c in enumerate(contacts) if c.kind == "to" and c.t_s > 3)
    assert reasons(build(without(contacts, number))) == [("no toe-off",)]


@pytest.mark.parametrize(
    ("kind", "reason"), [("lost", "sensor loss"), ("stuck", "stuck")]
)
def test_sensor_trouble_is_named(kind, reason):
    contacts = gait(8)
    trouble = contact(4 * STRIDE_S + 0.3, "left", kind)
    strides = build(sorted([*contacts, trouble], key=lambda c: c.t_s))
    sides = {s.side for s in strides if reason in s.reasons}
    assert sides == ({"left", "right"} if kind == "lost" else {"left"})


def test_standing_is_no_stride_and_nobody_expected_one():
    lift = contact(29.5, "right", "to")
    strides = build([*gait(6)[:-1], lift, *gait(6, start_s=30.0)])
    stood = next(s for s in strides if s.side == "right" and s.stride_s > 5)
    assert stood.reasons == ("standing",)
    assert stood.gait == "stand"
    assert stood.expected == 0


def test_a_foot_in_the_air_for_long_is_no_stride():
    contacts = gait(1) + gait(4, start_s=20.0)
    assert [s.reasons for s in build(contacts) if s.stride_s > 10] == [
        ("gap",), ("gap",),
    ]  # fmt: skip


def test_a_new_pace_is_usual_after_some_strides():
    contacts = gait(10) + gait(12, 0.7, 1.2, start_s=10 * STRIDE_S)
    strides = build(contacts)
    assert all(s.valid for s in strides[-10:])
    assert [s.gait for s in strides[-10:]] == ["walk"] * 10


def test_gait_changes_after_three_strides_only():
    walk = gait(1, 0.45, STRIDE_S, start_s=5 * STRIDE_S)
    contacts = gait(5) + walk + gait(5, start_s=6 * STRIDE_S)
    assert {s.gait for s in build(contacts)} == {"run"}


def test_walking_needs_no_flight():
    strides = build(gait(8, contact_s=0.66, stride_s=1.1))
    assert {s.gait for s in strides} == {"walk"}
    left = strides[4]
    assert left.opposite_to_s - left.ic_s == pytest.approx(0.11)
    assert left.to_s - left.opposite_ic_s == pytest.approx(0.11)


def test_a_force_plate_has_steps_without_a_side():
    contacts = [contact(c.t_s, "unknown", c.kind, source="treadmill") for c in gait(10)]
    strides = build(contacts)
    assert len(strides) == 18
    assert {s.side for s in strides} == {"unknown"}
    assert all(s.valid for s in strides)
    assert strides[3].stride_s == pytest.approx(STRIDE_S)


def test_one_insole_alone_is_not_asked_for_the_other_foot():
    contacts = [c for c in gait(8) if c.side == "left"]
    assert all(s.valid for s in build(contacts, both_feet=False))
    assert not any(s.valid for s in build(contacts, both_feet=True))


@given(st.lists(st.integers(0, 63), max_size=20, unique=True), st.integers(0, 9))
def test_every_stride_joins_two_contacts_of_its_foot(missing, seed):
    contacts = without(gait(16), *missing)
    ics = {(c.side, c.t_s) for c in contacts if c.kind == "ic"}
    strides = build(contacts)
    for stride in strides:
        assert (stride.side, stride.ic_s) in ics
        assert (stride.side, stride.next_ic_s) in ics
        assert stride.ic_s < stride.next_ic_s
        assert stride.valid == (not stride.reasons)
    ends = [stride.next_ic_s for stride in strides]
    assert ends == sorted(ends)


def test_from_force_to_strides_in_walking():
    contacts = []
    for side, first in (("left", 2.5), ("right", 3.05)):
        t, force, _ = steps(
            100, 40, 0.66, -0.11, preload_n=20, first_s=first, walk=True, seed=5
        )
        settings = ContactSettings(rate_hz=100, weight_n=WEIGHT_N)
        contacts += ContactDetector(settings, side, "insole").feed(t, force)
    strides = build(sorted(contacts, key=lambda c: c.t_s))
    assert len(strides) > 60
    assert all(stride.valid for stride in strides)
