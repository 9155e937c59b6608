"""Parts of the time line as they are painted; places are those of the line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetrics, QPainter, QPen, QPolygonF

from ui import theme
from ui.numbers import elapsed_text
from ui.tokens import NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.live.overview import Overview, OverviewCurve
    from lablive.messages import Floats
    from ui.time_line import View

MARKS_PX: Final = 10
SPANS_PX: Final = 16
LANE_PX: Final = 20
LOW_PX: Final = 14
AXIS_PX: Final = 16
_LABEL_EVERY_PX: Final = 110
_STEPS_S: Final = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_LETTERS: Final = {"left": " L", "right": " R"}


class Mark(NamedTuple):
    """A marker and its words."""

    t_s: float
    words: str


class Span(NamedTuple):
    """A stretch with its name; ``rep``: a repetition and what it is worth."""

    begin_s: float
    end_s: float
    words: str
    rep: str = ""


class Line(Protocol):
    """Where times are drawn."""

    @property
    def view(self) -> View:
        """What is drawn."""
        ...

    def width(self) -> int:
        """Return its width in logical px."""
        ...

    def height(self) -> int:
        """Return its height."""
        ...

    def place_of(self, t_s: float) -> float:
        """Return where a time is drawn."""
        ...


def draw_ground(
    painter: QPainter,
    line: Line,
    spans: Sequence[Span],
    rows: tuple[int, int],
    start_s: float,
) -> None:
    """Draw ground, blocks and sets with their repetitions, and the times."""
    found = theme.tokens()
    top, bottom = rows
    painter.setPen(QPen(QColor(found.line), 1))
    painter.setBrush(QColor(found.ground))
    painter.drawRect(QRectF(0.5, top + 0.5, line.width() - 1, bottom - top - 1))
    painter.setFont(theme.font(NOTE_PX))
    metrics = QFontMetrics(painter.font())
    for span in spans:
        left, right = _between(line, span)
        if right <= 0 or left >= line.width():
            continue
        if span.rep:  # shape and place: full = passed, hollow = not
            box = QRectF(left, top - 4, max(right - left - 1, 2), 4)
            painter.setPen(QPen(QColor(found.ink), 1))
            passed = span.rep == "passed"
            painter.setBrush(QColor(found.ink if passed else found.card))
            painter.drawRect(box)
            continue
        box = QRectF(left, MARKS_PX, max(right - left, 2), SPANS_PX - 5)
        painter.setPen(QPen(QColor(found.mark), 1))
        painter.setBrush(QColor(found.accent_tint))
        painter.drawRect(box)
        room = round(box.width() - 6)
        words = metrics.elidedText(span.words, Qt.TextElideMode.ElideRight, room)
        painter.setPen(QColor(found.ink))
        painter.drawText(box.adjusted(3, -2, -3, 2), int(_MIDDLE), words)
    painter.setPen(QColor(found.muted))
    step_s = _step_s(line)
    first = math.ceil((line.view.begin_s - start_s) / step_s)
    last = math.floor((line.view.end_s - start_s) / step_s)
    for number in range(first, last + 1):
        x = line.place_of(start_s + number * step_s)
        text = elapsed_text(number * step_s)
        wide = metrics.horizontalAdvance(text)
        painter.drawLine(QLineF(x, bottom, x, bottom + 3))
        at = min(max(x - wide / 2, 0.0), line.width() - wide)
        painter.drawText(QPointF(at, line.height() - 2), text)


def draw_lanes(
    painter: QPainter,
    line: Line,
    overviews: tuple[Overview, Overview | None],
    lanes: Sequence[int],
    rows: tuple[int, int],
) -> None:
    """Draw curves below one another: what is there, and the scale of the whole trial.

    Parameters
    ----------
    painter, line
        Where.
    overviews
        Curves of the part that is drawn, and of the whole trial if they are there.
    lanes
        Numbers of the curves.
    rows
        Top and bottom.
    """
    from lablive.live.overview import extents  # with the first trial

    part, whole = overviews
    found = theme.tokens()
    top, bottom = rows
    tall = (bottom - top) / max(len(lanes), 1)
    columns = extents(part, *line.view, line.width())
    painter.setFont(theme.font(NOTE_PX))
    metrics = QFontMetrics(painter.font())
    for row, number in enumerate(lanes):
        curve = part.curves[number]
        least, most = _scale((whole or part).curves[number])
        low, high = (_joined(*columns[number]) - least) / (most - least)
        begin = top + row * tall
        y = begin + tall - 2 - np.clip(np.stack([low, high]), 0, 1) * (tall - 4)
        seen = np.flatnonzero(np.isfinite(y).all(axis=0))
        colour = {"left": found.left, "right": found.right}.get(curve.side, found.muted)
        painter.setPen(QPen(QColor(colour), 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.drawLines(
            [QLineF(x, y[0, x], x, min(y[1, x], y[0, x] - 1)) for x in seen.tolist()]
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = f"{curve.lane}{_LETTERS.get(curve.side, '')}"
        box = QRectF(1, begin + 1, metrics.horizontalAdvance(words) + 8, tall - 2)
        ground = QColor(found.card)
        ground.setAlphaF(0.85)
        painter.fillRect(box, ground)
        ink = {"left": found.left_text, "right": found.right_text}
        painter.setPen(QColor(ink.get(curve.side, found.ink)))
        painter.drawText(box.adjusted(4, -2, 4, 2), int(_MIDDLE), words)


def draw_marks(
    painter: QPainter,
    line: Line,
    marks: Sequence[Mark],
    values: Sequence[tuple[float, str]],
    gaps: Sequence[tuple[float, float]],
    out: Sequence[Span],
    rows: tuple[int, int],
) -> None:
    """Draw gaps, what is left out, markers, pain and effort over the curves."""
    found = theme.tokens()
    top, bottom = rows
    painter.setPen(Qt.PenStyle.NoPen)
    for span in out:
        left, right = _between(line, span)
        hatched = QBrush(QColor(found.muted), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(QRectF(left, top, max(right - left, 3), bottom - top), hatched)
    painter.setBrush(QColor(found.poor))
    for begin_s, end_s in gaps:
        left, right = line.place_of(begin_s), line.place_of(end_s)
        painter.drawRect(QRectF(left, bottom - 6, max(right - left, 2), 6))
    painter.setBrush(QColor(found.ink))
    for mark in marks:
        x = line.place_of(mark.t_s)
        corners = [QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, 8)]
        painter.drawPolygon(QPolygonF(corners))
    painter.setPen(QColor(found.ink))
    painter.setFont(theme.font(NOTE_PX))
    for t_s, text in values:
        painter.drawText(QPointF(line.place_of(t_s) + 5, top + 12), text)


def draw_range(painter: QPainter, line: Line, begin_s: float, end_s: float) -> None:
    """Tint a range and draw its edges."""
    found = theme.tokens()
    left, right = line.place_of(begin_s), line.place_of(end_s)
    tint = QColor(found.accent)
    tint.setAlphaF(0.16)
    painter.fillRect(QRectF(left, MARKS_PX, right - left, line.height()), tint)
    painter.setPen(QPen(QColor(found.accent), 1))
    for x in (left, right):
        painter.drawLine(QLineF(x, MARKS_PX, x, line.height()))


def draw_cursor(painter: QPainter, line: Line, cursor_s: float, done: float) -> None:
    """Draw the cursor, and how far the trial has been worked out."""
    found = theme.tokens()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(found.accent))
    if done < 1.0:
        bottom = line.height() - theme.scaled(AXIS_PX)
        painter.drawRect(QRectF(0, bottom - 2, done * line.width(), 2))
    x = line.place_of(cursor_s)
    painter.drawRoundedRect(QRectF(x - 1.5, 2, 3, line.height() - 4), 1.5, 1.5)


_MIDDLE: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


def _between(line: Line, span: Span) -> tuple[float, float]:
    """Return where a stretch is drawn; one without an end goes on."""
    end_s = span.end_s if math.isfinite(span.end_s) else line.view.end_s
    return line.place_of(span.begin_s), line.place_of(end_s)


def _step_s(line: Line) -> int:
    most = max(line.width() / _LABEL_EVERY_PX, 1.0)
    wanted = line.view.span_s / most
    return next((it for it in _STEPS_S if it >= wanted), 7200)


def _scale(curve: OverviewCurve) -> tuple[float, float]:
    """Return the least and largest value of a curve; forces stand on zero."""
    low, high = curve.extent()
    if not np.isfinite(high).any():
        return 0.0, 1.0
    least = 0.0 if curve.lane in ("force", "belt") else float(np.nanmin(low))
    most = float(np.nanmax(high))
    return least, most if most > least else least + 1.0


def _joined(low: Floats, high: Floats) -> Floats:
    """Return extents of which every column touches the one before."""
    least, most = low.copy(), high.copy()
    with np.errstate(invalid="ignore"):
        least[1:] = np.where(high[:-1] < low[1:], high[:-1], low[1:])
        most[1:] = np.where(low[:-1] > high[1:], low[:-1], high[1:])
    return np.stack([least, most])
