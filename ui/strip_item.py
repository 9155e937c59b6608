"""Items inside a strip chart's plot: the picture with its marks, and calm axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol
from weakref import ref

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsObject

from ui import theme
from ui.language import say
from ui.tokens import NOTE_PX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QGraphicsWidget, QWidget

    from lablive.names import Side
    from ui.strip_raster import StripRaster

_MARK_PX = 6
_BAND_TEXT_PX = 12


class Mark(NamedTuple):
    """A contact to mark on the time axis: ``kind`` is ``ic`` or ``to``."""

    t_s: float
    side: Side | Literal["unknown"]
    kind: str = "ic"


class AxisText(NamedTuple):
    """A label of an axis: px from the top (or left), text, colour, weight."""

    at_px: float
    text: str
    colour: str = ""
    strong: bool = False


class BandText(NamedTuple):
    """A name written into a band: px from the top of its upper and lower edge."""

    top_px: float
    bottom_px: float
    text: str
    colour: str


class Canvas(Protocol):
    """What the picture item asks its chart for, at paint time."""

    marks: Sequence[Mark]
    band_texts: Sequence[BandText]
    baseline_px: float
    placeholder: str

    def raster(self, width: int, height: int, ratio: float) -> StripRaster | None:
        """Return the picture at a size in device px; None while nothing came."""
        ...


class StripItem(QGraphicsObject):
    """Copies the chart's picture onto the screen, one pixel to one pixel."""

    def __init__(self, canvas: Canvas, view: QGraphicsWidget) -> None:
        super().__init__(view)
        # weak: Qt owns the items, and a cycle through it would be collected twice
        self._canvas, self._view = ref(canvas), ref(view)
        self._image: tuple[StripRaster, QImage] | None = None
        self.setZValue(-10)  # below the cursor

    def boundingRect(self) -> QRectF:
        """Cover the whole view, whatever range it shows."""
        view = self._view()
        return view.rect() if view is not None else QRectF()

    def follow_view(self) -> None:
        """Take the view's new size."""
        self.prepareGeometryChange()
        self.update()

    def paint(
        self, painter: QPainter, option: object, widget: QWidget | None = None
    ) -> None:
        """Copy the picture, then draw band names, marks or the placeholder."""
        canvas = self._canvas()
        if canvas is None:
            return
        whole = painter.deviceTransform()
        area = whole.mapRect(self.boundingRect()).toRect()
        outside = painter.worldTransform().inverted()[0] * whole
        ratio = outside.m11() or 1.0
        painter.setWorldTransform(outside.inverted()[0])  # device px from here on
        raster = canvas.raster(area.width(), area.height(), ratio)
        if raster is not None:
            self._copy(painter, raster, area)
        painter.scale(ratio, ratio)
        painter.translate(area.left() / ratio, area.top() / ratio)
        size = QRectF(0, 0, area.width() / ratio, area.height() / ratio)
        if raster is None:
            _write(painter, size, canvas.placeholder)
            return
        _write_bands(painter, size, canvas.band_texts)
        _draw_marks(painter, raster, ratio, canvas)

    def _copy(self, painter: QPainter, raster: StripRaster, area: QRect) -> None:
        if self._image is None or self._image[0] is not raster:
            kind = QImage.Format.Format_RGB32
            stride = raster.width * 4
            image = QImage(
                raster.pixels.data, raster.width, raster.height, stride, kind
            )
            self._image = raster, image
        for source, width, target in raster.halves():
            if width:
                part = QRect(source, 0, width, raster.height)
                corner = QPoint(area.left() + target, area.top())
                painter.drawImage(corner, self._image[1], part)


class StripAxis(pg.AxisItem):
    """An axis with fixed texts and a fixed size: labels never jump."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self._texts: tuple[AxisText, ...] = ()

    def set_texts(self, texts: Sequence[AxisText]) -> None:
        """Replace the labels."""
        if tuple(texts) != self._texts:
            self._texts = tuple(texts)
            # what is cached would keep the old labels beside the new ones
            self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
            self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
            self.update()

    def paint(self, p: QPainter, opt: object, widget: QWidget | None = None) -> None:
        """Write the labels: beside the plot, or under it kept within its width."""
        muted = theme.tokens().muted
        plain = theme.font(NOTE_PX)
        strong = theme.font(NOTE_PX, plain.Weight.DemiBold)
        size = self.size()
        for at, text, colour, is_strong in self._texts:
            p.setFont(strong if is_strong else plain)
            p.setPen(QColor(colour or muted))
            if self.orientation == "left":
                box = QRectF(0, at - 20, size.width() - 8, 40)
                side = Qt.AlignmentFlag.AlignRight
            else:
                width = p.fontMetrics().horizontalAdvance(text) + 2.0
                left = min(max(at - width / 2, 0.0), size.width() - width)
                box = QRectF(left, 2, width, size.height() - 2)
                side = Qt.AlignmentFlag.AlignHCenter
            p.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, text)


def _write(painter: QPainter, size: QRectF, text: str) -> None:
    painter.setFont(theme.font(NOTE_PX + 2))
    painter.setPen(QColor(theme.tokens().muted))
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(size, int(flags), say(text))


def _write_bands(painter: QPainter, size: QRectF, texts: Sequence[BandText]) -> None:
    if not texts:
        return
    painter.setFont(theme.font(NOTE_PX))
    for top, bottom, text, colour in texts:
        if bottom - top < _BAND_TEXT_PX:
            continue
        painter.setPen(QColor(colour))
        box = QRectF(0, top, size.width() - 6, bottom - top)
        painter.drawText(
            box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, say(text)
        )


def _draw_marks(
    painter: QPainter, raster: StripRaster, ratio: float, canvas: Canvas
) -> None:
    """Draw contacts under the baseline: left round, right square, unknown a diamond."""
    marks = canvas.marks
    if not marks:
        return
    found = theme.tokens()
    colours = {"left": QColor(found.left), "right": QColor(found.right)}
    neutral = QColor(found.ink)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    top, half = canvas.baseline_px, _MARK_PX / 2
    for t_s, side, kind in marks:
        column = t_s / raster.column_s - raster.first_column
        if not 0 <= column < raster.width:
            continue
        x, colour = column / ratio, colours.get(side, neutral)
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(colour if kind == "ic" else Qt.BrushStyle.NoBrush)
        painter.drawLine(QPointF(x, top), QPointF(x, top + _MARK_PX))
        box = QRectF(x - half, top + _MARK_PX, _MARK_PX, _MARK_PX)
        if side == "left":
            painter.drawEllipse(box)
        elif side == "right":
            painter.drawRect(box)
        else:  # a plate under both feet does not know whose foot it is
            middle = box.center()
            painter.drawPolygon(
                [
                    QPointF(middle.x(), box.top()), QPointF(box.right(), middle.y()),
                    QPointF(middle.x(), box.bottom()), QPointF(box.left(), middle.y()),
                ]
            )  # fmt: skip
