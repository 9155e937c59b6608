"""IMUs stand in where an insole is blind or absent; swapped ones are named."""

from __future__ import annotations

import numpy as np
import pytest
from pipeline_cases import EMG, IMUS, SOLES, bits, run, segments_as_worn, simulated

from drivers.sim.runner import Runner, RunnerSettings
from lablive.gait.contacts import Contact
from lablive.metrics.registry import METRICS
from lablive.metrics.withheld import NOTHING
from lablive.signals.calibrations import Calibrations

FEET = ("Sim foot left IMU", "Sim foot right IMU")
SHANKS = ("Sim shank left IMU", "Sim shank right IMU")
CALIBRATED = Calibrations(segments=segments_as_worn())
LOST_S = (22.0, 32.0)
LOSING = {"standing_s": 3.0, "left_insole_lost_s": LOST_S}


def true_ics(settings, side, t0_s, t1_s):
    events = Runner(RunnerSettings(**settings)).events(t0_s, t1_s)
    return np.array([e.t_s for e in events if (e.side, e.kind) == (side, "ic")])


def ics(pipeline, side, t0_s=0.0, t1_s=np.inf):
    return [
        c
        for c in pipeline.contacts
        if (c.side, c.kind) == (side, "ic") and t0_s <= c.t_s < t1_s
    ]


@pytest.fixture(scope="module")
def losing():
    return simulated(42.0, (*SOLES, *FEET), **LOSING)


@pytest.fixture(scope="module")
def lost(losing):
    return run(losing, calibrations=CALIBRATED)


def test_a_foot_imu_stands_in_for_a_lost_insole(lost):
    pipeline, _ = lost
    found = ics(pipeline, "left", LOST_S[0] + 0.1, LOST_S[1] - 1.0)
    true_s = true_ics(LOSING, "left", LOST_S[0] + 0.1, LOST_S[1] - 1.0)
    assert {contact.source for contact in found} == {"foot_imu"}
    assert len(found) == len(true_s)
    # its times are those the insole would have told: what it sees late is known
    assert np.abs([c.t_s for c in found] - true_s).max() < 0.012
    assert {c.source for c in ics(pipeline, "right")} == {"insole"}
    assert pipeline.findings() == ()
    assert pipeline.results.sample().withheld == NOTHING


def test_strides_go_on_without_the_force_of_the_lost_foot(lost):
    pipeline, _ = lost
    during = [
        record
        for record in pipeline.strides
        if LOST_S[0] + 1.0 < record.stride.ic_s < LOST_S[1] - 2.0
    ]
    sides = {
        side: [r for r in during if r.stride.side == side] for side in ("left", "right")
    }
    assert len(sides["left"]) >= 8
    assert all(record.stride.valid for record in during)
    assert {r.stride.source for r in sides["left"]} == {"foot_imu"}
    assert all("peak_force_bw" not in r.values for r in sides["left"])
    assert all(r.values["peak_force_bw"] > 0 for r in sides["right"])
    assert all(r.values["stride_time_ms"] == pytest.approx(740, abs=15) for r in during)


def test_the_insole_counts_again_when_it_is_back(lost):
    pipeline, _ = lost
    assert {c.source for c in ics(pipeline, "left", LOST_S[1] + 2.0)} == {"insole"}
    last = [r for r in pipeline.strides if r.stride.ic_s > LOST_S[1] + 4.0]
    assert len(last) > 8
    assert all(r.stride.valid and "peak_force_bw" in r.values for r in last)


def test_any_cut_gives_the_same_bits(losing, lost):
    def apart(handed):
        told = [item for item in handed if isinstance(item, Contact)]
        return told, bits(item for item in handed if not isinstance(item, Contact))

    expected = apart(lost[1])
    for seed in range(10):
        pipeline, handed = run(losing, seed, calibrations=CALIBRATED)
        assert apart(handed) == expected, seed
        assert pipeline.findings() == lost[0].findings()


@pytest.mark.parametrize("imus", [FEET, ("Sim pelvis IMU",)], ids=["feet", "pelvis"])
def test_an_imu_that_rested_stands_in_as_well(imus):
    hole_s = (100.0, 103.0)
    about = {"standing_s": 3.0, "left_insole_lost_s": hole_s}
    lab = simulated(112.0, (*SOLES, *imus), **about)
    pipeline, handed = run(lab, calibrations=CALIBRATED)
    found = ics(pipeline, "left", hole_s[0] + 0.1, hole_s[1])
    true_s = true_ics(about, "left", hole_s[0] + 0.1, hole_s[1])
    assert {contact.source for contact in found} == {imus[0][4:].split()[0] + "_imu"}
    assert np.abs([c.t_s for c in found] - true_s).max() < 0.012
    assert pipeline.findings() == ()
    for seed in (1, 2, 3):
        again, mixed = run(lab, seed, calibrations=CALIBRATED)
        assert again.contacts == pipeline.contacts
        assert bits(again.strides) == bits(pipeline.strides)
        assert len(mixed) == len(handed)


