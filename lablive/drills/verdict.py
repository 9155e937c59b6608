"""What a repetition is worth, and why, in plain words.

A repetition whose sensor or reference is missing is "not scored", never "passed"; one
with a fault has failed whatever else was measured. The operator's word comes first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from lablive.drills.plan_check import FIRST_SET
from lablive.drills.quantities import QUANTITIES, RELATIVE
from lablive.drills.rep import WORDS, RepResult, ValueView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lablive.drills.marks import Edit, Reference, SetMark
    from lablive.drills.plan import Score, Span
    from lablive.drills.rep import Rep, RepState

Colour = Literal["good", "caution", "poor", ""]
IS_REFERENCE: Final = "the first set is what later ones are held against"
_NO_FIRST: Final = "there is no earlier set to hold it against"
_PELVIS_ONLY: Final = "seen by the pelvis IMU alone: what the feet did is not known"
_NAN: Final = float("nan")


def judge_rep(
    mark: SetMark,
    rep: Rep,
    values: Mapping[str, float],
    lacks: Mapping[str, str],
    references: Mapping[str, Reference],
) -> RepResult:
    """Return a repetition with its scores and what it is worth.

    Parameters
    ----------
    mark
        Its set.
    rep, values, lacks
        As found and measured.
    references
        Drill and leg -> values of the first set.
    """
    drill = mark.drill
    known, missing = dict(values), dict(lacks)
    for score in drill.scores:
        if score.of == "rep" and score.metric in RELATIVE:
            found = relative(mark, score, known, references)
            if isinstance(found, str):
                missing[score.metric] = missing.get(RELATIVE[score.metric].of, found)
            else:
                known[score.metric] = found
    views = tuple(
        view_of(score, known.get(score.metric, _NAN), missing.get(score.metric, ""))
        for score in drill.scores
        if score.metric in QUANTITIES and QUANTITIES[score.metric].level == "rep"
        and (score.of == "rep" or score.metric not in RELATIVE)
    )  # fmt: skip
    state, reasons = _state(mark, rep, views)
    by_hand: Edit | Literal[""] = mark.edits.get(rep.number, "")
    if by_hand:
        state = "passed" if by_hand == "accept" else "failed"
        told = "counted by the operator" if by_hand == "accept" else "taken out by hand"
        reasons = (told, *reasons)
    if not drill.counts(rep.number):
        state = "not counted"
    return RepResult(rep, known, missing, views, state, reasons, by_hand)


def _state(
    mark: SetMark, rep: Rep, views: Sequence[ValueView]
) -> tuple[RepState, tuple[str, ...]]:
    wrong = [WORDS[fault] for fault in rep.faults]
    unknown = [rep.gap] if rep.gap else []
    if rep.source == "pelvis_imu" and not rep.gap:
        unknown.append(_PELVIS_ONLY)
    scores = {score.metric: score for score in mark.drill.scores if score.of == "rep"}
    failed, lacking = check(scores, [view for view in views if view.metric in scores])
    wrong += failed
    unknown += lacking
    if wrong:
        return "failed", tuple(wrong)
    return ("not scored", tuple(unknown)) if unknown else ("passed", ())


def check(
    scores: Mapping[str, Score], views: Sequence[ValueView]
) -> tuple[list[str], list[str]]:
    """Return what is out of its span and what is not known, of what must hold.

    Of scores with the same word in ``either`` one is enough.
    """
    wrong: list[str] = []
    unknown: list[str] = []
    groups: dict[str, list[ValueView]] = {}
    for view in views:
        score = scores[view.metric]
        if score.info:
            continue
        groups.setdefault(score.either or f"={view.metric}", []).append(view)
    for group in groups.values():
        if any(view.passes for view in group):
            continue
        if any(view.passes is None for view in group):
            unknown += [f"{view.label}: {view.why}" for view in group if view.why][:1]
        else:
            wrong.append(" and ".join(said(view) for view in group))
    return wrong, unknown


def said(view: ValueView) -> str:
    """Return a value that is out of its span, in words."""
    return f"{view.label} {number(view.metric, view.value)} {view.unit}, {view.limit}"


def number(metric: str, value: float) -> str:
    """Return a value with as many decimals as mean something."""
    digits = QUANTITIES[metric].digits if metric in QUANTITIES else 1
    return f"{value:.{digits}f}"


def view_of(score: Score, value: float, why: str) -> ValueView:
    """Return a value against the limits of its score."""
    quantity = QUANTITIES[score.metric]
    known = bool(np.isfinite(value))
    size = abs(value) if quantity.absolute else value
    passes: bool | None = None
    colour: Colour = ""
    if score.passes is not None and known:
        passes = _inside(size, score.passes)
        colour = _colour(score, size, passes=passes)
    return ValueView(
        metric=score.metric,
        label=quantity.label,
        unit=quantity.unit,
        value=value,
        verdict=colour,
        passes=passes,
        limit=limit_words(score),
        evidence=score.evidence if not score.info else "",
        why="" if known else why or "not measured",
    )


def limit_words(score: Score) -> str:
    """Return the span that passes: ``pass <= 3.00 BW``; "" without one."""
    if score.passes is None:
        return ""
    low, high = score.passes
    least, most = number(score.metric, low), number(score.metric, high)
    unit = QUANTITIES[score.metric].unit
    absolute = QUANTITIES[score.metric].absolute
    if not np.isfinite(low) or ((absolute or low == 0.0) and np.isfinite(high)):
        return f"pass ≤ {most} {unit}"
    return f"pass ≥ {least} {unit}" if not np.isfinite(high) else (
        f"pass {least} to {most} {unit}"
    )  # fmt: skip


def relative(
    mark: SetMark,
    score: Score,
    values: Mapping[str, float],
    references: Mapping[str, Reference],
) -> float | str:
    """Return a value held against an earlier set, or why it cannot be."""
    rule = RELATIVE[score.metric]
    own = values.get(rule.of, _NAN)
    key = reference_key(mark, score.against)
    first = references.get(key, {}).get(rule.of, _NAN)
    if score.against == FIRST_SET and key not in references and mark.number == 1:
        return IS_REFERENCE
    if not np.isfinite(first):
        return _NO_FIRST if key not in references else "the earlier set did not have it"
    if not np.isfinite(own):
        return "not measured"
    return own - first if rule.how == "difference" else 100.0 * own / first


def reference_key(mark: SetMark, against: str) -> str:
    """Return which first set a score is held against."""
    if against == FIRST_SET:
        return mark.key
    return against  # of any leg: the meter files it under the drill's id too


def _colour(score: Score, size: float, *, passes: bool) -> Colour:
    good = score.good or score.passes
    if good is not None and _inside(size, good):
        return "good"
    within = score.caution is not None and _inside(size, score.caution)
    return "caution" if passes or within else "poor"


def _inside(value: float, span: Span) -> bool:
    return span[0] <= value <= span[1]
