"""The sessions of a person, newest first, each with its trials and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
from ui.marks import paint_sign, sign_colour
from ui.numbers import counted, day_text, elapsed_text, size_text
from ui.people_list import write
from ui.tokens import BODY_PX, NOTE_PX, blend

if TYPE_CHECKING:
    from lablive.library.records import SessionEntry, SessionState, TrialEntry
    from ui.marks import Sign

    Index = QModelIndex | QPersistentModelIndex

SIGNS: Final[dict[SessionState, Sign]] = {
    "complete": "good",
    "with losses": "caution",
    "not complete": "caution",
    "damaged": "poor",
    "missing": "poor",
    "not counted": "empty",
    "no trial": "empty",
}
_LINE: Final = int(Qt.ItemDataRole.UserRole)
_PAD_PX: Final = 10
_IN_PX: Final = 16  # a trial stands to the right of its session
_SIGN_PX: Final = 14


class Line(NamedTuple):
    """A session, or a trial of it."""

    session: SessionEntry
    trial: TrialEntry | None = None

    @property
    def mark(self) -> tuple[str, str]:
        """Session and trial, however they are now."""
        return self.session.folder, self.trial.file if self.trial else ""

    @property
    def state(self) -> SessionState:
        """Its state in one word."""
        return self.session.state if self.trial is None else self.trial.state

    @property
    def head(self) -> str:
        """What it is."""
        if self.trial is None:
            return day_text(self.session.date)
        return self.trial.file.rpartition("/")[2]

    @property
    def detail(self) -> str:
        """What is known of it besides."""
        return _of_session(self.session) if self.trial is None else _of(self.trial)


def lines_of(sessions: list[SessionEntry]) -> list[Line]:
    """Return every session with its trials below."""
    found: list[Line] = []
    for session in sessions:
        found.append(Line(session))
        found += [Line(session, trial) for trial in session.trials]
    return found


def _of_session(session: SessionEntry) -> str:
    speeds = ", ".join(f"{speed * 3.6:.1f}" for speed in session.speeds_mps)
    told = (
        session.protocol,
        f"{speeds} km/h" if speeds else "",
        f"shoes: {session.shoes}" if session.shoes else "",
        f"{session.mass_kg:g} kg" if session.mass_kg else "",
        f"pain {session.pain_nrs}" if session.pain_nrs is not None else "",
        counted(len(session.trials), "trial"),
    )
    return " · ".join(filter(None, told))


def _of(trial: TrialEntry) -> str:
    told = (
        elapsed_text(trial.duration_s) if trial.duration_s else "",
        size_text(trial.bytes) if trial.bytes else "",
        trial.kind if trial.kind != "recorded" else "",
        trial.findings[0] if trial.findings else "",
    )
    return " · ".join(filter(None, told))


class SessionLines(QAbstractListModel):
    """Sessions and trials as a list."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []

    def show_sessions(self, sessions: list[SessionEntry]) -> None:
        """Take other sessions."""
        self.beginResetModel()
        self._lines = lines_of(sessions)
        self.endResetModel()

    def line(self, row: int) -> Line:
        """Return a line."""
        return self._lines[row]

    def row_of(self, held: Line) -> int:
        """Return where a line is now, 0 = it is gone."""
        marks = [line.mark for line in self._lines]
        return marks.index(held.mark) if held.mark in marks else 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of lines."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """Return a line, what it is read out as, or all that was found."""
        line = self._lines[index.row()]
        if role == _LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return line.head
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{line.head}: {line.state}. {line.detail}"
        if role == Qt.ItemDataRole.ToolTipRole:
            if line.trial is not None:
                return "\n".join((line.trial.file, *line.trial.findings))
            return "\n".join(filter(None, (line.session.folder, line.session.notes)))
        return None


class _Painter(QStyledItemDelegate):
    """Paints a session as a head, a trial below it, each with sign and word."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: Line = index.data(_LINE)
        tall = QFontMetrics(theme.font(BODY_PX)).height()
        return QSize(0, tall + (18 if line.trial is None else 12))

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
        is_session = line.trial is None
        if is_session and index.row():
            painter.fillRect(QRectF(box.x(), box.y(), box.width(), 1), found.line)
        metrics = QFontMetrics(theme.font(BODY_PX, QFont.Weight.DemiBold))
        top = box.center().y() - metrics.height() / 2
        left = box.x() + _PAD_PX + (0 if is_session else _IN_PX)
        right = box.right() - _PAD_PX
        note = theme.font(NOTE_PX + 1, QFont.Weight.Medium)
        words = QFontMetrics(note).horizontalAdvance(line.state)
        sign_px = theme.scaled(_SIGN_PX)
        at = right - words - sign_px - 6
        sign = SIGNS[line.state]
        sign_box = QRectF(at, box.center().y() - sign_px / 2, sign_px, sign_px)
        paint_sign(painter, sign, sign_box, found)
        word = QRectF(at + sign_px + 6, top, words + 2, metrics.height())
        write(painter, word, line.state, note, sign_colour(sign, found))
        weight = QFont.Weight.DemiBold if is_session else QFont.Weight.Normal
        font = theme.font(BODY_PX, weight)
        wide = QFontMetrics(font).horizontalAdvance(line.head) + 2
        head = QRectF(left, top, min(wide, at - left - 8), metrics.height())
        write(painter, head, line.head, font, found.ink)
        rest = QRectF(head.right() + 12, top, at - head.right() - 24, metrics.height())
        if rest.width() > 0:
            write(painter, rest, line.detail, theme.font(NOTE_PX + 1), found.muted)
        painter.restore()


class SessionList(QListView):
    """The list.

    Signals
    -------
    chosen
        The line that is selected, None = none.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.lines = SessionLines()
        self.setModel(self.lines)
        self.setItemDelegate(_Painter(self))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say("Sessions"))
        self.selectionModel().currentChanged.connect(self._tell)

    def show_sessions(self, sessions: list[SessionEntry]) -> None:
        """Show the sessions of a person."""
        held = self.current_line()
        self.lines.show_sessions(sessions)
        if sessions:
            row = self.lines.row_of(held) if held is not None else 0
            self.setCurrentIndex(self.lines.index(row, 0))
        else:
            self.chosen.emit(None)

    def current_line(self) -> Line | None:
        """Return the selected line, None = none."""
        index = self.currentIndex()
        return self.lines.line(index.row()) if index.isValid() else None

    def _tell(self, now: Index) -> None:
        self.chosen.emit(self.lines.line(now.row()) if now.isValid() else None)
