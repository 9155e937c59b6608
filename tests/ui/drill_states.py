"""The drills on screen, done by a simulated jumper: for designers and tests.

Run: python tests/ui/drill_states.py --size 1366x768 --theme dark --out shots
"""

from __future__ import annotations

import msgspec
from fake_host import FIRST_ROW_S
from page_states import Scene, main

from drivers.sim.drill_acting import BEGIN_S
from drivers.sim.drill_script import perform
from drivers.sim.drills import calibrations_of
from drivers.sim.jumper import Jumper, JumperSettings
from lablive.drills.catalogue import load_drill
from lablive.signals.auto_montage import auto_montage
from lablive.signals.montage import Subject


class DrillScene(Scene):
    """A window whose lab is worn by somebody who does one set of a drill."""

    def __init__(self, folder, drill="hop_one", leg="left", mistakes=None):
        settings = JumperSettings()
        done = perform(load_drill(drill), leg, mistakes)
        jumper = Jumper(done.exercise, settings)
        montage = msgspec.structs.replace(
            auto_montage(jumper.streams), subject=Subject(mass_kg=settings.mass_kg)
        )
        super().__init__(folder, montage=montage)
        self.lab.runner, self.truth = jumper, done.reps
        self.lab.infos = [
            msgspec.structs.replace(info, id=info.id + 1) for info in jumper.streams
        ]
        self.settings, self.drill, self.leg = settings, drill, leg

    def now(self):
        """Return the lab clock."""
        return FIRST_ROW_S + self.lab.told_s

    @property
    def control(self):
        return self.page.drills.control

    def ready(self):
        """Record, the drill chosen, until just before the simulated set."""
        self.lab.connect()
        self.tick()
        self.model.live.calibrate(calibrations_of(self.settings))
        self.skip_gates()
        self.model.gates.clock = self.now
        self.model.record(self.model.library / "trial-01.xdf")
        self.tick()
        self.window.run_parts.turn_drills()
        self.control.clock = self.now
        self.control.choose(self.drill, self.leg)
        self.play(BEGIN_S)

    def begin(self):
        """Press the key of the set."""
        self.page.drills.card.go_button.click()


def chosen(scene):
    scene.ready()


def counting_down(scene):
    scene.ready()
    scene.begin()
    scene.play(BEGIN_S + 1.2)


def under_way(scene):
    scene.ready()
    scene.begin()
    scene.play(BEGIN_S + 7.5)


def over(scene):
    under_way(scene)
    scene.play(BEGIN_S + 16.0)
    scene.page.remarks.close_bar()
    scene.page.remarks.close_bar()


def stop(scene):
    under_way(scene)
    scene.model.marker("5", "pain", scene.now())
    scene.tick()


FAULTS = {3: "second contact", 7: "second contact"}
STATES = {
    "drill_chosen": (chosen, "hop_one", "right"),
    "drill_counting_down": (counting_down, "hop_one", "right"),
    "drill_under_way": (under_way, "hop_one", "right"),
    "drill_over": (over, "hop_one", "right"),
    "drill_stop": (stop, "hop_one", "right"),
    "drill_two_legs": (under_way, "hop_two", "both"),
    "drill_box": (under_way, "box_up_two", "both"),
}


def show(name, folder):
    """Return a scene in a named state, its window not yet shown."""
    build, drill, leg = STATES[name]
    mistakes = FAULTS if drill in ("hop_one", "hop_two") else None
    scene = DrillScene(folder, drill, leg, mistakes)
    build(scene)
    return scene


if __name__ == "__main__":
    main(show, STATES)
