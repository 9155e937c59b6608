"""Values of a repetition or set: number, limits as a drawn band, sign and word."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui import theme
from ui.marks import paint_sign, sign_colour
from ui.tokens import BODY_PX, NOTE_PX, TITLE_PX, blend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.drills.sight import ScoreSight
    from ui.marks import Sign
    from ui.tokens import Tokens

_SHARES: Final = (30, 20, 20, 20, 12)  # label, number, band, limit, word
_SIGN_PX: Final = 14.0
_BAND_PX: Final = 8.0
_QUIET, _BRIGHT = 0.30, 1.0  # of a band's colour: every part, and that of the value


class ScoreTable(QWidget):
    """One line for each value that is judged; those only shown share the last line."""

    def __init__(self) -> None:
        super().__init__()
        self._scores: tuple[ScoreSight, ...] = ()
        self._shown: tuple[ScoreSight, ...] = ()  # without limits
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def lines(self) -> tuple[ScoreSight, ...]:
        """What is judged, line by line."""
        return self._scores

    def show_scores(self, scores: Sequence[ScoreSight]) -> None:
        """Show values; equal ones are not painted again."""
        judged = tuple(it for it in scores if it.limit)
        others = tuple(it for it in scores if not it.limit)
        if repr((judged, others)) == repr((self._scores, self._shown)):
            return
        self._scores, self._shown = judged, others
        self.updateGeometry()
        self.setAccessibleDescription("; ".join(_said(it) for it in scores))
        self.update()

    def line_px(self) -> int:
        """Return the height of a line."""
        return theme.scaled(TITLE_PX) + 14

    def sizeHint(self) -> QSize:
        """Return room for every line."""
        few = math.ceil(len(self._shown) / 2)
        return QSize(420, len(self._scores) * self.line_px() + few * self._few_px())

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Say why there is no number, and how sure a limit is."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = event.pos().y() // self.line_px()
            inside = 0 <= at < len(self._scores)
            tip = _said(self._scores[at]) if inside else ""
            QToolTip.showText(event.globalPos(), tip, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint every line."""
        tokens, high = theme.tokens(), self.line_px()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for row, it in enumerate(self._scores):
                top = row * high
                painter.fillRect(QRectF(0, top, self.width(), 1), QColor(tokens.line))
                self._paint(painter, top, it, tokens)
            top = len(self._scores) * high
            painter.fillRect(QRectF(0, top, self.width(), 1), QColor(tokens.line))
            self._paint_shown(painter, top, tokens)

    def _few_px(self) -> int:
        return theme.scaled(BODY_PX) + 11

    def _cell(self, column: int, top: float) -> QRectF:
        whole = sum(_SHARES)
        left = self.width() * sum(_SHARES[:column]) / whole
        wide = self.width() * _SHARES[column] / whole
        return QRectF(left, top, wide - 12, self.line_px())

    def _paint(
        self, painter: QPainter, top: float, it: ScoreSight, tokens: Tokens
    ) -> None:
        painter.setFont(theme.font(BODY_PX))
        painter.setPen(QColor(tokens.ink))
        _write(painter, self._cell(0, top), it.label)
        known = bool(it.number)
        painter.setFont(theme.font(TITLE_PX, QFont.Weight.Bold))
        painter.setPen(QColor(tokens.ink if known else tokens.muted))
        _write(painter, self._cell(1, top), f"{_true(it.number)} {it.unit}"
               if known else "—")  # fmt: skip
        self._paint_band(painter, self._cell(2, top), it, tokens)
        painter.setFont(theme.font(BODY_PX))
        painter.setPen(QColor(tokens.muted))
        _write(painter, self._cell(3, top), it.limit)
        box = self._cell(4, top)
        sign: Sign = it.verdict or "empty"
        place = QRectF(box.left(), box.center().y() - _SIGN_PX / 2, _SIGN_PX, _SIGN_PX)
        paint_sign(painter, sign, place, tokens)
        painter.setPen(QColor(sign_colour(sign, tokens)))
        box.setLeft(box.left() + _SIGN_PX + 6)
        _write(painter, box, it.verdict or "no value")

    def _paint_band(
        self, painter: QPainter, box: QRectF, it: ScoreSight, tokens: Tokens
    ) -> None:
        """Paint the scale muted, the part of the value bright, a mark above it."""
        if not it.parts:
            return
        y = box.center().y() + 2
        for part in it.parts:
            inside = part.begin <= it.at <= part.end
            share = _BRIGHT if inside else _QUIET
            colour = tokens.verdict(part.colour or "unknown")
            left = box.left() + part.begin * box.width()
            wide = (part.end - part.begin) * box.width() - 1
            place = QRectF(left, y, wide, _BAND_PX)
            painter.fillRect(place, QColor(blend(colour, tokens.card, share)))
        if math.isfinite(it.at):
            x = box.left() + it.at * box.width()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.ink))
            tip = QPointF(x, y + 1)
            corners = [tip, tip + QPointF(-5, -8), tip + QPointF(5, -8)]
            painter.drawPolygon(QPolygonF(corners))

    def _paint_shown(self, painter: QPainter, top: float, tokens: Tokens) -> None:
        """Write the values without limits, two in a line."""
        half, high = self.width() / 2, self._few_px()
        for at, it in enumerate(self._shown):
            row, column = divmod(at, 2)
            box = QRectF(column * half, top + row * high, half - 12, high)
            painter.setFont(theme.font(NOTE_PX))
            painter.setPen(QColor(tokens.muted))
            _write(painter, box, it.label)
            box.setLeft(box.left() + 0.56 * half)
            painter.setFont(theme.font(BODY_PX, QFont.Weight.DemiBold))
            painter.setPen(QColor(tokens.ink if it.number else tokens.muted))
            said = f"{_true(it.number)} {_unit(it)}" if it.number else "—"
            _write(painter, box, said)


def _unit(it: ScoreSight) -> str:
    return "" if it.unit == "1" else it.unit


def _true(number: str) -> str:
    """Return a number with a true minus sign, nought without one."""
    return (number.lstrip("-") if not float(number) else number).replace("-", "−")


def _said(it: ScoreSight) -> str:
    if not it.number:
        return f"{it.label}: {it.why}"
    grade = f", evidence {it.evidence}" if it.evidence else ""
    limit = f", {it.limit}{grade}" if it.limit else ""
    return f"{it.label} {it.number} {_unit(it)}{limit} {it.verdict}".strip()


def _write(painter: QPainter, box: QRectF, text: str) -> None:
    metrics = QFontMetricsF(painter.font())
    cut = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(box, side, cut)
