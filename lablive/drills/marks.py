"""Drills as markers: sets, cues, an operator's edits; the same words live and stored.

Markers of kind ``drill``:

===================================  ============================================
``hop_one left begin``, ``... end``  a set; ``both``, ``left`` or ``right``
``go``, ``go left``                  the runner is told to jump (to the left)
``rep begin``, ``rep end``           a repetition marked by hand
``accept 4``, ``reject 4``           the operator counts the 4th, or does not
``clear 4``                          that is taken back
``redo``                             the set does not count, it is done again
``done``                             a drill without sensors was done
===================================  ============================================

A marker of kind ``drill plan`` at the begin of a set carries the drill as it was then
and what it is held against (TOML), so that a file tells the same on another machine.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import tomli_w

from lablive.drills.plan import Drill, Leg
from lablive.messages import Marker
from lablive.structs import from_plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MARKER_KIND: Final = "drill"
PLAN_KIND: Final = "drill plan"
REP_KIND: Final = "rep"  # what was found, in words for other programs; never read back
Edit = Literal["accept", "reject"]
# metric -> value of the first set of a drill
Reference = dict[str, float]
_LEGS: Final[dict[str, Leg]] = {"both": "both", "left": "left", "right": "right"}
_EDITS: Final = ("accept", "reject", "clear")


class SetPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A drill as a set is done.

    Attributes
    ----------
    drill
        What was to be done.
    reference
        Earlier first sets that are not in this file: drill and leg -> values.
    involved
        The leg that was injured; "" = none.
    """

    drill: Drill
    reference: dict[str, Reference] = {}
    involved: Literal["", "left", "right"] = ""


class Cue(msgspec.Struct, frozen=True):
    """When the runner was told to go, and where to ("" = as the drill says)."""

    t_s: float
    direction: str = ""


@dataclass(frozen=True, slots=True)
class SetMark:
    """One set as it was marked.

    Attributes
    ----------
    plan
        What was to be done.
    leg
        With which legs.
    begin_s, end_s
        On the clock of the rows; infinite = not ended yet.
    number
        Of the sets of this drill and leg, from 1; one that is done again has its own.
    cues, hand
        When the runner was told to go; begins and ends marked by hand.
    edits
        Number of a repetition -> what the operator says of it.
    redone
        It does not count.
    done
        The operator has ticked it off.
    """

    plan: SetPlan
    leg: Leg
    begin_s: float
    end_s: float = float("inf")
    number: int = 1
    cues: tuple[Cue, ...] = ()
    hand: tuple[tuple[float, float], ...] = ()
    edits: dict[int, Edit] = field(default_factory=dict[int, Edit])
    redone: bool = False
    done: bool = False

    @property
    def drill(self) -> Drill:
        """The drill."""
        return self.plan.drill

    @property
    def key(self) -> str:
        """What tells sets of one drill and leg from others: ``hop_one left``."""
        return key_of(self.drill.id, self.leg)


def key_of(drill_id: str, leg: Leg) -> str:
    """Return the name of a drill done with certain legs."""
    return f"{drill_id} {leg}"


def begin_markers(plan: SetPlan, leg: Leg, t_s: float) -> tuple[Marker, Marker]:
    """Return what is marked when a set begins."""
    told = plan_text(plan)
    begin = f"{key_of(plan.drill.id, leg)} begin"
    return Marker(t_s, told, PLAN_KIND), Marker(t_s, begin, MARKER_KIND)


def plan_text(plan: SetPlan) -> str:
    """Return a plan as TOML, which has limits without end; JSON does not."""
    return tomli_w.dumps(msgspec.to_builtins(plan))


def parse_plan(text: str) -> SetPlan:
    """Read a plan.

    Raises
    ------
    ValueError
        The text is none.
    """
    return from_plain(tomllib.loads(text), SetPlan)


def end_marker(mark: SetMark, t_s: float) -> Marker:
    """Return what is marked when a set ends."""
    return Marker(t_s, f"{mark.key} end", MARKER_KIND)


def go_marker(t_s: float, direction: str = "") -> Marker:
    """Return the mark of a cue at its planned time."""
    return Marker(t_s, f"go {direction}".strip(), MARKER_KIND)


def edit_marker(
    word: Literal["accept", "reject", "clear"], rep: int, t_s: float
) -> Marker:
    """Return the mark of an operator's word on a repetition of the newest set."""
    return Marker(t_s, f"{word} {rep}", MARKER_KIND)


def sets_of(
    markers: Iterable[Marker], drill_of: Callable[[str], Drill | None]
) -> tuple[tuple[SetMark, ...], tuple[str, ...]]:
    """Return the sets that markers note, in order of begin, and what is wrong.

    Parameters
    ----------
    markers
        Of any kind, in any order.
    drill_of
        Id -> drill, for sets that carry no plan of their own.
    """
    reading = _Reading(drill_of)
    kinds = (PLAN_KIND, MARKER_KIND)  # a plan comes before the begin of the same time
    own = [marker for marker in markers if marker.kind in kinds]
    for marker in sorted(own, key=lambda it: (it.t_s, kinds.index(it.kind))):
        reading.take(marker)
    return reading.finish()


