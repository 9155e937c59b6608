"""Gates at work with a runner in memory: good tries, faults, what is left of them."""

from __future__ import annotations

import gate_lab
import msgspec
import numpy as np
import pytest
from gate_lab import (
    MICROPHONE,
    MUSCLES,
    SOLES,
    TREADMILL,
    GateLab,
    about,
)

from lablive.calibrating.phases import phases_of
from lablive.protocol.gate_path import Held
from lablive.protocol.gate_run import SILENT_S, GateRun
from lablive.protocol.template import load_template
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind
from lablive.signals.calibrations import Calibrations


def weighed(lab):
    for _ in range(2):
        lab.begin()
        lab.through()
    return lab


def test_a_good_gate_opens_the_next_and_calibrates():
    lab = GateLab()
    assert lab.begin().kind == "zero"
    doing = lab.gates.doing
    assert (doing.share, doing.lead_s) == (0.0, 1.5)
    lab.play(1.0)
    assert lab.gates.doing.lead_s == pytest.approx(
        0.75, abs=0.01
    )  # of rows, not of clocks
    lab.play(1.75)
    assert 0.3 < lab.gates.doing.share < 0.8
    view = lab.through()
    assert (lab.view("zero").state, lab.view("zero").light) == ("done", "green")
    assert view.gate.kind == "weigh"
    lab.begin()
    assert lab.through().gate.kind == "run"
    made = lab.gates.calibrations(Calibrations())
    assert made.insole.mass_kg == 70.0
    assert made.insole.left.zero_from == "unloaded"
    phases, problems = phases_of(lab.markers)
    assert [phase.kind for phase in phases] == ["zero", "stand"]
    assert problems == ()
    assert [it.gate_ended for it in lab.finished] == [True, True]


def test_what_was_done_is_stored_with_person_mounting_and_verdicts():
    lab = weighed(GateLab())
    record = lab.gates.record()
    assert (record.person, record.mounting) == ("P7", "2026-11-21")
    assert [(v.phase, v.light) for v in record.verdicts] == [
        ("zero", "green"), ("stand", "green"),
    ]  # fmt: skip
    assert record.calibrations.insole == lab.gates.calibrations(Calibrations()).insole
    assert GateLab().gates.record() is None


def test_rows_cut_otherwise_give_the_same_path(monkeypatch):
    def walk(step_s):
        monkeypatch.setattr(gate_lab, "STEP_S", step_s)
        return weighed(GateLab())

    one, other = walk(0.25), walk(0.05)
    assert [v.state for v in one.gates.path] == [v.state for v in other.gates.path]
    assert [v.light for v in one.gates.path] == [v.light for v in other.gates.path]
    again = walk(0.25)
    assert again.gates.path == one.gates.path
    assert again.gates.calibrations(Calibrations()) == one.gates.calibrations(
        Calibrations()
    )


def test_a_stand_with_moving_feet_is_red_with_its_cause_and_can_be_repeated():
    moving = [True]

    def sway(name, t_s, x):
        if moving[0] and name in SOLES:
            phase = 1 if name == "left_sole" else -1
            x = x * (1 + 0.7 * phase * np.sin(9.0 * t_s))[:, None].astype(np.float32)
        return t_s, x

    lab = GateLab(change=sway)
    moving[0] = False
    lab.begin()
    lab.through()
    moving[0] = True
    lab.begin()
    view = lab.through()
    assert (view.gate.kind, view.light) == ("weigh", "red")
    assert "still" in view.causes[0]
    assert lab.gates.calibrations(Calibrations()).insole is None
    moving[0] = False
    lab.begin()
    lab.through()
    assert lab.view("weigh").light == "green"


def test_an_insole_lost_inside_a_gate_is_named_and_the_gate_ends():
    lab = GateLab()
    lab.begin()
    lab.through()
    lab.begin()
    lab.play(3.0)
    lab.play(10.0, silent=("left_sole",))
    view = lab.gates.now
    assert lab.gates.doing is None
    assert (view.gate.kind, view.light) == ("weigh", "red")
    assert "the left insole sent rows in" in view.causes[0]
    assert lab.view("zero").light == "green"
    lab.begin()
    lab.through()
    assert lab.view("weigh").light == "green"


def test_when_nothing_comes_at_all_the_step_is_given_up_and_told():
    lab = GateLab()
    lab.begin()
    lab.play(2.0)
    lab.play(SILENT_S - 0.5, silent=SOLES)
    assert lab.gates.doing is not None
    lab.play(1.0, silent=SOLES)
    assert lab.gates.doing is None
    view = lab.gates.now
    assert (view.gate.kind, view.light) == ("zero", "red")
    assert "No device sent anything" in view.causes[0]
    lab.begin()
    lab.through()
    assert lab.view("zero").light == "green"


