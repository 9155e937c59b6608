"""One mark per step: bars or dots, left and right, with bands and reference lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.live.spark import ink_of, paint_step
from ui.strip_scale import SteadyRange, tick_text, ticks
from ui.tokens import NOTE_PX, blend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.gait.contacts import ContactSide
    from lablive.steps import Steps
    from ui.strip_scale import Band
    from ui.tokens import Tokens

AXIS_PX: Final = 44.0
_SLOT_PX: Final = 14.0
_DOT_PX: Final = 8.0
_DASH_PX, _BETWEEN_PX = 4.0, 2.0
_TINT: Final = 0.10
_FOOT_PX: Final = 4.0
_TICK_EVERY_PX: Final = 30.0
_NAMES_FROM_PX: Final = 300.0


class Line(NamedTuple):
    """A value to compare with, and its name."""

    value: float
    text: str


class StepPicture(NamedTuple):
    """Everything the chart shows; equal pictures are painted once.

    Attributes
    ----------
    steps
        One number per step.
    style
        ``bars`` from ``base``, or ``dots``.
    base
        Where bars begin.
    bands, lines
        Ranges with a verdict, values to compare with.
    why
        What is written while there is no step.
    """

    steps: Steps | None = None
    style: Literal["bars", "dots"] = "dots"
    base: float = 0.0
    bands: tuple[Band, ...] = ()
    lines: tuple[Line, ...] = ()
    why: str = "no steps yet"


class StepChart(QWidget):
    """The last steps from left to right, the newest at the right edge.

    Parameters
    ----------
    name
        What is shown, for who hears the screen.
    least
        The least range shown.
    """

    def __init__(self, name: str, least: tuple[float, float]) -> None:
        super().__init__()
        self._least = least
        self._range = SteadyRange(*least)
        self._picture = StepPicture()
        self.setMinimumHeight(56)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    @property
    def picture(self) -> StepPicture:
        """What is shown."""
        return self._picture

    def y_range(self) -> tuple[float, float]:
        """Return the range shown."""
        return self._range.low, self._range.high

    def set_least(self, least: tuple[float, float]) -> None:
        """Begin again with another least range (another unit)."""
        if least != self._least:
            self._least = least
            self._range = SteadyRange(*least)

    def show_picture(self, picture: StepPicture) -> None:
        """Show steps; nothing is painted again when nothing changed."""
        if picture == self._picture:
            return
        self._picture = picture
        steps = picture.steps
        if steps is not None and steps.values:
            also = [line.value for line in picture.lines]
            seen = (*steps.values, *also)
            low, high = min(seen), max(seen)
            self._range.see(low, high, steps.t_s[-1])
        self.setAccessibleDescription(self._said())
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(480, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bands, grid, lines, steps."""
        tokens, picture = theme.tokens(), self._picture
        with QPainter(self) as painter:
            painter.setFont(theme.font(NOTE_PX))
            if picture.steps is None or not picture.steps.values:
                painter.setPen(QColor(tokens.muted))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(QRectF(self.rect()), int(flags), say(picture.why))
                return
            top = theme.scaled(NOTE_PX) / 2 + 2
            room = QRectF(self.rect()).adjusted(AXIS_PX, top, -2, -top - _FOOT_PX)
            plot = room.adjusted(0, 0, -self._names_px(room), 0)
            self._paint_ground(painter, plot, tokens)
            self._paint_steps(painter, plot, picture.steps, tokens)
            self._paint_texts(painter, plot, tokens)

    def _row(self, plot: QRectF, value: float) -> float:
        low, high = self.y_range()
        share = (min(max(value, low), high) - low) / (high - low)
        return plot.bottom() - plot.height() * share

    def _paint_ground(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        low, high = self.y_range()
        for band in self._picture.bands:
            top, bottom = self._row(plot, band.high), self._row(plot, band.low)
            if bottom - top > 0.5 and band.high > low and band.low < high:
                tint = blend(tokens.verdict(band.verdict), tokens.card, _TINT)
                box = QRectF(plot.left(), top, plot.width(), bottom - top)
                painter.fillRect(box, QColor(tint))
        most = max(2, int(plot.height() / _TICK_EVERY_PX))
        values = ticks(low, high, most)
        step = values[1] - values[0] if len(values) > 1 else 1.0
        for value in values:
            row = self._row(plot, value)
            painter.setPen(QColor(tokens.line))
            painter.drawLine(QPointF(plot.left(), row), QPointF(plot.right(), row))
            painter.setPen(QColor(tokens.muted))
            box = QRectF(0, row - 12, AXIS_PX - 8, 24)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, tick_text(value, step))

    def _paint_steps(
        self, painter: QPainter, plot: QRectF, steps: Steps, tokens: Tokens
    ) -> None:
        fit = max(1, int(plot.width() / _SLOT_PX))
        pairs = list(zip(steps.sides, steps.values, strict=True))[-fit:]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        begin = plot.right() - _SLOT_PX * len(pairs)
        for number, (side, value) in enumerate(pairs):
            middle = begin + _SLOT_PX * (number + 0.5)
            row = self._row(plot, value)
            if self._picture.style == "dots":
                paint_step(painter, side, QPointF(middle, row), _DOT_PX, tokens)
            else:
                base = self._row(plot, self._picture.base)
                self._paint_bar(painter, side, middle, (row, base), tokens)

    def _paint_bar(
        self,
        painter: QPainter,
        side: ContactSide,
        middle: float,
        rows: tuple[float, float],
        tokens: Tokens,
    ) -> None:
        """Paint a bar: left solid, right in dashes (a dashed pen is slow)."""
        top, bottom = min(rows), max(rows)
        wide, high = _SLOT_PX - 4, max(2.0, bottom - top)
        left, colour = middle - wide / 2, ink_of(side, tokens)
        if side != "right" or high < 2 * _DASH_PX:
            painter.fillRect(QRectF(left, top, wide, high), colour)
            return
        at = top
        while at < top + high:
            dash = min(_DASH_PX, top + high - at)
            painter.fillRect(QRectF(left, at, wide, dash), colour)
            at += _DASH_PX + _BETWEEN_PX

    def _paint_texts(self, painter: QPainter, plot: QRectF, tokens: Tokens) -> None:
        """Draw the lines, and name lines and bands beside the newest step."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        names: list[tuple[float, str, str]] = []
        for value, text in self._picture.lines:
            row = self._row(plot, value)
            pen = QPen(QColor(tokens.ink), 1)
            pen.setDashPattern([1.0, 3.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(plot.left(), row), QPointF(plot.right(), row))
            names.append((row, text, tokens.ink))
        low, high = self.y_range()
        for band in self._picture.bands:
            if band.label and band.high > low and band.low < high:
                middle = 0.5 * (max(band.low, low) + min(band.high, high))
                colour = tokens.verdict(band.verdict)
                names.append((self._row(plot, middle), band.label, colour))
        self._paint_names(painter, plot, names)

    def _paint_names(
        self, painter: QPainter, plot: QRectF, names: Sequence[tuple[float, str, str]]
    ) -> None:
        """Write names where there is room; lines come first, none over another."""
        if plot.right() > self.width() - 8:
            return
        painter.setFont(theme.font(NOTE_PX, QFont.Weight.DemiBold))
        high_px = QFontMetricsF(painter.font()).height()
        taken: list[float] = []
        for row, text, colour in names:
            if any(abs(row - other) < high_px - 2 for other in taken):
                continue
            taken.append(row)
            left = plot.right() + 8
            box = QRectF(left, row - high_px, self.width() - left, 2 * high_px)
            painter.setPen(QColor(colour))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _names_px(self, room: QRectF) -> float:
        """Return the room that the names take at the right, 0 in a narrow chart."""
        texts = [it.text for it in self._picture.lines]
        texts += [it.label for it in self._picture.bands]
        if not any(texts) or room.width() < _NAMES_FROM_PX:
            return 0.0
        strong = QFontMetricsF(theme.font(NOTE_PX, QFont.Weight.DemiBold))
        return max(strong.horizontalAdvance(text) for text in texts) + 14

    def _said(self) -> str:
        picture = self._picture
        if picture.steps is None or not picture.steps.values:
            return picture.why
        parts: list[str] = []
        for side in ("left", "right"):
            own = [
                value
                for whose, value in zip(
                    picture.steps.sides, picture.steps.values, strict=True
                )
                if whose == side
            ]
            if own:
                parts.append(f"last {side} step {own[-1]:.1f} {picture.steps.unit}")
        return "; ".join(parts)
