"""The tile: a number with all that qualifies it, or the last steps as a curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ui import theme
from ui.language import say
from ui.live.spark import paint_spark, spark_range
from ui.numbers import MISSING, used_text, value_text
from ui.signs import VerdictChip
from ui.tokens import NOTE_PX, blend
from ui.widgets import ElidedLabel, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.steps import Steps
    from ui.tokens import Verdict

_BAR_PX: Final = 6.0
_POINTER_PX: Final = 7.0
_FAINT: Final = 0.28
_LEAST_CURVE_PX, _FOOT_PX = 48, 9
NO_STEPS: Final = "of many steps together: no single step has this number"


class Zone(NamedTuple):
    """A range of values with its verdict."""

    low: float
    high: float
    verdict: Verdict


class TileValue(NamedTuple):
    """What a tile shows.

    Attributes
    ----------
    value
        The number; None or NaN is missing, and ``reason`` says why.
    verdict, word
        Verdict with another word than its own ("close"), if any.
    left, right
        Values of the sides, if known apart.
    used, total
        Steps the value stands on, of all.
    note
        More about the value ("asymmetry +1.6 % (right longer)").
    reason
        Why the value is missing, or cannot be trusted.
    old
        Of how long ago the value is ("no step measured for 5 s"): no verdict then.
    target
        What is good and on which evidence ("±4 lab default"), beside the name.
    """

    value: float | None
    verdict: Verdict = "info"
    word: str = ""
    left: float | None = None
    right: float | None = None
    used: int = 0
    total: int = 0
    note: str = ""
    reason: str = ""
    old: str = ""
    target: str = ""


class TileCurve(QWidget):
    """The other face: the last steps, left solid and right dashed."""

    def __init__(self, digits: int) -> None:
        super().__init__()
        self._digits = digits
        self._steps: Steps | None = None
        self.setMinimumHeight(32)

    def set_steps(self, steps: Steps | None) -> None:
        """Show steps; equal ones are not painted again."""
        if steps != self._steps:
            self._steps = steps
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the curve, or say why there is none."""
        found = theme.tokens()
        with QPainter(self) as painter:
            if self._steps is not None and self._steps.values:
                self._paint(painter, self._steps)
                return
            why = "no steps yet" if self._steps is None else NO_STEPS
            painter.setFont(theme.font(NOTE_PX))
            painter.setPen(QColor(found.muted))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()), int(flags), say(why))

    def _paint(self, painter: QPainter, steps: Steps) -> None:
        """Paint the curve with the ends of its scale."""
        found, least = theme.tokens(), 10.0 ** (1 - self._digits)
        painter.setFont(theme.font(NOTE_PX))
        painter.setPen(QColor(found.muted))
        room = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        low, high = spark_range(steps, least)
        texts = [value_text(value, self._digits) for value in (high, low)]
        wide = max(painter.fontMetrics().horizontalAdvance(it) for it in texts) + 6.0
        ends = (Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom)
        for text, end in zip(texts, ends, strict=True):
            painter.drawText(room, end | Qt.AlignmentFlag.AlignLeft, text)
        paint_spark(painter, room.adjusted(wide, 0, 0, 0), steps, found, least)


