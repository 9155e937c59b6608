"""Which gates a session has: the template's, as far as the devices need them."""

from __future__ import annotations

import msgspec
import pytest
from gate_lab import MICROPHONE, MUSCLES, SOLES, TREADMILL, GateLab

from lablive.protocol.gate_path import Choices, Facts, now_of, path_of
from lablive.protocol.gates import Equipment, gates_of, missing_devices
from lablive.protocol.template import load_template

DEMO, WHOLE = load_template("demo"), load_template("whole_lab")


def kinds(equipment, template=DEMO):
    return [gate.kind for gate in gates_of(template, equipment)]


def steps(kind, equipment, template=DEMO):
    gate = next(g for g in gates_of(template, equipment) if g.kind == kind)
    return [(step.kind, step.target) for step in gate.steps]


@pytest.mark.parametrize(
    ("names", "between"),
    [
        (SOLES, ["zero", "weigh"]),
        ((), []),
        (("Sim pelvis IMU",), ["neutral"]),
        ((MUSCLES,), ["emg"]),
        ((MICROPHONE,), ["belt_noise"]),
        ((TREADMILL,), []),
        (None, ["zero", "weigh", "neutral", "emg", "belt_noise"]),
    ],
)
def test_gates_that_the_devices_do_not_need_are_not_there(names, between):
    lab = GateLab(names)
    expected = ["zero", "weigh", "neutral", "emg", "belt_noise"] if not names else 0
    if names == ():  # nothing is connected: all the template has is shown ahead
        assert lab.kinds() == ["connect", *expected, "run", "review"]
        assert lab.gates.now.gate.kind == "connect"
    else:
        assert lab.kinds() == ["connect", *between, "run", "review"]
        assert lab.gates.now.gate.kind == (between or ["run"])[0]


def test_one_insole_is_weighed_on_its_leg():
    assert steps("weigh", Equipment(soles=("left",))) == [("single_leg", "left")]
    both = Equipment(soles=("left", "right"))
    assert steps("weigh", both) == [("stand", "")]
    assert steps("weigh", both, WHOLE)[1:] == [
        ("single_leg", "left"), ("single_leg", "right"),
    ]  # fmt: skip


def test_movements_are_asked_for_where_the_montage_gives_no_axes():
    loose = Equipment(sites=("pelvis", "thigh_left"))
    assert steps("neutral", loose) == [("stand", ""), ("bows", ""), ("steps", "")]
    partly = msgspec.structs.replace(loose, aligned=("thigh_left",))
    assert steps("neutral", partly) == [("stand", ""), ("bows", "")]
    held = msgspec.structs.replace(loose, aligned=loose.sites)
    assert steps("neutral", held) == [("stand", "")]
    assert ("pelvis_back", "") in steps("neutral", loose, WHOLE)


def test_belt_noise_is_asked_for_at_every_speed_of_the_template():
    told = Equipment(microphone=True)
    assert steps("belt_noise", told) == [("belt_noise", "")]
    assert steps("belt_noise", told, WHOLE) == [
        ("belt_noise", "2.5"), ("belt_noise", "3"),
    ]  # fmt: skip
    measured = Equipment(microphone=True, belt_speed=True)
    assert steps("belt_noise", measured, WHOLE) == [("belt_noise", "")] * 2
    gate = next(g for g in gates_of(WHOLE, measured) if g.kind == "belt_noise")
    assert "2.5 m/s (9.0 km/h)" in gate.todo


def test_the_muscles_reference_is_the_templates():
    muscles = Equipment(muscles=("emg_gluteus_maximus_left",))
    assert steps("emg", muscles) == [("emg_rest", ""), *[("mvc", "")] * 3]
    assert steps("emg", muscles, WHOLE) == [("emg_rest", ""), ("run", "")]


def test_every_gate_that_can_be_skipped_says_what_that_costs():
    everything = Equipment(
        ("left", "right"), ("pelvis",), (), ("emg_soleus_left",), True, True
    )
    found = {gate.kind: gate.skipping for gate in gates_of(DEMO, everything)}
    assert "pelvic drop" in found["neutral"]
    assert "not measured" in found["neutral"]
    for kind in ("zero", "weigh", "emg", "belt_noise"):
        assert found[kind].startswith("Without ")
    assert found["run"] == found["review"] == ""
    counts = msgspec.structs.replace(everything, counts=True)
    zero = next(g for g in gates_of(DEMO, counts) if g.kind == "zero")
    assert "cannot be weighed" in zero.skipping


def test_a_device_that_the_template_needs_is_named_and_can_be_gone_without():
    lab = GateLab(SOLES, "whole_lab")
    view = lab.gates.now
    assert (view.gate.kind, view.light) == ("connect", "amber")
    assert view.causes == ("Not connected: IMUs, EMG, microphone, belt speed.",)
    lab.gates.skip()
    assert lab.gates.now.gate.kind == "zero"
    assert missing_devices(WHOLE, Equipment(soles=("left",)))[0] == "IMUs"


def test_the_path_is_a_function_of_facts_and_choices():
    gates = gates_of(DEMO, Equipment(soles=("left", "right")))
    for activity, now in (
        ("idle", "connect"), ("live", "zero"), ("practice", "run"),
        ("recording", "run"), ("review", "review"),
    ):  # fmt: skip
        path = path_of(gates, Facts(activity=activity), Choices())
        assert now_of(path).gate.kind == now
        assert sum(view.state == "now" for view in path) == 1
        assert path == path_of(gates, Facts(activity=activity), Choices())
    skipped = Choices(skipped=frozenset({"zero", "weigh"}))
    path = path_of(gates, Facts(activity="live"), skipped)
    assert [view.state for view in path] == [
        "done", "skipped", "skipped", "now", "ahead",
    ]  # fmt: skip
    again = msgspec.structs.replace(skipped, opened="zero")
    assert now_of(path_of(gates, Facts(activity="live"), again)).gate.kind == "zero"
