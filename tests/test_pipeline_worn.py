"""Sensors worn the wrong way round and exchanged ones: named, and no good number."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from pipeline_cases import IMUS, SOLES, run, segments_as_worn, simulated

from lablive.metrics.registry import METRICS
from lablive.protocol.session import session_statistics
from lablive.signals.calibrations import Calibrations

CALIBRATED = Calibrations(segments=segments_as_worn())
TURNS = {  # of a sensor: what was forward, left, up is now told as ...
    "back to front": np.diag((-1.0, -1.0, 1.0)),
    "on its side": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),  # about forward
    "turned": np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]]),  # about the vertical
    "upside down": np.diag((1.0, -1.0, -1.0)),
}
LEGS = tuple(name for name in IMUS if "left" in name or "right" in name)


def lab_of(streams):
    return simulated(30.0, (*SOLES, *streams), standing_s=3.0)


def turn(lab, name, how):
    stream = next(info.id for info in lab.streams if info.name == name)
    t_s, x = lab.rows[stream]
    turned = x.reshape(len(x), -1, 3) @ TURNS[how].T.astype(np.float32)
    lab.rows[stream] = (t_s, turned.reshape(x.shape))


def exchange_soles(lab):
    ids = {info.name: info.id for info in lab.streams}
    left, right = ids["left_sole"], ids["right_sole"]
    lab.rows[left], lab.rows[right] = lab.rows[right], lab.rows[left]


@cache
def played(streams, worn=(), *, soles_exchanged=False):
    lab = lab_of(streams)
    for name, how in worn:
        turn(lab, name, how)
    if soles_exchanged:
        exchange_soles(lab)
    return run(lab, calibrations=CALIBRATED)[0]


def summary(pipeline, metric_id):
    return pipeline.results.sample().summarise(METRICS[metric_id])


@pytest.mark.parametrize(
    ("name", "how", "words", "told", "metric_id"),
    [
        ("Sim thigh left IMU", "turned", "left thigh", "on its side",
         "thigh_flexion_peak_deg"),
        ("Sim thigh left IMU", "on its side", "left thigh", "on its side",
         "thigh_flexion_peak_deg"),
        ("Sim thigh left IMU", "back to front", "left thigh", "back to front",
         "thigh_extension_peak_deg"),
        ("Sim thigh left IMU", "upside down", "left thigh", "upside down",
         "thigh_flexion_peak_deg"),
        ("Sim shank left IMU", "turned", "left shank", "on its side",
         "shank_angle_ic_deg"),
        ("Sim shank left IMU", "on its side", "left shank", "on its side",
         "tibial_shock_g"),
        ("Sim shank left IMU", "back to front", "left shank", "back to front",
         "shank_angle_ic_deg"),
        ("Sim foot left IMU", "turned", "left foot", "on its side",
         "foot_strike_angle_deg"),
    ],
)  # fmt: skip
def test_a_leg_sensor_put_on_wrongly(name, how, words, told, metric_id):
    pipeline = played(LEGS, ((name, how),))
    found = [it for it in pipeline.findings() if it.name == "mounted wrong"]
    assert found
    assert all(f"The {words} IMU is {told}" in it.text for it in found)
    value = summary(pipeline, metric_id)
    assert not value.left
    assert value.right.n > 20
    assert told in value.note
    of_session = session_statistics(pipeline.results.sample(), ()).metrics[metric_id]
    assert not of_session.left
    assert of_session.right
    assert summary(pipeline, "contact_time_ms").left.n > 20


@pytest.mark.parametrize("site", ["pelvis", "trunk", "head"])
@pytest.mark.parametrize("how", ["on its side", "upside down"])
def test_a_sensor_of_the_middle_put_on_wrongly(site, how):
    pipeline = played(IMUS, ((f"Sim {site} IMU", how),))
    texts = [it.text for it in pipeline.findings() if it.name == "mounted wrong"]
    assert any(f"The {site} IMU is {how}" in text for text in texts)
    metric_id = {"pelvis": "pelvic_tilt_rel_deg", "trunk": "trunk_lean_deg",
                 "head": "head_roll_rom_deg"}[site]  # fmt: skip
    value = summary(pipeline, metric_id)
    assert not value.both.n
    assert how in value.note


def test_a_pelvis_back_to_front_gives_no_drop_while_the_legs_stand_by_the_soles():
    pipeline = played(IMUS, (("Sim pelvis IMU", "back to front"),))
    texts = " ".join(it.text for it in pipeline.findings())
    assert "pelvis IMU tells left for right" in texts
    for metric_id in ("pelvic_drop_deg", "pelvic_tilt_rel_deg", "pelvic_drop_diff_deg"):
        value = summary(pipeline, metric_id)
        assert not value.both.n
        assert value.note.startswith("the pelvis IMU tells left for right")
    assert summary(pipeline, "contact_time_ms").left.n > 20
    assert summary(pipeline, "thigh_flexion_peak_deg").left.n > 20
    assert summary(pipeline, "vert_osc_cm").both.n


@pytest.mark.parametrize(
    ("streams", "worn", "exchanged"),
    [
        (IMUS, (), True),  # everybody contradicts the soles
        (LEGS, (), True),
        (("Sim pelvis IMU",), (), True),
        (("Sim pelvis IMU",), (("Sim pelvis IMU", "back to front"),), False),
    ],
    ids=["all", "legs", "pelvis alone", "pelvis back to front alone"],
)
def test_without_anybody_who_stands_by_the_soles_no_side_is_shown(
    streams, worn, exchanged
):
    pipeline = played(streams, worn, soles_exchanged=exchanged)
    (told,) = (it.text for it in pipeline.findings() if "exchange" in it.text)
    assert told.startswith("Left and right may be exchanged: the insoles contradict")
    why = summary(pipeline, "arm_cross_pct").note
    assert why == "needs a forearm IMU"
    for metric_id in ("contact_time_ms", "peak_force_bw", "cadence_spm"):
        value = summary(pipeline, metric_id)
        assert not value.left
        assert not value.right
        assert value.both.n > 40
        assert "left and right may be exchanged" in value.note
    for metric_id in ("contact_time_si_pct", "peak_force_si_pct"):
        value = summary(pipeline, metric_id)
        assert not value.both.n
        assert "left and right may be exchanged" in value.note
    for metric_id in ("pelvic_drop_deg", "thigh_flexion_peak_deg"):
        assert not summary(pipeline, metric_id).both.n
    of_session = session_statistics(pipeline.results.sample(), ()).metrics
    assert not of_session["contact_time_ms"].left
    assert of_session["contact_time_ms"].both


def test_sensors_worn_as_they_should_be_are_left_alone():
    pipeline = played(IMUS)
    assert pipeline.findings() == ()
    assert summary(pipeline, "pelvic_drop_deg").left.n > 20


@pytest.mark.parametrize(
    ("name", "site", "axis", "metric_id"),
    [
        ("Sim thigh left IMU", "left thigh", "z", "thigh_flexion_peak_deg"),
        ("Sim pelvis IMU", "pelvis", "y", "pelvic_tilt_rel_deg"),
    ],
)
def test_strides_behind_a_slip_are_not_measured(name, site, axis, metric_id):
    lab = simulated(90.0, (*SOLES, *IMUS), standing_s=3.0)
    stream = next(info.id for info in lab.streams if info.name == name)
    t_s, x = lab.rows[stream]
    c, s = np.cos(np.radians(25.0)), np.sin(np.radians(25.0))
    around = {"z": [[c, s, 0], [-s, c, 0], [0, 0, 1]],
              "y": [[c, 0, -s], [0, 1, 0], [s, 0, c]]}[axis]  # fmt: skip
    turned = x.reshape(len(x), -1, 3) @ np.array(around, np.float32).T
    late = t_s > 45.0
    x = x.copy()
    x[late] = turned.reshape(x.shape)[late]
    lab.rows[stream] = (t_s, x)
    pipeline = run(lab, calibrations=CALIBRATED)[0]
    texts = [it.text for it in pipeline.findings() if it.name == "slipped"]
    assert any(f"The {site} IMU has turned on the body" in text for text in texts)
    sample = pipeline.results.sample()
    value = sample.summarise(METRICS[metric_id])
    assert 20 < value.left.n < 60  # of about 115, those before 45 s and not one later
    assert "came after the sensor had turned on the body" in value.note
    before = pipeline.results.sample(until_s=44.0).summarise(METRICS[metric_id])
    assert value.left.median == pytest.approx(before.left.median, abs=0.5)
    assert sample.summarise(METRICS["contact_time_ms"]).left.n > 100
