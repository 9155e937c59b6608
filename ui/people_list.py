"""The list of people: name, code, last session; painted, so that thousands scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from ui import theme
from ui.language import say
from ui.numbers import counted, day_text
from ui.tokens import BODY_PX, NOTE_PX, blend

if TYPE_CHECKING:
    from lablive.library.records import PersonLine

    Index = QModelIndex | QPersistentModelIndex

NO_NAME: Final = "no name"
NO_SESSION: Final = "no session yet"
_LINE: Final = int(Qt.ItemDataRole.UserRole)
_PAD_PX: Final = 10


class PeopleLines(QAbstractListModel):
    """People as a list."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[PersonLine] = []

    def show_lines(self, found: list[PersonLine]) -> None:
        """Take new lines."""
        self.beginResetModel()
        self._lines = found
        self.endResetModel()

    def line(self, row: int) -> PersonLine:
        """Return a line."""
        return self._lines[row]

    def row_of(self, code: str) -> int:
        """Return where a person is, -1 = not in the list."""
        codes = [line.person.code for line in self._lines]
        return codes.index(code) if code in codes else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of people."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return a line, or what it is read out as."""
        line = self._lines[index.row()]
        if role == _LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.person.name or line.person.code
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join((name_of(line), line.person.code, last_of(line)))
        return None


def name_of(line: PersonLine) -> str:
    """Return the name as listed, or that there is none."""
    return line.person.name or NO_NAME


def last_of(line: PersonLine) -> str:
    """Return when the last session was, and how many there are."""
    if not line.sessions:
        return NO_SESSION
    return f"{day_text(line.last_date)} · {counted(line.sessions, 'session')}"


class _Painter(QStyledItemDelegate):
    """Paints a name with code and last session below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        words = QFontMetrics(theme.font(BODY_PX)).height()
        return QSize(0, words + QFontMetrics(theme.font(NOTE_PX)).height() + 16)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        line: PersonLine = index.data(_LINE)
        found = theme.tokens()
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(found.accent_tint))
            painter.fillRect(QRectF(box.x(), box.y(), 3, box.height()), found.accent)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(blend(found.accent, found.card, 0.05)))
        inside = box.adjusted(_PAD_PX, 7, -_PAD_PX, -7)
        named = bool(line.person.name)
        weight = QFont.Weight.DemiBold if named else QFont.Weight.Normal
        head = theme.font(BODY_PX, weight)
        tall = QFontMetrics(head).height()
        top = QRectF(inside.x(), inside.y(), inside.width(), tall)
        write(painter, top, name_of(line), head, found.ink if named else found.muted)
        small = theme.font(NOTE_PX)
        below = QRectF(inside.x(), inside.y() + tall + 2, inside.width(), tall)
        code = QFontMetrics(small).elidedText(
            line.person.code, Qt.TextElideMode.ElideMiddle, int(inside.width() * 0.45)
        )
        write(painter, below, code, small, found.ink)
        last = last_of(line)
        write(painter, below, last, small, found.muted, Qt.AlignmentFlag.AlignRight)
        painter.restore()


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    ink: str,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Write one line, cut with "…" when it is too long."""
    painter.setFont(font)
    painter.setPen(QColor(ink))
    cut = QFontMetrics(font).elidedText(
        text, Qt.TextElideMode.ElideRight, int(box.width())
    )
    how = align | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextSingleLine
    painter.drawText(box, int(how), cut)


class PeopleList(QListView):
    """The list.

    Signals
    -------
    chosen
        The person line that is selected, None = none.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lines = PeopleLines()
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say("People"))
        self.selectionModel().currentChanged.connect(self._tell)

    def show_lines(self, found: list[PersonLine], wanted: str) -> None:
        """Show people; ``wanted`` stays selected when still listed, else the first."""
        self.lines.show_lines(found)
        row = self.lines.row_of(wanted) if wanted else 0
        row = max(row, 0)
        if found:
            self.setCurrentIndex(self.lines.index(row, 0))
        else:
            self.chosen.emit(None)

    def step(self, rows: int) -> None:
        """Select another person, some rows further down."""
        last = self.lines.rowCount() - 1
        if last >= 0:
            row = min(max(self.currentIndex().row() + rows, 0), last)
            self.setCurrentIndex(self.lines.index(row, 0))

    def _tell(self, now: Index) -> None:
        self.chosen.emit(self.lines.line(now.row()) if now.isValid() else None)
