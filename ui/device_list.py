"""The list of the Devices page: one line a device or stream, figures in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from ui import theme
from ui.device_health import Line, lines
from ui.language import say
from ui.marks import paint_sign
from ui.signs import lamp_of
from ui.tokens import BODY_PX, NOTE_PX, blend

if TYPE_CHECKING:
    from lablive.live.reports import HostReport

    Index = QModelIndex | QPersistentModelIndex

_LINE: Final = int(Qt.ItemDataRole.UserRole)
_PAD_PX: Final = 8
_SIGN_PX: Final = 16
_PART_PX: Final = 20  # a stream stands to the right of its device
_LEAST_NAME_PX, _MOST_NAME_PX = 190, 420  # beyond it the figures would be far away


class Column(NamedTuple):
    """A column: which figure, its head, the widest text, what it means.

    ``spare``: left out when the window is narrow, the highest number first.
    """

    field: str
    head: str
    widest: str
    means: str
    spare: int = 0

    @property
    def shows(self) -> tuple[str, ...]:
        """Everything of a line that this column's cell is painted from."""
        return {
            "name": ("name", "detail", "state"),
            "measured": ("measured", "off_rate"),
            "battery": ("battery", "low"),
        }.get(self.field, (self.field,))


COLUMNS: Final = (
    Column("name", "Device", "", "The device and what it was opened as"),
    Column("state", "State", "retrying", "How it is now"),
    Column("nominal", "Nominal", "2000 Hz", "The rate that the device promises"),
    Column("measured", "Measured", "2000 Hz", "Rows a second, over the last 2 s"),
    Column(
        "effective", "Distinct", "2000", spare=2,
        means="Rows a second that differ from the row before: some sensors repeat "
        "themselves, and what stands still repeats itself, too",
    ),
    Column(
        "lost", "Lost", "about 9999",
        means='Rows lost on the way: a number is exact, "about" where the device '
        "does not number its rows",
    ),
    Column("age", "Last row", "59.9 s", "Age of the newest row"),
    Column("battery", "Battery", "100 %", "Charge, where the device tells it", 1),
    Column("drift", "Drift", "+999 ppm", "Its clock against this computer's", 3),
    Column("jitter", "Jitter", "99.9 ms", "19 of 20 rows are less late than this", 4),
)  # fmt: skip
_NAME, _STATE = 0, 1


class DeviceLines(QAbstractTableModel):
    """The lines as a table; a line that stays the same line keeps its selection."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []

    def show_lines(self, found: list[Line]) -> None:
        """Take new lines."""
        if found == self._lines:
            return
        before = self._lines
        if [line[:2] for line in found] != [line[:2] for line in before]:
            self.beginResetModel()
            self._lines = found
            self.endResetModel()
            return
        self._lines = found
        for row, (now, was) in enumerate(zip(found, before, strict=True)):
            if now == was:
                continue
            for number, column in enumerate(COLUMNS):  # what stays is not painted again
                if any(getattr(now, it) != getattr(was, it) for it in column.shows):
                    at = self.index(row, number)
                    self.dataChanged.emit(at, at)

    def line(self, row: int) -> Line:
        """Return a line."""
        return self._lines[row]

    def row_of(self, source: str) -> int:
        """Return the first line of a device, -1 = it is not in the list."""
        names = [line.source for line in self._lines]
        return names.index(source) if source in names else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return a figure, or what it is read out as."""
        line, column = self._lines[index.row()], COLUMNS[index.column()]
        if role == _LINE:
            return line
        if column.field == "state":
            text = lamp_of(line.state)[1]
        else:
            text = getattr(line, column.field)
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.head}: {text}"
        if role == Qt.ItemDataRole.ToolTipRole and column.field == "name":
            return "\n".join(filter(None, (line.name, line.detail)))
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = int(Qt.ItemDataRole.DisplayRole),
    ) -> Any:
        """Return the head of a column and what it means."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].head
        if role == Qt.ItemDataRole.ToolTipRole:
            return COLUMNS[section].means
        if role == Qt.ItemDataRole.TextAlignmentRole and section > _STATE:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class _Painter(QStyledItemDelegate):
    """Paints two lines of words, a lamp with its word, or a figure."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: Line = index.data(_LINE)
        words = QFontMetrics(theme.font(BODY_PX)).height()
        if line.is_part:
            return QSize(0, words + 9)
        return QSize(0, words + QFontMetrics(theme.font(NOTE_PX)).height() + 10)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        line: Line = index.data(_LINE)
        found = theme.tokens()
        box = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue]
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(found.accent_tint))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(box, QColor(blend(found.accent, found.card, 0.05)))
        if not line.is_part and index.row():
            painter.fillRect(QRectF(box.x(), box.y(), box.width(), 1), found.line)
        inside = box.adjusted(_PAD_PX, 0, -_PAD_PX, 0)
        if index.column() == _NAME:
            _paint_name(painter, inside, line)
        elif index.column() == _STATE:
            _paint_state(painter, inside, line)
        else:
            _paint_figure(painter, inside, line, index.column())
        painter.restore()


def _paint_name(painter: QPainter, box: QRectF, line: Line) -> None:
    found = theme.tokens()
    weight = QFont.Weight.Normal if line.is_part else QFont.Weight.DemiBold
    words = theme.font(BODY_PX, weight)
    metrics = QFontMetrics(words)
    middle = Qt.AlignmentFlag.AlignVCenter
    if line.is_part:
        _write(painter, box.adjusted(_PART_PX, 0, 0, 0), line.name, words, middle)
        return
    top = QRectF(box.x(), box.y() + 5, box.width(), metrics.height())
    _write(painter, top, line.name, words, middle)
    small = theme.font(NOTE_PX)
    top.translate(0, metrics.height())
    top.setHeight(QFontMetrics(small).height())
    fine = line.state in ("streaming", "settling", "opening")
    ink = found.muted if fine else found.caution
    _write(painter, top, line.detail, small, middle, ink)


