"""The time line of a replayed trial: the whole trial at once, cursor, play, jumps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QToolButton

from ui.action_table import ACTIONS
from ui.actions import Action, dress
from ui.icon import icon
from ui.language import say
from ui.numbers import elapsed_text
from ui.replay_overview import ReplayOverview
from ui.time_line import TimeLine
from ui.tokens import STEP_PX
from ui.trial_tools import TrialTools
from ui.widgets import Card, ElidedLabel, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.replaying import ReplaySession
    from ui.session_model import SessionModel

JUMP_S: Final = 5.0
SPEEDS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class ReplayBar(Card):
    """Play, jump, speed, range, and the time line.

    Parameters
    ----------
    model
        Whose trial it is.
    """

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._replay: ReplaySession | None = None
        self.tools = TrialTools(model, self)
        self.overview = ReplayOverview(model.start_worker)
        self.overview.told.connect(self._tell)
        self.time_line = TimeLine()
        self.time_line.sought.connect(self._seek)
        self.time_line.ranged.connect(self._choose_range)
        self._play = self._tool("play", "play", lambda it: it.toggle())
        tools = (
            self._tool("previous_marker", "marker_before", lambda it: it.to_marker(-1)),
            self._tool("back_5", "back_5_s", lambda it: _jump(it, -1)),
            self._tool("step_back", "step_before", lambda it: it.to_contact(-1)),
            self._play,
            self._tool("step_forward", "step_after", lambda it: it.to_contact(1)),
            self._tool("forward_5", "forward_5_s", lambda it: _jump(it, 1)),
            self._tool("next_marker", "marker_after", lambda it: it.to_marker(1)),
        )
        slower = self._tool("minus", "slower", lambda it: self._faster(it, -1))
        faster = self._tool("plus", "faster", lambda it: self._faster(it, 1))
        self._speed = label("1x", "muted")
        self._time = label("", "strong")
        self._time.setMinimumWidth(110)
        self._range = ElidedLabel("", "muted")
        self._loop = self._words("loop", lambda it: self._turn_loop(it))
        self._loop.setCheckable(True)
        self._part = label("", "muted")  # other files of the recording
        self._part.setWordWrap(True)
        self._give_keys()
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for tool in tools:
            row.addWidget(tool)
        row.addWidget(self._time)
        row.addWidget(self._range, 1)
        row.addWidget(self._words("range_begin", lambda it: it.begin_range()))
        row.addWidget(self._words("range_end", lambda it: it.end_range()))
        row.addWidget(self._loop)
        for tool in (slower, self._speed, faster):
            row.addWidget(tool)
        row.addWidget(self._words("signals", lambda _: self._show_signals()))
        row.addWidget(self.tools)
        self.body.addLayout(row)
        self.body.addWidget(self.time_line)
        self.body.addWidget(self._part)

    def _give_keys(self) -> None:
        """Make what has a key and no button of its own."""
        line = self.time_line
        keys: dict[str, Callable[[ReplaySession], object]] = {
            "stride_before": lambda it: it.to_contact(-1, same_foot=True),
            "stride_after": lambda it: it.to_contact(1, same_foot=True),
            "frame_before": lambda it: it.to_frame(-1),
            "frame_after": lambda it: it.to_frame(1),
            "range_none": lambda it: it.set_range(0.0, 0.0),
            "zoom_in": lambda _: line.zoom(1),
            "zoom_out": lambda _: line.zoom(-1),
            "zoom_whole": lambda _: line.show_whole(),
        }
        for name, do in keys.items():
            Action(name, partial(self._do, do), self)

    def show_trial(self, replay: ReplaySession | None) -> None:
        """Take a trial, or none."""
        self._replay = replay
        self.setVisible(replay is not None)
        self.overview.begin(replay)
        if replay is not None:
            self.time_line.show_trial(replay)
            note = replay.trial.continuation.note
            self._part.setText(note)
            self._part.setVisible(bool(note))
            self._loop.setChecked(replay.looping)
            self._speed.setText(f"{replay.speed:g}x")

    def follow(self) -> None:
        """Show where the cursor is."""
        replay = self._replay
        if replay is None:
            return
        self.time_line.set_cursor(replay.cursor_s, replay.done)
        begun_s = replay.trial.t0_s
        whole = elapsed_text(replay.trial.duration_s)
        self._time.setText(say(f"{elapsed_text(replay.cursor_s - begun_s)} of {whole}"))
        self._play.setIcon(icon("pause" if replay.playing else "play"))
        told = ""
        if replay.range_s is not None:
            begin_s, end_s = (it - begun_s for it in replay.range_s)
            told = f"range {begin_s:.1f} to {end_s:.1f} s"
        self._range.set_text(told)

    def _do(self, do: Callable[[ReplaySession], object]) -> None:
        """Do something with the trial that is shown."""
        if self._replay is not None:
            do(self._replay)
            self.time_line.update()

    def _tool(
        self, picture: str, name: str, do: Callable[[ReplaySession], object]
    ) -> QToolButton:
        made = QToolButton(self)
        made.setIcon(icon(picture))
        dress(made, name)
        made.setProperty("kind", "quiet")
        made.clicked.connect(lambda: self._do(do))
        return made

    def _words(self, name: str, do: Callable[[ReplaySession], object]) -> QToolButton:
        made = QToolButton(self)
        made.setText(ACTIONS[name].title)
        dress(made, name)
        made.setProperty("kind", "quiet")
        made.clicked.connect(lambda: self._do(do))
        return made

    def _seek(self, t_s: float) -> None:
        self._do(lambda it: it.seek(t_s))

    def _choose_range(self, begin_s: float, end_s: float) -> None:
        self._do(lambda it: it.set_range(begin_s, end_s))

    def _turn_loop(self, replay: ReplaySession) -> None:
        replay.looping = self._loop.isChecked()

    def _show_signals(self) -> None:
        self.time_line.toggle_signals()

    def _tell(self, text: str) -> None:
        self.time_line.why_empty = text
        self.time_line.look_again()
        self.time_line.updateGeometry()

    def _faster(self, replay: ReplaySession, direction: int) -> None:
        at = SPEEDS.index(replay.speed) + direction
        replay.speed = SPEEDS[min(max(at, 0), len(SPEEDS) - 1)]
        self._speed.setText(f"{replay.speed:g}x")


def _jump(replay: ReplaySession, direction: int) -> None:
    replay.seek(replay.cursor_s + direction * JUMP_S)
