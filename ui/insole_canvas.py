"""Where the insole picture is painted: feet, gait lines, notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import msgspec
import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from lablive.names import SIDES
from lablive.signals.layouts import load_layout
from ui import theme
from ui.heat import heat_table, levels, stale_table
from ui.insole_marks import gait_line, paint_cop, paint_missing, paint_notice
from ui.insole_picture import InsolePicture, foot_area
from ui.insole_shape import FootPlace, FootShape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.names import Side
    from lablive.signals.layouts import InsoleLayout

    Values = NDArray[np.float32 | np.float64]
    Floats = NDArray[np.float64]

FootState = Literal["absent", "waiting", "live", "stale"]
_NAME_PX: Final = 28.0
_EDGE_PX: Final = 6.0
_SPREAD: Final = 1.6  # distance of the feet, in insole widths
_NOTICE_PX: Final = 170.0
_UNKNOWN: Final = "sim_16"  # its outline stands in until the layout is known


@dataclass(slots=True)
class Foot:
    """One side: what is known and what is shown.

    Attributes
    ----------
    side, layout
        Which foot, and its insole; None while unknown.
    state, reason
        How current it is, and why not.
    now, peak
        Values of the cells (cells,); None before the first row.
    cop, trace
        Centre of pressure now, and path of the last contact (points, 2), in insole
        coordinates.
    """

    side: Side
    layout: InsoleLayout | None = None
    state: FootState = "waiting"
    reason: str = ""
    now: Values | None = None
    peak: Values | None = None
    cop: tuple[float, float] | None = None
    trace: Floats = field(default_factory=lambda: np.empty((0, 2)))

    def notice(self) -> str:
        """Return why this foot is not live; "" when it is."""
        if self.state == "live":
            return ""
        return (
            self.reason
            or {
                "waiting": f"waiting for the {self.side} insole",
                "absent": f"no {self.side} insole in this session",
                "stale": "not current",
            }[self.state]
        )


class _Line(NamedTuple):
    """A drawn gait line and what it was drawn from."""

    trace: Floats
    shape: FootShape
    image: QImage
    corner: QPointF


class _Look(NamedTuple):
    """All that the picture of a foot's values depends on."""

    levels: bytes
    missing: bytes
    cop: tuple[float, float] | None
    trace: bytes


