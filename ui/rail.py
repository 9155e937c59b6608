"""The places of the program: a rail of names with their keys, and one page each."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from lablive import __version__
from ui import theme
from ui.actions import dress
from ui.keymap import key_text
from ui.language import say
from ui.tokens import BODY_PX, NOTE_PX, STEP_PX, blend
from ui.widgets import label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RAIL_PX: Final = 76
_MARK_PX: Final = 3
_LEFT_PX: Final = 12


class Place(NamedTuple):
    """A place, its action, and its page, made at the first visit."""

    name: str
    action: str
    make: Callable[[], QWidget]


class PlaceButton(QAbstractButton):
    """A name on the rail with its key below; bright where we are."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._key = key_text(place.action)
        self.setText(say(place.name))
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        dress(self, place.action)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return room for name and key."""
        words = QFontMetrics(theme.font(BODY_PX, QFont.Weight.DemiBold))
        keys = QFontMetrics(theme.font(NOTE_PX))
        wide = max(
            words.horizontalAdvance(self.text()), keys.horizontalAdvance(self._key)
        )
        return QSize(wide + _LEFT_PX + 8, words.height() + keys.height() + 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, mark, name and key."""
        found = theme.tokens()
        here = self.isChecked()
        ground = blend(found.rail_ink, found.rail, 0.12)
        with QPainter(self) as painter:
            if here or self.underMouse():
                painter.fillRect(self.rect(), QColor(ground))
            if here:
                mark = QRectF(0, 0, _MARK_PX, self.height())
                painter.fillRect(mark, QColor(found.rail_mark))
            if self.hasFocus():
                painter.setPen(QColor(found.rail_mark))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            weight = QFont.Weight.DemiBold if here else QFont.Weight.Normal
            words = theme.font(BODY_PX, weight)
            tall = QFontMetrics(words).height()
            box = QRectF(_LEFT_PX, 8, self.width() - _LEFT_PX, tall)
            painter.setFont(words)
            painter.setPen(QColor(found.on_rail if here else found.rail_ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
            painter.setFont(theme.font(NOTE_PX))
            painter.setPen(QColor(found.rail_ink))
            box.translate(0, tall + 2)
            painter.drawText(box, Qt.AlignmentFlag.AlignTop, self._key)


class Places(QWidget):
    """The rail and the page of the place where we are.

    Parameters
    ----------
    places
        In the order of the rail.
    above, below
        What is there in every place: a recording is never out of sight or reach.

    Signals
    -------
    changed
        Name of the place we have come to.
    """

    changed = Signal(str)

    def __init__(
        self,
        places: Iterable[Place],
        above: Iterable[QWidget] = (),
        below: Iterable[QWidget] = (),
    ) -> None:
        super().__init__()
        self._places = {place.name: place for place in places}
        self._pages: dict[str, QWidget] = {}
        self.buttons = {name: PlaceButton(it) for name, it in self._places.items()}
        self.here = ""
        self._stack = QStackedWidget()
        for name, button in self.buttons.items():
            button.clicked.connect(partial(self.go, name))
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._rail())
        column = QVBoxLayout()
        column.setSpacing(0)
        for widget in above:
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        for widget in below:
            column.addWidget(widget)
        box.addLayout(column, 1)

    def page(self, name: str) -> QWidget:
        """Return the page of a place, made if it was never asked for."""
        if name not in self._pages:
            made = self._pages[name] = self._places[name].make()
            self._stack.addWidget(made)
        return self._pages[name]

    def go(self, name: str) -> None:
        """Show a place."""
        page = self.page(name)
        self._stack.setCurrentWidget(page)
        self.buttons[name].setChecked(True)
        if name != self.here:
            self.here = name
            self.focus()
            self.changed.emit(name)

    def focus(self) -> None:
        """Give the keys to the page that is shown, unless a part of it has them."""
        page = self.page(self.here)
        inside = page.focusWidget()
        if not inside or inside is not page.window().focusWidget():
            page.setFocus()

    def _rail(self) -> QWidget:
        rail = QFrame()
        rail.setProperty("surface", "rail")
        rail.setMinimumWidth(RAIL_PX)  # larger text takes more
        rail.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        box = QVBoxLayout(rail)
        box.setContentsMargins(0, 14, 0, 12)
        box.setSpacing(0)
        name, version = label("LabLive"), label(__version__)
        name.setProperty("rail", "name")
        version.setProperty("rail", "note")
        for words in (name, version):
            words.setContentsMargins(_LEFT_PX, 0, 9, 0)
        box.addWidget(name)
        box.addSpacing(5 * STEP_PX)
        for button in self.buttons.values():
            box.addWidget(button)
        box.addStretch(1)
        box.addWidget(version)
        return rail
