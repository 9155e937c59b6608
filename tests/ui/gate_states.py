"""The session page at every gate and with every verdict, for designers and tests.

The runner in memory does what each gate asks for.
Run: python tests/ui/gate_states.py --size 1366x768 --theme dark --out shots
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import msgspec
import numpy as np
from fake_host import INSOLES
from page_states import STRIDE_S, Scene, main

from drivers.sim.orders import obey
from drivers.sim.runner import Runner
from lablive.recording.verify import VerifyReport
from ui.widgets import KeyButton

HELD = "seated_s=1e6,standing_s=1e6,ramp_s=0"
EMG, MICROPHONE, TREADMILL = "Sim EMG", "Sim belt microphone", "Sim treadmill"
LAB = (*INSOLES, "Sim pelvis IMU", "Sim thigh left IMU", "Sim thigh right IMU", EMG,
       MICROPHONE, TREADMILL)  # fmt: skip


class GateScene(Scene):
    """A window on a fake lab whose runner obeys; ``fault(name, t_s, x)`` -> t_s, x."""

    def __init__(self, folder, names=None, changes=None, montage=None):
        super().__init__(folder, names, changes or HELD, montage)
        settings = msgspec.structs.replace(self.lab.runner.settings, acts=())
        self.lab.runner = Runner(settings)
        self.obeys = True
        self.fault = None
        self.model.gates.asked.connect(self._obey)
        plain = self.lab.window

        def window(name, t0_s, t1_s):
            t_s, x = plain(name, t0_s, t1_s)
            return self.fault(name, t_s, x) if self.fault else (t_s, x)

        self.lab.window = window

    def order(self, words):
        """Tell the runner something."""
        settings = obey(self.lab.runner.settings, words, self.lab.told_s)
        self.lab.runner = Runner(settings)

    def _obey(self, step, in_s):
        if self.obeys:
            target = f" {step.target}" if step.target in ("left", "right") else ""
            self.order(f"do {step.kind} {step.seconds + in_s - 0.7:g}{target}")

    @property
    def gates(self):
        return self.model.gates

    def begin(self, *, obeys=True):
        """Press the filled button."""
        self.obeys = obeys
        self.page.action_bar.next_button.click()

    def through(self, at_most_s=150.0):
        """Let the gate's steps come to an end."""
        end_s = self.lab.told_s + at_most_s
        while self.gates.doing is not None:
            assert self.lab.told_s < end_s, self.gates.doing
            self.play(self.lab.told_s + 0.25)

    def connect(self, mass_kg=70.0):
        self.lab.connect()
        self.tick()
        if mass_kg:
            self.model.set_mass(mass_kg)
        self.play(self.lab.told_s + 1.0)

    def reach(self, kind):
        """Go through the gates before one."""
        while self.gates.now.gate.kind != kind:
            self.begin()
            self.through()

    def run_and_record(self, strides=12):
        """Record some strides and stop; the file is counted."""
        self.model.record(self.model.library / "trial-01.xdf")
        self.tick()
        self.order("run")
        self.play(self.lab.told_s + 1.0 + strides * STRIDE_S)

    def stop(self):
        self.model._work = lambda *_, **__: None  # what it would count is made up here
        path = self.model.live.recording.path
        path.write_bytes(b"XDF:")
        self.model.stop()
        for _ in range(8):
            self.tick()
        self.model.last_path = path
        report = VerifyReport(
            file=str(path), sha256="", duration_s=9.0, closed=True, files=[],
            streams=[], gaps=[], damage=[], ok=True, is_explained=True, findings=[],
        )  # fmt: skip
        self.model._take_verify(json.dumps(msgspec.to_builtins(report)))


def zero(scene):
    scene.connect()


def zero_leading(scene):
    scene.connect()
    scene.begin()
    scene.play(scene.lab.told_s + 0.5)


def zero_red(scene):
    scene.connect()
    scene.order("stand")
    scene.play(scene.lab.told_s + 2.0)
    scene.begin(obeys=False)
    scene.through()


def weigh(scene):
    scene.connect()
    scene.reach("weigh")


def weigh_running(scene):
    weigh(scene)
    scene.begin()
    scene.play(scene.lab.told_s + 5.0)


def sway(name, t_s, x):
    if name in INSOLES:
        way = 1 if name == "left_sole" else -1
        x = x * (1 + 0.7 * way * np.sin(9.0 * t_s))[:, None]
    return t_s, x


def weigh_red(scene):
    weigh(scene)
    scene.fault = sway
    scene.begin()
    scene.through()


def weigh_lost(scene):
    weigh(scene)
    scene.begin()
    scene.play(scene.lab.told_s + 4.0)
    left_s = scene.lab.told_s
    scene.fault = lambda name, t_s, x: (
        (t_s[t_s < left_s], x[t_s < left_s]) if name == "left_sole" else (t_s, x)
    )
    scene.through()


def neutral(scene):
    scene.connect()
    scene.reach("neutral")


