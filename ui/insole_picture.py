"""The pixels of the insole picture: a colour per cell under a cover with holes.

Per update only one table look-up and two image copies are paid; outlines, cells and
weights are prepared once per size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
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
        self._smooth = smooth
        size = max(1, round(width * ratio)), max(1, round(height * ratio))
        self._sole = np.uint32(int(sole_colour(tokens)[1:], 16) | 0xFF000000)
        self._cover = self._make_cover(*size, tokens)
        if smooth:
            self._blends = [_Blend(foot) for foot in self.feet]
        else:
            self._cells = cell_map(list(self.feet), *size, ratio)
            self._pixels = np.zeros((size[1], size[0]), np.uint32)
            self._image = _image_of(self._pixels)

    def paint(
        self,
        painter: QPainter,
        values: Sequence[Values | None],
        tables: Sequence[Table],
        full: float,
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
        """
        if self._smooth:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for blended, shown, table in zip(self._blends, values, tables, strict=True):
                blended.paint(painter, shown, table, full, self._sole)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            self._copy(painter, self._cover)
            return
        colours = [np.array([self._sole])]
        for foot, shown, table in zip(self.feet, values, tables, strict=True):
            if shown is None:
                colours.append(np.full(len(foot.layout.cells), self._sole))
            else:
                found = table[levels(shown, full)]
                colours.append(np.where(np.isnan(shown), self._sole, found))
        every = np.concatenate(colours)
        np.take(every, self._cells, out=self._pixels, mode="clip")
        self._copy(painter, self._image)
        self._copy(painter, self._cover)

    def _copy(self, painter: QPainter, image: QImage) -> None:
        """Copy an image one pixel to one pixel."""
        painter.save()
        painter.scale(1 / self.ratio, 1 / self.ratio)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _make_cover(self, width: int, height: int, tokens: Tokens) -> QImage:
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
                if self._smooth:
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
        painter.drawImage(QRectF(self._box), self._image)


def _image_of(pixels: Table) -> QImage:
    height, width = pixels.shape
    kind = QImage.Format.Format_RGB32
    return QImage(pixels.data, width, height, width * 4, kind)