def test_a_host_that_was_gone_costs_the_step_not_what_was_done():
    lab = weighed(GateLab(None))
    lab.begin()  # neutral
    lab.play(3.0)
    lab.connect(())
    assert lab.gates.now.gate.kind == "connect"
    assert lab.gates.doing is None
    lab.connect(None)
    view = lab.gates.now
    assert (view.gate.kind, view.light) == ("neutral", "red")
    assert "given up" in view.causes[0]
    assert lab.view("weigh").light == "green"


def test_devices_opened_again_under_other_numbers_keep_what_was_made():
    lab = weighed(GateLab())
    before = lab.gates.calibrations(Calibrations())
    numbered = [msgspec.structs.replace(info, id=info.id + 50) for info in lab.infos]
    lab.gates.set_lab(bind(auto_montage(numbered), numbered), numbered)
    view = lab.view("weigh")
    assert (view.state, view.light) == ("done", "green")
    assert "opened again" in view.told[0]
    assert lab.gates.calibrations(Calibrations()).insole == before.insole
    stranger = [
        msgspec.structs.replace(info, id=info.id + 50, source_id="other")
        for info in lab.infos
    ]
    lab = weighed(GateLab())
    lab.gates.set_lab(bind(auto_montage(stranger), stranger), stranger)
    assert lab.view("weigh").state != "done"


def test_another_device_under_the_same_number_is_no_repeat_of_the_first():
    lab = weighed(GateLab())
    lab.gates.set_lab(None, ())
    others = [msgspec.structs.replace(info, source_id="other") for info in lab.infos]
    lab.gates.set_lab(bind(auto_montage(others), others), others)
    assert lab.view("zero").light is None
    assert lab.gates.run is None


def test_another_device_in_the_middle_adds_its_gates_and_keeps_the_others():
    lab = weighed(GateLab())
    lab.connect((*SOLES, MUSCLES))
    assert lab.kinds() == ["connect", "zero", "weigh", "emg", "run", "review"]
    assert [v.state for v in lab.gates.path][:3] == ["done"] * 3
    assert lab.gates.now.gate.kind == "emg"


def test_a_gate_left_and_come_back_to():
    lab = GateLab()
    lab.begin()
    lab.play(2.0)
    lab.gates.open("weigh")
    assert lab.gates.doing is None
    lab.play(10.0)
    assert lab.finished == []
    assert lab.gates.now.gate.kind == "weigh"
    lab.gates.open("zero")
    lab.begin()
    lab.through()
    assert lab.view("zero").light == "green"
    lab.gates.open("zero")  # a done gate may be looked at, and left again
    assert lab.gates.now.light == "green"
    lab.gates.accept()
    assert lab.gates.now.gate.kind == "weigh"


def test_a_zero_with_a_loaded_foot_is_red_and_weighing_leads_back_to_it():
    lab = GateLab()
    lab.do("stand")
    lab.play(2.0)
    lab.begin("zero", obedient=False)
    lab.through()
    view = lab.gates.now
    assert (view.gate.kind, view.light) == ("zero", "red")
    assert "was not in the air" in view.causes[0]
    lab.begin("weigh")
    lab.through()
    assert "wait for their zero" in lab.view("weigh").causes[0]
    assert lab.gates.now.gate.kind == "zero"
    lab.begin()
    lab.through()
    lab.begin("weigh")
    lab.through()
    assert lab.gates.now.gate.kind == "run"


def test_skipping_states_the_cost_and_a_skipped_gate_can_be_done_later():
    lab = GateLab()
    passed = lab.gates.skip()
    assert "what lacing and socks press" in passed.gate.skipping
    assert lab.view("zero").state == "skipped"
    lab.gates.skip()
    assert lab.gates.now.gate.kind == "run"
    lab.gates.skip()  # nothing to skip in a run
    assert lab.gates.now.gate.kind == "run"
    lab.begin("zero")
    lab.through()
    assert lab.view("zero").state == "done"


def test_an_amber_gate_waits_for_the_operator():
    lab = GateLab((MUSCLES,), "whole_lab")
    lab.gates.skip()
    lab.begin()
    lab.through()
    view = lab.gates.now  # hum is filtered out and told
    assert (view.gate.kind, view.light) == ("emg", "amber")
    assert "50 Hz" in view.causes[0]
    lab.gates.accept()
    assert lab.view("emg").state == "done"
    assert lab.gates.now.gate.kind == "run"


