"""The line below the page: what can be done now; the next step is the filled button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QHBoxLayout

from lablive.clock import now_s
from ui.belt_speed import BeltSpeed
from ui.gate_path import next_gate
from ui.numbers import counted
from ui.session_model import SessionModel, State
from ui.tokens import STEP_PX
from ui.widgets import KeyButton

if TYPE_CHECKING:
    from collections.abc import Callable


DEBOUNCE_S: Final = 0.15  # pedals bounce


class ActionBar(QFrame):
    """Buttons with their keys; a button that makes no sense now is hidden.

    Parameters
    ----------
    model
        Whose actions they are.
    connect_devices, open_trial
        What needs a dialog.
    """

    def __init__(
        self,
        model: SessionModel,
        connect_devices: Callable[[], None],
        open_trial: Callable[[], None],
    ) -> None:
        super().__init__()
        self._model = model
        self.setProperty("surface", "bar")
        self.connect_button = self._button("Connect devices", "C", connect_devices)
        self.known_button = self._button("Connect", "K", model.devices.connect_known)
        self.zero_button = self._button("Zero", "Z", model.zero)
        self.zero_button.setToolTip("Lift both feet (sit down) for 2 s")
        self.weigh_button = self._button("Weigh", "W", model.weigh)
        self.weigh_button.setToolTip("Stand still on both feet for 6 s")
        self.record_button = self._button("Record", "R", model.record)
        self.marker_button = KeyButton("Marker", "Space", shortcut=True)
        # a key press is a click only 0.1 s later: too late for a marker
        self.marker_button.pressed.connect(self._mark)
        self._marked_s = 0.0
        self._away = False
        self.belt_button = self._button("Belt", "B", self._belt)
        self.belt_button.setToolTip("Type speed and slope as the treadmill shows them")
        self.open_button = self._button("Open trial", "O", open_trial)
        self.review_button = self._button("Replay trial", "V", self._review)
        self.report_button = self._button("Make PDF", "P", model.print_report)
        self.live_button = self._button("Back to live", "L", model.close_trial)
        self.stop_button = KeyButton("Stop", "S", "danger", shortcut=True)
        self.stop_button.clicked.connect(lambda: model.stop())
        box = QHBoxLayout(self)
        box.setContentsMargins(5 * STEP_PX, 3 * STEP_PX, 5 * STEP_PX, 3 * STEP_PX)
        box.setSpacing(2 * STEP_PX)
        for button in (
            self.known_button, self.connect_button, self.zero_button,
            self.weigh_button,
            self.record_button, self.marker_button, self.belt_button,
            self.review_button, self.report_button, self.open_button,
            self.live_button,
        ):  # fmt: skip
            box.addWidget(button)
        box.addStretch(1)
        box.addWidget(self.stop_button)
        model.state_changed.connect(self.follow)
        model.rebuilt.connect(self.follow)
        model.news.connect(self.follow)
        model.devices.known.changed.connect(self.follow)
        self.follow()

    def set_away(self, *, away: bool) -> None:
        """Offer only what a running recording needs: another page is on screen."""
        self._away = away
        self.follow()

    def follow(self) -> None:
        """Show what fits the state, the next step filled."""
        model, state = self._model, self._model.state
        review, recording = state is State.REVIEW, state is State.RECORDING
        free = state in (State.IDLE, State.CONNECTED)
        connected = state is State.CONNECTED
        insoles = connected and model.has_insoles
        there = len(model.devices.known.there)
        self.known_button.set_text(f"Connect {counted(there, 'known device')}")
        shown = {
            self.known_button: state is State.IDLE and there > 0,
            self.connect_button: free,
            self.zero_button: insoles,
            self.weigh_button: insoles,
            self.record_button: connected,
            self.marker_button: recording,
            self.belt_button: connected or recording,
            self.review_button: free and model.last_path is not None,
            self.report_button: review or (free and model.last_path is not None),
            self.open_button: free or review,
            self.live_button: review,
            self.stop_button: recording,
        }
        if self._away:
            kept = (self.marker_button, self.stop_button)
            shown = {button: shown[button] and button in kept for button in shown}
        for button, visible in shown.items():
            button.setVisible(visible)
        if self.parent() is not None:  # else it would be a window of its own
            self.setVisible(any(shown.values()))
        following = self._next_step()
        for button in shown:
            if button is not self.stop_button:
                button.set_kind("primary" if button is following else "secondary")

    def _next_step(self) -> KeyButton:
        if self._model.state is State.RECORDING:
            return self.marker_button
        return {
            "connect": self.known_button
            if self._model.devices.known.there
            else self.connect_button,
            "zero": self.zero_button,
            "weigh": self.weigh_button,
            "run": self.record_button,
            "review": self.report_button,
        }[next_gate(self._model)]

    def _button(self, text: str, key: str, action: Callable[[], None]) -> KeyButton:
        made = KeyButton(text, key, shortcut=True)
        made.clicked.connect(lambda: action())
        return made

    def _mark(self) -> None:
        pressed_s = now_s()
        if pressed_s - self._marked_s > DEBOUNCE_S:
            self._marked_s = pressed_s
            self._model.marker()

    def _belt(self) -> None:
        BeltSpeed(self._model, self).exec()

    def _review(self) -> None:
        if self._model.last_path is not None:
            self._model.open_trial(self._model.last_path)
