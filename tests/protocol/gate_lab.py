"""A runner in memory who does what a gate asks for, and the gates fed with the rows."""

from __future__ import annotations

import msgspec
import numpy as np

from drivers.sim.orders import obey
from drivers.sim.runner import Runner
from drivers.sim.settings import RunnerSettings
from lablive.calibrating.rows import About
from lablive.messages import Chunk
from lablive.protocol.gate_run import GateRun
from lablive.protocol.template import load_template
from lablive.signals.auto_montage import auto_montage
from lablive.signals.binding import bind

SOLES = ("left_sole", "right_sole")
MUSCLES, MICROPHONE, TREADMILL = "Sim EMG", "Sim belt microphone", "Sim treadmill"
ABOUT = About(
    made_at="2026-11-21T10:00:00+01:00", person="P7", mounting="2026-11-21",
    mass_kg=70.0,
)  # fmt: skip
STEP_S = 0.25


def insole_runner(**changes):
    held = {"seated_s": 1e6, "standing_s": 1e6, "acts": (), "ramp_s": 0.0}
    return RunnerSettings(**{**held, **changes})


class GateLab:
    """Streams of the runner, and a clock that tests turn.

    Parameters
    ----------
    names
        Streams that are connected; None = all.
    template
        Name of a protocol, or a template.
    change
        ``change(stream name, t_s, x) -> (t_s, x)``: faults.
    """

    def __init__(
        self, names=SOLES, template="demo", about=ABOUT, change=None, **runner
    ):
        self.runner = Runner(insole_runner(**runner))
        if isinstance(template, str):
            template = load_template(template)
        self.gates = GateRun(template, about)
        self.change = change or (lambda _name, t_s, x: (t_s, x))
        self.now_s = 0.0
        self.markers, self.finished = [], []
        self.connect(names)

    def connect(self, names):
        """Connect exactly these streams."""
        self.infos = [
            info for info in self.runner.streams if names is None or info.name in names
        ]
        self.bound = bind(auto_montage(self.infos), self.infos) if self.infos else None
        self.gates.set_lab(self.bound, self.infos)
        self.gates.activity = "live" if self.infos else "idle"

    def do(self, order):
        """Tell the runner something."""
        settings = obey(self.runner.settings, order, self.now_s)
        self.runner = Runner(settings)

    def begin(self, kind=None, *, obedient=True):
        """Press Begin; the runner does what is asked for, unless told not to."""
        self.obedient = obedient
        step = self.gates.begin(kind)
        self._ask()
        return step

    def _ask(self):
        doing = self.gates.doing
        if doing is None or not self.obedient:
            return
        step = doing.step
        target = f" {step.target}" if step.kind == "single_leg" else ""
        late_s = max(0.0, doing.lead_s - 1.5)  # a good runner is there in time
        settings = obey(
            self.runner.settings,
            f"do {step.kind} {step.seconds + 1.5}{target}",
            self.now_s + late_s,
        )
        self.runner = Runner(settings)

    def play(self, seconds, *, silent=()):
        """Let time pass; streams named in ``silent`` send nothing."""
        end_s = self.now_s + seconds
        while self.now_s < end_s - 1e-9:
            to_s = min(self.now_s + STEP_S, end_s)
            items = []
            for info in self.infos:
                if info.name in silent:
                    continue
                t_s, x = self.runner.window(info.name, self.now_s, to_s)
                t_s, x = self.change(info.name, t_s, x.astype(np.float32))
                items.append(Chunk(info.id, 0, t_s, x))
            self.now_s = to_s
            markers, finished = self.gates.feed(items, self.now_s)
            self.markers += markers
            self.finished += finished
            if finished:
                self._ask()

    def through(self, at_most_s=120.0):
        """Let time pass until the gate has come to its end."""
        end_s = self.now_s + at_most_s
        while self.gates.doing is not None:
            assert self.now_s < end_s, self.gates.doing
            self.play(STEP_S)
        return self.gates.now

    def view(self, kind):
        return next(view for view in self.gates.path if view.gate.kind == kind)

    def kinds(self):
        return [gate.kind for gate in self.gates.gates]


def about(**changes):
    return msgspec.structs.replace(ABOUT, **changes)
