"""A calibration over live rows: any cut, silent sensors, repeats."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from calibration_lab import ABOUT, case, runner, sensor

from lablive.calibrating.calibrate import work_out
from lablive.calibrating.phases import phases_of
from lablive.calibrating.plan import plan
from lablive.calibrating.rows import LEAD_S
from lablive.calibrating.run import CalibrationRun
from lablive.messages import Chunk, Gap

SOLES = ("left_sole", "right_sole")


def fed(lab, seconds, asked, seed=0, parts=None):
    """Play rows up to a time; ``asked`` = {second: (kind, target, seconds)}."""
    whole = lab.lab()
    run = CalibrationRun(
        whole.binding,
        whole.streams.values(),
        lab.about,
        **({} if parts is None else {"parts": parts}),
    )
    rng = np.random.default_rng(seed)
    sent = dict.fromkeys(whole.streams, 0)
    markers, now_s, waiting = [], 0.0, dict(asked)
    while now_s < seconds:
        now_s += float(rng.uniform(0.01, 0.2))
        items = []
        for stream in rng.permutation(list(whole.streams)).tolist():
            t_s, x = whole.rows.rows[stream]
            end = int(np.searchsorted(t_s, min(now_s, seconds)))
            first, sent[stream] = sent[stream], end
            items.append(Chunk(stream, first, t_s[first:end], x[first:end]))
        for at_s in [at_s for at_s in waiting if at_s <= now_s]:
            run.begin(*waiting.pop(at_s))
        markers += run.feed(items)
    return run, markers


def script(lab):
    """Press every button when the phase begins."""
    return {p.t0_s: (p.kind, p.target, p.t1_s - p.t0_s) for p in lab.phases}


@pytest.fixture(scope="module")
def live():
    lab = case()
    return fed(lab, lab.phases[-1].t1_s + 0.5, script(lab))


def test_every_phase_came_to_its_end(live):
    run, markers = live
    wanted = [(p.kind, p.target) for p in case().phases]
    assert [(p.kind, p.target) for p in run.phases] == wanted
    assert run.running is None
    lights = {v.phase: v.light for v in run.verdicts if v.light != "green"}
    assert lights == {"emg_rest": "amber"}  # the hum of REF-1
    assert len(markers) == 2 * len(wanted)


def test_the_markers_in_a_trial_lead_to_the_same_bits(live):
    run, markers = live
    phases, problems = phases_of(markers)
    assert problems == ()
    again = work_out(case().lab(), phases, ABOUT)
    assert again.calibrations == run.calibrations
    assert again.verdicts(phases) == run.verdicts


def test_a_silent_sensor_does_not_hold_up_the_others():
    lab = case()
    stand = lab.phase("stand")

    def lost(t_s, x):
        return t_s[t_s < stand.t0_s + 3.0], x[t_s < stand.t0_s + 3.0]

    asked = {stand.t0_s: ("stand", "", 9.0)}
    changed = lab.changed(sensor("head"), lost)
    run, _ = fed(changed, stand.t0_s + 9.0 + 1.5, asked)
    assert run.running == ("stand", "")
    assert run.share == 1.0
    run, _ = fed(changed, stand.t0_s + 9.0 + 2.5, asked)
    assert run.running is None
    (verdict,) = run.verdicts
    assert "head: the sensor sent rows in" in verdict.problems[0]
    assert run.calibrations.segments.of("trunk") is not None


def test_a_repeat_replaces_the_try_before():
    lab = case()
    stand = lab.phase("stand")
    asked = {2.0: ("stand", "", 6.0), stand.t0_s + 2.2: ("stand", "", 6.0)}
    run, _ = fed(lab, stand.t0_s + 8.5, asked, parts=("segments",))
    assert len(run.phases) == 1
    assert run.phases[0].t0_s == pytest.approx(stand.t0_s + 2.2, abs=0.3)
    assert run.verdicts[0].light == "green"


def test_a_stand_that_was_weighed_counts_with_the_new_mass():
    lab = case()
    whole = msgspec.structs.replace(lab.about, mass_kg=None)
    stand, zero = lab.phase("stand"), lab.phase("zero")
    lab.about = whole
    asked = {zero.t0_s: ("zero", "", 2.0), stand.t0_s: ("stand", "", 6.0)}
    run, _ = fed(lab, stand.t1_s, asked, parts=("insole",))
    assert "The body mass is missing" in run.verdicts[1].problems[0]
    run.change(msgspec.structs.replace(whole, mass_kg=70.0))
    assert run.verdicts[1].light == "green"
    assert run.calibrations.insole.mass_kg == 70.0


def test_rows_that_come_twice_count_once():
    lab = case()
    whole = lab.lab()
    run = CalibrationRun(whole.binding, whole.streams.values(), ABOUT, ("insole",))
    ids = [info.id for info in runner().streams if info.name in SOLES]
    zero = lab.phase("zero")
    run.begin("zero", seconds=2.0)
    for end_s in np.arange(zero.t0_s + 0.5, zero.t1_s, 0.5):
        items = []
        for stream in ids:
            t_s, x = whole.rows.window(stream, zero.t0_s, end_s)  # all, again and again
            items.append(Chunk(stream, 0, t_s, x))
        run.feed([*items, Gap(ids[0], 0, end_s, 0.1, 1, "lost")])
    t_s, _ = run.window(ids[0], zero.t0_s, zero.t0_s + 2.0)
    assert (np.diff(t_s) > 0).all()
    assert len(t_s) == 400
    assert run.verdicts[0].made == ("zero of the insoles taken",)


def test_little_is_kept_while_nothing_is_asked():
    lab = case().only("zero")
    run, _ = fed(lab, 30.0, {})
    kept = [c for chunks in run._recent.values() for c in chunks]
    assert kept
    assert min(float(c.t_s[-1]) for c in kept) > 30.0 - LEAD_S - 1.0


def test_finished_phases_hold_only_for_the_same_channels(live):
    run, _ = live
    assert run.fits(case().lab().binding)
    assert not run.fits(case().without("left_sole").lab().binding)
    turned = case()
    turned.axes = ("imu_trunk",)
    assert run.fits(turned.lab().binding)  # x, y, z as they were


def test_the_plan_follows_what_is_connected():
    kinds = [(step.kind, step.target) for step in plan(case().lab())]
    assert [kind for kind, _ in dict.fromkeys(kinds)] == [
        "zero", "stand", "single_leg", "single_leg", "bows", "steps",
        "pelvis_forward", "pelvis_back", "emg_rest", "mvc", "belt_noise", "run",
    ]  # fmt: skip
    assert kinds.count(("mvc", "")) == 3
    soles = {name: rows for name, rows in case().rows.items() if name in SOLES}
    lab = case()
    lab.rows = soles
    found = plan(lab.lab())
    assert [step.kind for step in found if not step.optional] == ["zero", "stand"]
    lab.rows = {"left_sole": soles["left_sole"]}
    found = plan(lab.lab())
    assert [s.kind for s in found if not s.optional] == ["zero", "stand", "single_leg"]
