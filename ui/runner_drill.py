"""A drill in the runner's window: what to do, the count-down, the cue, the count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF

from ui import theme
from ui.tokens import DARK

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

# shares of the height, so that 3 m hold on any screen
_TITLE, _BIG, _NOTE = 0.07, 0.46, 0.075
_EDGE: Final = 0.05


class DrillCue(NamedTuple):
    """What the runner sees.

    ``big`` is a count-down, the cue, or the valid repetitions; ``is_go``: the cue.
    """

    title: str
    big: str
    note: str = ""
    is_go: str = ""


def paint_drill(painter: QPainter, page: QRectF, cue: DrillCue) -> None:
    """Paint a drill over the whole page."""
    high, edge = page.height(), _EDGE * page.height()
    line = page.adjusted(edge, edge, -edge, -edge)
    top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
    middle = Qt.AlignmentFlag.AlignCenter
    bottom = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
    _text(painter, line, cue.title, _TITLE * high, DARK.muted, top)
    colour = DARK.good if cue.is_go else DARK.on_rail
    _text(painter, line, cue.big, _BIG * high, colour, middle, bold=True)
    _text(painter, line, cue.note, _NOTE * high, DARK.ink, bottom)


def _text(
    painter: QPainter, within: QRectF, text: str, px: float, colour: str,
    align: Qt.AlignmentFlag, *, bold: bool = False,
) -> None:  # fmt: skip
    """Paint one line, smaller if it is too long."""
    font = _font(px, bold=bold)
    wide = QFontMetricsF(font).horizontalAdvance(text)
    if wide > within.width() > 0:
        font = _font(px * within.width() / wide, bold=bold)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(within, align | Qt.TextFlag.TextSingleLine, text)


def _font(px: float, *, bold: bool) -> QFont:
    made = QFont(theme.FAMILY)
    made.setPixelSize(max(8, round(px)))
    made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Medium)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made
