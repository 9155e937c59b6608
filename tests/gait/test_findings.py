"""What a reader of the events is told of the sensors, in as few words as it takes."""

from __future__ import annotations

import pytest

from lablive.gait.findings import Finding, slow, slow_force, together
from lablive.gait.swaps import swapped


@pytest.mark.parametrize(
    ("rates_hz", "told"),
    [
        ({"left": 200.0, "right": 98.6}, []),
        ({"unknown": 1000.0}, []),
        ({"left": 31.0, "right": 31.0}, ["The insoles send 31 rows per second"]),
        ({"left": 50.0, "right": 200.0}, ["The left insole sends 50 rows per second"]),
        ({"left": 50.0, "right": 25.0}, ["The left insole sends 50", "The right"]),
        ({"unknown": 60.0}, ["The force plate sends 60 rows per second"]),
    ],
)
def test_slow_force_is_told_once(rates_hz, told):
    found = slow_force(rates_hz)
    assert len(found) == len(told)
    for finding, begin in zip(found, told, strict=True):
        assert finding.name == "slow"
        assert finding.text.startswith(begin)
    if told:
        slowest_ms = 1000.0 / next(iter(rates_hz.values()))
        assert f"off by up to {slowest_ms:.0f} ms" in found[0].text


UNKNOWN = (
    "How the {} is mounted is not known: no contacts are taken from it. Give its axes "
    "in the montage, or calibrate it."
)


def test_what_holds_for_several_sensors_is_one_sentence():
    sites = ("left shank IMU", "right shank IMU", "left foot IMU")
    found = [Finding("mounting unknown", UNKNOWN.format(site)) for site in sites]
    other = Finding("slipped", "The pelvis IMU has turned on the body by 20 deg.")
    merged = together([found[0], other, *found[1:], found[0]])
    assert merged == (
        Finding(
            "mounting unknown",
            "How the left shank, right shank and left foot IMUs are mounted is not "
            "known: no contacts are taken from them. Give their axes in the montage, "
            "or calibrate them.",
        ),
        other,
    )


def test_one_sensor_and_other_numbers_stay_as_they_are():
    found = (
        Finding("mounting unknown", UNKNOWN.format("left foot IMU")),
        Finding("slow", slow("foot_left", 50.0)[0].text),
        Finding("slow", slow("foot_right", 60.0)[0].text),
        Finding("clocks drift", "No sensor is named."),
        *swapped("foot IMUs", 1.0),
        *swapped("shank IMUs", 1.0),
    )
    assert together(found) == found


def test_slow_sensors_and_feet_are_joined():
    both = [*slow("foot_left", 50.0), *slow("foot_right", 50.0)]
    (told,) = together(both)
    assert told.text.startswith("The left foot and right foot IMUs send 50 rows")
    text = "Contacts of the {} foot come from the foot IMU, without an insole."
    feet = [Finding("uncalibrated", text.format(side)) for side in ("left", "right")]
    (told,) = together(feet)
    assert told.text == (
        "Contacts of the left and right feet come from the foot IMU, without an insole."
    )
