"""The icons: one family of stroke drawings, coloured by the theme."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui import theme


def icon_names() -> tuple[str, ...]:
    """Return the names of all icons."""
    found = (item.name for item in files("ui").joinpath("icons").iterdir())
    return tuple(sorted(name[:-4] for name in found if name.endswith(".svg")))


def paint_icon(painter: QPainter, name: str, box: QRectF, colour: str) -> None:
    """Paint an icon sharply at any size; ``colour`` is ``#RRGGBB``.

    Raises
    ------
    KeyError
        No icon has this name.
    """
    _drawing(name, colour).render(painter, box)


def icon(name: str, colour: str = "ink") -> QIcon:
    """Return an icon for buttons; ``colour`` is a token and follows the theme."""
    _source(name)
    return QIcon(_ThemeIcon(name, colour))


class _ThemeIcon(QIconEngine):
    """Paints from the tokens in force, so that a change of theme needs no new icon."""

    def __init__(self, name: str, colour: str) -> None:
        super().__init__()
        self._name, self._colour = name, colour

    def paint(
        self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State
    ) -> None:
        found = theme.tokens()
        off = mode == QIcon.Mode.Disabled
        colour = found.muted if off else getattr(found, self._colour)
        paint_icon(painter, self._name, QRectF(rect), colour)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        if made.isNull():  # Qt asks for no size at all when it looks what there is
            return made
        made.fill(Qt.GlobalColor.transparent)
        with QPainter(made) as painter:
            self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        return made

    def clone(self) -> QIconEngine:
        return _ThemeIcon(self._name, self._colour)


@cache
def _source(name: str) -> str:
    if name not in icon_names():
        raise KeyError(f"no icon named {name}; known: {', '.join(icon_names())}")
    path = files("ui").joinpath("icons", f"{name}.svg")
    return path.read_text(encoding="utf-8")


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    text = _source(name).replace("currentColor", colour)
    return QSvgRenderer(QByteArray(text.encode()))
