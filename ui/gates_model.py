"""The session's gates in the window: presses, the path, and calibrations kept.

The engine is :mod:`lablive.protocol.gate_run`, loaded with the first device: the window
comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from lablive.clock import now_s
from lablive.errors import LabLiveError
from lablive.protocol.block_run import BlockRun
from lablive.protocol.gate_path import Choices, Facts, Held, now_of, path_of
from lablive.protocol.gates import gates_of
from lablive.protocol.template import DEFAULT, load_template
from ui.earlier import NOBODY, EarlierCalibrations, about_now, parts_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from lablive.calibrating.rows import About
    from lablive.live.session import LiveSession, Tick
    from lablive.messages import Marker
    from lablive.pipeline import Pipeline
    from lablive.protocol.gate_meter import GateMeter, Meter
    from lablive.protocol.gate_path import Activity, GateView
    from lablive.protocol.gate_run import Doing, Finished, GateRun
    from lablive.protocol.headline import Headline
    from lablive.protocol.template import GateKind, Template


class GatesModel(QObject):
    """Gates of the person on the belt; calibrations go to the live session.

    Parameters
    ----------
    live
        Whose rows are taken.
    library
        Where calibrations are kept, and the lab's own protocols.
    code
        Of the person.

    Attributes
    ----------
    template
        Protocol of the session.
    practice_s
        When a run without storing began (lab clock); None while there is none.
    reviewing
        A trial was recorded and is still to be looked at.
    last_run
        Its numbers.
    blocks
        Of the recording that runs.
    """

    changed = Signal()
    asked = Signal(object, float)  # Step that the runner does in so many seconds
    mass_found = Signal(float)  # in an earlier calibration; nobody has typed one
    trouble = Signal(str)
    news = Signal(str, str)

    def __init__(
        self,
        live: LiveSession,
        library: Path,
        code: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._live = live
        self._library = library
        self.own_templates = library / "protocols"
        self.template_name = DEFAULT
        self.template: Template = load_template(DEFAULT)
        self.run: GateRun | None = None
        self.practice_s: float | None = None
        self.reviewing = False
        self.last_run: tuple[Headline, ...] = ()
        self.blocks: BlockRun | None = None
        self.clock = now_s
        self._code = code
        self._mass_kg: float | None = None
        self._mounting = 1  # of today
        self._activity: Activity = "idle"
        self._binding: object = None
        self._meter: GateMeter | None = None
        self._path: tuple[GateView, ...] = ()
        self._earlier = EarlierCalibrations(library)
        self._refresh()

    # -- what is seen -------------------------------------------------------------

    @property
    def path(self) -> tuple[GateView, ...]:
        """Every gate with its verdict."""
        return self._path

    @property
    def now(self) -> GateView:
        """The gate that the session stands at."""
        return now_of(self._path)

    @property
    def doing(self) -> Doing | None:
        """The step under way."""
        return self.run.doing if self.run is not None else None

    @property
    def has_worn(self) -> bool:
        """Whether something that is worn is calibrated."""
        known = self._live.calibrations
        return bool(known.insole or known.segments or known.emg.rests)

    def is_done(self, kind: GateKind) -> bool:
        """Tell whether a gate has a good verdict, or an accepted one."""
        view = self.view(kind)
        return view is not None and (view.state == "done" or view.light == "green")

    def view(self, kind: GateKind) -> GateView | None:
        """Return a gate of this session, None when it has none of the kind."""
        return next((view for view in self._path if view.gate.kind == kind), None)

    def meters(self) -> tuple[Meter, ...]:
        """Return what moves at the gate of now."""
        view, doing = self.now, self.doing
        meter = self._meter
        if meter is None:
            return ()
        step = doing.step if doing else next(iter(view.ahead or view.gate.steps), None)
        return meter.read(view.gate.kind, step)

    def offered(self) -> tuple[str, str, bool]:
        """Return what an earlier calibration offers at the gate of now.

        As :meth:`ui.earlier.EarlierCalibrations.offered`.
        """
        part = self.now.gate.part
        run = self.run
        if run is None or part is None or run.is_busy or part in run.facts.held:
            return "", "", False
        return self._earlier.offered(part)

    # -- what the operator does ---------------------------------------------------

    def choose(self, name: str) -> None:
        """Take another protocol; what was calibrated stays."""
        try:
            self.template = load_template(name, self.own_templates)
        except LabLiveError as error:
            self.trouble.emit(str(error))
            return
        self.template_name = name
        if self.run is not None:
            self.run.set_template(self.template)
        self._refresh()

    def begin(self, kind: GateKind | None = None) -> None:
        """Begin what is left of a gate, or all of a done one."""
        if self.run is None:
            self.trouble.emit("Nothing is connected. Connect the devices first.")
            return
        self.run.change(self._about())
        step = self.run.begin(kind)
        if step is not None:
            self.asked.emit(step, self.template.lead_s + step.pause_s)
        self._refresh()

    def stop(self) -> None:
        """Give up the step under way."""
        if self.run is not None:
            self.run.stop()
        self._refresh()

    def skip(self) -> None:
        """Pass by the gate of now; its cost is told."""
        if self.run is None:
            return
        passed = self.run.skip()
        if passed.gate.skipping:
            self.news.emit(
                "note", f"{passed.gate.word} skipped. {passed.gate.skipping}"
            )
        self._refresh()

    def accept(self) -> None:
        """Go on with the gate of now as it is."""
        if self.run is not None:
            self.run.accept()
        self._refresh()

    def open(self, kind: GateKind) -> None:
        """Go to a gate."""
        self.reviewing = self.reviewing and kind == "review"
        if self.run is not None:
            self.run.open(kind)
        self._refresh()

    def use_earlier(self) -> None:
        """Take the earlier calibration that is offered at the gate of now."""
        part = self.now.gate.part
        when, _, fits = self.offered()
        if self.run is None or part is None or not when:
            return
        calibrations, doubt = self._earlier.take(part)
        self.run.hold(part, Held(when, "" if fits else doubt), calibrations)
        if self._mass_kg is None and part == "insole" and calibrations.insole:
            self.mass_found.emit(calibrations.insole.mass_kg)
        self.run.change(self._about())
        self._apply()
        self._refresh()

    def put_on_anew(self) -> None:
        """Count sensors as put on anew: nothing that is worn stays calibrated."""
        self._mounting += 1
        self.new_person(self._code, self._mass_kg)
        self.news.emit("note", "Sensors were put on anew: zero and weigh again.")

    def practise(self) -> None:
        """Run without storing; numbers begin afresh."""
        if self._activity in ("live", "review"):
            self.practice_s = self.clock()
            self.reviewing = False
            self._live.begin_afresh()
            self._follow("live")

    def move_on(self) -> None:
        """End the block of the run and begin the next one, marked in the trial."""
        if self.blocks is not None:
            self._mark(self.blocks.move_on(self.clock()))
            self._refresh()

    def end_blocks(self) -> None:
        """Mark the end of the block under way: the recording is about to end."""
        if self.blocks is not None:
            self._mark(self.blocks.end(self.clock()))
            self.blocks = None

    def end_practice(self) -> None:
        """End the run without storing, if there is one."""
        if self.practice_s is not None:
            self.practice_s = None
            self._follow("live")

    # -- what the session tells ---------------------------------------------------

    def new_person(self, code: str, mass_kg: float | None) -> None:
        """Begin with another person: nothing is carried over."""
        if code != self._code:
            self._mounting = 1
        if self.doing is not None:
            told = "The step was given up: another person, or sensors put on anew."
            self.trouble.emit(told)
        self._code, self._mass_kg = code, mass_kg
        self.run, self.reviewing, self.practice_s = None, False, None
        from lablive.signals.calibrations import Calibrations

        self._live.calibrate(Calibrations())
        self._binding = None
        self._take_lab()
        self._refresh()

    def set_mass(self, mass_kg: float | None) -> None:
        """Take the body mass; a stand that was weighed counts with the new one."""
        self._mass_kg = mass_kg
        if self.run is not None:
            self.run.change(self._about())
            self._apply()
        self._refresh()

    def review(self, pipeline: Pipeline | None) -> None:
        """Look at what was just recorded, and at the live results of it."""
        from lablive.protocol.headline import headlines

        self.reviewing = True
        self.last_run = headlines(pipeline) if pipeline is not None else ()
        self._refresh()

    def feed(self, tick: Tick, activity: Activity) -> None:
        """Take new rows; a step that they end is judged."""
        self._take_lab()
        self._follow(activity)
        if self._meter is not None:
            self._meter.feed(tick.items)
        run = self.run
        if run is None or not run.is_busy:
            return
        markers, finished = run.feed(tick.items, self.clock())
        if self._live.recording is not None:
            self._mark(markers)
        for one in finished:
            self._finish(one)
        if not run.is_busy and not finished:  # given up: nothing came
            self._refresh()

    # -- inside -------------------------------------------------------------------

    def _take_lab(self) -> None:
        binding = self._live.binding
        if binding is self._binding:
            return
        self._binding = binding
        streams = self._live.feed.streams
        if binding is None:
            if self.run is not None:
                self.run.set_lab(None, ())
            self._meter = None
            self._refresh()
            return
        from lablive.protocol.gate_meter import GateMeter
        from lablive.protocol.gate_run import GateRun

        if self.run is None:
            self.run = GateRun(self.template, self._about())
            for part in parts_in(self._live.calibrations):  # of a recording joined
                words = "Calibrated before this window was opened."
                self.run.hold(part, Held(words), self._live.calibrations)
        before = self.run.equipment
        self.run.set_lab(binding, streams)
        self._meter = GateMeter(binding, self._live.calibration, self._mass_kg)
        if self.run.equipment != before:
            for text in self._earlier.look(binding, streams, self._about()):
                self.trouble.emit(text)
        self._refresh()

    def _follow(self, activity: Activity) -> None:
        if activity == "live":
            if self.practice_s is not None:
                activity = "practice"
            elif self.reviewing:
                activity = "review"
        elif self.practice_s is not None:
            self.practice_s = None
        if activity == "recording":
            self.reviewing = False
        if activity == self._activity:
            return
        self._activity = activity
        if activity != "recording":
            self.blocks = None
        elif self.template.blocks and self._live.recording is not None:
            self.blocks = BlockRun(self.template.blocks)
            self._mark(self.blocks.move_on(self.clock()))
        if activity in ("recording", "practice") and self.doing is not None:
            self.stop()
            self.trouble.emit("The step of the gate was given up: a run has begun.")
        self._refresh()

    def _finish(self, one: Finished) -> None:
        """Use what a step gave; at the end of its gate, keep it."""
        self._apply()
        doing = self.doing
        if doing is not None:
            self.asked.emit(doing.step, doing.lead_s)
        elif one.gate_ended and self.run is not None:
            self._keep()
        self._refresh()

    def _mark(self, marks: Iterable[Marker]) -> None:
        for mark in marks:
            self._live.marker(mark.text, mark.kind, mark.t_s)

    def _keep(self) -> None:
        from lablive.calibrating.store import save

        record = self.run.record() if self.run is not None else None
        if record is None or record.person == NOBODY:
            return
        try:
            save(self._library, record)
        except LabLiveError as error:
            self.trouble.emit(str(error))

    def _apply(self) -> None:
        if self.run is None:
            return
        made = self.run.calibrations(self._live.calibrations)
        if made != self._live.calibrations:
            self._live.calibrate(made)

    def _about(self) -> About:
        return about_now(self._code, self._mass_kg, self._mounting)

    def _refresh(self) -> None:
        run = self.run
        if run is None:
            gates = gates_of(self.template, None)
            idle = Facts(activity=self._activity)
            self._path = path_of(gates, idle, Choices())
        else:
            run.activity = self._activity
            self._path = run.path
        if self._meter is not None:
            self._meter.watch(self.now.gate.kind)
        self.changed.emit()
