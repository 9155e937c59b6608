"""The time line: the whole trial, or a part of it, with all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from lablive.protocol.remarks import EDIT, KINDS, SCALES, remarks_of
from ui import theme
from ui.language import say
from ui.numbers import elapsed_text
from ui.time_line_picture import (
    AXIS_PX,
    LANE_PX,
    LOW_PX,
    MARKS_PX,
    SPANS_PX,
    Mark,
    Span,
    draw_cursor,
    draw_ground,
    draw_lanes,
    draw_marks,
    draw_range,
)

if TYPE_CHECKING:
    from lablive.live.overview import Overview
    from lablive.live.replaying import ReplaySession

NEAR_PX: Final = 6  # of a marker, for the pointer
LEAST_S: Final = 5.0  # on the whole line
ZOOM: Final = 2.0
ROOMY: Final = 3  # lanes that stand at ease
FEW: Final = ("force",)  # lanes shown where there is little room


class View(NamedTuple):
    """What is drawn: times of the trial's clock."""

    begin_s: float
    end_s: float

    @property
    def span_s(self) -> float:
        """How much."""
        return self.end_s - self.begin_s


class TimeLine(QWidget):
    """Curves, blocks, sets, edits, gaps, markers, range and cursor of a trial.

    A press seeks, a drag with Shift chooses a range, the wheel zooms.

    Signals
    -------
    sought
        A time of the trial.
    ranged
        Begin and end of a range.
    """

    sought = Signal(float)
    ranged = Signal(float, float)

    def __init__(self) -> None:
        super().__init__()
        self._replay: ReplaySession | None = None
        self._view = View(0.0, 1.0)
        self._cursor_s = 0.0
        self._done = 0.0
        self._anchor_s: float | None = None  # where a range is begun with the mouse
        self._gaps: list[tuple[float, float]] = []
        self._marks: list[Mark] = []
        self._values: list[tuple[float, str]] = []  # pain and effort
        self._blocks: list[Span] = []
        self._out: list[Span] = []
        self._ground: tuple[object, QPixmap] | None = None
        self._detail: tuple[View, Overview | None] | None = None
        self._all_lanes = False
        self.why_empty = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(say("Time line of the trial"))

    def show_trial(self, replay: ReplaySession) -> None:
        """Draw a trial's curves, gaps, markers, blocks and edits."""
        from lablive.protocol.phases import parts_of  # with the first trial

        trial = replay.trial
        self._replay = replay
        self._view = View(trial.t0_s, max(trial.t1_s, trial.t0_s + 1e-3))
        self._gaps = [(it.t_s, it.t_s + it.duration_s) for it in trial.losses]
        remarks, _ = remarks_of(trial.markers)
        others = [it for it in trial.markers if it.kind not in (*KINDS, EDIT)]
        told = [(it.t_s, it.words) for it in remarks]
        told += [(it.t_s, f"{it.kind}: {it.text}") for it in others]
        self._marks = [
            Mark(t_s, f"{elapsed_text(t_s - trial.t0_s)} {words}")
            for t_s, words in sorted(told)
        ]
        self._values = [(it.t_s, it.text) for it in remarks if it.kind in SCALES]
        parts, _ = parts_of(trial.markers)
        self._blocks = [Span(it.t0_s, it.t1_s, it.kind) for it in parts]
        self._out = [
            Span(it.t0_s, it.t1_s, "left out")
            for it in replay.edits.holding
            if it.kind == "exclude"
        ]
        self.look_again()
        self.updateGeometry()

    def look_again(self) -> None:
        """Draw the curves anew: there are others."""
        self._ground = self._detail = None
        self.update()

    def set_cursor(self, t_s: float, done: float) -> None:
        """Move the cursor; ``done`` is the share that has been computed."""
        if (t_s, done) == (self._cursor_s, self._done):
            return
        if (done >= 1.0) != (self._done >= 1.0):
            self._ground = None  # the sets of drills are known now
        self._cursor_s, self._done = t_s, done
        begin_s, end_s = self._view
        if not begin_s <= t_s <= end_s:
            span_s = self._view.span_s
            turned = int((t_s - begin_s) // span_s)
            self.set_view(begin_s + turned * span_s, end_s + turned * span_s)
        self.update()

    # -- zoom ---------------------------------------------------------------------

    @property
    def view(self) -> View:
        """What is drawn."""
        return self._view

    @property
    def is_whole(self) -> bool:
        """Whether the whole trial is drawn."""
        replay = self._replay
        return replay is None or self._view.span_s >= replay.trial.duration_s - 1e-6

    def set_view(self, begin_s: float, end_s: float) -> None:
        """Draw a part; it stays inside the trial and is never shorter than 5 s."""
        if self._replay is None:
            return
        trial = self._replay.trial
        longest = max(trial.duration_s, 1e-3)
        span_s = min(max(end_s - begin_s, min(LEAST_S, longest)), longest)
        begin_s = min(max(begin_s, trial.t0_s), trial.t0_s + longest - span_s)
        self._view = View(begin_s, begin_s + span_s)
        self.update()

    def zoom(self, steps: int, about_s: float | None = None) -> None:
        """Draw half (1) or twice (-1) as much, about a time or the cursor."""
        at_s = self._cursor_s if about_s is None else about_s
        begin_s, end_s = self._view
        factor = ZOOM**-steps
        self.set_view(at_s - (at_s - begin_s) * factor, at_s + (end_s - at_s) * factor)

    def show_whole(self) -> None:
        """Draw the whole trial."""
        if self._replay is not None:
            self.set_view(self._replay.trial.t0_s, self._replay.trial.t1_s)

    def toggle_signals(self) -> None:
        """Show all signals, or the force alone."""
        self._all_lanes = not self._all_lanes
        self._ground = None
        self.updateGeometry()

    # -- places -------------------------------------------------------------------

    def time_at(self, x: float) -> float:
        """Return the time under a place, inside what is drawn."""
        share = min(max(x / max(self.width(), 1), 0.0), 1.0)
        return self._view.begin_s + share * self._view.span_s

    def place_of(self, t_s: float) -> float:
        """Return where a time is drawn."""
        return (t_s - self._view.begin_s) / self._view.span_s * self.width()

    def marks_near(self, x: float) -> list[str]:
        """Return the words of the markers that a pointer at a place means."""
        return [it.words for it in self._marks if self._is_near(it.t_s, x)]

    def _is_near(self, t_s: float, x: float) -> bool:
        return abs(self.place_of(t_s) - x) <= NEAR_PX

    def _lanes(self, found: Overview | None) -> list[int]:
        """Return the numbers of the curves that are drawn."""
        curves = found.curves if found else ()
        few = [number for number, it in enumerate(curves) if it.lane in FEW]
        return list(range(len(curves))) if self._all_lanes or not few else few

    def _overview(self) -> Overview | None:
        replay = self._replay
        if replay is None:
            return None
        if self._detail is None or self._detail[0] != self._view:
            self._detail = (self._view, replay.overview_of(*self._view))
        return self._detail[1] or replay.overview

    def sizeHint(self) -> QSize:
        """Return room for markers, blocks, the lanes shown and the times."""
        lanes = max(len(self._lanes(self._overview())), 1)
        spans = SPANS_PX if self._blocks or self._has_sets else 0
        lane_px = theme.scaled(LANE_PX if lanes <= ROOMY else LOW_PX)
        return QSize(320, MARKS_PX + spans + lanes * lane_px + theme.scaled(AXIS_PX))

    @property
    def _has_sets(self) -> bool:
        replay = self._replay
        return replay is not None and any(
            it.kind == "drill" for it in replay.trial.markers
        )

    def _spans(self) -> list[Span]:
        found = list(self._blocks)
        replay = self._replay
        if replay is not None and self._has_sets and self._done >= 1.0:
            for drill in replay.pipeline.drills.sets():
                found.append(Span(drill.begin_s, drill.end_s, drill.title))
                found += [
                    Span(it.rep.begin_s, it.rep.done_s, "", rep=it.state)
                    for it in drill.reps
                ]
        return found

    # -- mouse --------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek there, or begin a range."""
        t_s = self.time_at(event.position().x())
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._anchor_s = t_s if shifted else None
        if not shifted:
            self.sought.emit(t_s)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub, or draw the range."""
        t_s = self.time_at(event.position().x())
        if self._anchor_s is None:
            self.sought.emit(t_s)
        else:
            self.ranged.emit(self._anchor_s, t_s)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer; sideways moves what is drawn."""
        turned, aside = event.angleDelta().y(), event.angleDelta().x()
        if abs(aside) > abs(turned):
            by_s = -aside / 960 * self._view.span_s
            self.set_view(self._view.begin_s + by_s, self._view.end_s + by_s)
        elif turned:
            at_s = self.time_at(event.position().x())
            self.zoom(1 if turned > 0 else -1, at_s)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Say what the markers under the pointer are."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            told = self.marks_near(event.pos().x())
            t_s = self.time_at(event.pos().x())
            told += [
                it.words
                for it in (*self._spans(), *self._out)
                if it.words and it.begin_s <= t_s <= it.end_s
            ]
            QToolTip.showText(event.globalPos(), "\n".join(told), self)
            return True
        return super().event(event)

    # -- drawing ------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Copy the curves; draw what moves over them."""
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._replay is not None and self._replay.range_s is not None:
                draw_range(painter, self, *self._replay.range_s)
            draw_cursor(painter, self, self._cursor_s, self._done)

    def _picture(self) -> QPixmap:
        """Return everything that does not move with the cursor."""
        ratio = self.devicePixelRatioF()
        replay = self._replay
        key = (
            self.size(), ratio, self._view, theme.tokens().name, theme.text_size(),
            id(replay.overview) if replay else 0, self.why_empty,
        )  # fmt: skip
        if self._ground is not None and self._ground[0] == key:
            return self._ground[1]
        found = self._overview()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        spans = self._spans()
        top = MARKS_PX + (SPANS_PX if self._blocks or self._has_sets else 0)
        with QPainter(made) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            bottom = self.height() - theme.scaled(AXIS_PX)
            start_s = replay.trial.t0_s if replay else 0.0
            draw_ground(painter, self, spans, (top, bottom), start_s)
            if found is not None:
                lanes = self._lanes(found)
                whole = replay.overview if replay else None
                draw_lanes(painter, self, (found, whole), lanes, (top, bottom))
            elif self.why_empty:
                painter.drawText(8, (top + bottom) // 2 + 4, self.why_empty)
            draw_marks(
                painter, self, self._marks, self._values, self._gaps, self._out,
                (top, bottom),
            )  # fmt: skip
        self._ground = (key, made)
        return made
