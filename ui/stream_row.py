"""One line of the stream list: how it is, what it is, how fast, what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from ui import theme
from ui.language import say
from ui.numbers import age_text, rate_text
from ui.signs import StatusLamp
from ui.tokens import NOTE_PX
from ui.widgets import ElidedLabel, label, set_role

if TYPE_CHECKING:
    from lablive.messages import StreamInfo, StreamStatus

# widest text of each column, so that nothing moves when figures change
_WIDEST: Final = ("2000 Hz", "≥ 9999", "999 ms")
_BETWEEN_PX: Final = 6
LIVE: Final = ("rate", "lost", "last")
RECORDED: Final = ("rate", "lost", "rows")


class StreamRow(QWidget):
    """State, name, rate, loss and age of one stream in one line."""

    def __init__(self, info: StreamInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self._lamp = StatusLamp(words=False)
        self._name = ElidedLabel(info.name)
        self._rate, self._lost, self._age = _lay_out(self, self._lamp, self._name)
        self.setAccessibleName(info.name)

    def show_status(self, status: StreamStatus) -> None:
        """Show the health of the stream now."""
        streaming = status.state == "streaming"
        self._lamp.set_state(status.state)
        self.setToolTip(status.last_fault)
        rate = rate_text(status.effective_rate_hz or status.rate_hz)
        self._rate.setText(rate if streaming else self._lamp.word())
        set_role(self._rate, "note" if streaming else "concern")
        self._show_lost(status.lost, exact=status.lost_is_exact)
        self._age.setText(age_text(status.last_sample_age_s))
        said = "" if status.lost_is_exact else "at least "
        self.setAccessibleName(
            say(
                f"{self.info.name}: {self._lamp.word()}, {rate}, "
                f"{said}{status.lost} lost, newest sample {self._age.text()}"
            )
        )

    def show_recorded(self, rows: int, lost: int, *, exact: bool) -> None:
        """Show what a trial holds of the stream."""
        self._lamp.set_state("streaming" if rows and not lost else "stalled")
        self._rate.setText(rate_text(self.info.rate_hz))
        self._show_lost(lost, exact=exact)
        self._age.setText(str(rows))
        self.setAccessibleName(say(f"{self.info.name}: {rows} rows, {lost} lost"))

    def _show_lost(self, lost: int, *, exact: bool) -> None:
        self._lost.setText(str(lost) if exact else f"≥ {lost}")
        set_role(self._lost, "alarm" if lost else "note")


class StreamHead(QWidget):
    """What the columns of the rows below it are."""

    def __init__(self, words: tuple[str, str, str]) -> None:
        super().__init__()
        lamp = QWidget()
        lamp.setFixedWidth(StatusLamp(words=False).sizeHint().width())
        figures = _lay_out(self, lamp, label("stream", "note"))
        for figure, word in zip(figures, words, strict=True):
            figure.setText(word)


def _lay_out(
    row: QWidget, lamp: QWidget, name: QWidget
) -> tuple[QLabel, QLabel, QLabel]:
    """Put a line together; return its three figures."""
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 1, 0, 1)
    box.setSpacing(_BETWEEN_PX)
    box.addWidget(lamp)
    box.addWidget(name, 1)
    metrics = QFontMetrics(theme.font(NOTE_PX))
    rate, lost, age = (label("", "note") for _ in _WIDEST)
    for figure, widest in zip((rate, lost, age), _WIDEST, strict=True):
        figure.setMinimumWidth(metrics.horizontalAdvance(widest))
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        box.addWidget(figure)
    row.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return rate, lost, age
