"""The line below the page: what can be done now; the next step is the filled button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout

from ui.session_model import SessionModel, State
from ui.tokens import STEP_PX
from ui.widgets import KeyButton

if TYPE_CHECKING:
    from collections.abc import Callable


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
        self.zero_button = self._button("Zero", "Z", model.zero)
        self.zero_button.setToolTip("Lift both feet (sit down) for 2 s")
        self.weigh_button = self._button("Weigh", "W", model.weigh)
        self.weigh_button.setToolTip("Stand still on both feet for 6 s")
        self.record_button = self._button("Record", "R", model.record)
        self.marker_button = self._button("Marker", "Space", self._mark)
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
            self.connect_button, self.zero_button, self.weigh_button,
            self.record_button, self.marker_button, self.review_button,
            self.report_button, self.open_button, self.live_button,
        ):  # fmt: skip
            box.addWidget(button)
        box.addStretch(1)
        box.addWidget(self.stop_button)
        model.state_changed.connect(self.follow)
        model.rebuilt.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show what fits the state, the next step filled."""
        model, state = self._model, self._model.state
        review, recording = state is State.REVIEW, state is State.RECORDING
        free = state in (State.IDLE, State.CONNECTED)
        connected = state is State.CONNECTED
        insoles = connected and model.has_insoles
        shown = {
            self.connect_button: free,
            self.zero_button: insoles,
            self.weigh_button: insoles,
            self.record_button: connected,
            self.marker_button: recording,
            self.review_button: free and model.last_path is not None,
            self.report_button: review or (free and model.last_path is not None),
            self.open_button: free or review,
            self.live_button: review,
            self.stop_button: recording,
        }
        for button, visible in shown.items():
            button.setVisible(visible)
        following = self._next_step()
        for button in shown:
            if button is not self.stop_button:
                button.set_kind("primary" if button is following else "secondary")

    def _next_step(self) -> KeyButton:
        state = self._model.state
        if state is State.IDLE:
            return self.connect_button
        if state is State.RECORDING:
            return self.marker_button
        if state is State.REVIEW:
            return self.report_button
        return self.record_button

    def _button(self, text: str, key: str, action: Callable[[], None]) -> KeyButton:
        made = KeyButton(text, key, shortcut=True)
        made.clicked.connect(lambda: action())
        return made

    def _mark(self) -> None:
        self._model.marker()

    def _review(self) -> None:
        if self._model.last_path is not None:
            self._model.open_trial(self._model.last_path)
