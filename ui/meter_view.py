"""Meters: what moves now as bars with a mark where it should be; never colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.marks import paint_side, paint_sign
from ui.numbers import value_text
from ui.tokens import BODY_PX, HEADING_PX, NOTE_PX, VALUE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.protocol.gate_meter import Meter
    from ui.marks import Sign

_ROW_PX: Final = 34
_TALLEST_PX: Final = 92  # few meters are large: they are read from the belt
_LARGE_PX: Final = 64  # a row from this height on has the large numbers
_BAR_SHARE: Final = 0.22  # of a row
_SIGN_PX: Final = 16
_SPACE_PX: Final = 10
_COLUMN_PX: Final = 340  # a second column from twice this width on, when rows are many
_MANY: Final = 5
_WIDEST_PX: Final = 1200  # on a large screen numbers stay beside their names


class MeterView(QWidget):
    """Rows of meters; the same room is kept while their number stays."""

    def __init__(self) -> None:
        super().__init__()
        self._meters: tuple[Meter, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMaximumWidth(_WIDEST_PX)

    def show_meters(self, meters: Sequence[Meter]) -> None:
        """Show values; a picture is drawn only when one has changed."""
        if tuple(meters) == self._meters:
            return
        other = [it.name for it in meters] != [it.name for it in self._meters]
        self._meters = tuple(meters)
        self.setAccessibleName("; ".join(_said(meter) for meter in meters))
        if other:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for every row at its largest."""
        return QSize(_COLUMN_PX, self._rows() * theme.scaled(_TALLEST_PX))

    def minimumSizeHint(self) -> QSize:
        """Return room for every row at its smallest: no meter is cut."""
        return QSize(240, self._rows() * theme.scaled(_ROW_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        if not self._meters:
            return
        columns, rows = self._columns(), self._rows()
        tall = min(theme.scaled(_TALLEST_PX), self.height() / rows)
        wide = (self.width() - (columns - 1) * 2 * _SPACE_PX) / columns
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            names = QFontMetrics(theme.font(BODY_PX))
            widest = max(names.horizontalAdvance(say(it.name)) for it in self._meters)
            for number, meter in enumerate(self._meters):
                column, row = divmod(number, rows)
                left = column * (wide + 2 * _SPACE_PX)
                box = QRectF(left, row * tall, wide, tall)
                self._draw(painter, meter, box, min(widest + 30, wide * 0.45))

    def _draw(self, painter: QPainter, meter: Meter, box: QRectF, name: float) -> None:
        found = theme.tokens()
        middle = box.center().y()
        left = box.left()
        if meter.side is not None:
            paint_side(painter, meter.side, QRectF(left, middle - 5, 10, 10), found)
        painter.setFont(theme.font(BODY_PX))
        painter.setPen(QColor(found.ink))
        words = QRectF(left + 18, box.top(), name - 18, box.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, say(meter.name))
        large = box.height() >= theme.scaled(_LARGE_PX)
        digits = theme.font(VALUE_PX if large else HEADING_PX, QFont.Weight.DemiBold)
        numbers = QFontMetrics(digits)
        thick = round(box.height() * _BAR_SHARE)
        units = QFontMetrics(theme.font(NOTE_PX))
        value_px = numbers.horizontalAdvance("0000.0") + 4
        unit_px = max(units.horizontalAdvance(it.unit) for it in self._meters) + 6
        right = box.right() - (_SIGN_PX + _SPACE_PX)
        bar = QRectF(
            left + name, middle - thick / 2,
            max(right - value_px - unit_px - _SPACE_PX - left - name, 20.0), thick,
        )  # fmt: skip
        self._bar(painter, meter, bar)
        painter.setFont(digits)
        painter.setPen(QColor(found.ink))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        at = right - unit_px
        value = QRectF(at - value_px, box.top(), value_px, box.height())
        painter.drawText(value, int(flags), _value(meter))
        painter.setFont(theme.font(NOTE_PX))
        painter.setPen(QColor(found.muted))
        unit = QRectF(at + 5, box.top(), unit_px, box.height())
        painter.drawText(unit, Qt.AlignmentFlag.AlignVCenter, meter.unit)
        sign = _sign(meter)
        if sign is not None:
            mark = QRectF(
                box.right() - _SIGN_PX, middle - _SIGN_PX / 2, _SIGN_PX, _SIGN_PX
            )
            paint_sign(painter, sign, mark, found)

    def _bar(self, painter: QPainter, meter: Meter, bar: QRectF) -> None:
        found = theme.tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(found.line))
        painter.drawRoundedRect(bar, 4, 4)
        if meter.value == meter.value and meter.top > 0:
            share = min(max(meter.value / meter.top, 0.0), 1.0)
            ink = {None: found.accent, True: found.good, False: found.caution}
            colour = ink[meter.is_good]
            if meter.is_good is None and meter.side is not None:
                colour = found.left if meter.side == "left" else found.right
            painter.setBrush(QColor(colour))
            filled = QRectF(bar.left(), bar.top(), bar.width() * share, bar.height())
            painter.drawRoundedRect(filled, 4, 4)
        if meter.wanted and 0 < meter.limit <= meter.top:
            x = bar.left() + bar.width() * meter.limit / meter.top
            painter.setPen(QPen(QColor(found.ink), 2))
            painter.drawLine(QPointF(x, bar.top() - 4), QPointF(x, bar.bottom() + 4))

    def _columns(self) -> int:
        many = len(self._meters) > _MANY
        return 2 if many and self.width() >= 2 * _COLUMN_PX * 0.85 else 1

    def _rows(self) -> int:
        columns = self._columns()
        return max(1, (len(self._meters) + columns - 1) // columns)


def _value(meter: Meter) -> str:
    digits = 0 if abs(meter.value) >= 100 or meter.unit in ("N", "counts") else 1
    return value_text(meter.value if meter.value == meter.value else None, digits)


def _sign(meter: Meter) -> Sign | None:
    if not meter.wanted:
        return None
    return {None: "empty", True: "good", False: "caution"}[meter.is_good]  # pyright: ignore[reportReturnType]


def _said(meter: Meter) -> str:
    judged = {None: "", True: ", good", False: ", not yet"}[meter.is_good]
    return f"{meter.name} {_value(meter)} {meter.unit}{judged}"
