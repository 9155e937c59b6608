"""The arrangement of the live page: blocks in columns, each with a share of the room.

Nested splitters and nothing else: a block is shown, hidden, enlarged or moved, and what
is not shown takes no time. Only people change the layout; sensors that come and go
change what is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QWidget

from ui.actions import Action
from ui.language import say
from ui.live.head import BlockHead, DropMark
from ui.live.layout import Layout, chosen, moved, place, resized, sizes
from ui.tokens import STEP_PX

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from ui.widgets import Card

GAP_PX: Final = 3 * STEP_PX
_EDGE_PX: Final = 20  # of the board: a block dropped there gets a column of its own
_WHOLE: Final = 10_000


class Board(QWidget):
    """Blocks in columns.

    Signals: ``changed`` (a person changed the layout), ``shown_changed`` (other blocks
    are on the screen).
    """

    changed = Signal()
    shown_changed = Signal()

    def __init__(self, usual: Layout) -> None:
        super().__init__()
        self._usual = self._layout = usual
        self._cards: dict[str, Card] = {}
        self._titles: dict[str, str] = {}
        self._heads: dict[str, BlockHead] = {}
        self._there: AbstractSet[str] = frozenset()
        self._only: AbstractSet[str] | None = None
        self._enlarged = ""
        self._dragged = ""
        self._outer = _splitter(Qt.Orientation.Horizontal)
        self._columns: list[QSplitter] = []
        self._shown: tuple[str, ...] = ()
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._outer)
        self._mark = DropMark(self)
        self._back = Action("put_back", lambda: self.enlarge(""), self)
        self._back.setEnabled(False)
        self._arranges = (
            Action("blocks", self.open_menu, self),
            Action("enlarge", self.enlarge_next, self),
        )

    # -- what is on it ------------------------------------------------------------

    def add(self, block: str, title: str, card: Card) -> None:
        """Put a block on the board; :meth:`set_layout` says where."""
        self._cards[block], self._titles[block] = card, title
        head = self._heads[block] = BlockHead(title, card)
        head.enlarge_wanted.connect(lambda: self.toggle_enlarged(block))
        head.menu_wanted.connect(lambda at: self.block_menu(block).popup(at))
        head.dragged.connect(lambda at: self._drag(block, at))
        head.dropped.connect(lambda at: self._drop(block, at))

    @property
    def arrangement(self) -> Layout:
        """The layout in force."""
        return self._layout

    @property
    def shown(self) -> tuple[str, ...]:
        """Blocks on the screen, column by column."""
        return self._shown

    @property
    def enlarged(self) -> str:
        """The block that has the whole room, "" for none."""
        return self._enlarged

    @property
    def there(self) -> AbstractSet[str]:
        """Blocks that have their sensors."""
        return self._there

    def title(self, block: str) -> str:
        """Return what a block is called."""
        return self._titles[block]

    def set_layout(self, layout: Layout) -> None:
        """Arrange the blocks anew."""
        self._layout = layout
        self._rebuild()
        self._apply()

    def set_there(self, blocks: AbstractSet[str]) -> None:
        """Say which blocks have their sensors: the others are not shown unasked."""
        if blocks != self._there:
            self._there = frozenset(blocks)
            self._apply()

    def set_only(self, blocks: AbstractSet[str] | None) -> None:
        """Show these blocks alone, whoever hid them; None: as the layout says."""
        if blocks != self._only:
            self._only = blocks
            self._apply()

    def is_chosen(self, block: str) -> bool:
        """Tell whether a block is to be shown: as a person said, else its sensors."""
        return self._layout.chosen.get(block, block in self._there)

    # -- what a person does -------------------------------------------------------

    def choose(self, block: str, *, shown: bool) -> None:
        """Show or hide a block."""
        if not shown and self._enlarged == block:
            self._enlarged = ""
        self._take(chosen(self._layout, block, shown=shown))

    def move_block(self, block: str, column: int, row: int) -> None:
        """Move a block, as :func:`ui.live.layout.moved` counts."""
        layout = moved(self._layout, block, column, row)
        if layout != self._layout:
            self._layout = layout
            self._rebuild()
            self._take(layout)

    def usual(self) -> None:
        """Go back to the layout that this program begins with."""
        self._enlarged = ""
        self._layout = self._usual
        self._rebuild()
        self._take(self._usual)

    def enlarge(self, block: str) -> None:
        """Give a block the whole room; "" = all have theirs again."""
        if block != self._enlarged and (not block or self.is_chosen(block)):
            self._enlarged = block
            self._apply()

    def toggle_enlarged(self, block: str) -> None:
        """Enlarge a block, or put it back."""
        self.enlarge("" if self._enlarged == block else block)

    def enlarge_next(self) -> None:
        """Enlarge the first block, the next one, after the last one none."""
        blocks = ["", *(it for it in self._layout.blocks if self._may(it))]
        at = blocks.index(self._enlarged) if self._enlarged in blocks else 0
        self.enlarge(blocks[(at + 1) % len(blocks)])

    def set_curves(self, curves: tuple[str, ...]) -> None:
        """Remember which tiles show their curve."""
        if curves != self._layout.curves:
            self._layout = Layout(self._layout.columns, self._layout.chosen, curves)
            self.changed.emit()

    # -- menus --------------------------------------------------------------------

    def block_menu(self, block: str) -> QMenu:
        """Return everything that can be done with a block."""
        menu = _menu(self)
        large = self._enlarged == block
        word = "Put back\tEsc" if large else "Enlarge\tdouble click"
        menu.addAction(word).triggered.connect(lambda: self.toggle_enlarged(block))
        menu.addAction(say("Hide")).triggered.connect(
            lambda: self.choose(block, shown=False)
        )
        menu.addSeparator()
        for word, target in self._moves(block).items():
            menu.addAction(say(f"Move {word}")).triggered.connect(
                lambda _checked=False, target=target: self.move_block(block, *target)
            )
        return menu

    def view_menu(self) -> QMenu:
        """Return which blocks there are, those on the screen with a mark."""
        menu = _menu(self)
        for block in self._layout.blocks:
            action = menu.addAction(self._titles[block])
            action.setCheckable(True)
            action.setChecked(self.is_chosen(block))
            action.triggered.connect(
                lambda checked, block=block: self.choose(block, shown=checked)
            )
        menu.addSeparator()
        menu.addAction(say("Usual arrangement")).triggered.connect(self.usual)
        return menu

    def open_menu(self) -> None:
        """Offer every block there is."""
        self.view_menu().popup(self.mapToGlobal(QPoint(8, 8)))

    def _moves(self, block: str) -> dict[str, tuple[int, int]]:
        """Return where a block can go: word -> column and row."""
        column, row = place(self._layout, block)
        slots = self._layout.columns[column].slots
        rows = [
            number for number, slot in enumerate(slots) if self.is_chosen(slot.block)
        ]
        above = [number for number in rows if number < row]
        below = [number for number in rows if number > row]
        found: dict[str, tuple[int, int]] = {}
        if above:
            found["up"] = column, above[-1]
        if below:
            found["down"] = column, below[0] + 1
        for word, other in (("left", column - 1), ("right", column + 1)):
            if moved(self._layout, block, other, row) != self._layout:
                found[word] = other, row
        return found

    # -- dragging by the head -----------------------------------------------------

    def _drag(self, block: str, at: QPoint) -> None:
        target = self._target(block, self.mapFromGlobal(at))
        self._mark.show_at(target[2] if target else None)

    def _drop(self, block: str, at: QPoint) -> None:
        self._mark.show_at(None)
        target = self._target(block, self.mapFromGlobal(at))
        if target:
            self.move_block(block, target[0], target[1])

    def _target(self, block: str, at: QPoint) -> tuple[int, int, QRect] | None:
        """Return column, row and place of the mark for a block dropped there."""
        if self._enlarged or self._only is not None:
            return None
        room, last = self.rect(), len(self._layout.columns)
        if abs(at.x()) < _EDGE_PX:
            return -1, 0, QRect(0, 0, 4, room.height())
        if abs(room.width() - at.x()) < _EDGE_PX:
            return last, 0, QRect(room.width() - 4, 0, 4, room.height())
        for other in self._shown:
            card = self._cards[other]
            frame = QRect(card.mapTo(self, QPoint(0, 0)), card.size())
            if frame.contains(at) and other != block:
                column, row = place(self._layout, other)
                low = at.y() > frame.center().y()
                edge = frame.bottom() + 1 if low else frame.top() - 4
                return column, row + low, QRect(frame.left(), edge, frame.width(), 4)
        return None

    # -- inside -------------------------------------------------------------------

    def _take(self, layout: Layout) -> None:
        self._layout = layout
        self._apply()
        self.changed.emit()

    def _may(self, block: str) -> bool:
        """Tell whether a block may be on the screen now."""
        if block not in self._cards:
            return False
        if self._only is not None:
            return block in self._only
        return self.is_chosen(block)

    def _rebuild(self) -> None:
        old = self._columns
        self._columns = []
        for column in self._layout.columns:
            held = _splitter(Qt.Orientation.Vertical)
            for slot in column.slots:
                if slot.block in self._cards:
                    held.addWidget(self._cards[slot.block])
            self._outer.addWidget(held)
            self._columns.append(held)
        for gone in old:
            gone.hide()
            gone.setParent(None)
            gone.deleteLater()
        for splitter in (self._outer, *self._columns):
            for number in range(1, splitter.count()):
                splitter.handle(number).installEventFilter(self)

    def _apply(self) -> None:
        if not self._columns:
            return
        if self._enlarged and not self._may(self._enlarged):
            self._enlarged = ""
        large = self._enlarged if self._only is None else ""
        shown: list[str] = []
        for column, held in zip(self._layout.columns, self._columns, strict=True):
            some = False
            for slot in column.slots:
                if slot.block not in self._cards:
                    continue
                visible = slot.block == large if large else self._may(slot.block)
                self._cards[slot.block].setVisible(visible)
                head = self._heads[slot.block]
                head.set_large(large=slot.block == large)
                head.set_usable(usable=self._only is None)
                some |= visible
                if visible:
                    shown.append(slot.block)
            held.setVisible(some)
        self._back.setEnabled(bool(large))
        for action in self._arranges:
            action.setEnabled(self._only is None)
        self._fit()
        if tuple(shown) != self._shown:
            self._shown = tuple(shown)
            self.shown_changed.emit()

    def _fit(self) -> None:
        """Give columns and blocks their shares of the room."""
        columns = self._layout.columns
        self._outer.setSizes(sizes([it.share for it in columns], _WHOLE))
        for column, held in zip(columns, self._columns, strict=True):
            there = [it.share for it in column.slots if it.block in self._cards]
            held.setSizes(sizes(there, _WHOLE))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shares."""
        super().resizeEvent(event)
        if self._columns:
            self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Store the sizes when a handle is let go."""
        released = event.type() == QEvent.Type.MouseButtonRelease
        if released and isinstance(event, QMouseEvent) and not self._enlarged:
            self._store_sizes()
        return super().eventFilter(watched, event)

    def _store_sizes(self) -> None:
        if self._only is not None:
            return
        wide = {
            number: float(held.width())
            for number, held in enumerate(self._columns)
            if held.isVisible()
        }
        high = {block: float(self._cards[block].height()) for block in self._shown}
        self._layout = resized(self._layout, wide, high)
        self.changed.emit()


def _splitter(direction: Qt.Orientation) -> QSplitter:
    made = QSplitter(direction)
    made.setHandleWidth(GAP_PX)
    made.setChildrenCollapsible(False)
    return made


def _menu(parent: QWidget) -> QMenu:
    made = QMenu(parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return made