@pytest.mark.parametrize("streams", [FEET, SHANKS], ids=["feet", "shanks"])
def test_without_insoles_imus_tell_strides_and_say_how_well(streams):
    lab = simulated(25.0, streams, standing_s=3.0)
    pipeline, _ = run(lab, calibrations=CALIBRATED)
    for side in ("left", "right"):
        found = np.array([c.t_s for c in ics(pipeline, side, 6.0, 22.0)])
        true_s = true_ics({"standing_s": 3.0}, side, 6.0, 22.0)
        late_s = (found - true_s[0] + 0.37) % 0.74 - 0.37
        assert np.ptp(late_s) < 0.02
        assert abs(len(found) - len(true_s)) <= 1
    sample = pipeline.results.sample()
    cadence = sample.summarise(METRICS["cadence_spm"])
    assert cadence.both.median == pytest.approx(162.16, abs=0.5)
    assert sample.summarise(METRICS["peak_force_bw"]).both.n == 0
    (told,) = pipeline.findings()
    assert told.name == "uncalibrated"
    assert told.text.startswith("Contacts of the left and right feet come from the")


def test_the_pelvis_alone_tells_steps():
    lab = simulated(25.0, ("Sim pelvis IMU",), standing_s=3.0)
    pipeline, _ = run(lab, calibrations=CALIBRATED)
    found = [c.t_s for c in pipeline.contacts if c.kind == "ic"]
    assert np.median(np.diff(found)) == pytest.approx(0.37, abs=0.005)
    assert {c.source for c in pipeline.contacts} == {"pelvis_imu"}
    # the first ones have no side yet: they owe nothing to those that have
    sample = pipeline.results.sample()
    assert {"unknown", "left", "right"} <= set(sample.records)
    quality = sample.summarise(METRICS["event_quality_pct"])
    assert quality.both.median == pytest.approx(100.0, abs=5.0)


def test_what_the_pelvis_waits_for_is_told():
    lab = simulated(11.0, ("Sim pelvis IMU",), standing_s=3.0)
    (told, *_) = (
        it for it in run(lab, calibrations=CALIBRATED)[0].findings()
        if it.name == "no side"
    )  # fmt: skip
    assert "it needs 20 steps in a row" in told.text
    lab = simulated(40.0, ("Sim pelvis IMU",), standing_s=3.0)
    found = run(lab, calibrations=CALIBRATED)[0].findings()
    assert "no side" not in [it.name for it in found]
    without_axes = run(lab)[0].findings()
    assert "no side" not in [it.name for it in without_axes]  # it never will tell


def test_swapped_legs_are_named():
    lab = simulated(30.0, (*SOLES, *IMUS), standing_s=3.0, swapped_leg_imus=True)
    pipeline, _ = run(lab, calibrations=CALIBRATED)
    told = [f.text for f in pipeline.findings() if f.name == "swapped"]
    for what in ("thigh IMUs", "foot IMUs"):
        assert any(what in text for text in told), what
    sample = pipeline.results.sample()
    for metric, site in (
        ("thigh_flexion_peak_deg", "thigh"),
        ("tibial_shock_g", "shank"),
        ("foot_progression_deg", "foot"),
        ("foot_progression_diff_deg", "foot"),
    ):
        found = sample.summarise(METRICS[metric])
        assert not found.both.n
        assert found.note.startswith(f"left and right {site} IMUs are swapped")
    assert sample.summarise(METRICS["pelvic_drop_deg"]).both.n
    assert pipeline.results.sample(until_s=9.0).withheld == NOTHING  # not known yet
    right = simulated(30.0, (*SOLES, *IMUS), standing_s=3.0)
    pipeline, _ = run(right, calibrations=CALIBRATED)
    assert pipeline.findings() == ()


def test_imus_change_nothing_while_the_insoles_see():
    streams = ("left_sole", "right_sole", EMG)
    bare, _ = run(simulated(20.0, streams, standing_s=3.0))
    lab = simulated(20.0, (*streams, *IMUS), standing_s=3.0)
    found, _ = run(lab, calibrations=CALIBRATED)
    assert [r.stride for r in found.strides] == [r.stride for r in bare.strides]
    assert found.contacts == bare.contacts


def test_insoles_too_slow_for_running_say_so():
    lab = simulated(25.0, standing_s=3.0, insole_rate_hz=31.0)
    pipeline, _ = run(lab)
    assert [finding.name for finding in pipeline.findings()] == ["slow"]
    assert "The insoles send 31 rows per second" in pipeline.findings()[0].text
    found = pipeline.results.sample().summarise(METRICS["strike_index_pct"])
    assert found.note.startswith("fewer than two rows with load in the first 20 ms")
