"""The session page: gates, and the board of live blocks; live and replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.live.scene import Scene
from ui.action_bar import ActionBar
from ui.block_bar import BlockBar
from ui.blocks.result_card import ResultCard
from ui.computer_check import ComputerCheck
from ui.connect_dialog import ConnectDialog
from ui.gate_card import GateCard
from ui.live.live_board import LiveBoard
from ui.notice_board import NoticeBoard
from ui.path_card import PathCard
from ui.remark_bar import RemarkBar
from ui.replay_bar import ReplayBar
from ui.sample_trial import SampleTrial
from ui.session_model import SessionModel, State
from ui.start_card import StartCard
from ui.tokens import STEP_PX
from ui.top_bar import TopBar
from ui.verify_card import VerifyCard

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.live.replaying import ReplaySession
    from lablive.live.reports import HostReport
    from lablive.live.session import Tick
    from lablive.messages import Values
    from lablive.metrics.record import StrideRecord
    from lablive.names import Side
    from lablive.pipeline import Pipeline
    from ui.blocks.block_control import BlockControl
    from ui.drills.drill_page import DrillPage

SNAPSHOT_S: Final = 0.25
GATE_S: Final = 0.12  # a number that changes faster cannot be read
LEFT, MIDDLE, RIGHT = 27, 51, 22  # shares of the width
RESULT: Final = 18


class SessionPage(QWidget):
    """Everything of one session on one page.

    ``top``, ``remarks`` and ``action_bar`` are the window's: it lays them around every
    page.
    """

    feedback_wanted = Signal()

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self.model = model
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.top = TopBar(model)
        self.notice = NoticeBoard()
        self.sample = SampleTrial(model)
        self.start = StartCard(
            lambda: model.simulate(),
            model.gates,
            self.connect_devices,
            self.choose_trial,
            self.sample.open,
            ComputerCheck(model.start_worker),
        )
        self.gate = GateCard(model.gates)
        self.path = PathCard(model.gates)
        self.blocks = BlockBar(model.gates)
        self.drills: DrillPage | None = None  # until they are wanted
        self._drilling = False
        self._blocks: BlockControl | None = None
        self.board = LiveBoard(model)
        self.feet, self.force = self.board.feet, self.board.force
        self.streams, self.tiles = self.board.streams, self.board.tiles
        self.verify = VerifyCard()
        self.replay_bar = ReplayBar(model)
        self.replay_bar.show_trial(None)
        self.remarks = RemarkBar(model)
        self.action_bar = ActionBar(
            model,
            self.remarks,
            self.connect_devices,
            self.choose_trial,
            self.feedback_wanted.emit,
        )
        self.clock = now_s  # the lab clock, against which numbers are old
        self._snapshot_s = self._gate_s = 0.0
        self._calm = True
        self._report: object = None
        self._replayed = -1
        self._trial: ReplaySession | None = None
        self._lines: dict[Side, Values | None] = {"left": None, "right": None}
        self._lay_out()
        model.rebuilt.connect(self._rebuild)
        model.state_changed.connect(self._follow_state)
        model.gates.changed.connect(self._show_cards)
        self.top.gates.wanted.connect(model.gates.open)
        model.trouble.connect(self.notice.trouble)
        model.news.connect(self.notice.news)
        self.board.trouble.connect(self.notice.trouble)
        model.verified.connect(self._show_verify)
        model.report_made.connect(lambda pdf: self.notice.offer(Path(pdf)))
        self.force.cursor_moved.connect(self._seek)
        self._rebuild()

    # -- what needs a dialog ------------------------------------------------------

    def connect_devices(self) -> None:
        """Open the list of what is connected to this machine."""
        ConnectDialog(self.model, self).open()

    def choose_trial(self) -> None:
        """Let the operator pick a trial file."""
        path, _ = QFileDialog.getOpenFileName(
            self, "Open a trial", str(self.model.library), "Trials (*.xdf)"
        )
        if path:
            self.model.open_trial(Path(path))

    def take_drills(self, drills: DrillPage) -> None:
        """Take the page of the drills, once."""
        self.drills = drills
        self._columns.addWidget(drills, LEFT + MIDDLE + RIGHT)

    def take_blocks(self, control: BlockControl) -> None:
        """Take what a run with blocks needs beside their marks."""
        self._blocks = control
        self.blocks.pause_wanted.connect(control.pause)
        self.blocks.skip_wanted.connect(control.skip_next)
        self.result = ResultCard(control)
        self._columns.addWidget(self.result, RESULT)

    def turn_drills(self) -> None:
        """Show the drills in the place of the board, or the board again."""
        self._drilling = not self._drilling
        self._show_cards()

    # -- the tick -----------------------------------------------------------------

    def refresh(self, tick: Tick) -> None:
        """Draw one tick."""
        model = self.model
        replay = model.replay
        if replay is not None:
            self._draw_replay(replay)
        else:
            self._draw_live(tick, model.live.pipeline)
        report = model.live.report
        if report is not None and report is not self._report:
            self._report = report
            self._show_report(report)
        now = now_s()
        if now - self._gate_s >= GATE_S:
            self._gate_s = now
            self.gate.tick()
            self.blocks.tick()
            if self._blocks is not None:
                self._blocks.tick()
                self.blocks.tell(self._blocks.told)
        if self.drills is not None:
            self.drills.tick()

    def _show_report(self, report: HostReport) -> None:
        if self.model.replay is not None:
            if report.recording is not None:  # never out of sight
                self.top.show_report(report)
            return
        self.top.show_report(report)
        self._show_cards()
        self.streams.show_report(report)
        status = {s.stream: s for source in report.sources for s in source.status}
        self.feet.show_status(status)
        self.force.show_status(status)

    def _draw_live(self, tick: Tick, pipeline: Pipeline | None) -> None:
        if pipeline is not None and tick.results:
            self._take_lines(pipeline.strides[-4:])
        self.board.append(tick.items, self._lines)
        now = now_s()
        if pipeline is None or now - self._snapshot_s < SNAPSHOT_S / 2:
            return
        self._snapshot_s = now
        # what is watched and what is read in turn: no tick works out both
        self._calm = not self._calm
        at_s, calm = pipeline.watermark_s, self._calm
        snapshot = pipeline.snapshot(at_s, self.board.wanted(at_s, calm=calm))
        self.board.show_snapshot(snapshot, self.clock(), calm=calm)

    def _draw_replay(self, replay: ReplaySession) -> None:
        if replay.done < 1.0 or self._replayed != len(replay.pipeline.contacts):
            if self._replayed != len(replay.pipeline.contacts):
                self.force.forget_window()
            self._replayed = len(replay.pipeline.contacts)
        snapshot = replay.snapshot(self.board.wanted(replay.cursor_s))
        known_s = snapshot.t_s if replay.done >= 1.0 else replay.pipeline.watermark_s
        self.board.show_snapshot(snapshot, min(snapshot.t_s, known_s))
        self._lines = {"left": None, "right": None}
        self._take_lines(replay.strides_before(replay.cursor_s))
        self.board.show_replay(replay, self._lines)
        self.replay_bar.follow()

    def _take_lines(self, strides: Sequence[StrideRecord]) -> None:
        for record in strides:
            side = record.stride.side
            if record.gait_line is not None and side != "unknown":
                self._lines[side] = record.gait_line

    # -- changes ------------------------------------------------------------------

    def _rebuild(self) -> None:
        model = self.model
        replay = model.replay
        opened = replay is not None and replay is not self._trial
        self._trial = replay
        if opened and model.live.recording is None:
            self.notice.clear()  # what was told of the live devices
        binding = replay.binding if replay else model.live.binding
        calibrations = replay.calibrations if replay else model.live.calibrations
        streams = replay.trial.streams if replay else model.live.feed.streams
        scene = None
        if binding is not None:
            try:
                notch_hz = calibrations.emg_notch_hz
                scene = Scene(binding, streams, calibrations.insole, notch_hz)
            except ConfigError as error:
                self.notice.trouble(str(error))
        self._lines = {"left": None, "right": None}
        self._replayed = -1
        self.board.set_scene(scene)
        self.replay_bar.show_trial(replay)
        self._report = None  # show it again: it may have been hidden by a trial
        if replay is not None:
            self.top.show_trial(replay)
            self.streams.show_trial(replay.trial)
        self._show_cards()
        self.tiles.show_nothing("no steps yet" if scene else "no insole connected")

    def _follow_state(self) -> None:
        state = self.model.state
        self.top.set_editable(state)
        if state is State.STOPPING and self.model.last_path is not None:
            self.verify.show_counting(self.model.last_path)
        if state is State.RECORDING:
            self.verify.path = None
        self._show_cards()

    def _show_cards(self) -> None:
        """Show the first steps until there is something to look at."""
        report = self.model.live.report
        replay = self.model.replay
        nothing = self.model.state is State.IDLE and replay is None
        gated = self.model.state is State.CONNECTED and self.gate.is_due
        # at a gate nothing else is to be looked at but the feet, and what fails
        states = [it.state for it in report.sources] if report else []
        whole = gated and self.model.gates.now.gate.kind != "connect"
        self.start.setVisible(nothing)
        self.gate.setVisible(gated)
        self.path.setVisible(whole)
        running = self.model.gates.now.gate.kind == "run" and replay is None
        self.blocks.setVisible(running and not nothing and self.blocks.is_due)
        failed = "failed" in states or (nothing and bool(states))
        beside = {"feet"} & self.board.there | ({"streams"} if failed else set())
        self.board.set_only(beside if nothing or gated else None)
        drilling = self._drilling and replay is None and not (nothing or gated)
        if self.drills is not None:
            self.drills.setVisible(drilling)
        at_gate = nothing or gated
        self.board.setVisible(bool(beside) if at_gate else not drilling)
        self._middle.setVisible(nothing or gated)
        of_another = replay is not None and replay.path != self.verify.path
        told = self.verify.path is not None and self.model.live.recording is None
        self.verify.setVisible(told and not of_another)

    def _show_verify(self, report: object) -> None:
        if self.model.last_path is not None and self.model.last_verify is not None:
            files = self.model.live.last_files
            earlier = files[:-1] if files[-1:] == [self.model.last_path] else []
            self.verify.show_report(
                self.model.last_path, self.model.last_verify, earlier
            )

    def _seek(self, t_s: float) -> None:
        if self.model.replay is not None:
            self.model.replay.seek(t_s)

    # -- layout -------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._middle = QWidget()
        middle = QVBoxLayout(self._middle)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(3 * STEP_PX)
        middle.addWidget(self.start, 1)
        middle.addWidget(self.gate, 1)
        columns = self._columns = QHBoxLayout()
        columns.setSpacing(3 * STEP_PX)
        columns.addWidget(self.board, LEFT)
        columns.addWidget(self._middle, MIDDLE)
        columns.addWidget(self.path, RIGHT)
        page = QVBoxLayout(self)
        page.setContentsMargins(4 * STEP_PX, 3 * STEP_PX, 4 * STEP_PX, 3 * STEP_PX)
        page.setSpacing(3 * STEP_PX)
        page.addWidget(self.notice)
        page.addWidget(self.blocks)
        page.addLayout(columns, 1)
        page.addWidget(self.replay_bar)
        page.addWidget(self.verify)
