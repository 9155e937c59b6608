"""One set as the operator runs it: cues ahead of their time, repetitions as they come.

No Qt and no clock: whoever calls says what time it is on the lab clock. Nothing moves a
person on; a set ends by itself when its repetitions or seconds are done, the next one
begins only when somebody begins it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec

from lablive.drills.marks import (
    REP_KIND,
    SetMark,
    begin_markers,
    edit_marker,
    end_marker,
    go_marker,
    key_of,
)
from lablive.drills.progression import stops
from lablive.live.sounds import Cue as SoundCue
from lablive.messages import Marker

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lablive.drills.marks import SetPlan
    from lablive.drills.plan import Leg
    from lablive.drills.progression import Stop
    from lablive.drills.rep import RepResult
    from lablive.drills.rep_meter import RepMeter
    from lablive.drills.set_result import SetResult
    from lablive.protocol.pain import PainEntry

AHEAD_S: Final = 1.0  # a cue is planned so long before, so that it sounds in time
_READY_EVERY_S: Final = 1.0  # beeps of the count-down
_READIES: Final = 3
State = Literal["waiting", "running", "over"]


class Given(NamedTuple):
    """What is to be written into the trial and played."""

    markers: tuple[Marker, ...] = ()
    sounds: tuple[SoundCue, ...] = ()


class DrillRun:
    """One set.

    Parameters
    ----------
    plan
        The drill, earlier first sets, the involved leg.
    leg
        With which legs.
    language
        Of what is spoken.
    automatic
        Cues come every so often; False = the operator gives each (:meth:`next_cue`).

    Attributes
    ----------
    result
        The set as it stands; None before its begin.
    stops
        Reasons to stop, in time order.
    """

    def __init__(
        self,
        plan: SetPlan,
        leg: Leg,
        *,
        language: str = "en",
        automatic: bool = True,
    ) -> None:
        self.plan = plan
        self.leg: Leg = leg
        self._language, self._automatic = language, automatic
        self.result: SetResult | None = None
        self.stops: tuple[Stop, ...] = ()
        self._begin_s: float | None = None
        self._end_s: float | None = None
        self._cues_s: list[float] = []
        self._told = 0  # repetitions that were written into the trial

    # -- what the operator does ---------------------------------------------------

    def begin(self, t_s: float) -> Given:
        """Begin: the count-down runs, the first cue is planned."""
        if self._begin_s is not None:
            return Given()
        self._begin_s = t_s
        first = self._cue(t_s + self.plan.drill.cue.lead_s)
        markers = begin_markers(self.plan, self.leg, t_s)
        return Given((*markers, *first.markers), (*self._readies(), *first.sounds))

    def next_cue(self, t_s: float) -> Given:
        """Give the next cue as soon as it can sound in time."""
        if self.state != "running" or self.plan.drill.cue.kind != "each":
            return Given()
        busy_s = self.plan.drill.hold_s or self.plan.drill.window_s
        last_s = self._cues_s[-1] if self._cues_s else t_s
        return self._cue(max(t_s + AHEAD_S, last_s + busy_s))

    def end(self, t_s: float) -> Given:
        """End the set; what was done stays."""
        if self.state != "running":
            return Given()
        self._end_s = t_s
        return Given((end_marker(self._mark, t_s),))

    def redo(self, t_s: float) -> Given:
        """End the set and take it out: it is done again by a new run."""
        if self._begin_s is None:
            return Given()
        self._end_s = self._end_s or t_s
        return Given((Marker(t_s, "redo", "drill"),))

    def tick_off(self, t_s: float) -> Given:
        """Say that a drill without sensors was done."""
        ended = self.end(t_s).markers
        return Given((*ended, Marker(t_s, "done", "drill")))

    def edit(
        self, word: Literal["accept", "reject", "clear"], rep: int, t_s: float
    ) -> Given:
        """Count a repetition anyway, take it out, or take that back."""
        return Given((edit_marker(word, rep, t_s),))

    def by_hand(self, begin_s: float, end_s: float) -> Given:
        """Mark a range as a repetition."""
        edges = ((begin_s, "rep begin"), (end_s, "rep end"))
        return Given(tuple(Marker(t_s, text, "drill") for t_s, text in edges))

    # -- while it runs ------------------------------------------------------------

    def tick(
        self, t_s: float, meter: RepMeter, pains: Iterable[PainEntry] = ()
    ) -> Given:
        """Look at what has come; plan the next cue; end what is done.

        Parameters
        ----------
        t_s
            Lab clock.
        meter
            ``pipeline.drills``, which was told of every marker this run has given.
        pains
            Of the session.
        """
        if self._begin_s is None:
            return Given()
        sets = meter.sets()
        own = [it for it in sets if it.begin_s == self._begin_s]
        self.result = own[0] if own else None
        found: list[Marker] = []
        if self.result is not None:
            found += self._new_reps(self.result)
            upto = [it for it in sets if it.begin_s <= self._begin_s]
            self.stops = stops(upto, pains, meter.lost_s(self.result))
        given = Given()
        if self.state == "running":
            given = self.end(t_s) if self._is_done(t_s) else self._plan_ahead(t_s)
        return Given((*found, *given.markers), given.sounds)

    @property
    def state(self) -> State:
        """Waiting to begin, running, or over."""
        if self._begin_s is None:
            return "waiting"
        return "running" if self._end_s is None else "over"

    def left_s(self, t_s: float) -> float:
        """Return how long until the next cue, or the end of the seconds; 0 = now."""
        ahead = [cue_s for cue_s in self._cues_s if cue_s > t_s]
        if ahead:
            return ahead[0] - t_s
        drill = self.plan.drill
        if drill.seconds and self._begin_s is not None and self.state == "running":
            return max(0.0, self._cues_s[0] + drill.seconds - t_s)
        return 0.0

    @property
    def last(self) -> RepResult | None:
        """The newest repetition."""
        return self.result.reps[-1] if self.result and self.result.reps else None

    @property
    def to_go(self) -> int:
        """How many passing repetitions are missing; 0 = none, or nobody asks."""
        drill = self.plan.drill
        passed = self.result.passed if self.result else 0
        return max(0, drill.needed - passed)

    # -- inside -------------------------------------------------------------------

    @property
    def _mark(self) -> SetMark:
        return SetMark(self.plan, self.leg, self._begin_s or 0.0)

    def _cue(self, at_s: float) -> Given:
        drill = self.plan.drill
        number, way = len(self._cues_s), drill.directions
        words = drill.words(self._language)
        toward = way[number % len(way)] if way and drill.cue.kind == "each" else ""
        said = words.directions[number % len(way)] if words.directions else words.go
        self._cues_s.append(at_s)
        name = f"{key_of(drill.id, self.leg)} {number + 1} go"
        sound = SoundCue(name, at_s, "go", said, self._language)
        return Given((go_marker(at_s, toward),), (sound,))

    def _readies(self) -> tuple[SoundCue, ...]:
        """Return the beeps before the first cue."""
        first_s = self._cues_s[0]
        begin_s = self._begin_s or 0.0
        times = [first_s - _READY_EVERY_S * back for back in range(_READIES, 0, -1)]
        name = key_of(self.plan.drill.id, self.leg)
        return tuple(
            SoundCue(f"{name} ready", at_s) for at_s in times if at_s >= begin_s
        )

    def _plan_ahead(self, t_s: float) -> Given:
        drill = self.plan.drill
        if drill.cue.kind != "each" or not self._automatic:
            return Given()
        if drill.reps and len(self._cues_s) >= drill.reps:
            return Given()
        due_s = self._cues_s[-1] + drill.cue.every_s
        return self._cue(max(due_s, t_s + AHEAD_S)) if due_s - t_s <= 2 * AHEAD_S else (
            Given()
        )  # fmt: skip

    def _is_done(self, t_s: float) -> bool:
        drill = self.plan.drill
        if drill.seconds:
            return t_s >= self._cues_s[0] + drill.seconds
        return bool(self.result and drill.reps and len(self.result.reps) >= drill.reps)

    def _new_reps(self, result: SetResult) -> list[Marker]:
        """Return what the trial says of new repetitions; nothing reads it back."""
        new = result.reps[self._told :]
        self._told = len(result.reps)
        return [Marker(it.rep.t_s, rep_words(result, it), REP_KIND) for it in new]


def rep_words(result: SetResult, rep: RepResult) -> str:
    """Return a repetition in words: ``hop_one left 3 failed: other foot touched``."""
    why = f": {'; '.join(rep.reasons)}" if rep.reasons else ""
    return f"{result.key} {rep.rep.number} {rep.state}{why}"


def with_box(plan: SetPlan, box_m: float) -> SetPlan:
    """Return a plan with another height of the box."""
    drill = msgspec.structs.replace(plan.drill, box_m=box_m)
    return msgspec.structs.replace(plan, drill=drill)
