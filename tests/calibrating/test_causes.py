"""Every reason why a phase does not count is named, and the rest still counts."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from calibration_lab import case, inside, sensor, told


def test_swapped_soles_are_seen_standing_on_one_leg():
    lab = case()
    rows = {
        **lab.rows,
        "left_sole": lab.rows["right_sole"],
        "right_sole": lab.rows["left_sole"],
    }
    found = replace(lab, rows=rows).outcome("insole")
    for verdict in found.verdicts(lab.phases):
        if verdict.phase == "single_leg":
            assert verdict.light == "red"
            assert "The left and right insoles are swapped" in verdict.problems[0]


def test_the_wrong_leg_is_asked_for_again_and_two_legs_count():
    lab = case()
    wrong = msgspec.structs.replace(lab.phase("single_leg", "right"), target="left")
    right = msgspec.structs.replace(wrong, target="right")
    rest = tuple(p for p in lab.phases if p.kind != "single_leg")
    found = replace(lab, phases=(*rest, wrong, right)).outcome("insole")
    verdicts = found.verdicts((wrong, right))
    assert "Repeat on the left leg" in told(verdicts[0])
    assert "both feet share the gain" in told(verdicts[1])
    assert found.calibrations.insole.left.gain_from == "two_leg"


def test_a_foot_on_the_floor_is_no_zero():
    lab = case()
    zero, stand = lab.phase("zero"), lab.phase("stand")

    def pressed(t_s, x):
        x[inside(t_s, zero)] = x[inside(t_s, stand)][: inside(t_s, zero).sum()]
        return x

    found = lab.changed("left_sole", pressed).outcome("insole")
    by_kind = {v.phase: v for v in found.verdicts(lab.phases)}
    assert by_kind["zero"].light == "red"
    assert "The left foot was not in the air" in told(by_kind["zero"])
    assert "wait for their zero" in told(by_kind["stand"])
    assert found.calibrations.insole is None
    alone = lab.changed("left_sole", pressed).only("zero").verdicts("insole")
    assert "not in the air" in told(alone["zero", ""])


def test_too_short_is_told_in_seconds():
    lab = case()
    stand = lab.phase("stand")
    short = msgspec.structs.replace(stand, t1_s=stand.t0_s + 3.0)
    phases = tuple(short if p is stand else p for p in lab.phases)
    verdicts = replace(lab, phases=phases).verdicts("insole", "segments")
    text = told(verdicts["stand", ""])
    assert "Quiet stand, pelvis: 3.0 s are too short, 5 s are needed" in text
    assert "Two-leg stand: 3.0 s of the left foot are too short" in text
    # each foot alone still gives a gain
    assert verdicts["single_leg", "left"].light == "green"


@pytest.mark.parametrize("lost_from", ["begin", "middle"])
def test_a_sensor_that_is_silent_is_named(lost_from):
    lab = case()
    stand = lab.phase("stand")
    from_s = stand.t0_s + (6.0 if lost_from == "middle" else -1.0)

    def lost(t_s, x):
        kept = (t_s < from_s) | (t_s > stand.t1_s)
        return t_s[kept], x[kept]

    after = lab.changed(sensor("pelvis"), lost).changed("left_sole", lost)
    found = after.outcome("insole", "segments")
    text = told(next(v for v in found.verdicts(lab.phases) if v.phase == "stand"))
    what = "sent nothing" if lost_from == "begin" else "sent rows in 6.0 of 10.0 s only"
    assert f"Quiet stand, pelvis: the sensor {what}" in text
    assert f"the left insole {what}" in text
    assert found.calibrations.segments.of("pelvis") is None
    assert found.calibrations.segments.of("trunk") is not None


def test_muscles_that_are_not_at_rest_or_not_contracted():
    lab = case().only("emg_rest", "mvc")
    rest, first = lab.phase("emg_rest"), lab.phase("mvc")

    def tense(t_s, x):
        rows = inside(t_s, rest) & (t_s < rest.t0_s + 1.5)
        x[rows, 0] *= 8.0
        return x

    def lazy(t_s, x):
        x[t_s > rest.t1_s, 1] *= 0.02
        return x

    def clip(t_s, x):
        x[inside(t_s, first), 2] = np.clip(x[inside(t_s, first), 2], -5e-5, 5e-5)
        return x

    changed = lab
    for change in (tense, lazy, clip):
        changed = changed.changed("Sim EMG", change)
    found = changed.outcome("emg")
    verdicts = found.verdicts(lab.phases)
    assert "emg_gluteus_maximus_left cannot be used: the muscle was tense" in told(
        verdicts[0]
    )
    texts = " ".join(told(v) for v in verdicts[1:])
    assert "left gluteus maximus: no rest to compare with" in texts
    assert "no contraction stands out of the rest" in texts
    assert "clipped: lower gain" in texts
    roles = {r.electrode.role for r in found.calibrations.emg.references}
    assert roles == {"emg_gluteus_medius_right"}


def test_the_other_side_was_contracted():
    lab = case().only("emg_rest", "mvc")
    phases = tuple(
        msgspec.structs.replace(p, target="gluteus_medius_left")
        if p.kind == "mvc"
        else p
        for p in lab.phases
    )

    def weak(t_s, x):
        x[:, 2] *= 0.3
        return x

    found = replace(lab, phases=phases).changed("Sim EMG", weak).outcome("emg")
    text = " ".join(told(v) for v in found.verdicts(phases))
    assert "The right side was contracted" in text
    assert found.calibrations.emg.references == ()


def test_without_soles_a_run_gives_no_task_peak_and_no_latency():
    lab = case().without("left_sole", "right_sole").only("emg_rest", "run")
    found = lab.outcome()
    run = found.verdicts(lab.phases)[1]
    assert "No insole tells strides" in told(run)
    assert "with both insoles" in told(run)
    assert found.calibrations.emg.references == ()
    assert found.calibrations.sound_latency is None


def test_two_contractions_are_not_three():
    lab = case()
    tries = [p for p in lab.phases if p.kind == "mvc"]
    phases = (lab.phase("emg_rest"), *tries[:2])
    found = replace(lab, phases=phases).outcome("emg")
    last = found.verdicts(phases)[-1]
    assert "left gluteus maximus: 2 of 3 contractions." in last.notes
    assert found.calibrations.emg.references == ()


def test_a_belt_that_stands_or_changes_is_no_noise():
    lab = case()
    noise = lab.phase("belt_noise")
    stands = lab.changed("Sim treadmill", lambda _, x: 0 * x)
    assert "the belt stood still" in told(stands.verdicts("sound")["belt_noise", ""])

    def faster(t_s, x):
        x[t_s > noise.t0_s + 10] *= 1.3
        return x

    changed = lab.changed("Sim treadmill", faster).verdicts("sound")
    assert "went from 3.00 to 3.90 m/s" in told(changed["belt_noise", ""])
    silent = lab.without("Sim treadmill").verdicts("sound")["belt_noise", ""]
    assert "nothing tells the speed" in told(silent)


def test_a_talker_spoils_the_noise_and_the_speed_may_be_told():
    lab = case().without("Sim treadmill")
    noise = msgspec.structs.replace(lab.phase("belt_noise"), target="2.5")
    lab = replace(lab, phases=(noise,))
    assert lab.outcome("sound").calibrations.belt_noise[0].speed_mps == 2.5

    def talk(t_s, x):
        x[(t_s > noise.t0_s + 5) & (t_s < noise.t0_s + 8)] *= 4.0
        return x

    found = lab.changed("Sim belt microphone", talk).outcome("sound")
    assert "its level moved by 6" in told(found.verdicts((noise,))[0])


def test_a_gain_that_is_wrong_shows_while_running():
    lab = case()
    run = lab.phase("run")

    def weaker(t_s, x):
        x[t_s >= run.t0_s] *= 0.7
        return x

    weak = lab.changed("left_sole", weaker).changed("right_sole", weaker)
    verdict = weak.verdicts("insole")["run", ""]
    assert verdict.light == "amber"
    assert "The standing gain is off by 1.4" in told(verdict)


def test_a_mass_that_is_missing():
    lab = case()
    found = replace(lab, about=msgspec.structs.replace(lab.about, mass_kg=None))
    stand = found.verdicts("insole")["stand", ""]
    assert "The body mass is missing" in told(stand)


def test_nothing_connected_is_red():
    lab = case().without(sensor("pelvis"), sensor("trunk"), sensor("head"))
    verdict = lab.verdicts()["bows", ""]
    assert verdict.light == "red"
    assert verdict.problems == ("Nothing that this phase is for is connected.",)


def test_a_broken_cell_is_named():
    lab = case()

    def stuck(t_s, x):
        x[:, 1] = 300.0
        return x

    stand = lab.changed("right_sole", stuck).verdicts("insole")["stand", ""]
    assert "Channel 2 of the right insole does not change under load" in told(stand)
