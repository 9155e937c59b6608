"""The time line of a replayed trial: the whole trial at once, cursor, play, jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QToolTip, QWidget

from lablive.protocol.remarks import EDIT, KINDS, SCALES, remarks_of
from ui import theme
from ui.actions import dress
from ui.icon import icon
from ui.numbers import elapsed_text
from ui.tokens import NOTE_PX, STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from lablive.live.replaying import ReplaySession

JUMP_S: Final = 5.0
NEAR_PX: Final = 6  # of a marker, for the pointer
SPEEDS: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class TimeLine(QWidget):
    """The whole trial as one strip: gaps, markers, cursor; a press seeks."""

    sought = Signal(float)  # share of the trial, 0 to 1

    def __init__(self) -> None:
        super().__init__()
        self._cursor = 0.0
        self._done = 0.0
        self._gaps: list[tuple[float, float]] = []
        self._marks: list[tuple[float, str]] = []  # place and words
        self._values: list[tuple[float, str]] = []  # pain and effort
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Time line of the trial")

    def show_trial(self, replay: ReplaySession) -> None:
        """Draw a trial's gaps and markers."""
        self._gaps = [
            (replay.share(gap.t_s), replay.share(gap.t_s + gap.duration_s))
            for gap in replay.trial.losses
        ]
        markers, begun_s = replay.trial.markers, replay.trial.t0_s
        remarks, _ = remarks_of(markers)
        others = [it for it in markers if it.kind not in (*KINDS, EDIT)]
        told = [(it.t_s, it.words) for it in remarks]
        told += [(it.t_s, f"{it.kind}: {it.text}") for it in others]
        self._marks = [
            (replay.share(t_s), f"{elapsed_text(t_s - begun_s)} {words}")
            for t_s, words in sorted(told)
        ]
        self._values = [
            (replay.share(it.t_s), it.text) for it in remarks if it.kind in SCALES
        ]
        self.update()

    def set_cursor(self, share: float, done: float) -> None:
        """Move the cursor; ``done`` is the share that has been computed."""
        if (share, done) != (self._cursor, self._done):
            self._cursor, self._done = share, done
            self.update()

    def sizeHint(self) -> QSize:
        """Return a strip that a finger hits."""
        return QSize(320, 36)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek there."""
        self.sought.emit(min(max(event.position().x() / max(self.width(), 1), 0), 1))

    mouseMoveEvent = mousePressEvent

    def marks_near(self, share: float) -> list[str]:
        """Return the words of the markers that a pointer at a share means."""
        near = NEAR_PX / max(self.width(), 1)
        return [words for at, words in self._marks if abs(at - share) <= near]

    def event(self, event: QEvent) -> bool:
        """Say what the markers under the pointer are."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            told = self.marks_near(event.pos().x() / max(self.width(), 1))
            QToolTip.showText(event.globalPos(), "\n".join(told), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, computed part, gaps, markers and cursor."""
        found = theme.tokens()
        wide, tall = self.width(), self.height()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(found.line), 1))
            painter.setBrush(QColor(found.ground))
            painter.drawRoundedRect(QRectF(0.5, 8.5, wide - 1, tall - 17), 4, 4)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(found.accent_tint))
            done = QRectF(1, 9, max(self._done * wide - 2, 0), tall - 18)
            painter.drawRoundedRect(done, 4, 4)
            painter.setBrush(QColor(found.poor))
            for begin, end in self._gaps:
                width = max((end - begin) * wide, 2)
                painter.drawRect(QRectF(begin * wide, 9, width, tall - 18))
            painter.setBrush(QColor(found.ink))
            for mark, _ in self._marks:
                x = mark * wide
                corners = [QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, 8)]
                painter.drawPolygon(QPolygonF(corners))
            painter.setPen(QColor(found.ink))
            painter.setFont(theme.font(NOTE_PX))
            for mark, text in self._values:
                painter.drawText(QPointF(mark * wide + 5, tall / 2 + 4), text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(found.accent))
            painter.drawRoundedRect(
                QRectF(self._cursor * wide - 2, 2, 4, tall - 4), 2, 2
            )


class ReplayBar(Card):
    """Play, jump, speed, and the time line."""

    def __init__(self) -> None:
        super().__init__()
        self._replay: ReplaySession | None = None
        self.time_line = TimeLine()
        self.time_line.sought.connect(self._seek)
        self._play = self._tool("play", "play", self._toggle)
        back = self._tool("back_5", "back_5_s", lambda: self._jump(-1))
        on = self._tool("forward_5", "forward_5_s", lambda: self._jump(1))
        before = self._tool(
            "previous_marker", "marker_before", lambda: self._to_marker(-1)
        )
        after = self._tool("next_marker", "marker_after", lambda: self._to_marker(1))
        slower = self._tool("minus", "slower", lambda: self._faster(-1))
        faster = self._tool("plus", "faster", lambda: self._faster(1))
        self._speed = label("1x", "muted")
        self._time = label("", "strong")
        self._time.setMinimumWidth(110)
        self._part = label("", "muted")  # other files of the recording
        self._part.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(2 * STEP_PX)
        for tool in (before, back, self._play, on, after):
            row.addWidget(tool)
        row.addWidget(self._time)
        row.addWidget(self.time_line, 1)
        for tool in (slower, self._speed, faster):
            row.addWidget(tool)
        self.body.addLayout(row)
        self.body.addWidget(self._part)

    def show_trial(self, replay: ReplaySession | None) -> None:
        """Take a trial, or none."""
        self._replay = replay
        self.setVisible(replay is not None)
        if replay is not None:
            self.time_line.show_trial(replay)
            note = replay.trial.continuation.note
            self._part.setText(note)
            self._part.setVisible(bool(note))

    def follow(self) -> None:
        """Show where the cursor is."""
        replay = self._replay
        if replay is None:
            return
        share = replay.share(replay.cursor_s)
        self.time_line.set_cursor(share, replay.done)
        now_s = replay.cursor_s - replay.trial.t0_s
        whole = elapsed_text(replay.trial.duration_s)
        self._time.setText(f"{elapsed_text(now_s)} of {whole}")
        self._play.setIcon(icon("pause" if replay.playing else "play"))

    def _tool(self, picture: str, name: str, action: Callable[[], None]) -> QToolButton:
        made = QToolButton(self)
        made.setIcon(icon(picture))
        dress(made, name)
        made.setProperty("kind", "quiet")
        made.clicked.connect(lambda: action())
        return made

    def _toggle(self) -> None:
        if self._replay is not None:
            self._replay.toggle()

    def _jump(self, direction: int) -> None:
        if self._replay is not None:
            self._replay.seek(self._replay.cursor_s + direction * JUMP_S)

    def _to_marker(self, direction: int) -> None:
        if self._replay is not None:
            self._replay.to_marker(direction)

    def _seek(self, share: float) -> None:
        if self._replay is not None:
            span_s = self._replay.trial.duration_s
            self._replay.seek(self._replay.trial.t0_s + share * span_s)

    def _faster(self, direction: int) -> None:
        if self._replay is None:
            return
        at = SPEEDS.index(self._replay.speed) + direction
        self._replay.speed = SPEEDS[min(max(at, 0), len(SPEEDS) - 1)]
        self._speed.setText(f"{self._replay.speed:g}x")
