"""Live curves that scroll, and the same curves of a recorded window with a cursor.

pyqtgraph keeps the view, the axes and the cursor; the curves are one picture
(:mod:`ui.strip_raster`) to which only new screen columns are added.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.language import say
from ui.strip_history import StripHistory
from ui.strip_item import BandText, Mark
from ui.strip_layout import CurveStyle, lane_numbers, lay_out
from ui.strip_legend import StripLegend
from ui.strip_plot import LEAST_AXIS_PX, StripPlot, axis_px
from ui.strip_raster import StripRaster
from ui.strip_scale import Band, SteadyRange, nice_step, steady_ranges, tick_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QHideEvent, QResizeEvent

    from ui.strip_envelope import Floats, Values

_LINE_PX: Final = 1.5
_KEEP: Final = 1.6  # rows kept, in windows
_LOOK_EVERY_S: Final = 0.5
_READ_EVERY_S: Final = 0.2
_LEGEND_FROM_PX, _TIME_FROM_PX = 120, 96


class StripChart(QWidget):
    """Curves over the last ``window_s`` seconds, or over a recorded window.

    Parameters
    ----------
    curves
        Styles, in drawing order.
    window_s
        Time across the chart.
    y_range
        The least range shown: one (low, high) for all curves, or one per lane when
        stacked. It grows at once when data pass it and shrinks late, in round steps.
    unit
        Unit of the common axis.
    stacked
        One lane per curve instead of one axis for all (``CurveStyle.over``: shared).
    """

    cursor_moved = Signal(float)

    def __init__(
        self,
        curves: Sequence[CurveStyle],
        window_s: float,
        y_range: tuple[float, float] | Sequence[tuple[float, float]],
        unit: str = "",
        *,
        stacked: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        if not curves:
            raise ValueError("a strip chart needs at least one curve")
        if not window_s > 0:
            raise ValueError(f"window_s must be above 0, got {window_s}")
        self.curves, self.window_s, self.unit = tuple(curves), window_s, unit
        self._stacked = stacked
        self._lanes = lane_numbers(self.curves) if stacked else [0] * len(self.curves)
        self._ranges = steady_ranges(y_range, max(self._lanes) + 1)
        self._histories: dict[int, StripHistory] = {}
        self._raster: StripRaster | None = None
        self._ratio = 1.0
        self._end_s: float | None = None
        self._looked_s = self._read_s = -math.inf
        self._replay: tuple[float, float] | None = None
        self._origin_s = 0.0
        self._bands: tuple[Band, ...] = ()
        self._marks_wanted = False
        self._pointer_s: float | None = None  # under the mouse, from the right edge
        self.marks: Sequence[Mark] = ()
        self.band_texts: Sequence[BandText] = ()
        self.baseline_px = 0.0
        self.placeholder = "no data yet"
        self._build()
        self._dress()
        self._plot.set_span(-window_s, 0, 0, live=True)

    def append(self, t_s: Floats, y: Values, first_curve: int = 0) -> None:
        """Add rows of the curves that share a time base.

        Parameters
        ----------
        t_s
            Times, shape (rows,), increasing.
        y
            Values, shape (rows, curves) or (rows,); NaN leaves a gap in the line.
        first_curve
            Number of the first curve in ``y``; the first call with it fixes how many
            curves belong together.

        Raises
        ------
        ValueError
            Shapes do not fit the curves.
        """
        if not len(t_s):
            return
        y = y[:, None] if y.ndim == 1 else y
        history = self._history(first_curve, y.shape[1])
        if y.shape != (len(t_s), history.curves):
            expected = (len(t_s), history.curves)
            raise ValueError(f"y must have the shape {expected}, got {y.shape}")
        history.append(t_s, y)
        if self._raster is not None:
            self._raster.append(first_curve, t_s, y)
        self._grow(first_curve, t_s, y)

    def set_view_end(self, t_s: float) -> None:
        """Scroll so that ``t_s`` is at the right edge; a no-op while replaying."""
        if self._replay is not None:
            return
        self._end_s = t_s
        if t_s - self._looked_s >= _LOOK_EVERY_S:
            self._look(t_s)
        if self._raster is None or self._raster.show(t_s):
            self._plot.redraw()
        if self._pointer_s is not None and t_s - self._read_s >= _READ_EVERY_S:
            self._read_pointer()

    def set_marks(self, marks: Sequence[tuple[float, str, str]]) -> None:
        """Mark contacts (t_s, side, ``ic`` or ``to``) under the baseline."""
        self.marks = tuple(Mark(*mark) for mark in marks)  # type: ignore[arg-type]
        if self.marks and not self._marks_wanted:
            self._marks_wanted = True
            self._raster = None
        self._plot.redraw()

    def set_bands(self, bands: Sequence[Band]) -> None:
        """Tint value ranges over the whole width, each with its name."""
        if tuple(bands) != self._bands:
            self._bands = tuple(bands)
            self._invalidate()

    def set_placeholder(self, text: str) -> None:
        """Say why nothing is drawn; seen only while there are no rows."""
        self.placeholder = text
        self._plot.redraw()

    def show_window(
        self,
        t0_s: float,
        t1_s: float,
        data: Sequence[tuple[int, Floats, Values]],
        *,
        origin_s: float | None = None,
    ) -> None:
        """Draw a recorded window at once and offer a cursor.

        Parameters
        ----------
        t0_s, t1_s
            Left and right edge.
        data
            (first curve, t_s, y) of every group of curves, as for :meth:`append`.
        origin_s
            Time written as 0 (the start of the trial); default: the left edge.
        """
        if not t1_s > t0_s:
            raise ValueError(f"the window must not be empty: {t0_s} to {t1_s}")
        self.clear()
        self._replay = (t0_s, t1_s)
        self._origin_s = t0_s if origin_s is None else origin_s
        self._end_s = t1_s
        for first, t_s, y in data:
            self.append(t_s, y, first)
        self._plot.set_span(t0_s, t1_s, self._origin_s, live=False)
        self.set_cursor(t0_s)

    def clear(self) -> None:
        """Forget all rows and marks, and go back to live scrolling."""
        self._histories.clear()
        for held in self._ranges:
            held.reset()
        self._raster = None
        self.marks = ()
        self._end_s = self._replay = None
        self._looked_s = self._read_s = -math.inf
        self._legend.set_readout("")
        self._plot.set_span(-self.window_s, 0, 0, live=True)

    def set_cursor(self, t_s: float) -> None:
        """Move the replay cursor; the line above shows the values there."""
        if self._replay is None:
            return
        self._plot.set_cursor(t_s)
        self._legend.set_readout(self.readout(t_s))

    def values_at(self, t_s: float) -> list[float]:
        """Return each curve's own sample nearest to ``t_s``; NaN where none is near."""
        found = [math.nan] * len(self.curves)
        for first, history in self._histories.items():
            row = history.at(t_s, self.curves[first].max_step_s)
            if row is not None:
                found[first : first + len(row)] = [float(value) for value in row]
        return found

    def readout(self, t_s: float) -> str:
        """Return time and values at ``t_s`` in words."""
        since = t_s - (self._origin_s if self._replay else self._end_s or t_s)
        parts = [f"{tick_text(since, 0.01)} s"]
        for number, value in enumerate(self.values_at(t_s)):
            curve, held = self.curves[number], self._range_of(number)
            step = nice_step(held.high - held.low, 4) / 10
            text = "missing"
            if math.isfinite(value):
                text = f"{tick_text(value, step)} {curve.unit or self.unit}".rstrip()
            parts.append(f"{curve.label} {text}")
        return "   ".join(parts)

    def y_range(self, curve: int = 0) -> tuple[float, float]:
        """Return the range a curve is drawn in now."""
        held = self._range_of(curve)
        return held.low, held.high

    def raster(self, width: int, height: int, ratio: float) -> StripRaster | None:
        """Return the picture at a size in device px; None while nothing came."""
        if not self._histories or self._end_s is None or width < 2 or height < 2:
            return None
        found = self._raster
        if found is None or (found.width, found.height) != (width, height):
            found = self._raster = self._draw_anew(width, height, ratio)
        return found

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(640, 48 * len(self.curves) if self._stacked else 180)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme or text size."""
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "_legend"):
            self._dress()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give a low chart to its curves: without legend, then without time axis."""
        super().resizeEvent(event)
        self._legend.setVisible(bool(self.height() >= _LEGEND_FROM_PX))
        self._plot.show_time(shown=self.height() >= _TIME_FROM_PX)

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget the pointer: it left with the chart."""
        self._pointer_s = None
        super().hideEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading values when the pointer leaves."""
        self._pointer_s = None
        if self._replay is None:
            self._legend.set_readout("")
        super().leaveEvent(event)

    def _build(self) -> None:
        self._plot = StripPlot(self)
        self._plot.pointed.connect(self._point)
        self._plot.dragged.connect(self._dragged)
        named = () if self._stacked else self.curves
        self._legend = StripLegend(named, "" if self._stacked else self.unit, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._legend)
        box.addWidget(self._plot, 1)
        names = ", ".join(curve.label for curve in self.curves)
        self.setAccessibleName(say(f"Curves: {names}"))
        self.setMinimumHeight(56)

    def _dress(self) -> None:
        """Take colours and sizes from the theme in force."""
        self._plot.dress(axis_px(self.curves) if self._stacked else LEAST_AXIS_PX)
        self._legend.updateGeometry()
        self._invalidate()

    def _invalidate(self) -> None:
        """Draw everything anew with the next paint."""
        self._raster = None
        self._plot.redraw()

    def _history(self, first: int, curves: int) -> StripHistory:
        """Return the rows kept of a group; declare it at its first rows."""
        held = self._histories.get(first)
        if held is not None:
            return held
        taken = {
            number
            for other in self._histories.values()
            for number in range(other.first, other.first + other.curves)
        }
        wanted = range(first, first + curves)
        if taken & set(wanted) or not 0 <= first <= first + curves <= len(self.curves):
            raise ValueError(
                f"curves {first} to {first + curves - 1} do not fit a chart of "
                f"{len(self.curves)} curves, of which {sorted(taken)} are taken"
            )
        held = self._histories[first] = StripHistory(first, curves)
        if self._raster is not None:
            self._raster.add_group(first, curves, self.curves[first].max_step_s)
        return held

    def _grow(self, first: int, t_s: Floats, y: Values) -> None:
        """Widen ranges at once when rows leave them; drop rows out of reach."""
        low, high = np.fmin.reduce(y, axis=0), np.fmax.reduce(y, axis=0)
        for number in range(first, first + y.shape[1]):
            held, at = self._range_of(number), number - first
            if low[at] < held.low or high[at] > held.high:
                self._see(held, float(low[at]), float(high[at]), float(t_s[-1]))
        if self._replay is None:
            keep_s = float(t_s[-1]) - _KEEP * self.window_s
            self._histories[first].forget_before(keep_s)

    def _look(self, t_s: float) -> None:
        """Narrow ranges that have been too wide for long."""
        self._looked_s = t_s
        if self._raster is None:
            return
        extents = [self._raster.extent(number) for number in range(len(self.curves))]
        lanes = np.array(self._lanes)
        for number, held in enumerate(self._ranges):
            lows, highs = np.array(extents)[lanes == number].T
            low, high = float(np.fmin.reduce(lows)), float(np.fmax.reduce(highs))
            self._see(held, low, high, t_s)

    def _see(self, held: SteadyRange, low: float, high: float, t_s: float) -> None:
        if held.see(low, high, t_s):
            self._raster = None

    def _range_of(self, curve: int) -> SteadyRange:
        return self._ranges[self._lanes[curve]]

    def _draw_anew(self, width: int, height: int, ratio: float) -> StripRaster:
        """Lay the chart out at a size and draw every row kept."""
        layout = lay_out(
            self.curves,
            [self.y_range(number) for number in range(len(self.curves))],
            theme.tokens(),
            height=height,
            ratio=ratio,
            stacked=self._stacked,
            bands=self._bands,
            marks=self._marks_wanted,
        )
        window_s, end_s = self.window_s, self._end_s or 0.0
        if self._replay is not None:
            window_s = self._replay[1] - self._replay[0]
        made = StripRaster(
            width,
            height,
            window_s,
            layout.lanes,
            layout.background,
            _LINE_PX * ratio,
        )
        for history in self._histories.values():
            first = history.first
            made.add_group(first, history.curves, self.curves[first].max_step_s)
            for t_s, y in history:
                # of a recording, no row that would push the window out of memory
                rows = slice(0, int(np.searchsorted(t_s, end_s, "right")) + 1)
                part = rows if self._replay is not None else slice(None)
                made.append(first, t_s[part], y[part])
        made.show(end_s)
        self.band_texts, self.baseline_px = layout.band_texts, layout.baseline_px
        self._plot.set_value_texts(layout.axis)
        return made

    def _point(self, t_s: float) -> None:
        """Read values under the pointer while curves move on (live only)."""
        if self._replay is None:
            self._pointer_s = t_s
            self._read_pointer()

    def _read_pointer(self) -> None:
        if self._pointer_s is not None and self._end_s is not None:
            self._read_s = self._end_s
            self._legend.set_readout(self.readout(self._end_s + self._pointer_s))

    def _dragged(self, t_s: float) -> None:
        self._legend.set_readout(self.readout(t_s))
        self.cursor_moved.emit(t_s)
