"""The session page: streams, insole picture, force strip, tiles; live and replay."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from lablive.clock import now_s
from lablive.errors import ConfigError
from lablive.live.scene import Scene
from ui.action_bar import ActionBar
from ui.connect_dialog import ConnectDialog
from ui.feet_card import FeetCard
from ui.force_card import ForceCard
from ui.replay_bar import ReplayBar
from ui.session_model import SessionModel, State
from ui.streams_card import StreamsCard
from ui.tiles_card import TilesCard
from ui.tokens import STEP_PX
from ui.top_bar import TopBar
from ui.verify_card import VerifyCard
from ui.widgets import KeyButton, Notice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.live.replaying import ReplaySession
    from lablive.live.session import Tick
    from lablive.messages import Values
    from lablive.metrics.summary import StrideRecord
    from lablive.names import Side
    from lablive.pipeline import Pipeline

SNAPSHOT_S: Final = 0.25
NOTICE_MS: Final = 20_000


class SessionPage(QWidget):
    """Everything of one session on one page."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self.model = model
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.top = TopBar(model)
        self.notice = Notice()
        self.notice.hide()
        self.feet = FeetCard()
        self.streams = StreamsCard()
        self.force = ForceCard()
        self.verify = VerifyCard()
        self.replay_bar = ReplayBar()
        self.replay_bar.show_trial(None)
        self.tiles = TilesCard()
        self.action_bar = ActionBar(model, self.connect_devices, self.choose_trial)
        self._snapshot_s = 0.0
        self._report: object = None
        self._replayed = -1
        self._lines: dict[Side, Values | None] = {"left": None, "right": None}
        self._lay_out()
        self._hide_notice = QTimer(self)
        self._hide_notice.setSingleShot(True)
        self._hide_notice.timeout.connect(self.notice.hide)
        model.rebuilt.connect(self._rebuild)
        model.state_changed.connect(self._follow_state)
        model.trouble.connect(self.tell)
        model.verified.connect(self._show_verify)
        model.report_made.connect(self._offer_report)
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

    def tell(self, text: str) -> None:
        """Show one message without stopping anything."""
        self.notice.show_message("caution", "please note", text)
        self._hide_notice.start(NOTICE_MS)

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
            self.top.show_report(report)
            self.streams.show_report(report)
            if replay is None:
                status = {
                    s.stream: s for source in report.sources for s in source.status
                }
                self.feet.show_status(status)
        self._show_weighing()

    def _draw_live(self, tick: Tick, pipeline: Pipeline | None) -> None:
        self.force.append(tick.items)
        if pipeline is not None and tick.results:
            self._take_lines(pipeline.strides[-4:])
        self.feet.append(tick.items, self._lines)
        now = now_s()
        if pipeline is None or now - self._snapshot_s < SNAPSHOT_S:
            return
        self._snapshot_s = now
        snapshot = pipeline.snapshot(pipeline.watermark_s)
        self.tiles.show_snapshot(snapshot)
        self.force.mark(snapshot.contacts)

    def _draw_replay(self, replay: ReplaySession) -> None:
        if replay.done < 1.0 or self._replayed != len(replay.pipeline.contacts):
            if self._replayed != len(replay.pipeline.contacts):
                self.force.forget_window()
            self._replayed = len(replay.pipeline.contacts)
        self.force.show_replay(replay)
        snapshot = replay.snapshot()
        self.tiles.show_snapshot(snapshot)
        self._take_lines(replay.strides_before(replay.cursor_s))
        self.feet.show_replay(replay, self._lines)
        self.replay_bar.follow()

    def _take_lines(self, strides: Sequence[StrideRecord]) -> None:
        for record in strides:
            side = record.stride.side
            if record.gait_line is not None and side != "unknown":
                self._lines[side] = record.gait_line

    def _show_weighing(self) -> None:
        weighing = self.model.weighing
        if weighing is None or weighing.step is None:
            return
        share = self.model.weighing_share
        words = {
            "unloaded": "Lift both feet off the floor, sitting",
            "two_leg": "Stand still on both feet, look ahead",
        }[weighing.step]
        self.notice.show_message("info", f"{share:.0%}", words)
        self._hide_notice.start(2_000)

    # -- changes ------------------------------------------------------------------

    def _rebuild(self) -> None:
        model = self.model
        replay = model.replay
        binding = replay.binding if replay else model.live.binding
        calibration = replay.calibration if replay else model.live.calibration
        streams = replay.trial.streams if replay else model.live.feed.streams
        scene = None
        if binding is not None:
            try:
                scene = Scene(binding, streams, calibration)
            except ConfigError as error:
                self.tell(str(error))
        self._lines = {"left": None, "right": None}
        self._replayed = -1
        for card in (self.force, self.feet):
            card.set_scene(scene)
        self.replay_bar.show_trial(replay)
        self.top.show_calibration()
        self.tiles.show_nothing("no steps yet" if scene else "no insole connected")

    def _follow_state(self) -> None:
        state = self.model.state
        self.top.set_editable(state)
        if state is State.STOPPING and self.model.last_path is not None:
            self.verify.show_counting(self.model.last_path)
        if state is State.RECORDING:
            self.verify.hide()

    def _show_verify(self, report: object) -> None:
        if self.model.last_path is not None and self.model.last_verify is not None:
            self.verify.show_report(self.model.last_path, self.model.last_verify)

    def _offer_report(self, pdf: str) -> None:
        self.tell(f"The PDF is ready: {pdf}")
        while self.notice.choices.count():
            item = self.notice.choices.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.deleteLater()
        button = KeyButton("Open", "")
        button.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(pdf))
        )
        self.notice.choices.addWidget(button)

    def _seek(self, t_s: float) -> None:
        if self.model.replay is not None:
            self.model.replay.seek(t_s)

    # -- layout -------------------------------------------------------------------

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(3 * STEP_PX)
        left.addWidget(self.feet, 3)
        left.addWidget(self.streams, 2)
        middle = QVBoxLayout()
        middle.setSpacing(3 * STEP_PX)
        middle.addWidget(self.force, 1)
        middle.addWidget(self.replay_bar)
        middle.addWidget(self.verify)
        columns = QHBoxLayout()
        columns.setContentsMargins(4 * STEP_PX, 3 * STEP_PX, 4 * STEP_PX, 3 * STEP_PX)
        columns.setSpacing(3 * STEP_PX)
        for column, share in ((left, 30), (middle, 46)):
            holder = QWidget()
            column.setContentsMargins(0, 0, 0, 0)
            holder.setLayout(column)
            columns.addWidget(holder, share)
        columns.addWidget(self.tiles, 24)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.top)
        note = QVBoxLayout()
        note.setContentsMargins(4 * STEP_PX, 2 * STEP_PX, 4 * STEP_PX, 0)
        note.addWidget(self.notice)
        box.addLayout(note)
        box.addLayout(columns, 1)
        box.addWidget(self.action_bar)
