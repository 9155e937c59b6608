"""The stream list: state, rate, loss and age of each, and sources that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout

from ui.scrolling import scrolling
from ui.stream_row import StreamRow
from ui.widgets import Card, ElidedLabel, label

if TYPE_CHECKING:
    from lablive.live.reports import HostReport, SourceReport


class StreamsCard(Card):
    """All streams of the host, in the order in which they came."""

    def __init__(self) -> None:
        super().__init__("Streams", "none connected")
        self._rows: dict[int, StreamRow] = {}
        self._failed: dict[str, ElidedLabel] = {}
        self._empty = label(
            "Connect devices, or try the simulated runner. Every stream shows here how "
            "fast it sends and what it has lost.",
            "muted",
        )
        self._empty.setWordWrap(True)
        self._list = QVBoxLayout()
        self._list.setSpacing(2)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addWidget(self._empty)
        self._list.addStretch(1)
        self.body.addWidget(scrolling(self._list))

    def show_report(self, report: HostReport) -> None:
        """Show the health of everything now."""
        alive = total = 0
        for source in report.sources:
            self._show_failure(source)
            for info, status in zip(source.streams, source.status, strict=True):
                total += 1
                alive += status.state == "streaming"
                row = self._rows.get(info.id)
                if row is None:
                    row = self._rows[info.id] = StreamRow(info)
                    self._list.insertWidget(self._list.count() - 1, row)
                row.show_status(status)
        self._drop_gone(report)
        self._empty.setVisible(not self._rows and not self._failed)
        self.set_subtitle(
            f"{alive} of {total} streaming" if total else "none connected"
        )

    def _show_failure(self, source: SourceReport) -> None:
        told = "" if source.streams else source.message
        line = self._failed.get(source.spec.id)
        if told and line is None:
            line = self._failed[source.spec.id] = ElidedLabel("", "poor")
            self._list.insertWidget(self._list.count() - 1, line)
        if line is not None:
            line.set_text(f"{source.spec.id}: {told}")
            line.setVisible(bool(told))

    def _drop_gone(self, report: HostReport) -> None:
        streams = {info.id for source in report.sources for info in source.streams}
        for stream in set(self._rows) - streams:
            self._rows.pop(stream).deleteLater()
        for source in set(self._failed) - {s.spec.id for s in report.sources}:
            self._failed.pop(source).deleteLater()
