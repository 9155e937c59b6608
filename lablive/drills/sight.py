"""What a screen shows of a set: values on their scale, repetitions, left against right.

Pure functions of results, so that a live set and one that is looked at later show the
same.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from lablive.drills.quantities import QUANTITIES, RELATIVE
from lablive.drills.verdict import number, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lablive.drills.plan import Drill, Score
    from lablive.drills.rep import RepResult, RepState, ValueView
    from lablive.drills.set_result import SetResult
    from lablive.drills.verdict import Colour
    from lablive.names import Side

_NAN: Final = float("nan")
_BEYOND: Final = 0.6  # of a scale lies outside of its limits, on either side


class Part(NamedTuple):
    """A part of a scale in shares of its length, and what a value in it is."""

    begin: float
    end: float
    colour: Colour


class ScoreSight(NamedTuple):
    """One value as it is shown.

    ``parts`` are empty for a value that is only shown; ``at`` is its place on the
    scale, NaN = nowhere.
    """

    metric: str
    label: str
    number: str
    unit: str
    limit: str
    verdict: Colour
    why: str
    evidence: str
    parts: tuple[Part, ...] = ()
    at: float = _NAN


class RepSight(NamedTuple):
    """One place in the row of repetitions; ``state`` "" = not done yet."""

    number: int
    state: RepState | str
    note: str = ""
    by_hand: str = ""


class SideSight(NamedTuple):
    """Medians of both legs of one value."""

    label: str
    left: str
    right: str
    unit: str


def score_sights(drill: Drill, views: Iterable[ValueView]) -> tuple[ScoreSight, ...]:
    """Return values with their scales, in the order of the drill."""
    scores = {score.metric: score for score in drill.scores}
    return tuple(
        _sight(view, scores[view.metric]) for view in views if view.metric in scores
    )


def blank_views(drill: Drill) -> tuple[ValueView, ...]:
    """Return what a repetition will be judged by, before there is one."""
    return tuple(
        view_of(score, _NAN, "no repetition yet")
        for score in drill.scores
        if score.metric in QUANTITIES
        and QUANTITIES[score.metric].level == "rep"
        and score.of == "rep"
    )


def rep_sights(drill: Drill, result: SetResult | None) -> tuple[RepSight, ...]:
    """Return the row of repetitions: those that were done, and those to come."""
    done = result.reps if result is not None else ()
    found = [
        RepSight(it.rep.number, it.state, it.reasons[0] if it.reasons else "",
                 it.by_hand)
        for it in done
    ]  # fmt: skip
    planned = range(len(found) + 1, drill.reps + 1)
    return (*found, *(RepSight(place, "") for place in planned))


def side_sights(drill: Drill, sets: Sequence[SetResult]) -> tuple[SideSight, ...]:
    """Return the medians of the newest set of each leg, where both can differ."""
    held: dict[Side, list[RepResult]] = {
        "left": _clean(sets, "left"),
        "right": _clean(sets, "right"),
    }
    if not (held["left"] or held["right"]):
        return ()
    found: list[SideSight] = []
    for score in drill.scores:
        quantity = QUANTITIES.get(score.metric)
        if quantity is None or quantity.level != "rep" or score.metric in RELATIVE:
            continue
        left, right = (_median(held[side], score.metric) for side in held)
        if left or right:
            found.append(SideSight(quantity.label, left, right, quantity.unit))
    return tuple(found)


def _clean(sets: Sequence[SetResult], side: Side) -> list[RepResult]:
    """Return repetitions without fault of a foot, of its newest set."""
    for it in reversed(sets):
        if it.verdict == "redone":
            continue
        own = [
            rep
            for rep in it.reps
            if (it.leg == side or rep.rep.foot == side)
            and not rep.rep.faults
            and rep.state != "not counted"
        ]
        if own:
            return own
    return []


def _median(reps: Sequence[RepResult], metric: str) -> str:
    values = [
        it.values[metric] for it in reps if np.isfinite(it.values.get(metric, _NAN))
    ]
    return number(metric, float(np.median(values))) if values else ""


def _sight(view: ValueView, score: Score) -> ScoreSight:
    scale = _scale(score)
    value = view.value
    parts: tuple[Part, ...] = ()
    at = _NAN
    if scale is not None:
        low, high = scale
        parts = _parts(score, low, high)
        if np.isfinite(value):
            at = float(np.clip((value - low) / (high - low), 0.0, 1.0))
    known = bool(np.isfinite(value))
    return ScoreSight(
        metric=view.metric,
        label=view.label,
        number=number(view.metric, value) if known else "",
        unit=view.unit,
        limit=view.limit,
        verdict=view.verdict,
        why=view.why,
        evidence=view.evidence,
        parts=parts,
        at=at,
    )


def _edges(score: Score) -> list[float]:
    spans = [it for it in (score.passes, score.good, score.caution) if it is not None]
    found = {edge for span in spans for edge in span if np.isfinite(edge)}
    if QUANTITIES[score.metric].absolute:  # its size is judged: both sides of nought
        found |= {-edge for edge in found}
    return sorted(found)


def _scale(score: Score) -> tuple[float, float] | None:
    """Return the ends of a scale that shows every limit with room beyond."""
    if score.passes is None or score.metric not in QUANTITIES:
        return None
    edges = _edges(score)
    if not edges:
        return None
    if len(edges) == 1:
        wide = abs(edges[0]) or 1.0
    else:
        wide = max(edges[-1] - edges[0], abs(edges[-1]) / 4)
    low, high = edges[0] - _BEYOND * wide, edges[-1] + _BEYOND * wide
    return (0.0 if edges[0] >= 0.0 and low < edges[0] / 2 else low), high


def _parts(score: Score, low: float, high: float) -> tuple[Part, ...]:
    ends = [low, *(edge for edge in _edges(score) if low < edge < high), high]
    found: list[Part] = []
    for begin, end in pairwise(ends):
        colour = view_of(score, (begin + end) / 2, "").verdict
        share = ((begin - low) / (high - low), (end - low) / (high - low))
        if found and found[-1].colour == colour:
            found[-1] = Part(found[-1].begin, share[1], colour)
        else:
            found.append(Part(*share, colour))
    return tuple(found)
