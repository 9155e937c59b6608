"""The runner's window: one value, one target, one arrow, read from 3 m.

On the second screen if there is one, else a window that is put where the runner looks.
Always dark: a treadmill faces a screen in a dim corner, and white dazzles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QColor,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from lablive.metrics.registry import METRICS
from ui import theme
from ui.language import say
from ui.numbers import MISSING, elapsed_text, value_text
from ui.runner_drill import paint_drill
from ui.tokens import DARK, blend

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QScreen

    from lablive.feedback.hint import Hint, Target
    from lablive.feedback.offers import Words
    from lablive.feedback.pace import Pace
    from lablive.names import Side
    from ui.runner_drill import DrillCue

# everything is a share of the height, so that 3 m hold on any screen
_MARGIN: Final = 0.05
_SMALL: Final = 0.052
_VALUE: Final = 0.40
_UNIT: Final = 0.13
_BAR_Y: Final = 0.70
_BAR: Final = 0.07
_LEAST: Final = QSize(640, 360)


class RunnerWindow(QWidget):
    """Paints the newest hint; F11 = whole screen, Escape = back to a window.

    Parameters
    ----------
    words
        The runner's language.
    closed
        Called when the window was closed.
    """

    def __init__(self, words: Words, closed: Callable[[], None] | None = None) -> None:
        super().__init__()
        self._words = words
        self._closed = closed
        self._hint: Hint | None = None
        self._elapsed_s = self._planned_s = 0.0
        self._pace: Pace | None = None
        self._drill: DrillCue | None = None
        self.setWindowTitle(say("LabLive: runner"))
        self.setMinimumSize(_LEAST)
        self.resize(1280, 720)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(say("Runner's window"))

    def show_drill(self, cue: DrillCue | None) -> None:
        """Show a drill instead of a value; None = there is none."""
        if cue != self._drill:
            self._drill = cue
            self.setAccessibleDescription(" ".join(cue) if cue else "")
            self.update()

    def show_pace(self, pace: Pace | None) -> None:
        """Show how the metronome is followed; None = there is none."""
        if pace != self._pace and repr(pace) != repr(self._pace):  # NaN is like NaN
            self._pace = pace
            self.update()

    def show_hint(
        self, hint: Hint, elapsed_s: float = 0.0, planned_s: float = 0.0
    ) -> None:
        """Show a hint, and how much of the planned time is over."""
        before = (self._hint, int(self._elapsed_s), self._planned_s)
        self._hint = hint
        self._elapsed_s, self._planned_s = elapsed_s, planned_s
        if not _looks_like(before[0], hint) or before[1:] != (
            int(elapsed_s),
            planned_s,
        ):
            self.setAccessibleDescription(self._spoken(hint))
            self.update()

    def show_nothing(self) -> None:
        """Show that nothing is fed back."""
        self._hint, self._elapsed_s, self._pace = None, 0.0, None
        self.setAccessibleDescription(self._words.waiting)
        self.update()

    def set_words(self, words: Words) -> None:
        """Change the language."""
        self._words = words
        self.update()

    def open_on(self, screens: list[QScreen], own: QScreen) -> None:
        """Open: the whole of another screen, or a window on the only one."""
        others = [screen for screen in screens if screen is not own]
        if others:
            self.setGeometry(others[0].geometry())
            self.showFullScreen()
        else:
            self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change size; every other key goes on to the app."""
        if event.key() == Qt.Key.Key_F11:
            self.showNormal() if self.isFullScreen() else self.showFullScreen()
        elif event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.showNormal()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell the app."""
        event.accept()
        if self._closed is not None:
            self._closed()

    def _spoken(self, hint: Hint) -> str:
        metric = METRICS[hint.target.metric_id]
        return f"{hint.cue}. {value_text(hint.value, hint.target.digits)} {metric.unit}"

    # ------------------------------------------------------------------ paint

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint everything; a few texts and shapes, only when something changed."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(DARK.ground))
        hint = self._hint
        # a screen that is high and narrow is used as one that is wide
        high = min(float(self.height()), self.width() * 0.62)
        page = QRectF(0, (self.height() - high) / 2, self.width(), high)
        if self._drill is not None:
            paint_drill(painter, page, self._drill)
            painter.end()
            return
        self._paint_top(painter, page, hint)
        if hint is None:
            beat = self._beat()
            self._text(
                painter, page, beat or self._words.waiting, _UNIT,
                DARK.ink if beat else DARK.muted, Qt.AlignmentFlag.AlignCenter,
            )  # fmt: skip
        elif not hint.is_shown:
            self._text(
                painter, page, hint.cue, _UNIT, DARK.ink, Qt.AlignmentFlag.AlignCenter
            )
        else:
            self._paint_value(painter, page, hint)
            self._paint_bar(painter, page, hint)
            self._paint_feet(painter, page, hint)
        painter.end()

    def _text(
        self, painter: QPainter, within: QRectF, text: str, share: float,
        colour: str, align: Qt.AlignmentFlag,
    ) -> None:  # fmt: skip
        """Paint one line, smaller if it is too long."""
        page_px = min(float(self.height()), self.width() * 0.62)
        made = _font(share * page_px)
        wide = QFontMetricsF(made).horizontalAdvance(text)
        if wide > within.width() > 0:
            made = _font(share * page_px * within.width() / wide)
        painter.setFont(made)
        painter.setPen(QColor(colour))
        painter.drawText(within, align | Qt.TextFlag.TextSingleLine, text)

    def _number(self, value: float, target: Target, *, signed: bool) -> str:
        """Return a value as the runner's language writes it."""
        text = value_text(value, target.digits, signed=signed)
        return text.replace(".", self._words.decimal)

    def _beat(self) -> str:
        """Return own steps and the metronome's beats per minute, "" = none."""
        if self._pace is None:
            return ""
        own = value_text(self._pace.steps_per_min, 0)
        return f"{own} → {self._pace.beats_per_min:.0f}/min"

    def _paint_top(self, painter: QPainter, page: QRectF, hint: Hint | None) -> None:
        edge = _MARGIN * page.height()
        line = QRectF(
            page.x() + edge, page.y() + edge, page.width() - 2 * edge,
            1.4 * _SMALL * page.height(),
        )  # fmt: skip
        if hint is not None:
            title = self._words.cue[hint.target.metric_id].title
            title = "" if hint.is_shown and title == hint.cue else title
            title = "  ·  ".join(filter(None, (title, self._beat())))
            left = QRectF(line.topLeft(), QSizeF(0.62 * line.width(), line.height()))
            self._text(
                painter, left, title, _SMALL, DARK.muted, Qt.AlignmentFlag.AlignLeft
            )
        if self._planned_s > 0:
            time = f"{elapsed_text(self._elapsed_s)} / {elapsed_text(self._planned_s)}"
        elif self._elapsed_s > 0:
            time = elapsed_text(self._elapsed_s)
        else:
            return
        right = QRectF(line)
        right.setLeft(line.left() + 0.66 * line.width())
        self._text(
            painter, right, time, _SMALL, DARK.muted, Qt.AlignmentFlag.AlignRight
        )

    def _paint_value(self, painter: QPainter, page: QRectF, hint: Hint) -> None:
        high = page.height()
        metric = METRICS[hint.target.metric_id]
        cue = QRectF(page.x(), page.y() + 0.135 * high, page.width(), 0.11 * high)
        edge = _MARGIN * high
        colour = DARK.good if hint.way == "in target" else DARK.ink
        self._text(
            painter, cue.adjusted(edge, 0, -edge, 0), hint.cue, 0.085, colour,
            Qt.AlignmentFlag.AlignCenter,
        )  # fmt: skip
        signed = hint.target.scale[0] < 0
        text = self._number(hint.value, hint.target, signed=signed)
        unit = "" if metric.unit == "1" or text == MISSING else metric.unit
        if unit == "°":
            text, unit = text + unit, ""
        number, small = _font(_VALUE * high, bold=True), _font(_UNIT * high)
        wide = QFontMetricsF(number).horizontalAdvance(text)
        gap = 0.03 * high if unit else 0.0
        unit_wide = QFontMetricsF(small).horizontalAdvance(unit)
        room = page.width() - 2 * edge
        total = wide + gap + unit_wide
        if total > room:
            number, small = (
                _font(share * high * room / total, bold=bold)
                for share, bold in ((_VALUE, True), (_UNIT, False))
            )
            wide, unit_wide = (wide * room / total, unit_wide * room / total)
            total = room
        x, base = page.center().x() - total / 2, page.y() + 0.60 * high
        painter.setPen(QColor(DARK.on_rail))
        painter.setFont(number)
        painter.drawText(QPointF(x, base), text)
        painter.setPen(QColor(DARK.muted))
        painter.setFont(small)
        painter.drawText(QPointF(x + total - unit_wide, base), unit)

    def _paint_bar(self, painter: QPainter, page: QRectF, hint: Hint) -> None:
        high, target = page.height(), hint.target
        side = 0.105 * page.width()
        bar = QRectF(
            page.x() + side, page.y() + _BAR_Y * high, page.width() - 2 * side,
            _BAR * high,
        )  # fmt: skip
        round_px = bar.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(blend(DARK.ink, DARK.ground, 0.14)))
        painter.drawRoundedRect(bar, round_px, round_px)
        inside = self._target_part(bar, target)
        painter.save()
        whole = QPainterPath()
        whole.addRoundedRect(bar, round_px, round_px)
        painter.setClipPath(whole)
        painter.fillRect(inside, QColor(blend(DARK.good, DARK.ground, 0.62)))
        painter.restore()
        ends = QRectF(bar)
        ends.translate(0, 1.15 * bar.height())
        ends.setHeight(1.5 * _SMALL * high)
        text = self._words.cue[target.metric_id]
        for word, align, is_target in (
            (text.less, Qt.AlignmentFlag.AlignLeft, inside.left() <= bar.left()),
            (text.more, Qt.AlignmentFlag.AlignRight, inside.right() >= bar.right()),
        ):
            said = self._words.target if is_target else word
            colour = DARK.good if is_target else DARK.muted
            half = QRectF(ends)
            half.setWidth(0.48 * ends.width())
            if align == Qt.AlignmentFlag.AlignRight:
                half.moveRight(ends.right())
            self._text(painter, half, said, 0.042, colour, align)
        if bar.left() < inside.left() and inside.right() < bar.right():
            middle = QRectF(ends)
            middle.setWidth(max(inside.width(), 0.2 * bar.width()))
            middle.moveCenter(QPointF(inside.center().x(), ends.center().y()))
            self._text(
                painter, middle, self._words.target, 0.042, DARK.good,
                Qt.AlignmentFlag.AlignHCenter,
            )  # fmt: skip
        if hint.value == hint.value:
            self._paint_mark(painter, bar, hint, inside)

    @staticmethod
    def _x(bar: QRectF, target: Target, value: float) -> float:
        low, high = target.scale
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return bar.left() + share * bar.width()

    def _target_part(self, bar: QRectF, target: Target) -> QRectF:
        part = QRectF(bar)
        if target.low > -float("inf"):
            part.setLeft(self._x(bar, target, target.low))
        if target.high < float("inf"):
            part.setRight(self._x(bar, target, target.high))
        return part

    def _paint_mark(
        self, painter: QPainter, bar: QRectF, hint: Hint, inside: QRectF
    ) -> None:
        radius = 0.68 * bar.height()
        x = self._x(bar, hint.target, hint.value)
        x = min(max(x, bar.left() + radius), bar.right() - radius)
        y = bar.center().y()
        painter.setBrush(QColor(DARK.on_rail))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(x, y), radius, radius)
        if hint.way == "in target":
            tick = QPainterPath(QPointF(x - 0.42 * radius, y))
            tick.lineTo(x - 0.08 * radius, y + 0.34 * radius)
            tick.lineTo(x + 0.48 * radius, y - 0.34 * radius)
            pen = QPen(QColor(blend(DARK.good, DARK.ground, 0.7)), 0.2 * radius)
            painter.strokePath(tick, pen)
            return
        if hint.way == "unknown":
            return
        # the arrow points from the value to the target
        way = -1.0 if hint.way == "lower" else 1.0
        edge = inside.right() if way < 0 else inside.left()
        tip = min(edge, x - 1.7 * radius) if way < 0 else max(edge, x + 1.7 * radius)
        start = x + way * 1.12 * radius
        arrow = QPainterPath(QPointF(start, y))
        arrow.lineTo(tip, y)
        arrow.moveTo(tip - way * 0.42 * radius, y - 0.42 * radius)
        arrow.lineTo(tip, y)
        arrow.lineTo(tip - way * 0.42 * radius, y + 0.42 * radius)
        painter.strokePath(arrow, QPen(QColor(DARK.on_rail), 0.17 * radius))

    def _paint_feet(self, painter: QPainter, page: QRectF, hint: Hint) -> None:
        signed = hint.target.scale[0] < 0
        line = QRectF(
            page.x(), page.y() + 0.885 * page.height(), page.width(),
            1.4 * _SMALL * page.height(),
        )  # fmt: skip
        middle, gap = page.center().x(), 0.05 * page.height()
        feet: tuple[tuple[Side, str, float, str], ...] = (
            ("left", self._words.left, hint.left, DARK.left),
            ("right", self._words.right, hint.right, DARK.right),
        )
        for side, word, value, colour in feet:
            half = QRectF(line)
            text = f"{word} {self._number(value, hint.target, signed=signed)}"
            if side == "left":
                half.setRight(middle - gap)
                align = Qt.AlignmentFlag.AlignRight
                text = f"◀ {text}"
            else:
                half.setLeft(middle + gap)
                align = Qt.AlignmentFlag.AlignLeft
                text = f"{text} ▶"
            self._text(painter, half, text, _SMALL, colour, align)


def _looks_like(before: Hint | None, now: Hint) -> bool:
    """Tell whether nothing that is drawn has changed; NaN is like NaN."""
    if before is None:
        return False
    return repr(_drawn(before)) == repr(_drawn(now))


def _drawn(hint: Hint) -> tuple[object, ...]:
    return hint.target, hint.value, hint.left, hint.right, hint.cue, hint.is_shown


def _font(px: float, *, bold: bool = False) -> QFont:
    made = QFont(theme.FAMILY)
    made.setPixelSize(max(8, round(px)))
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Medium)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