def neutral_running(scene):
    neutral(scene)
    scene.begin()
    scene.play(scene.lab.told_s + 5.0)


def neutral_red(scene):
    neutral(scene)
    scene.begin(obeys=False)
    scene.through()


def emg(scene):
    scene.connect()
    scene.reach("emg")


def emg_running(scene):
    emg(scene)
    scene.begin()
    while scene.gates.doing.step.kind != "mvc" or not scene.gates.doing.share:
        scene.play(scene.lab.told_s + 0.25)
    scene.play(scene.lab.told_s + 2.0)


def emg_amber(scene):
    emg(scene)
    scene.begin()
    scene.through()


def emg_red(scene):
    emg(scene)
    scene.fault = lambda name, t_s, x: (
        (t_s, np.clip(x, -5e-5, 5e-5)) if name == EMG else (t_s, x)
    )
    scene.begin()
    scene.through()


def noise(scene):
    scene.connect()
    scene.reach("emg")
    scene.model.gates.skip()
    scene.page.notice.clear()


def noise_running(scene):
    noise(scene)
    scene.begin()
    scene.play(scene.lab.told_s + 12.0)


def noise_red(scene):
    noise(scene)
    scene.begin(obeys=False)
    scene.through()


def practice(scene):
    noise(scene)
    scene.gates.skip()
    scene.page.notice.clear()
    scene.model.practise()
    scene.tick()
    scene.order("run")
    scene.play(scene.lab.told_s + 8.0)


def review(scene):
    scene.connect()
    scene.reach("run")
    scene.page.notice.clear()
    scene.run_and_record()
    scene.stop()


def blocks(scene):
    scene.gates.choose("whole_lab")
    scene.connect()
    scene.gates.skip()
    while now_kind(scene) != "run":
        scene.gates.skip()
    scene.page.notice.clear()
    scene.run_and_record(strides=6)
    scene.page.action_bar.block_button.click()
    scene.tick()


def now_kind(scene):
    return scene.gates.now.gate.kind


def needs(scene):
    scene.model.gates.choose("whole_lab")
    scene.connect()


def offered(scene, made_at=None):
    """An earlier session of the same person, by another window."""
    when = made_at or datetime.now().astimezone() - timedelta(minutes=48)
    scene.model.change_person("LB-0007")
    scene.connect()
    scene.reach("run")
    folder = scene.model.library / "people" / "LB-0007" / "calibrations"
    day = when.date().isoformat()
    for path in folder.glob("*.json"):
        told = json.loads(path.read_text())
        told["made_at"], told["mounting"] = when.isoformat(), day
        path.write_text(json.dumps(told))
    scene.model.change_person("LB-0008")
    scene.model.change_person("LB-0007")
    scene.model.set_mass(70.0)
    scene.page.notice.clear()
    scene.play(scene.lab.told_s + 1.0)


def offered_old(scene):
    offered(scene, datetime.now().astimezone() - timedelta(hours=26))


def whole_neutral(scene):
    scene.connect()
    scene.reach("neutral")


GATE_STATES = {
    "zero": (zero, INSOLES),
    "zero_leading": (zero_leading, INSOLES),
    "zero_red": (zero_red, INSOLES),
    "weigh": (weigh, INSOLES),
    "weigh_running": (weigh_running, INSOLES),
    "weigh_red": (weigh_red, INSOLES),
    "weigh_lost": (weigh_lost, INSOLES),
    "neutral": (neutral, LAB),
    "neutral_whole": (whole_neutral, None),
    "neutral_running": (neutral_running, LAB),
    "neutral_red": (neutral_red, LAB),
    "emg": (emg, (*INSOLES, EMG)),
    "emg_running": (emg_running, (*INSOLES, EMG)),
    "emg_amber": (emg_amber, (*INSOLES, EMG)),
    "emg_red": (emg_red, (*INSOLES, EMG)),
    "noise": (noise, LAB),
    "noise_running": (noise_running, LAB),
    "noise_red": (noise_red, LAB),
    "practice": (practice, LAB),
    "review": (review, INSOLES),
    "blocks": (blocks, LAB),
    "needs": (needs, INSOLES),
    "offered": (offered, INSOLES),
    "offered_old": (offered_old, INSOLES),
}


def show(name, folder):
    """Return a scene at a gate, its window not yet shown."""
    build, names = GATE_STATES[name]
    scene = GateScene(folder, names)
    scene.model.person_changed.emit()
    build(scene)
    scene.tick()
    return scene


def now(scene):
    return scene.gates.now.gate.kind


def shown(scene):
    """Return the words of the buttons that can be pressed."""
    bar = scene.page.action_bar
    return [it.text() for it in bar.findChildren(KeyButton) if it.isVisible()]


def click_filled(scene):
    """Press the one filled button."""
    bar = scene.page.action_bar
    (button,) = [
        it
        for it in bar.findChildren(KeyButton)
        if it.isVisible() and it.property("kind") == "primary"
    ]
    words = button.text()
    button.click()
    return words


if __name__ == "__main__":
    main(show, GATE_STATES)