class BandBar(QWidget):
    """Zones of a scale, muted but for the one the value is in, and a pointer."""

    def __init__(self, zones: Sequence[Zone], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._zones = tuple(zones)
        self._value: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(220)

    def set_value(self, value: float | None) -> None:
        """Point at a value; None or NaN hides the pointer."""
        known = value is not None and math.isfinite(value)
        shown = value if known else None
        if shown != self._value:
            self._value = shown
            self.update()

    def sizeHint(self) -> QSize:
        """Return room for bar and pointer."""
        return QSize(150, int(_BAR_PX + _POINTER_PX) + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the zones as one rounded bar, and the pointer under it."""
        found = theme.tokens()
        low, high = self._zones[0].low, self._zones[-1].high
        inset, width = _POINTER_PX / 2, self.width() - _POINTER_PX

        def place(value: float) -> float:
            share = (value - low) / (high - low)
            return inset + min(max(share, 0.0), 1.0) * width

        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            whole = QPainterPath()
            whole.addRoundedRect(QRectF(inset, 0, width, _BAR_PX), 3, 3)
            painter.setClipPath(whole)
            for zone in self._zones:
                left, right = place(zone.low), place(zone.high)
                colour = found.verdict(zone.verdict)
                if not self._in(zone):
                    colour = blend(colour, found.card, _FAINT)
                painter.fillRect(QRectF(left, 0, right - left, _BAR_PX), QColor(colour))
            painter.setClipping(False)
            if self._value is not None:
                tip, half = place(self._value), _POINTER_PX / 2
                top, bottom = _BAR_PX, _BAR_PX + _POINTER_PX
                corners = [
                    QPointF(tip, top - 1),
                    QPointF(tip + half, bottom),
                    QPointF(tip - half, bottom),
                ]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(found.ink))
                painter.drawPolygon(QPolygonF(corners))

    def _in(self, zone: Zone) -> bool:
        if self._value is None:
            return False
        value = min(max(self._value, self._zones[0].low), self._zones[-1].high)
        last = zone is self._zones[-1]
        return zone.low <= value < zone.high or (last and value == zone.high)


class Tile(QFrame):
    """One measured quantity as people read it; ``flipped``: a person turned it over.

    Parameters
    ----------
    name
        The quantity ("Contact time").
    unit
        Its unit.
    digits
        Decimals shown.
    zones
        Bands of the scale from low to high, if there are any.
    signed
        Always show the sign (changes against a baseline).
    """

    flipped = Signal()

    def __init__(
        self,
        name: str,
        unit: str,
        digits: int = 0,
        *,
        zones: Sequence[Zone] = (),
        signed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.name, self.unit = name, unit
        self._digits, self._signed = digits, signed
        self._name = ElidedLabel(name)
        self._target = label("", "note")
        self._chip = VerdictChip()
        self._value = label(MISSING, "value")
        self._unit = label(unit, "muted")
        self._bar: BandBar | None = None
        self._details = label("", "note")  # sides, note, steps; or why it is missing
        self._details.setWordWrap(True)
        figures = QHBoxLayout()
        figures.setSpacing(6)
        figures.addWidget(self._value, 0, Qt.AlignmentFlag.AlignBaseline)
        figures.addWidget(self._unit, 0, Qt.AlignmentFlag.AlignBaseline)
        figures.addStretch(1)
        figures.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignVCenter)
        self._curve = TileCurve(digits)
        self._curve.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 6)
        box.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._name, 1)
        head.addWidget(self._target, 0, Qt.AlignmentFlag.AlignBaseline)
        box.addLayout(head)
        box.addLayout(figures)
        box.addWidget(self._details)
        box.addWidget(self._curve)
        self._box = box
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(say("Click, or Enter: the last steps as a curve, and back"))
        self.set_zones(zones)
        self.show_value(TileValue(None, "unknown", reason="no steps yet"))

    def set_zones(self, zones: Sequence[Zone]) -> None:
        """Give a tile its scale, once it is known; it keeps the one it has."""
        if zones and self._bar is None:
            self._bar = BandBar(zones)
            self._box.insertWidget(self._box.indexOf(self._details), self._bar)
            self._bar.setHidden(self.shows_curve)  # not before: it would be a window

    @property
    def shows_curve(self) -> bool:
        """Whether the curve is up."""
        return not self._curve.isHidden()

    def show_face(self, *, curve: bool) -> None:
        """Turn up the curve or the number."""
        if curve == self.shows_curve:
            return
        # the tiles below stay where they are
        high_px = self.height() - self._name.geometry().bottom() - _FOOT_PX
        self._curve.setFixedHeight(max(_LEAST_CURVE_PX, high_px))
        number = (self._value, self._unit, self._chip, self._details, self._target)
        for part in (*number, *([self._bar] if self._bar else [])):
            part.setHidden(curve)
        self._curve.setVisible(curve)
        if not curve:
            self._show_chip()
        self._show_name()

    def set_steps(self, steps: Steps | None) -> None:
        """Take the last steps for the curve."""
        self._curve.set_steps(steps)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Flip."""
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.rect().contains(event.position().toPoint()):
            self._flip()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Flip by Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._flip()
        else:
            super().keyPressEvent(event)

    def _flip(self) -> None:
        self.show_face(curve=not self.shows_curve)
        self.flipped.emit()

    def rename(self, name: str) -> None:
        """Say what the quantity is of now ("Peak force, in-shoe")."""
        self.name = name
        self._show_name()

    def show_value(self, shown: TileValue) -> None:
        """Show a value with all that qualifies it."""
        text = value_text(shown.value, self._digits, signed=self._signed)
        missing = text == MISSING
        tight = self.unit == "°"  # written at the number, as in print
        self._value.setText(f"{text}°" if tight and not missing else text)
        unknown = missing or bool(shown.old)
        verdict = "unknown" if unknown else shown.verdict
        self._value.setEnabled(not unknown)
        self._unit.setText("" if missing or tight else say(self.unit))
        self._chip.set_verdict(verdict, "" if unknown else shown.word)
        if self._bar is not None:  # no verdict here: the zones do not hold now
            judged = verdict in ("good", "caution", "poor")
            self._bar.set_value(shown.value if judged else None)
        self._show_chip()
        steps = used_text(shown.used, shown.total) if shown.total else ""
        self._target.setText(say(shown.target))
        words = (shown.old, self._sides_text(shown), shown.reason, steps)
        details = " · ".join(part for part in words if part)
        self._details.setText(say(details))
        told = " · ".join(part for part in (details, shown.target) if part)
        self._show_name()
        said = f"{self.name}: {text} {'' if missing else self.unit}".rstrip()
        self.setAccessibleName(f"{said}, {self._chip.word()}")
        self.setAccessibleDescription(told)

    def value_shown(self) -> str:
        """Return the number as written."""
        return self._value.text()

    def _show_chip(self) -> None:
        """Show the verdict of a number; a dash says it itself."""
        self._chip.setHidden(self.shows_curve or self.value_shown() == MISSING)

    def _show_name(self) -> None:
        """Name the tile; over a curve with its value."""
        value = f"{self._value.text()} {self._unit.text()}".rstrip()
        self._name.set_text(f"{self.name} · {value}" if self.shows_curve else self.name)

    def _sides_text(self, shown: TileValue) -> str:
        parts = [
            f"{letter} {value_text(value, self._digits, signed=self._signed)}"
            for letter, value in (("L", shown.left), ("R", shown.right))
            if value is not None
        ]
        return " · ".join([*parts, shown.note] if shown.note else parts)
