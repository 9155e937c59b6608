"""Rows of metrics, two lines each: name and verdict, value and what it stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.language import say
from ui.live.spark import paint_spark
from ui.marks import paint_sign, sign_colour
from ui.tokens import BODY_PX, NOTE_PX, STEP_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.steps import Steps
    from ui.marks import Sign
    from ui.tokens import Tokens, Verdict

_SIGN_PX: Final = 14.0
_SPARK_SHARE: Final = 0.36
_LEAST_SPARK_PX: Final = 56.0
_LEAST_TEXT_PX: Final = 44.0


class Row(NamedTuple):
    """One row.

    Attributes
    ----------
    title, lead
        Name, and a number before it ("1").
    value, note
        Second line: the value, and grey words behind it.
    verdict, word
        Sign and word at the right; ``unknown`` with "" draws an empty lamp alone.
    steps
        Drawn as a curve at the right of the second line.
    least
        The smallest range that fills the height of the curve.
    is_grey
        Nothing was measured: all of it is muted.
    tip
        All there is to say, under the pointer.
    """

    title: str
    value: str = ""
    note: str = ""
    verdict: Verdict = "unknown"
    word: str = ""
    lead: str = ""
    steps: Steps | None = None
    least: float = 1.0
    is_grey: bool = False
    tip: str = ""


class RowList(QWidget):
    """Rows below each other, separated by hairlines."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show rows; equal ones are not painted again."""
        fresh = tuple(rows)
        if fresh == self._rows:
            return
        same = len(fresh) == len(self._rows)
        self._rows = fresh
        if not same:
            self.updateGeometry()
        self.setAccessibleDescription(
            "; ".join(
                " ".join(
                    part for part in (it.title, it.value, it.word, it.note) if part
                )
                for it in fresh
            )
        )
        self.update()

    def row_px(self) -> int:
        """Return the height of a row."""
        return 2 * theme.scaled(BODY_PX) + 14

    def sizeHint(self) -> QSize:
        """Return room for every row."""
        return QSize(240, max(1, len(self._rows)) * self.row_px())

    def minimumSizeHint(self) -> QSize:
        """Return the same height; the width is the block's."""
        return QSize(120, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Say all there is of the row under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            number = event.pos().y() // self.row_px()
            tip = self._rows[number].tip if number < len(self._rows) else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that are seen."""
        tokens, high = theme.tokens(), self.row_px()
        seen = event.rect()
        with QPainter(self) as painter:
            for number, row in enumerate(self._rows):
                box = QRectF(0, number * high, self.width(), high)
                if box.bottom() < seen.top() or box.top() > seen.bottom():
                    continue
                if number:
                    line = QRectF(box.left(), box.top(), box.width(), 1)
                    painter.fillRect(line, QColor(tokens.line))
                _paint(painter, box.adjusted(0, 5, -2, -4), row, tokens)


def _paint(painter: QPainter, box: QRectF, row: Row, tokens: Tokens) -> None:
    strong = theme.font(BODY_PX, QFont.Weight.DemiBold)
    middle = Qt.AlignmentFlag.AlignVCenter
    half = box.height() / 2
    first = QRectF(box.left(), box.top(), box.width(), half)
    right = _paint_verdict(painter, first, row, tokens)
    left = first.left()
    if row.lead:
        painter.setFont(strong)
        painter.setPen(QColor(tokens.muted))
        painter.drawText(first, middle, row.lead)
        left += 4 * STEP_PX
    painter.setFont(strong if row.lead else theme.font(BODY_PX))
    painter.setPen(QColor(tokens.muted if row.is_grey else tokens.ink))
    title = say(row.title)
    _write(painter, QRectF(left, first.top(), right - left - 8, half), title)
    second = QRectF(left, box.top() + half, box.right() - left, half)
    if row.steps is not None and row.steps.values:
        wide = second.width() * _SPARK_SHARE
        if wide >= _LEAST_SPARK_PX:
            spark = QRectF(second.right() - wide, second.top() - 2, wide, half + 2)
            paint_spark(painter, spark, row.steps, tokens, row.least)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            second.setRight(spark.left() - 8)
    painter.setFont(strong)
    painter.setPen(QColor(tokens.muted if row.is_grey else tokens.ink))
    painter.drawText(second, middle, row.value)
    if row.value:
        wide = QFontMetricsF(strong).horizontalAdvance(row.value)
        second.setLeft(second.left() + wide + 8)
    painter.setFont(theme.font(NOTE_PX))
    painter.setPen(QColor(tokens.muted))
    _write(painter, second, say(row.note))


def _paint_verdict(painter: QPainter, box: QRectF, row: Row, tokens: Tokens) -> float:
    """Paint sign and word at the right end; return where they begin."""
    sign: Sign = "empty" if row.verdict == "unknown" else row.verdict
    font = theme.font(NOTE_PX, QFont.Weight.DemiBold)
    wide = QFontMetricsF(font).horizontalAdvance(say(row.word)) if row.word else 0.0
    left = box.right() - wide - _SIGN_PX - (6 if row.word else 0)
    top = box.top() + (box.height() - _SIGN_PX) / 2
    paint_sign(painter, sign, QRectF(left, top, _SIGN_PX, _SIGN_PX), tokens)
    painter.setFont(font)
    painter.setPen(QColor(sign_colour(sign, tokens)))
    words = QRectF(left + _SIGN_PX + 6, box.top(), wide + 2, box.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, say(row.word))
    return left


def _write(painter: QPainter, box: QRectF, text: str) -> None:
    """Write a line, cut with an ellipsis when there is no room."""
    metrics = QFontMetricsF(painter.font())
    if box.width() < min(_LEAST_TEXT_PX, metrics.horizontalAdvance(text)):
        return  # two letters and an ellipsis say nothing
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, cut)
