"""The big card of a drill: what to do, the cue, every repetition and its worth."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout

from lablive.drills.sight import blank_views, rep_sights, score_sights
from ui.actions import Action, ActionButton
from ui.drills.big_count import BigCount, Count
from ui.drills.cue_sight import cue_sight
from ui.drills.drill_control import NO_TRIAL
from ui.drills.rep_row import RepRow
from ui.drills.score_table import ScoreTable
from ui.language import language, say
from ui.scrolling import scrolling
from ui.tokens import STEP_PX
from ui.widgets import Card, ElidedLabel, Notice, label, set_role

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from lablive.drills.plan import Drill
    from lablive.drills.rep import RepResult
    from lablive.drills.set_result import SetResult
    from ui.drills.drill_control import DrillControl
    from ui.widgets import LabelRole

_VERDICTS: Final[dict[str, LabelRole]] = {
    "pass": "good", "done": "good", "caution": "caution", "fail": "poor",
}  # fmt: skip
_SET: Final = {
    "pass": "Set passed", "caution": "Set with a caution", "fail": "Set failed",
    "not scored": "Set not scored", "not complete": "Set not complete",
    "not judged": "Set done, not judged", "done": "Done", "not done": "Not done",
    "redone": "Set taken out", "open": "",
}  # fmt: skip
_LEGS: Final = {"left": "left leg", "right": "right leg", "both": ""}
_FIRST_REPS: Final = "The last repetition"


class DrillCard(Card):
    """Follows a :class:`DrillControl`.

    Parameters
    ----------
    control
        Whose drill and set it shows.
    """

    def __init__(self, control: DrillControl) -> None:
        super().__init__()
        self._control = control
        self._title = label("", "title")
        self._instruction = label("", "muted")
        self._before = label("", "muted")
        self._instruction.setWordWrap(True)
        self._before.setWordWrap(True)
        self._wait = label(NO_TRIAL, "concern")
        self.count = BigCount()
        self.reps = RepRow()
        self._last = label("", "heading")
        self._why = ElidedLabel("", "muted")
        self.scores = ScoreTable()
        self._verdict = label("", "strong")
        self._reasons = ElidedLabel("", "muted")
        self.of_set = ScoreTable()
        self.stop_notice = Notice()
        self._make_buttons()
        self._lay_out()
        control.changed.connect(self.follow)
        self.follow()

    def _make_buttons(self) -> None:
        control = self._control
        self.go_button = ActionButton("drill_go", control.go, "primary")
        self.accept_button = ActionButton(
            "drill_accept", partial(control.correct, "accept")
        )
        self.reject_button = ActionButton(
            "drill_reject", partial(control.correct, "reject")
        )
        self.hand_button = ActionButton("drill_by_hand", control.by_hand)
        self.redo_button = ActionButton("drill_redo", control.redo)
        self.leg_button = ActionButton("drill_leg", control.other_leg)
        self.auto_button = ActionButton("drill_automatic", control.turn_automatic)
        self.end_button = ActionButton("drill_end", control.end, "danger")
        self.go_on_button = ActionButton("drill_go_on", control.go_on)
        Action("drill_after", partial(control.step, 1), self)
        Action("drill_before", partial(control.step, -1), self)
        Action("rep_after", partial(control.select, 1), self.accept_button)
        Action("rep_before", partial(control.select, -1), self.accept_button)
        self.box = QDoubleSpinBox()
        self.box.setRange(0.05, 1.0)
        self.box.setSingleStep(0.05)
        self.box.setSuffix(" m box")
        self.box.setAccessibleName(say("Height of the box"))
        self.box.valueChanged.connect(self._take_box)

    # -- what is shown ------------------------------------------------------------

    def follow(self) -> None:
        """Show drill, set and repetitions after something has changed."""
        control = self._control
        run, drill = control.run, control.drill
        result = run.result if run is not None else None
        side = _LEGS[control.leg]
        words = drill.words(language())
        self._title.setText(f"{words.title} · {side}" if side else words.title)
        self._instruction.setText(words.instruction)
        self._before.setText(_asked(drill))
        self._before.setVisible(run is None and bool(self._before.text()))
        chosen = control.rep
        self.reps.show_reps(
            rep_sights(drill, result),
            chosen.rep.number if chosen and control.selected else None,
        )
        self.reps.setVisible(bool(self.reps.reps))
        self._show_rep(drill, chosen)
        self._show_set(drill, result)
        self._show_buttons()
        self._show_stop()
        self.tick()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the digits grow with the card."""
        super().resizeEvent(event)
        self.count.fit(self.height())

    def tick(self) -> None:
        """Show the count-down."""
        control = self._control
        run, drill = control.run, control.drill
        result = run.result if run is not None else None
        passed = result.passed if result else 0
        scored = result.scored if result else 0
        if drill.movement == "timer" or drill.movement == "run":
            left_s = control.countdown_s
            shown = Count(f"{math.ceil(left_s or drill.seconds)}", "s")
        else:
            needs = f"needs {drill.needed} of {drill.wanted}" if drill.needed else ""
            to_go = run.to_go if run else drill.needed
            below = f"{to_go} to go" if to_go else ("enough" if drill.needed else "")
            if run is not None and drill.wanted and to_go > drill.wanted - scored:
                below = "too few are left to pass"
            shown = Count(str(passed), f"of {scored} valid", needs, below)
        cue, note = cue_sight(control)
        if drill.movement in ("timer", "run") and note == "seconds to the end":
            cue, note = "", ""  # it is the big number
        self.count.show_count(shown._replace(cue=cue, cue_note=note))

    def _show_rep(self, drill: Drill, chosen: RepResult | None) -> None:
        views = chosen.views if chosen is not None else blank_views(drill)
        self.scores.show_scores(score_sights(drill, views))
        if chosen is None:
            head, why = _FIRST_REPS, ""
        else:
            it = chosen.rep
            toward = f" {it.direction}" if it.direction else ""
            foot = f", {it.foot} foot" if it.foot != "both" else ""
            head = f"Repetition {it.number}{toward}{foot}: {_valid(chosen)}"
            why = "; ".join(chosen.reasons)
        self._last.setText(head)
        self._why.set_text(why)
        shown = drill.movement not in ("timer", "run")
        for widget in (self._last, self._why, self.scores):
            widget.setVisible(shown)

    def _show_set(self, drill: Drill, result: SetResult | None) -> None:
        verdict = _SET[result.verdict] if result is not None else ""
        self._verdict.setText(verdict)
        role = _VERDICTS.get(result.verdict, "strong") if result else "strong"
        set_role(self._verdict, role)
        self._reasons.set_text("; ".join(result.reasons) if result and verdict else "")
        self._verdict.setVisible(bool(verdict))
        self._reasons.setVisible(bool(verdict))
        of_set = score_sights(drill, result.views if result and verdict else ())
        self.of_set.show_scores(of_set)
        self.of_set.setVisible(bool(of_set))

    def _show_buttons(self) -> None:
        control = self._control
        run, drill = control.run, control.drill
        busy = control.is_busy
        over = run is not None and run.state == "over"
        timer = drill.movement == "timer"
        single = drill.cue.kind == "each" and not control.automatic
        if busy:
            self.go_button.set_text("Done" if timer else "Next cue")
        else:
            self.go_button.set_text("Next set" if over else "Begin set")
        self.go_button.setVisible(control.can_begin and (not busy or timer or single))
        self._wait.setVisible(not control.can_begin)
        has_rep = control.rep is not None and control.can_begin
        by_hand = control.rep.by_hand if control.rep is not None else ""
        self.accept_button.set_text(
            "Take back" if by_hand == "accept" else "Count it anyway"
        )
        self.reject_button.set_text("Take back" if by_hand == "reject" else "Take out")
        self.hand_button.set_text(
            "Mark its end" if control.hand_s is not None else "Mark by hand"
        )
        self.auto_button.set_text(
            "Cues by hand" if control.automatic else "Cues by themselves"
        )
        self.accept_button.setVisible(has_rep)
        self.reject_button.setVisible(has_rep)
        self.hand_button.setVisible((busy or over) and control.can_begin and not timer)
        self.redo_button.setVisible((busy or over) and control.can_begin)
        self.leg_button.setVisible(not busy and len(drill.sides) > 1)
        self.auto_button.setVisible(not busy and drill.cue.kind == "each")
        self.end_button.setVisible(busy)
        self.box.setVisible(not busy and bool(drill.box_m))
        if drill.box_m and not self.box.hasFocus():
            self.box.blockSignals(True)
            self.box.setValue(control.box_m or drill.box_m)
            self.box.blockSignals(False)

    def _show_stop(self) -> None:
        due = self._control.stops_due
        self.stop_notice.setVisible(bool(due))
        if due:
            why = "; ".join(dict.fromkeys(it.why for it in due))
            told = f"{why[:1].upper()}{why[1:]}. End the set, or go on: you decide."
            self.stop_notice.show_message("poor", "Stop?", told)

    def _take_box(self, box_m: float) -> None:
        self._control.set_box(box_m)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.box)
        self.body.addWidget(self.stop_notice)
        self.stop_notice.choices.addWidget(self.go_on_button)
        self.body.addLayout(head)
        self.body.addWidget(self._instruction)
        self.body.addWidget(self._before)
        self.body.addWidget(self.count)
        self.body.addWidget(self.reps)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * STEP_PX)
        of_rep, of_set = QHBoxLayout(), QHBoxLayout()
        for row, name, why in (
            (of_rep, self._last, self._why), (of_set, self._verdict, self._reasons),
        ):  # fmt: skip
            row.setSpacing(3 * STEP_PX)
            row.addWidget(name)
            row.addWidget(why, 1)
        column.addLayout(of_set)
        column.addWidget(self.of_set)
        column.addLayout(of_rep)
        column.addWidget(self.scores)
        column.addStretch(1)
        self.body.addWidget(scrolling(column), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * STEP_PX)
        buttons.addWidget(self._wait)
        for button in (
            self.go_button, self.accept_button, self.reject_button, self.hand_button,
            self.redo_button, self.leg_button, self.auto_button,
        ):  # fmt: skip
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.end_button)
        self.body.addLayout(buttons)


def _asked(drill: Drill) -> str:
    """Return what the operator looks at before the first set."""
    told: list[str] = []
    if drill.exclusions:
        told.append(f"Ask first, not with: {', '.join(drill.exclusions)}.")
    if drill.off_belt:
        told.append("Never on a moving belt.")
    if drill.surface:
        told.append(f"Where: {drill.surface}.")
    if drill.equipment:
        told.append(f"With: {', '.join(drill.equipment)}.")
    return " ".join(told)


def _valid(rep: RepResult) -> str:
    words = {"passed": "valid", "failed": "not valid"}
    return words.get(rep.state, rep.state)
