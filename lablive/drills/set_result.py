"""What a set is worth: its repetitions, its own values, its verdict (reference 8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
import numpy as np

from lablive.drills.marks import key_of
from lablive.drills.movements import rhythm_cv_pct
from lablive.drills.plan import Leg, Method
from lablive.drills.quantities import QUANTITIES, RELATIVE
from lablive.drills.rep import Rep, RepResult, SetVerdict, ValueView
from lablive.drills.verdict import check, judge_rep, relative, view_of
from lablive.names import SIDES
from lablive.protocol.asymmetry import limb_symmetry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.drills.marks import Reference, SetMark
    from lablive.drills.plan import Score
    from lablive.drills.rep import Rep
    from lablive.names import Side

_NAN: Final = float("nan")


class SetResult(msgspec.Struct, frozen=True):
    """One set.

    Attributes
    ----------
    drill, title, leg, number
        Which drill (id, words), which legs, which of its sets.
    begin_s, end_s
        On the clock of the rows; infinite = under way.
    reps
        In time order.
    views
        Values of the set: medians of its repetitions that had no fault, and those that
        need a whole set.
    passed, failed, not_scored
        Of the scored repetitions.
    wanted, needed
        How many are planned, how many must pass; 0 = none.
    verdict, reasons
        What it is worth and why, in plain words.
    order
        Place on the ladder, 0 = none.
    flight_method
        How flights were read off the force.
    """

    drill: str
    title: str
    leg: Leg
    number: int
    begin_s: float
    end_s: float
    reps: tuple[RepResult, ...] = ()
    views: tuple[ValueView, ...] = ()
    passed: int = 0
    failed: int = 0
    not_scored: int = 0
    wanted: int = 0
    needed: int = 0
    verdict: SetVerdict = "open"
    reasons: tuple[str, ...] = ()
    order: int = 0
    flight_method: Method = "unfiltered"

    @property
    def key(self) -> str:
        """Drill and leg."""
        return key_of(self.drill, self.leg)

    @property
    def scored(self) -> int:
        """Scored repetitions so far."""
        return self.passed + self.failed + self.not_scored


class Found(NamedTuple):
    """A repetition and what was measured in it, before anything is judged."""

    rep: Rep
    values: dict[str, float]
    lacks: dict[str, str]


class Done(NamedTuple):
    """A set as it was found.

    Attributes
    ----------
    mark
        As it was marked.
    found
        Repetitions so far.
    over
        No further one can come.
    running
        Values of the strides of a drill of running.
    """

    mark: SetMark
    found: tuple[Found, ...] = ()
    over: bool = False
    running: tuple[tuple[str, float, str, str], ...] = ()  # id, value, unit, label


def set_results(sets: Sequence[Done]) -> tuple[SetResult, ...]:
    """Return what every set of a trial is worth, in time order.

    A set is held against the first one of its drill that counts, and against the newest
    set of the other leg.
    """
    references: dict[str, Reference] = {}
    judged: list[SetResult] = []
    for done in sets:
        mark = done.mark
        for key, values in mark.plan.reference.items():
            references.setdefault(key, values)
        reps = tuple(
            judge_rep(mark, it.rep, it.values, it.lacks, references)
            for it in done.found
        )
        judged.append(_whole(done, reps, references, sets))
        if not mark.redone and (done.over or np.isfinite(mark.end_s)):
            own = medians(reps)
            if own:
                references.setdefault(mark.key, own)
                references.setdefault(mark.drill.id, own)
    return tuple(judged)


def medians(reps: Sequence[RepResult]) -> Reference:
    """Return the medians of the scored repetitions without fault."""
    found: dict[str, list[float]] = {}
    for it in reps:
        if it.state == "not counted" or it.rep.faults or it.rep.gap:
            continue
        for metric, value in it.values.items():
            if metric not in RELATIVE:
                size = abs(value) if QUANTITIES[metric].absolute else value
                found.setdefault(metric, []).append(size)
    return {metric: float(np.median(held)) for metric, held in found.items()}


def _whole(
    done: Done,
    reps: tuple[RepResult, ...],
    references: Mapping[str, Reference],
    sets: Sequence[Done],
) -> SetResult:
    mark, drill = done.mark, done.mark.drill
    own = medians(reps)
    scores = {score.metric: score for score in drill.scores if score.of == "set"}
    views = [_view(done, score, own, references, sets) for score in scores.values()]
    states = [it.state for it in reps]
    empty = SetResult(
        drill=drill.id,
        title=drill.words().title,
        leg=mark.leg,
        number=mark.number,
        begin_s=mark.begin_s,
        end_s=mark.end_s,
        reps=reps,
        views=(*views, *_running(done)),
        passed=states.count("passed"),
        failed=states.count("failed"),
        not_scored=states.count("not scored"),
        wanted=drill.wanted,
        needed=drill.needed,
        order=drill.order,
        flight_method=drill.flight_method,
    )
    verdict, reasons = _verdict(done, empty, scores, views)
    return msgspec.structs.replace(empty, verdict=verdict, reasons=tuple(reasons))


def _view(
    done: Done,
    score: Score,
    own: Reference,
    references: Mapping[str, Reference],
    sets: Sequence[Done],
) -> ValueView:
    name = score.metric
    if name == "lsi_pct":
        value, why = _limb_symmetry(done, score.compares, sets, references)
    elif name == "rhythm_cv_pct":
        value = rhythm_cv_pct([it.rep for it in done.found])
        why = "needs four landings"
    elif name in RELATIVE:
        found = relative(done.mark, score, own, references)
        value, why = (_NAN, found) if isinstance(found, str) else (found, "")
        if why == "not measured":
            why = _lack(done, RELATIVE[name].of)
    else:
        value, why = own.get(name, _NAN), _lack(done, name)
    return view_of(score, value, why)


def _lack(done: Done, metric: str) -> str:
    """Return why no repetition has a value."""
    told = (it.lacks.get(metric, "") for it in done.found if not it.rep.faults)
    return next((why for why in told if why), "no repetition without fault")


def _limb_symmetry(
    done: Done,
    metric: str,
    sets: Sequence[Done],
    references: Mapping[str, Reference],
) -> tuple[float, str]:
    """Return leg against leg: the newest set of the other, else its first one."""
    mark = done.mark
    sides: dict[Side, list[float]] = {"left": [], "right": []}
    if mark.leg in SIDES:
        other = key_of(mark.drill.id, "left" if mark.leg == "right" else "right")
        others = [it for it in sets if it.mark.key == other and not it.mark.redone]
        earlier = references.get(other, {}).get(metric)
        if not others and earlier is None:
            return _NAN, "the other leg has not been done yet"
        for it in (done, *others[-1:]):
            for side in SIDES:
                if it.mark.leg == side:
                    sides[side] += _clean(it, metric)
        if not others and earlier is not None:
            sides["left" if mark.leg == "right" else "right"].append(earlier)
    else:
        for side in SIDES:
            sides[side] += _clean(done, metric, side)
    involved = mark.plan.involved or None
    found = limb_symmetry(sides["left"], sides["right"], involved)
    return found.value, found.why


def _clean(done: Done, metric: str, side: Side | None = None) -> list[float]:
    return [
        it.values[metric]
        for it in done.found
        if metric in it.values
        and not it.rep.faults
        and done.mark.drill.counts(it.rep.number)
        and side in (None, it.rep.foot)
    ]


def _running(done: Done) -> list[ValueView]:
    return [
        ValueView(
            metric, label, unit, value, why="" if value == value else "not measured"
        )
        for metric, value, unit, label in done.running
    ]


def _verdict(
    done: Done,
    found: SetResult,
    scores: Mapping[str, Score],
    views: Sequence[ValueView],
) -> tuple[SetVerdict, list[str]]:
    mark, drill = done.mark, done.mark.drill
    if mark.redone:
        return "redone", ["the operator had it done again"]
    if drill.movement == "timer":
        if mark.done:
            return "done", ["ticked off by the operator"]
        ended: SetVerdict = "not done" if done.over else "open"
        return ended, []
    if drill.movement == "run":
        run: SetVerdict = "not judged" if done.over else "open"
        return run, ["running is shown, not judged"]
    complete = bool(found.wanted) and found.scored >= found.wanted
    judged = drill.needed or any(not score.info for score in drill.scores)
    if not (complete or done.over):
        return "open", []
    if not judged:
        return "not judged", ["the drill has no limits"]
    missing = max(found.wanted - found.scored, 0)
    return _combined(found, missing, drill.back_below, *check(scores, views), views)


def _combined(
    found: SetResult,
    missing: int,
    back_below: int,
    wrong: list[str],
    unknown: list[str],
    views: Sequence[ValueView],
) -> tuple[SetVerdict, list[str]]:
    """Return the worst of what repetitions and set values say."""
    told: list[str] = []
    parts: set[SetVerdict] = set()
    if not found.scored:
        parts.add("not complete")
        told.append("no repetition was seen")
    if found.needed and found.passed < found.needed:
        of = found.wanted or found.scored
        count = f"{found.passed} of {of} passed, {found.needed} needed"
        told.append(count)
        if found.passed + found.not_scored + missing < found.needed:
            parts.add("caution" if found.passed >= back_below > 0 else "fail")
        elif found.not_scored:
            parts.add("not scored")
            told[-1] = f"{count}; {found.not_scored} could not be scored"
        else:
            parts.add("not complete")
    if wrong:
        judged = [view for view in views if view.passes is False]
        poor = any(view.verdict == "poor" for view in judged)
        parts.add("fail" if poor else "caution")
        told += wrong
    if unknown:
        parts.add("not scored")
        told += unknown
    order: tuple[SetVerdict, ...] = ("fail", "not scored", "not complete", "caution")
    for worst in order:
        if worst in parts:
            return worst, told
    return "pass", told
