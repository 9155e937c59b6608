"""A column that scrolls when it is too tall, on the ground of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout


def scrolling(column: QVBoxLayout) -> QScrollArea:
    """Return a scroll area around a column; never scrolls sideways, cuts nothing."""
    return _hold(_AsWide(), column)


def as_tall(column: QVBoxLayout, most_px: int) -> QScrollArea:
    """Return the same, exactly as tall as its column up to ``most_px``."""
    return _hold(_AsTall(most_px), column)


class _AsWide(QScrollArea):
    def minimumSizeHint(self) -> QSize:
        least, held = super().minimumSizeHint(), self.widget()
        if held is None:  # not put together yet
            return least
        bar_px = self.verticalScrollBar().sizeHint().width()
        return QSize(held.minimumSizeHint().width() + bar_px, least.height())


class _AsTall(QScrollArea):
    def __init__(self, most_px: int) -> None:
        super().__init__()
        self._most_px = most_px
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        held = self.widget()
        if held is None:  # not put together yet
            return super().sizeHint()
        wanted = held.sizeHint()
        return QSize(wanted.width(), min(wanted.height(), self._most_px))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())


def _hold(area: QScrollArea, column: QVBoxLayout) -> QScrollArea:
    holder = QWidget()
    holder.setLayout(column)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(holder)
    for part in (holder, area.viewport()):  # Qt would fill them with the page's grey
        part.setAutoFillBackground(False)
    return area
