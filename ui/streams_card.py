"""The stream list: every stream in one line, and the devices that failed in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.scrolling import as_tall
from ui.stream_row import LIVE, RECORDED, StreamHead, StreamRow
from ui.widgets import Card, label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent

    from lablive.live.reports import HostReport
    from lablive.messages import StreamInfo
    from lablive.recording.replay import Trial

COLUMNS: Final = 2
MOST_TOLD: Final = 3  # failed devices in full
WIDE_PX: Final = 480  # below it the streams are one column
MOST_PX: Final = 200  # of the list: nine lines, more are scrolled
BETWEEN_PX: Final = 16


class StreamsCard(Card):
    """All streams, in the order in which they came, down the first column first."""

    def __init__(self) -> None:
        super().__init__("Streams", "none connected")
        self._rows: dict[int, StreamRow] = {}
        self._shown: (
            tuple[list[StreamInfo], tuple[str, str, str], bool] | tuple[()]
        ) = ()
        self._failed = label("", "poor")
        self._failed.setWordWrap(True)
        self._table = QWidget()
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._table)
        self._column.addStretch(1)
        self._area = as_tall(self._column, MOST_PX)
        self.body.addWidget(self._failed)
        self.body.addWidget(self._area)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def show_report(self, report: HostReport) -> None:
        """Show the health of everything now."""
        infos = [info for source in report.sources for info in source.streams]
        self._lay_out(infos, LIVE)
        silent: list[str] = []
        for source in report.sources:
            for info, status in zip(source.streams, source.status, strict=True):
                self._rows[info.id].show_status(status)
                if status.state != "streaming":
                    silent.append(info.name)
        told = [
            f"{source.spec.id}: {source.message}"
            for source in report.sources
            if source.message and not source.streams
        ]
        self._show_failed(told)
        words = f"{len(infos) - len(silent)} of {len(infos)} streaming"
        if silent:
            words += f" · no data: {', '.join(silent)}"
        if told:
            words += f" · {len(told)} failed"
        self.set_subtitle(words + _speech(infos) if infos or told else "none connected")

    def show_trial(self, trial: Trial) -> None:
        """Show what a recorded trial holds."""
        self._lay_out(trial.streams, RECORDED)
        self._show_failed([])
        lost = 0
        for info in trial.streams:
            sizes = [gap.rows_lost for gap in trial.losses if gap.stream == info.id]
            known = sum(size for size in sizes if size)
            lost += known
            self._rows[info.id].show_recorded(
                trial.rows(info.id), known, exact=None not in sizes
            )
        words = f"{len(trial.streams)} in this trial · {lost} lost"
        self.set_subtitle(words + _speech(trial.streams))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the streams out in as many columns as can be read."""
        super().resizeEvent(event)
        if self._shown:
            infos, head, _ = self._shown
            self._lay_out(infos, head)

    def _show_failed(self, told: list[str]) -> None:
        more = [f"and {len(told) - MOST_TOLD} more"] if len(told) > MOST_TOLD else []
        text = "\n".join([*told[:MOST_TOLD], *more])
        if text != self._failed.text():
            self._failed.setText(text)
            self._failed.setToolTip(text)  # a low card may cut it
        self._failed.setVisible(bool(told))

    def _lay_out(self, infos: list[StreamInfo], head: tuple[str, str, str]) -> None:
        wide = self.width() >= WIDE_PX
        if (infos, head, wide) == self._shown:
            return
        # rows that only change their place keep what they show
        same = (infos, head) == self._shown[:2]
        self._shown = (list(infos), head, wide)
        fresh = QWidget()
        grid = QGridLayout(fresh)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(BETWEEN_PX)
        grid.setVerticalSpacing(0)
        rows = {info.id: self._rows.get(info.id) for info in infos}
        if not same:
            rows = dict.fromkeys(rows)
        self._rows = {info.id: rows[info.id] or StreamRow(info) for info in infos}
        most = COLUMNS if wide else 1
        columns = min(most, len(infos))  # a lone stream has room for its name
        lines = -(-len(infos) // most)
        for number, row in enumerate(self._rows.values()):
            column, line = divmod(number, lines)
            if line == 0:
                grid.addWidget(StreamHead(head), 0, column)
            grid.addWidget(row, line + 1, column)
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        self._column.replaceWidget(self._table, fresh)
        self._table.hide()
        self._table.deleteLater()
        self._table = fresh
        self._area.updateGeometry()


def _speech(infos: Iterable[StreamInfo]) -> str:
    """Say that the sound itself is stored, "" when it is not."""
    stored = any("mic_belt.audio" in info.labels for info in infos)
    return " · raw audio: speech can be heard" if stored else ""
