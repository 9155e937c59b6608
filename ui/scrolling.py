"""A column that scrolls when it is too tall, on the ground of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

if TYPE_CHECKING:
    from PySide6.QtWidgets import QVBoxLayout


def scrolling(column: QVBoxLayout) -> QScrollArea:
    """Return a scroll area around a column; never scrolls sideways."""
    holder = QWidget()
    holder.setLayout(column)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(holder)
    for part in (holder, area.viewport()):  # Qt would fill them with the page's grey
        part.setAutoFillBackground(False)
    return area
