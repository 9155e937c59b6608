"""What moves at a gate: numbers of the newest second, judged only as a picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from gate_lab import MICROPHONE, MUSCLES, SOLES, TREADMILL, GateLab

from lablive.messages import Chunk
from lablive.protocol.gate_meter import GateMeter


class Watched(GateLab):
    """The gates' lab with a meter on its rows."""

    def __init__(self, names, gate, template="demo", **more):
        super().__init__(names, template, **more)
        self.meter = GateMeter(self.bound, mass_kg=70.0)
        self.gate = gate
        self.meter.watch(gate)
        feed = self.gates.feed

        def both(items, now_s):
            self.meter.feed(items)
            return feed(items, now_s)

        self.gates.feed = both

    def read(self, number=0):
        """Return the meters by name at a step of the gate."""
        gate = next(it for it in self.gates.gates if it.kind == self.gate)
        found = self.meter.read(self.gate, gate.steps[number])
        return {meter.name: meter for meter in found}


def test_feet_in_the_air_are_good_and_standing_ones_are_not():
    lab = Watched(SOLES, "zero")
    assert math.isnan(lab.read()["Left foot"].value)
    assert lab.read()["Left foot"].is_good is None
    lab.play(2.0)
    found = lab.read()
    assert found["Left foot"].value == pytest.approx(20.0, abs=5.0)
    assert (found["Left foot"].is_good, found["Right foot"].side) == (True, "right")
    lab.do("stand")
    lab.play(3.0)
    assert lab.read()["Left foot"].value == pytest.approx(363.0, abs=5.0)
    assert lab.read()["Left foot"].is_good is False


def test_a_quiet_stand_hardly_moves_and_one_leg_carries_all():
    lab = Watched(SOLES, "weigh", "insoles")
    lab.do("stand")
    lab.play(4.0)
    assert lab.read()["Moves"].value < 2.0
    assert lab.read()["Moves"].is_good
    lab.do("do single_leg 5 left")
    lab.play(3.0)
    found = lab.read(1)["On the left leg"]
    assert found.value > 95.0
    assert found.is_good
    assert lab.read(2)["On the right leg"].is_good is False


def test_an_insole_that_falls_silent_has_no_number():
    lab = Watched(SOLES, "zero")
    lab.play(2.0)
    lab.play(2.0, silent=("left_sole",))
    found = lab.read()
    assert math.isnan(found["Left foot"].value)
    assert found["Right foot"].value == pytest.approx(20.0, abs=5.0)


def test_turning_of_the_segments_is_small_in_a_stand_and_large_in_bows():
    lab = Watched(("Sim pelvis IMU", "Sim foot left IMU"), "neutral")
    lab.do("stand")
    lab.play(3.0)
    found = lab.read(0)
    assert found.keys() == {"Pelvis", "Left foot"}
    assert found["Pelvis"].is_good
    assert lab.read(1)["Pelvis"].is_good is False  # bows want movement
    lab.do("do bows 8")
    lab.play(4.0)
    bows = lab.read(1)
    assert bows.keys() == {"Pelvis"}
    assert bows["Pelvis"].is_good


def test_muscles_level_and_belt():
    lab = Watched((MUSCLES, MICROPHONE, TREADMILL), "emg")
    lab.do("stand")
    lab.play(2.0)
    rest = lab.read()["Left gluteus maximus"].value
    lab.do("do mvc 5")
    lab.play(3.0)
    assert lab.read()["Left gluteus maximus"].value > 5 * rest
    assert lab.read()["Left gluteus maximus"].unit == "µV"
    lab.gate = "belt_noise"
    lab.meter.watch("belt_noise")
    assert math.isnan(lab.read()["Level"].value)
    lab.play(2.0)
    assert lab.read()["Belt"].is_good is False
    lab.do("do belt_noise 10")
    lab.play(5.0)
    assert lab.read()["Belt"].value == pytest.approx(3.0, abs=0.1)
    assert lab.read()["Belt"].is_good
    assert lab.read()["Level"].value == pytest.approx(62.0, abs=1.0)


def test_counts_are_not_judged_and_nothing_is_kept_while_nothing_is_watched():
    lab = Watched(SOLES, None)
    lab.meter.feed([Chunk(lab.infos[0].id, 0, np.arange(3.0), np.ones((3, 16)))])
    assert lab.meter._rows == {}
    assert lab.meter.read("run", None) == ()
