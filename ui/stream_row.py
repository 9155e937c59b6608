"""One row of the stream list: what it is, how it is, how fast, what was lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ui import theme
from ui.icon import paint_icon
from ui.numbers import age_text, rate_text
from ui.signs import StatusLamp
from ui.tokens import NOTE_PX, STEP_PX
from ui.widgets import ElidedLabel, label, set_role

if TYPE_CHECKING:
    from lablive.messages import StreamInfo, StreamStatus

# words found in a stream's type or name, in order of trust
_ICONS: Final = (
    ("insole", "insole"), ("pressure", "insole"), ("force", "insole"),
    ("emg", "emg"), ("imu", "imu"), ("acc", "imu"), ("gyro", "imu"),
    ("mic", "microphone"), ("audio", "microphone"), ("level", "microphone"),
    ("treadmill", "treadmill"), ("speed", "treadmill"), ("marker", "marker"),
)  # fmt: skip
_ICON_PX: Final = 18


class StreamRow(QWidget):
    """State, rate, loss and age of one stream; figures keep their columns."""

    def __init__(self, info: StreamInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self._lamp = StatusLamp()
        self._rate = _figure("10000 Hz", "—")
        self._lost = _figure("99999 lost", "—")
        self._age = _figure("no data yet", "no data yet")
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(2 * STEP_PX)
        first.addWidget(_Icon(stream_icon(info)))
        first.addWidget(ElidedLabel(info.name, "strong"), 1)
        first.addWidget(self._lamp)
        second.setSpacing(2 * STEP_PX)
        second.setContentsMargins(_ICON_PX + 2 * STEP_PX, 0, 0, 0)
        for figure in (self._rate, self._lost, self._age):
            second.addWidget(figure)
        second.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 6)
        box.setSpacing(1)
        box.addLayout(first)
        box.addLayout(second)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(info.name)

    def show_status(self, status: StreamStatus) -> None:
        """Show the health of the stream now."""
        self._lamp.set_state(status.state)
        self._lamp.setToolTip(status.last_fault)
        self._rate.setText(rate_text(status.effective_rate_hz or status.rate_hz))
        lost = f"{status.lost} lost"
        self._lost.setText(lost if status.lost_is_exact else f"at least {lost}")
        set_role(self._lost, "alarm" if status.lost else "note")
        self._age.setText(age_text(status.last_sample_age_s))
        self.setAccessibleName(
            f"{self.info.name}: {self._lamp.word()}, {self._rate.text()}, "
            f"{self._lost.text()}, newest sample {self._age.text()}"
        )


def stream_icon(info: StreamInfo) -> str:
    """Return the icon that fits a stream's type or name."""
    words = f"{info.type} {info.name}".lower()
    return next((name for word, name in _ICONS if word in words), "activity")


class _Icon(QWidget):
    """A muted icon."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setFixedSize(QSize(_ICON_PX, _ICON_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            box = QRectF(0, 0, _ICON_PX, _ICON_PX)
            paint_icon(painter, self._name, box, theme.tokens().muted)


def _figure(widest: str, text: str) -> QLabel:
    """Return a note label that does not move its neighbours when it changes."""
    made = label(text, "note")
    metrics = QFontMetrics(theme.font(NOTE_PX))
    made.setMinimumWidth(metrics.horizontalAdvance(widest))
    return made
