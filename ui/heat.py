"""Pressure to colour: one scale per theme, and its legend."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QLinearGradient, QPainter, QPen
from PySide6.QtWidgets import QWidget

from ui import theme
from ui.language import say
from ui.strip_scale import nice_step, tick_text
from ui.tokens import NOTE_PX, THEMES, rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent

    from ui.tokens import ThemeName

LEVELS: Final = 256
_BAR_PX: Final = (120.0, 9.0)


@cache
def heat_table(name: ThemeName) -> NDArray[np.uint32]:
    """Return the colours of the levels 0 to 255 as 0xFFRRGGBB, shape (256,)."""
    stops = np.array([rgb(stop) for stop in THEMES[name].heat], float)
    at = np.linspace(0, len(stops) - 1, LEVELS)
    parts = [np.interp(at, np.arange(len(stops)), stops[:, k]) for k in range(3)]
    return _pack(np.rint(parts))


@cache
def stale_table(name: ThemeName) -> NDArray[np.uint32]:
    """Return the same scale without colour: what is shown is not now."""
    colours = heat_table(name)
    parts = np.array([colours >> shift & 255 for shift in (16, 8, 0)], float)
    grey = np.rint(parts.T @ (0.299, 0.587, 0.114))
    return _pack(np.array([grey, grey, grey]))


def levels(values: NDArray[np.floating], full: float) -> NDArray[np.intp]:
    """Return the level 0 to 255 of values; a missing value (NaN) counts as 0."""
    share = np.clip(np.asarray(values, float) / full, 0, 1)
    share = np.where(np.isnan(share), 0, share)
    return np.rint(share * (LEVELS - 1)).astype(np.intp)


def full_scale(highest: float, least: float) -> float:
    """Return a round end of the scale not below ``highest`` and ``least``."""
    if not np.isfinite(highest) or highest <= least:
        return least
    step = nice_step(highest, 4)
    return float(np.ceil(highest / step - 1e-9) * step)


def _pack(parts: NDArray[np.floating]) -> NDArray[np.uint32]:
    red, green, blue = parts.astype(np.uint32)
    return np.uint32(0xFF000000) | red << 16 | green << 8 | blue


class HeatScale(QWidget):
    """Legend of the colours: nothing to full, with the unit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full, self._unit = 1.0, ""

    def set_full(self, full: float) -> None:
        """Set the value of the last colour."""
        if full != self._full:
            self._full = full
            self._changed()

    def set_unit(self, unit: str) -> None:
        """Set the unit of the values."""
        self._unit = unit
        self._changed()

    def text(self) -> str:
        """Return both ends of the scale with the unit."""
        end = tick_text(self._full, nice_step(self._full, 4))
        return f"0 – {end} {self._unit}"

    def sizeHint(self) -> QSize:
        """Return room for the bar and the words under it."""
        metrics = QFontMetrics(theme.font(NOTE_PX))
        wide = max(int(_BAR_PX[0]), metrics.horizontalAdvance(self.text()) + 2)
        return QSize(wide, int(_BAR_PX[1]) + metrics.height() + 5)

    def minimumSizeHint(self) -> QSize:
        """Return the same: a scale without its unit says nothing."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, its ends and unit under it."""
        found = theme.tokens()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            wide, tall = _BAR_PX
            top = (self.height() - self.sizeHint().height()) / 2
            bar = QRectF(0.5, top + 0.5, min(wide, self.width() - 1.0), tall)
            gradient = QLinearGradient(bar.topLeft(), bar.topRight())
            for number, stop in enumerate(found.heat):
                gradient.setColorAt(number / (len(found.heat) - 1), QColor(stop))
            painter.setPen(QPen(QColor(found.mark), 1))
            painter.setBrush(gradient)
            painter.drawRoundedRect(bar, 3, 3)
            painter.setFont(theme.font(NOTE_PX))
            painter.setPen(QColor(found.muted))
            words = QRectF(0, bar.bottom() + 3, self.width(), 40)
            painter.drawText(words, Qt.AlignmentFlag.AlignTop, self.text())

    def _changed(self) -> None:
        self.setAccessibleName(say(f"Colour scale {self.text()}"))
        self.updateGeometry()
        self.update()
