"""Recordings that start and stop by themselves, as the operator or the protocol chose.

The rule is :mod:`lablive.protocol.auto_run`; this presses Record and Stop, and writes
into the trial what was done and why.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from lablive.clock import now_s
from lablive.protocol.auto_run import AutoRun
from ui.session_model import State

if TYPE_CHECKING:
    from lablive.protocol.auto_run import AutoRule
    from ui.session_model import SessionModel

KIND: Final = "auto"  # of the markers
BEFORE_S: Final = 2.0  # of the movement, in the file
_WHY: Final = {"still": "movement has ended", "movement": "movement"}


class AutoControl(QObject):
    """Waits, counts down and presses; told in :meth:`words`.

    Parameters
    ----------
    model
        Whose recordings they are.

    Attributes
    ----------
    run
        The rule at work.
    clock
        Lab clock, for count-downs.
    """

    changed = Signal()
    counted = Signal(int)  # seconds that a count-down still lasts

    def __init__(self, model: SessionModel) -> None:
        super().__init__(model)
        self._model = model
        self.clock = now_s
        self.run = AutoRun(model.gates.template.auto)
        self._template = model.gates.template
        self._before = model.state
        self._at_gate = self._began = False
        self._number = 0  # of the count-down, told last

    @property
    def rule(self) -> AutoRule:
        """What was chosen."""
        return self.run.rule

    @property
    def is_waiting(self) -> bool:
        """Whether something will happen by itself."""
        return self.run.state != "off"

    def choose(self, rule: AutoRule) -> None:
        """Take another rule, from now on."""
        self.run = AutoRun(rule)
        running = self._model.live.recording
        if running is not None and self._model.state is State.RECORDING:
            self.run.recording(running.started_s)
        self._at_gate = False
        self.changed.emit()

    def cancel(self) -> None:
        """Go on by hand: nothing starts or stops by itself until the next run."""
        state, why = self.run.state, _WHY.get(self.run.why, self.run.why)
        self.run.cancel()
        if self._model.live.recording is not None:
            of = f" ({why})" if state == "stopping" else ""
            self._model.marker(f"stop by itself cancelled{of}", KIND)
        self.changed.emit()

    def tick(self) -> None:
        """Look at the newest data; once a tick."""
        self._follow()
        pipeline = self._model.live.pipeline
        if pipeline is None or not self.is_waiting:
            return
        before = self.run.state
        does = self.run.look(pipeline.contacts, pipeline.watermark_s, self.clock())
        if does == "start":
            self._start()
        elif does == "stop":
            why = _WHY.get(self.run.why, self.run.why)
            self._model.marker(f"stop: {why}", KIND)
            self._model.stop()
        if self.run.state != before:
            self.changed.emit()
        self._count()

    def words(self) -> str:
        """Say what will happen by itself, "" = nothing."""
        run, rule = self.run, self.run.rule
        left_s = max(run.due_s - self.clock(), 0.0)
        why = _WHY.get(run.why, run.why)
        if run.state == "waiting":
            return "Recording starts by itself when movement begins."
        if run.state == "starting":
            return f"Recording starts in {ceil(left_s)} s: {why}."
        if run.state == "stopping":
            return f"Recording stops in {ceil(left_s)} s: {why}."
        if run.state == "running":
            told = f"Recording stops by itself {rule.stop_words}."
            if rule.stop_after_reps is not None:
                told += f" {run.landings.count} of {rule.stop_after_reps} reps."
            return told
        return ""

    # -- inside -------------------------------------------------------------------

    def _start(self) -> None:
        """Record from before the movement on."""
        began_s = self.run.began_s
        self._began = True
        self._model.record(before_s=self.clock() - began_s + BEFORE_S)

    def _count(self) -> None:
        """Tell each second of a count-down once."""
        number = 0
        if self.run.state in ("starting", "stopping"):
            number = max(ceil(self.run.due_s - self.clock()), 0)
        if number != self._number:
            self._number = number
            if number:
                self.counted.emit(number)

    def _follow(self) -> None:
        """Wait at the run gate; look for the end of a recording begun here."""
        model = self._model
        state, before = model.state, self._before
        self._before = state
        if model.gates.template is not self._template:
            self._template = model.gates.template
            self.choose(self._template.auto)
        if state is State.RECORDING and before is State.CONNECTED:
            running = model.live.recording
            self.run.recording(running.started_s if running else self.clock())
            if self._began:
                self._began = False
                model.marker("start: movement", KIND, self.run.began_s)
            self.changed.emit()
        at_gate = (
            state is State.CONNECTED
            and model.gates.now.gate.kind == "run"
            and model.gates.practice_s is None
            and model.gates.doing is None
        )
        if at_gate and not self._at_gate:
            self.run.wait()
            self.changed.emit()
        elif not at_gate and self._at_gate and state is not State.RECORDING:
            self.run.cancel()
            self.changed.emit()
        self._at_gate = at_gate