def _paint_state(painter: QPainter, box: QRectF, line: Line) -> None:
    found = theme.tokens()
    sign, word = lamp_of(line.state)
    size = theme.scaled(_SIGN_PX) - 2 * line.is_part
    lamp = QRectF(box.x(), box.center().y() - size / 2, size, size)
    paint_sign(painter, sign, lamp, found)
    fine = line.state == "streaming"
    weight = QFont.Weight.Normal if fine else QFont.Weight.DemiBold
    ink = found.muted if fine else {"poor": found.poor}.get(sign, found.ink)
    words = box.adjusted(size + 6, 0, _PAD_PX, 0)
    middle = Qt.AlignmentFlag.AlignVCenter
    _write(painter, words, word, theme.font(NOTE_PX + 1, weight), middle, ink)


def _paint_figure(painter: QPainter, box: QRectF, line: Line, column: int) -> None:
    found = theme.tokens()
    field = COLUMNS[column].field
    text = str(getattr(line, field))
    ink, weight = found.ink, QFont.Weight.Normal
    if field == "lost" and line.has_loss:
        ink, weight = found.poor, QFont.Weight.DemiBold
    elif (field == "measured" and line.off_rate) or (field == "battery" and line.low):
        ink, weight = found.caution, QFont.Weight.DemiBold
    elif field == "nominal" or not any(sign.isdigit() for sign in text):
        ink = found.muted
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    _write(painter, box, text, theme.font(NOTE_PX + 1, weight), right, ink)


def _write(
    painter: QPainter,
    box: QRectF,
    text: str,
    font: QFont,
    align: Qt.AlignmentFlag,
    ink: str = "",
) -> None:
    painter.setFont(font)
    painter.setPen(QColor(ink or theme.tokens().ink))
    cut = QFontMetrics(font).elidedText(
        text, Qt.TextElideMode.ElideRight, int(box.width())
    )
    painter.drawText(box, int(align | Qt.TextFlag.TextSingleLine), cut)


class DeviceList(QTableView):
    """The table.

    Signals
    -------
    chosen
        Name of the device that is selected, "" = none.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.lines = DeviceLines()
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName(say("Devices"))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self._chosen = ""
        self.selectionModel().currentRowChanged.connect(self._take_row)
        self.lines.modelReset.connect(self._fit_rows)

    def show_report(self, report: HostReport) -> None:
        """Show the devices as they are now; the chosen one stays chosen."""
        wanted = self._chosen
        self.lines.show_lines(lines(report))
        if self.lines.row_of(wanted) < 0:
            first = self.lines.line(0).source if self.lines.rowCount() else ""
            self.choose(first)
        elif self._chosen != wanted or not self.currentIndex().isValid():
            self.choose(wanted)

    def choose(self, source: str) -> None:
        """Select a device; "" = none."""
        row = self.lines.row_of(source)
        if row >= 0:
            self.setCurrentIndex(self.lines.index(row, 0))
        else:
            self._choose("")

    @property
    def chosen_source(self) -> str:
        """Name of the selected device, "" = none."""
        return self._chosen

    def fit_columns(self) -> None:
        """Give figures the room they need; a narrow window loses the least of them."""
        wide = self.viewport().width()
        metrics = QFontMetrics(theme.font(NOTE_PX + 1, QFont.Weight.DemiBold))
        heads = QFontMetrics(theme.font(NOTE_PX, QFont.Weight.DemiBold))
        needs: dict[int, int] = {}
        for number, column in enumerate(COLUMNS[1:], start=1):
            text = metrics.horizontalAdvance(column.widest)
            text += (theme.scaled(_SIGN_PX) + 6) * (number == _STATE)
            needs[number] = (
                max(text, heads.horizontalAdvance(column.head)) + 2 * _PAD_PX + 2
            )
        hidden: set[int] = set()
        spare = sorted(needs, key=lambda number: -COLUMNS[number].spare)
        for number in spare:
            left = wide - sum(px for at, px in needs.items() if at not in hidden)
            if left >= theme.scaled(_LEAST_NAME_PX) or not COLUMNS[number].spare:
                break
            hidden.add(number)
        kept = [number for number in needs if number not in hidden]
        left = wide - sum(needs[number] for number in kept)
        spare_px = max(left - theme.scaled(_MOST_NAME_PX), 0) // len(kept)
        for number, px in needs.items():
            self.setColumnHidden(number, number in hidden)
            self.setColumnWidth(number, px + spare_px)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns to the new width."""
        super().resizeEvent(event)
        self.fit_columns()

    def changeEvent(self, event: Any) -> None:
        """Fit again when the text has become larger."""
        super().changeEvent(event)
        if event.type() in (event.Type.StyleChange, event.Type.FontChange):
            self.fit_columns()
            self._fit_rows()

    def _fit_rows(self) -> None:
        for row in range(self.lines.rowCount()):
            index = self.lines.index(row, 0)
            height = self.itemDelegate().sizeHint(QStyleOptionViewItem(), index)
            self.setRowHeight(row, height.height())

    def _take_row(self, current: QModelIndex) -> None:
        if current.isValid():
            self._choose(self.lines.line(current.row()).source)

    def _choose(self, source: str) -> None:
        if source != self._chosen:
            self._chosen = source
            self.chosen.emit(source)
