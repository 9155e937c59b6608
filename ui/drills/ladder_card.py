"""The ladder: which steps a person has passed, over all sessions, and the advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from lablive.drills.sight import side_sights
from ui import theme
from ui.actions import ActionButton
from ui.language import language, say
from ui.marks import paint_sign
from ui.numbers import day_text
from ui.scrolling import scrolling
from ui.tokens import BODY_PX, NOTE_PX, STEP_PX
from ui.widgets import Card, ElidedLabel, label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lablive.drills.ladder import Rung
    from lablive.drills.sight import SideSight
    from ui.drills.drill_control import DrillControl
    from ui.marks import Sign

_SIGNS: Final[dict[str, Sign]] = {
    "passed": "good", "tried": "caution", "now": "info", "open": "empty",
}  # fmt: skip
_SIGN_PX: Final = 14.0
_WORDS: Final = {"passed": "passed", "tried": "not passed", "now": "next", "open": ""}


class LadderView(QWidget):
    """Paints the steps; a click chooses one.

    Signals
    -------
    wanted
        Drill and leg of a step.
    """

    wanted = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._rungs: tuple[Rung, ...] = ()
        self._chosen = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(say("Ladder"))

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """What is shown."""
        return self._rungs

    def show_rungs(self, rungs: Sequence[Rung], drill: str, leg: str) -> None:
        """Show steps; that of the chosen drill and leg is marked."""
        fresh = tuple(rungs)
        if (fresh, (drill, leg)) == (self._rungs, self._chosen):
            return
        more = len(fresh) != len(self._rungs)
        self._rungs, self._chosen = fresh, (drill, leg)
        told = [f"{it.title} {_WORDS[it.state]} {it.words}".strip() for it in fresh]
        self.setAccessibleDescription("; ".join(told))
        if more:
            self.updateGeometry()
        self.update()

    def line_px(self) -> int:
        """Return the height of a step."""
        return theme.scaled(BODY_PX) + 15

    def sizeHint(self) -> QSize:
        """Return room for every step."""
        return QSize(240, len(self._rungs) * self.line_px())

    def minimumSizeHint(self) -> QSize:
        """Return the same height."""
        return QSize(160, self.sizeHint().height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the step under the pointer."""
        at = int(event.position().y() // self.line_px())
        if 0 <= at < len(self._rungs):
            self.wanted.emit(self._rungs[at].drill, self._rungs[at].leg)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the steps that are seen."""
        tokens, high = theme.tokens(), self.line_px()
        seen = event.rect()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for at, it in enumerate(self._rungs):
                top = at * high
                if top + high < seen.top() or top > seen.bottom():
                    continue
                here = (it.drill, it.leg) == self._chosen
                box = QRectF(0, top, self.width(), high)
                if here:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(QColor(tokens.accent_tint))
                    painter.drawRoundedRect(box, 4, 4)
                y = box.center().y() - _SIGN_PX / 2
                place = QRectF(6, y, _SIGN_PX, _SIGN_PX)
                paint_sign(painter, _SIGNS[it.state], place, tokens)
                painter.setFont(theme.font(NOTE_PX))
                painter.setPen(QColor(tokens.muted))
                box.setRight(box.right() - 6)
                told = _told(it)
                right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, right, told)
                wide = QFontMetricsF(painter.font()).horizontalAdvance(told)
                weight = QFont.Weight.DemiBold if here else QFont.Weight.Normal
                painter.setFont(theme.font(BODY_PX, weight))
                painter.setPen(QColor(tokens.ink))
                box.setLeft(6 + _SIGN_PX + 8)
                box.setRight(box.right() - wide - 8)
                cut = QFontMetricsF(painter.font()).elidedText(
                    it.title, Qt.TextElideMode.ElideRight, box.width()
                )
                left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, left, cut)


def _told(rung: Rung) -> str:
    if rung.best is None:
        return "next" if rung.state == "now" else ""
    done = f"{rung.best.passed}/{rung.best.wanted or rung.best.scored}"
    day = day_text(rung.best.date) if rung.best.date else "today"
    return f"{done} · {day}"


class LadderCard(Card):
    """Ladder, all other drills, and what the sets speak for.

    Parameters
    ----------
    control
        Whose drills they are.
    """

    def __init__(self, control: DrillControl) -> None:
        super().__init__("Ladder", " ")
        self._control = control
        self.view = LadderView()
        self.view.wanted.connect(control.choose)
        self.all = QComboBox()
        self.all.setAccessibleName(say("Every drill"))
        self.all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all.activated.connect(self._choose)
        self._advice = label("", "muted")
        self._advice.setWordWrap(True)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        column.addStretch(1)
        change = ActionButton("drill_edit", self.edit)
        self.edit_button = change
        above = QHBoxLayout()
        above.addWidget(self.all, 1)
        above.addWidget(change)
        self.body.addLayout(above)
        self.body.addWidget(scrolling(column), 1)
        self.body.addSpacing(STEP_PX)
        self.body.addWidget(self._advice)
        control.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show where the person stands."""
        if not self._control.drills:
            return
        control = self._control
        self.view.show_rungs(control.ladder, control.chosen, control.leg)
        names = list(control.drills)
        if [self.all.itemData(at) for at in range(self.all.count())] != names:
            self.all.clear()
            for name, drill in control.drills.items():
                self.all.addItem(drill.words(language()).title, name)
        self.all.setCurrentIndex(names.index(control.chosen))
        self.all.setEnabled(not control.is_busy)
        self.edit_button.setVisible(not control.is_busy)
        self._advice.setText(control.advice.words)

    def edit(self) -> None:
        """Change a drill of the lab's own, or make one from a shipped drill."""
        from ui.drills.editor import DrillEditor

        control = self._control
        own = control.own
        is_own = (own / f"{control.chosen}.toml").is_file()
        editor = DrillEditor(control.drill, own, self.window(), is_own=is_own)
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.accepted.connect(lambda: control.take(editor.saved))
        editor.open()

    def _choose(self, at: int) -> None:
        self._control.choose(str(self.all.itemData(at)))


class SidesCard(Card):
    """Left against right: medians of the newest set of each leg."""

    def __init__(self, control: DrillControl) -> None:
        super().__init__("Left against right", " ")
        self._control = control
        self._none = label("Comes with a set of each leg.", "muted")
        self._none.setWordWrap(True)
        self._rows = QGridLayout()
        self._rows.setHorizontalSpacing(3 * STEP_PX)
        self._rows.setVerticalSpacing(STEP_PX)
        self._rows.setColumnStretch(0, 1)
        self._cells: list[QWidget] = []
        self._shown: tuple[SideSight, ...] | None = None
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        column.addLayout(self._rows)
        column.addStretch(1)
        self.body.addWidget(scrolling(column), 1)
        control.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show the medians."""
        control = self._control
        sets = [it for it in control.sets if it.drill == control.chosen]
        sights = side_sights(control.drill, sets)
        if sights == self._shown:
            return
        self._shown = sights
        for cell in self._cells:
            self._rows.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells = []
        for row, it in enumerate(sights):
            unit = "" if it.unit == "1" else f" {it.unit}"
            both = f"L {it.left or '—'} · R {it.right or '—'}{unit}"
            cells = ElidedLabel(it.label, "muted"), label(both, "strong")
            for at, cell in enumerate(cells):
                self._rows.addWidget(cell, row, at)
                self._cells.append(cell)
        self._none.setVisible(not sights)
