"""All drills as a document: ``python -m lablive.drills.table --write``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lablive.drills.catalogue import load_catalogue
from lablive.drills.plan_check import FIRST_SET
from lablive.drills.quantities import QUANTITIES
from lablive.drills.verdict import limit_words
from lablive.metrics.registry import METRICS
from lablive.recording.folders import home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lablive.drills.plan import Drill, Score

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "drills.md"

_HEAD: Final = """\
# Drills

Made from the program by `python -m lablive.drills.table --write`; change the files of
`configs/drills/`, then write it again. `--own` prints a lab's own with them. How to add
one: [Add a drill](add-drill.md).

A repetition **passes** when no fault was seen and every value that must hold lies in
its span. A value whose sensor or earlier set is missing makes it **not scored**, never
passed. Faults are told in plain words: too early, no jump, no landing, landed twice,
the other foot touched or pushed, wrong foot, one foot only, did not stand still, same
foot twice. The operator may count a repetition, take it out, mark one by hand or have
a set done again; each word is a marker in the trial, and what the sensors said is kept.

**Nobody is moved on by the program.** Two sets in a row with 8 of 10 passing
repetitions (5 of 6), pain of 2 at most and not rising, and an even landing speak for
the next step; fewer than the last column, a fault in two repetitions in a row or pain
of 4 for a step back. Pain, a value that suddenly is poor and a sensor that is lost ask
the operator to stop.

Limits are lab defaults (evidence D, no published cut-off) where nothing else stands.
"""


def document(drills: Mapping[str, Drill]) -> str:
    """Return the whole document, Markdown."""
    return "\n".join(_lines(drills)) + "\n"


def _lines(drills: Mapping[str, Drill]) -> Iterator[str]:
    yield _HEAD
    yield "## Ladder\n"
    yield "| step | drill | repetitions | passes with | step back below |"
    yield "|---|---|---|---|---|"
    for drill in drills.values():
        if drill.order:
            count = (
                f"{drill.wanted} of {drill.reps}" if drill.scored else f"{drill.reps}"
            )
            reps = count if drill.reps else f"{drill.seconds:g} s"
            needed = drill.needed or "not judged"
            name = f"`{drill.id}` {drill.words().title}"
            back = drill.back_below or ""
            yield f"| {drill.order} | {name} | {reps} | {needed} | {back} |"
    yield ""
    for drill in drills.values():
        yield from _drill(drill)


def _drill(drill: Drill) -> Iterator[str]:
    words = drill.words()
    yield f"## {words.title}\n"
    yield f"`{drill.id}` · {words.instruction}\n"
    yield f"{_how(drill)}\n"
    judged = [score for score in drill.scores if not score.info]
    if judged:
        yield "| must hold | of each | span | evidence |"
        yield "|---|---|---|---|"
        yield from (_score(score) for score in judged)
        yield ""
    shown = [_label(score.metric) for score in drill.scores if score.info]
    if shown:
        yield f"Shown: {', '.join(shown)}.\n"
    if drill.note:
        yield f"{drill.note}\n"
    if drill.exclusions:
        yield f"Asked for before: {', '.join(drill.exclusions)}.\n"


def _how(drill: Drill) -> str:
    each = drill.cue.kind == "each"
    cue = f"a cue every {drill.cue.every_s:g} s" if each else "one cue, own pace"
    counts = f"{drill.reps} repetitions" if drill.reps else f"{drill.seconds:g} s"
    parts = [
        f"{drill.legs} {'legs' if drill.legs == 'two' else 'leg'}"
        if drill.legs != "alternate"
        else "both legs in turn",
        counts,
        cue,
        drill.surface,
        "never on a moving belt" if drill.off_belt else "",
        f"box {100 * drill.box_m:g} cm" if drill.box_m else "",
        f"needs {', '.join(drill.equipment)}" if drill.equipment else "",
    ]
    return f"{'; '.join(part for part in parts if part)}. Source: {drill.source}."


def _score(score: Score) -> str:
    of = "repetition" if score.of == "rep" else "set"
    other = score.against not in ("", FIRST_SET)
    against = f" ({score.against})" if other else ""
    either = f" (or the other of {score.either})" if score.either else ""
    limit = limit_words(score).removeprefix("pass ")
    told = f"{score.evidence}, {score.source}"
    return f"| {_label(score.metric)}{against}{either} | {of} | {limit} | {told} |"


def _label(metric: str) -> str:
    known = QUANTITIES.get(metric) or METRICS[metric]
    return known.label


def main(arguments: list[str]) -> int:
    """Write the document, print it, or print it with a lab's own drills."""
    own = home() / "drills" if "--own" in arguments else None
    drills, problems = load_catalogue(own)
    text = document(drills)
    if "--write" in arguments and own is None:
        DOCUMENT.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
