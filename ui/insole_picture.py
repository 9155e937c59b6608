"""The pixels of the insole picture: a colour per cell under a cover with holes.

Per update only one table look-up and two image copies are paid, for the feet that have
changed; outlines, cells and weights are prepared once per size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ui.heat import levels
from ui.insole_marks import paint_name
from ui.insole_shape import cell_map
from ui.tokens import blend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ui.insole_shape import FootShape
    from ui.tokens import Tokens

    Values = NDArray[np.float32 | np.float64]
    Table = NDArray[np.uint32]

_COARSE_PX = 3  # grid of the smooth picture
_OVER_PX = (-5, -5, 5, 5)  # how far the COP's mark reaches; feet are 12 px apart
_SPREAD = 0.75  # of the mean cell size: width of a cell's influence


def sole_colour(tokens: Tokens) -> str:
    """Return the colour of the sole between and without cells."""
    return blend(tokens.line, tokens.card, 0.55)


class InsolePicture:
    """Feet at one size in one theme.

    Parameters
    ----------
    feet
        Shapes, placed.
    width, height
        Logical px.
    ratio
        Device px per logical px.
    tokens
        The theme.
    smooth
        Blend between cells instead of showing each cell's own value.
    """

    def __init__(
        self,
        feet: Sequence[FootShape],
        width: int,
        height: int,
        ratio: float,
        tokens: Tokens,
        *,
        smooth: bool = False,
    ) -> None:
        self.feet, self.ratio = tuple(feet), ratio
        # whole device px: nothing of the widget may stay without paint
        size = max(1, math.ceil(width * ratio)), max(1, math.ceil(height * ratio))
        self._sole = np.uint32(int(sole_colour(tokens)[1:], 16) | 0xFF000000)
        self._cover = self._make_cover(*size, tokens, smooth=smooth)
        self._soles: list[_Blend | _Cells] = [
            _Blend(foot) if smooth else _Cells(foot, *size, ratio) for foot in self.feet
        ]

    def paint(
        self,
        painter: QPainter,
        values: Sequence[Values | None],
        tables: Sequence[Table],
        full: float,
        area: QRect,
    ) -> None:
        """Paint the feet.

        Parameters
        ----------
        painter
            On a widget of this size, in logical px.
        values
            One array (cells,) per foot; NaN is a missing cell, None a foot without
            values: both show the bare sole.
        tables
            Colour table of every foot.
        full
            Value at the end of the colour scale.
        area
            What of the widget is painted, in logical px; other feet stay.
        """
        for foot, shown, table, sole in zip(
            self.feet, values, tables, self._soles, strict=True
        ):
            if area.intersects(foot_area(foot)):
                sole.paint(painter, shown, table, full, self._sole)
        self._copy(painter, self._cover)

    def _copy(self, painter: QPainter, image: QImage) -> None:
        """Copy an image one pixel to one pixel."""
        painter.save()
        painter.scale(1 / self.ratio, 1 / self.ratio)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _make_cover(
        self, width: int, height: int, tokens: Tokens, *, smooth: bool
    ) -> QImage:
        """Return the card with soles, and holes where cells show through."""
        kind = QImage.Format.Format_ARGB32_Premultiplied
        cover = QImage(width, height, kind)
        cover.fill(QColor(sole_colour(tokens)))
        with QPainter(cover) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.scale(self.ratio, self.ratio)
            outside = QPainterPath()
            outside.addRect(QRectF(0, 0, width / self.ratio, height / self.ratio))
            for foot in self.feet:
                if smooth:
                    foot.cut_sole(painter)
                else:
                    foot.cut_cells(painter)
                outside = outside.subtracted(foot.outline)
            painter.fillPath(outside, QColor(tokens.card))
            pen = QPen(QColor(tokens.mark), 1.2)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for foot in self.feet:
                painter.drawPath(foot.outline)
            for foot in self.feet:
                toe_y = foot.outline.boundingRect().top()
                paint_name(painter, foot.place.side, foot.place.heel_x, toe_y, tokens)
        return cover


def foot_area(foot: FootShape) -> QRect:
    """Return the part of the widget that a foot's values change, in logical px."""
    return foot.outline.boundingRect().adjusted(*_OVER_PX).toAlignedRect()


class _Cells:
    """One foot's values, each in its own cell."""

    def __init__(self, foot: FootShape, width: int, height: int, ratio: float) -> None:
        self._ratio = ratio
        cells = cell_map(foot, width, height, ratio)
        found = np.argwhere(cells)
        # a pixel more: the edges of the holes are smoothed
        first, last = (0, 0), (1, 1)
        if len(found):
            first = np.maximum(found.min(axis=0) - 1, 0)
            last = found.max(axis=0) + 2
        part = tuple(map(slice, first, last))
        self._corner = QPoint(int(first[1]), int(first[0]))
        self._cells = np.ascontiguousarray(cells[part])
        self._count = len(foot.layout.cells)
        self._pixels = np.zeros(self._cells.shape, np.uint32)
        self._image = _image_of(self._pixels)

    def paint(
        self,
        painter: QPainter,
        values: Values | None,
        table: Table,
        full: float,
        sole: np.uint32,
    ) -> None:
        colours = np.full(1 + self._count, sole)
        if values is not None:
            found = table[levels(values, full)]
            colours[1:] = np.where(np.isnan(values), sole, found)
        np.take(colours, self._cells, out=self._pixels, mode="clip")
        painter.save()
        painter.scale(1 / self._ratio, 1 / self._ratio)
        painter.drawImage(self._corner, self._image)
        painter.restore()


class _Blend:
    """One foot's values spread over a coarse grid by fixed weights."""

    def __init__(self, foot: FootShape) -> None:
        self._box = foot.outline.boundingRect().toAlignedRect()
        columns = max(1, self._box.width() // _COARSE_PX)
        rows = max(1, self._box.height() // _COARSE_PX)
        x = self._box.left() + (np.arange(columns) + 0.5) * self._box.width() / columns
        y = self._box.top() + (np.arange(rows) + 0.5) * self._box.height() / rows
        grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 1, 2)
        centres = foot.centres
        spread = _SPREAD * np.sqrt(foot.area_px / np.pi)
        away = ((grid - centres) ** 2).sum(axis=2) / (2 * (spread * 1.5) ** 2)
        away -= away.min(axis=1, keepdims=True)  # far corners keep a nearest cell
        weights = np.exp(-away)
        weights /= weights.sum(axis=1, keepdims=True)
        self._weights = weights.astype(np.float32)
        self._pixels = np.zeros((rows, columns), np.uint32)
        self._image = _image_of(self._pixels)

    def paint(
        self,
        painter: QPainter,
        values: Values | None,
        table: Table,
        full: float,
        sole: np.uint32,
    ) -> None:
        if values is None:
            self._pixels[:] = sole
        else:
            known = np.isfinite(values)
            spread = self._weights @ np.where(known, values, 0).astype(np.float32)
            if not known.all():
                share = self._weights @ known.astype(np.float32)
                with np.errstate(invalid="ignore", divide="ignore"):
                    spread = np.where(share > 0.5, spread / share, np.nan)
            colours = np.where(np.isnan(spread), sole, table[levels(spread, full)])
            self._pixels[:] = colours.reshape(self._pixels.shape)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self._box), self._image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)


def _image_of(pixels: Table) -> QImage:
    height, width = pixels.shape
    kind = QImage.Format.Format_RGB32
    return QImage(pixels.data, width, height, width * 4, kind)
