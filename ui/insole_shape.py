"""Geometry of an insole picture: outline and cells of a layout, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QTransform,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lablive.names import Side
    from lablive.signals.layouts import InsoleLayout

    Floats = NDArray[np.float64]

_GAP_PX: Final = 2.5  # between cells
_ROUND_PX: Final = 2.5  # corner radius of a cell
_TILED_FROM: Final = 0.7  # cells cover this share of the sole: they touch
_REACH: Final = 1.4  # of its own size: how far a touching cell may spread
_CLEAR: Final = QPainter.CompositionMode.CompositionMode_Clear


@dataclass(frozen=True, slots=True)
class FootPlace:
    """Where one foot is drawn, in logical px: centre of the heel line, px per mm."""

    side: Side
    heel_x: float
    heel_y: float
    px_per_mm: float

    def points(self, xy: Floats, layout: InsoleLayout) -> Floats:
        """Return the px of insole coordinates (n, 2), both feet seen from above."""
        medial = 1.0 if self.side == "left" else -1.0  # left foot: medial is right
        wide = layout.width_mm * self.px_per_mm
        long = layout.length_mm * self.px_per_mm
        x = self.heel_x + medial * xy[:, 0] * wide
        return np.stack((x, self.heel_y - xy[:, 1] * long), axis=1)


class FootShape:
    """Outline and cells of one insole, ready to paint."""

    def __init__(self, layout: InsoleLayout, place: FootPlace) -> None:
        self.layout, self.place = layout, place
        self.centres = centres = place.points(layout.xy.reshape(-1, 2), layout)
        self.area_px = area_px = layout.areas_cm2 * 100 * place.px_per_mm**2
        self.outline = _outline(layout, place, centres, area_px)
        tiled = area_px.sum() >= _TILED_FROM * _area(self.outline)
        none = np.zeros(len(centres))
        self._cells = _cells(centres, area_px, none, tiled=tiled)
        room = _room(centres, area_px) / 5  # a small cell keeps a visible core
        self._rounds: Floats = np.minimum(_ROUND_PX, room)
        insets: Floats = np.minimum(_GAP_PX, room) / 2 + self._rounds
        self._cores = _cells(centres, area_px, insets, tiled=tiled)

    @property
    def cells(self) -> tuple[QPolygonF, ...]:
        """The cells, touching one another, in the layout's order."""
        return tuple(self._cells)

    def stamp_cells(self, painter: QPainter) -> None:
        """Paint every cell in the colour of its number from 1, without smoothing."""
        painter.setPen(Qt.PenStyle.NoPen)
        self._stay_within(painter)
        for number, cell in enumerate(self._cells, 1):
            painter.setBrush(
                QColor.fromRgb(number >> 16, number >> 8 & 255, number & 255)
            )
            painter.drawPolygon(cell)

    def cut_cells(self, painter: QPainter) -> None:
        """Cut rounded holes into a cover, so that the cells' colours show through."""
        self._stay_within(painter)
        painter.setCompositionMode(_CLEAR)
        painter.setBrush(Qt.GlobalColor.black)
        for core, radius in zip(self._cores, self._rounds, strict=True):
            pen = QPen(Qt.GlobalColor.black, 2 * float(radius))
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.drawPolygon(core)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.setClipping(False)

    def _stay_within(self, painter: QPainter) -> None:
        """Clip: cells at the edge reach beyond the sole, not into the other foot."""
        painter.setClipRect(self.outline.boundingRect().adjusted(-2, -2, 2, 2))

    def cut_sole(self, painter: QPainter) -> None:
        """Cut the whole sole into a cover."""
        painter.setCompositionMode(_CLEAR)
        painter.fillPath(self.outline, Qt.GlobalColor.black)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)


def cell_map(
    foot: FootShape, width: int, height: int, ratio: float
) -> NDArray[np.intp]:
    """Return for every device px the number of its cell, shape (height, width).

    0 is no cell; the cells are numbered from 1.
    """
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        painter.scale(ratio, ratio)
        foot.stamp_cells(painter)
    words = np.frombuffer(image.constBits(), np.uint32).reshape(height, -1)
    return (words[:, :width] & 0xFFFFFF).astype(np.intp)


def _outline(
    layout: InsoleLayout, place: FootPlace, centres: Floats, area_px: Floats
) -> QPainterPath:
    """Return the sole's edge; without one, a smooth hull around the cells."""
    path = QPainterPath()
    if layout.outline:
        points = place.points(np.array(layout.outline, float), layout)
        path.addPolygon(_polygon(points))
        path.closeSubpath()
        return path
    for centre, area in zip(centres, area_px, strict=True):
        radius = float(np.sqrt(area)) * 0.75
        path.addEllipse(QPointF(*centre), radius, radius)
    path.setFillRule(Qt.FillRule.WindingFill)
    return path.simplified()


def _cells(
    centres: Floats, area_px: Floats, insets: Floats, *, tiled: bool
) -> list[QPolygonF]:
    """Return the cells, each shrunk by its inset.

    A cell ends half-way to its neighbours; where the cells do not cover the sole it is
    no larger than a square of its sensing area.
    """
    cells: list[QPolygonF] = []
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)
    for centre, area, inset in zip(centres, area_px, insets, strict=True):
        side = float(np.sqrt(area))
        reach = (_REACH * side if tiled else side / 2) - inset
        polygon = centre + square * max(reach, 0.5)
        offset = centres - centre
        away = np.hypot(offset[:, 0], offset[:, 1])
        for other in np.argsort(away):
            limit = away[other] / 2 - inset
            if away[other] == 0:
                continue  # itself
            if not len(polygon) or limit > np.hypot(*(polygon - centre).T).max():
                break  # whoever is farther cannot touch it
            polygon = _clip(polygon, centre, offset[other] / away[other], limit)
        cells.append(_polygon(polygon))
    return cells


def _room(centres: Floats, area_px: Floats) -> Floats:
    """Return the width every cell has: its own, or up to its nearest neighbour."""
    away = np.hypot(*(centres[:, None] - centres[None]).T)
    away[away == 0] = np.inf
    nearest = away.min(axis=1, initial=np.inf)
    return np.minimum(np.sqrt(area_px), nearest)


def _clip(polygon: Floats, origin: Floats, normal: Floats, limit: float) -> Floats:
    """Return the part of a convex polygon with (p - origin) . normal <= limit."""
    beyond = (polygon - origin) @ normal - limit
    if (beyond <= 0).all():
        return polygon
    following, ahead = np.roll(polygon, -1, axis=0), np.roll(beyond, -1)
    kept: list[Floats] = []
    for here, there, d0, d1 in zip(polygon, following, beyond, ahead, strict=True):
        if d0 <= 0:
            kept.append(here)
        if (d0 <= 0) != (d1 <= 0):
            kept.append(here + (there - here) * (d0 / (d0 - d1)))
    return np.array(kept).reshape(-1, 2)


def _polygon(points: Floats) -> QPolygonF:
    return QPolygonF([QPointF(float(x), float(y)) for x, y in points])


def _area(path: QPainterPath) -> float:
    polygon = path.toFillPolygon(QTransform())
    corners = [polygon.at(number) for number in range(polygon.size())]
    x, y = np.array([(at.x(), at.y()) for at in corners]).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
