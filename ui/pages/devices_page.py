"""The devices: how each one is, what is wrong with it, and what can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from lablive.clock import now_s
from lablive.live.sharing import EVERY_DEVICE, SharingWish
from ui.actions import ActionButton
from ui.connect_dialog import ConnectDialog
from ui.device_health import summary
from ui.device_list import DeviceList
from ui.device_panel import DevicePanel
from ui.known_card import KnownCard
from ui.lsl_results import ResultsOnLsl
from ui.notice_board import NoticeBoard
from ui.tokens import STEP_PX
from ui.widgets import Card, label

if TYPE_CHECKING:
    from lablive.live.lsl_choices import LslIdentity
    from lablive.live.reports import HostReport, SourceReport
    from ui.session_model import SessionModel

EVERY_S: Final = 0.5  # health is read, not watched: twice a second is enough
LIST, PANEL = 70, 30  # shares of the width
EMPTY: Final = (
    "Plug in the receiver, or start the device's LSL program. What is connected is "
    "listed here with its rate, its losses and what is wrong with it."
)


class DevicesPage(QWidget):
    """A list of all devices, and everything of the one that is chosen."""

    def __init__(self, model: SessionModel) -> None:
        super().__init__()
        self._model = model
        self._shown: HostReport | None = None
        self._shown_s = float("-inf")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.notice = NoticeBoard()
        self.list = DeviceList()
        self.panel = DevicePanel()
        self.known = KnownCard(model)
        self.results = ResultsOnLsl(model)
        self.card = Card("Devices", "none connected")
        self.connect_button = ActionButton("connect", self.connect_devices)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        self._stack.addWidget(_empty())
        self._lay_out()
        model.trouble.connect(self.notice.trouble)
        model.news.connect(self.notice.news)
        self.list.chosen.connect(lambda _: self._show_chosen())
        self.panel.retry_wanted.connect(self._retry)
        self.panel.disconnect_wanted.connect(self._disconnect)
        self.panel.raw_wanted.connect(self._keep_raw)
        self.panel.publish_wanted.connect(self._publish)
        self.panel.stream_chosen.connect(self._choose_stream)
        self.panel.microphone_wanted.connect(self._check_microphone)
        self.refresh()

    def connect_devices(self) -> None:
        """Open the list of what is connected to this machine."""
        ConnectDialog(self._model, self).open()

    def refresh(self) -> None:
        """Show the newest report of the host, twice a second at most."""
        report, now = self._model.live.report, now_s()
        self._model.devices.known.look()
        if report is self._shown and report is not None:
            return
        if now - self._shown_s < EVERY_S:
            return
        self._shown, self._shown_s = report, now
        sources = report.sources if report is not None else ()
        self._stack.setCurrentIndex(0 if sources else 1)
        self.panel.setVisible(bool(sources))
        self.results.refresh(anything=bool(sources))
        ready = bool(self._model.devices.known.there)
        self.connect_button.set_kind("secondary" if sources or ready else "primary")
        self.known.show_next_step(nothing_open=not sources)
        words = summary(report) if report is not None and sources else "none connected"
        self.card.set_subtitle(words)
        if report is not None:
            self.list.show_report(report)
        self._show_chosen()

    def _show_chosen(self) -> None:
        recording = self._model.live.recording is not None
        source, waiting = self._chosen(), self._model.devices.waiting
        asked = bool(source and waiting and waiting[0].source == source.spec.id)
        wish = self._model.live.publishing.wish.devices
        published = bool(source and {source.spec.id, EVERY_DEVICE} & set(wish))
        self.panel.show_source(
            source, recording=recording, asked=asked, published=published
        )

    def _chosen(self) -> SourceReport | None:
        sources = self._shown.sources if self._shown is not None else ()
        name = self.list.chosen_source
        return next((it for it in sources if it.spec.id == name), None)

    def _retry(self) -> None:
        if (source := self._chosen()) is not None:
            self._model.devices.retry(source.spec.id)

    def _disconnect(self) -> None:
        if (source := self._chosen()) is not None:
            self._model.devices.disconnect_source(source.spec.id)
            self._shown_s = float("-inf")  # seen at once

    def _keep_raw(self, keep: bool) -> None:
        source = self._chosen()
        if source is not None and source.spec.record_raw is not keep:
            changed = msgspec.structs.replace(source.spec, record_raw=keep)
            self._model.live.change_source(changed)

    def _publish(self, on: bool) -> None:
        """Publish the rows of the chosen device, or no longer."""
        source = self._chosen()
        if source is None:
            return
        publishing = self._model.live.publishing
        wanted = set(publishing.wish.devices)
        if EVERY_DEVICE in wanted and self._shown is not None:
            every = self._shown.sources
            wanted = {it.spec.id for it in every if it.spec.driver != "lsl"}
        changed = wanted | {source.spec.id} if on else wanted - {source.spec.id}
        wish = SharingWish(publishing.wish.results, tuple(sorted(changed)))
        publishing.want(wish)

    def _choose_stream(self, chosen: LslIdentity) -> None:
        if (source := self._chosen()) is not None:
            self._model.live.choose_stream(source.spec.id, chosen)

    def _check_microphone(self) -> None:
        if (source := self._chosen()) is not None:
            from ui.microphone_dialog import MicrophoneDialog

            MicrophoneDialog(self._model.devices, source.spec, self).open()

    def _lay_out(self) -> None:
        self.card.head.addWidget(self.connect_button)
        self.card.body.addWidget(self._stack, 1)
        self.card.body.addWidget(self.results)
        self._left = QVBoxLayout()
        self._left.setSpacing(3 * STEP_PX)
        self._left.addWidget(self.notice)
        self._left.addWidget(self.card, 1)
        self._left.addWidget(self.known)
        columns = QHBoxLayout(self)
        columns.setContentsMargins(4 * STEP_PX, 3 * STEP_PX, 4 * STEP_PX, 3 * STEP_PX)
        columns.setSpacing(3 * STEP_PX)
        columns.addLayout(self._left, LIST)
        columns.addWidget(self.panel, PANEL)


def _empty() -> QWidget:
    made = QWidget()
    box = QVBoxLayout(made)
    box.addStretch(1)
    head = label("No device is connected.", "heading")
    words = label(EMPTY, "muted")
    words.setWordWrap(True)
    for widget in (head, words):
        widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box.addWidget(widget)
    box.addStretch(2)
    return made
