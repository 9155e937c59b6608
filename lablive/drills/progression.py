"""What to do next, and when to stop: advice that the operator confirms (reference 8.2).

Nothing here moves anybody on by itself, and no number clears a person for anything.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from lablive.drills.quantities import QUANTITIES
from lablive.protocol.pain import drill_pain_nrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lablive.drills.plan import Drill
    from lablive.drills.rep import RepResult
    from lablive.drills.set_result import SetResult
    from lablive.protocol.pain import PainEntry

Step = Literal["up", "stay", "back", "stop"]
SETS: Final = 2  # that must pass one after the other
PAIN_UP, PAIN_BACK = 2, 4
_UP_SHARE: Final = 0.8  # metric reference 8.2: 8 of 10, 5 of 6
SHARE_PCT: Final = (45.0, 55.0)
FIRST_ONE_LEG: Final = 5  # repetitions a side to begin with
_STEADY: Final = 2  # repetitions that were not poor before one that suddenly is
DECIDES: Final = "The operator decides."


class Advice(msgspec.Struct, frozen=True):
    """What the sets so far speak for.

    Attributes
    ----------
    step
        Move up, stay, step back, or stop.
    to
        The drill that is meant, "" = the same.
    reasons
        Why, in plain words.
    reps
        With how many repetitions to begin; 0 = as the drill says.
    """

    step: Step
    to: str = ""
    reasons: tuple[str, ...] = ()
    reps: int = 0

    @property
    def words(self) -> str:
        """The advice as a sentence; it always leaves the decision to the operator."""
        begin = {
            "up": "Ready to move up",
            "stay": "Stay with this drill",
            "back": "Step back to an easier drill",
            "stop": "Stop",
        }[self.step]
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{begin}{why}. {DECIDES}"


class Stop(msgspec.Struct, frozen=True):
    """A reason to stop now (reference 0.7): when, and in plain words why."""

    t_s: float
    kind: Literal["pain", "poor", "sensor"]
    why: str


def advice(
    drill: Drill,
    sets: Sequence[SetResult],
    pains: Iterable[PainEntry] = (),
    below: str = "",
) -> Advice:
    """Return what the sets of one drill speak for.

    Parameters
    ----------
    drill
        The drill.
    sets
        Its sets so far, in time order, of all sessions that count, either leg.
    pains
        Pain during the drill.
    below
        The drill under it on the ladder.
    """
    told = drill_pain_nrs(list(pains))
    counted = [it for it in sets if it.drill == drill.id and it.verdict != "redone"]
    if told.value >= PAIN_BACK:
        return Advice("back", below, (f"pain {told.value:.0f} of 10",))
    if not counted:
        return Advice("stay", reasons=("no set was done yet",))
    why = tuple(_back(drill, counted[-1]))
    if why:
        return Advice("back", below, why)
    missing = tuple(_not_yet(drill, counted))
    if told.rising:
        missing += ("pain is rising",)
    elif told.value > PAIN_UP:
        missing += (f"pain {told.value:.0f} of 10, {PAIN_UP} at most to move up",)
    elif not told.n:
        missing += ("nobody has asked for pain",)
    if missing or not drill.next:
        return Advice("stay", reasons=missing)
    one = drill.next.endswith("_one") or drill.next.startswith("hop_one")
    begin = FIRST_ONE_LEG if drill.legs == "two" and one else 0
    return Advice("up", drill.next, _passed(drill), begin)


def _passed(drill: Drill) -> tuple[str, ...]:
    told = [f"{SETS} sets in a row with {enough(drill)} or more passing repetitions"]
    if drill.legs == "two" and drill.next.endswith("_one"):
        told.append(f"begin with {FIRST_ONE_LEG} repetitions a side")
    return tuple(told)


def enough(drill: Drill) -> int:
    """Return the passing repetitions of a set that count for moving up: 8 of 10.

    A set can ask for more than that to pass.
    """
    return min(drill.needed, math.ceil(_UP_SHARE * drill.wanted) or drill.needed)


def _back(drill: Drill, newest: SetResult) -> Iterator[str]:
    faulty = [bool(rep.rep.faults) for rep in newest.reps]
    if any(one and two for one, two in pairwise(faulty)):
        yield "a fault in two repetitions in a row"
    enough = newest.wanted and newest.scored >= newest.wanted
    could = newest.passed + newest.not_scored
    if drill.back_below and enough and could < drill.back_below:
        of = f"{newest.passed} of {newest.wanted} passed"
        yield f"{of}, fewer than {drill.back_below}"


def _not_yet(drill: Drill, sets: Sequence[SetResult]) -> Iterator[str]:
    """Yield what is missing to move up; every leg of the drill counts."""
    if not drill.needed:
        yield "the drill is not judged"
        return
    for leg in drill.sides:
        own = [it for it in sets if it.leg == leg][-SETS:]
        who = "" if leg == "both" else f"{leg} leg: "
        good = [it for it in own if it.passed >= enough(drill)]
        if len(own) < SETS or len(good) < SETS:
            yield f"{who}{len(good)} of {SETS} sets in a row passed"
        for it in own[-1:]:
            share = next(
                (v.value for v in it.views if v.metric == "landing_share_pct"), np.nan
            )
            if not SHARE_PCT[0] <= share <= SHARE_PCT[1] and share == share:
                yield f"right share of the landing {share:.0f} %, 45 to 55 to move up"


def stops(
    sets: Sequence[SetResult],
    pains: Iterable[PainEntry] = (),
    lost_s: Iterable[float] = (),
) -> tuple[Stop, ...]:
    """Return every reason to stop in the newest set, in time order (reference 0.7).

    Parameters
    ----------
    sets
        In time order.
    pains
        Of the session.
    lost_s
        When a sole stopped within the newest set.
    """
    if not sets:
        return ()
    newest = sets[-1]
    found = [
        *_pain(newest, list(pains)),
        *_suddenly_poor(newest.reps),
        *(Stop(t_s, "sensor", "a sole stopped sending") for t_s in lost_s),
        *(
            Stop(rep.rep.t_s, "sensor", rep.rep.gap)
            for rep in newest.reps
            if rep.rep.gap
        ),
    ]
    return tuple(sorted(found, key=lambda it: it.t_s))


def _pain(newest: SetResult, pains: Sequence[PainEntry]) -> Iterator[Stop]:
    ordered = sorted(pains, key=lambda it: it.t_s)
    for before, it in zip([None, *ordered], ordered, strict=False):
        if it.t_s < newest.begin_s:
            continue
        if it.nrs >= PAIN_BACK:
            yield Stop(it.t_s, "pain", f"pain {it.nrs} of 10")
        elif before is not None and it.nrs > before.nrs:
            yield Stop(it.t_s, "pain", f"pain rose from {before.nrs} to {it.nrs}")


def _suddenly_poor(reps: Sequence[RepResult]) -> Iterator[Stop]:
    """Yield values that were good or caution and are poor all at once."""
    fine: dict[str, int] = {}
    for rep in reps:
        for view in rep.views:
            if view.verdict == "poor":
                if fine.get(view.metric, 0) >= _STEADY:
                    digits = QUANTITIES[view.metric].digits
                    told = f"{view.label} suddenly {view.value:.{digits}f} {view.unit}"
                    yield Stop(rep.rep.t_s, "poor", told)
                fine[view.metric] = 0
            elif view.verdict:
                fine[view.metric] = fine.get(view.metric, 0) + 1
