"""What is to be seen of a cue: on the operator's card and in the runner's window."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from ui.language import language
from ui.runner_drill import DrillCue

if TYPE_CHECKING:
    from ui.drills.drill_control import DrillControl

GO_S: Final = 0.8  # the cue stays on the screen for so long


class CueSight(NamedTuple):
    """A count-down or the cue itself; ``note`` says what is counted, "" at the cue."""

    text: str = ""
    note: str = ""


def cue_sight(control: DrillControl) -> CueSight:
    """Return what is to be seen of the cue now."""
    run = control.run
    if run is None or run.state != "running":
        return CueSight()
    since_s, said = control.newest_cue
    if 0 <= since_s < GO_S:
        return CueSight(said or "Go")
    left_s = control.countdown_s
    if left_s <= 0:
        return CueSight()
    to_cue = since_s < 0 or control.cue_ahead
    return CueSight(
        str(math.ceil(left_s)), "seconds to the cue" if to_cue else "seconds to the end"
    )


def runner_cue(control: DrillControl) -> DrillCue | None:
    """Return what the runner sees while a set is done; None = no drill."""
    run = control.run
    if run is None or run.state != "running":
        return None
    words = control.drill.words(language())
    sight = cue_sight(control)
    passed = run.result.passed if run.result else 0
    counted = f"{passed} valid"
    if run.plan.drill.needed:
        counted += f", {run.to_go} to go" if run.to_go else ", enough"
    if sight.text and not sight.note:
        return DrillCue(words.title, sight.text, "", "go")
    if sight.text:
        return DrillCue(words.title, sight.text, words.instruction)
    return DrillCue(words.title, str(passed), counted)