class _Reading:
    """Markers one after the other."""

    def __init__(self, drill_of: Callable[[str], Drill | None]) -> None:
        self._drill_of = drill_of
        self._plan: tuple[float, SetPlan] | None = None
        self._sets: list[SetMark] = []
        self._numbers: dict[str, int] = {}
        self._hand_s: float | None = None
        self._problems: list[str] = []

    def take(self, marker: Marker) -> None:
        if marker.kind == PLAN_KIND:
            self._take_plan(marker)
            return
        words = marker.text.split()
        problem = self._word(words, marker.t_s)
        if problem:
            self._problems.append(f'The drill marker "{marker.text}" {problem}')

    def finish(self) -> tuple[tuple[SetMark, ...], tuple[str, ...]]:
        return tuple(self._sets), tuple(self._problems)

    def _take_plan(self, marker: Marker) -> None:
        try:
            self._plan = (marker.t_s, parse_plan(marker.text))
        except ValueError:  # of TOML, and of what it says
            self._problems.append("The plan of a drill in the trial cannot be read.")

    def _word(self, words: Sequence[str], t_s: float) -> str:
        if len(words) == 3 and words[2] in ("begin", "end") and words[1] in _LEGS:
            begins = words[2] == "begin"
            edge = self._begin if begins else self._end
            return edge(words[0], _LEGS[words[1]], t_s)
        if not self._sets:
            return "stands before any set: it is left out."
        if words[:1] == ["go"] and len(words) <= 2:
            cue = Cue(t_s, words[1] if len(words) == 2 else "")
            self._change(cues=(*self._sets[-1].cues, cue))
        elif words == ["redo"]:
            ends_s = min(self._sets[-1].end_s, t_s)
            self._change(redone=True, end_s=ends_s)
        elif words == ["done"]:
            self._change(done=True)
        elif len(words) == 2 and words[0] in _EDITS and words[1].isdecimal():
            self._edit(words[0], int(words[1]))
        elif words == ["rep", "begin"]:
            self._hand_s = t_s
        elif words == ["rep", "end"]:
            if self._hand_s is None:
                return "ends a repetition that was not begun: it is left out."
            self._change(hand=(*self._sets[-1].hand, (self._hand_s, t_s)))
            self._hand_s = None
        else:
            return "is not understood: it is left out."
        return ""

    def _begin(self, drill_id: str, leg: Leg, t_s: float) -> str:
        held = self._plan
        if held is not None and held[1].drill.id == drill_id and held[0] <= t_s:
            plan = held[1]
        else:
            drill = self._drill_of(drill_id)
            if drill is None:
                return "names a drill that is not known here: its set is left out."
            plan = SetPlan(drill)
        if self._sets and self._sets[-1].end_s > t_s:
            self._change(end_s=t_s)  # one set at a time
        key = key_of(drill_id, leg)
        self._numbers[key] = self._numbers.get(key, 0) + 1
        self._sets.append(SetMark(plan, leg, t_s, number=self._numbers[key]))
        self._hand_s = None
        return ""

    def _end(self, drill_id: str, leg: Leg, t_s: float) -> str:
        key = key_of(drill_id, leg)
        if not self._sets or self._sets[-1].key != key:
            return "ends a set that was not begun: it is left out."
        if self._sets[-1].end_s > t_s:
            self._change(end_s=t_s)
        return ""

    def _edit(self, word: str, rep: int) -> None:
        edits: dict[int, Edit] = dict(self._sets[-1].edits)
        edits.pop(rep, None)
        if word == "accept":
            edits[rep] = "accept"
        elif word == "reject":
            edits[rep] = "reject"
        self._change(edits=edits)

    def _change(self, **changes: object) -> None:
        held = self._sets[-1]
        told: dict[str, object] = {
            name: getattr(held, name) for name in held.__dataclass_fields__
        }
        self._sets[-1] = SetMark(**(told | changes))  # type: ignore[arg-type]


class DrillMarks:
    """Markers of drills as they come; which sets there were before a time.

    Parameters
    ----------
    drill_of
        As for :func:`sets_of`.
    """

    def __init__(self, drill_of: Callable[[str], Drill | None]) -> None:
        self._drill_of = drill_of
        self._markers: list[Marker] = []
        self._known: dict[int, tuple[tuple[SetMark, ...], tuple[str, ...]]] = {}

    def add(self, marker: Marker) -> bool:
        """Take a marker; tell whether it is one of a drill."""
        if marker.kind not in (MARKER_KIND, PLAN_KIND):
            return False
        at = bisect_right(self._markers, marker.t_s, key=lambda it: it.t_s)
        self._markers.insert(at, marker)
        self._known = {}
        return True

    def sets(self, until_s: float = float("inf")) -> tuple[SetMark, ...]:
        """Return the sets as they were marked before a time."""
        return self._read(until_s)[0]

    @property
    def problems(self) -> tuple[str, ...]:
        """Markers that could not be used, one sentence each."""
        return self._read(float("inf"))[1]

    def _read(self, until_s: float) -> tuple[tuple[SetMark, ...], tuple[str, ...]]:
        n = bisect_right(self._markers, until_s, key=lambda it: it.t_s)
        if n not in self._known:
            if len(self._known) > 8:
                self._known = {}
            self._known[n] = sets_of(self._markers[:n], self._drill_of)
        return self._known[n]
