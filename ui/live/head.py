"""The head of a block: enlarge, menu, and the place where it is dragged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from ui import theme
from ui.icon import icon

if TYPE_CHECKING:
    from ui.widgets import Card

_ICON_PX: Final = 16


class BlockHead(QObject):
    """What is added to a card so that it can be enlarged, hidden and moved.

    Signals: ``enlarge_wanted``, ``menu_wanted`` (where, on the screen), ``dragged`` and
    ``dropped`` (the pointer, on the screen).
    """

    enlarge_wanted = Signal()
    menu_wanted = Signal(QPoint)
    dragged = Signal(QPoint)
    dropped = Signal(QPoint)

    def __init__(self, title: str, card: Card) -> None:
        super().__init__(card)
        self._card, self._title = card, title
        self._from: QPoint | None = None
        self._drags, self._usable = False, True
        self.enlarge_button = _button("enlarge", f"Enlarge {title}")
        self.menu_button = _button("more", f"What can be done with {title}")
        self.enlarge_button.clicked.connect(self.enlarge_wanted)
        self.menu_button.clicked.connect(self._open_menu)
        for button in (self.enlarge_button, self.menu_button):
            card.head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        for words in card.head_words:  # not the card: it is painted all the time
            words.installEventFilter(self)
        card.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        card.customContextMenuRequested.connect(
            lambda at: self.menu_wanted.emit(card.mapToGlobal(at))
        )

    def set_large(self, *, large: bool) -> None:
        """Say what a click on the first button does now."""
        word = f"Put {self._title} back (Esc)" if large else f"Enlarge {self._title}"
        if self.enlarge_button.accessibleName() != word:
            self.enlarge_button.setIcon(icon("shrink" if large else "enlarge", "muted"))
            self.enlarge_button.setAccessibleName(word)
            self.enlarge_button.setToolTip(word)

    def set_usable(self, *, usable: bool) -> None:
        """Offer nothing at a gate: there the layout is not the page's."""
        for button in (self.enlarge_button, self.menu_button):
            button.setVisible(usable)
        self._usable = usable

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enlarge by a double click on the head, move by dragging it."""
        if not self._usable or not isinstance(event, QMouseEvent):
            return super().eventFilter(watched, event)
        kind = event.type()
        left = event.button() == Qt.MouseButton.LeftButton
        if kind == QEvent.Type.MouseButtonDblClick and left:
            self._end(None)
            self.enlarge_wanted.emit()
            return True
        at = event.globalPosition().toPoint()
        if kind == QEvent.Type.MouseButtonPress and left:
            self._from = at
            return True  # what follows until the release comes here, too
        if kind == QEvent.Type.MouseMove and self._from is not None:
            far = (at - self._from).manhattanLength()
            if self._drags or far >= QApplication.startDragDistance():
                if not self._drags:
                    self._card.setCursor(Qt.CursorShape.ClosedHandCursor)
                self._drags = True
                self.dragged.emit(at)
        elif kind == QEvent.Type.MouseButtonRelease and left:
            self._end(at)
        return super().eventFilter(watched, event)

    def _end(self, at: QPoint | None) -> None:
        drags, self._drags, self._from = self._drags, False, None
        if drags:
            self._card.unsetCursor()
            if at is not None:
                self.dropped.emit(at)

    def _open_menu(self) -> None:
        under = QPoint(0, self.menu_button.height())
        self.menu_wanted.emit(self.menu_button.mapToGlobal(under))


class DropMark(QWidget):
    """A line where a dragged block would come to lie."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, place: QRect | None) -> None:
        """Show the line, None: nowhere."""
        if place is None:
            self.hide()
            return
        self.setGeometry(place)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(theme.tokens().accent))


def _button(name: str, word: str) -> QToolButton:
    made = QToolButton()
    made.setProperty("kind", "block")
    made.setIcon(icon(name, "muted"))
    made.setIconSize(QSize(_ICON_PX, _ICON_PX))
    made.setToolTip(word)
    made.setAccessibleName(word)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made
