"""The pyqtgraph part of a strip chart: view, axes, cursor, pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QGraphicsItem

from ui import theme
from ui.strip_item import AxisText, StripAxis, StripItem
from ui.strip_scale import nice_step, tick_text, ticks
from ui.tokens import NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from ui.strip_item import Canvas
    from ui.strip_layout import CurveStyle

_TIME_LABEL_EVERY_PX: Final = 120
_CACHED: Final = QGraphicsItem.CacheMode.DeviceCoordinateCache


LEAST_AXIS_PX, _MOST_AXIS_PX = 44, 150


def axis_px(curves: Sequence[CurveStyle]) -> int:
    """Return how wide the names and ranges of stacked curves are written."""
    strong = QFontMetrics(theme.font(NOTE_PX, QFont.Weight.DemiBold))
    named = [curve for curve in curves if curve.over is None]
    widest = [f"±0.25 {curve.unit}" for curve in named]
    widest += [curve.label for curve in named]
    wide = max(strong.horizontalAdvance(text) + 12 for text in widest)
    return min(max(LEAST_AXIS_PX, wide), _MOST_AXIS_PX)


class StripPlot(pg.PlotWidget):
    """One view that shows a canvas's picture between two times.

    Signals: ``pointed`` (time on the axis under the mouse), ``dragged`` (the user
    moved the cursor to this time).
    """

    pointed = Signal(float)
    dragged = Signal(float)

    def __init__(self, canvas: Canvas, parent: QWidget | None = None) -> None:
        self._value_axis, self._time_axis = StripAxis("left"), StripAxis("bottom")
        axes = {"left": self._value_axis, "bottom": self._time_axis}
        super().__init__(parent, axisItems=axes, enableMenu=False)
        plot: Any = self.getPlotItem()
        plot.hideButtons()
        plot.setContentsMargins(0, 0, 0, 0)
        self._view: Any = plot.getViewBox()
        self._view.setMouseEnabled(x=False, y=False)
        self._view.disableAutoRange()
        self._view.sigResized.connect(self._label_time)
        for axis in (self._value_axis, self._time_axis):
            axis.setCacheMode(_CACHED)  # scrolling must not write them again
        self._picture = StripItem(canvas, self._view)
        self._view.sigResized.connect(self._picture.follow_view)
        self._cursor: Any = pg.InfiniteLine(angle=90, movable=True)
        self._cursor.setZValue(10)
        self._cursor.sigDragged.connect(self._cursor_dragged)
        self._view.addItem(self._cursor, ignoreBounds=True)
        scene: Any = self.scene()
        scene.sigMouseMoved.connect(self._mouse_moved)
        scene.sigMouseClicked.connect(self._mouse_clicked)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._span = (0.0, 1.0)
        self._origin_s = 0.0
        self._live = True

    def set_span(
        self, left_s: float, right_s: float, origin_s: float, *, live: bool
    ) -> None:
        """Show ``left_s`` to ``right_s``; ``origin_s`` is written as 0 or "now"."""
        self._span, self._origin_s, self._live = (left_s, right_s), origin_s, live
        self._view.setRange(xRange=self._span, yRange=(0, 1), padding=0)
        self._cursor.setVisible(not live)
        self._cursor.setBounds(self._span)
        self._label_time()
        self.redraw()

    def set_cursor(self, t_s: float) -> None:
        """Move the cursor."""
        if self._cursor.value() != t_s:
            self._cursor.setValue(t_s)

    def set_value_texts(self, texts: Sequence[AxisText]) -> None:
        """Label the value axis."""
        self._value_axis.set_texts(texts)

    def show_time(self, *, shown: bool) -> None:
        """Show or hide the time axis."""
        if self._time_axis.isVisible() != shown:
            plot: Any = self.getPlotItem()
            plot.showAxis("bottom", shown)

    def redraw(self) -> None:
        """Copy the picture again with the next paint."""
        self._picture.update()

    def dress(self, axis_px: int) -> None:
        """Take colours and sizes from the theme in force."""
        found = theme.tokens()
        self.setBackground(QColor(found.card))
        self._cursor.setPen(pg.mkPen(found.ink, width=1))
        self._cursor.setHoverPen(pg.mkPen(found.accent, width=2))
        self._value_axis.setWidth(axis_px)
        self._time_axis.setHeight(theme.scaled(NOTE_PX) + 8)
        self._value_axis.update()
        self._time_axis.update()
        self._label_time()

    def _label_time(self) -> None:
        """Label the time axis: seconds ago, or seconds of the trial."""
        width = float(self._view.width())
        most = max(2, int(width / _TIME_LABEL_EVERY_PX))
        left, right = self._span
        values = ticks(left - self._origin_s, right - self._origin_s, most)
        step = nice_step(right - left, most)
        texts: list[AxisText] = []
        for value in values:
            now = self._live and value == 0
            text = "now" if now else f"{tick_text(value, step)} s"
            share = (value + self._origin_s - left) / (right - left)
            texts.append(AxisText(share * width, text))
        self._time_axis.set_texts(texts)

    def _time_under(self, scene: QPointF) -> float | None:
        if not self._view.sceneBoundingRect().contains(scene):
            return None
        return float(self._view.mapSceneToView(scene).x())

    def _mouse_moved(self, scene: QPointF) -> None:
        t_s = self._time_under(scene)
        if t_s is not None:
            self.pointed.emit(t_s)

    def _mouse_clicked(self, event: Any) -> None:
        t_s = self._time_under(event.scenePos())
        if t_s is not None and not self._live:
            self._cursor.setValue(t_s)
            self.dragged.emit(t_s)

    def _cursor_dragged(self) -> None:
        self.dragged.emit(float(self._cursor.value()))
