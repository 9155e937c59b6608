"""What is wrong with a drill beyond its types: every mistake at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from lablive.drills.plan import LANGUAGES, SCHEMA
from lablive.drills.quantities import QUANTITIES, RELATIVE, TWO_FEET
from lablive.metrics.jumps import STABLE_WINDOW_S
from lablive.metrics.registry import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lablive.config import Problem
    from lablive.drills.plan import Drill, Score

FIRST_SET: Final = "first set"
_MOST_REPS: Final = 200
# key -> lowest and highest that make sense, movements it means something in
_RANGES: Final[dict[str, tuple[float, float, str]]] = {
    "seconds": (5.0, 3600.0, ""),
    "window_s": (0.1, 10.0, ""),
    "stick_s": (0.2, 10.0, "jumps"),
    "hold_s": (0.5, 600.0, "holds"),
    "least_deg": (5.0, 90.0, "bends"),
    "box_m": (0.05, 1.0, "jumps"),
}
_NEEDED: Final = {"holds": "hold_s", "run": "seconds", "timer": "seconds"}
_USUAL: Final = {"window_s": 0.5, "least_deg": 20.0}
_OF_FLIGHT: Final = frozenset(
    {"flight_ms", "jump_height_cm", "hop_rsi", "hop_stiffness_kn_m",
     "flight_contact_ratio", "box_apex_cm", "box_landing_mps", "box_drop_cm",
     "drop_height_cm", "drop_height_off_pct"}
)  # fmt: skip
_OF_LANDING: Final = _OF_FLIGHT | TWO_FEET | {"tts_s", "hop_contact_ms"}
_OF_BOX: Final = frozenset(
    {"box_apex_cm", "box_landing_mps", "box_drop_cm", "drop_height_off_pct"}
)


def drill_problems(drill: Drill) -> list[str | Problem]:
    """Return everything that is wrong with a drill, where it stands."""
    return [*_whole(drill), *_times(drill), *_texts(drill), *_scores(drill)]


def _whole(drill: Drill) -> Iterator[Problem]:
    if drill.schema != SCHEMA:
        yield ("schema",), f"schema {drill.schema}: this LabLive knows {SCHEMA}"
    if drill.id:
        yield ("id",), "id: the file name is the id, leave this out"
    if not 0 <= drill.reps <= _MOST_REPS:
        yield ("reps",), f"reps = {drill.reps}: 0 (as many as come) to {_MOST_REPS}"
    counted = drill.movement not in ("run", "timer")
    if counted and not drill.reps and not drill.seconds:
        yield ("reps",), "reps: say how many, or how many seconds a set lasts"
    if not counted and drill.reps:
        yield ("reps",), f'reps mean nothing in a drill of movement "{drill.movement}"'
    if drill.scored is not None:
        first, last = drill.scored
        if not 1 <= first <= last or (drill.reps and last > drill.reps):
            told = f"scored = [{first}, {last}]: first and last of {drill.reps} reps"
            yield ("scored",), told
    most = drill.wanted or _MOST_REPS
    if not 0 <= drill.needed <= most:
        yield ("needed",), f"needed = {drill.needed}: of {most} scored repetitions"
    if not 0 <= drill.back_below <= drill.needed:
        yield ("back_below",), f"back_below = {drill.back_below}: at most needed"
    if drill.movement == "bounds" and drill.legs != "alternate":
        yield ("legs",), 'legs: bounds go from foot to foot, "alternate"'
    if drill.next and not drill.order:
        yield ("next",), "next: a drill that is not on the ladder (order) has no next"
    if drill.flight_method != "unfiltered" and drill.movement != "jumps":
        yield ("flight_method",), "flight_method: only single jumps have another method"


def _times(drill: Drill) -> Iterator[Problem]:
    for key, (low, high, only) in _RANGES.items():
        value: float = getattr(drill, key)
        if value == _USUAL.get(key, 0.0):
            continue
        if only and drill.movement != only:
            yield (
                (key,),
                f'{key} means nothing in a drill of movement "{drill.movement}"',
            )
        elif not _within(value, low, high):
            yield (key,), f"{key} = {value:g}: it must lie between {low:g} and {high:g}"
    needed = _NEEDED.get(drill.movement)
    if needed and not getattr(drill, needed):
        yield (
            (),
            f'{needed} is missing: a drill of movement "{drill.movement}" needs it',
        )
    if drill.stick_s > drill.window_s:
        told = (
            f"stick_s = {drill.stick_s:g} is longer than window_s = {drill.window_s:g}"
        )
        yield ("stick_s",), told
    cue = drill.cue
    if not _within(cue.lead_s, 1.0, 30.0):
        yield ("cue", "lead_s"), f"lead_s = {cue.lead_s:g}: between 1 and 30 s"
    if cue.beats_per_min and not _within(cue.beats_per_min, 20.0, 300.0):
        told = f"beats_per_min = {cue.beats_per_min:g}: between 20 and 300"
        yield ("cue", "beats_per_min"), told
    busy_s = drill.hold_s or drill.window_s
    if cue.kind == "each" and not cue.every_s >= busy_s:
        told = (
            f"every_s = {cue.every_s:g}: the next cue must not come before {busy_s:g} s"
        )
        yield ("cue", "every_s"), told
    if cue.kind == "start" and cue.every_s:
        yield ("cue", "every_s"), 'every_s means nothing in a cue of kind "start"'
    if drill.movement == "holds" and cue.kind != "each":
        yield ("cue", "kind"), 'kind: a hold begins with its cue, "each"'


def _texts(drill: Drill) -> Iterator[Problem]:
    if "en" not in drill.text:
        yield ("text",), "text.en is missing: the drill's name and instruction"
    for language, words in drill.text.items():
        at = ("text", language)
        if language not in LANGUAGES:
            yield at, f"text.{language}: languages are {', '.join(LANGUAGES)}"
        for key in ("title", "instruction"):
            if not getattr(words, key).strip():
                yield (*at, key), f"text.{language}.{key}: say it in words"
        if words.directions and len(words.directions) != len(drill.directions):
            told = f"text.{language}.directions: one for each of {drill.directions}"
            yield (*at, "directions"), told


def _scores(drill: Drill) -> Iterator[Problem]:
    seen: list[tuple[str, str]] = []
    for number, score in enumerate(drill.scores):
        at = ("score", number)
        if (score.metric, score.of) in seen:
            yield (*at, "metric"), f"{score.metric} is there twice: keep one"
        seen.append((score.metric, score.of))
        yield from (((*at, key), told) for key, told in _metric(drill, score))
        yield from (((*at, key), told) for key, told in _limits(score))
    groups = [score.either for score in drill.scores if score.either]
    for number, score in enumerate(drill.scores):
        if score.either and groups.count(score.either) < 2:
            told = f'either = "{score.either}": no other score has this word'
            yield ("score", number, "either"), told


def _metric(drill: Drill, score: Score) -> Iterator[tuple[str, str]]:
    runs, name = drill.movement == "run", score.metric
    known = METRICS if runs else QUANTITIES
    if name not in known:
        yield "metric", f"there is no metric {name}; known: {', '.join(known)}"
        return
    unit = known[name].unit
    if score.unit != unit:
        yield "unit", f'unit = "{score.unit}": {name} is in {unit}'
    if runs:
        if not score.info:
            yield "metric", f"{name}: a drill of running is not judged, info = true"
        return
    level = QUANTITIES[name].level
    if score.of == "rep" and level == "set":
        yield "of", f'{name} is of a whole set: of = "set"'
    if name in _OF_LANDING and not drill.has_flight:
        yield "metric", f'{name} needs a flight, "{drill.movement}" has none'
    if name in TWO_FEET and drill.legs != "two":
        yield "metric", f"{name} needs a landing on two feet"
    if name in _OF_BOX and not drill.box_m:
        yield "metric", f"{name} needs box_m"
    if name == "jump_height_cm" and drill.box_m:
        told = (
            "jump_height_cm holds on level ground only: box_apex_cm or drop_height_cm"
        )
        yield "metric", told
    if name == "tts_s" and drill.window_s < STABLE_WINDOW_S:
        yield "metric", f"tts_s needs window_s = {STABLE_WINDOW_S:g} or more"
    if name == "hold_time_s" and drill.movement != "holds":
        yield "metric", f'hold_time_s needs a hold, not "{drill.movement}"'
    if (name in RELATIVE) != bool(score.against):
        told = (
            f'{name} is held against an earlier set: against = "{FIRST_SET}" or a drill'
            if name in RELATIVE
            else f"against means nothing for {name}"
        )
        yield "against", told
    if name == "lsi_pct":
        if drill.legs == "two":
            yield "metric", 'lsi_pct compares legs: legs = "one" or "alternate"'
        if score.compares not in QUANTITIES:
            yield "compares", "compares: the value of both legs that lsi_pct compares"
    elif score.compares:
        yield "compares", f"compares means nothing for {name}"


def _limits(score: Score) -> Iterator[tuple[str, str]]:
    spans = {"pass": score.passes, "good": score.good, "caution": score.caution}
    for key, span in spans.items():
        if span is not None and not span[0] < span[1]:
            told = f"{key} = [{span[0]:g}, {span[1]:g}]: lower edge first, then upper"
            yield key, told
        if span is not None and any(math.isnan(edge) for edge in span):
            yield key, f"{key}: an edge is no number"
    if score.info:
        if any(span is not None for span in spans.values()):
            yield "info", f"{score.metric}: info = true has no limits"
        return
    if score.passes is None:
        yield "metric", f"{score.metric}: say the span that passes, or info = true"
        return
    if score.good is not None and not _covers(score.passes, score.good):
        yield "good", f"good of {score.metric} reaches beyond pass"
    if score.caution is not None and not _covers(score.caution, score.passes):
        yield "caution", f"caution of {score.metric} must hold pass within it"


def _covers(outer: tuple[float, float], inner: tuple[float, float]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


def _within(value: float, low: float, high: float) -> bool:
    return math.isfinite(value) and low <= value <= high
