"""The insole picture: both feet from above, pressure by cell, centre of pressure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from lablive.names import SIDES
from ui.actions import dress
from ui.heat import HeatScale, full_scale
from ui.insole_canvas import Foot, FootState, InsoleCanvas
from ui.language import say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.names import Side
    from lablive.signals.layouts import InsoleLayout

    Values = NDArray[np.float32 | np.float64]
    Floats = NDArray[np.float64]


class Moment(NamedTuple):
    """One foot at one moment of a recording.

    ``cells`` and ``peak`` have shape (cells,), ``trace`` (points, 2); None = missing.
    """

    cells: Values | None = None
    cop: tuple[float, float] | None = None
    trace: Values | None = None
    peak: Values | None = None


class InsoleView(QWidget):
    """Both insoles with their own outline and cells.

    Coordinates are those of the layout: x lateral -0.5 to medial +0.5, y heel 0 to
    toe 1, on both feet.
    """

    peak_hold_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feet: dict[Side, Foot] = {side: Foot(side) for side in SIDES}
        self._least = 200.0
        self._canvas = InsoleCanvas(self._feet, self)
        self._scale = HeatScale(self)
        self._hold = QToolButton(self)
        self._hold.setText(say("Peaks"))
        self._hold.setProperty("kind", "quiet")
        dress(self._hold, "peaks")
        self._hold.setAccessibleName(say("Peak hold"))
        self._hold.setCheckable(True)
        self._hold.setToolTip(say("Hold each cell's highest value since the reset"))
        self._hold.toggled.connect(self.set_peak_hold)
        foot_row = QHBoxLayout()
        foot_row.setContentsMargins(0, 0, 0, 0)
        foot_row.addWidget(self._scale, 1)
        foot_row.addWidget(self._hold)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(self._canvas, 1)
        box.addLayout(foot_row)
        self.setAccessibleName(say("Insole picture"))
        self.set_layouts(None, None)

    def set_layouts(
        self,
        left: InsoleLayout | None,
        right: InsoleLayout | None,
        unit: str = "kPa",
        full_scale: float = 200.0,
    ) -> None:
        """Set the insoles in use; None is a side without a known layout.

        Parameters
        ----------
        left, right
            Layout of each insole.
        unit
            Unit of the values ("kPa", or "uncalibrated counts").
        full_scale
            Least end of the colour scale; it grows in round steps and never jumps back
            until :meth:`reset_peaks`.
        """
        for side, layout in zip(SIDES, (left, right), strict=True):
            self._feet[side] = Foot(side, layout)
        titles = {layout.title for layout in (left, right) if layout is not None}
        self._canvas.setToolTip("\n".join(sorted(titles)))
        self._least = full_scale
        for part in (self._scale, self._hold):  # without cells there is no colour
            part.setVisible(bool(titles))
        self._scale.set_unit(unit)
        self._set_full(full_scale)
        self._canvas.lay_out_again()
        self._describe()

    def update_feet(
        self,
        left: Values | None,
        right: Values | None,
        cop_left: tuple[float, float] | None = None,
        cop_right: tuple[float, float] | None = None,
        trace_left: Values | None = None,
        trace_right: Values | None = None,
    ) -> None:
        """Show new rows.

        Parameters
        ----------
        left, right
            All rows since the last call, shape (rows, cells), or one row (cells,);
            None is nothing new. The newest row is shown, peak-hold sees every row.
        cop_left, cop_right
            Centre of pressure (x, y) now; None while the foot is in the air.
        trace_left, trace_right
            Gait line of the last contact, shape (points, 2); None keeps the last one.

        Raises
        ------
        ValueError
            The number of cells is not the layout's.
        """
        for side, rows in zip(SIDES, (left, right), strict=True):
            if rows is not None and rows.size:
                self._take(self._feet[side], rows.reshape(-1, rows.shape[-1]))
        for side, cop in zip(SIDES, (cop_left, cop_right), strict=True):
            self._feet[side].cop = cop
        for side, trace in zip(SIDES, (trace_left, trace_right), strict=True):
            foot = self._feet[side]
            if trace is not None:
                self._lay_trace(foot, trace)
        self._canvas.show_values()

    def show_moment(self, side: Side, moment: Moment) -> None:
        """Show one moment of a recording: nothing of another moment stays."""
        foot = self._feet[side]
        if foot.layout is None:
            return
        missing = moment.cells is None
        foot.now = None if missing else np.array(moment.cells).reshape(-1)
        foot.peak, foot.cop = moment.peak, moment.cop
        self._lay_trace(foot, moment.trace)
        self.set_state(
            side, "stale" if missing else "live", "no sample here" if missing else ""
        )
        self._canvas.update()

    def fit_scale(self) -> None:
        """Let the colour scale end where the held peaks of both feet need it."""
        peaks = [foot.peak for foot in self._feet.values() if foot.peak is not None]
        highest = max((float(np.fmax.reduce(peak)) for peak in peaks), default=0.0)
        self._set_full(full_scale(highest, self._least))

    def set_state(self, side: Side, state: FootState, reason: str = "") -> None:
        """Say how current a side is.

        Parameters
        ----------
        side
            Which foot.
        state
            ``absent`` (this side is not used), ``waiting`` (no row yet), ``live`` or
            ``stale`` (the picture is old; drawn without colour).
        reason
            One short sentence for people ("no packets for 3 s").
        """
        foot = self._feet[side]
        if (foot.state, foot.reason) != (state, reason):
            foot.state, foot.reason = state, reason
            self._describe()
            self._canvas.update()

    def centre_of_pressure(self, side: Side) -> tuple[float, float] | None:
        """Return the centre of pressure that is shown, None while there is none."""
        return self._feet[side].cop

    def set_peak_hold(self, on: bool) -> None:
        """Show each cell's highest value since the last reset instead of now."""
        if on != self._canvas.peak_hold:
            self._canvas.peak_hold = on
            self._hold.setChecked(on)
            self._canvas.update()
            self.peak_hold_changed.emit(on)

    def set_smooth(self, on: bool) -> None:
        """Blend between cells, or show each cell's own value (the default)."""
        if on != self._canvas.smooth:
            self._canvas.smooth = on
            self._canvas.lay_out_again()

    def reset_peaks(self) -> None:
        """Forget the held peaks and go back to the least colour scale."""
        for foot in self._feet.values():
            foot.peak = None
        self._set_full(self._least)
        self._canvas.update()

    def _take(self, foot: Foot, rows: Values) -> None:
        cells = len(foot.layout.cells) if foot.layout else 0
        if rows.shape[1] != cells:
            raise ValueError(
                f"{foot.side} insole: {rows.shape[1]} values for {cells} cells"
            )
        foot.now = rows[-1].copy()
        highest = np.fmax.reduce(rows, axis=0)
        foot.peak = highest if foot.peak is None else np.fmax(foot.peak, highest)
        self._set_full(full_scale(float(np.fmax.reduce(highest)), self._canvas.full))
        if foot.state == "waiting":
            self.set_state(foot.side, "live")

    def _lay_trace(self, foot: Foot, trace: Values | None) -> None:
        known = np.empty((0, 2))
        if trace is not None:  # no path at little force
            known = np.array(trace[np.isfinite(trace).all(axis=1)], float)
        if not np.array_equal(known, foot.trace):
            foot.trace = known

    def _set_full(self, full: float) -> None:
        self._canvas.full = full
        self._scale.set_full(full)

    def _describe(self) -> None:
        words = (
            f"{side}: {foot.notice() or 'live'}" for side, foot in self._feet.items()
        )
        self.setAccessibleDescription("; ".join(words))
