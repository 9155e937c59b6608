"""The gate of now: one instruction, what moves, a verdict with its cause, what next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from ui.gate_path import VERDICTS
from ui.headline_view import HeadlineView
from ui.language import say
from ui.meter_view import MeterView
from ui.protocol_choice import ProtocolChoice
from ui.signs import VerdictChip
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.protocol.gate_path import GateView
    from lablive.protocol.gate_run import Doing
    from lablive.protocol.gates import Step
    from ui.gates_model import GatesModel

MOST_CAUSES: Final = 3
MOST_TOLD: Final = 4
_WORDS: Final = {"green": "good", "amber": "with a caution", "red": "does not count"}
_DONE: Final = {"amber": "Done, with a caution.", "green": "Done."}
_REVIEW: Final = "Look at the file and the numbers, then go on."
_MISSING: Final = "This protocol needs more than is connected."


class GateCard(Card):
    """Follows the gates; buttons are in the line below the page.

    Parameters
    ----------
    gates
        What is shown.
    """

    def __init__(self, gates: GatesModel) -> None:
        super().__init__("Gate", " ")
        self._gates = gates
        self.protocol = ProtocolChoice(gates)
        self.head.addWidget(self.protocol)
        self._todo = label("", "title")
        self._detail = label("", "muted")
        self._left = label("", "value")
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self.meters = MeterView()
        self.headlines = HeadlineView()
        self._chip = VerdictChip()
        self._told = label("", "muted")
        self._causes = label("")
        self._offer = label("", "muted")
        self._skip = label("", "muted")
        for words in (self._todo, self._detail, self._told, self._causes, self._offer,
                      self._skip):  # fmt: skip
            words.setWordWrap(True)
        self._lay_out()
        gates.changed.connect(self.follow)
        self.follow()

    @property
    def is_due(self) -> bool:
        """Whether a gate asks for something that the card shows."""
        view = self._gates.now
        if view.gate.kind == "connect":
            return view.light == "amber"
        return view.gate.kind != "run"

    def follow(self) -> None:
        """Show the gate of now, after something has changed."""
        gates = self._gates
        view = gates.now
        number = [it.gate.kind for it in gates.path].index(view.gate.kind) + 1
        self.set_title(view.gate.word)
        self.set_subtitle(f"gate {number} of {len(gates.path)}")
        self.protocol.follow()
        reviewing = view.gate.kind == "review"
        self.meters.setVisible(bool(view.gate.steps))
        self.headlines.setVisible(reviewing)
        self.headlines.show_run(gates.last_run if reviewing else ())
        self._show_verdict(view)
        when, spoils, fits = gates.offered()
        verb = "Use it" if fits else "Use it all the same"
        self._offer.setText(say(f"{when} {verb}: U. {spoils}") if when else "")
        self._offer.setVisible(bool(when))
        cost = view.gate.skipping if view.state == "now" and not gates.doing else ""
        shown = bool(cost) and view.light != "green"
        key = "Go on without: N" if view.gate.kind == "connect" else "Skip: X"
        self._skip.setText(say(f"{key}. {cost}") if shown else "")
        self._skip.setVisible(shown)
        self.tick()

    def tick(self) -> None:
        """Show what moves and how much time is left."""
        if not self.isVisible():
            return
        gates = self._gates
        view, doing = gates.now, gates.doing
        if view.gate.steps:
            self.meters.show_meters(gates.meters())
        self._show_step(view, doing)

    def _show_step(self, view: GateView, doing: Doing | None) -> None:
        step = doing.step if doing else next(iter(view.ahead), None)
        if view.gate.kind == "review":
            todo, detail = _REVIEW, ""
        elif view.gate.kind == "connect":
            todo, detail = _MISSING, ""
        elif step is None:
            todo, detail = _DONE.get(view.light or "", ""), ""
        else:
            todo, detail = step.todo, self._plan(view, doing, step)
        _write(self._todo, todo)
        _write(self._detail, detail)
        self._detail.setVisible(bool(detail))
        self._bar.setVisible(doing is not None)
        self._left.setVisible(doing is not None)
        if doing is not None:
            self._bar.setValue(round(1000 * doing.share))
            counting = doing.lead_s > 0
            left_s = (
                doing.lead_s if counting else (1 - doing.share) * doing.step.seconds
            )
            _write(self._left, f"{math.ceil(left_s)} s")

    def _plan(self, view: GateView, doing: Doing | None, step: Step) -> str:
        """Return what comes: how long this step lasts, and what follows it."""
        if doing is not None and doing.lead_s > 0:
            return f"{step.title}: get ready, it counts in a moment."
        if doing is not None:
            return f"{step.title}: it counts now."
        ahead = view.ahead
        lead_s = self._gates.template.lead_s
        told = f"{step.title}, {step.seconds:g} s after a count-down of {lead_s:g} s."
        rest = [it.title for it in ahead[1:]]
        if rest:
            told += f" Then {_listed(rest)}, one after the other."
        return told

    def _show_verdict(self, view: GateView) -> None:
        light = view.light if self._gates.doing is None else None
        self._chip.setVisible(light is not None)
        if light is not None:
            missing = view.gate.kind == "connect"
            word = "missing" if missing else _WORDS[light]
            self._chip.set_verdict(VERDICTS[light], word)
        causes = list(view.causes[:MOST_CAUSES]) if light else []
        more = len(view.causes) - MOST_CAUSES
        if light and more > 0:
            causes.append(f"and {more} more like this.")
        self._causes.setText(say("\n".join(causes)))
        self._causes.setToolTip("\n".join(view.causes) if more > 0 else "")
        self._causes.setVisible(bool(causes))
        told = list(view.told[:MOST_TOLD]) if light else []
        if light and len(view.told) > MOST_TOLD:
            told.append(f"and {len(view.told) - MOST_TOLD} more")
        self._told.setText(say(" · ".join(told)))
        self._told.setVisible(bool(told))

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(STEP_PX)
        words.addWidget(self._todo)
        words.addWidget(self._detail)
        top = QHBoxLayout()
        top.setSpacing(4 * STEP_PX)
        top.addLayout(words, 1)
        top.addWidget(self._left, 0, Qt.AlignmentFlag.AlignTop)
        verdict = QVBoxLayout()
        verdict.setSpacing(STEP_PX)
        for widget in (self._chip, self._causes, self._told):
            verdict.addWidget(widget)
        below: tuple[QWidget, ...] = (self._offer, self._skip)
        self.body.addLayout(top)
        self.body.addWidget(self._bar)
        self.body.addSpacing(STEP_PX)
        self.body.addWidget(self.meters)
        self.body.addWidget(self.headlines)
        self.body.addLayout(verdict)
        self.body.addStretch(1)
        for widget in below:
            self.body.addWidget(widget)


def _write(words: QLabel, text: str) -> None:
    text = say(text)
    if words.text() != text:  # else it would be laid out again, ten times a second
        words.setText(text)


def _listed(titles: list[str]) -> str:
    counted: dict[str, int] = {}
    for title in titles:
        lower = title[:1].lower() + title[1:]
        counted[lower] = counted.get(lower, 0) + 1
    return ", ".join(f"{n} x {it}" if n > 1 else it for it, n in counted.items())
