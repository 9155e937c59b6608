"""Blocks of the run in the window: pause, skip, cadence, focus, before and after.

The operator begins each block (:mod:`lablive.protocol.block_run`); this gives
the runner what a block is for and works out what a pause has changed.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QObject, Signal

from ui.earlier import NOBODY
from ui.numbers import elapsed_text, value_text

if TYPE_CHECKING:
    from lablive.errors import LabLiveError
    from lablive.library.store import Library
    from lablive.messages import Marker
    from lablive.metrics.summary import Sample
    from lablive.protocol.block_card import BlockCard
    from lablive.protocol.block_run import BlockRun
    from lablive.protocol.focus import FocusRecord
    from lablive.protocol.focus_run import FocusPlan
    from lablive.protocol.template import BlockRule
    from ui.feedback_control import FeedbackControl
    from ui.register import Register
    from ui.session_model import SessionModel

# the minute after a block begins 30 s after the restart (metric reference 9)
AFTER_S: Final = 90.0
LATER_S: Final = 2.0  # strides of that minute are measured
SAME_MPS: Final = 0.05  # as a treadmill shows its speed


class BlockControl(QObject):
    """What the blocks of a recording need beside their marks.

    Parameters
    ----------
    model, feedback, register
        Session, what the runner is given, what was done before.

    Attributes
    ----------
    card
        Before and after the newest pause; None = closed, or there is none yet.
    focus
        What the focus run of now asks for.

    Signals
    -------
    changed
        The card, or another block.
    begun
        A block has begun.
    """

    changed = Signal()
    begun = Signal(object)

    def __init__(
        self, model: SessionModel, feedback: FeedbackControl, register: Register
    ) -> None:
        super().__init__(model)
        self._model, self._feedback, self._register = model, feedback, register
        self.card: BlockCard | None = None
        self.focus: FocusPlan | None = None
        self._history: tuple[FocusRecord, ...] | None = None  # None: not asked yet
        self._code = ""
        self._run: BlockRun | None = None
        self._number = -1
        self._gave = False  # the block of now has begun the feedback
        self._marks = 0
        self._ends: tuple[float, ...] = ()  # of pauses, in time order
        self._carded = 0  # pauses that a card was made for
        model.person_changed.connect(self._follow_person)

    # -- what the operator does ---------------------------------------------------

    def pause(self) -> None:
        """Stop the clock of the block, or let it run on."""
        gates = self._model.gates
        if gates.blocks is not None:
            self._write(gates.blocks.pause(gates.clock()))

    def skip_next(self) -> None:
        """Leave the following block out."""
        blocks = self._model.gates.blocks
        following = blocks.following if blocks is not None else None
        if blocks is not None and following is not None and blocks.skip_next():
            at_s = self._model.gates.clock()
            self._model.live.marker(f"skipped: {following.words}", "note", at_s)
            self._model.gates.changed.emit()

    def close_card(self) -> None:
        """Take the card away."""
        self.card = None
        self.changed.emit()

    # -- what is told -------------------------------------------------------------

    @property
    def told(self) -> str:
        """What is to be known of the block of now, "" = nothing."""
        blocks = self._model.gates.blocks
        at = blocks.now if blocks is not None else None
        parts: list[str] = []
        if blocks is not None and blocks.paused:
            parts.append("paused")
        if at is not None:
            parts += [self._speed_told(at), self._given_told(at)]
            if at.drill:
                parts.append(f"drill {at.drill}: J")
        left_s = self._card_in_s()
        if left_s > 0:
            parts.append(f"before and after in {elapsed_text(left_s)}")
        return " · ".join(part for part in parts if part)

    # -- the tick -----------------------------------------------------------------

    def tick(self) -> None:
        """Follow the blocks; make the card when its minute is over."""
        blocks = self._model.gates.blocks
        if blocks is not self._run:
            self._run, self._number = blocks, -1
            self._end_given()
            if blocks is not None:
                self._carded, self._marks, self._ends = 0, 0, ()
                self._lengthen_focus(blocks)
        if blocks is not None and blocks.number != self._number:
            self._number = blocks.number
            self._end_given()
            if blocks.now is not None:
                self._give(blocks.now)
                self.begun.emit(blocks.now)
            self.changed.emit()
        self._look_at_pauses()

    # -- feedback of a block ------------------------------------------------------

    def _give(self, block: BlockRule) -> None:
        """Give the runner what a block is for: a metronome, one skill in focus."""
        from ui.feedback_control import Choice, baseline_of

        if block.kind == "cadence" and block.cadence_spm:
            self._feedback.begin(Choice(beats_per_min=block.cadence_spm))
            self._gave = True
        elif block.kind == "focus":
            from lablive.feedback.hint import target_of

            offers = self._feedback.offers
            offer = offers.metric.get(block.metric)
            target = None
            if offer is not None:
                base = baseline_of(self._feedback.measured(block.metric), "both")
                target = target_of(block.metric, "both", offer, base)
            if offer is None:
                self._model.trouble.emit(
                    f"{block.metric} cannot be fed back, so this focus goes without. "
                    "Metrics that can: configs/feedback.toml."
                )
                return
            if target is None:
                self._model.trouble.emit(
                    "There is no target for this focus: it is taken from the strides "
                    "before it. Run half a minute first, or choose it yourself (F)."
                )
                return
            plan = self.focus
            share, retention = (plan.share, plan.retention) if plan else (1.0, False)
            self._feedback.begin(
                Choice(target, "tone", share, minutes=block.minutes,
                       retention=retention)
            )  # fmt: skip
            self._gave = True

    def _end_given(self) -> None:
        if self._gave:
            self._gave = False
            self._feedback.end()

    def _lengthen_focus(self, blocks: BlockRun) -> None:
        """Give focus blocks the minutes that this person has come to."""
        from lablive.protocol.focus_run import focus_plan

        rule = next((it for it in blocks.blocks if it.kind == "focus"), None)
        self.focus = None
        if rule is None or self._history is None:
            return
        plan = self.focus = focus_plan(rule.metric, self._history)
        minutes = max(rule.minutes, float(plan.minutes)) if plan.run else rule.minutes
        blocks.blocks = tuple(
            msgspec.structs.replace(it, minutes=minutes)
            if it.kind == "focus" and it.metric == rule.metric
            else it
            for it in blocks.blocks
        )

    def _follow_person(self) -> None:
        code = self._model.code
        if code == self._code:
            return
        self._code, self._history, self.focus = code, None, None
        if code == NOBODY:  # many people
            return
        home = self._model.library

        def look(_: Library) -> tuple[FocusRecord, ...]:
            from lablive.library.drill_history import focus_history

            return focus_history(home, code)

        self._register.ask(look, partial(self._take_history, code))

    def _take_history(self, code: str, found: tuple[FocusRecord, ...]) -> None:
        if code == self._code:
            self._history = found

    # -- words --------------------------------------------------------------------

    def _speed_told(self, block: BlockRule) -> str:
        """Return the belt speed a block asks for, when it is not that yet."""
        if block.speed_mps is None:
            return ""
        belt_mps = self._model.belt[0]
        if abs(belt_mps - block.speed_mps) <= SAME_MPS:
            return f"belt {block.speed_mps:g} m/s"
        was = f", typed {belt_mps:g}" if belt_mps else ""
        return f"set the belt to {block.speed_mps:g} m/s{was}: B"

    def _given_told(self, block: BlockRule) -> str:
        pace = self._feedback.pace
        if block.kind == "cadence" and pace is not None:
            own = value_text(pace.steps_per_min, 0)
            return f"{own} of {pace.beats_per_min:.0f} steps/min"
        if block.kind == "focus" and self.focus is not None:
            told = f"focus run {self.focus.run + 1}"
            shown = f"feedback {100 * self.focus.share:.0f} % of each minute"
            last = ", last minute without" if self.focus.retention else ""
            return f"{told}, {shown}{last}"
        return ""

    # -- before and after ---------------------------------------------------------

    def _card_in_s(self) -> float:
        """Return how long until the next card; 0 = none is waited for."""
        pipeline = self._model.live.pipeline
        if pipeline is None or len(self._ends) <= self._carded:
            return 0.0
        if not math.isfinite(pipeline.watermark_s):  # no row has come yet
            return AFTER_S
        return max(self._ends[-1] + AFTER_S - pipeline.watermark_s, 0.0)

    def _look_at_pauses(self) -> None:
        live = self._model.live
        running, pipeline = live.recording, live.pipeline
        if running is None or pipeline is None:
            return
        if len(running.marks) != self._marks:
            self._marks = len(running.marks)
            self._ends = _pauses(tuple(running.marks))
        due = sum(
            end_s + AFTER_S + LATER_S <= pipeline.watermark_s for end_s in self._ends
        )
        if due > self._carded:
            self._carded = due
            sample, marks = pipeline.results.sample(), tuple(running.marks)

            def failed(_: LabLiveError) -> None:  # the library is away, the card is not
                self._take_card(_newest_card(sample, marks))

            self._register.ask(
                lambda _: _newest_card(sample, marks), self._take_card, failed
            )

    def _take_card(self, card: BlockCard | None) -> None:
        if card is not None:
            self.card = card
            self.changed.emit()

    def _write(self, marks: tuple[Marker, ...]) -> None:
        for mark in marks:
            self._model.live.marker(mark.text, mark.kind, mark.t_s)
        self._model.gates.changed.emit()


def _pauses(marks: tuple[Marker, ...]) -> tuple[float, ...]:
    """Return when the corrective and rest-only blocks ended, in time order."""
    from lablive.protocol.phases import parts_of

    parts, _ = parts_of(marks)
    ends = (it.t1_s for it in parts if it.kind in ("corrective", "rest"))
    return tuple(sorted(end_s for end_s in ends if end_s < float("inf")))


def _newest_card(sample: Sample, marks: tuple[Marker, ...]) -> BlockCard | None:
    """Work out the card of the newest pause; takes its time."""
    from lablive.metrics.registry import METRICS
    from lablive.protocol.block_card import USUAL, block_cards
    from lablive.protocol.session import session_statistics

    wanted = [METRICS[it] for it in USUAL]
    cards = block_cards(session_statistics(sample, marks, wanted))
    return cards[-1] if cards else None
