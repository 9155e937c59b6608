"""The line below the page: what can be done now; the next step is the filled button."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.actions import Action, ActionButton
from ui.belt_speed import BeltSpeed
from ui.button_row import ButtonRow
from ui.numbers import counted
from ui.session_model import SessionModel, State
from ui.tokens import STEP_PX

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.remark_bar import RemarkBar
    from ui.widgets import KeyButton

DEBOUNCE_S: Final = 0.15  # pedals bounce


class ActionBar(ButtonRow):
    """Buttons with their keys; a button that makes no sense now is hidden.

    Parameters
    ----------
    model
        Whose actions they are.
    remarks
        Takes markers, notes, pain and effort.
    connect_devices, open_trial, choose_feedback
        What needs a dialog.

    Signals
    -------
    people_wanted
        Somebody else is next.
    drills_wanted
        Show the drills, or the run again.
    auto_wanted
        Choose what starts and stops the recording.
    """

    people_wanted = Signal()
    drills_wanted = Signal()
    auto_wanted = Signal()

    def __init__(
        self,
        model: SessionModel,
        remarks: RemarkBar,
        connect_devices: Callable[[], None],
        open_trial: Callable[[], None],
        choose_feedback: Callable[[], None],
    ) -> None:
        super().__init__()
        self._model, self._remarks = model, remarks
        self.setProperty("surface", "bar")
        self.connect_button = ActionButton("connect", connect_devices)
        self.known_button = ActionButton("connect_known", model.devices.connect_known)
        self.next_button = ActionButton("next", self._next)
        self.block_button = ActionButton("block", model.gates.move_on)
        self.drills_button = ActionButton("drills", self.drills_wanted.emit)
        self.again_button = ActionButton("again", self._again)
        self.earlier_button = ActionButton("use_earlier", model.gates.use_earlier)
        self.skip_button = ActionButton("skip", model.gates.skip)
        self.anew_button = ActionButton("put_on_anew", model.gates.put_on_anew)
        self.practice_button = ActionButton("practise", model.practise)
        self.record_button = ActionButton("record", model.record)
        self.auto_button = ActionButton("auto", self.auto_wanted.emit)
        self.marker_button = ActionButton("marker", self._mark, at_press=True)
        Action("name_marker", remarks.name_last, self.marker_button)
        self.note_button = self._noting("note", remarks.note)
        self.pain_button = self._noting("pain", partial(remarks.ask, "pain"))
        self.effort_button = self._noting("effort", partial(remarks.ask, "effort"))
        self._marked_s = 0.0
        self._away = False
        self.belt_button = ActionButton("belt", self._belt)
        self.feedback_button = ActionButton("feedback", choose_feedback)
        self.open_button = ActionButton("open", open_trial)
        self.review_button = ActionButton("replay", self._review)
        self.report_button = ActionButton("report", model.print_report)
        self.look_button = ActionButton("report_look", self._choose_report)
        self.live_button = ActionButton("live", model.close_trial)
        self.stop_button = ActionButton("stop", model.stop, "danger")
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 3 * STEP_PX, 5 * STEP_PX, 3 * STEP_PX)
        box.setSpacing(2 * STEP_PX)
        for button in (
            self.known_button, self.connect_button, self.next_button,
            self.again_button, self.earlier_button, self.skip_button,
            self.record_button, self.practice_button, self.auto_button,
            self.marker_button,
            self.note_button, self.pain_button, self.effort_button, self.block_button,
            self.drills_button, self.belt_button, self.feedback_button,
            self.anew_button,
            self.review_button, self.report_button, self.look_button,
            self.open_button,
            self.live_button,
        ):  # fmt: skip
            box.addWidget(button)
        box.addStretch(1)
        box.addWidget(self.stop_button)
        model.state_changed.connect(self.follow)
        model.rebuilt.connect(self.follow)
        model.news.connect(self.follow)
        model.devices.known.changed.connect(self.follow)
        model.gates.changed.connect(self.follow)
        self.follow()

    def set_away(self, *, away: bool) -> None:
        """Offer only what a running recording needs: another page is on screen."""
        self._away = away
        self.follow()

    def _choose_report(self) -> None:
        """Show the pages of the trial's report, and choose what it shows."""
        from ui.report_dialog import ReportDialog

        model = self._model
        path = model.replay.path if model.replay else model.last_path
        if path is not None:
            ReportDialog(path, self.window()).open()

    def follow(self) -> None:
        """Show what fits the state, the next step filled."""
        model, state = self._model, self._model.state
        review, recording = state is State.REVIEW, state is State.RECORDING
        free = state in (State.IDLE, State.CONNECTED)
        connected = state is State.CONNECTED
        there = len(model.devices.known.there)
        self.known_button.set_text(f"Connect {counted(there, 'known device')}")
        shown = {
            self.known_button: state is State.IDLE and there > 0,
            self.connect_button: free,
            **self._gate_buttons(connected=connected),
            self.marker_button: recording,
            self.note_button: recording,
            self.pain_button: recording,
            self.effort_button: recording,
            self.block_button: recording and self._has_block,
            self.review_button: free and model.last_path is not None,
            self.report_button: review or (free and model.last_path is not None),
            self.look_button: review,
            self.live_button: review,
        }
        busy = model.gates.doing is not None or model.gates.practice_s is not None
        kind = model.gates.now.gate.kind
        at_gate = connected and kind != "run"
        shown |= {
            self.connect_button: free and not busy and kind != "review",
            self.belt_button: recording or (connected and not self._calibrating),
            self.feedback_button: recording or model.gates.practice_s is not None,
            self.open_button: review or (free and not busy and not at_gate),
            self.stop_button: recording or (connected and busy),
            self.auto_button: recording or (connected and kind == "run" and not busy),
            self.drills_button: recording or (connected and kind == "run" and not busy),
        }
        if self._away:
            kept = (
                self.marker_button, self.note_button, self.pain_button,
                self.effort_button, self.block_button, self.stop_button,
            )  # fmt: skip
            shown = {button: shown[button] and button in kept for button in shown}
        for button, visible in shown.items():
            button.setVisible(visible)
        if self.parent() is not None:  # else it would be a window of its own
            self.setVisible(any(shown.values()))
        following = self._next_step()
        for button in shown:
            if button is not self.stop_button:
                button.set_kind("primary" if button is following else "secondary")
        self.fit()

    @property
    def _has_block(self) -> bool:
        """Whether a block of the run can be ended."""
        blocks = self._model.gates.blocks
        return blocks is not None and blocks.now is not None

    @property
    def _calibrating(self) -> bool:
        """Whether the gate of now is no matter of the belt."""
        return self._model.gates.now.gate.kind in ("zero", "weigh", "neutral", "review")

    def _gate_buttons(self, *, connected: bool) -> dict[KeyButton, bool]:
        """Name the buttons of the gate of now; return which are of use."""
        gates = self._model.gates
        view, doing = gates.now, gates.doing
        kind, light = view.gate.kind, view.light
        steps, free = bool(view.gate.steps), connected and doing is None
        words = {"amber": "Go on", "green": "Go on", "red": "Again"}.get(
            light or "", f"Begin {view.gate.word[:1].lower()}{view.gate.word[1:]}"
        )
        again = "Again"
        if kind == "emg" and words.startswith("Begin"):
            words = "Begin EMG"
        if kind == "connect":
            words = "Go on without"
        elif kind == "review":
            words, again = "Save and next", "Same person"
        self.next_button.set_text(words)
        self.again_button.set_text(again)
        when, _, _ = gates.offered()
        run = kind == "run" and gates.practice_s is None
        rule = gates.template.gate("run")
        review = kind == "review"
        asked = steps or review or kind == "connect"
        return {
            self.next_button: free and asked,
            self.again_button: free
            and (review or (steps and light in ("amber", "green"))),
            self.earlier_button: free and steps and bool(when),
            self.skip_button: free and steps and light != "green",
            self.record_button: free,
            self.practice_button: free and run and (rule is None or rule.practice),
            self.anew_button: free and kind == "run" and gates.has_worn,
        }

    def _next_step(self) -> KeyButton | None:
        model = self._model
        if model.state is State.RECORDING:
            return self.marker_button
        if model.state is State.REVIEW:
            return self.report_button
        if model.gates.doing is not None:
            return None
        kind = model.gates.now.gate.kind
        if kind == "connect":
            known = model.state is State.IDLE and bool(model.devices.known.there)
            return self.known_button if known else self.connect_button
        return self.record_button if kind == "run" else self.next_button

    def _next(self) -> None:
        """Do what the gate of now wants next."""
        gates = self._model.gates
        view = gates.now
        if view.gate.kind == "review":
            self.people_wanted.emit()
        elif view.gate.kind == "connect":
            gates.skip()
        elif view.light in ("amber", "green"):
            gates.accept()
        else:
            self._model.begin_gate()

    def _again(self) -> None:
        gates = self._model.gates
        if gates.now.gate.kind == "review":
            gates.open("run")
        else:
            self._model.begin_gate()

    def _noting(self, name: str, note: Callable[[float], None]) -> ActionButton:
        """Return a button whose press is the time of what is noted."""
        made = ActionButton(name, lambda: note(made.action.at_s), at_press=True)
        return made

    def _mark(self) -> None:
        pressed_s = self.marker_button.action.at_s
        if pressed_s - self._marked_s > DEBOUNCE_S:
            self._marked_s = pressed_s
            self._remarks.mark(pressed_s)

    def _belt(self) -> None:
        BeltSpeed(self._model, self).exec()

    def _review(self) -> None:
        if self._model.last_path is not None:
            self._model.open_trial(self._model.last_path)