def test_a_clipped_contraction_is_red_at_once_and_another_one_stands_in_for_it():
    spoilt = [False]

    def change(name, t_s, x):
        if name == MUSCLES and spoilt[0]:
            x = np.clip(x, -5e-5, 5e-5)
        return t_s, x

    lab = GateLab((MUSCLES,), change=change)
    lab.begin()
    while not [it for it in lab.finished if it.step.kind == "mvc"]:
        lab.play(0.25)
    spoilt[0] = True
    view = lab.through()
    assert (view.gate.kind, view.light) == ("emg", "red")
    assert "clipped" in view.causes[0]  # before the hum, which is only a caution
    assert [step.kind for step in view.ahead] == ["mvc", "mvc"]
    spoilt[0] = False
    lab.begin()
    view = lab.through()
    assert view.light == "amber"  # the hum
    assert len([it for it in lab.finished if it.step.kind == "mvc"]) == 4
    references = lab.gates.calibrations(Calibrations()).emg.references
    assert {found.method for found in references} == {"mvc"}
    assert len(references) == 4


def test_belt_noise_of_a_belt_that_stands_is_red():
    lab = GateLab((MICROPHONE, TREADMILL))
    lab.begin(obedient=False)
    view = lab.through()
    assert (view.gate.kind, view.light) == ("belt_noise", "red")
    assert "the belt stood still" in view.causes[0]
    lab.begin()
    lab.through()
    assert lab.view("belt_noise").light == "green"
    (noise,) = lab.gates.calibrations(Calibrations()).belt_noise
    assert noise.speed_mps == pytest.approx(3.0)


def test_belt_noise_without_a_speed_says_how_to_give_one():
    lab = GateLab((MICROPHONE,))
    lab.begin()
    view = lab.through()
    assert view.light == "red"
    assert "nothing tells the speed" in view.causes[0]


def test_single_legs_one_after_the_other():
    lab = GateLab(SOLES, "insoles", gain_left=0.8)
    weighed(lab)
    assert lab.view("weigh").light == "green"
    made = lab.gates.calibrations(Calibrations()).insole
    assert made.left.gain_from == made.right.gain_from == "single_leg"
    assert made.left.gain / made.right.gain == pytest.approx(1.25, abs=0.02)


def test_a_mass_that_comes_late_counts():
    lab = GateLab(about=about(mass_kg=None))
    weighed(lab)
    assert "body mass is missing" in lab.view("weigh").causes[0]
    lab.gates.change(about(mass_kg=70.0))
    assert lab.view("weigh").light == "green"


def test_an_earlier_calibration_stands_in_until_its_gate_is_begun():
    earlier = weighed(GateLab()).gates.calibrations(Calibrations())
    lab = GateLab()
    lab.gates.hold("insole", Held("Made at 09:12, 48 min ago."), earlier)
    assert lab.view("weigh").state == "done"
    assert lab.view("weigh").told == ("Made at 09:12, 48 min ago.",)
    assert lab.gates.now.gate.kind == "run"
    assert lab.gates.calibrations(Calibrations()).insole == earlier.insole
    lab.begin("zero")
    assert lab.view("weigh").state == "ahead"
    doubtful = GateLab()
    doubtful.gates.hold("insole", Held("Yesterday", "26 h old"), earlier)
    view = doubtful.gates.now
    assert (view.light, view.causes) == ("amber", ("26 h old",))


def test_forces_of_an_earlier_calibration_are_in_todays_body_weights():
    earlier = weighed(GateLab()).gates.calibrations(Calibrations())
    lab = GateLab(about=about(mass_kg=77.0))
    lab.gates.hold("insole", Held("Yesterday"), earlier)
    made = lab.gates.calibrations(Calibrations()).insole
    assert made.mass_kg == 77.0
    assert made.left.gain == earlier.insole.left.gain
    lab.gates.change(about(mass_kg=None))
    assert lab.gates.calibrations(Calibrations()).insole.mass_kg == 70.0


def test_all_of_the_whole_lab_goes_through():
    lab = GateLab(None, "whole_lab", mounting_seed=3)
    assert lab.gates.now.gate.kind == "zero"
    for kind in ("zero", "weigh", "neutral", "belt_noise", "emg"):
        assert lab.gates.now.gate.kind == kind
        lab.begin()
        lab.through()
        view = lab.view(kind)
        assert view.light in ("green", "amber"), (kind, view.causes)
        if view.light == "amber":
            lab.gates.accept()
    assert lab.gates.now.gate.kind == "run"
    made = lab.gates.calibrations(Calibrations())
    assert made.segments.pelvic_range is not None
    assert all(own.has_angles for own in made.segments.sites)
    assert {found.method for found in made.emg.references} == {"task peak"}
    assert len(made.belt_noise) == 2
    assert made.sound_latency is not None


def test_another_protocol_keeps_what_was_calibrated():
    lab = weighed(GateLab())
    lab.begin("zero")
    lab.gates.set_template(load_template("insoles"))
    assert lab.gates.doing is None
    assert lab.view("zero").state == "done"
    assert isinstance(lab.gates, GateRun)