class InsoleCanvas(QWidget):
    """Paints two feet; :class:`ui.insole_view.InsoleView` tells it what."""

    def __init__(self, feet: dict[Side, Foot], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.feet = feet
        self.full = 1.0
        self.peak_hold = self.smooth = False
        self._picture: InsolePicture | None = None
        self._lines: dict[Side, _Line] = {}
        self._looks: dict[Side, _Look] = {}
        self._apart_px = _NOTICE_PX  # from the middle of one foot to the other
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        policy = QSizePolicy.Policy.Expanding
        self.setSizePolicy(policy, policy)
        self.setMinimumSize(200, 180)

    def lay_out_again(self) -> None:
        """Prepare outlines and cells anew with the next paint."""
        self._picture = None
        self.update()

    def show_values(self) -> None:
        """Paint the feet anew whose picture has changed: most of a run, one is still.

        What changes otherwise (state, layout, theme, size) asks for a whole paint.
        """
        if self._picture is None:
            self.update()
            return
        changed = QRect()
        for shape in self._picture.feet:
            foot = self.feet[shape.place.side]
            look = self._look(foot)
            if self._looks.get(foot.side) != look:
                self._looks[foot.side] = look
                changed |= foot_area(shape)
        if not changed.isEmpty():
            self.update(changed)  # one rectangle: Qt copies into several far slower

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(340, 360)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme."""
        if event.type() == QEvent.Type.StyleChange:
            self.lay_out_again()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the feet out anew."""
        self.lay_out_again()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells, then what lies over them."""
        ratio = self.devicePixelRatioF()
        picture = self._picture
        if picture is None or picture.ratio != ratio:
            picture = self._picture = self._lay_out(ratio)
        found = theme.tokens()
        placed = [self.feet[shape.place.side] for shape in picture.feet]
        tables = [
            stale_table(found.name) if foot.state == "stale" else heat_table(found.name)
            for foot in placed
        ]
        shown = [self._shown(foot) for foot in placed]
        area = event.rect()
        with QPainter(self) as painter:
            picture.paint(painter, shown, tables, self.full, area)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for foot, shape in zip(placed, picture.feet, strict=True):
                # a notice is wider than its foot
                if foot.notice() or area.intersects(foot_area(shape)):
                    self._paint_over(painter, foot, shape)

    def _shown(self, foot: Foot) -> Values | None:
        return foot.peak if self.peak_hold else foot.now

    def _look(self, foot: Foot) -> _Look:
        values, trace = self._shown(foot), foot.trace.tobytes()
        if values is None:
            return _Look(b"", b"", foot.cop, trace)
        drawn, missing = levels(values, self.full), np.isnan(values)
        return _Look(drawn.tobytes(), missing.tobytes(), foot.cop, trace)

    def _paint_over(self, painter: QPainter, foot: Foot, shape: FootShape) -> None:
        """Paint gait line and centre of pressure of a foot, or why it is not live."""
        found, place = theme.tokens(), shape.place
        notice = foot.notice()
        if notice:
            box = shape.outline.boundingRect()
            # two notices side by side must not touch
            width = min(self._apart_px - 2 * _EDGE_PX, _NOTICE_PX)
            paint_notice(painter, notice, box.center(), width, found)
        elif foot.layout is not None:
            self._copy_gait_line(painter, foot, shape)
            if foot.cop is not None:
                x, y = place.points(np.array([foot.cop]), foot.layout)[0]
                paint_cop(painter, foot.side, QPointF(float(x), float(y)), found)
            if foot.now is not None and np.isnan(foot.now).any():
                paint_missing(painter, shape.centres[np.isnan(foot.now)], found)

    def _copy_gait_line(self, painter: QPainter, foot: Foot, shape: FootShape) -> None:
        """Copy the gait line; it is drawn only when it or the layout is new."""
        held = self._lines.get(foot.side)
        if held is None or held.trace is not foot.trace or held.shape is not shape:
            points = shape.place.points(foot.trace, shape.layout)
            line, corner = gait_line(points, theme.tokens(), self.devicePixelRatioF())
            held = self._lines[foot.side] = _Line(foot.trace, shape, line, corner)
        painter.drawImage(held.corner, held.image)

    def _lay_out(self, ratio: float) -> InsolePicture:
        """Place both feet side by side, as large as they fit."""
        layouts = [foot.layout or _bare_layout() for foot in self.feet.values()]
        tall_mm = max(layout.length_mm for layout in layouts)
        wide_mm = max(layout.width_mm for layout in layouts)
        room = self.height() - _NAME_PX - 2 * _EDGE_PX
        half = self.width() / 2
        scale = max(min(room / tall_mm, (half - 2 * _EDGE_PX) / wide_mm), 0.05)
        heel_y = _NAME_PX + _EDGE_PX + (room + tall_mm * scale) / 2
        # feet stand near each other, not pushed apart by a wide card
        self._apart_px = min(half, wide_mm * scale * _SPREAD)
        apart = self._apart_px / 2
        shapes = [
            FootShape(layout, FootPlace(side, half + sign * apart, heel_y, scale))
            for side, layout, sign in zip(SIDES, layouts, (-1, 1), strict=True)
        ]
        return InsolePicture(
            shapes,
            self.width(),
            self.height(),
            ratio,
            theme.tokens(),
            smooth=self.smooth,
        )


def _bare_layout() -> InsoleLayout:
    """Return an outline without cells, for a side whose layout is not known yet."""
    return msgspec.structs.replace(load_layout(_UNKNOWN), cells=())
