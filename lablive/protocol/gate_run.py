"""The gates at work: a press begins a gate's steps one after the other, with a verdict.

No Qt; time is that of the rows, so the same rows and presses give the same path. Only
silence is told by the clock of whoever calls: silent rows have no time of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.calibrating.calibrate import PART_PHASES
from lablive.calibrating.run import CalibrationRun
from lablive.calibrating.store import PART_FIELDS
from lablive.messages import Chunk
from lablive.protocol.gate_path import (
    Choices,
    Facts,
    Held,
    now_of,
    path_of,
    steps_ahead,
)
from lablive.protocol.gates import equipment_of, gates_of, missing_devices
from lablive.protocol.same_lab import devices_of, same_channels_all
from lablive.signals.calibrations import Calibrations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.calibrating.phases import PhaseKind
    from lablive.calibrating.record import CalibrationRecord
    from lablive.calibrating.rows import About
    from lablive.calibrating.verdict import PhaseVerdict
    from lablive.messages import Gap, Marker, StreamInfo
    from lablive.protocol.gate_path import Activity, GateView
    from lablive.protocol.gates import Equipment, Gate, GatePart, Step
    from lablive.protocol.template import GateKind, Template
    from lablive.signals.binding import Binding

_Lab = tuple["Binding", "tuple[StreamInfo, ...]"]
SILENT_S: Final = 5.0  # no row at all: nobody waits longer for a step
# phases that make a part; others of its phases only add to it
_MAKE: Final[dict[GatePart, frozenset[PhaseKind]]] = {
    "insole": frozenset({"stand", "single_leg"}),
    "segments": frozenset({"stand"}),
    "emg": frozenset({"stand", "emg_rest", "mvc", "run"}),
    "sound": frozenset({"belt_noise", "run", "stomps"}),
}
_SILENT: Final = (
    "No device sent anything for {seconds:.0f} s, so the step was given up. Nothing of "
    "it counts, what was done before does. Look at the devices, then Again."
)
_CHANGED: Final = (
    "Devices were connected or lost during the step, so it was given up. What was done "
    "before counts where its devices are still there. Again."
)


class Doing(NamedTuple):
    """The step under way.

    ``share`` of its rows, 0 to 1; ``lead_s`` left of the count-down, 0 when rows count.
    """

    gate: GateKind
    step: Step
    share: float
    lead_s: float


class Finished(NamedTuple):
    """A step that has a verdict; ``gate_ended``: the last one, or one that failed."""

    gate: GateKind
    step: Step
    gate_ended: bool


class GateRun:
    """Gates of one person in one mounting.

    Parameters
    ----------
    template
        Which gates there are.
    about
        Person, mounting, body mass, microphone, date.
    """

    def __init__(self, template: Template, about: About) -> None:
        self.template = template
        self.about = about
        self.choices = Choices()
        self.run: CalibrationRun | None = None
        self.activity: Activity = "idle"
        self.equipment: Equipment | None = None
        self.gates: tuple[Gate, ...] = gates_of(template, None)
        self._binding: Binding | None = None
        self._lab: _Lab | None = None  # the last that was not nothing
        self._held: dict[GatePart, tuple[Held, Calibrations]] = {}
        self._queue: list[Step] = []
        self._gate: GateKind | None = None
        self._lead_from_s: float | None = None  # rows' time of the press
        self._newest_s = -np.inf
        self._heard_s: float | None = None  # caller's clock, of the last rows
        self._broken: dict[GateKind, str] = {}

    # -- what there is ------------------------------------------------------------

    def set_lab(self, binding: Binding | None, streams: Sequence[StreamInfo]) -> None:
        """Take what is connected now; when that changed, a step under way is given up.

        What was made with the same devices stays, also when they were opened again.
        """
        alike = same_channels_all(self._binding, binding)
        self._binding = binding
        if alike:
            return
        self.equipment = equipment_of(binding)
        self.gates = gates_of(self.template, self.equipment)
        if self._gate is not None:
            self._break(_CHANGED)
        if binding is not None:  # else the devices may come back
            before, self._lab = self._lab, (binding, tuple(streams))
            if self.run is not None and not self.run.goes_on_with(binding, streams):
                self._keep(self.run, before)
                self.run = None
        if self.choices.opened not in {gate.kind for gate in self.gates}:
            self._choose(opened=None)

    def set_template(self, template: Template) -> None:
        """Take another protocol; what was calibrated stays."""
        self.stop()
        self.template = template
        self.gates = gates_of(template, self.equipment)
        self.choices, self._broken = Choices(), {}

    def change(self, about: About) -> None:
        """Go on with another body mass or date of the same person and mounting."""
        self.about = about
        if self.run is not None:
            self.run.change(about)

    def hold(self, part: GatePart, held: Held, calibrations: Calibrations) -> None:
        """Use an earlier calibration of a part until its gate is begun."""
        self._held[part] = held, calibrations

    # -- what the operator does ---------------------------------------------------

    def begin(self, kind: GateKind | None = None) -> Step | None:
        """Begin what is left of a gate, or all of a done one; return its first step.

        ``kind`` None: the gate that the session stands at.
        """
        wanted = kind or self.now.gate.kind
        gate = next((gate for gate in self.gates if gate.kind == wanted), None)
        lab = self._lab if self._binding is not None else None
        if gate is None or not gate.steps or lab is None:
            return None
        self.stop()
        if gate.part is not None:
            self._held.pop(gate.part, None)
        if self.run is None:
            self.run = CalibrationRun(lab[0], lab[1], self.about)
        self.run.change(self.about)
        known = self._verdicts().get(gate.part, ()) if gate.part else ()
        self._queue = list(steps_ahead(gate, known) or gate.steps)
        self._gate = gate.kind
        self._broken.pop(gate.kind, None)
        self._choose(
            opened=gate.kind,
            skipped=self.choices.skipped - {gate.kind},
            accepted=self.choices.accepted - {gate.kind},
        )
        self._lead_from_s, self._heard_s = None, None
        return self._queue[0]

    def stop(self) -> None:
        """Give up the step under way; finished ones count."""
        if self.run is not None:
            self.run.give_up()
        self._queue, self._gate, self._lead_from_s = [], None, None

    def skip(self) -> GateView:
        """Pass by the gate that the session stands at; return it."""
        gate = self.now
        self.stop()
        if gate.gate.kind == "connect":
            self._choose(accepted=self.choices.accepted | {"connect"}, opened=None)
        elif gate.gate.skipping:
            kind = gate.gate.kind
            self._broken.pop(kind, None)
            self._choose(skipped=self.choices.skipped | {kind}, opened=None)
        return gate

    def accept(self) -> None:
        """Go on with an amber gate as it is; from a gate gone back to, go on."""
        gate = self.now
        if gate.light == "amber":
            self._choose(accepted=self.choices.accepted | {gate.gate.kind})
        self._choose(opened=None)

    def open(self, kind: GateKind) -> None:
        """Go to a gate; a step under way elsewhere is given up."""
        if kind != self._gate:
            self.stop()
        if kind in {gate.kind for gate in self.gates}:
            self._choose(opened=kind)

    # -- rows ---------------------------------------------------------------------

    def feed(
        self, items: Iterable[Chunk | Gap], now_s: float
    ) -> tuple[list[Marker], list[Finished]]:
        """Take live rows; return markers for the trial and the steps that ended.

        ``now_s``: a clock that also runs while no rows come.
        """
        if self._gate is None or self.run is None:
            return [], []
        rows = [item for item in items if isinstance(item, Chunk) and len(item)]
        for item in rows:
            self._newest_s = max(self._newest_s, float(item.t_s[-1]))
        if rows or self._heard_s is None:
            self._heard_s = now_s
        elif now_s - self._heard_s > SILENT_S:
            self._break(_SILENT.format(seconds=now_s - self._heard_s))
            return [], []
        if rows and self._lead_from_s is None:
            self._lead_from_s = self._newest_s
        was = self.run.running
        markers = self.run.feed(rows)
        finished: list[Finished] = []
        if was is not None and self.run.running is None:
            finished.append(self._ended())
        self._begin_due()
        return markers, finished

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way."""
        return self._gate is not None

    @property
    def doing(self) -> Doing | None:
        """The step under way, None when there is none."""
        if self._gate is None or self.run is None or not self._queue:
            return None
        if self.run.running is not None:
            return Doing(self._gate, self._queue[0], self.run.share, 0.0)
        return Doing(self._gate, self._queue[0], 0.0, self._lead_left_s())

    # -- results ------------------------------------------------------------------

    @property
    def facts(self) -> Facts:
        """What is so at this moment."""
        missing: tuple[str, ...] = ()
        if self.equipment is not None:
            missing = missing_devices(self.template, self.equipment)
        return Facts(
            activity=self.activity,
            missing=missing,
            verdicts=self._verdicts(),
            held={part: held for part, (held, _) in self._held.items()},
            running=self._gate,
            broken=dict(self._broken),
        )

    @property
    def path(self) -> tuple[GateView, ...]:
        """Every gate, with its verdict."""
        return path_of(self.gates, self.facts, self.choices)

    @property
    def now(self) -> GateView:
        """The gate that the session stands at."""
        return now_of(self.path)

    def calibrations(self, before: Calibrations) -> Calibrations:
        """Return what is calibrated: held, made here, or as it was before."""
        done = {phase.kind for phase in self.run.phases} if self.run else set()
        parts: dict[str, object] = {}
        for part, names in PART_FIELDS.items():
            source = None
            if part in self._held:
                source = self._held[part][1]
            elif self.run is not None and done & _MAKE[part]:
                source = self.run.calibrations
            for name in names if source is not None else ():
                parts[name] = getattr(source, name)
        made = msgspec.structs.replace(before, **parts)
        insole, mass_kg = made.insole, self.about.mass_kg
        if insole is not None and mass_kg is not None and "insole" in self._held:
            # gains are the soles' own; body weight is that of today
            insole = msgspec.structs.replace(insole, mass_kg=mass_kg)
            made = msgspec.structs.replace(made, insole=insole)
        return made

    def record(self) -> CalibrationRecord | None:
        """Return what was made here as it is stored; None when nothing worked."""
        found = self.run.record() if self.run is not None and self.run.phases else None
        return found if found is not None and found.worked else None

    # -- inside -------------------------------------------------------------------

    def _verdicts(self) -> dict[GatePart, tuple[PhaseVerdict, ...]]:
        if self.run is None:
            return {}
        return {part: self.run.verdicts_of(part) for part in PART_PHASES}

    def _choose(self, **changes: object) -> None:
        self.choices = msgspec.structs.replace(self.choices, **changes)

    def _lead_left_s(self) -> float:
        whole_s = self.template.lead_s + self._queue[0].pause_s
        if self._lead_from_s is None:
            return whole_s
        return max(0.0, self._lead_from_s + whole_s - self._newest_s)

    def _begin_due(self) -> None:
        if self.run is None or self.run.running is not None or not self._queue:
            return
        if self._lead_from_s is not None and self._lead_left_s() <= 0.0:
            step = self._queue[0]
            self.run.begin(step.kind, step.target, step.seconds)

    def _ended(self) -> Finished:
        """Judge the step that has just ended: a red one ends its gate."""
        gate = next(gate for gate in self.gates if gate.kind == self._gate)
        step = self._queue.pop(0)
        verdicts = self._verdicts().get(gate.part, ()) if gate.part else ()
        last = [own for own in verdicts if own.phase == step.kind]
        failed = bool(last) and last[-1].light == "red"
        over = failed or not self._queue
        if over:
            self.stop()
            # green: on to the next gate; amber and red stay until the operator decides,
            # unless the cause lies in a gate before
            path = self.path
            at = [view.gate.kind for view in path].index(gate.kind)
            back = any(v.light == "red" and v.state != "skipped" for v in path[:at])
            if back or path[at].light == "green":
                self._choose(opened=None)
        self._lead_from_s = self._newest_s
        return Finished(gate.kind, step, over)

    def _keep(self, run: CalibrationRun, before: _Lab | None) -> None:
        """Hold what phases gave whose rows no longer fit, from the same devices."""
        nothing, made = Calibrations(), run.calibrations
        for part, names in PART_FIELDS.items():
            if all(getattr(made, name) == getattr(nothing, name) for name in names):
                continue
            now = self._lab or (None, ())
            if before and devices_of(part, *before) == devices_of(part, *now):
                words = "Made in this session; the devices were opened again since."
                self._held.setdefault(part, (Held(words), made))

    def _break(self, why: str) -> None:
        if self._gate is not None:
            self._broken[self._gate] = why
        self.stop()
