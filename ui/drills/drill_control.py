"""Drills in the window: which one, the set under way, its cues and what they bring.

The engine is :mod:`lablive.drills.drill_run`; this presses it, plays its sounds and
writes its markers into the trial. Nothing here moves a person on by itself.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from lablive.clock import now_s
from lablive.drills.catalogue import load_catalogue
from lablive.drills.drill_run import DrillRun, with_box
from lablive.drills.ladder import ladder, records_of, references_of
from lablive.drills.marks import SetPlan
from lablive.drills.progression import advice
from lablive.drills.told import told_sets
from lablive.library.drill_history import set_history
from lablive.live.sounds import Backdrop
from lablive.protocol.remarks import pain_entries, remarks_of
from ui.drills.set_counts import as_result
from ui.earlier import NOBODY
from ui.language import language

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    from lablive.drills.drill_run import Given
    from lablive.drills.ladder import Rung
    from lablive.drills.plan import Drill, Leg
    from lablive.drills.progression import Advice, Stop
    from lablive.drills.record import SetRecord
    from lablive.drills.rep import RepResult
    from lablive.drills.rep_meter import RepMeter
    from lablive.drills.set_result import SetResult
    from lablive.protocol.pain import PainEntry
    from ui.filing import Filing
    from ui.register import Register
    from ui.session_model import SessionModel

NO_TRIAL: Final = "A set belongs to a trial. Start the recording (R), then begin."


class DrillControl(QObject):
    """The drill that is chosen and the set that is done.

    Parameters
    ----------
    model
        Whose trial the sets belong to.
    register, filing
        What was done before, and whose session it is.

    Attributes
    ----------
    drills
        All there are, lowest on the ladder first.
    run
        The set under way, or the last one; None before the first.
    automatic
        Cues come every so often, where a drill has a cue for each repetition.

    Signals
    -------
    changed
        Another drill, leg, set or state.
    ended
        A set is over (time on the lab clock): pain and effort are to be asked for.
    """

    changed = Signal()
    ended = Signal(float)

    def __init__(self, model: SessionModel, register: Register, filing: Filing) -> None:
        super().__init__(model)
        self._model, self._register, self._filing = model, register, filing
        self.clock = now_s
        self.drills: dict[str, Drill] = {}
        self.chosen = ""
        self.leg: Leg = "both"
        self.box_m = 0.0
        self.automatic = True
        self.run: DrillRun | None = None
        self.selected: int | None = None  # repetition that is corrected; None = last
        self.hand_s: float | None = None  # a range marked by hand has begun
        self._records: tuple[SetRecord, ...] = ()  # of earlier trials
        self._earlier: tuple[SetResult, ...] = ()  # of the trials of this window
        self._seen_stops: set[Stop] = set()
        self._pains: tuple[int, tuple[PainEntry, ...]] = (-1, ())
        self._was_running = self._was_recording = False
        self._cues: dict[float, str] = {}  # of the set: planned time -> what is said
        self._code = ""
        model.ending.connect(self.end)
        model.person_changed.connect(self._follow_person)
        self.load()
        self._follow_person()

    # -- what there is ------------------------------------------------------------

    @property
    def own(self) -> Path:
        """Folder of the lab's own drills."""
        return self._model.library / "drills"

    def load(self) -> None:
        """Read the drills again; what is wrong with one is told, the others stay."""
        self.drills, problems = load_catalogue(self.own)
        for problem in problems:
            self._model.trouble.emit(str(problem))
        if self.chosen not in self.drills:
            self.choose(next(iter(self.drills)))
        self.changed.emit()

    @property
    def drill(self) -> Drill:
        """The drill that is chosen."""
        return self.drills[self.chosen]

    @property
    def plan(self) -> SetPlan:
        """The chosen drill as a set is done."""
        person = self._filing.person
        side = person.involved_side if person is not None else ""
        involved: Literal["", "left", "right"] = "" if side == "both" else side
        plan = SetPlan(self.drill, self._first_sets(), involved)
        return with_box(plan, self.box_m) if self.box_m else plan

    @property
    def is_busy(self) -> bool:
        """Whether a set is under way."""
        return self.run is not None and self.run.state == "running"

    @property
    def can_begin(self) -> bool:
        """Whether a set can be begun: it belongs to a trial."""
        return self._meter is not None

    @property
    def sets(self) -> tuple[SetResult, ...]:
        """All sets of this session, oldest first."""
        meter = self._meter
        return (*self._earlier, *(meter.sets() if meter is not None else ()))

    @property
    def rep(self) -> RepResult | None:
        """The repetition that is shown in full: the one chosen, else the last."""
        result = self.run.result if self.run else None
        if result is None or not result.reps:
            return None
        number = self.selected
        return next((it for it in result.reps if it.rep.number == number),
                    result.reps[-1])  # fmt: skip

    @property
    def stops_due(self) -> tuple[Stop, ...]:
        """Reasons to stop that the operator has not answered yet."""
        found = self.run.stops if self.run is not None else ()
        return tuple(it for it in found if it not in self._seen_stops)

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Where the person stands, over all sessions."""
        records = (*self._records, *records_of(told_sets(self.sets)))
        return ladder(self.drills, records, language())

    @property
    def advice(self) -> Advice:
        """What the sets of the chosen drill speak for; the operator decides."""
        drill = self.drill
        before = [as_result(it, drill) for it in self._records if it.drill == drill.id]
        own = [it for it in self.sets if it.drill == drill.id]
        begun_s = own[0].begin_s if own else float("inf")
        pains = [it for it in self.pains if it.t_s >= begun_s]
        below = next((it.id for it in self.drills.values() if it.next == drill.id), "")
        return advice(drill, [*before, *own], pains, below)

    @property
    def pains(self) -> tuple[PainEntry, ...]:
        """Pain noted in this trial."""
        running = self._model.live.recording
        if running is None:
            return self._pains[1]
        if self._pains[0] != len(running.marks):
            entries = pain_entries(remarks_of(running.marks)[0])
            self._pains = len(running.marks), entries
        return self._pains[1]

    # -- what the operator does ---------------------------------------------------

    def choose(self, drill_id: str, leg: Leg | None = None) -> None:
        """Take a drill; a set under way goes on with its own."""
        if drill_id not in self.drills or self.is_busy:
            return
        self.chosen, self.box_m = drill_id, 0.0
        sides = self.drill.sides
        self.leg = leg if leg in sides else sides[0]
        self.run, self.selected, self.hand_s = None, None, None
        self.changed.emit()

    def take(self, drill_id: str) -> None:
        """Take a drill that was just saved."""
        self.load()
        self.choose(drill_id)

    def step(self, places: int) -> None:
        """Take the drill so many places down the list."""
        names = list(self.drills)
        at = names.index(self.chosen) + places
        self.choose(names[min(max(at, 0), len(names) - 1)])

    def other_leg(self) -> None:
        """Take the other leg."""
        sides = self.drill.sides
        if len(sides) > 1 and not self.is_busy:
            self.choose(self.chosen, sides[1 - sides.index(self.leg)])

    def set_box(self, box_m: float) -> None:
        """Take another height of the box, before a set."""
        if not self.is_busy:
            self.box_m = box_m
            self.changed.emit()

    def turn_automatic(self) -> None:
        """Let cues come by themselves, or give each by hand."""
        self.automatic = not self.automatic
        self.changed.emit()

    def go(self) -> None:
        """Begin a set; in one with single cues give the next one; tick off."""
        run = self.run
        if run is not None and run.state == "running":
            if self.drill.movement == "timer":
                self._give(run.tick_off(self.clock()))
                self._after()
            else:
                self._give(run.next_cue(self.clock()))
            return
        if not self.can_begin:
            self._model.trouble.emit(NO_TRIAL)
            return
        self._model.live.speaker.on()
        self.run = DrillRun(
            self.plan, self.leg, language=language(), automatic=self.automatic
        )
        self.selected, self._seen_stops, self._cues = None, set(), {}
        at_s = self.clock()
        self._give(self.run.begin(at_s))
        self._was_running = True
        beats = self.drill.cue.beats_per_min
        if beats:
            first_s = at_s + self.drill.cue.lead_s
            wanted = Backdrop(beats_per_min=beats, first_beat_s=first_s)
            self._model.live.speaker.set_backdrop(wanted)
        self.changed.emit()

    def end(self) -> None:
        """End the set; what was done stays."""
        if self.run is not None and self.is_busy:
            self._give(self.run.end(self.clock()))
            self._after()

    def redo(self) -> None:
        """Take the set out; the next one is begun when the operator says so."""
        if self.run is not None and self.run.state != "waiting" and self.can_begin:
            self._give(self.run.redo(self.clock()))
            self._model.live.speaker.set_backdrop(Backdrop())
            self.run, self.selected, self._was_running = None, None, False
            self.changed.emit()

    def correct(self, word: Literal["accept", "reject"]) -> None:
        """Count a repetition anyway or take it out; once more takes that back."""
        rep = self.rep
        if self.run is None or rep is None or not self.can_begin:
            return
        said = "clear" if rep.by_hand == word else word
        self._give(self.run.edit(said, rep.rep.number, self.clock()))
        self.changed.emit()

    def select(self, places: int) -> None:
        """Look at a repetition further on (1) or back (-1)."""
        rep, result = self.rep, self.run.result if self.run else None
        if rep is not None and result is not None:
            number = max(rep.rep.number + places, 1)
            self.selected = number if number < len(result.reps) else None
            self.changed.emit()

    def by_hand(self) -> None:
        """Begin a range that is a repetition; once more: end it."""
        if self.run is None or not self.can_begin:
            return
        if self.hand_s is None:
            self.hand_s = self.clock()
        else:
            self._give(self.run.by_hand(self.hand_s, self.clock()))
            self.hand_s = None
        self.changed.emit()

    def go_on(self) -> None:
        """Answer the reasons to stop: the operator has decided to go on."""
        self._seen_stops |= set(self.stops_due)
        self.changed.emit()

    # -- the tick -----------------------------------------------------------------

    def tick(self) -> None:
        """Look at what has come, plan the next cue, end what is done."""
        recording = self._model.live.recording is not None
        if self._was_recording and not recording:
            self._keep_sets()
        self._was_recording = recording
        meter, run = self._meter, self.run
        if meter is None or run is None or run.state == "waiting":
            return
        before = (run.result, len(run.stops))
        self._give(run.tick(self.clock(), meter, self.pains))
        if self._was_running and run.state == "over":
            self._after()
        elif (run.result, len(run.stops)) != before:
            self.changed.emit()

    @property
    def countdown_s(self) -> float:
        """Seconds until the next cue, or to the end of the seconds; 0 = none."""
        return self.run.left_s(self.clock()) if self.run is not None else 0.0

    @property
    def cue_ahead(self) -> bool:
        """Whether another cue is planned."""
        return any(cue_s > self.clock() for cue_s in self._cues)

    @property
    def newest_cue(self) -> tuple[float, str]:
        """Seconds since the newest cue, and what was called out; negative: none."""
        at_s = self.clock()
        over = [cue_s for cue_s in self._cues if cue_s <= at_s]
        return (at_s - over[-1], self._cues[over[-1]]) if over else (-1.0, "")

    # -- inside -------------------------------------------------------------------

    @property
    def _meter(self) -> RepMeter | None:
        live = self._model.live
        if live.recording is None or live.pipeline is None:
            return None
        return live.pipeline.drills

    def _first_sets(self) -> dict[str, dict[str, float]]:
        """Return the first sets of today: sound compares on one day only."""
        today = datetime.now().astimezone().date().isoformat()
        before = [it for it in self._records if it.date == today]
        return references_of((*before, *records_of(told_sets(self._earlier))))

    def _give(self, given: Given) -> None:
        """Write and play what the engine gave."""
        live = self._model.live
        for mark in given.markers:
            live.marker(mark.text, mark.kind, mark.t_s)
        for sound in given.sounds:
            live.speaker.play(sound)
            if sound.beep == "go":
                self._cues[sound.at_s] = sound.voice

    def _after(self) -> None:
        """Let the metronome be silent and ask what is asked after each set."""
        self._was_running = False
        self._model.live.speaker.set_backdrop(Backdrop())
        self.changed.emit()
        if self._model.live.recording is not None:
            self.ended.emit(self.clock())

    def _keep_sets(self) -> None:
        """Keep the sets of a trial that has just been closed."""
        finished = self._model.live.finished
        if finished is not None:
            self._earlier += finished.drills.sets()
        self.run, self.hand_s, self._was_running = None, None, False
        self.changed.emit()

    def _follow_person(self) -> None:
        code = self._model.code
        if code == self._code:
            return
        self._code, self._records, self._earlier = code, (), ()
        home = self._model.library
        then = partial(self._take_history, code)
        if code != NOBODY:  # many people
            self._register.ask(lambda _: set_history(home, code), then)
        self.changed.emit()

    def _take_history(self, code: str, found: tuple[SetRecord, ...]) -> None:
        if code == self._code:
            own = {it.begin_s for it in self._earlier}
            self._records = tuple(it for it in found if it.t_s not in own)
            self.changed.emit()
